//! The tables beside the groups: frequencies of the spectral windows, positions of the sources.

use std::io::{Read, Seek};

use astro_core::SkyCoord;

use super::layout::Axes;
use crate::fits::{SmallTable, Unit, Units};
use crate::{Error, Result};

/// Frequency offset and channel width of each spectral window of one setup.
#[derive(Debug)]
pub(super) struct FrequencySetup {
    id: f64,
    offset_hz: Vec<f64>,
    channel_width_hz: Vec<f64>,
}

/// What the extension tables say.
#[derive(Debug, Default)]
pub(super) struct Setup {
    frequencies: Vec<FrequencySetup>,
    sources: Vec<(i32, SkyCoord)>,
}

impl Setup {
    /// Walks the extensions; the tables FQ and SU are read, others passed.
    pub(super) fn read<R: Read + Seek>(units: &mut Units<R>) -> Result<Self> {
        let mut setup = Self::default();
        while let Some(unit) = units.next()? {
            match unit.header.text("EXTNAME") {
                Some("AIPS FQ") => setup.read_frequencies(units, &unit),
                Some("AIPS SU") => setup.read_sources(units, &unit),
                _ => Ok(()),
            }
            .map_err(Unit::wrap(unit.index))?;
        }
        Ok(setup)
    }

    fn read_frequencies<R: Read + Seek>(
        &mut self,
        units: &mut Units<R>,
        unit: &Unit,
    ) -> Result<()> {
        let table = SmallTable::read(units, unit)?;
        let id = column(&table, "FRQSEL")?;
        let offset = column(&table, "IF FREQ")?;
        let width = table.numbers("CH WIDTH").unwrap_or_default();
        for (row, (id, offset_hz)) in id.into_iter().zip(offset).enumerate() {
            self.frequencies.push(FrequencySetup {
                id: id.first().copied().unwrap_or(1.0),
                offset_hz,
                channel_width_hz: width.get(row).cloned().unwrap_or_default(),
            });
        }
        Ok(())
    }

    fn read_sources<R: Read + Seek>(&mut self, units: &mut Units<R>, unit: &Unit) -> Result<()> {
        let table = SmallTable::read(units, unit)?;
        let id = column(&table, "ID. NO.")?;
        let right_ascension = column(&table, "RAEPO")?;
        let declination = column(&table, "DECEPO")?;
        for ((id, ra), dec) in id.into_iter().zip(right_ascension).zip(declination) {
            if let (&[id], &[ra], &[dec]) = (&id[..], &ra[..], &dec[..]) {
                self.sources
                    .push((id as i32, SkyCoord::from_degrees(ra, dec)));
            }
        }
        Ok(())
    }

    pub(super) fn source(&self, id: i32) -> Option<SkyCoord> {
        let found = self.sources.iter().find(|(number, _)| *number == id);
        found.map(|(_, position)| *position)
    }

    /// Frequencies `[window][channel]` of a setup, flat; `group` and `id` as the group gives them.
    pub(super) fn frequencies(&self, axes: &Axes, id: Option<f64>, group: u64) -> Result<Vec<f64>> {
        let setup = match (self.frequencies.as_slice(), id) {
            // Without a table the FREQ axis says it all, if there is one window.
            ([], _) if axes.window.length == 1 => None,
            ([only], None) => Some(only),
            (setups, id) => {
                let id = id.unwrap_or(1.0);
                let found = setups.iter().find(|setup| setup.id == id);
                Some(found.ok_or(Error::UnknownId {
                    group,
                    quantity: "frequency setup (FREQSEL)",
                    value: id,
                    table: "AIPS FQ",
                })?)
            }
        };
        let windows = axes.window.length;
        let mut frequencies = Vec::new();
        for window in 0..windows {
            let (offset, width) = match setup {
                None => (0.0, axes.frequency.step),
                Some(setup) => {
                    let offset = setup.offset_hz.get(window).ok_or_else(|| Error::Shape {
                        name: "IF FREQ".to_owned(),
                        found: vec![setup.offset_hz.len()],
                        expected: format!("{windows} spectral windows, as the IF axis"),
                    })?;
                    // A width of zero says nothing: the axis does.
                    let width = setup.channel_width_hz.get(window).copied();
                    let width = width.filter(|&width| width != 0.0);
                    (*offset, width.unwrap_or(axes.frequency.step))
                }
            };
            let axis = super::layout::Axis {
                step: width,
                ..axes.frequency
            };
            frequencies.extend((0..axis.length).map(|channel| offset + axis.world(channel)));
        }
        match frequencies.iter().find(|&&f| !(f.is_finite() && f > 0.0)) {
            None => Ok(frequencies),
            Some(&value) => Err(Error::BadGroup {
                group,
                quantity: "channel frequency",
                value,
                requirement: "it must be positive: check the FREQ axis and the AIPS FQ table",
            }),
        }
    }
}

fn column(table: &SmallTable, name: &'static str) -> Result<Vec<Vec<f64>>> {
    table.numbers(name).ok_or_else(|| Error::MissingKeyword {
        keyword: format!("TTYPEn = '{name}'"),
        expected: "a column of numbers",
    })
}
