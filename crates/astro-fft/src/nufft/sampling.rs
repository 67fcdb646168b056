//! The two inner loops: grid to points, and points to grid.
//!
//! With kernel values k_r over the rows and k_c over the columns of a point,
//! interpolation is Σ_r k_r Σ_c k_c G(r, c) and spreading its transpose,
//! G(r, c) += k_r k_c value. Vectors run over the columns, real and imaginary
//! parts side by side.

use std::marker::PhantomData;

use num_complex::Complex;
use pulp::{Simd, WithSimd};

use super::lanes::{REGISTER_BYTES, group};
use super::points::NufftPoints;
use super::taps::Taps;
use crate::FftReal;
use crate::aligned::AlignedVec;

/// Room for the row kernel of one point: the widest kernel, padded.
const ROW_BUFFER: usize = 32;

/// Most passes over the columns of a point: one number a register, the widest
/// kernel.
const MAX_PASSES: usize = 4;

/// The polynomials of both axes, laid out for the vectors of this machine.
///
/// Coefficients come in pairs of powers, t·odd(t²) + even(t²): two short chains
/// of dependent operations instead of a long one.
#[derive(Debug)]
pub struct KernelTable<T> {
    /// Row taps in order.
    rows: AlignedVec<T>,
    /// Column taps, in the order that [`crate::nufft::Lanes::duplicate`] undoes.
    columns: AlignedVec<T>,
    /// Numbers for each power of t, in either table.
    stride: usize,
    row_width: usize,
    /// Registers under the columns of a point, real and imaginary parts.
    registers: usize,
    /// Numbers in these registers, whatever the machine.
    padded: usize,
}

impl<T: FftReal> KernelTable<T> {
    pub(super) fn new(rows: &Taps, columns: &Taps) -> Self {
        T::make_table(MakeTable {
            rows,
            columns,
            precision: PhantomData,
        })
    }

    /// Grid columns that a vector loop touches, at least the kernel's width.
    pub(super) fn padded_columns(&self) -> usize {
        self.padded / 2
    }
}

/// [`KernelTable::new`] for any vectors.
#[derive(Debug)]
pub struct MakeTable<'a, T> {
    rows: &'a Taps,
    columns: &'a Taps,
    precision: PhantomData<T>,
}

impl<T: FftReal> WithSimd for MakeTable<'_, T> {
    type Output = KernelTable<T>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> KernelTable<T> {
        let lanes = T::lanes::<S>();
        let width = self.rows.width().max(self.columns.width());
        let padded = (2 * width).next_multiple_of(group::<T>());
        let registers = padded / lanes;
        let stride = registers.div_ceil(2) * lanes;
        let degree = self.rows.degree().max(self.columns.degree());
        let powers = (degree + 1).next_multiple_of(2);
        let table = |taps: &Taps| {
            let mut table = AlignedVec::new(T::zero(), powers * stride);
            let lines = table.rchunks_exact_mut(stride);
            for (line, power) in lines.zip(0..=taps.degree()) {
                for (place, value) in line.iter_mut().zip(taps.power(power)) {
                    *place = T::from_f64_rounded(*value);
                }
            }
            table
        };
        let mut order = [T::zero(); 2 * REGISTER_BYTES];
        T::order::<S>(simd, &mut order);
        let mut columns = table(self.columns);
        for register in columns.chunks_exact_mut(lanes) {
            let natural = register.to_vec();
            for (place, from) in register.iter_mut().zip(order) {
                *place = natural[from.as_f64() as usize];
            }
        }
        KernelTable {
            rows: table(self.rows),
            columns,
            stride,
            row_width: self.rows.width(),
            registers,
            padded,
        }
    }
}

/// Where in a window a point lies: the first row and column under its kernel,
/// and the polynomial variables t of both axes.
#[inline(always)]
fn locate<T: FftReal>(position: [f64; 2], row_origin: usize) -> (usize, usize, [T; 2]) {
    let row = position[0].floor();
    let column = position[1].floor();
    (
        row_origin + row as i32 as usize,
        column as i32 as usize,
        [
            T::from_f64_rounded(1.0 - 2.0 * (position[0] - row)),
            T::from_f64_rounded(1.0 - 2.0 * (position[1] - column)),
        ],
    )
}

