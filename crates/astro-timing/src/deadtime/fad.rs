//! The Fourier amplitude difference correction.

use astro_core::{Merge, check_lengths, check_non_negative};
use astro_fft::RealFft1;
use num_complex::Complex64;

use super::smoothing::Smoothing;
use crate::error::{Result, require, require_positive};
use crate::{Compat, Normalization, SegmentLight};

/// The Fourier amplitude difference (FAD) correction of the spectra of two identical,
/// independent and simultaneous detectors (Bachetti & Huppenkothen 2018).
///
/// Dead time distorts the noise of both detectors alike. What they do not share, the
/// difference of their Fourier amplitudes, is noise alone: in each segment its variance,
///
/// S = smoothed |D|²/2, D = X₁ √(2/n₁) − X₂ √(2/n₂),
///
/// replaces the white noise level. Corrected powers are P′ = 2 P/S and C′ = 2 X₁* X₂/S, so
/// that pure noise is flat at 2 in Leahy's normalisation. The smoothing is Gaussian, in
/// frequency, with reflected ends.
///
/// The mean of 1/S is larger than one over the mean of S, by 5 % for a smoothing over 12
/// bins, and X and S fluctuate together. Both are taken out here: S at a frequency is made of
/// its neighbours, without the frequency itself, and 1/S is multiplied by 1 − Σw², w the weights
/// of the neighbours, which makes it unbiased where |D|² is exponential. With
/// [`Compat::Stingray`], S is the smoothed (Re D)², the frequency included and the bias left.
///
/// A variable source is corrected in proportion to its mean rate: with an rms of tens of percent
/// and a dead time of the order of 1/rate, the corrected rms is some percent too large
/// (Bachetti & Huppenkothen 2018, section 4).
///
/// Feed it segment after segment, in any order; parts merge.
///
/// ```
/// use astro_timing::deadtime::{FadCorrection, FadSmoothing};
/// use astro_timing::simulate::RateSeries;
///
/// let mut fad = FadCorrection::new(512, 1.0 / 128.0, FadSmoothing::default())?;
/// let rate = RateSeries { start_s: 0.0, dt_s: 1.0 / 128.0, rate: vec![200.0; 512] };
/// for k in 0..50 {
///     fad.add_segment(&rate.poisson_counts(2 * k)?, &rate.poisson_counts(2 * k + 1)?)?;
/// }
/// let found = fad.finish()?;
/// let mean = found.power_1.iter().sum::<f64>() / 255.0;
/// assert!((mean - 2.0).abs() < 0.1);
/// # Ok::<(), astro_timing::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct FadCorrection {
    bins: usize,
    dt_s: f64,
    normalization: Normalization,
    compat: Compat,
    fft: RealFft1<f64>,
    smoothing: Smoothing,
    sums: Sums,
}

/// Sums over segments at frequencies 1..
#[derive(Clone, Debug, Default, PartialEq)]
struct Sums {
    segments: usize,
    skipped: usize,
    photons: [f64; 2],
    power_1: Vec<f64>,
    power_2: Vec<f64>,
    total: Vec<f64>,
    cross: Vec<Complex64>,
    /// Σ D √(2/S), the check.
    difference: Vec<Complex64>,
}

/// FAD-corrected spectra at k/T, k = 1..=(bins − 1)/2.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FadSpectra {
    /// Hertz.
    pub frequency_hz: Vec<f64>,
    /// Power of the first detector.
    pub power_1: Vec<f64>,
    /// Power of the second detector.
    pub power_2: Vec<f64>,
    /// Power of both together.
    pub power_total: Vec<f64>,
    /// X₁* X₂: the cospectrum is its real part.
    pub cross: Vec<Complex64>,
    /// Segments averaged.
    pub segments: usize,
    /// Segments without a photon in one of the detectors, left out.
    pub segments_skipped: usize,
    /// Mean photons a segment of each detector.
    pub mean_photons: [f64; 2],
    /// Standard deviation of the mean corrected amplitude difference over 2/√M, its
    /// theoretical value: near 1 where the correction works. Above 1.05 or below 0.95, take
    /// longer segments or another smoothing, or fewer photons are shared than thought.
    pub noise_ratio: f64,
    /// What powers are measured in.
    pub normalization: Normalization,
}

