//! What an event file is, for people.

use std::fmt;

use astro_core::{TimeInterval, TimeReference, WantedColumns};

/// What was found in an event file when it was opened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EventFileInfo {
    /// TELESCOP, as written.
    pub mission: Option<String>,
    /// INSTRUME, as written.
    pub instrument: Option<String>,
    /// DATAMODE or OBS_MODE, as written.
    pub mode: Option<String>,
    /// OBJECT, as written.
    pub object: Option<String>,
    /// OBS_ID, as written.
    pub observation: Option<String>,
    /// Name of the extension with the events.
    pub extension: String,
    /// Number of events.
    pub events: u64,
    /// Number of good time intervals.
    pub intervals: usize,
    /// Total good time, seconds.
    pub exposure_s: f64,
    /// Times of the first and the last event; `None` where there is none.
    pub span: Option<TimeInterval>,
    /// What the times count from.
    pub reference: TimeReference,
    /// Resolution of the times: TIMEDEL, else the mission's usual frame; 0 if photons are timed one by one.
    pub time_resolution_s: f64,
    /// Columns of the extension.
    pub columns: Vec<EventColumnInfo>,
    /// What a visitor can ask for.
    pub available: WantedColumns,
    /// Where energies come from, in words; `None` where there are none.
    pub energies_from: Option<&'static str>,
    /// What a user should know before trusting a result.
    pub warnings: Vec<EventFileWarning>,
}

/// A column of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct EventColumnInfo {
    /// TTYPE.
    pub name: String,
    /// TFORM.
    pub form: String,
    /// TUNIT; empty where the file has none.
    pub unit: String,
}

/// Something about a file that may make a result other than expected.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EventFileWarning {
    /// The mission is not in the table.
    UnknownMission {
        /// TELESCOP.
        mission: String,
    },
    /// There is no MJDREF.
    NoEpoch,
    /// There is no TIMESYS, or none that is known.
    NoTimeScale,
    /// A unit of time that is not known, taken as seconds.
    UnknownTimeUnit {
        /// The unit.
        unit: String,
    },
    /// Times were not in order and have been sorted.
    Sorted,
    /// Rows that are no photons were left out.
    NotPhotons {
        /// How many.
        rows: u64,
    },
    /// Rows without a usable time were left out.
    BadTimes {
        /// How many.
        rows: u64,
    },
    /// Good time intervals of no length were left out.
    EmptyGti {
        /// The extension.
        extension: String,
        /// How many.
        dropped: usize,
    },
    /// There were no good time intervals to read, as the caller wanted.
    SpanAsGti,
    /// Times have fewer digits than a double.
    CoarseTimes {
        /// TFORM of the time column.
        form: String,
    },
}

impl fmt::Display for EventFileWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownMission { mission } => write!(
                f,
                "mission {mission:?} is not known; columns and extensions were found by their common names"
            ),
            Self::NoEpoch => write!(
                f,
                "no MJDREF: times count from an unknown epoch, taken as MJD 0"
            ),
            Self::NoTimeScale => write!(f, "no known TIMESYS: the time scale is unknown"),
            Self::UnknownTimeUnit { unit } => {
                write!(f, "unit of time {unit:?} is not known, seconds are assumed")
            }
            Self::Sorted => write!(f, "times were not in order and have been sorted"),
            Self::NotPhotons { rows } => write!(f, "{rows} rows that are no photons left out"),
            Self::BadTimes { rows } => write!(f, "{rows} rows without a finite time left out"),
            Self::EmptyGti { extension, dropped } => write!(
                f,
                "{dropped} good time intervals of no length left out ({extension})"
            ),
            Self::SpanAsGti => write!(f, "the span of the events is taken as good time"),
            Self::CoarseTimes { form } => write!(
                f,
                "times are stored as {form}, which resolves them to about 1e-7 of their value"
            ),
        }
    }
}
