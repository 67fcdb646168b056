//! Every model recovers its own truth from simulated data, from no guess.

use astro_core::UvTable;
use astro_core::constants::ARCSEC_RAD;
use astro_visibility::{
    FitDataset, FitProblem, KnotInterpolation, Orientation, ProfileModel, RadialGrid, simulate,
};

use crate::fit::{maximum, pulls};

const COVERAGE_SEED: u64 = 50;
const NOISE_SEED: u64 = 51;

/// Inclination, position angle, offsets: deg, arcsec.
const GEOMETRY: [f64; 4] = [40.0, 65.0, -0.08, 0.05];

/// Visibilities of a profile given on a fine uniform grid: another way than the fit's own radii.
fn observe(brightness: impl Fn(f64) -> f64, outer_arcsec: f64, sigma_jy: f64) -> UvTable {
    let count = 20_000;
    let step = outer_arcsec / count as f64;
    let radii = RadialGrid::new(0.0, step * ARCSEC_RAD, count).unwrap();
    let profile: Vec<f64> = (0..count).map(|k| brightness(k as f64 * step)).collect();
    let orientation = Orientation {
        inclination_rad: GEOMETRY[0].to_radians(),
        position_angle_rad: GEOMETRY[1].to_radians(),
        ra_offset_rad: GEOMETRY[2] * ARCSEC_RAD,
        dec_offset_rad: GEOMETRY[3] * ARCSEC_RAD,
    };
    let mut table = simulate::random_baselines(4000, 2e4, 2e6, COVERAGE_SEED).unwrap();
    simulate::fill_with_profile(&mut table, &profile, radii, &orientation).unwrap();
    simulate::add_noise(&mut table, sigma_jy, NOISE_SEED).unwrap();
    table
}

fn recovers(model: ProfileModel, table: UvTable, truth: &[f64]) {
    let problem = FitProblem::builder(vec![FitDataset::new(table)], model)
        .build()
        .unwrap();
    let found = maximum(&problem);
    let mut all = truth.to_vec();
    all.extend(GEOMETRY);
    for (pull, name) in pulls(&problem, &found, &all)
        .iter()
        .zip(problem.parameters().free_names())
    {
        assert!(pull.abs() < 3.5, "{name}: {pull}, found {:?}", found.values);
    }
}

#[test]
fn power_law_with_cut_off() {
    let truth = [1e10, 0.4, 0.6, 2.0];
    let model = ProfileModel::PowerLaw {
        inner_radius: false,
    };
    let brightness = |r: f64| {
        let x = r.max(1e-5) / truth[1];
        truth[0] * x.powf(-truth[2]) * (-x * x).exp()
    };
    recovers(model, observe(brightness, 2.0, 1e-3), &truth);
}

#[test]
fn power_law_with_a_hole() {
    let truth = [1e10, 0.5, 0.5, 2.0, 0.2];
    let brightness = |r: f64| {
        let x = r / truth[1];
        if r < truth[4] {
            0.0
        } else {
            truth[0] * x.powf(-truth[2]) * (-x * x).exp()
        }
    };
    let model = ProfileModel::PowerLaw { inner_radius: true };
    recovers(model, observe(brightness, 2.0, 1e-3), &truth);
}

#[test]
fn rings() {
    let truth = [3e10, 0.25, 0.03, 1e10, 0.55, 0.08];
    let bump = |r: f64, p: &[f64]| p[0] * (-0.5 * ((r - p[1]) / p[2]).powi(2)).exp();
    let brightness = |r: f64| bump(r, &truth[..3]) + bump(r, &truth[3..]);
    recovers(
        ProfileModel::Rings { count: 2 },
        observe(brightness, 1.5, 1e-3),
        &truth,
    );
}

#[test]
fn two_gaussians() {
    let truth = [2e11, 0.05, 1e10, 0.4];
    let bump = |r: f64, p: &[f64]| p[0] * (-0.5 * (r / p[1]).powi(2)).exp();
    let brightness = |r: f64| bump(r, &truth[..2]) + bump(r, &truth[2..]);
    let model = ProfileModel::MultiGaussian { count: 2 };
    recovers(model, observe(brightness, 3.0, 1e-3), &truth);
}

#[test]
fn tabulated_and_knots() {
    let radii_arcsec = vec![0.0, 0.1, 0.2, 0.35, 0.6];
    let values = vec![3e10, 2e10, 1.2e10, 1.5e10, 1e9];
    let knots = ProfileModel::Knots {
        radii_arcsec: radii_arcsec.clone(),
        interpolation: KnotInterpolation::Linear,
    };
    let log_linear = |r: f64| {
        let above = radii_arcsec.partition_point(|&x| x <= r);
        if above == radii_arcsec.len() {
            return 0.0;
        }
        let (a, b) = (radii_arcsec[above - 1], radii_arcsec[above]);
        let t = (r - a) / (b - a);
        f64::exp((1.0 - t) * f64::ln(values[above - 1]) + t * f64::ln(values[above]))
    };
    recovers(knots, observe(log_linear, 0.7, 1e-3), &values);

    let tabulated = ProfileModel::Tabulated {
        radii_arcsec: radii_arcsec.clone(),
        brightness_jy_per_sr: values.clone(),
    };
    let linear = |r: f64| {
        let above = radii_arcsec.partition_point(|&x| x <= r);
        if above == radii_arcsec.len() {
            return 0.0;
        }
        let (a, b) = (radii_arcsec[above - 1], radii_arcsec[above]);
        let t = (r - a) / (b - a);
        1.7 * ((1.0 - t) * values[above - 1] + t * values[above])
    };
    recovers(tabulated, observe(linear, 0.7, 1e-3), &[1.7]);
}
