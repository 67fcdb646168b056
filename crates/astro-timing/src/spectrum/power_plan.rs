//! Power spectra from events and light curves of any length.

use std::ops::Range;

use astro_core::{Communicator, EventSource, NoProgress, Pool, Progress, Segments};
use astro_fft::FftReal;

use super::backend::Backend;
use super::engine::{Buffers, Engine, weighted};
use super::fold::SegmentBlocks;
use super::input::{CurveInput, EventInput, SegmentInput};
use super::normalization::Normalization;
use super::power::{Averaging, PowerSpectrum};
use super::ranks::{SharedTable, looked_at};
use super::settings::{SegmentLength, Settings};
use super::sums::SpectrumSums;
use crate::{Compat, LightCurve, Result};

/// How a power spectrum is made; the transforms' buffers, kept from call to call.
///
/// Good time is cut into segments ([`Segments`]), each is binned and transformed, and raw powers
/// are averaged:
///
/// $$ \langle|X_k|^2\rangle = \frac{1}{M}\sum_\mathrm{segments}
///    \Big|\sum_j x_j\, e^{-2\pi i jk/N}\Big|^2, \qquad f_k = \frac{k}{N\Delta t},
///    \quad 0 < k < N/2 $$
///
/// Events are never all in memory: each segment's go straight from the source into the bins. The
/// number type is that of bins and transforms: `f32` is faster, and its powers are right to about
/// 1e-6 of the largest; sums are `f64` always. Any number of threads gives the same bits.
///
/// ```
/// use astro_core::GoodTimeIntervals;
/// use astro_timing::{EventList, Normalization, PowerSpectrumPlan};
///
/// // Equally spaced events have no power but at their own frequency.
/// let times: Vec<f64> = (0..6400).map(|i| f64::from(i) / 100.0 + 0.001).collect();
/// let events = EventList::new(times, GoodTimeIntervals::single(0.0, 64.0)?)?;
/// let plan = PowerSpectrumPlan::<f64>::new(16.0, 0.02)?.normalization(Normalization::Leahy);
/// let spectrum = plan.execute(&events)?;
/// assert_eq!((spectrum.segments, spectrum.power.len()), (4, 399));
/// assert!(spectrum.power.iter().all(|power| *power < 1e-12));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PowerSpectrumPlan<T = f64> {
    pub(super) settings: Settings,
    pub(super) background_rate: f64,
    pub(super) buffers: Pool<Buffers<T>>,
    pub(super) backend: Backend,
}

impl<T: FftReal> PowerSpectrumPlan<T> {
    /// Segments of `segment_s` in bins of `bin_s`, seconds.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] unless both are positive.
    pub fn new(segment_s: f64, bin_s: f64) -> Result<Self> {
        Ok(Self::with(Settings::new(
            SegmentLength::Seconds(segment_s),
            bin_s,
        )?))
    }

    /// One segment from the first good moment to the last, gaps included.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] unless `bin_s` is positive.
    pub fn whole_span(bin_s: f64) -> Result<Self> {
        Ok(Self::with(Settings::new(SegmentLength::WholeSpan, bin_s)?))
    }

    fn with(settings: Settings) -> Self {
        Self {
            settings,
            background_rate: 0.0,
            buffers: Pool::new(),
            backend: Backend::default(),
        }
    }

    /// What powers are measured in; fractional rms by default.
    #[must_use]
    pub fn normalization(mut self, normalization: Normalization) -> Self {
        self.settings.normalization = normalization;
        self
    }

    /// What segments are normalised with; their common mean by default.
    #[must_use]
    pub fn averaging(mut self, averaging: Averaging) -> Self {
        self.settings.averaging = averaging;
        self
    }

    /// Background counts per second, which the fractional rms does not count as source.
    #[must_use]
    pub fn background_rate(mut self, background_rate: f64) -> Self {
        self.background_rate = background_rate;
        self
    }

    /// With [`Compat::Stingray`], segments with fewer than two events are left out of the average
    /// and of M, and the variance of a bin is the square of the mean error.
    #[must_use]
    pub fn compat(mut self, compat: Compat) -> Self {
        self.settings.compat = compat;
        self
    }

    /// The segments of the good time of a source.
    ///
    /// # Errors
    /// [`crate::Error::Segments`] if no interval holds one.
    pub fn segments<S: EventSource>(&self, source: &S) -> Result<Segments> {
        self.settings.table(source.gti())
    }

    /// The power spectrum of events.
    ///
    /// # Errors
    /// [`crate::Error::Segments`] if no good time interval holds a segment,
    /// [`crate::Error::NoCounts`] if there is nothing to normalise with, and those of the source.
    pub fn execute<S: EventSource>(&self, source: &S) -> Result<PowerSpectrum> {
        self.execute_with(source, &NoProgress)
    }

