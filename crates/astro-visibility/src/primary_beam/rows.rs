//! The beam over an image, row by row.

use super::pattern::{Pattern, PrimaryBeam};
use crate::{ImageGrid, Placement, Result};
use astro_fft::{HankelTable, HankelTablePlan, ProfileGrid};
use ndarray::Array2;
use rayon::prelude::*;

/// Accuracy of the table that stands for an Airy pattern.
const TABLE_ERROR: f64 = 1e-13;

/// Beyond so many side lobes in the field, the formula itself is used: the
/// table's cost grows as the square.
const MAX_TABLE_CYCLES: f64 = 50.0;

impl PrimaryBeam {
    /// A on every pixel of an image of a source that is then rotated and
    /// shifted as `placement` says.
    ///
    /// # Errors
    /// A grid without pixels or with pixel sizes that are not positive; a
    /// placement that is not finite.
    ///
    /// ```
    /// use astro_visibility::{ImageGrid, Placement, PrimaryBeam};
    /// let beam = PrimaryBeam::gaussian(1e-4)?;
    /// let shifted = Placement { ra_offset_rad: 5e-5, ..Placement::default() };
    /// let power = beam.over_image(&ImageGrid::square(64, 1e-6), &shifted)?;
    /// assert!((power[[32, 32]] - 0.5).abs() < 1e-12);
    /// # Ok::<(), astro_visibility::Error>(())
    /// ```
    pub fn over_image(&self, grid: &ImageGrid, placement: &Placement) -> Result<Array2<f64>> {
        grid.check()?;
        placement.check()?;
        let rows = BeamRows::new(self, grid, placement);
        let mut power = Array2::zeros((grid.rows, grid.columns));
        // A fresh array is contiguous.
        if let Some(power) = power.as_slice_mut() {
            (power.par_chunks_mut(grid.columns).enumerate()).for_each(|(i, row)| {
                for (j, power) in row.iter_mut().enumerate() {
                    *power = rows.power(i, j);
                }
            });
        }
        Ok(power)
    }
}

/// What is needed to evaluate a beam on the pixels of a placed image.
#[derive(Debug)]
pub(crate) struct BeamRows<'a> {
    beam: &'a PrimaryBeam,
    grid: ImageGrid,
    placement: Placement,
    sin: f64,
    cos: f64,
    /// The voltage pattern of an Airy beam against sin θ, times its solid
    /// angle: the Hankel transform of the aperture.
    voltage: Option<HankelTable<f64>>,
}

impl<'a> BeamRows<'a> {
    pub(crate) fn new(beam: &'a PrimaryBeam, grid: &ImageGrid, placement: &Placement) -> Self {
        let (sin, cos) = placement.position_angle_rad.sin_cos();
        let mut rows = Self {
            beam,
            grid: *grid,
            placement: *placement,
            sin,
            cos,
            voltage: None,
        };
        let corners = [0, grid.rows - 1].map(|i| [0, grid.columns - 1].map(|j| rows.sky(i, j)));
        let reach = (corners.as_flattened().iter())
            .map(|(l, m)| l.hypot(*m))
            .fold(0.0, f64::max);
        rows.voltage = voltage_table(beam, reach * beam.frequency_ratio);
        rows
    }

    /// A at pixel `[i, j]`.
    #[inline]
    pub(crate) fn power(&self, i: usize, j: usize) -> f64 {
        let (l, m) = self.sky(i, j);
        let tabulated = self.voltage.as_ref().and_then(|table| {
            let radius = self.beam.frequency_ratio * (l * l + m * m).sqrt();
            table.evaluate(radius)
        });
        match tabulated {
            Some(voltage) => voltage * voltage,
            None => self.beam.power(l, m),
        }
    }

