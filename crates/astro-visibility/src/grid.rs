//! The pixel grid of an image on the sky, and how its indices map to East and North.

use crate::{Error, Result};

/// Which image row is the northernmost.
///
/// GALARIO's `origin` argument: `"upper"` and `"lower"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Row 0 is North, as a picture is drawn from the top.
    #[default]
    Upper,
    /// Row 0 is South, as FITS stores images.
    Lower,
}

impl Origin {
    /// `+1` where rows run from North to South, `−1` where they run from South to North.
    pub(crate) fn sign(self) -> f64 {
        match self {
            Self::Upper => 1.0,
            Self::Lower => -1.0,
        }
    }
}

/// A grid of `rows × columns` pixels around the phase centre.
///
/// The centre of pixel `[i, j]` lies at
/// `l = (⌊columns/2⌋ − j)·dx` to the East and `m = (⌊rows/2⌋ − i)·dy` to the North
/// ([`Origin::Upper`]; `m` changes sign for [`Origin::Lower`]). Any size works:
/// odd, rectangular, not a power of two, and `dx ≠ dy`.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ImageGrid {
    /// Number of rows (North-South).
    pub rows: usize,
    /// Number of columns (East-West).
    pub columns: usize,
    /// North-South extent of a pixel, radians, in `(0, ∞)`.
    pub pixel_height_rad: f64,
    /// East-West extent of a pixel, radians, in `(0, ∞)`.
    pub pixel_width_rad: f64,
    /// Which row is North.
    pub origin: Origin,
}

impl ImageGrid {
    /// `n × n` square pixels, northernmost row first.
    ///
    /// ```
    /// use astro_visibility::ImageGrid;
    /// let grid = ImageGrid::square(512, 2.4e-8);
    /// assert_eq!(grid.east_rad(0), 256.0 * 2.4e-8); // East is to the left
    /// ```
    pub fn square(n: usize, pixel_rad: f64) -> Self {
        Self {
            rows: n,
            columns: n,
            pixel_height_rad: pixel_rad,
            pixel_width_rad: pixel_rad,
            origin: Origin::Upper,
        }
    }

    /// The same grid with another row order.
    #[must_use]
    pub fn with_origin(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// `l` of column `j`, radians: positive to the East, which is to the left.
    pub fn east_rad(&self, column: usize) -> f64 {
        ((self.columns / 2) as f64 - column as f64) * self.pixel_width_rad
    }

    /// `m` of row `i`, radians: positive to the North.
    pub fn north_rad(&self, row: usize) -> f64 {
        self.origin.sign() * ((self.rows / 2) as f64 - row as f64) * self.pixel_height_rad
    }

    /// Solid angle of one pixel, steradians.
    pub fn pixel_area_sr(&self) -> f64 {
        self.pixel_width_rad * self.pixel_height_rad
    }

    /// Largest |u| and |v| that the pixels can represent, wavelengths: half a cycle a pixel.
    pub fn nyquist(&self) -> (f64, f64) {
        (0.5 / self.pixel_width_rad, 0.5 / self.pixel_height_rad)
    }

    /// Spacing of the Fourier grid in u and in v, wavelengths: one cycle over the field.
    pub fn uv_cell(&self) -> (f64, f64) {
        (
            1.0 / (self.columns as f64 * self.pixel_width_rad),
            1.0 / (self.rows as f64 * self.pixel_height_rad),
        )
    }

    /// Requires at least one pixel and positive, finite pixel sizes.
    ///
    /// # Errors
    /// [`Error::Grid`] with the size found.
    pub fn check(&self) -> Result<()> {
        let good_size = |x: f64| x.is_finite() && x > 0.0;
        if self.rows == 0
            || self.columns == 0
            || !good_size(self.pixel_height_rad)
            || !good_size(self.pixel_width_rad)
        {
            return Err(Error::Grid { grid: *self });
        }
        Ok(())
    }

    /// Requires an array of the grid's shape.
    pub(crate) fn check_shape(&self, quantity: &'static str, shape: &[usize]) -> Result<()> {
        if shape == [self.rows, self.columns] {
            return Ok(());
        }
        Err(Error::Shape {
            quantity,
            found: (shape[0], shape[1]),
            expected: (self.rows, self.columns),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_centre_is_index_half_for_even_and_odd() {
        for n in [8, 9] {
            let grid = ImageGrid::square(n, 1e-6);
            assert_eq!((grid.east_rad(n / 2), grid.north_rad(n / 2)), (0.0, 0.0));
            assert!(grid.north_rad(0) > 0.0);
            assert!(grid.with_origin(Origin::Lower).north_rad(0) < 0.0);
        }
    }

    #[test]
    fn senseless_grids_are_refused() {
        assert!(ImageGrid::square(0, 1e-6).check().is_err());
        assert!(ImageGrid::square(8, -1e-6).check().is_err());
        assert!(ImageGrid::square(8, f64::NAN).check().is_err());
        assert!(ImageGrid::square(1, 1e-6).check().is_ok());
    }
}
