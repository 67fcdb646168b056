//! The sampler against targets whose moments are known.
//!
//! Each moment is the mean of a series over the chain, so its Monte Carlo error
//! is σ √(τ/N) with τ the autocorrelation time of that very series.

use astro_core::NoProgress;
use astro_infer::{
    Chain, Ensemble, EnsembleOptions, Move, Parameter, ParameterSet, Prior, Serial, WeightedMove,
    autocorrelation_time,
};
use ndarray::{Array2, s};

const SEED: u64 = 2010;

/// Five standard deviations: one test in two million fails by chance.
const SIGMAS: f64 = 5.0;

/// Requires the mean of `f` over the chain to be `expected` within its error.
fn check_mean(name: &str, chain: &Chain, burn: usize, expected: f64, f: impl Fn(&[f64]) -> f64) {
    let coordinates = chain.coordinates();
    let kept = coordinates.slice(s![burn.., .., ..]);
    let (steps, walkers, _) = kept.dim();
    let series = Array2::from_shape_fn((steps, walkers), |(i, j)| {
        f(&kept.slice(s![i, j, ..]).to_vec())
    });
    let tau = autocorrelation_time(series.view()).unwrap();
    assert!(
        steps as f64 > 50.0 * tau,
        "{name}: {steps} steps, tau {tau}"
    );
    let count = (steps * walkers) as f64;
    let mean = series.sum() / count;
    let variance = series.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
    let error = (variance * tau.max(1.0) / count).sqrt();
    assert!(
        (mean - expected).abs() < SIGMAS * error,
        "{name}: {mean} for {expected}, error {error}, tau {tau}"
    );
}

fn only(kind: Move) -> EnsembleOptions {
    EnsembleOptions {
        seed: SEED,
        moves: vec![WeightedMove { kind, weight: 1.0 }],
        ..EnsembleOptions::default()
    }
}

fn sample(
    set: &ParameterSet,
    f: impl Fn(&[f64]) -> f64 + Sync,
    options: EnsembleOptions,
    steps: usize,
) -> Chain {
    let mut ensemble = Ensemble::new(set, Serial(f), options).unwrap();
    ensemble.start_from_prior().unwrap();
    ensemble.run(steps, &NoProgress).unwrap();
    ensemble.chain().clone()
}

/// Correlated, and of scales eight powers of ten apart: means and covariances
/// are those of the matrix.
#[test]
fn correlated_gaussian_of_unequal_scales() {
    let means = [1e4, -2e-4, 0.0];
    let scales = [1e3, 1e-5, 1.0];
    let correlation = [[1.0, 0.9, -0.3], [0.9, 1.0, -0.2], [-0.3, -0.2, 1.0]];
    // The inverse of the correlation matrix, by cofactors.
    let determinant = 0.168;
    let inverse = [
        [0.96, -0.84, 0.12],
        [-0.84, 0.91, -0.07],
        [0.12, -0.07, 0.19],
    ];
    let parameters = (0..3)
        .map(|k| {
            let prior =
                Prior::uniform(means[k] - 20.0 * scales[k], means[k] + 20.0 * scales[k]).unwrap();
            Parameter::free(format!("p{k}"), "", prior)
        })
        .collect();
    let set = ParameterSet::new(parameters).unwrap();
    let z = |p: &[f64], k: usize| (p[k] - means[k]) / scales[k];
    let log_likelihood = |p: &[f64]| {
        let mut sum = 0.0;
        for i in 0..3 {
            for j in 0..3 {
                sum += z(p, i) * inverse[i][j] / determinant * z(p, j);
            }
        }
        -0.5 * sum
    };
    let options = EnsembleOptions {
        seed: SEED,
        ..EnsembleOptions::default()
    };
    let chain = sample(&set, log_likelihood, options, 6000);
    for i in 0..3 {
        check_mean("mean", &chain, 500, 0.0, |p| z(p, i));
        for j in 0..=i {
            let name = format!("covariance {i} {j}");
            check_mean(&name, &chain, 500, correlation[i][j], |p| z(p, i) * z(p, j));
        }
    }
    // The summaries are those of the same numbers.
    let moments = chain.samples(500, 1).unwrap().moments().unwrap();
    assert!((moments.mean[0] - 1e4).abs() < 0.1 * 1e3);
    assert!((moments.covariance[[0, 1]] / (0.9 * 1e3 * 1e-5) - 1.0).abs() < 0.1);
}

/// x exponential and with a hard edge, in three dimensions: E xᵏ = k!, and a
/// wrong factor q of any move shifts every moment.
#[test]
fn each_move_keeps_an_exponential() {
    let prior = Prior::uniform(-1.0, 60.0).unwrap();
    let parameters = ["x", "y", "z"]
        .map(|name| Parameter::free(name, "", prior))
        .to_vec();
    let set = ParameterSet::new(parameters).unwrap();
    let log_likelihood = |p: &[f64]| {
        if p.iter().all(|&x| x >= 0.0) {
            -p.iter().sum::<f64>()
        } else {
            f64::NEG_INFINITY
        }
    };
    let kinds = [
        Move::Stretch { scale: 2.0 },
        Move::Stretch { scale: 3.0 },
        Move::DifferentialEvolution,
        Move::Snooker,
    ];
    for kind in kinds {
        let chain = sample(&set, log_likelihood, only(kind), 20_000);
        for axis in 0..3 {
            for (power, moment) in [(1, 1.0), (2, 2.0), (3, 6.0)] {
                let name = format!("{kind:?}, moment {power}");
                check_mean(&name, &chain, 1000, moment, |p| p[axis].powi(power));
            }
        }
        check_mean("P(x > 1)", &chain, 1000, (-1f64).exp(), |p| {
            f64::from(u8::from(p[0] > 1.0))
        });
        check_mean("E xy", &chain, 1000, 1.0, |p| p[0] * p[1]);
    }
}

/// Without data the posterior is the prior, in coordinates: the logarithm of a
/// log-uniform value is uniform; of a uniform one it is not.
#[test]
fn a_flat_likelihood_gives_the_priors_back() {
    let set = ParameterSet::new(vec![
        Parameter::free("a", "", Prior::log_uniform(1e-2, 1e4).unwrap()).log10(),
        Parameter::free("b", "", Prior::uniform(1.0, 10.0).unwrap()).log10(),
        Parameter::fixed("c", "", 1.0),
        Parameter::free("d", "", Prior::sine(0.0, std::f64::consts::PI).unwrap()),
    ])
    .unwrap();
    let options = EnsembleOptions {
        seed: SEED,
        ..EnsembleOptions::default()
    };
    let chain = sample(&set, |_| 0.0, options, 12_000);
    check_mean("log a", &chain, 500, 1.0, |p| p[0]);
    check_mean("log a squared", &chain, 500, 1.0 + 36.0 / 12.0, |p| {
        p[0] * p[0]
    });
    check_mean("b", &chain, 500, 5.5, |p| 10f64.powf(p[1]));
    check_mean("b squared", &chain, 500, 37.0, |p| 10f64.powf(2.0 * p[1]));
    // E cos² of an isotropic direction.
    check_mean("cos squared", &chain, 500, 1.0 / 3.0, |p| {
        p[2].cos().powi(2)
    });
}
