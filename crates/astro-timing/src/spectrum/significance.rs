//! Which powers noise does not explain, and which modulation a spectrum still allows.

use super::normalization::Normalization;
use super::power::PowerSpectrum;
use crate::statistics::{
    PowerLosses, PowerScale, TailProbability, amplitude_upper_limit, power_probability,
};
use crate::{Compat, Error, Result};

/// A power that noise alone seldom reaches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignificantPower {
    /// Its frequency bin.
    pub index: usize,
    /// How often noise reaches it, with the trials counted.
    pub probability: TailProbability,
}

impl PowerSpectrum {
    /// The powers that noise reaches with a probability below `threshold`, each of which counts
    /// as one of `trials` (the number of bins where all were looked at; 1 for a single trial).
    ///
    /// # Errors
    /// [`Error::Unsuitable`] if powers cannot be brought to Leahy's normalisation;
    /// [`Error::Parameter`] for trials below 1.
    #[doc(alias = "classical_significances")]
    pub fn significant_powers(&self, threshold: f64, trials: f64) -> Result<Vec<SignificantPower>> {
        let factor = self.conversion(Normalization::Leahy)?;
        let mut found = Vec::new();
        let powers = self.power.iter().zip(&self.bins.averages).enumerate();
        for (index, (&power, &averages)) in powers {
            if power.is_nan() {
                continue;
            }
            let single = power_probability(power * factor, averages)?;
            let probability = single.in_trials(trials)?;
            if probability.value() < threshold {
                found.push(SignificantPower { index, probability });
            }
        }
        Ok(found)
    }

    /// The largest amplitude of a sinusoid at an unknown frequency from `low_hz` to `high_hz` that
    /// the largest power there still allows, at `confidence`.
    ///
    /// The average over a bin damps a sinusoid of frequency f by sin(x)/x, x = π f Δt. (Stingray
    /// takes the highest frequency of the spectrum for the Nyquist frequency: with
    /// [`Compat::Stingray`] so does this.)
    ///
    /// # Errors
    /// [`Error::Parameter`] if no frequency lies in the range or `confidence` outside (0, 1).
    pub fn modulation_upper_limit(
        &self,
        low_hz: f64,
        high_hz: f64,
        confidence: f64,
    ) -> Result<f64> {
        let factor = self.conversion(Normalization::Leahy)?;
        let range = self.bins.between(low_hz, high_hz);
        let largest = range.max_by(|&a, &b| {
            // The first of equals, as an argmax.
            self.power[a].total_cmp(&self.power[b]).then(b.cmp(&a))
        });
        let largest = largest.ok_or(Error::Parameter {
            name: "lower frequency",
            value: low_hz,
            requirement: "below the upper one, with a frequency bin between them",
        })?;
        let nyquist_hz = match self.compat {
            Compat::Correct => 0.5 / self.light.bin_s,
            Compat::Stingray => self.frequency_hz().last().copied().unwrap_or(f64::NAN),
        };
        let losses = PowerLosses {
            unknown_frequency: true,
            nyquist_ratio: self.frequency_hz()[largest] / nyquist_hz,
        };
        amplitude_upper_limit(
            self.power[largest] * factor,
            self.light.counts,
            self.bins.averages[largest],
            confidence,
            PowerScale::Mean,
            losses,
        )
    }
}