/// The standard deviation of the Gaussian that smooths amplitude differences.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum FadSmoothing {
    /// In hertz: whatever the length of the segments.
    Hertz(f64),
    /// In frequency bins, as Stingray's `smoothing_length`.
    Bins(f64),
}

impl Default for FadSmoothing {
    /// 3 Hz: narrow against 1/dead time, and many frequency bins of segments of several
    /// seconds.
    fn default() -> Self {
        Self::Hertz(3.0)
    }
}

impl FadCorrection {
    /// For segments of `bins` bins of width `dt_s`.
    ///
    /// # Errors
    /// Fewer than 8 bins; a width that is not above 0; a smoothing over less than two
    /// frequency bins.
    pub fn new(bins: usize, dt_s: f64, smoothing: FadSmoothing) -> Result<Self> {
        require("bins", bins as f64, bins >= 8, "at least 8")?;
        require_positive("dt_s", dt_s)?;
        let sigma = match smoothing {
            FadSmoothing::Hertz(hz) => hz * bins as f64 * dt_s,
            FadSmoothing::Bins(sigma) => sigma,
        };
        Ok(Self {
            bins,
            dt_s,
            normalization: Normalization::Leahy,
            compat: Compat::default(),
            fft: RealFft1::new(bins)?,
            smoothing: Smoothing::new((bins - 1) / 2, sigma)?,
            sums: Sums::default(),
        })
    }

    /// Whether S is unbiased, or Stingray's.
    #[must_use]
    pub fn compat(mut self, compat: Compat) -> Self {
        self.compat = compat;
        self
    }

    /// Powers in another unit than Leahy's: the amplitudes of each segment, corrected, are
    /// normalised by its own photons and then averaged.
    #[must_use]
    pub fn normalization(mut self, normalization: Normalization) -> Self {
        self.normalization = normalization;
        self
    }

    /// Adds a segment: simultaneous counts of both detectors.
    ///
    /// # Errors
    /// Counts of another number than bins, negative, or not finite.
    pub fn add_segment(&mut self, counts_1: &[f64], counts_2: &[f64]) -> Result<()> {
        check_lengths("counts_1", counts_1.len(), "a segment", self.bins)?;
        check_lengths("counts_2", counts_2.len(), "a segment", self.bins)?;
        check_non_negative("counts_1", counts_1.iter().copied())?;
        check_non_negative("counts_2", counts_2.iter().copied())?;
        let photons = [counts_1.iter().sum::<f64>(), counts_2.iter().sum::<f64>()];
        if photons.contains(&0.0) {
            self.sums.skipped += 1;
            return Ok(());
        }
        let (x1, x2) = (self.fft.forward(counts_1)?, self.fft.forward(counts_2)?);
        let used = 1..=(self.bins - 1) / 2;
        let (x1, x2) = (&x1[used.clone()], &x2[used]);
        let scale = photons.map(|n| (2.0 / n).sqrt());
        let difference: Vec<Complex64> = x1
            .iter()
            .zip(x2)
            .map(|(a, b)| a * scale[0] - b * scale[1])
            .collect();
        let level = if self.compat.is_stingray() {
            let square: Vec<f64> = difference.iter().map(|d| d.re * d.re).collect();
            self.smoothing.smooth(&square)?
        } else {
            let square: Vec<f64> = difference.iter().map(|d| 0.5 * d.norm_sqr()).collect();
            self.smoothing.level(&square)?
        };
        let light = |counts: f64| SegmentLight {
            bins: self.bins,
            bin_s: self.dt_s,
            counts,
            background_counts: 0.0,
            variance: None,
        };
        let [n1, n2] = photons;
        let factors = [n1, n2, n1 + n2, (n1 * n2).sqrt()]
            .map(|counts| light(counts).factor(self.normalization));
        let part = Sums::of_segment(x1, x2, &difference, &level, factors);
        self.sums.merge(Sums { photons, ..part });
        Ok(())
    }

