//! w-stacking with a kernel.
//!
//! With `h = n − 1 − c`, `c` in the middle of its range `2H` over the image, `x = w/Δw` and the kernel φ of
//! [`EsKernel`], `W` planes wide,
//!
//! $$ e^{2\pi i w (n-1)} \approx e^{2\pi i w c}
//!    \sum_p \varphi\!\left(\frac{x-p}{W/2}\right) \frac{e^{2\pi i\,p\,\Delta w\,h}}{\hat\varphi(h\,\Delta w)} $$
//!
//! which is interpolation of a wave of `h Δw` cycles a plane: as good as the kernel's error at oversampling σ
//! where `|h Δw| ≤ 1/(2σ)`, so `Δw = 1/(2σH)`. Every term is a two-dimensional transform of
//! `I e^{2πi pΔw h}/φ̂`, wanted only at the points within `W/2` planes. A real image has
//! `V(−u, −v, −w) = V*`, so that points are folded to `w ≥ 0`, which halves the planes. The number
//! of planes is `2σH (w_max − w_min) + W`.
//!
//! # Error and memory
//!
//! The kernel adds `ε_w Σ|I|`. The error `ε₂` of each transform is multiplied by `1/φ̂` at the edge
//! of the range and by the sum of the kernel over the planes, together by `A = φ̂(0)/φ̂(1/2σ)`, so `ε_w + A ε₂`
//! stays below what was asked for. Planes are made one after another: one complex and one real
//! image are held whatever their number, always in `f64`.

use std::ops::Range;

use astro_core::Real;
use astro_fft::{EsKernel, Nufft2, NufftPoints, Sign};
use ndarray::Array2;
use num_complex::Complex64;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::Depth;
use super::correction::Correction;
use crate::geometry::Rotation;
use crate::image_rows::ImageRows;
use crate::kernel::{cos_sin_of_turns, cos_sin_of_turns_simd};
use crate::points::Points;
use crate::{ImageGrid, Result};

/// σ to choose from: a smaller one has fewer planes where there are many, a larger one a narrower
/// kernel and less amplification. Descending.
const OVERSAMPLINGS: [f64; 6] = [8.0, 5.0, 3.0, 2.0, 1.5, 1.25];

/// Parts of the error asked for; the rest is left to rounding.
const KERNEL_SHARE: f64 = 0.3;
const TRANSFORM_SHARE: f64 = 0.6;

/// Work of one point in one plane, in units of that of one pixel. Measured at 512² and 1e5 points on one
/// thread: 50 to 90 ns, and 22 ns.
const POINT_WORK: f64 = 3.0;

/// What the grid, the error and the points determine; one for every placement.
#[derive(Debug)]
pub(crate) struct WStack {
    grid: ImageGrid,
    /// `l` of the columns.
    east: Vec<f64>,
    choices: Vec<Choice>,
    /// Points by ascending |w|, as places in the plan's order.
    by_depth: Vec<u32>,
}

/// One kernel across planes with transforms accurate enough for it.
#[derive(Debug)]
struct Choice {
    oversampling: f64,
    kernel: EsKernel,
    transform: Nufft2<f64>,
}

/// The planes of one placement.
pub(crate) struct StackLayout<'a> {
    stack: &'a WStack,
    choice: &'a Choice,
    depth: Depth,
    /// `c`, and `Δw` in wavelengths.
    center: f64,
    spacing: f64,
    correction: Correction,
    /// Numbers of the planes.
    planes: Range<i64>,
    /// In order of depth: folded points in turns a pixel, `|w|/Δw`, and whether folded.
    row: Vec<f64>,
    column: Vec<f64>,
    position: Vec<f64>,
    folded: Vec<bool>,
}

