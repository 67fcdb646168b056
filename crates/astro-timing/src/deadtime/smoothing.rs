//! Gaussian smoothing of the squares of amplitude differences.

use astro_fft::RealFft1;
use num_complex::Complex64;

use crate::error::{Result, require};

/// Smooths by a Gaussian cut at four standard deviations, ends reflected about the edges of the
/// outer samples: a product of transforms over twice the samples, whose other half is their
/// mirror image.
#[derive(Clone, Debug)]
pub(super) struct Smoothing {
    fft: RealFft1<f64>,
    /// Transform of the kernel: real, for the kernel is even.
    kernel: Vec<f64>,
    /// Weight of each sample in its own smoothed value.
    own: Vec<f64>,
    /// Σw² of its other weights, of sum 1.
    squares: Vec<f64>,
}

impl Smoothing {
    pub(super) fn new(samples: usize, sigma: f64) -> Result<Self> {
        require(
            "smoothing in frequency bins",
            sigma,
            sigma >= 2.0 && sigma.is_finite(),
            "at least 2: take longer segments, or smooth over more hertz",
        )?;
        let period = 2 * samples;
        let fft = RealFft1::new(period)?;
        let radius = (4.0 * sigma + 0.5).floor().min(1e9) as usize;
        let weight = |i: usize| (-0.5 * (i as f64 / sigma).powi(2)).exp();
        let total = 1.0 + 2.0 * (1..=radius).map(weight).sum::<f64>();
        // A kernel wider than the period meets itself again.
        let mut kernel = vec![0.0; period];
        kernel[0] = 1.0;
        for i in 1..=radius {
            kernel[i % period] += weight(i);
            kernel[(period - i % period) % period] += weight(i);
        }
        let weights: Vec<f64> = kernel.iter().map(|w| w / total).collect();
        let scale = 1.0 / (total * period as f64);
        let kernel: Vec<f64> = fft.forward(&kernel)?.iter().map(|z| z.re * scale).collect();
        // A sample and its mirror image 2k + 1 away are one: weights W = w(k − j) + w(k + j + 1),
        // and Σ W² = R(0) + R(2k + 1) with the autocorrelation R of w.
        let power: Vec<Complex64> = kernel
            .iter()
            .map(|k| Complex64::from(k * k * period as f64))
            .collect();
        let autocorrelation = fft.inverse(&power)?;
        let mirror = |k: usize| (2 * k + 1) % period;
        let own: Vec<f64> = (0..samples)
            .map(|k| weights[0] + weights[mirror(k)])
            .collect();
        let squares = own
            .iter()
            .enumerate()
            .map(|(k, own)| {
                let all = autocorrelation[0] + autocorrelation[mirror(k)];
                (all - own * own) / (1.0 - own).powi(2)
            })
            .collect();
        Ok(Self {
            fft,
            kernel,
            own,
            squares,
        })
    }

    /// The level whose inverse is unbiased, of each sample's neighbours.
    pub(super) fn level(&self, values: &[f64]) -> Result<Vec<f64>> {
        let mut level = self.smooth(values)?;
        for (k, level) in level.iter_mut().enumerate() {
            let others = (*level - self.own[k] * values[k]) / (1.0 - self.own[k]);
            *level = others / (1.0 - self.squares[k]);
        }
        Ok(level)
    }

    pub(super) fn smooth(&self, values: &[f64]) -> Result<Vec<f64>> {
        let mirrored: Vec<f64> = values.iter().chain(values.iter().rev()).copied().collect();
        let mut spectrum = self.fft.forward(&mirrored)?;
        spectrum
            .iter_mut()
            .zip(&self.kernel)
            .for_each(|(z, k)| *z *= k);
        let mut smoothed = self.fft.inverse(&spectrum)?;
        smoothed.truncate(values.len());
        Ok(smoothed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoothing_is_a_reflected_sum() {
        let values: Vec<f64> = (0..37).map(|k| f64::from(k * k % 23)).collect();
        for sigma in [2.0, 3.3, 25.0] {
            let smoothing = Smoothing::new(37, sigma).unwrap();
            let found = smoothing.smooth(&values).unwrap();
            let radius = (4.0 * sigma + 0.5) as i64;
            let weight = |i: i64| (-0.5 * (i as f64 / sigma).powi(2)).exp();
            let total: f64 = (-radius..=radius).map(weight).sum();
            for (j, found) in found.iter().enumerate() {
                let at = |i: i64| {
                    let index = (j as i64 + i).rem_euclid(74);
                    values[index.min(73 - index) as usize]
                };
                let sum: f64 = (-radius..=radius).map(|i| weight(i) * at(i)).sum();
                assert!((found - sum / total).abs() < 1e-12);
                // Weights of every sample, its images together.
                let mut weights = vec![0.0; 37];
                for i in -radius..=radius {
                    let index = (j as i64 + i).rem_euclid(74);
                    weights[index.min(73 - index) as usize] += weight(i) / total;
                }
                let own = weights[j];
                assert!((smoothing.own[j] - own).abs() < 1e-12);
                let squares: f64 = weights.iter().map(|w| w * w).sum::<f64>() - own * own;
                let squares = squares / (1.0 - own).powi(2);
                assert!(
                    (smoothing.squares[j] - squares).abs() < 1e-10,
                    "{sigma} {j}"
                );
            }
        }
    }
}
