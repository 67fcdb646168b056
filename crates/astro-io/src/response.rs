//! OGIP response files: what energies the channels of an instrument stand for.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

use crate::fits::{SmallTable, Unit, Units};
use crate::{Error, Result};

/// The energies of an instrument's channels, from the EBOUNDS extension of a response matrix (RMF).
#[doc(alias = "RMF")]
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseMatrix {
    ebounds: Vec<ChannelEnergies>,
}

/// The nominal energies of one channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChannelEnergies {
    /// Channel number (CHANNEL).
    pub channel: i32,
    /// Lower edge, keV (E_MIN).
    pub low_kev: f64,
    /// Upper edge, keV (E_MAX).
    pub high_kev: f64,
}

impl ResponseMatrix {
    /// Reads a response file; the matrix itself is left.
    ///
    /// # Errors
    /// A file that cannot be read or has no EBOUNDS extension, or one whose columns are not there.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let read = || Self::read_from(File::open(path)?);
        read().map_err(Error::reading(path))
    }

    /// As [`ResponseMatrix::open`], from anything that can be read.
    ///
    /// # Errors
    /// As [`ResponseMatrix::open`].
    pub fn read_from<R: Read + Seek>(reader: R) -> Result<Self> {
        let mut units = Units::new(reader)?;
        let mut seen = Vec::new();
        while let Some(unit) = units.next()? {
            if unit.header.text("EXTNAME") == Some("EBOUNDS") {
                let table = SmallTable::read(&mut units, &unit);
                return table
                    .and_then(|table| Self::new(&table))
                    .map_err(Unit::wrap(unit.index));
            }
            seen.push(unit.describe());
        }
        Err(Error::NoExtension {
            wanted: "EBOUNDS".to_owned(),
            found: seen.join(", "),
        })
    }

    fn new(table: &SmallTable) -> Result<Self> {
        let (channels, low, high) = (
            table.column("CHANNEL")?,
            table.column("E_MIN")?,
            table.column("E_MAX")?,
        );
        let unit = table.layout().numbers("E_MIN")?.unit.clone();
        let kev = kev_per(&unit).unwrap_or(1.0);
        let rows = channels.into_iter().zip(low).zip(high);
        let mut ebounds: Vec<ChannelEnergies> = rows
            .map(|((channel, low), high)| ChannelEnergies {
                channel: channel as i32,
                low_kev: low * kev,
                high_kev: high * kev,
            })
            .collect();
        ebounds.sort_by_key(|bounds| bounds.channel);
        Ok(Self { ebounds })
    }

    /// The channels in order.
    #[must_use]
    pub fn ebounds(&self) -> &[ChannelEnergies] {
        &self.ebounds
    }

    /// The energy in the middle of a channel, keV; `None` for a channel that is not listed.
    #[must_use]
    pub fn energy_kev(&self, channel: i32) -> Option<f64> {
        let place = self
            .ebounds
            .binary_search_by_key(&channel, |bounds| bounds.channel);
        let bounds = self.ebounds[place.ok()?];
        Some(f64::midpoint(bounds.low_kev, bounds.high_kev))
    }
}

/// A quantity in bins of energy: the effective area of an ancillary response file (ARF), or a
/// modulation factor or response (MRF).
#[doc(alias = "ARF")]
#[derive(Clone, Debug, PartialEq)]
pub struct EnergyResponse {
    /// Lower edges of the bins, keV (ENERG_LO).
    pub low_kev: Vec<f64>,
    /// Upper edges, keV (ENERG_HI).
    pub high_kev: Vec<f64>,
    /// The value in each bin, in the unit of the file: cm² for an area.
    pub value: Vec<f64>,
}

impl EnergyResponse {
    /// Reads the first extension with columns ENERG_LO, ENERG_HI and SPECRESP, or the column that is named.
    ///
    /// # Errors
    /// A file that cannot be read, or without these columns.
    pub fn open(path: impl AsRef<Path>, column: Option<&str>) -> Result<Self> {
        let path = path.as_ref();
        let read = || Self::read_from(File::open(path)?, column);
        read().map_err(Error::reading(path))
    }

    /// As [`EnergyResponse::open`], from anything that can be read.
    ///
    /// # Errors
    /// As [`EnergyResponse::open`].
    pub fn read_from<R: Read + Seek>(reader: R, column: Option<&str>) -> Result<Self> {
        let column = column.unwrap_or("SPECRESP");
        let mut units = Units::new(reader)?;
        let mut seen = Vec::new();
        while let Some(unit) = units.next()? {
            if unit.extension() == Some("BINTABLE") {
                let table = SmallTable::read(&mut units, &unit).map_err(Unit::wrap(unit.index))?;
                if ["ENERG_LO", "ENERG_HI", column]
                    .iter()
                    .all(|name| table.layout().find(name).is_some())
                {
                    return Self::new(&table, column).map_err(Unit::wrap(unit.index));
                }
            }
            seen.push(unit.describe());
        }
        Err(Error::NoExtension {
            wanted: format!("with columns ENERG_LO, ENERG_HI and {column}"),
            found: seen.join(", "),
        })
    }

    fn new(table: &SmallTable, column: &str) -> Result<Self> {
        let edges = |name: &str| -> Result<Vec<f64>> {
            let kev = kev_per(&table.layout().numbers(name)?.unit).unwrap_or(1.0);
            Ok(table
                .column(name)?
                .into_iter()
                .map(|energy| energy * kev)
                .collect())
        };
        Ok(Self {
            low_kev: edges("ENERG_LO")?,
            high_kev: edges("ENERG_HI")?,
            value: table.column(column)?,
        })
    }

    /// The value at an energy; `None` outside the bins.
    #[must_use]
    pub fn at(&self, energy_kev: f64) -> Option<f64> {
        let bin = self
            .low_kev
            .partition_point(|&low| low <= energy_kev)
            .checked_sub(1)?;
        (energy_kev < self.high_kev[bin]).then_some(self.value[bin])
    }
}

/// Kiloelectronvolts in a unit of energy; `None` for what is none.
pub(crate) fn kev_per(unit: &str) -> Option<f64> {
    match unit.trim().to_ascii_lowercase().as_str() {
        "kev" => Some(1.0),
        "ev" => Some(1e-3),
        "mev" => Some(1e3),
        "gev" => Some(1e6),
        _ => None,
    }
}
