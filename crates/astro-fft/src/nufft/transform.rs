//! The two transforms: rows, then columns and points together under a sliding
//! window; and the same backwards.

use std::ops::Range;

use num_complex::Complex;
use rayon::prelude::*;

use super::points::NufftPoints;
use super::rows::{FillRow, ROW_BLOCK, RowTransform, TILE};
use super::setup::{BLOCK_COLUMNS, Setup, resized};
use super::window::Window;
use crate::{Error, FftReal, PANEL_COLUMNS, Result};

/// Column ranges of a type 1 transform, each a task. Fixed, since the order of
/// sums depends on it.
const SPREAD_RANGES: usize = 8;

/// A range of blocks, and for each chunk of points the values of those in it.
type Task<'a, T> = (Range<usize>, Vec<&'a mut [Complex<T>]>);

const PANELS_PER_BLOCK: usize = BLOCK_COLUMNS / PANEL_COLUMNS;

impl<T: FftReal, R: RowTransform<T>> Setup<T, R> {
    /// Panels of the window's columns of which some lie under the kernel of a
    /// point.
    fn panels(&self, points: &NufftPoints) -> usize {
        points.layout.extent[1].div_ceil(PANEL_COLUMNS)
    }

    /// Where a column of the window, counted from the first one, is stored.
    fn source(&self, points: &NufftPoints, column: usize) -> (usize, bool) {
        self.rows.source(points.layout.first[1], column)
    }

    /// Where the columns of a panel are stored, if they are eight stored columns
    /// from a multiple of eight on: that multiple over eight.
    fn source_panel(&self, points: &NufftPoints, panel: usize) -> Option<usize> {
        let (start, _) = self.source(points, panel * PANEL_COLUMNS);
        let contiguous = (0..PANEL_COLUMNS)
            .all(|lane| self.source(points, panel * PANEL_COLUMNS + lane) == (start + lane, false));
        (contiguous && start.is_multiple_of(PANEL_COLUMNS)).then_some(start / PANEL_COLUMNS)
    }

    /// Panels of columns that are stored.
    fn stored_panels(&self, points: &NufftPoints) -> usize {
        let columns = self.panels(points) * PANEL_COLUMNS;
        let last = (0..columns)
            .map(|column| self.source(points, column).0)
            .max();
        last.map_or(0, |last| last / PANEL_COLUMNS + 1)
    }

    /// Complex numbers of the row transforms: all rows, only the columns needed.
    pub(super) fn intermediate_len(&self, points: &NufftPoints) -> usize {
        self.grid.shape()[0].div_ceil(ROW_BLOCK) * self.stored_panels(points) * TILE
    }

