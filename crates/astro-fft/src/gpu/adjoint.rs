//! From points back to an image, on the device.

use astro_gpu::shaders::{
    BinStartsParams, FoldColumnsParams, SpreadKeysParams, SpreadTilesParams, kernels,
};
use astro_gpu::{Buffer, CommandList, Dispatch, Groups, RadixSort, Reals, Slice};

use super::sampler::GpuImageSampler;
use crate::Result;

/// Nodes along the side of a tile.
const TILE: usize = 16;

/// The adjoint of an exact [`GpuImageSampler`], for a number of points:
///
/// f_ij = Re Σ_k c_k exp(−2πi (r_k (i − ⌊rows/2⌋) + s_k (j − ⌊columns/2⌋))).
///
/// Points are sorted by tile on the device, then each tile gathers its own: no atomics, and the same
/// bits each time.
#[derive(Debug)]
pub struct GpuImageAdjoint {
    count: usize,
    tile_columns: usize,
    columns: usize,
    keys: Buffer<u32>,
    numbers: Buffer<u32>,
    starts: Buffer<u32>,
    sort: RadixSort,
    spread: Reals,
}

impl GpuImageAdjoint {
    /// A plan for `count` points.
    ///
    /// # Errors
    /// What the device refuses.
    pub fn new(sampler: &GpuImageSampler, count: usize) -> Result<Self> {
        let gpu = sampler.gpu();
        let (_, width, _) = sampler.kernel();
        let columns = (sampler.plane().shape().keep + 2 * width).next_multiple_of(TILE);
        let (rows, tile_columns) = (sampler.lengths()[0], columns / TILE);
        let bins = rows / TILE * tile_columns;
        let numbers = 2 * rows * columns;
        gpu.check_binding(
            "spread points",
            (numbers * sampler.precision().bytes()) as u64,
        )?;
        Ok(Self {
            count,
            tile_columns,
            columns,
            keys: gpu.buffer("tiles of points", count)?,
            numbers: gpu.buffer("numbers of points", count)?,
            starts: gpu.buffer("first points of tiles", bins + 1)?,
            sort: RadixSort::new(gpu, count, bins.max(2).ilog2() + 1)?,
            spread: gpu.reals("spread points", numbers, sampler.precision())?,
        })
    }

    /// Number of points.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Writes the image of `values`, pairs of real and imaginary part, to `image`, `[rows][columns]`.
    ///
    /// `baselines` and the first four `coefficients` are those of a [`super::SampleRequest`].
    pub fn record(
        &self,
        list: &mut CommandList<'_>,
        sampler: &GpuImageSampler,
        [baselines, coefficients]: [Slice; 2],
        values: &Reals,
        image: &Reals,
    ) {
        let ([rows, length], (taps, width, degree)) = (sampler.lengths(), sampler.kernel());
        let (precision, bins) = (sampler.precision(), self.starts.len() - 1);
        let keys = SpreadKeysParams {
            count: self.count as u32,
            rows: rows as u32,
            length: length as u32,
            width: width as u32,
            tile_columns: self.tile_columns as u32,
        };
        let dispatch = Dispatch::new(&kernels::SPREAD_KEYS, precision, &keys)
            .bind(baselines.clone())
            .bind(coefficients.clone())
            .bind(self.keys.all())
            .bind(self.numbers.all());
        list.dispatch(dispatch, Groups::for_threads(self.count));
        self.sort.record(list, &self.keys, &self.numbers);
        let starts = BinStartsParams {
            count: self.count as u32,
            bins: bins as u32,
        };
        let dispatch = Dispatch::new(&kernels::BIN_STARTS, precision, &starts)
            .bind(self.keys.all())
            .bind(self.starts.all());
        list.dispatch(dispatch, Groups::for_threads(bins + 1));
        let tiles = SpreadTilesParams {
            rows: rows as u32,
            length: length as u32,
            width: width as u32,
            degree: degree as u32,
            tile_columns: self.tile_columns as u32,
            columns: self.columns as u32,
        };
        let dispatch = Dispatch::new(&kernels::SPREAD_TILES, precision, &tiles)
            .bind(baselines)
            .bind(coefficients)
            .bind(taps.all())
            .bind(self.numbers.all())
            .bind(self.starts.all())
            .bind(values.all())
            .bind(self.spread.all());
        list.dispatch(dispatch, Groups::new(bins));
        let plane = sampler.plane();
        let keep = plane.shape().keep;
        let fold = FoldColumnsParams {
            rows: rows as u32,
            length: length as u32,
            keep: keep as u32,
            width: width as u32,
            columns: self.columns as u32,
        };
        let dispatch = Dispatch::new(&kernels::FOLD_COLUMNS, precision, &fold)
            .bind(self.spread.all())
            .bind(plane.plane_in().all());
        list.dispatch(dispatch, Groups::for_threads(rows * keep));
        sampler.record_transpose(list, image);
    }
}
