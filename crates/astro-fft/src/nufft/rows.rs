//! Transforms along the rows of the uniform side: zero-padded, deconvolved, and
//! cut to the grid columns that some points need.

use std::cell::{Cell, RefCell};

use num_complex::Complex;
use pulp::{Simd, WithSimd};

use crate::rows::{BLOCK_ROWS, RowFft, RowScratch};
use crate::{ComplexFft1, FftReal, PANEL_COLUMNS, Result, Sign};

/// Rows that are transformed together.
pub(super) const ROW_BLOCK: usize = BLOCK_ROWS;

/// Numbers of a block of rows in a panel of columns.
pub(super) const TILE: usize = ROW_BLOCK * PANEL_COLUMNS;

/// Writes the samples of the row of an index.
pub(super) type FillRow<'a, X> = &'a (dyn Fn(usize, &mut [X]) + Sync);

/// A transform of rows of the uniform side to some columns of the grid, and its
/// adjoint.
pub(super) trait RowTransform<T: FftReal>: Send + Sync {
    /// A sample of the uniform side.
    type Sample: Sample<T>;

    /// What a thread needs.
    type Scratch: Send;

    /// Whether points of negative column coordinate are folded onto the others.
    const FOLDED: bool;

    /// Exponent of the transform from the uniform side.
    fn forward_sign(&self) -> Sign;

    /// Exponent of the transform to the uniform side.
    fn adjoint_sign(&self) -> Sign;

    /// Makes scratch for one thread.
    fn scratch(&self) -> Self::Scratch;

    /// Where the grid column `first + column` is among the stored ones, and
    /// whether as its conjugate.
    fn source(&self, first: i64, column: usize) -> (usize, bool);

    /// Σ_j factor · factors_j · f_j exp(±2πi c(j − ⌊n/2⌋)/length) for up to eight
    /// rows with a factor each, as tiles of eight stored columns c.
    ///
    /// Returns (row, column) of a sample that is not finite, if there is one.
    fn forward(
        &self,
        row_factors: &[T],
        factors: &[T],
        first: i64,
        fill_row: impl Fn(usize, &mut [Self::Sample]),
        tiles: &mut [&mut [Complex<T>]],
        scratch: &mut Self::Scratch,
    ) -> Result<Option<(usize, usize)>>;

    /// The adjoint: the samples of up to eight rows of `out` from stored columns,
    /// which it may change.
    fn adjoint(
        &self,
        row_factors: &[T],
        factors: &[T],
        first: i64,
        tiles: &mut [Complex<T>],
        out: &mut [Self::Sample],
        scratch: &mut Self::Scratch,
    ) -> Result<()>;
}

/// Rows of real samples; stored are columns 0, 1, 2, … of the half spectrum.
#[derive(Debug)]
pub(super) struct RealRows<T: FftReal> {
    fft: RowFft<T>,
    samples: usize,
    length: usize,
}

/// Rows of complex samples; stored are the columns needed, from the first on.
#[derive(Clone, Debug)]
pub(super) struct ComplexRows<T: FftReal> {
    fft: ComplexFft1<T>,
    samples: usize,
    sign: Sign,
}

impl<T: FftReal> RealRows<T> {
    pub(super) fn new(samples: usize, length: usize) -> Result<Self> {
        Ok(Self {
            fft: RowFft::new(length)?,
            samples,
            length,
        })
    }
}

impl<T: FftReal> ComplexRows<T> {
    pub(super) fn new(samples: usize, length: usize, sign: Sign) -> Result<Self> {
        Ok(Self {
            fft: ComplexFft1::new(length)?,
            samples,
            sign,
        })
    }
}

impl<T: FftReal> RowTransform<T> for RealRows<T> {
    type Sample = T;
    type Scratch = (RefCell<Vec<T>>, RowScratch<T>);

    const FOLDED: bool = true;

    fn forward_sign(&self) -> Sign {
        Sign::Negative
    }

    fn adjoint_sign(&self) -> Sign {
        Sign::Positive
    }

    fn scratch(&self) -> Self::Scratch {
        let samples = RefCell::new(vec![T::zero(); self.samples]);
        (samples, self.fft.scratch())
    }

    fn source(&self, first: i64, column: usize) -> (usize, bool) {
        let column = (first + column as i64).rem_euclid(self.length as i64) as usize;
        if column <= self.length / 2 {
            (column, false)
        } else {
            (self.length - column, true)
        }
    }

