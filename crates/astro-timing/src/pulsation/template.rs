//! Times of arrival: a template shifted onto a profile, in the Fourier domain.
//!
//! - Taylor 1992, Phil. Trans. R. Soc. A 341, 117

use std::f64::consts::TAU;

use astro_core::{check_finite, check_lengths};
use num_complex::Complex64;

use super::{PulseProfile, profile_harmonic_sums};
use crate::Compat;
use crate::error::{Result, require};

/// The template b s(φ − τ) + constant that is nearest to a profile.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct TemplateFit {
    /// b.
    pub amplitude: f64,
    /// Its standard error.
    pub amplitude_error: f64,
    /// τ, turns, in (−1/2, 1/2]: positive where the profile is later than the template.
    pub shift: f64,
    /// Its standard error, turns.
    pub shift_error: f64,
}

/// How the noise of a profile is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProfileNoise {
    /// From what the template leaves of all harmonics.
    #[default]
    Residual,
    /// The profile is of photons: each harmonic sum has the variance N.
    Counts,
}

/// Trial shifts a bin of the coarse search.
const TRIALS_A_BIN: usize = 8;

/// Shifts and scales a template onto a profile by least squares over all harmonics.
///
/// With the transforms P_k and S_k, k from 1 to below half the bins, χ² = Σ |P_k − b S_k
/// e^−2πikτ|²/σ² is least where Re Σ P_k S_k* e^2πikτ is largest. The errors are those of the
/// curvature: σ_τ² = σ²/(b Σ (2πk)² Re[P_k S_k* e^2πikτ]), σ² the variance of the real part of a
/// P_k.
///
/// [`Compat::Stingray`] is its `fftfit`: as many of the lowest harmonics as amplitude products
/// lie above their mean, σ the scatter of the whole profile, signal included, and an error
/// without the factor 2π.
///
/// ```
/// use astro_timing::Compat;
/// use astro_timing::pulsation::{ProfileNoise, fit_template};
/// let template: Vec<f64> = (0..32).map(|j| 5.0 + (j as f64 / 32.0 * std::f64::consts::TAU).sin()).collect();
/// let mut profile = template.iter().map(|s| 3.0 * s).collect::<Vec<f64>>();
/// profile.rotate_right(4);
/// let fit = fit_template(&profile, &template, ProfileNoise::Residual, Compat::Correct)?;
/// assert!((fit.shift - 0.125).abs() < 1e-9 && (fit.amplitude - 3.0).abs() < 1e-9);
/// # Ok::<(), astro_timing::Error>(())
/// ```
///
/// # Errors
/// Profiles of different length or of fewer than eight bins, numbers that are not finite, a
/// template or profile that is constant.
#[doc(alias = "fftfit")]
pub fn fit_template(
    profile: &[f64],
    template: &[f64],
    noise: ProfileNoise,
    compat: Compat,
) -> Result<TemplateFit> {
    check_lengths("template", template.len(), "profile", profile.len())?;
    let bins = profile.len();
    require("bins of the profile", bins as f64, bins >= 8, "at least 8")?;
    check_finite("profile", profile.iter().copied())?;
    check_finite("template", template.iter().copied())?;
    // Sums with +i: the transforms are their conjugates.
    let harmonics = (bins - 1) / 2;
    let p = profile_harmonic_sums(profile, harmonics);
    let s = profile_harmonic_sums(template, harmonics);
    let power = |x: &[Complex64]| x.iter().map(Complex64::norm_sqr).sum::<f64>();
    // What rounding leaves of a constant is no shape.
    let rounding = |x: &[f64]| 1e-24 * bins as f64 * x.iter().map(|x| x * x).sum::<f64>();
    for (name, sums, values) in [
        ("variance of the template", &s, template),
        ("variance of the profile", &p, profile),
    ] {
        let found = power(sums);
        require(name, found, found > rounding(values), "above 0")?;
    }
    if compat.is_stingray() {
        return Ok(stingray(profile, template));
    }
    // conj(P) S = P_k* of the transforms: C(τ) = Re Σ conj(p) s e^{2πikτ}, p and s with +i.
    let product: Vec<Complex64> = p.iter().zip(&s).map(|(p, s)| p.conj() * s).collect();
    let shift = summit(&product, bins);
    let (value, _, curvature) = correlation(&product, shift);
    let template_power = power(&s);
    let amplitude = value / template_power;
    require(
        "amplitude of the template in the profile",
        amplitude,
        amplitude > 0.0,
        "above 0: nothing correlates",
    )?;
    let variance = match noise {
        ProfileNoise::Counts => 0.5 * profile.iter().sum::<f64>(),
        ProfileNoise::Residual => {
            let left = power(&p) - amplitude * value;
            left.max(0.0) / (2 * harmonics - 2) as f64
        }
    };
    Ok(TemplateFit {
        amplitude,
        amplitude_error: (variance / template_power).sqrt(),
        shift: wrapped(shift),
        shift_error: (variance / (amplitude * -curvature)).sqrt(),
    })
}

