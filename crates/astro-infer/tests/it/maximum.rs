//! Maxima and errors against known ones.

use std::sync::atomic::{AtomicU64, Ordering};

use astro_core::{NoProgress, Progress};
use astro_infer::{
    Error, MaximizeOptions, Maximum, Objective, Parameter, ParameterSet, Prior, Search, Serial,
    Status, Threaded, curvature, maximize,
};

use crate::spot::Spot;

const SEARCHES: [Search; 3] = [
    Search::NelderMeadThenLbfgs,
    Search::NelderMead,
    Search::Lbfgs,
];

fn box_set(names: &[&str], lower: f64, upper: f64, start: &[f64]) -> ParameterSet {
    let prior = Prior::uniform(lower, upper).unwrap();
    let parameters = names
        .iter()
        .zip(start)
        .map(|(name, &start)| Parameter::free(*name, "", prior).starting_at(start))
        .collect();
    ParameterSet::new(parameters).unwrap()
}

fn best(set: &ParameterSet, f: impl Fn(&[f64]) -> f64 + Sync, search: Search) -> Maximum {
    let options = MaximizeOptions {
        search,
        ..MaximizeOptions::default()
    };
    maximize(set, &Serial(f), &options, &NoProgress).unwrap()
}

/// The banana of Rosenbrock has its maximum at (1, 1), and there the second
/// derivatives [[-802, 400], [400, -200]], whose inverse is [[1/2, 1], [1, 2.005]].
#[test]
fn rosenbrock_from_the_far_end_of_its_valley() {
    let f = |p: &[f64]| -100.0 * (p[1] - p[0] * p[0]).powi(2) - (1.0 - p[0]).powi(2);
    for search in SEARCHES {
        for start in [[-1.2, 1.0], [-3.0, -4.0], [4.5, 0.0]] {
            let set = box_set(&["x", "y"], -5.0, 5.0, &start);
            let found = best(&set, f, search);
            assert!(
                found.converged(),
                "{search:?} {start:?}: {:?}",
                found.status
            );
            let errors = found.standard_errors().unwrap();
            for k in 0..2 {
                assert!(
                    (found.values[k] - 1.0).abs() < 1e-3 * errors[k],
                    "{search:?} {found:?}"
                );
            }
            // The Hessian is that of a point within 1e-3 errors, and along the
            // valley it changes by the order of itself over one error.
            let expected = [[0.5, 1.0], [1.0, 2.005]];
            let covariance = found.covariance.unwrap();
            for i in 0..2 {
                for j in 0..2 {
                    let ratio = covariance[[i, j]] / expected[i][j];
                    assert!((ratio - 1.0).abs() < 3e-3, "{search:?} {covariance}");
                }
            }
        }
    }
}

/// Solves A x = b by elimination with pivots.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for column in 0..n {
        let pivot = (column..n)
            .max_by(|&i, &j| a[i][column].abs().total_cmp(&a[j][column].abs()))
            .unwrap();
        a.swap(column, pivot);
        b.swap(column, pivot);
        for row in column + 1..n {
            let factor = a[row][column] / a[column][column];
            for k in column..n {
                a[row][k] -= factor * a[column][k];
            }
            b[row] -= factor * b[column];
        }
    }
    for row in (0..n).rev() {
        for k in row + 1..n {
            b[row] -= a[row][k] * b[k];
        }
        b[row] /= a[row][row];
    }
    b
}

