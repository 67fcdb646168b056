//! `astro vis average`: fewer visibilities, with what that costs.

use std::path::PathBuf;

use anyhow::Result;
use astro_core::constants::ARCSEC_RAD;
use astro_io::{Averaged, SmearingLimit, average_channels, average_times, average_uv_cells};
use astro_visibility::UvCoverage;
use clap::{ArgGroup, Args};
use serde_json::json;

use super::predict::write_uv;
use crate::args::{HELP, OverwriteOption, Real, RunOptions, UvInput};
use crate::output::{Console, Files};

/// Averages visibilities over time, channels or cells of the uv plane.
///
/// The loss of amplitude that this causes at the edge of the field is computed and limited.
#[derive(Clone, Debug, Args)]
#[command(group(ArgGroup::new("over").required(true).multiple(true).args(["time", "channel_width", "cell"])))]
#[command(help_template = HELP, after_help = "Examples:
  astro vis average astro-demo/disc.txt --cell 2 --out cells.txt
  astro vis average astro-demo/disc.uvfits --time 600 --field 0.4 --out slow.npz")]
pub(crate) struct Arguments {
    /// uv table; averages over time and channels need a format with times and baselines
    #[arg(value_name = "UVTABLE")]
    input: PathBuf,
    /// Where the averaged table goes: .npz, .uvfits, or text for any other extension
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Average channels of a band this wide, Hz
    #[arg(long, value_name = "HZ", value_parser = Real::Positive)]
    channel_width: Option<f64>,
    /// Average each baseline over this time, seconds
    #[arg(long, value_name = "S", value_parser = Real::Positive)]
    time: Option<f64>,
    /// Average all that lies in square cells this wide, kilowavelengths
    #[arg(long, value_name = "KLAMBDA", value_parser = Real::Positive)]
    cell: Option<f64>,
    /// Radius of the field at which the loss is judged, arcsec [default: half the largest recoverable scale]
    #[arg(long, value_name = "ARCSEC", value_parser = Real::Positive)]
    field: Option<f64>,
    /// Largest relative loss of amplitude allowed there
    #[arg(long, value_name = "LOSS", value_parser = Real::Within(0.0, 1.0), default_value = "0.01")]
    max_loss: f64,
    #[command(flatten)]
    uv: UvInput,
    #[command(flatten)]
    output: OverwriteOption,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let files = Files::new(self.output);
        files.claim([self.out.as_path()])?;
        let mut table = self.uv.read(&self.input)?;
        let rows_before = table.len();
        let field_rad = match self.field {
            Some(field) => field * ARCSEC_RAD,
            None => 0.3 / UvCoverage::from(&table).shortest_baseline(),
        };
        let limit = SmearingLimit::new(field_rad).allowing(self.max_loss);
        let mut worst_loss = 0.0_f64;
        let mut mean_loss = 0.0_f64;
        let mut keep = |averaged: Averaged| {
            // Losses of one average after another multiply; they are small.
            worst_loss = 1.0 - (1.0 - worst_loss) * (1.0 - averaged.smearing.worst_loss);
            mean_loss = 1.0 - (1.0 - mean_loss) * (1.0 - averaged.smearing.mean_loss);
            averaged.table
        };
        if let Some(width) = self.channel_width {
            table = keep(average_channels(&table, width, &limit)?);
        }
        if let Some(interval) = self.time {
            table = keep(average_times(&table, interval, &limit)?);
        }
        if let Some(cell) = self.cell {
            table = keep(average_uv_cells(&table, 1e3 * cell, &limit)?);
        }
        write_uv(&self.out, &table, files.if_exists)?;
        let field = field_rad / ARCSEC_RAD;
        let text = format!(
            "{rows_before} rows became {} in {}\nloss of amplitude {field:.4}″ from the phase center: {worst_loss:.2e} at worst, {mean_loss:.2e} on average",
            table.len(),
            self.out.display()
        );
        let value = json!({
            "rows_before": rows_before,
            "rows": table.len(),
            "field_radius_arcsec": field,
            "worst_loss": worst_loss,
            "mean_loss": mean_loss,
            "out": self.out,
        });
        console.result(&text, &value);
        Ok(())
    }
}
