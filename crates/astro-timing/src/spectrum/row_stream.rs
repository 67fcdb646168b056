//! Rows of a dynamical power spectrum that may be larger than memory, merged as they come.

use astro_core::{EventSource, Progress, Segments};
use astro_fft::FftReal;

use super::bins::{FrequencyBins, Groups, Rebinning};
use super::dynamical::SpectrumRow;
use super::power::{Averaging, PowerSpectrum};
use super::power_plan::PowerSpectrumPlan;
use super::rows::DynamicalShape;
use crate::Result;
use crate::error::require;

/// How rows of a dynamical spectrum are merged; not at all by default.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RowMerging {
    /// Neighbouring rows averaged, whatever gaps lie between them; rows left over at the end are
    /// dropped. 0 is taken for 1.
    pub rows: usize,
    /// Neighbouring frequencies merged.
    pub frequency: Option<Rebinning>,
}

/// A dynamical power spectrum that is computed row by row: its shape is known before.
///
/// ```
/// use astro_core::{GoodTimeIntervals, NoProgress};
/// use astro_timing::{EventList, PowerSpectrumPlan, RowMerging};
///
/// let times = (0..6400).map(|i| f64::from(i) / 100.0).collect();
/// let events = EventList::new(times, GoodTimeIntervals::single(0.0, 64.0)?)?;
/// let plan = PowerSpectrumPlan::<f64>::new(4.0, 0.02)?;
/// let rows = plan.row_stream(&events, RowMerging { rows: 2, ..RowMerging::default() })?;
/// assert_eq!((rows.shape().rows, rows.shape().bins.len()), (8, 99));
/// let mut times = Vec::new();
/// rows.stream(&NoProgress, |row| Ok(times.push(row.time_s)))?;
/// assert_eq!(times[..2], [4.0, 12.0]);
/// # Ok::<(), astro_timing::Error>(())
/// ```
#[derive(Debug)]
pub struct PowerRows<'a, T, S> {
    plan: &'a PowerSpectrumPlan<T>,
    source: &'a S,
    segments: Segments,
    counts: f64,
    shape: DynamicalShape,
    groups: Option<Groups>,
    merged: usize,
}

impl<T: FftReal> PowerSpectrumPlan<T> {
    /// Prepares the rows of a dynamical spectrum; their counts are found by [`EventSource::count`].
    ///
    /// # Errors
    /// As [`Self::execute`], and for a rebinning that makes no wider bins.
    pub fn row_stream<'a, S: EventSource>(
        &'a self,
        source: &'a S,
        merging: RowMerging,
    ) -> Result<PowerRows<'a, T, S>> {
        self.backend.require_host("a dynamical power spectrum")?;
        let segments = self.segments(source)?;
        let counts = super::rows::count_events(source, &segments)?;
        let mut bins = FrequencyBins::positive(segments.bins(), segments.bin_s(), 1);
        let groups = merging.frequency.map(|how| bins.groups(how)).transpose()?;
        if let Some(groups) = &groups {
            bins = bins.merged(groups);
        }
        let merged = merging.rows.max(1);
        let rows = segments.len() / merged;
        require(
            "rows to be averaged",
            merged as f64,
            rows > 0,
            "at most the number of segments",
        )?;
        bins.averages.iter_mut().for_each(|m| *m *= merged as f64);
        let light = self.row_light(segments.bins(), counts / segments.len() as f64);
        Ok(PowerRows {
            plan: self,
            source,
            shape: DynamicalShape { rows, bins, light },
            segments,
            counts,
            groups,
            merged,
        })
    }
}

