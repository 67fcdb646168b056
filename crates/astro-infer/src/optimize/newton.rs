//! The last stage: Newton's method on the numerical gradient and Hessian.
//!
//! The distance to the maximum in units of the errors is the Newton decrement
//! λ = √(gᵀ C g) with C = (−H)⁻¹: no parameter is farther than λ of its own
//! standard errors from the maximum of the parabola.

use astro_core::Progress;
use ndarray::Array2;

use super::curvature::{self, Curvature};
use super::objective::Function;
use super::search::Best;
use crate::cholesky::Cholesky;
use crate::error::{Error, Result};
use crate::likelihood::LogLikelihood;

/// Fractions of a step that are tried, in one batch.
const FRACTIONS: [f64; 8] = [1.0, 0.5, 0.25, 0.1, 0.03, 0.01, 1e-3, 1e-4];

/// Below this decrement the gradient knows the maximum better than differences
/// of the value do, and a full step is taken unless the value falls by more
/// than [`TOLERATED_FALL`].
const NEAR: f64 = 0.1;

/// See [`NEAR`].
const TOLERATED_FALL: f64 = 1e-2;

/// The curvature at the end of the polish.
pub(super) fn polish<L: LogLikelihood + ?Sized>(
    function: &Function<'_, L>,
    start: Best,
    tolerance: f64,
    max_iterations: usize,
    progress: &dyn Progress,
) -> Result<Curvature> {
    let mut x = start.coordinates;
    let mut around = curvature::at(function, &x, None)?;
    for _ in 0..max_iterations {
        if progress.should_stop() {
            return Err(Error::Stopped {
                evaluations: function.target.evaluations(),
            });
        }
        let next = match around.information() {
            Ok(information) => {
                let step = information.solve(&around.gradient);
                let decrement = dot(&step, &around.gradient).sqrt();
                if decrement < tolerance {
                    break;
                }
                if decrement < NEAR {
                    refine(function, &around, &information, &x, step, tolerance)?
                } else {
                    along(function, &around, &x, &step)?
                }
            }
            Err(_) => uphill(function, &around, &x)?,
        };
        let Some(next) = next else { break };
        progress.advance(1);
        x = next;
        around = curvature::at(function, &x, Some(&around.steps))?;
    }
    Ok(around)
}

/// Steps near the maximum with one Hessian and new gradients, which cost a
/// small part of a new Hessian.
fn refine<L: LogLikelihood + ?Sized>(
    function: &Function<'_, L>,
    around: &Curvature,
    information: &Cholesky,
    x: &[f64],
    first: Vec<f64>,
    tolerance: f64,
) -> Result<Option<Vec<f64>>> {
    let mut x = x.to_vec();
    let mut step = first;
    let mut moved = false;
    for _ in 0..4 {
        let candidate = add(&x, &step, 1.0);
        let value = function.evaluate_one(&candidate)?;
        if value < around.value - TOLERATED_FALL {
            break;
        }
        x = candidate;
        moved = true;
        let gradient = curvature::gradient(function, &x, &around.steps)?;
        if !gradient.iter().all(|g| g.is_finite()) {
            break;
        }
        step = information.solve(&gradient);
        if dot(&step, &gradient).sqrt() < 0.5 * tolerance {
            break;
        }
    }
    Ok(moved.then_some(x))
}

/// The best of several fractions of a step, if it is better than staying.
fn along<L: LogLikelihood + ?Sized>(
    function: &Function<'_, L>,
    around: &Curvature,
    x: &[f64],
    step: &[f64],
) -> Result<Option<Vec<f64>>> {
    let points: Vec<f64> = FRACTIONS
        .iter()
        .flat_map(|&fraction| add(x, step, fraction))
        .collect();
    let found = function.evaluate(&points)?;
    let best = found
        .iter()
        .zip(points.chunks_exact(x.len()))
        .max_by(|a, b| a.0.total_cmp(b.0));
    Ok(best
        .filter(|(value, _)| **value > around.value)
        .map(|(_, point)| point.to_vec()))
}

/// A step where −H is not positive definite: Levenberg's, with as much of the
/// diagonal added as makes it so.
fn uphill<L: LogLikelihood + ?Sized>(
    function: &Function<'_, L>,
    around: &Curvature,
    x: &[f64],
) -> Result<Option<Vec<f64>>> {
    let mut damping = 1e-2;
    while damping < 1e6 {
        let mut matrix: Array2<f64> = -&around.hessian;
        for (i, h) in around.steps.iter().enumerate() {
            matrix[[i, i]] += damping / (h * h);
        }
        if let Ok(factor) = Cholesky::new(matrix.view())
            && let Some(next) = along(function, around, x, &factor.solve(&around.gradient))?
        {
            return Ok(Some(next));
        }
        damping *= 10.0;
    }
    Ok(None)
}

fn add(x: &[f64], step: &[f64], fraction: f64) -> Vec<f64> {
    x.iter().zip(step).map(|(x, s)| x + fraction * s).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
