//! Dynamical spectra: a spectrum a segment, in time order.

use std::ops::{AddAssign, Mul};

use ndarray::{Array2, ArrayView1, Axis};
use num_complex::Complex64;

use super::bins::{FrequencyBins, Rebinning};
use super::normalization::{Normalization, SegmentLight};
use super::power::{Averaging, PowerSpectrum};
use crate::error::require;
use crate::rebin::LinearRebin;
use crate::{Compat, Error, Result};

/// Spectra against time: `values[[row, bin]]` at `time_s[row]` and `bins.frequency_hz[bin]`.
#[derive(Clone, Debug, PartialEq)]
pub struct DynamicalSpectrum<V> {
    /// Mean time of each row, seconds after the reference.
    pub time_s: Vec<f64>,
    /// Good time in a row, seconds.
    pub row_s: f64,
    /// The frequencies; their `averages` are those of one row.
    pub bins: FrequencyBins,
    /// Powers or cross powers, shape `[rows, frequencies]`.
    pub values: Array2<V>,
    /// What they are measured in.
    pub normalization: Normalization,
    /// What a segment has on average (for a cross spectrum the geometric mean of both series).
    pub light: SegmentLight,
    /// Whose formulas.
    pub compat: Compat,
}

/// Power spectra against time.
pub type DynamicalPowerSpectrum = DynamicalSpectrum<f64>;
/// Cross spectra against time.
pub type DynamicalCrossSpectrum = DynamicalSpectrum<Complex64>;

/// One row of a dynamical spectrum, as it is computed.
#[derive(Clone, Debug, PartialEq)]
pub struct SpectrumRow<V> {
    /// Its number.
    pub index: usize,
    /// The middle of its segment, seconds after the reference.
    pub time_s: f64,
    /// Its values.
    pub values: Vec<V>,
}

impl<V> DynamicalSpectrum<V>
where
    V: Copy + Default + AddAssign + Mul<f64, Output = V>,
{
    /// Merges neighbouring frequencies in every row.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a factor, width or growth that makes no wider bins.
    pub fn rebinned_in_frequency(&self, rebinning: Rebinning) -> Result<Self> {
        let groups = self.bins.groups(rebinning)?;
        let bins = self.bins.merged(&groups);
        let mut values = Array2::default((self.values.nrows(), bins.len()));
        for (row, mut new) in self.values.rows().into_iter().zip(values.rows_mut()) {
            let means = groups.means(&row.to_vec());
            new.iter_mut().zip(means).for_each(|(to, mean)| *to = mean);
        }
        Ok(Self {
            bins,
            values,
            time_s: self.time_s.clone(),
            ..*self
        })
    }

    /// Means of `rows` neighbouring rows, at their mean time, whatever gaps lie between them. Rows
    /// left over at the end are dropped.
    ///
    /// # Errors
    /// [`Error::Parameter`] for no rows.
    #[doc(alias = "rebin_by_n_intervals")]
    pub fn rebinned_by_rows(&self, rows: usize) -> Result<Self> {
        require("rows to be averaged", rows as f64, rows > 0, "at least 1")?;
        let mut new = self.averaged_rows(LinearRebin::new(self.time_s.len(), rows as f64)?);
        let times = self.time_s.chunks_exact(rows);
        new.time_s = times
            .map(|chunk| chunk.iter().sum::<f64>() / rows as f64)
            .collect();
        Ok(new)
    }

    /// Rows of `row_s` seconds, where old rows at the borders are shared out.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a time below the present one, and [`Error::Unsuitable`] if there
    /// are gaps between rows (use [`Self::rebinned_by_rows`]).
    pub fn rebinned_in_time(&self, row_s: f64) -> Result<Self> {
        let even = |pair: &[f64]| (pair[1] - pair[0] - self.row_s).abs() < 1e-3 * self.row_s;
        if !self.time_s.windows(2).all(even) {
            return Err(Error::Unsuitable {
                operation: "rebinning in time to a width",
                requirement: "rows without gaps between them; average a number of rows instead",
            });
        }
        let mut new = self.averaged_rows(LinearRebin::new(self.time_s.len(), row_s / self.row_s)?);
        let first = self.time_s.first().copied().unwrap_or(0.0);
        let start = first - 0.5 * self.row_s + 0.5 * row_s;
        new.time_s = (0..new.values.nrows())
            .map(|row| (row as f64).mul_add(row_s, start))
            .collect();
        Ok(new)
    }

    fn averaged_rows(&self, rebin: LinearRebin) -> Self {
        let mut values = Array2::default((rebin.len(), self.values.ncols()));
        for (column, mut new) in self.values.columns().into_iter().zip(values.columns_mut()) {
            let sums = rebin.sums(&column.to_vec());
            let means = sums.into_iter().map(|sum| sum * (1.0 / rebin.factor()));
            new.iter_mut().zip(means).for_each(|(to, mean)| *to = mean);
        }
        let mut bins = self.bins.clone();
        bins.averages.iter_mut().for_each(|m| *m *= rebin.factor());
        Self {
            bins,
            values,
            time_s: Vec::new(),
            row_s: self.row_s * rebin.factor(),
            ..*self
        }
    }
}

