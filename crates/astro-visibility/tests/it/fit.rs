//! Fits of simulated data with known truth, and their likelihood against closed forms.

use astro_core::constants::ARCSEC_RAD;
use astro_core::{NoProgress, UvTable};
use astro_infer::{MaximizeOptions, Maximum, Prior};
use astro_visibility::{
    AnalyticSource, BrightnessUnit, Coupling, Error, FitDataset, FitProblem, PrimaryBeam,
    ProfileMethod, ProfileModel, ReportOptions, SourceShape, UvBinning, simulate,
};
use std::f64::consts::TAU;

const COVERAGE_SEED: u64 = 11;
const NOISE_SEED: u64 = 12;

/// A Gaussian disc: f0 [Jy/sr], sigma [arcsec], inclination, position angle [deg], offsets [arcsec].
pub(crate) const TRUTH: [f64; 6] = [2e10, 0.25, 50.0, 120.0, 0.13, -0.31];

/// The same as a source with a closed form.
pub(crate) fn gaussian_source(truth: &[f64; 6]) -> AnalyticSource {
    let sigma_rad = truth[1] * ARCSEC_RAD;
    let ratio = truth[2].to_radians().cos();
    let flux = truth[0] * TAU * sigma_rad * sigma_rad * ratio;
    AnalyticSource::new(SourceShape::Gaussian { sigma_rad }, flux)
        .elliptical(ratio, truth[3].to_radians())
        .at(truth[4] * ARCSEC_RAD, truth[5] * ARCSEC_RAD)
}

pub(crate) fn gaussian_table(count: usize, sigma_jy: f64, seed: u64) -> UvTable {
    let mut table = simulate::random_baselines(count, 1.5e4, 9e5, COVERAGE_SEED + seed).unwrap();
    simulate::fill_with_sources(&mut table, &[gaussian_source(&TRUTH)]).unwrap();
    simulate::add_noise(&mut table, sigma_jy, NOISE_SEED + seed).unwrap();
    table
}

pub(crate) fn gaussian_problem(table: UvTable) -> FitProblem {
    FitProblem::builder(vec![FitDataset::new(table)], ProfileModel::Gaussian)
        .build()
        .unwrap()
}

pub(crate) fn maximum(problem: &FitProblem) -> Maximum {
    let found = problem
        .maximize(&MaximizeOptions::default(), &NoProgress)
        .unwrap();
    assert!(found.converged(), "{:?}", found.status);
    found
}

/// (found − truth)/σ of each free parameter, in coordinates.
pub(crate) fn pulls(problem: &FitProblem, found: &Maximum, truth: &[f64]) -> Vec<f64> {
    let truth = problem.parameters().coordinates(truth).unwrap();
    let errors = found.standard_errors().unwrap();
    (found.coordinates.iter().zip(truth).zip(errors))
        .map(|((found, truth), error)| (found - truth) / error)
        .collect()
}

/// χ² of `truth` from the closed form alone.
fn analytic_chi2(table: &UvTable, truth: &[f64; 6]) -> f64 {
    let source = gaussian_source(truth);
    (0..table.len())
        .map(|k| {
            let model = source.visibility(table.u[k], table.v[k]);
            table.weight[k] * (table.value[k] - model).norm_sqr()
        })
        .sum()
}

#[test]
fn a_gaussian_disc_is_recovered_without_a_guess() {
    let problem = gaussian_problem(gaussian_table(3000, 5e-3, 0));
    let found = maximum(&problem);
    for (pull, name) in pulls(&problem, &found, &TRUTH)
        .iter()
        .zip(problem.parameters().free_names())
    {
        // Six normal numbers of a fixed seed: one beyond 3.5 has a probability of 3e-3.
        assert!(pull.abs() < 3.5, "{name}: {pull}");
    }
    let chi2 = problem.chi2(&found.values).unwrap()[0];
    let dof = problem.degrees_of_freedom() as f64;
    assert_eq!(dof, 2.0 * 3000.0 - 6.0);
    assert!((chi2 - dof).abs() < 5.0 * (2.0 * dof).sqrt());
}

