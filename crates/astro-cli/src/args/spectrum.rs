//! How brightness changes with frequency.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::range::Real;

/// A spectrum: `I(ν) = I(ν₀) (ν/ν₀)^(α + β ln(ν/ν₀))`.
#[derive(Clone, Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Spectrum", allow_negative_numbers = true)]
pub(crate) struct SpectrumOptions {
    /// Spectral index α in I ∝ (ν/ν₀)^(α + β ln(ν/ν₀)): a number, or a map (FITS or .npy) on the pixels of the image
    #[arg(long, value_name = "NUMBER|FILE")]
    pub(crate) spectral_index: Option<NumberOrFile>,
    /// Curvature β of the spectrum: a number, or a map [default: 0]
    #[arg(long, value_name = "NUMBER|FILE", requires = "spectral_index")]
    pub(crate) curvature: Option<NumberOrFile>,
    /// Frequency ν₀ at which the model is given, Hz [default: of the FITS image]
    #[arg(long, value_name = "HZ", value_parser = Real::Positive, requires = "spectral_index")]
    pub(crate) reference_frequency: Option<f64>,
}

/// One number for all pixels, or a file with one for each.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NumberOrFile {
    Number(f64),
    File(PathBuf),
}

impl FromStr for NumberOrFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Self::Number(number)),
            Ok(number) => Err(format!("{number} is not finite")),
            Err(_) => Ok(Self::File(text.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_files_are_told_apart() {
        assert_eq!("-0.7".parse(), Ok(NumberOrFile::Number(-0.7)));
        assert_eq!(
            "alpha.fits".parse(),
            Ok(NumberOrFile::File("alpha.fits".into()))
        );
        assert!("nan".parse::<NumberOrFile>().is_err());
    }
}
