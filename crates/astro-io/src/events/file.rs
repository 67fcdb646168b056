//! An open event file, visited in time order.

use std::ops::Range;
use std::path::Path;

use astro_core::{
    EventColumns, EventSource, GoodTimeIntervals, Pool, TimeReference, WantedColumns,
};

use super::index::{TimeIndex, ascends, disorder};
use super::rows::{Block, EventRows};
use super::{EventFileInfo, EventFileOptions};
use crate::fits::Column;
use crate::store::Store;
use crate::{Error, Result};

/// The events of a FITS file, read when they are visited.
///
/// Memory is a few blocks of under a megabyte for each thread inside, whatever the size of
/// the file. All calls take `&self` and may be made from any number of threads.
///
/// ```no_run
/// use astro_core::{EventSource, WantedColumns};
/// use astro_io::EventFile;
/// let file = EventFile::open("nu_cleaned.evt")?;
/// let span = file.info().span.expect("a file with events");
/// let mut above_10_kev = 0;
/// let wanted = WantedColumns { energies: true, ..WantedColumns::default() };
/// file.visit(span.start, span.stop, wanted, &mut |events| {
///     above_10_kev += events.energies_kev.iter().filter(|&&energy| energy > 10.0).count();
/// })?;
/// # Ok::<(), astro_io::Error>(())
/// ```
#[derive(Debug)]
pub struct EventFile {
    pub(crate) rows: EventRows,
    pub(crate) index: TimeIndex,
    pub(crate) gti: GoodTimeIntervals,
    pub(crate) info: EventFileInfo,
    pub(crate) blocks: Pool<Block>,
}

impl EventFile {
    /// Opens a file as its headers and its mission say.
    ///
    /// # Errors
    /// [`Error::Reading`] around what is wrong: no FITS, cut off, no events, no good times, malformed columns or intervals, times that are no numbers.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, &EventFileOptions::new())
    }

    /// Opens a file, some of it as the caller says.
    ///
    /// # Errors
    /// As [`EventFile::open`].
    pub fn open_with(path: impl AsRef<Path>, options: &EventFileOptions) -> Result<Self> {
        let path = path.as_ref();
        let open = || Self::from_store(Store::open(path)?, options);
        open().map_err(Error::reading(path))
    }

    /// As [`EventFile::open_with`] for a file in memory.
    ///
    /// # Errors
    /// As [`EventFile::open`].
    pub fn from_bytes(bytes: Vec<u8>, options: &EventFileOptions) -> Result<Self> {
        Self::from_store(Store::from_bytes(bytes)?, options)
    }

    /// What the file is.
    #[must_use]
    pub fn info(&self) -> &EventFileInfo {
        &self.info
    }

    /// The same file with other good time intervals: those of a filter, say.
    #[must_use]
    pub fn with_gti(mut self, gti: GoodTimeIntervals) -> Self {
        self.info.intervals = gti.len();
        self.info.exposure_s = gti.exposure_s();
        self.gti = gti;
        self
    }

    /// Calls `visit` with the times and the numbers of other columns, whatever their names' case, of
    /// consecutive runs of the events with `start <= t < stop`: Stokes parameters, say. The first
    /// number of each cell is read, scaled as the header says; what is nothing (TNULL) is NaN.
    ///
    /// # Errors
    /// [`Error::MissingColumn`], [`Error::ColumnType`]; [`Error::NotInEvents`] for a file that had to be sorted,
    /// of which only the columns of [`EventColumns`] are kept; and those of [`EventSource::visit`].
    pub fn visit_numbers<F: FnMut(&[f64], &[Vec<f64>])>(
        &self,
        start: f64,
        stop: f64,
        columns: &[&str],
        mut visit: F,
    ) -> Result<()> {
        let layout = self.rows.layout.as_ref().ok_or(Error::NotInEvents {
            quantity: "columns beyond time, energy, channel and detector",
            remedy: "the file had to be sorted when it was opened; sort it on disk first",
        })?;
        let columns: Vec<&Column> = columns
            .iter()
            .map(|name| layout.numbers(name))
            .collect::<Result<_>>()?;
        let mut numbers = vec![Vec::new(); columns.len()];
        self.visit_blocks(start, stop, &mut |rows, block| {
            self.rows
                .numbers(rows.clone(), &columns, block, &mut numbers);
            visit(&block.times[rows], &numbers);
        })
    }

    /// Reads blocks of rows and their times, and hands on those with `start <= t < stop`.
    fn visit_blocks(
        &self,
        start: f64,
        stop: f64,
        visit: &mut dyn FnMut(Range<usize>, &mut Block),
    ) -> Result<()> {
        let mut block = self.blocks.take(Block::default);
        let mut row = self.index.lower_bound(&self.rows, start, &mut block)?;
        let limit = self.index.upper_limit(self.rows.rows, stop);
        let mut previous = start;
        while row < limit {
            let count = self.rows.rows_per_block().min(limit - row);
            self.rows.read_times(row, count, &mut block)?;
            if !ascends(previous, &block.times) {
                return Err(disorder(row, previous, &block.times));
            }
            previous = block.times[block.times.len() - 1];
            let inside = block.times.partition_point(|&time| time < stop);
            if inside > 0 {
                visit(0..inside, &mut block);
            }
            if (inside as u64) < count {
                break;
            }
            row += count;
        }
        Ok(())
    }

    fn check_wanted(&self, wanted: WantedColumns) -> Result<()> {
        let has = self.info.available;
        let missing = |quantity, remedy| Err(Error::NotInEvents { quantity, remedy });
        if wanted.energies && !has.energies {
            return missing(
                "energies",
                "give a response file (RMF), or name the column that has them",
            );
        }
        if wanted.channels && !has.channels {
            return missing("channels", "name the column that has them");
        }
        if wanted.detectors && !has.detectors {
            return missing("detectors", "name the column that has them");
        }
        Ok(())
    }
}

impl EventSource for EventFile {
    type Error = Error;

    fn reference(&self) -> &TimeReference {
        &self.info.reference
    }

    fn gti(&self) -> &GoodTimeIntervals {
        &self.gti
    }

    fn count(&self, start: f64, stop: f64) -> Result<u64> {
        let mut block = self.blocks.take(Block::default);
        let first = self.index.lower_bound(&self.rows, start, &mut block)?;
        let after = self.index.lower_bound(&self.rows, stop, &mut block)?;
        Ok(after.saturating_sub(first))
    }

    fn visit(
        &self,
        start: f64,
        stop: f64,
        wanted: WantedColumns,
        visit: &mut dyn FnMut(EventColumns<'_>),
    ) -> Result<()> {
        self.check_wanted(wanted)?;
        self.visit_blocks(start, stop, &mut |rows, block| {
            visit(self.rows.decode(rows, wanted, block));
        })
    }
}
