//! The averaged power spectrum.

use super::bins::{FrequencyBins, Rebinning};
use super::engine::no_counts;
use super::normalization::{Normalization, SegmentLight};
use super::sums::SpectrumSums;
use crate::{Compat, Error, Result};

/// What each segment is normalised with.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Averaging {
    /// The mean counts of all segments: the average of raw powers is normalised once.
    #[default]
    CommonMean,
    /// Its own counts: normalised powers are averaged. Segments without counts are left out.
    EachSegment,
}

/// An averaged power spectrum, from the lowest positive frequency to below Nyquist.
///
/// The error of an average of m = M K powers is $P/\sqrt{m}$: powers of noise, and of any broad
/// signal, are Gamma distributed.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct PowerSpectrum {
    /// The frequencies.
    pub bins: FrequencyBins,
    /// Power in each bin, noise included, in `normalization`.
    pub power: Vec<f64>,
    /// Its standard deviation.
    pub error: Vec<f64>,
    /// What the powers are measured in.
    pub normalization: Normalization,
    /// How segments were averaged.
    pub averaging: Averaging,
    /// What a segment has on average.
    pub light: SegmentLight,
    /// Segments averaged, M.
    pub segments: u64,
    /// Segments of the good time without any count: part of `segments`, or left out with
    /// [`Compat::Stingray`] and [`Averaging::EachSegment`]. They may also be gaps in telemetry
    /// that the good time intervals do not know of.
    pub empty_segments: u64,
    /// Whose formulas errors follow.
    pub compat: Compat,
}

/// The root of the power in a band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandRms {
    /// Fractional rms: the root of `variance`, 0 where that is negative.
    pub rms: f64,
    /// Its error, to first order; NaN where `variance` is not positive.
    pub error: f64,
    /// The power above the noise, integrated: the squared fractional rms.
    pub variance: f64,
    /// Its error.
    pub variance_error: f64,
}

impl PowerSpectrum {
    /// Normalises sums. `sums` hold every k from 0.
    pub(crate) fn from_sums(
        sums: &SpectrumSums,
        light: SegmentLight,
        normalization: Normalization,
        averaging: Averaging,
        compat: Compat,
    ) -> Result<Self> {
        if sums.segments == 0 || light.noise() <= 0.0 {
            return Err(no_counts(sums.segments.max(sums.empty)));
        }
        let bins = FrequencyBins::positive(light.bins, light.bin_s, sums.segments);
        let factor = match averaging {
            Averaging::CommonMean => light.factor(normalization),
            Averaging::EachSegment => 1.0,
        };
        let segments = sums.segments as f64;
        let raw = &sums.subject.power[1..=bins.len()];
        let power: Vec<f64> = raw.iter().map(|sum| sum / segments * factor).collect();
        Ok(Self {
            error: power.iter().map(|p| p / segments.sqrt()).collect(),
            bins,
            power,
            normalization,
            averaging,
            light,
            segments: sums.segments,
            empty_segments: sums.empty,
            compat,
        })
    }

    /// Frequencies, hertz.
    #[must_use]
    pub fn frequency_hz(&self) -> &[f64] {
        &self.bins.frequency_hz
    }

    /// The power of noise alone.
    #[must_use]
    pub fn noise_level(&self) -> f64 {
        self.light.noise_level(self.normalization)
    }

    /// The same spectrum in another normalisation.
    ///
    /// # Errors
    /// [`Error::Unsuitable`] if each segment was normalised by itself.
    pub fn to_normalization(&self, normalization: Normalization) -> Result<Self> {
        let factor = self.conversion(normalization)?;
        let mut other = self.clone();
        other.normalization = normalization;
        other.power.iter_mut().for_each(|power| *power *= factor);
        other.error.iter_mut().for_each(|error| *error *= factor);
        Ok(other)
    }

