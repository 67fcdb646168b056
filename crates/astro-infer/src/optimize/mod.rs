//! Maximum likelihood: a search, a polish, and errors from the curvature.

mod curvature;
mod newton;
mod objective;
mod search;

use astro_core::Progress;
use ndarray::Array2;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

pub use curvature::{Curvature, curvature};
pub use objective::Objective;

use crate::error::{Error, Result};
use crate::likelihood::LogLikelihood;
use crate::parameter::Parameter;
use crate::parameter_set::ParameterSet;
use crate::target::Target;
use objective::Function;
use search::{Best, Unbounded};

/// How a start is brought near to the maximum. A Newton polish follows each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Search {
    /// Nelder–Mead, then L-BFGS.
    #[default]
    NelderMeadThenLbfgs,
    /// The simplex of Nelder & Mead (1965), restarted while that helps: robust
    /// for up to about ten parameters, needs no smoothness.
    NelderMead,
    /// Limited-memory BFGS (Liu & Nocedal 1989): for smooth likelihoods and
    /// many parameters. It takes the derivatives of
    /// [`LogLikelihood::log_likelihood_gradient`] where there are any, else
    /// central differences.
    Lbfgs,
    /// No search: the start is already near.
    PolishOnly,
}

/// Settings of [`maximize`].
#[derive(Clone, Debug, PartialEq)]
pub struct MaximizeOptions {
    /// What is maximized.
    pub objective: Objective,
    /// How.
    pub search: Search,
    /// How many starting points are searched from: the best ones of the
    /// initial point and the random ones.
    pub starts: usize,
    /// Random points of the prior to choose starting points from.
    pub prior_draws: usize,
    /// Seed of those draws.
    pub seed: u64,
    /// New simplices of Nelder–Mead around its own result, while that helps.
    pub restarts: usize,
    /// Most iterations of each search.
    pub max_iterations: u64,
    /// Largest distance from the maximum, in standard errors, at which a
    /// maximum counts as found.
    pub tolerance: f64,
}

impl Default for MaximizeOptions {
    /// Nelder–Mead then L-BFGS from the initial point, to a thousandth of the
    /// standard errors.
    fn default() -> Self {
        Self {
            objective: Objective::Likelihood,
            search: Search::default(),
            starts: 1,
            prior_draws: 0,
            seed: 1,
            restarts: 3,
            max_iterations: 5000,
            tolerance: 1e-3,
        }
    }
}

/// Newton steps of the polish.
const POLISH_STEPS: usize = 50;

/// A maximum of the likelihood (or posterior), and its errors in the normal
/// approximation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Maximum {
    /// Labels of the coordinates.
    pub labels: Vec<String>,
    /// The free parameters on their scales.
    pub coordinates: Vec<f64>,
    /// All parameters in their units, as the likelihood took them.
    pub values: Vec<f64>,
    /// Natural logarithm of the likelihood.
    pub log_likelihood: f64,
    /// Natural logarithm of the prior density over the coordinates.
    pub log_prior: f64,
    /// Points whose likelihood was computed, with or without derivatives.
    pub evaluations: u64,
    /// Whether the maximum was found to the tolerance asked for.
    pub status: Status,
    /// Covariance of the coordinates, (−H)⁻¹; none where −H is not positive
    /// definite.
    #[serde(with = "crate::matrix_rows")]
    pub covariance: Option<Array2<f64>>,
}

/// How well a maximum is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// A maximum, farther by at most this many standard errors from the summit
    /// of the local parabola.
    Converged {
        /// The Newton decrement.
        distance: f64,
    },
    /// A maximum by its curvature, but farther than the tolerance, and the
    /// value rises no more: the likelihood is noisy or not smooth.
    Inaccurate {
        /// The Newton decrement.
        distance: f64,
    },
    /// The highest point found is at the edge of the prior, or of the region
    /// of finite likelihood, in a parameter, which was held there while the
    /// others were maximized. Its row and column of the covariance are zero.
    AtEdge {
        /// Name of the parameter.
        parameter: String,
        /// How well the maximum over the others is known; none without others.
        others: Option<Box<Status>>,
    },
    /// The highest point found is no maximum of a parabola in this parameter:
    /// it is degenerate with others or not constrained.
    Degenerate {
        /// Name of the parameter.
        parameter: String,
    },
}

impl Maximum {
    /// Whether a maximum was found to the tolerance asked for.
    pub fn converged(&self) -> bool {
        matches!(self.status, Status::Converged { .. })
    }

    /// Standard error of every coordinate, √Cᵢᵢ; none without a covariance.
    pub fn standard_errors(&self) -> Option<Vec<f64>> {
        let covariance = self.covariance.as_ref()?;
        Some(covariance.diag().iter().map(|c| c.sqrt()).collect())
    }
}

