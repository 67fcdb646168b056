//! Confidence limits of the power of a signal in noise, and what they say of its amplitude.
//!
//! A signal of power s in noise gives a sum of n Leahy powers that is non-central χ² with 2n
//! degrees of freedom and non-centrality s (Groth 1975).

use super::amplitude_from_signal_power;
use super::detection::check_positive;
use super::noncentral;
use crate::{Error, Result};

/// Whether powers are sums or means of the powers that they stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PowerScale {
    /// The mean of n Leahy powers, as an averaged power spectrum holds it.
    #[default]
    Mean,
    /// Their sum.
    Sum,
}

impl PowerScale {
    fn to_sum(self, power: f64, averages: f64) -> f64 {
        match self {
            Self::Mean => power * averages,
            Self::Sum => power,
        }
    }

    fn of_sum(self, power: f64, averages: f64) -> f64 {
        match self {
            Self::Mean => power / averages,
            Self::Sum => power,
        }
    }
}

/// The central interval that holds the power of a signal of Leahy power `signal_power`, with
/// noise, at `confidence`.
///
/// # Errors
/// [`Error::Parameter`] if `signal_power` is negative, `averages` is not positive, or
/// `confidence` is not in (0, 1).
///
/// # References
/// Groth 1975, ApJS 29, 285.
pub fn power_confidence_limits(
    signal_power: f64,
    averages: f64,
    confidence: f64,
    scale: PowerScale,
) -> Result<[f64; 2]> {
    check(signal_power, averages, confidence)?;
    let lambda = scale.to_sum(signal_power, averages);
    let dof = 2.0 * averages;
    let tail = 0.5 * (1.0 - confidence);
    Ok([tail, 1.0 - tail].map(|p| scale.of_sum(noncentral::quantile(p, dof, lambda), averages)))
}

/// The largest signal power that is not excluded at `confidence` by a measured power: a signal of
/// this power would give more than `power` with the probability `confidence`.
///
/// Zero where noise alone gives more than `power` so often.
///
/// ```
/// use astro_timing::statistics::{PowerScale, power_upper_limit};
/// let limit = power_upper_limit(40.0, 1.0, 0.95, PowerScale::Sum)?;
/// assert!((limit - 62.387_37).abs() < 1e-5);
/// # Ok::<(), astro_timing::Error>(())
/// ```
///
/// # Errors
/// [`Error::Parameter`] if `power` is negative, `averages` is not positive, or `confidence` is not
/// in (0, 1).
///
/// # References
/// Groth 1975, ApJS 29, 285; Vaughan et al. 1994, ApJ 435, 362.
pub fn power_upper_limit(
    power: f64,
    averages: f64,
    confidence: f64,
    scale: PowerScale,
) -> Result<f64> {
    check(power, averages, confidence)?;
    let sum = scale.to_sum(power, averages);
    let limit = noncentral::noncentrality(sum, 2.0 * averages, 1.0 - confidence);
    Ok(scale.of_sum(limit, averages))
}

/// What lowers the power of a sinusoid in a discrete transform.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PowerLosses {
    /// The frequency lies anywhere between two Fourier frequencies: on average 0.773 of the power
    /// is in the nearer one.
    pub unknown_frequency: bool,
    /// Frequency over Nyquist frequency; the average over a bin damps the amplitude by
    /// sin(x)/x with x = π/2 times this ratio. Zero for none.
    pub nyquist_ratio: f64,
}

impl PowerLosses {
    /// By how much an amplitude is damped.
    fn damping(self) -> f64 {
        let x = 0.5 * std::f64::consts::PI * self.nyquist_ratio;
        let average = if x > 0.0 { x.sin() / x } else { 1.0 };
        let scalloping = if self.unknown_frequency {
            0.773_f64
        } else {
            1.0
        };
        average * scalloping.sqrt()
    }
}

/// The upper limit of the amplitude a of a sinusoid 1 + a sin(…) in `counts` photons, from a
/// measured Leahy power.
///
/// # Errors
/// [`Error::Parameter`] as for [`power_upper_limit`], and if `counts` is not positive or the
/// Nyquist ratio is outside [0, 1].
pub fn amplitude_upper_limit(
    power: f64,
    counts: f64,
    averages: f64,
    confidence: f64,
    scale: PowerScale,
    losses: PowerLosses,
) -> Result<f64> {
    check_positive("counts", counts)?;
    if !(0.0..=1.0).contains(&losses.nyquist_ratio) {
        return Err(Error::Parameter {
            name: "frequency over Nyquist frequency",
            value: losses.nyquist_ratio,
            requirement: "from 0 to 1",
        });
    }
    let limit = power_upper_limit(power, averages, confidence, scale)?;
    Ok(amplitude_from_signal_power(limit, counts) / losses.damping())
}

fn check(power: f64, averages: f64, confidence: f64) -> Result<()> {
    check_positive("averages", averages)?;
    if !(power >= 0.0 && power.is_finite()) {
        return Err(Error::Parameter {
            name: "power",
            value: power,
            requirement: "a number of at least 0",
        });
    }
    if confidence > 0.0 && confidence < 1.0 {
        return Ok(());
    }
    Err(Error::Parameter {
        name: "confidence",
        value: confidence,
        requirement: "between 0 and 1",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_exceeded_as_often_as_it_says() {
        for (power, averages) in [(10.0, 1.0), (40.0, 5.0), (300.0, 30.0)] {
            let limit = power_upper_limit(power, averages, 0.9, PowerScale::Sum).unwrap();
            let below = noncentral::cumulative(power, 2.0 * averages, limit);
            assert!((below - 0.1).abs() < 1e-10);
        }
        assert_eq!(
            power_upper_limit(0.05, 1.0, 0.95, PowerScale::Sum).unwrap(),
            0.0
        );
    }

    #[test]
    fn means_are_sums_divided() {
        let sum = power_upper_limit(90.0, 9.0, 0.95, PowerScale::Sum).unwrap();
        let mean = power_upper_limit(10.0, 9.0, 0.95, PowerScale::Mean).unwrap();
        assert!((sum / 9.0 - mean).abs() < 1e-10 * mean);
    }

    #[test]
    fn losses_raise_the_limit() {
        let limit =
            |losses| amplitude_upper_limit(40.0, 1e4, 1.0, 0.95, PowerScale::Sum, losses).unwrap();
        let plain = limit(PowerLosses::default());
        assert!((plain - f64::sqrt(2.0 * 62.387_366_953_543_05 / 1e4)).abs() < 1e-9);
        let damped = limit(PowerLosses {
            unknown_frequency: true,
            nyquist_ratio: 0.5,
        });
        let quarter = std::f64::consts::FRAC_PI_4;
        let expected = plain / f64::sqrt(0.773) / (quarter.sin() / quarter);
        assert!((damped - expected).abs() < 1e-12);
    }
}
