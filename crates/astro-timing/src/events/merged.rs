//! Several sources as one, their events in time order.

use astro_core::{
    EventColumns, EventSource, GoodTimeIntervals, TimeOffset, TimeReference, WantedColumns,
};

use super::EventList;
use crate::{Error, Result};

/// Events merged at a time, so that memory does not grow with the time range.
const WINDOW_EVENTS: u64 = 1 << 16;

/// Which times of several sources are good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JointGoodTime {
    /// Sources whose good times overlap were taken at the same time: both must be good. Others
    /// follow one another: all are good. (Stingray's `join` with `strategy="infer"`.)
    #[default]
    ByOverlap,
    /// Times that are good in any source.
    Union,
    /// Times that are good in every source.
    Intersection,
}

/// Several sources as one: modules or detectors that looked at the same time, or observations one
/// after the other.
///
/// Times are brought to the reference of the first source. Events at the same time come in the
/// order of the sources. No more than a few ten thousand events are held at once.
///
/// ```
/// use astro_core::{EventSource, GoodTimeIntervals};
/// use astro_timing::{EventList, JointGoodTime, MergedEvents};
///
/// let module = |times| EventList::new(times, GoodTimeIntervals::single(0.0, 10.0)?);
/// let both = MergedEvents::new(
///     vec![module(vec![1.0, 4.0])?, module(vec![2.0, 3.0])?],
///     JointGoodTime::ByOverlap,
/// )?;
/// assert_eq!(both.gti().exposure_s(), 10.0);
/// assert_eq!(EventList::read(&both, Default::default())?.times(), [1.0, 2.0, 3.0, 4.0]);
/// # Ok::<(), astro_timing::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct MergedEvents<S> {
    parts: Vec<Part<S>>,
    gti: GoodTimeIntervals,
    reference: TimeReference,
}

#[derive(Clone, Debug)]
struct Part<S> {
    source: S,
    /// From its times to those of the whole; `None` where they are the same.
    offset: Option<TimeOffset>,
}

impl<S: EventSource> MergedEvents<S> {
    /// All sources as one.
    ///
    /// # Errors
    /// [`Error::Time`] if their time scales or places differ; [`Error::Unsuitable`] for none.
    pub fn new(sources: Vec<S>, good_time: JointGoodTime) -> Result<Self> {
        let first = sources.first().ok_or(Error::Unsuitable {
            operation: "merging events",
            requirement: "at least one source",
        })?;
        let reference = *first.reference();
        let mut gti = first.gti().clone();
        let mut parts = Vec::with_capacity(sources.len());
        for (index, source) in sources.into_iter().enumerate() {
            let offset = source.reference().offset_to(&reference)?;
            let offset = (offset != TimeOffset::default()).then_some(offset);
            if index > 0 {
                let own = match offset {
                    Some(offset) => source.gti().with_times(|t| offset.apply(t))?,
                    None => source.gti().clone(),
                };
                let common = gti.intersection(&own);
                let both = match good_time {
                    JointGoodTime::ByOverlap => !common.is_empty(),
                    JointGoodTime::Union => false,
                    JointGoodTime::Intersection => true,
                };
                gti = if both { common } else { gti.union(&own) };
            }
            parts.push(Part { source, offset });
        }
        Ok(Self {
            parts,
            gti,
            reference,
        })
    }

    /// With other good time intervals, in the reference of the first source.
    #[must_use]
    pub fn with_gti(mut self, gti: GoodTimeIntervals) -> Self {
        self.gti = gti;
        self
    }

    /// The sources, in the order in which they were given.
    pub fn sources(&self) -> impl ExactSizeIterator<Item = &S> {
        self.parts.iter().map(|part| &part.source)
    }

    /// Merges the events of a window that is short enough to be held.
    fn window(
        &self,
        (start, stop): (f64, f64),
        wanted: WantedColumns,
        visit: &mut dyn FnMut(EventColumns<'_>),
    ) -> Result<()> {
        let mut all = EventList::default();
        for part in &self.parts {
            let [own_start, own_stop] = part.own_range(start, stop);
            part.source
                .visit(own_start, own_stop, wanted, &mut |columns| {
                    let before = all.times.len();
                    all.extend(columns);
                    if let Some(offset) = part.offset {
                        let times = &mut all.times[before..];
                        times
                            .iter_mut()
                            .for_each(|time| *time = offset.apply(*time));
                    }
                })
                .map_err(Error::from_source)?;
        }
        let merged = EventList::from_unsorted(all.columns(), GoodTimeIntervals::default())?;
        if !merged.is_empty() {
            visit(merged.columns());
        }
        Ok(())
    }
}

impl<S> Part<S> {
    /// The range in the times of the source.
    fn own_range(&self, start: f64, stop: f64) -> [f64; 2] {
        match self.offset {
            None => [start, stop],
            Some(offset) => [start, stop].map(|border| own_border(offset, border)),
        }
    }
}

/// The lowest time that is moved to `border` or beyond: exact, so that ranges that touch share no
/// event and lose none.
fn own_border(offset: TimeOffset, border: f64) -> f64 {
    if border.is_infinite() {
        return border;
    }
    let (mut below, mut above) = (place(f64::MIN), place(f64::MAX));
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if offset.apply(number(middle)) >= border {
            above = middle;
        } else {
            below = middle;
        }
    }
    number(above)
}

/// The place of a number among all numbers, as an integer of the same order.
fn place(number: f64) -> i128 {
    let bits = number.to_bits() as i64;
    i128::from(bits ^ (((bits >> 63) as u64) >> 1) as i64)
}

