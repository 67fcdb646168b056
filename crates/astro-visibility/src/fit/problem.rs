//! The problem that is fitted: data, model, parameters, and their likelihood.

use astro_core::UvTable;
use astro_infer::{
    LikelihoodError, LogLikelihood, MaximizeOptions, Maximum, ParameterSet, maximize,
};
use ndarray::ArrayView2;
use num_complex::Complex64;
use rayon::prelude::*;

use super::builder::plan_for;
use super::dataset::FitDataset;
use super::drawn::{Drawn, Instrument, PlanSource};
use super::layout::{Coupling, Layout};
use super::radii::FitRadii;
use crate::geometry::Orientation;
use crate::models::{ProfileModel, ProfileScales};
use crate::{Error, ImageGrid, ProfileMethod, Result, UvCoverage, VisibilityPlan};

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
    pub(super) datasets: Vec<FitDataset>,
    pub(super) prepared: Vec<Prepared>,
    pub(super) model: ProfileModel,
    pub(super) set: ParameterSet,
    pub(super) layout: Layout,
    pub(super) radii: FitRadii,
    pub(super) scales: ProfileScales,
    pub(super) uv_range: (f64, f64),
    pub(super) instrument: Instrument,
}

/// A dataset after cuts, with its plan.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) label: String,
    pub(crate) table: UvTable,
    /// Places of the rows in the table that was given.
    pub(crate) rows: Vec<usize>,
    pub(crate) frequency_hz: Option<f64>,
    pub(super) plan: VisibilityPlan<f64>,
    /// Where profiles are drawn as images.
    pub(super) drawn: Option<Drawn>,
}

impl FitProblem {
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

    /// How profiles become visibilities: by Hankel transform, or as images under a primary beam
    /// or with a w-term.
    ///
    /// # Errors
    /// A dataset that does not exist.
    pub fn profile_method(&self, dataset: usize) -> Result<ProfileMethod> {
        Ok(self.prepared(dataset)?.plan.profile_method())
    }

    /// The pixels on which profiles are drawn, where they are.
    ///
    /// # Errors
    /// A dataset that does not exist.
    pub fn image_grid(&self, dataset: usize) -> Result<Option<ImageGrid>> {
        let prepared = self.prepared(dataset)?;
        Ok(prepared.drawn.as_ref().map(|_| *prepared.plan.grid()))
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
                let dataset = &self.prepared[d];
                self.fill_for(values, d, dataset.drawn.as_ref(), &mut scratch);
                dataset.plan.chi2_profile(&scratch.values, &orientation)
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
            // Datasets that share brightness and radii share its values.
            if d == 0 || self.layout.coupling != Coupling::Shared || dataset.drawn.is_some() {
                self.fill_for(values, d, dataset.drawn.as_ref(), &mut scratch);
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
        self.check_values(values)?;
        let prepared = self.prepared(dataset)?;
        let mut scratch = Scratch::default();
        self.fill_for(values, dataset, prepared.drawn.as_ref(), &mut scratch);
        let orientation = self.layout.orientation(values);
        prepared.plan.sample_profile(&scratch.values, &orientation)
    }

    /// The model at every row of the table that was given, cut rows and flagged ones included.
    ///
    /// # Errors
    /// As [`FitProblem::model_visibilities`].
    pub fn model_table(&self, values: &[f64], dataset: usize) -> Result<UvTable> {
        self.check_values(values)?;
        let frequency_hz = self.prepared(dataset)?.frequency_hz;
        let given = &self.datasets[dataset].table;
        let coverage = UvCoverage::from(given);
        let longest = coverage.longest_baseline();
        let source = PlanSource::Coverage(&coverage);
        let (plan, drawn) = plan_for(source, longest, &self.radii, &self.instrument, frequency_hz)?;
        let mut scratch = Scratch::default();
        self.fill_for(values, dataset, drawn.as_ref(), &mut scratch);
        let value = plan.sample_profile(&scratch.values, &self.layout.orientation(values))?;
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

    /// The values given to a dataset's plan.
    pub(super) fn fill_for(
        &self,
        values: &[f64],
        dataset: usize,
        drawn: Option<&Drawn>,
        scratch: &mut Scratch,
    ) {
        match drawn {
            // Pixels take the brightness where they are.
            Some(drawn) => self.evaluate(values, dataset, &drawn.arcsec, &mut scratch.values),
            None => self.fill(values, dataset, scratch),
        }
    }

    /// The values given to the Hankel transform for a dataset.
    fn fill(&self, values: &[f64], dataset: usize, scratch: &mut Scratch) {
        self.evaluate(values, dataset, &self.radii.arcsec, &mut scratch.samples);
        self.radii.soften(&scratch.samples, &mut scratch.values);
    }

    fn evaluate(&self, values: &[f64], dataset: usize, arcsec: &[f64], out: &mut Vec<f64>) {
        out.resize(arcsec.len(), 0.0);
        self.model
            .fill(self.layout.profile(values, dataset), arcsec, out);
        let factor = self.layout.factor(values, dataset);
        if factor != 1.0 {
            out.iter_mut().for_each(|x| *x *= factor);
        }
    }

    pub(super) fn check_values(&self, values: &[f64]) -> Result<()> {
        astro_core::check_lengths("values", values.len(), "the parameters", self.set.len())?;
        Ok(())
    }
}

/// Buffers of one evaluation.
#[derive(Default)]
pub(super) struct Scratch {
    samples: Vec<f64>,
    pub(super) values: Vec<f64>,
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

    fn log_likelihood_gradient(
        &self,
        values: &[f64],
        gradient: &mut [f64],
    ) -> std::result::Result<Option<f64>, LikelihoodError> {
        Ok(Some(self.log_likelihood_slopes(values, gradient)?))
    }
}
