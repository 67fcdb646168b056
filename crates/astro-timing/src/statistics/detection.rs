//! How improbable a statistic is in noise alone, and the value it must exceed.
//!
//! Every probability is of a single trial; [`TailProbability::in_trials`] counts the others. A
//! detection level takes the probability that is allowed in all trials together.

use super::{TailProbability, beta, gamma};
use crate::{Error, Result};

/// The exponent of the H test's probability (de Jager & Büsching 2010).
const H_SLOPE: f64 = 0.4;

/// Probability that noise gives a mean Leahy power of at least `power` in an average of
/// `averages` powers (segments times rebinned frequencies).
///
/// The sum of n Leahy powers of noise is χ² with 2n degrees of freedom. (Stingray:
/// `pds_probability`, `classical_pvalue`.)
///
/// ```
/// use astro_timing::statistics::power_probability;
/// let p = power_probability(40.0, 1.0)?;
/// assert!((p.ln() + 20.0).abs() < 1e-12);
/// # Ok::<(), astro_timing::Error>(())
/// ```
///
/// # Errors
/// [`Error::Parameter`] if `power` is negative or NaN, or `averages` is not positive.
///
/// # References
/// Leahy et al. 1983, ApJ 266, 160; van der Klis 1989, in Timing Neutron Stars.
#[doc(alias = "pds_probability")]
#[doc(alias = "classical_pvalue")]
pub fn power_probability(power: f64, averages: f64) -> Result<TailProbability> {
    chi_squared(
        power * check_positive("averages", averages)?,
        2.0 * averages,
    )
}

/// The mean Leahy power of `averages` that noise exceeds in one of `trials` with probability
/// `false_alarm`.
///
/// # Errors
/// [`Error::Parameter`] if `averages` is not positive or `trials` below 1.
#[doc(alias = "pds_detection_level")]
pub fn power_detection_level(
    false_alarm: TailProbability,
    averages: f64,
    trials: f64,
) -> Result<f64> {
    let dof = 2.0 * check_positive("averages", averages)?;
    Ok(level(false_alarm, dof, trials)? / averages)
}

/// Probability that noise gives a mean Z² of `harmonics` harmonics of at least `z_squared` in
/// `averages` averaged segments: χ² with 2 n `averages` degrees of freedom.
///
/// # Errors
/// [`Error::Parameter`] if a number is not positive.
///
/// # References
/// Buccheri et al. 1983, A&A 128, 245.
#[doc(alias = "z2_n_probability")]
pub fn z_squared_probability(
    z_squared: f64,
    harmonics: usize,
    averages: f64,
) -> Result<TailProbability> {
    let dof = z_squared_dof(harmonics, averages)?;
    chi_squared(z_squared * averages, dof)
}

/// The mean Z² that noise exceeds in one of `trials` with probability `false_alarm`.
///
/// # Errors
/// [`Error::Parameter`] if a number is not positive or `trials` below 1.
#[doc(alias = "z2_n_detection_level")]
pub fn z_squared_detection_level(
    false_alarm: TailProbability,
    harmonics: usize,
    averages: f64,
    trials: f64,
) -> Result<f64> {
    let dof = z_squared_dof(harmonics, averages)?;
    Ok(level(false_alarm, dof, trials)? / averages)
}

/// Probability that a constant source gives an epoch-folding statistic of at least `statistic`
/// in `bins` phase bins: χ² with bins − 1 degrees of freedom.
///
/// # Errors
/// [`Error::Parameter`] if `statistic` is negative or there are fewer than two bins.
///
/// # References
/// Leahy et al. 1983, ApJ 266, 160; Leahy 1987, A&A 180, 275.
#[doc(alias = "fold_profile_probability")]
pub fn epoch_folding_probability(statistic: f64, bins: usize) -> Result<TailProbability> {
    chi_squared(statistic, folding_dof(bins)?)
}

/// The epoch-folding statistic that a constant source exceeds in one of `trials` with
/// probability `false_alarm`.
///
/// # Errors
/// [`Error::Parameter`] if there are fewer than two bins or `trials` is below 1.
#[doc(alias = "fold_detection_level")]
pub fn epoch_folding_detection_level(
    false_alarm: TailProbability,
    bins: usize,
    trials: f64,
) -> Result<f64> {
    level(false_alarm, folding_dof(bins)?, trials)
}

/// Probability that a constant source gives a phase-dispersion statistic of at most `statistic`
/// for `samples` points folded into `bins`: a beta distribution with (samples − bins)/2 and
/// (bins − 1)/2.
///
/// # Errors
/// [`Error::Parameter`] if `statistic` is negative, or there are fewer than two bins or fewer
/// samples than bins + 1.
///
/// # References
/// Schwarzenberg-Czerny 1997, ApJ 489, 941.
pub fn phase_dispersion_probability(
    statistic: f64,
    samples: usize,
    bins: usize,
) -> Result<TailProbability> {
    let (a, b) = dispersion_shape(samples, bins)?;
    check_statistic(statistic)?;
    Ok(TailProbability::rounded(beta::ln_regularised(
        statistic, a, b,
    )))
}

