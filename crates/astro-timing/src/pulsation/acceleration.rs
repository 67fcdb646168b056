//! Acceleration search in the Fourier domain.
//!
//! - Ransom, Eikenberry & Middleditch 2002, AJ 124, 1788

use std::f64::consts::{FRAC_PI_4, PI};

use astro_core::{check_finite, check_non_negative};
use astro_fft::{ComplexFft1, RealFft1, Sign};
use num_complex::Complex64;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::TimingSolution;
use super::fresnel::fresnel;
use crate::Compat;
use crate::error::{Result, require, require_positive};
use crate::statistics::{TailProbability, power_detection_level, power_probability};

/// A search for pulsations whose frequency drifts by whole Fourier bins during the
/// observation: a constant ḟ = z/T² spreads a signal over z bins, which a correlation with the
/// known response gathers again.
///
/// The response to a drift z at a distance of q bins from the frequency at the *start* is
///
/// F(q) = ∫₀¹ exp(iπ(z u² − 2qu)) du,
///
/// Fresnel integrals; the power at (r, z) is |Σ_q A_{r+q} F*(q)|² of the Leahy-normalised
/// amplitudes A, with mean 2 and an exponential distribution for noise. Correlations are made by
/// overlap-save; the transforms of the pieces of the spectrum are shared by all z.
///
/// [`Compat::Stingray`] correlates with F instead of F*, up to the sign of the exponent q²/z, which
/// loses some percent of a signal of small z, and counts the trials of one z only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccelerationSearch {
    /// Largest |z| = |ḟ| T²; trials run from −z_max up to below z_max.
    pub z_max: f64,
    /// Step of z.
    pub z_step: f64,
    /// Lowest frequency, hertz.
    pub lowest_hz: f64,
    /// Frequency below which is searched, hertz; none for Nyquist's.
    #[serde(default)]
    pub highest_hz: Option<f64>,
    /// Also half-way between Fourier frequencies, where A is nearly (π/4)(A_r − A_{r+1}).
    #[serde(default)]
    pub interbin: bool,
    /// Probability of a false alarm in all trials.
    pub false_alarm: f64,
    /// Whose response and trials.
    #[serde(default)]
    pub compat: Compat,
}

impl Default for AccelerationSearch {
    /// |z| up to 100 in steps of 1 from 1 Hz on; false alarms 1 %.
    fn default() -> Self {
        Self {
            z_max: 100.0,
            z_step: 1.0,
            lowest_hz: 1.0,
            highest_hz: None,
            interbin: false,
            false_alarm: 0.01,
            compat: Compat::Correct,
        }
    }
}

/// A power above the detection level.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct AccelerationCandidate {
    /// Frequency at the start of the series, and its derivative.
    pub solution: TimingSolution,
    /// Leahy power.
    pub power: f64,
    /// Probability of as much in any trial without a signal; neighbouring trials are
    /// correlated, so this is an upper bound.
    pub probability: TailProbability,
}

/// Bins that the response reaches beyond the drift.
const SMALLEST_RESPONSE: usize = 40;