impl WStack {
    /// # Errors
    /// [`astro_fft::Error::RelativeError`] with the floor if `rel_error` cannot be kept.
    pub(crate) fn new(grid: &ImageGrid, points: &Points, rel_error: f64) -> Result<Self> {
        let shape = [grid.rows, grid.columns];
        // Refuses what a transform without w would refuse.
        Nufft2::<f64>::new(shape, Sign::Negative, rel_error)?;
        let mut choices = Vec::new();
        for oversampling in OVERSAMPLINGS {
            let kernel = match EsKernel::for_error(KERNEL_SHARE * rel_error, oversampling) {
                Ok(kernel) => kernel,
                Err(_) if !choices.is_empty() => break,
                Err(error) => return Err(error.into()),
            };
            let edge = kernel.fourier_transform(0.5 / oversampling);
            let amplification = kernel.fourier_transform(0.0) / edge;
            let share = TRANSFORM_SHARE / amplification;
            match Nufft2::new(shape, Sign::Negative, share * rel_error) {
                Ok(transform) => choices.push(Choice {
                    oversampling,
                    kernel,
                    transform,
                }),
                // A smaller σ amplifies more: none of those is accurate enough either.
                Err(_) if !choices.is_empty() => break,
                Err(astro_fft::Error::RelativeError {
                    smallest, largest, ..
                }) => {
                    return Err(astro_fft::Error::RelativeError {
                        found: rel_error,
                        smallest: smallest / share,
                        largest,
                    }
                    .into());
                }
                Err(other) => return Err(other.into()),
            }
        }
        let mut by_depth: Vec<u32> = (0..points.len() as u32).collect();
        by_depth.sort_by(|&a, &b| {
            let depth = |k: u32| points.w[k as usize].abs();
            depth(a).total_cmp(&depth(b))
        });
        Ok(Self {
            grid: *grid,
            east: (0..grid.columns).map(|j| grid.east_rad(j)).collect(),
            choices,
            by_depth,
        })
    }

    /// Chooses the planes for a placed image.
    pub(crate) fn layout(
        &self,
        points: &Points,
        depth: Depth,
        rotation: Rotation,
    ) -> StackLayout<'_> {
        let deepest = |k: Option<&u32>| k.map_or(0.0, |&k| points.w[k as usize].abs());
        let reach = [
            deepest(self.by_depth.first()),
            deepest(self.by_depth.last()),
        ];
        let (low, high) = depth.range();
        let center = 0.5 * (low + high);
        // A range of no importance may be taken larger, which keeps Δw finite.
        let least = if reach[1] > 0.0 { 0.01 / reach[1] } else { 1.0 };
        let half_range = (0.5 * (high - low)).max(least);
        let planes_of = |choice: &Choice| {
            let spacing = 0.5 / (choice.oversampling * half_range);
            let half = 0.5 * choice.kernel.width() as f64;
            let first = (reach[0] / spacing - half).ceil() as i64;
            let last = (reach[1] / spacing + half).floor() as i64;
            (spacing, first..last + 1)
        };
        let pixels = (self.grid.rows * self.grid.columns) as f64;
        let work = |choice: &Choice| {
            let (_, planes) = planes_of(choice);
            let at_points = POINT_WORK * (choice.kernel.width() * points.len()) as f64;
            (planes.end - planes.start) as f64 * pixels + at_points
        };
        let choice = self
            .choices
            .iter()
            .min_by(|a, b| work(a).total_cmp(&work(b)))
            .expect("a stack without a choice is not made");
        let (spacing, planes) = planes_of(choice);
        let grid = &self.grid;
        let (dx, dy) = (
            grid.pixel_width_rad,
            grid.origin.sign() * grid.pixel_height_rad,
        );
        let mut layout = StackLayout {
            stack: self,
            choice,
            depth,
            center,
            spacing,
            correction: Correction::new(&choice.kernel, half_range * spacing),
            planes,
            row: Vec::with_capacity(points.len()),
            column: Vec::with_capacity(points.len()),
            position: Vec::with_capacity(points.len()),
            folded: Vec::with_capacity(points.len()),
        };
        for &k in &self.by_depth {
            let k = k as usize;
            let (u, v) = rotation.apply(points.u[k], points.v[k]);
            let side = if points.w[k] < 0.0 { -1.0 } else { 1.0 };
            layout.row.push(side * v * dy);
            layout.column.push(side * u * dx);
            layout.position.push(points.w[k].abs() / spacing);
            layout.folded.push(side < 0.0);
        }
        layout
    }
}