#[test]
fn six_parameters_are_found_to_a_thousandth_of_their_errors() {
    let spot = Spot::new();
    // The truth: Newton with analytic first derivatives, to rounding.
    let mut truth = Spot::TRUTH.to_vec();
    for _ in 0..20 {
        let hessian = spot.hessian(&truth).iter().map(|r| r.to_vec()).collect();
        let step = solve(hessian, spot.gradient(&truth).to_vec());
        truth.iter_mut().zip(step).for_each(|(t, s)| *t -= s);
    }
    assert!(spot.gradient(&truth).iter().all(|g| g.abs() < 1e-7));
    let information: Vec<Vec<f64>> = spot
        .hessian(&truth)
        .iter()
        .map(|row| row.iter().map(|h| -h).collect())
        .collect();

    let set = Spot::parameters();
    for search in SEARCHES {
        let found = best(&set, |p| spot.log_likelihood(p), search);
        assert!(found.converged(), "{search:?} {:?}", found.status);
        for k in 0..6 {
            let mut unit = vec![0.0; 6];
            unit[k] = 1.0;
            let error = solve(information.clone(), unit)[k].sqrt();
            let off = (found.values[k] - truth[k]).abs() / error;
            assert!(
                off < 1e-3,
                "{search:?}: parameter {k} is off by {off} errors"
            );
            // Standard errors are in coordinates: dlog10(v) = dv/(v ln 10).
            let scale = match k {
                0 | 4 => 1.0 / (truth[k] * std::f64::consts::LN_10),
                _ => 1.0,
            };
            let ratio = found.standard_errors().unwrap()[k] / (error * scale);
            assert!(
                (ratio - 1.0).abs() < 1e-3,
                "{search:?}: parameter {k}, ratio {ratio}"
            );
        }
        let text = serde_json::to_string(&found).unwrap();
        assert_eq!(serde_json::from_str::<Maximum>(&text).unwrap(), found);
        let value = spot.log_likelihood(&found.values);
        assert_eq!(found.log_likelihood, value);
    }
}

#[test]
fn twenty_correlated_parameters() {
    let n = 20;
    let f = |p: &[f64]| {
        let mut sum = 0.0;
        let mut previous = 0.0;
        for (k, x) in p.iter().enumerate() {
            // A random walk of steps σₖ, from 1e-3 to 1e3, around k.
            let sigma = 10f64.powf(k as f64 * 6.0 / 19.0 - 3.0);
            let z = (x - k as f64 * sigma) / sigma;
            sum += (z - 0.5 * previous).powi(2) + 0.01 * (z - 0.5 * previous).powi(4);
            previous = z;
        }
        -0.5 * sum
    };
    let parameters = (0..n)
        .map(|k| {
            let sigma = 10f64.powf(f64::from(k) * 6.0 / 19.0 - 3.0);
            let prior = Prior::uniform(-100.0 * sigma, 150.0 * sigma).unwrap();
            Parameter::free(format!("p{k}"), "", prior)
        })
        .collect();
    let set = ParameterSet::new(parameters).unwrap();
    let found = best(&set, f, Search::Lbfgs);
    assert!(found.converged(), "{:?}", found.status);
    let errors = found.standard_errors().unwrap();
    // var zₖ = 1 + var zₖ₋₁/4.
    let mut variance: f64 = 0.0;
    for k in 0..20 {
        variance = 1.0 + 0.25 * variance;
        let sigma = 10f64.powf(k as f64 * 6.0 / 19.0 - 3.0);
        assert!((found.values[k] - k as f64 * sigma).abs() < 1e-3 * errors[k]);
        assert!(
            (errors[k] / (sigma * variance.sqrt()) - 1.0).abs() < 1e-4,
            "{k} {errors:?}"
        );
    }
}

/// Two normals multiply to one: precision-weighted mean, summed precisions.
#[test]
fn the_posterior_includes_the_prior() {
    let set = ParameterSet::new(vec![
        Parameter::free("x", "", Prior::normal(1.0, 0.5).unwrap()),
        // Density of log10 of a uniform value ∝ the value itself.
        Parameter::free("y", "", Prior::uniform(1e-3, 1e3).unwrap()).log10(),
    ])
    .unwrap();
    let f = |p: &[f64]| -0.5 * ((p[0] - 3.0) / 0.25).powi(2) - 0.5 * (p[1].log10() / 0.01).powi(2);
    let options = MaximizeOptions {
        objective: Objective::Posterior,
        ..MaximizeOptions::default()
    };
    let found = maximize(&set, &Serial(f), &options, &NoProgress).unwrap();
    let errors = found.standard_errors().unwrap();
    assert!((found.coordinates[0] - (1.0 * 4.0 + 3.0 * 16.0) / 20.0).abs() < 1e-3 * errors[0]);
    assert!((errors[0] - 20f64.sqrt().recip()).abs() < 1e-6);
    // −x²/2σ² + x ln 10 peaks at σ² ln 10.
    let shift = 1e-4 * std::f64::consts::LN_10;
    assert!((found.coordinates[1] - shift).abs() < 1e-3 * errors[1]);
    let likelihood = best(&set, f, Search::default());
    assert!((likelihood.coordinates[0] - 3.0).abs() < 1e-3 * 0.25);
    assert!(likelihood.coordinates[1].abs() < 1e-3 * 0.01);
}

