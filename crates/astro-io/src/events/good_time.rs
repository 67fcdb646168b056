//! The extensions with good time intervals.

use astro_core::{GoodTimeIntervals, TimeInterval};

use super::mission::Mission;
use super::time_keywords::seconds;
use super::{EventFileWarning, FileUnits, GtiChoice};
use crate::fits::{SmallTable, Unit};
use crate::store::Store;
use crate::{Error, Result};

/// One extension of intervals.
#[derive(Debug)]
struct Extension {
    /// The detector that it is for; `None` if it is for all.
    detector: Option<i32>,
    intervals: GoodTimeIntervals,
}

/// Good time intervals of a file, by detector where it has them so.
#[derive(Debug)]
pub(crate) struct FileGoodTime {
    extensions: Vec<Extension>,
}

impl FileGoodTime {
    /// Reads every extension with good time intervals; `time_zero_s` is what the events add to
    /// their times, for extensions that do not say.
    pub(crate) fn read(
        store: &Store,
        units: &FileUnits,
        mission: &Mission,
        choice: &GtiChoice,
        time_zero_s: f64,
        merge: bool,
        warnings: &mut Vec<EventFileWarning>,
    ) -> Result<Self> {
        let found = find(units, mission, choice)?;
        let mut extensions = Vec::new();
        for unit in found {
            let intervals = read_extension(store, units, unit, time_zero_s, merge, warnings)
                .map_err(Unit::wrap(unit.index))?;
            let chosen = matches!(choice, GtiChoice::Extension(_));
            extensions.push(Extension {
                detector: if chosen { None } else { detector_of(unit) },
                intervals,
            });
        }
        Ok(Self { extensions })
    }

    /// Whether different detectors have different extensions.
    pub(crate) fn is_by_detector(&self) -> bool {
        self.extensions
            .iter()
            .any(|extension| extension.detector.is_some())
    }

    /// The times that are good for all of these detectors, and in every extension that is for all.
    pub(crate) fn intersection(&self, detectors: &[i32]) -> GoodTimeIntervals {
        self.intersection_where(|detector| detector.is_none_or(|one| detectors.contains(&one)))
    }

    /// The times that are good in every extension.
    pub(crate) fn intersection_of_all(&self) -> GoodTimeIntervals {
        self.intersection_where(|_| true)
    }

    fn intersection_where(&self, counts: impl Fn(Option<i32>) -> bool) -> GoodTimeIntervals {
        let counting = self.extensions.iter().filter(|one| counts(one.detector));
        let all: Vec<_> = counting.map(|extension| &extension.intervals).collect();
        match all[..] {
            [] => GoodTimeIntervals::default(),
            [only] => only.clone(),
            [first, ref others @ ..] => others
                .iter()
                .fold(first.clone(), |common, next| common.intersection(next)),
        }
    }
}

fn find<'a>(units: &'a FileUnits, mission: &Mission, choice: &GtiChoice) -> Result<Vec<&'a Unit>> {
    let tables = || {
        units
            .all
            .iter()
            .filter(|unit| unit.extension() == Some("BINTABLE"))
    };
    if let GtiChoice::Extension(name) = choice {
        return Ok(vec![units.named(name)?]);
    }
    let named = |unit: &&Unit| mission.is_gti(unit.header.text("EXTNAME").unwrap_or_default());
    let mut found: Vec<_> = tables().filter(named).collect();
    if found.is_empty() {
        found = tables().filter(|unit| is_classed(unit)).collect();
    }
    if found.is_empty() {
        return Err(Error::NoGoodTime {
            looked_for: mission.gti.iter().map(|&name| name.to_owned()).collect(),
            found: units.describe(),
        });
    }
    Ok(found)
}

/// Whether an extension has good time intervals, by its name or class.
pub(crate) fn is_good_time(unit: &Unit, mission: &Mission) -> bool {
    let name = unit.header.text("EXTNAME").unwrap_or_default();
    mission.is_gti(name) || is_classed(unit)
}

fn is_classed(unit: &Unit) -> bool {
    unit.header.text("HDUCLAS1") == Some("GTI")
}

/// The detector in the name of an extension: XMM's `STDGTI04` and `GTI00401`, and Chandra's
/// HDUNAME `GTI7`.
fn detector_of(unit: &Unit) -> Option<i32> {
    let name = unit
        .header
        .text("EXTNAME")
        .unwrap_or_default()
        .to_ascii_uppercase();
    let digits = |text: &str| text.parse::<u16>().ok().map(i32::from);
    if let Some(number) = name.strip_prefix("STDGTI") {
        return digits(number);
    }
    if let Some(number) = name.strip_prefix("GTI0") {
        // Two digits of the chip, then of the selection.
        return digits(number.get(..2)?);
    }
    let name = unit
        .header
        .text("HDUNAME")
        .unwrap_or_default()
        .to_ascii_uppercase();
    digits(name.strip_prefix("GTI")?)
}

fn read_extension(
    store: &Store,
    units: &FileUnits,
    unit: &Unit,
    time_zero_s: f64,
    merge: bool,
    warnings: &mut Vec<EventFileWarning>,
) -> Result<GoodTimeIntervals> {
    let keywords = units.keywords(unit);
    let table = SmallTable::read_at(store, unit)?;
    let zero = match keywords.time_zero()? {
        Some((whole, rest)) => (whole as f64 + rest) * keywords.unit_s().unwrap_or(1.0),
        None => time_zero_s,
    };
    let border = |name: &str| -> Result<Vec<f64>> {
        let unit = &table.layout().numbers(name)?.unit;
        let unit = seconds(unit).unwrap_or(1.0);
        Ok(table
            .column(name)?
            .into_iter()
            .map(|time| time * unit + zero)
            .collect())
    };
    let (starts, stops) = (border("START")?, border("STOP")?);
    let mut intervals: Vec<TimeInterval> = starts
        .into_iter()
        .zip(stops)
        .map(|(start, stop)| TimeInterval::new(start, stop))
        .collect();
    let before = intervals.len();
    intervals.retain(|interval| interval.start != interval.stop);
    if intervals.len() < before {
        warnings.push(EventFileWarning::EmptyGti {
            extension: unit.describe(),
            dropped: before - intervals.len(),
        });
    }
    Ok(if merge {
        GoodTimeIntervals::merged(intervals)?
    } else {
        GoodTimeIntervals::new(intervals)?
    })
}
