//! Which oversampled grid and kernel: the error model and the cost model.

use std::sync::Arc;

use super::kernel::{EsKernel, MAX_WIDTH};
use super::taps::Taps;
use crate::{Error, Result};

/// Oversampling factors considered. A finer grid needs a narrower kernel and
/// amplifies rounding less, but its FFT takes longer.
const OVERSAMPLINGS: [f64; 12] = [
    1.2, 1.25, 1.33, 1.42, 1.5, 1.67, 1.8, 2.0, 2.3, 2.7, 3.2, 4.0,
];

/// Shares of the requested error for the kernel (both axes) and for rounding.
const KERNEL_SHARE: f64 = 0.45;
const ROUNDING_SHARE: f64 = 0.5;

/// The largest requested error: beyond it a wider one changes no kernel.
const LARGEST_ERROR: f64 = 0.01;

/// An oversampled grid with its kernel.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    /// Samples of the uniform side.
    pub(super) shape: [usize; 2],
    /// Grid nodes a period.
    pub(super) lengths: [usize; 2],
    pub(super) kernel: EsKernel,
    pub(super) taps: [Arc<Taps>; 2],
}

impl Grid {
    /// All grids that reach `rel_error` for this shape, unit roundoff `epsilon`.
    ///
    /// # Errors
    ///
    /// [`Error::RelativeError`] if none does, with the floor.
    pub(super) fn candidates(shape: [usize; 2], rel_error: f64, epsilon: f64) -> Result<Vec<Self>> {
        let refuse = |smallest: f64| Error::RelativeError {
            found: rel_error,
            smallest,
            largest: LARGEST_ERROR,
        };
        if !(rel_error > 0.0 && rel_error <= LARGEST_ERROR) {
            return Err(refuse(floor(shape, epsilon)));
        }
        let mut grids = Vec::<Self>::new();
        for oversampling in OVERSAMPLINGS {
            if let Some(grid) = Self::for_kernel_error(shape, oversampling, rel_error)
                && grid.rounding(epsilon) <= ROUNDING_SHARE * rel_error
                && !grids
                    .iter()
                    .any(|g| g.lengths == grid.lengths && g.kernel.width() <= grid.kernel.width())
            {
                grids.push(grid);
            }
        }
        if grids.is_empty() {
            return Err(refuse(floor(shape, epsilon)));
        }
        Ok(grids)
    }

    /// The grid of one oversampling, if its kernel reaches `rel_error`.
    fn for_kernel_error(shape: [usize; 2], oversampling: f64, rel_error: f64) -> Option<Self> {
        let axes = shape.iter().filter(|&&n| n > 1).count();
        let share = KERNEL_SHARE * rel_error / axes.max(1) as f64;
        let lengths = shape.map(|n| grid_length(n, oversampling));
        let sigma = least_oversampling(shape, lengths)?;
        let first = EsKernel::for_error(share, sigma).ok()?;
        for width in first.width()..=MAX_WIDTH {
            let kernel = EsKernel::best_for(width, sigma).ok()?;
            let Some(taps) = Taps::new(&kernel, sigma, share) else {
                continue;
            };
            return Some(Self::assemble(shape, lengths, kernel, taps));
        }
        None
    }

    fn assemble(shape: [usize; 2], lengths: [usize; 2], kernel: EsKernel, taps: Taps) -> Self {
        let taps = Arc::new(taps);
        let single = Arc::new(Taps::identity());
        Self {
            shape,
            lengths,
            kernel,
            taps: shape.map(|n| if n > 1 { taps.clone() } else { single.clone() }),
        }
    }

    /// Expected rounding error, relative to Σ|f|, of the worst sample (a corner
    /// of the image), for unit roundoff `epsilon`.
    ///
    /// A sample at the edge is divided by the small φ̂ there before the FFT, whose
    /// rounding errors the kernel then averages: amplified by √Σφ² / φ̂(edge)
    /// along each axis.
    fn rounding(&self, epsilon: f64) -> f64 {
        let mut amplification = 1.0;
        let mut stages = 2.0;
        for axis in 0..2 {
            let (n, length) = (self.shape[axis], self.lengths[axis]);
            stages += (length as f64).log2();
            if n > 1 {
                let edge = self
                    .kernel
                    .fourier_transform(0.5 * n as f64 / length as f64);
                let taps = &self.taps[axis];
                let square: f64 = (0..taps.width())
                    .map(|tap| taps.evaluate(tap, 0.0).powi(2))
                    .sum();
                amplification *= (square.sqrt() / edge).max(1.0);
            }
        }
        2.0 * epsilon * stages.sqrt() * amplification
    }

    /// φ̂ of the samples of one axis, at the frequencies (i − ⌊n/2⌋)/length.
    pub(super) fn transform(&self, axis: usize) -> Vec<f64> {
        let (n, length) = (self.shape[axis], self.lengths[axis]);
        if n == 1 {
            return vec![1.0];
        }
        let half: Vec<f64> = (0..=n / 2)
            .map(|i| self.kernel.fourier_transform(i as f64 / length as f64))
            .collect();
        (0..n).map(|i| half[i.abs_diff(n / 2)]).collect()
    }

