//! Transforms of a panel: eight columns at once.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use num_complex::Complex;

use crate::aligned::AlignedVec;
use crate::error::{check_length, check_not_empty, check_row_range};
use crate::kernel::{Form, LaneFft};
use crate::{ComplexFft1, FftReal, PANEL_COLUMNS, Result, Sign};

/// Transform over the rows of a panel of eight columns:
/// F(k, lane) = Σ_i f(i, lane) exp(±2πi ik/rows), not normalised.
///
/// A panel holds `rows` × 8 complex numbers, row after row, as a panel of
/// [`crate::HalfPlane`] does. Plans are immutable and may be shared by threads,
/// each with its own [`ColumnScratch`].
///
/// ```
/// use astro_fft::{ColumnFft, Sign};
/// use num_complex::Complex;
///
/// # fn main() -> Result<(), astro_fft::Error> {
/// let fft = ColumnFft::<f64>::new(12)?;
/// let mut panel = vec![Complex::new(1.0, 0.0); 12 * 8];
/// fft.process(&mut panel, Sign::Negative, 0..12, &mut fft.scratch())?;
/// assert!((panel[3].re - 12.0).abs() < 1e-13); // row 0, lane 3
/// assert!(panel[8].norm() < 1e-13); // row 1, lane 0
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ColumnFft<T: FftReal> {
    rows: usize,
    method: Method<T>,
}

#[derive(Clone)]
enum Method<T: FftReal> {
    /// Eight columns as lanes.
    Lanes(Arc<LaneFft<T>>),
    /// Column by column, for lengths with a prime factor above 13.
    Lines(ComplexFft1<T>),
}

/// What one thread needs besides the panel; made by [`ColumnFft::scratch`].
#[derive(Debug, Clone)]
pub struct ColumnScratch<T> {
    rows: usize,
    buffer: AlignedVec<Complex<T>>,
}

impl<T: FftReal> ColumnFft<T> {
    /// A plan for panels of `rows` >= 1 rows.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Empty`] if `rows` is 0.
    pub fn new(rows: usize) -> Result<Self> {
        check_not_empty("rows", rows)?;
        let method = match LaneFft::new(rows) {
            Some(fft) => Method::Lanes(Arc::new(fft)),
            None => Method::Lines(ComplexFft1::new(rows)?),
        };
        Ok(Self { rows, method })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of complex numbers in a panel, 8 · rows.
    pub fn panel_len(&self) -> usize {
        self.rows() * PANEL_COLUMNS
    }

    /// Scratch for one thread, to be used again for panel after panel.
    pub fn scratch(&self) -> ColumnScratch<T> {
        let len = match &self.method {
            Method::Lanes(fft) => fft.scratch_len(),
            Method::Lines(fft) => self.rows + fft.scratch_len(),
        };
        ColumnScratch {
            rows: self.rows,
            buffer: AlignedVec::new(Complex::new(T::zero(), T::zero()), len),
        }
    }

    /// Transforms the panel in place.
    ///
    /// Only the rows `nonzero_rows` of the input are read; the others are taken
    /// to be zero whatever they hold. Pass `0..rows` if all count.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Length`] if the panel has not 8 · rows elements or the scratch
    /// is another plan's; [`crate::Error::RowRange`] if `nonzero_rows` is not within
    /// the panel.
    pub fn process(
        &self,
        panel: &mut [Complex<T>],
        sign: Sign,
        nonzero_rows: Range<usize>,
        scratch: &mut ColumnScratch<T>,
    ) -> Result<()> {
        check_length("panel", panel.len(), self.panel_len())?;
        check_row_range("nonzero_rows", &nonzero_rows, self.rows())?;
        check_length("scratch of a panel", scratch.rows, self.rows)?;
        let form = (Form::Interleaved, Form::Interleaved);
        match &self.method {
            Method::Lanes(fft) => {
                fft.process(panel, sign, nonzero_rows, form, &mut scratch.buffer);
                Ok(())
            }
            Method::Lines(fft) => lines(fft, panel, sign, nonzero_rows, &mut scratch.buffer),
        }
    }
}

/// Transforms the columns of a panel one by one.
fn lines<T: FftReal>(
    fft: &ComplexFft1<T>,
    panel: &mut [Complex<T>],
    sign: Sign,
    nonzero_rows: Range<usize>,
    scratch: &mut [Complex<T>],
) -> Result<()> {
    let (column, scratch) = scratch.split_at_mut(fft.length());
    for lane in 0..PANEL_COLUMNS {
        column.fill(Complex::new(T::zero(), T::zero()));
        for row in nonzero_rows.clone() {
            column[row] = panel[row * PANEL_COLUMNS + lane];
        }
        fft.process_with_scratch(column, sign, scratch)?;
        for (row, value) in column.iter().enumerate() {
            panel[row * PANEL_COLUMNS + lane] = *value;
        }
    }
    Ok(())
}

impl<T: FftReal> fmt::Debug for ColumnFft<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ColumnFft")
            .field("precision", &T::NAME)
            .field("rows", &self.rows())
            .finish()
    }
}
