//! Radial grids, and the image that a radial brightness profile makes.
//!
//! A profile is given at `R_k = R_min + k·ΔR` and is linear in between. The
//! image is point-sampled at pixel centres with the East axis shortened by
//! `|cos i|`; its position angle and offset stay with the uv points. This is the
//! image that GALARIO's `sweep` makes, for any grid.

use astro_core::{Real, check_finite, check_lengths};
use ndarray::{Array2, ArrayView2};

use crate::{Error, ImageGrid, Result};

/// Radii `R_min + k·ΔR`, `k = 0 … count − 1`.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RadialGrid {
    /// `R_min`, radians, `≥ 0`.
    pub first_rad: f64,
    /// `ΔR`, radians, `> 0`.
    pub step_rad: f64,
    /// Number of radii, `≥ 2`.
    pub count: usize,
}

impl RadialGrid {
    /// A checked grid.
    ///
    /// # Errors
    /// A negative start, a step that is not positive, or fewer than two radii.
    pub fn new(first_rad: f64, step_rad: f64, count: usize) -> Result<Self> {
        let radii = Self {
            first_rad,
            step_rad,
            count,
        };
        radii.check()?;
        Ok(radii)
    }

    /// `R_k`, radians.
    pub fn radius_rad(&self, k: usize) -> f64 {
        self.first_rad + k as f64 * self.step_rad
    }

    /// The last radius, radians.
    pub fn last_rad(&self) -> f64 {
        self.radius_rad(self.count - 1)
    }

    /// All radii, radians.
    ///
    /// ```
    /// let radii = astro_visibility::RadialGrid::new(1e-9, 2e-9, 3)?;
    /// assert_eq!(radii.radii_rad().len(), 3);
    /// # Ok::<(), astro_visibility::Error>(())
    /// ```
    pub fn radii_rad(&self) -> Vec<f64> {
        (0..self.count).map(|k| self.radius_rad(k)).collect()
    }

    pub(crate) fn check(&self) -> Result<()> {
        let Self {
            first_rad,
            step_rad,
            count,
        } = *self;
        let good =
            first_rad.is_finite() && first_rad >= 0.0 && step_rad.is_finite() && step_rad > 0.0;
        if !good || count < 2 {
            return Err(Error::RadialGrid {
                first_rad,
                step_rad,
                count,
            });
        }
        Ok(())
    }

    pub(crate) fn check_profile<T: Real>(&self, profile: &[T]) -> Result<()> {
        check_lengths("profile", profile.len(), "radial grid", self.count)?;
        check_finite("profile", profile.iter().map(|x| x.as_f64()))?;
        Ok(())
    }
}

/// Makes the image of a radial profile, in Jy/pixel from Jy/sr: GALARIO's `sweep`.
///
/// Pixel `[i, j]` at offsets `(x, y)` gets `dx·dy·I(r)` with
/// `r = √((x / cos i)² + y²)`, `I` linear between the radii, constant inside
/// the first and zero from the last outwards. The central pixel, which a
/// point sample would misjudge for a steep profile, gets the mean of `I` over
/// the annulus `R_min < r < √(dx·dy)/2`.
///
/// Flux is that of the inclined disc: it scales with `cos i`.
///
/// # Errors
/// Grids that make no sense, a profile of another length than `radii`, or one
/// with a NaN or infinity (named by index).
///
/// ```
/// use astro_visibility::{ImageGrid, RadialGrid, sweep};
/// let radii = RadialGrid::new(0.0, 1e-8, 100)?;
/// let image = sweep(&[1e12_f64; 100], &radii, &ImageGrid::square(64, 1e-7), 0.0)?;
/// assert!((image[[32, 32]] - 1e-2).abs() < 1e-15); // 1e12 Jy/sr on 1e-14 sr
/// # Ok::<(), astro_visibility::Error>(())
/// ```
pub fn sweep<T: Real>(
    profile: &[T],
    radii: &RadialGrid,
    grid: &ImageGrid,
    inclination_rad: f64,
) -> Result<Array2<T>> {
    grid.check()?;
    radii.check()?;
    radii.check_profile(profile)?;
    check_finite("inclination_rad", [inclination_rad])?;
    let swept = SweptProfile::new(profile, radii, grid, inclination_rad);
    let mut image = Array2::from_elem((grid.rows, grid.columns), T::zero());
    for (i, mut row) in image.rows_mut().into_iter().enumerate() {
        if let Some(row) = row.as_slice_mut() {
            swept.fill_row(i, row);
        }
    }
    Ok(image)
}

/// A profile ready to be drawn row by row, so that no image need be stored.
#[derive(Debug)]
pub(crate) struct SweptProfile<'a, T> {
    profile: &'a [T],
    radii: RadialGrid,
    grid: ImageGrid,
    /// `(x / cos i)²` of each column.
    x_squared: Vec<f64>,
    central: f64,
}

