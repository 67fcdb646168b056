//! The page of a solved fit.

use anyhow::Result;
use astro_visibility::{FitProblem, FitReport, ImageGrid, ImagingWeights};

use super::numbers::{derived_rows, parameter_rows, wavelength_text};
use crate::args::weights_in_words;
use crate::commands::vis::predict::profile_method_in_words;
use crate::plot::Figure;
use crate::report::Report;

/// The figures of a fit, in the order in which the page shows them.
#[derive(Clone, Debug)]
pub(crate) struct FitFigures {
    pub(crate) uv: Figure,
    pub(crate) profile: Figure,
    /// One a dataset, with the weights of its visibilities.
    pub(crate) images: Vec<(Figure, ImagingWeights)>,
    pub(crate) corner: Option<Figure>,
    pub(crate) traces: Option<Figure>,
}

/// How profiles became visibilities.
pub(crate) fn method_in_words(problem: &FitProblem) -> Result<String> {
    let drawn = problem.image_grid(0)?;
    let grid = drawn.unwrap_or(ImageGrid::square(1, 1.0));
    let method = problem.profile_method(0)?;
    Ok(profile_method_in_words(method, &grid, drawn.is_some()))
}

/// Adds parameters, data and sampling as tables.
pub(crate) fn add_numbers(page: &mut Report, report: &FitReport) {
    let sampled = report.sampling.is_some();
    let add_table = |page: &mut Report, first: &str, mut rows: Vec<Vec<String>>| {
        let mut header = vec![first, "Maximum likelihood", "Posterior median, 68 %"];
        if !sampled {
            header.truncate(2);
            rows.iter_mut().for_each(|row| row.truncate(2));
        }
        page.table(&header, &rows);
    };
    page.heading("Parameters");
    add_table(page, "Parameter", parameter_rows(report));
    for dataset in &report.datasets {
        page.heading(&format!("Data set {}", dataset.label));
        let mut entries = vec![
            ("Visibilities", dataset.visibilities.to_string()),
            (
                "Baselines",
                format!(
                    "{:.2} to {:.1} kλ",
                    dataset.shortest_baseline / 1e3,
                    dataset.longest_baseline / 1e3
                ),
            ),
            (
                "χ²",
                format!(
                    "{:.3}, {:.4} per degree of freedom",
                    dataset.weights.chi2, dataset.weights.reduced_chi2
                ),
            ),
        ];
        if let Some(meters) = dataset.wavelength_m {
            entries.push(("Wavelength", wavelength_text(meters)));
        }
        if !dataset.weights.consistent {
            entries.push((
                "Weights",
                format!(
                    "do not suit the residuals; a factor {:.4} would",
                    dataset.weights.suggested_factor
                ),
            ));
        }
        page.list(&entries);
        add_table(page, "Derived", derived_rows(dataset));
    }
    if let Some(sampling) = &report.sampling {
        let times = &sampling.autocorrelation_times;
        let longest = times.iter().copied().fold(1.0, f64::max);
        let verdict = if sampling.converged { "yes" } else { "no" };
        page.heading("Sampling");
        page.list(&[
            ("Steps", sampling.steps.to_string()),
            ("Walkers", sampling.walkers.to_string()),
            ("Left out at the start", format!("{} steps", sampling.burn)),
            ("Autocorrelation time", format!("{longest:.1} steps")),
            ("Acceptance", format!("{:.3}", sampling.acceptance)),
            ("Long enough", verdict.to_owned()),
        ]);
    }
}

/// Adds the figures with their captions.
pub(crate) fn add_figures(report: &mut Report, figures: &FitFigures) -> Result<()> {
    report.heading("Figures");
    report.figure(
        &figures.uv,
        "Visibilities averaged over rings of the deprojected uv plane, after the source was moved to the phase center, with the best model.",
    )?;
    for (images, weights) in &figures.images {
        report.figure(
            images,
            &format!(
                "Dirty images ({} weights) of the data and of the best model, and of their difference in units of the noise that the weights of the data give. The ellipse is the synthesized beam.",
                weights_in_words(*weights)
            ),
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
