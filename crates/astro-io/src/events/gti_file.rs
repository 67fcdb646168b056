//! Good time intervals in a file of their own.

use std::path::Path;

use astro_core::{GoodTimeIntervals, TimeReference};

use super::FileUnits;
use super::good_time::{FileGoodTime, is_good_time};
use super::mission::Mission;
use super::options::GtiChoice;
use crate::fits::Unit;
use crate::store::Store;
use crate::{Error, Result};

/// Reads good time intervals with what they count from: the extension of this name or number, else
/// those that are good times by their name or HDUCLAS1, intersected where there are several.
///
/// Intervals that are out of order or overlap, as those made by hand often do, are sorted and merged.
///
/// # Errors
/// [`Error::Reading`] around what is wrong: no FITS, cut off, no good times, reversed intervals.
pub fn read_fits_gti(
    path: impl AsRef<Path>,
    extension: Option<&str>,
) -> Result<(GoodTimeIntervals, TimeReference)> {
    let path = path.as_ref();
    let read = || read(&Store::open(path)?, extension);
    read().map_err(Error::reading(path))
}

fn read(store: &Store, extension: Option<&str>) -> Result<(GoodTimeIntervals, TimeReference)> {
    let units = FileUnits::read(store)?;
    let mission = Mission::find(
        units.anywhere("TELESCOP").unwrap_or_default(),
        units.anywhere("INSTRUME").unwrap_or_default(),
    );
    let choice = extension.map_or(GtiChoice::File, |name| {
        GtiChoice::Extension(name.to_owned())
    });
    let gti = FileGoodTime::read(store, &units, mission, &choice, 0.0, true, &mut Vec::new())?;
    let unit = match extension {
        Some(name) => units.named(name)?,
        None => units
            .all
            .iter()
            .find(|unit| is_good_time(unit, mission))
            .unwrap_or(&units.all[0]),
    };
    let reference = units
        .keywords(unit)
        .reference()
        .map_err(Unit::wrap(unit.index))?;
    Ok((gti.intersection_of_all(), reference))
}
