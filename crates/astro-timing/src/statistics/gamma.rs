//! The regularised incomplete gamma functions and the χ² distribution, in logarithms.
//!
//! $$ Q(a, x) = \frac{1}{\Gamma(a)} \int_x^\infty t^{a-1} e^{-t}\, dt, \qquad P = 1 - Q $$
//!
//! The survival function of χ² with ν degrees of freedom is Q(ν/2, χ²/2). Logarithms keep their
//! digits where the probability itself is far below the smallest `f64`.

use std::f64::consts::PI;

use super::normal;

/// Iterations after which a series or fraction is given up: far more than 10⁸ degrees of
/// freedom need.
const MAX_ITERATIONS: usize = 1_000_000;

/// ln of the tail probability of χ² with `dof` > 0 degrees of freedom beyond `chi2`.
pub(crate) fn ln_chi_squared_survival(chi2: f64, dof: f64) -> f64 {
    ln_upper(0.5 * dof, 0.5 * chi2)
}

/// The χ² whose tail probability with `dof` degrees of freedom is exp(`ln_p`).
pub(crate) fn chi_squared_from_ln_survival(ln_p: f64, dof: f64) -> f64 {
    2.0 * inverse_ln_upper(0.5 * dof, ln_p)
}

/// ln Q(a, x) for a > 0.
pub(crate) fn ln_upper(a: f64, x: f64) -> f64 {
    if x.is_nan() || a.is_nan() {
        f64::NAN
    } else if x <= 0.0 {
        0.0
    } else if x == f64::INFINITY {
        f64::NEG_INFINITY
    } else if x < a + 1.0 {
        (-lower_series(a, x).exp()).ln_1p()
    } else {
        ln_prefactor(a, x) + upper_fraction(a, x).ln()
    }
}

/// P(a, x) for a > 0, accurate in relative terms in its own tail.
pub(crate) fn lower(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x < a + 1.0 {
        lower_series(a, x).exp()
    } else {
        -ln_upper(a, x).exp_m1()
    }
}

/// ln of x^a e^(−x) / Γ(a), without the cancellation of large terms.
pub(crate) fn ln_prefactor(a: f64, x: f64) -> f64 {
    if a < 16.0 {
        a * x.ln() - x - libm::lgamma(a)
    } else {
        0.5 * (a / (2.0 * PI)).ln() - stirling_error(a) - deviance(a, x)
    }
}

/// ln Γ(a + 1) − (a + ½) ln a + a − ½ ln 2π for a >= 16 (Loader 2000).
fn stirling_error(a: f64) -> f64 {
    let y = 1.0 / (a * a);
    (1.0 / 12.0 - y * (1.0 / 360.0 - y * (1.0 / 1260.0 - y * (1.0 / 1680.0 - y / 1188.0)))) / a
}