/// The kernel of one point over its rows and over its columns: `H` registers of
/// taps each, from `offset` on.
#[inline(always)]
fn evaluate<S: Simd, T: FftReal, const H: usize>(
    simd: S,
    kernel: &KernelTable<T>,
    offset: usize,
    t: [T; 2],
) -> [[T::Register<S>; H]; 2] {
    // No closures in these loops: one that is not inlined would be compiled
    // without the vector instructions of its caller.
    let lanes = T::lanes::<S>();
    let stride = kernel.stride;
    let zero = [[T::splat(simd, T::zero()); H]; 2];
    let (mut odd, mut even) = (zero, zero);
    let square = [T::splat(simd, t[0] * t[0]), T::splat(simd, t[1] * t[1])];
    let rows = kernel.rows.chunks_exact(2 * stride);
    let columns = kernel.columns.chunks_exact(2 * stride);
    for (rows, columns) in rows.zip(columns) {
        for axis in 0..2 {
            let lines = if axis == 0 { rows } else { columns };
            let (odd_line, even_line) = lines.split_at(stride);
            let odd_line = &odd_line[offset..offset + H * lanes];
            let even_line = &even_line[offset..offset + H * lanes];
            for k in 0..H {
                let c = T::load::<S>(&odd_line[k * lanes..]);
                odd[axis][k] = T::multiply_add(simd, odd[axis][k], square[axis], c);
                let c = T::load::<S>(&even_line[k * lanes..]);
                even[axis][k] = T::multiply_add(simd, even[axis][k], square[axis], c);
            }
        }
    }
    for axis in 0..2 {
        let t = T::splat(simd, t[axis]);
        for k in 0..H {
            even[axis][k] = T::multiply_add(simd, odd[axis][k], t, even[axis][k]);
        }
    }
    even
}

/// Interpolates the points of a block from a window of `stride` numbers a row.
#[derive(Debug)]
pub struct Interpolate<'a, 'v, T> {
    pub(super) kernel: &'a KernelTable<T>,
    pub(super) window: &'a [T],
    pub(super) stride: usize,
    pub(super) points: &'a NufftPoints,
    pub(super) block: usize,
    /// For each chunk of points, the values of some of its points in sorted order,
    pub(super) values: &'a mut [&'v mut [Complex<T>]],
    /// from this one on.
    pub(super) starts: &'a [usize],
}

impl<T: FftReal> Interpolate<'_, '_, T> {
    #[inline(always)]
    fn run<S: Simd, const N: usize, const H: usize>(mut self, simd: S, passes: usize) {
        let layout = &self.points.layout;
        let all_values = std::mem::take(&mut self.values);
        for tile in 0..layout.tiles {
            let origin = tile * layout.tile_rows;
            for (chunk, values) in all_values.iter_mut().enumerate() {
                let (run, positions) = self.points.bin(chunk, self.block, tile);
                let start = self.starts[chunk];
                let values = &mut values[run.start - start..run.end - start];
                for (&position, value) in positions.iter().zip(values) {
                    *value = self.point::<S, N, H>(simd, passes, position, origin);
                }
            }
        }
    }

    #[inline(always)]
    fn point<S: Simd, const N: usize, const H: usize>(
        &self,
        simd: S,
        passes: usize,
        position: [f64; 2],
        origin: usize,
    ) -> Complex<T> {
        let lanes = T::lanes::<S>();
        let rows = self.kernel.row_width;
        let (row, column, t) = locate::<T>(position, origin);
        let mut k_row = [T::zero(); ROW_BUFFER];
        let mut k_columns = [[T::splat(simd, T::zero()); H]; MAX_PASSES];
        for pass in 0..passes {
            let offset = pass * H * lanes;
            let [k, k_column] = evaluate::<S, T, H>(simd, self.kernel, offset, t);
            for j in 0..H {
                T::store::<S>(&mut k_row[offset + j * lanes..], k[j]);
            }
            k_columns[pass] = k_column;
        }
        let mut total = Complex::new(T::zero(), T::zero());
        for pass in 0..passes {
            let mut sum = [T::splat(simd, T::zero()); N];
            let mut start = row * self.stride + 2 * column + pass * N * lanes;
            for k in &k_row[..rows] {
                let line = &self.window[start..start + N * lanes];
                let k = T::splat(simd, *k);
                for j in 0..N {
                    sum[j] = T::multiply_add(simd, k, T::load::<S>(&line[j * lanes..]), sum[j]);
                }
                start += self.stride;
            }
            for j in 0..H {
                let k = T::duplicate::<S>(simd, k_columns[pass][j]);
                sum[2 * j] = T::multiply(simd, sum[2 * j], k[0]);
                if 2 * j + 1 < N {
                    sum[2 * j + 1] = T::multiply(simd, sum[2 * j + 1], k[1]);
                }
            }
            total += T::sum_complex::<S, N>(simd, sum);
        }
        total
    }
}