/// −cosh and −ln(1 + x²) have derivatives of all orders: the differences of
/// fourth order leave f⁽⁶⁾h⁴/90 with h = σ/2, below 1e-2 here.
#[test]
fn the_hessian_of_an_analytic_function() {
    let set = box_set(&["x", "y"], -50.0, 50.0, &[0.0, 0.0]);
    let f = |p: &[f64]| {
        -(p[0] - 0.1).cosh() - 30.0 * (1.0 + (0.1 * p[1]).powi(2)).ln() - 0.3 * p[0].sin() * p[1]
    };
    let (x, y): (f64, f64) = (0.25, 0.5);
    let found = curvature(&set, &Serial(f), &[x, y], Objective::Likelihood).unwrap();
    let q = 1.0 + 0.01 * y * y;
    let gradient = [
        -(x - 0.1).sinh() - 0.3 * x.cos() * y,
        -0.6 * y / q - 0.3 * x.sin(),
    ];
    let hessian = [
        [-(x - 0.1).cosh() + 0.3 * x.sin() * y, -0.3 * x.cos()],
        [-0.3 * x.cos(), -0.6 / q + 0.012 * y * y / (q * q)],
    ];
    for i in 0..2 {
        assert!(
            (found.gradient[i] - gradient[i]).abs() < 1e-4,
            "{:?}",
            found.gradient
        );
        for j in 0..2 {
            let error = (found.hessian[[i, j]] - hessian[i][j]).abs();
            assert!(error < 2e-3, "{i} {j}: {}", found.hessian);
        }
    }
    assert_eq!(found.value, f(&[x, y]));
}

#[test]
fn a_maximum_at_a_bound_is_said_to_be_there() {
    let set = box_set(&["y", "x", "z"], 0.0, 10.0, &[5.0, 5.0, 5.0]);
    let f = |p: &[f64]| {
        let (y, x, z) = (p[0], p[1], p[2]);
        -2.0 * x - 0.5 * (y - 4.0).powi(2) - 2.0 * (z - 5.0 - x).powi(2)
    };
    for search in SEARCHES {
        let found = best(&set, f, search);
        let Status::AtEdge { parameter, others } = &found.status else {
            panic!("{search:?}: {found:?}");
        };
        assert_eq!(parameter, "x");
        assert!(matches!(others.as_deref(), Some(Status::Converged { .. })));
        assert!(!found.converged());
        let (y, x, z) = (found.values[0], found.values[1], found.values[2]);
        assert!(x < 0.05, "{search:?}: {x}");
        // The others are at their maximum for that x, with their own errors.
        assert!((y - 4.0).abs() < 1e-3 && (z - 5.0 - x).abs() < 1e-3 * 0.5);
        let errors = found.standard_errors().unwrap();
        for (error, expected) in errors.iter().zip([1.0, 0.0, 0.5]) {
            assert!((error - expected).abs() < 1e-6, "{search:?}: {errors:?}");
        }
        assert_eq!(found.log_likelihood, f(&found.values));
    }
}

#[test]
fn degenerate_parameters_are_named() {
    let set = box_set(&["x", "y", "z"], -10.0, 10.0, &[1.0, 2.0, 3.0]);
    let f = |p: &[f64]| -0.5 * (p[0] + p[1] - 1.0).powi(2) - 0.5 * p[2] * p[2];
    let found = best(&set, f, Search::default());
    assert_eq!(
        found.status,
        Status::Degenerate {
            parameter: "y".to_owned()
        }
    );
    assert!((found.values[0] + found.values[1] - 1.0).abs() < 0.1);

    let found = best(
        &set,
        |p| -0.5 * (p[0] * p[0] + p[1] * p[1]),
        Search::default(),
    );
    assert_eq!(
        found.status,
        Status::Degenerate {
            parameter: "z".to_owned()
        }
    );
}

