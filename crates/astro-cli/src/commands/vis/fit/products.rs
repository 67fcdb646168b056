//! What a solved fit says: profiles with bands, images, figures, numbers.

use anyhow::Result;
use astro_core::constants::ARCSEC_RAD;
use astro_infer::{Parameter, ParameterSet};
use astro_visibility::{
    BeamEllipse, FitProblem, ImageGrid, ImagingWeights, Posterior, UvCoverage, VisibilityPlan,
    deproject, fit_beam, gaussian_beam_sr,
};
use ndarray::Array2;

use super::solve::Solution;
use super::symbols::{symbol, unit};
use crate::commands::vis::deproject::{readable_unit, rings, series_of};
use crate::commands::vis::sky::{pixel_arcsec, plot_beam};
use crate::plot::Figure;
use crate::plot::figures::{
    CornerParameter, RadialCurve, Range, SkyImage, Trace, UvSeries, corner, radial_profile,
    sky_images, traces, uv_plot,
};

/// The brightness of one dataset against radius.
#[derive(Clone, Debug)]
pub(crate) struct ProfileBand {
    pub(crate) radius_arcsec: Vec<f64>,
    /// Of the maximum, Jy/sr.
    pub(crate) best: Vec<f64>,
    /// Median, and ends of the 68 % and 95 % intervals, where there are samples.
    pub(crate) median: Vec<f64>,
    pub(crate) one_sigma: Vec<(f64, f64)>,
    pub(crate) two_sigma: Vec<(f64, f64)>,
}

/// Samples drawn for bands: enough for a 95 % interval.
const DRAWS: usize = 400;
/// Fraction of the flux within the radius from which figures take their size.
const FLUX_SHOWN: f64 = 0.98;
/// Radii of a profile in tables and figures.
const RADII: usize = 240;

/// Parameter values (all, in their units) of evenly chosen samples.
fn draws(problem: &FitProblem, posterior: &Posterior) -> Result<Vec<Vec<f64>>> {
    let count = posterior.samples.len();
    let stride = (count / DRAWS).max(1);
    let set = problem.parameters();
    (0..count)
        .step_by(stride)
        .map(|row| {
            let coordinates = posterior.samples.coordinates.row(row).to_vec();
            Ok(set.values(&coordinates)?)
        })
        .collect()
}

/// The profile of a dataset out to one and a half times the radius that holds its flux.
pub(crate) fn profile_band(
    problem: &FitProblem,
    solution: &Solution,
    dataset: usize,
) -> Result<ProfileBand> {
    let values = &solution.maximum.values;
    let end = 1.5 * problem.flux_radius(values, dataset, FLUX_SHOWN)?;
    let radius_arcsec: Vec<f64> = (0..RADII)
        .map(|k| end * k as f64 / (RADII - 1) as f64)
        .collect();
    let mut band = ProfileBand {
        best: problem.profile(values, dataset, &radius_arcsec)?,
        median: Vec::new(),
        one_sigma: Vec::new(),
        two_sigma: Vec::new(),
        radius_arcsec,
    };
    if let Some(posterior) = &solution.posterior {
        let profiles = draws(problem, posterior)?
            .iter()
            .map(|values| Ok(problem.profile(values, dataset, &band.radius_arcsec)?))
            .collect::<Result<Vec<_>>>()?;
        for k in 0..RADII {
            let mut column: Vec<f64> = profiles.iter().map(|p| p[k]).collect();
            column.sort_unstable_by(f64::total_cmp);
            let at =
                |fraction: f64| column[(fraction * (column.len() - 1) as f64).round() as usize];
            band.median.push(at(0.5));
            band.one_sigma.push((at(0.158_66), at(0.841_34)));
            band.two_sigma.push((at(0.022_75), at(0.977_25)));
        }
    }
    Ok(band)
}

/// Dirty images of data, model and their difference, Jy/beam.
#[derive(Clone, Debug)]
pub(crate) struct Pictures {
    pub(crate) grid: ImageGrid,
    pub(crate) beam: Option<BeamEllipse>,
    pub(crate) data: Array2<f64>,
    pub(crate) model: Array2<f64>,
    pub(crate) residual: Array2<f64>,
    /// Noise of the images by the weights of the data, Jy/beam.
    pub(crate) noise: f64,
    /// Weights of the visibilities in the images.
    pub(crate) weights: ImagingWeights,
}

pub(crate) fn pictures(
    problem: &FitProblem,
    solution: &Solution,
    dataset: usize,
    weights: ImagingWeights,
) -> Result<Pictures> {
    let values = &solution.maximum.values;
    let table = problem.fitted_table(dataset)?;
    let longest = UvCoverage::from(table).longest_baseline();
    let orientation = problem.orientation(values)?;
    let offset = orientation
        .ra_offset_rad
        .abs()
        .max(orientation.dec_offset_rad.abs());
    // A fifth of the narrowest beam, and room for the source and some noise around it.
    let pixel_rad = 0.14 / longest;
    let field = 2.0 * offset
        + 3.6 * problem.flux_radius(values, dataset, FLUX_SHOWN)? * ARCSEC_RAD
        + 4.0 / longest;
    let half = (field / pixel_rad / 2.0).ceil().clamp(32.0, 512.0) as usize;
    let grid = ImageGrid::square(2 * half, pixel_rad);
    let plan = VisibilityPlan::<f64>::builder(table, grid).build()?;
    let data = plan.dirty_image(weights)?;
    let residual = plan.residual_image(&problem.model_visibilities(values, dataset)?, weights)?;
    let beam = fit_beam(plan.dirty_beam(weights)?.view(), &grid);
    Ok(Pictures {
        grid,
        beam,
        model: &data - &residual,
        data,
        residual,
        noise: plan.image_noise(weights)?,
        weights,
    })
}