/// Spreads the points of a block onto a window of `stride` numbers a row.
#[derive(Debug)]
pub struct Spread<'a, T> {
    pub(super) kernel: &'a KernelTable<T>,
    pub(super) window: &'a mut [T],
    pub(super) stride: usize,
    pub(super) points: &'a NufftPoints,
    pub(super) block: usize,
    /// Of all points, in sorted order.
    pub(super) values: &'a [Complex<T>],
}

impl<T: FftReal> Spread<'_, T> {
    #[inline(always)]
    fn run<S: Simd, const N: usize, const H: usize>(mut self, simd: S, passes: usize) {
        let points = self.points;
        let layout = &points.layout;
        for tile in 0..layout.tiles {
            let origin = tile * layout.tile_rows;
            for chunk in 0..points.chunks() {
                let (run, positions) = points.bin(chunk, self.block, tile);
                let start = chunk * points.chunk_points();
                let values = &self.values[start + run.start..start + run.end];
                for (&position, &value) in positions.iter().zip(values) {
                    self.point::<S, N, H>(simd, passes, position, origin, value);
                }
            }
        }
    }

    #[inline(always)]
    fn point<S: Simd, const N: usize, const H: usize>(
        &mut self,
        simd: S,
        passes: usize,
        position: [f64; 2],
        origin: usize,
        value: Complex<T>,
    ) {
        let lanes = T::lanes::<S>();
        let rows = self.kernel.row_width;
        let (row, column, t) = locate::<T>(position, origin);
        let value = T::splat_complex::<S>(value);
        let mut k_row = [T::zero(); ROW_BUFFER];
        let mut k_columns = [[T::splat(simd, T::zero()); H]; MAX_PASSES];
        for pass in 0..passes {
            let offset = pass * H * lanes;
            let [k, k_column] = evaluate::<S, T, H>(simd, self.kernel, offset, t);
            for j in 0..H {
                T::store::<S>(&mut k_row[offset + j * lanes..], k[j]);
            }
            k_columns[pass] = k_column;
        }
        for pass in 0..passes {
            let mut product = [T::splat(simd, T::zero()); N];
            for j in 0..H {
                let k = T::duplicate::<S>(simd, k_columns[pass][j]);
                product[2 * j] = T::multiply(simd, k[0], value[0]);
                if 2 * j + 1 < N {
                    product[2 * j + 1] = T::multiply(simd, k[1], value[1]);
                }
            }
            let mut start = row * self.stride + 2 * column + pass * N * lanes;
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

/// Splits the registers of a kernel into equal passes, each a loop of constant
/// length. More than one pass has an even number of registers in each.
macro_rules! with_constant_registers {
    ($job:ty) => {
        impl<T: FftReal> WithSimd for $job {
            type Output = ();

            #[inline(always)]
            fn with_simd<S: Simd>(self, simd: S) {
                match self.kernel.registers {
                    1 => self.run::<S, 1, 1>(simd, 1),
                    2 => self.run::<S, 2, 1>(simd, 1),
                    3 => self.run::<S, 3, 2>(simd, 1),
                    4 => self.run::<S, 4, 2>(simd, 1),
                    5 => self.run::<S, 5, 3>(simd, 1),
                    6 => self.run::<S, 6, 3>(simd, 1),
                    10 => self.run::<S, 10, 5>(simd, 1),
                    20 => self.run::<S, 10, 5>(simd, 2),
                    40 => self.run::<S, 10, 5>(simd, 4),
                    registers if registers.is_multiple_of(12) => {
                        self.run::<S, 12, 6>(simd, registers / 12);
                    }
                    registers => self.run::<S, 8, 4>(simd, registers / 8),
                }
            }
        }
    };
}

with_constant_registers!(Interpolate<'_, '_, T>);
with_constant_registers!(Spread<'_, T>);

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::grid::Grid;
    use super::super::kernel::EsKernel;
    use super::super::points::{Extent, Layout};
    use super::*;

    const STRIDE: usize = 96;

    /// Points, a kernel of some width, and a window of numbers of no pattern.
    struct Problem {
        points: NufftPoints,
        grid: Arc<Grid>,
        window: Vec<f64>,
        values: Vec<Complex<f64>>,
    }

    fn noise(k: usize) -> f64 {
        (k as f64 * 0.618_033_988_749_894_9).fract() - 0.5
    }

    fn problem(width: usize) -> Problem {
        let kernel = EsKernel::best_for(width, 2.0).unwrap();
        let error = 2.0 * kernel.interpolation_error(2.0).max(1e-13);
        let taps = Taps::new(&kernel, 2.0, error).unwrap();
        let grid = Arc::new(Grid::with_kernel([100, 100], [200, 200], &kernel, &taps));
        // Within one block of columns and several tiles of rows.
        let row: Vec<f64> = (0..60).map(|k| 0.4 * noise(k)).collect();
        let column: Vec<f64> = (0..60).map(|k| 0.02 * noise(7 * k + 3)).collect();
        let extent = Extent::new(&row, &column, false).unwrap();
        let layout = Layout::new(grid.clone(), extent, row.len(), false);
        assert_eq!(layout.blocks, 1);
        let window = (0..layout.extent[0] * STRIDE).map(noise).collect();
        let values = (0..row.len())
            .map(|k| Complex::new(noise(11 * k), noise(13 * k + 5)))
            .collect();
        Problem {
            points: NufftPoints::new(&row, &column, layout).unwrap(),
            grid,
            window,
            values,
        }
    }

    impl Problem {
        /// Visits (point, row, column, weight) of all nodes under all kernels.
        fn nodes(&self, mut visit: impl FnMut(usize, usize, usize, f64)) {
            let layout = &self.points.layout;
            let taps = &self.grid.axes[0].taps;
            for tile in 0..layout.tiles {
                let (run, positions) = self.points.bin(0, 0, tile);
                for (point, &position) in run.zip(positions) {
                    let origin = tile * layout.tile_rows;
                    let (row, column, t) = locate::<f64>(position, origin);
                    for r in 0..taps.width() {
                        for c in 0..taps.width() {
                            let weight = taps.evaluate(r, t[0]) * taps.evaluate(c, t[1]);
                            visit(point, row + r, column + c, weight);
                        }
                    }
                }
            }
        }

        fn check<T: FftReal, S: Simd>(&self, simd: S) {
            // Sums of up to 24² products of numbers below 1, or of 60 spread points.
            let allowed = 200.0 * T::epsilon().as_f64();
            let [rows, columns] = [0, 1].map(|axis| &self.grid.axes[axis].taps);
            let kernel = &simd.vectorize(MakeTable::<T> {
                rows,
                columns,
                precision: PhantomData,
            });
            let rounded = |x: &f64| T::from_f64_rounded(*x);
            let mut window: Vec<T> = self.window.iter().map(rounded).collect();

            let mut truth = vec![Complex::new(0.0, 0.0); self.values.len()];
            self.nodes(|point, row, column, weight| {
                let at = row * STRIDE + 2 * column;
                let node = Complex::new(window[at].as_f64(), window[at + 1].as_f64());
                truth[point] += node * weight;
            });
            let mut found = vec![Complex::new(T::zero(), T::zero()); truth.len()];
            simd.vectorize(Interpolate {
                kernel,
                window: &window,
                stride: STRIDE,
                points: &self.points,
                block: 0,
                values: &mut [&mut found],
                starts: &[0],
            });
            for (found, truth) in found.iter().zip(&truth) {
                let found = Complex::new(found.re.as_f64(), found.im.as_f64());
                assert!((found - truth).norm() < allowed, "{found} against {truth}");
            }

            window.fill(T::zero());
            let values = self
                .values
                .iter()
                .map(|v| Complex::new(rounded(&v.re), rounded(&v.im)));
            let values: Vec<Complex<T>> = values.collect();
            let mut truth = vec![0.0; window.len()];
            self.nodes(|point, row, column, weight| {
                let at = row * STRIDE + 2 * column;
                truth[at] += weight * values[point].re.as_f64();
                truth[at + 1] += weight * values[point].im.as_f64();
            });
            simd.vectorize(Spread {
                kernel,
                window: &mut window,
                stride: STRIDE,
                points: &self.points,
                block: 0,
                values: &values,
            });
            for (found, truth) in window.iter().zip(&truth) {
                assert!(
                    (found.as_f64() - truth).abs() < allowed,
                    "{found} against {truth}"
                );
            }
        }
    }

    struct Check<'a>(&'a Problem);

    impl WithSimd for Check<'_> {
        type Output = ();

        fn with_simd<S: Simd>(self, simd: S) {
            self.0.check::<f64, S>(simd);
            self.0.check::<f32, S>(simd);
        }
    }

    /// Each width takes its own path through the registers of each machine.
    #[test]
    fn all_widths_on_all_instruction_sets() {
        for width in 2..=24 {
            let problem = problem(width);
            pulp::Arch::new().dispatch(Check(&problem));
            Check(&problem).with_simd(pulp::Scalar::new());
            #[cfg(target_arch = "x86_64")]
            {
                if let Some(simd) = pulp::x86::V2::try_new() {
                    Check(&problem).with_simd(simd);
                }
                if let Some(simd) = pulp::x86::V3::try_new() {
                    Check(&problem).with_simd(simd);
                }
            }
        }
    }
}
