//! An elliptical Gaussian fitted without any guess.
//!
//! $$ V = F\, e^{-2\pi^2 (a u^2 + 2 b u v + c v^2)}\, e^{2\pi i(u\,\Delta RA + v\,\Delta Dec)} $$
//!
//! with `a, b, c` the covariance of the brightness along East and North. For given shape and
//! place the best flux F is linear, and χ² falls by `(Σ w g Re(V e^{−iφ}))² / Σ w g²`: that gain
//! is maximized over the place for ever smaller round Gaussians, each searched around the last;
//! then over a few ellipses; then Levenberg and Marquardt's method takes over.

use std::f64::consts::{PI, TAU};

use rayon::prelude::*;

use super::points::Points;

/// A Gaussian on the sky, one flux for each table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SkyGaussian {
    /// Covariance (East East, East North, North North), rad².
    pub(super) covariance: [f64; 3],
    /// Offset to the East and North, radians.
    pub(super) offset: [f64; 2],
    /// Jy.
    pub(super) flux: Vec<f64>,
}

impl SkyGaussian {
    /// Standard deviation of the major axis, axis ratio, position angle in [0, π).
    pub(super) fn axes(&self, smallest: f64) -> (f64, f64, f64) {
        let [a, b, c] = self.covariance;
        let (mean, half) = (0.5 * (a + c), (0.25 * (a - c).powi(2) + b * b).sqrt());
        let major = (mean + half).max(smallest * smallest).sqrt();
        let minor = (mean - half).max(0.0).sqrt();
        // The axis that lies along (East, North) = (sin PA, cos PA).
        let angle = 0.5 * (2.0 * b).atan2(c - a);
        (
            major,
            (minor / major).clamp(0.05, 1.0),
            angle.rem_euclid(PI),
        )
    }
}

/// What the search is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct SearchRange {
    /// Half the width of the field searched for the source, radians.
    pub(super) field: f64,
    /// Largest and smallest standard deviation, radians.
    pub(super) sizes: (f64, f64),
    /// Values held fixed by the user.
    pub(super) offset: [Option<f64>; 2],
    pub(super) inclination: Option<f64>,
    pub(super) position_angle: Option<f64>,
}

/// The best Gaussian; none where no positive source raises the likelihood.
pub(super) fn fit(tables: &[Points], range: &SearchRange) -> Option<SkyGaussian> {
    let (offset, sigma) = place_and_size(tables, range)?;
    let start = ellipse(tables, range, offset, sigma);
    let all_free =
        range.offset == [None; 2] && range.inclination.is_none() && range.position_angle.is_none();
    Some(if all_free {
        refine(tables, start)
    } else {
        start
    })
}

/// Decrease of χ² by a Gaussian of this shape and place with its best fluxes, and these.
fn gain(tables: &[Points], covariance: [f64; 3], offset: [f64; 2]) -> (f64, Vec<f64>) {
    let mut total = 0.0;
    let mut fluxes = Vec::with_capacity(tables.len());
    for points in tables {
        let (mut pull, mut norm) = (0.0, 0.0);
        for k in 0..points.len() {
            let (u, v) = (points.u[k], points.v[k]);
            let fall = -2.0
                * PI
                * PI
                * (covariance[0] * u * u + 2.0 * covariance[1] * u * v + covariance[2] * v * v);
            if fall < -30.0 {
                continue;
            }
            let g = points.weight[k] * fall.exp();
            let (sin, cos) = (TAU * (u * offset[0] + v * offset[1])).sin_cos();
            pull += g * (points.value[k].re * cos + points.value[k].im * sin);
            norm += g * fall.exp();
        }
        let flux = if norm > 0.0 && pull > 0.0 {
            pull / norm
        } else {
            0.0
        };
        total += flux * pull;
        fluxes.push(flux);
    }
    (total, fluxes)
}

fn round(sigma: f64) -> [f64; 3] {
    [sigma * sigma, 0.0, sigma * sigma]
}

fn place_and_size(tables: &[Points], range: &SearchRange) -> Option<([f64; 2], f64)> {
    let (largest, smallest) = range.sizes;
    let mut best: Option<(f64, [f64; 2], f64)> = None;
    let mut sigma = largest;
    while sigma > 0.7 * smallest {
        // First the whole field, later the surroundings of the best place so far.
        let (center, reach) = match &best {
            None => ([0.0; 2], range.field),
            Some((_, place, size)) => (*place, (1.5 * size.max(1.5 * sigma)).min(range.field)),
        };
        let axis = |axis: usize| -> Vec<f64> {
            if let Some(fixed) = range.offset[axis] {
                return vec![fixed];
            }
            let steps = (reach / sigma).ceil().min(40.0) as i32;
            (-steps..=steps)
                .map(|k| center[axis] + reach * f64::from(k) / f64::from(steps.max(1)))
                .collect()
        };
        let (east, north) = (axis(0), axis(1));
        let places: Vec<[f64; 2]> = east
            .iter()
            .flat_map(|&x| north.iter().map(move |&y| [x, y]))
            .collect();
        let gains: Vec<f64> = places
            .par_iter()
            .map(|&place| gain(tables, round(sigma), place).0)
            .collect();
        for (&found, &place) in gains.iter().zip(&places) {
            if found > best.as_ref().map_or(0.0, |best| best.0) {
                best = Some((found, place, sigma));
            }
        }
        sigma /= 1.5;
    }
    best.map(|(_, place, sigma)| (place, sigma))
}

