//! The non-central χ² distribution: the power of a signal in noise (Groth 1975).
//!
//! $$ F(x; \nu, \lambda) = \sum_{j=0}^\infty \frac{(\lambda/2)^j e^{-\lambda/2}}{j!}\,
//!    P(\nu/2 + j,\, x/2) $$

use super::gamma;

/// The probability of a value up to `x` with `dof` degrees of freedom and non-centrality `lambda`.
///
/// All terms are positive and P is built from its small end, so that small probabilities keep
/// their digits.
pub(crate) fn cumulative(x: f64, dof: f64, lambda: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let (a, y, mean) = (0.5 * dof, 0.5 * x, 0.5 * lambda);
    if mean == 0.0 {
        return gamma::lower(a, y);
    }
    // Beyond `last` the Poisson weights are below 1e-30 of their peak, and P falls too.
    let last = (mean + 12.0 * mean.sqrt() + 60.0).ceil();
    let mut p = gamma::lower(a + last, y);
    let mut sum = 0.0;
    let mut j = last;
    loop {
        // e^(−mean) mean^j / j!, from the same stable form as the gamma functions.
        let weight = if j == 0.0 {
            (-mean).exp()
        } else {
            gamma::ln_prefactor(j, mean).exp() / j
        };
        sum += weight * p;
        if j == 0.0 {
            return sum.min(1.0);
        }
        j -= 1.0;
        // P(s, y) = P(s + 1, y) + y^s e^(−y) / Γ(s + 1).
        let s = a + j;
        p += (gamma::ln_prefactor(s, y) - s.ln()).exp();
    }
}

/// The value below which the probability is `p`.
pub(crate) fn quantile(p: f64, dof: f64, lambda: f64) -> f64 {
    let mean = dof + lambda;
    let sigma = (2.0 * (dof + 2.0 * lambda)).sqrt();
    root(0.0, mean + 4.0 * sigma, |x| cumulative(x, dof, lambda) - p)
}

/// The non-centrality with which the probability of a value up to `x` is `p`; zero where even
/// noise alone exceeds `x` more often.
pub(crate) fn noncentrality(x: f64, dof: f64, p: f64) -> f64 {
    if cumulative(x, dof, 0.0) <= p {
        return 0.0;
    }
    root(0.0, x + 4.0 * x.sqrt() + 10.0, |lambda| {
        p - cumulative(x, dof, lambda)
    })
}

/// The root of an increasing function above `low`: `high` is doubled until it is beyond; then
/// bisection, hurried by secants (the Illinois rule).
fn root(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (low, high);
    let (mut at_low, mut at_high) = (f(low), f(high));
    while at_high < 0.0 && high < 1e12 {
        (low, at_low) = (high, at_high);
        high *= 2.0;
        at_high = f(high);
    }
    for _ in 0..200 {
        let x = (low * at_high - high * at_low) / (at_high - at_low);
        let x = if x > low && x < high {
            x
        } else {
            0.5 * (low + high)
        };
        if (high - low) <= 4.0 * f64::EPSILON * high || x == low || x == high {
            break;
        }
        let at_x = f(x);
        if at_x == 0.0 {
            return x;
        }
        if at_x < 0.0 {
            (low, at_low) = (x, at_x);
            at_high *= 0.5;
        } else {
            (high, at_high) = (x, at_x);
            at_low *= 0.5;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_degree_of_freedom_is_a_shifted_normal() {
        // √x is |z + √λ|: F = Φ(√x − √λ) − Φ(−√x − √λ).
        let phi = |z: f64| 0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2);
        for (x, lambda) in [
            (1.0_f64, 0.5_f64),
            (4.0, 9.0),
            (60.0, 40.0),
            (2.0, 60.0),
            (900.0, 1000.0),
        ] {
            let truth = phi(x.sqrt() - lambda.sqrt()) - phi(-x.sqrt() - lambda.sqrt());
            let found = cumulative(x, 1.0, lambda);
            assert!(
                (found - truth).abs() < 1e-12 * truth,
                "{x} {lambda}: {found} {truth}"
            );
        }
    }

    #[test]
    fn inverses_invert() {
        for (dof, lambda, p) in [(2.0, 40.0, 0.05), (10.0, 3.0, 0.5), (60.0, 500.0, 0.999)] {
            let x = quantile(p, dof, lambda);
            assert!((cumulative(x, dof, lambda) - p).abs() < 1e-12);
            assert!((noncentrality(x, dof, p) - lambda).abs() < 1e-9 * lambda);
        }
    }
}
