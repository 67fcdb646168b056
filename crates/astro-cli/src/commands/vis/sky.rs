//! Images of the sky between the library's order of rows and that of FITS.

use std::path::Path;

use anyhow::Result;
use astro_core::SkyCoord;
use astro_core::constants::ARCSEC_RAD;
use astro_io::{FitsImage, FitsSamples, IfExists, ImageSky, write_fits_image};
use astro_visibility::{BeamEllipse, ImageGrid, Origin};
use ndarray::{Array2, Axis, s};

use crate::plot::figures::Beam;

/// What a FITS header says about an image.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SkyLabels<'a> {
    /// BUNIT.
    pub(crate) unit: &'a str,
    pub(crate) beam: Option<BeamEllipse>,
    /// Direction of the phase center; without it the file has offsets only.
    pub(crate) phase_center: Option<SkyCoord>,
    pub(crate) frequency_hz: Option<f64>,
}

/// Writes an image whose first row is North as FITS, where the first row is South.
pub(crate) fn write_sky_image(
    path: &Path,
    pixels: &Array2<f64>,
    grid: &ImageGrid,
    labels: &SkyLabels<'_>,
    if_exists: IfExists,
) -> Result<()> {
    debug_assert_eq!(grid.origin, Origin::Upper);
    let southern_first = pixels.slice(s![..;-1, ..]).to_owned();
    let sky = ImageSky {
        reference: labels.phase_center,
        // Row ⌊rows/2⌋ from the North is this one from the South.
        reference_pixel: [
            (grid.columns / 2) as f64,
            (grid.rows - 1 - grid.rows / 2) as f64,
        ],
        matrix: [[-grid.pixel_width_rad, 0.0], [0.0, grid.pixel_height_rad]],
        projection: "SIN".to_owned(),
        frame: labels.phase_center.map(|_| "ICRS".to_owned()),
    };
    let mut image = FitsImage::new(southern_first.insert_axis(Axis(0)), sky).with_unit(labels.unit);
    image.beam = labels.beam.map(|beam| astro_io::Beam {
        major_rad: beam.major_fwhm_rad,
        minor_rad: beam.minor_fwhm_rad,
        position_angle_rad: beam.position_angle_rad,
    });
    image.frequency_hz = labels.frequency_hz.into_iter().collect();
    write_fits_image(path, &image, FitsSamples::F64, if_exists)?;
    Ok(())
}

/// (height, width) of a pixel in arcsec, as figures take it.
pub(crate) fn pixel_arcsec(grid: &ImageGrid) -> (f64, f64) {
    (
        grid.pixel_height_rad / ARCSEC_RAD,
        grid.pixel_width_rad / ARCSEC_RAD,
    )
}

/// The beam as figures take it.
pub(crate) fn plot_beam(beam: BeamEllipse) -> Beam {
    Beam {
        major: beam.major_fwhm_rad / ARCSEC_RAD,
        minor: beam.minor_fwhm_rad / ARCSEC_RAD,
        position_angle_rad: beam.position_angle_rad,
    }
}

/// The one frequency of a table, if all its rows share it.
pub(crate) fn single_frequency(frequency_hz: &[f64]) -> Option<f64> {
    let first = *frequency_hz.first()?;
    frequency_hz.iter().all(|&f| f == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::ModelOptions;
    use crate::commands::vis::input::read_image;

    #[test]
    fn an_image_written_and_read_again_lies_at_the_same_place() {
        for rows in [6, 7] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.fits");
            let grid = ImageGrid {
                rows,
                columns: 5,
                ..ImageGrid::square(1, 1e-7)
            };
            let mut pixels = Array2::zeros((rows, 5));
            pixels[[1, 3]] = 2.0;
            let labels = SkyLabels {
                unit: "Jy/pixel",
                ..SkyLabels::default()
            };
            write_sky_image(&path, &pixels, &grid, &labels, IfExists::Refuse).unwrap();
            let options = ModelOptions {
                image: Some(path.clone()),
                profile: None,
                model: None,
                set: Vec::new(),
                pixel: None,
                pixels: None,
                origin: None,
            };
            let read = read_image(&path, &options).unwrap();
            let ((_, row, column), _) = read
                .pixels
                .indexed_iter()
                .find(|(_, x)| **x == 2.0)
                .unwrap();
            let north = read.grid.north_rad(row) + read.center.dec_offset_rad;
            let east = read.grid.east_rad(column) + read.center.ra_offset_rad;
            assert!((north - grid.north_rad(1)).abs() < 1e-20, "{rows} rows");
            assert!((east - grid.east_rad(3)).abs() < 1e-20);
        }
    }
}
