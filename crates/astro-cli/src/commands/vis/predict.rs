//! Visibilities and χ² of a model read from a file.

use std::path::Path;

use anyhow::Result;
use astro_core::UvTable;
use astro_fft::FftReal;
use astro_io::{IfExists, UvFitsLabels, write_uv_npz, write_uv_text, write_uvfits};
use astro_visibility::{
    ImageGrid, ImageSizeOptions, Orientation, Placement, UvCoverage, VisibilityPlan, image_size,
};
use num_complex::Complex64;

use super::input::{RadialProfile, SkyPixels, read_image, read_profile};
use super::parametric::parametric_profile;
use crate::args::{MethodOptions, ModelOptions, PlacementOptions, Precision};
use crate::output::{Usage, extension};

/// A model with its place on the sky.
#[derive(Clone, Debug)]
pub(crate) enum Model {
    Image(SkyPixels, Placement),
    Profile(RadialProfile, Orientation, Option<ImageGrid>),
}

/// What a model gives at the points of a table.
#[derive(Clone, Debug)]
pub(crate) struct Prediction {
    pub(crate) values: Vec<Complex64>,
    /// `Σ w |V_model − V_observed|²`.
    pub(crate) chi2: f64,
    /// Visibilities of positive weight.
    pub(crate) used: usize,
    /// The method that was taken.
    pub(crate) method: String,
}

impl Model {
    pub(crate) fn read(options: &ModelOptions, place: &PlacementOptions) -> Result<Self> {
        if let Some(path) = &options.image {
            let image = read_image(path, options)?;
            let mut placement = place.placement()?;
            placement.ra_offset_rad += image.center.ra_offset_rad;
            placement.dec_offset_rad += image.center.dec_offset_rad;
            return Ok(Self::Image(image, placement));
        }
        let profile = match (&options.profile, &options.model) {
            (Some(path), _) => read_profile(path)?,
            (None, Some(model)) => parametric_profile(model, &options.set)?,
            (None, None) => {
                let text = "give a model: --image, --profile or --model";
                return Err(Usage(text.to_owned()).into());
            }
        };
        let grid = match (options.pixels, options.pixel) {
            (Some(n), Some(pixel)) => {
                let pixel_rad = astro_core::Angle::from_arcsec(pixel).radians();
                Some(ImageGrid::square(n, pixel_rad))
            }
            (None, None) => None,
            _ => return Err(Usage("give --pixels and --pixel together".to_owned()).into()),
        };
        Ok(Self::Profile(profile, place.orientation(), grid))
    }

    /// Inclination, position angle and offsets, for deprojection; an image counts as face-on.
    pub(crate) fn orientation(&self) -> Orientation {
        match self {
            Self::Image(_, placement) => Orientation {
                inclination_rad: 0.0,
                position_angle_rad: placement.position_angle_rad,
                ra_offset_rad: placement.ra_offset_rad,
                dec_offset_rad: placement.dec_offset_rad,
            },
            Self::Profile(_, orientation, _) => *orientation,
        }
    }

    /// Visibilities at the points of `table`, and their χ² against its values.
    pub(crate) fn predict(&self, table: &UvTable, options: &MethodOptions) -> Result<Prediction> {
        match options.precision {
            Precision::F64 => self.predict_in::<f64>(table, options),
            Precision::F32 => self.predict_in::<f32>(table, options),
        }
    }

    fn predict_in<T: FftReal>(
        &self,
        table: &UvTable,
        options: &MethodOptions,
    ) -> Result<Prediction> {
        let rounded =
            |values: &[f64]| -> Vec<T> { values.iter().map(|&x| T::from_f64_rounded(x)).collect() };
        let (values, chi2, used, method) = match self {
            Self::Image(image, placement) => {
                let plan = VisibilityPlan::<T>::builder(table, image.grid)
                    .image_method(options.for_image()?)
                    .build()?;
                let pixels = image.pixels.mapv(T::from_f64_rounded);
                (
                    plan.sample_image(pixels.view(), placement)?,
                    plan.chi2_image(pixels.view(), placement)?,
                    plan.used(),
                    format!("{:?}", plan.image_method()),
                )
            }
            Self::Profile(profile, orientation, grid) => {
                let grid = match grid {
                    Some(grid) => *grid,
                    None => {
                        image_size(
                            &UvCoverage::from(table),
                            &ImageSizeOptions {
                                // The whole disc must fit where an image is made of it.
                                beam_rad: 2.0 * profile.radii_rad.last().copied().unwrap_or(0.0),
                                ..ImageSizeOptions::default()
                            },
                        )?
                    }
                };
                let plan = VisibilityPlan::<T>::builder(table, grid)
                    .profile_method(options.for_profile())
                    .radii(profile.radii.clone())
                    .build()?;
                let brightness = rounded(&profile.values);
                (
                    plan.sample_profile(&brightness, orientation)?,
                    plan.chi2_profile(&brightness, orientation)?,
                    plan.used(),
                    format!("{:?}", plan.profile_method()),
                )
            }
        };
        Ok(Prediction {
            values: values
                .iter()
                .map(|z| Complex64::new(z.re.as_f64(), z.im.as_f64()))
                .collect(),
            chi2,
            used,
            method,
        })
    }
}

/// Writes a table as npz, as UVFITS or, for any other extension, as text.
pub(crate) fn write_uv(path: &Path, table: &UvTable, if_exists: IfExists) -> Result<()> {
    match extension(path).as_deref() {
        Some("npz") => write_uv_npz(path, table, if_exists)?,
        Some("uvfits" | "fits" | "uvf") => {
            write_uvfits(path, table, &UvFitsLabels::default(), if_exists)?;
        }
        _ => write_uv_text(path, table, if_exists)?,
    }
    Ok(())
}
