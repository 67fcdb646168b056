//! Sampling of the posterior, resumed where it was interrupted.

use astro_core::Progress;
use astro_infer::{Chain, Ensemble, EnsembleOptions, Maximum, Outcome, Samples, credible_interval};
use ndarray::{Array2, Axis};

use super::problem::FitProblem;
use crate::Result;

/// Settings of [`FitProblem::sample`].
#[derive(Clone, Debug, PartialEq)]
pub struct SampleOptions {
    /// Walkers, seed, moves, checkpoint.
    pub ensemble: EnsembleOptions,
    /// Steps of the whole chain, those before an interruption included.
    pub max_steps: usize,
    /// Whether to stop as soon as the chain is long enough by its autocorrelation time.
    pub until_converged: bool,
    /// Steps left out at the beginning; five times the longest autocorrelation time, but at most
    /// half of the chain, when not given.
    pub burn: Option<usize>,
    /// Continue from the file of `ensemble.checkpoint` where it exists.
    pub resume: bool,
}

impl Default for SampleOptions {
    /// At most 5000 steps, until converged, resumed where there is a checkpoint.
    fn default() -> Self {
        Self {
            ensemble: EnsembleOptions::default(),
            max_steps: 5000,
            until_converged: true,
            burn: None,
            resume: true,
        }
    }
}

/// A sampled posterior.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Posterior {
    /// All steps of all walkers.
    pub chain: Chain,
    /// Steps left out at the beginning.
    pub burn: usize,
    /// The others.
    pub samples: Samples,
    /// Why the chain ended.
    pub outcome: Outcome,
    /// Mean fraction of moves taken.
    pub acceptance: f64,
    /// Integrated autocorrelation time of each free parameter, in steps; empty for chains below 8.
    pub autocorrelation_times: Vec<f64>,
    /// Whether the chain is long enough by these times.
    pub converged: bool,
    /// Likelihood evaluations.
    pub evaluations: u64,
    /// Seed of the random numbers.
    pub seed: u64,
}

/// The ball of walkers, in prior widths, where no covariance is known.
const BALL: f64 = 1e-3;

impl FitProblem {
    /// Samples the posterior from a ball of the maximum's covariance.
    ///
    /// With a checkpoint in the options the chain is written as it grows, and a later call with
    /// `resume` goes on exactly where it stopped.
    ///
    /// # Errors
    /// As [`Ensemble`]'s methods: a checkpoint of another problem, an option out of its range, an
    /// unwritable file.
    pub fn sample(
        &self,
        maximum: &Maximum,
        options: &SampleOptions,
        progress: &dyn Progress,
    ) -> Result<Posterior> {
        let set = self.parameters();
        let checkpoint = options.ensemble.checkpoint.as_ref();
        let saved = checkpoint.filter(|c| options.resume && c.path.exists());
        let mut ensemble = match saved {
            Some(checkpoint) => Ensemble::resume(&checkpoint.path, set, self)?,
            None => {
                let mut fresh = Ensemble::new(set, self, options.ensemble.clone())?;
                let covariance = match &maximum.covariance {
                    Some(covariance) => covariance.clone(),
                    None => self.small_ball()?,
                };
                fresh.start_ball(&maximum.coordinates, covariance.view(), 1.0)?;
                fresh
            }
        };
        let remaining = options.max_steps.saturating_sub(ensemble.chain().steps());
        let report = if options.until_converged {
            ensemble.run_until_converged(remaining, progress)?
        } else {
            ensemble.run(remaining, progress)?
        };

        let chain = ensemble.chain().clone();
        let convergence = chain.convergence(options.ensemble.autocorrelation_times);
        let (times, converged) = match convergence {
            Ok(convergence) => (convergence.autocorrelation_times, convergence.converged),
            Err(astro_infer::Error::TooFewSamples { .. }) => (Vec::new(), false),
            Err(error) => return Err(error.into()),
        };
        let longest = times
            .iter()
            .copied()
            .filter(|t| t.is_finite())
            .fold(0.0, f64::max);
        let usual = ((5.0 * longest).ceil() as usize).min(chain.steps() / 2);
        let burn = options.burn.unwrap_or(usual);
        let fractions = ensemble.acceptance_fractions();
        Ok(Posterior {
            samples: chain.samples(burn, 1)?,
            chain,
            burn,
            outcome: report.outcome,
            acceptance: fractions.iter().sum::<f64>() / fractions.len().max(1) as f64,
            autocorrelation_times: times,
            converged,
            evaluations: report.evaluations,
            seed: ensemble.options().seed,
        })
    }

    fn small_ball(&self) -> Result<Array2<f64>> {
        let set = self.parameters();
        let ends = [0.16, 0.84].map(|unit| vec![unit; set.free_count()]);
        let low = set.coordinates_from_unit(&ends[0])?;
        let high = set.coordinates_from_unit(&ends[1])?;
        let widths = low.iter().zip(&high).map(|(a, b)| (BALL * (b - a)).powi(2));
        Ok(Array2::from_diag(&ndarray::Array1::from_iter(widths)))
    }
}

impl Posterior {
    /// Median and interval of something computed from the values of all parameters.
    ///
    /// At most `most` samples are used, evenly spread over the chain.
    ///
    /// # Errors
    /// Those of `quantity`; a quantity that is not finite.
    pub fn interval_of(
        &self,
        problem: &FitProblem,
        probability: f64,
        most: usize,
        quantity: impl Fn(&[f64]) -> Result<f64>,
    ) -> Result<astro_infer::Interval> {
        let stride = self.samples.len().div_ceil(most.max(1)).max(1);
        let mut found = Vec::with_capacity(most);
        for row in self.samples.coordinates.axis_iter(Axis(0)).step_by(stride) {
            let values = problem.parameters().values(&row.to_vec())?;
            found.push(quantity(&values)?);
        }
        let weights = vec![1.0; found.len()];
        Ok(credible_interval(&found, &weights, probability)?)
    }
}
