//! Lomb–Scargle transforms on an even frequency grid.

use std::f64::consts::TAU;

use astro_core::{check_finite, check_lengths};
use astro_fft::{Nufft1, Sign};
use num_complex::Complex64;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::{Result, require, require_positive};
use crate::pulsation::{SearchGrid, TimingSolution};
use crate::{Compat, Normalization, SegmentLight};

/// How trigonometric sums are made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LombScargleMethod {
    /// Frequency by frequency: samples times frequencies.
    Direct,
    /// The non-uniform FFT: an error of a sum of at most this times the sum of the moduli.
    Nufft {
        /// The error, from 10⁻¹³ on.
        rel_error: f64,
    },
}

impl Default for LombScargleMethod {
    /// The non-uniform FFT to 10⁻¹².
    fn default() -> Self {
        Self::Nufft { rel_error: 1e-12 }
    }
}

/// Lomb–Scargle spectra of light curves with common times.
///
/// At each frequency, τ makes cosines and sines orthogonal, tan 2ωτ = Σ sin 2ωt/Σ cos 2ωt, and
///
/// A = √(n/2) Σ y cos ω(t − τ)/√(Σ cos² ω(t − τ)), B likewise with sines,
///
/// y the counts less their mean. A² + B² is |X|² of evenly sampled data, and is normalised as
/// that is. The cross spectrum is X₁* X₂ with X ∝ A − iB, of exponent −iωt: as of
/// [`crate::CrossSpectrum`], its phase is negative where the second series is late.
///
/// ```
/// use astro_timing::Normalization;
/// use astro_timing::lomb_scargle::LombScarglePlan;
///
/// let times: Vec<f64> = (0..300).map(|k| f64::from(k) + 0.3 * f64::from(k * k % 5)).collect();
/// let counts: Vec<f64> = times.iter().map(|t| 100.0 + 20.0 * (0.9 * t).sin()).collect();
/// let plan = LombScarglePlan::new(&times, 1.0, 0.01, 0.001, 400)?;
/// let power = plan.power(&counts, Normalization::Leahy)?;
/// let highest = power.value.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(j, _)| j);
/// assert_eq!(highest, Some(133)); // 0.9/2π = 0.1432
/// # Ok::<(), astro_timing::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LombScarglePlan {
    times_s: Vec<f64>,
    grid: SearchGrid,
    bin_s: f64,
    method: LombScargleMethod,
    compat: Compat,
    /// exp(−iωτ) and |W|/2 at each frequency.
    rotations: Vec<Rotation>,
}

#[derive(Clone, Copy, Debug)]
struct Rotation {
    back: Complex64,
    /// Σ cos² ω(t − τ) = (n + |W|)/2 and Σ sin² = (n − |W|)/2, W = Σ exp(2iωt).
    half: f64,
}

/// Powers or cross powers against frequency.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LombScargleSpectrum<T> {
    /// Hertz.
    pub frequency_hz: Vec<f64>,
    /// The values.
    pub value: Vec<T>,
    /// What they are measured in.
    pub normalization: Normalization,
    /// The light that normalised them: counts, and samples of `bin_s`.
    pub light: SegmentLight,
}

impl LombScarglePlan {
    /// For samples of width `bin_s` at `times_s`, at frequencies `first_hz + j step_hz`.
    ///
    /// # Errors
    /// Fewer than three times, times that are not finite or all equal, frequencies that are
    /// not above 0, none or too many.
    pub fn new(
        times_s: &[f64],
        bin_s: f64,
        first_hz: f64,
        step_hz: f64,
        frequencies: usize,
    ) -> Result<Self> {
        let n = times_s.len();
        require("number of times", n as f64, n >= 3, "at least 3")?;
        check_finite("times_s", times_s.iter().copied())?;
        require_positive("bin_s", bin_s)?;
        let first = times_s.iter().copied().fold(f64::INFINITY, f64::min);
        let last = times_s.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        require_positive("span of the times in seconds", last - first)?;
        // Phases from the middle: small, and the transform needs no larger reach.
        let grid = SearchGrid::new(0.5 * (first + last), first_hz, step_hz, frequencies);
        grid.check()?;
        Self {
            times_s: times_s.to_vec(),
            grid,
            bin_s,
            method: LombScargleMethod::default(),
            compat: Compat::default(),
            rotations: Vec::new(),
        }
        .rotated()
    }

    /// The same by another method.
    ///
    /// # Errors
    /// An error that the method cannot keep.
    pub fn method(mut self, method: LombScargleMethod) -> Result<Self> {
        self.method = method;
        self.rotated()
    }

    /// With [`Compat::Stingray`] and the non-uniform FFT, the number of frequencies stands where
    /// the number of samples n belongs, as in its `fast` method.
    #[must_use]
    pub fn compat(mut self, compat: Compat) -> Self {
        self.compat = compat;
        self
    }

