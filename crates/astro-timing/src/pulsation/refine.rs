//! The summit of Z²ₙ near a candidate, and how well it is known.

use std::f64::consts::TAU;

use astro_infer::Cholesky;
use ndarray::Array2;
use num_complex::Complex64;
use rayon::prelude::*;

use super::TimingSolution;
use super::search::check_ascending;
use crate::error::{Result, require};

/// A solution refined to the maximum of Z²ₙ, with standard errors.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RefinedSolution {
    /// The solution at the maximum, about the epoch of the start, with the phase of the
    /// maximum of the fundamental at phase 0.
    pub solution: TimingSolution,
    /// Z²ₙ there.
    pub z_squared: f64,
    /// Standard error of the frequency, hertz.
    pub frequency_error_hz: f64,
    /// Standard error of the derivative, hertz a second; 0 where it was held.
    pub frequency_dot_error: f64,
    /// Correlation of the two.
    pub correlation: f64,
    /// Whether the summit was reached.
    pub converged: bool,
}

/// Events that one task sums.
const BLOCK: usize = 1 << 14;

/// Climbs from a start within a peak of Z²ₙ, over the frequency and, if asked, its
/// derivative, to the summit.
///
/// Z²ₙ/2 is the gain in log-likelihood of the pulse to lowest order in its amplitudes
/// (Bachetti et al. 2021): its curvature gives the errors. For one harmonic and an
/// observation without gaps they are √3/(π T √Z²) for the frequency alone.
///
/// # Errors
/// A start that makes no sense, fewer than two events, times that are not ascending, a
/// point where Z²ₙ has no summit nearby.
pub fn refine_solution(
    times_s: &[f64],
    start: &TimingSolution,
    harmonics: usize,
    derivative: bool,
) -> Result<RefinedSolution> {
    start.check()?;
    check_ascending(times_s)?;
    let events = times_s.len();
    require("number of events", events as f64, events >= 2, "at least 2")?;
    require(
        "harmonics",
        harmonics as f64,
        (1..=100).contains(&harmonics),
        "from 1 to 100",
    )?;
    let scale = (times_s[events - 1] - start.epoch_s)
        .abs()
        .max((times_s[0] - start.epoch_s).abs())
        .max(f64::MIN_POSITIVE);
    let free = if derivative { 2 } else { 1 };
    let mut solution = *start;
    let mut here = Surface::at(times_s, &solution, harmonics, scale);
    let mut converged = false;
    for _ in 0..100 {
        let Some(step) = here.step(free) else { break };
        let decrement: f64 = step.iter().zip(&here.gradient).map(|(s, g)| s * g).sum();
        if decrement < 1e-8 {
            converged = true;
            break;
        }
        let mut fraction = 1.0;
        let next = loop {
            let moved = moved(&solution, &step, fraction, scale);
            let there = Surface::at(times_s, &moved, harmonics, scale);
            if there.z_squared > here.z_squared {
                break Some((moved, there));
            }
            fraction *= 0.5;
            if fraction < 1e-6 {
                break None;
            }
        };
        let Some(next) = next else {
            // Rounding hides what is left to climb.
            converged = decrement < 1e-4;
            break;
        };
        (solution, here) = next;
    }
    let covariance = here.covariance(free);
    let summit = covariance.is_some();
    require(
        "curvature of Z² at the end of the climb",
        here.hessian[[0, 0]],
        summit,
        "that of a summit: start nearer to a peak",
    )?;
    let covariance = covariance.unwrap_or_else(|| Array2::zeros((free, free)));
    let sigma = |i: usize| covariance[[i, i]].sqrt();
    solution.phase_turns -= here.fundamental_phase;
    solution.phase_turns -= solution.phase_turns.floor();
    Ok(RefinedSolution {
        solution,
        z_squared: here.z_squared,
        // Coordinates are turns over the scale: δf·scale and δḟ·scale².
        frequency_error_hz: sigma(0) / scale,
        frequency_dot_error: if derivative {
            sigma(1) / scale.powi(2)
        } else {
            0.0
        },
        correlation: if derivative {
            covariance[[0, 1]] / (sigma(0) * sigma(1))
        } else {
            0.0
        },
        converged,
    })
}

