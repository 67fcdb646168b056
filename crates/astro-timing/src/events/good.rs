//! Only the events in good time.

use astro_core::{EventColumns, EventSource, GoodTimeIntervals, TimeReference, WantedColumns};

use crate::Result;

/// A source of which only the events in the good time intervals are seen: what is written when a file
/// is filtered.
///
/// ```
/// use astro_core::{EventSource, GoodTimeIntervals};
/// use astro_timing::{EventList, EventsInGoodTime};
/// let events = EventList::new(vec![0.5, 1.5], GoodTimeIntervals::single(1.0, 2.0)?)?;
/// assert_eq!(EventsInGoodTime::of(&events).count(0.0, 9.0)?, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct EventsInGoodTime<'a, S> {
    source: &'a S,
    gti: GoodTimeIntervals,
}

impl<'a, S: EventSource> EventsInGoodTime<'a, S> {
    /// The events in the good time of the source.
    pub fn of(source: &'a S) -> Self {
        Self {
            gti: source.gti().clone(),
            source,
        }
    }

    /// The events in other good time intervals.
    #[must_use]
    pub fn with_gti(self, gti: GoodTimeIntervals) -> Self {
        Self { gti, ..self }
    }

    fn ranges(&self, start: f64, stop: f64) -> impl Iterator<Item = (f64, f64)> {
        let intervals = self.gti.intervals().iter();
        intervals
            .map(move |one| (one.start.max(start), one.stop.min(stop)))
            .filter(|(start, stop)| start < stop)
    }
}

impl<S: EventSource> EventSource for EventsInGoodTime<'_, S> {
    type Error = S::Error;

    fn reference(&self) -> &TimeReference {
        self.source.reference()
    }

    fn gti(&self) -> &GoodTimeIntervals {
        &self.gti
    }

    fn count(&self, start: f64, stop: f64) -> Result<u64, S::Error> {
        let mut events = 0;
        for (start, stop) in self.ranges(start, stop) {
            events += self.source.count(start, stop)?;
        }
        Ok(events)
    }

    fn visit(
        &self,
        start: f64,
        stop: f64,
        wanted: WantedColumns,
        visit: &mut dyn FnMut(EventColumns<'_>),
    ) -> Result<(), S::Error> {
        for (start, stop) in self.ranges(start, stop) {
            self.source.visit(start, stop, wanted, visit)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EventList;

    #[test]
    fn events_outside_are_not_seen() {
        let gti = GoodTimeIntervals::new([[0.0, 1.0], [2.0, 4.0]]).unwrap();
        let events = EventList::new(vec![0.5, 1.5, 2.0, 3.0, 4.0], gti).unwrap();
        let good = EventsInGoodTime::of(&events);
        let mut seen = Vec::new();
        good.visit(
            0.6,
            f64::INFINITY,
            WantedColumns::default(),
            &mut |columns| {
                seen.extend_from_slice(columns.times);
            },
        )
        .unwrap();
        assert_eq!(seen, [2.0, 3.0]);
        let short = good.with_gti(GoodTimeIntervals::single(0.0, 2.0).unwrap());
        assert_eq!(short.count(f64::NEG_INFINITY, f64::INFINITY).unwrap(), 2);
    }
}