impl Pictures {
    pub(crate) fn figure(&self) -> Figure {
        let peak = self
            .data
            .iter()
            .chain(&self.model)
            .fold(0.0_f64, |a, &b| a.max(b));
        let low = self
            .data
            .iter()
            .chain(&self.model)
            .fold(0.0_f64, |a, &b| a.min(b));
        let (unit, scale) = readable_unit([peak]);
        let [data, model] = [&self.data, &self.model].map(|image| image.mapv(|x| x * scale));
        let residual = self.residual.mapv(|x| x / self.noise);
        let same = Range::Fixed(low * scale, peak * scale);
        let picture = |title: &str, pixels, range, quantity: String| SkyImage {
            title: title.to_owned(),
            pixels,
            range,
            quantity,
        };
        let pictures = [
            picture("data", data.view(), same, format!("[{unit}/beam]")),
            picture("model", model.view(), same, format!("[{unit}/beam]")),
            picture(
                "data − model",
                residual.view(),
                Range::Symmetric,
                "[σ]".to_owned(),
            ),
        ];
        sky_images(
            &pictures,
            pixel_arcsec(&self.grid),
            self.beam.map(plot_beam),
            None,
        )
    }

    /// Solid angle of the synthesized beam, steradians.
    pub(crate) fn beam_sr(&self) -> Option<f64> {
        let area = |beam: BeamEllipse| gaussian_beam_sr(beam.major_fwhm_rad, beam.minor_fwhm_rad);
        self.beam.map(area)
    }
}

/// Real and imaginary parts of all datasets against deprojected baseline, with the model's curve.
pub(crate) fn uv_figure(problem: &FitProblem, values: &[f64]) -> Result<Figure> {
    let datasets = 0..problem.datasets().len();
    let fluxes = datasets
        .clone()
        .map(|d| Ok(problem.flux_jy(values, d)?))
        .collect::<Result<Vec<f64>>>()?;
    let (unit, scale) = readable_unit(fluxes);
    let orientation = problem.orientation(values)?;
    let mut all: Vec<UvSeries> = Vec::new();
    for dataset in datasets {
        let label = match problem.datasets().len() {
            1 => "data",
            _ => problem.label(dataset)?,
        };
        let deprojected = deproject(problem.fitted_table(dataset)?, &orientation)?;
        let longest = deprojected.rho.iter().copied().fold(0.0, f64::max);
        let plot = problem.uv_plot(values, dataset, &rings(longest))?;
        let mut series = series_of(label, &plot.data, scale);
        let curve = plot.curve_rho.iter().zip(&plot.curve_real);
        series.model = curve
            .map(|(rho, real)| (rho / 1e3, scale * real, 0.0))
            .collect();
        all.push(series);
    }
    Ok(uv_plot(&all, unit))
}

/// Marginal distributions; `truth` in the order of the free parameters, in coordinates.
pub(crate) fn corner_figure(
    set: &ParameterSet,
    posterior: &Posterior,
    truth: Option<&[f64]>,
) -> Figure {
    let parameters: Vec<CornerParameter> = set
        .free_parameters()
        .enumerate()
        .map(|(index, parameter)| CornerParameter {
            name: symbol(parameter),
            unit: unit(parameter).to_owned(),
            samples: posterior.samples.coordinates.column(index).to_vec(),
            truth: truth.and_then(|truth| truth.get(index).copied()),
        })
        .collect();
    corner(&parameters)
}

pub(crate) fn trace_figure(set: &ParameterSet, posterior: &Posterior) -> Figure {
    let chain = posterior.chain.coordinates();
    let traced: Vec<Trace> = set
        .free_parameters()
        .enumerate()
        .map(|(index, parameter)| Trace {
            label: axis_label(parameter),
            walkers: (0..posterior.chain.walkers())
                .map(|walker| chain.slice(ndarray::s![.., walker, index]).to_vec())
                .collect(),
        })
        .collect();
    traces(&traced, posterior.burn)
}

fn axis_label(parameter: &Parameter) -> String {
    match unit(parameter) {
        "" => symbol(parameter),
        unit => format!("{} [{unit}]", symbol(parameter)),
    }
}

/// Brightness against radius, with the truth where it is known.
pub(crate) fn profile_figure(
    bands: &[(String, ProfileBand)],
    truth: Option<(&[f64], &[f64])>,
) -> Figure {
    let curves: Vec<RadialCurve> = bands
        .iter()
        .map(|(label, band)| {
            let (brightness, bands) = if band.median.is_empty() {
                (band.best.clone(), Vec::new())
            } else {
                let bands = vec![band.two_sigma.clone(), band.one_sigma.clone()];
                (band.median.clone(), bands)
            };
            RadialCurve {
                label: label.clone(),
                radius: band.radius_arcsec.clone(),
                brightness,
                bands,
            }
        })
        .collect();
    let truth = truth.map(|(radius, brightness)| RadialCurve {
        label: "truth".to_owned(),
        radius: radius.to_vec(),
        brightness: brightness.to_vec(),
        bands: Vec::new(),
    });
    radial_profile(
        &curves,
        truth.as_ref(),
        "Brightness [Jy sr^{−1}]",
        Some(3.0),
    )
}
