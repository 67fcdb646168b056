//! Event files of X-ray missions: lazy, in any size, from any thread.
//!
//! [`EventFile::open`] reads headers, good time intervals and a few thousand times; events
//! are read when they are visited, in blocks of under a megabyte. Rows of a time range are found by
//! binary search on the time column itself. Files whose times do not ascend are sorted when
//! they are opened, and gzipped ones unpacked, both into memory while they are small and else into a
//! temporary file without a name.
//!
//! Which extensions and columns a mission uses is in one table (`events/mission.rs`):
//! NuSTAR, NICER, XMM-Newton, RXTE, Chandra, Swift, IXPE, AstroSat, Suzaku, XRISM, eROSITA, ROSAT, ASCA and MAXI.
//! A file of another mission is read by the names that most use, and every name can be given.
//!
//! # Conventions
//!
//! - Times are seconds after [`TimeReference`](astro_core::TimeReference), TIMEZERO added. Times of binned
//!   events are moved from where TIMEPIXR says they lie to the middle of their bin, TIMEDEL. Good time
//!   intervals get TIMEZERO (their own, else that of the events) and are not moved further: they are
//!   borders, not bins. (Stingray moves them too.)
//! - Where several extensions of good times apply they are intersected. XMM-Newton and Chandra have
//!   one for each chip; those of the chips that have events count.
//! - Energies come from an energy column, else from a response file if one is given, else from the
//!   rough rule of the mission, which is good to a few per cent.
//! - Channels of RXTE science events are translated to absolute channels, and rows that are no photons
//!   are left out, both by the file's own description of its event words (TEVTB2).

mod file;
mod good_time;
mod gti_file;
mod index;
mod info;
mod mission;
mod open;
mod options;
mod rows;
mod rxte;
mod sort;
mod time_keywords;
mod write;

pub use file::EventFile;
pub use gti_file::read_fits_gti;
pub use info::{EventColumnInfo, EventFileInfo, EventFileWarning};
pub use options::{EventFileOptions, EventOrder, GtiChoice};
pub use rows::NO_CHANNEL;
pub(crate) use time_keywords::{Keywords, seconds};
pub(crate) use write::time_keywords;
pub use write::{EventListLabels, gti_table, write_event_file};

use crate::fits::{FitsHeader, Unit, Units};
use crate::store::Store;
use crate::{Error, Result};

/// Every header of a file.
#[derive(Debug)]
pub(crate) struct FileUnits {
    pub(crate) all: Vec<Unit>,
}

impl FileUnits {
    pub(crate) fn read(store: &Store) -> Result<Self> {
        let mut units = Units::new(store.reader())?;
        let mut all = Vec::new();
        while let Some(unit) = units.next()? {
            all.push(unit);
        }
        Ok(Self { all })
    }

    /// The primary header.
    pub(crate) fn primary(&self) -> &FitsHeader {
        // A file without a first unit is no FITS file, which has been noticed.
        &self.all[0].header
    }

    pub(crate) fn keywords<'a>(&'a self, unit: &'a Unit) -> Keywords<'a> {
        Keywords {
            own: &unit.header,
            primary: self.primary(),
        }
    }

    /// The extension of this name, whatever its case, or number.
    pub(crate) fn named(&self, wanted: &str) -> Result<&Unit> {
        let name = |unit: &&Unit| {
            let name = unit.header.text("EXTNAME").unwrap_or_default();
            name.eq_ignore_ascii_case(wanted.trim())
        };
        let by_name = self.all.iter().find(name);
        let by_number = || self.all.get(wanted.trim().parse::<usize>().ok()?);
        by_name
            .or_else(by_number)
            .ok_or_else(|| Error::NoExtension {
                wanted: wanted.to_owned(),
                found: self.describe(),
            })
    }

    /// For errors.
    pub(crate) fn describe(&self) -> String {
        let units: Vec<String> = self.all.iter().map(Unit::describe).collect();
        units.join(", ")
    }

    /// The first value of a keyword in any header.
    pub(crate) fn anywhere(&self, keyword: &str) -> Option<&str> {
        self.all.iter().find_map(|unit| unit.header.text(keyword))
    }
}