    /// As [`Self::execute`], telling `progress` how many segments are done.
    ///
    /// # Errors
    /// As [`Self::execute`]; [`crate::Error::Stopped`] on request.
    pub fn execute_with<S: EventSource>(
        &self,
        source: &S,
        progress: &dyn Progress,
    ) -> Result<PowerSpectrum> {
        let segments = &self.segments(source)?;
        let (input, bins) = (EventInput { source, segments }, segments.bins());
        let rates = [self.background_rate, 0.0];
        if let Some(sums) = self.backend.sums(&input, &self.settings, rates, progress) {
            return self.finish(&sums?, bins);
        }
        self.run(&input, bins, progress)
    }

    /// As [`Self::execute_with`], shared out among ranks, which each read their own part of the
    /// events of the same source: rank 0 has the result, with the same bits, others nothing.
    ///
    /// Segments are those of the good time of rank 0. `progress` hears of the segments of its
    /// rank.
    ///
    /// # Errors
    /// As [`Self::execute_with`]; [`crate::Error::Communication`] where a rank is lost.
    pub fn execute_on<S: EventSource>(
        &self,
        ranks: &dyn Communicator,
        source: &S,
        progress: &dyn Progress,
    ) -> Result<Option<PowerSpectrum>> {
        if ranks.size() == 1 {
            return self.execute_with(source, progress).map(Some);
        }
        self.backend.require_host("the spectrum of many ranks")?;
        let table = SharedTable::new(
            ranks,
            || Ok(source.gti().clone()),
            |gti| self.settings.table(gti),
            |part| looked_at(source, part),
        )?;
        let segments = &table.segments;
        let bins = segments.bins();
        let engine = Engine::new(bins, 1, &self.buffers)?;
        let input = EventInput { source, segments };
        let sums = table.fold(&engine, &input, progress, |sums, spectra, lights| {
            self.add(sums, bins, &spectra[0], lights);
        })?;
        sums.map(|sums| self.finish(&sums, bins)).transpose()
    }

    /// The power spectrum of a light curve, whose segments are runs of good bins.
    ///
    /// # Errors
    /// As [`Self::execute`]; [`crate::Error::Mismatch`] if the curve has other bins.
    pub fn execute_curve(&self, curve: &LightCurve) -> Result<PowerSpectrum> {
        self.backend
            .require_host("the power spectrum of a light curve")?;
        let (starts, bins) = self.settings.curve_segments(curve, curve.gti())?;
        let compat = self.settings.compat;
        let input = CurveInput {
            curve,
            starts,
            bins,
            compat,
        };
        self.run(&input, bins, &NoProgress)
    }

    /// Raw sums of some of the [`SegmentBlocks`] of the segment table, each by itself: what one of
    /// many ranks computes. [`astro_core::merge_tree`] of all blocks and [`Self::finish`] give
    /// the bits of [`Self::execute`].
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn block_sums<S: EventSource>(
        &self,
        source: &S,
        segments: &Segments,
        blocks: Range<usize>,
    ) -> Result<Vec<SpectrumSums>> {
        use rayon::prelude::*;
        self.backend.require_host("a part of a spectrum")?;
        let input = EventInput { source, segments };
        let bins = segments.bins();
        let table = SegmentBlocks::new(segments.len(), bins);
        let engine = Engine::new(bins, 1, &self.buffers)?;
        let sums = blocks.into_par_iter().map(|block| {
            let mut sums = SpectrumSums::default();
            engine.visit(&input, table.segments(block), |spectra, lights| {
                self.add(&mut sums, bins, &spectra[0], lights);
            })?;
            Ok(sums)
        });
        sums.collect()
    }

    /// Normalises the sums over all segments of `bins` bins.
    ///
    /// # Errors
    /// [`crate::Error::NoCounts`] if there is nothing to normalise with.
    pub fn finish(&self, sums: &SpectrumSums, bins: usize) -> Result<PowerSpectrum> {
        let settings = &self.settings;
        let light = settings.light(bins, &sums.subject, sums.segments, self.background_rate);
        PowerSpectrum::from_sums(
            sums,
            light,
            settings.normalization,
            settings.averaging,
            settings.compat,
        )
    }

    fn run(
        &self,
        input: &impl SegmentInput<T>,
        bins: usize,
        progress: &dyn Progress,
    ) -> Result<PowerSpectrum> {
        let engine = Engine::new(bins, 1, &self.buffers)?;
        let sums: SpectrumSums = engine.fold(input, progress, |sums, spectra, lights| {
            self.add(sums, bins, &spectra[0], lights);
        })?;
        self.finish(&sums, bins)
    }

    fn add(
        &self,
        sums: &mut SpectrumSums,
        bins: usize,
        spectrum: &[num_complex::Complex<T>],
        lights: &[super::sums::SeriesLight],
    ) {
        let light = lights[0];
        if light.counts <= 0.0 {
            sums.empty += 1;
        }
        if self.settings.skips(lights) {
            return;
        }
        let weight = self.settings.weight(bins, light, self.background_rate);
        sums.add_power(&weighted(spectrum, light, weight));
    }
}
