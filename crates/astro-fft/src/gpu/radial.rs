//! Radial tables on the device: values at points, and the transpose.

use astro_gpu::shaders::{
    BinStartsParams, GatherIntervalsParams, Precision, RadialKeysParams, ResidualsParams,
    SamplePlaneParams, kernels,
};
use astro_gpu::{Buffer, CommandList, Dispatch, Gpu, Groups, RadixSort, Reals, Slice};

use super::sampler::{SampleRequest, residuals_dispatch, sample_dispatch};
use crate::Result;

/// Coefficients of an interval.
const DEGREES: usize = 8;

/// Samples a radial table: polynomials of degree 7 on each of `intervals` units of a radius, the first
/// centred on 0; the radius is √(s² + r²) · `length` with the two angles of the request.
pub fn record_radial_samples(
    list: &mut CommandList<'_>,
    table: &Reals,
    intervals: usize,
    length: usize,
    request: &SampleRequest,
) {
    let params = SamplePlaneParams {
        count: request.count as u32,
        rows: intervals as u32,
        length: length as u32,
        keep: 0,
        rule: 3,
        width: 0,
        degree: 7,
        model: request.model as u32,
        shifted: u32::from(request.shifted),
        compared: u32::from(request.data.is_some()),
        first_result: request.first_result as u32,
    };
    let dispatch = sample_dispatch(table.precision(), &params, request, table, table);
    list.dispatch(dispatch, Groups::for_threads(request.count));
}

/// Compares a radial table with `request.data`, for a gradient.
///
/// `table` has a number a behind its polynomials, and F = a H. As
/// [`super::GpuImageSampler::record_residuals`], but for the last four sums: with q = √(s² + r²) in turns and x = q ·
/// `length`, of Re(c) H, Re(c) H′(x) s²/q, Re(c) H′(x) s r/q, and zero.
pub fn record_radial_residuals(
    list: &mut CommandList<'_>,
    table: &Reals,
    intervals: usize,
    length: usize,
    request: &SampleRequest,
    values: Slice,
) {
    let params = ResidualsParams {
        count: request.count as u32,
        rows: intervals as u32,
        length: length as u32,
        keep: 0,
        rule: 3,
        width: 0,
        degree: 7,
        shifted: u32::from(request.shifted),
        first_group: request.first_result as u32,
    };
    let dispatch = residuals_dispatch(table.precision(), &params, request, values, table, table);
    list.dispatch(dispatch, Groups::for_threads(request.count));
}

/// The transpose of reading a radial table at points: for each interval and power j in 0..8
///
/// Σ_k Re(c_k) t_k^j
///
/// over its points, t their places in it. Points are sorted by interval on the device, then each interval
/// gathers its own: no atomics, and the same bits each time.
#[derive(Debug)]
pub struct GpuRadialAdjoint {
    count: usize,
    intervals: usize,
    keys: Buffer<u32>,
    numbers: Buffer<u32>,
    starts: Buffer<u32>,
    sort: RadixSort,
    sums: Reals,
}

impl GpuRadialAdjoint {
    /// A plan for `count` points and a table of `intervals`.
    ///
    /// # Errors
    /// What the device refuses.
    pub fn new(gpu: &Gpu, precision: Precision, count: usize, intervals: usize) -> Result<Self> {
        Ok(Self {
            count,
            intervals,
            keys: gpu.buffer("intervals of points", count)?,
            numbers: gpu.buffer("numbers of points", count)?,
            starts: gpu.buffer("first points of intervals", intervals + 1)?,
            sort: RadixSort::new(gpu, count, intervals.max(2).ilog2() + 1)?,
            sums: gpu.reals("sums of intervals", DEGREES * intervals, precision)?,
        })
    }

    /// Sums the `values` of points, pairs of real and imaginary part; returns where the sums will be,
    /// `[intervals][8]`.
    ///
    /// `baselines` and the first four `coefficients` are those of a [`SampleRequest`].
    pub fn record(
        &self,
        list: &mut CommandList<'_>,
        length: usize,
        [baselines, coefficients]: [Slice; 2],
        values: &Reals,
    ) -> &Reals {
        let precision = self.sums.precision();
        let keys = RadialKeysParams {
            count: self.count as u32,
            length: length as u32,
        };
        let dispatch = Dispatch::new(&kernels::RADIAL_KEYS, precision, &keys)
            .bind(baselines.clone())
            .bind(coefficients.clone())
            .bind(self.keys.all())
            .bind(self.numbers.all());
        list.dispatch(dispatch, Groups::for_threads(self.count));
        self.sort.record(list, &self.keys, &self.numbers);
        let starts = BinStartsParams {
            count: self.count as u32,
            bins: self.intervals as u32,
        };
        let dispatch = Dispatch::new(&kernels::BIN_STARTS, precision, &starts)
            .bind(self.keys.all())
            .bind(self.starts.all());
        list.dispatch(dispatch, Groups::for_threads(self.intervals + 1));
        let gather = GatherIntervalsParams {
            length: length as u32,
            intervals: self.intervals as u32,
        };
        let dispatch = Dispatch::new(&kernels::GATHER_INTERVALS, precision, &gather)
            .bind(baselines)
            .bind(coefficients)
            .bind(self.numbers.all())
            .bind(self.starts.all())
            .bind(values.all())
            .bind(self.sums.all());
        list.dispatch(dispatch, Groups::new(self.intervals));
        &self.sums
    }
}
