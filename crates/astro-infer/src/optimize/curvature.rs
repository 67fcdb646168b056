//! Gradient and Hessian of the log-likelihood by central differences.
//!
//! The step h of each parameter is found such that ln L falls by about 1/2 at
//! the outer nodes ±2h (one conditional standard deviation). Second derivatives
//! are of fourth order in h:
//!
//! - f″ᵢᵢ = [−f(2h) + 16 f(h) − 30 f(0) + 16 f(−h) − f(−2h)]/12h²
//! - f″ᵢⱼ = [4 D(h) − D(2h)]/3, D(h) = [f₊₊ − f₊₋ − f₋₊ + f₋₋]/4hᵢhⱼ
//!
//! and so is the gradient, with a step five times smaller.

use ndarray::Array2;

use super::objective::{Function, Objective};
use crate::cholesky::Cholesky;
use crate::error::{Error, Result};
use crate::likelihood::LogLikelihood;
use crate::parameter_set::ParameterSet;
use crate::target::Target;

/// Fall of ln L wanted at a step h: that of a parabola which falls by 1/2 at 2h.
const FALL: f64 = 0.125;

/// The gradient's step in units of the Hessian's.
const GRADIENT_STEP: f64 = 0.2;

/// Rounds of step adaptation: each changes a step by up to a factor of ten, so
/// that steps may differ from their first guess by many powers of ten.
const ROUNDS: usize = 40;

/// Log-likelihood around a point, to second order.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Curvature {
    /// Names of the free parameters.
    pub names: Vec<String>,
    /// The point, in coordinates.
    pub coordinates: Vec<f64>,
    /// The log-likelihood (or log-posterior) there.
    pub value: f64,
    /// Its first derivatives.
    pub gradient: Vec<f64>,
    /// Its second derivatives, symmetric.
    pub hessian: Array2<f64>,
    /// Steps of the difference formulas.
    pub steps: Vec<f64>,
}

impl Curvature {
    /// Covariance of the coordinates in the normal approximation: (−H)⁻¹.
    ///
    /// # Errors
    /// [`Error::NotPositiveDefinite`] where the point is no maximum, or two
    /// parameters are degenerate.
    pub fn covariance(&self) -> Result<Array2<f64>> {
        Ok(self.information()?.inverse())
    }

    pub(super) fn information(&self) -> Result<Cholesky> {
        Cholesky::new((-&self.hessian).view()).map_err(|bad| Error::NotPositiveDefinite {
            matrix: "minus the Hessian of the log-likelihood",
            parameter: self.names[bad.row].clone(),
            pivot: bad.pivot,
            remedy: "start nearer to the maximum, or fix one of the parameters that cannot be told apart",
        })
    }
}

/// Gradient and Hessian of the log-likelihood (or log-posterior) at a point
/// given in coordinates, by central differences with adapted steps.
///
/// Costs about 8n + 4n(n−1) evaluations for n free parameters, in one batch,
/// and a few batches of 2n to find the steps.
///
/// # Errors
/// [`Error::WrongLength`]; [`Error::ExcludedStart`] for a point of zero
/// likelihood; [`Error::Unconstrained`]; [`Error::AtEdge`]; those of the likelihood.
///
/// ```
/// use astro_infer::{Objective, Parameter, ParameterSet, Prior, Serial, curvature};
/// let set = ParameterSet::new(vec![Parameter::free("x", "", Prior::uniform(-1e3, 1e3)?)])?;
/// let likelihood = Serial(|p: &[f64]| -0.5 * ((p[0] - 3.0) / 0.01).powi(2));
/// let found = curvature(&set, &likelihood, &[3.0], Objective::Likelihood)?;
/// assert!((found.covariance()?[[0, 0]].sqrt() - 0.01).abs() < 1e-8);
/// # Ok::<(), astro_infer::Error>(())
/// ```
pub fn curvature<L: LogLikelihood + ?Sized>(
    set: &ParameterSet,
    likelihood: &L,
    coordinates: &[f64],
    objective: Objective,
) -> Result<Curvature> {
    set.check_free()?;
    set.ln_prior(coordinates)?;
    at(
        &Function::new(Target::new(set, likelihood), objective),
        coordinates,
        None,
    )
}

