//! The frequency bins of a spectrum, and how they are merged into wider ones.

use std::ops::{AddAssign, Mul};

use crate::Result;
use crate::error::{require, require_positive};
use crate::rebin::LinearRebin;

/// The frequencies of a spectrum.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct FrequencyBins {
    /// Mean frequency of each bin, hertz, ascending.
    pub frequency_hz: Vec<f64>,
    /// Width of each bin, hertz.
    pub width_hz: Vec<f64>,
    /// Fourier frequencies merged in each bin, K; a fraction where frequencies are shared.
    pub merged: Vec<f64>,
    /// Powers averaged in each bin: segments times merged frequencies, m = M K.
    pub averages: Vec<f64>,
}

/// How neighbouring frequencies are merged.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum Rebinning {
    /// This many neighbours at a time; what is left at the end is dropped. The mean of K powers
    /// of a segment keeps its Gamma statistics.
    Factor(usize),
    /// Bins of this width, hertz, where frequencies at the borders are shared out. Shared
    /// frequencies make neighbouring bins correlated, and the powers no longer Gamma distributed:
    /// prefer [`Rebinning::Factor`] for fits.
    Width(f64),
    /// Bins that grow by the factor 1 + f from one to the next, starting with one frequency. Bins
    /// into which no frequency falls are left out.
    Logarithmic(f64),
    /// As [`Rebinning::Logarithmic`]; empty bins stay, with NaN, as in Stingray.
    LogarithmicWithGaps(f64),
}

/// The old bins of each new one.
#[derive(Debug)]
pub(crate) enum Groups {
    Shared(LinearRebin),
    Whole(Vec<std::ops::Range<usize>>),
}

impl FrequencyBins {
    /// The positive Fourier frequencies below Nyquist of `bins` bins of `bin_s`, of an average of
    /// `segments`.
    pub(crate) fn positive(bins: usize, bin_s: f64, segments: u64) -> Self {
        Self::of_range(1..bins.div_ceil(2), bins, bin_s, segments)
    }

    /// The Fourier frequencies with the numbers in `range`.
    pub(crate) fn of_range(
        range: std::ops::Range<usize>,
        bins: usize,
        bin_s: f64,
        segments: u64,
    ) -> Self {
        let count = range.len();
        let length = bins as f64 * bin_s;
        Self {
            frequency_hz: range.map(|k| k as f64 / length).collect(),
            width_hz: vec![1.0 / length; count],
            merged: vec![1.0; count],
            averages: vec![segments as f64; count],
        }
    }

    /// Number of bins.
    #[must_use]
    pub fn len(&self) -> usize {
        self.frequency_hz.len()
    }

    /// Whether there is no bin.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frequency_hz.is_empty()
    }

    /// The bins whose mean frequency lies from `low_hz` to `high_hz`, both inside.
    #[must_use]
    pub fn between(&self, low_hz: f64, high_hz: f64) -> std::ops::Range<usize> {
        let first = self.frequency_hz.partition_point(|&f| f < low_hz);
        let after = self.frequency_hz.partition_point(|&f| f <= high_hz);
        first..after.max(first)
    }

    /// How these bins are merged.
    pub(crate) fn groups(&self, rebinning: Rebinning) -> Result<Groups> {
        match rebinning {
            Rebinning::Factor(factor) => {
                require("rebinning factor", factor as f64, factor > 0, "at least 1")?;
                let whole = self.len() / factor;
                Ok(Groups::Whole(
                    (0..whole).map(|j| j * factor..(j + 1) * factor).collect(),
                ))
            }
            Rebinning::Width(width_hz) => {
                require_positive("new bin width", width_hz)?;
                let old = self.width_hz.first().copied().unwrap_or(width_hz);
                let even = self.width_hz.iter().all(|&w| (w - old).abs() <= 1e-9 * old);
                require(
                    "first bin width",
                    old,
                    even,
                    "that of all bins: rebin by width before rebinning logarithmically",
                )?;
                Ok(Groups::Shared(LinearRebin::new(
                    self.len(),
                    width_hz / old,
                )?))
            }
            Rebinning::Logarithmic(growth) => {
                let groups = self.logarithmic(growth)?;
                let some = groups.into_iter().filter(|group| group.start < group.end);
                Ok(Groups::Whole(some.collect()))
            }
            Rebinning::LogarithmicWithGaps(growth) => {
                let mut groups = self.logarithmic(growth)?;
                while groups.last().is_some_and(|group| group.start == group.end) {
                    groups.pop();
                }
                Ok(Groups::Whole(groups))
            }
        }
    }

    /// Bins from half the first frequency on, the first as wide as a frequency, each wider than
    /// the last by 1 + `growth`.
    fn logarithmic(&self, growth: f64) -> Result<Vec<std::ops::Range<usize>>> {
        require(
            "growth of logarithmic bins",
            growth,
            growth >= 0.0 && growth.is_finite(),
            "finite and at least 0",
        )?;
        let (Some(&first), Some(&width)) = (self.frequency_hz.first(), self.width_hz.first())
        else {
            return Ok(Vec::new());
        };
        let mut groups = Vec::new();
        let mut edge = 0.5 * first;
        let mut width = width;
        let mut from = 0;
        while from < self.len() {
            edge += width;
            let to = from + self.frequency_hz[from..].partition_point(|&f| f < edge);
            groups.push(from..to);
            from = to;
            // Stingray takes the width as a difference of edges; this is its rounding apart.
            width *= 1.0 + growth;
        }
        Ok(groups)
    }

    /// The bins merged.
    pub(crate) fn merged(&self, groups: &Groups) -> Self {
        match groups {
            Groups::Whole(_) => Self {
                frequency_hz: groups.means(&self.frequency_hz),
                width_hz: groups.sums(&self.width_hz),
                merged: groups.sums(&self.merged),
                averages: groups.sums(&self.averages),
            },
            Groups::Shared(rebin) => {
                // The middles of the new bins; the mean of shared frequencies is that too.
                let width_hz = groups.sums(&self.width_hz);
                let old = self.width_hz.first().copied().unwrap_or(0.0);
                let new = width_hz.first().copied().unwrap_or(0.0);
                let first = self.frequency_hz.first().copied().unwrap_or(0.0);
                let start = first - 0.5 * old + 0.5 * new;
                Self {
                    frequency_hz: (0..rebin.len())
                        .map(|j| (j as f64).mul_add(new, start))
                        .collect(),
                    merged: groups.sums(&self.merged),
                    averages: groups.sums(&self.averages),
                    width_hz,
                }
            }
        }
    }
}

