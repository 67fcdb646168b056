//! The regularised incomplete beta function, in logarithms.
//!
//! $$ I_x(a, b) = \frac{1}{B(a, b)} \int_0^x t^{a-1} (1 - t)^{b-1}\, dt $$

/// ln I_x(a, b) for a, b > 0 and x in [0, 1].
pub(crate) fn ln_regularised(x: f64, a: f64, b: f64) -> f64 {
    if x.is_nan() {
        f64::NAN
    } else if x <= 0.0 {
        f64::NEG_INFINITY
    } else if x >= 1.0 {
        0.0
    } else if x < (a + 1.0) / (a + b + 2.0) {
        ln_fraction(x, a, b)
    } else {
        (-ln_fraction(1.0 - x, b, a).exp()).ln_1p()
    }
}

/// The x with ln I_x(a, b) = `ln_p`, by bisection in logarithms and a secant finish.
pub(crate) fn inverse_ln_regularised(ln_p: f64, a: f64, b: f64) -> f64 {
    if ln_p.is_nan() || ln_p > 0.0 {
        return f64::NAN;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..1100 {
        let middle = 0.5 * (low + high);
        if middle == low || middle == high {
            break;
        }
        if ln_regularised(middle, a, b) < ln_p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// ln I_x(a, b) by its continued fraction (modified Lentz), for x < (a + 1)/(a + b + 2).
fn ln_fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |value: f64| if value.abs() < TINY { TINY } else { value };
    let ln_front = a * x.ln() + b * (-x).ln_1p() - a.ln() - libm::lgamma(a) - libm::lgamma(b)
        + libm::lgamma(a + b);
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..100_000 {
        let m = f64::from(m);
        for numerator in [
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        ] {
            d = 1.0 / guard(1.0 + numerator * d);
            c = guard(1.0 + numerator / c);
            h *= c * d;
        }
        if (c * d - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    ln_front + h.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binomial_sums() {
        // I_x(a, n − a + 1) = Σ_{k>=a} C(n, k) x^k (1 − x)^(n − k).
        for (n, a, x) in [(10_u32, 3_u32, 0.2_f64), (40, 30, 0.4), (40, 5, 0.7)] {
            let truth: f64 = (a..=n)
                .map(|k| {
                    let (n, k) = (f64::from(n), f64::from(k));
                    let ln_choose =
                        libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
                    (ln_choose + k * x.ln() + (n - k) * (-x).ln_1p()).exp()
                })
                .sum();
            let found = ln_regularised(x, f64::from(a), f64::from(n - a + 1)).exp();
            assert!((found / truth - 1.0).abs() < 1e-12, "{n} {a} {x}");
        }
    }

    #[test]
    fn inverse_inverts() {
        for (a, b) in [(0.5, 3.0), (490.0, 4.5), (20.0, 20.0)] {
            for ln_p in [-200.0, -10.0, -0.5, -1e-6] {
                let x = inverse_ln_regularised(ln_p, a, b);
                let back = ln_regularised(x, a, b);
                assert!(
                    (back - ln_p).abs() < 1e-11 * (1.0 + ln_p.abs()),
                    "{a} {b} {ln_p}"
                );
            }
        }
    }
}
