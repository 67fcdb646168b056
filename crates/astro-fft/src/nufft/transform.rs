//! The two transforms: rows, then columns and points together under a sliding
//! window; and the same backwards.

use std::ops::Range;

use num_complex::Complex;
use rayon::prelude::*;

use super::points::NufftPoints;
use super::rows::{RowScratch, RowTransform};
use super::setup::{BLOCK_COLUMNS, Setup, resized};
use super::window::Window;
use crate::{Error, FftReal, PANEL_COLUMNS, Result};

/// Rows that one task transforms; they stay together in memory.
const ROW_BLOCK: usize = 16;

/// Column ranges of a type 1 transform, each a task. Fixed, since the order of
/// sums depends on it.
const SPREAD_RANGES: usize = 8;

/// A range of blocks, and for each chunk of points the values of those in it.
type Task<'a, T> = (Range<usize>, Vec<&'a mut [Complex<T>]>);

const PANELS_PER_BLOCK: usize = BLOCK_COLUMNS / PANEL_COLUMNS;

/// Where the row of an index comes from.
pub(super) type FillRow<'a, X> = &'a (dyn Fn(usize, &mut [X]) + Sync);

impl<T: FftReal, R: RowTransform<T>> Setup<T, R> {
    /// Panels of columns of which some lie under the kernel of a point.
    fn panels(&self, points: &NufftPoints) -> usize {
        points.layout.extent[1].div_ceil(PANEL_COLUMNS)
    }

    /// Complex numbers of the row transforms: all rows, only the columns needed.
    pub(super) fn intermediate_len(&self, points: &NufftPoints) -> usize {
        let rows = self.grid.shape[0].next_multiple_of(ROW_BLOCK);
        rows * self.panels(points) * PANEL_COLUMNS
    }

    /// Bytes of the window and panel of one thread.
    pub(super) fn window_bytes(&self, points: &NufftPoints) -> usize {
        let window = points.layout.extent[0] * self.window_columns();
        let panel = self.grid.lengths[0] * PANEL_COLUMNS;
        (window + panel) * size_of::<Complex<T>>()
    }

    /// Type 2: `fill_row` gives the rows of `row_range`, the others are zero.
    pub(super) fn uniform_to_points(
        &self,
        row_range: &Range<usize>,
        fill_row: FillRow<'_, R::Sample>,
        points: &NufftPoints,
        conjugate: impl Fn(bool) -> bool + Sync,
        out: &mut [Complex<T>],
    ) -> Result<()> {
        if points.is_empty() {
            return Ok(());
        }
        let mut buffer = self.buffers.take(Default::default);
        let intermediate = resized(&mut buffer, self.intermediate_len(points));
        self.transform_rows(row_range, fill_row, points, intermediate)?;

        let mut buffer = self.buffers.take(Default::default);
        let values = resized(&mut buffer, points.len());
        self.transform_columns(points, intermediate, values)?;

        let chunk = points.chunk_points();
        out.par_chunks_mut(chunk)
            .zip(values.par_chunks(chunk))
            .enumerate()
            .for_each(|(index, (out, values))| {
                for ((place, folded), value) in points.order(index).zip(values) {
                    out[place] = if conjugate(folded) {
                        value.conj()
                    } else {
                        *value
                    };
                }
            });
        Ok(())
    }

    /// Row transforms, as [block of rows][panel][row in block][8 columns].
    fn transform_rows(
        &self,
        row_range: &Range<usize>,
        fill_row: FillRow<'_, R::Sample>,
        points: &NufftPoints,
        intermediate: &mut [Complex<T>],
    ) -> Result<()> {
        let zero = Complex::new(T::zero(), T::zero());
        let panels = self.panels(points);
        let rows = self.grid.shape[0];
        intermediate
            .par_chunks_mut(ROW_BLOCK * panels * PANEL_COLUMNS)
            .enumerate()
            .try_for_each(|(block, lines)| {
                let mut scratch = self.row_scratch.take(|| self.rows.scratch());
                scratch.columns.resize(panels * PANEL_COLUMNS, zero);
                let first = block * ROW_BLOCK;
                for row in first..(first + ROW_BLOCK).min(rows) {
                    if row_range.contains(&row) {
                        fill_row(row, &mut scratch.samples);
                        self.transform_row(row, points.layout.first[1], &mut scratch)?;
                    } else {
                        scratch.columns.fill(zero);
                    }
                    let panel_len = ROW_BLOCK * PANEL_COLUMNS;
                    let place = (row - first) * PANEL_COLUMNS;
                    let columns = scratch.columns.chunks_exact(PANEL_COLUMNS);
                    for (panel, line) in lines.chunks_exact_mut(panel_len).zip(columns) {
                        panel[place..place + PANEL_COLUMNS].copy_from_slice(line);
                    }
                }
                Ok(())
            })
    }

