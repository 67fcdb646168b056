//! Dirty images and beams against sums written out here.

use std::f64::consts::TAU;

use astro_core::UvTable;
use astro_visibility::{
    Error, ImageGrid, ImageMethod, ImagingWeights, UvCoverage, VisibilityPlan, fit_beam,
};
use num_complex::Complex64;

use crate::scene;

fn plan(table: &UvTable, grid: ImageGrid) -> VisibilityPlan<f64> {
    VisibilityPlan::<f64>::builder(table, grid)
        .image_method(ImageMethod::Exact { rel_error: 1e-12 })
        .build()
        .unwrap()
}

/// Imaging weights by their definition, with the cells in a map.
fn weights(table: &UvTable, grid: &ImageGrid, robust: Option<f64>) -> Vec<f64> {
    let (du, dv) = grid.uv_cell();
    let cell = |k: usize, s: f64| {
        (
            (s * table.u[k] / du).round() as i64,
            (s * table.v[k] / dv).round() as i64,
        )
    };
    let mut sums = std::collections::BTreeMap::new();
    for k in 0..table.len() {
        for side in [1.0, -1.0] {
            *sums.entry(cell(k, side)).or_insert(0.0) += table.weight[k];
        }
    }
    let f2 = robust.map(|r| {
        let squares: f64 = sums.values().map(|w: &f64| w * w).sum();
        // Both halves of the plane in either sum.
        25.0 * 10f64.powf(-2.0 * r) / (squares / (2.0 * table.weight.iter().sum::<f64>()))
    });
    let weigh = |k: usize| {
        let total = sums[&cell(k, 1.0)];
        table.weight[k] / f2.map_or(total, |f2| 1.0 + total * f2)
    };
    (0..table.len()).map(weigh).collect()
}

#[test]
fn dirty_images_are_their_definition() {
    let grid = ImageGrid {
        rows: 20,
        columns: 27,
        ..ImageGrid::square(1, 1e-7)
    };
    let mut table = scene::table(&scene::coverage(&grid, 300, 0.9));
    table.weight[5] = 0.0;
    let plan = plan(&table, grid);
    for (imaging, weight) in [
        (ImagingWeights::Natural, table.weight.clone()),
        (ImagingWeights::Uniform, weights(&table, &grid, None)),
        (
            ImagingWeights::Briggs { robust: 0.5 },
            weights(&table, &grid, Some(0.5)),
        ),
        (
            ImagingWeights::Briggs { robust: -1.5 },
            weights(&table, &grid, Some(-1.5)),
        ),
    ] {
        let image = plan.dirty_image(imaging).unwrap();
        let beam = plan.dirty_beam(imaging).unwrap();
        let total: f64 = weight.iter().sum();
        for (i, j) in [(0, 0), (10, 13), (3, 20), (19, 26)] {
            let (l, m) = (grid.east_rad(j), grid.north_rad(i));
            let sum = |value: &dyn Fn(usize) -> Complex64| {
                (0..table.len())
                    .map(|k| {
                        let turn = Complex64::from_polar(
                            weight[k],
                            -TAU * (table.u[k] * l + table.v[k] * m),
                        );
                        (value(k) * turn).re
                    })
                    .sum::<f64>()
                    / total
            };
            assert!(
                (image[[i, j]] - sum(&|k| table.value[k])).abs() < 1e-11,
                "{imaging:?}"
            );
            assert!((beam[[i, j]] - sum(&|_| Complex64::new(1.0, 0.0))).abs() < 1e-11);
        }
        assert!((beam[[10, 13]] - 1.0).abs() < 1e-11);
        // Independent errors of variance 1/w in each part; one part of each visibility enters.
        let used = (0..table.len()).filter(|&k| table.weight[k] > 0.0);
        let variance: f64 = used.map(|k| weight[k].powi(2) / table.weight[k]).sum();
        let noise = plan.image_noise(imaging).unwrap();
        assert!((noise / (variance.sqrt() / total) - 1.0).abs() < 1e-12);
    }
}

/// The data's own model leaves nothing; half of it leaves half.
#[test]
fn residuals_are_data_minus_model() {
    let grid = ImageGrid::square(32, 1e-7);
    let table = scene::table(&scene::coverage(&grid, 100, 0.9));
    let plan = plan(&table, grid);
    let dirty = plan.dirty_image(ImagingWeights::Uniform).unwrap();
    let half: Vec<Complex64> = table.value.iter().map(|z| 0.5 * z).collect();
    let residual = plan.residual_image(&half, ImagingWeights::Uniform).unwrap();
    let difference = (&dirty * 0.5 - &residual)
        .iter()
        .fold(0.0f64, |m, x| m.max(x.abs()));
    assert!(difference < 1e-11);
    assert!(matches!(
        plan.residual_image(&half[1..], ImagingWeights::Natural),
        Err(Error::Length(_))
    ));
}

/// A Gaussian taper of the uv plane makes a Gaussian beam of known axes.
#[test]
fn the_fitted_beam_is_the_one_that_was_made() {
    let grid = ImageGrid::square(128, 2e-8);
    let (major, minor, angle) = (4.0e-7, 2.5e-7, 0.5f64);
    let n = 61;
    let step = 1.0 / (n as f64 * 2.0e-7) * 4.0;
    let mut coverage = UvCoverage::default();
    let mut weight = vec![];
    for a in 0..n {
        for b in 0..n {
            let (u, v) = ((a as f64 - 30.0) * step, (b as f64 - 30.0) * step);
            // Along the minor axis of the beam and along its major axis.
            let (x, y) = (
                u * angle.cos() - v * angle.sin(),
                u * angle.sin() + v * angle.cos(),
            );
            let exponent = (minor * x).powi(2) + (major * y).powi(2);
            // exp(−4 ln2 r²/F²) transforms to exp(−π² F² ρ² / (4 ln2)).
            let scale = std::f64::consts::PI.powi(2) / (4.0 * std::f64::consts::LN_2);
            coverage.u.push(u);
            coverage.v.push(v);
            weight.push((-scale * exponent).exp());
        }
    }
    let count = weight.len();
    let value = vec![Complex64::new(1.0, 0.0); count];
    let table = UvTable::new(coverage.u, coverage.v, value, weight).unwrap();
    let beam = plan(&table, grid)
        .dirty_beam(ImagingWeights::Natural)
        .unwrap();
    let fit = fit_beam(beam.view(), &grid).unwrap();
    // The taper is cut where it is 1e-6 and the image repeats far away: a Gaussian to 1e-4.
    assert!((fit.major_fwhm_rad / major - 1.0).abs() < 1e-3, "{fit:?}");
    assert!((fit.minor_fwhm_rad / minor - 1.0).abs() < 1e-3, "{fit:?}");
    assert!((fit.position_angle_rad - angle).abs() < 2e-3, "{fit:?}");
}

#[test]
fn what_cannot_be_imaged_is_said() {
    let grid = ImageGrid::square(32, 1e-7);
    let table = scene::table(&scene::coverage(&grid, 50, 0.9));
    let bad = plan(&table, grid).dirty_image(ImagingWeights::Briggs { robust: 3.0 });
    assert!(matches!(bad, Err(Error::Parameter { name: "robust", .. })));
    let galario = VisibilityPlan::<f64>::builder(&table, grid)
        .image_method(ImageMethod::Galario)
        .build()
        .unwrap();
    let error = galario.dirty_beam(ImagingWeights::Natural).unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }));
}
