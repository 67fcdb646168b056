//! The "exponential of semicircle" kernel, its Fourier transform, and how well
//! it interpolates.

use std::f64::consts::{FRAC_PI_2, PI};
use std::sync::OnceLock;

use crate::quadrature::gauss_legendre;
use crate::{Error, Result};

/// The widest kernel offered, in grid steps.
pub(super) const MAX_WIDTH: usize = 24;

/// Nodes of the quadrature of the Fourier transform: enough for full `f64`
/// accuracy up to width 24 and half a cycle a grid step.
const QUADRATURE_NODES: usize = 72;

/// A node of the quadrature of φ(z) cos(az) over [−1, 1].
struct Node {
    /// z > 0; the weight stands for −z too.
    z: f64,
    /// √(1 − z²) − 1
    depth: f64,
    weight: f64,
}

/// Gauss–Legendre in θ, z = sin θ: the integrand is entire in θ, so that the rule
/// converges geometrically; in z the square root would spoil it.
fn rule() -> &'static [Node] {
    static RULE: OnceLock<Vec<Node>> = OnceLock::new();
    RULE.get_or_init(|| {
        gauss_legendre(QUADRATURE_NODES)
            .into_iter()
            .map(|(x, weight)| {
                let theta = (x + 1.0) * 0.5 * FRAC_PI_2;
                let half = (0.5 * theta).sin();
                Node {
                    z: theta.sin(),
                    depth: -2.0 * half * half,
                    weight: weight * FRAC_PI_2 * theta.cos(),
                }
            })
            .collect()
    })
}

/// The kernel φ(z) = exp(β(√(1 − z²) − 1)) for |z| ≤ 1, zero outside
/// (Barnett, Magland & af Klinteberg 2019, SIAM J. Sci. Comput. 41, C479).
///
/// On a grid of unit step the kernel spans `width` nodes: z = 2d/width, d the
/// distance from a point to a node.
///
/// Interpolation of exp(2πifx) from the nodes of a grid, and spreading onto
/// them, is exact but for aliases f ± 1, ± 2, …, where the transform is tiny:
/// Σ_d φ(2d/w) exp(2πifd) / φ̂(f) = 1 + error, the sum over the w nodes around
/// any point. [`Self::interpolation_error`] gives the largest error.
///
/// ```
/// use astro_fft::EsKernel;
///
/// # fn main() -> Result<(), astro_fft::Error> {
/// let kernel = EsKernel::for_error(1e-6, 2.0)?;
/// assert!(kernel.interpolation_error(2.0) <= 1e-6);
/// assert_eq!(kernel.evaluate(0.0), 1.0);
/// assert_eq!(kernel.evaluate(1.5), 0.0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct EsKernel {
    width: usize,
    beta: f64,
    /// (z, weight · φ(z)) for z > 0, both halves of the kernel in the weight.
    nodes: Vec<(f64, f64)>,
}

impl EsKernel {
    /// A kernel of `width` 1..=24 grid steps and shape `beta` > 0.
    ///
    /// # Errors
    ///
    /// [`Error::Kernel`] outside these ranges.
    pub fn new(width: usize, beta: f64) -> Result<Self> {
        if !((1..=MAX_WIDTH).contains(&width) && beta > 0.0 && beta <= 200.0) {
            return Err(Error::Kernel { width, beta });
        }
        let nodes = rule()
            .iter()
            .map(|node| (node.z, node.weight * (beta * node.depth).exp()))
            .collect();
        Ok(Self { width, beta, nodes })
    }

    /// The narrowest kernel whose [`Self::interpolation_error`] on a grid of the
    /// given `oversampling` σ in 1.1..=8 stays below `error`.
    ///
    /// # Errors
    ///
    /// [`Error::KernelError`] if no width up to 24 reaches it.
    pub fn for_error(error: f64, oversampling: f64) -> Result<Self> {
        let unreachable = || Error::KernelError {
            error,
            oversampling,
        };
        if !(error > 0.0 && (1.1..=8.0).contains(&oversampling)) {
            return Err(unreachable());
        }
        // The error falls as exp(−πw√(1 − 1/σ)); its factor is between 1 and 50.
        let rate = PI * (1.0 - 1.0 / oversampling).sqrt();
        let first = ((1.0 / error).ln() / rate).floor().clamp(2.0, 64.0) as usize;
        (first..=MAX_WIDTH)
            .filter_map(|width| Self::best_for(width, oversampling).ok())
            .find(|kernel| kernel.interpolation_error(oversampling) <= error)
            .ok_or_else(unreachable)
    }

    /// The kernel of `width` whose `beta` suits `oversampling` best.
    ///
    /// # Errors
    ///
    /// [`Error::Kernel`] if `width` is not in 1..=24.
    pub fn best_for(width: usize, oversampling: f64) -> Result<Self> {
        // Between these the error has one or two shallow minima.
        const FRACTIONS: [f64; 9] = [0.90, 0.925, 0.94, 0.955, 0.965, 0.975, 0.98, 0.985, 0.995];
        let full = PI * width as f64 * (1.0 - 0.5 / oversampling);
        let mut best: Option<(f64, Self)> = None;
        for fraction in FRACTIONS {
            let kernel = Self::new(width, fraction * full)?;
            let error = [0.8, 0.95, 1.0]
                .map(|part| kernel.error_at(part * 0.5 / oversampling, 8))
                .into_iter()
                .fold(0.0, f64::max);
            if best.as_ref().is_none_or(|(least, _)| error < *least) {
                best = Some((error, kernel));
            }
        }
        best.map(|(_, kernel)| kernel)
            .ok_or(Error::Kernel { width, beta: full })
    }

