//! Variability against energy, from the sums of one pass.

use num_complex::Complex64;

use super::plan::BandSums;
use crate::excess_variance::ExcessVariance;
use crate::spectrum::{CrossPower, Estimate, Normalization, SegmentLight};
use crate::{Compat, EnergyBand};

/// Counts in a segment below which Stingray leaves rms and covariance of a band out.
const PEER_LEAST_COUNTS: f64 = 10.0;

/// What rms and covariance are measured in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RmsUnit {
    /// Parts of the mean rate of the band.
    #[default]
    Fractional,
    /// Counts per second.
    Absolute,
}

/// A complex value and the standard deviations of its parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ComplexEstimate {
    /// The value.
    pub value: Complex64,
    /// Standard deviation of its real part.
    pub re_error: f64,
    /// Standard deviation of its imaginary part.
    pub im_error: f64,
}

/// The variability of energy bands, measured by an [`super::EnergySpectraPlan`].
///
/// Every method gives a value for each of `bands`. They are estimates of the same data: the
/// reference that bands are compared with is common to all, so that their lags and covariances
/// scatter together.
#[derive(Clone, Debug)]
pub struct EnergySpectra {
    /// The bands.
    pub bands: Vec<EnergyBand>,
    /// The band of the reference.
    pub reference_band: EnergyBand,
    /// The Fourier frequencies that are averaged, hertz.
    pub frequency_hz: Vec<f64>,
    /// Segments of the good time.
    pub segments: u64,
    /// Good time, seconds.
    pub exposure_s: f64,
    pub(super) bins: usize,
    pub(super) bin_s: f64,
    pub(super) kept: bool,
    pub(super) shared: Vec<Option<usize>>,
    pub(super) sums: BandSums,
    pub(super) outside: Vec<u64>,
    pub(super) compat: Compat,
}

const NOTHING: Estimate = Estimate {
    value: f64::NAN,
    error: f64::NAN,
};

impl EnergySpectra {
    fn segment_s(&self) -> f64 {
        self.bins as f64 * self.bin_s
    }

    /// Width of the frequencies averaged.
    fn width_hz(&self) -> f64 {
        self.frequency_hz.len() as f64 / self.segment_s()
    }

    fn each<V>(&self, of: impl Fn(usize) -> V) -> Vec<V> {
        (0..self.bands.len()).map(of).collect()
    }

    fn light(&self, counts: f64, segments: u64) -> SegmentLight {
        SegmentLight {
            bins: self.bins,
            bin_s: self.bin_s,
            counts: counts / segments as f64,
            background_counts: 0.0,
            variance: None,
        }
    }

    /// Mean rate of a series in all segments, counts per second.
    fn rate(&self, series: usize) -> f64 {
        self.sums.counts[series] / (self.segments as f64 * self.segment_s())
    }

    /// Too few counts for Stingray.
    fn left_out(&self, band: usize) -> bool {
        self.compat.is_stingray() && self.rate(band) * self.segment_s() < PEER_LEAST_COUNTS
    }

    /// The mean rate of a band as its fractional rms counts it.
    fn subject_rate(&self, band: usize) -> f64 {
        let sums = &self.sums.bands[band];
        self.light(sums.subject.counts, sums.segments).rate()
    }

    /// Powers of a band and its reference, averaged over frequencies, in a normalisation.
    fn cross_power(&self, band: usize, normalization: Normalization) -> CrossPower {
        let sums = &self.sums.bands[band];
        let m = sums.segments;
        let n = self.frequency_hz.len() as f64;
        let mean = |values: &[f64]| values.iter().sum::<f64>() / (n * m as f64);
        let subject = self.light(sums.subject.counts, m);
        let reference = self.light(sums.reference.counts, m);
        let (f1, f2) = (
            subject.factor(normalization),
            reference.factor(normalization),
        );
        let overlap = self.kept && self.shared[band].is_some();
        let shared = match self.shared[band] {
            Some(series) if overlap => self.sums.counts[series] / self.segments as f64,
            _ => 0.0,
        };
        let both = (f1 * f2).sqrt();
        let mut power = CrossPower {
            cross: Complex64::new(mean(&sums.cross_re), mean(&sums.cross_im)) * both,
            subject: mean(&sums.subject.power) * f1,
            reference: mean(&sums.reference.power) * f2,
            subject_noise: subject.noise_level(normalization),
            reference_noise: reference.noise_level(normalization),
            shared_noise: shared * both,
            averages: n * m as f64,
            overlap,
            compat: self.compat,
        };
        if self.compat.is_stingray() {
            // The reference has its own segments, those of the band are not asked.
            let own = &self.sums.reference;
            let light = self.light(own.subject.counts, own.segments);
            power.reference = own.subject.power.iter().sum::<f64>() / (n * own.segments as f64)
                * light.factor(normalization);
            power.averages = n * own.segments as f64;
        }
        power
    }

