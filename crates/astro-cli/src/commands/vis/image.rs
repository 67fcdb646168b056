//! `astro vis image`: the dirty image of visibilities.

use std::path::PathBuf;

use anyhow::{Result, bail};
use astro_core::Angle;
use astro_core::constants::ARCSEC_RAD;
use astro_visibility::{
    ImageGrid, ImageSizeOptions, PrimaryBeam, UvCoverage, VisibilityPlan, fit_beam, image_size,
};
use clap::Args;
use ndarray::Array2;
use serde_json::json;

use super::deproject::readable_unit;
use super::instrument::Instrument;
use super::predict::{W_TERM, mean_frequency};
use super::sky::{SkyLabels, pixel_arcsec, plot_beam, single_frequency, write_sky_image};
use crate::args::{
    DeviceOptions, HELP, InstrumentOptions, OutputOptions, Real, RunOptions, UvInput,
    WeightingOptions, Whole, weights_in_words,
};
use crate::output::{Console, Files, check_figure_name};
use crate::plot::figures::{Range, SkyImage, sky_images};

/// Makes the dirty image of a uv table, and the dirty beam.
///
/// With a primary beam the image is divided by it.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro vis image astro-demo/disc.txt --out dirty.fits --plot dirty.png
  astro vis image astro-demo/disc.txt --out briggs.fits --weighting briggs --robust 0.5 \\
      --pixels 512 --pixel 0.01
  astro vis image astro-demo/disc.uvfits --out corrected.fits --pb-dish 12 --w-term")]
