//! An event list in memory.

use astro_core::{
    EventColumns, EventSource, GoodTimeIntervals, TimeReference, WantedColumns, check_finite,
    check_lengths,
};

use crate::{Error, Result};

/// Photons in memory: times of arrival, and where known energy, channel and detector of each.
///
/// Times ascend. The good time intervals say when the instrument was ready; events outside them
/// are kept until [`EventList::apply_gti`] drops them, and no spectrum counts them.
///
/// ```
/// use astro_core::{EventSource, GoodTimeIntervals};
/// use astro_timing::EventList;
///
/// let gti = GoodTimeIntervals::single(0.0, 10.0)?;
/// let events = EventList::new(vec![0.5, 1.5, 7.0], gti)?.with_energies(vec![1.0, 6.4, 3.0])?;
/// assert_eq!(events.count(1.0, 10.0)?, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventList {
    pub(super) times: Vec<f64>,
    pub(super) energies_kev: Vec<f32>,
    pub(super) channels: Vec<i32>,
    pub(super) detectors: Vec<i32>,
    pub(super) gti: GoodTimeIntervals,
    pub(super) reference: TimeReference,
}

impl EventList {
    /// Events at ascending `times`, seconds.
    ///
    /// # Errors
    /// [`Error::Value`] for a time that is not finite, [`Error::Unsorted`] for one before its
    /// predecessor.
    pub fn new(times: Vec<f64>, gti: GoodTimeIntervals) -> Result<Self> {
        check_finite("times", times.iter().copied())?;
        if let Some(before) = times.windows(2).position(|pair| pair[1] < pair[0]) {
            return Err(Error::Unsorted {
                index: before + 1,
                time: times[before + 1],
                previous: times[before],
            });
        }
        Ok(Self {
            times,
            gti,
            ..Self::default()
        })
    }

    /// Events in any order, which are sorted by time with all their columns; columns that are not
    /// there are empty. Events at the same time keep their order.
    ///
    /// # Errors
    /// [`Error::Value`] for a time that is not finite, [`Error::Length`] for a column of another
    /// length.
    pub fn from_unsorted(columns: EventColumns<'_>, gti: GoodTimeIntervals) -> Result<Self> {
        check_finite("times", columns.times.iter().copied())?;
        check_columns(columns)?;
        let mut order: Vec<usize> = (0..columns.times.len()).collect();
        order.sort_by(|&a, &b| columns.times[a].total_cmp(&columns.times[b]));
        let mut events = Self {
            gti,
            ..Self::default()
        };
        events.extend_by(columns, order.into_iter());
        Ok(events)
    }

    /// Reads the good time of any source into memory, with the columns wanted.
    ///
    /// # Errors
    /// Those of the source.
    pub fn read<S: EventSource>(source: &S, wanted: WantedColumns) -> Result<Self> {
        let mut events = Self {
            gti: source.gti().clone(),
            reference: *source.reference(),
            ..Self::default()
        };
        for interval in source.gti().intervals() {
            let mut append = |columns: EventColumns<'_>| events.extend(columns);
            source
                .visit(interval.start, interval.stop, wanted, &mut append)
                .map_err(Error::from_source)?;
        }
        Ok(events)
    }

    /// With an energy for each event, keV.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one for each event.
    pub fn with_energies(mut self, energies_kev: Vec<f32>) -> Result<Self> {
        check_lengths("energies", energies_kev.len(), "times", self.times.len())?;
        self.energies_kev = energies_kev;
        Ok(self)
    }

    /// With a pulse-height channel for each event.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one for each event.
    pub fn with_channels(mut self, channels: Vec<i32>) -> Result<Self> {
        check_lengths("channels", channels.len(), "times", self.times.len())?;
        self.channels = channels;
        Ok(self)
    }

    /// With a detector number for each event.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one for each event.
    pub fn with_detectors(mut self, detectors: Vec<i32>) -> Result<Self> {
        check_lengths("detectors", detectors.len(), "times", self.times.len())?;
        self.detectors = detectors;
        Ok(self)
    }

    /// With the epoch and scale that the times count from.
    #[must_use]
    pub fn with_reference(mut self, reference: TimeReference) -> Self {
        self.reference = reference;
        self
    }

    /// With other good time intervals; events are kept.
    #[must_use]
    pub fn with_gti(mut self, gti: GoodTimeIntervals) -> Self {
        self.gti = gti;
        self
    }

    /// With energies from the channels, by a response or a rough scale:
    /// `events.with_energies_from_channels(|pi| 0.04 * pi as f32 + 1.6)`.
    ///
    /// # Errors
    /// [`Error::MissingColumn`] if there are no channels.
    pub fn with_energies_from_channels(mut self, energy_kev: impl Fn(i32) -> f32) -> Result<Self> {
        if self.channels.len() != self.times.len() {
            return Err(Error::MissingColumn { column: "channels" });
        }
        self.energies_kev = self.channels.iter().map(|&pi| energy_kev(pi)).collect();
        Ok(self)
    }

    /// Number of events.
    #[must_use]
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there is no event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Times of arrival, seconds after the reference.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// Energies in keV; empty where they are not known.
    #[must_use]
    pub fn energies_kev(&self) -> &[f32] {
        &self.energies_kev
    }

    /// Channels; empty where they are not known.
    #[must_use]
    pub fn channels(&self) -> &[i32] {
        &self.channels
    }

    /// Detectors; empty where they are not known.
    #[must_use]
    pub fn detectors(&self) -> &[i32] {
        &self.detectors
    }

