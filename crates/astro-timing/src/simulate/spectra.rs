//! Periodograms and cospectra drawn directly from a model.

use astro_core::check_non_negative;
use rand_distr::{Distribution, Gamma, StandardNormal};

use super::generator;
use crate::error::{Result, require};

/// Averaged periodograms around a model: P_k = S_k χ²_{2m}/(2m).
///
/// The distribution of the average of m independent periodograms of noise whose spectrum
/// is S, at frequencies other than zero and Nyquist.
///
/// # Errors
/// A model that is negative or not finite, m = 0.
pub fn simulated_powers(model: &[f64], m: usize, seed: u64) -> Result<Vec<f64>> {
    check_non_negative("model", model.iter().copied())?;
    let law = Gamma::new(m as f64, 1.0 / m as f64).ok();
    let Some(law) = law.filter(|_| m > 0) else {
        return require("m", m as f64, false, "at least 1").map(|()| Vec::new());
    };
    let mut random = generator(seed);
    Ok(model.iter().map(|s| s * law.sample(&mut random)).collect())
}

/// Averaged cospectra of two detectors that see the same signal of spectrum S − N, each with
/// its own noise of level N: `signal` is S − N at every frequency.
///
/// # Errors
/// A signal that is negative or not finite, m = 0.
pub fn simulated_cospectrum(signal: &[f64], noise: f64, m: usize, seed: u64) -> Result<Vec<f64>> {
    check_non_negative("signal", signal.iter().copied())?;
    check_non_negative("noise", [noise])?;
    require("m", m as f64, m > 0, "at least 1")?;
    let mut random = generator(seed);
    let mut normal = || -> f64 { StandardNormal.sample(&mut random) };
    let mut draw = |s: &f64| {
        let mut sum = 0.0;
        for _ in 0..m {
            // Real and imaginary parts of the three amplitudes.
            for _ in 0..2 {
                let common = normal() * (0.5 * s).sqrt();
                let first = common + normal() * (0.5 * noise).sqrt();
                let second = common + normal() * (0.5 * noise).sqrt();
                sum += first * second;
            }
        }
        sum / m as f64
    };
    Ok(signal.iter().map(&mut draw).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: u64 = 19_830_301;

    #[test]
    fn powers_have_mean_and_scatter() {
        for m in [1, 20] {
            let powers = simulated_powers(&[3.0; 20_000], m, SEED).unwrap();
            let n = powers.len() as f64;
            let mean = powers.iter().sum::<f64>() / n;
            let variance = powers.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / n;
            let sigma = 3.0 / (m as f64).sqrt();
            assert!((mean - 3.0).abs() < 4.0 * sigma / n.sqrt());
            // Kurtosis excess of Gamma(m) is 6/m.
            let error = sigma * sigma * ((2.0 + 6.0 / m as f64) / n).sqrt();
            assert!((variance - sigma * sigma).abs() < 4.0 * error);
        }
        assert!(simulated_powers(&[1.0], 0, 1).is_err());
        assert!(simulated_powers(&[f64::NAN], 1, 1).is_err());
    }

    #[test]
    fn the_cospectrum_has_no_noise_level() {
        let n = 20_000;
        let found = simulated_cospectrum(&vec![1.5; n], 2.0, 4, SEED).unwrap();
        let mean = found.iter().sum::<f64>() / n as f64;
        // var = (P² + S²)/2 m, P = S + N.
        let sigma = ((3.5f64.powi(2) + 1.5f64.powi(2)) / 8.0).sqrt();
        assert!((mean - 1.5).abs() < 4.0 * sigma / (n as f64).sqrt());
        let variance = found.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / n as f64;
        assert!(
            (variance / (sigma * sigma) - 1.0).abs() < 0.06,
            "{variance}"
        );
    }
}
