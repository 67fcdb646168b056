//! The results of a fit as plain data: what is printed, and written as JSON.

use astro_core::constants::SPEED_OF_LIGHT_M_PER_S;
use astro_infer::{Interval, Maximum, Scale, Status, Summary};
use serde::{Deserialize, Serialize};

use super::layout::Coupling;
use super::posterior::Posterior;
use super::problem::FitProblem;
use crate::models::ProfileModel;
use crate::{BrightnessUnit, Orientation, Result, UvBin, UvBinning, deproject};

/// Deviations of reduced χ² from 1, in units of its expected scatter √(2/ν), that are reported.
const WEIGHT_ALARM: f64 = 5.0;

/// Samples from which intervals of derived quantities are taken.
const DERIVED_SAMPLES: usize = 1000;

/// Everything that a fit found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FitReport {
    /// Name and version of this crate.
    pub software: String,
    /// The model by name.
    pub model_name: String,
    /// The model with its tables.
    pub model: ProfileModel,
    /// How the datasets hang together.
    pub coupling: Coupling,
    /// All parameters, in order.
    pub parameters: Vec<ParameterReport>,
    /// Orientation of the maximum.
    pub orientation: Orientation,
    /// All datasets, in order.
    pub datasets: Vec<DatasetReport>,
    /// χ² of the maximum, of all datasets together, with the weights as given.
    pub chi2: f64,
    /// Real numbers fitted less free parameters.
    pub degrees_of_freedom: usize,
    /// Natural logarithm of the likelihood of the maximum.
    pub log_likelihood: f64,
    /// How well the maximum is known, in words.
    pub maximum_status: String,
    /// Whether it was found to the tolerance asked for.
    pub maximum_converged: bool,
    /// Likelihood evaluations until the maximum.
    pub maximum_evaluations: u64,
    /// Probability of the intervals.
    pub probability: f64,
    /// What was done to sample the posterior, if it was.
    pub sampling: Option<SamplingReport>,
}

/// One parameter. Numbers are coordinates: log₁₀ of the value where `log10` is set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterReport {
    /// Its name.
    pub name: String,
    /// Name and unit of the numbers, such as `log10 f0 [Jy/sr]`.
    pub label: String,
    /// Unit of the value.
    pub unit: String,
    /// Whether the numbers are logarithms.
    pub log10: bool,
    /// Whether it was held fixed.
    pub fixed: bool,
    /// Where the search started.
    pub start: f64,
    /// At the maximum of the likelihood.
    pub maximum: f64,
    /// From the curvature there; none when fixed, or where the curvature gives none.
    pub standard_error: Option<f64>,
    /// Of the posterior, where it was sampled.
    pub posterior: Option<Summary>,
}

/// One dataset at the maximum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetReport {
    /// Its name.
    pub label: String,
    /// Rows of the table.
    pub rows: usize,
    /// Rows fitted: of positive weight and inside the uv range.
    pub visibilities: usize,
    /// Shortest baseline fitted, wavelengths.
    pub shortest_baseline: f64,
    /// Longest baseline fitted, wavelengths.
    pub longest_baseline: f64,
    /// Wavelength, metres, where known.
    pub wavelength_m: Option<f64>,
    /// Whether the weights suit the residuals.
    pub weights: WeightCheck,
    /// What follows from the parameters.
    pub derived: Vec<DerivedQuantity>,
}

/// Whether weights suit the residuals about a model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightCheck {
    /// Σ w |V − V_model|², with the weights as given.
    pub chi2: f64,
    /// Real numbers less this dataset's share of the free parameters.
    pub degrees_of_freedom: f64,
    /// Their ratio: 1 ± √(2/ν) for a model and weights that are right.
    pub reduced_chi2: f64,
    /// (reduced χ² − 1)/√(2/ν).
    pub deviation: f64,
    /// Whether that lies within ±5.
    pub consistent: bool,
    /// The factor on the weights that would make reduced χ² 1.
    pub suggested_factor: f64,
    /// The factor that was fitted, if it was.
    pub fitted_factor: Option<f64>,
}

/// A number that follows from the parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DerivedQuantity {
    /// What it is.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// At the maximum of the likelihood.
    pub maximum: f64,
    /// Of the posterior, where it was sampled.
    pub posterior: Option<Interval>,
}

