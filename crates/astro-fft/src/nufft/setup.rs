//! One grid with everything that a transform on it needs: tables, FFT plans and
//! pooled scratch.

use std::sync::Arc;

use num_complex::Complex;

use super::grid::Grid;
use super::rows::RowTransform;
use super::sampling::KernelTable;
use crate::aligned::AlignedVec;
use crate::{ColumnFft, ColumnScratch, FftReal, PANEL_COLUMNS, Result};
use astro_core::Pool;

/// Columns of the grid that the window moves on at a time.
pub(super) const BLOCK_COLUMNS: usize = 16;

/// A grid in one precision, for one kind of rows.
#[derive(Debug)]
pub(super) struct Setup<T: FftReal, R: RowTransform<T>> {
    pub(super) grid: Arc<Grid>,
    pub(super) kernel: KernelTable<T>,
    /// 1/φ̂ of the samples along each axis.
    pub(super) factors: [Vec<T>; 2],
    pub(super) rows: R,
    pub(super) columns: ColumnFft<T>,
    pub(super) row_scratch: Pool<R::Scratch>,
    pub(super) window_scratch: Pool<WindowScratch<T>>,
    /// Rows on their way to columns, or back.
    pub(super) intermediates: Pool<AlignedVec<Complex<T>>>,
    /// Values of the points in sorted order.
    pub(super) values: Pool<AlignedVec<Complex<T>>>,
    /// Blocks of rows of a type 1 transform.
    pub(super) tiles: Pool<AlignedVec<Complex<T>>>,
}

/// What a thread needs to slide a window.
#[derive(Debug)]
pub(super) struct WindowScratch<T> {
    pub(super) window: AlignedVec<T>,
    pub(super) panel: AlignedVec<Complex<T>>,
    pub(super) fft: ColumnScratch<T>,
}

impl<T: FftReal, R: RowTransform<T>> Setup<T, R> {
    pub(super) fn new(grid: Arc<Grid>, rows: R) -> Result<Self> {
        let kernel = KernelTable::new(&grid.axes[0].taps, &grid.axes[1].taps);
        let factors = [0, 1].map(|axis| {
            let transform = grid.transform(axis);
            transform
                .iter()
                .map(|x| T::from_f64_rounded(1.0 / x))
                .collect()
        });
        Ok(Self {
            columns: ColumnFft::new(grid.lengths()[0])?,
            grid,
            kernel,
            factors,
            rows,
            row_scratch: Pool::new(),
            window_scratch: Pool::new(),
            intermediates: Pool::new(),
            values: Pool::new(),
            tiles: Pool::new(),
        })
    }

    /// Grid columns in the window: a block, and room for the kernel and the
    /// vectors of a point that starts in its last column or just behind it.
    pub(super) fn window_columns(&self) -> usize {
        (BLOCK_COLUMNS + self.kernel.padded_columns()).next_multiple_of(PANEL_COLUMNS)
    }

    pub(super) fn window_scratch(&self) -> WindowScratch<T> {
        let zero = Complex::new(T::zero(), T::zero());
        WindowScratch {
            window: AlignedVec::default(),
            panel: AlignedVec::new(zero, self.columns.panel_len()),
            fft: self.columns.scratch(),
        }
    }
}

/// At least `len` elements of a pooled buffer, with unspecified contents.
pub(super) fn resized<T: Copy + Default>(buffer: &mut AlignedVec<T>, len: usize) -> &mut [T] {
    if buffer.len() < len {
        *buffer = AlignedVec::new(T::default(), len);
    }
    &mut buffer[..len]
}