    fn transform_row(
        &self,
        row: usize,
        first: i64,
        scratch: &mut RowScratch<T, R::Sample>,
    ) -> Result<()> {
        let mut columns = std::mem::take(&mut scratch.columns);
        let factor = self.factors[0][row];
        let finite = self
            .rows
            .forward(factor, &self.factors[1], first, &mut columns, scratch);
        scratch.columns = columns;
        if finite? {
            return Ok(());
        }
        let column = R::first_bad(&scratch.samples).unwrap_or(0);
        Err(Error::NotFinite { row, column })
    }

    /// Column transforms and interpolation, in ranges of blocks; `values` are in
    /// sorted order.
    fn transform_columns(
        &self,
        points: &NufftPoints,
        intermediate: &[Complex<T>],
        values: &mut [Complex<T>],
    ) -> Result<()> {
        // A point's value does not depend on the range it is computed in, so there
        // may be as many ranges as threads.
        let ranges = self.balanced_ranges(points, rayon::current_num_threads());
        let mut tasks: Vec<Task<'_, T>> = ranges
            .into_iter()
            .map(|range| (range, Vec::with_capacity(points.chunks())))
            .collect();
        for (chunk, mut rest) in values.chunks_mut(points.chunk_points()).enumerate() {
            for (range, parts) in &mut tasks {
                let (part, after) = rest.split_at_mut(points.blocks(chunk, range.clone()).len());
                parts.push(part);
                rest = after;
            }
        }
        tasks.into_par_iter().try_for_each(|(range, mut parts)| {
            let starts: Vec<usize> = (0..points.chunks())
                .map(|chunk| points.blocks(chunk, range.clone()).start)
                .collect();
            let mut scratch = self.window_scratch.take(|| self.window_scratch());
            let mut window = Window::new(self, &points.layout, &mut scratch);
            let columns = self.window_columns();
            for column in (0..columns - BLOCK_COLUMNS).step_by(PANEL_COLUMNS) {
                let panel = (range.start * BLOCK_COLUMNS + column) / PANEL_COLUMNS;
                self.load(points, intermediate, &mut window, panel, column)?;
            }
            for block in range.clone() {
                if block > range.start {
                    window.slide();
                }
                for column in (columns - BLOCK_COLUMNS..columns).step_by(PANEL_COLUMNS) {
                    let panel = (block * BLOCK_COLUMNS + column) / PANEL_COLUMNS;
                    self.load(points, intermediate, &mut window, panel, column)?;
                }
                window.interpolate(points, block, &mut parts, &starts);
            }
            Ok(())
        })
    }

    /// Loads a panel into the window, if it is one that points need.
    fn load(
        &self,
        points: &NufftPoints,
        intermediate: &[Complex<T>],
        window: &mut Window<'_, T, R>,
        panel: usize,
        column: usize,
    ) -> Result<()> {
        let panels = self.panels(points);
        if panel >= panels {
            return Ok(());
        }
        let panel_len = ROW_BLOCK * PANEL_COLUMNS;
        window.load_panel(column, |first, out| {
            let mut row = first;
            let mut rest = out;
            while !rest.is_empty() {
                let (block, place) = (row / ROW_BLOCK, row % ROW_BLOCK);
                let count = (ROW_BLOCK - place).min(rest.len() / PANEL_COLUMNS);
                let start = (block * panels + panel) * panel_len + place * PANEL_COLUMNS;
                let (now, after) = rest.split_at_mut(count * PANEL_COLUMNS);
                now.copy_from_slice(&intermediate[start..start + now.len()]);
                row += count;
                rest = after;
            }
        })
    }

    /// Ranges of blocks of about equal work.
    fn balanced_ranges(&self, points: &NufftPoints, count: usize) -> Vec<Range<usize>> {
        // A column costs about as much as its samples' worth of points.
        let block_work = |block: usize| {
            points.count_in_block(block) + BLOCK_COLUMNS * (self.grid.lengths[0] / 8)
        };
        let blocks = points.layout.blocks;
        let total: usize = (0..blocks).map(block_work).sum();
        let mut ranges = Vec::with_capacity(count);
        let (mut start, mut done) = (0, 0);
        for block in 0..blocks {
            done += block_work(block);
            if done * count >= total * (ranges.len() + 1) || block + 1 == blocks {
                ranges.push(start..block + 1);
                start = block + 1;
            }
        }
        ranges
    }

