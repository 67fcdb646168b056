//! Events in time order, from rows that are not or that have to be picked.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufWriter, Write};

use astro_core::{EventColumns, WantedColumns};

use super::rows::{Block, Decoder, Energy, EventRows, NO_CHANNEL, WholeNumber};
use crate::fits::{Column, Number};
use crate::store::Store;
use crate::{Error, Result};

/// Bytes of an event in the sorted table: time, energy, channel, detector.
const ROW_BYTES: usize = 20;
/// Events of a sorted run that are in memory at once while runs are merged.
const MERGE_EVENTS: u64 = 2048;

/// What was left out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Dropped {
    /// Rows that are no photons.
    pub(crate) markers: u64,
    /// Rows whose time is not a finite number.
    pub(crate) bad_times: u64,
}

#[derive(Clone, Copy, Debug)]
struct Event {
    time: f64,
    energy: f32,
    channel: i32,
    detector: i32,
}

/// The photons of `rows` in time order, equal times in the order of the file.
///
/// Up to `limit` events are sorted in memory; more are sorted in runs of that length, which
/// are written to a temporary file and merged into another.
pub(crate) fn sorted(
    rows: &EventRows,
    has: WantedColumns,
    skip_bad_times: bool,
    limit: usize,
) -> Result<(EventRows, Dropped)> {
    let limit = limit.max(1);
    let mut dropped = Dropped::default();
    let mut run: Vec<Event> = Vec::new();
    let mut runs = Runs::default();
    let mut block = Block::default();
    let mut first = 0;
    while first < rows.rows {
        let count = rows.rows_per_block().min(rows.rows - first);
        rows.read_times(first, count, &mut block)?;
        let photons = rows.photons(&mut block);
        let columns = rows.decode(0..count as usize, has, &mut block);
        for (index, &photon) in photons.iter().enumerate() {
            let event = Event::at(&columns, index);
            if !photon {
                dropped.markers += 1;
            } else if event.time.is_finite() {
                run.push(event);
                if run.len() == limit {
                    runs.write(&mut run)?;
                }
            } else if skip_bad_times {
                dropped.bad_times += 1;
            } else {
                return Err(Error::BadTime {
                    row: first + index as u64,
                    value: event.time,
                });
            }
        }
        first += count;
    }
    let (store, count) = if runs.lengths.is_empty() {
        sort(&mut run);
        let bytes: Vec<u8> = run.iter().flat_map(|event| event.to_bytes()).collect();
        (Store::Memory(bytes), run.len() as u64)
    } else {
        if !run.is_empty() {
            runs.write(&mut run)?;
        }
        drop(run);
        runs.merge()?
    };
    Ok((table(store, count, has), dropped))
}

/// The sorted table: the columns that the file has, as they were decoded.
fn table(store: Store, rows: u64, has: WantedColumns) -> EventRows {
    let column = |name, number, offset| Column::plain(name, number, offset);
    let whole =
        |has: bool, name, offset| has.then(|| WholeNumber::new(column(name, Number::I32, offset)));
    EventRows {
        store,
        data_offset: 0,
        row_bytes: ROW_BYTES,
        rows,
        decoder: Decoder {
            time: column("TIME", Number::F64, 0),
            time_unit_s: 1.0,
            time_shift_s: 0.0,
            channel: whole(has.channels, "CHANNEL", 12),
            detector: whole(has.detectors, "DETECTOR", 16),
            energy: has.energies.then(|| Energy::Column {
                column: column("ENERGY", Number::F32, 8),
                kev: 1.0,
            }),
            photon: None,
        },
        layout: None,
    }
}

impl Event {
    fn at(columns: &EventColumns<'_>, index: usize) -> Self {
        Self {
            time: columns.times[index],
            energy: columns.energies_kev.get(index).copied().unwrap_or(f32::NAN),
            channel: columns.channels.get(index).copied().unwrap_or(NO_CHANNEL),
            detector: columns.detectors.get(index).copied().unwrap_or(NO_CHANNEL),
        }
    }

