//! Real rows to a half-plane and back, on the device.
//!
//! Rows are the largest buffer of a transform. Where a kernel cannot see all of them at once they are handled in
//! blocks, one after the other in the memory of one: filled, transformed and written into the half-plane, and back.

use std::ops::Range;

use astro_gpu::shaders::{Precision, UntangleParams, kernels};
use astro_gpu::{CommandList, Dispatch, Gpu, Groups, Reals};

use super::check_countable;
use super::lines::{LineFft, Lines, roots_of_unity};
use crate::error::check_not_empty;
use crate::{Error, Result, Sign};

/// What a [`GpuHalfPlane`] transforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HalfPlaneShape {
    /// Samples of a row.
    pub length: usize,
    /// Rows of the transform.
    pub rows: usize,
    /// Rows that hold anything; the others are zero and never stored.
    pub filled: usize,
    /// The stored row that is row 0 of the transform: stored row s is row `(s − first) mod rows`.
    pub first: usize,
    /// Columns of the half-plane, at most `length/2 + 1`: the others are not computed.
    pub keep: usize,
    /// Whether columns are transformed too, or every row by itself.
    pub columns: bool,
}

/// Rows of a block are a multiple of this, so that an image of reals can be bound from the first of each.
const BLOCK_STEP: usize = 64;

/// Transform of real rows, and its transpose, between buffers of the device.
///
/// The half-plane is `[rows][keep]` complex numbers. Rows go in as `[filled][length]` real numbers for an
/// even length; for an odd one every number is followed by a zero ([`GpuHalfPlane::spacing`]).
#[derive(Debug)]
pub struct GpuHalfPlane {
    shape: HalfPlaneShape,
    precision: Precision,
    /// Rows that are in memory at once.
    block_rows: usize,
    row_fft: LineFft,
    column_fft: Option<LineFft>,
    roots: Reals,
    rows: [Reals; 2],
    planes: [Reals; 2],
}

impl GpuHalfPlane {
    /// Plans, with memory for rows and half-plane, twice each.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::KeepColumns`], [`Error::TooLarge`], and what the device refuses.
    pub fn new(gpu: &Gpu, precision: Precision, shape: HalfPlaneShape) -> Result<Self> {
        check_not_empty("length", shape.length)?;
        check_not_empty("rows", shape.rows)?;
        check_not_empty("filled rows", shape.filled.min(shape.rows))?;
        let available = shape.length / 2 + 1;
        if !(1..=available).contains(&shape.keep) {
            return Err(Error::KeepColumns {
                found: shape.keep,
                available,
            });
        }
        check_countable(shape.rows, 2 * shape.length)?;
        let width = if shape.length.is_multiple_of(2) {
            shape.length / 2
        } else {
            shape.length
        };
        let complex = |label, count: usize| -> Result<Reals> {
            gpu.check_binding(label, (2 * count * precision.bytes()) as u64)?;
            Ok(gpu.reals(label, 2 * count, precision)?)
        };
        let column_fft = match shape.columns {
            true => Some(LineFft::new(
                gpu,
                precision,
                shape.rows,
                Lines::columns(shape.rows, shape.keep, 1),
            )?),
            false => None,
        };
        let row_bytes = (2 * width * precision.bytes()) as u64;
        let block_rows = block_rows(shape.filled, row_bytes, gpu.adapter().binding_bytes);
        let (in_rows, in_plane) = (block_rows * width, shape.rows * shape.keep);
        Ok(Self {
            shape,
            precision,
            block_rows,
            row_fft: LineFft::new(gpu, precision, width, Lines::rows(block_rows, width))?,
            column_fft,
            roots: gpu.reals_of("roots of unity", &roots_of_unity(shape.length), precision)?,
            rows: [complex("rows", in_rows)?, complex("rows", in_rows)?],
            planes: [
                complex("half-plane", in_plane)?,
                complex("half-plane", in_plane)?,
            ],
        })
    }

    /// What it transforms.
    #[must_use]
    pub fn shape(&self) -> HalfPlaneShape {
        self.shape
    }

    /// Real numbers from one sample of a row to the next: 1, or 2 for an odd length.
    #[must_use]
    pub fn spacing(&self) -> usize {
        if self.shape.length.is_multiple_of(2) {
            1
        } else {
            2
        }
    }