impl AccelerationSearch {
    /// Searches a light curve of counts from `start_s` on; candidates in order of z, then of
    /// frequency. Fill gaps with the mean before.
    ///
    /// # Errors
    /// Settings that make no sense; counts that are negative, not finite, or all zero; no
    /// frequency to search.
    pub fn run(
        &self,
        start_s: f64,
        dt_s: f64,
        counts: &[f64],
    ) -> Result<Vec<AccelerationCandidate>> {
        self.check()?;
        check_finite("start_s", [start_s])?;
        require_positive("dt_s", dt_s)?;
        check_non_negative("counts", counts.iter().copied())?;
        let total: f64 = counts.iter().sum();
        require_positive("sum of the counts", total)?;
        let length_s = counts.len() as f64 * dt_s;
        let spectrum = leahy_amplitudes(counts, total)?;

        let first = (self.lowest_hz * length_s).ceil().max(1.0) as usize;
        // Below Nyquist's frequency.
        let end = counts.len().div_ceil(2);
        let end = match self.highest_hz {
            Some(highest) => end.min((highest * length_s).ceil() as usize),
            None => end,
        };
        require(
            "number of frequencies",
            end.saturating_sub(first) as f64,
            first < end,
            "at least 1",
        )?;
        let searched = first..end;
        let drifts = self.drifts();
        let trials = match self.compat {
            Compat::Stingray => searched.len() as f64,
            Compat::Correct => {
                (searched.len() * drifts.len()) as f64 * if self.interbin { 2.0 } else { 1.0 }
            }
        };
        let false_alarm = TailProbability::new(self.false_alarm)?;
        let level = power_detection_level(false_alarm, 1.0, trials)?;
        let correlator = Correlator::new(&spectrum, self.widest())?;
        let found: Vec<Result<Vec<(f64, f64)>>> = drifts
            .par_iter()
            .map(|&z| {
                let amplitudes = correlator.correlate(&spectrum, z, self.compat)?;
                Ok(self.above(&amplitudes[searched.clone()], first, level))
            })
            .collect();
        let mut candidates = Vec::new();
        for (z, found) in drifts.iter().zip(found) {
            for (r, power) in found? {
                candidates.push(AccelerationCandidate {
                    solution: TimingSolution::new(start_s, r / length_s)
                        .with_derivatives(z / (length_s * length_s), 0.0),
                    power,
                    probability: power_probability(power, 1.0)?.in_trials(trials)?,
                });
            }
        }
        Ok(candidates)
    }

    fn check(&self) -> Result<()> {
        require_positive("z_max", self.z_max)?;
        require_positive("z_step", self.z_step)?;
        let steps = self.z_max / self.z_step;
        require("z_max/z_step", steps, steps <= 1e5, "at most 1e5")?;
        require_positive("lowest_hz", self.lowest_hz)?;
        if let Some(highest) = self.highest_hz {
            require_positive("highest_hz − lowest_hz", highest - self.lowest_hz)?;
        }
        let inside = self.false_alarm > 0.0 && self.false_alarm < 1.0;
        require(
            "false_alarm",
            self.false_alarm,
            inside,
            "above 0 and below 1",
        )
    }

    fn drifts(&self) -> Vec<f64> {
        let count = (2.0 * self.z_max / self.z_step - 1e-9).ceil() as usize;
        (0..count)
            .map(|i| -self.z_max + i as f64 * self.z_step)
            .collect()
    }

    fn widest(&self) -> usize {
        half_width(self.z_max)
    }

    /// Fourier frequency and power of the amplitudes above the level.
    fn above(&self, amplitudes: &[Complex64], first: usize, level: f64) -> Vec<(f64, f64)> {
        let mut found = Vec::new();
        for (i, a) in amplitudes.iter().enumerate() {
            let r = (first + i) as f64;
            if a.norm_sqr() > level {
                found.push((r, a.norm_sqr()));
            }
            if let Some(next) = amplitudes.get(i + 1)
                && self.interbin
            {
                let power = (FRAC_PI_4 * (a - next)).norm_sqr();
                if power > level {
                    found.push((r + 0.5, power));
                }
            }
        }
        found
    }
}

/// All n amplitudes of a transform with exponent −i, |A|² in Leahy's normalisation.
fn leahy_amplitudes(counts: &[f64], total: f64) -> Result<Vec<Complex64>> {
    let n = counts.len();
    let half = RealFft1::new(n)?.forward(counts)?;
    let scale = (2.0 / total).sqrt();
    let at = |k: usize| {
        if k < half.len() {
            half[k]
        } else {
            half[n - k].conj()
        }
    };
    Ok((0..n).map(|k| at(k) * scale).collect())
}

/// Half the bins of a response.
fn half_width(z: f64) -> usize {
    ((2.0 * z.abs()) as usize)
        .max(SMALLEST_RESPONSE)
        .div_ceil(2)
}

