//! A measured spectrum to be fitted.

use astro_core::{check_finite, check_lengths};

use crate::error::{Result, require, require_positive};

/// Powers against frequency, with the number of powers averaged in each.
#[derive(Clone, Debug, PartialEq)]
pub struct SpectrumData {
    pub(super) frequency_hz: Vec<f64>,
    pub(super) ln_frequency: Vec<f64>,
    pub(super) power: Vec<f64>,
    pub(super) averages: Vec<f64>,
}

impl SpectrumData {
    /// A spectrum whose every power is the mean of `averages`: segments times
    /// neighbouring frequencies.
    ///
    /// # Errors
    /// No frequency, frequencies that are not above 0, powers that are not finite, averages
    /// below 1.
    pub fn new(frequency_hz: Vec<f64>, power: Vec<f64>, averages: f64) -> Result<Self> {
        let averages = vec![averages; frequency_hz.len()];
        Self::with_averages(frequency_hz, power, averages)
    }

    /// A spectrum with a number of averages for each power, as logarithmic rebinning makes it.
    ///
    /// Rebinning by fractions of bins makes powers that are not Gamma distributed: rebin by
    /// whole ones.
    ///
    /// # Errors
    /// As [`SpectrumData::new`]; arrays of different length.
    pub fn with_averages(
        frequency_hz: Vec<f64>,
        power: Vec<f64>,
        averages: Vec<f64>,
    ) -> Result<Self> {
        let n = frequency_hz.len();
        require("number of frequencies", n as f64, n > 0, "at least 1")?;
        check_lengths("power", power.len(), "frequency_hz", n)?;
        check_lengths("averages", averages.len(), "frequency_hz", n)?;
        check_finite("power", power.iter().copied())?;
        for (&f, &m) in frequency_hz.iter().zip(&averages) {
            require_positive("frequency_hz", f)?;
            require(
                "averages",
                m,
                m >= 1.0 && m.is_finite(),
                "finite and at least 1",
            )?;
        }
        Ok(Self {
            ln_frequency: frequency_hz.iter().map(|f| f.ln()).collect(),
            frequency_hz,
            power,
            averages,
        })
    }

    /// The frequencies within a range.
    ///
    /// # Errors
    /// A range without frequencies.
    pub fn within(&self, low_hz: f64, high_hz: f64) -> Result<Self> {
        let inside: Vec<usize> = (0..self.len())
            .filter(|&i| (low_hz..=high_hz).contains(&self.frequency_hz[i]))
            .collect();
        let pick = |values: &[f64]| inside.iter().map(|&i| values[i]).collect();
        Self::with_averages(
            pick(&self.frequency_hz),
            pick(&self.power),
            pick(&self.averages),
        )
    }

    /// Number of frequencies.
    #[expect(clippy::len_without_is_empty, reason = "there is at least one")]
    pub fn len(&self) -> usize {
        self.frequency_hz.len()
    }

    /// Frequencies, hertz.
    pub fn frequency_hz(&self) -> &[f64] {
        &self.frequency_hz
    }

    /// Powers.
    pub fn power(&self) -> &[f64] {
        &self.power
    }

    /// Powers averaged in each.
    pub fn averages(&self) -> &[f64] {
        &self.averages
    }

    /// The same frequencies and averages with other powers.
    pub(super) fn with_power(&self, power: Vec<f64>) -> Self {
        Self {
            power,
            ..self.clone()
        }
    }
}
