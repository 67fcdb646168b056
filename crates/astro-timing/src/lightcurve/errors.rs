//! The errors of binned counts.

use crate::Compat;
use crate::statistics::TailProbability;

/// How the values of a light curve scatter.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum CountErrors {
    /// They are counts of photons.
    #[default]
    Poisson,
    /// Each has a Gaussian error of its own.
    Gaussian(Vec<f64>),
}

impl CountErrors {
    /// The standard deviation of each of `counts`.
    ///
    /// Poisson counts n have √n. With [`Compat::Stingray`] it is the mean of the two sides of
    /// the frequentist confidence interval of 1 σ, [`poisson_symmetric_error`].
    #[must_use]
    pub fn of(&self, counts: &[f64], compat: Compat) -> Vec<f64> {
        match (self, compat) {
            (Self::Gaussian(errors), _) => errors.clone(),
            (Self::Poisson, Compat::Correct) => counts.iter().map(|n| n.max(0.0).sqrt()).collect(),
            (Self::Poisson, Compat::Stingray) => {
                // Few different counts occur, and often.
                let mut known = std::collections::HashMap::new();
                let error = |n: &f64| {
                    let n = n.max(0.0) as u64;
                    *known.entry(n).or_insert_with(|| poisson_symmetric_error(n))
                };
                counts.iter().map(error).collect()
            }
        }
    }
}

/// Half the width of the frequentist 1 σ confidence interval of the mean of a Poisson
/// distribution, given a count (Gehrels 1986): about 0.9 for none, √n + ½ for many.
///
/// Right for plots; as a standard deviation it is too large (see [`CountErrors::of`]).
#[must_use]
pub fn poisson_symmetric_error(count: u64) -> f64 {
    let n = count as f64;
    let one_sigma = TailProbability::from_gaussian_sigma(1.0).ln();
    let upper = crate::statistics::gamma_from_ln_survival(one_sigma, n + 1.0);
    let lower = if count == 0 {
        0.0
    } else {
        crate::statistics::gamma_from_ln_survival((-one_sigma.exp()).ln_1p(), n)
    };
    0.5 * (upper - lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symmetric_errors_match_gehrels() {
        // Gehrels 1986, tables 1 and 2, one sigma: 1.841 for 0; 3.300 and 0.173 for 1; 14.267
        // and 6.891 for 10.
        for (n, width) in [(0, 1.841), (1, 3.300 - 0.173), (10, 14.267 - 6.891)] {
            assert!(
                (2.0 * poisson_symmetric_error(n) - width).abs() < 1e-3,
                "{n}"
            );
        }
    }

    #[test]
    fn a_poisson_error_is_the_root() {
        let errors = CountErrors::Poisson.of(&[0.0, 4.0], Compat::Correct);
        assert_eq!(errors, [0.0, 2.0]);
    }
}