/// h(q), q from −half to half: amplitudes at r are Σ_q A_{r−q} h(q).
fn response(z: f64, half: usize, compat: Compat) -> Vec<Complex64> {
    let sign = z.signum();
    let scale = sign * (2.0 / z.abs()).sqrt();
    let one = |index: usize| {
        let q = index as f64 - half as f64;
        let integral = fresnel(scale * (q + z)) - fresnel(scale * q);
        let (c, s) = (integral.re, integral.im * sign);
        let chirp = Complex64::cis(PI * (q * q / z));
        let shape = match compat {
            // conj F(−q): v = √(2|z|)(u − q/z) turns the exponent into ±πv²/2.
            Compat::Correct => Complex64::new(c, -s),
            Compat::Stingray => sign * Complex64::new(integral.im, -integral.re),
        };
        chirp * shape / (2.0 * z.abs()).sqrt()
    };
    (0..=2 * half).map(one).collect()
}

/// Overlap-save: pieces of the spectrum, transformed once.
struct Correlator {
    fft: ComplexFft1<f64>,
    half: usize,
    step: usize,
    pieces: Vec<Vec<Complex64>>,
}

impl Correlator {
    fn new(spectrum: &[Complex64], half: usize) -> Result<Self> {
        let length = (8 * half).next_power_of_two().max(4096);
        let fft = ComplexFft1::new(length)?;
        let step = length - 2 * half;
        // A piece holds the amplitudes from begin − half to begin + step + half.
        let pieces: Result<Vec<_>> = (0..spectrum.len())
            .step_by(step)
            .map(|begin| {
                let mut piece = vec![Complex64::ZERO; length];
                for (i, place) in piece.iter_mut().enumerate() {
                    let index = (begin + i).checked_sub(half);
                    if let Some(a) = index.and_then(|index| spectrum.get(index)) {
                        *place = *a;
                    }
                }
                fft.process(&mut piece, Sign::Negative)?;
                Ok(piece)
            })
            .collect();
        Ok(Self {
            fft,
            half,
            step,
            pieces: pieces?,
        })
    }