#[test]
fn chi2_is_that_of_the_closed_form() {
    let table = gaussian_table(500, 5e-3, 1);
    let problem = gaussian_problem(table.clone());
    for (change, value) in [
        (0, 2.3e10),
        (1, 0.12),
        (2, 5.0),
        (2, 85.0),
        (3, 10.0),
        (5, 0.4),
    ] {
        let mut values = TRUTH;
        values[change] = value;
        let found = problem.chi2(&values).unwrap()[0];
        let expected = analytic_chi2(&table, &values);
        // Samples of the profile are good to 3e-6 of the flux; χ² changes by twice that, times
        // the signal to noise of all points together, which is some hundreds at most.
        let error = (found - expected).abs();
        assert!(
            error < 1e-4 * expected.max(1000.0),
            "{values:?} {found} {expected}"
        );
        let likelihood = problem.log_likelihood(&values).unwrap();
        assert!((likelihood + 0.5 * found).abs() < 1e-9 * found);
    }
}

#[test]
fn errors_and_posterior_scale_with_the_noise() {
    let quiet = maximum(&gaussian_problem(gaussian_table(1000, 2e-3, 2)));
    let loud = maximum(&gaussian_problem(gaussian_table(1000, 4e-3, 2)));
    let (quiet, loud) = (
        quiet.standard_errors().unwrap(),
        loud.standard_errors().unwrap(),
    );
    for (a, b) in quiet.iter().zip(&loud) {
        assert!((b / a - 2.0).abs() < 0.1, "{a} {b}");
    }
}

