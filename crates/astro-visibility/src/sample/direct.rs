//! The definition itself: a sum over every pixel for every point.
//!
//! $$ V_k = \sum_{ij} I_{ij}\, e^{2\pi i (u_k l_j + v_k m_i)} $$
//!
//! `O(pixels × points)`: the oracle for tests, and the right choice for a
//! handful of points. Phases are reduced in turns, so the error is that of
//! rounding: about `1e-15 · log₂(pixels)` of total flux.

use astro_core::Real;
use num_complex::Complex;
use rayon::prelude::*;

use crate::ImageGrid;
use crate::geometry::Rotation;
use crate::image_rows::ImageRows;
use crate::kernel::cos_sin_of_turns;

/// Sums the image at every `(u, v)` after rotation, in the order given.
pub(crate) fn sample_direct<T: Real>(
    image: &dyn ImageRows<T>,
    grid: &ImageGrid,
    rotation: Rotation,
    u: &[f64],
    v: &[f64],
) -> Vec<Complex<f64>> {
    // Rows are drawn once for a block of points, not once a point.
    const POINTS: usize = 32;
    u.par_chunks(POINTS)
        .zip(v.par_chunks(POINTS))
        .flat_map_iter(|(u, v)| sample_few(image, grid, rotation, u, v))
        .collect()
}

fn sample_few<T: Real>(
    image: &dyn ImageRows<T>,
    grid: &ImageGrid,
    rotation: Rotation,
    u: &[f64],
    v: &[f64],
) -> Vec<Complex<f64>> {
    let rotated: Vec<(f64, f64)> = u
        .iter()
        .zip(v)
        .map(|(&u, &v)| rotation.apply(u, v))
        .collect();
    let columns: Vec<Vec<Complex<f64>>> = rotated
        .iter()
        .map(|&(u, _)| {
            (0..grid.columns)
                .map(|j| unit(u * grid.east_rad(j)))
                .collect()
        })
        .collect();
    let mut sums = vec![Complex::new(0.0, 0.0); rotated.len()];
    let mut row = vec![T::zero(); grid.columns];
    for i in image.row_range() {
        image.fill_row(i, &mut row);
        for (k, sum) in sums.iter_mut().enumerate() {
            let row_sum: Complex<f64> = row
                .iter()
                .zip(&columns[k])
                .map(|(&pixel, &phase)| phase * pixel.as_f64())
                .sum();
            *sum += row_sum * unit(rotated[k].1 * grid.north_rad(i));
        }
    }
    sums
}

fn unit(turns: f64) -> Complex<f64> {
    let (cos, sin) = cos_sin_of_turns(turns);
    Complex::new(cos, sin)
}
