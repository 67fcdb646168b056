//! The approximations that Stingray 2.3.2 makes where the exact value is at hand, to repeat its
//! numbers ([`crate::Compat::Stingray`]).

use super::{gamma, normal};

/// ln of the χ² tail by `chi2_logp`: beyond χ²/ν = 15 (or 6 for ν > 150) by an asymptotic series
/// over Stirling's formula, which is 3·10⁻⁴ off for two degrees of freedom.
#[must_use]
pub fn ln_chi_squared_survival(chi2: f64, dof: f64) -> f64 {
    let ratio = chi2 / dof;
    if !(ratio > 15.0 || (dof > 150.0 && ratio > 6.0)) {
        return gamma::ln_chi_squared_survival(chi2, dof);
    }
    let (a, z) = (0.5 * dof, 0.5 * chi2);
    let (mut sum, mut term, mut part) = (1.0, 1.0, 1.0_f64);
    let mut i = 1.0;
    while part.abs() > 1e-15 && i < 1e6 {
        term *= a - i;
        part = term / z.powf(i);
        sum += part;
        i += 1.0;
    }
    let ln_incomplete = (a - 1.0) * z.ln() - z + f64::ln(sum);
    let y = 1.0 / (a * a);
    let ln_gamma = (a - 0.5) * a.ln() - a
        + 0.918_938_533_204_672_7
        + (((-1.0 / 1680.0 * y + 1.0 / 1260.0) * y - 1.0 / 360.0) * y + 1.0 / 12.0) / a;
    ln_incomplete - ln_gamma
}

/// ln of the probability in `trials`: ln p + ln n where that is below −7, up to 5·10⁻⁴ too large.
#[must_use]
pub fn ln_in_trials(ln_p: f64, trials: f64) -> f64 {
    let product = ln_p + trials.ln();
    if product < -7.0 {
        product
    } else {
        (1.0 - (1.0 - ln_p.exp()).powf(trials)).ln()
    }
}

/// ln of the probability a trial: ln p − ln n where ln p is below −7, NaN where p is 1 within
/// 10⁻¹².
#[must_use]
pub fn ln_single_trial(ln_p: f64, trials: f64) -> f64 {
    if ln_p < -7.0 {
        ln_p - trials.ln()
    } else if 1.0 - ln_p.exp() < 1e-12 {
        f64::NAN
    } else {
        (1.0 - (1.0 - ln_p.exp()).powf(1.0 / trials)).ln()
    }
}

/// The equivalent number of sigmas: below ln p = −300 by the rational approximation 26.2.23 of
/// Abramowitz & Stegun, up to 4.5·10⁻⁴ off.
#[must_use]
pub fn gaussian_sigma(ln_p: f64) -> f64 {
    if ln_p >= -300.0 {
        return normal::from_ln_survival(ln_p);
    }
    let t = (-2.0 * ln_p).sqrt();
    t - (2.515_517 + t * (0.802_853 + t * 0.010_328))
        / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)))
}

/// The tail of the mean of `averages` cospectral powers: a normal distribution beyond 50.
#[must_use]
pub fn cospectrum_survival(power: f64, averages: usize) -> f64 {
    if averages > 50 {
        let sigma = (2.0 / averages as f64).sqrt();
        normal::ln_survival(power / sigma).exp()
    } else {
        super::cospectrum_probability(power, averages).map_or(f64::NAN, |p| p.value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_their_stated_errors() {
        assert!((ln_chi_squared_survival(40.0, 2.0) + 20.0 - 3.0749e-4).abs() < 1e-7);
        assert_eq!(
            ln_chi_squared_survival(20.0, 2.0),
            gamma::ln_chi_squared_survival(20.0, 2.0)
        );
        assert!((gaussian_sigma(-1000.0) - normal::from_ln_survival(-1000.0)).abs() < 4.5e-4);
        let exact = super::super::TailProbability::new(9e-7)
            .unwrap()
            .in_trials(1e3)
            .unwrap();
        let ratio = (ln_in_trials(9e-7_f64.ln(), 1e3) - exact.ln()).exp();
        assert!(ratio > 1.0 + 1e-4 && ratio < 1.0 + 5e-4);
        assert!(ln_single_trial(0.0, 10.0).is_nan());
    }
}
