//! The oversampled grid that a GPU takes: the error model of [`Grid`], lengths that tiles of 16 divide.

use super::grid::Grid;
use super::kernel::{EsKernel, MAX_WIDTH};
use super::taps::Taps;
use crate::{Error, Result};

/// Nodes that every length is a multiple of.
const TILE: usize = 16;

/// Share of the requested error for the kernel along each axis; the rest is left to rounding.
const KERNEL_SHARE: f64 = 0.2;

/// Oversampling factors considered: twice as many nodes as samples, or more.
const OVERSAMPLINGS: [f64; 4] = [2.0, 2.5, 3.0, 4.0];

/// A grid with its kernel as polynomials, all in `f64`.
#[derive(Clone, Debug)]
pub(crate) struct DeviceGrid {
    /// Nodes a period.
    pub(crate) lengths: [usize; 2],
    pub(crate) width: usize,
    pub(crate) degree: usize,
    /// `[degree + 1][width]`, from the highest power down; then their derivatives, the same.
    pub(crate) taps: Vec<f64>,
    /// 1/φ̂ of the samples along each axis.
    pub(crate) factors: [Vec<f64>; 2],
}

impl DeviceGrid {
    /// A grid for images of `shape` that keeps `rel_error` in arithmetic of unit roundoff `epsilon`.
    ///
    /// # Errors
    /// [`Error::RelativeError`] with the floor.
    pub(crate) fn new(shape: [usize; 2], rel_error: f64, epsilon: f64) -> Result<Self> {
        // The coarsest grid that does not round too much; finer ones if no kernel is narrow enough.
        let candidates = Grid::candidates(shape, rel_error, epsilon)?;
        let oversampling = |grid: &Grid| {
            let ratio = [0, 1].map(|axis| grid.lengths()[axis] as f64 / shape[axis] as f64);
            ratio[0].min(ratio[1])
        };
        let coarsest = candidates
            .iter()
            .map(oversampling)
            .fold(f64::INFINITY, f64::min);
        let share = KERNEL_SHARE * rel_error;
        let grids = OVERSAMPLINGS
            .into_iter()
            .filter(|&factor| factor >= coarsest.min(4.0));
        let mut found = grids.filter_map(|factor| {
            let lengths = shape.map(|n| tiled_length((n as f64 * factor).ceil() as usize));
            let ratio = [0, 1].map(|axis| lengths[axis] as f64 / shape[axis] as f64);
            let sigma = ratio[0].min(ratio[1]).min(8.0);
            let narrowest = EsKernel::for_error(share, sigma).ok()?.width();
            (narrowest..=MAX_WIDTH).find_map(|width| {
                let kernel = EsKernel::best_for(width, sigma).ok()?;
                let taps = Taps::new(&kernel, sigma, share)?;
                Some((lengths, kernel, taps))
            })
        });
        let (lengths, kernel, taps) = found.next().ok_or(Error::KernelError {
            error: share,
            oversampling: coarsest,
        })?;
        let factors = [0, 1].map(|axis| {
            let center = (shape[axis] / 2) as f64;
            (0..shape[axis])
                .map(|j| 1.0 / kernel.fourier_transform((j as f64 - center) / lengths[axis] as f64))
                .collect()
        });
        let degree = taps.degree();
        Ok(Self {
            lengths,
            width: taps.width(),
            degree,
            taps: (0..=degree)
                .rev()
                .flat_map(|power| taps.power(power).to_vec())
                .chain(taps.slopes(&kernel))
                .collect(),
            factors,
        })
    }
}

/// The shortest fast length of at least `minimum` nodes, and at least as many as two kernels.
fn tiled_length(minimum: usize) -> usize {
    let tiles = minimum.max(2 * MAX_WIDTH).div_ceil(TILE);
    let smooth = |mut n: usize| {
        for prime in [2, 3, 5, 7] {
            while n.is_multiple_of(prime) {
                n /= prime;
            }
        }
        n == 1
    };
    TILE * (tiles..).find(|&n| smooth(n)).unwrap_or(tiles)
}
