//! The sum with w as it is written, for tests and a handful of points.

use astro_core::Real;
use num_complex::Complex64;
use rayon::prelude::*;

use super::Depth;
use crate::ImageGrid;
use crate::image_rows::ImageRows;
use crate::kernel::cos_sin_of_turns;

/// `Σ_ij I_ij exp(2πi(u l_j + v m_i + w (n_ij − 1)))` at points `[u, v, w]`, already rotated.
pub(crate) fn sample_direct<T: Real>(
    image: &dyn ImageRows<T>,
    grid: &ImageGrid,
    depth: &Depth,
    points: &[[f64; 3]],
) -> Vec<Complex64> {
    // Rows are drawn once for a block of points, not once a point.
    const POINTS: usize = 32;
    let sample_few = |points: &[[f64; 3]]| {
        let mut sums = vec![Complex64::new(0.0, 0.0); points.len()];
        let mut row = vec![T::zero(); grid.columns];
        for i in image.row_range() {
            image.fill_row(i, &mut row);
            let m = grid.north_rad(i);
            let deep: Vec<f64> = (0..grid.columns).map(|j| depth.n_minus_one(i, j)).collect();
            for (sum, &[u, v, w]) in sums.iter_mut().zip(points) {
                let terms = row.iter().zip(&deep).enumerate().map(|(j, (pixel, n))| {
                    let (cos, sin) = cos_sin_of_turns(u * grid.east_rad(j) + v * m + w * n);
                    Complex64::new(cos, sin) * pixel.as_f64()
                });
                *sum += terms.sum::<Complex64>();
            }
        }
        sums
    };
    points
        .par_chunks(POINTS)
        .flat_map_iter(sample_few)
        .collect()
}

/// `Re Σ_k c_k exp(2πi(u_k l_j + v_k m_i + w_k (n_ij − 1)))` of every pixel.
pub(crate) fn adjoint_direct(
    grid: &ImageGrid,
    depth: &Depth,
    points: &[[f64; 3]],
    coefficients: &[Complex64],
) -> Vec<f64> {
    let pixel = |index: usize| {
        let (i, j) = (index / grid.columns, index % grid.columns);
        let (l, m, n) = (grid.east_rad(j), grid.north_rad(i), depth.n_minus_one(i, j));
        let terms = points.iter().zip(coefficients).map(|(&[u, v, w], c)| {
            let (cos, sin) = cos_sin_of_turns(u * l + v * m + w * n);
            c.re * cos - c.im * sin
        });
        terms.sum()
    };
    (0..grid.rows * grid.columns)
        .into_par_iter()
        .map(pixel)
        .collect()
}
