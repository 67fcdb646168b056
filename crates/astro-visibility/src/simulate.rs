//! Simulated observations: arrays that turn with the Earth, random coverage, and noise.
//!
//! A table is made first, with baselines and no signal; then a source fills it; then noise is
//! added:
//!
//! ```
//! use astro_core::Angle;
//! use astro_visibility::simulate::{self, SimulatedArray, Track};
//! use astro_visibility::{AnalyticSource, SourceShape};
//!
//! let array = SimulatedArray::spiral(12, 30.0, 600.0, Angle::from_degrees(-23.0))?;
//! let track = Track::new(Angle::from_degrees(-30.0), 4.0 * 3600.0, 300.0, 230e9);
//! let mut table = array.observe(&track)?;
//! let disc = SourceShape::Disc { radius_rad: Angle::from_arcsec(0.3).radians() };
//! simulate::fill_with_sources(&mut table, &[AnalyticSource::new(disc, 0.25)])?;
//! simulate::add_noise(&mut table, 0.01, 42)?;
//! assert_eq!(table.len(), 12 * 11 / 2 * 48);
//! # Ok::<(), astro_visibility::Error>(())
//! ```

use std::f64::consts::{PI, TAU};

use astro_core::constants::SPEED_OF_LIGHT_M_PER_S;
use astro_core::{Angle, Baseline, UvTable, check_finite};
use ndarray::ArrayView2;
use num_complex::Complex64;
use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::{
    AnalyticSource, Error, ImageGrid, ImageMethod, Orientation, Placement, ProfileRadii, Result,
    UvCoverage, VisibilityPlan, add_sources,
};

/// Rotation of the Earth against the stars, rad/s (IERS conventions 2010, table 1.2).
const EARTH_ROTATION_RAD_PER_S: f64 = 7.292_115e-5;

/// Golden angle, 2π(1 − 1/φ): no two spiral arms coincide.
const GOLDEN_ANGLE: f64 = 2.399_963_229_728_653;

/// Antennas on the ground.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SimulatedArray {
    /// East, North and up of each antenna, metres.
    pub antennas_m: Vec<[f64; 3]>,
    /// Latitude of the array, radians.
    pub latitude_rad: f64,
}

/// One source followed across the sky.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Track {
    /// Declination of the source, radians.
    pub declination_rad: f64,
    /// Hour angles of the beginning and the end, radians.
    pub hour_angle_rad: (f64, f64),
    /// Length of one integration, seconds.
    pub integration_s: f64,
    /// Channel frequencies, hertz.
    pub frequency_hz: Vec<f64>,
    /// Integrations below this elevation are left out, radians.
    pub lowest_elevation_rad: f64,
    /// Time of transit, seconds after the midnight of `reference_mjd`.
    pub transit_s: f64,
    /// Modified Julian day of the times.
    pub reference_mjd: i32,
}

impl Track {
    /// A track of `duration_s` centered on transit, in one channel.
    #[must_use]
    pub fn new(declination: Angle, duration_s: f64, integration_s: f64, frequency_hz: f64) -> Self {
        let half = 0.5 * duration_s * EARTH_ROTATION_RAD_PER_S;
        Self {
            declination_rad: declination.radians(),
            hour_angle_rad: (-half, half),
            integration_s,
            frequency_hz: vec![frequency_hz],
            lowest_elevation_rad: 0.0,
            transit_s: 43_200.0,
            reference_mjd: 60_000,
        }
    }

    fn check(&self) -> Result<()> {
        let (begin, end) = self.hour_angle_rad;
        check_finite("declination_rad", [self.declination_rad])?;
        check_finite("hour_angle_rad", [begin, end])?;
        check_finite("lowest_elevation_rad", [self.lowest_elevation_rad])?;
        check_finite("transit_s", [self.transit_s])?;
        require_positive("integration_s", self.integration_s)?;
        require_positive(
            "hour angle of the end less that of the beginning",
            end - begin,
        )?;
        if self.frequency_hz.is_empty() {
            return Err(Error::Parameter {
                name: "number of channels",
                value: 0.0,
                requirement: "at least 1",
            });
        }
        for &frequency in &self.frequency_hz {
            require_positive("frequency_hz", frequency)?;
        }
        Ok(())
    }
}

