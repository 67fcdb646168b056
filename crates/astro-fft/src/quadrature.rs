//! Gauss-Legendre quadrature.

use std::f64::consts::PI;

/// Nodes in (−1, 1), ascending, and weights of the rule that integrates
/// polynomials of degree 2·count − 1 exactly.
///
/// Newton's method on the Legendre polynomial from Tricomi's starting point
/// (Press et al., Numerical Recipes, section 4.6, states the same iteration).
pub(crate) fn gauss_legendre(count: usize) -> Vec<(f64, f64)> {
    let n = count as f64;
    (0..count)
        .map(|k| {
            let mut x = -(PI * (k as f64 + 0.75) / (n + 0.5)).cos();
            let mut slope = 1.0;
            // Quadratic convergence from a start good to 1/n²: 8 is ample.
            for _ in 0..8 {
                let (mut previous, mut current) = (1.0, x);
                for degree in 2..=count {
                    let d = degree as f64;
                    let next = ((2.0 * d - 1.0) * x * current - (d - 1.0) * previous) / d;
                    (previous, current) = (current, next);
                }
                slope = n * (x * current - previous) / (x * x - 1.0);
                x -= current / slope;
            }
            (x, 2.0 / ((1.0 - x * x) * slope * slope))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_for_polynomials() {
        for count in [2, 5, 12, 40] {
            let rule = gauss_legendre(count);
            for power in (0..2 * count).step_by(2) {
                let integral: f64 = rule.iter().map(|&(x, w)| w * x.powi(power as i32)).sum();
                let truth = 2.0 / (power as f64 + 1.0);
                assert!((integral - truth).abs() < 2e-14, "{count} {power}");
            }
            let odd: f64 = rule.iter().map(|&(x, w)| w * x.powi(3)).sum();
            assert!(odd.abs() < 1e-15);
        }
    }
}
