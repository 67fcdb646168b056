//! A beam as the kernels of a device read it.
//!
//! Round beams that have a formula become polynomials of degree 7 against the radius, on as many equal intervals
//! as the precision needs; tables and maps go as they are.

use std::f64::consts::PI;

use super::image_pattern::BeamInterpolation;
use super::pattern::{Pattern, PrimaryBeam};
use crate::{Error, ImageGrid, Placement, Result};

/// Coefficients of an interval.
const DEGREES: usize = 8;

/// A Gaussian is zero beyond so many full widths: 4e-25.
const GAUSSIAN_END: f64 = 4.5;

/// More intervals than this would not stay in a cache.
const MOST_INTERVALS: usize = 1 << 16;

/// What a device reads of a beam: see `shared/beam.wgsl`.
#[derive(Clone, Debug)]
pub(crate) struct DeviceBeam {
    pub(crate) kind: u32,
    /// Intervals, radii, or rows of a map.
    pub(crate) rows: usize,
    /// Columns of a map.
    pub(crate) columns: usize,
    pub(crate) numbers: Vec<f64>,
    /// The beam's coordinates (a, b) of direction cosines (l, m): a = origin₀ + scale₀ l, b = origin₁ + scale₁ m.
    origin: [f64; 2],
    scale: [f64; 2],
    /// Direction cosine up to which it holds.
    pub(crate) reach: f64,
}

impl DeviceBeam {
    /// A beam that holds up to the direction cosine `reach`, in arithmetic of unit roundoff `epsilon`: its power is
    /// then within `epsilon`, or 1e-15, of [`PrimaryBeam::power`].
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a beam with very many side lobes in the field.
    pub(crate) fn new(beam: &PrimaryBeam, reach: f64, epsilon: f64) -> Result<Self> {
        let ratio = beam.frequency_ratio;
        match &beam.pattern {
            Pattern::Gaussian { fwhm_rad } => {
                let width = fwhm_rad / ratio;
                let end = GAUSSIAN_END * width;
                let table = Self::polynomials(beam, reach.min(end), width, epsilon)?;
                // Beyond its end it is zero.
                let reach = if end <= reach {
                    f64::INFINITY
                } else {
                    table.reach
                };
                Ok(Self { reach, ..table })
            }
            Pattern::Airy {
                diameter_wavelengths,
                ..
            } => Self::polynomials(beam, reach, 1.0 / (diameter_wavelengths * ratio), epsilon),
            Pattern::Tabulated { radii_rad, power } => {
                // Scaled to the last radius, whose square f32 holds; a single radius may be zero.
                let last = radii_rad.last().copied().unwrap_or(0.0);
                let unit = if last > 0.0 { last } else { 1.0 };
                let radii = radii_rad.iter().map(|r| r / unit);
                Ok(Self {
                    kind: 2,
                    rows: radii_rad.len(),
                    columns: 0,
                    numbers: radii.chain(power.iter().copied()).collect(),
                    origin: [0.0; 2],
                    scale: [ratio / unit; 2],
                    reach: f64::INFINITY,
                })
            }
            Pattern::Image(map) => {
                let grid = &map.grid;
                let per_row = -grid.origin.sign() / grid.pixel_height_rad;
                let per_column = -1.0 / grid.pixel_width_rad;
                Ok(Self {
                    kind: match map.interpolation {
                        BeamInterpolation::Bilinear => 3,
                        BeamInterpolation::Cubic => 4,
                    },
                    rows: grid.rows,
                    columns: grid.columns,
                    numbers: map.power.iter().copied().collect(),
                    origin: [
                        (grid.columns / 2) as f64 - per_column * map.center.0,
                        (grid.rows / 2) as f64 - per_row * map.center.1,
                    ],
                    scale: [per_column * ratio, per_row * ratio],
                    reach: f64::INFINITY,
                })
            }
        }
    }

    /// Polynomials up to `end`, of intervals that are a small part of `width`.
    fn polynomials(beam: &PrimaryBeam, end: f64, width: f64, epsilon: f64) -> Result<Self> {
        let allowed = epsilon.max(1e-15);
        let mut per_width = 4.0;
        loop {
            let step = width / per_width;
            let intervals = (end / step).floor() as usize + 1;
            if intervals > MOST_INTERVALS {
                return Err(Error::Unsupported {
                    what: "a primary beam with thousands of side lobes in the field",
                    with: "a plan on a GPU",
                    remedy: "build the plan for the CPU with `build`",
                });
            }
            let (numbers, error) = fitted(|r| beam.power(r * step, 0.0), intervals);
            // What is left beyond is the rounding of the power itself.
            if error <= allowed || per_width > 128.0 {
                return Ok(Self {
                    kind: 1,
                    rows: intervals,
                    columns: 0,
                    numbers,
                    origin: [0.0; 2],
                    scale: [1.0 / step; 2],
                    reach: intervals as f64 * step,
                });
            }
            per_width *= 1.5;
        }
    }

    /// Where the beam of a placed source lies: see `shared/beam.wgsl`.
    pub(crate) fn sky(&self, grid: &ImageGrid, placement: &Placement) -> [f64; 6] {
        let (sin, cos) = placement.position_angle_rad.sin_cos();
        let (east, north) = pixel(grid);
        let [a, b] = self.scale;
        [
            a * east * cos,
            a * north * sin,
            self.origin[0] + a * placement.ra_offset_rad,
            -b * east * sin,
            b * north * cos,
            self.origin[1] + b * placement.dec_offset_rad,
        ]
    }

