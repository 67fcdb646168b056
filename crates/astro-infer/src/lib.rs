//! Fits: parameters with priors, a likelihood evaluated in batches, maximum
//! likelihood with errors, an ensemble sampler, and the numbers that are
//! reported of a posterior.
//!
//! # Usage
//!
//! ```
//! use astro_core::NoProgress;
//! use astro_infer::{
//!     Ensemble, EnsembleOptions, MaximizeOptions, Parameter, ParameterSet, Prior, Threaded,
//!     maximize,
//! };
//!
//! // A line through points of known error.
//! let data = [(0.0, 1.1), (1.0, 2.9), (2.0, 5.2), (3.0, 7.0)];
//! let set = ParameterSet::new(vec![
//!     Parameter::free("slope", "", Prior::uniform(-10.0, 10.0)?),
//!     Parameter::free("intercept", "", Prior::normal(0.0, 10.0)?),
//! ])?;
//! let likelihood = Threaded(|p: &[f64]| {
//!     let residual = |&(x, y): &(f64, f64)| (y - p[0] * x - p[1]) / 0.2;
//!     -0.5 * data.iter().map(|point| residual(point).powi(2)).sum::<f64>()
//! });
//!
//! let best = maximize(&set, &likelihood, &MaximizeOptions::default(), &NoProgress)?;
//! assert!((best.values[0] - 2.0).abs() < 1e-4); // by the normal equations
//!
//! let mut ensemble = Ensemble::new(&set, &likelihood, EnsembleOptions::default())?;
//! let covariance = best.covariance.as_ref().ok_or("no covariance")?;
//! ensemble.start_ball(&best.coordinates, covariance.view(), 1.0)?;
//! ensemble.run(500, &NoProgress)?;
//! for summary in ensemble.chain().samples(100, 1)?.summaries(0.68)? {
//!     assert!(summary.lower < summary.median && summary.median < summary.upper);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Conventions
//!
//! - *Values* are what the model takes: one for every parameter, fixed ones
//!   included, in its unit. *Coordinates* are what is fitted: one for every free
//!   parameter, the value or its log₁₀. Chains, covariances and standard errors
//!   are in coordinates.
//! - A prior is a density over the value; the Jacobian of a logarithmic
//!   coordinate is added where a density over coordinates is needed.
//! - Logarithms of probabilities are natural.
//! - All randomness comes from seeds in the options. The same seed gives the
//!   same numbers on any number of threads.
//!
//! # References
//!
//! - Goodman & Weare 2010, Comm. App. Math. Comp. Sci. 5, 65 (stretch move)
//! - Foreman-Mackey et al. 2013, PASP 125, 306 (halves of the ensemble)
//! - ter Braak 2006, Stat. Comput. 16, 239; ter Braak & Vrugt 2008, Stat.
//!   Comput. 18, 435 (differential evolution, snooker)
//! - Sokal 1989, Monte Carlo methods in statistical mechanics (autocorrelation time)
//! - Hyndman & Fan 1996, Am. Stat. 50, 361 (quantiles)

#![expect(
    clippy::needless_pass_by_value,
    reason = "array views are passed by value, as ndarray itself does"
)]

mod autocorrelation;
mod cholesky;
mod corner;
mod ensemble;
mod error;
mod likelihood;
mod matrix_rows;
mod normal;
mod optimize;
mod parameter;
mod parameter_set;
mod prior;
mod samples;
mod statistics;
mod target;

pub use autocorrelation::{autocorrelation_time, autocorrelation_times};
pub use cholesky::{BadPivot, Cholesky};
pub use corner::{
    Corner, CornerOptions, Level, PERCENT_LEVELS, PairHistogram, SIGMA_LEVELS, corner, histogram,
};
pub use ensemble::{
    Chain, Checkpoint, Convergence, Ensemble, EnsembleOptions, Move, Outcome, RunReport,
    WeightedMove,
};
pub use error::{Error, LikelihoodError, NamedValues, Result};
pub use likelihood::{LogLikelihood, PointResult, Serial, Threaded};
pub use optimize::{
    Curvature, MaximizeOptions, Maximum, Objective, Search, Status, curvature, maximize,
};
pub use parameter::{Parameter, Scale};
pub use parameter_set::ParameterSet;
pub use prior::Prior;
pub use samples::{Samples, Summary};
pub use statistics::{
    Interval, Moments, credible_interval, mean_and_covariance, weighted_quantiles,
};
