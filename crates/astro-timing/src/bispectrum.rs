//! The bispectrum: how variations at two frequencies are tied to those at their sum.
//!
//! - Maccarone & Coppi 2002, MNRAS 336, 817; Nikias & Petropulu 1993, Higher-order spectra analysis

use astro_core::check_finite;
use astro_fft::{ComplexFft2, Sign};
use ndarray::Array2;
use num_complex::Complex64;
use rayon::prelude::*;

use crate::Compat;
use crate::error::{Result, require, require_positive};

/// How the third cumulant is scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CumulantScale {
    /// Every sum over the n samples of the series: small variance, low at large lags.
    #[default]
    Biased,
    /// Every sum over the number of its terms.
    Unbiased,
}

/// What weights lags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LagWindow {
    /// All alike.
    #[default]
    Uniform,
    /// Parzen's: falls smoothly to zero at the largest lag.
    Parzen,
}

/// The third cumulant of an evenly sampled series and its transform.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Bispectrum {
    /// −L..=L in seconds.
    pub lag_s: Vec<f64>,
    /// c(l₁, l₂), `[2L + 1, 2L + 1]`.
    pub cumulant: Array2<f64>,
    /// Frequencies k/((2L + 1) Δt), k = −L..=L, hertz.
    pub frequency_hz: Vec<f64>,
    /// B(f₁, f₂): its modulus is the strength, its argument the biphase.
    pub value: Array2<Complex64>,
}

/// B(f₁, f₂) = Σ w c(l₁, l₂) exp(−2πi(f₁ l₁ + f₂ l₂)Δt) of the third cumulant
///
/// c(l₁, l₂) = Σ_s x(s) x(s + l₁) x(s + l₂)/n, |l| ≤ L, x the values less their mean,
///
/// with the window w = d(l₁) d(l₂) d(l₁ − l₂). [`Compat::Stingray`] has d(l₁ + l₂) instead, which
/// belongs to another definition of lags, and frequencies from −f_Nyquist to f_Nyquist, which
/// 2L + 1 lags do not reach.
///
/// ```
/// use astro_timing::bispectrum::{CumulantScale, LagWindow, bispectrum};
/// use astro_timing::Compat;
/// // A skewed series: c(0, 0) is its third moment.
/// let values = [0.0, 0.0, 3.0, 0.0, 0.0, 3.0];
/// let found = bispectrum(&values, 1.0, 2, CumulantScale::Biased, LagWindow::Uniform, Compat::Correct)?;
/// assert!((found.cumulant[[2, 2]] - 2.0).abs() < 1e-12);
/// # Ok::<(), astro_timing::Error>(())
/// ```
///
/// # Errors
/// Values that are not finite, a width that is not above 0, a largest lag of 0 or not below the
/// number of values.
pub fn bispectrum(
    values: &[f64],
    dt_s: f64,
    largest_lag: usize,
    scale: CumulantScale,
    window: LagWindow,
    compat: Compat,
) -> Result<Bispectrum> {
    check_finite("values", values.iter().copied())?;
    require_positive("dt_s", dt_s)?;
    let inside = largest_lag >= 1 && largest_lag < values.len() && largest_lag <= 10_000;
    require(
        "largest_lag",
        largest_lag as f64,
        inside,
        "at least 1, below the number of values, and at most 10000",
    )?;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let x: Vec<f64> = values.iter().map(|v| v - mean).collect();
    let lags = 2 * largest_lag + 1;
    let cumulant = cumulant(&x, largest_lag, scale);

    let weight = |a: usize, b: usize| {
        let (l1, l2) = (signed(a, largest_lag), signed(b, largest_lag));
        let third = if compat.is_stingray() {
            l1 + l2
        } else {
            l1 - l2
        };
        let d = |lag: i64| lag_weight(window, lag, largest_lag, compat);
        d(l1) * d(l2) * d(third)
    };
    // Lag 0 first, for the transform; frequency 0 in the middle, for the reader.
    let mut value = Array2::from_shape_fn((lags, lags), |(a, b)| {
        let (a, b) = ((a + largest_lag) % lags, (b + largest_lag) % lags);
        Complex64::from(cumulant[[a, b]] * weight(a, b))
    });
    ComplexFft2::new(lags, lags)?.process(value.view_mut(), Sign::Negative)?;
    let shifted = Array2::from_shape_fn((lags, lags), |(a, b)| {
        value[[
            (a + lags - largest_lag) % lags,
            (b + lags - largest_lag) % lags,
        ]]
    });
    let span = match compat {
        Compat::Correct => lags as f64,
        Compat::Stingray => 2.0 * largest_lag as f64,
    };
    let signed_all = (0..lags).map(|a| signed(a, largest_lag) as f64);
    Ok(Bispectrum {
        lag_s: signed_all.clone().map(|l| l * dt_s).collect(),
        cumulant,
        frequency_hz: signed_all.map(|k| k / (span * dt_s)).collect(),
        value: shifted,
    })
}