impl<T: FftReal, S: EventSource> PowerRows<'_, T, S> {
    /// What the rows have in common.
    #[must_use]
    pub fn shape(&self) -> &DynamicalShape {
        &self.shape
    }

    /// Good time in a row, seconds.
    #[must_use]
    pub fn row_s(&self) -> f64 {
        self.merged as f64 * self.segments.length_s()
    }

    /// One row as a power spectrum.
    #[must_use]
    pub fn spectrum(&self, row: &SpectrumRow<f64>) -> PowerSpectrum {
        let settings = &self.plan.settings;
        let errors = row.values.iter().zip(&self.shape.bins.averages);
        PowerSpectrum {
            bins: self.shape.bins.clone(),
            error: errors.map(|(power, m)| power / m.sqrt()).collect(),
            power: row.values.clone(),
            normalization: settings.normalization,
            averaging: Averaging::CommonMean,
            light: self.shape.light,
            segments: self.merged as u64,
            empty_segments: 0,
            compat: settings.compat,
        }
    }

    /// Calls `sink` with one row after the other, in time order.
    ///
    /// # Errors
    /// As [`PowerSpectrumPlan::execute_with`], and those of `sink`.
    pub fn stream(
        &self,
        progress: &dyn Progress,
        mut sink: impl FnMut(SpectrumRow<f64>) -> Result<()>,
    ) -> Result<()> {
        let mut pending: Option<SpectrumRow<f64>> = None;
        let (mut held, mut index) = (0, 0);
        self.plan
            .segment_rows(self.source, &self.segments, self.counts, progress, |row| {
                let values = match &self.groups {
                    Some(groups) => groups.means(&row.values),
                    None => row.values,
                };
                let row = SpectrumRow { values, ..row };
                match &mut pending {
                    Some(sum) => {
                        sum.time_s += row.time_s;
                        let pairs = sum.values.iter_mut().zip(row.values);
                        pairs.for_each(|(sum, value)| *sum += value);
                    }
                    None => pending = Some(row),
                }
                held += 1;
                if held < self.merged {
                    return Ok(());
                }
                held = 0;
                let Some(mut full) = pending.take() else {
                    return Ok(());
                };
                let part = 1.0 / self.merged as f64;
                full.index = index;
                full.time_s *= part;
                full.values.iter_mut().for_each(|value| *value *= part);
                index += 1;
                sink(full)
            })
    }
}

#[cfg(test)]
mod tests {
    use astro_core::{GoodTimeIntervals, NoProgress};

    use super::*;
    use crate::EventList;

    #[test]
    fn merged_rows_are_those_of_the_whole_spectrum() {
        let times = (0..9000).map(|i| 0.01 * f64::from(i) + 0.003 * f64::from(i * i % 7));
        let mut times: Vec<f64> = times.collect();
        times.sort_by(f64::total_cmp);
        let gti = GoodTimeIntervals::new([[0.0, 30.0], [40.0, 90.0]]).unwrap();
        let events = EventList::new(times, gti).unwrap();
        let plan = PowerSpectrumPlan::<f64>::new(4.0, 0.05).unwrap();
        let rebinning = Rebinning::Logarithmic(0.3);
        let whole = plan.dynamical(&events).unwrap();
        let whole = whole.rebinned_in_frequency(rebinning).unwrap();
        let whole = whole.rebinned_by_rows(4).unwrap();
        let merging = RowMerging {
            rows: 4,
            frequency: Some(rebinning),
        };
        let rows = plan.row_stream(&events, merging).unwrap();
        assert_eq!(rows.shape().bins, whole.bins);
        assert_eq!(
            (rows.shape().rows, rows.row_s()),
            (whole.values.nrows(), 16.0)
        );
        let mut seen = 0;
        rows.stream(&NoProgress, |row| {
            assert!((row.time_s - whole.time_s[row.index]).abs() < 1e-9);
            for (found, expected) in row.values.iter().zip(whole.values.row(row.index)) {
                assert!((found - expected).abs() < 1e-12 * expected.abs());
            }
            seen += 1;
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, whole.values.nrows());
        let too_many = RowMerging {
            rows: 100,
            frequency: None,
        };
        assert!(plan.row_stream(&events, too_many).is_err());
    }
}
