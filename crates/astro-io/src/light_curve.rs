//! Light curves in FITS: those that XRONOS' `lcurve` and the missions write, and our own.

use std::path::Path;

use astro_core::{GoodTimeIntervals, Mjd, SECONDS_PER_DAY, TimeReference};

use crate::events::{FileUnits, Keywords, gti_table, seconds};
use crate::fits::{SmallTable, Unit};
use crate::store::Store;
use crate::{Error, IfExists, Result, Table, write_fits_tables};

/// Rates in time bins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FitsLightCurve {
    /// Middle of each bin, seconds after the reference.
    pub times: Vec<f64>,
    /// Width of the bins, seconds.
    pub bin_s: f64,
    /// Counts per second; NaN in bins without exposure.
    pub rate: Vec<f64>,
    /// Standard deviation of the rates; empty where the file has none.
    pub error: Vec<f64>,
    /// Part of each bin that was exposed; empty where the file has none.
    pub exposed_fraction: Vec<f64>,
    /// What the times count from.
    pub reference: TimeReference,
    /// Good time intervals of the file; where it has none, the bins that have a rate.
    pub gti: GoodTimeIntervals,
}

/// Reads a light curve: the extension RATE, else the first table with a column RATE, RATE1 or COUNTS.
///
/// Times are TIMEZERO + TIME, moved to the middle of the bin where TIMEPIXR says they are elsewhere. Where
/// the unit of the time keywords is days (XRONOS), TIMEZERO is a truncated Julian day, MJD − 40000; without
/// MJDREF it is then itself the reference. COUNTS are divided by the width of the bin. Of a column with
/// several numbers a cell (energy bands) the first is read.
///
/// # Errors
/// [`Error::Reading`] around what is wrong: no FITS, cut off, no light curve, times that do not ascend.
pub fn read_fits_light_curve(path: impl AsRef<Path>) -> Result<FitsLightCurve> {
    let path = path.as_ref();
    let read = || read(&Store::open(path)?);
    read().map_err(Error::reading(path))
}

/// As [`read_fits_light_curve`] for a file in memory.
///
/// # Errors
/// As [`read_fits_light_curve`].
pub fn read_fits_light_curve_from_bytes(bytes: Vec<u8>) -> Result<FitsLightCurve> {
    read(&Store::from_bytes(bytes)?)
}

const RATES: [&str; 3] = ["RATE", "RATE1", "COUNTS"];

fn read(store: &Store) -> Result<FitsLightCurve> {
    let units = FileUnits::read(store)?;
    let mut candidates: Vec<&Unit> = units
        .all
        .iter()
        .filter(|unit| unit.extension() == Some("BINTABLE"))
        .collect();
    candidates.sort_by_key(|unit| unit.header.text("EXTNAME") != Some("RATE"));
    for unit in candidates {
        let wrap = Unit::wrap(unit.index);
        let table = SmallTable::read_at(store, unit).map_err(&wrap)?;
        if let Some(name) = RATES
            .iter()
            .find(|name| table.layout().numbers(name).is_ok())
        {
            let mut curve = curve(&table, name, units.keywords(unit)).map_err(&wrap)?;
            curve.gti = gti(store, &units, &curve)?;
            return Ok(curve);
        }
    }
    Err(Error::NoLightCurve {
        found: units.describe(),
    })
}

fn curve(table: &SmallTable, rates: &str, keywords: Keywords<'_>) -> Result<FitsLightCurve> {
    let time = table.layout().numbers("TIME")?;
    let keyword_s = keywords.unit_s().unwrap_or(1.0);
    let unit_s = match time.unit.trim() {
        "" => keyword_s,
        unit => seconds(unit).unwrap_or(1.0),
    };
    let mut times: Vec<f64> = table
        .column("TIME")?
        .into_iter()
        .map(|time| time * unit_s)
        .collect();
    let (to_middle_s, bin_s) = keywords.bin()?;
    let bin_s = if bin_s > 0.0 {
        bin_s
    } else {
        median_step(&times)?
    };

    let mut reference = keywords.reference()?;
    let (whole, rest) = keywords.time_zero()?.unwrap_or_default();
    if keyword_s == SECONDS_PER_DAY {
        let zero = Mjd::new(whole.saturating_add(40_000), rest);
        if keywords.epoch()?.is_none() {
            reference.epoch = zero;
        }
        let start = TimeReference {
            epoch: zero,
            ..reference
        };
        let offset = start.offset_to(&reference)?;
        times
            .iter_mut()
            .for_each(|time| *time = offset.apply(*time + to_middle_s));
    } else {
        let zero = (whole as f64 + rest) * keyword_s + to_middle_s;
        times.iter_mut().for_each(|time| *time += zero);
    }

    let per_second = if rates == "COUNTS" {
        bin_s.recip()
    } else {
        1.0
    };
    let mut rate = table.column(rates)?;
    let error = ["ERROR", "ERROR1", "RATE_ERR"]
        .iter()
        .find_map(|name| table.column(name).ok());
    let exposed = ["FRACEXP", "FRACTIME"]
        .iter()
        .find_map(|name| table.column(name).ok());
    let mut error = error.unwrap_or_default();
    rate.iter_mut()
        .chain(&mut error)
        .for_each(|value| *value *= per_second);
    Ok(FitsLightCurve {
        times,
        bin_s,
        rate,
        error,
        exposed_fraction: exposed.unwrap_or_default(),
        reference,
        gti: GoodTimeIntervals::default(),
    })
}