/// [`curvature`], with steps to begin with where known.
pub(super) fn at<L: LogLikelihood + ?Sized>(
    function: &Function<'_, L>,
    x: &[f64],
    first_steps: Option<&[f64]>,
) -> Result<Curvature> {
    let value = function.evaluate_one(x)?;
    if value == f64::NEG_INFINITY {
        return Err(excluded(function, x)?);
    }
    let mut steps = find_steps(function, x, value, first_steps)?;
    // A stencil that touches an excluded region is drawn in.
    let mut touching = 0;
    for _ in 0..ROUNDS {
        let nodes = Nodes::new(x, &steps);
        let found = function.evaluate(&nodes.points)?;
        let Some(bad) = found.iter().position(|f| !f.is_finite()) else {
            let (gradient, hessian) = nodes.derivatives(value, &found);
            return Ok(Curvature {
                names: function.target.set.free_names(),
                coordinates: x.to_vec(),
                value,
                gradient,
                hessian,
                steps,
            });
        };
        touching = nodes.parameter(bad);
        steps.iter_mut().for_each(|h| *h *= 0.5);
    }
    Err(Error::AtEdge {
        parameter: function.name(touching),
        coordinate: x[touching],
    })
}

/// Steps of each coordinate over which ln of the objective changes by the order of 1.
pub(super) fn scales<L: LogLikelihood + ?Sized>(
    function: &Function<'_, L>,
    x: &[f64],
) -> Result<Vec<f64>> {
    let value = function.evaluate_one(x)?;
    find_steps(function, x, value, None)
}

/// The gradient alone, with the steps of a curvature found nearby.
pub(super) fn gradient<L: LogLikelihood + ?Sized>(
    function: &Function<'_, L>,
    x: &[f64],
    steps: &[f64],
) -> Result<Vec<f64>> {
    let nodes = Nodes::along_axes(x, steps, GRADIENT_STEP);
    let found = function.evaluate(&nodes)?;
    Ok(first_derivatives(&found, steps))
}

pub(super) fn excluded<L: LogLikelihood + ?Sized>(
    function: &Function<'_, L>,
    x: &[f64],
) -> Result<Error> {
    let set = function.target.set;
    let evaluation = function.target.evaluate_one(x)?;
    Ok(Error::ExcludedStart {
        point: set.named(&set.values(x)?),
        log_prior: evaluation.log_prior,
        log_likelihood: evaluation.log_likelihood,
    })
}

/// Steps at which ln L falls by [`FALL`] on the average of both sides.
fn find_steps<L: LogLikelihood + ?Sized>(
    function: &Function<'_, L>,
    x: &[f64],
    value: f64,
    first_steps: Option<&[f64]>,
) -> Result<Vec<f64>> {
    let n = x.len();
    let widths = function.prior_widths()?;
    let support = function.target.set.coordinate_support();
    // Room for the outer nodes inside the support, and no step beyond ten prior widths.
    let room = |i: usize| {
        let (lower, upper) = support[i];
        let rounding = 4.0 * f64::EPSILON * x[i].abs();
        let distance = (x[i] - lower).min(upper - x[i]) - rounding;
        (0.5 * distance).min(10.0 * widths[i])
    };
    let limits: Vec<f64> = (0..n).map(room).collect();
    let mut steps: Vec<f64> = match first_steps {
        Some(steps) => steps.to_vec(),
        None => widths.iter().map(|width| 1e-3 * width).collect(),
    };
    let rounding = 64.0 * f64::EPSILON * value.abs();
    let mut done = vec![false; n];
    let mut falls = vec![0.0; n];
    let mut slopes = vec![0.0; n];
    for _ in 0..ROUNDS {
        let open: Vec<usize> = (0..n).filter(|&i| !done[i]).collect();
        if open.is_empty() {
            break;
        }
        let mut points = Vec::with_capacity(2 * open.len() * n);
        for &i in &open {
            steps[i] = steps[i].min(limits[i]);
            if steps[i] <= f64::EPSILON * x[i].abs() {
                return Err(Error::AtEdge {
                    parameter: function.name(i),
                    coordinate: x[i],
                });
            }
            for sign in [1.0, -1.0] {
                let row = points.len();
                points.extend_from_slice(x);
                points[row + i] += sign * steps[i];
            }
        }
        let found = function.evaluate(&points)?;
        for (&i, pair) in open.iter().zip(found.chunks_exact(2)) {
            let fall = (value - 0.5 * (pair[0] + pair[1])).abs();
            falls[i] = fall;
            slopes[i] = 0.5 * (pair[0] - pair[1]).abs();
            let factor = if !fall.is_finite() {
                0.1
            } else if fall <= rounding {
                10.0
            } else {
                (FALL / fall).sqrt().clamp(0.1, 10.0)
            };
            let within = (0.5..2.0).contains(&factor);
            let limited = factor > 1.0 && steps[i] >= limits[i];
            done[i] = within || limited;
            if !done[i] {
                steps[i] *= factor;
            }
        }
    }
    for i in 0..n {
        if falls[i] > 1e-4 * FALL && falls[i].is_finite() {
            continue;
        }
        let parameter = function.name(i);
        // No room, or a slope without curvature: still rising where it stopped.
        return Err(if steps[i] < 1e-3 * widths[i] || slopes[i] > FALL * 1e-2 {
            Error::AtEdge {
                parameter,
                coordinate: x[i],
            }
        } else {
            Error::Unconstrained {
                parameter,
                step: steps[i],
                change: falls[i],
            }
        });
    }
    Ok(steps)
}

