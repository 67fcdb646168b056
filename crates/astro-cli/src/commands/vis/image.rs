//! `astro vis image`: the dirty image of visibilities.

use std::path::PathBuf;

use anyhow::{Result, bail};
use astro_core::Angle;
use astro_core::constants::ARCSEC_RAD;
use astro_visibility::{
    ImageGrid, ImageSizeOptions, ImagingWeights, UvCoverage, VisibilityPlan, fit_beam, image_size,
};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::deproject::readable_unit;
use super::sky::{SkyLabels, pixel_arcsec, plot_beam, single_frequency, write_sky_image};
use crate::args::{HELP, OutputOptions, RunOptions, UvInput};
use crate::output::{Console, Files, Usage, check_figure_name};
use crate::plot::figures::{Range, SkyImage, sky_images};

/// Makes the dirty image of a uv table, and the dirty beam.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro vis image astro-demo/disc.txt --out dirty.fits --plot dirty.png
  astro vis image astro-demo/disc.txt --out dirty.fits --weighting briggs --robust 0.5 --pixels 512 --pixel 0.01")]
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
    /// Weights of the visibilities in the image
    #[arg(long, value_enum, value_name = "NAME", default_value_t = Weighting::Natural)]
    weighting: Weighting,
    /// Robust parameter of Briggs weights, from -2 (uniform) to 2 (natural)
    #[arg(
        long,
        value_name = "R",
        default_value_t = 0.5,
        allow_negative_numbers = true
    )]
    robust: f64,
    /// Pixels on a side [default: from the baselines]
    #[arg(long, value_name = "N", requires = "pixel")]
    pixels: Option<usize>,
    /// Pixel size, arcsec [default: from the baselines]
    #[arg(long, value_name = "ARCSEC", requires = "pixels")]
    pixel: Option<f64>,
    #[command(flatten)]
    uv: UvInput,
    #[command(flatten)]
    output: OutputOptions,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// Imaging weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Weighting {
    /// The weights of the data: least noise
    Natural,
    /// Every uv cell counts the same: narrowest beam
    Uniform,
    /// Between the two
    Briggs,
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
        let weights = self.weights()?;
        let plan = VisibilityPlan::<f64>::builder(&table, grid).build()?;
        let image = plan.dirty_image(weights)?;
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
                    title: "dirty image".to_owned(),
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
        text += &format!("\nimage in {}", self.out.display());
        let value = json!({
            "pixels": grid.rows,
            "pixel_arcsec": pixel,
            "peak_jy_per_beam": peak,
            "beam": beam.map(|beam| json!({
                "major_arcsec": beam.major_fwhm_rad / ARCSEC_RAD,
                "minor_arcsec": beam.minor_fwhm_rad / ARCSEC_RAD,
                "position_angle_deg": Angle::from_radians(beam.position_angle_rad).degrees(),
            })),
            "visibilities": plan.used(),
            "out": self.out,
            "beam_out": self.beam,
            "plot": self.output.plot,
        });
        console.result(&text, &value);
        Ok(())
    }

    fn weights(&self) -> Result<ImagingWeights> {
        Ok(match self.weighting {
            Weighting::Natural => ImagingWeights::Natural,
            Weighting::Uniform => ImagingWeights::Uniform,
            Weighting::Briggs if (-2.0..=2.0).contains(&self.robust) => ImagingWeights::Briggs {
                robust: self.robust,
            },
            Weighting::Briggs => {
                let text = format!("--robust {} is not between -2 and 2", self.robust);
                return Err(Usage(text).into());
            }
        })
    }
}

/// Pixels on a side beyond which a default image would surprise by its size.
const LARGEST: usize = 16_384;
