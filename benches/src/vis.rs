//! One step of a fit: χ² of a ring at a million uv points, turned, inclined and off centre.
//!
//! `benches/peers/vis.py` makes the same, number by number.

use astro_core::UvTable;
use astro_core::constants::ARCSEC_RAD;
use astro_visibility::{ImageGrid, Orientation, RadialGrid};
use ndarray::Array2;
use num_complex::Complex64;

/// Of the uv points and data.
const SEED: u64 = 12_345;

/// The work at one image size.
#[derive(Clone, Debug)]
pub struct VisibilityJob {
    /// `n` × `n` pixels of 0.01″.
    pub grid: ImageGrid,
    /// Points with `|uv|` between 0.002 and 0.4 of Nyquist in random order, with data and weights.
    pub table: UvTable,
    /// Radii out to half the image's width.
    pub radii: RadialGrid,
    /// A Gaussian disc with a Gaussian ring, Jy/sr.
    pub profile: Vec<f64>,
    /// How the source lies on the sky; nothing of it is zero.
    pub orientation: Orientation,
}

impl VisibilityJob {
    /// The work for `n` × `n` pixels and `points` uv points.
    pub fn new(n: usize, points: usize) -> Self {
        let pixel_rad = 0.01 * ARCSEC_RAD;
        let nyquist = 0.5 / pixel_rad;
        let mut table = UvTable {
            u: Vec::with_capacity(points),
            v: Vec::with_capacity(points),
            value: Vec::with_capacity(points),
            weight: Vec::with_capacity(points),
            ..UvTable::default()
        };
        for k in 0..points as u64 {
            let draw = |column: u64| uniform(5 * k + column);
            let length = (0.002 + 0.398 * draw(0)) * nyquist;
            let azimuth = std::f64::consts::TAU * draw(1);
            table.u.push(length * azimuth.cos());
            table.v.push(length * azimuth.sin());
            table
                .value
                .push(Complex64::new(2.0 * draw(2) - 1.0, 2.0 * draw(3) - 1.0));
            table.weight.push(0.5 + draw(4));
        }
        let radii = RadialGrid {
            first_rad: pixel_rad / 100.0,
            step_rad: pixel_rad / 10.5,
            count: (n as f64 / 4.0 * 10.5) as usize,
        };
        Self {
            grid: ImageGrid::square(n, pixel_rad),
            table,
            profile: radii
                .radii_rad()
                .iter()
                .map(|&r| brightness(n, pixel_rad, r))
                .collect(),
            radii,
            orientation: Orientation {
                inclination_rad: 0.6,
                position_angle_rad: 0.7,
                ra_offset_rad: 3.7 * pixel_rad,
                dec_offset_rad: -2.3 * pixel_rad,
            },
        }
    }

    /// The inclined source as an image, Jy/pixel.
    pub fn image(&self) -> Array2<f64> {
        let n = self.grid.rows;
        let pixel_rad = self.grid.pixel_width_rad;
        let squash = self.orientation.inclination_rad.cos();
        Array2::from_shape_fn((n, n), |(i, j)| {
            let radius = (self.grid.east_rad(j) / squash).hypot(self.grid.north_rad(i));
            pixel_rad * pixel_rad * brightness(n, pixel_rad, radius)
        })
    }
}

fn brightness(n: usize, pixel_rad: f64, radius: f64) -> f64 {
    let scale = n as f64 * pixel_rad / 16.0;
    let ring = (radius - 2.0 * scale) / (0.75 * scale);
    1e12 * ((-(radius / scale).powi(2)).exp() + 0.3 * (-ring.powi(2)).exp())
}

/// The `k`-th number of the stream, in [0, 1): SplitMix64 (Steele, Lea & Flood 2014), which any
/// language repeats exactly and at any place.
fn uniform(k: u64) -> f64 {
    let mut z = SEED.wrapping_add((k + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    (z >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_splitmix64() {
        // First output for seed 12345, from the algorithm's published reference code.
        assert_eq!(
            uniform(0),
            (0x22118258a9d111a0u64 >> 11) as f64 / 2f64.powi(53)
        );
    }

    #[test]
    fn points_keep_within_their_annulus() {
        let job = VisibilityJob::new(64, 1000);
        let nyquist = job.grid.nyquist().0;
        for (u, v) in job.table.u.iter().zip(&job.table.v) {
            let part = u.hypot(*v) / nyquist;
            assert!((0.002 - 1e-12..0.4 + 1e-12).contains(&part), "{part}");
        }
        assert!(job.table.check().is_ok());
    }
}