    /// All columns.
    #[must_use]
    pub fn columns(&self) -> EventColumns<'_> {
        EventColumns {
            times: &self.times,
            energies_kev: &self.energies_kev,
            channels: &self.channels,
            detectors: &self.detectors,
        }
    }

    pub(super) fn range(&self, start: f64, stop: f64) -> std::ops::Range<usize> {
        let first = self.times.partition_point(|&time| time < start);
        let after = self.times.partition_point(|&time| time < stop);
        first..after.max(first)
    }

    pub(super) fn extend(&mut self, columns: EventColumns<'_>) {
        self.times.extend_from_slice(columns.times);
        self.energies_kev.extend_from_slice(columns.energies_kev);
        self.channels.extend_from_slice(columns.channels);
        self.detectors.extend_from_slice(columns.detectors);
    }

    pub(crate) fn extend_by(
        &mut self,
        columns: EventColumns<'_>,
        rows: impl Iterator<Item = usize> + Clone,
    ) {
        fn pick<T: Copy>(to: &mut Vec<T>, from: &[T], rows: impl Iterator<Item = usize>) {
            if !from.is_empty() {
                to.extend(rows.map(|row| from[row]));
            }
        }
        pick(&mut self.times, columns.times, rows.clone());
        pick(&mut self.energies_kev, columns.energies_kev, rows.clone());
        pick(&mut self.channels, columns.channels, rows.clone());
        pick(&mut self.detectors, columns.detectors, rows);
    }
}

fn check_columns(columns: EventColumns<'_>) -> Result<()> {
    let events = columns.times.len();
    for (name, found) in [
        ("energies", columns.energies_kev.len()),
        ("channels", columns.channels.len()),
        ("detectors", columns.detectors.len()),
    ] {
        if found != 0 {
            check_lengths(name, found, "times", events)?;
        }
    }
    Ok(())
}

impl EventSource for EventList {
    type Error = Error;

    fn reference(&self) -> &TimeReference {
        &self.reference
    }

    fn gti(&self) -> &GoodTimeIntervals {
        &self.gti
    }

    fn count(&self, start: f64, stop: f64) -> Result<u64> {
        Ok(self.range(start, stop).len() as u64)
    }

    fn visit(
        &self,
        start: f64,
        stop: f64,
        wanted: WantedColumns,
        visit: &mut dyn FnMut(EventColumns<'_>),
    ) -> Result<()> {
        let range = self.range(start, stop);
        if range.is_empty() {
            return Ok(());
        }
        fn part<'a, T>(
            column: &'a [T],
            wanted: bool,
            name: &'static str,
            range: &std::ops::Range<usize>,
        ) -> Result<&'a [T]> {
            if !wanted {
                return Ok(&[]);
            }
            column
                .get(range.clone())
                .ok_or(Error::MissingColumn { column: name })
        }
        visit(EventColumns {
            times: &self.times[range.clone()],
            energies_kev: part(&self.energies_kev, wanted.energies, "energies", &range)?,
            channels: part(&self.channels, wanted.channels, "channels", &range)?,
            detectors: part(&self.detectors, wanted.detectors, "detectors", &range)?,
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gti() -> GoodTimeIntervals {
        GoodTimeIntervals::new([[0.0, 10.0], [20.0, 30.0]]).unwrap()
    }

    #[test]
    fn starts_are_inside_and_stops_are_not() {
        let events = EventList::new(vec![1.0, 2.0, 2.0, 3.0], gti()).unwrap();
        assert_eq!(events.count(1.0, 3.0).unwrap(), 3);
        assert_eq!(events.count(3.0, 1.0).unwrap(), 0);
    }

    #[test]
    fn unsorted_times_are_named_or_sorted() {
        let error = EventList::new(vec![1.0, 3.0, 2.0], gti()).unwrap_err();
        assert!(error.to_string().contains("event 2 at 2 s"), "{error}");
        let columns = EventColumns {
            times: &[3.0, 1.0, 3.0],
            energies_kev: &[30.0, 10.0, 31.0],
            ..EventColumns::default()
        };
        let events = EventList::from_unsorted(columns, gti()).unwrap();
        assert_eq!(events.times(), [1.0, 3.0, 3.0]);
        assert_eq!(events.energies_kev(), [10.0, 30.0, 31.0]);
        assert!(EventList::new(vec![f64::NAN], gti()).is_err());
    }

    #[test]
    fn reading_a_source_takes_its_good_time() {
        let events = EventList::new(vec![1.0, 15.0, 25.0], gti()).unwrap();
        let events = events.with_channels(vec![1, 2, 3]).unwrap();
        let wanted = WantedColumns {
            channels: true,
            ..WantedColumns::default()
        };
        let copy = EventList::read(&events, wanted).unwrap();
        assert_eq!(
            (copy.times(), copy.channels()),
            (&[1.0, 25.0][..], &[1, 3][..])
        );
        let wanted = WantedColumns {
            energies: true,
            ..WantedColumns::default()
        };
        let error = EventList::read(&events, wanted).unwrap_err();
        assert!(matches!(error, Error::MissingColumn { column: "energies" }));
    }

    #[test]
    fn energies_come_from_channels() {
        let events = EventList::new(vec![1.0], gti()).unwrap();
        assert!(events.clone().with_energies_from_channels(|_| 1.0).is_err());
        let events = events.with_channels(vec![35]).unwrap();
        let events = events
            .with_energies_from_channels(|pi| 0.04 * pi as f32 + 1.6)
            .unwrap();
        assert!((events.energies_kev()[0] - 3.0).abs() < 1e-6);
    }
}
