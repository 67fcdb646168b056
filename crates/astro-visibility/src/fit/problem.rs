//! The problem that is fitted: data, model, parameters, and their likelihood.

use astro_core::UvTable;
use astro_core::constants::ARCSEC_RAD;
use astro_infer::{
    LikelihoodError, LogLikelihood, MaximizeOptions, Maximum, ParameterSet, Prior, maximize,
};
use ndarray::ArrayView2;
use num_complex::Complex64;
use rayon::prelude::*;

use super::dataset::FitDataset;
use super::layout::{
    Choice, Coupling, DEC_OFFSET, INCLINATION, Layout, POSITION_ANGLE, Plan, RA_OFFSET,
};
use super::radii::FitRadii;
use super::start::{self, Known};
use crate::geometry::Orientation;
use crate::models::{ProfileModel, ProfileScales};
use crate::{Error, ImageGrid, ImageMethod, ProfileMethod, Result, UvCoverage, VisibilityPlan};

/// Error of the transform relative to the total flux: far below any data's.
const TRANSFORM_ERROR: f64 = 1e-10;

/// A model of radial brightness and geometry against one or several uv tables.
///
/// $$ \ln L = \sum_d \left( -\tfrac12 s_d \chi_d^2 + n_d \ln s_d \right) $$
///
/// with `n` the number of visibilities (two real numbers each) and `s` the factor on the weights,
/// which is 1 unless it is fitted.
///
/// ```
/// use astro_core::NoProgress;
/// use astro_core::constants::ARCSEC_RAD;
/// use astro_infer::MaximizeOptions;
/// use astro_visibility::{
///     AnalyticSource, FitDataset, FitProblem, ProfileModel, SourceShape, simulate,
/// };
///
/// // A Gaussian disc of 0.2″, 100 mJy, inclined by 60°, seen by 400 random baselines.
/// let shape = SourceShape::Gaussian { sigma_rad: 0.2 * ARCSEC_RAD };
/// let source = AnalyticSource::new(shape, 0.1).elliptical(0.5, 0.7).at(1e-7, -2e-7);
/// let mut table = simulate::random_baselines(400, 2e4, 8e5, 1)?;
/// simulate::fill_with_sources(&mut table, &[source])?;
/// simulate::add_noise(&mut table, 1e-3, 2)?;
///
/// let problem = FitProblem::builder(vec![FitDataset::new(table)], ProfileModel::Gaussian)
///     .build()?;
/// let maximum = problem.maximize(&MaximizeOptions::default(), &NoProgress)?;
/// let best = problem.named_values(&maximum.values)?;
/// assert!((best["sigma"] - 0.2).abs() < 0.01 && (best["inclination"] - 60.0).abs() < 3.0);
/// # Ok::<(), astro_visibility::Error>(())
/// ```
#[derive(Debug)]
pub struct FitProblem {
    datasets: Vec<FitDataset>,
    prepared: Vec<Prepared>,
    model: ProfileModel,
    set: ParameterSet,
    layout: Layout,
    radii: FitRadii,
    scales: ProfileScales,
    uv_range: (f64, f64),
}

/// A dataset after cuts, with its plan.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) label: String,
    pub(crate) table: UvTable,
    /// Places of the rows in the table that was given.
    pub(crate) rows: Vec<usize>,
    pub(crate) frequency_hz: Option<f64>,
    plan: VisibilityPlan<f64>,
}

/// Collects what a [`FitProblem`] depends on.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct FitProblemBuilder {
    datasets: Vec<FitDataset>,
    model: ProfileModel,
    coupling: Coupling,
    uv_range: (f64, f64),
    fit_weight_scale: bool,
    extent_rad: Option<f64>,
    choices: Vec<(String, Choice)>,
}

impl FitProblem {
    /// A fit of `model` to `datasets`.
    pub fn builder(datasets: Vec<FitDataset>, model: ProfileModel) -> FitProblemBuilder {
        FitProblemBuilder {
            datasets,
            model,
            coupling: Coupling::default(),
            uv_range: (0.0, f64::INFINITY),
            fit_weight_scale: false,
            extent_rad: None,
            choices: Vec::new(),
        }
    }

