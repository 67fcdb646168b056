//! Visibilities in bins of deprojected distance.

use astro_core::CompensatedSum;
use serde::{Deserialize, Serialize};

use crate::{DeprojectedVisibilities, Error, Result};

/// Weighted means of the visibilities in one range of deprojected distance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct UvBin {
    /// Weighted mean of the distances, wavelengths.
    pub rho: f64,
    /// Where the bin begins, included, wavelengths.
    pub lower: f64,
    /// Where it ends, not included, wavelengths.
    pub upper: f64,
    /// How many visibilities it holds; never 0.
    pub count: usize,
    /// Weighted mean of the real parts, Jy.
    pub real: f64,
    /// Weighted mean of the imaginary parts, Jy.
    pub imaginary: f64,
    /// Error of either mean by the weights, 1/√Σw, Jy.
    pub error: f64,
    /// Weighted standard deviation of the real parts about their mean, Jy; none of a single point.
    pub real_scatter: Option<f64>,
    /// The same of the imaginary parts.
    pub imaginary_scatter: Option<f64>,
}

/// How distances are divided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UvBinning {
    /// Bins of one width in wavelengths, from 0.
    Width(f64),
    /// So many bins of equal ratio between the shortest and the longest distance.
    Logarithmic(usize),
    /// Increasing edges, wavelengths; what lies outside is left out.
    Edges(Vec<f64>),
}

/// Most bins of one plot.
const MOST_BINS: f64 = 1e6;