    fn rotated(mut self) -> Result<Self> {
        let twice = self.sums(&vec![1.0; self.times_s.len()], 2.0)?;
        let rotation = |w: &Complex64| Rotation {
            back: Complex64::cis(-0.5 * w.arg()),
            half: 0.5 * w.norm(),
        };
        self.rotations = twice.iter().map(rotation).collect();
        Ok(self)
    }

    /// Σ y exp(iωt), ω = 2π · multiple · f.
    fn sums(&self, values: &[f64], multiple: f64) -> Result<Vec<Complex64>> {
        let SearchGrid {
            epoch_s,
            frequencies,
            ..
        } = self.grid;
        let at = |j: usize| TimingSolution::new(epoch_s, multiple * self.grid.frequency(j));
        match self.method {
            LombScargleMethod::Direct => {
                let one = |j: usize| {
                    let solution = at(j);
                    let term = |(&t, y): (&f64, &f64)| Complex64::cis(TAU * solution.phase(t)) * y;
                    self.times_s.iter().zip(values).map(term).sum()
                };
                Ok((0..frequencies).into_par_iter().map(one).collect())
            }
            LombScargleMethod::Nufft { rel_error } => {
                let plan = Nufft1::new(frequencies, Sign::Positive, rel_error)?;
                let step = TimingSolution::new(epoch_s, multiple * self.grid.frequency_step_hz);
                let points = plan.points(&step.phases(&self.times_s))?;
                let middle = at(frequencies / 2);
                let phasor = |(&t, y): (&f64, &f64)| Complex64::cis(TAU * middle.phase(t)) * y;
                let phasors: Vec<Complex64> = self.times_s.iter().zip(values).map(phasor).collect();
                let mut out = vec![Complex64::ZERO; frequencies];
                plan.points_to_uniform(&phasors, &points, &mut out)?;
                Ok(out)
            }
        }
    }

    /// A + iB at every frequency.
    fn amplitudes(&self, counts: &[f64]) -> Result<Vec<Complex64>> {
        check_lengths("counts", counts.len(), "times_s", self.times_s.len())?;
        check_finite("counts", counts.iter().copied())?;
        let mean = counts.iter().sum::<f64>() / counts.len() as f64;
        let values: Vec<f64> = counts.iter().map(|y| y - mean).collect();
        let fast = matches!(self.method, LombScargleMethod::Nufft { .. });
        let number = if self.compat.is_stingray() && fast {
            self.grid.frequencies
        } else {
            counts.len()
        };
        let half = 0.5 * number as f64;
        let scale = half.sqrt();
        let turn = |(y, r): (Complex64, &Rotation)| {
            let turned = y * r.back;
            // Where all times fall on one phase there is no sine: it holds no information.
            let part = |value: f64, square: f64| {
                if square > 0.0 {
                    value / square.sqrt()
                } else {
                    0.0
                }
            };
            Complex64::new(
                part(turned.re, half + r.half),
                part(turned.im, half - r.half),
            ) * scale
        };
        Ok(self
            .sums(&values, 1.0)?
            .into_iter()
            .zip(&self.rotations)
            .map(turn)
            .collect())
    }

    fn light(&self, counts: &[f64]) -> SegmentLight {
        SegmentLight {
            bins: counts.len(),
            bin_s: self.bin_s,
            counts: counts.iter().sum(),
            background_counts: 0.0,
            variance: None,
        }
    }

    /// The power spectrum of counts at the times of the plan.
    ///
    /// # Errors
    /// Counts of another number, not finite, or of sum 0.
    pub fn power(
        &self,
        counts: &[f64],
        normalization: Normalization,
    ) -> Result<LombScargleSpectrum<f64>> {
        let amplitudes = self.amplitudes(counts)?;
        let light = self.light(counts);
        require_positive("sum of the counts", light.counts)?;
        let factor = light.factor(normalization);
        Ok(LombScargleSpectrum {
            frequency_hz: self.grid.all_frequencies(),
            value: amplitudes.iter().map(|a| a.norm_sqr() * factor).collect(),
            normalization,
            light,
        })
    }

