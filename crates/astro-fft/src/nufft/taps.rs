//! The kernel as one polynomial a tap, for evaluation by vector arithmetic.

use super::kernel::{EsKernel, largest_error};

/// Highest degree considered.
const MAX_DEGREE: usize = 26;

/// Frequencies where the error is measured, in units of the highest one.
const FREQUENCIES: [f64; 4] = [1.0, 0.95, 0.85, 0.5];

/// Points where a polynomial meets the kernel while its degree is sought.
const SAMPLES: usize = 40;

/// A kernel cut into `width` taps of one grid step; tap i at the fraction
/// f = (1 + t)/2, t in [−1, 1], is φ(2(f + i − width/2)/width) ≈ Σ_k c_ik t^k.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Taps {
    width: usize,
    /// `[degree + 1][width]`, from the highest power down.
    coefficients: Vec<f64>,
}

impl Taps {
    /// The lowest degree that keeps the interpolation error of `kernel` on a grid
    /// of the given `oversampling` within `error`, if there is one.
    pub(super) fn new(kernel: &EsKernel, oversampling: f64, error: f64) -> Option<Self> {
        let series: Vec<Vec<f64>> = (0..kernel.width())
            .map(|tap| chebyshev(kernel, tap))
            .collect();
        let transforms = FREQUENCIES.map(|part| {
            let frequency = part * 0.5 / oversampling;
            (frequency, kernel.fourier_transform(frequency))
        });
        let taps = |degree| Some(Self::of_degree(&series, degree));
        let good = |taps: &Self| taps.error_at(&transforms) <= error;
        // Degrees are close to this; the error falls with the degree.
        let guess = (-0.8 * error.log10()) as usize;
        let guess = guess.clamp(2, MAX_DEGREE);
        let mut best = (guess..=MAX_DEGREE).filter_map(taps).find(good)?;
        if best.degree() == guess {
            let lower = (1..guess).rev().filter_map(taps).take_while(good);
            best = lower.last().unwrap_or(best);
        }
        Some(best)
    }

    /// The derivatives of the taps with respect to t, as polynomials of the same degree: `[degree + 1][width]`,
    /// from the highest power down.
    #[cfg(any(feature = "gpu", test))]
    pub(super) fn slopes(&self, kernel: &EsKernel) -> Vec<f64> {
        let series: Vec<Vec<f64>> = (0..self.width)
            .map(|tap| differentiated(&chebyshev(kernel, tap)))
            .collect();
        Self::of_degree(&series, self.degree()).coefficients
    }

    /// Polynomials of the leading terms of Chebyshev series, one a tap.
    fn of_degree(series: &[Vec<f64>], degree: usize) -> Self {
        let width = series.len();
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

    /// Coefficients of t^`power` for all taps, `power` up to the degree.
    pub(super) fn power(&self, power: usize) -> &[f64] {
        &self.coefficients[(self.degree() - power) * self.width..][..self.width]
    }

    /// Tap `tap` at t in [−1, 1], in `f64`.
    pub(super) fn evaluate(&self, tap: usize, t: f64) -> f64 {
        self.coefficients
            .iter()
            .skip(tap)
            .step_by(self.width)
            .fold(0.0, |sum, c| sum * t + c)
    }

    /// The largest interpolation error at some (frequency, φ̂), as
    /// [`EsKernel::interpolation_error`] but with these polynomials.
    fn error_at(&self, transforms: &[(f64, f64)]) -> f64 {
        // Not a divisor of anything, so that no zero of the error is met again.
        const POINTS: usize = 29;
        let half = 0.5 * self.width as f64;
        let mut largest = 0.0_f64;
        for &(frequency, transform) in transforms {
            let error = largest_error(transform, frequency, POINTS, |fraction| {
                (0..self.width).map(move |tap| {
                    let value = self.evaluate(tap, 2.0 * fraction - 1.0);
                    (fraction + tap as f64 - half, value)
                })
            });
            largest = largest.max(error);
        }
        largest
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

/// The series of the derivative, by c′_{k−1} = c′_{k+1} + 2k c_k.
#[cfg(any(feature = "gpu", test))]
fn differentiated(series: &[f64]) -> Vec<f64> {
    let mut slopes = vec![0.0; series.len() + 1];
    for k in (1..series.len()).rev() {
        slopes[k - 1] = slopes[k + 1] + 2.0 * k as f64 * series[k];
    }
    slopes[0] *= 0.5;
    slopes
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
        for (width, sigma, error) in [
            (4, 2.0, 2e-3),
            (8, 2.0, 1e-6),
            (15, 2.0, 1e-13),
            (18, 1.5, 1e-12),
        ] {
            let kernel = EsKernel::best_for(width, sigma).unwrap();
            let taps = Taps::new(&kernel, sigma, error).unwrap();
            let half = 0.5 * width as f64;
            // Errors of single taps average out only in part.
            let allowed = 3.0 * error * kernel.fourier_transform(0.5 / sigma);
            for tap in 0..width {
                for j in 0..=100 {
                    let t = f64::from(j) / 50.0 - 1.0;
                    let truth = kernel.evaluate((0.5 * (1.0 + t) + tap as f64 - half) / half);
                    let found = (taps.evaluate(tap, t) - truth).abs();
                    assert!(
                        found <= allowed,
                        "width {width}, tap {tap}, t {t}: {found:e}"
                    );
                }
            }
        }
    }

    #[test]
    fn an_error_below_that_of_the_kernel_is_refused() {
        let kernel = EsKernel::best_for(6, 2.0).unwrap();
        assert!(Taps::new(&kernel, 2.0, 1e-8).is_none());
    }

    /// Away from the ends of the kernel, where its own slope is infinite.
    #[test]
    fn slopes_are_those_of_the_kernel() {
        let kernel = EsKernel::best_for(9, 2.0).unwrap();
        let taps = Taps::new(&kernel, 2.0, 1e-7).unwrap();
        let slopes = taps.slopes(&kernel);
        for tap in 0..9 {
            for j in -9..=9 {
                let t = f64::from(j) / 10.0;
                let at = |t: f64| kernel.evaluate((0.5 * (1.0 + t) + tap as f64 - 4.5) / 4.5);
                let truth = (at(t + 1e-5) - at(t - 1e-5)) / 2e-5;
                let column = slopes.iter().skip(tap).step_by(9);
                let found = column.fold(0.0, |sum, c| sum * t + c);
                // A degree less than the taps would need: their error times the square of the degree.
                assert!((found - truth).abs() < 1e-5, "{tap} {t}: {found} {truth}");
            }
        }
    }

    #[test]
    fn chebyshev_series_are_differentiated() {
        // T₃′ = 12t² − 3 = 6 T₂ + 3 T₀
        assert_eq!(
            differentiated(&[0.0, 0.0, 0.0, 1.0])[..4],
            [3.0, 0.0, 6.0, 0.0]
        );
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