impl StackLayout<'_> {
    /// `Σ_ij I_ij f_ij exp(2πi(u′ l_j + v′ m_i + w (n_ij − 1)))` in point order, `f = 1/n` or 1.
    pub(crate) fn sample<T: Real>(
        &self,
        image: &dyn ImageRows<T>,
        divide_by_n: bool,
    ) -> Result<Vec<Complex64>> {
        let corrected = self.corrected(image, divide_by_n);
        let zero = Complex64::new(0.0, 0.0);
        let mut plane = Array2::from_elem(corrected.dim(), zero);
        let mut sums = vec![zero; self.position.len()];
        let mut values = vec![];
        for p in self.planes.clone() {
            let Some((near, points)) = self.points_near(p)? else {
                continue;
            };
            self.modulate(p, &corrected, &mut plane);
            values.resize(near.len(), zero);
            let transform = &self.choice.transform;
            transform.uniform_to_points(plane.view(), &points, &mut values)?;
            sums[near.clone()]
                .par_iter_mut()
                .zip(&values)
                .zip(&self.position[near])
                .for_each(|((sum, value), &x)| *sum += value * self.weight(x, p));
        }
        let mut out = vec![zero; sums.len()];
        for (rank, (sum, &k)) in sums.iter().zip(&self.stack.by_depth).enumerate() {
            let value = sum * self.central_phase(rank);
            out[k as usize] = if self.folded[rank] {
                value.conj()
            } else {
                value
            };
        }
        Ok(out)
    }

    /// `Re Σ_k c_k exp(2πi(u′_k l_j + v′_k m_i + w_k (n_ij − 1)))` of every pixel; points beyond the
    /// coefficients count nothing.
    pub(crate) fn adjoint(&self, coefficients: &[Complex64]) -> Result<Vec<f64>> {
        let grid = &self.stack.grid;
        let zero = Complex64::new(0.0, 0.0);
        let folded: Vec<Complex64> = (0..self.position.len())
            .map(|rank| {
                let k = self.stack.by_depth[rank] as usize;
                let c = coefficients.get(k).copied().unwrap_or(zero);
                let c = if self.folded[rank] { c.conj() } else { c };
                c * self.central_phase(rank)
            })
            .collect();
        let mut out = Array2::zeros((grid.rows, grid.columns));
        let mut plane = Array2::from_elem(out.dim(), zero);
        let mut values = vec![];
        for p in self.planes.clone() {
            let Some((near, points)) = self.points_near(p)? else {
                continue;
            };
            values.clear();
            values.extend(
                folded[near.clone()]
                    .iter()
                    .zip(&self.position[near])
                    .map(|(c, &x)| c * self.weight(x, p)),
            );
            let transform = &self.choice.transform;
            transform.points_to_uniform(&values, &points, plane.view_mut())?;
            self.demodulate(p, &plane, &mut out);
        }
        self.by_rows(&mut out, |i, row| {
            for (j, pixel) in row.iter_mut().enumerate() {
                *pixel *= self.correction.factor(self.h(i, j) * self.spacing);
            }
        });
        Ok(out.into_iter().collect())
    }

    /// Bytes that [`Self::sample`] holds besides its argument.
    pub(crate) fn memory_bytes(&self) -> Result<usize> {
        let grid = &self.stack.grid;
        let images = grid.rows * grid.columns * (size_of::<Complex64>() + size_of::<f64>());
        let count = self.position.len();
        let columns = 3 * size_of::<f64>() + size_of::<bool>() + 2 * size_of::<Complex64>();
        let fullest = self.planes.clone().max_by_key(|&p| self.near(p).len());
        let one_plane = match fullest.map(|p| self.points_near(p)).transpose()?.flatten() {
            Some((near, points)) => {
                let values = near.len() * size_of::<Complex64>();
                self.choice.transform.memory_bytes(&points)? + points.memory_bytes() + values
            }
            None => 0,
        };
        Ok(images + count * columns + one_plane)
    }

    /// The points under the kernel of plane `p`, as ranks in depth.
    fn near(&self, p: i64) -> Range<usize> {
        let half = 0.5 * self.choice.kernel.width() as f64;
        let first = self.position.partition_point(|x| x - (p as f64) < -half);
        let last = self.position.partition_point(|x| x - (p as f64) <= half);
        first..last
    }

    /// The points under the kernel of plane `p`, as ranks in depth, and sorted.
    fn points_near(&self, p: i64) -> Result<Option<(Range<usize>, NufftPoints)>> {
        let near = self.near(p);
        if near.is_empty() {
            return Ok(None);
        }
        let (row, column) = (&self.row[near.clone()], &self.column[near.clone()]);
        let points = self.choice.transform.points(row, column)?;
        Ok(Some((near, points)))
    }

    /// φ of a point at `x` for plane `p`.
    fn weight(&self, x: f64, p: i64) -> f64 {
        let half = 0.5 * self.choice.kernel.width() as f64;
        self.choice.kernel.evaluate((x - p as f64) / half)
    }

    /// `exp(2πi w c)`.
    fn central_phase(&self, rank: usize) -> Complex64 {
        let (cos, sin) = cos_sin_of_turns(self.position[rank] * self.spacing * self.center);
        Complex64::new(cos, sin)
    }

    #[inline(always)]
    fn h(&self, i: usize, j: usize) -> f64 {
        self.depth.n_minus_one(i, j) - self.center
    }

    /// `I f/φ̂`.
    fn corrected<T: Real>(&self, image: &dyn ImageRows<T>, divide_by_n: bool) -> Array2<f64> {
        let grid = &self.stack.grid;
        let mut corrected = Array2::zeros((grid.rows, grid.columns));
        let drawn = image.row_range();
        self.by_rows(&mut corrected, |i, row| {
            if !drawn.contains(&i) {
                return;
            }
            let mut pixels = vec![T::zero(); row.len()];
            image.fill_row(i, &mut pixels);
            for (j, (to, pixel)) in row.iter_mut().zip(pixels).enumerate() {
                let factor = self.correction.factor(self.h(i, j) * self.spacing);
                let over_n = if divide_by_n {
                    self.depth.over_n(i, j)
                } else {
                    1.0
                };
                *to = pixel.as_f64() * factor * over_n;
            }
        });
        corrected
    }

    fn turn(&self, p: i64, i: usize) -> Turn<'_> {
        Turn {
            depth: self.depth,
            center: self.center,
            w: p as f64 * self.spacing,
            north: self.stack.grid.north_rad(i),
            east: &self.stack.east,
        }
    }

    /// `plane = corrected · exp(2πi pΔw h)`.
    fn modulate(&self, p: i64, corrected: &Array2<f64>, plane: &mut Array2<Complex64>) {
        let arch = Arch::new();
        self.by_rows(plane, |i, row| {
            let Some(real) = corrected.row(i).to_slice() else {
                unreachable!("the array was made in standard layout");
            };
            arch.dispatch(Modulate {
                turn: self.turn(p, i),
                real,
                complex: row,
            });
        });
    }

    /// `out += Re(plane · exp(2πi pΔw h))`.
    fn demodulate(&self, p: i64, plane: &Array2<Complex64>, out: &mut Array2<f64>) {
        let arch = Arch::new();
        self.by_rows(out, |i, row| {
            let Some(complex) = plane.row(i).to_slice() else {
                unreachable!("the array was made in standard layout");
            };
            arch.dispatch(Demodulate {
                turn: self.turn(p, i),
                complex,
                real: row,
            });
        });
    }

    fn by_rows<E: Send>(&self, array: &mut Array2<E>, work: impl Fn(usize, &mut [E]) + Sync) {
        let Some(pixels) = array.as_slice_mut() else {
            unreachable!("the array was made in standard layout");
        };
        pixels
            .par_chunks_mut(self.stack.grid.columns)
            .enumerate()
            .for_each(|(i, row)| work(i, row));
    }
}

