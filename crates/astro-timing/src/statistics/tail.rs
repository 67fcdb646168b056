//! Tail probabilities, kept as logarithms.

use super::normal;
use crate::{Error, Result};

/// The probability that noise alone gives a statistic as extreme as the one found.
///
/// It is kept as its logarithm: a 40 σ detection has a probability that no `f64` can hold.
///
/// ```
/// use astro_timing::statistics::TailProbability;
/// let p = TailProbability::from_ln(-1000.0)?;
/// assert_eq!(p.value(), 0.0); // underflows
/// assert!((p.gaussian_sigma() - 44.615_75).abs() < 1e-5); // does not
/// # Ok::<(), astro_timing::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, serde::Serialize, serde::Deserialize)]
pub struct TailProbability {
    ln: f64,
}

impl TailProbability {
    /// A probability by its value.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless it is in [0, 1].
    pub fn new(value: f64) -> Result<Self> {
        if (0.0..=1.0).contains(&value) {
            Ok(Self { ln: value.ln() })
        } else {
            Err(Error::Parameter {
                name: "probability",
                value,
                requirement: "from 0 to 1",
            })
        }
    }

    /// A probability by its natural logarithm.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless it is at most 0.
    pub fn from_ln(ln: f64) -> Result<Self> {
        if ln <= 0.0 {
            Ok(Self { ln })
        } else {
            Err(Error::Parameter {
                name: "ln(probability)",
                value: ln,
                requirement: "at most 0",
            })
        }
    }

    /// The one-sided probability beyond `sigma` standard deviations of a normal distribution.
    pub fn from_gaussian_sigma(sigma: f64) -> Self {
        Self {
            ln: normal::ln_survival(sigma),
        }
    }

    /// From a logarithm that is right up to rounding.
    pub(crate) fn rounded(ln: f64) -> Self {
        Self { ln: ln.min(0.0) }
    }

    /// Its value; 0 below about 1e-308.
    #[must_use]
    pub fn value(self) -> f64 {
        self.ln.exp()
    }

    /// Its natural logarithm.
    #[must_use]
    pub fn ln(self) -> f64 {
        self.ln
    }

    /// The number of standard deviations beyond which a normal distribution has this one-sided
    /// probability.
    #[must_use]
    pub fn gaussian_sigma(self) -> f64 {
        normal::from_ln_survival(self.ln)
    }

    /// The probability that at least one of `trials` independent trials is as extreme:
    /// 1 − (1 − p)ⁿ.
    ///
    /// `trials` need not be whole: neighbouring frequencies of an oversampled search are
    /// correlated, and an effective number between is common.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless `trials` is at least 1.
    pub fn in_trials(self, trials: f64) -> Result<Self> {
        check_trials(trials)?;
        // ln(1 − p), from either end with its digits.
        let ln_none = trials * ln_complement(self.ln);
        let ln = if ln_none > -1e-290 {
            // 1 − p rounds to 1: n p.
            self.ln + trials.ln()
        } else {
            ln_complement(ln_none)
        };
        Ok(Self::rounded(ln))
    }

    /// The probability of a single trial with which at least one of `trials` reaches this one:
    /// 1 − (1 − p)^(1/n).
    ///
    /// # Errors
    /// [`Error::Parameter`] unless `trials` is at least 1.
    pub fn single_trial(self, trials: f64) -> Result<Self> {
        check_trials(trials)?;
        let ln_none = ln_complement(self.ln) / trials;
        let ln = if ln_none > -1e-290 {
            self.ln - trials.ln()
        } else {
            ln_complement(ln_none)
        };
        Ok(Self::rounded(ln))
    }
}

/// ln(1 − exp(ln_p)) without cancellation.
fn ln_complement(ln_p: f64) -> f64 {
    if ln_p > -std::f64::consts::LN_2 {
        (-ln_p.exp_m1()).ln()
    } else {
        (-ln_p.exp()).ln_1p()
    }
}

fn check_trials(trials: f64) -> Result<()> {
    if trials >= 1.0 && trials.is_finite() {
        return Ok(());
    }
    Err(Error::Parameter {
        name: "number of trials",
        value: trials,
        requirement: "at least 1",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trials_and_back() {
        for p in [0.9, 0.5, 0.1, 1e-3, 1e-12, 1e-200] {
            for n in [1.0, 2.5, 10.0, 1e6] {
                let single = TailProbability::new(p).unwrap();
                let many = single.in_trials(n).unwrap();
                if many.value() < 1.0 - 1e-9 {
                    let back = many.single_trial(n).unwrap();
                    // ln(1 − P) of a P close to one magnifies its rounding.
                    let tolerance = 1e-14 * (1.0 + p.ln().abs()) / (1.0 - many.value());
                    assert!((back.ln() - p.ln()).abs() < tolerance, "{p} {n}");
                }
            }
        }
        let p = TailProbability::new(0.5).unwrap().in_trials(10.0).unwrap();
        assert!((p.value() - (1.0 - 0.5_f64.powi(10))).abs() < 1e-15);
    }

    #[test]
    fn far_tails_only_add_logarithms() {
        let p = TailProbability::from_ln(-5000.0).unwrap();
        let many = p.in_trials(1e6).unwrap();
        assert!((many.ln() - (-5000.0 + f64::ln(1e6))).abs() < 1e-11);
        assert!((many.single_trial(1e6).unwrap().ln() + 5000.0).abs() < 1e-11);
    }

    #[test]
    fn out_of_range_is_an_error() {
        assert!(TailProbability::new(1.5).is_err());
        assert!(TailProbability::new(f64::NAN).is_err());
        assert!(TailProbability::from_ln(0.1).is_err());
        assert!(TailProbability::new(0.5).unwrap().in_trials(0.0).is_err());
    }
}
