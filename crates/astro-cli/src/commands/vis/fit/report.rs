//! The page of a solved fit.

use anyhow::Result;
use astro_visibility::FitProblem;

use super::numbers::{DatasetNumbers, flux_text, parameter_rows, short, wavelength_text};
use super::solve::Solution;
use crate::plot::Figure;
use crate::report::Report;

/// The figures of a fit, in the order in which the page shows them.
#[derive(Clone, Debug)]
pub(crate) struct FitFigures {
    pub(crate) uv: Figure,
    pub(crate) profile: Figure,
    /// One a dataset.
    pub(crate) images: Vec<Figure>,
    pub(crate) corner: Option<Figure>,
    pub(crate) traces: Option<Figure>,
}

/// Adds parameters, data and sampling as tables.
pub(crate) fn add_numbers(
    report: &mut Report,
    problem: &FitProblem,
    solution: &Solution,
    datasets: &[DatasetNumbers],
) -> Result<()> {
    report.heading("Parameters");
    let mut header = vec!["Parameter", "Maximum likelihood"];
    let mut rows = parameter_rows(problem, solution);
    if solution.posterior.is_some() {
        header.push("Posterior median, 68 %");
    } else {
        rows.iter_mut().for_each(|row| row.truncate(2));
    }
    report.table(&header, &rows);

    report.heading("Data");
    let rows: Vec<Vec<String>> = datasets
        .iter()
        .enumerate()
        .map(|(d, dataset)| {
            let wavelength = problem
                .frequency_hz(d)?
                .map_or("unknown".to_owned(), wavelength_text);
            Ok(vec![
                dataset.label.clone(),
                wavelength,
                dataset.visibilities.to_string(),
                format!("{:.2}", dataset.chi2),
                flux_text(dataset.flux),
            ])
        })
        .collect::<Result<_>>()?;
    report.table(
        &["Data set", "Wavelength", "Visibilities", "χ²", "Flux"],
        &rows,
    );
    let total: f64 = datasets.iter().map(|d| d.chi2).sum();
    let degrees = problem.degrees_of_freedom();
    report.paragraph(&format!(
        "χ² = {total:.3} over {degrees} degrees of freedom: {:.4} each.",
        total / degrees as f64
    ));
    let rows: Vec<Vec<String>> = datasets
        .iter()
        .flat_map(|dataset| {
            let name = dataset.label.clone();
            let row = move |(unit, value): &(&str, f64)| {
                vec![name.clone(), (*unit).to_owned(), short(*value)]
            };
            dataset.peak.iter().map(row).collect::<Vec<_>>()
        })
        .collect();
    report.table(
        &["Data set", "Unit", "Largest brightness of the best model"],
        &rows,
    );
    if let Some(posterior) = &solution.posterior {
        report.heading("Sampling");
        report.list(&[
            ("Steps", posterior.chain.steps().to_string()),
            ("Walkers", posterior.chain.walkers().to_string()),
            ("Left out at the start", format!("{} steps", posterior.burn)),
            (
                "Autocorrelation time",
                format!("{:.1} steps", posterior.autocorrelation_steps),
            ),
            ("Acceptance", format!("{:.3}", posterior.acceptance)),
            (
                "Long enough",
                if posterior.converged { "yes" } else { "no" }.to_owned(),
            ),
        ]);
    }
    Ok(())
}

/// Adds the figures with their captions.
pub(crate) fn add_figures(report: &mut Report, figures: &FitFigures) -> Result<()> {
    report.heading("Figures");
    report.figure(
        &figures.uv,
        "Visibilities averaged over rings of the deprojected uv plane, after the source was moved to the phase center, with the best model.",
    )?;
    for images in &figures.images {
        report.figure(
            images,
            "Dirty images (natural weights) of the data and of the best model, and of their difference in units of the noise that the weights give. The ellipse is the synthesized beam.",
        )?;
    }
    report.figure(
        &figures.profile,
        "Face-on brightness against radius: median with 68 % and 95 % intervals where the posterior was sampled.",
    )?;
    if let Some(corner) = &figures.corner {
        report.figure(
            corner,
            "Posterior: histograms with median and 68 % interval (dashed); regions that hold 39 %, 86 % and 99 % of the samples. Orange marks the truth where it is known.",
        )?;
    }
    if let Some(traces) = &figures.traces {
        report.figure(traces, "Paths of the walkers; grey steps were left out.")?;
    }
    Ok(())
}
