//! The power spectrum of Poisson noise seen through non-paralysable dead time.

use std::f64::consts::{PI, TAU};

use rayon::prelude::*;

use crate::error::{Result, require, require_positive};

/// Leahy-normalised power of constant flux in a detector with dead time τ_d, counted in bins
/// of width t_b (Zhang et al. 1995, eqs. 34–44).
///
/// With τ = 1/r the mean wait of an incident photon and r₀ = 1/(τ + τ_d) the detected rate,
///
/// G_n(x) = Σ_{m<n} (n − m) e^−x x^m/m!
/// h(k, n) = k − n (τ_d + τ)/t_b + (τ/t_b) G_n((k t_b − n τ_d)/τ) for k t_b ≥ n τ_d, else 0
/// A₀ = r₀ t_b [1 + 2 Σ_n h(1, n)], A_k = r₀ t_b Σ_n [h(k + 1, n) − 2 h(k, n) + h(k − 1, n)]
/// B₀ = 2 (A₀ − r₀² t_b²)/(r₀ t_b), B_k = 4 (A_k − r₀² t_b²)/(r₀ t_b)
/// P_j = B₀ + Σ_{k ≥ 1} (N − k)/N B_k cos(2π j k/N)
///
/// (A_k are the covariances of the counts of bins k apart; in h, k t_b stands where the paper
/// prints k t_d.) B_k falls to rounding within a few dead times: the sum ends there.
///
/// ```
/// use astro_timing::deadtime::ZhangModel;
///
/// let model = ZhangModel::from_incident(300.0, 0.0025, 1.0 / 512.0)?;
/// // Far below 1/dead time the noise is squeezed by (1 + r τ_d)^−2.
/// assert!((model.power(0.0) - 2.0 / 1.75f64.powi(2)).abs() < 1e-3);
/// # Ok::<(), astro_timing::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ZhangModel {
    bin_s: f64,
    detected_rate: f64,
    background_rate: f64,
    /// B_k from k = 0 on.
    coefficients: Vec<f64>,
}

/// |B_k| below which the rest is left out.
const SMALLEST: f64 = 1e-12;

/// Most coefficients: bins of a millionth of the dead time would need more.
const MOST_COEFFICIENTS: usize = 100_000;

impl ZhangModel {
    /// From the incident rate.
    ///
    /// # Errors
    /// Numbers that are not above 0; bins too narrow for the dead time.
    pub fn from_incident(incident_rate: f64, dead_time_s: f64, bin_s: f64) -> Result<Self> {
        super::detected_rate(incident_rate, dead_time_s)?;
        Self::new(1.0 / incident_rate, dead_time_s, bin_s, None)
    }

    /// From the detected rate, which is the one observed.
    ///
    /// # Errors
    /// As [`ZhangModel::from_incident`]; more detections than dead time permits.
    pub fn from_detected(detected_rate: f64, dead_time_s: f64, bin_s: f64) -> Result<Self> {
        let incident = super::incident_rate(detected_rate, dead_time_s)?;
        Self::new(1.0 / incident, dead_time_s, bin_s, None)
    }

    /// From the detected rates of a source and of background that makes the detector dead but
    /// is filtered out afterwards: P = 2 + (P_both − 2) r/(r + b) (Bachetti et al. 2015).
    ///
    /// # Errors
    /// As [`ZhangModel::from_detected`].
    pub fn with_background(
        detected_rate: f64,
        background_rate: f64,
        dead_time_s: f64,
        bin_s: f64,
    ) -> Result<Self> {
        require_positive("detected_rate", detected_rate)?;
        let good = background_rate >= 0.0 && background_rate.is_finite();
        require(
            "background_rate",
            background_rate,
            good,
            "finite and at least 0",
        )?;
        let mut model = Self::from_detected(detected_rate + background_rate, dead_time_s, bin_s)?;
        model.background_rate = background_rate;
        Ok(model)
    }

    /// With exactly the coefficients B₀ to B_{limit − 1}, as Stingray's `limit_k` has it.
    ///
    /// # Errors
    /// As [`ZhangModel::from_incident`]; a limit of 0 or above 10⁵.
    pub fn with_limit(
        incident_rate: f64,
        dead_time_s: f64,
        bin_s: f64,
        limit: usize,
    ) -> Result<Self> {
        super::detected_rate(incident_rate, dead_time_s)?;
        let inside = (1..=MOST_COEFFICIENTS).contains(&limit);
        require("limit", limit as f64, inside, "from 1 to 100000")?;
        Self::new(1.0 / incident_rate, dead_time_s, bin_s, Some(limit))
    }

