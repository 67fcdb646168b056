//! Fresnel's integrals.

use std::f64::consts::{FRAC_PI_2, PI};

use num_complex::Complex64;

/// C(x) + i S(x) = ∫₀ˣ exp(iπt²/2) dt.
///
/// The power series below 1.6, where its terms cancel by less than a factor of 60; above, the
/// continued fraction of the complementary error function.
pub(super) fn fresnel(x: f64) -> Complex64 {
    let size = x.abs();
    let found = if size < 1.6 {
        series(size)
    } else {
        fraction(size)
    };
    if x < 0.0 { -found } else { found }
}

fn series(x: f64) -> Complex64 {
    // Σ (iπx²/2)ⁿ/n! · x/(2n + 1).
    let step = Complex64::new(0.0, FRAC_PI_2 * x * x);
    let mut term = Complex64::new(x, 0.0);
    let mut sum = term;
    for n in 1..60 {
        term *= step / f64::from(n);
        let part = term / f64::from(2 * n + 1);
        sum += part;
        if part.norm() < 1e-18 * sum.norm() {
            break;
        }
    }
    sum
}

fn fraction(x: f64) -> Complex64 {
    // Lentz's method.
    let mut b = Complex64::new(1.0, -PI * x * x);
    let mut c = Complex64::new(1e300, 0.0);
    let mut d = 1.0 / b;
    let mut h = d;
    let mut n = -1.0;
    for _ in 0..500 {
        n += 2.0;
        let a = -n * (n + 1.0);
        b += 4.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        let factor = c * d;
        h *= factor;
        if (factor - 1.0).norm() < 1e-16 {
            break;
        }
    }
    let tail = Complex64::new(x, -x) * h * Complex64::cis(FRAC_PI_2 * x * x);
    Complex64::new(0.5, 0.5) * (1.0 - tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabulated_values() {
        // Abramowitz & Stegun 1964, table 7.7 (seven digits), and more digits of C(1), S(1).
        for (x, c, s, digits) in [
            (0.5, 0.492_344_225_9, 0.064_732_432_9, 1e-9),
            (1.0, 0.779_893_400_376_822_8, 0.438_259_147_390_354_8, 1e-15),
            (2.0, 0.488_253_406_0, 0.343_415_678_4, 1e-9),
            (5.0, 0.563_631_188_7, 0.499_191_381_9, 1e-9),
        ] {
            assert!((fresnel(x) - Complex64::new(c, s)).norm() < digits, "{x}");
            assert_eq!(fresnel(-x), -fresnel(x));
        }
        // Both forms where they meet.
        assert!((series(1.6) - fraction(1.6)).norm() < 1e-14);
    }
}
