//! One uv table of a fit.

use astro_core::UvTable;
use astro_core::constants::SPEED_OF_LIGHT_M_PER_S;

use crate::{Error, Result};

/// A uv table with what a fit needs to know of it.
#[derive(Clone, Debug, PartialEq)]
pub struct FitDataset {
    /// Baselines in wavelengths, visibilities in Jy, weights in Jy⁻².
    pub table: UvTable,
    /// A name for reports and parameters; its number, from 1, when empty.
    pub label: String,
    /// Wavelength, metres; the table's mean frequency stands in where it has any.
    pub wavelength_m: Option<f64>,
    /// Factor on the weights of the table.
    pub weight_factor: f64,
}

impl FitDataset {
    /// A table as it is.
    #[must_use]
    pub fn new(table: UvTable) -> Self {
        Self {
            table,
            label: String::new(),
            wavelength_m: None,
            weight_factor: 1.0,
        }
    }

    /// The same with a name.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with a wavelength in metres.
    #[must_use]
    pub fn wavelength_m(mut self, wavelength_m: f64) -> Self {
        self.wavelength_m = Some(wavelength_m);
        self
    }

    /// The same with all weights multiplied by a factor.
    #[must_use]
    pub fn weight_factor(mut self, factor: f64) -> Self {
        self.weight_factor = factor;
        self
    }

    /// Frequency, hertz: from the wavelength, else the mean of the table's rows.
    #[must_use]
    pub fn frequency_hz(&self) -> Option<f64> {
        if let Some(wavelength) = self.wavelength_m {
            return Some(SPEED_OF_LIGHT_M_PER_S / wavelength);
        }
        let rows = &self.table.frequency_hz;
        let mean = rows.iter().sum::<f64>() / rows.len() as f64;
        (mean > 0.0 && mean.is_finite()).then_some(mean)
    }

    /// The rows whose baseline lies in `range` (wavelengths) and whose weight is above 0, with
    /// the factor applied, and the places of these rows in the table.
    pub(crate) fn prepared(&self, range: (f64, f64)) -> Result<(UvTable, Vec<usize>)> {
        self.table.check()?;
        for (name, value) in [
            ("weight factor", Some(self.weight_factor)),
            ("wavelength_m", self.wavelength_m),
        ] {
            if let Some(value) = value
                && !(value > 0.0 && value.is_finite())
            {
                return Err(Error::Parameter {
                    name,
                    value,
                    requirement: "finite and > 0",
                });
            }
        }
        let rows: Vec<usize> = (0..self.table.len())
            .filter(|&row| {
                let distance = self.table.u[row].hypot(self.table.v[row]);
                self.table.weight[row] > 0.0 && distance >= range.0 && distance <= range.1
            })
            .collect();
        if rows.is_empty() {
            let distance = |row: usize| self.table.u[row].hypot(self.table.v[row]);
            let distances = (0..self.table.len()).map(distance);
            return Err(Error::NothingInUvRange {
                from: range.0,
                to: range.1,
                shortest: distances.clone().fold(f64::INFINITY, f64::min),
                longest: distances.fold(0.0, f64::max),
            });
        }
        let mut kept = rows.iter().copied().peekable();
        let mut table = self.table.filtered(|row| kept.next_if_eq(&row).is_some());
        for weight in &mut table.weight {
            *weight *= self.weight_factor;
        }
        Ok((table, rows))
    }
}