#[test]
fn random_starts_find_the_higher_of_two_peaks() {
    let f = |p: &[f64]| {
        let peak = |x: f64, y: f64, h: f64| h - 2.0 * ((p[0] - x).powi(2) + (p[1] - y).powi(2));
        let (low, high) = (peak(-6.0, -6.0, 0.0), peak(6.0, 5.0, 30.0));
        let top = low.max(high);
        top + ((low - top).exp() + (high - top).exp()).ln()
    };
    let set = box_set(&["x", "y"], -10.0, 10.0, &[-6.2, -5.5]);
    let local = best(&set, f, Search::Lbfgs);
    assert!((local.values[0] + 6.0).abs() < 0.01);
    let options = MaximizeOptions {
        starts: 5,
        prior_draws: 100,
        ..MaximizeOptions::default()
    };
    let found = maximize(&set, &Threaded(f), &options, &NoProgress).unwrap();
    assert!((found.values[0] - 6.0).abs() < 0.001 && (found.values[1] - 5.0).abs() < 0.001);
}

/// A likelihood with rounding noise of 1e-4, as one in single precision has.
#[test]
fn noise_of_single_precision_is_survived() {
    let set = box_set(&["x", "y"], -10.0, 10.0, &[4.0, -7.0]);
    let f = |p: &[f64]| {
        let smooth = -0.5 * ((p[0] - 1.0) / 0.1).powi(2) - 0.5 * ((p[1] + 2.0) / 0.3).powi(2);
        let noise = 1e-4 * (p[0] * 1e7 + p[1] * 3e7).sin();
        smooth + noise
    };
    let found = best(&set, f, Search::default());
    let errors = found.standard_errors().unwrap();
    // Gradient noise 1e-4·√130/(12·0.1) per error: 1e-3 of an error; ten times that.
    assert!((found.values[0] - 1.0).abs() < 1e-2 * errors[0]);
    assert!((found.values[1] + 2.0).abs() < 1e-2 * errors[1]);
    assert!((errors[0] / 0.1 - 1.0).abs() < 1e-2 && (errors[1] / 0.3 - 1.0).abs() < 1e-2);
}

struct StopAfter(u64, AtomicU64);

impl Progress for StopAfter {
    fn advance(&self, units: u64) {
        self.1.fetch_add(units, Ordering::Relaxed);
    }
    fn should_stop(&self) -> bool {
        self.1.load(Ordering::Relaxed) >= self.0
    }
}

#[test]
fn failures_and_stops_reach_the_caller() {
    let set = box_set(&["x", "y"], -10.0, 10.0, &[4.0, -7.0]);
    let options = MaximizeOptions::default();
    let run = |f: fn(&[f64]) -> f64| maximize(&set, &Serial(f), &options, &NoProgress).unwrap_err();
    let error = run(|p| {
        if p[0] < 3.0 {
            f64::NAN
        } else {
            -p[0] * p[0] - p[1]
        }
    });
    assert!(matches!(error, Error::BadLogLikelihood { .. }), "{error}");
    let error = run(|_| f64::NEG_INFINITY);
    assert!(error.to_string().contains("x = 4, y = -7"), "{error}");

    let f = |p: &[f64]| -(p[0] * p[0]) - p[1] * p[1];
    let stop = StopAfter(10, AtomicU64::new(0));
    let error = maximize(&set, &Serial(f), &options, &stop).unwrap_err();
    assert!(
        matches!(error, Error::Stopped { evaluations } if evaluations >= 10),
        "{error}"
    );

    let loose = MaximizeOptions {
        tolerance: 0.5,
        ..MaximizeOptions::default()
    };
    let error = maximize(&set, &Serial(f), &loose, &NoProgress).unwrap_err();
    assert!(error.to_string().starts_with("tolerance is 0.5"));
}

#[test]
fn a_likelihood_with_an_excluded_region_is_climbed() {
    // Finite only in a disc; the maximum is inside, the start near its rim.
    let set = box_set(&["x", "y"], -10.0, 10.0, &[6.0, 0.5]);
    let f = |p: &[f64]| {
        if p[0] * p[0] + p[1] * p[1] > 40.0 {
            f64::NEG_INFINITY
        } else {
            -0.5 * ((p[0] + 1.0).powi(2) + (p[1] - 2.0).powi(2) / 0.01)
        }
    };
    for search in SEARCHES {
        let found = best(&set, f, search);
        assert!(found.converged(), "{search:?} {:?}", found.status);
        assert!((found.values[0] + 1.0).abs() < 1e-3 && (found.values[1] - 2.0).abs() < 1e-4);
    }
}