    /// Counts of each band in the good time, with √n. (Stingray counts all events, in good time
    /// or not: with [`Compat::Stingray`] so does this.)
    #[must_use]
    pub fn counts(&self) -> Vec<Estimate> {
        self.each(|band| {
            let counts = self.sums.counts[band] + self.outside[band] as f64;
            Estimate {
                value: counts,
                error: counts.sqrt(),
            }
        })
    }

    /// Count rate of each band in the good time, counts per second.
    #[must_use]
    pub fn count_rates(&self) -> Vec<Estimate> {
        let scale = |counts: Estimate| Estimate {
            value: counts.value / self.exposure_s,
            error: counts.error / self.exposure_s,
        };
        self.counts().into_iter().map(scale).collect()
    }

    /// Root mean square variability of each band: the root of the power above the noise, times
    /// the width of the frequencies.
    ///
    /// $$ s^2 = (\bar P - N)\,\Delta\nu, \qquad n^2 = N\,\Delta\nu, \qquad
    ///    \sigma_s = \frac{s^2 + n^2}{2 s\sqrt{m}} $$
    ///
    /// Zero, with an error of NaN, where the power is below the noise. With [`Compat::Stingray`]
    /// $s^2 = |\bar P - N|\Delta\nu$, the error has $2sn$ in place of $2s^2n^2$, and bands with
    /// fewer than ten counts a segment are NaN.
    ///
    /// # References
    /// Uttley et al. 2014, A&ARv 22, 72, equation 14.
    #[must_use]
    pub fn rms(&self, unit: RmsUnit) -> Vec<Estimate> {
        self.each(|band| {
            if self.left_out(band) {
                return NOTHING;
            }
            let power = self.cross_power(band, Normalization::AbsoluteRms);
            let m = self.frequency_hz.len() as f64 * self.sums.bands[band].segments as f64;
            let noise = match self.compat {
                Compat::Correct => power.subject_noise,
                Compat::Stingray => 2.0 * self.rate(band),
            };
            let square = (power.subject - noise) * self.width_hz();
            let noise_square = noise * self.width_hz();
            let (value, error) = match self.compat {
                Compat::Correct if square > 0.0 => {
                    let s = square.sqrt();
                    (s, (square + noise_square) / (2.0 * s * m.sqrt()))
                }
                Compat::Correct => (0.0, f64::NAN),
                Compat::Stingray => {
                    let (s, n) = (square.abs().sqrt(), noise_square.sqrt());
                    let mixed = s.powi(4) + n.powi(4) + 2.0 * s * n;
                    (s, (mixed / (4.0 * m * s * s)).sqrt())
                }
            };
            let scale = self.scale(band, unit);
            Estimate {
                value: value * scale,
                error: error * scale,
            }
        })
    }

    fn scale(&self, band: usize, unit: RmsUnit) -> f64 {
        match unit {
            RmsUnit::Absolute => 1.0,
            RmsUnit::Fractional => 1.0 / self.subject_rate(band),
        }
    }

    /// The time by which each band lags the reference, seconds: the phase of the mean cross power
    /// over 2π times the mean frequency, weighted by |C|. Positive: the band lags.
    ///
    /// Errors are those of [`CrossPower::errors`]. With [`Compat::Stingray`] the noise of shared
    /// photons stays in the cross power, and the noise levels count all events of the file.
    #[must_use]
    pub fn lags(&self) -> Vec<Estimate> {
        self.each(|band| {
            let mut power = self.cross_power(band, Normalization::Unnormalized);
            if self.compat.is_stingray() {
                let all = |series: usize| self.sums.counts[series] + self.outside[series] as f64;
                let own = self.sums.bands[band].segments as f64;
                power.subject_noise = all(band) / own;
                let reference = self.bands.len();
                power.reference_noise = all(reference) / self.sums.reference.segments as f64;
            }
            Estimate {
                value: power.phase_lag(),
                error: power.errors().phase,
            }
            .phase_to_time(self.mean_frequency(band))
        })
    }

    /// Mean of the frequencies weighted by |C|.
    fn mean_frequency(&self, band: usize) -> f64 {
        let sums = &self.sums.bands[band];
        let (mut weighted, mut weights) = (0.0, 0.0);
        for (k, f) in self.frequency_hz.iter().enumerate() {
            let weight = sums.cross_re[k].hypot(sums.cross_im[k]);
            weighted += f * weight;
            weights += weight;
        }
        weighted / weights
    }

