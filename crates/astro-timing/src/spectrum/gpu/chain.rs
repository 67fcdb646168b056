//! What the device does with a batch of segments.

use astro_fft::{GpuHalfPlane, HalfPlaneShape, Sign};
use astro_gpu::shaders::{
    AddRowsParams, CountTicksParams, PlaceCountsParams, SpectrumSumsParams, kernels,
};
use astro_gpu::{Buffer, CommandList, Dispatch, Gpu, Groups, Precision, ReadBackReals, Reals};

use crate::Result;

/// Threads that sums should keep busy.
const SUM_THREADS: usize = 1 << 17;

/// How much the device is given at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sizes {
    /// Bins of a batch, unless one segment has more.
    pub(super) batch_bins: usize,
    /// The most segments of a batch.
    pub(super) batch_segments: usize,
    /// Segments of a block at least: what comes back is small beside what was transformed.
    pub(super) block_segments: usize,
    /// Ticks that go up at a time.
    pub(super) ticks: usize,
}

impl Sizes {
    /// Segments of a batch, of a table of `all`.
    fn segments(self, shape: Shape) -> usize {
        let fitting = self.batch_bins / (shape.bins * shape.series);
        fitting.clamp(1, self.batch_segments).min(shape.segments)
    }
}

/// What is transformed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    /// Bins of a segment.
    pub(super) bins: usize,
    /// Series of a segment: one, or two for cross spectra.
    pub(super) series: usize,
    /// Segments of the table.
    pub(super) segments: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            batch_bins: 1 << 22,
            batch_segments: 1 << 14,
            block_segments: 64,
            ticks: 1 << 22,
        }
    }
}

/// The buffers and transforms of spectra of one length.
#[derive(Debug)]
pub(super) struct SpectrumChain {
    precision: Precision,
    shape: Shape,
    sizes: Sizes,
    /// Segments of a batch.
    segments: usize,
    /// Sums that are made side by side, and the segments of each.
    parts: usize,
    part_segments: usize,
    ticks: Buffer<u32>,
    counts: Buffer<u32>,
    plane: GpuHalfPlane,
    weights: Reals,
    sums: Reals,
    totals: Reals,
}

impl SpectrumChain {
    pub(super) fn new(gpu: &Gpu, precision: Precision, shape: Shape, sizes: Sizes) -> Result<Self> {
        let Shape { bins, series, .. } = shape;
        let segments = sizes.segments(shape);
        let rows = segments * series;
        let keep = bins / 2 + 1;
        let plane = GpuHalfPlane::new(
            gpu,
            precision,
            HalfPlaneShape {
                length: bins,
                rows,
                filled: rows,
                first: 0,
                keep,
                columns: false,
            },
        )?;
        let part_segments = segments.div_ceil((SUM_THREADS / keep).clamp(1, segments));
        let parts = segments.div_ceil(part_segments);
        let outputs = outputs(series) * keep;
        let sums = parts * outputs * precision.bytes();
        gpu.check_binding("sums of powers", sums as u64)?;
        Ok(Self {
            precision,
            shape,
            sizes,
            segments,
            parts,
            part_segments,
            ticks: gpu.buffer("ticks", sizes.ticks)?,
            counts: gpu.buffer("counts", rows * bins)?,
            plane,
            weights: gpu.reals("weights", segments * weights(series), precision)?,
            sums: gpu.reals("sums of powers", parts * outputs, precision)?,
            totals: gpu.reals("totals of powers", outputs, precision)?,
        })
    }

    /// The most ticks that go up at a time.
    pub(super) fn most_ticks(&self) -> usize {
        self.sizes.ticks
    }

    /// Whether it makes the same spectra, with the same bits.
    pub(super) fn fits(&self, shape: Shape, sizes: Sizes) -> bool {
        let same = (self.shape.bins, self.shape.series) == (shape.bins, shape.series);
        same && self.sizes == sizes && self.segments == sizes.segments(shape)
    }

    /// Segments of a batch.
    pub(super) fn segments(&self) -> usize {
        self.segments
    }

    /// Batches of a block.
    pub(super) fn batches(&self) -> usize {
        self.sizes.block_segments.div_ceil(self.segments)
    }

    /// Weights a segment: one, or those of subject, reference and both.
    pub(super) fn weights(&self) -> usize {
        weights(self.shape.series)
    }

    /// Frequencies of a spectrum, the zero one and Nyquist's too.
    pub(super) fn keep(&self) -> usize {
        self.shape.bins / 2 + 1
    }

    /// Empties the bins.
    pub(super) fn record_clear(&self, list: &mut CommandList<'_>) {
        list.clear(self.counts.all());
    }

    /// Adds events to the bins, at most [`Self::most_ticks`].
    pub(super) fn record_ticks<'a>(
        &self,
        list: &mut CommandList<'a>,
        ticks: &'a [u32],
    ) -> Result<()> {
        if ticks.is_empty() {
            return Ok(());
        }
        let place = self.ticks.slice(0..ticks.len());
        list.stage("upload");
        list.upload_slice(&place, ticks)?;
        let params = CountTicksParams {
            count: ticks.len() as u32,
            bins: self.counts.len() as u32,
        };
        list.stage("bin");
        list.dispatch(
            Dispatch::new(&kernels::COUNT_TICKS, self.precision, &params)
                .bind(place)
                .bind(self.counts.all()),
            Groups::for_threads(ticks.len()),
        );
        Ok(())
    }

    /// Transforms the bins and adds their powers to the sums, which start anew if `fresh`.
    pub(super) fn record_sums<'a>(
        &self,
        list: &mut CommandList<'a>,
        segments: usize,
        segment_weights: &'a [f64],
        fresh: bool,
    ) -> Result<()> {
        let place = PlaceCountsParams {
            count: self.counts.len() as u32,
            spacing: self.plane.spacing() as u32,
        };
        list.dispatch(
            Dispatch::new(&kernels::PLACE_COUNTS, self.precision, &place)
                .bind(self.counts.all())
                .bind(self.plane.rows_in().all()),
            Groups::for_threads(self.counts.len()),
        );
        list.upload_reals(&self.weights, segment_weights)?;
        list.stage("transform");
        self.plane.record_forward(list, Sign::Negative);
        let params = SpectrumSumsParams {
            keep: self.keep() as u32,
            segments: segments as u32,
            series: self.shape.series as u32,
            parts: self.parts as u32,
            part_segments: self.part_segments as u32,
            fresh: u32::from(fresh),
        };
        list.stage("sum");
        list.dispatch(
            Dispatch::new(&kernels::SPECTRUM_SUMS, self.precision, &params)
                .bind(self.plane.plane_out().all())
                .bind(self.weights.all())
                .bind(self.sums.all()),
            Groups::for_rows(self.parts, self.keep()),
        );
        Ok(())
    }

    /// Brings the sums of a block back: one row of frequencies, or four.
    pub(super) fn record_totals(&self, list: &mut CommandList<'_>) -> ReadBackReals {
        let params = AddRowsParams {
            rows: self.parts as u32,
            columns: self.totals.len() as u32,
        };
        list.dispatch(
            Dispatch::new(&kernels::ADD_ROWS, self.precision, &params)
                .bind(self.sums.all())
                .bind(self.totals.all()),
            Groups::for_threads(self.totals.len()),
        );
        list.read_back_reals(&self.totals)
    }
}

fn outputs(series: usize) -> usize {
    if series == 1 { 1 } else { 4 }
}

fn weights(series: usize) -> usize {
    if series == 1 { 1 } else { 3 }
}