fn moved(from: &TimingSolution, step: &[f64], fraction: f64, scale: f64) -> TimingSolution {
    let mut to = *from;
    to.frequency_hz += fraction * step[0] / scale;
    if let Some(dot) = step.get(1) {
        to.frequency_dot += fraction * dot / scale.powi(2);
    }
    to
}

/// Z²ₙ with its derivatives by δf·scale and δḟ·scale².
struct Surface {
    z_squared: f64,
    gradient: [f64; 2],
    hessian: Array2<f64>,
    fundamental_phase: f64,
}

/// Σ uᵐ exp(2πikφ), u = (t − t₀)/scale, m = 0..=4.
type Moments = [Complex64; 5];

impl Surface {
    fn at(times: &[f64], solution: &TimingSolution, harmonics: usize, scale: f64) -> Self {
        let blocks: Vec<Vec<Moments>> = times
            .par_chunks(BLOCK)
            .map(|times| moments(times, solution, harmonics, scale))
            .collect();
        let mut all = vec![[Complex64::ZERO; 5]; harmonics];
        for block in &blocks {
            for (sums, part) in all.iter_mut().zip(block) {
                sums.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
            }
        }
        let norm = 2.0 / times.len() as f64;
        let mut surface = Self {
            z_squared: 0.0,
            gradient: [0.0; 2],
            hessian: Array2::zeros((2, 2)),
            fundamental_phase: all[0][0].arg() / TAU,
        };
        for (k, m) in all.iter().enumerate() {
            // A = Σ exp(iθ): dA/df = iw Σ u…, dA/dḟ = iw/2 Σ u²…, w = 2πk.
            let w = TAU * (k + 1) as f64;
            let i = Complex64::I;
            let first = [i * w * m[1], i * (0.5 * w) * m[2]];
            let second = [
                [-w * w * m[2], -0.5 * w * w * m[3]],
                [-0.5 * w * w * m[3], -0.25 * w * w * m[4]],
            ];
            surface.z_squared += norm * m[0].norm_sqr();
            for a in 0..2 {
                surface.gradient[a] += 2.0 * norm * (m[0].conj() * first[a]).re;
                for b in 0..2 {
                    let value = m[0].conj() * second[a][b] + first[a].conj() * first[b];
                    surface.hessian[[a, b]] += 2.0 * norm * value.re;
                }
            }
        }
        surface
    }

    fn information(&self, free: usize) -> Array2<f64> {
        Array2::from_shape_fn((free, free), |index| -self.hessian[index])
    }

    /// Newton's step, damped until it leads uphill.
    fn step(&self, free: usize) -> Option<Vec<f64>> {
        let information = self.information(free);
        let largest = information
            .diag()
            .iter()
            .fold(0.0, |a: f64, b| a.max(b.abs()));
        let mut damping = 0.0;
        loop {
            let mut matrix = information.clone();
            matrix.diag_mut().iter_mut().for_each(|d| *d += damping);
            if let Ok(factor) = Cholesky::new(matrix.view()) {
                return Some(factor.solve(&self.gradient[..free]));
            }
            damping = if damping == 0.0 {
                1e-3 * largest
            } else {
                4.0 * damping
            };
            if damping > 1e9 * largest || !damping.is_finite() {
                return None;
            }
        }
    }

    /// Covariance of the coordinates: log L = Z²/2.
    fn covariance(&self, free: usize) -> Option<Array2<f64>> {
        let half = self.information(free) * 0.5;
        Some(Cholesky::new(half.view()).ok()?.inverse())
    }
}

