//! Cross- and autocorrelation of light curves.

use astro_fft::RealFft1;

use crate::{Compat, Error, LightCurve, Result};

/// What a correlation is measured in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CorrelationNormalization {
    /// Sums of products of deviations from the mean.
    #[default]
    Sum,
    /// Over $n\sqrt{v_1 v_2}$, with the variances above that of the errors: 1 is full correlation.
    Variance,
}

/// The correlation of two light curves against the time by which the first lags the second.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossCorrelation {
    /// Lags, seconds, ascending around 0. Positive: the first curve lags the second.
    pub lag_s: Vec<f64>,
    /// Correlation at each lag.
    pub correlation: Vec<f64>,
}

impl CrossCorrelation {
    /// The lag of the largest correlation, seconds.
    #[doc(alias = "time_shift")]
    #[must_use]
    pub fn best_lag_s(&self) -> f64 {
        let pairs = self.correlation.iter().zip(&self.lag_s);
        let best = pairs.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map_or(f64::NAN, |(_, &lag)| lag)
    }
}

/// The cross-correlation of two light curves with the same bins, for as many lags as bins.
///
/// $$ c(k\Delta t) = \sum_j (x_{j+k} - \bar x)(y_j - \bar y) $$
///
/// Only pairs of bins that are there are summed, without a correction for their number. It is
/// computed by a zero-padded transform.
///
/// # Errors
/// [`Error::Mismatch`] if the bins differ, [`Error::Unsuitable`] if bins are missing or there are
/// none.
///
/// ```
/// use astro_timing::{Compat, CorrelationNormalization, LightCurve, cross_correlation};
/// let curve = |peak: usize| {
///     let mut counts = vec![1.0; 16];
///     counts[peak] = 9.0;
///     LightCurve::new((0..16).map(f64::from).collect(), counts, 1.0)
/// };
/// let found = cross_correlation(&curve(9)?, &curve(6)?, CorrelationNormalization::Sum, Compat::Correct)?;
/// assert_eq!(found.best_lag_s(), 3.0);
/// # Ok::<(), astro_timing::Error>(())
/// ```
pub fn cross_correlation(
    first: &LightCurve,
    second: &LightCurve,
    normalization: CorrelationNormalization,
    compat: Compat,
) -> Result<CrossCorrelation> {
    first.added(second)?;
    let n = first.len();
    let expected = (n.max(1) - 1) as f64 * first.bin_s();
    let found = first
        .times()
        .last()
        .zip(first.times().first())
        .map_or(0.0, |(b, a)| b - a);
    if n == 0 || (found - expected).abs() > 0.5 * first.bin_s() {
        return Err(Error::Unsuitable {
            operation: "a correlation",
            requirement: "light curves without missing bins; split them at the gaps",
        });
    }
    // Zeros keep the ends apart.
    let fft = RealFft1::new((2 * n).next_power_of_two())?;
    let transform = |curve: &LightCurve| {
        let mean = curve.total() / n as f64;
        let mut bins: Vec<f64> = curve.counts().iter().map(|x| x - mean).collect();
        bins.resize(fft.length(), 0.0);
        fft.forward(&bins)
    };
    let (x, y) = (transform(first)?, transform(second)?);
    let product: Vec<_> = x.iter().zip(&y).map(|(x, y)| x * y.conj()).collect();
    let sums = fft.inverse(&product)?;
    let length = sums.len();
    let scale = match normalization {
        CorrelationNormalization::Sum => 1.0,
        CorrelationNormalization::Variance => {
            1.0 / (n as f64 * (variance(first, compat) * variance(second, compat)).sqrt())
        }
    };
    let lags = (0..n).map(|j| j as i64 - (n / 2) as i64);
    Ok(CrossCorrelation {
        lag_s: lags.clone().map(|lag| lag as f64 * first.bin_s()).collect(),
        correlation: lags
            .map(|lag| sums[lag.rem_euclid(length as i64) as usize] / length as f64 * scale)
            .collect(),
    })
}

/// The autocorrelation of a light curve.
///
/// # Errors
/// As [`cross_correlation`].
pub fn auto_correlation(
    curve: &LightCurve,
    normalization: CorrelationNormalization,
    compat: Compat,
) -> Result<CrossCorrelation> {
    cross_correlation(curve, curve, normalization, compat)
}

/// Variance of the counts above that of their errors: the mean of their squares; with
/// [`Compat::Stingray`] the square of their mean.
fn variance(curve: &LightCurve, compat: Compat) -> f64 {
    let n = curve.len() as f64;
    let mean = curve.total() / n;
    let variance = curve
        .counts()
        .iter()
        .map(|x| (x - mean).powi(2))
        .sum::<f64>()
        / n;
    variance - crate::spectrum::variance_of_errors(&curve.errors(compat), compat)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_direct_sum() {
        for n in [1, 2, 7, 16] {
            let times: Vec<f64> = (0..n).map(f64::from).collect();
            let curve = |seed: i32| {
                let counts = (0..n).map(|i| f64::from((i * seed + 3) % 11)).collect();
                LightCurve::new(times.clone(), counts, 1.0).unwrap()
            };
            let (a, b) = (curve(7), curve(5));
            let found =
                cross_correlation(&a, &b, CorrelationNormalization::Sum, Compat::Correct).unwrap();
            let mean = |c: &LightCurve| c.total() / f64::from(n);
            for (lag, value) in found.lag_s.iter().zip(&found.correlation) {
                let truth: f64 = (0..n)
                    .filter_map(|j| {
                        let x = a.counts().get(usize::try_from(j + *lag as i32).ok()?)?;
                        Some((x - mean(&a)) * (b.counts()[j as usize] - mean(&b)))
                    })
                    .sum();
                assert!(
                    (value - truth).abs() < 1e-11 * f64::from(100 * n),
                    "{n} {lag}"
                );
            }
        }
    }

    #[test]
    fn gaps_are_refused() {
        let curve = LightCurve::new(vec![0.0, 1.0, 5.0], vec![1.0; 3], 1.0).unwrap();
        let result = auto_correlation(&curve, CorrelationNormalization::Sum, Compat::Correct);
        assert!(result.is_err());
    }
}
