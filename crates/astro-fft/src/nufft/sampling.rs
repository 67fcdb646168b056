//! The two inner loops: grid to points, and points to grid.
//!
//! With kernel values k_r over the rows and k_c over the columns of a point,
//! interpolation is Σ_r k_r Σ_c k_c G(r, c) and spreading its transpose,
//! G(r, c) += k_r k_c value. Vectors run over the columns, real and imaginary
//! parts side by side.

use num_complex::Complex;
use pulp::{Simd, WithSimd};

use super::lanes::group;
use super::taps::Taps;
use crate::FftReal;
use crate::aligned::AlignedVec;

/// Room for the row kernel of one point: the widest kernel, padded.
const ROW_BUFFER: usize = 64;

/// The polynomials of both axes, laid out for vectors.
#[derive(Debug)]
pub(super) struct KernelTable<T> {
    /// Row taps, then zeros; `stride` numbers for each power, highest first.
    rows: AlignedVec<T>,
    /// Column taps, each twice (real and imaginary part), then zeros.
    columns: AlignedVec<T>,
    stride: usize,
    row_width: usize,
}

impl<T: FftReal> KernelTable<T> {
    pub(super) fn new(taps: [&Taps; 2]) -> Self {
        let [rows, columns] = taps;
        let width = rows.width().max(columns.width());
        let stride = (2 * width).next_multiple_of(group::<T>());
        Self {
            rows: table(rows, 1, stride),
            columns: table(columns, 2, stride),
            stride,
            row_width: rows.width(),
        }
    }

    /// Grid columns that a vector loop touches, at least the kernel's width.
    pub(super) fn padded_columns(&self) -> usize {
        self.stride / 2
    }
}

fn table<T: FftReal>(taps: &Taps, copies: usize, stride: usize) -> AlignedVec<T> {
    let mut table = AlignedVec::new(T::zero(), stride * (taps.degree() + 1));
    for (step, line) in table.chunks_exact_mut(stride).enumerate() {
        for (place, value) in line.chunks_exact_mut(copies).zip(taps.step(step)) {
            place.fill(T::from_f64_rounded(*value));
        }
    }
    table
}

/// Where in a window a point lies: the first row and column under its kernel,
/// and the polynomial variables t.
#[inline(always)]
fn locate<T: FftReal>(position: [f64; 2], row_origin: usize) -> (usize, usize, T, T) {
    let row = position[0].floor();
    let column = position[1].floor();
    let t = |fraction: f64| T::from_f64_rounded(1.0 - 2.0 * fraction);
    (
        row_origin + row as i32 as usize,
        column as i32 as usize,
        t(position[0] - row),
        t(position[1] - column),
    )
}

/// Horner's rule for `N` registers of taps, from `offset` on.
#[inline(always)]
fn horner<S: Simd, T: FftReal, const N: usize>(
    simd: S,
    table: &[T],
    stride: usize,
    offset: usize,
    t: T::Register<S>,
) -> [T::Register<S>; N] {
    let lanes = T::lanes::<S>();
    let mut lines = table.chunks_exact(stride);
    let load = |line: &[T]| {
        let line = &line[offset..offset + N * lanes];
        std::array::from_fn(|k| T::load::<S>(&line[k * lanes..]))
    };
    let mut sum: [T::Register<S>; N] = load(lines.next().expect("a polynomial has a coefficient"));
    for line in lines {
        let next: [T::Register<S>; N] = load(line);
        for k in 0..N {
            sum[k] = T::multiply_add(simd, sum[k], t, next[k]);
        }
    }
    sum
}

/// The row kernel of one point.
#[inline(always)]
fn row_kernel<S: Simd, T: FftReal, const N: usize>(
    simd: S,
    kernel: &KernelTable<T>,
    passes: usize,
    t: T,
) -> [T; ROW_BUFFER] {
    let lanes = T::lanes::<S>();
    let mut values = [T::zero(); ROW_BUFFER];
    let t = T::splat(simd, t);
    // Half as many numbers as the columns have: no doubling.
    let half = N.div_ceil(2);
    for pass in 0..passes {
        for k in 0..half {
            let offset = (pass * half + k) * lanes;
            let [register] = horner::<S, T, 1>(simd, &kernel.rows, kernel.stride, offset, t);
            T::store::<S>(&mut values[offset..], register);
        }
    }
    values
}

/// Points of one bin: positions within the bin, and where its rows begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    /// Rows of the window above the bin.
    pub(super) row_origin: usize,
    /// (row, column) in grid steps.
    pub(super) positions: &'a [[f64; 2]],
}

