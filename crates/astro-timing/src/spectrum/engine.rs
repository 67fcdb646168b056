//! Bins to transforms to sums, segment after segment.

use std::ops::Range;

use astro_core::{Merge, Pool, Progress};
use astro_fft::{FftReal, RealFft1};
use num_complex::Complex;

use super::fold::{SegmentBlocks, fold_blocks};
use super::input::SegmentInput;
use super::sums::{SeriesLight, Transformed};
use crate::{Error, Result};

/// The buffers of one thread: bins and half spectrum of each series.
#[derive(Debug)]
pub(crate) struct Buffers<T> {
    bins: Vec<Vec<T>>,
    spectra: Vec<Vec<Complex<T>>>,
    scratch: Vec<Complex<T>>,
    lights: Vec<SeriesLight>,
}

impl<T: FftReal> Buffers<T> {
    pub(crate) fn new() -> Self {
        Self {
            bins: Vec::new(),
            spectra: Vec::new(),
            scratch: Vec::new(),
            lights: Vec::new(),
        }
    }

    fn fit(&mut self, series: usize, fft: &RealFft1<T>) {
        let zero = Complex::new(T::zero(), T::zero());
        self.lights.resize(series, SeriesLight::default());
        self.bins.resize_with(series, Vec::new);
        self.spectra.resize_with(series, Vec::new);
        for bins in &mut self.bins {
            bins.resize(fft.length(), T::zero());
        }
        for spectrum in &mut self.spectra {
            spectrum.resize(fft.spectrum_len(), zero);
        }
        self.scratch.resize(fft.scratch_len(), zero);
    }
}

/// What transforms the segments of a table: a transform and its buffers.
pub(crate) struct Engine<'a, T: FftReal> {
    fft: RealFft1<T>,
    buffers: &'a Pool<Buffers<T>>,
    series: usize,
}

impl<'a, T: FftReal> Engine<'a, T> {
    /// Transforms of `bins` bins of `series` series.
    pub(crate) fn new(bins: usize, series: usize, buffers: &'a Pool<Buffers<T>>) -> Result<Self> {
        Ok(Self {
            fft: RealFft1::new(bins)?,
            buffers,
            series,
        })
    }

    /// Transforms segment after segment of `range`, and calls `add` with the spectra and what
    /// they have.
    pub(crate) fn visit(
        &self,
        input: &impl SegmentInput<T>,
        range: Range<usize>,
        mut add: impl FnMut(&[Vec<Complex<T>>], &[SeriesLight]),
    ) -> Result<()> {
        let mut buffers = self.buffers.take(Buffers::new);
        buffers.fit(self.series, &self.fft);
        let Buffers {
            bins,
            spectra,
            scratch,
            lights,
        } = &mut *buffers;
        for index in range {
            input.fill(index, bins, lights)?;
            for (bins, spectrum) in bins.iter_mut().zip(spectra.iter_mut()) {
                self.fft.forward_with_scratch(bins, spectrum, scratch)?;
            }
            add(spectra, lights);
        }
        Ok(())
    }

    /// Folds all segments of `input` in blocks, merged along the canonical tree.
    pub(crate) fn fold<A: Merge + Send>(
        &self,
        input: &impl SegmentInput<T>,
        progress: &dyn Progress,
        add: impl Fn(&mut A, &[Vec<Complex<T>>], &[SeriesLight]) + Sync,
    ) -> Result<A> {
        let blocks = SegmentBlocks::new(input.segments(), self.fft.length());
        progress.begin("segments", input.segments() as u64);
        let sums = fold_blocks(blocks, progress, |range| self.block(input, range, &add));
        progress.end();
        sums
    }

    /// The sums of one block.
    pub(crate) fn block<A: Merge>(
        &self,
        input: &impl SegmentInput<T>,
        segments: Range<usize>,
        add: &impl Fn(&mut A, &[Vec<Complex<T>>], &[SeriesLight]),
    ) -> Result<A> {
        let mut sums = A::default();
        self.visit(input, segments, |spectra, lights| {
            add(&mut sums, spectra, lights)
        })?;
        Ok(sums)
    }
}

/// A series of a segment with its weight.
pub(crate) fn weighted<T>(
    spectrum: &[Complex<T>],
    light: SeriesLight,
    weight: f64,
) -> Transformed<'_, T> {
    Transformed {
        spectrum,
        light,
        weight,
    }
}

/// The error where no segment has a count.
pub(crate) fn no_counts(segments: u64) -> Error {
    Error::NoCounts { segments }
}
