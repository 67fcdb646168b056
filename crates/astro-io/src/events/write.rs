//! Writing event lists with their good time intervals.

use std::path::Path;

use astro_core::{EventColumns, EventSource, GoodTimeIntervals, TimeReference, WantedColumns};

use crate::fits::writer::{Cards, write_unit};
use crate::table::{Table, extension_cards, write_extension, write_primary};
use crate::{Error, IfExists, Result, write_atomically};

/// What an event list says about where it comes from; what is empty is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventListLabels {
    /// TELESCOP; readers find columns and rough energies by it.
    pub mission: String,
    /// INSTRUME.
    pub instrument: String,
    /// OBJECT.
    pub object: String,
}

/// Writes events with their good time intervals, as an OGIP event file of the extensions
/// EVENTS (TIME and, as wanted, ENERGY in keV, PI and DET_ID) and GTI, with CHECKSUM and DATASUM.
///
/// The source is read twice, once for the checksum, and never held in memory.
///
/// # Errors
/// Those of the source in [`Error::Source`]; [`Error::AlreadyExists`]; [`Error::Writing`] when the disk refuses.
pub fn write_event_file<S: EventSource>(
    path: impl AsRef<Path>,
    source: &S,
    columns: WantedColumns,
    labels: &EventListLabels,
    if_exists: IfExists,
) -> Result<()> {
    let everything = (f64::NEG_INFINITY, f64::INFINITY);
    let events = source
        .count(everything.0, everything.1)
        .map_err(Error::source)?;
    let cards = cards(events, columns, source, labels);
    write_atomically(path, if_exists, |file| {
        write_primary(file)?;
        write_unit(file, cards, |sink| {
            let mut seen = 0;
            let mut result = Ok(());
            let mut piece = Vec::new();
            let mut visit = |run: EventColumns<'_>| {
                if result.is_ok() {
                    piece.clear();
                    push_rows(&run, columns, &mut piece);
                    seen += run.times.len() as u64;
                    result = sink(&piece);
                }
            };
            let visited = source.visit(everything.0, everything.1, columns, &mut visit);
            result?;
            visited.map_err(Error::source)?;
            if seen != events {
                return Err(Error::SourceCount { events, seen });
            }
            Ok(())
        })?;
        write_extension(file, &gti_table(source.gti(), source.reference()))
    })
}

fn cards<S: EventSource>(
    events: u64,
    columns: WantedColumns,
    source: &S,
    labels: &EventListLabels,
) -> Cards {
    let mut layout = vec![("TIME", "s", "1D")];
    let mut row_bytes = 8;
    let optional = [
        (columns.energies, ("ENERGY", "keV", "1E")),
        (columns.channels, ("PI", "chan", "1J")),
        (columns.detectors, ("DET_ID", "", "1J")),
    ];
    for (_, column) in optional.into_iter().filter(|&(wanted, _)| wanted) {
        layout.push(column);
        row_bytes += 4;
    }
    let mut cards = extension_cards("EVENTS", row_bytes, events, &layout);
    cards.text("HDUCLASS", "OGIP", "");
    cards.text("HDUCLAS1", "EVENTS", "");
    let labels = [
        ("TELESCOP", &labels.mission),
        ("INSTRUME", &labels.instrument),
        ("OBJECT", &labels.object),
    ];
    for (keyword, value) in labels.into_iter().filter(|(_, value)| !value.is_empty()) {
        cards.text(keyword, value, "");
    }
    time_cards(source.reference(), &mut cards);
    if let Some(span) = source.gti().span() {
        cards.float("TSTART", span.start, "[s] start of the good time");
        cards.float("TSTOP", span.stop, "[s] end of the good time");
    }
    cards.float("EXPOSURE", source.gti().exposure_s(), "[s] good time");
    cards
}

/// Reference, scale and place of times in seconds.
pub(crate) fn time_cards(reference: &TimeReference, cards: &mut Cards) {
    for (keyword, value, comment) in time_keywords(reference) {
        cards.value(keyword, &value, comment);
    }
}

/// As [`time_cards`], as data.
pub(crate) fn time_keywords(
    reference: &TimeReference,
) -> Vec<(&'static str, crate::FitsValue, &'static str)> {
    let mut keywords: Vec<(&str, crate::FitsValue, &str)> = vec![
        ("MJDREFI", reference.epoch.day.into(), "[d] reference day"),
        (
            "MJDREFF",
            reference.epoch.fraction.into(),
            "[d] fraction of the reference day",
        ),
        ("TIMEUNIT", "s".into(), ""),
        ("TIMEZERO", 0.0.into(), "[s] to add to times"),
    ];
    if reference.scale != astro_core::TimeScale::Unknown {
        keywords.push(("TIMESYS", reference.scale.name().into(), "time scale"));
    }
    if reference.position != astro_core::ReferencePosition::Unknown {
        keywords.push((
            "TIMEREF",
            reference.position.name().into(),
            "where times hold",
        ));
    }
    keywords
}

/// Good time intervals as an OGIP GTI extension: columns START and STOP, with what they count from.
#[must_use]
pub fn gti_table(gti: &GoodTimeIntervals, reference: &TimeReference) -> Table<'static> {
    let intervals = gti.intervals().iter();
    let starts: Vec<f64> = intervals.clone().map(|interval| interval.start).collect();
    let stops: Vec<f64> = intervals.map(|interval| interval.stop).collect();
    Table::new("GTI")
        .column("START", "s", starts)
        .column("STOP", "s", stops)
        .keyword("HDUCLASS", "OGIP", "")
        .keyword("HDUCLAS1", "GTI", "")
        .time_reference(reference)
}

fn push_rows(run: &EventColumns<'_>, columns: WantedColumns, out: &mut Vec<u8>) {
    for (index, time) in run.times.iter().enumerate() {
        out.extend(time.to_be_bytes());
        if columns.energies {
            out.extend(run.energies_kev[index].to_be_bytes());
        }
        if columns.channels {
            out.extend(run.channels[index].to_be_bytes());
        }
        if columns.detectors {
            out.extend(run.detectors[index].to_be_bytes());
        }
    }
}