    fn new(wait_s: f64, dead_s: f64, bin_s: f64, limit: Option<usize>) -> Result<Self> {
        require_positive("bin_s", bin_s)?;
        // A coefficient costs a sum over the dead times in it, each over as many terms.
        let ratio = bin_s / dead_s;
        require(
            "bin_s/dead_time_s",
            ratio,
            (1e-4..=1e3).contains(&ratio),
            "from 1e-4 to 1e3",
        )?;
        let terms = Terms {
            wait_s,
            dead_s,
            bin_s,
        };
        let coefficients = match limit {
            Some(limit) => (0..limit)
                .into_par_iter()
                .map(|k| terms.coefficient(k))
                .collect(),
            None => terms.until_small(),
        };
        Ok(Self {
            bin_s,
            detected_rate: 1.0 / (wait_s + dead_s),
            background_rate: 0.0,
            coefficients,
        })
    }

    /// The power at a frequency, for infinitely many bins; at 0 the limit from above.
    pub fn power(&self, frequency_hz: f64) -> f64 {
        let step = TAU * frequency_hz * self.bin_s;
        self.sum(|k| (k as f64 * step).cos())
    }

    /// The powers at j/(N t_b), j = 0..N/2, of light curves of N bins: covariances of bins
    /// k apart are summed N − k times.
    pub fn powers(&self, bins: usize) -> Vec<f64> {
        let one = |j: usize| {
            self.sum(|k| {
                if k >= bins {
                    return 0.0;
                }
                let weight = (bins - k) as f64 / bins as f64;
                weight * (TAU * ((j * k) % bins) as f64 / bins as f64).cos()
            })
        };
        (0..bins / 2).into_par_iter().map(one).collect()
    }

    fn sum(&self, weight: impl Fn(usize) -> f64) -> f64 {
        let all: f64 = self
            .coefficients
            .iter()
            .enumerate()
            .rev()
            .map(|(k, b)| b * weight(k))
            .sum();
        let source = (self.detected_rate - self.background_rate) / self.detected_rate;
        if self.background_rate > 0.0 {
            2.0 + (all - 2.0) * source
        } else {
            all
        }
    }

    /// B_k.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// The detected rate of source and background together.
    pub fn detected_rate(&self) -> f64 {
        self.detected_rate
    }
}

/// The times of the model, seconds.
#[derive(Clone, Copy)]
struct Terms {
    wait_s: f64,
    dead_s: f64,
    bin_s: f64,
}

impl Terms {
    fn until_small(&self) -> Vec<f64> {
        let mut found = Vec::new();
        // Correlations live a few dead times; three in a row near zero are not a crossing.
        let batch = 16;
        while found.len() < MOST_COEFFICIENTS {
            let begin = found.len();
            let next: Vec<f64> = (begin..begin + batch)
                .into_par_iter()
                .map(|k| self.coefficient(k))
                .collect();
            found.extend(next);
            let floor = self.floor(begin);
            if begin > 0 && found[begin..].iter().all(|b| b.abs() < floor) {
                found.truncate(begin);
                break;
            }
        }
        found
    }

    /// What rounding leaves of a coefficient that is zero: sums of h up to k, each known to a
    /// part in 10¹⁶.
    fn floor(&self, k: usize) -> f64 {
        let terms = self.dead_times(k + 1) as f64;
        SMALLEST.max(8.0 * f64::EPSILON * (k as f64 + 1.0) * terms.sqrt())
    }

    fn coefficient(&self, k: usize) -> f64 {
        let mean = self.bin_s / (self.wait_s + self.dead_s);
        if k == 0 {
            let sum: f64 = (1..=self.dead_times(1)).map(|n| self.h(1, n)).sum();
            return 2.0 * (1.0 - mean + 2.0 * sum);
        }
        let second = |n: usize| self.h(k + 1, n) - 2.0 * self.h(k, n) + self.h(k - 1, n);
        let sum: f64 = (1..=self.dead_times(k + 1)).map(second).sum();
        4.0 * (sum - mean)
    }