impl Groups {
    /// Sums over the new bins.
    fn sums<T>(&self, values: &[T]) -> Vec<T>
    where
        T: Copy + Default + AddAssign + Mul<f64, Output = T>,
    {
        match self {
            Self::Shared(rebin) => rebin.sums(values),
            Self::Whole(groups) => groups
                .iter()
                .map(|group| {
                    let mut sum = T::default();
                    values[group.clone()].iter().for_each(|&value| sum += value);
                    sum
                })
                .collect(),
        }
    }

    /// Number of old bins in each new one.
    fn weights(&self) -> Vec<f64> {
        match self {
            Self::Shared(rebin) => {
                vec![rebin.factor(); rebin.len()]
            }
            Self::Whole(groups) => groups.iter().map(|group| group.len() as f64).collect(),
        }
    }

    /// Means over the new bins; NaN in empty ones.
    pub(crate) fn means<T>(&self, values: &[T]) -> Vec<T>
    where
        T: Copy + Default + AddAssign + Mul<f64, Output = T>,
    {
        let sums = self.sums(values).into_iter();
        sums.zip(self.weights())
            .map(|(sum, weight)| sum * (1.0 / weight))
            .collect()
    }

    /// Errors of the means of independent values.
    pub(crate) fn errors_of_means(&self, errors: &[f64]) -> Vec<f64> {
        let errors: Vec<f64> = match self {
            Self::Shared(rebin) => rebin.errors_of_sums(errors),
            Self::Whole(groups) => groups
                .iter()
                .map(|group| {
                    errors[group.clone()]
                        .iter()
                        .map(|e| e * e)
                        .sum::<f64>()
                        .sqrt()
                })
                .collect(),
        };
        errors
            .iter()
            .zip(self.weights())
            .map(|(e, weight)| e / weight)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_and_even_numbers_of_bins_stop_below_nyquist() {
        let even = FrequencyBins::positive(8, 0.5, 3);
        assert_eq!(even.frequency_hz, [0.25, 0.5, 0.75]);
        let odd = FrequencyBins::positive(9, 1.0, 3);
        assert_eq!(odd.len(), 4);
        assert_eq!(odd.averages, [3.0; 4]);
        assert_eq!(odd.between(2.0 / 9.0, 3.0 / 9.0), 1..3);
    }

    #[test]
    fn factors_merge_whole_bins() {
        let bins = FrequencyBins::positive(16, 1.0, 10);
        let groups = bins.groups(Rebinning::Factor(3)).unwrap();
        let merged = bins.merged(&groups);
        assert_eq!(merged.frequency_hz, [2.0 / 16.0, 5.0 / 16.0]);
        assert_eq!(merged.averages, [30.0, 30.0]);
        assert_eq!(
            groups.means(&[1.0, 2.0, 3.0, 6.0, 6.0, 6.0, 9.0]),
            [2.0, 6.0]
        );
        assert_eq!(
            groups.errors_of_means(&[3.0, 0.0, 4.0, 0.0, 0.0, 1.0, 9.0])[0],
            5.0 / 3.0
        );
    }

    #[test]
    fn logarithmic_bins_hold_every_frequency_once() {
        let bins = FrequencyBins::positive(2048, 0.01, 1);
        for growth in [0.0, 0.02, 0.5] {
            let Groups::Whole(groups) = bins.groups(Rebinning::Logarithmic(growth)).unwrap() else {
                panic!("logarithmic bins are whole");
            };
            let all: Vec<usize> = groups.iter().cloned().flatten().collect();
            assert_eq!(all, (0..bins.len()).collect::<Vec<_>>());
            assert!(groups.iter().all(|group| !group.is_empty()));
        }
        assert!(bins.groups(Rebinning::Logarithmic(-1.0)).is_err());
        assert!(bins.groups(Rebinning::Width(1e-9)).is_err());
    }
}
