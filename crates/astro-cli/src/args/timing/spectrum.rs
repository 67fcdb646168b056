//! How time series are cut, binned, transformed and averaged.

use astro_timing::{Averaging, Compat, Normalization, Rebinning};
use clap::{Args, ValueEnum};

use crate::args::range::{Real, Whole};
use crate::args::{NumberOrFile, Precision};

/// Segments, bins and normalisation.
#[derive(Clone, Debug, Args)]
#[group(skip)]
#[command(next_help_heading = "Spectrum")]
pub(crate) struct SegmentOptions {
    /// Length of the segments that are averaged, seconds [default: 256, or the longest good time interval if that is shorter]
    #[arg(long, value_name = "S", value_parser = Real::Positive)]
    pub(crate) segment: Option<f64>,
    /// Width of the time bins, seconds: frequencies reach to half its inverse [default: 1/256, or the resolution of the times if that is longer]
    #[arg(long, value_name = "S", value_parser = Real::Positive)]
    pub(crate) dt: Option<f64>,
    /// What powers are measured in
    #[arg(long, value_enum, value_name = "NORM", default_value = "frac")]
    pub(crate) norm: NormName,
    /// Normalise each segment by its own counts before the average, rather than the average by those of all
    #[arg(long)]
    pub(crate) each_segment: bool,
}

impl SegmentOptions {
    pub(crate) fn averaging(&self) -> Averaging {
        if self.each_segment {
            Averaging::EachSegment
        } else {
            Averaging::CommonMean
        }
    }
}

/// Normalisations of powers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum NormName {
    /// Noise has the level 2
    Leahy,
    /// Squared fractional rms a hertz
    #[default]
    Frac,
    /// Squared rms in counts a second, a hertz
    Abs,
    /// Squared transform
    None,
}

impl From<NormName> for Normalization {
    fn from(name: NormName) -> Self {
        match name {
            NormName::Leahy => Self::Leahy,
            NormName::Frac => Self::FractionalRms,
            NormName::Abs => Self::AbsoluteRms,
            NormName::None => Self::Unnormalized,
        }
    }
}

/// Frequencies that are merged.
#[derive(Clone, Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Spectrum")]
pub(crate) struct RebinOptions {
    /// Merge this many neighbouring frequencies [default: 1]
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(1), conflicts_with = "rebin_log")]
    pub(crate) rebin: Option<usize>,
    /// Merge frequencies into bins each wider than the last by 1 + F, such as 0.02
    #[arg(long, value_name = "F", value_parser = Real::Positive)]
    pub(crate) rebin_log: Option<f64>,
}

impl RebinOptions {
    pub(crate) fn rebinning(&self) -> Option<Rebinning> {
        let factor = self.rebin.filter(|&factor| factor > 1);
        factor
            .map(Rebinning::Factor)
            .or(self.rebin_log.map(Rebinning::Logarithmic))
    }
}

/// Counts that are not the source's.
#[derive(Clone, Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Spectrum")]
pub(crate) struct BackgroundOption {
    /// Background in the counts: counts per second, or an event file of a background region
    #[arg(long, value_name = "RATE|FILE")]
    pub(crate) background: Option<NumberOrFile>,
    /// Area of the source region over that of the background file: the ratio of their BACKSCAL
    #[arg(long, value_name = "RATIO", value_parser = Real::Positive, default_value = "1", requires = "background")]
    pub(crate) backscale: f64,
}

/// Number type of bins and transforms.
#[derive(Clone, Copy, Debug, Args)]
#[group(skip)]
#[command(next_help_heading = "Spectrum")]
pub(crate) struct PrecisionOption {
    /// Number type of bins and transforms; sums are always double
    #[arg(long, value_enum, value_name = "TYPE", default_value = "f64")]
    pub(crate) precision: Precision,
}

/// Whose definitions.
#[derive(Clone, Copy, Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Spectrum")]
pub(crate) struct CompatOption {
    /// Compute as this package where its definitions differ from the statistically correct ones
    #[arg(long, value_enum, value_name = "PACKAGE")]
    pub(crate) compat: Option<CompatName>,
}

/// Packages whose results can be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompatName {
    /// Stingray 2.3.2
    Stingray,
}

impl From<CompatOption> for Compat {
    fn from(option: CompatOption) -> Self {
        match option.compat {
            None => Self::Correct,
            Some(CompatName::Stingray) => Self::Stingray,
        }
    }
}
