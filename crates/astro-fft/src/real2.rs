//! Two-dimensional transforms of real images.

use std::ops::Range;

use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut2, Axis, s};
use num_complex::Complex;
use rayon::prelude::*;

use crate::error::{check_not_empty, check_row_range, check_shape};
use crate::rows::{BLOCK_ROWS, RowFft, RowScratch};
use crate::{ColumnFft, ColumnScratch, Error, FftReal, HalfPlane, PANEL_COLUMNS, Result, Sign};
use astro_core::Pool;

/// Transform of a real image to its half-plane spectrum and back.
///
/// F(k, l) = Σ_ij f(i, j) exp(−2πi (ik/rows + jl/columns)) for l = 0..=columns/2,
/// natural order, **not normalised** either way.
#[derive(Debug)]
pub struct RealFft2<T: FftReal> {
    columns: usize,
    row_fft: RowFft<T>,
    column_fft: ColumnFft<T>,
    row_scratch: Pool<RowScratch<T>>,
    column_scratch: Pool<ColumnScratch<T>>,
}

impl<T: FftReal> RealFft2<T> {
    /// A plan for images of `rows` × `columns`, each >= 1, of any factorisation.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] if either is 0.
    pub fn new(rows: usize, columns: usize) -> Result<Self> {
        check_not_empty("columns", columns)?;
        Ok(Self {
            column_fft: ColumnFft::new(rows)?,
            columns,
            row_fft: RowFft::new(columns)?,
            row_scratch: Pool::new(),
            column_scratch: Pool::new(),
        })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.column_fft.rows()
    }

    /// Number of image columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of spectrum columns, columns/2 + 1.
    pub fn spectrum_columns(&self) -> usize {
        self.columns / 2 + 1
    }

    /// The half-plane spectrum of `image`, shape `[rows, columns/2 + 1]`.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if the image has another shape than the plan.
    pub fn forward(&self, image: ArrayView2<T>) -> Result<Array2<Complex<T>>> {
        check_shape("image", image.dim(), (self.rows(), self.columns()))?;
        let mut half_plane = HalfPlane::new();
        let fill_row = |row: usize, samples: &mut [T]| {
            for (to, from) in samples.iter_mut().zip(image.row(row)) {
                *to = *from;
            }
        };
        let columns = self.spectrum_columns();
        self.forward_rows(0..self.rows(), &fill_row, columns, &mut half_plane)?;
        let data = half_plane.data();
        Ok(Array2::from_shape_fn((self.rows(), columns), |(i, j)| {
            data[half_plane.index(i, j)]
        }))
    }

    /// The image, multiplied by rows · columns, of a half-plane spectrum of shape
    /// `[rows, columns/2 + 1]`.
    ///
    /// The result is the real part of the sum over the whole plane, with the
    /// columns that are not given taken as the conjugates of those that are.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if the spectrum has another shape than the plan needs.
    pub fn inverse(&self, spectrum: ArrayView2<Complex<T>>) -> Result<Array2<T>> {
        let shape = (self.rows(), self.spectrum_columns());
        check_shape("spectrum", spectrum.dim(), shape)?;
        let mut half_plane = HalfPlane::zeros(shape.0, shape.1)?;
        for ((i, j), value) in spectrum.indexed_iter() {
            let index = half_plane.index(i, j);
            half_plane.data_mut()[index] = *value;
        }
        let mut image = Array2::zeros((self.rows(), self.columns()));
        self.inverse_into(&mut half_plane, 0..self.rows(), image.view_mut())?;
        Ok(image)
    }

    /// The half-plane spectrum of an image whose rows are made on demand: the
    /// fast path.
    ///
    /// `fill_row(i, samples)` writes all `columns` samples of row i, for i in
    /// `row_range`; it is called once for each row, from any thread, in any
    /// order. The rows outside `row_range` are zero. Spectrum columns
    /// 0..`keep_columns` are computed and written to `out`, which is resized.
    ///
    /// # Errors
    ///
    /// [`Error::RowRange`] if `row_range` is not within the rows;
    /// [`Error::KeepColumns`] unless 1 <= `keep_columns` <= columns/2 + 1.
    pub fn forward_rows(
        &self,
        row_range: Range<usize>,
        fill_row: &(dyn Fn(usize, &mut [T]) + Sync),
        keep_columns: usize,
        out: &mut HalfPlane<T>,
    ) -> Result<()> {
        check_row_range("row_range", &row_range, self.rows())?;
        self.check_columns(keep_columns)?;
        out.resize(self.rows(), keep_columns)?;

        let mut panels = out.panels_mut();
        let mut wanted = panels.slice_mut(s![.., row_range.clone(), ..]);
        let blocks: Vec<_> = wanted
            .axis_chunks_iter_mut(Axis(1), BLOCK_ROWS)
            .enumerate()
            .collect();
        blocks.into_par_iter().for_each(|(block, mut panels)| {
            let mut scratch = self.row_scratch.take(|| self.row_fft.scratch());
            let start = row_range.start + block * BLOCK_ROWS;
            let rows = panels.len_of(Axis(1));
            let mut tiles: Vec<_> = panels.outer_iter_mut().map(contiguous).collect();
            self.row_fft.forward(
                rows,
                |row, samples| fill_row(start + row, samples),
                &mut tiles,
                &mut scratch,
            );
        });

        self.process_columns(out, Sign::Negative, &row_range)
    }

