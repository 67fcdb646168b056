//! Events as a stream in time order, wherever they are stored.

use crate::{GoodTimeIntervals, TimeReference};

/// One run of events in time order; columns that were not asked for are empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventColumns<'a> {
    /// Times of arrival, seconds after the reference, ascending.
    pub times: &'a [f64],
    /// Energies, keV; NaN where an event has none.
    pub energies_kev: &'a [f32],
    /// Pulse-height channels (PI, or PHA where there is no PI).
    pub channels: &'a [i32],
    /// Detector, chip or unit numbers.
    pub detectors: &'a [i32],
}

/// Which columns beside the times a visitor reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WantedColumns {
    /// `energies_kev`.
    pub energies: bool,
    /// `channels`.
    pub channels: bool,
    /// `detectors`.
    pub detectors: bool,
}

/// Events that can be visited in time order, any time range, from any thread:
/// an array in memory or a file larger than memory.
pub trait EventSource: Sync {
    /// What can go wrong while reading.
    type Error: std::error::Error + Send + Sync + 'static;

    /// What the times count from.
    fn reference(&self) -> &TimeReference;

    /// When the instrument was ready to see events.
    fn gti(&self) -> &GoodTimeIntervals;

    /// Number of events with `start <= t < stop` (binary search).
    ///
    /// # Errors
    /// Those of the source.
    fn count(&self, start: f64, stop: f64) -> Result<u64, Self::Error>;

    /// Number of events that a visit of `start <= t < stop` looks at, kept or not: what it costs.
    ///
    /// # Errors
    /// Those of the source.
    fn looked_at(&self, start: f64, stop: f64) -> Result<u64, Self::Error> {
        self.count(start, stop)
    }

    /// Calls `visit` with consecutive runs of the events with `start <= t < stop`.
    ///
    /// Runs come in time order and are not empty; their lengths are up to the source.
    ///
    /// # Errors
    /// Those of the source; also when a wanted column is not there.
    fn visit(
        &self,
        start: f64,
        stop: f64,
        wanted: WantedColumns,
        visit: &mut dyn FnMut(EventColumns<'_>),
    ) -> Result<(), Self::Error>;
}