/// The maximum of a likelihood, with errors.
///
/// The search runs on the coordinates, mapped so that the bounds of the priors
/// cannot be crossed; the polish brings the result to a small fraction of its
/// standard errors whatever the search's own tolerance. The likelihood is given
/// one point at a time by Nelder–Mead and by L-BFGS on derivatives, and batches
/// by everything else; the polish always takes differences of the value.
///
/// # Errors
/// [`Error::NoFreeParameters`]; [`Error::InvalidOption`];
/// [`Error::ExcludedStart`] if every starting point has zero likelihood;
/// [`Error::Stopped`]; those of the likelihood. A maximum that is not good is
/// not an error: see [`Maximum::status`].
///
/// ```
/// use astro_core::NoProgress;
/// use astro_infer::{MaximizeOptions, Parameter, ParameterSet, Prior, Serial, maximize};
///
/// let set = ParameterSet::new(vec![
///     Parameter::free("flux", "Jy", Prior::log_uniform(1e-3, 1e3)?).log10(),
///     Parameter::free("offset", "arcsec", Prior::uniform(-5.0, 5.0)?),
/// ])?;
/// let likelihood = Serial(|p: &[f64]| {
///     -0.5 * ((p[0] - 20.0) / 0.5).powi(2) - 0.5 * ((p[1] + 0.3) / 0.002).powi(2)
/// });
/// let maximum = maximize(&set, &likelihood, &MaximizeOptions::default(), &NoProgress)?;
/// assert!(maximum.converged());
/// assert!((maximum.values[0] - 20.0).abs() < 0.001 * 0.5);
/// assert!((maximum.standard_errors().unwrap()[1] - 0.002).abs() < 1e-6);
/// # Ok::<(), astro_infer::Error>(())
/// ```
pub fn maximize<L: LogLikelihood + ?Sized>(
    set: &ParameterSet,
    likelihood: &L,
    options: &MaximizeOptions,
    progress: &dyn Progress,
) -> Result<Maximum> {
    set.check_free()?;
    check(options)?;
    let function = Function::new(Target::new(set, likelihood), options.objective);
    // The number of evaluations is not known beforehand.
    progress.begin("maximizing", 0);
    let found = from_all_starts(&function, options, progress);
    progress.end();
    found
}

fn from_all_starts<L: LogLikelihood + ?Sized>(
    function: &Function<'_, L>,
    options: &MaximizeOptions,
    progress: &dyn Progress,
) -> Result<Maximum> {
    let mut best: Option<Best> = None;
    for start in starts(function, options)? {
        let found = search_from(function, start, options, progress)?;
        if best.as_ref().is_none_or(|best| found.value > best.value) {
            best = Some(found);
        }
    }
    match best {
        Some(best) => finish(function, best, options, progress),
        None => Err(curvature::excluded(
            function,
            &function.target.set.initial_coordinates(),
        )?),
    }
}

/// The best of the initial point and the random ones, best first; none with
/// zero likelihood.
fn starts<L: LogLikelihood + ?Sized>(
    function: &Function<'_, L>,
    options: &MaximizeOptions,
) -> Result<Vec<Best>> {
    let set = function.target.set;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(options.seed);
    let mut points = set.initial_coordinates();
    for _ in 0..options.prior_draws {
        points.extend(set.sample(&mut rng));
    }
    let found = function.evaluate(&points)?;
    let mut starts: Vec<Best> = found
        .into_iter()
        .zip(points.chunks_exact(function.free()))
        .filter(|(value, _)| *value > f64::NEG_INFINITY)
        .map(|(value, point)| Best {
            coordinates: point.to_vec(),
            value,
        })
        .collect();
    starts.sort_by(|a, b| b.value.total_cmp(&a.value));
    starts.truncate(options.starts);
    Ok(starts)
}

fn search_from<L: LogLikelihood + ?Sized>(
    function: &Function<'_, L>,
    start: Best,
    options: &MaximizeOptions,
    progress: &dyn Progress,
) -> Result<Best> {
    let widths = function.prior_widths()?;
    let support = function.target.set.coordinate_support();
    let map = Unbounded::new(&support, &start.coordinates, &widths);
    let iterations = options.max_iterations;
    let simplex = |start| {
        search::nelder_mead(
            function,
            &map,
            start,
            options.restarts,
            iterations,
            progress,
        )
    };
    let descent = |start: Best| {
        let steps = match curvature::scales(function, &start.coordinates) {
            Ok(steps) => steps,
            // No curvature to scale by: a small part of each prior.
            Err(Error::AtEdge { .. } | Error::Unconstrained { .. }) => {
                widths.iter().map(|width| 1e-3 * width).collect()
            }
            Err(error) => return Err(error),
        };
        search::lbfgs(function, &map, start, &steps, iterations, progress)
    };
    match options.search {
        Search::NelderMeadThenLbfgs => descent(simplex(start)?),
        Search::NelderMead => simplex(start),
        Search::Lbfgs => descent(start),
        Search::PolishOnly => Ok(start),
    }
}