    /// The cross spectrum of two series of counts at the times of the plan.
    ///
    /// # Errors
    /// As [`LombScarglePlan::power`], of either series.
    pub fn cross(
        &self,
        counts_1: &[f64],
        counts_2: &[f64],
        normalization: Normalization,
    ) -> Result<LombScargleSpectrum<Complex64>> {
        let (first, second) = (self.amplitudes(counts_1)?, self.amplitudes(counts_2)?);
        let light = self.light(counts_1).geometric_mean(&self.light(counts_2));
        require_positive("sum of the counts", light.counts)?;
        let factor = light.factor(normalization);
        // X = A − iB: conj(X₁) X₂ = (A + iB)₁ conj((A + iB)₂).
        let product = first
            .iter()
            .zip(&second)
            .map(|(a, b)| a * b.conj() * factor);
        Ok(LombScargleSpectrum {
            frequency_hz: self.grid.all_frequencies(),
            value: product.collect(),
            normalization,
            light,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use astro_fft::RealFft1;

    fn uneven(n: u32) -> Vec<f64> {
        (0..n)
            .map(|k| 1e8 + 0.5 * f64::from(k) + 0.21 * f64::from(k * k % 11) / 11.0)
            .collect()
    }

    /// The least-squares definition: A² + B² is n/2 times the fall of Σ y² by a fitted sinusoid.
    #[test]
    fn powers_are_least_squares() {
        let times = uneven(60);
        let counts: Vec<f64> = (0..60).map(|k| 20.0 + f64::from(k * 7 % 13)).collect();
        let mean = counts.iter().sum::<f64>() / 60.0;
        let plan = LombScarglePlan::new(&times, 0.5, 0.05, 0.013, 40).unwrap();
        let power = plan.power(&counts, Normalization::Unnormalized).unwrap();
        for j in [0, 7, 39] {
            let w = TAU * power.frequency_hz[j];
            let (mut cc, mut cs, mut ss, mut yc, mut ys) = (0.0, 0.0, 0.0, 0.0, 0.0);
            for (t, y) in times.iter().zip(&counts) {
                let (s, c) = (w * (t - 1e8)).sin_cos();
                (cc, cs, ss) = (cc + c * c, cs + c * s, ss + s * s);
                (yc, ys) = (yc + (y - mean) * c, ys + (y - mean) * s);
            }
            let fall = (yc * yc * ss - 2.0 * yc * ys * cs + ys * ys * cc) / (cc * ss - cs * cs);
            assert!((power.value[j] / (30.0 * fall) - 1.0).abs() < 1e-7, "{j}");
        }
    }

    #[test]
    fn the_fast_method_is_the_direct_one() {
        let times = uneven(400);
        let counts: Vec<f64> = (0..400).map(|k| f64::from(k * k % 31)).collect();
        let fast = LombScarglePlan::new(&times, 0.5, 0.02, 0.004, 257).unwrap();
        let direct = fast.clone().method(LombScargleMethod::Direct).unwrap();
        let other: Vec<f64> = counts.iter().rev().copied().collect();
        let a = fast
            .cross(&counts, &other, Normalization::FractionalRms)
            .unwrap();
        let b = direct
            .cross(&counts, &other, Normalization::FractionalRms)
            .unwrap();
        let peak = b.value.iter().map(|z| z.norm()).fold(0.0, f64::max);
        // 10⁻¹² of Σ|y| = 4000 against amplitudes of some √(n) σ = 180.
        assert!(
            a.value
                .iter()
                .zip(&b.value)
                .all(|(a, b)| (a - b).norm() < 1e-9 * peak)
        );
    }

    /// Even sampling at Fourier frequencies is the ordinary transform, cross phase included.
    #[test]
    fn even_samples_are_a_fourier_transform() {
        let n = 64;
        let times: Vec<f64> = (0..n).map(f64::from).collect();
        let one: Vec<f64> = (0..n).map(|k| 10.0 + f64::from(k * 5 % 17)).collect();
        let two: Vec<f64> = (0..n)
            .map(|k| 10.0 + f64::from((k + 61) * 5 % 17 * (k % 3)))
            .collect();
        let fft = RealFft1::new(64).unwrap();
        let (x1, x2) = (fft.forward(&one).unwrap(), fft.forward(&two).unwrap());
        let plan = LombScarglePlan::new(&times, 1.0, 1.0 / 64.0, 1.0 / 64.0, 31).unwrap();
        let power = plan.power(&one, Normalization::Leahy).unwrap();
        let cross = plan.cross(&one, &two, Normalization::Unnormalized).unwrap();
        let total: f64 = one.iter().sum();
        for k in 1..32 {
            let leahy = 2.0 * x1[k].norm_sqr() / total;
            assert!((power.value[k - 1] - leahy).abs() < 1e-9 * (1.0 + leahy));
            let product = x1[k].conj() * x2[k];
            assert!(
                (cross.value[k - 1] - product).norm() < 1e-7 * (1.0 + product.norm()),
                "{k}"
            );
        }
    }

    #[test]
    fn bad_samples_are_refused() {
        assert!(LombScarglePlan::new(&[1.0; 5], 1.0, 0.1, 0.1, 3).is_err());
        assert!(LombScarglePlan::new(&uneven(9), 1.0, 0.0, 0.1, 3).is_err());
        let plan = LombScarglePlan::new(&uneven(9), 1.0, 0.1, 0.1, 3).unwrap();
        assert!(plan.power(&[1.0; 8], Normalization::Leahy).is_err());
        assert!(plan.power(&[0.0; 9], Normalization::Leahy).is_err());
    }
}
