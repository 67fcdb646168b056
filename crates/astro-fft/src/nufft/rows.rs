//! Transforms along the rows of the uniform side: zero-padded, deconvolved, and
//! cut to the grid columns that some points need.

use num_complex::Complex;
use pulp::{Simd, WithSimd};

use crate::{ComplexFft1, FftReal, RealFft1, Result, Sign};

/// A transform of one row of the uniform side to some columns of the grid, and
/// its adjoint.
pub(super) trait RowTransform<T: FftReal>: Send + Sync {
    /// A sample of the uniform side.
    type Sample: Sample<T>;

    /// Whether points of negative column coordinate are folded onto the others.
    const FOLDED: bool;

    /// Exponent of the transform from the grid's side of rows, and of columns.
    fn forward_sign(&self) -> Sign;

    /// Exponent of the adjoint transform.
    fn adjoint_sign(&self) -> Sign;

    /// Index of the first sample that is not finite.
    fn first_bad(samples: &[Self::Sample]) -> Option<usize>;

    /// Scratch for one thread.
    fn scratch(&self) -> RowScratch<T, Self::Sample>;

    /// Σ_j factor · factors_j · samples_j exp(±2πi c(j − ⌊n/2⌋)/length) for the
    /// columns c from `first` on that `columns` has room for; false if a sample
    /// is not finite.
    fn forward(
        &self,
        factor: T,
        factors: &[T],
        first: i64,
        columns: &mut [Complex<T>],
        scratch: &mut RowScratch<T, Self::Sample>,
    ) -> Result<bool>;

    /// The adjoint: samples of the row from its grid columns.
    fn adjoint(
        &self,
        factor: T,
        factors: &[T],
        first: i64,
        columns: &[Complex<T>],
        row: &mut [Self::Sample],
        scratch: &mut RowScratch<T, Self::Sample>,
    ) -> Result<()>;
}

/// What a thread needs for one row.
#[derive(Debug)]
pub(super) struct RowScratch<T, X> {
    /// The row as given.
    pub(super) samples: Vec<X>,
    /// Some columns of its transform.
    pub(super) columns: Vec<Complex<T>>,
    padded: Vec<X>,
    spectrum: Vec<Complex<T>>,
    fft: Vec<Complex<T>>,
}

/// Rows of real samples.
#[derive(Clone, Debug)]
pub(super) struct RealRows<T: FftReal> {
    fft: RealFft1<T>,
    samples: usize,
}

/// Rows of complex samples.
#[derive(Clone, Debug)]
pub(super) struct ComplexRows<T: FftReal> {
    fft: ComplexFft1<T>,
    samples: usize,
    sign: Sign,
}

