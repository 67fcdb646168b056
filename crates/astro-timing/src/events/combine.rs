//! Event lists joined, cut and filtered.

use astro_core::{EventSource, GoodTimeIntervals, WantedColumns};

use super::{EventList, EventSelection};
use crate::Result;

impl EventList {
    /// Removes all events; keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.times.clear();
        self.energies_kev.clear();
        self.channels.clear();
        self.detectors.clear();
    }

    /// Only the events that are selected.
    ///
    /// # Errors
    /// [`crate::Error::MissingColumn`] if the selection is by a column that is not there.
    pub fn selected(&self, selection: EventSelection) -> Result<Self> {
        let mut events = self.empty();
        let (Some(first), Some(last)) = (self.times.first(), self.times.last()) else {
            return Ok(events);
        };
        selection
            .of(self)
            .visit(*first, last.next_up(), self.present(), &mut |columns| {
                events.extend(columns)
            })?;
        Ok(events)
    }

    /// Only the events in the good time intervals.
    #[must_use]
    pub fn apply_gti(&self) -> Self {
        let mut events = self.empty();
        let intervals = self.gti.intervals().iter();
        let rows = intervals.flat_map(|interval| self.range(interval.start, interval.stop));
        events.extend_by(self.columns(), rows);
        events
    }

    /// Only events and good time from `start` up to `stop`.
    ///
    /// # Errors
    /// [`crate::Error::Gti`] unless `start < stop`.
    pub fn truncated(&self, start: f64, stop: f64) -> Result<Self> {
        let mut events = self.empty();
        events.gti = self.gti.truncated(start, stop)?;
        events.extend_by(self.columns(), self.range(start, stop));
        Ok(events)
    }

    /// A list for each good time interval, with the events in it.
    #[must_use]
    pub fn split_by_gti(&self) -> Vec<Self> {
        let intervals = self.gti.intervals().iter();
        intervals
            .filter_map(|interval| {
                let mut part = self.empty();
                part.gti = GoodTimeIntervals::new([*interval]).ok()?;
                part.extend_by(self.columns(), self.range(interval.start, interval.stop));
                Some(part)
            })
            .collect()
    }

    /// Times and good time moved by `seconds`.
    ///
    /// # Errors
    /// [`crate::Error::Gti`] if an interval vanishes in rounding.
    pub fn shifted(mut self, seconds: f64) -> Result<Self> {
        self.gti = self.gti.shifted(seconds)?;
        self.times.iter_mut().for_each(|time| *time += seconds);
        Ok(self)
    }

    /// The events of both lists in one, brought to the reference of this one, with the union of
    /// the good time. Columns that only one has are dropped.
    ///
    /// # Errors
    /// [`crate::Error::Time`] if their time scales or places differ.
    pub fn joined(&self, other: &Self) -> Result<Self> {
        let offset = other.reference.offset_to(&self.reference)?;
        let times: Vec<f64> = other.times.iter().map(|&time| offset.apply(time)).collect();
        let mut all = self.clone();
        all.gti = self
            .gti
            .union(&other.gti.with_times(|time| offset.apply(time))?);
        let theirs = other.columns();
        all.extend(astro_core::EventColumns {
            times: &times,
            ..theirs
        });
        let events = all.times.len();
        if all.energies_kev.len() != events || self.energies_kev.is_empty() {
            all.energies_kev.clear();
        }
        if all.channels.len() != events || self.channels.is_empty() {
            all.channels.clear();
        }
        if all.detectors.len() != events || self.detectors.is_empty() {
            all.detectors.clear();
        }
        Ok(Self::from_unsorted(all.columns(), all.gti.clone())?.with_reference(self.reference))
    }

    fn empty(&self) -> Self {
        Self::default()
            .with_gti(self.gti.clone())
            .with_reference(self.reference)
    }

    /// The columns that there are.
    fn present(&self) -> WantedColumns {
        WantedColumns {
            energies: !self.energies_kev.is_empty(),
            channels: !self.channels.is_empty(),
            detectors: !self.detectors.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use astro_core::{Mjd, ReferencePosition, TimeReference, TimeScale};

    use super::super::EnergyBand;
    use super::*;

    fn events() -> EventList {
        let gti = GoodTimeIntervals::new([[0.0, 10.0], [20.0, 30.0]]).unwrap();
        EventList::new(vec![1.0, 12.0, 20.0, 25.0], gti)
            .unwrap()
            .with_energies(vec![1.0, 2.0, 3.0, f32::NAN])
            .unwrap()
            .with_detectors(vec![0, 1, 0, 1])
            .unwrap()
    }

    #[test]
    fn selections_keep_rows_together() {
        let band = EnergyBand::new(2.0, 4.0).unwrap();
        let found = events().selected(EventSelection::energies(band)).unwrap();
        assert_eq!(
            (found.times(), found.detectors()),
            (&[12.0, 20.0][..], &[1, 0][..])
        );
        let odd = EventSelection {
            detectors: Some(vec![1]),
            ..EventSelection::default()
        };
        assert_eq!(events().selected(odd).unwrap().times(), [12.0, 25.0]);
        let channels = EventSelection {
            channels: Some(0..=5),
            ..EventSelection::default()
        };
        assert!(events().selected(channels).is_err());
    }

    #[test]
    fn good_time_cuts() {
        assert_eq!(events().apply_gti().times(), [1.0, 20.0, 25.0]);
        let cut = events().truncated(5.0, 25.0).unwrap();
        assert_eq!(cut.times(), [12.0, 20.0]);
        assert_eq!(cut.gti.exposure_s(), 10.0);
        let parts = events().split_by_gti();
        assert_eq!(parts[1].times(), [20.0, 25.0]);
        assert_eq!(events().shifted(5.0).unwrap().times()[0], 6.0);
    }

    #[test]
    fn joining_goes_to_one_epoch() {
        let reference =
            |day| TimeReference::new(Mjd::new(day, 0.0), TimeScale::Tt, ReferencePosition::Local);
        let a = events().with_reference(reference(100));
        let b = events().with_reference(reference(101));
        let both = a.joined(&b).unwrap();
        assert_eq!(both.times()[4], 86_401.0);
        assert_eq!(both.gti.exposure_s(), 40.0);
        assert_eq!(both.energies_kev().len(), 8);
        assert!(both.channels().is_empty());
        let tdb = TimeReference {
            scale: TimeScale::Tdb,
            ..reference(100)
        };
        assert!(a.joined(&events().with_reference(tdb)).is_err());
    }
}
