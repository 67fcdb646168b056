//! The disc that the demo observes, and how well it is found again.

use anyhow::{Context as _, Result};
use astro_core::constants::ARCSEC_RAD;
use astro_core::{Angle, UvTable};
use astro_visibility::simulate::{SimulatedArray, Track, add_noise, fill_with_profile};
use astro_visibility::{FitReport, ImageGrid, Orientation, ProfileModel, RadialGrid};
use ndarray::Array2;
use serde::Serialize;

use crate::text::measurement;

/// A ring: brightness, radius, width.
pub(crate) const MODEL: &str = "rings:1";
const PEAK_JY_PER_SR: f64 = 2e10;
const RADIUS_ARCSEC: f64 = 0.5;
const WIDTH_ARCSEC: f64 = 0.1;
const INCLINATION_DEG: f64 = 50.0;
const POSITION_ANGLE_DEG: f64 = 30.0;
const RA_OFFSET_ARCSEC: f64 = 0.12;
const DEC_OFFSET_ARCSEC: f64 = -0.08;

pub(crate) const FREQUENCY_HZ: f64 = 230e9;
/// Noise of each real and imaginary part, Jy.
pub(crate) const NOISE_JY: f64 = 0.02;

pub(crate) fn orientation() -> Orientation {
    Orientation {
        inclination_rad: INCLINATION_DEG.to_radians(),
        position_angle_rad: POSITION_ANGLE_DEG.to_radians(),
        ra_offset_rad: RA_OFFSET_ARCSEC * ARCSEC_RAD,
        dec_offset_rad: DEC_OFFSET_ARCSEC * ARCSEC_RAD,
    }
}

/// Brightness at radii in arcsec, Jy/sr.
pub(crate) fn brightness(radii_arcsec: &[f64]) -> Result<Vec<f64>> {
    let model: ProfileModel = MODEL.parse()?;
    Ok(model.evaluate(&[PEAK_JY_PER_SR, RADIUS_ARCSEC, WIDTH_ARCSEC], radii_arcsec)?)
}

/// Radii so fine that straight lines between them err by 1e-7.
pub(crate) fn radii() -> Result<RadialGrid> {
    Ok(RadialGrid::new(0.0, 2.5e-4 * ARCSEC_RAD, 6000)?)
}

pub(crate) fn arcsec(radii: &RadialGrid) -> Vec<f64> {
    radii.radii_rad().iter().map(|r| r / ARCSEC_RAD).collect()
}

/// Thirty antennas for four hours, with noise.
pub(crate) fn observe(seed: u64) -> Result<UvTable> {
    let array = SimulatedArray::spiral(30, 30.0, 650.0, Angle::from_degrees(-23.0))?;
    let declination = Angle::from_degrees(-35.0);
    let track = Track::new(declination, 4.0 * 3600.0, 300.0, FREQUENCY_HZ);
    let mut table = array.observe(&track)?;
    let radii = radii()?;
    fill_with_profile(
        &mut table,
        &brightness(&arcsec(&radii))?,
        radii,
        &orientation(),
    )?;
    add_noise(&mut table, NOISE_JY, seed)?;
    Ok(table)
}

/// The true profile as a text table.
pub(crate) fn profile_text() -> Result<String> {
    let radii = arcsec(&radii()?);
    let mut text = String::from("# radius [arcsec], brightness [Jy/sr]\n");
    for (radius, value) in radii.iter().zip(brightness(&radii)?) {
        text += &format!("{radius:.5} {value:.10e}\n");
    }
    Ok(text)
}

