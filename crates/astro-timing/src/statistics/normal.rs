//! The upper tail of the standard normal distribution, in logarithms.

use std::f64::consts::{FRAC_1_SQRT_2, LN_2};

/// ln √(2π).
const LN_SQRT_2_PI: f64 = 0.918_938_533_204_672_8;

/// ln of the probability above `z`.
pub(crate) fn ln_survival(z: f64) -> f64 {
    if z < 20.0 {
        return (0.5 * libm::erfc(z * FRAC_1_SQRT_2)).ln();
    }
    // Laplace's continued fraction 1/(z + 1/(z + 2/(z + …))) from its far end: at z >= 20 thirty
    // levels leave less than rounding.
    let mut tail = z;
    for k in (1..=30).rev() {
        tail = z + f64::from(k) / tail;
    }
    -0.5 * z * z - LN_SQRT_2_PI - tail.ln()
}

/// The z above which the probability is exp(`ln_p`): the equivalent number of Gaussian sigmas.
pub(crate) fn from_ln_survival(ln_p: f64) -> f64 {
    if ln_p.is_nan() || ln_p > 0.0 {
        return f64::NAN;
    }
    if ln_p == f64::NEG_INFINITY {
        return f64::INFINITY;
    }
    if ln_p > -LN_2 {
        // 1 − p keeps its digits where p is close to 1.
        return -from_ln_survival((-ln_p.exp_m1()).ln());
    }
    // Abramowitz & Stegun 26.2.23, within 4.5e-4; then Newton on the concave ln of the tail.
    let t = (-2.0 * ln_p).sqrt();
    let mut z = t
        - (2.515_517 + t * (0.802_853 + t * 0.010_328))
            / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    for _ in 0..4 {
        let found = ln_survival(z);
        let slope = -(-0.5 * z * z - LN_SQRT_2_PI - found).exp();
        z -= (found - ln_p) / slope;
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_quantiles() {
        // Wichura 1988 (AS 241).
        for (p, z) in [
            (0.25, 0.674_489_750_196_081_7),
            (0.001, 3.090_232_306_167_813_5),
            (1e-20, 9.262_340_089_798_408),
        ] {
            assert!((from_ln_survival(f64::ln(p)) - z).abs() < 4e-15 * z, "{p}");
        }
        assert!(from_ln_survival(-LN_2).abs() < 1e-16);
    }

    #[test]
    fn inverse_inverts_far_beyond_thirty_sigma() {
        for z in [-8.0, -1.0, 0.3, 5.0, 19.9, 20.1, 37.0, 100.0, 1e4] {
            let back = from_ln_survival(ln_survival(z));
            assert!(
                (back - z).abs() < 1e-13 * (1.0 + z.abs()) || z < -5.0,
                "{z}: {back}"
            );
        }
    }

    #[test]
    fn the_two_branches_meet() {
        // erfc holds its digits to about z = 37.
        for z in [20.0_f64, 25.0, 36.0] {
            let direct = (0.5 * libm::erfc(z * FRAC_1_SQRT_2)).ln();
            assert!(
                (ln_survival(z) - direct).abs() < 1e-15 * direct.abs() + 1e-14,
                "{z}"
            );
        }
    }
}