    fn to_bytes(self) -> [u8; ROW_BYTES] {
        let mut bytes = [0; ROW_BYTES];
        bytes[..8].copy_from_slice(&self.time.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.energy.to_be_bytes());
        bytes[12..16].copy_from_slice(&self.channel.to_be_bytes());
        bytes[16..].copy_from_slice(&self.detector.to_be_bytes());
        bytes
    }
}

fn sort(events: &mut [Event]) {
    events.sort_by(|a, b| a.time.total_cmp(&b.time));
}

/// Sorted runs, one after the other in a temporary file.
#[derive(Debug, Default)]
struct Runs {
    writer: Option<BufWriter<File>>,
    lengths: Vec<u64>,
}

impl Runs {
    /// Sorts a run, writes it and empties it.
    fn write(&mut self, run: &mut Vec<Event>) -> Result<()> {
        sort(run);
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(temporary()?),
        };
        for event in &*run {
            writer.write_all(&event.to_bytes())?;
        }
        self.lengths.push(run.len() as u64);
        run.clear();
        Ok(())
    }

    fn merge(mut self) -> Result<(Store, u64)> {
        let total = self.lengths.iter().sum();
        let Some(writer) = self.writer.take() else {
            return Ok((Store::Memory(Vec::new()), 0));
        };
        let store = Store::File(
            writer
                .into_inner()
                .map_err(|error| Error::Io(error.into_error()))?,
        );
        let mut cursors = Vec::new();
        let mut start = 0;
        for &length in &self.lengths {
            cursors.push(Cursor::new(start, start + length));
            start += length;
        }
        let mut heap = BinaryHeap::new();
        for (run, cursor) in cursors.iter_mut().enumerate() {
            heap.extend(cursor.next(&store)?.map(|row| Reverse(Head { run, row })));
        }
        let mut out = temporary()?;
        // Of equal times, the earlier run has the earlier rows.
        while let Some(Reverse(Head { run, row })) = heap.pop() {
            out.write_all(&row)?;
            heap.extend(
                cursors[run]
                    .next(&store)?
                    .map(|row| Reverse(Head { run, row })),
            );
        }
        let file = out
            .into_inner()
            .map_err(|error| Error::Io(error.into_error()))?;
        Ok((Store::File(file), total))
    }
}

fn temporary() -> Result<BufWriter<File>> {
    Ok(BufWriter::with_capacity(1 << 18, tempfile::tempfile()?))
}

/// The next event of a run.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    run: usize,
    row: [u8; ROW_BYTES],
}

impl Head {
    fn time(&self) -> f64 {
        self.row
            .first_chunk()
            .map_or(f64::NAN, |&bytes| f64::from_be_bytes(bytes))
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_time = self.time().total_cmp(&other.time());
        by_time
            .then(self.run.cmp(&other.run))
            .then_with(|| self.row.cmp(&other.row))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Reads a run in pieces.
#[derive(Debug)]
struct Cursor {
    next: u64,
    stop: u64,
    buffer: Vec<u8>,
    used: usize,
}

impl Cursor {
    fn new(start: u64, stop: u64) -> Self {
        Self {
            next: start,
            stop,
            buffer: Vec::new(),
            used: 0,
        }
    }

    fn next(&mut self, store: &Store) -> Result<Option<[u8; ROW_BYTES]>> {
        if self.used == self.buffer.len() {
            let rows = MERGE_EVENTS.min(self.stop - self.next);
            self.buffer.resize(rows as usize * ROW_BYTES, 0);
            store.read_at(self.next * ROW_BYTES as u64, &mut self.buffer)?;
            self.next += rows;
            self.used = 0;
        }
        let row = self.buffer[self.used..].first_chunk().copied();
        self.used += if row.is_some() { ROW_BYTES } else { 0 };
        Ok(row)
    }
}
