//! Sampling of a Fourier half-plane on its grid: the paper's rule and its code's.
//!
//! With `a = |u|/Δu`, `b = ±v/Δv` (the sign that of u, for a real image has
//! `V(−u, −v) = V*(u, v)`), `j = ⌊a⌋`, `i = ⌊b⌋`, `q = a − j`, `t = b − i` and the
//! corners `y₀ = F[i,j]`, `y₁ = F[i+1,j]`, `y₂ = F[i+1,j+1]`, `y₃ = F[i,j+1]`:
//!
//! $$ Z = (1-t)(1-q)\,y_0 + t(1-q)\,y_1 + tq\,y_2 + (1-t)q\,y_3 $$
//!
//! - the paper (Tazzari, Beaujean & Testi 2018, appendix D) takes `Z`;
//! - GALARIO since 1.2 takes `A·exp(i arg Z)`, `A` the same mean of `|y|`.

use astro_core::Real;
use astro_fft::{FftReal, HalfPlane};
use ndarray::ArrayView2;
use num_complex::Complex;
use pulp::Simd;

use crate::drive::Sampler;
use crate::geometry::Rotation;
use crate::kernel::{BLOCK, Lane, fused, inverse_root, low_bits};
use crate::{Error, ImageGrid, Origin, Result};

/// How the four corners around a point make its visibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SamplingRule {
    /// `Z`: the complex mean, linear in the image.
    Bilinear,
    /// `A·exp(i arg Z)`: mean amplitude with the phase of the mean, as GALARIO's code does.
    AmplitudePhase,
}

/// Reads a Fourier transform of the whole image, held as a panelled half-plane.
pub(crate) struct GridSampler<'a, T: FftReal, const AMPLITUDE_PHASE: bool> {
    plane: &'a HalfPlane<T>,
    image_columns: usize,
    rotation: Rotation,
    per_u_cell: f64,
    per_v_cell: f64,
    /// Whether rows and columns were transformed from index 0, not from the centre: then odd ones
    /// carry a sign.
    alternate: [bool; 2],
}

impl<'a, T: FftReal, const AMPLITUDE_PHASE: bool> GridSampler<'a, T, AMPLITUDE_PHASE> {
    pub(crate) fn new(
        plane: &'a HalfPlane<T>,
        grid: &ImageGrid,
        rotation: Rotation,
        alternate: [bool; 2],
    ) -> Self {
        let (u_cell, v_cell) = grid.uv_cell();
        Self {
            plane,
            image_columns: grid.columns,
            rotation,
            per_u_cell: 1.0 / u_cell,
            per_v_cell: grid.origin.sign() / v_cell,
            alternate,
        }
    }

    /// Corners of a block that reaches the last column, whose neighbour is the conjugate of its
    /// mirror image: `F[i, j] = F*[−i, columns − j]`.
    #[cold]
    #[inline(never)]
    fn edge_corners(
        &self,
        lower: &[u32; BLOCK],
        upper: &[u32; BLOCK],
        column: &[u32; BLOCK],
        corners: &mut [[Complex<T>; BLOCK]; 4],
    ) {
        let rows = self.plane.rows();
        let at = |i: u32, j: u32| {
            let (i, j) = (i as usize, j as usize);
            if j < self.plane.columns() {
                self.plane.data()[self.plane.index(i, j)]
            } else {
                let mirror = self.plane.index((rows - i) % rows, self.image_columns - j);
                self.plane.data()[mirror].conj()
            }
        };
        for k in 0..BLOCK {
            let j = column[k];
            corners[0][k] = at(lower[k], j);
            corners[1][k] = at(upper[k], j);
            corners[2][k] = at(upper[k], j + 1);
            corners[3][k] = at(lower[k], j + 1);
        }
    }
}

/// [`HalfPlane::index`] in 32 bits, which vectorise; the plan refuses larger planes.
#[inline(always)]
fn panel_index(rows: u32, row: u32, column: u32) -> u32 {
    const PANEL: u32 = astro_fft::PANEL_COLUMNS as u32;
    (column / PANEL * rows + row) * PANEL + column % PANEL
}

