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

/// One axis of an oversampled grid, with its kernel.
#[derive(Debug, PartialEq)]
pub(super) struct GridAxis {
    /// Samples of the uniform side.
    samples: usize,
    /// Grid nodes a period.
    pub(super) length: usize,
    /// None for a single sample: no coordinate changes its phase.
    kernel: Option<EsKernel>,
    pub(super) taps: Taps,
    /// How much the kernel amplifies rounding in the FFT, for the worst sample.
    amplification: f64,
}

impl GridAxis {
    /// An axis whose kernel keeps `error`, if one does.
    fn for_error(samples: usize, oversampling: f64, error: f64) -> Option<Self> {
        if samples == 1 {
            return Some(Self {
                samples,
                length: 1,
                kernel: None,
                taps: Taps::identity(),
                amplification: 1.0,
            });
        }
        let length = grid_length(samples, oversampling);
        let sigma = (length as f64 / samples as f64).min(8.0);
        let first = EsKernel::for_error(error, sigma).ok()?;
        (first.width()..=MAX_WIDTH).find_map(|width| {
            let kernel = EsKernel::best_for(width, sigma).ok()?;
            let taps = Taps::new(&kernel, sigma, error)?;
            Some(Self::with_kernel(samples, length, kernel, taps))
        })
    }

    fn with_kernel(samples: usize, length: usize, kernel: EsKernel, taps: Taps) -> Self {
        // A sample at the edge is divided by the small φ̂ there before the FFT,
        // whose rounding errors the kernel then averages.
        let edge = kernel.fourier_transform(0.5 * samples as f64 / length as f64);
        let squares = (0..taps.width()).map(|tap| taps.evaluate(tap, 0.0).powi(2));
        let square: f64 = squares.sum();
        Self {
            amplification: (square.sqrt() / edge).max(1.0),
            samples,
            length,
            kernel: Some(kernel),
            taps,
        }
    }

    /// All that reach `error`, without those that another beats at the same length.
    fn options(samples: usize, error: f64) -> Vec<Arc<Self>> {
        let mut options = Vec::<Arc<Self>>::new();
        for oversampling in OVERSAMPLINGS {
            if let Some(axis) = Self::for_error(samples, oversampling, error)
                && options.iter().all(|other| other.length != axis.length)
            {
                options.push(Arc::new(axis));
            }
        }
        options
    }
}

/// An oversampled grid: its rows and its columns.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    pub(super) axes: [Arc<GridAxis>; 2],
}

