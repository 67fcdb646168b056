//! Interpolation at Chebyshev nodes on a panel.

use super::bessel::bessel_jn;
use std::f64::consts::PI;

/// Chebyshev nodes of the first kind on [−1, 1] with barycentric weights.
#[derive(Clone, Debug)]
pub(super) struct Chebyshev {
    nodes: Vec<f64>,
    weights: Vec<f64>,
}

impl Chebyshev {
    pub(super) fn new(count: usize) -> Self {
        let angle = |k: usize| PI * (k as f64 + 0.5) / count as f64;
        let sign = |k: usize| if k.is_multiple_of(2) { 1.0 } else { -1.0 };
        Self {
            nodes: (0..count).map(|k| -angle(k).cos()).collect(),
            weights: (0..count).map(|k| sign(k) * angle(k).sin()).collect(),
        }
    }

    pub(super) fn nodes(&self) -> &[f64] {
        &self.nodes
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Values of the Lagrange basis polynomials at `x` (second barycentric
    /// formula: Berrut & Trefethen 2004, SIAM Review 46, 501).
    pub(super) fn basis(&self, x: f64, out: &mut [f64]) {
        if let Some(hit) = self.nodes.iter().position(|&node| node == x) {
            out.fill(0.0);
            out[hit] = 1.0;
            return;
        }
        let mut sum = 0.0;
        for ((out, &node), &weight) in out.iter_mut().zip(&self.nodes).zip(&self.weights) {
            *out = weight / (x - node);
            sum += *out;
        }
        out.iter_mut().for_each(|value| *value /= sum);
    }
}

/// How many nodes (a multiple of 8) interpolate cos(κx) and sin(κx) on
/// [−1, 1], and hence J0 over a panel with half phase advance κ, to `error`.
///
/// The Chebyshev coefficients are 2 J_k(κ), and interpolation at most doubles
/// the sum of those left out (Trefethen 2013, theorem 4.2).
pub(super) fn node_count(kappa: f64, error: f64) -> usize {
    let mut count = ((kappa / 8.0) as usize).max(1) * 8;
    loop {
        let mut tail = 0.0;
        for order in count.. {
            let term = 4.0 * bessel_jn(order as i32, kappa).abs();
            tail += term;
            if tail > error || (order as f64 > kappa && term < 1e-3 * error) {
                break;
            }
        }
        if tail <= error {
            return count;
        }
        count += 8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_count_is_enough_and_not_wasteful() {
        for kappa in [0.01, 3.0, 25.0, 100.0] {
            for error in [1e-4, 1e-9, 1e-14] {
                let count = node_count(kappa, error);
                let worst = interpolation_error(count, kappa);
                assert!(
                    worst < error + 2e-15 * (1.0 + kappa),
                    "{kappa} {error}: {worst}"
                );
                if count > 24 {
                    assert!(interpolation_error(count - 16, kappa) > error);
                }
            }
        }
    }

    fn interpolation_error(count: usize, kappa: f64) -> f64 {
        let rule = Chebyshev::new(count);
        let mut basis = vec![0.0; count];
        (0..=200)
            .map(|k| {
                let x = k as f64 / 100.0 - 1.0;
                rule.basis(x, &mut basis);
                let value: f64 = (basis.iter().zip(rule.nodes()))
                    .map(|(b, node)| b * (kappa * node + 0.4).cos())
                    .sum();
                (value - (kappa * x + 0.4).cos()).abs()
            })
            .fold(0.0, f64::max)
    }
}
