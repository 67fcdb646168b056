//! Two-dimensional transforms of real images.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, Axis, s};
use num_complex::Complex;
use rayon::prelude::*;

use crate::error::{check_not_empty, check_row_range, check_shape};
use crate::pool::Pool;
use crate::{
    ColumnFft, ColumnScratch, Error, FftReal, HalfPlane, PANEL_COLUMNS, RealFft1, Result, Sign,
};

/// Rows that one task transforms before it writes them to the panels.
const BLOCK_ROWS: usize = 8;

/// Transform of a real image to its half-plane spectrum and back.
///
/// F(k, l) = Σ_ij f(i, j) exp(−2πi (ik/rows + jl/columns)) for l = 0..=columns/2,
/// natural order, **not normalised** either way.
#[derive(Debug)]
pub struct RealFft2<T: FftReal> {
    row_fft: RealFft1<T>,
    column_fft: ColumnFft<T>,
    row_scratch: Pool<RowScratch<T>>,
    column_scratch: Pool<ColumnScratch<T>>,
}

#[derive(Debug)]
struct RowScratch<T> {
    samples: Vec<T>,
    spectrum: Vec<Complex<T>>,
    scratch: Vec<Complex<T>>,
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
            row_fft: RealFft1::new(columns)?,
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
        self.row_fft.length()
    }

    /// Number of spectrum columns, columns/2 + 1.
    pub fn spectrum_columns(&self) -> usize {
        self.row_fft.spectrum_len()
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
        blocks.into_par_iter().try_for_each(|(block, mut panels)| {
            let mut scratch = self.row_scratch.take(|| self.new_row_scratch());
            let scratch = &mut *scratch;
            for row in 0..panels.len_of(Axis(1)) {
                fill_row(
                    row_range.start + block * BLOCK_ROWS + row,
                    &mut scratch.samples,
                );
                self.row_fft.forward_with_scratch(
                    &mut scratch.samples,
                    &mut scratch.spectrum,
                    &mut scratch.scratch,
                )?;
                let mut to = panels.index_axis_mut(Axis(1), row);
                for (mut to, from) in to
                    .rows_mut()
                    .into_iter()
                    .zip(scratch.spectrum.chunks(PANEL_COLUMNS))
                {
                    for (to, from) in to.iter_mut().zip(from) {
                        *to = *from;
                    }
                }
            }
            Ok(())
        })?;

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
        row_range.into_par_iter().try_for_each(|row| {
            let mut scratch = self.row_scratch.take(|| self.new_row_scratch());
            self.inverse_row(half_plane, row, &mut scratch)?;
            take_row(row, &scratch.samples);
            Ok(())
        })
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
        mut image: ndarray::ArrayViewMut2<T>,
    ) -> Result<()> {
        check_shape("image", image.dim(), (row_range.len(), self.columns()))?;
        self.process_to_rows(half_plane, &row_range)?;
        let rows: Vec<_> = image.axis_iter_mut(Axis(0)).zip(row_range).collect();
        rows.into_par_iter().try_for_each(|(mut to, row)| {
            let mut scratch = self.row_scratch.take(|| self.new_row_scratch());
            self.inverse_row(half_plane, row, &mut scratch)?;
            for (to, from) in to.iter_mut().zip(&scratch.samples) {
                *to = *from;
            }
            Ok(())
        })
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

    fn inverse_row(
        &self,
        half_plane: &HalfPlane<T>,
        row: usize,
        scratch: &mut RowScratch<T>,
    ) -> Result<()> {
        let (kept, dropped) = scratch.spectrum.split_at_mut(half_plane.columns());
        dropped.fill(Complex::new(T::zero(), T::zero()));
        for (panel, to) in kept.chunks_mut(PANEL_COLUMNS).enumerate() {
            let start = half_plane.index(row, panel * PANEL_COLUMNS);
            to.copy_from_slice(&half_plane.data()[start..start + to.len()]);
        }
        self.row_fft.inverse_with_scratch(
            &mut scratch.spectrum,
            &mut scratch.samples,
            &mut scratch.scratch,
        )
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

    fn new_row_scratch(&self) -> RowScratch<T> {
        let zero = Complex::new(T::zero(), T::zero());
        RowScratch {
            samples: vec![T::zero(); self.columns()],
            spectrum: vec![zero; self.spectrum_columns()],
            scratch: vec![zero; self.row_fft.scratch_len()],
        }
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
