//! Seeds, threads, stops, starts and convergence of the ensemble.

use std::sync::atomic::{AtomicU64, Ordering};

use astro_core::{NoProgress, Progress};
use astro_infer::{
    Ensemble, EnsembleOptions, Error, Outcome, Parameter, ParameterSet, Prior, Serial, Threaded,
    mean_and_covariance,
};
use ndarray::{Array1, Array2, arr2};

const SEED: u64 = 42;

pub(crate) fn set() -> ParameterSet {
    ParameterSet::new(vec![
        Parameter::free("x", "m", Prior::uniform(-10.0, 10.0).unwrap()),
        Parameter::fixed("k", "", 2.0),
        Parameter::free("y", "", Prior::log_uniform(0.01, 100.0).unwrap()).log10(),
    ])
    .unwrap()
}

pub(crate) fn log_likelihood(p: &[f64]) -> f64 {
    -0.5 * (p[0] - p[1]).powi(2) - (p[2].ln() - 0.3 * p[0]).powi(2)
}

pub(crate) fn options() -> EnsembleOptions {
    EnsembleOptions {
        seed: SEED,
        walkers: Some(20),
        ..EnsembleOptions::default()
    }
}

fn chain_on(threads: usize) -> astro_infer::Chain {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(|| {
        let set = set();
        let mut ensemble = Ensemble::new(&set, Threaded(log_likelihood), options()).unwrap();
        ensemble.start_from_prior().unwrap();
        ensemble.run(150, &NoProgress).unwrap();
        ensemble.chain().clone()
    })
}

#[test]
fn the_chain_does_not_depend_on_threads() {
    let one = chain_on(1);
    assert_eq!(one.coordinates().dim(), (150, 20, 2));
    assert_eq!(one, chain_on(2));
    assert_eq!(one, chain_on(7));
}