/// The best of some ellipses of about this size.
fn ellipse(tables: &[Points], range: &SearchRange, offset: [f64; 2], sigma: f64) -> SkyGaussian {
    let ratios = match range.inclination {
        Some(inclination) => vec![inclination.cos().abs()],
        None => vec![1.0, 0.85, 0.7, 0.55, 0.4, 0.25, 0.15],
    };
    let angles: Vec<f64> = match range.position_angle {
        Some(angle) => vec![angle],
        None => (0..12).map(|k| PI * f64::from(k) / 12.0).collect(),
    };
    let sizes = [0.5, 0.7, 1.0, 1.4, 2.0, 2.8].map(|factor| factor * sigma);
    let mut shapes = Vec::new();
    for &ratio in &ratios {
        for &angle in &angles {
            shapes.extend(sizes.iter().map(|&major| tilted(major, ratio, angle)));
        }
    }
    let gains: Vec<(f64, Vec<f64>)> = shapes
        .par_iter()
        .map(|&shape| gain(tables, shape, offset))
        .collect();
    let mut best = 0;
    for (k, found) in gains.iter().enumerate() {
        if found.0 > gains[best].0 {
            best = k;
        }
    }
    SkyGaussian {
        covariance: shapes[best],
        offset,
        flux: gains[best].1.clone(),
    }
}

fn tilted(major: f64, ratio: f64, angle: f64) -> [f64; 3] {
    let (sin, cos) = angle.sin_cos();
    let (long, short) = (major * major, (ratio * major).powi(2));
    [
        long * sin * sin + short * cos * cos,
        (long - short) * sin * cos,
        long * cos * cos + short * sin * sin,
    ]
}

const ROUNDS: usize = 100;

/// Levenberg and Marquardt's method in (a, b, c, ΔRA, ΔDec, ln F of each table).
fn refine(tables: &[Points], start: SkyGaussian) -> SkyGaussian {
    let mut best = start;
    if best.flux.iter().any(|&flux| flux <= 0.0) {
        return best;
    }
    let mut chi2 = chi_squared(tables, &best);
    let mut damping = 1e-2;
    for _ in 0..ROUNDS {
        let (normal, pull) = normal_equations(tables, &best);
        let n = pull.len();
        let mut damped = normal.clone();
        for k in 0..n {
            damped[k][k] *= 1.0 + damping;
        }
        let Some(step) = solve(damped, pull) else {
            damping *= 10.0;
            continue;
        };
        let mut next = best.clone();
        for k in 0..3 {
            next.covariance[k] += step[k];
        }
        next.offset[0] += step[3];
        next.offset[1] += step[4];
        for (flux, step) in next.flux.iter_mut().zip(&step[5..]) {
            *flux *= step.clamp(-2.0, 2.0).exp();
        }
        let found = if positive(next.covariance) {
            chi_squared(tables, &next)
        } else {
            f64::INFINITY
        };
        if found < chi2 {
            let settled = chi2 - found < 1e-6;
            best = next;
            chi2 = found;
            damping = (0.2 * damping).max(1e-9);
            if settled {
                break;
            }
        } else {
            damping *= 10.0;
            if damping > 1e12 {
                break;
            }
        }
    }
    best
}

fn positive([a, b, c]: [f64; 3]) -> bool {
    a > 0.0 && c > 0.0 && a * c > b * b
}

fn chi_squared(tables: &[Points], model: &SkyGaussian) -> f64 {
    let mut sum = 0.0;
    for (points, &flux) in tables.iter().zip(&model.flux) {
        for k in 0..points.len() {
            let (re, im, _) = at(points, k, model, flux);
            let z = points.value[k];
            sum += points.weight[k] * ((z.re - re).powi(2) + (z.im - im).powi(2));
        }
    }
    sum
}

/// Real and imaginary part of the model, and (u, v).
#[inline(always)]
fn at(points: &Points, k: usize, model: &SkyGaussian, flux: f64) -> (f64, f64, [f64; 2]) {
    let (u, v) = (points.u[k], points.v[k]);
    let [a, b, c] = model.covariance;
    let amplitude = flux * (-2.0 * PI * PI * (a * u * u + 2.0 * b * u * v + c * v * v)).exp();
    let (sin, cos) = (TAU * (u * model.offset[0] + v * model.offset[1])).sin_cos();
    (amplitude * cos, amplitude * sin, [u, v])
}

