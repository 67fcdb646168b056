//! Derivatives of a fit's likelihood, and what they save.

use astro_core::NoProgress;
use astro_core::constants::ARCSEC_RAD;
use astro_infer::{LogLikelihood, MaximizeOptions, Search, Serial, maximize};
use astro_visibility::{
    AnalyticSource, Coupling, FitDataset, FitProblem, FitProblemBuilder, ProfileModel, SourceShape,
    simulate,
};

fn dataset(seed: u64, sigma_arcsec: f64, frequency_hz: f64) -> FitDataset {
    let shape = SourceShape::Gaussian {
        sigma_rad: sigma_arcsec * ARCSEC_RAD,
    };
    let source = AnalyticSource::new(shape, 0.1 * (frequency_hz / 2e11).powf(2.3))
        .elliptical(0.5, 0.7)
        .at(1e-7, -2e-7);
    let mut table = simulate::random_baselines(300, 2e4, 8e5, seed).unwrap();
    simulate::fill_with_sources(&mut table, &[source]).unwrap();
    simulate::add_noise(&mut table, 1e-3, seed + 100).unwrap();
    table.frequency_hz = vec![frequency_hz; 300];
    FitDataset::new(table).label(format!("d{seed}"))
}

fn one(model: ProfileModel) -> FitProblemBuilder {
    FitProblem::builder(vec![dataset(1, 0.2, 2e11)], model)
}

fn two(coupling: Coupling) -> FitProblemBuilder {
    let both = vec![dataset(1, 0.2, 2e11), dataset(2, 0.2, 3e11)];
    FitProblem::builder(both, ProfileModel::Gaussian).coupling(coupling)
}

/// Every way to hang datasets together.
fn problems() -> Vec<FitProblem> {
    [
        one(ProfileModel::Gaussian).fit_weight_scale(true),
        two(Coupling::Shared),
        two(Coupling::FluxRatio).fit_weight_scale(true),
        two(Coupling::SpectralIndex),
        two(Coupling::Independent),
    ]
    .into_iter()
    .map(|builder| builder.build().unwrap())
    .collect()
}

#[test]
fn derivatives_of_a_fit_are_finite_differences() {
    let rings = one(ProfileModel::Rings { count: 2 }).fix("position_angle", 40.0);
    let mut problems = problems();
    problems.push(rings.build().unwrap());
    for problem in problems {
        let set = problem.parameters();
        let mut values = problem.start_values().unwrap();
        // Off the start, where some derivatives vanish.
        for (k, (value, parameter)) in values.iter_mut().zip(set.parameters()).enumerate() {
            if !parameter.is_fixed() {
                *value *= 1.0 + 0.02 * (1.0 + k as f64 / 7.0);
            }
        }
        let mut gradient = vec![0.0; set.len()];
        let found = problem.log_likelihood_gradient(&values, &mut gradient);
        let truth = problem.log_likelihood(&values).unwrap();
        let value = found.unwrap().unwrap();
        assert!(
            (value - truth).abs() < 1e-9 * truth.abs(),
            "{value} {truth}"
        );
        for (k, parameter) in set.parameters().iter().enumerate() {
            if parameter.is_fixed() {
                continue;
            }
            let step = 1e-3 * values[k].abs().max(0.02);
            let at = |h: f64| {
                let mut moved = values.clone();
                moved[k] += h;
                problem.log_likelihood(&moved).unwrap()
            };
            let outer = (at(2.0 * step) - at(-2.0 * step)) / (4.0 * step);
            let expected = (4.0 * (at(step) - at(-step)) / (2.0 * step) - outer) / 3.0;
            // Fourth order in a step of 1e-3; visibilities are good to 1e-10 of flux.
            let tolerance = 1e-6 * expected.abs() + 2e-10 * truth.abs() / step;
            assert!(
                (gradient[k] - expected).abs() < tolerance,
                "{}: {} {expected}, {tolerance:e}",
                parameter.name(),
                gradient[k]
            );
        }
    }
}

/// The same maximum, with fewer evaluations: a quarter less or better for L-BFGS alone.
#[test]
fn derivatives_find_the_maximum_for_less() {
    for problem in problems() {
        for (search, most) in [(Search::Lbfgs, 0.75), (Search::NelderMeadThenLbfgs, 0.9)] {
            let options = MaximizeOptions {
                search,
                ..MaximizeOptions::default()
            };
            let found = problem.maximize(&options, &NoProgress).unwrap();
            let plain = Serial(|p: &[f64]| problem.log_likelihood(p));
            let other = maximize(problem.parameters(), &plain, &options, &NoProgress).unwrap();
            assert!(found.converged() && other.converged());
            // Each is within a thousandth of an error of the summit.
            assert!((found.log_likelihood - other.log_likelihood).abs() < 2e-6);
            let (less, more) = (found.evaluations as f64, other.evaluations as f64);
            assert!(less < most * more, "{search:?}: {less} of {more}");
        }
    }
}