/// All nodes of the difference formulas.
struct Nodes<'a> {
    steps: &'a [f64],
    points: Vec<f64>,
}

impl<'a> Nodes<'a> {
    fn new(x: &[f64], steps: &'a [f64]) -> Self {
        let mut points = Self::along_axes(x, steps, GRADIENT_STEP);
        points.extend(Self::along_axes(x, steps, 1.0));
        for i in 0..x.len() {
            for j in 0..i {
                for size in [1.0, 2.0] {
                    for (a, b) in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)] {
                        let row = points.len();
                        points.extend_from_slice(x);
                        points[row + i] += a * size * steps[i];
                        points[row + j] += b * size * steps[j];
                    }
                }
            }
        }
        Self { steps, points }
    }

    /// x ± s h and x ± 2 s h along each axis.
    fn along_axes(x: &[f64], steps: &[f64], s: f64) -> Vec<f64> {
        let mut points = Vec::with_capacity(4 * x.len() * x.len());
        for i in 0..x.len() {
            for multiple in [-2.0, -1.0, 1.0, 2.0] {
                let row = points.len();
                points.extend_from_slice(x);
                points[row + i] += multiple * s * steps[i];
            }
        }
        points
    }

    /// The parameter that node `index` varies (the first of two).
    fn parameter(&self, index: usize) -> usize {
        let n = self.steps.len();
        if index < 8 * n {
            return index % (4 * n) / 4;
        }
        let pair = (index - 8 * n) / 8;
        (1..n).rev().find(|&i| i * (i - 1) / 2 <= pair).unwrap_or(0)
    }

    fn derivatives(&self, value: f64, found: &[f64]) -> (Vec<f64>, Array2<f64>) {
        let n = self.steps.len();
        let (first, rest) = found.split_at(4 * n);
        let (second, mixed) = rest.split_at(4 * n);
        let gradient = first_derivatives(first, self.steps);
        let mut hessian = Array2::zeros((n, n));
        for (i, f) in second.chunks_exact(4).enumerate() {
            // Differences first: the value itself may be large.
            let d = |k: usize| f[k] - value;
            let sum = 16.0 * (d(1) + d(2)) - (d(0) + d(3));
            hessian[[i, i]] = sum / (12.0 * self.steps[i].powi(2));
        }
        let mut pairs = mixed.chunks_exact(8);
        for i in 0..n {
            for j in 0..i {
                if let Some(f) = pairs.next() {
                    let inner = (f[0] - f[1]) - (f[2] - f[3]);
                    let outer = ((f[4] - f[5]) - (f[6] - f[7])) / 4.0;
                    let mean = (4.0 * inner - outer) / 3.0;
                    let value = mean / (4.0 * self.steps[i] * self.steps[j]);
                    hessian[[i, j]] = value;
                    hessian[[j, i]] = value;
                }
            }
        }
        (gradient, hessian)
    }
}

/// [f(−2s) − 8 f(−s) + 8 f(s) − f(2s)]/12s for every axis.
fn first_derivatives(found: &[f64], steps: &[f64]) -> Vec<f64> {
    found
        .chunks_exact(4)
        .zip(steps)
        .map(|(f, h)| ((f[0] - f[3]) + 8.0 * (f[2] - f[1])) / (12.0 * GRADIENT_STEP * h))
        .collect()
}
