//! Images, profiles and uv points with a fixed seed, shared by the tests.

use astro_core::UvTable;
use astro_visibility::{ImageGrid, RadialGrid, UvCoverage};
use ndarray::Array2;
use num_complex::Complex64;
use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

const SEED: u64 = 20_260_921;

pub(crate) fn generator() -> impl Rng {
    Xoshiro256PlusPlus::seed_from_u64(SEED)
}

/// Points to `reach` of the Nyquist limit of the grid, the first few on axes and edges.
pub(crate) fn coverage(grid: &ImageGrid, count: usize, reach: f64) -> UvCoverage {
    let mut random = generator();
    let (u_limit, v_limit) = grid.nyquist();
    let mut draw = |limit: f64| limit * reach * random.random_range(-1.0..1.0);
    let (mut u, mut v): (Vec<f64>, Vec<f64>) =
        (0..count).map(|_| (draw(u_limit), draw(v_limit))).unzip();
    let (u_cell, v_cell) = grid.uv_cell();
    let edges = [
        (0.0, 0.0),
        (-0.0, v_cell),
        (3.0 * u_cell, -2.0 * v_cell),
        (-1e-9 * u_cell, 1.5 * v_cell),
        (u_limit * reach, 0.0),
        (0.0, -v_limit * reach),
    ];
    for (k, (a, b)) in edges.into_iter().enumerate() {
        (u[k], v[k]) = (a, b);
    }
    UvCoverage::new(u, v).unwrap()
}

/// Pixels of both signs without any symmetry.
pub(crate) fn image(grid: &ImageGrid) -> Array2<f64> {
    let mut random = generator();
    Array2::from_shape_fn((grid.rows, grid.columns), |_| {
        random.random_range(-0.2..1.0)
    })
}

/// Data that no model fits, weights between 0.5 and 1.5.
pub(crate) fn table(coverage: &UvCoverage) -> UvTable {
    let mut random = generator();
    let n = coverage.len();
    let value = (0..n).map(|_| {
        Complex64::new(
            random.random_range(-1.0..1.0),
            random.random_range(-1.0..1.0),
        )
    });
    let value = value.collect();
    let weight = (0..n).map(|_| random.random_range(0.5..1.5)).collect();
    UvTable::new(coverage.u.clone(), coverage.v.clone(), value, weight).unwrap()
}

/// A disc with a ring that fits in half of the field, on a fine radial grid.
pub(crate) fn ring_profile(grid: &ImageGrid) -> (RadialGrid, Vec<f64>) {
    let field = grid.rows as f64 * grid.pixel_height_rad;
    let radii = RadialGrid::new(field * 1e-5, field / 4000.0, 1700).unwrap();
    let width = field / 30.0;
    let profile = radii
        .radii_rad()
        .iter()
        .map(|r| {
            let ring = (r - 3.0 * width) / (0.7 * width);
            1e13 * ((-0.5 * (r / width).powi(2)).exp() + 0.4 * (-0.5 * ring * ring).exp())
        })
        .collect();
    (radii, profile)
}

/// Largest difference relative to `flux`.
pub(crate) fn distance(a: &[Complex64], b: &[Complex64], flux: f64) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).norm())
        .fold(0.0, f64::max)
        / flux
}
