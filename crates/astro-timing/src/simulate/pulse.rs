//! Photons of a pulsar.

use std::f64::consts::TAU;

use astro_core::check_finite;
use rand::RngExt;
use rand_distr::{Distribution, Exp1};
use serde::{Deserialize, Serialize};

use super::generator;
use crate::error::{Result, require, require_positive};

/// The pulse: rate(φ) = mean · (1 + Σ_k a_k cos 2πk(φ − φ_k)), k = 1, 2, ….
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PulseShape {
    /// (a_k, φ_k) from the fundamental on: amplitude relative to the mean, phase of its
    /// maximum in turns.
    pub harmonics: Vec<(f64, f64)>,
}

impl PulseShape {
    /// One harmonic with its maximum at phase 0. The amplitude is the pulsed fraction
    /// (max − min)/(max + min).
    #[must_use]
    pub fn sinusoid(amplitude: f64) -> Self {
        Self {
            harmonics: vec![(amplitude, 0.0)],
        }
    }

    /// The rate at a phase, relative to the mean.
    pub fn relative_rate(&self, phase: f64) -> f64 {
        let term = |(k, (amplitude, peak)): (usize, &(f64, f64))| {
            amplitude * (TAU * (k + 1) as f64 * (phase - peak)).cos()
        };
        1.0 + self.harmonics.iter().enumerate().map(term).sum::<f64>()
    }

    /// The noncentrality of Z²ₙ for N photons, N Σ_{k ≤ n} a_k²/2: its mean is this + 2n.
    pub fn z_squared_noncentrality(&self, photons: f64, harmonics: usize) -> f64 {
        let power = |(a, _): &(f64, f64)| 0.5 * a * a;
        photons
            * self
                .harmonics
                .iter()
                .take(harmonics)
                .map(power)
                .sum::<f64>()
    }

    /// A bound on the rate relative to the mean, after a check that it is nowhere negative.
    pub(super) fn peak(&self) -> Result<f64> {
        let numbers = self.harmonics.iter().flat_map(|&(a, phase)| [a, phase]);
        check_finite("harmonics", numbers)?;
        let peak = 1.0 + self.harmonics.iter().map(|(a, _)| a.abs()).sum::<f64>();
        let steps = 512 * self.harmonics.len().max(1);
        let lowest = (0..steps)
            .map(|k| self.relative_rate(k as f64 / steps as f64))
            .fold(f64::INFINITY, f64::min);
        require(
            "lowest rate of the pulse, relative to its mean",
            lowest,
            lowest >= -1e-12,
            "at least 0: lower the amplitudes",
        )?;
        Ok(peak)
    }
}

/// Arrival times, ascending, in `start_s..stop_s`, of a pulsar of the given mean rate whose
/// phase at a time is `phase`: [`crate::pulsation::TimingSolution::phase`], or any other
/// function, such as one with a binary orbit.
///
/// A Poisson process of the highest rate is thinned, which is exact.
///
/// ```
/// use astro_timing::pulsation::TimingSolution;
/// use astro_timing::simulate::{PulseShape, pulsed_events};
///
/// let spin = TimingSolution::new(0.0, 4.5);
/// let pulse = PulseShape::sinusoid(0.3);
/// let times = pulsed_events(0.0, 1000.0, 50.0, &pulse, &|t| spin.phase(t), 1)?;
/// // 2⟨cos 2πφ⟩ estimates the pulsed fraction, with error √(2/N).
/// let cosines: f64 = times.iter().map(|&t| (std::f64::consts::TAU * spin.phase(t)).cos()).sum();
/// assert!((2.0 * cosines / times.len() as f64 - 0.3).abs() < 4.0 * (2.0 / 50_000f64).sqrt());
/// # Ok::<(), astro_timing::Error>(())
/// ```
///
/// # Errors
/// A pulse that is negative somewhere, an interval that is empty, a rate that is not above
/// 0, more than 10¹⁰ photons.
pub fn pulsed_events(
    start_s: f64,
    stop_s: f64,
    mean_rate: f64,
    pulse: &PulseShape,
    phase: &dyn Fn(f64) -> f64,
    seed: u64,
) -> Result<Vec<f64>> {
    check_finite("start_s", [start_s])?;
    require_positive("stop_s − start_s", stop_s - start_s)?;
    require_positive("mean_rate", mean_rate)?;
    let expected = mean_rate * (stop_s - start_s);
    require(
        "expected number of photons",
        expected,
        expected <= 1e10,
        "at most 1e10",
    )?;
    let peak = pulse.peak()?;
    let mut random = generator(seed);
    let mut times = Vec::with_capacity((expected + 5.0 * expected.sqrt()) as usize + 16);
    // Counted from the start: adding waits to a large time would lose their digits.
    let mut elapsed = 0.0;
    loop {
        let wait: f64 = Exp1.sample(&mut random);
        elapsed += wait / (peak * mean_rate);
        let time = start_s + elapsed;
        if time >= stop_s {
            return Ok(times);
        }
        if random.random::<f64>() * peak < pulse.relative_rate(phase(time)) {
            times.push(time);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulsation::TimingSolution;

    const SEED: u64 = 19_671_128;

    /// Σcos and Σsin of every harmonic against their expectation, over many seeds.
    #[test]
    fn harmonics_are_recovered() {
        let pulse = PulseShape {
            harmonics: vec![(0.3, 0.1), (0.2, 0.4)],
        };
        let spin = TimingSolution::new(1e8, 7.3).with_derivatives(-1e-4, 0.0);
        let mut chi2 = 0.0;
        let seeds = 100;
        for seed in 0..seeds {
            let phase = |t: f64| spin.phase(t);
            let times = pulsed_events(1e8, 1e8 + 200.0, 20.0, &pulse, &phase, SEED + seed).unwrap();
            let n = times.len() as f64;
            for (k, (amplitude, peak)) in pulse.harmonics.iter().enumerate() {
                let angle = |&t: &f64| TAU * (k + 1) as f64 * (spin.phase(t) - peak);
                let c: f64 = times.iter().map(|t| angle(t).cos()).sum();
                let s: f64 = times.iter().map(|t| angle(t).sin()).sum();
                // ⟨cos²⟩ = 1/2 + a_{2k} cos(…)/4: its variance, for the fundamental.
                let second = if k == 0 {
                    0.2 * (2.0 * TAU * (0.1 - 0.4)).cos() / 4.0
                } else {
                    0.0
                };
                let mean = 0.5 * amplitude;
                chi2 += (c / n - mean).powi(2) / ((0.5 + second - mean * mean) / n);
                chi2 += (s / n).powi(2) / ((0.5 - second) / n);
            }
        }
        let dof = 4.0 * seeds as f64;
        assert!(
            (chi2 - dof).abs() < 5.0 * (2.0 * dof).sqrt(),
            "{chi2} of {dof}"
        );
    }

    #[test]
    fn a_negative_pulse_is_refused() {
        let phase = |t: f64| t.fract();
        let made = |a| pulsed_events(0.0, 1.0, 1.0, &PulseShape::sinusoid(a), &phase, 1);
        assert!(made(1.0).is_ok());
        assert!(
            made(1.1)
                .unwrap_err()
                .to_string()
                .contains("lower the amplitudes")
        );
    }
}
