//! The searches that bring a start near to a maximum: Nelder–Mead and L-BFGS,
//! both of `argmin`.
//!
//! They work in a variable t that has no bounds: x = mid + half sin t for a
//! bounded coordinate (a maximum on a bound is reached at a finite t), and
//! x = start + width t for an unbounded one.

use std::sync::{Mutex, PoisonError};

use argmin::core::{CostFunction, Executor, Gradient};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::neldermead::NelderMead;
use argmin::solver::quasinewton::LBFGS;
use astro_core::Progress;

use super::objective::Function;
use crate::error::{Error, LikelihoodError, Result};
use crate::likelihood::LogLikelihood;

/// Spread of −ln L over the simplex at which Nelder–Mead ends; the polish that
/// follows needs no more.
const SIMPLEX_TOLERANCE: f64 = 1e-2;

/// Edge of the first simplex, in t.
const SIMPLEX_SIZE: f64 = 0.25;

/// Difference step of a gradient that the likelihood does not have, in units of the scale of each variable.
const DIFFERENCE: f64 = 1e-2;

/// Gradient, per scale of each variable, at which L-BFGS ends.
const GRADIENT_TOLERANCE: f64 = 1e-3;

/// Pairs that L-BFGS remembers.
const MEMORY: usize = 10;

/// −ln of the objective where it is excluded: finite, so that line searches
/// can bisect away from it.
const EXCLUDED: f64 = 1e30;

/// The map between the coordinates x and the unbounded variables t.
#[derive(Clone, Debug)]
pub(super) struct Unbounded {
    axes: Vec<Axis>,
}

#[derive(Clone, Copy, Debug)]
enum Axis {
    Bounded { middle: f64, half: f64 },
    Free { start: f64, width: f64 },
}

impl Unbounded {
    pub(super) fn new(support: &[(f64, f64)], start: &[f64], widths: &[f64]) -> Self {
        let axis = |((&(lower, upper), &start), &width)| {
            if f64::is_finite(lower) && f64::is_finite(upper) {
                Axis::Bounded {
                    middle: 0.5 * (lower + upper),
                    half: 0.5 * (upper - lower),
                }
            } else {
                Axis::Free { start, width }
            }
        };
        Self {
            axes: support.iter().zip(start).zip(widths).map(axis).collect(),
        }
    }

    fn x(&self, t: &[f64]) -> Vec<f64> {
        let map = |(axis, &t): (&Axis, &f64)| match *axis {
            Axis::Bounded { middle, half } => middle + half * t.sin(),
            Axis::Free { start, width } => start + width * t,
        };
        self.axes.iter().zip(t).map(map).collect()
    }

    /// Kept off ±π/2, where x does not change with t.
    fn t(&self, x: &[f64]) -> Vec<f64> {
        let map = |(axis, &x): (&Axis, &f64)| match *axis {
            Axis::Bounded { middle, half } => ((x - middle) / half)
                .clamp(-1.0, 1.0)
                .asin()
                .clamp(-1.5, 1.5),
            Axis::Free { start, width } => (x - start) / width,
        };
        self.axes.iter().zip(x).map(map).collect()
    }

    /// dx/dt.
    fn slope(&self, t: &[f64]) -> Vec<f64> {
        let map = |(axis, &t): (&Axis, &f64)| match *axis {
            Axis::Bounded { half, .. } => half * t.cos(),
            Axis::Free { width, .. } => width,
        };
        self.axes.iter().zip(t).map(map).collect()
    }
}

/// A point and ln of the objective there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Best {
    pub(super) coordinates: Vec<f64>,
    pub(super) value: f64,
}

/// The problem as `argmin` sees it: minimize −ln of the objective over
/// z = (t − origin)/scale.
struct Problem<'a, L: ?Sized> {
    function: &'a Function<'a, L>,
    map: &'a Unbounded,
    origin: Vec<f64>,
    scale: Vec<f64>,
    progress: &'a dyn Progress,
    record: &'a Mutex<Record>,
    /// Whether the search asks for gradients.
    descent: bool,
}

