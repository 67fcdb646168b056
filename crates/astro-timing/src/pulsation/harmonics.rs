//! Statistics of phases and folded profiles.
//!
//! - Z²ₙ: Buccheri et al. 1983, A&A 128, 245; for profiles Bachetti et al. 2021, ApJ 909, 33
//! - H: de Jager, Raubenheimer & Swanepoel 1989, A&A 221, 180; its distribution: de Jager &
//!   Büsching 2010, A&A 517, L9
//! - Epoch folding: Leahy et al. 1983, ApJ 266, 160
//! - Phase dispersion: Stellingwerf 1978, ApJ 224, 953

use std::f64::consts::TAU;

use astro_core::{check_finite, check_lengths, check_non_negative};
use num_complex::Complex64;

use crate::error::{Result, require, require_positive};

/// Σ exp(2πi k φ) for k = 1..=harmonics, of phases in turns.
pub fn harmonic_sums(phases: &[f64], harmonics: usize) -> Vec<Complex64> {
    let mut sums = vec![Complex64::ZERO; harmonics];
    for phase in phases {
        let step = Complex64::cis(TAU * phase);
        let mut power = step;
        for sum in &mut sums {
            *sum += power;
            power *= step;
        }
    }
    sums
}

/// Σ_j n_j exp(2πi k φ_j) of a profile, φ_j the centres of its equal bins.
pub fn profile_harmonic_sums(profile: &[f64], harmonics: usize) -> Vec<Complex64> {
    let bins = profile.len();
    let sum = |k: usize| {
        let term = |(j, n): (usize, &f64)| {
            // The numerator is reduced first: large k j would lose digits.
            let turn = (k * (2 * j + 1)) % (2 * bins);
            Complex64::cis(TAU * turn as f64 / (2 * bins) as f64) * n
        };
        profile.iter().enumerate().map(term).sum()
    };
    (1..=harmonics).map(sum).collect()
}

/// Z²_k for k = 1..=n from the sums of n harmonics and Σ of the weights squared over
/// weights (the number of events).
pub fn z_squared_from_sums(sums: &[Complex64], events: f64) -> Vec<f64> {
    if events <= 0.0 {
        return vec![0.0; sums.len()];
    }
    let scale = 2.0 / events;
    let mut total = 0.0;
    let add = |sum: &Complex64| {
        total += sum.norm_sqr();
        scale * total
    };
    sums.iter().map(add).collect()
}

/// Z²ₙ = (2/N) Σ_{k=1..n} [(Σ cos 2πkφ)² + (Σ sin 2πkφ)²] of phases in turns; χ² of
/// 2n degrees of freedom without pulsation. 0 for no events.
///
/// ```
/// use astro_timing::pulsation::z_squared;
/// // All photons at one phase: every harmonic has 2N.
/// assert!((z_squared(&[0.3; 5], 2)? - 20.0).abs() < 1e-12);
/// # Ok::<(), astro_timing::Error>(())
/// ```
///
/// # Errors
/// Phases that are not finite; no harmonic.
pub fn z_squared(phases: &[f64], harmonics: usize) -> Result<f64> {
    Ok(last(&z_squared_of_harmonics(phases, harmonics)?))
}

/// Z²_k of phases for every k = 1..=harmonics.
///
/// # Errors
/// As [`z_squared`].
pub fn z_squared_of_harmonics(phases: &[f64], harmonics: usize) -> Result<Vec<f64>> {
    check_harmonics(harmonics)?;
    check_finite("phases", phases.iter().copied())?;
    let sums = harmonic_sums(phases, harmonics);
    Ok(z_squared_from_sums(&sums, phases.len() as f64))
}

/// Z²_k for k = 1..=harmonics of a profile of counts (Bachetti et al. 2021, eq. 8), with
/// the counts expected in each bin without pulsation.
///
/// The residuals n − e take the place of the counts: with even exposure the sums of e
/// vanish and nothing changes; with uneven exposure they would look like a pulse.
///
/// # Errors
/// No harmonic, harmonics that the bins cannot tell apart, counts or expectations that are
/// negative or not finite, or of different number.
pub fn z_squared_of_profile(
    counts: &[f64],
    expected: &[f64],
    harmonics: usize,
) -> Result<Vec<f64>> {
    check_profile(counts, harmonics)?;
    check_lengths("expected", expected.len(), "counts", counts.len())?;
    check_non_negative("expected", expected.iter().copied())?;
    let residual: Vec<f64> = counts.iter().zip(expected).map(|(n, e)| n - e).collect();
    let sums = profile_harmonic_sums(&residual, harmonics);
    Ok(z_squared_from_sums(&sums, counts.iter().sum()))
}