    /// Amplitudes gathered for a drift z.
    fn correlate(&self, spectrum: &[Complex64], z: f64, compat: Compat) -> Result<Vec<Complex64>> {
        if z.abs() < 0.01 {
            return Ok(spectrum.to_vec());
        }
        let half = half_width(z);
        let length = self.fft.length();
        let mut kernel = vec![Complex64::ZERO; length];
        for (i, h) in response(z, half, compat).into_iter().enumerate() {
            kernel[(i + length - half) % length] = h;
        }
        self.fft.process(&mut kernel, Sign::Negative)?;
        let scale = 1.0 / length as f64;
        let mut out = Vec::with_capacity(spectrum.len());
        for piece in &self.pieces {
            let mut product: Vec<Complex64> = piece
                .iter()
                .zip(&kernel)
                .map(|(a, h)| a * h * scale)
                .collect();
            self.fft.process(&mut product, Sign::Positive)?;
            let count = self.step.min(spectrum.len() - out.len());
            out.extend_from_slice(&product[self.half..self.half + count]);
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::{PulseShape, RateSeries, pulsed_events};

    const SEED: u64 = 20_020_901;

    #[test]
    fn responses_are_integrals() {
        for z in [-7.0, 3.5, 20.0] {
            let found = response(z, 20, Compat::Correct);
            for (i, h) in found.iter().enumerate().step_by(7) {
                let q = -(i as f64 - 20.0);
                // Midpoints; oscillations of at most 60 turns.
                let steps = 40_000;
                let mut sum = Complex64::ZERO;
                for k in 0..steps {
                    let u = (f64::from(k) + 0.5) / f64::from(steps);
                    sum += Complex64::cis(PI * (z * u * u - 2.0 * q * u)) / f64::from(steps);
                }
                assert!((h - sum.conj()).norm() < 1e-6, "{z} {q}: {h} {sum}");
            }
        }
    }

    #[test]
    fn overlap_save_is_a_sum() {
        let spectrum: Vec<Complex64> = (0..9000)
            .map(|k| Complex64::cis(0.3 * f64::from(k * k % 97)))
            .collect();
        let correlator = Correlator::new(&spectrum, 30).unwrap();
        let found = correlator
            .correlate(&spectrum, 25.0, Compat::Correct)
            .unwrap();
        let half = half_width(25.0);
        let h = response(25.0, half, Compat::Correct);
        for r in [0, 10, 4030, 4036, 4037, 8999] {
            let mut sum = Complex64::ZERO;
            for (i, h) in h.iter().enumerate() {
                let index = r as i64 - (i as i64 - half as i64);
                if (0..9000).contains(&index) {
                    sum += spectrum[index as usize] * h;
                }
            }
            assert!((found[r] - sum).norm() < 1e-11, "{r}");
        }
    }

    fn observe(z: f64, amplitude: f64, seed: u64) -> Vec<f64> {
        let (dt, n) = (1.0 / 128.0, 1 << 14);
        let length = n as f64 * dt;
        // Half-way between two bins neither in frequency nor drift.
        let spin =
            TimingSolution::new(0.0, 1500.0 / length).with_derivatives(z / length.powi(2), 0.0);
        let pulse = PulseShape::sinusoid(amplitude);
        let phase = |t: f64| spin.phase(t);
        let times = pulsed_events(0.0, length, 100.0, &pulse, &phase, seed).unwrap();
        let mut counts = vec![0.0; n];
        for time in times {
            counts[(time / dt) as usize] += 1.0;
        }
        counts
    }

    /// Power, frequency at the start and drift of a signal that a plain transform smears.
    #[test]
    fn a_drifting_signal_is_gathered() {
        let search = AccelerationSearch {
            z_max: 30.0,
            ..AccelerationSearch::default()
        };
        for z in [-14.0, 0.0, 9.0, 23.0] {
            let counts = observe(z, 0.25, SEED);
            let found = search.run(0.0, 1.0 / 128.0, &counts).unwrap();
            let best = found
                .iter()
                .max_by(|a, b| a.power.total_cmp(&b.power))
                .unwrap();
            assert!(
                (best.solution.frequency_hz * 128.0 - 1500.0).abs() < 1.5,
                "{z}"
            );
            assert!(
                (best.solution.frequency_dot * 128.0f64.powi(2) - z).abs() < 2.1,
                "{z}"
            );
            // N a²/2 + 2 = 402, less sinc² of a bin of 0.09 turns (3 %); noise 2√402 = 40.
            assert!((best.power - 390.0).abs() < 140.0, "{z}: {}", best.power);
            assert!(best.probability.gaussian_sigma() > 10.0);
        }
    }

    #[test]
    fn noise_is_exponential_and_quiet() {
        let rate = RateSeries {
            start_s: 0.0,
            dt_s: 1.0 / 128.0,
            rate: vec![100.0; 1 << 13],
        };
        let counts = rate.poisson_counts(SEED).unwrap();
        let spectrum = leahy_amplitudes(&counts, counts.iter().sum()).unwrap();
        let correlator = Correlator::new(&spectrum, 40).unwrap();
        for z in [-6.0, 15.0] {
            let found = correlator.correlate(&spectrum, z, Compat::Correct).unwrap();
            let inner = &found[100..4000];
            let mean = inner.iter().map(Complex64::norm_sqr).sum::<f64>() / 3900.0;
            // The tails of the response beyond its bins hold 1 %; powers are correlated over z.
            assert!(
                (mean - 2.0).abs() < 0.03 + 4.0 * 2.0 * (z.abs() / 3900.0).sqrt(),
                "{z}: {mean}"
            );
        }
        let search = AccelerationSearch {
            z_max: 20.0,
            false_alarm: 1e-3,
            ..AccelerationSearch::default()
        };
        assert!(search.run(0.0, 1.0 / 128.0, &counts).unwrap().is_empty());
    }
}