impl<T: FftReal> RealRows<T> {
    pub(super) fn new(samples: usize, length: usize) -> Result<Self> {
        Ok(Self {
            fft: RealFft1::new(length)?,
            samples,
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

/// A sample that can be scaled by a real number.
pub(super) trait Sample<T>: Copy + Send + Sync + Default {
    /// x · factor
    fn scaled(self, factor: T) -> Self;
    /// Zero, or NaN if x is not finite.
    fn probe(self) -> T;
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
}

/// Writes a row with its centre ⌊n/2⌋ at index 0 and zeros in the middle, so
/// that no phase is left; false if a sample is not finite.
struct Pad<'a, T, X> {
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

/// Calls `visit(from, to, conjugate)` for runs of columns: `from` in 0..=last
/// index of a half spectrum of a period, `to` the index of the column.
fn columns_of_half_spectrum(
    length: usize,
    first: i64,
    count: usize,
    mut visit: impl FnMut(usize, usize, bool),
) {
    for to in 0..count {
        let column = (first + to as i64).rem_euclid(length as i64) as usize;
        if column <= length / 2 {
            visit(column, to, false);
        } else {
            visit(length - column, to, true);
        }
    }
}

impl<T: FftReal> RowTransform<T> for RealRows<T> {
    type Sample = T;

    const FOLDED: bool = true;

    fn forward_sign(&self) -> Sign {
        Sign::Negative
    }

    fn adjoint_sign(&self) -> Sign {
        Sign::Positive
    }

    fn first_bad(samples: &[T]) -> Option<usize> {
        samples.iter().position(|x| !x.is_finite())
    }

    fn scratch(&self) -> RowScratch<T, T> {
        let zero = Complex::new(T::zero(), T::zero());
        RowScratch {
            samples: vec![T::zero(); self.samples],
            columns: Vec::new(),
            padded: vec![T::zero(); self.fft.length()],
            spectrum: vec![zero; self.fft.spectrum_len()],
            fft: vec![zero; self.fft.scratch_len()],
        }
    }

    fn forward(
        &self,
        factor: T,
        factors: &[T],
        first: i64,
        columns: &mut [Complex<T>],
        scratch: &mut RowScratch<T, T>,
    ) -> Result<bool> {
        let RowScratch {
            samples, padded, ..
        } = scratch;
        let finite = pulp::Arch::new().dispatch(Pad {
            samples,
            factor,
            factors,
            padded,
        });
        let spectrum = &mut scratch.spectrum;
        self.fft
            .forward_with_scratch(&mut scratch.padded, spectrum, &mut scratch.fft)?;
        columns_of_half_spectrum(
            self.fft.length(),
            first,
            columns.len(),
            |from, to, conjugate| {
                columns[to] = if conjugate {
                    spectrum[from].conj()
                } else {
                    spectrum[from]
                };
            },
        );
        Ok(finite)
    }

    fn adjoint(
        &self,
        factor: T,
        factors: &[T],
        first: i64,
        columns: &[Complex<T>],
        row: &mut [T],
        scratch: &mut RowScratch<T, T>,
    ) -> Result<()> {
        let spectrum = &mut scratch.spectrum;
        spectrum.fill(Complex::new(T::zero(), T::zero()));
        let length = self.fft.length();
        columns_of_half_spectrum(length, first, columns.len(), |to, from, conjugate| {
            spectrum[to] += if conjugate {
                columns[from].conj()
            } else {
                columns[from]
            };
        });
        // The inverse counts each column but the first and the last of an even
        // period twice: for itself and for its conjugate.
        let half = T::from_f64_rounded(0.5);
        let doubled = 1..length.div_ceil(2);
        for value in &mut spectrum[doubled] {
            *value *= half;
        }
        let padded = &mut scratch.padded;
        self.fft
            .inverse_with_scratch(spectrum, padded, &mut scratch.fft)?;
        crop(padded, factor, factors, row);
        Ok(())
    }
}

impl<T: FftReal> RowTransform<T> for ComplexRows<T> {
    type Sample = Complex<T>;

    const FOLDED: bool = false;

    fn forward_sign(&self) -> Sign {
        self.sign
    }

    fn adjoint_sign(&self) -> Sign {
        self.sign
    }

    fn first_bad(samples: &[Complex<T>]) -> Option<usize> {
        samples
            .iter()
            .position(|x| !(x.re.is_finite() && x.im.is_finite()))
    }

    fn scratch(&self) -> RowScratch<T, Complex<T>> {
        let zero = Complex::new(T::zero(), T::zero());
        RowScratch {
            samples: vec![zero; self.samples],
            columns: Vec::new(),
            padded: vec![zero; self.fft.length()],
            spectrum: Vec::new(),
            fft: vec![zero; self.fft.scratch_len()],
        }
    }

    fn forward(
        &self,
        factor: T,
        factors: &[T],
        first: i64,
        columns: &mut [Complex<T>],
        scratch: &mut RowScratch<T, Complex<T>>,
    ) -> Result<bool> {
        let RowScratch {
            samples, padded, ..
        } = scratch;
        let finite = pulp::Arch::new().dispatch(Pad {
            samples,
            factor,
            factors,
            padded,
        });
        self.fft
            .process_with_scratch(padded, self.sign, &mut scratch.fft)?;
        let length = padded.len() as i64;
        let mut from = first.rem_euclid(length) as usize;
        for column in columns {
            *column = padded[from];
            from = if from + 1 == padded.len() {
                0
            } else {
                from + 1
            };
        }
        Ok(finite)
    }

    fn adjoint(
        &self,
        factor: T,
        factors: &[T],
        first: i64,
        columns: &[Complex<T>],
        row: &mut [Complex<T>],
        scratch: &mut RowScratch<T, Complex<T>>,
    ) -> Result<()> {
        let padded = &mut scratch.padded;
        padded.fill(Complex::new(T::zero(), T::zero()));
        let mut to = first.rem_euclid(padded.len() as i64) as usize;
        for column in columns {
            padded[to] += *column;
            to = if to + 1 == padded.len() { 0 } else { to + 1 };
        }
        self.fft
            .process_with_scratch(padded, self.sign, &mut scratch.fft)?;
        crop(padded, factor, factors, row);
        Ok(())
    }
}

/// The adjoint of [`Pad`].
fn crop<T: FftReal, X: Sample<T>>(padded: &[X], factor: T, factors: &[T], row: &mut [X]) {
    let half = row.len() / 2;
    let (tail, head) = (&padded[padded.len() - half..], padded);
    let samples = tail.iter().chain(head);
    for ((sample, x), f) in row.iter_mut().zip(samples).zip(factors) {
        *sample = x.scaled(factor * *f);
    }
}
