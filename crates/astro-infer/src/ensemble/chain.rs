//! The recorded steps of an ensemble.

use ndarray::{Array1, Array2, ArrayView, ArrayView2, ArrayView3, Dim, Dimension, s};
use serde::{Deserialize, Serialize};

use crate::autocorrelation::autocorrelation_times;
use crate::error::{Error, Result};
use crate::parameter_set::ParameterSet;
use crate::samples::Samples;
use crate::target::Evaluation;

/// All steps of all walkers.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    pub(super) labels: Vec<String>,
    pub(super) walkers: usize,
    /// `[steps, walkers, free parameters]`.
    pub(super) coordinates: Vec<f64>,
    /// `[steps, walkers]`.
    pub(super) log_likelihood: Vec<f64>,
    /// `[steps, walkers]`.
    pub(super) log_prior: Vec<f64>,
}

/// Whether a chain is long enough.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Convergence {
    /// Steps in the chain.
    pub steps: usize,
    /// Integrated autocorrelation time of every free parameter, in steps.
    pub autocorrelation_times: Vec<f64>,
    /// The number of steps that would be enough by these times.
    pub required_steps: f64,
    /// Whether `steps` exceeds it.
    pub converged: bool,
}

impl Chain {
    pub(super) fn new(set: &ParameterSet, walkers: usize) -> Self {
        Self {
            labels: set.free_labels(),
            walkers,
            coordinates: Vec::new(),
            log_likelihood: Vec::new(),
            log_prior: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, positions: &[f64], evaluations: &[Evaluation]) {
        self.coordinates.extend_from_slice(positions);
        self.log_likelihood
            .extend(evaluations.iter().map(|e| e.log_likelihood));
        self.log_prior
            .extend(evaluations.iter().map(|e| e.log_prior));
    }

    /// Labels of the coordinates, such as `log10 f0 [Jy/sr]`.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Number of steps.
    pub fn steps(&self) -> usize {
        self.log_likelihood.len() / self.walkers
    }

    /// Number of walkers.
    pub fn walkers(&self) -> usize {
        self.walkers
    }

    /// All coordinates, `[steps, walkers, free parameters]`.
    pub fn coordinates(&self) -> ArrayView3<'_, f64> {
        view(
            [self.steps(), self.walkers, self.labels.len()],
            &self.coordinates,
        )
    }

    /// Natural logarithm of the likelihood, `[steps, walkers]`.
    pub fn log_likelihood(&self) -> ArrayView2<'_, f64> {
        view([self.steps(), self.walkers], &self.log_likelihood)
    }

    /// Natural logarithm of the prior density over the coordinates, `[steps, walkers]`.
    pub fn log_prior(&self) -> ArrayView2<'_, f64> {
        view([self.steps(), self.walkers], &self.log_prior)
    }

    /// Integrated autocorrelation time of every free parameter, in steps, over
    /// the steps from `burn` on.
    ///
    /// # Errors
    /// [`Error::TooFewSamples`] below 8 steps.
    pub fn autocorrelation_times(&self, burn: usize) -> Result<Vec<f64>> {
        let burn = burn.min(self.steps());
        autocorrelation_times(self.coordinates().slice(s![burn.., .., ..]))
    }

    /// Whether the whole chain is longer than `times` times its longest
    /// autocorrelation time (50 is usual).
    ///
    /// # Errors
    /// As [`Chain::autocorrelation_times`].
    pub fn convergence(&self, times: f64) -> Result<Convergence> {
        let autocorrelation_times = self.autocorrelation_times(0)?;
        let longest = autocorrelation_times.iter().copied().fold(0.0, f64::max);
        let required_steps = times * longest;
        Ok(Convergence {
            steps: self.steps(),
            autocorrelation_times,
            required_steps,
            converged: self.steps() as f64 > required_steps,
        })
    }

    /// The samples of all walkers from step `burn` on, every `thin`-th step,
    /// step after step.
    ///
    /// Five autocorrelation times of burn-in are usual. Thinning saves memory
    /// and nothing else.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a `thin` of 0; [`Error::TooFewSamples`] if
    /// no step is left.
    pub fn samples(&self, burn: usize, thin: usize) -> Result<Samples> {
        super::options::require("thin", thin as f64, thin > 0, "it must be at least 1")?;
        if burn >= self.steps() {
            return Err(Error::TooFewSamples {
                quantity: "a burn-in of this length",
                found: self.steps(),
                required: burn + 1,
            });
        }
        let coordinates = flatten(self.coordinates().slice(s![burn..;thin, .., ..]));
        let scalar = |view: ArrayView2<'_, f64>| -> Array1<f64> {
            view.slice(s![burn..;thin, ..]).iter().copied().collect()
        };
        Ok(Samples {
            labels: self.labels.clone(),
            weights: Array1::ones(coordinates.nrows()),
            coordinates,
            log_likelihood: scalar(self.log_likelihood()),
            log_prior: scalar(self.log_prior()),
        })
    }
}

/// `[steps, walkers, parameters]` as `[steps × walkers, parameters]`.
fn flatten(chain: ArrayView3<'_, f64>) -> Array2<f64> {
    let (steps, walkers, parameters) = chain.dim();
    Array2::from_shape_vec(
        (steps * walkers, parameters),
        chain.iter().copied().collect(),
    )
    .expect("an array yields as many elements as the product of its lengths")
}

/// A row-major view of one of the vectors that every step extends.
fn view<const N: usize>(shape: [usize; N], values: &[f64]) -> ArrayView<'_, f64, Dim<[usize; N]>>
where
    Dim<[usize; N]>: Dimension,
    [usize; N]: ndarray::IntoDimension<Dim = Dim<[usize; N]>>,
{
    ArrayView::from_shape(shape, values)
        .expect("every step pushes one number for each walker (and free parameter)")
}
