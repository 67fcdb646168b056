//! Tail probabilities of cospectra.

use super::TailProbability;
use super::detection::check_positive;
use crate::{Error, Result};

/// Probability that the mean of `averages` Leahy-normalised cospectral powers of noise is at least
/// `power`.
///
/// One cospectral power of two independent Poisson series is Laplace distributed with mean 0 and
/// scale 1. The mean of n exceeds x >= 0 with the probability
///
/// $$ \sum_{j=0}^{n-1} \binom{n - 1 + j}{j} 2^{-(n+j)}\, Q(n - j, n x) $$
///
/// where Q is the regularised upper incomplete gamma function: all terms are positive, so the far
/// tail keeps its digits. (Stingray's `cospectra_pvalue` loses them, and takes a normal
/// distribution for n > 50: see [`super::stingray::cospectrum_survival`].)
///
/// # Errors
/// [`Error::Parameter`] if `power` is not a number or `averages` is zero.
///
/// # References
/// Huppenkothen & Bachetti 2018, ApJS 236, 13, equations 12 and 20.
#[doc(alias = "cospectra_pvalue")]
pub fn cospectrum_probability(power: f64, averages: usize) -> Result<TailProbability> {
    check_positive("averages", averages as f64)?;
    if power.is_nan() {
        return Err(Error::Parameter {
            name: "power",
            value: power,
            requirement: "a number",
        });
    }
    let ln = ln_upper_tail(power.abs(), averages);
    Ok(TailProbability::rounded(if power >= 0.0 {
        ln
    } else {
        (-ln.exp()).ln_1p()
    }))
}

/// ln of the probability above `x` >= 0.
fn ln_upper_tail(x: f64, n: usize) -> f64 {
    let y = n as f64 * x;
    if y == 0.0 {
        return -std::f64::consts::LN_2;
    }
    if y == f64::INFINITY {
        return f64::NEG_INFINITY;
    }
    // Q(g, y) = e^(−y) Σ_{k<g} y^k/k! grows with g = n − j from 1 to n.
    let mut sum = LnSum::default();
    let mut tail = LnSum::default();
    for g in 1..=n {
        let k = (g - 1) as f64;
        tail.add(k * y.ln() - y - libm::lgamma(k + 1.0));
        let (j, n) = ((n - g) as f64, n as f64);
        let ln_binomial = libm::lgamma(n + j) - libm::lgamma(j + 1.0) - libm::lgamma(n);
        sum.add(ln_binomial - (n + j) * std::f64::consts::LN_2 + tail.ln());
    }
    sum.ln()
}

/// The logarithm of a sum of positive terms given by their logarithms.
struct LnSum {
    top: f64,
    scaled: f64,
}

impl Default for LnSum {
    fn default() -> Self {
        Self {
            top: f64::NEG_INFINITY,
            scaled: 0.0,
        }
    }
}

impl LnSum {
    fn add(&mut self, ln_term: f64) {
        if ln_term == f64::NEG_INFINITY {
            return;
        }
        if ln_term > self.top {
            self.scaled *= (self.top - ln_term).exp();
            self.top = ln_term;
        }
        self.scaled += (ln_term - self.top).exp();
    }

    fn ln(&self) -> f64 {
        self.top + self.scaled.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_power_is_laplace() {
        for x in [0.0, 0.3, 4.0, 900.0] {
            let p = cospectrum_probability(x, 1).unwrap();
            assert!((p.ln() - (0.5_f64.ln() - x)).abs() < 1e-13 * (1.0 + x));
        }
        let below = cospectrum_probability(-1.0, 1).unwrap().value();
        assert!((below - (1.0 - 0.5 * f64::exp(-1.0))).abs() < 1e-15);
    }

    #[test]
    fn two_powers_match_the_convolution() {
        // The sum of two has the density (1 + |s|) e^(−|s|)/4, hence the tail (2 + s) e^(−s)/4.
        for x in [0.1, 1.0, 7.0] {
            let s: f64 = 2.0 * x;
            let truth = (2.0 + s) * (-s).exp() / 4.0;
            let found = cospectrum_probability(x, 2).unwrap().value();
            assert!((found / truth - 1.0).abs() < 1e-13);
        }
    }

    #[test]
    fn many_powers_become_normal() {
        // Variance 2/n; the kurtosis leaves 1/n.
        let p = cospectrum_probability(2.0 * f64::sqrt(2.0 / 1e4), 10_000).unwrap();
        let normal = TailProbability::from_gaussian_sigma(2.0).value();
        assert!((p.value() / normal - 1.0).abs() < 1e-3);
    }
}
