//! The reciprocal of the kernel's transform, cheap enough for every pixel.

use std::f64::consts::PI;

use astro_fft::EsKernel;

/// `1/φ̂(f)` for `|f| ≤ reach`, from a Chebyshev series of `ln φ̂` in `f²`.
///
/// The logarithm keeps the rounding of the small φ̂ at the edge from growing further in the middle.
/// φ̂ is even and its zeros lie beyond `1.4 reach` for every oversampling in use, so the series
/// falls by a factor above 4 with each term.
#[derive(Debug)]
pub(crate) struct Correction {
    over_reach2: f64,
    coefficients: [f64; TERMS],
}

/// 4⁻³⁰ is 1e-18.
const TERMS: usize = 30;

impl Correction {
    pub(crate) fn new(kernel: &EsKernel, reach: f64) -> Self {
        let node = |k: usize| PI * (k as f64 + 0.5) / TERMS as f64;
        let mut values = [0.0; TERMS];
        for (k, value) in values.iter_mut().enumerate() {
            let square = 0.5 * (1.0 + node(k).cos());
            *value = kernel.fourier_transform(reach * square.sqrt()).ln();
        }
        let mut coefficients = [0.0; TERMS];
        for (n, coefficient) in coefficients.iter_mut().enumerate() {
            let terms = values.iter().enumerate();
            let sum: f64 = terms
                .map(|(k, value)| value * (n as f64 * node(k)).cos())
                .sum();
            *coefficient = if n == 0 { 1.0 } else { 2.0 } * sum / TERMS as f64;
        }
        Self {
            over_reach2: 1.0 / (reach * reach),
            coefficients,
        }
    }

    /// `1/φ̂(f)` by Clenshaw's recurrence.
    pub(crate) fn factor(&self, f: f64) -> f64 {
        let x = 2.0 * (f * f * self.over_reach2) - 1.0;
        let (mut next, mut after) = (0.0, 0.0);
        for coefficient in self.coefficients[1..].iter().rev() {
            (next, after) = (2.0 * x * next - after + coefficient, next);
        }
        (after - x * next - self.coefficients[0]).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_is_the_reciprocal() {
        for (error, oversampling) in [(1e-3, 1.25), (1e-9, 1.25), (1e-12, 2.0), (1e-6, 8.0)] {
            let kernel = EsKernel::for_error(error, oversampling).unwrap();
            let reach = 0.5 / oversampling;
            let correction = Correction::new(&kernel, reach);
            // The transform is good to 4e-15 of its peak, once in each of the two factors, and
            // interpolation at Chebyshev nodes multiplies that by at most 3.
            let rounding =
                1.6e-14 * kernel.fourier_transform(0.0) / kernel.fourier_transform(reach);
            for step in -50..=50 {
                let f = reach * f64::from(step) / 50.0;
                let found = correction.factor(f) * kernel.fourier_transform(f);
                assert!(
                    (found - 1.0).abs() < rounding,
                    "{oversampling} {f}: {found}"
                );
            }
        }
    }
}