    pub(crate) fn conversion(&self, normalization: Normalization) -> Result<f64> {
        if normalization == self.normalization {
            return Ok(1.0);
        }
        if self.averaging == Averaging::EachSegment {
            return Err(Error::Unsuitable {
                operation: "a change of normalisation",
                requirement: "segments that were averaged with their common mean",
            });
        }
        Ok(self.light.factor(normalization) / self.light.factor(self.normalization))
    }

    /// Merges neighbouring frequencies: means of powers, with the errors of those means.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a factor, width or growth that makes no wider bins.
    pub fn rebinned(&self, rebinning: Rebinning) -> Result<Self> {
        let groups = self.bins.groups(rebinning)?;
        Ok(Self {
            bins: self.bins.merged(&groups),
            power: groups.means(&self.power),
            error: groups.errors_of_means(&self.error),
            ..*self
        })
    }

    /// The fractional rms between two frequencies, from the bins whose mean frequency lies there.
    ///
    /// $$ \mathrm{rms}^2 = \sum_i (P_i - P_\mathrm{noise})\, \Delta\nu_i,
    ///    \qquad \sigma^2(\mathrm{rms}^2) = \sum_i \frac{P_i^2\, \Delta\nu_i^2}{m_i + 1} $$
    ///
    /// with P in [`Normalization::FractionalRms`]. The mean square of a power of m averages is
    /// $1 + 1/m$ times the square of its mean, so that $P^2/(m + 1)$ is its variance without
    /// bias, also where m = 1. With [`Compat::Stingray`] it is $P^2/m$; for m = 1 and more than
    /// four bins, powers are averaged in fours first; and a negative variance gives 0 ± 0.
    ///
    /// `noise` replaces the Poisson level, in the spectrum's own normalisation.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is no bin between the frequencies; [`Error::Unsuitable`] as
    /// for [`PowerSpectrum::to_normalization`].
    #[doc(alias = "compute_rms")]
    pub fn band_rms(&self, low_hz: f64, high_hz: f64, noise: Option<f64>) -> Result<BandRms> {
        let factor = self.conversion(Normalization::FractionalRms)?;
        let noise = noise.unwrap_or_else(|| self.noise_level()) * factor;
        let range = self.bins.between(low_hz, high_hz);
        if range.is_empty() {
            return Err(Error::Parameter {
                name: "lower frequency",
                value: low_hz,
                requirement: "below the upper one, with a frequency bin between them",
            });
        }
        let power = self.power[range.clone()].iter().map(|p| p * factor);
        let width = &self.bins.width_hz[range.clone()];
        let averages = &self.bins.averages[range.clone()];
        let variance = power.clone().zip(width).map(|(p, w)| (p - noise) * w).sum();
        let square = |p: f64, w: f64| (p * w).powi(2);
        let variance_error = match self.compat {
            Compat::Correct => power
                .zip(width)
                .zip(averages)
                .map(|((p, w), m)| square(p, *w) / (m + 1.0))
                .sum::<f64>()
                .sqrt(),
            Compat::Stingray if averages.iter().all(|&m| m == 1.0) && range.len() > 4 => {
                let power: Vec<f64> = power.collect();
                let fours: f64 = power
                    .chunks_exact(4)
                    .map(|four| square(four.iter().sum(), width[0]) / 4.0)
                    .sum();
                let used = power.len() / 4 * 4;
                fours.sqrt() * power.len() as f64 / used as f64
            }
            Compat::Stingray => power
                .zip(width)
                .zip(averages)
                .map(|((p, w), m)| square(p, *w) / m)
                .sum::<f64>()
                .sqrt(),
        };
        Ok(BandRms::of_variance(variance, variance_error, self.compat))
    }
}

impl BandRms {
    fn of_variance(variance: f64, variance_error: f64, compat: Compat) -> Self {
        let positive = variance > 0.0;
        let error = if positive {
            variance_error / (2.0 * variance.sqrt())
        } else if compat.is_stingray() {
            0.0
        } else {
            f64::NAN
        };
        Self {
            rms: variance.max(0.0).sqrt(),
            error,
            variance,
            variance_error,
        }
    }
}