/// C(τ) = Re Σ c_k e^{2πikτ} with its first and second derivative.
fn correlation(product: &[Complex64], shift: f64) -> (f64, f64, f64) {
    let (mut value, mut slope, mut curvature) = (0.0, 0.0, 0.0);
    for (index, c) in product.iter().enumerate() {
        let w = TAU * (index + 1) as f64;
        let term = c * Complex64::cis(w * shift);
        value += term.re;
        slope -= w * term.im;
        curvature -= w * w * term.re;
    }
    (value, slope, curvature)
}

/// Where C is largest: the best of a fine grid, then Newton's method.
fn summit(product: &[Complex64], bins: usize) -> f64 {
    let trials = TRIALS_A_BIN * bins;
    let at = |j: usize| j as f64 / trials as f64;
    let mut best = (f64::NEG_INFINITY, 0.0);
    for j in 0..trials {
        let value = correlation(product, at(j)).0;
        if value > best.0 {
            best = (value, at(j));
        }
    }
    let mut shift = best.1;
    for _ in 0..20 {
        let (_, slope, curvature) = correlation(product, shift);
        if curvature >= 0.0 {
            break;
        }
        let step = (-slope / curvature).clamp(-at(1), at(1));
        shift += step;
        if step.abs() < 1e-15 {
            break;
        }
    }
    shift
}

/// In (−1/2, 1/2].
fn wrapped(turns: f64) -> f64 {
    let below = turns - turns.floor();
    if below > 0.5 { below - 1.0 } else { below }
}

/// Stingray 2.3.2's `fftfit`.
fn stingray(profile: &[f64], template: &[f64]) -> TemplateFit {
    // Its transforms have −i and all bins: amplitudes at k and bins − k are equal. Sums about
    // bin centres differ from those about their beginnings by a phase that both have.
    let bins = profile.len();
    let p = profile_harmonic_sums(profile, bins / 2);
    let s = profile_harmonic_sums(template, bins / 2);
    let amplitude = |k: usize| match k.min(bins - k) {
        0 => 0.0, // means are taken off
        k => (p[k - 1] * s[k - 1]).norm(),
    };
    let phase = |k: usize| (p[k - 1].conj() * s[k - 1]).arg();
    let all: Vec<f64> = (0..bins).map(amplitude).collect();
    let mean = all.iter().sum::<f64>() / bins as f64;
    let good = all.iter().filter(|&&a| a >= mean).count();
    let used = |upto: usize| (1..=upto.min(p.len())).map(|k| (k, all[k], phase(k)));
    let slope = |tau: f64| -> f64 {
        used(good)
            .map(|(k, a, phi)| k as f64 * a * (-phi - TAU * k as f64 * tau).sin())
            .sum()
    };
    // The inverse transform of the first 16 harmonics on 64 points.
    let coarse = |j: usize| -> f64 {
        let turn = j as f64 / 64.0;
        used(15)
            .map(|(k, a, phi)| a * (phi + TAU * k as f64 * turn).cos())
            .sum()
    };
    let mut start = 0;
    for j in 1..64 {
        if coarse(j) > coarse(start) {
            start = j;
        }
    }
    let step = 1.0 / bins as f64;
    let start = wrapped(start as f64 / 64.0);
    let sign = slope(start).signum();
    let mut near = start;
    for j in 0..bins {
        let (up, down) = (start + j as f64 * step, start - j as f64 * step);
        if slope(up).signum() != sign {
            near = up;
            break;
        }
        if slope(down).signum() != sign {
            near = down;
            break;
        }
    }
    let (mut low, mut high) = (near - 2.0 * step, near + 2.0 * step);
    let below = slope(low).signum();
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if slope(middle).signum() == below {
            low = middle;
        } else {
            high = middle;
        }
    }
    let shift = wrapped(0.5 * (low + high));
    let (mut sum, mut square_sum, mut template) = (0.0, 0.0, 0.0);
    for (k, a, phi) in used(good.saturating_sub(1)) {
        let cosine = (-phi - TAU * k as f64 * shift).cos();
        sum += a * cosine;
        square_sum += (k * k) as f64 * a * cosine;
        template += s[k - 1].norm_sqr();
    }
    // The variance of the transform over all bins, its mean being the first bin of the profile.
    let mean = profile.iter().sum::<f64>() / bins as f64;
    let power: f64 = profile.iter().map(|x| (x - mean).powi(2)).sum();
    let variance = power - (profile[0] - mean).powi(2);
    let b = sum / template;
    TemplateFit {
        amplitude: b,
        amplitude_error: (variance / (2.0 * template)).sqrt(),
        shift,
        shift_error: (variance / (2.0 * b * square_sum)).sqrt(),
    }
}

