//! The averaged cross spectrum, its coherence and lags.

use num_complex::Complex64;

use super::bins::{FrequencyBins, Rebinning};
use super::cross_power::{BiasCoherence, CrossErrors, CrossPower, Estimate};
use super::engine::no_counts;
use super::normalization::{Normalization, SegmentLight};
use super::power::{Averaging, PowerSpectrum};
use super::sums::SpectrumSums;
use crate::{Compat, Error, Result};

/// Whether the two series of a cross spectrum have photons in common.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum ChannelOverlap {
    /// None: noise is independent.
    #[default]
    Independent,
    /// All photons of the subject are in the reference too.
    SubjectInReference,
}

/// An averaged cross spectrum of a subject (1) with a reference (2), from the lowest positive
/// frequency to below Nyquist.
///
/// $$ C_k = \frac{1}{M}\sum_\mathrm{segments} \overline{X_{1k}}\, X_{2k} $$
///
/// times the geometric mean of the factors that normalise the two power spectra. **A positive lag
/// means that the subject lags the reference**: delaying the subject by d gives the phase
/// $2\pi f d$.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossSpectrum {
    /// The frequencies.
    pub bins: FrequencyBins,
    /// Cross power in each bin; its real part is the cospectrum. Where photons are shared, their
    /// noise is in it.
    pub cross: Vec<Complex64>,
    /// Power of the subject, noise included.
    pub subject_power: Vec<f64>,
    /// Power of the reference, noise included.
    pub reference_power: Vec<f64>,
    /// What the powers are measured in.
    pub normalization: Normalization,
    /// How segments were averaged.
    pub averaging: Averaging,
    /// What the subject has in a segment on average.
    pub subject: SegmentLight,
    /// What the reference has in a segment on average.
    pub reference: SegmentLight,
    /// Whether photons are shared.
    pub overlap: ChannelOverlap,
    /// Segments averaged, M.
    pub segments: u64,
    /// Segments in which one of the series has no count; see [`PowerSpectrum::empty_segments`].
    pub empty_segments: u64,
    /// Whose formulas errors and coherence follow.
    pub compat: Compat,
}

/// What a cross spectrum is called by its plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CrossKind {
    pub(crate) normalization: Normalization,
    pub(crate) averaging: Averaging,
    pub(crate) overlap: ChannelOverlap,
    pub(crate) compat: Compat,
}

impl CrossSpectrum {
    /// Normalises sums, which hold every k from 0.
    pub(crate) fn from_sums(
        sums: &SpectrumSums,
        subject: SegmentLight,
        reference: SegmentLight,
        kind: CrossKind,
    ) -> Result<Self> {
        if sums.segments == 0 || subject.noise() <= 0.0 || reference.noise() <= 0.0 {
            return Err(no_counts(sums.segments.max(sums.empty)));
        }
        let bins = FrequencyBins::positive(subject.bins, subject.bin_s, sums.segments);
        let factor = |light: &SegmentLight| match kind.averaging {
            Averaging::CommonMean => light.factor(kind.normalization),
            Averaging::EachSegment => 1.0,
        };
        let (f1, f2) = (factor(&subject), factor(&reference));
        let range = 1..=bins.len();
        let segments = sums.segments as f64;
        let power = |raw: &[f64], factor: f64| {
            raw[range.clone()]
                .iter()
                .map(|p| p / segments * factor)
                .collect()
        };
        let cross_factor = (f1 * f2).sqrt();
        Ok(Self {
            cross: range
                .clone()
                .map(|k| sums.mean_cross(k) * cross_factor)
                .collect(),
            subject_power: power(&sums.subject.power, f1),
            reference_power: power(&sums.reference.power, f2),
            bins,
            normalization: kind.normalization,
            averaging: kind.averaging,
            subject,
            reference,
            overlap: kind.overlap,
            segments: sums.segments,
            empty_segments: sums.empty,
            compat: kind.compat,
        })
    }

    /// Frequencies, hertz.
    #[must_use]
    pub fn frequency_hz(&self) -> &[f64] {
        &self.bins.frequency_hz
    }

    /// Everything about bin `index`.
    ///
    /// # Panics
    /// If there is no such bin.
    #[must_use]
    pub fn at(&self, index: usize) -> CrossPower {
        let overlap = self.overlap == ChannelOverlap::SubjectInReference;
        let factor = |light: &SegmentLight| light.factor(self.normalization);
        CrossPower {
            cross: self.cross[index],
            subject: self.subject_power[index],
            reference: self.reference_power[index],
            subject_noise: self.subject.noise_level(self.normalization),
            reference_noise: self.reference.noise_level(self.normalization),
            shared_noise: if overlap {
                self.subject.noise() * (factor(&self.subject) * factor(&self.reference)).sqrt()
            } else {
                0.0
            },
            averages: self.bins.averages[index],
            overlap,
            compat: self.compat,
        }
    }