/// The phase-dispersion statistic below which a constant source falls in one of `trials` with
/// probability `false_alarm`.
///
/// # Errors
/// [`Error::Parameter`] if the bins and samples do not suffice or `trials` is below 1.
pub fn phase_dispersion_detection_level(
    false_alarm: TailProbability,
    samples: usize,
    bins: usize,
    trials: f64,
) -> Result<f64> {
    let (a, b) = dispersion_shape(samples, bins)?;
    let single = false_alarm.single_trial(trials)?;
    Ok(beta::inverse_ln_regularised(single.ln(), a, b))
}

/// Probability that a constant source gives an H statistic of at least `h`: exp(−0.4 H).
///
/// The exponent of the far tail is 0.398405 (Kerr 2011); the difference stays below 4 % of the
/// logarithm and shows only in more than 10⁵ draws.
///
/// # Errors
/// [`Error::Parameter`] if `h` is negative.
///
/// # References
/// de Jager & Büsching 2010, A&A 517, L9.
pub fn h_probability(h: f64) -> Result<TailProbability> {
    check_statistic(h)?;
    Ok(TailProbability::rounded(-H_SLOPE * h))
}

/// The H statistic that a constant source exceeds in one of `trials` with probability
/// `false_alarm`.
///
/// # Errors
/// [`Error::Parameter`] if `trials` is below 1.
pub fn h_detection_level(false_alarm: TailProbability, trials: f64) -> Result<f64> {
    Ok(-false_alarm.single_trial(trials)?.ln() / H_SLOPE)
}

fn chi_squared(chi2: f64, dof: f64) -> Result<TailProbability> {
    check_statistic(chi2)?;
    Ok(TailProbability::rounded(gamma::ln_chi_squared_survival(
        chi2, dof,
    )))
}

fn level(false_alarm: TailProbability, dof: f64, trials: f64) -> Result<f64> {
    let single = false_alarm.single_trial(trials)?;
    Ok(gamma::chi_squared_from_ln_survival(single.ln(), dof))
}

fn z_squared_dof(harmonics: usize, averages: f64) -> Result<f64> {
    let harmonics = check_positive("harmonics", harmonics as f64)?;
    Ok(2.0 * harmonics * check_positive("averages", averages)?)
}

fn folding_dof(bins: usize) -> Result<f64> {
    if bins < 2 {
        return Err(Error::Parameter {
            name: "phase bins",
            value: bins as f64,
            requirement: "at least 2",
        });
    }
    Ok((bins - 1) as f64)
}

fn dispersion_shape(samples: usize, bins: usize) -> Result<(f64, f64)> {
    let dof = folding_dof(bins)?;
    if samples <= bins {
        return Err(Error::Parameter {
            name: "samples",
            value: samples as f64,
            requirement: "more than the number of phase bins",
        });
    }
    Ok((0.5 * (samples - bins) as f64, 0.5 * dof))
}

fn check_statistic(value: f64) -> Result<()> {
    if value >= 0.0 {
        return Ok(());
    }
    Err(Error::Parameter {
        name: "statistic",
        value,
        requirement: "a number of at least 0",
    })
}

pub(super) fn check_positive(name: &'static str, value: f64) -> Result<f64> {
    if value > 0.0 && value.is_finite() {
        return Ok(value);
    }
    Err(Error::Parameter {
        name,
        value,
        requirement: "greater than 0",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_invert_probabilities() {
        let alarm = TailProbability::new(0.01).unwrap();
        for trials in [1.0, 1e6] {
            let single = alarm.single_trial(trials).unwrap().ln();
            let close = |p: TailProbability| (p.ln() - single).abs() < 1e-10 * single.abs();
            let power = power_detection_level(alarm, 30.0, trials).unwrap();
            assert!(close(power_probability(power, 30.0).unwrap()));
            let z = z_squared_detection_level(alarm, 4, 3.0, trials).unwrap();
            assert!(close(z_squared_probability(z, 4, 3.0).unwrap()));
            let s = epoch_folding_detection_level(alarm, 32, trials).unwrap();
            assert!(close(epoch_folding_probability(s, 32).unwrap()));
            let d = phase_dispersion_detection_level(alarm, 1000, 10, trials).unwrap();
            assert!(close(phase_dispersion_probability(d, 1000, 10).unwrap()));
            let h = h_detection_level(alarm, trials).unwrap();
            assert!(close(h_probability(h).unwrap()));
        }
        // Leahy et al. 1983: one power of noise exceeds 2 ln(100) once in a hundred times.
        let level = power_detection_level(alarm, 1.0, 1.0).unwrap();
        assert!((level - 2.0 * f64::ln(100.0)).abs() < 1e-12);
    }

    #[test]
    fn phase_dispersion_is_an_f_test() {
        // With two bins and four samples the distribution is Beta(1, 1/2): 1 − √(1 − x).
        let p = phase_dispersion_probability(0.3, 4, 2).unwrap().value();
        assert!((p - (1.0 - f64::sqrt(0.7))).abs() < 1e-14);
    }

    #[test]
    fn bad_arguments_are_named() {
        let error = power_probability(f64::NAN, 1.0).unwrap_err().to_string();
        assert!(error.contains("statistic is NaN"), "{error}");
        assert!(power_probability(1.0, 0.0).is_err());
        assert!(epoch_folding_probability(3.0, 1).is_err());
        assert!(phase_dispersion_probability(0.5, 10, 10).is_err());
    }
}
