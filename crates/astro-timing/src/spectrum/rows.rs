//! Rows of dynamical spectra, computed by many threads and handed over in time order.

use astro_core::{EventSource, Progress, Segments};
use astro_fft::FftReal;
use ndarray::Array2;
use num_complex::Complex64;
use rayon::prelude::*;

use super::bins::FrequencyBins;
use super::cross_plan::CrossSpectrumPlan;
use super::dynamical::{
    DynamicalCrossSpectrum, DynamicalPowerSpectrum, DynamicalSpectrum, SpectrumRow,
};
use super::engine::{Engine, no_counts};
use super::input::{CurveInput, EventInput, PairInput, SegmentInput};
use super::normalization::SegmentLight;
use super::power_plan::PowerSpectrumPlan;
use super::row_stream::RowMerging;
use super::settings::common_gti;
use crate::{Error, LightCurve, Result};

/// Bytes of the rows computed at a time for each thread, and the fewest and most rows: enough to
/// keep all busy, few enough to hold.
const BYTES_PER_THREAD: usize = 2 << 20;
const ROWS_PER_THREAD: [usize; 2] = [4, 64];

/// The shape of a dynamical spectrum that is streamed: everything but its values.
#[derive(Clone, Debug, PartialEq)]
pub struct DynamicalShape {
    /// Number of rows.
    pub rows: usize,
    /// The frequencies.
    pub bins: FrequencyBins,
    /// What a segment has on average.
    pub light: SegmentLight,
}

impl<T: FftReal> PowerSpectrumPlan<T> {
    /// A power spectrum a segment, all normalised with the mean counts of a segment.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn dynamical<S: EventSource>(&self, source: &S) -> Result<DynamicalPowerSpectrum> {
        let mut rows = Collected::default();
        let shape = self.stream_rows(source, &astro_core::NoProgress, |row| rows.push(row))?;
        rows.finish(shape, self)
    }

    /// A power spectrum a segment of a light curve.
    ///
    /// # Errors
    /// As [`Self::execute_curve`].
    pub fn dynamical_curve(&self, curve: &LightCurve) -> Result<DynamicalPowerSpectrum> {
        self.backend.require_host("a dynamical power spectrum")?;
        let (starts, bins) = self.settings.curve_segments(curve, curve.gti())?;
        let times: Vec<f64> = (starts.iter())
            .map(|&start| curve.times()[start] + 0.5 * (bins - 1) as f64 * curve.bin_s())
            .collect();
        let counts: f64 = (starts.iter())
            .map(|&start| curve.counts()[start..start + bins].iter().sum::<f64>())
            .sum();
        let compat = self.settings.compat;
        let input = CurveInput {
            curve,
            starts,
            bins,
            compat,
        };
        let mut rows = Collected::default();
        let shape = self.rows(
            &input,
            bins,
            &times,
            counts,
            &astro_core::NoProgress,
            |row| rows.push(row),
        )?;
        rows.finish(shape, self)
    }

    /// Calls `sink` with one normalised power spectrum after the other, in time order, so that a
    /// result larger than memory can go to disk. Returns what they have in common.
    ///
    /// Counts of all segments are found first, by [`EventSource::count`].
    ///
    /// # Errors
    /// As [`Self::execute_with`], and those of `sink`.
    pub fn stream_rows<S: EventSource>(
        &self,
        source: &S,
        progress: &dyn Progress,
        sink: impl FnMut(SpectrumRow<f64>) -> Result<()>,
    ) -> Result<DynamicalShape> {
        let rows = self.row_stream(source, RowMerging::default())?;
        rows.stream(progress, sink)?;
        Ok(rows.shape().clone())
    }

    /// The spectra of the segments of a table that has `counts` in all.
    pub(super) fn segment_rows<S: EventSource>(
        &self,
        source: &S,
        segments: &Segments,
        counts: f64,
        progress: &dyn Progress,
        sink: impl FnMut(SpectrumRow<f64>) -> Result<()>,
    ) -> Result<()> {
        let times = middles(segments);
        let input = EventInput { source, segments };
        self.rows(&input, segments.bins(), &times, counts, progress, sink)?;
        Ok(())
    }

    /// What a segment has on average.
    pub(super) fn row_light(&self, bins: usize, counts: f64) -> SegmentLight {
        SegmentLight {
            bins,
            bin_s: self.settings.bin_s,
            counts,
            background_counts: self.background_rate * bins as f64 * self.settings.bin_s,
            variance: None,
        }
    }

    fn rows(
        &self,
        input: &impl SegmentInput<T>,
        bins: usize,
        times: &[f64],
        counts: f64,
        progress: &dyn Progress,
        sink: impl FnMut(SpectrumRow<f64>) -> Result<()>,
    ) -> Result<DynamicalShape> {
        let light = self.row_light(bins, counts / times.len() as f64);
        let axis = FrequencyBins::positive(bins, light.bin_s, 1);
        let factor = light.factor(self.settings.normalization);
        if light.noise() <= 0.0 {
            return Err(no_counts(times.len() as u64));
        }
        let engine = Engine::new(bins, 1, &self.buffers)?;
        let values = |index: usize| {
            let mut values = Vec::with_capacity(axis.len());
            engine.visit(input, index..index + 1, |spectra, _| {
                let powers = spectra[0][1..=axis.len()].iter();
                values.extend(powers.map(|x| x.norm_sqr().as_f64() * factor));
            })?;
            Ok(values)
        };
        in_order(times, axis.len(), values, progress, sink)?;
        Ok(DynamicalShape {
            rows: times.len(),
            bins: axis,
            light,
        })
    }
}

