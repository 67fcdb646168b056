//! Visibilities at points of the uv plane, as read from a file or simulated.

use num_complex::Complex64;

use crate::{BadValue, LengthMismatch, SkyCoord, check_finite, check_lengths, check_non_negative};

/// The two antennas of one sample, `first < second`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Baseline {
    /// Lower antenna number.
    pub first: u16,
    /// Higher antenna number.
    pub second: u16,
}

/// A table of visibilities: one row a point of the uv plane.
///
/// All columns that are not empty have the same length. Rows of weight zero are
/// flagged: readers keep them, computations skip them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UvTable {
    /// East baseline component, wavelengths.
    pub u: Vec<f64>,
    /// North baseline component, wavelengths.
    pub v: Vec<f64>,
    /// Component towards the source, wavelengths; empty where the file has none.
    pub w: Vec<f64>,
    /// Complex visibility, Jy.
    pub value: Vec<Complex64>,
    /// `1/σ²` of each real component, Jy⁻²; zero for a flagged row.
    pub weight: Vec<f64>,
    /// Frequency of each row, Hz; empty where the file has none.
    pub frequency_hz: Vec<f64>,
    /// Time of each row, seconds since `reference_mjd` midnight UTC; empty where the file has none.
    pub time_s: Vec<f64>,
    /// Modified Julian day that `time_s` counts from.
    pub reference_mjd: i32,
    /// Antenna pair of each row; empty where the file has none.
    pub baseline: Vec<Baseline>,
    /// Direction of zero phase, where known.
    pub phase_center: Option<SkyCoord>,
}