    fn forward(
        &self,
        row_factors: &[T],
        factors: &[T],
        _: i64,
        fill_row: impl Fn(usize, &mut [T]),
        tiles: &mut [&mut [Complex<T>]],
        (samples, scratch): &mut Self::Scratch,
    ) -> Result<Option<(usize, usize)>> {
        let bad = Cell::new(None);
        let fill = |row: usize, padded: &mut [T]| {
            let mut samples = samples.borrow_mut();
            fill_row(row, &mut samples);
            let factor = row_factors[row];
            if let Some(column) = pad(&samples, factor, factors, padded) {
                bad.set(Some((row, column)));
            }
        };
        self.fft.forward(row_factors.len(), fill, tiles, scratch);
        Ok(bad.get())
    }

    fn adjoint(
        &self,
        row_factors: &[T],
        factors: &[T],
        _: i64,
        tiles: &mut [Complex<T>],
        out: &mut [T],
        (_, scratch): &mut Self::Scratch,
    ) -> Result<()> {
        // The inverse counts each column but the first and the last of an even
        // period twice: for itself and for its conjugate.
        let half = T::from_f64_rounded(0.5);
        let doubled = 1..self.length.div_ceil(2);
        for (panel, tile) in tiles.chunks_exact_mut(TILE).enumerate() {
            for line in tile.chunks_exact_mut(PANEL_COLUMNS) {
                for (lane, value) in line.iter_mut().enumerate() {
                    if doubled.contains(&(panel * PANEL_COLUMNS + lane)) {
                        *value *= half;
                    }
                }
            }
        }
        let columns = (tiles.len() / ROW_BLOCK).min(self.length / 2 + 1);
        let give_tile = |panel: usize, tile: &mut [Complex<T>; TILE]| {
            tile.copy_from_slice(&tiles[panel * TILE..(panel + 1) * TILE]);
        };
        let take_row = |row: usize, padded: &[T]| {
            let out = &mut out[row * self.samples..(row + 1) * self.samples];
            crop(padded, row_factors[row], factors, out);
        };
        self.fft
            .inverse(row_factors.len(), columns, give_tile, take_row, scratch);
        Ok(())
    }
}

impl<T: FftReal> RowTransform<T> for ComplexRows<T> {
    type Sample = Complex<T>;
    /// The row as given, padded, and the transform's own.
    type Scratch = [Vec<Complex<T>>; 3];

    const FOLDED: bool = false;

    fn forward_sign(&self) -> Sign {
        self.sign
    }

    fn adjoint_sign(&self) -> Sign {
        self.sign
    }

    fn scratch(&self) -> Self::Scratch {
        let lengths = [self.samples, self.fft.length(), self.fft.scratch_len()];
        lengths.map(|length| vec![Complex::default(); length])
    }

    fn source(&self, _: i64, column: usize) -> (usize, bool) {
        (column, false)
    }

    fn forward(
        &self,
        row_factors: &[T],
        factors: &[T],
        first: i64,
        fill_row: impl Fn(usize, &mut [Complex<T>]),
        tiles: &mut [&mut [Complex<T>]],
        [samples, padded, scratch]: &mut Self::Scratch,
    ) -> Result<Option<(usize, usize)>> {
        let mut bad = None;
        for (row, factor) in row_factors.iter().enumerate() {
            fill_row(row, samples);
            if let Some(column) = pad(samples, *factor, factors, padded) {
                bad = Some((row, column));
            }
            self.fft.process_with_scratch(padded, self.sign, scratch)?;
            let mut from = first.rem_euclid(padded.len() as i64) as usize;
            for tile in tiles.iter_mut() {
                for value in &mut tile[row * PANEL_COLUMNS..(row + 1) * PANEL_COLUMNS] {
                    *value = padded[from];
                    from = if from + 1 == padded.len() {
                        0
                    } else {
                        from + 1
                    };
                }
            }
        }
        Ok(bad)
    }

    fn adjoint(
        &self,
        row_factors: &[T],
        factors: &[T],
        first: i64,
        tiles: &mut [Complex<T>],
        out: &mut [Complex<T>],
        [_, padded, scratch]: &mut Self::Scratch,
    ) -> Result<()> {
        let rows = row_factors.iter().zip(out.chunks_exact_mut(self.samples));
        for (row, (factor, out)) in rows.enumerate() {
            padded.fill(Complex::default());
            let mut to = first.rem_euclid(padded.len() as i64) as usize;
            for tile in tiles.chunks_exact(TILE) {
                for value in &tile[row * PANEL_COLUMNS..(row + 1) * PANEL_COLUMNS] {
                    padded[to] += *value;
                    to = if to + 1 == padded.len() { 0 } else { to + 1 };
                }
            }
            self.fft.process_with_scratch(padded, self.sign, scratch)?;
            crop(padded, *factor, factors, out);
        }
        Ok(())
    }
}