impl<'a, T: Real> SweptProfile<'a, T> {
    pub(crate) fn new(
        profile: &'a [T],
        radii: &RadialGrid,
        grid: &ImageGrid,
        inclination_rad: f64,
    ) -> Self {
        let cos = inclination_rad.cos();
        let x_squared = (0..grid.columns)
            .map(|j| (grid.east_rad(j) / cos).powi(2))
            // 0/0 on the axis of an edge-on disc.
            .map(|x2| if x2.is_nan() { 0.0 } else { x2 })
            .collect();
        let central = grid.pixel_area_sr() * central_mean(profile, radii, grid);
        Self {
            profile,
            radii: *radii,
            grid: *grid,
            x_squared,
            central,
        }
    }

    /// Rows that are not all zero.
    pub(crate) fn row_range(&self) -> std::ops::Range<usize> {
        let center = self.grid.rows / 2;
        let reach = (self.radii.last_rad() / self.grid.pixel_height_rad).ceil();
        let reach = if reach < self.grid.rows as f64 {
            reach as usize
        } else {
            self.grid.rows
        };
        center.saturating_sub(reach)..(center + reach + 1).min(self.grid.rows)
    }

    /// Writes row `i` of the image, Jy/pixel.
    pub(crate) fn fill_row(&self, i: usize, row: &mut [T]) {
        let y2 = self.grid.north_rad(i).powi(2);
        let area = self.grid.pixel_area_sr();
        let inverse_step = 1.0 / self.radii.step_rad;
        let last = self.profile.len() - 1;
        for (pixel, &x2) in row.iter_mut().zip(&self.x_squared) {
            let position = (((x2 + y2).sqrt() - self.radii.first_rad) * inverse_step).max(0.0);
            let k = position as usize;
            *pixel = if k < last {
                let (inner, outer) = (self.profile[k].as_f64(), self.profile[k + 1].as_f64());
                T::from_f64_rounded(area * (inner + (position - k as f64) * (outer - inner)))
            } else {
                T::zero()
            };
        }
        if i == self.grid.rows / 2 {
            row[self.grid.columns / 2] = T::from_f64_rounded(self.central);
        }
    }
}

impl<T: Real> SweptProfile<'_, T> {
    /// The transpose of drawing: `out_k = Σ_ij (∂image_ij/∂I_k) adjoint_ij`.
    pub(crate) fn transpose(&self, adjoint: ArrayView2<'_, T>) -> Vec<T> {
        let mut out = vec![0.0; self.profile.len()];
        let area = self.grid.pixel_area_sr();
        let center = (self.grid.rows / 2, self.grid.columns / 2);
        for ((i, j), g) in adjoint.indexed_iter() {
            let g = area * g.as_f64();
            if (i, j) == center {
                for (k, weight) in central_weights(&self.radii, &self.grid) {
                    out[k] += weight * g;
                }
            } else if let Some((k, t)) = self.locate(i, j) {
                out[k] += (1.0 - t) * g;
                out[k + 1] += t * g;
            }
        }
        out.into_iter().map(T::from_f64_rounded).collect()
    }

    /// The interval of a pixel and its place in it; nothing outside the profile.
    fn locate(&self, i: usize, j: usize) -> Option<(usize, f64)> {
        let radius = (self.x_squared[j] + self.grid.north_rad(i).powi(2)).sqrt();
        let position = ((radius - self.radii.first_rad) / self.radii.step_rad).max(0.0);
        let k = position as usize;
        (k + 1 < self.profile.len()).then_some((k, position - k as f64))
    }
}

/// The derivative of a swept image with respect to the inclination, as rows.
#[derive(Debug)]
pub(crate) struct SweptSlope<'a, T> {
    swept: &'a SweptProfile<'a, T>,
    /// `d ln(x / cos i)/di = tan i`.
    tangent: f64,
}

impl<'a, T: Real> SweptSlope<'a, T> {
    pub(crate) fn new(swept: &'a SweptProfile<'a, T>, inclination_rad: f64) -> Self {
        Self {
            swept,
            tangent: inclination_rad.tan(),
        }
    }

    /// `dx dy · I′(r) · (x / cos i)² tan i / r`; the central pixel does not depend on `i`.
    pub(crate) fn fill_row(&self, i: usize, row: &mut [T]) {
        let SweptProfile {
            profile,
            radii,
            grid,
            x_squared,
            ..
        } = self.swept;
        let y2 = grid.north_rad(i).powi(2);
        for (j, pixel) in row.iter_mut().enumerate() {
            *pixel = T::zero();
            let radius = (x_squared[j] + y2).sqrt();
            // Constant inside the first radius.
            if radius <= radii.first_rad || radius == 0.0 {
                continue;
            }
            if let Some((k, _)) = self.swept.locate(i, j) {
                let slope = (profile[k + 1].as_f64() - profile[k].as_f64()) / radii.step_rad;
                let turn = x_squared[j] * self.tangent / radius;
                *pixel = T::from_f64_rounded(grid.pixel_area_sr() * slope * turn);
            }
        }
        if i == grid.rows / 2 {
            row[grid.columns / 2] = T::zero();
        }
    }