/// What a search leaves behind, however it ends.
struct Record {
    best: Best,
    failure: Option<Error>,
    /// Whether the likelihood has derivatives.
    analytic: bool,
    /// The point evaluated last with derivatives: line searches ask for the
    /// cost and for the gradient of one point in two calls.
    last: Option<Slope>,
}

#[derive(Clone)]
struct Slope {
    z: Vec<f64>,
    cost: f64,
    gradient: Vec<f64>,
}

impl Record {
    fn note(&mut self, value: f64, coordinates: &[f64]) {
        if value > self.best.value {
            self.best = Best {
                coordinates: coordinates.to_vec(),
                value,
            };
        }
    }
}

impl<L: LogLikelihood + ?Sized> Problem<'_, L> {
    /// −ln of the objective at several points. After a failure, which is kept
    /// for the caller, every point counts as excluded and the search runs out:
    /// `argmin` panics where a cost is an error.
    fn costs(&self, points: &[Vec<f64>]) -> Vec<f64> {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        if record.failure.is_some() {
            return vec![EXCLUDED; points.len()];
        }
        let mut coordinates = Vec::with_capacity(points.len() * self.origin.len());
        for z in points {
            coordinates.extend(self.map.x(&self.t(z)));
        }
        let found = self
            .go_on()
            .and_then(|()| self.function.evaluate(&coordinates));
        let values = match found {
            Ok(values) => values,
            Err(error) => {
                record.failure = Some(error);
                return vec![EXCLUDED; points.len()];
            }
        };
        self.progress.advance(points.len() as u64);
        for (value, x) in values
            .iter()
            .zip(coordinates.chunks_exact(self.origin.len()))
        {
            record.note(*value, x);
        }
        values.into_iter().map(|v| (-v).min(EXCLUDED)).collect()
    }

    /// −ln of the objective with its derivatives by z, from the likelihood's
    /// own; none where it has none. Failures as in [`Self::costs`].
    fn slope(&self, z: &[f64]) -> Option<Slope> {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        if !record.analytic {
            return None;
        }
        if let Some(last) = record.last.as_ref().filter(|last| last.z == z) {
            return Some(last.clone());
        }
        let mut slope = Slope {
            z: z.to_vec(),
            cost: EXCLUDED,
            gradient: vec![0.0; z.len()],
        };
        if record.failure.is_some() {
            return Some(slope);
        }
        let t = self.t(z);
        let x = self.map.x(&t);
        match self.slope_at(&x, &mut slope.gradient) {
            Ok(Some(value)) => {
                self.progress.advance(1);
                record.note(value, &x);
                if value > f64::NEG_INFINITY {
                    slope.cost = -value;
                    let by_t = self.map.slope(&t);
                    for (i, to) in slope.gradient.iter_mut().enumerate() {
                        *to *= -by_t[i] * self.scale[i];
                    }
                } else {
                    slope.gradient.fill(0.0);
                }
            }
            Ok(None) => {
                record.analytic = false;
                return None;
            }
            Err(error) => {
                record.failure = Some(error);
                slope.gradient.fill(0.0);
            }
        }
        record.last = Some(slope.clone());
        Some(slope)
    }

    fn slope_at(&self, x: &[f64], gradient: &mut [f64]) -> Result<Option<f64>> {
        self.go_on()?;
        if self.function.target.set.ln_prior(x)? == f64::NEG_INFINITY {
            return Ok(Some(f64::NEG_INFINITY));
        }
        self.function.evaluate_gradient(x, gradient)
    }

    fn t(&self, z: &[f64]) -> Vec<f64> {
        let t = self.origin.iter().zip(&self.scale).zip(z);
        t.map(|((origin, scale), z)| origin + scale * z).collect()
    }

    fn go_on(&self) -> Result<()> {
        if self.progress.should_stop() {
            return Err(Error::Stopped {
                evaluations: self.function.target.evaluations(),
            });
        }
        Ok(())
    }
}

impl<L: LogLikelihood + ?Sized> CostFunction for Problem<'_, L> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, z: &Vec<f64>) -> std::result::Result<f64, argmin::core::Error> {
        // Nelder–Mead asks for no gradient and has no use for one.
        let slope = if self.descent { self.slope(z) } else { None };
        Ok(match slope {
            Some(slope) => slope.cost,
            None => self.costs(std::slice::from_ref(z))[0],
        })
    }
}