fn moments(times: &[f64], solution: &TimingSolution, harmonics: usize, scale: f64) -> Vec<Moments> {
    let mut sums = vec![[Complex64::ZERO; 5]; harmonics];
    for &time in times {
        let step = Complex64::cis(TAU * solution.phase(time));
        let u = (time - solution.epoch_s) / scale;
        let mut power = step;
        for sum in &mut sums {
            let mut term = power;
            for moment in sum.iter_mut() {
                *moment += term;
                term *= u;
            }
            power *= step;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::{PulseShape, pulsed_events};

    const SEED: u64 = 20_210_306;

    /// Pulls of frequency, derivative and phase over many seeds; the stated error of one harmonic.
    #[test]
    fn errors_are_those_of_many_observations() {
        let spin = TimingSolution::new(300.0, 2.3).with_derivatives(-3e-6, 0.0);
        let pulse = PulseShape::sinusoid(0.35);
        let (mut chi2_f, mut chi2_dot, mut chi2_alone) = (0.0, 0.0, 0.0);
        let seeds = 120;
        for seed in 0..seeds {
            let phase = |t: f64| spin.phase(t);
            let times = pulsed_events(0.0, 600.0, 25.0, &pulse, &phase, SEED + seed).unwrap();
            let mut start = spin;
            start.frequency_hz += 3e-4;
            start.frequency_dot += 1e-6;
            let found = refine_solution(&times, &start, 1, true).unwrap();
            assert!(found.converged);
            let f = found.solution.frequency_hz - spin.frequency_hz;
            let dot = found.solution.frequency_dot - spin.frequency_dot;
            chi2_f += (f / found.frequency_error_hz).powi(2);
            chi2_dot += (dot / found.frequency_dot_error).powi(2);
            // The derivative held at its truth.
            start.frequency_dot = spin.frequency_dot;
            let alone = refine_solution(&times, &start, 1, false).unwrap();
            let f = alone.solution.frequency_hz - spin.frequency_hz;
            chi2_alone += (f / alone.frequency_error_hz).powi(2);
            let stated = 3f64.sqrt() / (std::f64::consts::PI * 600.0 * alone.z_squared.sqrt());
            assert!((alone.frequency_error_hz / stated - 1.0).abs() < 0.15);
        }
        let n = seeds as f64;
        for chi2 in [chi2_f, chi2_dot, chi2_alone] {
            assert!(
                (chi2 / n - 1.0).abs() < 4.0 * (2.0 / n).sqrt(),
                "{chi2} of {n}"
            );
        }
    }

    #[test]
    fn derivatives_are_right() {
        let spin = TimingSolution::new(7.0, 1.3).with_derivatives(1e-4, 0.0);
        let times: Vec<f64> = (0..400)
            .map(|k| 0.37 * f64::from(k) + 0.1 * f64::from(k * k % 17))
            .collect();
        let mut times = times;
        times.sort_by(f64::total_cmp);
        let scale = 140.0;
        let here = Surface::at(&times, &spin, 3, scale);
        let z = |a: f64, b: f64| {
            Surface::at(&times, &moved(&spin, &[a, b], 1.0, scale), 3, scale).z_squared
        };
        let h = 1e-4;
        let gradient = [
            (z(h, 0.0) - z(-h, 0.0)) / (2.0 * h),
            (z(0.0, h) - z(0.0, -h)) / (2.0 * h),
        ];
        let mixed = (z(h, h) - z(h, -h) - z(-h, h) + z(-h, -h)) / (4.0 * h * h);
        let second = (z(h, 0.0) - 2.0 * z(0.0, 0.0) + z(-h, 0.0)) / (h * h);
        let size = here.hessian[[0, 0]].abs();
        assert!((gradient[0] - here.gradient[0]).abs() < 1e-5 * size);
        assert!((gradient[1] - here.gradient[1]).abs() < 1e-5 * size);
        assert!((mixed - here.hessian[[0, 1]]).abs() < 1e-3 * size);
        assert!((second - here.hessian[[0, 0]]).abs() < 1e-3 * size);
    }
}
