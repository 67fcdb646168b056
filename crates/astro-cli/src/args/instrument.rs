//! What lies between the sky and the correlator: primary beam and w-term.

use std::path::PathBuf;

use clap::Args;

use super::range::Real;

/// Primary beam and w-term.
#[derive(Clone, Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Primary beam and w-term")]
pub(crate) struct InstrumentOptions {
    /// Primary beam of a round dish of this diameter, metres (Airy pattern)
    #[arg(long, value_name = "M", value_parser = Real::Positive, group = "primary_beam")]
    pub(crate) pb_dish: Option<f64>,
    /// Diameter of the blockage in the middle of the dish, metres
    #[arg(long, value_name = "M", value_parser = Real::NonNegative, default_value = "0", requires = "pb_dish")]
    pub(crate) pb_blockage: f64,
    /// Primary beam as a Gaussian of this full width at half maximum, arcsec
    #[arg(long, value_name = "ARCSEC", value_parser = Real::Positive, group = "primary_beam")]
    pub(crate) pb_fwhm: Option<f64>,
    /// Primary beam from a file: a FITS map of the power, or text with distance from the axis in arcsec and power
    #[arg(long, value_name = "FILE", group = "primary_beam")]
    pub(crate) pb_file: Option<PathBuf>,
    /// Frequency for which the beam is given, Hz; its width goes as 1/frequency [default: of the FITS map, else of the data]
    #[arg(long, value_name = "HZ", value_parser = Real::Positive, requires = "primary_beam")]
    pub(crate) pb_frequency: Option<f64>,
    /// Take the third component w of the baselines into account
    #[arg(long)]
    pub(crate) w_term: bool,
    /// Divide pixels by n = √(1 − l² − m²): for a brightness drawn on the pixels, such as a profile
    #[arg(long, requires = "w_term")]
    pub(crate) divide_by_n: bool,
}
