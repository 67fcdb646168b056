//! Some of the events of a source: by energy, channel or detector.

use std::ops::RangeInclusive;

use astro_core::{EventColumns, EventSource, GoodTimeIntervals, TimeReference, WantedColumns};

use super::EventList;
use crate::Result;
use crate::error::require;

/// Energies from `low_kev` up to, but not including, `high_kev`.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct EnergyBand {
    /// Lower edge, inside.
    pub low_kev: f64,
    /// Upper edge, outside.
    pub high_kev: f64,
}

impl EnergyBand {
    /// A band.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] unless `low_kev < high_kev`.
    pub fn new(low_kev: f64, high_kev: f64) -> Result<Self> {
        let name = "lower edge of the energy band";
        require(name, low_kev, low_kev < high_kev, "below its upper edge")?;
        Ok(Self { low_kev, high_kev })
    }

    /// The bands between ascending `edges_kev`.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] unless the edges ascend.
    pub fn between(edges_kev: &[f64]) -> Result<Vec<Self>> {
        edges_kev
            .windows(2)
            .map(|pair| Self::new(pair[0], pair[1]))
            .collect()
    }

    /// Whether an energy is inside; NaN never is.
    #[inline]
    #[must_use]
    pub fn contains(self, energy_kev: f32) -> bool {
        let energy = f64::from(energy_kev);
        energy >= self.low_kev && energy < self.high_kev
    }

    /// The part that both bands share.
    #[must_use]
    pub fn overlap(self, other: Self) -> Option<Self> {
        Self::new(
            self.low_kev.max(other.low_kev),
            self.high_kev.min(other.high_kev),
        )
        .ok()
    }

    /// The middle of the band.
    #[must_use]
    pub fn center_kev(self) -> f64 {
        0.5 * (self.low_kev + self.high_kev)
    }
}

/// Which events to keep; everything by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventSelection {
    /// Energies, keV.
    pub energies: Option<EnergyBand>,
    /// Channels, both ends included.
    pub channels: Option<RangeInclusive<i32>>,
    /// Detectors.
    pub detectors: Option<Vec<i32>>,
}

impl EventSelection {
    /// Events in an energy band.
    #[must_use]
    pub fn energies(band: EnergyBand) -> Self {
        Self {
            energies: Some(band),
            ..Self::default()
        }
    }

    /// The events of `source` that are selected, picked as they are read.
    pub fn of<S: EventSource>(self, source: &S) -> SelectedEvents<'_, S> {
        SelectedEvents {
            source,
            selection: self,
        }
    }

    /// Whether every event is kept.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    fn needs(&self, wanted: WantedColumns) -> WantedColumns {
        WantedColumns {
            energies: wanted.energies || self.energies.is_some(),
            channels: wanted.channels || self.channels.is_some(),
            detectors: wanted.detectors || self.detectors.is_some(),
        }
    }

    fn keeps(&self, columns: EventColumns<'_>, row: usize) -> bool {
        self.energies
            .is_none_or(|band| band.contains(columns.energies_kev[row]))
            && (self.channels.as_ref()).is_none_or(|range| range.contains(&columns.channels[row]))
            && (self.detectors.as_ref()).is_none_or(|list| list.contains(&columns.detectors[row]))
    }
}

/// A source of which only some events are seen.
///
/// ```
/// use astro_core::{EventSource, GoodTimeIntervals};
/// use astro_timing::{EnergyBand, EventList, EventSelection};
///
/// let events = EventList::new(vec![0.5, 1.5], GoodTimeIntervals::single(0.0, 2.0)?)?
///     .with_energies(vec![0.5, 6.4])?;
/// let iron = EventSelection::energies(EnergyBand::new(6.0, 7.0)?).of(&events);
/// assert_eq!(iron.count(0.0, 2.0)?, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SelectedEvents<'a, S> {
    source: &'a S,
    selection: EventSelection,
}

impl<S: EventSource> EventSource for SelectedEvents<'_, S> {
    type Error = S::Error;

    fn reference(&self) -> &TimeReference {
        self.source.reference()
    }

    fn gti(&self) -> &GoodTimeIntervals {
        self.source.gti()
    }

    /// Reads the events to count them, unless all are kept.
    fn count(&self, start: f64, stop: f64) -> Result<u64, S::Error> {
        if self.selection.is_everything() {
            return self.source.count(start, stop);
        }
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
        if self.selection.is_everything() {
            return self.source.visit(start, stop, wanted, visit);
        }
        let mut kept = EventList::default();
        let needed = self.selection.needs(wanted);
        self.source.visit(start, stop, needed, &mut |columns| {
            let shown = EventColumns {
                times: columns.times,
                energies_kev: if wanted.energies {
                    columns.energies_kev
                } else {
                    &[]
                },
                channels: if wanted.channels {
                    columns.channels
                } else {
                    &[]
                },
                detectors: if wanted.detectors {
                    columns.detectors
                } else {
                    &[]
                },
            };
            kept.clear();
            let rows = 0..columns.times.len();
            kept.extend_by(
                shown,
                rows.filter(|&row| self.selection.keeps(columns, row)),
            );
            if !kept.is_empty() {
                visit(kept.columns());
            }
        })
    }
}