    /// Type 1: overwrites each row through `out_rows`, whose elements are rows in
    /// order.
    pub(super) fn points_to_uniform<'o>(
        &self,
        values: &[Complex<T>],
        points: &NufftPoints,
        conjugate: impl Fn(bool) -> bool + Sync,
        out_rows: impl IndexedParallelIterator<Item = &'o mut [R::Sample]>,
    ) -> Result<()>
    where
        R::Sample: 'o,
    {
        let zero = Complex::new(T::zero(), T::zero());
        if points.is_empty() {
            out_rows.for_each(|row| row.fill(R::Sample::default()));
            return Ok(());
        }
        let mut buffer = self.buffers.take(Default::default);
        let sorted = resized(&mut buffer, points.len());
        let chunk = points.chunk_points();
        sorted
            .par_chunks_mut(chunk)
            .zip(values.par_chunks(chunk))
            .enumerate()
            .for_each(|(index, (sorted, values))| {
                for ((place, folded), value) in points.order(index).zip(sorted) {
                    let given = values[place];
                    *value = if conjugate(folded) {
                        given.conj()
                    } else {
                        given
                    };
                }
            });

        let rows = self.grid.shape[0];
        let panel_len = rows * PANEL_COLUMNS;
        let ranges = self.balanced_ranges(points, SPREAD_RANGES);
        // Besides its own panels, each range fills those behind its end.
        let overlap = (self.window_columns() - BLOCK_COLUMNS) / PANEL_COLUMNS;
        let mut buffer = self.buffers.take(Default::default);
        let panels = ranges.iter().map(|r| r.len() * PANELS_PER_BLOCK + overlap);
        let intermediate = resized(&mut buffer, panels.sum::<usize>() * panel_len);
        let mut rest = &mut intermediate[..];
        let mut tasks = Vec::with_capacity(ranges.len());
        for range in &ranges {
            let len = (range.len() * PANELS_PER_BLOCK + overlap) * panel_len;
            let (part, after) = rest.split_at_mut(len);
            tasks.push((range.clone(), part));
            rest = after;
        }
        tasks.into_par_iter().try_for_each(|(range, part)| {
            let mut scratch = self.window_scratch.take(|| self.window_scratch());
            let mut window = Window::new(self, &points.layout, &mut scratch);
            let mut panels = part.chunks_exact_mut(panel_len).enumerate();
            for block in range {
                window.spread(points, block, sorted);
                for (index, out) in panels.by_ref().take(PANELS_PER_BLOCK) {
                    window.store_panel(index % PANELS_PER_BLOCK * PANEL_COLUMNS, out)?;
                }
                window.slide();
                window.clear_freed();
            }
            for (index, (_, out)) in panels.enumerate() {
                window.store_panel(index * PANEL_COLUMNS, out)?;
            }
            Ok(())
        })?;

        let first = points.layout.first[1];
        let intermediate = &*intermediate;
        out_rows.enumerate().try_for_each(|(row, out)| {
            let mut scratch = self.row_scratch.take(|| self.rows.scratch());
            let mut columns = std::mem::take(&mut scratch.columns);
            columns.clear();
            let mut rest = intermediate;
            for range in &ranges {
                let start = range.start * BLOCK_COLUMNS;
                let count = range.len() * PANELS_PER_BLOCK + overlap;
                columns.resize(start + count * PANEL_COLUMNS, zero);
                let (part, after) = rest.split_at(count * panel_len);
                rest = after;
                let lines = part.chunks_exact(panel_len);
                let sums = columns[start..].chunks_exact_mut(PANEL_COLUMNS);
                for (panel, sums) in lines.zip(sums) {
                    let line = &panel[row * PANEL_COLUMNS..(row + 1) * PANEL_COLUMNS];
                    for (sum, value) in sums.iter_mut().zip(line) {
                        *sum += *value;
                    }
                }
            }
            let (factor, factors) = (self.factors[0][row], &self.factors[1]);
            self.rows
                .adjoint(factor, factors, first, &columns, out, &mut scratch)?;
            scratch.columns = columns;
            Ok(())
        })
    }
}
