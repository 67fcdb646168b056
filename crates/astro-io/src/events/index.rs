//! Where in the rows a time is.

use super::rows::{Block, EventRows};
use crate::{Error, Result};

/// Tables of up to this many bytes are looked through whole when they are opened: a few milliseconds.
const SMALL_BYTES: u64 = 8 << 20;
/// Rows looked at around each entry of the index, to see whether times ascend.
const PROBE_ROWS: u64 = 64;
/// An index has at most about this many entries.
const MOST_ENTRIES: u64 = 1024;
/// Entries are at least this many rows apart: as many are read at once to find a time among them.
const LEAST_STEP: u64 = 4096;

/// Times of evenly spaced rows.
#[derive(Debug)]
pub(crate) struct TimeIndex {
    step: u64,
    times: Vec<f64>,
}

/// What was found when the index was made.
#[derive(Debug)]
pub(crate) enum Order {
    /// Times ascend wherever they were looked at.
    Ascending(TimeIndex),
    /// They do not.
    Disordered,
}

impl TimeIndex {
    /// Looks at every row of a small table or if `whole` asks for it, and at some everywhere of a large one.
    pub(crate) fn build(rows: &EventRows, whole: bool) -> Result<Order> {
        let step = rows.rows.div_ceil(MOST_ENTRIES).max(LEAST_STEP);
        let whole = whole || rows.rows.saturating_mul(rows.row_bytes as u64) <= SMALL_BYTES;
        let mut times = Vec::new();
        let mut block = Block::default();
        let mut previous = f64::NEG_INFINITY;
        let mut entry = 0;
        while entry < rows.rows {
            let stop = rows.rows.min(entry + if whole { step } else { PROBE_ROWS });
            let mut first = entry;
            while first < stop {
                let count = rows.rows_per_block().min(stop - first);
                rows.read_times(first, count, &mut block)?;
                if first == entry {
                    times.push(block.times[0]);
                }
                if !ascends(previous, &block.times) {
                    return Ok(Order::Disordered);
                }
                previous = block.times[block.times.len() - 1];
                first += count;
            }
            entry += step;
        }
        Ok(Order::Ascending(Self { step, times }))
    }

    /// The first row whose time is at least `time`.
    pub(crate) fn lower_bound(
        &self,
        rows: &EventRows,
        time: f64,
        block: &mut Block,
    ) -> Result<u64> {
        let entry = self.times.partition_point(|&entry| entry < time) as u64;
        let Some(before) = entry.checked_sub(1) else {
            return Ok(0);
        };
        // The row before `low` is earlier, the one at `high` is not.
        let (mut low, mut high) = (before * self.step + 1, rows.rows.min(entry * self.step));
        while high - low > LEAST_STEP {
            let middle = low + (high - low) / 2;
            rows.read_times(middle, 1, block)?;
            if block.times[0] < time {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if low == high {
            return Ok(low);
        }
        rows.read_times(low, high - low, block)?;
        Ok(low + block.times.partition_point(|&there| there < time) as u64)
    }

    /// A row at or after which no time is before `time`, without reading.
    pub(crate) fn upper_limit(&self, rows: u64, time: f64) -> u64 {
        let entry = self.times.partition_point(|&entry| entry < time) as u64;
        rows.min(entry * self.step)
    }
}

/// Whether `times` ascend from `previous` on; NaN does not.
pub(crate) fn ascends(previous: f64, times: &[f64]) -> bool {
    times.first().is_none_or(|&first| first.is_finite() && first >= previous)
        // Without an early exit the comparison is made on whole vectors.
        && times.windows(2).fold(true, |good, pair| good & (pair[0] <= pair[1]))
        && times.last().is_none_or(|last| last.is_finite())
}

/// The error for times that do not ascend.
pub(crate) fn disorder(first_row: u64, previous: f64, times: &[f64]) -> Error {
    let mut before = previous;
    for (row, &time) in (first_row..).zip(times) {
        if !time.is_finite() {
            return Error::BadTime { row, value: time };
        }
        if time < before {
            return Error::Unsorted {
                row,
                time,
                previous: before,
            };
        }
        before = time;
    }
    Error::Unsorted {
        row: first_row,
        time: previous,
        previous,
    }
}
