//! Modulation factor and effective area against energy.

use astro_core::{check_finite, check_lengths};

use crate::error::{Result, require, require_positive};

/// A positive function of energy: straight lines between its points.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseCurve {
    energy_kev: Vec<f64>,
    value: Vec<f64>,
}

impl ResponseCurve {
    /// Values, above 0, at ascending energies; of a file in bins, at their middle.
    ///
    /// # Errors
    /// Fewer than two points, arrays of different length, energies that do not ascend,
    /// values that are not above 0.
    pub fn new(energy_kev: Vec<f64>, value: Vec<f64>) -> Result<Self> {
        check_lengths("value", value.len(), "energy_kev", energy_kev.len())?;
        check_finite("energy_kev", energy_kev.iter().copied())?;
        let points = energy_kev.len();
        require(
            "points of the curve",
            points as f64,
            points >= 2,
            "at least 2",
        )?;
        for pair in energy_kev.windows(2) {
            require_positive("step between two energies", pair[1] - pair[0])?;
        }
        for &value in &value {
            require_positive("value of the curve", value)?;
        }
        Ok(Self { energy_kev, value })
    }

    /// One value at all energies.
    ///
    /// # Errors
    /// A value that is not above 0.
    pub fn constant(value: f64) -> Result<Self> {
        require_positive("value of the curve", value)?;
        Ok(Self {
            energy_kev: Vec::new(),
            value: vec![value],
        })
    }

    /// The value at an energy; none outside the points.
    pub fn at(&self, energy_kev: f64) -> Option<f64> {
        if self.energy_kev.is_empty() {
            return Some(self.value[0]);
        }
        let last = self.energy_kev.len() - 1;
        let inside = energy_kev >= self.energy_kev[0] && energy_kev <= self.energy_kev[last];
        if !inside {
            return None;
        }
        let left = self
            .energy_kev
            .partition_point(|&e| e <= energy_kev)
            .saturating_sub(1);
        let left = left.min(last - 1);
        let (e0, e1) = (self.energy_kev[left], self.energy_kev[left + 1]);
        let part = (energy_kev - e0) / (e1 - e0);
        Some(self.value[left] + part * (self.value[left + 1] - self.value[left]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_between_points_and_nothing_outside() {
        let curve = ResponseCurve::new(vec![2.0, 4.0, 8.0], vec![0.2, 0.4, 0.6]).unwrap();
        let found = [2.0, 3.0, 8.0].map(|e| curve.at(e).unwrap());
        assert!(
            found
                .iter()
                .zip([0.2, 0.3, 0.6])
                .all(|(a, b)| (a - b).abs() < 1e-15)
        );
        assert_eq!(
            (curve.at(1.9), curve.at(8.1), curve.at(f64::NAN)),
            (None, None, None)
        );
        assert!(ResponseCurve::new(vec![2.0, 1.0], vec![1.0, 1.0]).is_err());
        assert!(ResponseCurve::new(vec![1.0, 2.0], vec![1.0, 0.0]).is_err());
    }
}