/// The disc as it stands on the sky, Jy/pixel, North first.
pub(crate) fn sky_image() -> Result<(Array2<f64>, ImageGrid)> {
    let grid = ImageGrid::square(1024, 0.02 * ARCSEC_RAD);
    let Orientation {
        inclination_rad,
        position_angle_rad,
        ra_offset_rad,
        dec_offset_rad,
    } = orientation();
    let (sin_pa, cos_pa) = position_angle_rad.sin_cos();
    let radius = |row: usize, column: usize| {
        let east = grid.east_rad(column) - ra_offset_rad;
        let north = grid.north_rad(row) - dec_offset_rad;
        let along = east * sin_pa + north * cos_pa;
        let across = (east * cos_pa - north * sin_pa) / inclination_rad.cos();
        along.hypot(across) / ARCSEC_RAD
    };
    let radii: Vec<f64> = (0..grid.rows)
        .flat_map(|row| (0..grid.columns).map(move |column| (row, column)))
        .map(|(row, column)| radius(row, column))
        .collect();
    let area = grid.pixel_area_sr();
    let pixels = brightness(&radii)?.into_iter().map(|b| b * area).collect();
    let image = Array2::from_shape_vec((grid.rows, grid.columns), pixels);
    Ok((
        image.context("an image has as many pixels as its grid")?,
        grid,
    ))
}

/// A parameter, its truth and what was found.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Compared {
    pub(crate) label: String,
    pub(crate) truth: f64,
    pub(crate) recovered: f64,
    pub(crate) error: f64,
    /// (recovered − truth) / error.
    pub(crate) pull: f64,
}

impl Compared {
    pub(crate) fn cells(&self) -> Vec<String> {
        let both = measurement(self.recovered, self.error);
        let (recovered, error) = both.split_once(" ± ").unwrap_or((&both, ""));
        vec![
            self.label.clone(),
            measurement(self.truth, self.error)
                .split(" ± ")
                .next()
                .unwrap_or_default()
                .to_owned(),
            recovered.to_owned(),
            error.to_owned(),
            format!("{:+.2}", self.pull),
        ]
    }
}

/// Truth against the posterior's median and standard deviation, in the order of the free parameters.
pub(crate) fn compare(report: &FitReport) -> Result<Vec<Compared>> {
    let truth_of = |name: &str| {
        Some(match name {
            "f0_1" => PEAK_JY_PER_SR.log10(),
            "r_1" => RADIUS_ARCSEC,
            "w_1" => WIDTH_ARCSEC,
            "inclination" => INCLINATION_DEG,
            "position_angle" => POSITION_ANGLE_DEG,
            "ra_offset" => RA_OFFSET_ARCSEC,
            "dec_offset" => DEC_OFFSET_ARCSEC,
            _ => return None,
        })
    };
    report
        .parameters
        .iter()
        .map(|parameter| {
            let truth = truth_of(&parameter.name)
                .with_context(|| format!("the truth of {} is not known", parameter.name))?;
            let summary = parameter
                .posterior
                .as_ref()
                .with_context(|| format!("{} was not sampled", parameter.name))?;
            Ok(Compared {
                label: parameter.label.clone(),
                truth,
                recovered: summary.median,
                error: summary.standard_deviation,
                pull: (summary.median - truth) / summary.standard_deviation,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use astro_visibility::{ImageMethod, Placement, UvCoverage, sample_image};
    use num_complex::Complex64;

    #[test]
    fn image_and_profile_are_the_same_disc() {
        let mut table = UvTable::new(
            vec![3e4, 2e5, -5e5, 0.0],
            vec![1e4, -3e5, 1e5, 7e5],
            vec![Complex64::ZERO; 4],
            vec![1.0; 4],
        )
        .unwrap();
        let radii = radii().unwrap();
        let profile = brightness(&arcsec(&radii)).unwrap();
        fill_with_profile(&mut table, &profile, radii, &orientation()).unwrap();
        let (image, grid) = sky_image().unwrap();
        let coverage = UvCoverage::from(&table);
        let place = Placement::default();
        let direct = sample_image(image.view(), &grid, &coverage, &place, ImageMethod::Direct);
        for (a, b) in table.value.iter().zip(direct.unwrap()) {
            // The ring is five pixels wide: pixel sums of a smooth disc converge spectrally.
            assert!((a - b).norm() < 1e-6 * image.sum(), "{a} {b}");
        }
    }
}