    /// Dead times that fit into k bins.
    fn dead_times(&self, k: usize) -> usize {
        (k as f64 * self.bin_s / self.dead_s).floor() as usize + 1
    }

    /// h(k, n) of eq. 35.
    ///
    /// With x = (k t_b − n τ_d)/τ it is (τ/t_b) [x − n + G_n(x)], and that is the mean of
    /// m − n over Poisson counts m of mean x, where positive: a sum of positive terms.
    fn h(&self, k: usize, n: usize) -> f64 {
        let left = k as f64 * self.bin_s - n as f64 * self.dead_s;
        if left < 0.0 {
            return 0.0;
        }
        self.wait_s / self.bin_s * mean_excess(left / self.wait_s, n)
    }
}

/// Σ_{m>n} (m − n) e^−x x^m/m!.
fn mean_excess(x: f64, n: usize) -> f64 {
    if x == 0.0 {
        return 0.0;
    }
    if n as f64 <= x {
        return x - n as f64 + g(x, n);
    }
    let mut term = poisson(x, n);
    let (mut sum, mut m) = (0.0, n);
    loop {
        m += 1;
        term *= x / m as f64;
        let value = (m - n) as f64 * term;
        sum += value;
        if value <= 1e-18 * sum || term == 0.0 {
            return sum;
        }
    }
}

/// G_n(x) of eq. 34 for n ≤ x: the mean of n − m over Poisson counts m of mean x, where positive.
fn g(x: f64, n: usize) -> f64 {
    let Some(last) = n.checked_sub(1) else {
        return 0.0;
    };
    let mut term = poisson(x, last);
    let mut sum = term;
    for m in (0..last).rev() {
        term *= (m + 1) as f64 / x;
        let value = (n - m) as f64 * term;
        sum += value;
        if value <= 1e-18 * sum {
            break;
        }
    }
    sum
}

/// e^−x x^m/m! without overflow (Loader 2000: Stirling's series and the deviance).
fn poisson(x: f64, m: usize) -> f64 {
    if m == 0 {
        return (-x).exp();
    }
    let n = m as f64;
    let deviance = if (x - n).abs() < 0.1 * (x + n) {
        // n ln(n/x) + x − n by its series in (n − x)/(n + x), where it would cancel.
        let v = (n - x) / (n + x);
        let mut term = 2.0 * n * v;
        let mut sum = (n - x) * v;
        for j in 1.. {
            term *= v * v;
            let next = sum + term / (2 * j + 1) as f64;
            if next == sum {
                break;
            }
            sum = next;
        }
        sum
    } else {
        n * (n / x).ln() + x - n
    };
    (-stirling_error(n) - deviance).exp() / (TAU * n).sqrt()
}

