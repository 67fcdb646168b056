//! Excess variance: how much a light curve varies beyond its noise.

use crate::spectrum::Estimate;
use crate::{Compat, Error, LightCurve, Result};

/// The variance of counts above that of their errors, in three forms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExcessVariance {
    /// $\sigma_\mathrm{xs}^2 = S^2 - \overline{\sigma_\mathrm{err}^2}$, counts².
    pub excess: Estimate,
    /// $\sigma_\mathrm{xs}^2/\bar x^2$.
    pub normalized: Estimate,
    /// Fractional rms, the root of `normalized`; NaN where that is negative.
    pub fractional_rms: Estimate,
}

impl ExcessVariance {
    /// From the mean and variance of `n` counts, and the mean square of their errors.
    ///
    /// Errors are those of Vaughan et al. (2003), equation 11.
    pub(crate) fn of_moments(n: f64, mean: f64, variance: f64, error_square: f64) -> Self {
        let excess = variance - error_square;
        let normalized = excess / (mean * mean);
        let fractional = normalized.sqrt();
        let first = (2.0 / n).sqrt() * error_square / (mean * mean);
        let second = (error_square / n).sqrt() * 2.0 * fractional / mean;
        let error = first.hypot(second);
        Self {
            excess: Estimate {
                value: excess,
                error: error * mean * mean,
            },
            normalized: Estimate {
                value: normalized,
                error,
            },
            fractional_rms: Estimate {
                value: fractional,
                error: error / (2.0 * fractional),
            },
        }
    }
}

impl LightCurve {
    /// The excess variance of the good bins, with the sample variance (n − 1).
    ///
    /// With [`Compat::Stingray`] all bins count, whether good or not, the variance is that of
    /// the population (n), and Poisson errors are those of [`crate::poisson_symmetric_error`],
    /// which are larger than √n: the excess comes out too low.
    ///
    /// # Errors
    /// [`Error::Unsuitable`] for fewer than two bins; [`Error::Gti`].
    ///
    /// # References
    /// Vaughan et al. 2003, MNRAS 345, 1271.
    ///
    /// ```
    /// use astro_timing::{Compat, LightCurve};
    /// let times = vec![0.5, 1.5, 2.5, 3.5];
    /// let curve = LightCurve::new(times, vec![80.0, 120.0, 80.0, 120.0], 1.0)?;
    /// // The sample variance is 1600/3, that of the noise 100.
    /// let found = curve.excess_variance(Compat::Correct)?;
    /// assert!((found.excess.value - (1600.0 / 3.0 - 100.0)).abs() < 1e-9);
    /// # Ok::<(), astro_timing::Error>(())
    /// ```
    pub fn excess_variance(&self, compat: Compat) -> Result<ExcessVariance> {
        let curve = match compat {
            Compat::Correct => self.apply_gti()?,
            Compat::Stingray => self.clone(),
        };
        if curve.len() < 2 {
            return Err(Error::Unsuitable {
                operation: "an excess variance",
                requirement: "a light curve of at least two good bins",
            });
        }
        let n = curve.len() as f64;
        let mean = curve.total() / n;
        let square: f64 = curve.counts().iter().map(|x| (x - mean).powi(2)).sum();
        let errors = curve.errors(compat);
        let error_square = errors.iter().map(|e| e * e).sum::<f64>() / n;
        let freedom = if compat.is_stingray() { n } else { n - 1.0 };
        Ok(ExcessVariance::of_moments(
            n,
            mean,
            square / freedom,
            error_square,
        ))
    }
}