    /// Estimated time of a transform of `points` points whose coordinates span
    /// the given fractions of a period, in nanoseconds on one thread of a
    /// machine with 512-bit vectors; only ratios matter.
    pub(super) fn cost(&self, points: usize, span: [f64; 2], real: bool, bytes: usize) -> f64 {
        let [rows, columns] = self.lengths.map(|l| l as f64);
        let taps = self.kernel.width() as f64;
        let scalars = 64.0 / bytes as f64;
        let vectors = (2.0 * taps / scalars).ceil();
        let height = if self.shape[0] > 1 { taps } else { 1.0 };
        let degree = self.taps[1].degree() as f64 + 1.0;
        let point =
            6.0 + 0.25 * height * vectors + 0.12 * degree * (vectors + (0.5 * vectors).ceil());
        let kept = (span[1] * columns + 2.0 * taps).min(columns);
        let row_pass = self.shape[0] as f64
            * (columns * columns.log2() * if real { 0.12 } else { 0.24 } + kept * 0.8);
        let column_pass = kept * (rows * rows.log2() * 0.24 + span[0] * rows * 1.0);
        points as f64 * point + (row_pass + column_pass) * bytes as f64 / 8.0
    }
}

/// The smallest error that any grid reaches for a shape: where the rounding on
/// the finest grid, which amplifies it least, uses up its share.
pub(super) fn floor(shape: [usize; 2], epsilon: f64) -> f64 {
    let finest = OVERSAMPLINGS[OVERSAMPLINGS.len() - 1];
    let mut error = 8.0 * epsilon;
    loop {
        // A smaller error needs a wider kernel, which amplifies rounding more.
        let rounding = Grid::for_kernel_error(shape, finest, error).map(|g| g.rounding(epsilon));
        match rounding {
            Some(rounding) if rounding <= ROUNDING_SHARE * error => return error,
            _ if error >= LARGEST_ERROR => return LARGEST_ERROR,
            _ => error *= 1.1,
        }
    }
}

fn least_oversampling(shape: [usize; 2], lengths: [usize; 2]) -> Option<f64> {
    let factors = shape
        .iter()
        .zip(lengths)
        .filter(|&(&n, _)| n > 1)
        .map(|(&n, length)| length as f64 / n as f64);
    let least = factors.fold(f64::INFINITY, f64::min);
    Some(if least.is_finite() {
        least.min(8.0)
    } else {
        2.0
    })
}

/// Nodes a period for `n` samples: a length with a fast FFT. An axis of one
/// sample needs one node: no coordinate changes its phase.
fn grid_length(n: usize, oversampling: f64) -> usize {
    if n == 1 {
        return 1;
    }
    fast_length(((n as f64 * oversampling).ceil() as usize).max(2 * MAX_WIDTH))
}

/// The smallest 2^a 3^b 5^c >= `minimum` with a >= 2 and c <= 2.
pub(super) fn fast_length(minimum: usize) -> usize {
    let mut best = minimum.next_power_of_two().max(4);
    for odd in [1, 3, 5, 9, 15, 25, 27, 45, 75, 81, 135, 225, 243, 405, 729] {
        let power = minimum.div_ceil(odd).next_power_of_two().max(4);
        best = best.min(odd.saturating_mul(power));
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_lengths_are_close_and_smooth() {
        assert_eq!(fast_length(1), 4);
        assert_eq!(fast_length(1024), 1024);
        assert_eq!(fast_length(1025), 1080);
        for minimum in 96..3000 {
            let length = fast_length(minimum);
            assert!(
                length >= minimum && length as f64 <= 1.13 * minimum as f64,
                "{minimum}"
            );
            assert_eq!(length % 4, 0);
        }
    }

    #[test]
    fn narrower_kernels_come_with_finer_grids() {
        let grids = Grid::candidates([512, 512], 1e-9, f64::EPSILON / 2.0).unwrap();
        assert!(grids.len() > 3);
        for pair in grids.windows(2) {
            assert!(pair[1].lengths[0] > pair[0].lengths[0]);
            assert!(pair[1].kernel.width() <= pair[0].kernel.width());
        }
    }

    #[test]
    fn impossible_errors_state_the_floor() {
        for (epsilon, low, high) in [
            (f64::EPSILON / 2.0, 1e-15, 2e-13),
            (f64::from(f32::EPSILON) / 2.0, 1e-7, 1e-5),
        ] {
            let Err(Error::RelativeError {
                smallest: floor, ..
            }) = Grid::candidates([4096, 4096], 1e-17, epsilon)
            else {
                panic!("1e-17 was accepted");
            };
            assert!(floor > low && floor < high, "{floor:e}");
            assert!(Grid::candidates([4096, 4096], 1.01 * floor, epsilon).is_ok());
        }
    }
}