#[test]
fn fixed_parameters_stay_and_names_are_checked() {
    let table = gaussian_table(1000, 5e-3, 3);
    let builder =
        || FitProblem::builder(vec![FitDataset::new(table.clone())], ProfileModel::Gaussian);
    let problem = builder()
        .fix("inclination", 50.0)
        .fix("position_angle", 120.0)
        .fix("ra_offset", 0.13)
        .fix("dec_offset", -0.31)
        .build()
        .unwrap();
    assert_eq!(problem.parameters().free_names(), ["f0", "sigma"]);
    let found = maximum(&problem);
    assert_eq!(found.values[2..], [50.0, 120.0, 0.13, -0.31]);
    for pull in pulls(&problem, &found, &TRUTH) {
        assert!(pull.abs() < 3.5, "{pull}");
    }
    let prior = Prior::uniform(0.24, 0.26).unwrap();
    let narrowed = builder()
        .prior("sigma", prior)
        .start("sigma", 0.245)
        .build()
        .unwrap();
    let start = narrowed.start_values().unwrap();
    assert_eq!(start[1], 0.245);
    match builder().fix("incl", 1.0).build() {
        Err(Error::UnknownParameter { found, known }) => {
            assert_eq!(found, "incl");
            assert!(known.contains("inclination"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn cuts_leave_out_rows_and_say_when_nothing_is_left() {
    let mut table = gaussian_table(1000, 5e-3, 4);
    table.weight[7] = 0.0;
    let length = |k: usize| table.u[k].hypot(table.v[k]);
    let inside = (0..table.len())
        .filter(|&k| k != 7 && (5e4..=4e5).contains(&length(k)))
        .collect::<Vec<_>>();
    let builder = |from: f64, to: f64| {
        FitProblem::builder(vec![FitDataset::new(table.clone())], ProfileModel::Gaussian)
            .uv_range(from, to)
            .build()
    };
    let problem = builder(5e4, 4e5).unwrap();
    assert_eq!(problem.fitted_rows(0).unwrap(), inside);
    let found = maximum(&problem);
    // Residuals are given for every row, the cut and flagged ones too.
    let residual = problem.residual_table(&found.values, 0).unwrap();
    let model = problem.model_visibilities(&found.values, 0).unwrap();
    assert_eq!(residual.len(), table.len());
    for (&row, model) in inside.iter().zip(&model) {
        let difference = table.value[row] - model - residual.value[row];
        assert!(difference.norm() < 1e-10);
    }
    assert!(matches!(
        builder(1e7, 2e7),
        Err(Error::NothingInUvRange { .. })
    ));
}

#[test]
fn a_weight_scale_is_recovered_and_wrong_weights_are_reported() {
    let mut table = gaussian_table(2000, 5e-3, 5);
    // The weights claim three times less noise in variance than there is.
    table.weight.iter_mut().for_each(|weight| *weight *= 3.0);
    let plain = gaussian_problem(table.clone());
    let found = maximum(&plain);
    let check = plain.weight_checks(&found.values).unwrap()[0];
    assert!(!check.consistent && check.deviation > 50.0);
    assert!((check.suggested_factor - 1.0 / 3.0).abs() < 0.02);

    let scaled = FitProblem::builder(vec![FitDataset::new(table.clone())], ProfileModel::Gaussian)
        .fit_weight_scale(true)
        .build()
        .unwrap();
    let with_scale = maximum(&scaled);
    let best = scaled.named_values(&with_scale.values).unwrap();
    // −χ² s/2 + n ln s is largest at s = 2n/χ².
    let chi2 = scaled.chi2(&with_scale.values).unwrap()[0];
    assert!((best["weight_scale"] * chi2 / 4000.0 - 1.0).abs() < 1e-4);
    // The same place, with errors √(1/s) times as large.
    let (a, b) = (
        found.standard_errors().unwrap(),
        with_scale.standard_errors().unwrap(),
    );
    for k in 0..6 {
        assert!((b[k] / a[k] * best["weight_scale"].sqrt() - 1.0).abs() < 0.01);
        assert!((found.coordinates[k] - with_scale.coordinates[k]).abs() < 0.01 * a[k]);
    }
    // Its own error, 1/√n in ln s of 2n real numbers.
    assert!((b[6] * std::f64::consts::LN_10 * 2000_f64.sqrt() - 1.0).abs() < 0.05);

    let corrected = FitDataset::new(table).weight_factor(check.suggested_factor);
    let again = FitProblem::builder(vec![corrected], ProfileModel::Gaussian)
        .build()
        .unwrap();
    let found = maximum(&again);
    assert!(
        again.weight_checks(&found.values).unwrap()[0]
            .deviation
            .abs()
            < 0.1
    );
}

#[test]
fn two_tables_share_a_geometry() {
    let first = gaussian_table(1500, 5e-3, 6);
    let mut second = simulate::random_baselines(1500, 2e4, 1.4e6, 30).unwrap();
    let mut brighter = gaussian_source(&TRUTH);
    brighter.flux_jy *= 2.5;
    simulate::fill_with_sources(&mut second, &[brighter]).unwrap();
    simulate::add_noise(&mut second, 8e-3, 31).unwrap();
    let datasets = || {
        vec![
            FitDataset::new(first.clone())
                .wavelength_m(1.3e-3)
                .label("band6"),
            FitDataset::new(second.clone())
                .wavelength_m(0.87e-3)
                .label("band7"),
        ]
    };
    let build = |coupling| {
        FitProblem::builder(datasets(), ProfileModel::Gaussian)
            .coupling(coupling)
            .build()
            .unwrap()
    };
    let index = 2.5_f64.ln() / (1.3_f64 / 0.87).ln();
    let truth_of = |coupling| {
        let mut truth = TRUTH[..2].to_vec();
        match coupling {
            Coupling::FluxRatio => truth.push(2.5),
            Coupling::SpectralIndex => truth.push(index),
            Coupling::Independent => truth.extend([2.5 * TRUTH[0], TRUTH[1]]),
            Coupling::Shared => {}
        }
        truth.extend(&TRUTH[2..]);
        truth
    };
    let mut likelihoods = Vec::new();
    for coupling in [
        Coupling::FluxRatio,
        Coupling::SpectralIndex,
        Coupling::Independent,
    ] {
        let problem = build(coupling);
        let found = maximum(&problem);
        for (pull, name) in pulls(&problem, &found, &truth_of(coupling))
            .iter()
            .zip(problem.parameters().free_names())
        {
            assert!(pull.abs() < 3.5, "{coupling:?} {name}: {pull}");
        }
        // Better known together than from either alone.
        let alone = maximum(&gaussian_problem(first.clone()))
            .standard_errors()
            .unwrap();
        let together = found.standard_errors().unwrap();
        assert!(together[together.len() - 1] < 0.8 * alone[5]);
        likelihoods.push(found.log_likelihood);
    }
    // A ratio and an index say the same of two datasets.
    assert!((likelihoods[0] - likelihoods[1]).abs() < 1e-3);
    assert!(likelihoods[2] >= likelihoods[0] - 1e-3);

    let names = build(Coupling::Independent).parameters().free_names();
    assert_eq!(
        names[..4],
        ["f0_band6", "sigma_band6", "f0_band7", "sigma_band7"]
    );
    let shared = build(Coupling::Shared);
    assert!(maximum(&shared).log_likelihood < likelihoods[0] - 100.0);
    let chi2 = shared.chi2(&TRUTH).unwrap();
    assert!((chi2[0] / analytic_chi2(&first, &TRUTH) - 1.0).abs() < 1e-4);
    assert!((chi2[1] / analytic_chi2(&second, &TRUTH) - 1.0).abs() < 1e-4);
}

#[test]
fn coupling_needs_frequencies_and_labels_of_their_own() {
    let table = gaussian_table(100, 5e-3, 8);
    let one = || FitDataset::new(table.clone());
    let build = |a: FitDataset, b: FitDataset| {
        FitProblem::builder(vec![a, b], ProfileModel::Gaussian)
            .coupling(Coupling::SpectralIndex)
            .build()
    };
    assert!(matches!(
        build(one(), one()),
        Err(Error::Unsupported { .. })
    ));
    let same = || one().wavelength_m(1e-3);
    assert!(matches!(
        build(same(), same()),
        Err(Error::Unsupported { .. })
    ));
    let labelled = |wavelength| one().wavelength_m(wavelength).label("x");
    let duplicate = build(labelled(1e-3), labelled(2e-3));
    assert!(matches!(duplicate, Err(Error::DuplicateLabel { .. })));
    let none = FitProblem::builder(Vec::new(), ProfileModel::Gaussian).build();
    assert!(matches!(none, Err(Error::NoDataset { .. })));
}

#[test]
fn a_report_holds_what_follows_from_the_maximum() {
    let table = gaussian_table(2000, 2e-3, 9);
    let dataset = FitDataset::new(table).wavelength_m(1.3e-3);
    let problem = FitProblem::builder(vec![dataset], ProfileModel::Gaussian)
        .build()
        .unwrap();
    let found = maximum(&problem);
    let beam_sr = 2e-12;
    let options = ReportOptions {
        beam_sr: Some(beam_sr),
        ..ReportOptions::default()
    };
    let report = problem.report(&found, None, &options).unwrap();
    let derived = |name: &str, unit: &str| {
        let found = report.datasets[0].derived.iter();
        let mut matching = found.filter(|d| d.name == name && d.unit == unit);
        matching.next().unwrap().maximum
    };
    let (f0, sigma) = (found.values[0], found.values[1]);
    let cos = found.values[2].to_radians().cos();
    let flux = f0 * TAU * (sigma * ARCSEC_RAD).powi(2) * cos;
    assert!((derived("flux", "Jy") / flux - 1.0).abs() < 1e-5);
    // Of a Gaussian, 1 − exp(−r²/2σ²) lies inside r.
    for (name, fraction) in [("radius_68", 0.68_f64), ("radius_90", 0.9)] {
        let expected = sigma * (-2.0 * (1.0 - fraction).ln()).sqrt();
        assert!((derived(name, "arcsec") / expected - 1.0).abs() < 1e-3);
    }
    let peak = derived("peak_brightness", "Jy/sr");
    assert!((peak / f0 - 1.0).abs() < 1e-9);
    assert!((derived("peak_brightness", "Jy/beam") / (peak * beam_sr) - 1.0).abs() < 1e-14);
    let unit = BrightnessUnit::KelvinRayleighJeans {
        frequency_hz: 299_792_458.0 / 1.3e-3,
    };
    let kelvin = derived("peak_brightness_temperature_rayleigh_jeans", "K");
    assert!((kelvin / unit.from_jy_per_sr(peak).unwrap() - 1.0).abs() < 1e-14);
    assert_eq!(report.parameters[0].label, "log10 f0 [Jy/sr]");
    assert!((report.parameters[0].maximum - f0.log10()).abs() < 1e-14);
    assert!(report.datasets[0].weights.consistent);
}

#[test]
fn the_model_curve_runs_through_the_binned_data() {
    let problem = gaussian_problem(gaussian_table(4000, 2e-3, 10));
    let found = maximum(&problem);
    let plot = problem
        .uv_plot(&found.values, 0, &UvBinning::Logarithmic(20))
        .unwrap();
    assert_eq!(plot.curve_rho.len(), plot.curve_real.len());
    let flux = problem.flux_jy(&found.values, 0).unwrap();
    assert!((plot.curve_real[0] / flux - 1.0).abs() < 1e-9);
    let mut chi2 = 0.0;
    for (data, residual) in plot.data.iter().zip(&plot.residuals) {
        assert_eq!((data.rho, data.count), (residual.rho, residual.count));
        chi2 += (residual.real / residual.error).powi(2);
        chi2 += (residual.imaginary / residual.error).powi(2);
        // The curve at the mean distance differs from the mean of the curve by its bend alone.
        let at = problem.curve(&found.values, 0, &[data.rho]).unwrap()[0];
        assert!((data.real - residual.real - at).abs() < 0.02 * flux);
    }
    let degrees = 2.0 * plot.data.len() as f64;
    assert!(
        (chi2 - degrees).abs() < 5.0 * (2.0 * degrees).sqrt(),
        "{chi2} {degrees}"
    );
}

/// A Gaussian under a Gaussian beam is a Gaussian: its visibilities have a closed form.
#[test]
fn a_disc_under_a_primary_beam_is_drawn_and_seen_through_it() {
    let [f0, sigma, east]: [f64; 3] = [2e10, 0.25, 1.3];
    let fwhm: f64 = 4.0;
    let spread = fwhm / (8.0 * std::f64::consts::LN_2).sqrt();
    let narrow = (sigma.powi(-2) + spread.powi(-2)).powf(-0.5);
    let dimmed = (-0.5 * east * east / (sigma * sigma + spread * spread)).exp();
    let shape = SourceShape::Gaussian {
        sigma_rad: narrow * ARCSEC_RAD,
    };
    let flux = TAU * (narrow * ARCSEC_RAD).powi(2) * f0 * dimmed;
    let seen =
        AnalyticSource::new(shape, flux).at(east * (narrow / sigma).powi(2) * ARCSEC_RAD, 0.0);
    let mut table = simulate::random_baselines(400, 1.5e4, 9e5, COVERAGE_SEED).unwrap();
    simulate::fill_with_sources(&mut table, &[seen]).unwrap();

    // The beam is given at twice the frequency of the data, where it is half as wide.
    let beam = PrimaryBeam::gaussian(0.5 * fwhm * ARCSEC_RAD).unwrap();
    let dataset = FitDataset::new(table.clone()).wavelength_m(2e-3);
    let at_hz = 2.0 * dataset.frequency_hz().unwrap();
    let problem = FitProblem::builder(vec![dataset], ProfileModel::Gaussian)
        .primary_beam(beam, Some(at_hz))
        .build()
        .unwrap();
    assert!(matches!(
        problem.profile_method(0).unwrap(),
        ProfileMethod::Image(_)
    ));
    assert!(problem.image_grid(0).unwrap().is_some());
    let truth = [f0, sigma, 0.0, 0.0, east, 0.0];
    let total: f64 = table.weight.iter().sum();
    let error = |problem: &FitProblem| (problem.chi2(&truth).unwrap()[0] / total).sqrt() / flux;
    // Pixels of a fifth of a fringe sum a Gaussian of one fringe exactly; radii err by 1/(8 · 32²).
    assert!(error(&problem) < 1e-4, "{}", error(&problem));
    let model = problem.model_table(&truth, 0).unwrap();
    let found = problem.model_visibilities(&truth, 0).unwrap();
    for (a, b) in model.value.iter().zip(&found) {
        assert!((a - b).norm() < 1e-6 * flux);
    }
    let blind = gaussian_problem(table);
    assert!(error(&blind) > 0.1);
    assert!(matches!(
        blind.profile_method(0).unwrap(),
        ProfileMethod::Hankel { .. }
    ));
}
