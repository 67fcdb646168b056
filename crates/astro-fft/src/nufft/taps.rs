//! The kernel as one polynomial a tap, for evaluation by vector arithmetic.

use super::kernel::{EsKernel, largest_error};

/// Highest degree considered.
const MAX_DEGREE: usize = 26;

/// Points where a polynomial meets the kernel while its degree is sought.
const SAMPLES: usize = 40;

/// A kernel cut into `width` taps of one grid step; tap i at the fraction
/// f = (1 + t)/2, t in [−1, 1], is φ(2(f + i − width/2)/width) ≈ Σ_k c_ik t^k.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Taps {
    width: usize,
    /// [degree + 1][width], from the highest power down.
    coefficients: Vec<f64>,
}

impl Taps {
    /// The lowest degree whose dropped Chebyshev terms stay below `tolerance`,
    /// in units of the peak of the kernel.
    pub(super) fn new(kernel: &EsKernel, tolerance: f64) -> Self {
        let width = kernel.width();
        let series: Vec<Vec<f64>> = (0..width).map(|tap| chebyshev(kernel, tap)).collect();
        let tail = |degree: usize| -> f64 {
            series
                .iter()
                .map(|c| c[degree + 1..].iter().map(|x| x.abs()).sum::<f64>())
                .fold(0.0, f64::max)
        };
        let degree = (1..MAX_DEGREE)
            .find(|&degree| tail(degree) <= tolerance)
            .unwrap_or(MAX_DEGREE);
        let mut coefficients = vec![0.0; (degree + 1) * width];
        for (tap, c) in series.iter().enumerate() {
            for (power, value) in monomials(&c[..=degree]).into_iter().enumerate() {
                coefficients[(degree - power) * width + tap] = value;
            }
        }
        Self {
            width,
            coefficients,
        }
    }

    /// One tap of value one: an axis of a single sample needs no kernel.
    pub(super) fn identity() -> Self {
        Self {
            width: 1,
            coefficients: vec![1.0],
        }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn degree(&self) -> usize {
        self.coefficients.len() / self.width - 1
    }

    /// Coefficients of one power for all taps, `step` 0 the highest power.
    pub(super) fn step(&self, step: usize) -> &[f64] {
        &self.coefficients[step * self.width..][..self.width]
    }

    /// Tap `tap` at t in [−1, 1], in `f64`.
    pub(super) fn evaluate(&self, tap: usize, t: f64) -> f64 {
        self.coefficients
            .iter()
            .skip(tap)
            .step_by(self.width)
            .fold(0.0, |sum, c| sum * t + c)
    }

    /// As [`EsKernel::interpolation_error`], with these polynomials.
    pub(super) fn interpolation_error(&self, kernel: &EsKernel, oversampling: f64) -> f64 {
        let half = 0.5 * self.width as f64;
        [0.0, 0.7, 0.9, 1.0]
            .into_iter()
            .map(|part| {
                let frequency = part * 0.5 / oversampling;
                let transform = kernel.fourier_transform(frequency);
                largest_error(transform, frequency, 16, |fraction| {
                    (0..self.width).map(move |tap| {
                        (
                            fraction + tap as f64 - half,
                            self.evaluate(tap, 2.0 * fraction - 1.0),
                        )
                    })
                })
            })
            .fold(0.0, f64::max)
    }
}

/// Chebyshev coefficients of one tap.
fn chebyshev(kernel: &EsKernel, tap: usize) -> Vec<f64> {
    use std::f64::consts::PI;
    let half = 0.5 * kernel.width() as f64;
    // cos(π m/(2 SAMPLES)), of period 4 SAMPLES in m
    let cosines: Vec<f64> = (0..4 * SAMPLES)
        .map(|m| (PI * m as f64 / (2 * SAMPLES) as f64).cos())
        .collect();
    let values: Vec<f64> = (0..SAMPLES)
        .map(|j| {
            let fraction = 0.5 * (1.0 + cosines[2 * j + 1]);
            kernel.evaluate((fraction + tap as f64 - half) / half)
        })
        .collect();
    (0..SAMPLES)
        .map(|k| {
            let sum: f64 = values
                .iter()
                .enumerate()
                .map(|(j, value)| value * cosines[k * (2 * j + 1) % (4 * SAMPLES)])
                .sum();
            sum * if k == 0 { 1.0 } else { 2.0 } / SAMPLES as f64
        })
        .collect()
}

/// Σ c_k T_k(t) as Σ a_k t^k, by T_{k+1} = 2t T_k − T_{k−1}.
fn monomials(series: &[f64]) -> Vec<f64> {
    let count = series.len();
    let mut sum = vec![0.0; count];
    let mut previous = vec![0.0; count];
    let mut current = vec![0.0; count];
    current[0] = 1.0;
    for (k, &c) in series.iter().enumerate() {
        for (total, t) in sum.iter_mut().zip(&current) {
            *total += c * t;
        }
        if k + 1 == count {
            break;
        }
        let mut next = vec![0.0; count];
        let factor = if k == 0 { 1.0 } else { 2.0 };
        for power in 1..count {
            next[power] = factor * current[power - 1];
        }
        if k > 0 {
            for (n, p) in next.iter_mut().zip(&previous) {
                *n -= p;
            }
        }
        previous = std::mem::replace(&mut current, next);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_follow_the_kernel() {
        for (width, beta, tolerance) in [(4, 8.7, 1e-5), (8, 18.5, 1e-9), (15, 34.6, 1e-14)] {
            let kernel = EsKernel::new(width, beta).unwrap();
            let taps = Taps::new(&kernel, tolerance);
            let half = 0.5 * width as f64;
            // The square root at the ends of the kernel, of height exp(−β), is
            // beyond any polynomial; elsewhere the tolerance holds.
            let allowed = tolerance + (-beta).exp() + 1e-15;
            for tap in 0..width {
                for j in 0..=100 {
                    let t = f64::from(j) / 50.0 - 1.0;
                    let truth = kernel.evaluate((0.5 * (1.0 + t) + tap as f64 - half) / half);
                    let error = (taps.evaluate(tap, t) - truth).abs();
                    assert!(
                        error <= allowed,
                        "width {width}, tap {tap}, t {t}: {error:e}"
                    );
                }
            }
        }
    }

    #[test]
    fn chebyshev_polynomials_become_monomials() {
        assert_eq!(
            monomials(&[0.0, 0.0, 0.0, 0.0, 1.0]),
            [1.0, 0.0, -8.0, 0.0, 8.0]
        );
        assert_eq!(monomials(&[2.0]), [2.0]);
    }
}