impl<L: LogLikelihood + ?Sized> Gradient for Problem<'_, L> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, z: &Vec<f64>) -> std::result::Result<Vec<f64>, argmin::core::Error> {
        if let Some(slope) = self.slope(z) {
            return Ok(slope.gradient);
        }
        let mut points = Vec::with_capacity(2 * z.len());
        for i in 0..z.len() {
            for step in [DIFFERENCE, -DIFFERENCE] {
                let mut point = z.clone();
                point[i] += step;
                points.push(point);
            }
        }
        let slope = |pair: &[f64]| (pair[0] - pair[1]) / (2.0 * DIFFERENCE);
        Ok(self.costs(&points).chunks_exact(2).map(slope).collect())
    }
}

/// Nelder–Mead from `start`, with a new simplex around its result for as long
/// as that helps, at most `restarts` times.
pub(super) fn nelder_mead<L: LogLikelihood + ?Sized>(
    function: &Function<'_, L>,
    map: &Unbounded,
    start: Best,
    restarts: usize,
    max_iterations: u64,
    progress: &dyn Progress,
) -> Result<Best> {
    let mut best = start;
    for round in 0..=restarts {
        let before = best.value;
        let origin = map.t(&best.coordinates);
        let size = SIMPLEX_SIZE / (1.0 + round as f64);
        // Towards the middle, where a bounded coordinate has room.
        let scale: Vec<f64> = origin
            .iter()
            .map(|&t| if t > 0.0 { -size } else { size })
            .collect();
        let mut simplex = vec![vec![0.0; origin.len()]];
        for i in 0..origin.len() {
            let mut vertex = vec![0.0; origin.len()];
            vertex[i] = 1.0;
            simplex.push(vertex);
        }
        let solver = NelderMead::new(simplex)
            .with_sd_tolerance(SIMPLEX_TOLERANCE)
            .map_err(|error| set_up("Nelder-Mead", &error))?;
        let record = record(best);
        let problem = Problem {
            function,
            map,
            origin,
            scale,
            progress,
            record: &record,
            descent: false,
        };
        // A solver that gives up still leaves the best point it met.
        let _ended = Executor::new(problem, solver)
            .configure(|state| state.max_iters(max_iterations))
            .run();
        best = finish(record)?;
        if best.value - before < 0.1 {
            break;
        }
    }
    Ok(best)
}

/// L-BFGS from `start`. `steps` are the scales of the coordinates: distances
/// over which ln of the objective changes by the order of 1.
pub(super) fn lbfgs<L: LogLikelihood + ?Sized>(
    function: &Function<'_, L>,
    map: &Unbounded,
    start: Best,
    steps: &[f64],
    max_iterations: u64,
    progress: &dyn Progress,
) -> Result<Best> {
    let origin = map.t(&start.coordinates);
    // t is kept off ±π/2, so that the slope is above zero.
    let scale = steps
        .iter()
        .zip(map.slope(&origin))
        .map(|(h, slope)| h / slope)
        .collect();
    let zero = vec![0.0; origin.len()];
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY)
        .with_tolerance_grad(GRADIENT_TOLERANCE)
        .map_err(|error| set_up("L-BFGS", &error))?;
    let record = record(start);
    let problem = Problem {
        function,
        map,
        origin,
        scale,
        progress,
        record: &record,
        descent: true,
    };
    // A line search that gives up still leaves the best point it met.
    let _ended = Executor::new(problem, solver)
        .configure(|state| state.param(zero).max_iters(max_iterations))
        .run();
    finish(record)
}

fn record(best: Best) -> Mutex<Record> {
    Mutex::new(Record {
        best,
        failure: None,
        analytic: true,
        last: None,
    })
}

/// The best point, unless the likelihood failed or the caller stopped the search.
fn finish(record: Mutex<Record>) -> Result<Best> {
    let record = record.into_inner().unwrap_or_else(PoisonError::into_inner);
    match record.failure {
        Some(error) => Err(error),
        None => Ok(record.best),
    }
}

fn set_up(method: &'static str, error: &argmin::core::Error) -> Error {
    Error::Search {
        method,
        source: LikelihoodError::from(error.to_string()),
    }
}