    /// The mean of all bins whose frequency lies from `low_hz` to `high_hz`, both inside, as one bin: the
    /// coherence and phase lag of a band.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is no bin between the frequencies.
    pub fn band(&self, low_hz: f64, high_hz: f64) -> Result<Self> {
        let range = self.bins.between(low_hz, high_hz);
        if range.is_empty() {
            return Err(Error::Parameter {
                name: "lower frequency",
                value: low_hz,
                requirement: "below the upper one, with a frequency bin between them",
            });
        }
        let merged = range.len();
        let part = Self {
            bins: FrequencyBins {
                frequency_hz: self.bins.frequency_hz[range.clone()].to_vec(),
                width_hz: self.bins.width_hz[range.clone()].to_vec(),
                merged: self.bins.merged[range.clone()].to_vec(),
                averages: self.bins.averages[range.clone()].to_vec(),
            },
            cross: self.cross[range.clone()].to_vec(),
            subject_power: self.subject_power[range.clone()].to_vec(),
            reference_power: self.reference_power[range].to_vec(),
            ..*self
        };
        part.rebinned(Rebinning::Factor(merged))
    }

    fn each<T>(&self, of: impl Fn(usize, CrossPower) -> T) -> Vec<T> {
        (0..self.bins.len())
            .map(|index| of(index, self.at(index)))
            .collect()
    }

    /// Errors of the cross powers. Stingray puts √(2/m), in Leahy's normalisation, where its own
    /// are not numbers: with [`Compat::Stingray`] so does this.
    #[must_use]
    pub fn errors(&self) -> Vec<CrossErrors> {
        let factor = |light: &SegmentLight| light.factor(self.normalization);
        let leahy = (self.subject.counts * self.reference.counts).sqrt() / 2.0
            * (factor(&self.subject) * factor(&self.reference)).sqrt();
        self.each(|_, power| {
            let mut errors = power.errors();
            if self.compat.is_stingray() && (errors.re.is_nan() || errors.im.is_nan()) {
                errors.re = (2.0 / power.averages).sqrt() * leahy;
                errors.im = errors.re;
            }
            errors
        })
    }

    /// The phase by which the subject lags the reference in each bin, radians.
    #[must_use]
    pub fn phase_lags(&self) -> Vec<Estimate> {
        self.each(|_, power| Estimate {
            value: power.phase_lag(),
            error: power.errors().phase,
        })
    }

    /// The time by which the subject lags the reference in each bin, seconds: the phase over
    /// 2π f. It is ambiguous by 1/f.
    #[must_use]
    pub fn time_lags(&self) -> Vec<Estimate> {
        let lags = self.phase_lags().into_iter().zip(self.frequency_hz());
        lags.map(|(lag, &f)| lag.phase_to_time(f)).collect()
    }

    /// The squared coherence of the series; see [`CrossPower::raw_coherence`].
    #[must_use]
    pub fn raw_coherence(&self) -> Vec<Estimate> {
        self.each(|_, power| power.raw_coherence())
    }

    /// The squared coherence of the signals; see [`CrossPower::intrinsic_coherence`].
    #[must_use]
    pub fn intrinsic_coherence(&self, bias: BiasCoherence) -> Vec<Estimate> {
        self.each(|_, power| power.intrinsic_coherence(bias))
    }

    /// The power spectrum of the subject.
    #[must_use]
    pub fn subject_spectrum(&self) -> PowerSpectrum {
        self.one(&self.subject_power, self.subject)
    }

    /// The power spectrum of the reference.
    #[must_use]
    pub fn reference_spectrum(&self) -> PowerSpectrum {
        self.one(&self.reference_power, self.reference)
    }

    fn one(&self, power: &[f64], light: SegmentLight) -> PowerSpectrum {
        let errors = power.iter().zip(&self.bins.averages);
        PowerSpectrum {
            bins: self.bins.clone(),
            power: power.to_vec(),
            error: errors.map(|(p, m)| p / m.sqrt()).collect(),
            normalization: self.normalization,
            averaging: self.averaging,
            light,
            segments: self.segments,
            empty_segments: self.empty_segments,
            compat: self.compat,
        }
    }

    /// The same spectrum in another normalisation.
    ///
    /// # Errors
    /// [`Error::Unsuitable`] if each segment was normalised by itself.
    pub fn to_normalization(&self, normalization: Normalization) -> Result<Self> {
        let mut other = self.clone();
        if normalization == self.normalization {
            return Ok(other);
        }
        if self.averaging == Averaging::EachSegment {
            return Err(Error::Unsuitable {
                operation: "a change of normalisation",
                requirement: "segments that were averaged with their common mean",
            });
        }
        let factor =
            |light: &SegmentLight| light.factor(normalization) / light.factor(self.normalization);
        let (f1, f2) = (factor(&self.subject), factor(&self.reference));
        other.normalization = normalization;
        other.subject_power.iter_mut().for_each(|p| *p *= f1);
        other.reference_power.iter_mut().for_each(|p| *p *= f2);
        other.cross.iter_mut().for_each(|c| *c *= (f1 * f2).sqrt());
        Ok(other)
    }

    /// Merges neighbouring frequencies; errors, coherence and lags follow from the means.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a factor, width or growth that makes no wider bins.
    pub fn rebinned(&self, rebinning: Rebinning) -> Result<Self> {
        let groups = self.bins.groups(rebinning)?;
        Ok(Self {
            bins: self.bins.merged(&groups),
            cross: groups.means(&self.cross),
            subject_power: groups.means(&self.subject_power),
            reference_power: groups.means(&self.reference_power),
            ..*self
        })
    }
}
