//! A stream of events as a detector with dead time sees it.

use std::collections::BTreeMap;

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
    by_detector: bool,
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
            by_detector: false,
        })
    }

    /// The same with each detector dead for itself, whatever the others see.
    #[must_use]
    pub fn by_detector(mut self) -> Self {
        self.by_detector = true;
        self
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
        let mut filters: BTreeMap<i32, DeadTimeFilter> = BTreeMap::new();
        let mut kept = EventList::default();
        let needed = WantedColumns {
            detectors: wanted.detectors || self.by_detector,
            ..wanted
        };
        self.source.visit(start, stop, needed, &mut |columns| {
            kept.clear();
            let seen = |&row: &usize| {
                let detector = match self.by_detector {
                    true => columns.detectors[row],
                    false => 0,
                };
                let filter = filters.entry(detector).or_insert(self.filter);
                filter.keeps(columns.times[row])
            };
            let rows: Vec<usize> = (0..columns.times.len()).filter(seen).collect();
            let shown = EventColumns {
                detectors: if wanted.detectors {
                    columns.detectors
                } else {
                    &[]
                },
                ..columns
            };
            kept.extend_by(shown, rows.into_iter());
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

    #[test]
    fn detectors_are_dead_for_themselves() {
        let gti = GoodTimeIntervals::single(0.0, 10.0).unwrap();
        let events = EventList::new(vec![0.0, 0.1, 0.4, 1.2, 1.3], gti).unwrap();
        let events = events.with_detectors(vec![0, 1, 0, 1, 0]).unwrap();
        let wanted = WantedColumns {
            detectors: true,
            ..WantedColumns::default()
        };
        let all = DeadTimeEvents::of(&events, DeadTime::NonParalysable, 1.0).unwrap();
        assert_eq!(EventList::read(&all, wanted).unwrap().times(), [0.0, 1.2]);
        let each = EventList::read(&all.by_detector(), wanted).unwrap();
        assert_eq!(each.times(), [0.0, 0.1, 1.2, 1.3]);
        assert_eq!(each.detectors(), [0, 1, 1, 0]);
    }
}