    /// Bytes of the window and panel of one thread.
    pub(super) fn window_bytes(&self, points: &NufftPoints) -> usize {
        let window = points.layout.extent[0] * self.window_columns();
        let panel = self.grid.lengths()[0] * PANEL_COLUMNS;
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
        let mut buffer = self.intermediates.take(Default::default);
        let intermediate = resized(&mut buffer, self.intermediate_len(points));
        self.transform_rows(row_range, fill_row, points, intermediate)?;

        self.transform_columns(points, intermediate, out)?;

        // Points change places within their chunk only: the caller's memory holds
        // the sorted values too.
        let chunks = out.par_chunks_mut(points.chunk_points());
        chunks.enumerate().for_each(|(index, out)| {
            let mut buffer = self.values.take(Default::default);
            let values = resized(&mut buffer, out.len());
            values.copy_from_slice(out);
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

    /// Row transforms, as `[block of rows][panel][row in block][8 columns]`.
    fn transform_rows(
        &self,
        row_range: &Range<usize>,
        fill_row: FillRow<'_, R::Sample>,
        points: &NufftPoints,
        intermediate: &mut [Complex<T>],
    ) -> Result<()> {
        let blocks = intermediate.par_chunks_exact_mut(self.stored_panels(points) * TILE);
        blocks.enumerate().try_for_each(|(block, lines)| {
            let start = block * ROW_BLOCK;
            let row_factors = self.factors[0].iter().skip(start).take(ROW_BLOCK);
            let row_factors: Vec<T> = row_factors.copied().collect();
            if row_range.start >= start + row_factors.len() || row_range.end <= start {
                lines.fill(Complex::new(T::zero(), T::zero()));
                return Ok(());
            }
            let fill = |row: usize, samples: &mut [R::Sample]| {
                if row_range.contains(&(start + row)) {
                    fill_row(start + row, samples);
                } else {
                    samples.fill(R::Sample::default());
                }
            };
            let mut tiles: Vec<&mut [Complex<T>]> = lines.chunks_exact_mut(TILE).collect();
            let mut scratch = self.row_scratch.take(|| self.rows.scratch());
            let (factors, first) = (&self.factors[1], points.layout.first[1]);
            let bad =
                self.rows
                    .forward(&row_factors, factors, first, fill, &mut tiles, &mut scratch)?;
            match bad {
                Some((row, column)) => Err(Error::NotFinite {
                    row: start + row,
                    column,
                }),
                None => Ok(()),
            }
        })
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
        if panel >= self.panels(points) {
            return Ok(());
        }
        let line_len = self.stored_panels(points) * TILE;
        let source = self.source_panel(points, panel);
        let sources: [(usize, bool); PANEL_COLUMNS] =
            std::array::from_fn(|lane| self.source(points, panel * PANEL_COLUMNS + lane));
        window.load_panel(column, |first, out| {
            let mut row = first;
            let mut rest = out;
            while !rest.is_empty() {
                let (block, place) = (row / ROW_BLOCK, row % ROW_BLOCK);
                let count = (ROW_BLOCK - place).min(rest.len() / PANEL_COLUMNS);
                let (now, after) = rest.split_at_mut(count * PANEL_COLUMNS);
                let line = &intermediate[block * line_len..(block + 1) * line_len];
                if let Some(panel) = source {
                    let start = panel * TILE + place * PANEL_COLUMNS;
                    now.copy_from_slice(&line[start..start + now.len()]);
                } else {
                    for (row, now) in now.chunks_exact_mut(PANEL_COLUMNS).enumerate() {
                        for (value, (column, conjugate)) in now.iter_mut().zip(sources) {
                            let place = (place + row) * PANEL_COLUMNS + column % PANEL_COLUMNS;
                            let stored = line[column / PANEL_COLUMNS * TILE + place];
                            *value = if conjugate { stored.conj() } else { stored };
                        }
                    }
                }
                row += count;
                rest = after;
            }
        })
    }

    /// Ranges of blocks of about equal work.
    fn balanced_ranges(&self, points: &NufftPoints, count: usize) -> Vec<Range<usize>> {
        // A column costs about as much as its samples' worth of points.
        let block_work = |block: usize| {
            points.count_in_block(block) + BLOCK_COLUMNS * (self.grid.lengths()[0] / 8)
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

    /// Type 1: overwrites `out`, row after row.
    pub(super) fn points_to_uniform(
        &self,
        values: &[Complex<T>],
        points: &NufftPoints,
        conjugate: impl Fn(bool) -> bool + Sync,
        out: &mut [R::Sample],
    ) -> Result<()> {
        if points.is_empty() {
            out.fill(R::Sample::default());
            return Ok(());
        }
        let mut buffer = self.values.take(Default::default);
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

        let rows = self.grid.shape()[0];
        let panel_len = rows * PANEL_COLUMNS;
        let ranges = self.balanced_ranges(points, SPREAD_RANGES);
        // Besides its own panels, each range fills those behind its end.
        let overlap = (self.window_columns() - BLOCK_COLUMNS) / PANEL_COLUMNS;
        let mut buffer = self.intermediates.take(Default::default);
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
            Ok::<(), Error>(())
        })?;

        let parts = Parts {
            ranges: &ranges,
            overlap,
            intermediate,
        };
        let blocks = out.par_chunks_mut(ROW_BLOCK * self.grid.shape()[1]);
        blocks.enumerate().try_for_each(|(block, out)| {
            let mut tiles = self.tiles.take(Default::default);
            let tiles = resized(&mut tiles, self.stored_panels(points) * TILE);
            let start = block * ROW_BLOCK;
            self.gather_rows(points, &parts, start, tiles);
            let row_factors = self.factors[0].iter().skip(start).take(ROW_BLOCK);
            let row_factors: Vec<T> = row_factors.copied().collect();
            let mut scratch = self.row_scratch.take(|| self.rows.scratch());
            let (factors, first) = (&self.factors[1], points.layout.first[1]);
            self.rows
                .adjoint(&row_factors, factors, first, tiles, out, &mut scratch)
        })
    }

    /// Adds up the columns of a block of rows, `[panel][row][8]`, in a fixed order.
    fn gather_rows(
        &self,
        points: &NufftPoints,
        parts: &Parts<'_, T>,
        start: usize,
        tiles: &mut [Complex<T>],
    ) {
        tiles.fill(Complex::new(T::zero(), T::zero()));
        let rows = self.grid.shape()[0];
        let count = ROW_BLOCK.min(rows - start);
        let mut rest = parts.intermediate;
        for range in parts.ranges {
            let panels = range.len() * PANELS_PER_BLOCK + parts.overlap;
            let (part, after) = rest.split_at(panels * rows * PANEL_COLUMNS);
            rest = after;
            for (index, panel) in part.chunks_exact(rows * PANEL_COLUMNS).enumerate() {
                let panel_index = range.start * PANELS_PER_BLOCK + index;
                if panel_index >= self.panels(points) {
                    break;
                }
                let lines = &panel[start * PANEL_COLUMNS..(start + count) * PANEL_COLUMNS];
                if let Some(stored) = self.source_panel(points, panel_index) {
                    let sums = &mut tiles[stored * TILE..(stored + 1) * TILE];
                    for (sum, value) in sums.iter_mut().zip(lines) {
                        *sum += *value;
                    }
                } else {
                    for lane in 0..PANEL_COLUMNS {
                        let column = panel_index * PANEL_COLUMNS + lane;
                        let (stored, conjugate) = self.source(points, column);
                        let place = stored / PANEL_COLUMNS * TILE + stored % PANEL_COLUMNS;
                        for row in 0..count {
                            let value = lines[row * PANEL_COLUMNS + lane];
                            tiles[place + row * PANEL_COLUMNS] +=
                                if conjugate { value.conj() } else { value };
                        }
                    }
                }
            }
        }
    }
}

/// Column transforms of a type 1 transform: for each range of blocks, its panels
/// and those behind it that its points reach, each [row][8 columns].
struct Parts<'a, T> {
    ranges: &'a [Range<usize>],
    /// Panels behind a range.
    overlap: usize,
    intermediate: &'a [Complex<T>],
}