/// A time at which the pulse of a template arrives.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct TimeOfArrival {
    /// Seconds, in the reference of the solution.
    pub time_s: f64,
    /// Standard error, seconds.
    pub error_s: f64,
    /// The fit of the template.
    pub fit: TemplateFit,
}

impl PulseProfile {
    /// The time nearest to `near_s`, in time of emission, at which phase 0 of the template
    /// arrives.
    ///
    /// # Errors
    /// As [`fit_template`].
    pub fn time_of_arrival(&self, template: &[f64], near_s: f64) -> Result<TimeOfArrival> {
        check_finite("near_s", [near_s])?;
        // Where bins were not exposed alike, rates have the shape; scaled back to counts.
        let exposure = self.exposure_s.iter().sum::<f64>() / self.exposure_s.len() as f64;
        let even: Vec<f64> = self.rate().iter().map(|rate| rate * exposure).collect();
        let fit = fit_template(&even, template, ProfileNoise::Counts, Compat::Correct)?;
        Ok(TimeOfArrival {
            time_s: self.solution.time_of_phase(fit.shift, near_s),
            error_s: fit.shift_error / self.solution.frequency_at(near_s),
            fit,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulsation::TimingSolution;
    use crate::simulate::{PulseShape, pulsed_events};
    use astro_core::GoodTimeIntervals;

    const SEED: u64 = 19_920_101;

    /// Pulls of times of arrival over many seeds, and of the amplitude.
    #[test]
    fn errors_are_those_of_many_profiles() {
        let pulse = PulseShape {
            harmonics: vec![(0.4, 0.1), (0.25, 0.3), (0.1, 0.8)],
        };
        let template: Vec<f64> = (0..64)
            .map(|j| pulse.relative_rate((f64::from(j) + 0.5) / 64.0))
            .collect();
        let truth = TimingSolution::new(100.0, 1.9).with_phase(0.37);
        let folded = TimingSolution::new(100.0, 1.9);
        let gti = GoodTimeIntervals::single(0.0, 200.0).unwrap();
        let (mut chi2, mut residual_chi2, mut scale_chi2) = (0.0, 0.0, 0.0);
        let seeds = 200;
        for seed in 0..seeds {
            let phase = |t: f64| truth.phase(t);
            let times = pulsed_events(0.0, 200.0, 30.0, &pulse, &phase, SEED + seed).unwrap();
            let profile = PulseProfile::fold(&times, &gti, &folded, 64).unwrap();
            let toa = profile.time_of_arrival(&template, 100.0).unwrap();
            // Phase 0 of the pulse arrives where the true phase is a whole number.
            let away = truth.phase(toa.time_s);
            let away = (away - away.round()) / 1.9;
            chi2 += (away / toa.error_s).powi(2);
            let counts = &profile.counts;
            let fit =
                fit_template(counts, &template, ProfileNoise::Residual, Compat::Correct).unwrap();
            residual_chi2 += (away * 1.9 / fit.shift_error).powi(2);
            let scale = times.len() as f64 / 64.0;
            scale_chi2 += ((toa.fit.amplitude - scale) / toa.fit.amplitude_error).powi(2);
        }
        let n = f64::from(seeds as u32);
        for chi2 in [chi2, residual_chi2, scale_chi2] {
            assert!(
                (chi2 / n - 1.0).abs() < 4.5 * (2.0 / n).sqrt(),
                "{chi2} of {n}"
            );
        }
    }

    #[test]
    fn constants_are_refused() {
        let wave: Vec<f64> = (0..16).map(|j| f64::from(j % 5)).collect();
        for (profile, template) in [(&wave, &vec![1.0; 16]), (&vec![1.0; 16], &wave)] {
            assert!(
                fit_template(profile, template, ProfileNoise::Residual, Compat::Correct).is_err()
            );
        }
    }
}