impl SimulatedArray {
    /// Antennas on a golden-angle spiral: distances grow geometrically from the center.
    ///
    /// # Errors
    /// Fewer than two antennas or more than 65 535, radii that are not `0 < inner < outer`.
    pub fn spiral(count: usize, inner_m: f64, outer_m: f64, latitude: Angle) -> Result<Self> {
        require_positive("inner radius of the array", inner_m)?;
        require_positive("outer less inner radius of the array", outer_m - inner_m)?;
        let last = count.saturating_sub(1).max(1) as f64;
        let antenna = |k: usize| {
            let distance = inner_m * (outer_m / inner_m).powf(k as f64 / last);
            let (sin, cos) = (GOLDEN_ANGLE * k as f64).sin_cos();
            [distance * sin, distance * cos, 0.0]
        };
        let array = Self {
            antennas_m: (0..count).map(antenna).collect(),
            latitude_rad: latitude.radians(),
        };
        array.check()?;
        Ok(array)
    }

    /// The baselines of every pair, integration and channel, without signal and of weight 1.
    ///
    /// Rows run over channels fastest, then pairs, then integrations; the first antenna is
    /// number 1. With the baseline from the first antenna to the second in equatorial coordinates
    /// (X towards hour angle 0 on the equator, Y East, Z North), Thompson, Moran & Swenson 2017,
    /// eq. 4.1:
    ///
    /// ```text
    /// u =  sin H X + cos H Y
    /// v = −sin δ cos H X + sin δ sin H Y + cos δ Z
    /// w =  cos δ cos H X − cos δ sin H Y + sin δ Z
    /// ```
    ///
    /// # Errors
    /// Antennas or a track that make no sense; a source that never rises high enough.
    pub fn observe(&self, track: &Track) -> Result<UvTable> {
        self.check()?;
        track.check()?;
        let (sin_dec, cos_dec) = track.declination_rad.sin_cos();
        let (sin_lat, cos_lat) = self.latitude_rad.sin_cos();
        let equatorial: Vec<[f64; 3]> = (self.antennas_m.iter())
            .map(|[east, north, up]| {
                [
                    up * cos_lat - north * sin_lat,
                    *east,
                    north * cos_lat + up * sin_lat,
                ]
            })
            .collect();
        let (begin, end) = track.hour_angle_rad;
        let step = track.integration_s * EARTH_ROTATION_RAD_PER_S;
        // A whole number of integrations, whatever rounding says of the last.
        let count = ((end - begin) / step + 1e-9).floor().max(1.0);
        let rows = count
            * (equatorial.len() * (equatorial.len() - 1) / 2) as f64
            * track.frequency_hz.len() as f64;
        if rows > 1e9 {
            return Err(Error::Parameter {
                name: "number of simulated visibilities",
                value: rows,
                requirement: "at most 1e9: use longer integrations or fewer channels",
            });
        }
        let mut table = UvTable {
            reference_mjd: track.reference_mjd,
            ..UvTable::default()
        };
        let mut highest = f64::NEG_INFINITY;
        for integration in 0..count as usize {
            let hour = begin + (integration as f64 + 0.5) * step;
            let (sin_h, cos_h) = hour.sin_cos();
            let elevation = (sin_lat * sin_dec + cos_lat * cos_dec * cos_h)
                .clamp(-1.0, 1.0)
                .asin();
            highest = highest.max(elevation);
            if elevation < track.lowest_elevation_rad {
                continue;
            }
            let time = track.transit_s + hour / EARTH_ROTATION_RAD_PER_S;
            for second in 1..equatorial.len() {
                for first in 0..second {
                    let [x, y, z]: [f64; 3] =
                        std::array::from_fn(|a| equatorial[second][a] - equatorial[first][a]);
                    let u = sin_h * x + cos_h * y;
                    let v = -sin_dec * cos_h * x + sin_dec * sin_h * y + cos_dec * z;
                    let w = cos_dec * cos_h * x - cos_dec * sin_h * y + sin_dec * z;
                    let pair = Baseline {
                        first: first as u16 + 1,
                        second: second as u16 + 1,
                    };
                    for &frequency in &track.frequency_hz {
                        let per_meter = frequency / SPEED_OF_LIGHT_M_PER_S;
                        table.u.push(u * per_meter);
                        table.v.push(v * per_meter);
                        table.w.push(w * per_meter);
                        table.frequency_hz.push(frequency);
                        table.time_s.push(time);
                        table.baseline.push(pair);
                    }
                }
            }
        }
        if table.is_empty() {
            return Err(Error::Parameter {
                name: "highest elevation of the source, degrees",
                value: highest.to_degrees(),
                requirement: "at least the lowest elevation of the track",
            });
        }
        without_signal(&mut table);
        Ok(table)
    }

