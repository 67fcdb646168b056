//! A stream of events as a detector with dead time sees it.

use astro_core::{EventColumns, EventSource, GoodTimeIntervals, TimeReference, WantedColumns};

use super::{DeadTime, DeadTimeFilter};
use crate::{EventList, Result};

/// A source of which only the events are seen that dead time leaves.
///
/// Every visit starts with a detector that is alive: visit a whole observation at once, as a writer
/// does, or [`EventList::read`] it first.
#[derive(Clone, Debug)]
pub struct DeadTimeEvents<'a, S> {
    source: &'a S,
    filter: DeadTimeFilter,
}

impl<'a, S: EventSource> DeadTimeEvents<'a, S> {
    /// The events of `source` behind a dead time.
    ///
    /// # Errors
    /// A dead time that is not above 0.
    pub fn of(source: &'a S, kind: DeadTime, dead_time_s: f64) -> Result<Self> {
        Ok(Self {
            source,
            filter: DeadTimeFilter::new(kind, dead_time_s)?,
        })
    }
}

impl<S: EventSource> EventSource for DeadTimeEvents<'_, S> {
    type Error = S::Error;

    fn reference(&self) -> &TimeReference {
        self.source.reference()
    }

    fn gti(&self) -> &GoodTimeIntervals {
        self.source.gti()
    }

    /// Reads the events to count them.
    fn count(&self, start: f64, stop: f64) -> Result<u64, S::Error> {
        let mut count = 0;
        self.visit(start, stop, WantedColumns::default(), &mut |columns| {
            count += columns.times.len() as u64;
        })?;
        Ok(count)
    }

    fn looked_at(&self, start: f64, stop: f64) -> Result<u64, S::Error> {
        self.source.looked_at(start, stop)
    }

    fn visit(
        &self,
        start: f64,
        stop: f64,
        wanted: WantedColumns,
        visit: &mut dyn FnMut(EventColumns<'_>),
    ) -> Result<(), S::Error> {
        let mut filter = self.filter;
        let mut kept = EventList::default();
        self.source.visit(start, stop, wanted, &mut |columns| {
            kept.clear();
            let rows: Vec<usize> = (0..columns.times.len())
                .filter(|&row| filter.keeps(columns.times[row]))
                .collect();
            kept.extend_by(columns, rows.into_iter());
            if !kept.is_empty() {
                visit(kept.columns());
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deadtime::apply_dead_time;

    #[test]
    fn a_stream_is_filtered_as_an_array() {
        let times: Vec<f64> = (0..1000)
            .map(|i| 0.01 * f64::from(i) + 1e-3 * f64::from(i % 7))
            .collect();
        let gti = GoodTimeIntervals::single(0.0, 11.0).unwrap();
        let events = EventList::new(times.clone(), gti).unwrap();
        for kind in [DeadTime::NonParalysable, DeadTime::Paralysable] {
            let seen = DeadTimeEvents::of(&events, kind, 0.0105).unwrap();
            let seen = EventList::read(&seen, WantedColumns::default()).unwrap();
            assert_eq!(seen.times(), apply_dead_time(&times, kind, 0.0105).unwrap());
        }
        assert!(DeadTimeEvents::of(&events, DeadTime::Paralysable, 0.0).is_err());
    }
}