fn signed(index: usize, largest: usize) -> i64 {
    index as i64 - largest as i64
}

/// c(l₁, l₂) = c(l₂, l₁): one triangle is summed.
fn cumulant(x: &[f64], largest: usize, scale: CumulantScale) -> Array2<f64> {
    let lags = 2 * largest + 1;
    let n = x.len() as i64;
    let one = |a: usize, b: usize| {
        let (l1, l2) = (signed(a, largest), signed(b, largest));
        let begin = 0.max(-l1).max(-l2);
        let end = n.min(n - l1).min(n - l2);
        let mut sum = 0.0;
        for s in begin..end {
            sum += x[s as usize] * x[(s + l1) as usize] * x[(s + l2) as usize];
        }
        match scale {
            CumulantScale::Biased => sum / n as f64,
            CumulantScale::Unbiased if end > begin => sum / (end - begin) as f64,
            CumulantScale::Unbiased => 0.0,
        }
    };
    let rows: Vec<Vec<f64>> = (0..lags)
        .into_par_iter()
        .map(|a| (0..=a).map(|b| one(a, b)).collect())
        .collect();
    Array2::from_shape_fn((lags, lags), |(a, b)| rows[a.max(b)][a.min(b)])
}

/// d(l), 0 beyond the largest lag. Of an odd largest lag the peer takes the inner formula one lag too far.
fn lag_weight(window: LagWindow, lag: i64, largest: usize, compat: Compat) -> f64 {
    let t = lag.unsigned_abs() as f64 / largest as f64;
    let inner = (largest + usize::from(compat.is_stingray())) / 2;
    match window {
        _ if t > 1.0 => f64::from(u8::from(window == LagWindow::Uniform)),
        LagWindow::Uniform => 1.0,
        LagWindow::Parzen if lag.unsigned_abs() as usize <= inner => 1.0 - 6.0 * (1.0 - t) * t * t,
        LagWindow::Parzen => 2.0 * (1.0 - t).powi(3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn it_is_the_double_sum() {
        let values: Vec<f64> = (0..40)
            .map(|k| f64::from(k * k % 11) + f64::from(k % 3))
            .collect();
        let found = bispectrum(
            &values,
            0.5,
            6,
            CumulantScale::Unbiased,
            LagWindow::Parzen,
            Compat::Correct,
        )
        .unwrap();
        for (a, b) in [(6, 6), (8, 3), (12, 0)] {
            let mut sum = Complex64::ZERO;
            for i in 0..13 {
                for j in 0..13 {
                    let (l1, l2) = (signed(i, 6), signed(j, 6));
                    let d = |l| lag_weight(LagWindow::Parzen, l, 6, Compat::Correct);
                    let turn = found.frequency_hz[a] * found.lag_s[i]
                        + found.frequency_hz[b] * found.lag_s[j];
                    sum += Complex64::cis(-TAU * turn)
                        * found.cumulant[[i, j]]
                        * d(l1)
                        * d(l2)
                        * d(l1 - l2);
                }
            }
            assert!((found.value[[a, b]] - sum).norm() < 1e-9 * (1.0 + sum.norm()));
        }
        assert_eq!(found.cumulant[[2, 9]], found.cumulant[[9, 2]]);
    }

    /// Quadratic coupling: sinusoids at f₁, f₂ and, of tied phase, at f₁ + f₂.
    #[test]
    fn coupled_frequencies_stand_out() {
        let n = 4096;
        // Frequencies of the transform of 129 lags.
        let (f1, f2) = (10.0 / 129.0, 23.0 / 129.0);
        let values: Vec<f64> = (0..n)
            .map(|s| {
                let t = f64::from(s);
                (TAU * f1 * t).cos()
                    + (TAU * f2 * t + 0.5).cos()
                    + (TAU * (f1 + f2) * t + 0.5).cos()
            })
            .collect();
        let found = bispectrum(
            &values,
            1.0,
            64,
            CumulantScale::Biased,
            LagWindow::Parzen,
            Compat::Correct,
        )
        .unwrap();
        let modulus = found.value.mapv(|z| z.norm());
        let highest = modulus.iter().copied().fold(0.0, f64::max);
        assert!(modulus[[64 + 10, 64 + 23]] > 0.95 * highest);
        // Biphase φ₁ + φ₂ − φ₁₊₂ = 0, and nothing where there is no coupling.
        assert!(found.value[[74, 87]].arg().abs() < 0.1);
        assert!(modulus[[64 + 40, 64 + 7]] < 0.02 * highest);
    }

    #[test]
    fn impossible_lags_are_refused() {
        let bad = |lag| {
            bispectrum(
                &[1.0, 2.0, 3.0],
                1.0,
                lag,
                CumulantScale::Biased,
                LagWindow::Uniform,
                Compat::Correct,
            )
        };
        assert!(bad(0).is_err() && bad(3).is_err() && bad(2).is_ok());
    }
}
