//! Two-dimensional transforms of complex images.

use ndarray::{ArrayView1, ArrayViewMut1, ArrayViewMut2, Axis};
use num_complex::Complex;
use rayon::prelude::*;

use crate::aligned::AlignedVec;
use crate::error::{check_not_empty, check_shape};
use crate::kernel::prefetch;
use crate::transpose::{lanes_from_panel, panel_from_lanes};
use crate::{ColumnFft, ColumnScratch, FftReal, PANEL_COLUMNS, Result, Sign};
use astro_core::{Lent, Pool};

/// Transform of a complex image, in place, with either sign:
/// F(k, l) = Σ_ij f(i, j) exp(±2πi (ik/rows + jl/columns)), not normalised.
///
/// ```
/// use astro_fft::{ComplexFft2, Sign};
/// use ndarray::Array2;
/// use num_complex::Complex;
///
/// # fn main() -> Result<(), astro_fft::Error> {
/// let mut image = Array2::from_elem((3, 4), Complex::new(0.0, 1.0));
/// ComplexFft2::new(3, 4)?.process(image.view_mut(), Sign::Positive)?;
/// assert!((image[[0, 0]] - Complex::new(0.0, 12.0)).norm() < 1e-14);
/// assert!(image[[2, 3]].norm() < 1e-14);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ComplexFft2<T: FftReal> {
    /// Of eight rows at once, as the columns of a panel.
    row_fft: ColumnFft<T>,
    column_fft: ColumnFft<T>,
    row_scratch: Pool<Scratch<T>>,
    column_scratch: Pool<Scratch<T>>,
}

#[derive(Debug)]
struct Scratch<T> {
    panel: AlignedVec<Complex<T>>,
    scratch: ColumnScratch<T>,
}

impl<T: FftReal> ComplexFft2<T> {
    /// A plan for images of `rows` × `columns`, each >= 1, of any factorisation.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Empty`] if either is 0.
    pub fn new(rows: usize, columns: usize) -> Result<Self> {
        check_not_empty("columns", columns)?;
        Ok(Self {
            column_fft: ColumnFft::new(rows)?,
            row_fft: ColumnFft::new(columns)?,
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
        self.row_fft.rows()
    }

    /// Transforms `image`, shape `[rows, columns]`, in place.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Shape`] if the image has another shape than the plan.
    pub fn process(&self, mut image: ArrayViewMut2<Complex<T>>, sign: Sign) -> Result<()> {
        check_shape("image", image.dim(), (self.rows(), self.columns()))?;
        let blocks: Vec<_> = image.axis_chunks_iter_mut(Axis(0), PANEL_COLUMNS).collect();
        blocks.into_par_iter().try_for_each(|rows| {
            let mut scratch = take(&self.row_scratch, &self.row_fft);
            let Scratch { panel, scratch } = &mut *scratch;
            // The rows of the panel are the columns of the image.
            let mut columns = rows.reversed_axes();
            gather(&columns, panel);
            self.row_fft
                .process(panel, sign, 0..self.columns(), scratch)?;
            scatter(panel, &mut columns);
            Ok::<(), crate::Error>(())
        })?;
        let panels: Vec<_> = image.axis_chunks_iter_mut(Axis(1), PANEL_COLUMNS).collect();
        panels.into_par_iter().try_for_each(|mut columns| {
            let mut scratch = take(&self.column_scratch, &self.column_fft);
            let Scratch { panel, scratch } = &mut *scratch;
            gather(&columns, panel);
            self.column_fft
                .process(panel, sign, 0..self.rows(), scratch)?;
            scatter(panel, &mut columns);
            Ok(())
        })
    }
}

fn take<'a, T: FftReal>(pool: &'a Pool<Scratch<T>>, fft: &ColumnFft<T>) -> Lent<'a, Scratch<T>> {
    pool.take(|| Scratch {
        panel: AlignedVec::new(Complex::new(T::zero(), T::zero()), fft.panel_len()),
        scratch: fft.scratch(),
    })
}

/// Rows of a panel that are on their way from memory while one is copied: the
/// rows of an image are too far apart for the caches to guess the next one.
const ROWS_AHEAD: usize = 16;

/// Copies up to eight columns to a panel; what else the panel holds stays.
fn gather<T: FftReal>(columns: &ArrayViewMut2<Complex<T>>, panel: &mut [Complex<T>]) {
    if let Some(lanes) = contiguous_lanes(columns) {
        panel_from_lanes(&lanes, panel);
        return;
    }
    let rows: Vec<_> = columns.outer_iter().collect();
    for (row, to) in panel.chunks_exact_mut(PANEL_COLUMNS).enumerate() {
        if let Some(ahead) = rows.get(row + ROWS_AHEAD).and_then(ArrayView1::to_slice) {
            prefetch(ahead);
        }
        match rows[row].to_slice() {
            Some(from) => copy(to, from),
            None => to
                .iter_mut()
                .zip(rows[row])
                .for_each(|(to, from)| *to = *from),
        }
    }
}

/// Copies a panel back to its columns.
fn scatter<T: FftReal>(panel: &[Complex<T>], columns: &mut ArrayViewMut2<Complex<T>>) {
    if let Some(mut lanes) = contiguous_lanes_mut(columns) {
        lanes_from_panel(panel, &mut lanes);
        return;
    }
    let mut rows: Vec<_> = columns.outer_iter_mut().collect();
    for (row, from) in panel.chunks_exact(PANEL_COLUMNS).enumerate() {
        if let Some(ahead) = rows.get(row + ROWS_AHEAD).and_then(|row| row.as_slice()) {
            prefetch(ahead);
        }
        match rows[row].as_slice_mut() {
            Some(to) => copy(to, from),
            None => rows[row]
                .iter_mut()
                .zip(from)
                .for_each(|(to, from)| *to = *from),
        }
    }
}

/// Copies as many numbers as both have, eight if they can: a call for each row
/// would cost more than the copy.
#[inline]
fn copy<T: Copy>(to: &mut [T], from: &[T]) {
    if let (Some(to), Some(from)) = (to.first_chunk_mut::<PANEL_COLUMNS>(), from.first_chunk()) {
        *to = *from;
    } else {
        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    }
}

/// The eight columns as slices, if there are eight and each is contiguous.
fn contiguous_lanes<'a, T>(
    columns: &'a ArrayViewMut2<Complex<T>>,
) -> Option<[&'a [Complex<T>]; PANEL_COLUMNS]> {
    let lanes = columns.axis_iter(Axis(1)).map(|lane| lane.to_slice());
    let lanes: Option<Vec<_>> = lanes.collect();
    lanes?.try_into().ok()
}

/// [`contiguous_lanes`] to write to.
fn contiguous_lanes_mut<'a, T>(
    columns: &'a mut ArrayViewMut2<Complex<T>>,
) -> Option<[&'a mut [Complex<T>]; PANEL_COLUMNS]> {
    let lanes = columns
        .axis_iter_mut(Axis(1))
        .map(ArrayViewMut1::into_slice);
    let lanes: Option<Vec<_>> = lanes.collect();
    lanes?.try_into().ok()
}