/// A sample that can be scaled by a real number.
pub(super) trait Sample<T>: Copy + Send + Sync + Default {
    /// x · factor
    fn scaled(self, factor: T) -> Self;
    /// Zero, or NaN if x is not finite.
    fn probe(self) -> T;
    /// Runs [`Pad`] with the vectors of this machine.
    fn pad(kernel: Pad<'_, T, Self>) -> bool;
}

impl<T: FftReal> Sample<T> for T {
    #[inline(always)]
    fn scaled(self, factor: T) -> Self {
        self * factor
    }

    #[inline(always)]
    fn probe(self) -> T {
        self * T::zero()
    }

    fn pad(kernel: Pad<'_, T, Self>) -> bool {
        T::pad_real(kernel)
    }
}

impl<T: FftReal> Sample<T> for Complex<T> {
    #[inline(always)]
    fn scaled(self, factor: T) -> Self {
        self * factor
    }

    #[inline(always)]
    fn probe(self) -> T {
        (self.re + self.im) * T::zero()
    }

    fn pad(kernel: Pad<'_, T, Self>) -> bool {
        T::pad_complex(kernel)
    }
}

/// Writes a row, scaled, with its centre ⌊n/2⌋ at index 0 and zeros in the middle,
/// so that no phase is left; the first sample that is not finite, if any.
fn pad<T: FftReal, X: Sample<T>>(
    samples: &[X],
    factor: T,
    factors: &[T],
    padded: &mut [X],
) -> Option<usize> {
    let finite = X::pad(Pad {
        samples,
        factor,
        factors,
        padded,
    });
    let first_bad = || samples.iter().position(|x| x.probe() != T::zero());
    if finite { None } else { first_bad() }
}

/// [`pad`] for any machine; false if a sample is not finite.
#[derive(Debug)]
pub struct Pad<'a, T, X> {
    samples: &'a [X],
    factor: T,
    factors: &'a [T],
    padded: &'a mut [X],
}

impl<T: FftReal, X: Sample<T>> WithSimd for Pad<'_, T, X> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> bool {
        let half = self.samples.len() / 2;
        let (before, after) = self.samples.split_at(half);
        let (factors_before, factors_after) = self.factors.split_at(half);
        let length = self.padded.len();
        let (head, rest) = self.padded.split_at_mut(after.len());
        let (zeros, tail) = rest.split_at_mut(length - self.samples.len());
        zeros.fill(X::default());
        // Both, without a short cut.
        scale(before, self.factor, factors_before, tail)
            & scale(after, self.factor, factors_after, head)
    }
}

#[inline(always)]
fn scale<T: FftReal, X: Sample<T>>(from: &[X], factor: T, factors: &[T], to: &mut [X]) -> bool {
    const LANES: usize = 16;
    let mut probe = [T::zero(); LANES];
    let (chunks, last) = from.as_chunks::<LANES>();
    let (factor_chunks, last_factors) = factors.as_chunks::<LANES>();
    let (to_chunks, last_to) = to.as_chunks_mut::<LANES>();
    for ((from, factors), to) in chunks.iter().zip(factor_chunks).zip(to_chunks) {
        for lane in 0..LANES {
            to[lane] = from[lane].scaled(factor * factors[lane]);
            probe[lane] += from[lane].probe();
        }
    }
    for ((from, f), to) in last.iter().zip(last_factors).zip(last_to) {
        *to = from.scaled(factor * *f);
        probe[0] += from.probe();
    }
    probe.iter().all(|&p| p == T::zero())
}

/// The adjoint of [`pad`].
fn crop<T: FftReal, X: Sample<T>>(padded: &[X], factor: T, factors: &[T], row: &mut [X]) {
    let half = row.len() / 2;
    let (before, after) = row.split_at_mut(half);
    let (factors_before, factors_after) = factors.split_at(half);
    let tail = &padded[padded.len() - half..];
    for (row, factors, padded) in [
        (before, factors_before, tail),
        (after, factors_after, padded),
    ] {
        for ((sample, x), f) in row.iter_mut().zip(padded).zip(factors) {
            *sample = x.scaled(factor * *f);
        }
    }
}