    /// The parameters, with the priors and the starting point.
    pub fn parameters(&self) -> &ParameterSet {
        &self.set
    }

    /// The model.
    pub fn model(&self) -> &ProfileModel {
        &self.model
    }

    /// The datasets as given.
    pub fn datasets(&self) -> &[FitDataset] {
        &self.datasets
    }

    /// How the datasets hang together.
    pub fn coupling(&self) -> Coupling {
        self.layout.coupling
    }

    /// What the data said before the fit.
    pub fn scales(&self) -> &ProfileScales {
        &self.scales
    }

    /// Shortest and longest baseline used, wavelengths, as asked for.
    pub fn uv_range(&self) -> (f64, f64) {
        self.uv_range
    }

    /// The name of a dataset.
    ///
    /// # Errors
    /// A dataset that does not exist.
    pub fn label(&self, dataset: usize) -> Result<&str> {
        Ok(&self.prepared(dataset)?.label)
    }

    /// The rows of a dataset that are fitted, weights multiplied by its factor.
    ///
    /// # Errors
    /// A dataset that does not exist.
    pub fn fitted_table(&self, dataset: usize) -> Result<&UvTable> {
        Ok(&self.prepared(dataset)?.table)
    }

    /// The rows of the given table that [`FitProblem::fitted_table`] holds.
    ///
    /// # Errors
    /// A dataset that does not exist.
    pub fn fitted_rows(&self, dataset: usize) -> Result<&[usize]> {
        Ok(&self.prepared(dataset)?.rows)
    }

    /// Frequency of a dataset, hertz, where known.
    ///
    /// # Errors
    /// A dataset that does not exist.
    pub fn frequency_hz(&self, dataset: usize) -> Result<Option<f64>> {
        Ok(self.prepared(dataset)?.frequency_hz)
    }

    /// Number of visibilities fitted, of all datasets.
    pub fn visibilities(&self) -> usize {
        self.prepared.iter().map(|d| d.table.len()).sum()
    }

    /// Real numbers fitted less free parameters.
    pub fn degrees_of_freedom(&self) -> usize {
        (2 * self.visibilities()).saturating_sub(self.set.free_count())
    }

    /// Radii at which profiles are sampled, arcseconds.
    pub fn radii_arcsec(&self) -> &[f64] {
        &self.radii.arcsec
    }

    /// χ² of each dataset, with the weights as given (times the dataset's factor).
    ///
    /// # Errors
    /// Another number of values than parameters; a profile that is not finite.
    pub fn chi2(&self, values: &[f64]) -> Result<Vec<f64>> {
        self.check_values(values)?;
        let orientation = self.layout.orientation(values);
        let mut scratch = Scratch::default();
        (0..self.prepared.len())
            .map(|d| {
                self.fill(values, d, &mut scratch);
                self.prepared[d]
                    .plan
                    .chi2_profile(&scratch.values, &orientation)
            })
            .collect()
    }

    /// Natural logarithm of the likelihood; −∞ where the model is not finite.
    ///
    /// # Errors
    /// Another number of values than parameters.
    pub fn log_likelihood(&self, values: &[f64]) -> Result<f64> {
        self.check_values(values)?;
        let orientation = self.layout.orientation(values);
        let mut scratch = Scratch::default();
        let mut sum = 0.0;
        for (d, dataset) in self.prepared.iter().enumerate() {
            if d == 0 || self.layout.coupling != Coupling::Shared {
                self.fill(values, d, &mut scratch);
            }
            if !scratch.values.iter().all(|x| x.is_finite()) {
                return Ok(f64::NEG_INFINITY);
            }
            let chi2 = dataset.plan.chi2_profile(&scratch.values, &orientation)?;
            sum += match self.layout.weight_scale(values, d) {
                Some(s) => -0.5 * s * chi2 + dataset.table.len() as f64 * s.ln(),
                None => -0.5 * chi2,
            };
        }
        Ok(sum)
    }

    /// Inclination, position angle and offset of a vector of values.
    ///
    /// # Errors
    /// Another number of values than parameters.
    pub fn orientation(&self, values: &[f64]) -> Result<Orientation> {
        self.check_values(values)?;
        Ok(self.layout.orientation(values))
    }