impl DynamicalPowerSpectrum {
    /// One row as a power spectrum.
    #[must_use]
    pub fn row(&self, row: usize) -> Option<PowerSpectrum> {
        let values = (row < self.values.nrows()).then(|| self.values.index_axis(Axis(0), row))?;
        Some(self.spectrum(values.to_vec(), self.bins.clone()))
    }

    fn spectrum(&self, power: Vec<f64>, bins: FrequencyBins) -> PowerSpectrum {
        PowerSpectrum {
            error: power
                .iter()
                .zip(&bins.averages)
                .map(|(p, m)| p / m.sqrt())
                .collect(),
            segments: (self.row_s / self.light.segment_s()).round() as u64,
            bins,
            power,
            normalization: self.normalization,
            averaging: Averaging::CommonMean,
            light: self.light,
            empty_segments: 0,
            compat: self.compat,
        }
    }

    /// The bin of the largest power from `low_hz` to `high_hz` in each row.
    ///
    /// # Errors
    /// [`Error::Parameter`] if no frequency lies between them.
    pub fn trace_maximum(&self, low_hz: f64, high_hz: f64) -> Result<Vec<usize>> {
        let range = self.bins.between(low_hz, high_hz);
        let some = range.start < range.end;
        require(
            "lower frequency",
            low_hz,
            some,
            "below the upper one, with a bin between them",
        )?;
        let largest = |row: ArrayView1<'_, f64>| {
            let better = |best: usize, bin: usize| if row[bin] > row[best] { bin } else { best };
            range.clone().reduce(better).unwrap_or(range.start)
        };
        Ok(self.values.rows().into_iter().map(largest).collect())
    }

    /// The mean of rows shifted so that a frequency that moves stands still: row by row,
    /// `bins` frequencies around `frequency_hz`, which come to lie at the mean of these.
    /// Frequencies outside the spectrum do not count.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a frequency for each row; [`Error::Parameter`] for no
    /// bins.
    ///
    /// # References
    /// Méndez et al. 1998, ApJ 494, L65.
    pub fn shift_and_add(&self, frequency_hz: &[f64], bins: usize) -> Result<PowerSpectrum> {
        let rows = self.values.nrows();
        astro_core::check_lengths("frequencies", frequency_hz.len(), "rows", rows)?;
        require("bins", bins as f64, bins > 0, "at least 1")?;
        let (mut sums, mut weights) = (vec![0.0; bins], vec![0.0; bins]);
        for (row, &f) in self.values.rows().into_iter().zip(frequency_hz) {
            let center = self.bins.frequency_hz.partition_point(|&x| x < f);
            for bin in 0..bins {
                let from = (center + bin).checked_sub(bins / 2);
                if let Some(from) = from.filter(|&from| from < row.len()) {
                    let weight = self.bins.averages[from];
                    sums[bin] += row[from] * weight;
                    weights[bin] += weight;
                }
            }
        }
        let width = self.bins.width_hz.first().copied().unwrap_or(0.0);
        let mean = frequency_hz.iter().sum::<f64>() / rows.max(1) as f64;
        let middle = 0.5 * (bins - 1) as f64;
        let filled: Vec<usize> = (0..bins).filter(|&bin| weights[bin] > 0.0).collect();
        let pick = |of: &dyn Fn(usize) -> f64| filled.iter().map(|&bin| of(bin)).collect();
        let axis = FrequencyBins {
            frequency_hz: pick(&|bin| (bin as f64 - middle).mul_add(width, mean)),
            width_hz: pick(&|_| width),
            merged: pick(&|_| self.bins.merged[0]),
            averages: pick(&|bin| weights[bin]),
        };
        Ok(self.spectrum(pick(&|bin| sums[bin] / weights[bin]), axis))
    }
}