    /// `∂χ²/∂(PA, ΔRA, ΔDec)` through the beam, from the sums of `beam_slopes.wgsl`.
    pub(crate) fn slopes(
        &self,
        grid: &ImageGrid,
        placement: &Placement,
        sums: &[f64; 6],
    ) -> [f64; 3] {
        let (sin, cos) = placement.position_angle_rad.sin_cos();
        let (east, north) = pixel(grid);
        let [a, b] = self.scale;
        [
            a * (north * cos * sums[1] - east * sin * sums[0])
                - b * (east * cos * sums[3] + north * sin * sums[4]),
            a * sums[2],
            b * sums[5],
        ]
    }
}

/// East and North extent of a pixel, the latter upwards in the image.
fn pixel(grid: &ImageGrid) -> (f64, f64) {
    (
        grid.pixel_width_rad,
        grid.origin.sign() * grid.pixel_height_rad,
    )
}

/// Polynomials of f on `[k, k + 1]`, in powers of the distance from the middle, and the largest error found between
/// the points where they meet f.
fn fitted(f: impl Fn(f64) -> f64, intervals: usize) -> (Vec<f64>, f64) {
    let count = DEGREES as f64;
    // Chebyshev's points and polynomials.
    let nodes: [f64; DEGREES] = std::array::from_fn(|j| (PI * (j as f64 + 0.5) / count).cos());
    let cosine = |k: usize, j: usize| (PI * k as f64 * (j as f64 + 0.5) / count).cos();
    let mut numbers = Vec::with_capacity(DEGREES * intervals);
    let mut largest = 0.0_f64;
    for interval in 0..intervals {
        let middle = interval as f64 + 0.5;
        let values = nodes.map(|x| f(middle + 0.5 * x));
        let series: [f64; DEGREES] = std::array::from_fn(|k| {
            let sum: f64 = values
                .iter()
                .enumerate()
                .map(|(j, value)| value * cosine(k, j))
                .sum();
            sum * if k == 0 { 1.0 } else { 2.0 } / count
        });
        let polynomial = monomials(&series);
        for t in [-0.5, -0.25, 0.0, 0.25, 0.5] {
            let found = polynomial.iter().rev().fold(0.0, |sum, c| sum * t + c);
            largest = largest.max((found - f(middle + t)).abs());
        }
        numbers.extend(polynomial);
    }
    (numbers, largest)
}

/// Σ c_k T_k(2t) in powers of t, by T_{k+1}(x) = 2x T_k(x) − T_{k−1}(x).
fn monomials(series: &[f64; DEGREES]) -> [f64; DEGREES] {
    let mut sum = [0.0; DEGREES];
    let mut previous = [0.0; DEGREES];
    let mut current = [0.0; DEGREES];
    current[0] = 1.0;
    for (k, c) in series.iter().enumerate() {
        for (total, term) in sum.iter_mut().zip(&current) {
            *total += c * term;
        }
        let factor = if k == 0 { 2.0 } else { 4.0 };
        let mut next = [0.0; DEGREES];
        for power in 1..DEGREES {
            next[power] = factor * current[power - 1];
        }
        if k > 0 {
            next.iter_mut().zip(&previous).for_each(|(n, p)| *n -= p);
        }
        previous = std::mem::replace(&mut current, next);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluate(table: &DeviceBeam, radius: f64) -> f64 {
        let x = radius * table.scale[0];
        let k = x.floor() as usize;
        if k >= table.rows {
            return 0.0;
        }
        let t = x - x.floor() - 0.5;
        let polynomial = &table.numbers[DEGREES * k..][..DEGREES];
        polynomial.iter().rev().fold(0.0, |sum, c| sum * t + c)
    }

    #[test]
    fn polynomials_keep_the_stated_error() {
        let airy = |blockage| PrimaryBeam::airy(12.0, blockage, 1e-3).unwrap();
        let beams = [
            (PrimaryBeam::gaussian(1e-4).unwrap(), 7e-4),
            (airy(0.0), 1.2e-3),
            (airy(6.0).at_frequency_ratio(1.7).unwrap(), 1e-3),
        ];
        for (beam, reach) in beams {
            for epsilon in [6e-8, 1.42e-14, 1.1e-16] {
                let table = DeviceBeam::new(&beam, reach, epsilon).unwrap();
                assert!(table.reach >= reach);
                assert!(table.rows < 4000, "{}", table.rows);
                for k in 0..20_000 {
                    let radius = reach * f64::from(k) / 20_000.0;
                    let error = (evaluate(&table, radius) - beam.power(radius, 0.0)).abs();
                    // Rounding of the power itself.
                    let allowed = 1.5 * epsilon.max(1e-15);
                    assert!(error <= allowed, "{beam:?} {epsilon:e} {radius}: {error:e}");
                }
            }
        }
    }

    #[test]
    fn a_beam_without_end_is_refused() {
        let beam = PrimaryBeam::airy(1e6, 0.0, 1e-3).unwrap();
        assert!(DeviceBeam::new(&beam, 0.5, 1e-16).is_err());
        // A Gaussian ends.
        let narrow = PrimaryBeam::gaussian(1e-7).unwrap();
        let table = DeviceBeam::new(&narrow, 0.5, 1e-16).unwrap();
        assert!(table.reach > 0.5 && evaluate(&table, 1e-6) == 0.0);
    }
}