#[test]
fn another_seed_gives_another_chain() {
    let set = set();
    let run = |seed| {
        let options = EnsembleOptions { seed, ..options() };
        let mut ensemble = Ensemble::new(&set, Serial(log_likelihood), options).unwrap();
        ensemble.start_from_prior().unwrap();
        ensemble.run(5, &NoProgress).unwrap();
        ensemble.chain().clone()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn the_recorded_densities_are_those_of_the_coordinates() {
    let chain = chain_on(1);
    let set = set();
    let samples = chain.samples(20, 7).unwrap();
    assert_eq!(samples.len(), 130usize.div_ceil(7) * 20);
    let values = samples.values(&set).unwrap();
    for row in 0..samples.len() {
        let point = values.row(row).to_vec();
        assert_eq!(point[1], 2.0);
        assert_eq!(samples.log_likelihood[row], log_likelihood(&point));
        let coordinates = samples.coordinates.row(row).to_vec();
        assert_eq!(samples.log_prior[row], set.ln_prior(&coordinates).unwrap());
    }
    // Step-major order: the second block of 20 rows is step 27.
    let step = chain.coordinates();
    assert_eq!(
        samples.coordinates.row(20),
        step.slice(ndarray::s![27, 0, ..])
    );
    let best = samples.best().unwrap();
    let density = &samples.log_likelihood + &samples.log_prior;
    assert!(density.iter().all(|&d| d <= density[best]));
}

/// Asks to stop after a number of steps, and counts what it hears.
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
fn a_stopped_run_keeps_its_steps_and_goes_on() {
    let set = set();
    let mut ensemble = Ensemble::new(&set, Threaded(log_likelihood), options()).unwrap();
    ensemble.start_from_prior().unwrap();
    let report = ensemble
        .run(150, &StopAfter(40, AtomicU64::new(0)))
        .unwrap();
    assert_eq!((report.outcome, report.steps), (Outcome::Stopped, 40));
    let report = ensemble.run(110, &NoProgress).unwrap();
    assert_eq!((report.outcome, report.steps), (Outcome::Completed, 110));
    assert_eq!(ensemble.chain(), &chain_on(1));
}

#[test]
fn a_failed_step_changes_nothing() {
    let set = set();
    let calls = AtomicU64::new(0);
    // Fails once, in the middle of a step after some whole ones.
    let failing = Serial(|p: &[f64]| {
        if calls.fetch_add(1, Ordering::Relaxed) == 20 + 30 * 20 + 13 {
            f64::NAN
        } else {
            log_likelihood(p)
        }
    });
    let mut ensemble = Ensemble::new(&set, failing, options()).unwrap();
    ensemble.start_from_prior().unwrap();
    let error = ensemble.run(150, &NoProgress).unwrap_err();
    assert!(matches!(error, Error::BadLogLikelihood { .. }), "{error}");
    let made = ensemble.chain().steps();
    assert!(made >= 30);
    ensemble.run(150 - made, &NoProgress).unwrap();
    assert_eq!(ensemble.chain(), &chain_on(1));
}

#[test]
fn acceptance_is_counted() {
    let set = set();
    let mut ensemble = Ensemble::new(&set, Serial(log_likelihood), options()).unwrap();
    assert!(ensemble.acceptance_fractions().is_empty());
    ensemble.start_from_prior().unwrap();
    ensemble.run(200, &NoProgress).unwrap();
    // A move taken is a step at which a walker is elsewhere than before.
    let chain = ensemble.chain().coordinates();
    let fractions = ensemble.acceptance_fractions();
    for (walker, fraction) in fractions.iter().enumerate() {
        let moved = (1..200)
            .filter(|&i| chain[[i, walker, 0]] != chain[[i - 1, walker, 0]])
            .count() as f64;
        // The first step's start is not in the chain.
        let taken = fraction * 200.0;
        assert!(taken - moved > -1e-9 && taken - moved < 1.0 + 1e-9);
    }
    let by_move = ensemble.move_acceptance_fractions();
    assert!(
        by_move
            .iter()
            .all(|f| f.is_some_and(|f| f > 0.02 && f < 0.98))
    );
}

#[test]
fn a_run_ends_when_the_chain_is_long_enough() {
    let set = set();
    let mut ensemble = Ensemble::new(&set, Serial(log_likelihood), options()).unwrap();
    ensemble.start_from_prior().unwrap();
    let report = ensemble.run_until_converged(50_000, &NoProgress).unwrap();
    assert_eq!(report.outcome, Outcome::Converged);
    let convergence = ensemble.chain().convergence(50.0).unwrap();
    assert!(convergence.converged && convergence.steps == report.steps);
    for tau in convergence.autocorrelation_times {
        assert!(tau > 1.0 && 50.0 * tau < report.steps as f64);
    }
    // It did not just run to the end, nor stop at the first look.
    assert!(
        report.steps > 500 && report.steps < 50_000,
        "{}",
        report.steps
    );
    let report = ensemble.run_until_converged(10, &NoProgress).unwrap();
    assert!(report.steps <= 10);
}

#[test]
fn a_starting_ball_has_the_covariance_asked_for() {
    let set = set();
    let options = EnsembleOptions {
        walkers: Some(4000),
        seed: SEED,
        ..EnsembleOptions::default()
    };
    let mut ensemble = Ensemble::new(&set, Serial(log_likelihood), options).unwrap();
    let covariance = arr2(&[[0.04, 0.003], [0.003, 0.0009]]);
    ensemble
        .start_ball(&[1.0, -0.5], covariance.view(), 0.5)
        .unwrap();
    let positions = ensemble.positions().unwrap();
    let moments = mean_and_covariance(positions, Array1::ones(4000).view()).unwrap();
    // Errors of 4000 independent draws: Cᵢᵢ/N, and (Cᵢᵢ Cⱼⱼ + Cᵢⱼ²)/N.
    let c = &covariance * 0.25;
    for i in 0..2 {
        let error = (c[[i, i]] / 4000.0).sqrt();
        assert!((moments.mean[i] - [1.0, -0.5][i]).abs() < 5.0 * error);
        for j in 0..2 {
            let error = ((c[[i, i]] * c[[j, j]] + c[[i, j]].powi(2)) / 4000.0).sqrt();
            assert!((moments.covariance[[i, j]] - c[[i, j]]).abs() < 5.0 * error);
        }
    }
}

#[test]
fn bad_starts_are_refused() {
    let set = set();
    let new = || Ensemble::new(&set, Serial(log_likelihood), options()).unwrap();
    let mut ensemble = new();
    assert!(matches!(
        ensemble.run(1, &NoProgress),
        Err(Error::NotStarted)
    ));

    let outside = Array2::from_shape_fn((20, 2), |(i, j)| (i + 3 * j) as f64 + (i * i) as f64);
    let message = ensemble.start_at(outside.view()).unwrap_err().to_string();
    assert!(message.contains("log-prior -inf"), "{message}");

    let line = Array2::from_shape_fn((20, 2), |(i, j)| 0.01 * (i as f64) * (1.0 + j as f64));
    let message = ensemble.start_at(line.view()).unwrap_err().to_string();
    assert!(message.contains("do not spread in `y`"), "{message}");

    let flat = arr2(&[[1.0, 1.0], [1.0, 1.0]]);
    let error = ensemble
        .start_ball(&[0.0, 0.0], flat.view(), 1.0)
        .unwrap_err();
    assert!(matches!(error, Error::NotPositiveDefinite { .. }));

    let unit = arr2(&[[1.0, 0.0], [0.0, 1.0]]);
    let error = ensemble
        .start_ball(&[500.0, 0.0], unit.view(), 1.0)
        .unwrap_err();
    assert!(matches!(
        error,
        Error::NoStart {
            found: 0,
            required: 20,
            ..
        }
    ));

    ensemble.start_ball(&[0.0, 0.0], unit.view(), 1.0).unwrap();
    assert!(matches!(
        ensemble.start_from_prior(),
        Err(Error::AlreadyStarted { steps: 0 })
    ));

    let fixed = ParameterSet::new(vec![Parameter::fixed("a", "", 1.0)]).unwrap();
    let error = Ensemble::new(&fixed, Serial(log_likelihood), options()).unwrap_err();
    assert!(matches!(error, Error::NoFreeParameters { count: 1 }));
}
