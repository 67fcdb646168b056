//! The half-plane spectrum of a real image, in panels of eight columns.

use ndarray::ArrayViewMut3;
use num_complex::Complex;

use crate::aligned::AlignedVec;
use crate::{Error, FftReal, Result};

/// Columns in a panel of a [`HalfPlane`] and of a [`crate::ColumnFft`].
pub const PANEL_COLUMNS: usize = 8;

/// Spectrum columns 0..`columns` of a real image, panel after panel.
///
/// A panel is eight columns side by side, row after row, so that each row of a
/// panel is 8 consecutive complex numbers and a panel is contiguous. Element
/// (row i, column j) is at
///
/// index = ((j / 8) · rows + i) · 8 + (j mod 8)
///
/// of [`Self::data`], which starts at a cache line. Columns that fill up the
/// last panel are zero or hold higher columns of the spectrum; do not rely on
/// either.
///
/// The buffer is kept between transforms of the same shape: make one and pass
/// it again and again.
#[derive(Debug, Clone)]
pub struct HalfPlane<T> {
    data: AlignedVec<Complex<T>>,
    rows: usize,
    columns: usize,
}

impl<T: FftReal> Default for HalfPlane<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: FftReal> HalfPlane<T> {
    /// An empty half-plane, which the first transform into it sizes.
    pub fn new() -> Self {
        Self {
            data: AlignedVec::new(Complex::new(T::zero(), T::zero()), 0),
            rows: 0,
            columns: 0,
        }
    }

    /// A half-plane of zeros.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if it does not fit into the address space.
    pub fn zeros(rows: usize, columns: usize) -> Result<Self> {
        let mut half_plane = Self::new();
        half_plane.resize(rows, columns)?;
        Ok(half_plane)
    }

    /// Sets the shape. The values are unspecified afterwards; memory is
    /// allocated only if the shape changes.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if it does not fit into the address space.
    pub fn resize(&mut self, rows: usize, columns: usize) -> Result<()> {
        let len = columns
            .div_ceil(PANEL_COLUMNS)
            .checked_mul(PANEL_COLUMNS)
            .and_then(|padded| padded.checked_mul(rows))
            .filter(|len| *len < isize::MAX as usize / (2 * size_of::<Complex<T>>()))
            .ok_or(Error::TooLarge { rows, columns })?;
        if len != self.data.len() {
            // The old buffer goes first: never both at full size.
            self.data = AlignedVec::new(Complex::new(T::zero(), T::zero()), 0);
            self.data = AlignedVec::new(Complex::new(T::zero(), T::zero()), len);
        }
        self.rows = rows;
        self.columns = columns;
        Ok(())
    }

    /// Number of rows of the spectrum (all of them).
    #[inline]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns kept.
    #[inline]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of panels, ⌈columns / 8⌉.
    #[inline]
    pub fn panels(&self) -> usize {
        self.columns.div_ceil(PANEL_COLUMNS)
    }

    /// Complex numbers in one panel, 8 · rows.
    #[inline]
    pub fn panel_len(&self) -> usize {
        self.rows * PANEL_COLUMNS
    }

    /// Where element (`row`, `column`) is in [`Self::data`].
    #[inline(always)]
    pub fn index(&self, row: usize, column: usize) -> usize {
        ((column / PANEL_COLUMNS) * self.rows + row) * PANEL_COLUMNS + column % PANEL_COLUMNS
    }

    /// Element (`row`, `column`), if it is within the half-plane.
    #[inline]
    pub fn get(&self, row: usize, column: usize) -> Option<Complex<T>> {
        if row < self.rows && column < self.columns {
            self.data.get(self.index(row, column)).copied()
        } else {
            None
        }
    }

    /// All panels, in the layout described above.
    #[inline]
    pub fn data(&self) -> &[Complex<T>] {
        &self.data
    }

    /// All panels, to write to.
    #[inline]
    pub fn data_mut(&mut self) -> &mut [Complex<T>] {
        &mut self.data
    }

    /// All panels as an array `[panel, row, column within the panel]`.
    pub(crate) fn panels_mut(&mut self) -> ArrayViewMut3<'_, Complex<T>> {
        let shape = (self.panels(), self.rows, PANEL_COLUMNS);
        ArrayViewMut3::from_shape(shape, &mut self.data)
            .expect("the data are panels × rows × 8 numbers")
    }

    /// Bytes of memory held.
    pub fn bytes(&self) -> usize {
        self.data.bytes()
    }
}
