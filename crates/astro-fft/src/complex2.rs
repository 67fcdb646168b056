//! Two-dimensional transforms of complex images.

use ndarray::{ArrayViewMut2, Axis};
use num_complex::Complex;
use rayon::prelude::*;

use crate::error::{check_not_empty, check_shape};
use crate::pool::Pool;
use crate::{ColumnFft, ColumnScratch, ComplexFft1, FftReal, PANEL_COLUMNS, Result, Sign};

/// Transform of a complex image, in place, with either sign:
/// F(k, l) = Σ_ij f(i, j) exp(±2πi (ik/rows + jl/columns)), not normalised.
#[derive(Debug)]
pub struct ComplexFft2<T: FftReal> {
    row_fft: ComplexFft1<T>,
    column_fft: ColumnFft<T>,
    row_scratch: Pool<Vec<Complex<T>>>,
    column_scratch: Pool<(Vec<Complex<T>>, ColumnScratch<T>)>,
}

impl<T: FftReal> ComplexFft2<T> {
    /// A plan for images of `rows` × `columns`, each >= 1.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Empty`] if either is 0.
    pub fn new(rows: usize, columns: usize) -> Result<Self> {
        check_not_empty("columns", columns)?;
        Ok(Self {
            column_fft: ColumnFft::new(rows)?,
            row_fft: ComplexFft1::new(columns)?,
            row_scratch: Pool::new(),
            column_scratch: Pool::new(),
        })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.column_fft.rows()
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.row_fft.length()
    }

    /// Transforms `image`, shape `[rows, columns]`, in place.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Shape`] if the image has another shape than the plan.
    pub fn process(&self, mut image: ArrayViewMut2<Complex<T>>, sign: Sign) -> Result<()> {
        check_shape("image", image.dim(), (self.rows(), self.columns()))?;
        let zero = Complex::new(T::zero(), T::zero());
        let rows: Vec<_> = image.axis_iter_mut(Axis(0)).collect();
        rows.into_par_iter().try_for_each(|mut row| {
            let mut scratch = self
                .row_scratch
                .take(|| vec![zero; self.row_fft.scratch_len() + self.columns()]);
            let (copy, scratch) = scratch.split_at_mut(self.columns());
            if let Some(row) = row.as_slice_mut() {
                return self.row_fft.process_with_scratch(row, sign, scratch);
            }
            for (to, from) in copy.iter_mut().zip(&row) {
                *to = *from;
            }
            self.row_fft.process_with_scratch(copy, sign, scratch)?;
            for (to, from) in row.iter_mut().zip(copy) {
                *to = *from;
            }
            Ok(())
        })?;
        let panels: Vec<_> = image.axis_chunks_iter_mut(Axis(1), PANEL_COLUMNS).collect();
        panels.into_par_iter().try_for_each(|mut columns| {
            let mut scratch = self.column_scratch.take(|| {
                let panel = vec![zero; self.column_fft.panel_len()];
                (panel, self.column_fft.scratch())
            });
            let (panel, scratch) = &mut *scratch;
            for (to, from) in panel.chunks_exact_mut(PANEL_COLUMNS).zip(columns.rows()) {
                for (to, from) in to.iter_mut().zip(from) {
                    *to = *from;
                }
            }
            self.column_fft
                .process(panel, sign, 0..self.rows(), scratch)?;
            for (mut to, from) in columns
                .rows_mut()
                .into_iter()
                .zip(panel.chunks_exact(PANEL_COLUMNS))
            {
                for (to, from) in to.iter_mut().zip(from) {
                    *to = *from;
                }
            }
            Ok(())
        })
    }
}