impl<T: FftReal> CrossSpectrumPlan<T> {
    /// A cross spectrum a segment, all normalised with the mean counts of a segment.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn dynamical<A: EventSource, B: EventSource>(
        &self,
        subject: &A,
        reference: &B,
    ) -> Result<DynamicalCrossSpectrum> {
        self.backend.require_host("a dynamical cross spectrum")?;
        let segments = &self.settings.table(&common_gti(subject, reference)?)?;
        let bins = segments.bins();
        let mean = |counts: f64, background_rate: f64| SegmentLight {
            bins,
            bin_s: self.settings.bin_s,
            counts: counts / segments.len() as f64,
            background_counts: background_rate * segments.length_s(),
            variance: None,
        };
        let [b1, b2] = self.background_rates;
        let first = mean(count_events(subject, segments)?, b1);
        let second = mean(count_events(reference, segments)?, b2);
        if first.noise() <= 0.0 || second.noise() <= 0.0 {
            return Err(no_counts(segments.len() as u64));
        }
        let normalization = self.settings.normalization;
        let factor = (first.factor(normalization) * second.factor(normalization)).sqrt();
        let axis = FrequencyBins::positive(bins, self.settings.bin_s, 1);
        let input = PairInput::new(
            EventInput {
                source: subject,
                segments,
            },
            EventInput {
                source: reference,
                segments,
            },
        );
        let engine = Engine::new(bins, 2, &self.buffers)?;
        let values = |index: usize| {
            let mut values = Vec::with_capacity(axis.len());
            engine.visit(&input, index..index + 1, |spectra, _| {
                let range = 1..=axis.len();
                let pairs = spectra[0][range.clone()].iter().zip(&spectra[1][range]);
                values.extend(pairs.map(|(x1, x2)| {
                    let product = x1.conj() * x2;
                    Complex64::new(product.re.as_f64(), product.im.as_f64()) * factor
                }));
            })?;
            Ok(values)
        };
        let mut rows = Collected::default();
        let times = middles(segments);
        in_order(&times, axis.len(), values, &astro_core::NoProgress, |row| {
            rows.push(row)
        })?;
        let shape = DynamicalShape {
            rows: segments.len(),
            bins: axis,
            light: first.geometric_mean(&second),
        };
        rows.into_spectrum(shape, normalization, self.settings.compat)
    }
}

/// Computes rows of `length` values in parallel and hands them over in order.
fn in_order<V: Send>(
    times: &[f64],
    length: usize,
    values: impl Fn(usize) -> Result<Vec<V>> + Sync,
    progress: &dyn Progress,
    mut sink: impl FnMut(SpectrumRow<V>) -> Result<()>,
) -> Result<()> {
    progress.begin("segments", times.len() as u64);
    let [fewest, most] = ROWS_PER_THREAD;
    let rows = BYTES_PER_THREAD / (length * size_of::<V>()).max(1);
    let wave = rows.clamp(fewest, most) * rayon::current_num_threads().max(1);
    for first in (0..times.len()).step_by(wave) {
        if progress.should_stop() {
            return Err(Error::Stopped);
        }
        let range = first..(first + wave).min(times.len());
        let rows: Vec<Result<Vec<V>>> = range.clone().into_par_iter().map(&values).collect();
        for (index, values) in range.zip(rows) {
            sink(SpectrumRow {
                index,
                time_s: times[index],
                values: values?,
            })?;
            progress.advance(1);
        }
    }
    progress.end();
    Ok(())
}

fn middles(segments: &Segments) -> Vec<f64> {
    let half = 0.5 * segments.length_s();
    segments.starts().iter().map(|start| start + half).collect()
}

pub(super) fn count_events<S: EventSource>(source: &S, segments: &Segments) -> Result<f64> {
    // A selection must read events to count them.
    let counts = segments.starts().par_iter().map(|&start| {
        let count = source.count(start, start + segments.length_s());
        count.map_err(Error::from_source)
    });
    Ok(counts.sum::<Result<u64>>()? as f64)
}

/// Rows that are kept.
struct Collected<V> {
    times: Vec<f64>,
    values: Vec<V>,
}

impl<V> Default for Collected<V> {
    fn default() -> Self {
        Self {
            times: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl<V> Collected<V> {
    fn push(&mut self, row: SpectrumRow<V>) -> Result<()> {
        self.times.push(row.time_s);
        self.values.extend(row.values);
        Ok(())
    }

    fn into_spectrum(
        self,
        shape: DynamicalShape,
        normalization: super::normalization::Normalization,
        compat: crate::Compat,
    ) -> Result<DynamicalSpectrum<V>> {
        let dim = (shape.rows, shape.bins.len());
        let values = Array2::from_shape_vec(dim, self.values).map_err(|_| Error::Unsuitable {
            operation: "a dynamical spectrum",
            requirement: "rows of equal length",
        })?;
        Ok(DynamicalSpectrum {
            time_s: self.times,
            row_s: shape.light.segment_s(),
            bins: shape.bins,
            values,
            normalization,
            light: shape.light,
            compat,
        })
    }
}

impl Collected<f64> {
    fn finish<T: FftReal>(
        self,
        shape: DynamicalShape,
        plan: &PowerSpectrumPlan<T>,
    ) -> Result<DynamicalPowerSpectrum> {
        self.into_spectrum(shape, plan.settings.normalization, plan.settings.compat)
    }
}