/// Z²_k for k = 1..=harmonics of a profile of values with a common Gaussian error
/// (Bachetti et al. 2021, eq. 12): 2/(bins σ²) in the place of 2/N.
///
/// # Errors
/// As [`z_squared_of_profile`]; an error that is not above 0.
pub fn z_squared_of_gaussian_profile(
    values: &[f64],
    error: f64,
    harmonics: usize,
) -> Result<Vec<f64>> {
    check_harmonics(harmonics)?;
    check_finite("values", values.iter().copied())?;
    check_bins(values.len(), harmonics)?;
    require_positive("error", error)?;
    let sums = profile_harmonic_sums(values, harmonics);
    Ok(z_squared_from_sums(
        &sums,
        values.len() as f64 * error * error,
    ))
}

/// The H statistic and the number of harmonics at which it is reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HTest {
    /// H = max_m (Z²_m − 4m + 4).
    pub h: f64,
    /// The m of the maximum.
    pub harmonics: usize,
}

/// H of Z²_m for m = 1, 2, …: de Jager's recommendation is up to 20 of them. Its
/// significance is [`crate::statistics::h_probability`].
///
/// From a profile take no more harmonics than half its bins.
pub fn h_test(z_squared: &[f64]) -> HTest {
    let mut best = HTest {
        h: f64::NEG_INFINITY,
        harmonics: 0,
    };
    for (index, z) in z_squared.iter().enumerate() {
        let h = z - 4.0 * index as f64;
        if h > best.h {
            best = HTest {
                h,
                harmonics: index + 1,
            };
        }
    }
    best
}

/// The epoch-folding statistic Σ (n − e)²/e over the bins that were exposed: χ² of
/// one degree of freedom less than these bins have, without pulsation.
///
/// # Errors
/// Fewer than two exposed bins; counts where nothing is expected; numbers that are
/// negative, not finite, or of different number.
pub fn epoch_folding(counts: &[f64], expected: &[f64]) -> Result<f64> {
    check_lengths("expected", expected.len(), "counts", counts.len())?;
    check_non_negative("counts", counts.iter().copied())?;
    check_non_negative("expected", expected.iter().copied())?;
    let exposed = expected.iter().filter(|&&e| e > 0.0).count();
    require(
        "number of exposed bins",
        exposed as f64,
        exposed >= 2,
        "at least 2",
    )?;
    let mut sum = 0.0;
    for (n, e) in counts.iter().zip(expected) {
        if *e > 0.0 {
            sum += (n - e).powi(2) / e;
        } else {
            let holds = *n == 0.0;
            require(
                "counts of a bin without exposure",
                *n,
                holds,
                "0: check the good time intervals",
            )?;
        }
    }
    Ok(sum)
}

/// Stellingwerf's Θ of values at phases: the variance within phase bins over the variance
/// of all. Near 1 without pulsation, small at the right frequency; its significance is
/// [`crate::statistics::phase_dispersion_probability`].
///
/// Empty bins have no variance and are left out of the degrees of freedom.
///
/// # Errors
/// Arrays of different length, values that are not finite, fewer values than bins plus
/// one, values that are all equal.
pub fn phase_dispersion(phases: &[f64], values: &[f64], bins: usize) -> Result<f64> {
    check_lengths("values", values.len(), "phases", phases.len())?;
    check_finite("phases", phases.iter().copied())?;
    check_finite("values", values.iter().copied())?;
    require("bins", bins as f64, bins >= 2, "at least 2")?;
    let mut sums = vec![(0.0, 0.0); bins];
    // Around the mean: squares of large values would cancel.
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    for (phase, value) in phases.iter().zip(values) {
        let bin = (((phase - phase.floor()) * bins as f64) as usize).min(bins - 1);
        sums[bin].0 += 1.0;
        sums[bin].1 += value - mean;
    }
    let used = sums.iter().filter(|(n, _)| *n > 0.0).count();
    let n = values.len();
    require(
        "number of values",
        n as f64,
        n > used,
        "more than the bins that they fall into",
    )?;
    let total: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    require_positive("variance of the values", total)?;
    let between: f64 = sums
        .iter()
        .filter(|(n, _)| *n > 0.0)
        .map(|(n, sum)| sum * sum / n)
        .sum();
    let within = total - between;
    Ok((within / (n - used) as f64) / (total / (n - 1) as f64))
}

fn last(values: &[f64]) -> f64 {
    values.last().copied().unwrap_or(0.0)
}

fn check_harmonics(harmonics: usize) -> Result<()> {
    let inside = (1..=1000).contains(&harmonics);
    require("harmonics", harmonics as f64, inside, "from 1 to 1000")
}