/// The number at a place.
fn number(place: i128) -> f64 {
    let bits = place as i64;
    f64::from_bits((bits ^ (((bits >> 63) as u64) >> 1) as i64) as u64)
}

impl<S: EventSource> EventSource for MergedEvents<S> {
    type Error = Error;

    fn reference(&self) -> &TimeReference {
        &self.reference
    }

    fn gti(&self) -> &GoodTimeIntervals {
        &self.gti
    }

    fn count(&self, start: f64, stop: f64) -> Result<u64> {
        let mut events = 0;
        for part in &self.parts {
            let [own_start, own_stop] = part.own_range(start, stop);
            let own = part.source.count(own_start, own_stop);
            events += own.map_err(Error::from_source)?;
        }
        Ok(events)
    }

    fn visit(
        &self,
        start: f64,
        stop: f64,
        wanted: WantedColumns,
        visit: &mut dyn FnMut(EventColumns<'_>),
    ) -> Result<()> {
        if let [
            Part {
                source,
                offset: None,
            },
        ] = self.parts.as_slice()
        {
            let visited = source.visit(start, stop, wanted, visit);
            return visited.map_err(Error::from_source);
        }
        // Windows are halved until their events can be held; the earlier half comes first.
        let mut windows = vec![(place(start), place(stop))];
        while let Some((first, after)) = windows.pop() {
            let range = (number(first), number(after));
            let events = self.count(range.0, range.1)?;
            if events > WINDOW_EVENTS && after - first > 1 {
                let middle = first + (after - first) / 2;
                windows.push((middle, after));
                windows.push((first, middle));
            } else if events > 0 {
                self.window(range, wanted, visit)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use astro_core::{Mjd, ReferencePosition, TimeScale};

    use super::*;

    fn events(times: Vec<f64>, start: f64, stop: f64) -> EventList {
        EventList::new(times, GoodTimeIntervals::single(start, stop).unwrap()).unwrap()
    }

    fn at_day(day: i64, fraction: f64) -> TimeReference {
        let epoch = Mjd::new(day, fraction);
        TimeReference::new(epoch, TimeScale::Tdb, ReferencePosition::SolarSystem)
    }

    #[test]
    fn many_events_come_in_order_and_once() {
        let times = |step: f64, offset: f64| -> Vec<f64> {
            (0..150_000).map(|i| f64::from(i) * step + offset).collect()
        };
        let parts = vec![
            events(times(0.001, 0.0), 0.0, 150.0),
            events(times(0.0007, 3.0), 0.0, 150.0),
        ];
        let merged = MergedEvents::new(parts, JointGoodTime::ByOverlap).unwrap();
        let mut longest = 0;
        let mut all = Vec::new();
        let everything = (f64::NEG_INFINITY, f64::INFINITY);
        merged
            .visit(
                everything.0,
                everything.1,
                WantedColumns::default(),
                &mut |columns| {
                    longest = longest.max(columns.times.len());
                    all.extend_from_slice(columns.times);
                },
            )
            .unwrap();
        assert_eq!(all.len(), 300_000);
        assert!(all.is_sorted());
        assert!(longest as u64 <= WINDOW_EVENTS, "{longest}");
        assert_eq!(merged.count(everything.0, everything.1).unwrap(), 300_000);
    }

    #[test]
    fn borders_of_moved_sources_are_exact() {
        let first = events(vec![], 0.0, 1.0).with_reference(at_day(55_197, 7.660_185_2e-4));
        let times: Vec<f64> = (0..2000).map(|i| 1e-9 + 0.1 * f64::from(i)).collect();
        let second = events(times, 0.0, 200.0).with_reference(at_day(57_000, 0.123));
        let merged = MergedEvents::new(vec![first, second], JointGoodTime::Union).unwrap();
        let start = merged.gti().intervals()[1].start;
        // Borders on the moved times themselves, and around them.
        let mut seen = 0;
        for window in 0..200 {
            let from = start + f64::from(window);
            let found = merged.count(from, from + 1.0).unwrap();
            merged
                .visit(from, from + 1.0, WantedColumns::default(), &mut |columns| {
                    assert!(columns.times.iter().all(|t| (from..from + 1.0).contains(t)));
                    assert_eq!(columns.times.len() as u64, found);
                    seen += found;
                })
                .unwrap();
        }
        assert_eq!(seen, 2000);
    }

    #[test]
    fn good_time_follows_the_rule() {
        let exposure = |other: EventList, rule| {
            let parts = vec![events(vec![], 0.0, 10.0), other];
            MergedEvents::new(parts, rule).unwrap().gti().exposure_s()
        };
        let (beside, after) = (events(vec![], 5.0, 20.0), events(vec![], 30.0, 35.0));
        assert_eq!(exposure(beside.clone(), JointGoodTime::ByOverlap), 5.0);
        assert_eq!(exposure(after.clone(), JointGoodTime::ByOverlap), 15.0);
        assert_eq!(exposure(beside, JointGoodTime::Union), 20.0);
        assert_eq!(exposure(after, JointGoodTime::Intersection), 0.0);
        let parts = vec![
            events(vec![], 0.0, 1.0),
            events(vec![], 0.0, 1.0).with_reference(at_day(1, 0.0)),
        ];
        assert!(MergedEvents::new(parts, JointGoodTime::Union).is_err());
        assert!(MergedEvents::<EventList>::new(vec![], JointGoodTime::Union).is_err());
    }
}
