//! The points of the uv plane at which visibilities are wanted.

use astro_core::{UvTable, check_finite, check_lengths};

use crate::Result;

/// Baselines in wavelengths, without values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UvCoverage {
    /// East component, wavelengths.
    pub u: Vec<f64>,
    /// North component, wavelengths.
    pub v: Vec<f64>,
    /// Component towards the source, wavelengths; empty where unknown.
    pub w: Vec<f64>,
    /// Frequency of each point, Hz; empty where unknown.
    pub frequency_hz: Vec<f64>,
}

impl UvCoverage {
    /// From u and v in wavelengths, checked.
    ///
    /// # Errors
    /// Different lengths, or the first NaN or infinity with its index.
    ///
    /// ```
    /// use astro_visibility::UvCoverage;
    /// let coverage = UvCoverage::new(vec![3e5, 0.0], vec![4e5, 1e5])?;
    /// assert_eq!(coverage.longest_baseline(), 5e5);
    /// # Ok::<(), astro_visibility::Error>(())
    /// ```
    pub fn new(u: Vec<f64>, v: Vec<f64>) -> Result<Self> {
        let coverage = Self {
            u,
            v,
            ..Self::default()
        };
        coverage.check()?;
        Ok(coverage)
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.u.len()
    }

    /// Whether there are no points.
    pub fn is_empty(&self) -> bool {
        self.u.is_empty()
    }

    /// `max √(u² + v²)`, wavelengths; 0 without points.
    pub fn longest_baseline(&self) -> f64 {
        self.distances().fold(0.0, f64::max)
    }

    /// `min √(u² + v²)` over baselines that are not zero, wavelengths; infinity without any.
    pub fn shortest_baseline(&self) -> f64 {
        self.distances()
            .filter(|&d| d > 0.0)
            .fold(f64::INFINITY, f64::min)
    }

    fn distances(&self) -> impl Iterator<Item = f64> + '_ {
        self.u.iter().zip(&self.v).map(|(u, v)| u.hypot(*v))
    }

    /// The given points, in the given order.
    pub(crate) fn selected(&self, points: &[usize]) -> Self {
        // A column that is absent stays absent.
        let pick = |column: &[f64]| match column {
            [] => Vec::new(),
            column => points.iter().map(|&k| column[k]).collect(),
        };
        Self {
            u: pick(&self.u),
            v: pick(&self.v),
            w: pick(&self.w),
            frequency_hz: pick(&self.frequency_hz),
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.u.is_empty() {
            return Err(astro_core::UvTableError::Empty.into());
        }
        check_lengths("v", self.v.len(), "u", self.u.len())?;
        if !self.w.is_empty() {
            check_lengths("w", self.w.len(), "u", self.u.len())?;
        }
        if !self.frequency_hz.is_empty() {
            check_lengths("frequency_hz", self.frequency_hz.len(), "u", self.u.len())?;
        }
        check_finite("frequency_hz", self.frequency_hz.iter().copied())?;
        check_finite("u", self.u.iter().copied())?;
        check_finite("v", self.v.iter().copied())?;
        check_finite("w", self.w.iter().copied())?;
        Ok(())
    }
}

impl From<&UvTable> for UvCoverage {
    fn from(table: &UvTable) -> Self {
        Self {
            u: table.u.clone(),
            v: table.v.clone(),
            w: table.w.clone(),
            frequency_hz: table.frequency_hz.clone(),
        }
    }
}