    /// Whether all rows are in memory at once.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.block_rows == self.shape.filled
    }

    fn blocks(&self) -> impl Iterator<Item = Range<usize>> {
        let (step, end) = (self.block_rows, self.shape.filled);
        (0..end)
            .step_by(step)
            .map(move |first| first..(first + step).min(end))
    }

    /// Where rows go before [`Self::record_forward`].
    #[must_use]
    pub fn rows_in(&self) -> &Reals {
        &self.rows[0]
    }

    /// Where the half-plane is after [`Self::record_forward`].
    #[must_use]
    pub fn plane_out(&self) -> &Reals {
        &self.planes[usize::from(self.column_fft.as_ref().is_some_and(LineFft::swaps))]
    }

    /// Where a half-plane goes before [`Self::record_transpose`].
    #[must_use]
    pub fn plane_in(&self) -> &Reals {
        &self.planes[0]
    }

    /// Where rows are after [`Self::record_transpose`].
    #[must_use]
    pub fn rows_out(&self) -> &Reals {
        &self.rows[usize::from(self.row_fft.swaps())]
    }

    /// Bytes of the device that it holds.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let reals = self
            .rows
            .iter()
            .chain(&self.planes)
            .map(Reals::len)
            .sum::<usize>();
        (reals + 2 * self.shape.length) * self.precision.bytes()
    }

    /// The half-plane of the rows, which [`Self::is_whole`].
    pub fn record_forward(&self, list: &mut CommandList<'_>, sign: Sign) {
        debug_assert!(self.is_whole(), "rows in blocks have to be filled in turn");
        self.record_forward_rows(list, sign, |_, _| {});
    }

    /// The half-plane of rows that `fill` writes to [`Self::rows_in`], block by block.
    pub fn record_forward_rows<'a>(
        &self,
        list: &mut CommandList<'a>,
        sign: Sign,
        mut fill: impl FnMut(&mut CommandList<'a>, Range<usize>),
    ) {
        for block in self.blocks() {
            fill(list, block.clone());
            let swapped = self
                .row_fft
                .record(list, &self.rows[0], &self.rows[1], sign);
            // The last block brings the rows that hold nothing.
            let end = if block.end == self.shape.filled {
                self.shape.rows
            } else {
                block.end
            };
            let buffers = [&self.rows[usize::from(swapped)], &self.planes[0]];
            self.untangle(list, buffers, block.start..end, false, sign);
        }
        if let Some(fft) = &self.column_fft {
            fft.record(list, &self.planes[0], &self.planes[1], sign);
        }
    }

    /// The rows of which the half-plane is the spectrum, times their number of samples: the inverse.
    ///
    /// Columns that are not kept count as zero; imaginary parts that a real image has not are dropped. All rows
    /// are there afterwards if the plane [`Self::is_whole`].
    pub fn record_transpose(&self, list: &mut CommandList<'_>, sign: Sign) {
        debug_assert!(self.is_whole(), "rows in blocks have to be taken in turn");
        self.record_transpose_rows(list, sign, |_, _| {});
    }

    /// As [`Self::record_transpose`], with rows that `take` reads in [`Self::rows_out`], block by block.
    pub fn record_transpose_rows<'a>(
        &self,
        list: &mut CommandList<'a>,
        sign: Sign,
        mut take: impl FnMut(&mut CommandList<'a>, Range<usize>),
    ) {
        let swapped = self
            .column_fft
            .as_ref()
            .is_some_and(|fft| fft.record(list, &self.planes[0], &self.planes[1], sign));
        for block in self.blocks() {
            let buffers = [&self.planes[usize::from(swapped)], &self.rows[0]];
            self.untangle(list, buffers, block.clone(), true, sign);
            self.row_fft
                .record(list, &self.rows[0], &self.rows[1], sign);
            take(list, block);
        }
    }

    fn untangle(
        &self,
        list: &mut CommandList<'_>,
        [from, to]: [&Reals; 2],
        block: Range<usize>,
        backward: bool,
        sign: Sign,
    ) {
        let width = if backward {
            self.rows[0].len() / (2 * self.block_rows)
        } else {
            self.shape.keep
        };
        let params = UntangleParams {
            length: self.shape.length as u32,
            keep: self.shape.keep as u32,
            rows: self.shape.rows as u32,
            filled: self.shape.filled as u32,
            first: self.shape.first as u32,
            block: block.start as u32,
            block_rows: block.len() as u32,
            backward: u32::from(backward),
            positive: u32::from(sign == Sign::Positive),
        };
        let dispatch = Dispatch::new(&kernels::UNTANGLE, self.precision, &params)
            .bind(self.roots.all())
            .bind(from.all())
            .bind(to.all());
        list.dispatch(dispatch, Groups::for_rows(block.len(), width));
    }
}

/// Rows of a block: all, or equal shares of them that fit, or as many as there must be.
fn block_rows(filled: usize, row_bytes: u64, limit: u64) -> usize {
    let fitting = (limit / row_bytes) as usize;
    if fitting >= filled {
        return filled;
    }
    let most = (fitting / BLOCK_STEP * BLOCK_STEP).max(BLOCK_STEP);
    let share = filled.div_ceil(filled.div_ceil(most));
    share.next_multiple_of(BLOCK_STEP).min(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_fit() {
        assert_eq!(block_rows(100, 10, 1000), 100);
        assert_eq!(block_rows(16384, 1 << 17, (1 << 31) - 4), 8192);
        assert_eq!(block_rows(300, 10, 1999), 192);
        // Too long a row is refused by the check of the binding.
        assert_eq!(block_rows(300, 10, 20), 64);
    }
}
