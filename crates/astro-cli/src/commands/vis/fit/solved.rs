//! What is computed from a solution, and written.

use anyhow::Result;
use astro_visibility::{FitProblem, FitReport, ImagingWeights, ReportOptions};

use super::files::Folder;
use super::products::{
    Pictures, ProfileBand, corner_figure, pictures, profile_band, profile_figure, trace_figure,
    uv_figure,
};
use super::report::FitFigures;
use super::solve::Solution;
use crate::output::Files;

/// What is computed from a solution, once.
#[derive(Debug)]
pub(crate) struct Solved {
    pub(crate) bands: Vec<ProfileBand>,
    pub(crate) pictures: Vec<Pictures>,
    pub(crate) report: FitReport,
}

impl Solved {
    pub(crate) fn new(
        problem: &FitProblem,
        solution: &Solution,
        weights: ImagingWeights,
    ) -> Result<Self> {
        let datasets = 0..problem.datasets().len();
        let bands = datasets
            .clone()
            .map(|d| profile_band(problem, solution, d))
            .collect::<Result<Vec<_>>>()?;
        let pictures = datasets
            .map(|d| pictures(problem, solution, d, weights))
            .collect::<Result<Vec<_>>>()?;
        let mut report = report_with_beam(problem, solution, pictures.first())?;
        // Each dataset has a beam of its own.
        for (d, picture) in pictures.iter().enumerate().skip(1) {
            let own = report_with_beam(problem, solution, Some(picture))?;
            report.datasets[d] = own.datasets[d].clone();
        }
        Ok(Self {
            bands,
            pictures,
            report,
        })
    }

    /// All figures; `truth` is the true profile (arcsec, Jy/sr), `true_coordinates` those of the free parameters.
    pub(crate) fn figures(
        &self,
        problem: &FitProblem,
        solution: &Solution,
        truth: Option<(&[f64], &[f64])>,
        true_coordinates: Option<&[f64]>,
    ) -> Result<FitFigures> {
        let labelled: Vec<(String, ProfileBand)> = self
            .bands
            .iter()
            .zip(&self.report.datasets)
            .map(|(band, dataset)| (dataset.label.clone(), band.clone()))
            .collect();
        let set = problem.parameters();
        let posterior = solution.posterior.as_ref();
        Ok(FitFigures {
            uv: uv_figure(problem, &solution.maximum.values)?,
            profile: profile_figure(&labelled, truth),
            images: self
                .pictures
                .iter()
                .map(|p| (p.figure(), p.weights))
                .collect(),
            corner: posterior.map(|p| corner_figure(set, p, true_coordinates)),
            traces: posterior.map(|p| trace_figure(set, p)),
        })
    }
}

/// Writes everything but numbers and report.
pub(crate) fn write_products(
    folder: &Folder,
    files: &Files,
    problem: &FitProblem,
    solution: &Solution,
    solved: &Solved,
    figures: &FitFigures,
) -> Result<()> {
    files.figure_pair(&folder.figure("uv"), &figures.uv)?;
    files.figure_pair(&folder.figure("profile"), &figures.profile)?;
    if let Some(corner) = &figures.corner {
        files.figure_pair(&folder.figure("corner"), corner)?;
    }
    if let Some(traces) = &figures.traces {
        files.figure_pair(&folder.figure("traces"), traces)?;
    }
    if let Some(posterior) = &solution.posterior {
        folder.write_chain(posterior, files.if_exists)?;
    }
    for (d, pictures) in solved.pictures.iter().enumerate() {
        files.figure_pair(&folder.figure_of("images", d), &figures.images[d].0)?;
        folder.write_pictures(problem, pictures, d, files.if_exists)?;
        folder.write_visibilities(problem, solution, d, files.if_exists)?;
        let frequency_hz = problem.frequency_hz(d)?;
        folder.write_profile(files, &solved.bands[d], d, pictures.beam_sr(), frequency_hz)?;
    }
    Ok(())
}

fn report_with_beam(
    problem: &FitProblem,
    solution: &Solution,
    pictures: Option<&Pictures>,
) -> Result<FitReport> {
    let options = ReportOptions {
        beam_sr: pictures.and_then(Pictures::beam_sr),
        ..ReportOptions::default()
    };
    Ok(problem.report(&solution.maximum, solution.posterior.as_ref(), &options)?)
}
