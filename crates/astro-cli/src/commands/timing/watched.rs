//! A source of events that tells how far it has been read.

use astro_core::{
    EventColumns, EventSource, GoodTimeIntervals, Progress as _, TimeReference, WantedColumns,
};

use crate::progress::Bar;

/// A source whose visits advance a bar, for work that does not report progress itself.
#[derive(Debug)]
pub(crate) struct Watched<'a, S> {
    source: &'a S,
    bar: Bar,
}

impl<'a, S: EventSource> Watched<'a, S> {
    /// `events` are visited in all; the bar ends when this is dropped.
    pub(crate) fn new(source: &'a S, bar: Bar, events: u64) -> Self {
        bar.begin("events", events);
        Self { source, bar }
    }
}

impl<S> Drop for Watched<'_, S> {
    fn drop(&mut self) {
        self.bar.end();
    }
}

impl<S: EventSource> EventSource for Watched<'_, S> {
    type Error = S::Error;

    fn reference(&self) -> &TimeReference {
        self.source.reference()
    }

    fn gti(&self) -> &GoodTimeIntervals {
        self.source.gti()
    }

    fn count(&self, start: f64, stop: f64) -> Result<u64, S::Error> {
        self.source.count(start, stop)
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
        self.source.visit(start, stop, wanted, &mut |columns| {
            visit(columns);
            self.bar.advance(columns.times.len() as u64);
        })
    }
}