/// Why a [`UvTable`] cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UvTableError {
    /// The table has no rows.
    #[error("the uv table is empty; at least one visibility is needed")]
    Empty,
    /// Every row has weight zero.
    #[error("all {rows} rows of the uv table have weight 0 (flagged); at least one must be usable")]
    AllFlagged {
        /// Number of rows.
        rows: usize,
    },
    /// Columns of different length.
    #[error(transparent)]
    Length(#[from] LengthMismatch),
    /// A number that is not usable.
    #[error(transparent)]
    Value(#[from] BadValue),
}

impl UvTable {
    /// A table from its five essential columns, checked.
    ///
    /// # Errors
    /// As [`UvTable::check`].
    ///
    /// ```
    /// use astro_core::UvTable;
    /// use num_complex::Complex64;
    /// let table = UvTable::new(vec![1e5], vec![-2e4], vec![Complex64::new(0.1, 0.0)], vec![400.0])?;
    /// assert_eq!(table.len(), 1);
    /// # Ok::<(), astro_core::UvTableError>(())
    /// ```
    pub fn new(
        u: Vec<f64>,
        v: Vec<f64>,
        value: Vec<Complex64>,
        weight: Vec<f64>,
    ) -> Result<Self, UvTableError> {
        let table = Self {
            u,
            v,
            value,
            weight,
            ..Self::default()
        };
        table.check()?;
        Ok(table)
    }

    /// Number of rows, flagged ones included.
    pub fn len(&self) -> usize {
        self.u.len()
    }

    /// Whether the table has no rows.
    pub fn is_empty(&self) -> bool {
        self.u.is_empty()
    }

    /// Number of rows with weight above zero.
    pub fn unflagged(&self) -> usize {
        self.weight.iter().filter(|&&w| w > 0.0).count()
    }

    /// Requires equal lengths, finite numbers, weights at least zero and one usable row.
    ///
    /// Values of flagged rows may be anything; their coordinates may not.
    ///
    /// # Errors
    /// The first violation, with the column and row.
    pub fn check(&self) -> Result<(), UvTableError> {
        let rows = self.len();
        if rows == 0 {
            return Err(UvTableError::Empty);
        }
        check_lengths("v", self.v.len(), "u", rows)?;
        check_lengths("value", self.value.len(), "u", rows)?;
        check_lengths("weight", self.weight.len(), "u", rows)?;
        for (name, length) in [
            ("w", self.w.len()),
            ("frequency_hz", self.frequency_hz.len()),
            ("time_s", self.time_s.len()),
            ("baseline", self.baseline.len()),
        ] {
            if length != 0 {
                check_lengths(name, length, "u", rows)?;
            }
        }
        check_finite("u", self.u.iter().copied())?;
        check_finite("v", self.v.iter().copied())?;
        check_finite("w", self.w.iter().copied())?;
        check_finite("frequency_hz", self.frequency_hz.iter().copied())?;
        check_finite("time_s", self.time_s.iter().copied())?;
        check_non_negative("weight", self.weight.iter().copied())?;
        let used = |part: fn(&Complex64) -> f64| {
            self.value
                .iter()
                .zip(&self.weight)
                .map(move |(z, &w)| if w > 0.0 { part(z) } else { 0.0 })
        };
        check_finite("value (real part)", used(|z| z.re))?;
        check_finite("value (imaginary part)", used(|z| z.im))?;
        if self.unflagged() == 0 {
            return Err(UvTableError::AllFlagged { rows });
        }
        Ok(())
    }

    /// The table of the other sign convention: every visibility conjugated.
    #[must_use]
    pub fn conjugated(mut self) -> Self {
        for z in &mut self.value {
            z.im = -z.im;
        }
        self
    }

    /// The rows for which `keep(row)` holds, in order.
    #[must_use]
    pub fn filtered(&self, mut keep: impl FnMut(usize) -> bool) -> Self {
        let rows: Vec<usize> = (0..self.len()).filter(|&row| keep(row)).collect();
        self.selected(&rows)
    }

    /// The given rows, in the given order.
    ///
    /// # Panics
    /// If a row is not below [`UvTable::len`].
    #[must_use]
    pub fn selected(&self, rows: &[usize]) -> Self {
        Self {
            u: pick(&self.u, rows),
            v: pick(&self.v, rows),
            w: pick(&self.w, rows),
            value: pick(&self.value, rows),
            weight: pick(&self.weight, rows),
            frequency_hz: pick(&self.frequency_hz, rows),
            time_s: pick(&self.time_s, rows),
            reference_mjd: self.reference_mjd,
            baseline: pick(&self.baseline, rows),
            phase_center: self.phase_center,
        }
    }
}

/// The chosen rows of one column; a column that is absent stays absent.
fn pick<C: Copy>(column: &[C], rows: &[usize]) -> Vec<C> {
    if column.is_empty() {
        return Vec::new();
    }
    rows.iter().map(|&row| column[row]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> UvTable {
        UvTable::new(
            vec![1.0, 2.0, 3.0],
            vec![0.0, 1.0, 2.0],
            vec![Complex64::new(1.0, 2.0); 3],
            vec![1.0, 0.0, 2.0],
        )
        .unwrap()
    }

    #[test]
    fn flagged_rows_may_hold_nan_but_used_rows_may_not() {
        let mut t = table();
        t.value[1].re = f64::NAN;
        assert_eq!(t.check(), Ok(()));
        t.value[2].im = f64::NAN;
        assert!(matches!(
            t.check(),
            Err(UvTableError::Value(BadValue { index: 2, .. }))
        ));
    }

    #[test]
    fn bad_tables_are_refused() {
        assert_eq!(UvTable::default().check(), Err(UvTableError::Empty));
        let mut t = table();
        t.weight = vec![0.0; 3];
        assert_eq!(t.check(), Err(UvTableError::AllFlagged { rows: 3 }));
        t.weight = vec![1.0; 2];
        assert!(matches!(t.check(), Err(UvTableError::Length(_))));
        t.weight = vec![1.0, -1.0, 1.0];
        assert!(matches!(
            t.check(),
            Err(UvTableError::Value(BadValue { index: 1, .. }))
        ));
    }

    #[test]
    fn conjugation_and_filters_touch_what_they_say() {
        let t = table().conjugated();
        assert_eq!(t.value[0], Complex64::new(1.0, -2.0));
        let odd = t.filtered(|row| row != 1);
        assert_eq!((odd.len(), odd.unflagged(), odd.w.len()), (2, 2, 0));
        assert_eq!(odd.u, [1.0, 3.0]);
    }
}