impl<T: FftReal, const AMPLITUDE_PHASE: bool> Sampler for GridSampler<'_, T, AMPLITUDE_PHASE> {
    #[inline(always)]
    fn sample<S: Simd>(
        &self,
        _simd: S,
        _start: usize,
        u: &Lane,
        v: &Lane,
        re: &mut Lane,
        im: &mut Lane,
    ) {
        let rows = self.plane.rows() as u32;
        let columns = self.plane.columns() as u32;
        let data = self.plane.data();
        let Rotation { cos, sin } = self.rotation;

        let (mut lower, mut upper, mut column) = ([0u32; BLOCK], [0u32; BLOCK], [0u32; BLOCK]);
        let (mut t, mut q, mut side) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        for k in 0..BLOCK {
            let ur = fused::<S>(u[k], cos, -(v[k] * sin));
            let vr = fused::<S>(u[k], sin, v[k] * cos);
            side[k] = 1.0f64.copysign(ur);
            let a = ur.abs() * self.per_u_cell;
            let b = side[k] * vr * self.per_v_cell;
            let (j, i) = (a.floor(), b.floor());
            q[k] = a - j;
            t[k] = b - i;
            column[k] = low_bits(j);
            // Negative rows wrap around: two's complement makes them large.
            let i = low_bits(i);
            lower[k] = i.min(i.wrapping_add(rows));
            let next = i.wrapping_add(1);
            let next = next.min(next.wrapping_add(rows));
            upper[k] = if next == rows { 0 } else { next };
        }

        let mut index = [[0u32; BLOCK]; 4];
        let mut last = 0;
        for k in 0..BLOCK {
            let j = column[k];
            last = last.max(j);
            index[0][k] = panel_index(rows, lower[k], j);
            index[1][k] = panel_index(rows, upper[k], j);
            index[2][k] = panel_index(rows, upper[k], j + 1);
            index[3][k] = panel_index(rows, lower[k], j + 1);
        }
        let mut corners = [[Complex::new(T::zero(), T::zero()); BLOCK]; 4];
        if last + 1 < columns {
            for k in 0..BLOCK {
                for corner in 0..4 {
                    corners[corner][k] = data[index[corner][k] as usize];
                }
            }
        } else {
            self.edge_corners(&lower, &upper, &column, &mut corners);
        }

        let [y0, y1, y2, y3] = &corners;
        // The sign of the corner's row and column, and how it changes to the next ones.
        let odd = self.alternate.map(u32::from);
        let [next_row, next_column] = self.alternate.map(|yes| if yes { -1.0 } else { 1.0 });
        for k in 0..BLOCK {
            let parity = (lower[k] & odd[0]) ^ (column[k] & odd[1]);
            let sign = if parity == 1 { -1.0 } else { 1.0 };
            let (t, q) = (t[k], q[k]);
            let weights = [(1.0 - t) * (1.0 - q), t * (1.0 - q), t * q, (1.0 - t) * q];
            let mean = |part: fn(Complex<T>) -> f64| {
                let right = next_column * weights[3] * part(y3[k]);
                let far = next_column * weights[2] * part(y2[k]);
                let near = fused::<S>(weights[0], part(y0[k]), right);
                sign * (near + next_row * fused::<S>(weights[1], part(y1[k]), far))
            };
            let (mut a, mut b) = (mean(|y| y.re.as_f64()), mean(|y| y.im.as_f64()));
            if AMPLITUDE_PHASE {
                let norm = |y: Complex<T>| {
                    let (a, b) = (y.re.as_f64(), y.im.as_f64());
                    let square = fused::<S>(a, a, b * b);
                    square * inverse_root::<S>(square)
                };
                let amplitude = fused::<S>(weights[0], norm(y0[k]), weights[1] * norm(y1[k]))
                    + fused::<S>(weights[2], norm(y2[k]), weights[3] * norm(y3[k]));
                let square = fused::<S>(a, a, b * b);
                let scale = amplitude * inverse_root::<S>(square);
                // atan2(0, 0) is 0: the phase of nothing is that of a positive number.
                a = if square > 0.0 { scale * a } else { amplitude };
                b = if square > 0.0 { scale * b } else { 0.0 };
            }
            re[k] = a;
            im[k] = side[k] * b;
        }
    }
}