    fn check(&self) -> Result<()> {
        let count = self.antennas_m.len();
        if !(2..=usize::from(u16::MAX)).contains(&count) {
            return Err(Error::Parameter {
                name: "number of antennas",
                value: count as f64,
                requirement: "between 2 and 65535",
            });
        }
        check_finite("antennas_m", self.antennas_m.as_flattened().iter().copied())?;
        check_finite("latitude_rad", [self.latitude_rad])?;
        Ok(())
    }
}

/// Baselines of random direction and log-uniform length, without signal and of weight 1.
///
/// # Errors
/// No point, or lengths (wavelengths) that are not `0 < shortest < longest`.
pub fn random_baselines(count: usize, shortest: f64, longest: f64, seed: u64) -> Result<UvTable> {
    require_positive("number of baselines", count as f64)?;
    require_positive("shortest baseline", shortest)?;
    require_positive("longest less shortest baseline", longest - shortest)?;
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut table = UvTable::default();
    for _ in 0..count {
        let distance = shortest * (longest / shortest).powf(random.random::<f64>());
        let (sin, cos) = (TAU * random.random::<f64>()).sin_cos();
        table.u.push(distance * cos);
        table.v.push(distance * sin);
    }
    without_signal(&mut table);
    Ok(table)
}

/// Replaces the visibilities of a table by those of sources with closed forms.
///
/// # Errors
/// A source whose parameters are out of range; a table without rows.
pub fn fill_with_sources(table: &mut UvTable, sources: &[AnalyticSource]) -> Result<()> {
    let mut value = vec![Complex64::ZERO; table.len()];
    add_sources(sources, &UvCoverage::from(&*table), &mut value)?;
    table.value = value;
    Ok(())
}

/// Replaces the visibilities of a table by those of an inclined disc (Hankel, to 1e-10).
///
/// # Errors
/// As [`VisibilityPlan::sample_profile`].
pub fn fill_with_profile(
    table: &mut UvTable,
    profile: &[f64],
    radii: impl Into<ProfileRadii>,
    orientation: &Orientation,
) -> Result<()> {
    let coverage = UvCoverage::from(&*table);
    // No image is drawn on the Hankel path.
    let grid = ImageGrid::square(2, 0.25 / coverage.longest_baseline().max(1.0));
    let plan = VisibilityPlan::builder_for_coverage(&coverage, grid)
        .image_method(ImageMethod::Direct)
        .radii(radii)
        .build()?;
    table.value = plan.sample_profile(profile, orientation)?;
    Ok(())
}

/// Replaces the visibilities of a table by those of an image in Jy/pixel.
///
/// # Errors
/// As [`VisibilityPlan::sample_image`].
#[expect(
    clippy::needless_pass_by_value,
    reason = "array views are passed by value, as ndarray itself does"
)]
pub fn fill_with_image(
    table: &mut UvTable,
    image: ArrayView2<'_, f64>,
    grid: &ImageGrid,
    placement: &Placement,
    method: ImageMethod,
) -> Result<()> {
    let coverage = UvCoverage::from(&*table);
    table.value = crate::sample_image(image, grid, &coverage, placement, method)?;
    Ok(())
}

/// Adds normal noise of standard deviation `sigma_jy` to each real and imaginary part, and sets
/// all weights to `1/σ²`. The same seed gives the same noise.
///
/// # Errors
/// A σ that is not finite and above 0.
pub fn add_noise(table: &mut UvTable, sigma_jy: f64, seed: u64) -> Result<()> {
    require_positive("sigma_jy", sigma_jy)?;
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    for value in &mut table.value {
        *value += sigma_jy * normal_pair(&mut random);
    }
    table.weight = vec![(sigma_jy * sigma_jy).recip(); table.value.len()];
    Ok(())
}

/// Two independent standard normal numbers (Box & Muller 1958).
fn normal_pair(random: &mut impl Rng) -> Complex64 {
    let radius = (-2.0 * (1.0 - random.random::<f64>()).ln()).sqrt();
    Complex64::from_polar(radius, 2.0 * PI * random.random::<f64>())
}

