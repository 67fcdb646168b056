//! A beam from a FITS map, such as CASA's `.pb` images.

use super::image_pattern::BeamInterpolation;
use super::pattern::PrimaryBeam;
use crate::{Error, ImageGrid, Origin, Result};
use astro_core::SkyCoord;
use astro_io::FitsImage;

impl PrimaryBeam {
    /// One channel of a FITS map of the power pattern.
    ///
    /// The pointing center is the map's reference direction, or `pointing` if
    /// given; the map is divided by its value there. Pixels without a value
    /// (NaN) count as zero: such maps end where the beam is not known.
    ///
    /// # Errors
    /// A channel that is not there or a rotated map ([`Error::BeamMap`]); a power
    /// that is negative or infinite, or zero at the pointing center.
    ///
    /// ```
    /// use astro_core::SkyCoord;
    /// use astro_io::{FitsImage, ImageSky};
    /// use astro_visibility::{BeamInterpolation, PrimaryBeam};
    ///
    /// let sky = ImageSky::new(SkyCoord::from_degrees(69.9, 18.25), 9, 9, 1e-6);
    /// let map = FitsImage::new(ndarray::Array3::from_elem((1, 9, 9), 0.5), sky);
    /// let beam = PrimaryBeam::from_fits(&map, 0, None, BeamInterpolation::Cubic)?;
    /// assert_eq!(beam.power(2e-6, -1e-6), 1.0);
    /// assert_eq!(beam.power(2e-5, 0.0), 0.0);
    /// # Ok::<(), astro_visibility::Error>(())
    /// ```
    pub fn from_fits(
        map: &FitsImage,
        channel: usize,
        pointing: Option<SkyCoord>,
        interpolation: BeamInterpolation,
    ) -> Result<Self> {
        let upright = map.upright(channel, pointing).map_err(Error::BeamMap)?;
        let (rows, columns) = upright.data.dim();
        let grid = ImageGrid {
            rows,
            columns,
            pixel_height_rad: upright.pixel_height_rad,
            pixel_width_rad: upright.pixel_width_rad,
            origin: Origin::Lower,
        };
        let power = (upright.data).mapv_into(|power| if power.is_nan() { 0.0 } else { power });
        Self::image_at(
            power,
            &grid,
            (upright.center.l, upright.center.m),
            interpolation,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use astro_io::ImageSky;

    #[test]
    fn map_is_read_the_right_way_round() {
        let pointing = SkyCoord::from_degrees(10.0, -30.0);
        let sky = ImageSky::new(pointing, 31, 41, 2e-6);
        let beam = PrimaryBeam::gaussian(4e-5).unwrap();
        // FITS: row 0 in the South, column 0 in the East, as the library's
        // lower origin; an offset beam tells the directions.
        let grid = ImageGrid {
            rows: 31,
            columns: 41,
            ..ImageGrid::square(1, 2e-6).with_origin(Origin::Lower)
        };
        let mut data = ndarray::Array3::from_shape_fn((1, 31, 41), |(_, i, j)| {
            beam.power(grid.east_rad(j) - 4e-6, grid.north_rad(i) + 6e-6)
        });
        data[[0, 0, 0]] = f64::NAN;
        let map = FitsImage::new(data, sky);
        let read = PrimaryBeam::from_fits(&map, 0, None, BeamInterpolation::Cubic).unwrap();
        let on_axis = beam.power(-4e-6, 6e-6);
        for (l, m) in [(0.0, 0.0), (9e-6, 3e-6), (-1.1e-5, 2e-5), (3.2e-5, -2.1e-5)] {
            let truth = beam.power(l - 4e-6, m + 6e-6) / on_axis;
            assert!((read.power(l, m) - truth).abs() < 1e-3, "{l} {m}");
        }
        assert!(PrimaryBeam::from_fits(&map, 1, None, BeamInterpolation::Cubic).is_err());

        // Pointed at where the beam has its peak, it is the beam itself.
        let peak = pointing.at_offset(astro_core::TangentOffset { l: 4e-6, m: -6e-6 });
        let read = PrimaryBeam::from_fits(&map, 0, peak, BeamInterpolation::Cubic).unwrap();
        for (l, m) in [(0.0, 0.0), (9e-6, 3e-6), (-1.1e-5, 2e-5)] {
            assert!(
                (read.power(l, m) - beam.power(l, m)).abs() < 1e-3,
                "{l} {m}"
            );
        }
    }
}