    pub(crate) fn row_range(&self) -> std::ops::Range<usize> {
        self.swept.row_range()
    }
}

/// Weight of each profile point in the mean over the central pixel; see [`sweep`].
///
/// The mean of `2 r I(r)` over `R_min < r < h` by the trapezoidal rule on the
/// radial grid, with the last, partial interval ending at `h`.
pub(crate) fn central_weights(radii: &RadialGrid, grid: &ImageGrid) -> Vec<(usize, f64)> {
    let half = 0.5 * grid.pixel_area_sr().sqrt();
    let first = radii.first_rad;
    if half <= first {
        return vec![(0, 1.0)];
    }
    let step = radii.step_rad;
    // Points inside the pixel; beyond the last one the brightness is zero.
    let whole = (((half - first) / step).floor() as usize).min(radii.count - 1);
    let mut weights: Vec<(usize, f64)> = Vec::with_capacity(whole + 2);
    for k in 0..=whole {
        let ends = if whole == 0 {
            0.0
        } else if k == 0 || k == whole {
            1.0
        } else {
            2.0
        };
        weights.push((k, ends * step * radii.radius_rad(k)));
    }
    if whole + 1 < radii.count {
        let rest = half - radii.radius_rad(whole);
        let t = rest / step;
        weights[whole].1 += rest * (radii.radius_rad(whole) + half * (1.0 - t));
        weights.push((whole + 1, rest * half * t));
    }
    let area = half * half - first * first;
    weights.iter_mut().for_each(|(_, weight)| *weight /= area);
    weights
}

fn central_mean<T: Real>(profile: &[T], radii: &RadialGrid, grid: &ImageGrid) -> f64 {
    central_weights(radii, grid)
        .iter()
        .map(|&(k, weight)| weight * profile[k].as_f64())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaussian(radii: &RadialGrid, sigma: f64) -> Vec<f64> {
        radii
            .radii_rad()
            .iter()
            .map(|r| (-0.5 * (r / sigma).powi(2)).exp())
            .collect()
    }

    #[test]
    fn flux_of_an_inclined_gaussian_scales_with_the_cosine() {
        let radii = RadialGrid::new(1e-10, 1e-9, 8000).unwrap();
        let sigma = 6e-7;
        let profile = gaussian(&radii, sigma);
        let grid = ImageGrid {
            rows: 201,
            columns: 250,
            ..ImageGrid::square(1, 6e-8)
        };
        for inclination in [0.0, 1.0f64] {
            let flux = sweep(&profile, &radii, &grid, inclination).unwrap().sum();
            let truth = std::f64::consts::TAU * sigma * sigma * inclination.cos();
            // ~20 pixels a width: the pixel sum converges spectrally; linear interpolation
            // leaves (ΔR/σ)²/12 and the central trapezoid about as much.
            assert!((flux / truth - 1.0).abs() < 1e-5, "{flux} {truth}");
        }
    }

    #[test]
    fn rows_outside_the_range_are_zero() {
        let radii = RadialGrid::new(0.0, 1e-8, 30).unwrap();
        let profile = vec![1.0; 30];
        let grid = ImageGrid::square(33, 5e-8);
        let image = sweep(&profile, &radii, &grid, 0.3).unwrap();
        let range = SweptProfile::new(&profile, &radii, &grid, 0.3).row_range();
        for (i, row) in image.rows().into_iter().enumerate() {
            assert!(
                range.contains(&i) || row.iter().all(|&x| x == 0.0),
                "row {i}"
            );
        }
        assert!(range.len() < 33);
    }

    #[test]
    fn edge_on_lights_only_the_axis() {
        let radii = RadialGrid::new(0.0, 1e-8, 100).unwrap();
        let grid = ImageGrid::square(16, 1e-7);
        let image = sweep(&[1.0; 100], &radii, &grid, std::f64::consts::FRAC_PI_2).unwrap();
        assert!(image[[6, 8]] > 0.0);
        assert_eq!(image[[6, 7]], 0.0);
    }

    #[test]
    fn the_central_pixel_of_a_flat_profile_is_flat() {
        // 2∫ r dr over the annulus is its area for the trapezoid too, which is exact for r.
        for first in [0.0, 3e-9, 8e-8] {
            let radii = RadialGrid::new(first, 1e-8, 100).unwrap();
            let sum: f64 = central_weights(&radii, &ImageGrid::square(8, 1e-7))
                .iter()
                .map(|w| w.1)
                .sum();
            assert!((sum - 1.0).abs() < 1e-12, "{first}: {sum}");
        }
    }
}
