//! Searches on the derivatives of a likelihood, against searches on differences.

use std::sync::atomic::{AtomicU64, Ordering};

use astro_core::NoProgress;
use astro_infer::{
    Error, LikelihoodError, LogLikelihood, MaximizeOptions, Maximum, Objective, Parameter,
    ParameterSet, Prior, Search, Serial, Status, maximize,
};
use ndarray::ArrayView2;

use crate::spot::Spot;

/// A function of one point that writes its derivatives too, and how often each was asked for.
struct Smooth<F> {
    f: F,
    values: AtomicU64,
    gradients: AtomicU64,
}

impl<F> Smooth<F> {
    fn new(f: F) -> Self {
        Self {
            f,
            values: AtomicU64::new(0),
            gradients: AtomicU64::new(0),
        }
    }

    fn counts(&self) -> (u64, u64) {
        let count = |c: &AtomicU64| c.load(Ordering::Relaxed);
        (count(&self.values), count(&self.gradients))
    }
}

impl<F: Fn(&[f64], &mut [f64]) -> f64 + Sync> LogLikelihood for Smooth<F> {
    fn log_likelihood_batch(
        &self,
        points: ArrayView2<'_, f64>,
        out: &mut [f64],
    ) -> Result<(), LikelihoodError> {
        self.values.fetch_add(out.len() as u64, Ordering::Relaxed);
        Serial(|p: &[f64]| (self.f)(p, &mut vec![0.0; p.len()])).log_likelihood_batch(points, out)
    }

    fn log_likelihood_gradient(
        &self,
        values: &[f64],
        gradient: &mut [f64],
    ) -> Result<Option<f64>, LikelihoodError> {
        assert!(gradient.iter().all(|g| *g == 0.0));
        self.gradients.fetch_add(1, Ordering::Relaxed);
        Ok(Some((self.f)(values, gradient)))
    }
}

fn lbfgs(objective: Objective) -> MaximizeOptions {
    MaximizeOptions {
        objective,
        search: Search::Lbfgs,
        ..MaximizeOptions::default()
    }
}

/// The maximum by derivatives and by differences, with what each cost: (values, gradients).
fn both<F: Fn(&[f64], &mut [f64]) -> f64 + Sync>(
    set: &ParameterSet,
    f: F,
    options: &MaximizeOptions,
) -> [(Maximum, (u64, u64)); 2] {
    let smooth = Smooth::new(f);
    let by_derivatives = maximize(set, &smooth, options, &NoProgress).unwrap();
    let first = smooth.counts();
    assert_eq!(by_derivatives.evaluations, first.0 + first.1);
    let plain = Serial(|p: &[f64]| (smooth.f)(p, &mut vec![0.0; p.len()]));
    let by_differences = maximize(set, &plain, options, &NoProgress).unwrap();
    let second = (by_differences.evaluations, 0);
    [(by_derivatives, first), (by_differences, second)]
}

fn rosenbrock(p: &[f64], gradient: &mut [f64]) -> f64 {
    let (rise, run) = (p[1] - p[0] * p[0], 1.0 - p[0]);
    gradient[0] = 400.0 * rise * p[0] + 2.0 * run;
    gradient[1] = -200.0 * rise;
    -100.0 * rise * rise - run * run
}

#[test]
fn rosenbrock_by_its_derivatives() {
    let prior = Prior::uniform(-5.0, 5.0).unwrap();
    for start in [[-1.2, 1.0], [-3.0, -4.0], [4.5, 0.0]] {
        let free = |k: usize| Parameter::free(["x", "y"][k], "", prior).starting_at(start[k]);
        let set = ParameterSet::new(vec![free(0), free(1)]).unwrap();
        let [(found, (values, gradients)), (other, (differences, _))] =
            both(&set, rosenbrock, &lbfgs(Objective::Likelihood));
        for maximum in [&found, &other] {
            assert!(maximum.converged(), "{start:?}: {:?}", maximum.status);
            let errors = maximum.standard_errors().unwrap();
            for k in 0..2 {
                assert!((maximum.values[k] - 1.0).abs() < 1e-3 * errors[k]);
            }
        }
        // A gradient replaces four values, and the value of its own point.
        assert!(gradients > 5, "{gradients}");
        assert!(
            values + 4 * gradients <= differences + 8,
            "{start:?}: {values} + {gradients} against {differences}"
        );
    }
}

/// Bounded and unbounded coordinates, on linear and logarithmic scales, and a parameter held fixed.
#[test]
fn every_scale_and_bound_has_its_chain_rule() {
    let spot = Spot::new();
    let mut parameters: Vec<Parameter> = Spot::parameters().into();
    parameters[2] = parameters[2].clone().fixed_at(12.9);
    let set = ParameterSet::new(parameters).unwrap();
    for objective in [Objective::Likelihood, Objective::Posterior] {
        let f = |p: &[f64], gradient: &mut [f64]| {
            gradient.copy_from_slice(&spot.gradient(p));
            gradient[2] = f64::NAN;
            spot.log_likelihood(p)
        };
        let [(found, (values, gradients)), (other, (differences, _))] =
            both(&set, f, &lbfgs(objective));
        assert!(found.converged() && other.converged());
        let errors = other.standard_errors().unwrap();
        for k in 0..5 {
            let off = (found.coordinates[k] - other.coordinates[k]).abs() / errors[k];
            assert!(off < 2e-3, "{objective:?} {k}: {off}");
        }
        // The derivatives do the work: what they leave to the polish is a Hessian or two.
        assert!(gradients > 5 && values < 500, "{values} + {gradients}");
        assert!(values + 5 * gradients < differences + 100);
    }
}