    /// The image of a half-plane, row by row: the fast path back, and with
    /// [`Self::forward_rows`] what an adjoint is made of.
    ///
    /// Delivers g(i, j) = Re Σ_k Σ_l c_l F(k, l) exp(+2πi (ik/rows + jl/columns))
    /// over the columns l that `half_plane` keeps, with c_l = 2 but for l = 0
    /// and, if `columns` is even, l = columns/2, where c_l = 1: the same as
    /// [`Self::inverse`] with zeros for the columns that are not kept.
    /// `take_row(i, samples)` gets the rows i in `row_range`, once each, from any
    /// thread, in any order. The half-plane is overwritten.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if the half-plane has not the plan's rows;
    /// [`Error::KeepColumns`] if it has more columns than the plan's spectrum;
    /// [`Error::RowRange`] if `row_range` is not within the rows.
    pub fn inverse_rows(
        &self,
        half_plane: &mut HalfPlane<T>,
        row_range: Range<usize>,
        take_row: &(dyn Fn(usize, &[T]) + Sync),
    ) -> Result<()> {
        self.process_to_rows(half_plane, &row_range)?;
        let half_plane = &*half_plane;
        let blocks = row_range.len().div_ceil(BLOCK_ROWS);
        (0..blocks).into_par_iter().for_each(|block| {
            let start = row_range.start + block * BLOCK_ROWS;
            let rows = BLOCK_ROWS.min(row_range.end - start);
            self.inverse_block(half_plane, start, rows, |row, samples| {
                take_row(start + row, samples);
            });
        });
        Ok(())
    }

    /// [`Self::inverse_rows`] into an array: `image` has the shape
    /// `[row_range.len(), columns]`.
    ///
    /// # Errors
    ///
    /// As [`Self::inverse_rows`], and [`Error::Shape`] if `image` has another
    /// shape.
    pub fn inverse_into(
        &self,
        half_plane: &mut HalfPlane<T>,
        row_range: Range<usize>,
        mut image: ArrayViewMut2<T>,
    ) -> Result<()> {
        check_shape("image", image.dim(), (row_range.len(), self.columns()))?;
        self.process_to_rows(half_plane, &row_range)?;
        let half_plane = &*half_plane;
        let blocks: Vec<_> = image
            .axis_chunks_iter_mut(Axis(0), BLOCK_ROWS)
            .enumerate()
            .collect();
        blocks.into_par_iter().for_each(|(block, mut image)| {
            let start = row_range.start + block * BLOCK_ROWS;
            self.inverse_block(half_plane, start, image.nrows(), |row, samples| {
                image.row_mut(row).assign(&ArrayView1::from(samples));
            });
        });
        Ok(())
    }

    fn process_to_rows(
        &self,
        half_plane: &mut HalfPlane<T>,
        row_range: &Range<usize>,
    ) -> Result<()> {
        check_row_range("row_range", row_range, self.rows())?;
        let found = (half_plane.rows(), half_plane.columns());
        check_shape("half-plane", found, (self.rows(), found.1))?;
        self.check_columns(half_plane.columns())?;
        self.process_columns(half_plane, Sign::Positive, &(0..self.rows()))
    }

    fn inverse_block(
        &self,
        half_plane: &HalfPlane<T>,
        start: usize,
        rows: usize,
        take_row: impl FnMut(usize, &[T]),
    ) {
        let mut scratch = self.row_scratch.take(|| self.row_fft.scratch());
        let len = rows * PANEL_COLUMNS;
        self.row_fft.inverse(
            rows,
            half_plane.columns(),
            |panel, tile| {
                let from = half_plane.index(start, panel * PANEL_COLUMNS);
                tile[..len].copy_from_slice(&half_plane.data()[from..from + len]);
            },
            take_row,
            &mut scratch,
        );
    }

    fn process_columns(
        &self,
        half_plane: &mut HalfPlane<T>,
        sign: Sign,
        nonzero_rows: &Range<usize>,
    ) -> Result<()> {
        half_plane
            .data_mut()
            .par_chunks_exact_mut(self.column_fft.panel_len())
            .try_for_each(|panel| {
                let mut scratch = self.column_scratch.take(|| self.column_fft.scratch());
                self.column_fft
                    .process(panel, sign, nonzero_rows.clone(), &mut scratch)
            })
    }

    fn check_columns(&self, found: usize) -> Result<()> {
        let available = self.spectrum_columns();
        if (1..=available).contains(&found) {
            Ok(())
        } else {
            Err(Error::KeepColumns { found, available })
        }
    }
}

/// The rows of a panel that belong to a block.
fn contiguous<T>(panel: ArrayViewMut2<'_, Complex<T>>) -> &mut [Complex<T>] {
    panel
        .into_slice()
        .expect("consecutive rows of a panel are contiguous")
}
