//! Transforms of a panel: eight columns at once.

use std::fmt;
use std::ops::Range;

use num_complex::Complex;

use crate::error::{check_length, check_not_empty, check_row_range};
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
    fft: ComplexFft1<T>,
}

/// What one thread needs besides the panel; made by [`ColumnFft::scratch`].
#[derive(Debug, Clone)]
pub struct ColumnScratch<T> {
    column: Vec<Complex<T>>,
    scratch: Vec<Complex<T>>,
}

impl<T: FftReal> ColumnFft<T> {
    /// A plan for panels of `rows` >= 1 rows.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Empty`] if `rows` is 0.
    pub fn new(rows: usize) -> Result<Self> {
        check_not_empty("rows", rows)?;
        Ok(Self {
            fft: ComplexFft1::new(rows)?,
        })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.fft.length()
    }

    /// Number of complex numbers in a panel, 8 · rows.
    pub fn panel_len(&self) -> usize {
        self.rows() * PANEL_COLUMNS
    }

    /// Scratch for one thread, to be used again for panel after panel.
    pub fn scratch(&self) -> ColumnScratch<T> {
        let zero = Complex::new(T::zero(), T::zero());
        ColumnScratch {
            column: vec![zero; self.rows()],
            scratch: vec![zero; self.fft.scratch_len()],
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
        check_length("scratch of a panel", scratch.column.len(), self.rows())?;
        let zero = Complex::new(T::zero(), T::zero());
        for lane in 0..PANEL_COLUMNS {
            scratch.column.fill(zero);
            for row in nonzero_rows.clone() {
                scratch.column[row] = panel[row * PANEL_COLUMNS + lane];
            }
            self.fft
                .process_with_scratch(&mut scratch.column, sign, &mut scratch.scratch)?;
            for (row, value) in scratch.column.iter().enumerate() {
                panel[row * PANEL_COLUMNS + lane] = *value;
            }
        }
        Ok(())
    }
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