/// The search alone, so that a wrong sign or factor cannot be mended by the polish: with a scale and
/// a gradient that disagree, L-BFGS would end far from the maximum.
#[test]
fn the_search_itself_ends_at_the_maximum() {
    // Twelve coordinates of widths from 1e-3 to 1e3, far from the start.
    let n = 12;
    let sigma = |k: usize| 10f64.powf(k as f64 * 6.0 / 11.0 - 3.0);
    let f = |p: &[f64], gradient: &mut [f64]| {
        let mut sum = 0.0;
        for (k, (x, g)) in p.iter().zip(gradient).enumerate() {
            let z = (x - 30.0 * sigma(k)) / sigma(k);
            sum -= 0.5 * z * z + 1e-3 * z.powi(4);
            *g = -(z + 4e-3 * z.powi(3)) / sigma(k);
        }
        sum
    };
    let parameters = (0..n).map(|k| {
        let prior = Prior::uniform(-100.0 * sigma(k), 150.0 * sigma(k)).unwrap();
        Parameter::free(format!("p{k}"), "", prior).starting_at(-5.0 * sigma(k))
    });
    let set = ParameterSet::new(parameters.collect()).unwrap();
    let [(found, (values, gradients)), (_, (differences, _))] =
        both(&set, f, &lbfgs(Objective::Likelihood));
    assert!(found.converged());
    // One Hessian of 8n + 4n(n − 1) nodes is the polish of a search that arrived.
    let hessian = (8 * n + 4 * n * (n - 1)) as u64;
    assert!(values < 2 * hessian, "{values}");
    assert!(gradients < 200, "{gradients}");
    assert!(values + 10 * gradients < differences);
}

#[test]
fn a_maximum_at_a_bound_is_found_by_derivatives() {
    let prior = Prior::uniform(0.0, 10.0).unwrap();
    let free = |name: &str| Parameter::free(name, "", prior);
    let set = ParameterSet::new(vec![free("y"), free("x"), free("z")]).unwrap();
    let f = |p: &[f64], gradient: &mut [f64]| {
        let (y, x, z) = (p[0], p[1], p[2]);
        gradient[0] = 4.0 - y;
        gradient[1] = -2.0 + 4.0 * (z - 5.0 - x);
        gradient[2] = -4.0 * (z - 5.0 - x);
        -2.0 * x - 0.5 * (y - 4.0).powi(2) - 2.0 * (z - 5.0 - x).powi(2)
    };
    let [(found, _), _] = both(&set, f, &lbfgs(Objective::Likelihood));
    let Status::AtEdge { parameter, others } = &found.status else {
        panic!("{found:?}");
    };
    assert_eq!(parameter, "x");
    assert!(matches!(others.as_deref(), Some(Status::Converged { .. })));
    assert!(found.values[1] < 0.05 && (found.values[0] - 4.0).abs() < 1e-3);
}

#[test]
fn an_excluded_region_is_climbed_out_of_by_derivatives() {
    // Finite only in a disc; the maximum is inside, the start near its rim.
    let prior = Prior::normal(0.0, 10.0).unwrap();
    let free = |name: &str, start| Parameter::free(name, "", prior).starting_at(start);
    let set = ParameterSet::new(vec![free("x", 6.0), free("y", 0.5)]).unwrap();
    let f = |p: &[f64], gradient: &mut [f64]| {
        if p[0] * p[0] + p[1] * p[1] > 40.0 {
            gradient.fill(f64::NAN);
            return f64::NEG_INFINITY;
        }
        gradient[0] = -(p[0] + 1.0);
        gradient[1] = -(p[1] - 2.0) / 0.01;
        -0.5 * ((p[0] + 1.0).powi(2) + (p[1] - 2.0).powi(2) / 0.01)
    };
    let [(found, _), _] = both(&set, f, &lbfgs(Objective::Likelihood));
    assert!(found.converged(), "{:?}", found.status);
    assert!((found.values[0] + 1.0).abs() < 1e-3 && (found.values[1] - 2.0).abs() < 1e-4);
}

#[test]
fn a_derivative_that_is_not_finite_is_an_error() {
    let prior = Prior::uniform(-5.0, 5.0).unwrap();
    let set = ParameterSet::new(vec![Parameter::free("x", "", prior).starting_at(1.0)]).unwrap();
    let smooth = Smooth::new(|p: &[f64], gradient: &mut [f64]| {
        gradient[0] = f64::INFINITY;
        -p[0] * p[0]
    });
    let options = lbfgs(Objective::Likelihood);
    let error = maximize(&set, &smooth, &options, &NoProgress).unwrap_err();
    assert!(matches!(error, Error::BadGradient { .. }), "{error}");
}
