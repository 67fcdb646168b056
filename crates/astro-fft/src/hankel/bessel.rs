//! Bessel functions of the first kind.

/// J0(x), to about one unit of the last place of 1 in absolute terms.
///
/// ```
/// assert!(astro_fft::bessel_j0(2.404_825_557_695_773).abs() < 1e-15);
/// ```
#[must_use]
pub fn bessel_j0(x: f64) -> f64 {
    libm::j0(x)
}

/// J1(x), to about one unit of the last place of 1 in absolute terms.
///
/// ```
/// assert!(astro_fft::bessel_j1(3.831_705_970_207_512).abs() < 1e-15);
/// ```
#[must_use]
pub fn bessel_j1(x: f64) -> f64 {
    libm::j1(x)
}

/// J_n(x) for n >= 0.
pub(super) fn bessel_jn(order: i32, x: f64) -> f64 {
    libm::jn(order, x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Abramowitz & Stegun (1964), table 9.1: x, J0(x), J1(x).
    const PUBLISHED: [(f64, f64, f64); 5] = [
        (0.0, 1.0, 0.0),
        (1.0, 0.765_197_686_557_966_6, 0.440_050_585_744_933_5),
        (2.0, 0.223_890_779_141_235_7, 0.576_724_807_756_873_4),
        (5.0, -0.177_596_771_314_338_3, -0.327_579_137_591_465_2),
        (10.0, -0.245_935_764_451_348_3, 0.043_472_746_168_861_44),
    ];

    #[test]
    fn published_values() {
        for (x, j0, j1) in PUBLISHED {
            assert!((bessel_j0(x) - j0).abs() < 3e-16, "J0({x})");
            assert!((bessel_j1(x) - j1).abs() < 3e-16, "J1({x})");
        }
    }

    /// J_n(x) = (1/π) ∫ cos(nθ − x sin θ) dθ: the trapezoidal rule converges
    /// geometrically once it resolves the argument.
    #[test]
    fn integral_representation_at_large_argument() {
        for x in [0.3_f64, 7.9, 8.1, 63.7, 411.3, 2000.5] {
            let steps = 8 * (x as usize + 40);
            let integral = |order: f64| {
                (0..steps)
                    .map(|k| std::f64::consts::TAU * k as f64 / steps as f64)
                    .map(|angle| (order * angle - x * angle.sin()).cos())
                    .sum::<f64>()
                    / steps as f64
            };
            // The argument of the cosine is itself rounded to eps·x.
            let tolerance = 1e-15 + 1e-16 * x;
            assert!((bessel_j0(x) - integral(0.0)).abs() < tolerance, "J0({x})");
            assert!((bessel_j1(x) - integral(1.0)).abs() < tolerance, "J1({x})");
        }
    }
}
