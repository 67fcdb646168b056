//! Models read from files.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use astro_core::Angle;
use astro_core::constants::ARCSEC_RAD;
use astro_fft::ProfileGrid;
use astro_io::{FitsUnit, read_fits_image, read_npy};
use astro_visibility::{ImageGrid, Origin, Placement, ProfileRadii, RadialGrid};
use ndarray::{Array2, Ix2};

use crate::args::{ModelOptions, RowOrder};
use crate::output::{Usage, extension};

/// An image in Jy/pixel with its grid, and the offset of its center from its reference direction.
#[derive(Clone, Debug)]
pub(crate) struct SkyPixels {
    pub(crate) pixels: Array2<f64>,
    pub(crate) grid: ImageGrid,
    /// To be added to the offsets that the user gives.
    pub(crate) center: Placement,
}

/// A radial profile in Jy/sr.
#[derive(Clone, Debug)]
pub(crate) struct RadialProfile {
    pub(crate) radii: ProfileRadii,
    pub(crate) radii_rad: Vec<f64>,
    pub(crate) values: Vec<f64>,
}

/// Reads a FITS or `.npy` image.
pub(crate) fn read_image(path: &Path, options: &ModelOptions) -> Result<SkyPixels> {
    match extension(path).as_deref() {
        Some("npy") => read_npy_image(path, options),
        _ => read_fits(path, options),
    }
}

fn read_npy_image(path: &Path, options: &ModelOptions) -> Result<SkyPixels> {
    let Some(pixel) = options.pixel else {
        return Err(Usage(format!(
            "{} does not say how large its pixels are; give --pixel ARCSEC",
            path.display()
        ))
        .into());
    };
    let array = read_npy(path)?.into_f64("image")?;
    let shape = array.shape().to_vec();
    let pixels = array.into_dimensionality::<Ix2>().ok().with_context(|| {
        format!(
            "{} holds an array of shape {shape:?}; an image [rows, columns] is needed",
            path.display()
        )
    })?;
    let grid = ImageGrid {
        rows: pixels.nrows(),
        columns: pixels.ncols(),
        origin: options.origin.unwrap_or(RowOrder::Upper).into(),
        ..ImageGrid::square(1, Angle::from_arcsec(pixel).radians())
    };
    Ok(SkyPixels {
        pixels,
        grid,
        center: Placement::default(),
    })
}

fn read_fits(path: &Path, options: &ModelOptions) -> Result<SkyPixels> {
    if options.pixel.is_some() || options.origin.is_some() {
        return Err(Usage(
            "--pixel and --origin are for .npy images; a FITS image says both itself".to_owned(),
        )
        .into());
    }
    let image = read_fits_image(path, &FitsUnit::FirstImage)?;
    let channels = image.data.dim().0;
    if channels != 1 {
        bail!(
            "{} holds {channels} channels; one image is needed: cut a channel out, or average them",
            path.display()
        );
    }
    let factor = image
        .jansky_per_pixel()
        .with_context(|| format!("while reading {}", path.display()))?;
    let upright = image.upright(0, None)?;
    let grid = ImageGrid {
        rows: upright.data.nrows(),
        columns: upright.data.ncols(),
        pixel_height_rad: upright.pixel_height_rad,
        pixel_width_rad: upright.pixel_width_rad,
        origin: Origin::Lower,
    };
    Ok(SkyPixels {
        pixels: upright.data.mapv(|value| value * factor),
        grid,
        center: Placement {
            ra_offset_rad: upright.center.l,
            dec_offset_rad: upright.center.m,
            ..Placement::default()
        },
    })
}

/// Reads two columns: radius in arcsec, brightness in Jy/sr. Lines that begin with `#` are passed over.
pub(crate) fn read_profile(path: &Path) -> Result<RadialProfile> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("while reading {}", path.display()))?;
    parse_profile(&text).with_context(|| format!("while reading {}", path.display()))
}

fn parse_profile(text: &str) -> Result<RadialProfile> {
    let mut radii_rad = Vec::new();
    let mut values = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("").trim();
        if line.is_empty() {
            continue;
        }
        let numbers: Vec<&str> = line
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|field| !field.is_empty())
            .collect();
        let [radius, value] = numbers[..] else {
            bail!(
                "line {}: {} columns found; two are needed, radius in arcsec and brightness in Jy/sr",
                index + 1,
                numbers.len()
            );
        };
        let number = |field: &str| {
            let parsed = field.parse::<f64>().ok().filter(|x| x.is_finite());
            parsed.with_context(|| format!("line {}: {field:?} is not a finite number", index + 1))
        };
        radii_rad.push(number(radius)? * ARCSEC_RAD);
        values.push(number(value)?);
    }
    let (Some(first), Some(last)) = (radii_rad.first(), radii_rad.last()) else {
        bail!("no rows found; at least two radii are needed");
    };
    let step = (last - first) / (radii_rad.len() as f64 - 1.0);
    // Text tables keep perhaps six digits: such radii still count as evenly spaced.
    let uniform = radii_rad
        .iter()
        .enumerate()
        .all(|(k, r)| (r - first - k as f64 * step).abs() <= 1e-6 * last.abs());
    let radii = if uniform {
        RadialGrid::new(*first, step, radii_rad.len())?.into()
    } else {
        ProfileGrid::from_radii(&radii_rad)?.into()
    };
    Ok(RadialProfile {
        radii,
        radii_rad,
        values,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_two_columns_with_comments() {
        let profile = parse_profile("# r I\n0.0 1e10\n0.1, 2e9\n0.2\t3e8 # last\n").unwrap();
        assert_eq!(profile.values, [1e10, 2e9, 3e8]);
        assert!(matches!(profile.radii, ProfileRadii::Uniform(grid) if grid.count == 3));
        let uneven = parse_profile("0 1\n0.1 1\n0.3 1\n").unwrap();
        assert!(matches!(uneven.radii, ProfileRadii::Free(_)));
    }

    #[test]
    fn bad_rows_are_named_by_their_line() {
        let message = |text| format!("{:#}", parse_profile(text).unwrap_err());
        assert!(message("0 1\n0.1 x\n").contains("line 2: \"x\""));
        assert!(message("# nothing\n").contains("no rows"));
        assert!(message("0 1 2\n").contains("line 1: 3 columns"));
    }
}