/// What one row of a plane is turned by.
struct Turn<'a> {
    depth: Depth,
    center: f64,
    /// `pΔw`.
    w: f64,
    north: f64,
    east: &'a [f64],
}

impl Turn<'_> {
    /// `exp(2πi pΔw h)` of a place; written to vectorise along a row.
    #[inline(always)]
    fn at<S: Simd>(&self, east: f64) -> (f64, f64) {
        let h = self.depth.n_minus_one_of(east, self.north) - self.center;
        cos_sin_of_turns_simd::<S>(self.w * h)
    }
}

struct Modulate<'a> {
    turn: Turn<'a>,
    real: &'a [f64],
    complex: &'a mut [Complex64],
}

impl WithSimd for Modulate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let pixels = self.complex.iter_mut().zip(self.real);
        for ((to, &pixel), &east) in pixels.zip(self.turn.east) {
            let (cos, sin) = self.turn.at::<S>(east);
            *to = Complex64::new(pixel * cos, pixel * sin);
        }
    }
}

struct Demodulate<'a> {
    turn: Turn<'a>,
    complex: &'a [Complex64],
    real: &'a mut [f64],
}

impl WithSimd for Demodulate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let pixels = self.real.iter_mut().zip(self.complex);
        for ((sum, z), &east) in pixels.zip(self.turn.east) {
            let (cos, sin) = self.turn.at::<S>(east);
            *sum += z.re * cos - z.im * sin;
        }
    }
}