    /// `∂A/∂(PA, ΔRA, ΔDec)` at pixel `[i, j]`, per radian: the beam stays where it is while the
    /// pixel moves.
    pub(crate) fn slopes(&self, i: usize, j: usize) -> [f64; 3] {
        // Far below the width of any beam, far above the rounding of the coordinates.
        let step = 1e-3 * self.grid.pixel_width_rad.min(self.grid.pixel_height_rad);
        let (l, m) = self.sky(i, j);
        let east = self.beam.power(l + step, m) - self.beam.power(l - step, m);
        let north = self.beam.power(l, m + step) - self.beam.power(l, m - step);
        let (east, north) = (0.5 * east / step, 0.5 * north / step);
        // A rotation from North to East moves (x, y) by (y, −x).
        let (x, y) = (
            l - self.placement.ra_offset_rad,
            m - self.placement.dec_offset_rad,
        );
        [east * y - north * x, east, north]
    }

    /// Where a pixel ends up on the sky, direction cosines East and North.
    #[inline]
    fn sky(&self, i: usize, j: usize) -> (f64, f64) {
        let (east, north) = (self.grid.east_rad(j), self.grid.north_rad(i));
        (
            east * self.cos + north * self.sin + self.placement.ra_offset_rad,
            -east * self.sin + north * self.cos + self.placement.dec_offset_rad,
        )
    }
}

/// The Airy voltage pattern up to sin θ = `reach`, normalized on the axis.
fn voltage_table(beam: &PrimaryBeam, reach: f64) -> Option<HankelTable<f64>> {
    let Pattern::Airy {
        diameter_wavelengths,
        blockage,
    } = beam.pattern
    else {
        return None;
    };
    let radius = 0.5 * diameter_wavelengths;
    if !(reach > 0.0 && reach * radius <= MAX_TABLE_CYCLES) {
        return None;
    }
    let aperture = ProfileGrid::from_segments(&[blockage * radius, radius]).ok()?;
    let illumination = 1.0 / aperture.total_flux(&[1.0, 1.0]).ok()?;
    let plan = HankelTablePlan::new(&aperture, reach, TABLE_ERROR).ok()?;
    plan.execute(&[illumination, illumination]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_attenuated_where_they_end_up() {
        let placement = Placement {
            position_angle_rad: 0.6,
            ra_offset_rad: 2e-5,
            dec_offset_rad: -1e-5,
        };
        let grid = ImageGrid {
            rows: 40,
            columns: 51,
            ..ImageGrid::square(1, 3e-6)
        };
        // An East-West gradient tells every sign.
        let east = Array2::from_shape_fn((201, 201), |(_, j)| 400.0 - j as f64);
        let map = ImageGrid::square(201, 3e-6);
        let beam = PrimaryBeam::image(east, &map, crate::BeamInterpolation::Bilinear).unwrap();
        let found = beam.over_image(&grid, &placement).unwrap();
        for (i, j) in [(0, 0), (7, 40), (39, 50)] {
            let (x, y) = (grid.east_rad(j), grid.north_rad(i));
            let l = x * 0.6_f64.cos() + y * 0.6_f64.sin() + 2e-5;
            assert!((found[[i, j]] - (300.0 + l / 3e-6) / 300.0).abs() < 1e-12);
        }
    }

    /// A Northern pixel of a source rotated by 90° ends up in the East.
    #[test]
    fn position_angle_turns_north_to_east() {
        let grid = ImageGrid::square(11, 1e-6);
        let placement = Placement {
            position_angle_rad: std::f64::consts::FRAC_PI_2,
            ..Placement::default()
        };
        let beam = PrimaryBeam::gaussian(1e-5).unwrap();
        let rows = BeamRows::new(&beam, &grid, &placement);
        let (l, m) = rows.sky(0, 5);
        assert!((l - 5e-6).abs() < 1e-20 && m.abs() < 1e-20);
    }

    #[test]
    fn tabulated_airy_equals_the_formula() {
        let grid = ImageGrid::square(33, 4e-6);
        for blockage in [0.0, 0.75, 6.0] {
            let beam = PrimaryBeam::airy(12.0, blockage, 1e-3).unwrap();
            let beam = beam.at_frequency_ratio(1.3).unwrap();
            let rows = BeamRows::new(&beam, &grid, &Placement::default());
            assert!(rows.voltage.is_some());
            for i in 0..33 {
                let truth = beam.power(grid.east_rad(3), grid.north_rad(i));
                assert!((rows.power(i, 3) - truth).abs() < 1e-12, "{blockage} {i}");
            }
        }
    }
}
