//! Images read from files.

use std::path::Path;

use anyhow::{Context as _, Result};
use astro_core::Angle;
use astro_io::{FitsImage, FitsUnit, read_fits_image, read_npy};
use astro_visibility::{ImageGrid, Origin, Placement};
use ndarray::{Array2, Array3, Axis};

use crate::args::{ModelOptions, RowOrder};
use crate::output::{Usage, extension};

/// An image or cube in Jy/pixel with its grid, and the offset of its center from its reference direction.
#[derive(Clone, Debug)]
pub(crate) struct SkyPixels {
    /// `[channel, row, column]`.
    pub(crate) pixels: Array3<f64>,
    /// Of each channel, Hz; empty where the file does not say.
    pub(crate) frequency_hz: Vec<f64>,
    pub(crate) grid: ImageGrid,
    /// Whether it came without a header.
    bare: bool,
    /// To be added to the offsets that the user gives.
    pub(crate) center: Placement,
}

/// Reads a FITS or `.npy` image or cube.
pub(crate) fn read_image(path: &Path, options: &ModelOptions) -> Result<SkyPixels> {
    if is_npy(path) {
        return read_npy_image(path, options);
    }
    if options.pixel.is_some() || options.origin.is_some() {
        return Err(Usage(
            "--pixel and --origin are for .npy images; a FITS image says both itself".to_owned(),
        )
        .into());
    }
    let image = read_fits_image(path, &FitsUnit::FirstImage)?;
    let factor = image
        .jansky_per_pixel()
        .with_context(|| format!("while reading {}", path.display()))?;
    let mut upright = upright(&image)?;
    upright.pixels.mapv_inplace(|value| value * factor);
    Ok(upright)
}

/// Reads a map of numbers without a unit, such as a spectral index, on the grid of `image`.
///
/// Pixels without a value (NaN) count as zero; their number comes with the map.
pub(crate) fn read_map(path: &Path, image: &SkyPixels) -> Result<(Array2<f64>, usize)> {
    let (planes, fits) = if is_npy(path) {
        // The rows of a map without a header run as those of such an image.
        (npy_planes(path)?, image.bare)
    } else {
        let map = upright(&read_fits_image(path, &FitsUnit::FirstImage)?)?;
        (map.pixels, same_grid(&map.grid, &image.grid))
    };
    let shape = planes.dim();
    if shape != (1, image.grid.rows, image.grid.columns) || !fits {
        return Err(Usage(format!(
            "{} holds {} x {} x {} pixels (channels, rows, columns) and is not on the grid of the image, {} x {}; give a map in the same format with the same pixels",
            path.display(), shape.0, shape.1, shape.2, image.grid.rows, image.grid.columns
        ))
        .into());
    }
    let mut map = planes.index_axis_move(Axis(0), 0);
    let blank = map.iter().filter(|value| value.is_nan()).count();
    map.mapv_inplace(|value| if value.is_nan() { 0.0 } else { value });
    Ok((map, blank))
}

fn is_npy(path: &Path) -> bool {
    extension(path).as_deref() == Some("npy")
}

/// Whether pixels coincide to a thousandth of a pixel at the edge.
fn same_grid(a: &ImageGrid, b: &ImageGrid) -> bool {
    let near = |x: f64, y: f64, count: usize| (x - y).abs() * count as f64 <= 1e-3 * y;
    a.origin == b.origin
        && near(a.pixel_height_rad, b.pixel_height_rad, b.rows)
        && near(a.pixel_width_rad, b.pixel_width_rad, b.columns)
}

fn read_npy_image(path: &Path, options: &ModelOptions) -> Result<SkyPixels> {
    let Some(pixel) = options.pixel else {
        return Err(Usage(format!(
            "{} does not say how large its pixels are; give --pixel ARCSEC",
            path.display()
        ))
        .into());
    };
    let pixels = npy_planes(path)?;
    let (_, rows, columns) = pixels.dim();
    let grid = ImageGrid {
        rows,
        columns,
        origin: options.origin.unwrap_or(RowOrder::Upper).into(),
        ..ImageGrid::square(1, Angle::from_arcsec(pixel).radians())
    };
    Ok(SkyPixels {
        pixels,
        frequency_hz: Vec::new(),
        grid,
        bare: true,
        center: Placement::default(),
    })
}

/// `[row, column]` or `[channel, row, column]`.
fn npy_planes(path: &Path) -> Result<Array3<f64>> {
    let array = read_npy(path)?.into_f64("image")?;
    let shape = array.shape().to_vec();
    let array = match shape.len() {
        2 => array.insert_axis(Axis(0)),
        _ => array,
    };
    array.into_dimensionality().ok().with_context(|| {
        format!(
            "{} holds an array of shape {shape:?}; an image [rows, columns] or a cube [channels, rows, columns] is needed",
            path.display()
        )
    })
}

/// All channels with East left and the first row South.
fn upright(image: &FitsImage) -> Result<SkyPixels> {
    let first = image.upright(0, None)?;
    let (rows, columns) = first.data.dim();
    let channels = image.data.len_of(Axis(0));
    let grid = ImageGrid {
        rows,
        columns,
        pixel_height_rad: first.pixel_height_rad,
        pixel_width_rad: first.pixel_width_rad,
        origin: Origin::Lower,
    };
    let center = Placement {
        ra_offset_rad: first.center.l,
        dec_offset_rad: first.center.m,
        ..Placement::default()
    };
    let mut pixels = Array3::zeros((channels, rows, columns));
    pixels.index_axis_mut(Axis(0), 0).assign(&first.data);
    for channel in 1..channels {
        let plane = image.upright(channel, None)?;
        pixels.index_axis_mut(Axis(0), channel).assign(&plane.data);
    }
    Ok(SkyPixels {
        pixels,
        frequency_hz: image.frequency_hz.clone(),
        grid,
        bare: false,
        center,
    })
}