/// How the posterior was sampled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SamplingReport {
    /// Number of walkers.
    pub walkers: usize,
    /// Steps of the chain.
    pub steps: usize,
    /// Steps left out at the beginning.
    pub burn: usize,
    /// Seed of the random numbers.
    pub seed: u64,
    /// Mean fraction of moves taken.
    pub acceptance: f64,
    /// Integrated autocorrelation time of each free parameter, in steps.
    pub autocorrelation_times: Vec<f64>,
    /// Whether the chain is long enough by these times.
    pub converged: bool,
    /// Likelihood evaluations.
    pub evaluations: u64,
}

/// Data and model of a uv plot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UvPlot {
    /// Binned data on the plane of the disc.
    pub data: Vec<UvBin>,
    /// Binned residuals, data less model.
    pub residuals: Vec<UvBin>,
    /// Distances of the model curve, wavelengths; those of bins where profiles are drawn as images.
    pub curve_rho: Vec<f64>,
    /// The model there, Jy; its imaginary part is zero.
    pub curve_real: Vec<f64>,
}

/// What a report needs to know beyond the fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReportOptions {
    /// Probability of the intervals.
    pub probability: f64,
    /// Solid angle of a beam, steradians, for brightness in Jy/beam; see
    /// [`gaussian_beam_sr`](crate::gaussian_beam_sr).
    pub beam_sr: Option<f64>,
}

impl Default for ReportOptions {
    /// Intervals of 68.27 % (one standard deviation of a normal), no beam.
    fn default() -> Self {
        Self {
            probability: 0.682_689_492_137_085_9,
            beam_sr: None,
        }
    }
}

impl FitProblem {
    /// Collects the results.
    ///
    /// # Errors
    /// A maximum or posterior of another problem; a beam that is not positive.
    pub fn report(
        &self,
        maximum: &Maximum,
        posterior: Option<&Posterior>,
        options: &ReportOptions,
    ) -> Result<FitReport> {
        let values = &maximum.values;
        let checks = self.weight_checks(values)?;
        let mut datasets = Vec::with_capacity(checks.len());
        for (d, weights) in checks.iter().enumerate() {
            datasets.push(self.dataset_report(d, values, *weights, posterior, options)?);
        }
        Ok(FitReport {
            software: concat!("astro-visibility ", env!("CARGO_PKG_VERSION")).to_owned(),
            model_name: self.model().to_string(),
            model: self.model().clone(),
            coupling: self.coupling(),
            parameters: self.parameter_reports(maximum, posterior, options)?,
            orientation: self.orientation(values)?,
            chi2: checks.iter().map(|check| check.chi2).sum(),
            datasets,
            degrees_of_freedom: self.degrees_of_freedom(),
            log_likelihood: maximum.log_likelihood,
            maximum_status: status_in_words(&maximum.status),
            maximum_converged: maximum.converged(),
            maximum_evaluations: maximum.evaluations,
            probability: options.probability,
            sampling: posterior.map(|posterior| SamplingReport {
                walkers: posterior.chain.walkers(),
                steps: posterior.chain.steps(),
                burn: posterior.burn,
                seed: posterior.seed,
                acceptance: posterior.acceptance,
                autocorrelation_times: posterior.autocorrelation_times.clone(),
                converged: posterior.converged,
                evaluations: posterior.evaluations,
            }),
        })
    }

    /// Whether the weights of each dataset suit the residuals about a model.
    ///
    /// # Errors
    /// As [`FitProblem::chi2`].
    pub fn weight_checks(&self, values: &[f64]) -> Result<Vec<WeightCheck>> {
        let chi2 = self.chi2(values)?;
        let share = self.degrees_of_freedom() as f64 / self.visibilities() as f64;
        let mut checks = Vec::with_capacity(chi2.len());
        for (d, &chi2) in chi2.iter().enumerate() {
            let degrees_of_freedom = share * self.fitted_table(d)?.len() as f64;
            let reduced_chi2 = chi2 / degrees_of_freedom;
            let deviation = (reduced_chi2 - 1.0) * (0.5 * degrees_of_freedom).sqrt();
            checks.push(WeightCheck {
                chi2,
                degrees_of_freedom,
                reduced_chi2,
                deviation,
                consistent: deviation.abs() <= WEIGHT_ALARM,
                suggested_factor: reduced_chi2.recip(),
                fitted_factor: self.weight_scale(values, d),
            });
        }
        Ok(checks)
    }

