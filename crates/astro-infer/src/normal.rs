//! The standard normal distribution: Φ, its logarithm-free tails, and Φ⁻¹.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// ln √(2π).
pub(crate) const LN_SQRT_2_PI: f64 = 0.918_938_533_204_672_8;

/// Φ(z) = erfc(−z/√2)/2, accurate in relative terms in the lower tail.
pub(crate) fn cumulative(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// Φ(b) − Φ(a) for a ≤ b, computed in the tail where the two do not cancel.
pub(crate) fn interval(a: f64, b: f64) -> f64 {
    if a > 0.0 {
        cumulative(-a) - cumulative(-b)
    } else {
        cumulative(b) - cumulative(a)
    }
}

/// Φ⁻¹(p) for p in [0, 1], ∓∞ at the ends.
///
/// A rational start (Abramowitz & Stegun 26.2.23, error 4.5e-4) and two Halley
/// steps on Φ, which leave rounding alone.
pub(crate) fn quantile(p: f64) -> f64 {
    if p > 0.5 {
        // 1 − p is exact there (Sterbenz), and the lower tail keeps its digits.
        return -quantile(1.0 - p);
    }
    if p == 0.5 {
        return 0.0;
    }
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    let t = (-2.0 * p.ln()).sqrt();
    let mut z = (2.515_517 + t * (0.802_853 + t * 0.010_328))
        / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)))
        - t;
    for _ in 0..2 {
        let step = (cumulative(z) - p) * (2.0 * PI).sqrt() * (0.5 * z * z).exp();
        z -= step / (1.0 + 0.5 * z * step);
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_match_published_values() {
        // Wichura 1988 (AS 241) gives these as its check values.
        for (p, z) in [
            (0.25, -0.674_489_750_196_081_7),
            (0.001, -3.090_232_306_167_813_5),
            (1e-20, -9.262_340_089_798_408),
        ] {
            assert!((quantile(p) - z).abs() < 1e-14 * z.abs(), "{p}");
            assert!(p < 0.01 || (quantile(1.0 - p) + z).abs() < 1e-14);
        }
        assert_eq!(quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(quantile(1.0), f64::INFINITY);
    }

    #[test]
    fn quantile_inverts_cumulative() {
        for k in 1..2000 {
            let p = f64::from(k) / 2000.0;
            assert!((cumulative(quantile(p)) - p).abs() < 4e-16, "{p}");
        }
        for exponent in 1..300 {
            let p = 10f64.powi(-exponent);
            // d ln Φ/dz grows as |z|, so a rounding of z is |z| ε in ln p.
            let tolerance = 4.0 * f64::EPSILON * (1.0 + quantile(p).powi(2));
            assert!((cumulative(quantile(p)) / p - 1.0).abs() < tolerance, "{p}");
        }
    }

    #[test]
    fn intervals_keep_their_digits_in_both_tails() {
        let lower = interval(-9.0, -8.0);
        assert!((interval(8.0, 9.0) / lower - 1.0).abs() < 1e-15);
        assert!((interval(-1.0, 1.0) - 0.682_689_492_137_085_9).abs() < 1e-15);
    }
}
