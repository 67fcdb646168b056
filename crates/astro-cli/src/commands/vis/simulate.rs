//! `astro vis simulate`: an observation of a model with known truth.

use std::path::PathBuf;

use anyhow::Result;
use astro_core::constants::{ARCSEC_RAD, SPEED_OF_LIGHT_M_PER_S};
use astro_core::{Angle, UvTable};
use astro_visibility::UvCoverage;
use astro_visibility::simulate::{SimulatedArray, Track, add_noise};
use clap::Args;
use serde_json::json;

use super::predict::{Model, write_uv};
use crate::args::{
    ComputeOptions, HELP, ModelOptions, OutputOptions, PlacementOptions, Real, RunOptions, UvInput,
    Whole,
};
use crate::output::{Console, Files, check_figure_name};
use crate::plot::figures::coverage;

/// Simulates the observation of an image or a profile by an array of antennas.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro vis simulate --model rings:1 --set f0_1=2e10 --set r_1=0.5 --set w_1=0.1 \\
      --inc 50 --pa 30 --noise 0.01 --out ring.uvfits --plot coverage.png
  astro vis simulate --profile astro-demo/profile.txt --inc 50 --pa 30 --dra 0.12 --ddec -0.08 \\
      --like astro-demo/disc.txt --out again.txt")]
pub(crate) struct Arguments {
    /// Where the table goes: .npz, .uvfits (keeps times and baselines), or text for any other extension
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Take the points and weights of this uv table instead of an array
    #[arg(long, value_name = "UVTABLE")]
    like: Option<PathBuf>,
    /// Standard deviation of the noise of each real and imaginary part, Jy; none is added when not given
    #[arg(long, value_name = "JY", value_parser = Real::NonNegative)]
    noise: Option<f64>,
    /// Seed of the noise
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    array: ArrayOptions,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    place: PlacementOptions,
    #[command(flatten)]
    compute: ComputeOptions,
    #[command(flatten)]
    uv: UvInput,
    #[command(flatten)]
    output: OutputOptions,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// Antennas on a spiral, and the track of the source.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Array", allow_negative_numbers = true)]
struct ArrayOptions {
    /// Number of antennas
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(2), default_value = "30", conflicts_with = "like")]
    antennas: usize,
    /// Distance of the innermost antenna from the center, metres
    #[arg(
        long,
        value_name = "M", value_parser = Real::Positive,
        default_value = "10",
        conflicts_with = "like"
    )]
    inner: f64,
    /// Distance of the outermost antenna from the center, metres
    #[arg(
        long,
        value_name = "M", value_parser = Real::Positive,
        default_value = "700",
        conflicts_with = "like"
    )]
    outer: f64,
    /// Latitude of the array, degrees
    #[arg(long, value_name = "DEG", value_parser = Real::Within(-90.0, 90.0), default_value = "-23", conflicts_with = "like")]
    latitude: f64,
    /// Declination of the source, degrees
    #[arg(long, value_name = "DEG", value_parser = Real::Within(-90.0, 90.0), default_value = "-35", conflicts_with = "like")]
    dec: f64,
    /// Length of the observation around transit, hours
    #[arg(long, value_name = "H", value_parser = Real::Positive, default_value = "4", conflicts_with = "like")]
    duration: f64,
    /// Length of one integration, seconds
    #[arg(
        long,
        value_name = "S", value_parser = Real::Positive,
        default_value = "300",
        conflicts_with = "like"
    )]
    integration: f64,
    /// Frequencies of the channels, hertz
    #[arg(
        long,
        value_name = "HZ", value_parser = Real::Positive,
        value_delimiter = ',',
        default_value = "230e9",
        conflicts_with = "like"
    )]
    frequency: Vec<f64>,
    /// Lowest elevation observed, degrees
    #[arg(
        long,
        value_name = "DEG", value_parser = Real::Within(0.0, 90.0),
        default_value = "15",
        conflicts_with = "like"
    )]
    elevation: f64,
}

impl ArrayOptions {
    fn observe(&self) -> Result<UvTable> {
        let latitude = Angle::from_degrees(self.latitude);
        let array = SimulatedArray::spiral(self.antennas, self.inner, self.outer, latitude)?;
        let declination = Angle::from_degrees(self.dec);
        let first = self.frequency.first().copied().unwrap_or(0.0);
        let mut track = Track::new(declination, 3600.0 * self.duration, self.integration, first);
        track.frequency_hz.clone_from(&self.frequency);
        track.lowest_elevation_rad = Angle::from_degrees(self.elevation).radians();
        Ok(array.observe(&track)?)
    }
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let files = Files::new(self.output.files);
        let planned = [Some(&self.out), self.output.plot.as_ref()];
        files.claim(planned.into_iter().flatten().map(PathBuf::as_path))?;
        self.output
            .plot
            .as_deref()
            .map_or(Ok(()), check_figure_name)?;
        let mut table = match &self.like {
            Some(path) => self.uv.read(path)?,
            None => self.array.observe()?,
        };
        let model = Model::read(&self.model, &self.place)?;
        let prediction = model.predict(&table, &self.compute, console)?;
        table.value.clone_from(&prediction.values);
        if let Some(sigma) = self.noise {
            add_noise(&mut table, sigma, self.seed)?;
        }
        write_uv(&self.out, &table, files.if_exists)?;
        if let Some(path) = &self.output.plot {
            let points = table.u.iter().zip(&table.v);
            let points = points.map(|(u, v)| (u / 1e3, v / 1e3)).collect();
            files.figure(path, &coverage(&[(String::new(), points)]))?;
        }
        let points = UvCoverage::from(&table);
        let (shortest, longest) = (points.shortest_baseline(), points.longest_baseline());
        let text = format!(
            "{} visibilities, baselines {:.2} to {:.1} kλ (scales {:.3}″ to {:.2}″), in {}\n{}",
            table.len(),
            shortest / 1e3,
            longest / 1e3,
            0.5 / longest / ARCSEC_RAD,
            0.6 / shortest / ARCSEC_RAD,
            self.out.display(),
            prediction.words.join("\n")
        );
        let mut value = json!({
            "visibilities": table.len(),
            "shortest_baseline_wavelengths": shortest,
            "longest_baseline_wavelengths": longest,
            "wavelength_m": table.frequency_hz.first().map(|f| SPEED_OF_LIGHT_M_PER_S / f),
            "noise_jy": self.noise,
            "seed": self.seed,
            "out": self.out,
            "plot": self.output.plot,
        });
        prediction.add_to(&mut value);
        console.result(&text, &value);
        Ok(())
    }
}