fn finish<L: LogLikelihood + ?Sized>(
    function: &Function<'_, L>,
    best: Best,
    options: &MaximizeOptions,
    progress: &dyn Progress,
) -> Result<Maximum> {
    let polished = newton::polish(
        function,
        best.clone(),
        options.tolerance,
        POLISH_STEPS,
        progress,
    );
    let mut coordinates = best.coordinates;
    let (status, covariance) = match polished {
        Ok(around) => {
            coordinates.clone_from(&around.coordinates);
            match around.covariance() {
                Ok(covariance) => (reached(&around, &covariance, options), Some(covariance)),
                Err(Error::NotPositiveDefinite { parameter, .. }) => {
                    (Status::Degenerate { parameter }, None)
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::AtEdge { parameter, .. }) => {
            return held_at_edge(function, &coordinates, parameter, options, progress);
        }
        Err(Error::Unconstrained { parameter, .. }) => (Status::Degenerate { parameter }, None),
        Err(error) => return Err(error),
    };
    let set = function.target.set;
    let evaluation = function.target.evaluate_one(&coordinates)?;
    Ok(Maximum {
        labels: set.free_labels(),
        values: set.values(&coordinates)?,
        coordinates,
        log_likelihood: evaluation.log_likelihood,
        log_prior: evaluation.log_prior,
        evaluations: function.target.evaluations(),
        status,
        covariance,
    })
}

/// The maximum over the other parameters, with one held at its edge.
fn held_at_edge<L: LogLikelihood + ?Sized>(
    function: &Function<'_, L>,
    coordinates: &[f64],
    parameter: String,
    options: &MaximizeOptions,
    progress: &dyn Progress,
) -> Result<Maximum> {
    let set = function.target.set;
    let mut coordinates = coordinates.to_vec();
    let values = set.values(&coordinates)?;
    let hold = |(p, &value): (&Parameter, &f64)| {
        if p.name() == parameter {
            p.clone().fixed_at(value)
        } else {
            p.clone()
        }
    };
    let rest = ParameterSet::new(set.parameters().iter().zip(&values).map(hold).collect())?;
    let mut others = None;
    let mut covariance = None;
    let mut evaluations = function.target.evaluations();
    if rest.free_count() > 0 {
        let inner = Function::new(
            Target::new(&rest, function.target.likelihood),
            function.kind,
        );
        let start = rest.coordinates(&values)?;
        let value = inner.evaluate_one(&start)?;
        let best = Best {
            coordinates: start,
            value,
        };
        let found = finish(&inner, best, options, progress)?;
        let names = set.free_names();
        let kept: Vec<usize> = (0..names.len())
            .filter(|&i| names[i] != parameter)
            .collect();
        for (&to, from) in kept.iter().zip(&found.coordinates) {
            coordinates[to] = *from;
        }
        covariance = found.covariance.map(|inner| {
            let mut full = Array2::zeros((names.len(), names.len()));
            for (a, &i) in kept.iter().enumerate() {
                for (b, &j) in kept.iter().enumerate() {
                    full[[i, j]] = inner[[a, b]];
                }
            }
            full
        });
        evaluations += found.evaluations;
        others = Some(Box::new(found.status));
    }
    let evaluation = function.target.evaluate_one(&coordinates)?;
    Ok(Maximum {
        labels: set.free_labels(),
        values: set.values(&coordinates)?,
        coordinates,
        log_likelihood: evaluation.log_likelihood,
        log_prior: evaluation.log_prior,
        evaluations: evaluations + 1,
        status: Status::AtEdge { parameter, others },
        covariance,
    })
}

/// The status by the Newton decrement √(gᵀ C g).
fn reached(around: &Curvature, covariance: &Array2<f64>, options: &MaximizeOptions) -> Status {
    let mut square = 0.0;
    for (row, g) in covariance.rows().into_iter().zip(&around.gradient) {
        for (c, h) in row.iter().zip(&around.gradient) {
            square += g * c * h;
        }
    }
    let distance = f64::sqrt(square);
    if distance < options.tolerance {
        Status::Converged { distance }
    } else {
        Status::Inaccurate { distance }
    }
}

fn check(options: &MaximizeOptions) -> Result<()> {
    let require = |option, found: f64, holds, requirement| {
        if holds {
            return Ok(());
        }
        Err(Error::InvalidOption {
            option,
            found,
            requirement,
        })
    };
    let at_least_one = "it must be at least 1";
    let starts = options.starts;
    require("starts", starts as f64, starts > 0, at_least_one)?;
    let iterations = options.max_iterations;
    require(
        "max_iterations",
        iterations as f64,
        iterations > 0,
        at_least_one,
    )?;
    require(
        "tolerance",
        options.tolerance,
        options.tolerance > 0.0 && options.tolerance <= 0.1,
        "it must be above 0 and at most 0.1 standard errors",
    )
}
