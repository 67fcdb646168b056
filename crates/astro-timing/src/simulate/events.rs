//! Photons of a light curve and of a spectrum.

use astro_core::{check_lengths, check_non_negative};
use rand::RngExt;
use rand_distr::{Distribution, Exp1};

use super::{RateSeries, generator};
use crate::error::{Result, require, require_positive};

/// Arrival times of a Poisson process of the given rate, ascending.
///
/// Unit exponential waits are added up and looked up in the integral of the rate, which is
/// exact (Cinlar's inversion; Stingray draws from the same integral), in time proportional
/// to the photons and the bins. Negative rates count as zero.
///
/// # Errors
/// A rate that is not finite, or of more than 10¹⁰ photons in all.
pub fn events_from_rate(series: &RateSeries, seed: u64) -> Result<Vec<f64>> {
    series.check()?;
    let expected = series.expected_counts();
    require(
        "expected number of photons",
        expected,
        expected <= 1e10,
        "at most 1e10: simulate part after part",
    )?;
    let mut random = generator(seed);
    let mut times = Vec::with_capacity((expected + 5.0 * expected.sqrt()) as usize + 16);
    // Expected photons until the next arrival.
    let mut wait: f64 = Exp1.sample(&mut random);
    for (bin, rate) in series.rate.iter().enumerate() {
        let mean = rate.max(0.0) * series.dt_s;
        while wait < mean {
            times.push(series.start_s + (bin as f64 + wait / mean) * series.dt_s);
            let next: f64 = Exp1.sample(&mut random);
            wait += next;
        }
        wait -= mean;
    }
    Ok(times)
}

/// Photon energies of a binned spectrum, uniform within each of its bins.
///
/// `counts` are proportional to the photons expected in each bin; the edges are one more.
///
/// ```
/// use astro_timing::simulate::energies_from_spectrum;
/// let energies = energies_from_spectrum(&[2.0, 4.0, 8.0], &[1.0, 0.0], 100, 7)?;
/// assert!(energies.iter().all(|e| (2.0..=4.0).contains(e)));
/// # Ok::<(), astro_timing::Error>(())
/// ```
///
/// # Errors
/// Edges that do not ascend or of another number, counts that are negative or all zero.
pub fn energies_from_spectrum(
    edges_kev: &[f64],
    counts: &[f64],
    photons: usize,
    seed: u64,
) -> Result<Vec<f32>> {
    check_lengths(
        "edges_kev",
        edges_kev.len(),
        "counts and one",
        counts.len() + 1,
    )?;
    check_non_negative("counts", counts.iter().copied())?;
    for pair in edges_kev.windows(2) {
        require_positive("step between two energy edges", pair[1] - pair[0])?;
    }
    let mut total = 0.0;
    let mut cumulative = Vec::with_capacity(counts.len());
    for count in counts {
        total += count;
        cumulative.push(total);
    }
    require_positive("sum of the counts", total)?;
    let mut random = generator(seed);
    let draw = |_| {
        let target = random.random::<f64>() * total;
        let bin = cumulative
            .partition_point(|&c| c <= target)
            .min(counts.len() - 1);
        let inside = 1.0 - (cumulative[bin] - target) / counts[bin];
        let (low, high) = (edges_kev[bin], edges_kev[bin + 1]);
        (low + inside.clamp(0.0, 1.0) * (high - low)) as f32
    };
    Ok((0..photons).map(draw).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: u64 = 19_550_131;

    #[test]
    fn counts_follow_the_rate_and_are_poisson() {
        let rate = vec![40.0, 0.0, -3.0, 160.0, 80.0, 7.5];
        let series = RateSeries {
            start_s: 1e8,
            dt_s: 0.5,
            rate: rate.clone(),
        };
        let draws = 2000;
        let mut sums = [0.0; 6];
        let mut squares = [0.0; 6];
        for seed in 0..draws {
            let times = events_from_rate(&series, SEED + seed).unwrap();
            assert!(times.is_sorted());
            let mut counts = [0.0; 6];
            for time in times {
                counts[((time - 1e8) / 0.5) as usize] += 1.0;
            }
            for bin in 0..6 {
                sums[bin] += counts[bin];
                squares[bin] += counts[bin] * counts[bin];
            }
        }
        let n = draws as f64;
        for (bin, rate) in rate.iter().enumerate() {
            let expected = rate.max(0.0) * 0.5;
            let mean = sums[bin] / n;
            assert!(
                (mean - expected).abs() <= 4.0 * (expected / n).sqrt(),
                "{bin}: {mean}"
            );
            let variance = squares[bin] / n - mean * mean;
            // The variance of a variance of Poisson counts is (2μ² + μ)/n.
            let error = ((2.0 * expected * expected + expected) / n).sqrt();
            assert!(
                (variance - expected).abs() <= 4.0 * error,
                "{bin}: {variance}"
            );
        }
    }

    /// Within a bin arrivals are uniform: Kolmogorov's √n D is below 1.95 in 999 of 1000.
    #[test]
    fn arrivals_are_uniform_within_a_bin() {
        let series = RateSeries::constant(0.0, 1.0, 20_000.0);
        let times = events_from_rate(&series, SEED).unwrap();
        let n = times.len() as f64;
        let distance = times
            .iter()
            .enumerate()
            .map(|(i, t)| (t - i as f64 / n).abs().max((t - (i + 1) as f64 / n).abs()))
            .fold(0.0, f64::max);
        assert!(n.sqrt() * distance < 1.95);
    }

    #[test]
    fn energies_follow_the_spectrum() {
        let edges = [1.0, 2.0, 5.0, 6.0, 9.0];
        let counts = [10.0, 0.0, 30.0, 60.0];
        let n = 20_000;
        let energies = energies_from_spectrum(&edges, &counts, n, SEED).unwrap();
        for bin in 0..4 {
            let range = edges[bin] as f32..edges[bin + 1] as f32;
            let found = energies.iter().filter(|e| range.contains(e)).count() as f64;
            let p = counts[bin] / 100.0;
            assert!((found - p * n as f64).abs() <= 4.0 * (n as f64 * p * (1.0 - p)).sqrt());
        }
        assert!(energies_from_spectrum(&edges, &[0.0; 4], 1, 1).is_err());
        assert!(energies_from_spectrum(&edges, &[1.0; 3], 1, 1).is_err());
    }
}