    /// Adds what another correction of the same segments has summed.
    ///
    /// # Errors
    /// Segments of other bins.
    pub fn merge(&mut self, other: Self) -> Result<()> {
        check_lengths(
            "segments of the other part",
            other.bins,
            "those of this",
            self.bins,
        )?;
        self.sums.merge(other.sums);
        Ok(())
    }

    /// Averages over the segments.
    ///
    /// # Errors
    /// No segment with photons in both detectors.
    pub fn finish(self) -> Result<FadSpectra> {
        let sums = self.sums;
        let m = sums.segments as f64;
        require("segments with photons", m, m > 0.0, "at least 1")?;
        let over_m = |values: Vec<f64>| values.into_iter().map(|x| x / m).collect();
        let count = sums.power_1.len();
        let difference: Vec<Complex64> = sums.difference.iter().map(|d| d / m).collect();
        let mean = difference.iter().sum::<Complex64>() / count as f64;
        let variance = difference
            .iter()
            .map(|d| (d - mean).norm_sqr())
            .sum::<f64>()
            / count as f64;
        let span = self.bins as f64 * self.dt_s;
        Ok(FadSpectra {
            frequency_hz: (1..=count).map(|k| k as f64 / span).collect(),
            power_1: over_m(sums.power_1),
            power_2: over_m(sums.power_2),
            power_total: over_m(sums.total),
            cross: sums.cross.into_iter().map(|x| x / m).collect(),
            segments: sums.segments,
            segments_skipped: sums.skipped,
            mean_photons: sums.photons.map(|n| n / m),
            noise_ratio: variance.sqrt() / (2.0 / m.sqrt()),
            normalization: self.normalization,
        })
    }
}

impl Sums {
    /// `factors` normalise |X|² of the first, the second, both together, and their cross power.
    fn of_segment(
        x1: &[Complex64],
        x2: &[Complex64],
        difference: &[Complex64],
        level: &[f64],
        factors: [f64; 4],
    ) -> Self {
        let mut part = Self {
            segments: 1,
            ..Self::default()
        };
        for (k, level) in level.iter().enumerate() {
            let (a, b) = (x1[k], x2[k]);
            let [f1, f2, both, cross] = factors.map(|factor| 2.0 * factor / level);
            part.power_1.push(f1 * a.norm_sqr());
            part.power_2.push(f2 * b.norm_sqr());
            part.total.push(both * (a + b).norm_sqr());
            part.cross.push(cross * a.conj() * b);
            part.difference.push(difference[k] * (2.0 / level).sqrt());
        }
        part
    }
}

