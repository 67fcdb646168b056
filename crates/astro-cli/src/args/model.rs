//! Images and radial profiles as input, where they lie on the sky, and how
//! their visibilities are computed.

use std::path::PathBuf;

use astro_core::Angle;
use astro_visibility::{ImageMethod, Orientation, Origin, Placement, ProfileMethod};
use clap::{ArgGroup, Args, ValueEnum};

use super::choices::NamedValue;
use super::range::{Real, Whole};
use crate::output::Usage;

/// What the visibilities are computed of.
#[derive(Clone, Debug, Args)]
#[group(skip)]
#[command(next_help_heading = "Model")]
#[command(group(ArgGroup::new("what").required(true).args(["image", "profile", "model"])))]
pub(crate) struct ModelOptions {
    /// Image or cube (one image a channel): FITS in Jy/pixel, Jy/beam or Jy/sr, or .npy in Jy/pixel with --pixel
    #[arg(long, value_name = "FILE")]
    pub(crate) image: Option<PathBuf>,
    /// Radial profile: text with two columns, radius in arcsec and brightness in Jy/sr
    #[arg(long, value_name = "FILE")]
    pub(crate) profile: Option<PathBuf>,
    /// Profile by its formula: gaussian, powerlaw, powerlaw-inner, rings:N, multi-gaussian:N, knots:R1,R2,…
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Parameter of --model in its unit (Jy/sr, arcsec)
    #[arg(long, value_name = "NAME=VALUE", requires = "model")]
    pub(crate) set: Vec<NamedValue>,
    /// Pixel size in arcsec: of a .npy image, or of the image that a profile is drawn into
    #[arg(long, value_name = "ARCSEC", value_parser = Real::Positive)]
    pub(crate) pixel: Option<f64>,
    /// Pixels on a side of the image that a profile is drawn into
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(2), conflicts_with = "image")]
    pub(crate) pixels: Option<usize>,
    /// Which row of a .npy image comes first [default: upper]
    #[arg(long, value_enum, value_name = "ORDER", requires = "image")]
    pub(crate) origin: Option<RowOrder>,
}

/// Order of the rows of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowOrder {
    /// The northernmost row first
    Upper,
    /// The southernmost row first, as in FITS
    Lower,
}

impl From<RowOrder> for Origin {
    fn from(order: RowOrder) -> Self {
        match order {
            RowOrder::Upper => Self::Upper,
            RowOrder::Lower => Self::Lower,
        }
    }
}

/// Where the model lies on the sky.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Geometry", allow_negative_numbers = true)]
pub(crate) struct PlacementOptions {
    /// Position angle East of North, degrees
    #[arg(long, value_name = "DEG", value_parser = Real::Finite, default_value = "0")]
    pub(crate) pa: f64,
    /// Inclination of a profile, degrees; 0 is face-on
    #[arg(long, value_name = "DEG", value_parser = Real::Finite, default_value = "0")]
    pub(crate) inc: f64,
    /// Offset to the East, arcsec
    #[arg(long, value_name = "ARCSEC", value_parser = Real::Finite, default_value = "0")]
    pub(crate) dra: f64,
    /// Offset to the North, arcsec
    #[arg(long, value_name = "ARCSEC", value_parser = Real::Finite, default_value = "0")]
    pub(crate) ddec: f64,
}

impl PlacementOptions {
    pub(crate) fn orientation(&self) -> Orientation {
        Orientation {
            inclination_rad: Angle::from_degrees(self.inc).radians(),
            position_angle_rad: Angle::from_degrees(self.pa).radians(),
            ra_offset_rad: Angle::from_arcsec(self.dra).radians(),
            dec_offset_rad: Angle::from_arcsec(self.ddec).radians(),
        }
    }

    /// For an image, in which the inclination is drawn already.
    pub(crate) fn placement(&self) -> Result<Placement, Usage> {
        if self.inc != 0.0 {
            return Err(Usage(format!(
                "--inc {} was given for an image; the inclination of an image is drawn in it: leave --inc out, or give a --profile",
                self.inc
            )));
        }
        Ok(self.orientation().placement())
    }
}

/// How visibilities are computed.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Method")]
pub(crate) struct MethodOptions {
    /// How visibilities are computed [default: exact for images, hankel for profiles]
    #[arg(long, value_enum, value_name = "METHOD")]
    pub(crate) method: Option<MethodName>,
    /// Largest error relative to the total flux, for exact and hankel [default: 1e-10; 1e-5 for images in f32]
    #[arg(long, value_name = "E", value_parser = Real::Within(1e-12, 1e-3))]
    pub(crate) rel_error: Option<f64>,
    /// Floating-point numbers used
    #[arg(long, value_enum, value_name = "TYPE", default_value_t = Precision::F64)]
    pub(crate) precision: Precision,
}

/// Names of the methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MethodName {
    /// Non-uniform FFT to --rel-error
    Exact,
    /// Hankel transform to --rel-error; profiles only, no image is made
    Hankel,
    /// FFT and bilinear interpolation
    Bilinear,
    /// FFT and GALARIO's interpolation, for comparison with it
    Galario,
    /// The sum over all pixels; slow
    Direct,
}

/// Floating-point types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Precision {
    /// Single precision: half the memory, errors of 1e-5
    F32,
    /// Double precision
    F64,
}

impl MethodOptions {
    pub(crate) fn for_image(&self) -> Result<ImageMethod, Usage> {
        match self.method {
            None => Ok(self.image_method(MethodName::Exact)),
            Some(MethodName::Hankel) => Err(Usage(
                "--method hankel works on profiles; for an image use exact".to_owned(),
            )),
            Some(name) => Ok(self.image_method(name)),
        }
    }

    /// For a profile; `as_image` where Hankel does not hold.
    pub(crate) fn for_profile(&self, as_image: bool) -> Result<ProfileMethod, Usage> {
        match self.method {
            Some(MethodName::Hankel) if as_image => Err(Usage(
                "--method hankel does not hold with a primary beam or a w-term; leave --method out: the profile is then drawn as an image".to_owned(),
            )),
            None if as_image => Ok(ProfileMethod::Image(self.image_method(MethodName::Exact))),
            None | Some(MethodName::Hankel) => Ok(ProfileMethod::Hankel {
                rel_error: self.rel_error.unwrap_or(REL_ERROR),
            }),
            Some(name) => Ok(ProfileMethod::Image(self.image_method(name))),
        }
    }

    /// The exact method: for plans of profiles that never make an image, but could.
    pub(crate) fn exact(&self) -> ImageMethod {
        self.image_method(MethodName::Exact)
    }

    fn image_method(&self, name: MethodName) -> ImageMethod {
        match name {
            MethodName::Bilinear => ImageMethod::Bilinear,
            MethodName::Galario => ImageMethod::Galario,
            MethodName::Direct => ImageMethod::Direct,
            MethodName::Exact | MethodName::Hankel => ImageMethod::Exact {
                rel_error: self.rel_error.unwrap_or(match self.precision {
                    Precision::F32 => REL_ERROR_F32,
                    Precision::F64 => REL_ERROR,
                }),
            },
        }
    }
}

const REL_ERROR: f64 = 1e-10;
/// What single precision can hold.
const REL_ERROR_F32: f64 = 1e-5;