    /// Data, residuals and model of a dataset on the plane of the disc.
    ///
    /// # Errors
    /// Another number of values than parameters; a dataset that does not exist; bins that make
    /// no sense.
    pub fn uv_plot(&self, values: &[f64], dataset: usize, binning: &UvBinning) -> Result<UvPlot> {
        const CURVE_POINTS: usize = 500;
        let orientation = self.orientation(values)?;
        let table = self.fitted_table(dataset)?;
        let observed = deproject(table, &orientation)?;
        let mut residual = table.clone();
        let model = self.model_visibilities(values, dataset)?;
        for (value, model) in residual.value.iter_mut().zip(&model) {
            *value -= model;
        }
        let (curve_rho, curve_real) = if self.image_grid(dataset)?.is_some() {
            // Under a beam the visibilities depend on more than the distance: as the data, so the model.
            let mut seen = table.clone();
            seen.value = model;
            let bins = deproject(&seen, &orientation)?.binned(binning)?;
            bins.iter().map(|bin| (bin.rho, bin.real)).unzip()
        } else {
            let longest = observed.rho.iter().copied().fold(0.0, f64::max);
            let step = longest / (CURVE_POINTS - 1) as f64;
            let rho: Vec<f64> = (0..CURVE_POINTS).map(|k| k as f64 * step).collect();
            let real = self.curve(values, dataset, &rho)?;
            (rho, real)
        };
        Ok(UvPlot {
            data: observed.binned(binning)?,
            residuals: deproject(&residual, &orientation)?.binned(binning)?,
            curve_rho,
            curve_real,
        })
    }

    fn parameter_reports(
        &self,
        maximum: &Maximum,
        posterior: Option<&Posterior>,
        options: &ReportOptions,
    ) -> Result<Vec<ParameterReport>> {
        let errors = maximum.standard_errors();
        let mut summaries = match posterior {
            Some(posterior) => posterior.samples.summaries(options.probability)?,
            None => Vec::new(),
        }
        .into_iter();
        let start = self.start_values()?;
        let mut free = 0;
        let mut reports = Vec::with_capacity(start.len());
        for (index, parameter) in self.parameters().parameters().iter().enumerate() {
            let scale = parameter.scale();
            let fixed = parameter.is_fixed();
            let standard_error = match &errors {
                Some(errors) if !fixed => errors.get(free).copied(),
                _ => None,
            };
            free += usize::from(!fixed);
            reports.push(ParameterReport {
                name: parameter.name().to_owned(),
                label: parameter.label(),
                unit: parameter.unit().to_owned(),
                log10: scale == Scale::Log10,
                fixed,
                start: scale.coordinate_from_value(start[index]),
                maximum: scale.coordinate_from_value(maximum.values[index]),
                standard_error,
                posterior: if fixed { None } else { summaries.next() },
            });
        }
        Ok(reports)
    }

    fn dataset_report(
        &self,
        dataset: usize,
        values: &[f64],
        weights: WeightCheck,
        posterior: Option<&Posterior>,
        options: &ReportOptions,
    ) -> Result<DatasetReport> {
        let table = self.fitted_table(dataset)?;
        let distances = || table.u.iter().zip(&table.v).map(|(u, v)| u.hypot(*v));
        let frequency_hz = self.frequency_hz(dataset)?;
        let derived = self.derived(dataset, values, frequency_hz, posterior, options)?;
        Ok(DatasetReport {
            label: self.label(dataset)?.to_owned(),
            rows: self.datasets()[dataset].table.len(),
            visibilities: table.len(),
            shortest_baseline: distances().fold(f64::INFINITY, f64::min),
            longest_baseline: distances().fold(0.0, f64::max),
            wavelength_m: frequency_hz.map(|frequency| SPEED_OF_LIGHT_M_PER_S / frequency),
            weights,
            derived,
        })
    }

