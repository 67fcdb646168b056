//! Runs a sampler over all uv points: to χ², or to a list of visibilities.
//!
//! Points go in fixed chunks whose partial sums are merged along one tree, so
//! that the number of threads changes no bit of the result.

use astro_core::{CompensatedSum, Real, merge_tree};
use num_complex::Complex;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::geometry::Placement;
use crate::kernel::{BLOCK, Lane, cos_sin_of_turns_simd, fused};
use crate::points::{Data, Points};

/// Points of one unit of parallel work: about 0.05 ms, and its data fit the second-level cache.
const CHUNK: usize = 64 * BLOCK;

/// A source of model visibilities, before the phase of its offset.
pub(crate) trait Sampler: Sync {
    /// Writes the visibilities of the points `start .. start + BLOCK`, whose baselines are `u` and `v`.
    fn sample<S: Simd>(
        &self,
        simd: S,
        start: usize,
        u: &Lane,
        v: &Lane,
        re: &mut Lane,
        im: &mut Lane,
    );
}

/// The factor `exp(2πi(u·ΔRA + v·ΔDec))`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OffsetPhase {
    pub(crate) ra_rad: f64,
    pub(crate) dec_rad: f64,
}

/// The offset phase of a placement.
pub(crate) fn offset_phase(placement: &Placement) -> OffsetPhase {
    OffsetPhase {
        ra_rad: placement.ra_offset_rad,
        dec_rad: placement.dec_offset_rad,
    }
}

impl OffsetPhase {
    #[inline(always)]
    fn apply<S: Simd>(self, u: &Lane, v: &Lane, re: &mut Lane, im: &mut Lane) {
        if self.ra_rad == 0.0 && self.dec_rad == 0.0 {
            return;
        }
        for k in 0..BLOCK {
            let turns = fused::<S>(u[k], self.ra_rad, v[k] * self.dec_rad);
            let (cos, sin) = cos_sin_of_turns_simd::<S>(turns);
            let (a, b) = (re[k], im[k]);
            re[k] = fused::<S>(a, cos, -(b * sin));
            im[k] = fused::<S>(a, sin, b * cos);
        }
    }
}

/// Where the threads of a computation go: at one level only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parallel {
    /// Chunks of points.
    Points,
    /// The caller runs many models at once: points stay on its thread.
    Models,
}

/// `Σ w |V − D|²` over the points of positive weight; the same bits for either kind of threads.
pub(crate) fn chi2<K: Sampler>(
    points: &Points,
    data: &Data,
    sampler: &K,
    phase: OffsetPhase,
    parallel: Parallel,
) -> f64 {
    let arch = Arch::new();
    let chunk_sum = |chunk: usize| -> CompensatedSum {
        let start = chunk * CHUNK;
        let stop = (start + CHUNK).min(points.used);
        let lanes = arch.dispatch(Chi2Chunk {
            points,
            data,
            sampler,
            phase,
            start,
            stop,
        });
        lanes.into_iter().collect()
    };
    let chunks = 0..points.used.div_ceil(CHUNK);
    let sums: Vec<CompensatedSum> = match parallel {
        Parallel::Points => chunks.into_par_iter().map(chunk_sum).collect(),
        Parallel::Models => chunks.map(chunk_sum).collect(),
    };
    merge_tree(sums).value()
}

/// Model visibilities of all points, in point order.
pub(crate) fn visibilities<K: Sampler, T: Real>(
    points: &Points,
    sampler: &K,
    phase: OffsetPhase,
    out: &mut [Complex<T>],
) {
    let arch = Arch::new();
    out.par_chunks_mut(CHUNK)
        .enumerate()
        .for_each(|(chunk, out)| {
            arch.dispatch(StoreChunk {
                points,
                sampler,
                phase,
                start: chunk * CHUNK,
                out,
            });
        });
}

struct Chi2Chunk<'a, K> {
    points: &'a Points,
    data: &'a Data,
    sampler: &'a K,
    phase: OffsetPhase,
    start: usize,
    stop: usize,
}

impl<K: Sampler> WithSimd for Chi2Chunk<'_, K> {
    type Output = [f64; 8];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f64; 8] {
        let Self {
            points,
            data,
            sampler,
            phase,
            start,
            stop,
        } = self;
        let (mut re, mut im) = ([0.0; BLOCK], [0.0; BLOCK]);
        let mut sums = [0.0; 8];
        for start in (start..stop).step_by(BLOCK) {
            let (u, v) = (lane(&points.u, start), lane(&points.v, start));
            sampler.sample(simd, start, u, v, &mut re, &mut im);
            phase.apply::<S>(u, v, &mut re, &mut im);
            let (data_re, data_im) = (lane(&data.re, start), lane(&data.im, start));
            let weight = lane(&data.weight, start);
            for k in (0..BLOCK).step_by(8) {
                for l in 0..8 {
                    let (a, b) = (re[k + l] - data_re[k + l], im[k + l] - data_im[k + l]);
                    sums[l] = fused::<S>(weight[k + l], fused::<S>(a, a, b * b), sums[l]);
                }
            }
        }
        sums
    }
}

struct StoreChunk<'a, K, T> {
    points: &'a Points,
    sampler: &'a K,
    phase: OffsetPhase,
    start: usize,
    out: &'a mut [Complex<T>],
}

impl<K: Sampler, T: Real> WithSimd for StoreChunk<'_, K, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            points,
            sampler,
            phase,
            start,
            out,
        } = self;
        let (mut re, mut im) = ([0.0; BLOCK], [0.0; BLOCK]);
        for (block, out) in out.chunks_mut(BLOCK).enumerate() {
            let start = start + block * BLOCK;
            let (u, v) = (lane(&points.u, start), lane(&points.v, start));
            sampler.sample(simd, start, u, v, &mut re, &mut im);
            phase.apply::<S>(u, v, &mut re, &mut im);
            for (z, (&a, &b)) in out.iter_mut().zip(re.iter().zip(&im)) {
                *z = Complex::new(T::from_f64_rounded(a), T::from_f64_rounded(b));
            }
        }
    }
}

/// The block of a padded column that starts at `start`.
#[inline(always)]
fn lane(column: &[f64], start: usize) -> &Lane {
    column[start..start + BLOCK]
        .try_into()
        .expect("the slice has BLOCK elements")
}