/// Interpolates the points of a segment from a window of `stride` numbers a row.
pub(super) struct Interpolate<'a, T> {
    pub(super) kernel: &'a KernelTable<T>,
    pub(super) window: &'a [T],
    pub(super) stride: usize,
    pub(super) segment: Segment<'a>,
    pub(super) values: &'a mut [Complex<T>],
}

impl<T: FftReal> Interpolate<'_, T> {
    #[inline(always)]
    fn run<S: Simd, const N: usize>(self, simd: S, passes: usize) {
        let lanes = T::lanes::<S>();
        let rows = self.kernel.row_width;
        for (&position, value) in self.segment.positions.iter().zip(self.values) {
            let (row, column, t_row, t_column) = locate::<T>(position, self.segment.row_origin);
            let k_row = row_kernel::<S, T, N>(simd, self.kernel, passes, t_row);
            let t_column = T::splat(simd, t_column);
            let mut total = Complex::new(T::zero(), T::zero());
            for pass in 0..passes {
                let offset = pass * N * lanes;
                let mut sum = [T::splat(simd, T::zero()); N];
                let mut start = row * self.stride + 2 * column + offset;
                for k in &k_row[..rows] {
                    let line = &self.window[start..start + N * lanes];
                    let k = T::splat(simd, *k);
                    for j in 0..N {
                        sum[j] = T::multiply_add(simd, k, T::load::<S>(&line[j * lanes..]), sum[j]);
                    }
                    start += self.stride;
                }
                let k_column = horner::<S, T, N>(
                    simd,
                    &self.kernel.columns,
                    self.kernel.stride,
                    offset,
                    t_column,
                );
                for j in 0..N {
                    sum[j] = T::multiply(simd, sum[j], k_column[j]);
                }
                total += T::sum_complex::<S, N>(simd, sum);
            }
            *value = total;
        }
    }
}

/// Spreads the points of a segment onto a window of `stride` numbers a row.
pub(super) struct Spread<'a, T> {
    pub(super) kernel: &'a KernelTable<T>,
    pub(super) window: &'a mut [T],
    pub(super) stride: usize,
    pub(super) segment: Segment<'a>,
    pub(super) values: &'a [Complex<T>],
}

impl<T: FftReal> Spread<'_, T> {
    #[inline(always)]
    fn run<S: Simd, const N: usize>(self, simd: S, passes: usize) {
        let lanes = T::lanes::<S>();
        let rows = self.kernel.row_width;
        for (&position, &value) in self.segment.positions.iter().zip(self.values) {
            let (row, column, t_row, t_column) = locate::<T>(position, self.segment.row_origin);
            let k_row = row_kernel::<S, T, N>(simd, self.kernel, passes, t_row);
            let t_column = T::splat(simd, t_column);
            let value = T::splat_complex::<S>(value);
            for pass in 0..passes {
                let offset = pass * N * lanes;
                let mut product = horner::<S, T, N>(
                    simd,
                    &self.kernel.columns,
                    self.kernel.stride,
                    offset,
                    t_column,
                );
                for j in 0..N {
                    product[j] = T::multiply(simd, product[j], value[j % 2]);
                }
                let mut start = row * self.stride + 2 * column + offset;
                for k in &k_row[..rows] {
                    let line = &mut self.window[start..start + N * lanes];
                    let k = T::splat(simd, *k);
                    for j in 0..N {
                        let place = &mut line[j * lanes..];
                        let sum = T::multiply_add(simd, k, product[j], T::load::<S>(place));
                        T::store::<S>(place, sum);
                    }
                    start += self.stride;
                }
            }
        }
    }
}

/// Splits the registers of a kernel into equal passes of at most eight, each a
/// loop of constant length.
macro_rules! with_constant_registers {
    ($job:ty) => {
        impl<T: FftReal> WithSimd for $job {
            type Output = ();

            #[inline(always)]
            fn with_simd<S: Simd>(self, simd: S) {
                let registers = self.kernel.stride / T::lanes::<S>();
                let least = registers.div_ceil(8);
                let passes = (least..registers).find(|p| registers.is_multiple_of(*p));
                let passes = passes.unwrap_or(least);
                match registers / passes {
                    1 => self.run::<S, 1>(simd, passes),
                    2 => self.run::<S, 2>(simd, passes),
                    3 => self.run::<S, 3>(simd, passes),
                    4 => self.run::<S, 4>(simd, passes),
                    5 => self.run::<S, 5>(simd, passes),
                    6 => self.run::<S, 6>(simd, passes),
                    _ => self.run::<S, 8>(simd, passes),
                }
            }
        }
    };
}

with_constant_registers!(Interpolate<'_, T>);
with_constant_registers!(Spread<'_, T>);
