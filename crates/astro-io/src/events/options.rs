//! How an event file is to be read where its own headers are not to be followed.

use std::sync::Arc;

use astro_core::GoodTimeIntervals;

use crate::ResponseMatrix;

/// Where good time intervals come from.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum GtiChoice {
    /// The extensions of the file that its mission uses.
    #[default]
    File,
    /// The extension of this name or number.
    Extension(String),
    /// These intervals, in the reference of the file.
    Given(GoodTimeIntervals),
    /// Nothing: the span of the events is taken as good, half a time bin (TIMEDEL) added at either end.
    WithoutGti,
}

/// Whether times ascend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventOrder {
    /// Small tables are looked through, large ones looked at in a thousand places; what is not in
    /// order is sorted. Every row is checked when it is visited, and one out of order is an error.
    #[default]
    Detect,
    /// Every time is looked at when the file is opened: for large files that are in order but for a few rows.
    Scan,
}

/// Settings for [`EventFile::open_with`](super::EventFile::open_with).
///
/// ```
/// use astro_io::{EventFileOptions, GtiChoice};
/// let options = EventFileOptions::new().hdu("EVENTS").gti(GtiChoice::WithoutGti);
/// ```
#[derive(Clone, Debug)]
pub struct EventFileOptions {
    pub(crate) hdu: Option<String>,
    pub(crate) time_column: Option<String>,
    pub(crate) channel_column: Option<String>,
    pub(crate) energy_column: Option<String>,
    pub(crate) detector_column: Option<String>,
    pub(crate) response: Option<Arc<ResponseMatrix>>,
    pub(crate) gti: GtiChoice,
    pub(crate) gti_detectors: Option<Vec<i32>>,
    pub(crate) merge_gti: bool,
    pub(crate) skip_bad_times: bool,
    pub(crate) order: EventOrder,
    pub(crate) sort_limit: usize,
}

impl Default for EventFileOptions {
    fn default() -> Self {
        Self {
            hdu: None,
            time_column: None,
            channel_column: None,
            energy_column: None,
            detector_column: None,
            response: None,
            gti: GtiChoice::File,
            gti_detectors: None,
            merge_gti: false,
            skip_bad_times: false,
            order: EventOrder::Detect,
            sort_limit: 1 << 20,
        }
    }
}

impl EventFileOptions {
    /// What the file and its mission say.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The extension with the events, by name or number.
    #[must_use]
    pub fn hdu(mut self, name: impl Into<String>) -> Self {
        self.hdu = Some(name.into());
        self
    }

    /// The column with the times.
    #[must_use]
    pub fn time_column(mut self, name: impl Into<String>) -> Self {
        self.time_column = Some(name.into());
        self
    }

    /// The column with the channels.
    #[must_use]
    pub fn channel_column(mut self, name: impl Into<String>) -> Self {
        self.channel_column = Some(name.into());
        self
    }

    /// The column with the energies; without a unit (TUNIT) they are taken as keV.
    #[must_use]
    pub fn energy_column(mut self, name: impl Into<String>) -> Self {
        self.energy_column = Some(name.into());
        self
    }

    /// The column with the detectors.
    #[must_use]
    pub fn detector_column(mut self, name: impl Into<String>) -> Self {
        self.detector_column = Some(name.into());
        self
    }

    /// Energies of the channels, in place of an energy column or the mission's rough rule.
    #[must_use]
    pub fn response(mut self, response: ResponseMatrix) -> Self {
        self.response = Some(Arc::new(response));
        self
    }

    /// Where good time intervals come from.
    #[must_use]
    pub fn gti(mut self, choice: GtiChoice) -> Self {
        self.gti = choice;
        self
    }

    /// The detectors whose good time intervals count, in files that have them by detector; by
    /// default those that have events, which takes a pass over the file.
    #[must_use]
    pub fn gti_detectors(mut self, detectors: impl Into<Vec<i32>>) -> Self {
        self.gti_detectors = Some(detectors.into());
        self
    }

    /// Whether good time intervals that are out of order or overlap are sorted and merged; by default they are an error.
    #[must_use]
    pub fn merge_gti(mut self, merge: bool) -> Self {
        self.merge_gti = merge;
        self
    }

    /// Whether rows whose time is no finite number are left out; by default they are an error.
    #[must_use]
    pub fn skip_bad_times(mut self, skip: bool) -> Self {
        self.skip_bad_times = skip;
        self
    }

    /// Whether times ascend.
    #[must_use]
    pub fn order(mut self, order: EventOrder) -> Self {
        self.order = order;
        self
    }

    /// Events that are sorted in memory at a time, of 24 bytes each, half as much again while they
    /// are sorted; about a million by default. Longer files are sorted through temporary files.
    #[must_use]
    pub fn sort_limit(mut self, events: usize) -> Self {
        self.sort_limit = events;
        self
    }
}