/// Samples a given Fourier half-plane: GALARIO's `interpolate`.
///
/// # Inputs
/// - `half_plane`: shape `[n, m]`, `m ≥ ⌊n/2⌋ + 1` or as many columns as the points reach;
///   the real-to-complex transform of the centred image with its rows shifted so that zero
///   frequency is row `⌊n/2⌋`
/// - `uv_cell`: spacing of the grid, wavelengths
/// - `u`, `v`: wavelengths, as long as each other
///
/// # Errors
/// Different lengths, a NaN, or a point whose corners are not in the half-plane (named by index).
pub fn sample_half_plane<T: Real>(
    half_plane: ArrayView2<'_, Complex<T>>,
    uv_cell: f64,
    u: &[f64],
    v: &[f64],
    origin: Origin,
    rule: SamplingRule,
) -> Result<Vec<Complex<T>>> {
    astro_core::check_lengths("v", v.len(), "u", u.len())?;
    astro_core::check_finite("u", u.iter().copied())?;
    astro_core::check_finite("v", v.iter().copied())?;
    if !(uv_cell.is_finite() && uv_cell > 0.0) {
        return Err(Error::Parameter {
            name: "uv_cell",
            value: uv_cell,
            requirement: "finite and > 0",
        });
    }
    let (rows, columns) = half_plane.dim();
    let center = (rows / 2) as f64;
    u.iter()
        .zip(v)
        .enumerate()
        .map(|(index, (&u, &v))| {
            let side = 1.0f64.copysign(u);
            let (a, b) = (
                u.abs() / uv_cell,
                center + origin.sign() * side * v / uv_cell,
            );
            let (j, i) = (a.floor(), b.floor());
            let (q, t) = (a - j, b - i);
            // A corner without weight need not exist.
            let last_column = if q > 0.0 { j + 1.0 } else { j };
            let last_row = if t > 0.0 { i + 1.0 } else { i };
            if last_column >= columns as f64 {
                return Err(beyond(
                    index,
                    "u",
                    u.abs(),
                    (columns as f64 - 1.0) * uv_cell,
                    uv_cell,
                ));
            }
            if i < 0.0 || last_row >= rows as f64 {
                return Err(beyond(
                    index,
                    "v",
                    v.abs(),
                    (center - 1.0) * uv_cell,
                    uv_cell,
                ));
            }
            let at = |i: f64, j: f64| {
                let y = half_plane[[i as usize, j as usize]];
                Complex::new(y.re.as_f64(), y.im.as_f64())
            };
            let corners = [
                at(i, j),
                at(last_row, j),
                at(last_row, last_column),
                at(i, last_column),
            ];
            let z = combine(rule, t, q, corners);
            Ok(Complex::new(
                T::from_f64_rounded(z.re),
                T::from_f64_rounded(side * z.im),
            ))
        })
        .collect()
}

fn combine(rule: SamplingRule, t: f64, q: f64, corners: [Complex<f64>; 4]) -> Complex<f64> {
    let weights = [(1.0 - t) * (1.0 - q), t * (1.0 - q), t * q, (1.0 - t) * q];
    let z: Complex<f64> = corners.iter().zip(weights).map(|(y, w)| y * w).sum();
    match rule {
        SamplingRule::Bilinear => z,
        SamplingRule::AmplitudePhase => {
            let amplitude: f64 = corners.iter().zip(weights).map(|(y, w)| y.norm() * w).sum();
            let length = z.norm();
            if length > 0.0 {
                z * (amplitude / length)
            } else {
                Complex::new(amplitude, 0.0)
            }
        }
    }
}

fn beyond(index: usize, axis: &'static str, value: f64, limit: f64, cell: f64) -> Error {
    Error::BeyondGrid {
        index,
        axis,
        value,
        limit,
        pixel_rad: 0.5 / (limit + cell),
    }
}
