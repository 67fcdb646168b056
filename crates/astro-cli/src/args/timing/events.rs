//! Which event files, and which of their events.

use std::path::PathBuf;

use astro_timing::{EnergyBand, EventSelection, JointGoodTime};
use clap::{Args, ValueEnum};

use super::gti::GtiArgument;
use crate::args::interval::{Interval, Ordered};
use crate::args::range::Real;

/// Event files and the events of them that count.
#[derive(Clone, Debug, Args)]
#[group(skip)]
pub(crate) struct EventInput {
    /// Event files (FITS, also gzipped); several become one, in time order
    #[arg(value_name = "FILE", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) selection: SelectionOptions,
    #[command(flatten)]
    pub(crate) file: FileOptions,
}

/// Which events count.
#[derive(Clone, Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Selection", allow_negative_numbers = true)]
pub(crate) struct SelectionOptions {
    /// Energies from LOW up to, but not including, HIGH, keV
    #[arg(long, value_name = "LOW:HIGH", value_parser = Ordered(Real::NonNegative))]
    pub(crate) energy: Option<Interval>,
    /// Channels (PI) from LOW to HIGH, both included
    #[arg(long, value_name = "LOW:HIGH", value_parser = Ordered(Real::Finite))]
    pub(crate) channels: Option<Interval>,
    /// Only this detector, chip or unit; may be repeated
    #[arg(long, value_name = "NUMBER")]
    pub(crate) detector: Vec<i32>,
    /// Only these times: START:STOP in seconds of the file, or a FITS file of good time intervals; may be repeated
    #[arg(long, value_name = "START:STOP|FILE")]
    pub(crate) gti: Vec<GtiArgument>,
    /// Extension of the event file with its good time intervals [default: as its mission has it]
    #[arg(long, value_name = "NAME", conflicts_with = "no_gti")]
    pub(crate) gti_extension: Option<String>,
    /// Take the time from the first event to the last as good
    #[arg(long)]
    pub(crate) no_gti: bool,
    /// Sort and merge good time intervals that are out of order or overlap
    #[arg(long)]
    pub(crate) merge_gti: bool,
    /// Which times of several files are good
    #[arg(long, value_enum, value_name = "RULE", default_value = "overlap")]
    pub(crate) join: JoinRule,
}

/// Which times of several files are good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum JoinRule {
    /// Good in both where files overlap in time, good in either where they follow one another
    #[default]
    Overlap,
    /// Good in any file
    Union,
    /// Good in every file
    Intersection,
}

impl From<JoinRule> for JointGoodTime {
    fn from(rule: JoinRule) -> Self {
        match rule {
            JoinRule::Overlap => Self::ByOverlap,
            JoinRule::Union => Self::Union,
            JoinRule::Intersection => Self::Intersection,
        }
    }
}

impl SelectionOptions {
    /// By energy, channel and detector.
    pub(crate) fn events(&self) -> astro_timing::Result<EventSelection> {
        let band = |range: Interval| EnergyBand::new(range.low, range.high);
        Ok(EventSelection {
            energies: self.energy.map(band).transpose()?,
            channels: self
                .channels
                .map(|range| range.low.ceil() as i32..=range.high.floor() as i32),
            detectors: (!self.detector.is_empty()).then(|| self.detector.clone()),
        })
    }
}

/// How event files are read where their headers do not say.
#[derive(Clone, Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Event files")]
pub(crate) struct FileOptions {
    /// Extension with the events, by name or number [default: as its mission has it]
    #[arg(long, value_name = "NAME")]
    pub(crate) hdu: Option<String>,
    /// Response file (RMF) that gives channels their energies [default: an energy column, or the mission's rough rule]
    #[arg(long, value_name = "FILE")]
    pub(crate) response: Option<PathBuf>,
    /// Column with the times [default: as its mission has it]
    #[arg(long, value_name = "NAME")]
    pub(crate) time_column: Option<String>,
    /// Column with the energies [default: as its mission has it]
    #[arg(long, value_name = "NAME")]
    pub(crate) energy_column: Option<String>,
    /// Column with the channels [default: as its mission has it]
    #[arg(long, value_name = "NAME")]
    pub(crate) channel_column: Option<String>,
    /// Column with the detectors [default: as its mission has it]
    #[arg(long, value_name = "NAME")]
    pub(crate) detector_column: Option<String>,
    /// Leave out events whose time is no number
    #[arg(long)]
    pub(crate) skip_bad_times: bool,
    /// Look at every time when a file is opened: for large files with a few rows out of order
    #[arg(long)]
    pub(crate) scan_order: bool,
}