    /// Brightness of a dataset at radii in arcseconds, Jy/sr, face-on.
    ///
    /// # Errors
    /// Another number of values than parameters; a dataset that does not exist.
    pub fn profile(
        &self,
        values: &[f64],
        dataset: usize,
        radii_arcsec: &[f64],
    ) -> Result<Vec<f64>> {
        self.check_values(values)?;
        self.prepared(dataset)?;
        let mut profile = self
            .model
            .evaluate(self.layout.profile(values, dataset), radii_arcsec)?;
        let factor = self.layout.factor(values, dataset);
        profile.iter_mut().for_each(|x| *x *= factor);
        Ok(profile)
    }

    /// Flux of the disc as seen, |cos i| 2π∫ I r dr, Jy.
    ///
    /// # Errors
    /// Another number of values than parameters; a dataset that does not exist.
    pub fn flux_jy(&self, values: &[f64], dataset: usize) -> Result<f64> {
        let profile = self.transform_values(values, dataset)?;
        let cos = self.layout.orientation(values).inclination_rad.cos().abs();
        Ok(cos * self.radii.grid.total_flux(&profile)?)
    }

    /// Deprojected visibility of a dataset against distance in wavelengths: real, centered, Jy.
    ///
    /// The model curve of a uv plot, `|cos i| H(ρ)`.
    ///
    /// # Errors
    /// Another number of values than parameters; a dataset that does not exist; distances
    /// beyond what a transform supports.
    pub fn curve(&self, values: &[f64], dataset: usize, rho: &[f64]) -> Result<Vec<f64>> {
        let profile = self.transform_values(values, dataset)?;
        let cos = self.layout.orientation(values).inclination_rad.cos().abs();
        let plan = astro_fft::HankelPlan::new(&self.radii.grid, rho)?;
        let curve = plan.execute(&profile)?;
        Ok(curve.into_iter().map(|h| cos * h).collect())
    }

    /// Model visibilities at the rows of [`FitProblem::fitted_table`], Jy.
    ///
    /// # Errors
    /// Another number of values than parameters; a dataset that does not exist; a profile that
    /// is not finite.
    pub fn model_visibilities(&self, values: &[f64], dataset: usize) -> Result<Vec<Complex64>> {
        let profile = self.transform_values(values, dataset)?;
        let orientation = self.layout.orientation(values);
        self.prepared[dataset]
            .plan
            .sample_profile(&profile, &orientation)
    }

    /// The model at every row of the table that was given, cut rows and flagged ones included.
    ///
    /// # Errors
    /// As [`FitProblem::model_visibilities`].
    pub fn model_table(&self, values: &[f64], dataset: usize) -> Result<UvTable> {
        let profile = self.transform_values(values, dataset)?;
        let given = &self.datasets[dataset].table;
        let coverage = UvCoverage::from(given);
        let plan = profile_builder(
            VisibilityPlan::builder_for_coverage(
                &coverage,
                plain_grid(coverage.longest_baseline()),
            ),
            &self.radii,
        )
        .build()?;
        let value = plan.sample_profile(&profile, &self.layout.orientation(values))?;
        Ok(UvTable {
            value,
            ..given.clone()
        })
    }

    /// Observed less model at every row of the table that was given.
    ///
    /// # Errors
    /// As [`FitProblem::model_visibilities`].
    pub fn residual_table(&self, values: &[f64], dataset: usize) -> Result<UvTable> {
        let mut table = self.model_table(values, dataset)?;
        let observed = &self.datasets[dataset].table.value;
        for (value, observed) in table.value.iter_mut().zip(observed) {
            *value = observed - *value;
        }
        Ok(table)
    }

    /// Values by parameter name.
    ///
    /// # Errors
    /// Another number of values than parameters.
    pub fn named_values(&self, values: &[f64]) -> Result<std::collections::BTreeMap<String, f64>> {
        self.check_values(values)?;
        let names = self.set.parameters().iter().map(|p| p.name().to_owned());
        Ok(names.zip(values.iter().copied()).collect())
    }

    /// The values at the starting point.
    ///
    /// # Errors
    /// None that a built problem can have.
    pub fn start_values(&self) -> Result<Vec<f64>> {
        Ok(self.set.values(&self.set.initial_coordinates())?)
    }

