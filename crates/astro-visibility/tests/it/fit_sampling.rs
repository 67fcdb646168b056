//! Sampled posteriors: widths, reproducibility, continuation.

use astro_core::{NoProgress, Progress};
use astro_infer::{Checkpoint, EnsembleOptions, MaximizeOptions, Outcome};
use astro_visibility::{
    AnalyticSource, FitDataset, FitProblem, ProfileModel, ReportOptions, SampleOptions,
    SourceShape, simulate,
};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::fit::{gaussian_problem, gaussian_table, maximum};

const SEED: u64 = 77;

fn options(max_steps: usize) -> SampleOptions {
    SampleOptions {
        ensemble: EnsembleOptions {
            seed: SEED,
            ..EnsembleOptions::default()
        },
        max_steps,
        until_converged: false,
        ..SampleOptions::default()
    }
}

#[test]
fn the_posterior_is_as_wide_as_the_curvature_says() {
    let problem = gaussian_problem(gaussian_table(400, 2e-3, 20));
    let best = maximum(&problem);
    let posterior = problem.sample(&best, &options(1500), &NoProgress).unwrap();
    let report = problem
        .report(&best, Some(&posterior), &ReportOptions::default())
        .unwrap();
    for parameter in &report.parameters {
        let found = parameter.posterior.as_ref().unwrap();
        let error = parameter.standard_error.unwrap();
        // Some 1500·32/60 independent samples: widths to 4 %, medians to 0.04 σ, at one sigma.
        assert!(
            (found.standard_deviation / error - 1.0).abs() < 0.2,
            "{parameter:?}"
        );
        assert!(
            (found.median - parameter.maximum).abs() < 0.25 * error,
            "{parameter:?}"
        );
        let width = 0.5 * (found.upper - found.lower);
        assert!((width / error - 1.0).abs() < 0.2, "{parameter:?}");
    }
    for derived in &report.datasets[0].derived {
        let interval = derived.posterior.as_ref().unwrap();
        assert!(interval.lower < interval.median && interval.median < interval.upper);
        assert!(interval.lower < derived.maximum * 1.1 && interval.upper > derived.maximum * 0.9);
    }
    assert!(posterior.acceptance > 0.1 && posterior.acceptance < 0.7);
}

/// Asks to stop after so many steps.
struct StopAfter {
    steps: u64,
    made: AtomicU64,
}

impl Progress for StopAfter {
    fn advance(&self, units: u64) {
        self.made.fetch_add(units, Ordering::Relaxed);
    }

    fn should_stop(&self) -> bool {
        self.made.load(Ordering::Relaxed) >= self.steps
    }
}

#[test]
fn an_interrupted_chain_goes_on_as_if_it_had_not_been() {
    let folder = std::env::temp_dir().join(format!("astro-visibility-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("chain.checkpoint");
    let problem = gaussian_problem(gaussian_table(100, 5e-3, 21));
    let best = maximum(&problem);
    let whole = problem.sample(&best, &options(40), &NoProgress).unwrap();

    let mut resumable = options(40);
    resumable.ensemble.checkpoint = Some(Checkpoint {
        path: path.clone(),
        every_steps: 10,
    });
    let stop = StopAfter {
        steps: 17,
        made: AtomicU64::new(0),
    };
    let part = problem.sample(&best, &resumable, &stop).unwrap();
    assert_eq!((part.outcome, part.chain.steps()), (Outcome::Stopped, 17));
    let rest = problem.sample(&best, &resumable, &NoProgress).unwrap();
    assert_eq!(rest.outcome, Outcome::Completed);
    assert_eq!(rest.chain.coordinates(), whole.chain.coordinates());
    assert_eq!(rest.samples.coordinates, whole.samples.coordinates);

    // Without resuming, the file is written anew.
    resumable.resume = false;
    resumable.max_steps = 5;
    let fresh = problem.sample(&best, &resumable, &NoProgress).unwrap();
    assert_eq!(fresh.chain.steps(), 5);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn likelihoods_do_not_depend_on_the_number_of_threads() {
    let problem = gaussian_problem(gaussian_table(5000, 2e-3, 22));
    let best = maximum(&problem);
    let chain = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            problem
                .sample(&best, &options(10), &NoProgress)
                .unwrap()
                .chain
        })
    };
    assert_eq!(chain(1).log_likelihood(), chain(3).log_likelihood());
}

/// Face-on, the maximum has an inclination at the edge of its prior and no position angle: there
/// is no covariance to start from, and the posterior is sampled all the same.
#[test]
fn a_face_on_disc_is_sampled_from_the_edge_of_its_prior() {
    let mut table = simulate::random_baselines(500, 2e4, 1e6, 40).unwrap();
    let shape = SourceShape::Gaussian { sigma_rad: 1e-6 };
    simulate::fill_with_sources(&mut table, &[AnalyticSource::new(shape, 0.1)]).unwrap();
    simulate::add_noise(&mut table, 2e-3, 41).unwrap();
    let problem = FitProblem::builder(vec![FitDataset::new(table)], ProfileModel::Gaussian)
        .build()
        .unwrap();
    let best = problem
        .maximize(&MaximizeOptions::default(), &NoProgress)
        .unwrap();
    let posterior = problem.sample(&best, &options(600), &NoProgress).unwrap();
    let report = problem
        .report(&best, Some(&posterior), &ReportOptions::default())
        .unwrap();
    let flux = report.datasets[0].derived[0].posterior.unwrap();
    assert!(flux.lower < 0.101 && flux.upper > 0.099, "{flux:?}");
    let inclination = report.parameters[2].posterior.as_ref().unwrap();
    assert!(inclination.upper < 30.0, "{inclination:?}");
}

#[test]
fn pure_noise_has_a_start_too() {
    let mut table = simulate::random_baselines(300, 2e4, 1e6, 42).unwrap();
    simulate::add_noise(&mut table, 2e-3, 43).unwrap();
    for model in [
        "gaussian",
        "powerlaw-inner",
        "rings:2",
        "multi-gaussian:2",
        "knots:0,0.2,0.5",
    ] {
        let dataset = FitDataset::new(table.clone());
        let problem = FitProblem::builder(vec![dataset], model.parse().unwrap())
            .build()
            .unwrap();
        let start = problem.start_values().unwrap();
        let chi2 = problem.chi2(&start).unwrap()[0];
        let nothing: f64 = 600.0;
        assert!(
            (chi2 - nothing).abs() < 10.0 * (2.0 * nothing).sqrt(),
            "{model} {chi2}"
        );
    }
}