fn without_signal(table: &mut UvTable) {
    table.value = vec![Complex64::ZERO; table.u.len()];
    table.weight = vec![1.0; table.u.len()];
}

fn require_positive(name: &'static str, value: f64) -> Result<()> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Error::Parameter {
        name,
        value,
        requirement: "finite and > 0",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_east_west_pair_draws_the_ellipse_of_its_declination() {
        // TMS 2017, eq. 4.5: u² + (v/sin δ)² = (B/λ)² for an East-West baseline.
        let array = SimulatedArray {
            antennas_m: vec![[0.0, 0.0, 0.0], [100.0, 0.0, 0.0]],
            latitude_rad: 0.5,
        };
        let declination = Angle::from_degrees(35.0);
        let track = Track::new(declination, 20_000.0, 100.0, SPEED_OF_LIGHT_M_PER_S);
        let table = array.observe(&track).unwrap();
        assert_eq!(table.len(), 200);
        let sin_dec = declination.radians().sin();
        for (u, v) in table.u.iter().zip(&table.v) {
            assert!((u.hypot(v / sin_dec) - 100.0).abs() < 1e-10);
        }
        assert!((table.time_s[199] - table.time_s[0] - 19_900.0).abs() < 1e-6);
    }

    #[test]
    fn at_transit_a_zenith_source_sees_the_ground_plan() {
        let antennas_m = vec![[0.0, 0.0, 0.0], [30.0, -40.0, 5.0]];
        let latitude_rad = -0.4;
        let array = SimulatedArray {
            antennas_m,
            latitude_rad,
        };
        let mut track = Track::new(
            Angle::from_radians(latitude_rad),
            1.0,
            1.0,
            SPEED_OF_LIGHT_M_PER_S,
        );
        track.frequency_hz.push(2.0 * SPEED_OF_LIGHT_M_PER_S);
        let table = array.observe(&track).unwrap();
        let expected = [(30.0, -40.0, 5.0), (60.0, -80.0, 10.0)];
        for (k, (u, v, w)) in expected.into_iter().enumerate() {
            assert!((table.u[k] - u).abs() < 1e-10 && (table.v[k] - v).abs() < 1e-10);
            assert!((table.w[k] - w).abs() < 1e-10);
        }
    }

    #[test]
    fn baselines_keep_their_length_and_elevation_is_respected() {
        let array = SimulatedArray::spiral(5, 20.0, 300.0, Angle::from_degrees(40.0)).unwrap();
        let mut track = Track::new(Angle::from_degrees(10.0), 80_000.0, 600.0, 1e11);
        let all = array.observe(&track).unwrap();
        track.lowest_elevation_rad = 30.0_f64.to_radians();
        let high = array.observe(&track).unwrap();
        assert!(high.len() < all.len());
        let wavelength = SPEED_OF_LIGHT_M_PER_S / 1e11;
        for k in 0..high.len() {
            let a = array.antennas_m[usize::from(high.baseline[k].first) - 1];
            let b = array.antennas_m[usize::from(high.baseline[k].second) - 1];
            let length: f64 = (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f64>().sqrt();
            let found = high.u[k].hypot(high.v[k]).hypot(high.w[k]) * wavelength;
            assert!((found / length - 1.0).abs() < 1e-12);
        }
        track.declination_rad = -1.5;
        assert!(array.observe(&track).is_err());
    }

    #[test]
    fn noise_has_the_variance_of_its_weights() {
        let mut table = random_baselines(20_000, 1e4, 1e6, 3).unwrap();
        add_noise(&mut table, 0.02, 4).unwrap();
        let chi2: f64 = table
            .value
            .iter()
            .zip(&table.weight)
            .map(|(z, w)| w * z.norm_sqr())
            .sum();
        // 40 000 squares of unit variance; five standard deviations.
        assert!(
            (chi2 - 40_000.0).abs() < 5.0 * (80_000.0_f64).sqrt(),
            "{chi2}"
        );
        let mean: Complex64 = table.value.iter().sum::<Complex64>() / 20_000.0;
        assert!(mean.norm() < 5.0 * 0.02 * (2.0 / 20_000.0_f64).sqrt());
    }
}
