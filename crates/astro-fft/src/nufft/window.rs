//! A window of grid columns that slides over the half-plane: only it ever holds
//! the oversampled grid.

use num_complex::Complex;

use super::points::{Layout, NufftPoints};
use super::rows::RowTransform;
use super::sampling::{Interpolate, Spread};
use super::setup::{BLOCK_COLUMNS, Setup, WindowScratch, resized};
use crate::{FftReal, PANEL_COLUMNS, Result};

/// A window over the rows that some points need, `columns` of the grid wide.
pub(super) struct Window<'a, T: FftReal, R: RowTransform<T>> {
    setup: &'a Setup<T, R>,
    layout: &'a Layout,
    /// Numbers (two for each column) in a row of the window.
    stride: usize,
    scratch: &'a mut WindowScratch<T>,
}

impl<'a, T: FftReal, R: RowTransform<T>> Window<'a, T, R> {
    /// A window of zeros.
    pub(super) fn new(
        setup: &'a Setup<T, R>,
        layout: &'a Layout,
        scratch: &'a mut WindowScratch<T>,
    ) -> Self {
        let stride = 2 * setup.window_columns();
        resized(&mut scratch.window, layout.extent[0] * stride).fill(T::zero());
        Self {
            setup,
            layout,
            stride,
            scratch,
        }
    }

    /// Numbers of the window in use.
    fn len(&self) -> usize {
        self.layout.extent[0] * self.stride
    }

    /// Moves everything one block of columns to the left. The columns that
    /// become free keep what they held.
    pub(super) fn slide(&mut self) {
        let len = self.len();
        for row in self.scratch.window[..len].chunks_exact_mut(self.stride) {
            row.copy_within(2 * BLOCK_COLUMNS.., 0);
        }
    }

    /// Zeros in the columns that [`Self::slide`] has freed.
    pub(super) fn clear_freed(&mut self) {
        let len = self.len();
        for row in self.scratch.window[..len].chunks_exact_mut(self.stride) {
            row[self.stride - 2 * BLOCK_COLUMNS..].fill(T::zero());
        }
    }

    /// Transforms eight columns of the uniform side and puts them into the window
    /// from `column` on. `fill` writes them, `[sample row][8]`, at the row given.
    pub(super) fn load_panel(
        &mut self,
        column: usize,
        fill: impl Fn(usize, &mut [Complex<T>]),
    ) -> Result<()> {
        let length = self.setup.grid.lengths()[0];
        let samples = self.setup.grid.shape()[0];
        let half = samples / 2;
        let panel = &mut self.scratch.panel;
        // Sample ⌊n/2⌋ is the origin: it goes to row 0, those before it to the end.
        panel[(samples - half) * PANEL_COLUMNS..(length - half) * PANEL_COLUMNS]
            .fill(Complex::new(T::zero(), T::zero()));
        fill(half, &mut panel[..(samples - half) * PANEL_COLUMNS]);
        fill(0, &mut panel[(length - half) * PANEL_COLUMNS..]);
        let sign = self.setup.rows.forward_sign();
        self.setup
            .columns
            .process(panel, sign, 0..length, &mut self.scratch.fft)?;
        let len = self.layout.extent[0] * self.stride;
        let window = self.scratch.window[..len].chunks_exact_mut(self.stride);
        let place = 2 * column..2 * (column + PANEL_COLUMNS);
        let mut from = self.layout.first[0].rem_euclid(length as i64) as usize;
        for row in window {
            let line = &panel[from * PANEL_COLUMNS..(from + 1) * PANEL_COLUMNS];
            row[place.clone()].copy_from_slice(bytemuck::cast_slice(line));
            from = if from + 1 == length { 0 } else { from + 1 };
        }
        Ok(())
    }

    /// The adjoint of [`Self::load_panel`]: transforms eight columns of the window
    /// and writes them as `[sample row][8]`.
    pub(super) fn store_panel(&mut self, column: usize, out: &mut [Complex<T>]) -> Result<()> {
        let length = self.setup.grid.lengths()[0];
        let samples = self.setup.grid.shape()[0];
        let half = samples / 2;
        let len = self.layout.extent[0] * self.stride;
        let panel = &mut self.scratch.panel;
        panel.fill(Complex::new(T::zero(), T::zero()));
        let place = 2 * column..2 * (column + PANEL_COLUMNS);
        let mut to = self.layout.first[0].rem_euclid(length as i64) as usize;
        for row in self.scratch.window[..len].chunks_exact(self.stride) {
            // More rows than a period may lie under the kernels: they add up.
            let line = &mut panel[to * PANEL_COLUMNS..(to + 1) * PANEL_COLUMNS];
            let values: &[Complex<T>] = bytemuck::cast_slice(&row[place.clone()]);
            for (sum, value) in line.iter_mut().zip(values) {
                *sum += *value;
            }
            to = if to + 1 == length { 0 } else { to + 1 };
        }
        let sign = self.setup.rows.adjoint_sign();
        self.setup
            .columns
            .process(panel, sign, 0..length, &mut self.scratch.fft)?;
        let (before, after) = out.split_at_mut(half * PANEL_COLUMNS);
        before.copy_from_slice(&panel[(length - half) * PANEL_COLUMNS..]);
        after.copy_from_slice(&panel[..(samples - half) * PANEL_COLUMNS]);
        Ok(())
    }

    /// Interpolates the points of a block; `values` holds, for each chunk of
    /// points, the values of its points in sorted order from `starts` on.
    pub(super) fn interpolate(
        &self,
        points: &NufftPoints,
        block: usize,
        values: &mut [&mut [Complex<T>]],
        starts: &[usize],
    ) {
        T::interpolate(Interpolate {
            kernel: &self.setup.kernel,
            window: &self.scratch.window,
            stride: self.stride,
            points,
            block,
            values,
            starts,
        });
    }

    /// Spreads the points of a block; `values` holds the values of all points, in
    /// sorted order.
    pub(super) fn spread(&mut self, points: &NufftPoints, block: usize, values: &[Complex<T>]) {
        T::spread(Spread {
            kernel: &self.setup.kernel,
            window: &mut self.scratch.window,
            stride: self.stride,
            points,
            block,
            values,
        });
    }
}