    /// The maximum of the likelihood from the starting point, with standard errors.
    ///
    /// # Errors
    /// As [`astro_infer::maximize`].
    pub fn maximize(
        &self,
        options: &MaximizeOptions,
        progress: &dyn astro_core::Progress,
    ) -> Result<Maximum> {
        Ok(maximize(&self.set, self, options, progress)?)
    }

    pub(crate) fn prepared(&self, dataset: usize) -> Result<&Prepared> {
        self.prepared.get(dataset).ok_or(Error::NoDataset {
            index: dataset,
            count: self.prepared.len(),
        })
    }

    /// Brightness at the radii of the grid as the transform takes it, Jy/sr.
    pub(crate) fn transform_values(&self, values: &[f64], dataset: usize) -> Result<Vec<f64>> {
        self.check_values(values)?;
        self.prepared(dataset)?;
        let mut scratch = Scratch::default();
        self.fill(values, dataset, &mut scratch);
        Ok(scratch.values)
    }

    pub(crate) fn weight_scale(&self, values: &[f64], dataset: usize) -> Option<f64> {
        self.layout.weight_scale(values, dataset)
    }

    /// The values given to the transform for a dataset.
    fn fill(&self, values: &[f64], dataset: usize, scratch: &mut Scratch) {
        scratch.samples.resize(self.radii.arcsec.len(), 0.0);
        let profile = self.layout.profile(values, dataset);
        self.model
            .fill(profile, &self.radii.arcsec, &mut scratch.samples);
        let factor = self.layout.factor(values, dataset);
        if factor != 1.0 {
            scratch.samples.iter_mut().for_each(|x| *x *= factor);
        }
        self.radii.soften(&scratch.samples, &mut scratch.values);
    }

    fn check_values(&self, values: &[f64]) -> Result<()> {
        astro_core::check_lengths("values", values.len(), "the parameters", self.set.len())?;
        Ok(())
    }
}

/// Buffers of one evaluation.
#[derive(Default)]
struct Scratch {
    samples: Vec<f64>,
    values: Vec<f64>,
}

impl LogLikelihood for FitProblem {
    fn log_likelihood_batch(
        &self,
        points: ArrayView2<'_, f64>,
        out: &mut [f64],
    ) -> std::result::Result<(), LikelihoodError> {
        let rows = points.as_standard_layout();
        let results: Vec<Result<()>> = out
            .par_iter_mut()
            .enumerate()
            .map(|(index, out)| {
                if let Some(row) = rows.row(index).as_slice() {
                    *out = self.log_likelihood(row)?;
                }
                Ok(())
            })
            .collect();
        results
            .into_iter()
            .collect::<Result<()>>()
            .map_err(Into::into)
    }
}

/// The Hankel path draws no image: the grid is a formality.
fn plain_grid(longest: f64) -> ImageGrid {
    ImageGrid::square(2, 0.25 / longest.max(1.0))
}

fn profile_builder<'a>(
    builder: crate::VisibilityPlanBuilder<'a, f64>,
    radii: &FitRadii,
) -> crate::VisibilityPlanBuilder<'a, f64> {
    builder
        .image_method(ImageMethod::Direct)
        .profile_method(ProfileMethod::Hankel {
            rel_error: TRANSFORM_ERROR,
        })
        .radii(radii.grid.clone())
}

impl FitProblemBuilder {
    /// How the datasets hang together; [`Coupling::Shared`] by default.
    pub fn coupling(mut self, coupling: Coupling) -> Self {
        self.coupling = coupling;
        self
    }

    /// Shortest and longest baseline to use, wavelengths, both included.
    pub fn uv_range(mut self, shortest: f64, longest: f64) -> Self {
        self.uv_range = (shortest, longest);
        self
    }

    /// Fits a factor on the weights of each dataset, `weight_scale`.
    pub fn fit_weight_scale(mut self, fit: bool) -> Self {
        self.fit_weight_scale = fit;
        self
    }

    /// The radius at which profiles end, arcseconds; chosen from the data when not given.
    pub fn outer_radius_arcsec(mut self, radius: f64) -> Self {
        self.extent_rad = Some(radius * ARCSEC_RAD);
        self
    }