    /// Number of grid nodes under the kernel.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The shape parameter β.
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// φ(z), zero for |z| > 1 and NaN for NaN.
    pub fn evaluate(&self, z: f64) -> f64 {
        if z.abs() > 1.0 {
            return 0.0;
        }
        (self.beta * (((1.0 - z) * (1.0 + z)).sqrt() - 1.0)).exp()
    }

    /// φ̂(f) = ∫ φ(2d/width) exp(2πifd) dd with d in grid steps and `frequency`
    /// f in cycles a grid step, |f| ≤ 0.5.
    ///
    /// # Accuracy
    ///
    /// Absolute error below 4e-15 · φ̂(0).
    pub fn fourier_transform(&self, frequency: f64) -> f64 {
        let scale = PI * self.width as f64 * frequency;
        let sum: f64 = self
            .nodes
            .iter()
            .map(|&(z, weight)| weight * (scale * z).cos())
            .sum();
        0.5 * self.width as f64 * sum
    }

    /// The largest relative error of interpolation of exp(2πifx) for any
    /// |f| ≤ 0.5/`oversampling` cycles a grid step, in exact arithmetic.
    pub fn interpolation_error(&self, oversampling: f64) -> f64 {
        [0.0, 0.4, 0.7, 0.85, 0.95, 1.0]
            .into_iter()
            .map(|fraction| self.error_at(fraction * 0.5 / oversampling, 16))
            .fold(0.0, f64::max)
    }

    /// Largest error for one frequency over points between two nodes.
    fn error_at(&self, frequency: f64, points: usize) -> f64 {
        let half = 0.5 * self.width as f64;
        largest_error(
            self.fourier_transform(frequency),
            frequency,
            points,
            |fraction| {
                (0..self.width).map(move |tap| {
                    let distance = fraction + tap as f64 - half;
                    (distance, self.evaluate(distance / half))
                })
            },
        )
    }
}

/// max |Σ φ(d) exp(2πifd) / φ̂(f) − 1| over `points` fractions in (0, 1], where
/// `taps` lists distance and kernel value at a fraction.
pub(super) fn largest_error<I: Iterator<Item = (f64, f64)>>(
    transform: f64,
    frequency: f64,
    points: usize,
    taps: impl Fn(f64) -> I,
) -> f64 {
    let mut largest = 0.0_f64;
    for point in 0..points {
        let (mut re, mut im) = (0.0, 0.0);
        for (distance, value) in taps((point as f64 + 1.0) / points as f64) {
            let (sine, cosine) = (2.0 * PI * frequency * distance).sin_cos();
            re += value * cosine;
            im += value * sine;
        }
        largest = largest.max((re / transform - 1.0).hypot(im / transform));
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tanh-sinh rule (Takahasi & Mori 1974) in z: another rule than the one
    /// under test, indifferent to the square roots at the ends.
    fn transform_by_tanh_sinh(kernel: &EsKernel, frequency: f64) -> f64 {
        const STEP: f64 = 1.0 / 128.0;
        let scale = PI * kernel.width() as f64 * frequency;
        let sum: f64 = (-512..=512)
            .map(|k| {
                let t = f64::from(k) * STEP;
                let s = FRAC_PI_2 * t.sinh();
                let (z, semicircle) = (s.tanh(), 1.0 / s.cosh());
                let weight = FRAC_PI_2 * t.cosh() * semicircle * semicircle;
                weight * (kernel.beta() * (semicircle - 1.0)).exp() * (scale * z).cos()
            })
            .sum();
        0.5 * kernel.width() as f64 * STEP * sum
    }

    #[test]
    fn transform_agrees_with_another_rule() {
        for (width, beta) in [(2, 4.0), (5, 11.0), (9, 20.9), (14, 32.2), (24, 57.0)] {
            let kernel = EsKernel::new(width, beta).unwrap();
            for frequency in [0.0, 0.07, 0.2, 0.33, 0.5] {
                let truth = transform_by_tanh_sinh(&kernel, frequency);
                let found = kernel.fourier_transform(frequency);
                let scale = kernel.fourier_transform(0.0);
                // Both rules round sums of many terms of the size of the peak.
                assert!(
                    (found - truth).abs() < 4e-15 * scale,
                    "width {width}, f {frequency}: {found:e} against {truth:e}"
                );
            }
        }
    }

    #[test]
    fn error_falls_with_width_as_theory_says() {
        for sigma in [1.25, 1.5, 2.0, 3.0] {
            for width in [4, 6, 8, 10, 12] {
                let error = EsKernel::best_for(width, sigma)
                    .unwrap()
                    .interpolation_error(sigma);
                let theory = (-PI * width as f64 * (1.0 - 1.0 / sigma).sqrt()).exp();
                assert!(
                    error > 0.5 * theory && error < 50.0 * theory,
                    "sigma {sigma}, width {width}: {error:e} against {theory:e}"
                );
            }
        }
    }

    #[test]
    fn unreachable_errors_are_refused() {
        assert!(EsKernel::for_error(1e-14, 1.25).is_err());
        assert!(EsKernel::for_error(f64::NAN, 2.0).is_err());
        assert!(EsKernel::for_error(1e-6, 0.9).is_err());
        assert!(EsKernel::new(0, 3.0).is_err());
        assert!(EsKernel::new(25, 3.0).is_err());
        assert!(EsKernel::new(8, f64::NAN).is_err());
    }
}
