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
use crate::kernel::{BLOCK, Lane, fused};
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
    /// Rows were transformed from index 0, not from the centre: odd ones carry a sign.
    alternate: bool,
}

impl<'a, T: FftReal, const AMPLITUDE_PHASE: bool> GridSampler<'a, T, AMPLITUDE_PHASE> {
    pub(crate) fn new(
        plane: &'a HalfPlane<T>,
        grid: &ImageGrid,
        rotation: Rotation,
        alternate: bool,
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

    /// `F[i, j]` where column `j` is one past the kept ones: the conjugate of its mirror image.
    #[cold]
    fn mirrored(&self, i: usize, j: usize) -> Complex<T> {
        let rows = self.plane.rows();
        let mirror = self.plane.index((rows - i) % rows, self.image_columns - j);
        self.plane.data()[mirror].conj()
    }
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
        const PANEL: usize = astro_fft::PANEL_COLUMNS;
        let rows = self.plane.rows() as i32;
        let columns = self.plane.columns();
        let data = self.plane.data();
        let Rotation { cos, sin } = self.rotation;

        let (mut lower, mut upper, mut column) = ([0i32; BLOCK], [0i32; BLOCK], [0i32; BLOCK]);
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
            column[k] = j as i32;
            let i = i as i32;
            lower[k] = if i < 0 { i + rows } else { i };
            upper[k] = if i + 1 < 0 { i + 1 + rows } else { i + 1 };
            upper[k] = if upper[k] == rows { 0 } else { upper[k] };
        }

        let mut corners = [[[0.0; BLOCK]; 2]; 4];
        for k in 0..BLOCK {
            let (i0, i1, j) = (lower[k] as usize, upper[k] as usize, column[k] as usize);
            let panel = (j / PANEL) * rows as usize;
            let first = (panel + i0) * PANEL + j % PANEL;
            let second = (panel + i1) * PANEL + j % PANEL;
            let to_next = if j % PANEL + 1 < PANEL {
                1
            } else {
                rows as usize * PANEL - (PANEL - 1)
            };
            let (y3, y2) = if j + 1 < columns {
                (data[first + to_next], data[second + to_next])
            } else if q[k] == 0.0 {
                // On the last column itself: its neighbour has no weight.
                (data[first], data[second])
            } else {
                (self.mirrored(i0, j + 1), self.mirrored(i1, j + 1))
            };
            for (corner, y) in corners.iter_mut().zip([data[first], data[second], y2, y3]) {
                corner[0][k] = y.re.as_f64();
                corner[1][k] = y.im.as_f64();
            }
        }

        let [y0, y1, y2, y3] = &corners;
        for k in 0..BLOCK {
            let sign = if self.alternate && lower[k] & 1 == 1 {
                -1.0
            } else {
                1.0
            };
            let flip = if self.alternate { -sign } else { sign };
            let (t, q) = (t[k], q[k]);
            let weights = [(1.0 - t) * (1.0 - q), t * (1.0 - q), t * q, (1.0 - t) * q];
            let mean = |part: usize| {
                sign * fused::<S>(weights[0], y0[part][k], weights[3] * y3[part][k])
                    + flip * fused::<S>(weights[1], y1[part][k], weights[2] * y2[part][k])
            };
            let (mut a, mut b) = (mean(0), mean(1));
            if AMPLITUDE_PHASE {
                let norm = |y: &[Lane; 2]| fused::<S>(y[0][k], y[0][k], y[1][k] * y[1][k]).sqrt();
                let amplitude = fused::<S>(weights[0], norm(y0), weights[1] * norm(y1))
                    + fused::<S>(weights[2], norm(y2), weights[3] * norm(y3));
                let length = fused::<S>(a, a, b * b).sqrt();
                // atan2(0, 0) is 0: the phase of nothing is that of a positive number.
                let scale = if length > 0.0 {
                    amplitude / length
                } else {
                    0.0
                };
                a = if length > 0.0 { scale * a } else { amplitude };
                b *= scale;
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