/// The width of most bins, where no keyword says.
fn median_step(times: &[f64]) -> Result<f64> {
    let mut steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_by(f64::total_cmp);
    match steps.get(steps.len() / 2) {
        Some(&step) if step.is_finite() && step > 0.0 => Ok(step),
        _ => Err(Error::MissingKeyword {
            keyword: "TIMEDEL".to_owned(),
            expected: "the width of a time bin, which the times do not tell",
        }),
    }
}

/// The bins that have a rate and exposure. They need not be evenly spaced, as the last bin of a
/// mission's light curve often is not.
fn exposed(curve: &FitsLightCurve) -> Result<GoodTimeIntervals> {
    /// Part of a bin by which neighbours are apart through rounding only.
    const ROUNDING: f64 = 1e-2;
    let good = |&(bin, _): &(usize, &f64)| {
        let exposed = curve
            .exposed_fraction
            .get(bin)
            .is_none_or(|&part| part > 0.0);
        exposed && curve.rate[bin].is_finite()
    };
    let half = curve.bin_s / 2.0;
    let bins = curve.times.iter().enumerate().filter(good);
    let bins = bins.map(|(_, &time)| [time - half, time + half]);
    Ok(GoodTimeIntervals::merged(bins)?.joined(curve.bin_s * ROUNDING)?)
}

fn gti(store: &Store, units: &FileUnits, curve: &FitsLightCurve) -> Result<GoodTimeIntervals> {
    let name = |unit: &&Unit| {
        let name = unit
            .header
            .text("EXTNAME")
            .unwrap_or_default()
            .to_ascii_uppercase();
        unit.extension() == Some("BINTABLE") && matches!(name.as_str(), "GTI" | "STDGTI")
    };
    let Some(unit) = units.all.iter().find(name) else {
        return exposed(curve);
    };
    let wrap = Unit::wrap(unit.index);
    let read = || -> Result<GoodTimeIntervals> {
        let table = SmallTable::read_at(store, unit)?;
        let borders = table
            .column("START")?
            .into_iter()
            .zip(table.column("STOP")?);
        Ok(GoodTimeIntervals::new(borders)?)
    };
    read().map_err(wrap)
}

/// Writes a light curve as the extensions RATE and GTI, with CHECKSUM and DATASUM.
///
/// # Errors
/// Columns of different lengths, [`Error::AlreadyExists`], or [`Error::Writing`] when the disk refuses.
pub fn write_fits_light_curve(
    path: impl AsRef<Path>,
    curve: &FitsLightCurve,
    if_exists: IfExists,
) -> Result<()> {
    let mut table =
        Table::new("RATE")
            .column("TIME", "s", &curve.times)
            .column("RATE", "count/s", &curve.rate);
    if !curve.error.is_empty() {
        table = table.column("ERROR", "count/s", &curve.error);
    }
    if !curve.exposed_fraction.is_empty() {
        table = table.column("FRACEXP", "", &curve.exposed_fraction);
    }
    table = table
        .keyword("HDUCLASS", "OGIP", "")
        .keyword("HDUCLAS1", "LIGHTCURVE", "")
        .keyword("HDUCLAS3", "RATE", "")
        .keyword("TIMEDEL", curve.bin_s, "[s] width of a bin")
        .keyword("TIMEPIXR", 0.5, "times are the middle of bins")
        .time_reference(&curve.reference);
    write_fits_tables(
        path,
        &[table, gti_table(&curve.gti, &curve.reference)],
        if_exists,
    )
}