impl Merge for Sums {
    fn merge(&mut self, other: Self) {
        if other.segments == 0 || self.segments == 0 {
            let skipped = self.skipped + other.skipped;
            if self.segments == 0 {
                *self = other;
            }
            self.skipped = skipped;
            return;
        }
        self.segments += other.segments;
        self.skipped += other.skipped;
        for (a, b) in self.photons.iter_mut().zip(other.photons) {
            *a += b;
        }
        for (mine, theirs) in [
            (&mut self.power_1, other.power_1),
            (&mut self.power_2, other.power_2),
            (&mut self.total, other.total),
        ] {
            mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        }
        for (mine, theirs) in [
            (&mut self.cross, other.cross),
            (&mut self.difference, other.difference),
        ] {
            mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deadtime::{DeadTime, apply_dead_time};
    use crate::simulate::{Amplitude, RateSeries, RedNoise, SpectralShape, events_from_rate};

    const SEED: u64 = 20_180_201;
    const BINS: usize = 2048;
    const DT_S: f64 = 1.0 / 512.0;

    fn counts(times: &[f64], segments: usize) -> Vec<f64> {
        let mut counts = vec![0.0; BINS * segments];
        for time in times {
            if let Some(count) = counts.get_mut((time / DT_S) as usize) {
                *count += 1.0;
            }
        }
        counts
    }

    /// Two detectors with dead time that look at one rate.
    fn observe(rate: &RateSeries, segments: usize, seed: u64, unit: Normalization) -> FadSpectra {
        let detector = |seed| {
            let times = events_from_rate(rate, seed).unwrap();
            let kept = apply_dead_time(&times, DeadTime::NonParalysable, 0.0025).unwrap();
            counts(&kept, segments)
        };
        let (one, two) = (detector(seed), detector(seed + 1));
        let mut fad = FadCorrection::new(BINS, DT_S, FadSmoothing::default())
            .unwrap()
            .normalization(unit);
        for (a, b) in one.chunks_exact(BINS).zip(two.chunks_exact(BINS)) {
            fad.add_segment(a, b).unwrap();
        }
        fad.finish().unwrap()
    }

    #[test]
    fn noise_becomes_flat_at_two() {
        let segments = 300;
        let rate = RateSeries::constant(0.0, segments as f64 * BINS as f64 * DT_S, 400.0);
        let found = observe(&rate, segments, SEED, Normalization::Leahy);
        assert_eq!(found.segments, segments);
        assert!(
            (found.noise_ratio - 1.0).abs() < 0.02,
            "{}",
            found.noise_ratio
        );
        let half = found.frequency_hz.len() / 2;
        for power in [&found.power_1, &found.power_2, &found.power_total] {
            for part in [&power[..half], &power[half..]] {
                let mean = part.iter().sum::<f64>() / half as f64;
                // The noise of a mean of 300 · 511 powers is 0.005, that of S, which some 40
                // frequencies share, about as much.
                assert!((mean - 2.0).abs() < 0.025, "{mean}");
            }
        }
        let cospectrum: f64 = found.cross.iter().map(|c| c.re).sum::<f64>() / (2 * half) as f64;
        assert!(cospectrum.abs() < 0.03, "{cospectrum}");
    }

    /// Variability on top keeps its fractional rms, that dead time had taken part of.
    #[test]
    fn variability_is_recovered() {
        let segments = 150;
        let model = |f: f64| 0.02 / (1.0 + ((f - 5.0) / 1.0).powi(2));
        let noise = RedNoise::new(BINS * segments, DT_S, 300.0).amplitude(Amplitude::Spectrum);
        let rate = noise.simulate(&SpectralShape::Model(&model), SEED).unwrap();
        let found = observe(&rate, segments, SEED + 7, Normalization::FractionalRms);
        // ∫ of cospectra from 2 to 10 Hz, in (rms/mean)².
        let step = 1.0 / (BINS as f64 * DT_S);
        let band = |f: &f64| (2.0..10.0).contains(f);
        let (mut power, mut truth) = (0.0, 0.0);
        for (f, c) in found
            .frequency_hz
            .iter()
            .zip(&found.cross)
            .filter(|(f, _)| band(f))
        {
            power += c.re * step;
            truth += model(*f) * step;
        }
        // Scatter of the signal itself 3 %; the rms of 23 % adds some percent (see the type).
        // Uncorrected, dead time takes two thirds: (1 + 0.75)².
        assert!((power / truth - 1.0).abs() < 0.15, "{power} {truth}");
    }

    #[test]
    fn parts_merge_and_empty_segments_are_counted() {
        let rate = RateSeries {
            start_s: 0.0,
            dt_s: DT_S,
            rate: vec![500.0; 64],
        };
        let segment = |seed| rate.poisson_counts(seed).unwrap();
        let mut whole = FadCorrection::new(64, DT_S, FadSmoothing::Bins(4.0)).unwrap();
        let mut parts = [whole.clone(), whole.clone()];
        for k in 0..10 {
            whole
                .add_segment(&segment(2 * k), &segment(2 * k + 1))
                .unwrap();
            parts[usize::from(k > 4)]
                .add_segment(&segment(2 * k), &segment(2 * k + 1))
                .unwrap();
        }
        parts[1].add_segment(&[0.0; 64], &segment(1)).unwrap();
        let [mut first, second] = parts;
        first.merge(second).unwrap();
        let (merged, whole) = (first.finish().unwrap(), whole.finish().unwrap());
        assert!(FadCorrection::new(64, DT_S, FadSmoothing::Hertz(1.0)).is_err());
        assert_eq!((merged.segments, merged.segments_skipped), (10, 1));
        let pairs = merged.power_1.iter().zip(&whole.power_1);
        assert!(pairs.into_iter().all(|(a, b)| (a / b - 1.0).abs() < 1e-13));
    }
}