/// a ln(a/x) + x − a, by a series where the terms nearly cancel (Loader 2000).
fn deviance(a: f64, x: f64) -> f64 {
    if (a - x).abs() > 0.1 * (a + x) {
        return a * (a / x).ln() + x - a;
    }
    let v = (a - x) / (a + x);
    let mut sum = (a - x) * v;
    let mut term = 2.0 * a * v;
    for j in 1..1000 {
        term *= v * v;
        let next = sum + term / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// ln P(a, x) by its power series, for x < a + 1.
fn lower_series(a: f64, x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    let mut n = a;
    for _ in 0..MAX_ITERATIONS {
        n += 1.0;
        term *= x / n;
        sum += term;
        if term < sum * f64::EPSILON * 0.25 {
            break;
        }
    }
    ln_prefactor(a, x) - a.ln() + sum.ln()
}

/// Q(a, x) over its prefactor by Legendre's continued fraction (modified Lentz), for x >= a + 1.
fn upper_fraction(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut h = d;
    for i in 1..MAX_ITERATIONS {
        let i = i as f64;
        let numerator = -i * (i - a);
        b += 2.0;
        d = numerator * d + b;
        d = 1.0 / if d.abs() < TINY { TINY } else { d };
        c = b + numerator / c;
        c = if c.abs() < TINY { TINY } else { c };
        let factor = c * d;
        h *= factor;
        if (factor - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    h
}

/// The x with ln Q(a, x) = `ln_q`.
///
/// Wilson and Hilferty's cube gives the start; Newton steps on ln Q, kept within a bracket, leave
/// rounding alone.
pub(crate) fn inverse_ln_upper(a: f64, ln_q: f64) -> f64 {
    if ln_q.is_nan() || ln_q > 0.0 {
        return f64::NAN;
    }
    if ln_q == 0.0 {
        return 0.0;
    }
    if ln_q == f64::NEG_INFINITY {
        return f64::INFINITY;
    }
    let h = 1.0 / (9.0 * a);
    let cube = 1.0 - h + normal::from_ln_survival(ln_q) * h.sqrt();
    let mut x = if cube > 0.0 { a * cube.powi(3) } else { 0.0 };
    if x <= 0.0 {
        // Near the origin P = x^a / Γ(a + 1).
        let ln_p = (-ln_q.exp_m1()).ln();
        x = ((ln_p + libm::lgamma(a + 1.0)) / a)
            .exp()
            .max(f64::MIN_POSITIVE);
    }
    let (mut low, mut high) = (0.0, f64::INFINITY);
    for _ in 0..200 {
        let found = ln_upper(a, x);
        if found > ln_q {
            low = x;
        } else {
            high = x;
        }
        let slope = -(ln_prefactor(a, x) - x.ln() - found).exp();
        let mut next = x - (found - ln_q) / slope;
        if !(next > low && next < high) {
            next = if high.is_finite() {
                0.5 * (low + high)
            } else {
                2.0 * x
            };
        }
        if (next - x).abs() <= 2.0 * f64::EPSILON * x {
            return next;
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_degrees_of_freedom_are_an_exponential() {
        for chi2 in [1e-3, 0.5, 2.0, 30.0, 400.0, 5000.0, 1e6] {
            let ln_p = ln_chi_squared_survival(chi2, 2.0);
            assert!((ln_p + 0.5 * chi2).abs() < 4e-15 * (1.0 + chi2), "{chi2}");
        }
    }

    #[test]
    fn integer_shapes_are_poisson_sums() {
        // Q(n, x) = e^(−x) Σ_{k<n} x^k / k!, summed in logarithms of positive terms.
        for n in [1_u32, 2, 5, 30, 200, 1500] {
            for x in [0.5, 3.0, 29.0, 180.0, 1400.0, 1700.0, 4000.0] {
                let terms: Vec<f64> = (0..n)
                    .map(|k| {
                        let k = f64::from(k);
                        k * f64::ln(x) - x - libm::lgamma(k + 1.0)
                    })
                    .collect();
                let top = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = terms.iter().map(|t| (t - top).exp()).sum();
                let truth = top + sum.ln();
                let found = ln_upper(f64::from(n), x);
                // The terms of the truth cancel to about 10³ ε · ln(10³).
                let tolerance = 1e-12 * (1.0 + truth.abs());
                assert!(
                    (found - truth).abs() < tolerance,
                    "{n} {x}: {found} {truth}"
                );
            }
        }
    }

    #[test]
    fn half_shape_is_the_error_function() {
        for x in [1e-4, 0.3, 1.0, 2.0, 9.0, 100.0] {
            let truth = libm::erfc(f64::sqrt(x)).ln();
            assert!(
                (ln_upper(0.5, x) - truth).abs() < 1e-14 * (1.0 + truth.abs()),
                "{x}"
            );
        }
    }

    #[test]
    fn inverse_inverts() {
        for a in [0.5, 1.0, 2.5, 15.9, 16.1, 400.0, 1e5] {
            for ln_q in [-1e-8, -0.01, -0.7, -5.0, -60.0, -1000.0, -1e5] {
                let x = inverse_ln_upper(a, ln_q);
                let back = ln_upper(a, x);
                // A rounding of x moves ln Q by x |d ln Q/dx| ε.
                let slope = (ln_prefactor(a, x) - back).exp();
                let tolerance = 8.0 * f64::EPSILON * (1.0 + ln_q.abs() + slope + a.sqrt());
                assert!((back - ln_q).abs() < tolerance, "{a} {ln_q}: {back}");
            }
        }
        assert_eq!(inverse_ln_upper(3.0, 0.0), 0.0);
        assert!(inverse_ln_upper(3.0, 0.1).is_nan());
    }

    #[test]
    fn published_quantiles() {
        // Abramowitz & Stegun, table 26.8.
        for (dof, p, chi2) in [
            (1.0, 0.05, 3.84146),
            (5.0, 0.01, 15.0863),
            (30.0, 0.001, 59.7031),
            (100.0, 0.95, 77.9295),
        ] {
            let found = chi_squared_from_ln_survival(f64::ln(p), dof);
            assert!(
                (found - chi2).abs() < 5e-5 * chi2.min(10.0),
                "{dof} {p}: {found}"
            );
        }
    }
}
