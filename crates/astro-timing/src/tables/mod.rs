//! Results as tables that are written to FITS, ECSV and npz.

mod cross;
mod energy;
mod lightcurve;
mod power;

use astro_io::Table;

use crate::{Averaging, Compat, FrequencyBins, Normalization};

impl Normalization {
    /// Its name in Stingray, which tables carry.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Leahy => "leahy",
            Self::FractionalRms => "frac",
            Self::AbsoluteRms => "abs",
            Self::Unnormalized => "none",
        }
    }

    /// The unit of powers as FITS writes it; empty for pure numbers.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Leahy | Self::Unnormalized => "",
            Self::FractionalRms => "Hz-1",
            Self::AbsoluteRms => "count2 s-2 Hz-1",
        }
    }
}

/// FREQUENCY, WIDTH and AVERAGES of each bin.
fn frequency_columns<'t>(table: Table<'t>, bins: &'t FrequencyBins) -> Table<'t> {
    table
        .column("FREQUENCY", "Hz", &bins.frequency_hz)
        .column("WIDTH", "Hz", &bins.width_hz)
        .column("AVERAGES", "", &bins.averages)
}

/// What an averaged spectrum is made with.
fn averaging_keywords(
    table: Table<'_>,
    normalization: Normalization,
    averaging: Averaging,
    segments: [u64; 2],
    compat: Compat,
) -> Table<'_> {
    let averaging = match averaging {
        Averaging::CommonMean => "common",
        Averaging::EachSegment => "each",
    };
    let compat = match compat {
        Compat::Correct => "none",
        Compat::Stingray => "stingray",
    };
    table
        .keyword("NORM", normalization.name(), "normalisation")
        .keyword(
            "AVERAGE",
            averaging,
            "counts that segments are normalised by",
        )
        .keyword("SEGMENTS", segments[0] as i64, "segments averaged")
        .keyword("EMPTYSEG", segments[1] as i64, "segments without counts")
        .keyword("COMPAT", compat, "package that is repeated")
}