/// ln n! − [ln √(2πn) + n ln n − n].
fn stirling_error(n: f64) -> f64 {
    if n < 16.0 {
        return libm::lgamma(n + 1.0) - (0.5 * (2.0 * PI * n).ln() + n * n.ln() - n);
    }
    let s = 1.0 / (n * n);
    (1.0 / 12.0 - s * (1.0 / 360.0 - s * (1.0 / 1260.0 - s * (1.0 / 1680.0 - s / 1188.0)))) / n
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deadtime::{DeadTime, apply_dead_time};
    use crate::simulate::{RateSeries, events_from_rate};
    use astro_fft::RealFft1;

    const SEED: u64 = 19_950_821;

    #[test]
    fn poisson_terms_are_right() {
        for (x, m, expected) in [
            (1.0, 0, (-1.0f64).exp()),
            (2.5, 3, (-2.5f64).exp() * 2.5f64.powi(3) / 6.0),
            // 30 digits: exp(−100) 100^100/100!
            (100.0, 100, 0.039_860_996_809_147_13),
            (
                20.0,
                15,
                (-20.0f64).exp() * 20.0f64.powi(15) / 1_307_674_368_000.0,
            ),
        ] {
            assert!((poisson(x, m) / expected - 1.0).abs() < 1e-13, "{x} {m}");
        }
        let total: f64 = (0..2000).map(|m| poisson(900.5, m)).sum();
        assert!((total - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_mean_excess_is_its_sum_and_that_of_the_paper() {
        for (x, n) in [
            (0.3, 1),
            (3.0, 2),
            (3.0, 9),
            (50.0, 47),
            (50.0, 60),
            (7.0, 300),
        ] {
            let found = mean_excess(x, n);
            let direct: f64 = (n + 1..n + 400)
                .map(|m| (m - n) as f64 * poisson(x, m))
                .sum();
            assert!((found - direct).abs() <= 1e-12 * direct, "{x} {n}");
            let paper: f64 = (0..n).map(|m| (n - m) as f64 * poisson(x, m)).sum();
            assert!(
                (found - (x - n as f64 + paper)).abs() < 1e-12 * (x + n as f64),
                "{x} {n}"
            );
        }
    }

    /// Averaged Leahy periodogram of events.
    fn periodogram(times: &[f64], bins: usize, bin_s: f64, segments: usize) -> Vec<f64> {
        let fft = RealFft1::new(bins).unwrap();
        let mut sum = vec![0.0; bins / 2];
        let mut counts = vec![0.0; bins * segments];
        for time in times {
            if let Some(count) = counts.get_mut((time / bin_s) as usize) {
                *count += 1.0;
            }
        }
        for segment in counts.chunks_exact(bins) {
            let total: f64 = segment.iter().sum();
            let spectrum = fft.forward(segment).unwrap();
            for (s, z) in sum.iter_mut().zip(&spectrum).skip(1) {
                *s += 2.0 * z.norm_sqr() / total / segments as f64;
            }
        }
        sum
    }

    /// χ² of the model against simulated events, with and without background filtered out.
    #[test]
    fn simulated_events_have_this_spectrum() {
        let (bins, bin_s, segments, dead) = (128, 1.0 / 512.0, 4000, 0.0025);
        let duration = bins as f64 * bin_s * segments as f64;
        let times = events_from_rate(&RateSeries::constant(0.0, duration, 500.0), SEED).unwrap();
        let kept = apply_dead_time(&times, DeadTime::NonParalysable, dead).unwrap();
        // Every third detection is background.
        let source: Vec<f64> = {
            use rand::{RngExt, SeedableRng};
            let mut random = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(SEED);
            kept.iter()
                .copied()
                .filter(|_| random.random::<f64>() < 2.0 / 3.0)
                .collect()
        };
        let rate = kept.len() as f64 / duration;
        for (times, model) in [
            (
                &kept,
                ZhangModel::from_incident(500.0, dead, bin_s).unwrap(),
            ),
            (
                &source,
                ZhangModel::with_background(rate / 1.5, rate / 3.0, dead, bin_s).unwrap(),
            ),
        ] {
            let found = periodogram(times, bins, bin_s, segments);
            let expected = model.powers(bins);
            let mut chi2 = 0.0;
            for j in 1..bins / 2 {
                chi2 += ((found[j] / expected[j] - 1.0).powi(2)) * segments as f64;
            }
            let dof = (bins / 2 - 1) as f64;
            assert!(
                (chi2 - dof).abs() < 4.0 * (2.0 * dof).sqrt(),
                "{chi2} of {dof}"
            );
        }
    }

    #[test]
    fn coefficients_end_at_rounding() {
        for (rate, dead, bin) in [
            (300.0, 0.0025, 1.0 / 512.0),
            (30.0, 0.0025, 0.001),
            (3000.0, 1e-4, 5e-4),
        ] {
            let model = ZhangModel::from_incident(rate, dead, bin).unwrap();
            let n = model.coefficients().len();
            assert!(n < 2000, "{n}");
            let more = ZhangModel::with_limit(rate, dead, bin, n + 200).unwrap();
            for f in [0.0, 10.0, 200.0, 0.5 / bin] {
                assert!((model.power(f) - more.power(f)).abs() < 1e-8, "{rate} {f}");
            }
        }
    }

    #[test]
    fn no_dead_time_is_poisson_noise() {
        let model = ZhangModel::from_incident(10.0, 1e-6, 1e-4).unwrap();
        for f in [1.0, 1000.0, 5000.0] {
            assert!((model.power(f) - 2.0).abs() < 1e-3);
        }
        assert!(ZhangModel::from_detected(500.0, 0.0025, 0.001).is_err());
    }
}