    fn derived(
        &self,
        dataset: usize,
        values: &[f64],
        frequency_hz: Option<f64>,
        posterior: Option<&Posterior>,
        options: &ReportOptions,
    ) -> Result<Vec<DerivedQuantity>> {
        let mut all = Vec::new();
        let mut add = |name: &str, unit: &str, of: &dyn Fn(&[f64]) -> Result<f64>| -> Result<()> {
            let posterior = match posterior {
                Some(posterior) => {
                    Some(posterior.interval_of(self, options.probability, DERIVED_SAMPLES, of)?)
                }
                None => None,
            };
            all.push(DerivedQuantity {
                name: name.to_owned(),
                unit: unit.to_owned(),
                maximum: of(values)?,
                posterior,
            });
            Ok(())
        };
        add("flux", "Jy", &|values| self.flux_jy(values, dataset))?;
        add("radius_68", "arcsec", &|values| {
            self.flux_radius(values, dataset, 0.68)
        })?;
        add("radius_90", "arcsec", &|values| {
            self.flux_radius(values, dataset, 0.90)
        })?;
        let peak = |values: &[f64]| self.peak_brightness(values, dataset);
        add("peak_brightness", "Jy/sr", &peak)?;
        if let Some(beam_sr) = options.beam_sr {
            let unit = BrightnessUnit::JyPerBeam { beam_sr };
            add("peak_brightness", "Jy/beam", &|v| {
                unit.from_jy_per_sr(peak(v)?)
            })?;
        }
        if let Some(frequency_hz) = frequency_hz {
            let unit = BrightnessUnit::KelvinRayleighJeans { frequency_hz };
            let name = "peak_brightness_temperature_rayleigh_jeans";
            add(name, "K", &|v| unit.from_jy_per_sr(peak(v)?))?;
            let unit = BrightnessUnit::KelvinPlanck { frequency_hz };
            let name = "peak_brightness_temperature_planck";
            add(name, "K", &|v| unit.from_jy_per_sr(peak(v)?.max(0.0)))?;
        }
        Ok(all)
    }

    /// Largest brightness, Jy/sr; of a power law, which may have no limit, from a quarter of the
    /// finest fringe outwards.
    ///
    /// # Errors
    /// As [`FitProblem::profile`].
    pub fn peak_brightness(&self, values: &[f64], dataset: usize) -> Result<f64> {
        let profile = self.profile(values, dataset, self.radii_arcsec())?;
        let inner = match self.model() {
            ProfileModel::PowerLaw { .. } => 0.25 * self.scales().resolution_arcsec,
            _ => 0.0,
        };
        let outside = self
            .radii_arcsec()
            .iter()
            .zip(profile)
            .filter(|(r, _)| **r >= inner);
        Ok(outside
            .map(|(_, brightness)| brightness)
            .fold(0.0, f64::max))
    }

    /// Radius that holds a fraction of the flux, arcseconds, face-on.
    ///
    /// # Errors
    /// As [`FitProblem::profile`].
    pub fn flux_radius(&self, values: &[f64], dataset: usize, fraction: f64) -> Result<f64> {
        let radii = self.radii_arcsec();
        let profile = self.transform_values(values, dataset)?;
        // ∫ I r dr over each interval, of straight lines, and the core inside the first radius.
        let mut sum = 0.5 * profile[0] * radii[0] * radii[0];
        let mut sums = vec![sum];
        for k in 1..radii.len() {
            let (a, b) = (radii[k - 1], radii[k]);
            let ends = profile[k - 1] * (2.0 * a + b) + profile[k] * (a + 2.0 * b);
            sum += (b - a) / 6.0 * ends;
            sums.push(sum);
        }
        let wanted = fraction * sum;
        let above = sums.partition_point(|&sum| sum < wanted);
        if above == 0 || above == radii.len() {
            return Ok(radii[above.min(radii.len() - 1)]);
        }
        // Of even brightness, flux grows as the area.
        let t = (wanted - sums[above - 1]) / (sums[above] - sums[above - 1]);
        let (inner, outer) = (radii[above - 1].powi(2), radii[above].powi(2));
        Ok((inner + t * (outer - inner)).sqrt())
    }
}

fn status_in_words(status: &Status) -> String {
    match status {
        Status::Converged { distance } => {
            format!("converged, within {distance:.1e} standard errors of the summit")
        }
        Status::Inaccurate { distance } => {
            format!("a maximum, but {distance:.1e} standard errors from the summit of its parabola")
        }
        Status::AtEdge { parameter, .. } => format!(
            "at the edge of the prior of `{parameter}`: widen the prior, or fix the parameter"
        ),
        Status::Degenerate { parameter } => {
            format!("`{parameter}` is not constrained by the data, or degenerate with others")
        }
        _ => "of unknown quality".to_owned(),
    }
}