impl Grid {
    /// All grids that reach `rel_error` for this shape, unit roundoff `epsilon`.
    /// The axes differ where that is faster: the rows of a grid only cost an FFT,
    /// its columns are also stored between the two.
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
        let share = kernel_share(shape, rel_error);
        let rows = GridAxis::options(shape[0], share);
        let columns = if shape[0] == shape[1] {
            rows.clone()
        } else {
            GridAxis::options(shape[1], share)
        };
        let pairs = rows.iter().flat_map(|row| {
            columns.iter().map(|column| Self {
                axes: [row.clone(), column.clone()],
            })
        });
        let grids: Vec<Self> = pairs
            .filter(|grid| grid.rounding(epsilon) <= ROUNDING_SHARE * rel_error)
            .collect();
        if grids.is_empty() {
            return Err(refuse(floor(shape, epsilon)));
        }
        Ok(grids)
    }

    /// The grid of one kernel for both axes: what tests need.
    #[cfg(test)]
    pub(super) fn with_kernel(
        shape: [usize; 2],
        lengths: [usize; 2],
        kernel: &EsKernel,
        taps: &Taps,
    ) -> Self {
        Self {
            axes: [0, 1].map(|axis| {
                let (kernel, taps) = (kernel.clone(), taps.clone());
                Arc::new(GridAxis::with_kernel(
                    shape[axis],
                    lengths[axis],
                    kernel,
                    taps,
                ))
            }),
        }
    }

    /// Samples of the uniform side.
    pub(super) fn shape(&self) -> [usize; 2] {
        [0, 1].map(|axis| self.axes[axis].samples)
    }

    /// Grid nodes a period.
    pub(super) fn lengths(&self) -> [usize; 2] {
        [0, 1].map(|axis| self.axes[axis].length)
    }

    /// Expected rounding error, relative to Σ|f|, of the worst sample (a corner
    /// of the image), for unit roundoff `epsilon`.
    fn rounding(&self, epsilon: f64) -> f64 {
        let [rows, columns] = &self.axes;
        let stages = 2.0 + (rows.length as f64).log2() + (columns.length as f64).log2();
        2.0 * epsilon * stages.sqrt() * rows.amplification * columns.amplification
    }

    /// φ̂ of the samples of one axis, at the frequencies (i − ⌊n/2⌋)/length.
    pub(super) fn transform(&self, axis: usize) -> Vec<f64> {
        let axis = &self.axes[axis];
        let (n, length) = (axis.samples, axis.length);
        let Some(kernel) = &axis.kernel else {
            return vec![1.0];
        };
        let half: Vec<f64> = (0..=n / 2)
            .map(|i| kernel.fourier_transform(i as f64 / length as f64))
            .collect();
        (0..n).map(|i| half[i.abs_diff(n / 2)]).collect()
    }

    /// Estimated time of a transform of `points` points whose coordinates span
    /// the given fractions of a period, in nanoseconds on one thread of a
    /// machine with 512-bit vectors; only ratios matter.
    pub(super) fn cost(&self, points: usize, span: [f64; 2], real: bool, bytes: usize) -> f64 {
        let [rows, columns] = self.lengths().map(|l| l as f64);
        let [height, taps] = [0, 1].map(|axis| self.axes[axis].taps.width() as f64);
        // Both axes are evaluated in registers of one number.
        let scalars = 64.0 / bytes as f64;
        let vectors = (2.0 * height.max(taps) / scalars).ceil();
        let degree = self.axes.iter().map(|axis| axis.taps.degree()).max();
        let degree = degree.unwrap_or(0) as f64 + 1.0;
        let point =
            6.0 + 0.25 * height * vectors + 0.12 * degree * (vectors + (0.5 * vectors).ceil());
        let kept = (span[1] * columns + 2.0 * taps).min(columns);
        let row_pass = self.axes[0].samples as f64
            * (columns * columns.log2() * if real { 0.12 } else { 0.24 } + kept * 0.8);
        let column_pass = kept * (rows * rows.log2() * 0.24 + span[0] * rows * 1.0);
        points as f64 * point + (row_pass + column_pass) * bytes as f64 / 8.0
    }
}

/// The kernel's share of an error, for each axis that has one.
fn kernel_share(shape: [usize; 2], rel_error: f64) -> f64 {
    let axes = shape.iter().filter(|&&n| n > 1).count();
    KERNEL_SHARE * rel_error / axes.max(1) as f64
}

/// The smallest error that any grid reaches for a shape: where the rounding on
/// the finest grid, which amplifies it least, uses up its share.
pub(super) fn floor(shape: [usize; 2], epsilon: f64) -> f64 {
    let finest = OVERSAMPLINGS[OVERSAMPLINGS.len() - 1];
    let grid = |error: f64| {
        let share = kernel_share(shape, error);
        let axis = |n| GridAxis::for_error(n, finest, share).map(Arc::new);
        Some(Grid {
            axes: [axis(shape[0])?, axis(shape[1])?],
        })
    };
    let mut error = 8.0 * epsilon;
    loop {
        // A smaller error needs a wider kernel, which amplifies rounding more.
        match grid(error).map(|grid| grid.rounding(epsilon)) {
            Some(rounding) if rounding <= ROUNDING_SHARE * error => return error,
            _ if error >= LARGEST_ERROR => return LARGEST_ERROR,
            _ => error *= 1.1,
        }
    }
}

/// Nodes a period for `n` samples: a length with a fast FFT.
fn grid_length(n: usize, oversampling: f64) -> usize {
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
        let axes = GridAxis::options(512, 1e-9);
        assert!(axes.len() > 3);
        for pair in axes.windows(2) {
            assert!(pair[1].length > pair[0].length);
            assert!(pair[1].taps.width() <= pair[0].taps.width());
        }
        // Any two of them make a grid, unless rounding spoils it.
        let grids = Grid::candidates([512, 512], 1e-9, f64::EPSILON / 2.0).unwrap();
        assert!(grids.iter().any(|grid| grid.lengths() == [1024, 768]));
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