fn check_bins(bins: usize, harmonics: usize) -> Result<()> {
    require(
        "bins of the profile",
        bins as f64,
        bins >= 2 * harmonics,
        "at least two a harmonic: fold into more bins, or ask for fewer harmonics",
    )
}

fn check_profile(counts: &[f64], harmonics: usize) -> Result<()> {
    check_harmonics(harmonics)?;
    check_non_negative("counts", counts.iter().copied())?;
    check_bins(counts.len(), harmonics)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::{h_probability, z_squared_probability};
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    const SEED: u64 = 19_890_909;

    #[test]
    fn sums_are_sums_of_cosines_and_sines() {
        let phases = [0.1, 0.35, 0.9, 0.123_456];
        for k in 1..=7 {
            let c: f64 = phases.iter().map(|p| (TAU * k as f64 * p).cos()).sum();
            let s: f64 = phases.iter().map(|p| (TAU * k as f64 * p).sin()).sum();
            let found = harmonic_sums(&phases, 7)[k - 1];
            assert!((found - Complex64::new(c, s)).norm() < 1e-13);
        }
    }

    /// A cosine profile n_j = μ (1 + a cos 2πφ_j): Z²₁ = N a²/2 exactly.
    #[test]
    fn a_cosine_has_its_power() {
        let (bins, mean, a) = (64, 50.0, 0.3);
        let profile: Vec<f64> = (0..bins)
            .map(|j| mean * (1.0 + a * (TAU * (j as f64 + 0.5) / bins as f64).cos()))
            .collect();
        let expected = vec![mean; bins];
        let z = z_squared_of_profile(&profile, &expected, 4).unwrap();
        let power = 64.0 * mean * a * a / 2.0;
        assert!(z.iter().all(|z| (z - power).abs() < 1e-9), "{z:?}");
        let gauss = z_squared_of_gaussian_profile(&profile, mean.sqrt(), 4).unwrap();
        assert!((gauss[3] - power).abs() < 1e-9);
        let chi2 = epoch_folding(&profile, &expected).unwrap();
        assert!((chi2 - power).abs() < 1e-9); // Parseval: all power is in one harmonic
        assert_eq!(h_test(&z).harmonics, 1);
    }

    #[test]
    fn uneven_exposure_is_no_pulse() {
        let expected = [10.0, 20.0, 30.0, 20.0, 10.0, 10.0, 10.0, 10.0];
        assert!(z_squared_of_profile(&expected, &expected, 3).unwrap()[2] < 1e-20);
        assert_eq!(epoch_folding(&expected, &expected).unwrap(), 0.0);
        let gap = [0.0, 1.0, 2.0];
        assert_eq!(epoch_folding(&[0.0, 2.0, 1.0], &gap).unwrap(), 1.5);
        assert!(epoch_folding(&[1.0, 1.0, 1.0], &gap).is_err());
    }

    /// Kolmogorov: √n D is below 1.95 in 999 of 1000.
    fn distance_from_uniform(mut p: Vec<f64>) -> f64 {
        p.sort_by(f64::total_cmp);
        let n = p.len() as f64;
        let away =
            |(i, p): (usize, &f64)| (p - i as f64 / n).abs().max((p - (i + 1) as f64 / n).abs());
        n.sqrt() * p.iter().enumerate().map(away).fold(0.0, f64::max)
    }

    #[test]
    fn z_squared_and_h_are_uniform_without_pulsation() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(SEED);
        let (mut z, mut h) = (Vec::new(), Vec::new());
        for _ in 0..4000 {
            let phases: Vec<f64> = (0..300).map(|_| random.random()).collect();
            let all = z_squared_of_harmonics(&phases, 20).unwrap();
            z.push(z_squared_probability(all[1], 2, 1.0).unwrap().value());
            h.push(h_probability(h_test(&all).h).unwrap().value());
        }
        assert!(distance_from_uniform(z) < 1.95);
        assert!(distance_from_uniform(h) < 1.95);
    }

    #[test]
    fn dispersion_is_small_at_the_right_phase_and_one_without() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(SEED);
        let phases: Vec<f64> = (0..5000).map(|_| random.random()).collect();
        let pulsed: Vec<f64> = phases
            .iter()
            .map(|p| 1e6 + (TAU * p).cos() + 0.1 * random.random::<f64>())
            .collect();
        let noise: Vec<f64> = phases.iter().map(|_| random.random()).collect();
        assert!(phase_dispersion(&phases, &pulsed, 16).unwrap() < 0.05);
        let theta = phase_dispersion(&phases, &noise, 16).unwrap();
        assert!((theta - 1.0).abs() < 0.02, "{theta}");
        assert!(phase_dispersion(&phases, &vec![1.0; 5000], 16).is_err());
    }
}