pub(crate) struct Arguments {
    /// uv table with visibilities and weights
    #[arg(value_name = "UVTABLE")]
    input: PathBuf,
    /// Where the image goes (FITS, Jy/beam)
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Where the dirty beam goes (FITS)
    #[arg(long, value_name = "FILE")]
    beam: Option<PathBuf>,
    /// Pixels on a side [default: from the baselines]
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(2), requires = "pixel")]
    pixels: Option<usize>,
    /// Pixel size, arcsec [default: from the baselines]
    #[arg(long, value_name = "ARCSEC", value_parser = Real::Positive, requires = "pixels")]
    pixel: Option<f64>,
    #[command(flatten)]
    weighting: WeightingOptions,
    #[command(flatten)]
    device: DeviceOptions,
    #[command(flatten)]
    instrument: InstrumentOptions,
    /// Relative power of the primary beam below which the image has no value
    #[arg(long, value_name = "POWER", value_parser = Real::Within(1e-6, 1.0), default_value = "0.2", requires = "primary_beam", help_heading = "Primary beam and w-term")]
    pb_limit: f64,
    #[command(flatten)]
    uv: UvInput,
    #[command(flatten)]
    output: OutputOptions,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let files = Files::new(self.output.files);
        let optional = [&self.beam, &self.output.plot];
        let claimed = optional.into_iter().flatten().chain([&self.out]);
        files.claim(claimed.map(PathBuf::as_path))?;
        self.output
            .plot
            .as_deref()
            .map_or(Ok(()), check_figure_name)?;
        let table = self.uv.read(&self.input)?;
        let grid = match (self.pixels, self.pixel) {
            (Some(n), Some(pixel)) => ImageGrid::square(n, pixel * ARCSEC_RAD),
            _ => image_size(&UvCoverage::from(&table), &ImageSizeOptions::default())?,
        };
        if grid.rows > LARGEST {
            bail!(
                "the baselines ask for {} pixels on a side; give --pixels and --pixel",
                grid.rows
            );
        }
        let weights = self.weighting.weights();
        let weighting = weights_in_words(weights);
        let frequency_hz = mean_frequency(&table);
        let instrument = Instrument::read(&self.instrument, frequency_hz)?;
        let mut builder = VisibilityPlan::<f64>::builder(&table, grid);
        if let Some(w_term) = instrument.w_term {
            builder = builder.w_term(w_term);
        }
        let obstacle = instrument.w_term.map(|_| W_TERM);
        let (plan, place) = self.device.build(builder, obstacle)?;
        let mut image = plan.dirty_image(weights)?;
        if let Some(power) = instrument.beam_at(frequency_hz)? {
            divide_by_beam(&mut image, &grid, &power, self.pb_limit);
        }
        let beam_image = plan.dirty_beam(weights)?;
        let beam = fit_beam(beam_image.view(), &grid);
        if beam.is_none() {
            console.warn(
                "the dirty beam covers too few pixels to fit an ellipse to it; use smaller pixels",
            );
        }
        let labels = SkyLabels {
            unit: "Jy/beam",
            beam,
            phase_center: table.phase_center,
            frequency_hz: single_frequency(&table.frequency_hz),
        };
        write_sky_image(&self.out, &image, &grid, &labels, files.if_exists)?;
        if let Some(path) = &self.beam {
            write_sky_image(path, &beam_image, &grid, &labels, files.if_exists)?;
        }
        let peak = image.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (unit, scale) = readable_unit([peak]);
        if let Some(path) = &self.output.plot {
            let scaled = image.mapv(|x| x * scale);
            let pictures = [
                SkyImage {
                    title: format!("dirty image ({weighting})"),
                    pixels: scaled.view(),
                    range: Range::Full,
                    quantity: format!("[{unit}/beam]"),
                },
                SkyImage {
                    title: "dirty beam".to_owned(),
                    pixels: beam_image.view(),
                    range: Range::Full,
                    quantity: "relative to its peak".to_owned(),
                },
            ];
            let figure = sky_images(&pictures, pixel_arcsec(&grid), beam.map(plot_beam), None);
            files.figure(path, &figure)?;
        }
        let (pixel, _) = pixel_arcsec(&grid);
        let mut text = format!(
            "{0} x {0} pixels of {pixel:.5}″, peak {1:.4} {unit}/beam",
            grid.rows,
            peak * scale
        );
        if let Some(beam) = beam {
            let angle = Angle::from_radians(beam.position_angle_rad).degrees();
            text += &format!(
                ", beam {:.4}″ x {:.4}″ at {angle:.1}°",
                beam.major_fwhm_rad / ARCSEC_RAD,
                beam.minor_fwhm_rad / ARCSEC_RAD
            );
        }
        text += &format!("\nweights: {weighting}\n{place}");
        for line in instrument.in_words() {
            text += &format!("\n{line}");
        }
        if instrument.beam.is_some() {
            text += &format!(
                "\nthe image is divided by the primary beam, and has no value where that is below {}",
                self.pb_limit
            );
        }
        text += &format!("\nimage in {}", self.out.display());
        let mut value = json!({
            "pixels": grid.rows,
            "pixel_arcsec": pixel,
            "peak_jy_per_beam": peak,
            "beam": beam.map(|beam| json!({
                "major_arcsec": beam.major_fwhm_rad / ARCSEC_RAD,
                "minor_arcsec": beam.minor_fwhm_rad / ARCSEC_RAD,
                "position_angle_deg": Angle::from_radians(beam.position_angle_rad).degrees(),
            })),
            "weighting": weights,
            "device": place.json(),
            "visibilities": plan.used(),
            "out": self.out,
            "beam_out": self.beam,
            "plot": self.output.plot,
        });
        instrument.add_to(&mut value);
        console.result(&text, &value);
        Ok(())
    }
}

/// Divides by the power on each pixel; leaves NaN where it is below `limit`.
fn divide_by_beam(image: &mut Array2<f64>, grid: &ImageGrid, beam: &PrimaryBeam, limit: f64) {
    for ((row, column), pixel) in image.indexed_iter_mut() {
        let power = beam.power(grid.east_rad(column), grid.north_rad(row));
        *pixel = if power < limit {
            f64::NAN
        } else {
            *pixel / power
        };
    }
}

/// Pixels on a side beyond which a default image would surprise by its size.
const LARGEST: usize = 16_384;