    /// Holds a parameter at a value, in its unit.
    pub fn fix(mut self, name: &str, value: f64) -> Self {
        self.choice(name).fixed = Some(value);
        self
    }

    /// Frees a parameter that is held by default, such as `beta` of a power law.
    pub fn free(mut self, name: &str) -> Self {
        self.choice(name).free = true;
        self
    }

    /// Gives a parameter another prior, over its value; it is then free.
    pub fn prior(mut self, name: &str, prior: Prior) -> Self {
        self.choice(name).prior = Some(prior);
        self
    }

    /// Starts the search at this value of a parameter instead of the one found from the data.
    pub fn start(mut self, name: &str, value: f64) -> Self {
        self.choice(name).start = Some(value);
        self
    }

    fn choice(&mut self, name: &str) -> &mut Choice {
        let at = match self.choices.iter().position(|(known, _)| known == name) {
            Some(at) => at,
            None => {
                self.choices.push((name.to_owned(), Choice::default()));
                self.choices.len() - 1
            }
        };
        &mut self.choices[at].1
    }

    /// Checks everything, finds a starting point, and prepares the plans.
    ///
    /// # Errors
    /// No dataset, or one without rows in the uv range; a model, prior or name that makes no
    /// sense; a spectral index without frequencies.
    pub fn build(self) -> Result<FitProblem> {
        self.model.check()?;
        if self.datasets.is_empty() {
            return Err(Error::NoDataset { index: 0, count: 0 });
        }
        let labels = labels(&self.datasets)?;
        let mut tables = Vec::with_capacity(self.datasets.len());
        let mut rows = Vec::with_capacity(self.datasets.len());
        for dataset in &self.datasets {
            let (table, kept) = dataset.prepared(self.uv_range)?;
            tables.push(table);
            rows.push(kept);
        }
        let frequency_hz: Vec<Option<f64>> =
            self.datasets.iter().map(FitDataset::frequency_hz).collect();

        let start = start::find(&tables, &self.model, self.coupling, &self.known())?;
        let (set, layout) = Plan {
            model: &self.model,
            labels: &labels,
            frequency_hz: &frequency_hz,
            coupling: self.coupling,
            fit_weight_scale: self.fit_weight_scale,
            choices: &self.choices,
        }
        .parameters(&start)?;

        let radii = start.radii;
        let mut prepared = Vec::with_capacity(tables.len());
        for (((table, rows), label), frequency_hz) in
            tables.into_iter().zip(rows).zip(labels).zip(frequency_hz)
        {
            let longest = UvCoverage::from(&table).longest_baseline();
            let builder = VisibilityPlan::builder(&table, plain_grid(longest));
            let plan = profile_builder(builder, &radii).build()?;
            prepared.push(Prepared {
                label,
                table,
                rows,
                frequency_hz,
                plan,
            });
        }
        Ok(FitProblem {
            datasets: self.datasets,
            prepared,
            model: self.model,
            set,
            layout,
            radii,
            scales: start.scales,
            uv_range: self.uv_range,
        })
    }

    /// What the user's choices tell the search for a start.
    fn known(&self) -> Known {
        let value = |name: &str| {
            let choice = self.choices.iter().find(|(known, _)| known == name);
            choice.and_then(|(_, choice)| choice.fixed.or(choice.start))
        };
        Known {
            inclination_rad: value(INCLINATION).map(f64::to_radians),
            position_angle_rad: value(POSITION_ANGLE).map(f64::to_radians),
            offset_rad: [RA_OFFSET, DEC_OFFSET].map(|name| value(name).map(|x| x * ARCSEC_RAD)),
            extent_rad: self.extent_rad,
        }
    }
}

/// The datasets' names, made up from their numbers where not given.
fn labels(datasets: &[FitDataset]) -> Result<Vec<String>> {
    let labels: Vec<String> = datasets
        .iter()
        .enumerate()
        .map(|(d, dataset)| match dataset.label.trim() {
            "" => (d + 1).to_string(),
            label => label.to_owned(),
        })
        .collect();
    for (d, label) in labels.iter().enumerate() {
        if let Some(first) = labels[..d].iter().position(|other| other == label) {
            return Err(Error::DuplicateLabel {
                label: label.clone(),
                first,
                second: d,
            });
        }
    }
    Ok(labels)
}
