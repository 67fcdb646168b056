//! Integrated autocorrelation time of a chain.
//!
//! τ = 1 + 2 Σₜ ρ(t), the number of steps between independent samples: a mean
//! over N steps has the variance σ² τ / N. The sum is cut at the smallest lag
//! M ≥ 5 τ(M) (Sokal 1989, section 3; the window of emcee), where the
//! truncated tail and the noise of the sum are balanced.

use ndarray::{ArrayView2, ArrayView3, Axis};
use rayon::prelude::*;

use crate::error::{Error, Result};

/// The window in units of τ.
const WINDOW: f64 = 5.0;

/// Fewest steps from which a time is estimated.
const MIN_STEPS: usize = 8;

/// Integrated autocorrelation time, in steps, of one scalar followed by one or
/// more independent or exchangeable walkers.
///
/// `series` has shape `[steps, walkers]`. Autocovariances are taken about the
/// mean of all walkers and summed over walkers before they are normalized, so
/// that walkers which disagree lengthen the time. A series that does not move
/// has an infinite time.
///
/// The estimate is reliable when the chain is longer than about 50 τ; from a
/// shorter one it is usually too small.
///
/// # Errors
/// [`Error::TooFewSamples`] below 8 steps or without walkers;
/// [`Error::BadValue`] for a value that is not finite.
///
/// ```
/// use ndarray::Array2;
/// // An alternating series: its mean is better known than from independent samples.
/// let series = Array2::from_shape_fn((1000, 1), |(i, _)| if i % 2 == 0 { 1.0 } else { -1.0 });
/// assert_eq!(astro_infer::autocorrelation_time(series.view())?, 0.0);
/// # Ok::<(), astro_infer::Error>(())
/// ```
pub fn autocorrelation_time(series: ArrayView2<'_, f64>) -> Result<f64> {
    let (steps, walkers) = series.dim();
    if steps < MIN_STEPS || walkers == 0 {
        return Err(Error::TooFewSamples {
            quantity: "an autocorrelation time",
            found: if walkers == 0 { 0 } else { steps },
            required: MIN_STEPS,
        });
    }
    astro_core::check_finite("chain", series.iter().copied())?;
    let mean = series.sum() / (steps * walkers) as f64;
    // One contiguous series after another: the lag sums then vectorize.
    let centered: Vec<Vec<f64>> = series
        .axis_iter(Axis(1))
        .map(|walker| walker.iter().map(|x| x - mean).collect())
        .collect();
    let covariance = |lag: usize| -> f64 {
        centered
            .iter()
            .map(|x| lagged_product(&x[..steps - lag], &x[lag..]))
            .sum()
    };
    let variance = covariance(0);
    if variance <= 0.0 {
        return Ok(f64::INFINITY);
    }
    let mut time = 1.0;
    for lag in 1..steps {
        time += 2.0 * covariance(lag) / variance;
        if lag as f64 >= WINDOW * time {
            break;
        }
    }
    Ok(time.max(0.0))
}

/// Autocorrelation time of every parameter of a chain `[steps, walkers, parameters]`.
///
/// Parameters are computed in parallel.
///
/// # Errors
/// As [`autocorrelation_time`].
pub fn autocorrelation_times(chain: ArrayView3<'_, f64>) -> Result<Vec<f64>> {
    (0..chain.len_of(Axis(2)))
        .into_par_iter()
        .map(|parameter| autocorrelation_time(chain.index_axis(Axis(2), parameter)))
        .collect()
}

/// Σ aᵢ bᵢ in eight lanes.
fn lagged_product(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (a_blocks, a_rest) = a.as_chunks::<8>();
    let (b_blocks, b_rest) = b.as_chunks::<8>();
    for (x, y) in a_blocks.iter().zip(b_blocks) {
        for lane in 0..8 {
            lanes[lane] += x[lane] * y[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    lanes.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{normal, prior::open_unit};
    use ndarray::Array2;
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    const SEED: u64 = 1989;

    /// xₜ = φ xₜ₋₁ + √(1−φ²) ε, started in its stationary distribution.
    fn ar1(phi: f64, steps: usize, walkers: usize) -> Array2<f64> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
        let mut draw = || normal::quantile(open_unit(&mut rng));
        let mut series = Array2::zeros((steps, walkers));
        for walker in 0..walkers {
            let mut x = draw();
            for step in 0..steps {
                series[[step, walker]] = x;
                x = phi * x + (1.0 - phi * phi).sqrt() * draw();
            }
        }
        series
    }

    #[test]
    fn ar1_processes_have_their_known_time() {
        let (steps, walkers) = (20_000, 16);
        for phi in [-0.3, 0.0, 0.5, 0.9, 0.98] {
            let expected = (1.0 + phi) / (1.0 - phi);
            let found = autocorrelation_time(ar1(phi, steps, walkers).view()).unwrap();
            // Sokal's eq. 3.19: var τ / τ² = 2 (2M + 1)/N with M = 5 τ; and the
            // truncated tail is exp(−M/τ_exp) ≈ exp(−10) of the sum.
            let window: f64 = (WINDOW * expected).max(1.0);
            let sigma = expected * (2.0 * (2.0 * window + 1.0) / (steps * walkers) as f64).sqrt();
            assert!(
                (found - expected).abs() < 4.0 * sigma + 1e-4 * expected,
                "{phi}: {found} {expected} {sigma}"
            );
        }
    }

    #[test]
    fn walkers_that_disagree_lengthen_the_time() {
        let mut series = ar1(0.5, 4000, 4);
        series.column_mut(0).mapv_inplace(|x| x + 6.0);
        assert!(autocorrelation_time(series.view()).unwrap() > 1000.0);
    }

    #[test]
    fn a_constant_never_decorrelates_and_short_chains_are_refused() {
        let flat = Array2::from_elem((100, 2), 3.0);
        assert_eq!(autocorrelation_time(flat.view()).unwrap(), f64::INFINITY);
        let short = Array2::from_elem((7, 2), 3.0);
        assert!(matches!(
            autocorrelation_time(short.view()),
            Err(Error::TooFewSamples {
                found: 7,
                required: 8,
                ..
            })
        ));
    }
}