fn normal_equations(tables: &[Points], model: &SkyGaussian) -> (Vec<Vec<f64>>, Vec<f64>) {
    let n = 5 + tables.len();
    let mut normal = vec![vec![0.0; n]; n];
    let mut pull = vec![0.0; n];
    for (t, (points, &flux)) in tables.iter().zip(&model.flux).enumerate() {
        for k in 0..points.len() {
            let (re, im, [u, v]) = at(points, k, model, flux);
            let w = points.weight[k];
            let residual = (points.value[k].re - re, points.value[k].im - im);
            // Derivatives of ln V: real for the shape and the flux, imaginary for the place.
            let scale = -2.0 * PI * PI;
            let real = [scale * u * u, 2.0 * scale * u * v, scale * v * v];
            let turn = [TAU * u, TAU * v];
            let column = |i: usize| -> (f64, f64) {
                match i {
                    0..3 => (real[i] * re, real[i] * im),
                    3 | 4 => (-turn[i - 3] * im, turn[i - 3] * re),
                    _ => (re, im),
                }
            };
            let used = [0, 1, 2, 3, 4, 5 + t];
            for (row, &i) in used.iter().enumerate() {
                let di = column(i);
                pull[i] += w * (di.0 * residual.0 + di.1 * residual.1);
                for &j in &used[..=row] {
                    let dj = column(j);
                    normal[i][j] += w * (di.0 * dj.0 + di.1 * dj.1);
                }
            }
        }
    }
    for i in 0..n {
        for j in 0..i {
            normal[j][i] = normal[i][j];
        }
    }
    (normal, pull)
}

/// x of A x = b by elimination on the matrix scaled to unit diagonal; none where it is singular.
pub(super) fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    let scale: Vec<f64> = (0..n).map(|k| a[k][k].sqrt().recip()).collect();
    if scale.iter().any(|s| !s.is_finite()) {
        return None;
    }
    for i in 0..n {
        for j in 0..n {
            a[i][j] *= scale[i] * scale[j];
        }
        b[i] *= scale[i];
    }
    for k in 0..n {
        if a[k][k] < 1e-14 {
            return None;
        }
        for i in k + 1..n {
            let factor = a[i][k] / a[k][k];
            for j in k..n {
                a[i][j] -= factor * a[k][j];
            }
            b[i] -= factor * b[k];
        }
    }
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| a[k][j] * b[j]).sum();
        b[k] = (b[k] - known) / a[k][k];
    }
    Some(b.iter().zip(&scale).map(|(x, s)| x * s).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_complex::Complex64;

    #[test]
    fn axes_are_those_the_ellipse_was_made_from() {
        for angle in [0.0, 0.3, 1.2, 2.9] {
            let gaussian = SkyGaussian {
                covariance: tilted(2e-6, 0.4, angle),
                offset: [0.0; 2],
                flux: vec![1.0],
            };
            let (major, ratio, found) = gaussian.axes(1e-9);
            assert!((major / 2e-6 - 1.0).abs() < 1e-12);
            assert!((ratio - 0.4).abs() < 1e-12);
            let turn = (found - angle).rem_euclid(PI);
            assert!(turn.min(PI - turn) < 1e-9, "{found} {angle}");
        }
    }

    /// Without noise the search ends at the very Gaussian that made the data.
    #[test]
    fn a_gaussian_is_found_wherever_it_lies() {
        for (east, north, ratio, angle) in [
            (3e-6, -1e-5, 0.3, 1.0),
            (-2e-5, 2e-5, 0.9, 2.5),
            (0.0, 0.0, 0.6, 0.1),
        ] {
            let truth = SkyGaussian {
                covariance: tilted(1.3e-6, ratio, angle),
                offset: [east, north],
                flux: vec![0.7],
            };
            let mut points = Points::default();
            for k in 0..600 {
                let t = f64::from(k);
                let distance = 1.5e4 * 40.0_f64.powf(t / 600.0);
                points.u.push(distance * (2.4 * t).cos());
                points.v.push(distance * (2.4 * t).sin());
                points.weight.push(1e4);
                points.value.push(Complex64::ZERO);
                let (re, im, _) = at(&points, k as usize, &truth, 0.7);
                points.value[k as usize] = Complex64::new(re, im);
            }
            let range = SearchRange {
                field: 3e-5,
                sizes: (2e-5, 1.6e-7),
                offset: [None; 2],
                inclination: None,
                position_angle: None,
            };
            let found = fit(&[points], &range).unwrap();
            for k in 0..3 {
                let error = (found.covariance[k] - truth.covariance[k]).abs();
                assert!(error < 1e-6 * truth.covariance[0], "{found:?}");
            }
            assert!((found.offset[0] - east).abs() < 1e-11);
            assert!((found.offset[1] - north).abs() < 1e-11);
            assert!((found.flux[0] - 0.7).abs() < 1e-6);
        }
    }
}