impl DeprojectedVisibilities {
    /// Means in bins; empty bins are left out.
    ///
    /// Scatter is √(Σw (x − x̄)² / Σw · n/(n − 1)).
    ///
    /// # Errors
    /// A width, count or edges that make no sense.
    ///
    /// ```
    /// use astro_visibility::{DeprojectedVisibilities, UvBinning};
    /// use num_complex::Complex64;
    /// let points = DeprojectedVisibilities {
    ///     rho: vec![1e5, 1.5e5, 9e5],
    ///     value: vec![Complex64::new(2.0, 0.0), Complex64::new(4.0, 0.2), Complex64::new(1.0, 0.0)],
    ///     weight: vec![1.0, 3.0, 5.0],
    /// };
    /// let bins = points.binned(&UvBinning::Width(2e5))?;
    /// assert_eq!(bins.len(), 2);
    /// assert_eq!((bins[0].real, bins[0].error, bins[0].count), (3.5, 0.5, 2));
    /// # Ok::<(), astro_visibility::Error>(())
    /// ```
    pub fn binned(&self, binning: &UvBinning) -> Result<Vec<UvBin>> {
        astro_core::check_lengths("value", self.value.len(), "rho", self.rho.len())?;
        astro_core::check_lengths("weight", self.weight.len(), "rho", self.rho.len())?;
        let edges = self.edges(binning)?;
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); edges.len().saturating_sub(1)];
        for (index, &rho) in self.rho.iter().enumerate() {
            let after = edges.partition_point(|&edge| edge <= rho);
            if after > 0
                && let Some(bin) = members.get_mut(after - 1)
                && self.weight[index] > 0.0
            {
                bin.push(index);
            }
        }
        let bins = members
            .iter()
            .enumerate()
            .filter(|(_, bin)| !bin.is_empty());
        Ok(bins
            .map(|(k, members)| self.bin(members, edges[k], edges[k + 1]))
            .collect())
    }

    fn bin(&self, members: &[usize], lower: f64, upper: f64) -> UvBin {
        let weighted = |part: &dyn Fn(usize) -> f64| -> f64 {
            let terms = members.iter().map(|&k| self.weight[k] * part(k));
            terms.collect::<CompensatedSum>().value()
        };
        let total = weighted(&|_| 1.0);
        let real = weighted(&|k| self.value[k].re) / total;
        let imaginary = weighted(&|k| self.value[k].im) / total;
        let n = members.len() as f64;
        let scatter = |square: f64| (n > 1.0).then(|| (square / total * n / (n - 1.0)).sqrt());
        UvBin {
            rho: weighted(&|k| self.rho[k]) / total,
            lower,
            upper,
            count: members.len(),
            real,
            imaginary,
            error: total.sqrt().recip(),
            real_scatter: scatter(weighted(&|k| (self.value[k].re - real).powi(2))),
            imaginary_scatter: scatter(weighted(&|k| (self.value[k].im - imaginary).powi(2))),
        }
    }

    fn edges(&self, binning: &UvBinning) -> Result<Vec<f64>> {
        let wrong = |name, value, requirement| {
            Err(Error::Parameter {
                name,
                value,
                requirement,
            })
        };
        let longest = self.rho.iter().copied().fold(0.0, f64::max);
        match binning {
            UvBinning::Width(width) => {
                if !(*width > 0.0 && width.is_finite()) {
                    return wrong("width of the uv bins", *width, "finite and > 0");
                }
                let count = (longest / width).floor() + 1.0;
                if count > MOST_BINS {
                    return wrong("number of uv bins", count, "at most 1e6: widen the bins");
                }
                Ok((0..=count as usize).map(|k| k as f64 * width).collect())
            }
            UvBinning::Logarithmic(count) => {
                if !(1..=MOST_BINS as usize).contains(count) {
                    return wrong("number of uv bins", *count as f64, "between 1 and 1e6");
                }
                let above_zero = self.rho.iter().copied().filter(|&rho| rho > 0.0);
                let shortest = above_zero.fold(f64::INFINITY, f64::min);
                if shortest.is_infinite() {
                    return Ok(Vec::new());
                }
                // The last bin holds the longest distance itself.
                let ratio = 1.000_000_1 * longest / shortest;
                let edge = |k: usize| shortest * ratio.powf(k as f64 / *count as f64);
                Ok((0..=*count).map(edge).collect())
            }
            UvBinning::Edges(edges) => {
                astro_core::check_finite("uv bin edges", edges.iter().copied())?;
                if edges.len() < 2 || edges.windows(2).any(|pair| pair[0] >= pair[1]) {
                    let found = edges.len() as f64;
                    return wrong("number of uv bin edges", found, "at least 2, increasing");
                }
                Ok(edges.clone())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_complex::Complex64;

    fn points() -> DeprojectedVisibilities {
        DeprojectedVisibilities {
            rho: vec![10.0, 19.0, 20.0, 35.0, 39.0, 90.0],
            value: [
                (1.0, 0.5),
                (3.0, -0.5),
                (2.0, 0.0),
                (4.0, 1.0),
                (7.0, 4.0),
                (0.5, 0.25),
            ]
            .map(|(re, im)| Complex64::new(re, im))
            .to_vec(),
            weight: vec![1.0, 1.0, 4.0, 1.0, 2.0, 16.0],
        }
    }

    #[test]
    fn means_errors_and_scatter_are_the_literal_sums() {
        let bins = points()
            .binned(&UvBinning::Edges(vec![10.0, 20.0, 40.0, 60.0]))
            .unwrap();
        assert_eq!(bins.len(), 2);
        let first = bins[0];
        assert_eq!((first.count, first.real, first.imaginary), (2, 2.0, 0.0));
        assert_eq!(first.rho, 14.5);
        assert!((first.error - 0.5_f64.sqrt()).abs() < 1e-15);
        // Two points 1 from their mean: √(1 · 2/1).
        assert!((first.real_scatter.unwrap() - 2.0_f64.sqrt()).abs() < 1e-15);
        let second = bins[1];
        // (4·2 + 4 + 2·7)/7 = 26/7; (1 + 2·4)/7 = 9/7; (80 + 35 + 78)/7.
        assert!((second.real - 26.0 / 7.0).abs() < 1e-15);
        assert!((second.imaginary - 9.0 / 7.0).abs() < 1e-15);
        assert!((second.rho - 193.0 / 7.0).abs() < 1e-13);
        assert!((second.error - (1.0 / 7.0_f64).sqrt()).abs() < 1e-15);
        let mean = 26.0 / 7.0;
        let square = 4.0 * (2.0_f64 - mean).powi(2)
            + (4.0_f64 - mean).powi(2)
            + 2.0 * (7.0_f64 - mean).powi(2);
        assert!((second.real_scatter.unwrap() - (square / 7.0 * 1.5).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn widths_and_ratios_hold_every_point_once() {
        for binning in [
            UvBinning::Width(15.0),
            UvBinning::Width(10.0),
            UvBinning::Logarithmic(1),
            UvBinning::Logarithmic(7),
        ] {
            let bins = points().binned(&binning).unwrap();
            assert_eq!(
                bins.iter().map(|bin| bin.count).sum::<usize>(),
                6,
                "{binning:?}"
            );
            for bin in bins {
                assert!(bin.lower <= bin.rho && bin.rho < bin.upper);
                assert_eq!(bin.count == 1, bin.real_scatter.is_none());
            }
        }
    }

    #[test]
    fn bad_bins_are_refused() {
        for binning in [
            UvBinning::Width(0.0),
            UvBinning::Width(f64::NAN),
            UvBinning::Width(1e-9),
            UvBinning::Logarithmic(0),
            UvBinning::Edges(vec![1.0]),
            UvBinning::Edges(vec![2.0, 1.0]),
        ] {
            assert!(points().binned(&binning).is_err(), "{binning:?}");
        }
    }
}