    /// The covariance spectrum: the part of each band's variability that the reference shares.
    ///
    /// $$ \mathrm{cov} = |C|\,\sqrt{\frac{\Delta\nu}{P_r - N_r}}, \qquad
    ///    \frac{\sigma^2}{\mathrm{cov}^2} = \frac{P_sP_r + |C|^2}{2m|C|^2} +
    ///    \frac{P_r^2}{4 m (P_r - N_r)^2} - \frac{P_r}{m (P_r - N_r)} $$
    ///
    /// with $|C|^2$ less its bias; the error includes that of the reference's power, which is
    /// common to all bands. Zero, with an error of NaN, where the bias is larger. With
    /// [`Compat::Stingray`] the bias stays, and the error is that of |C| with respect to a common
    /// reference (or $\sqrt{P_sP_r/m}$) alone; bands with fewer than ten counts a segment are NaN.
    ///
    /// # References
    /// Wilkinson & Uttley 2009, MNRAS 397, 666; Uttley et al. 2014, A&ARv 22, 72.
    #[must_use]
    pub fn covariance(&self, unit: RmsUnit) -> Vec<Estimate> {
        self.each(|band| {
            if self.left_out(band) {
                return NOTHING;
            }
            let power = self.reference_power(band);
            let factor = self.covariance_factor(&power) * self.scale(band, unit);
            if self.compat.is_stingray() {
                return Estimate {
                    value: power.cross.norm() * factor,
                    error: power.errors().modulus * factor,
                };
            }
            let square = power.signal().norm_sqr() - power.bias(1.0);
            if square <= 0.0 {
                return Estimate {
                    value: 0.0,
                    error: f64::NAN,
                };
            }
            let value = square.sqrt() * factor;
            let ratio = power.reference / (power.reference - power.reference_noise);
            let modulus = power.errors().modulus.powi(2) / square;
            let relative = modulus + (0.25 * ratio * ratio - ratio) / power.averages;
            Estimate {
                value,
                error: value * relative.max(0.0).sqrt(),
            }
        })
    }

    /// The complex covariance: the covariance spectrum with the phase of the cross power. Its
    /// errors are those of the cross power alone; with [`Compat::Stingray`] that of its modulus.
    #[must_use]
    pub fn complex_covariance(&self, unit: RmsUnit) -> Vec<ComplexEstimate> {
        self.each(|band| {
            if self.left_out(band) {
                return ComplexEstimate {
                    value: Complex64::new(f64::NAN, f64::NAN),
                    re_error: f64::NAN,
                    im_error: f64::NAN,
                };
            }
            let power = self.reference_power(band);
            let factor = self.covariance_factor(&power) * self.scale(band, unit);
            let errors = power.errors();
            let (re, im) = match self.compat {
                Compat::Correct => (errors.re, errors.im),
                Compat::Stingray => (errors.modulus, 0.0),
            };
            ComplexEstimate {
                value: power.signal() * factor,
                re_error: re * factor,
                im_error: im * factor,
            }
        })
    }

    fn covariance_factor(&self, power: &CrossPower) -> f64 {
        (self.width_hz() / (power.reference - power.reference_noise)).sqrt()
    }

    /// Powers in absolute rms; as Stingray has them with its noise levels, and the noise of shared
    /// photons taken out of the cross power, whole bands at a time.
    fn reference_power(&self, band: usize) -> CrossPower {
        let mut power = self.cross_power(band, Normalization::AbsoluteRms);
        if self.compat.is_stingray() {
            power.subject_noise = 2.0 * self.rate(band);
            power.reference_noise = 2.0 * self.rate(self.bands.len());
            if power.overlap {
                power.cross -= power.subject_noise;
            }
        }
        power
    }

    /// The excess variance of each band, from the bins of all segments.
    ///
    /// Of frequencies beyond the range of the other products, it has all that bins and segments
    /// leave. (Stingray's class computes it from all bins and then drops it; its function is
    /// [`crate::LightCurve::excess_variance`].)
    #[must_use]
    pub fn excess_variance(&self) -> Vec<ExcessVariance> {
        self.each(|band| {
            let n = self.segments as f64 * self.bins as f64;
            let mean = self.sums.counts[band] / n;
            let variance = (self.sums.squares[band] - n * mean * mean) / (n - 1.0);
            ExcessVariance::of_moments(n, mean, variance, mean)
        })
    }
}
