//! `astro vis size`: how many pixels, and how large, the baselines ask for.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use astro_core::Angle;
use astro_visibility::{ImageGrid, ImageSizeOptions, UvCoverage, check_image_size, image_size};
use clap::Args;
use serde_json::json;

use crate::args::{HELP, Real, RunOptions, UvInput};
use crate::output::Console;

/// Chooses the size of an image for a set of baselines, or checks one.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro vis size astro-demo/disc.txt
  astro vis size astro-demo/disc.txt --field 20
  astro vis size astro-demo/disc.txt --check 1024 0.01")]
pub(crate) struct Arguments {
    /// uv tables; all their baselines count
    #[arg(required = true, value_name = "UVTABLE")]
    inputs: Vec<PathBuf>,
    /// Width that the image must cover at least, arcsec: a primary beam, or the source
    #[arg(long, value_name = "ARCSEC", value_parser = Real::NonNegative, default_value = "0")]
    field: f64,
    /// Factor by which the uv cell is finer than the shortest baseline asks
    #[arg(long, value_name = "F", value_parser = Real::Positive, default_value = "5")]
    field_factor: f64,
    /// Factor by which the uv grid reaches beyond the longest baseline
    #[arg(long, value_name = "F", value_parser = Real::Positive, default_value = "2.5")]
    resolution_factor: f64,
    /// Check this size instead of choosing one: pixels on a side, pixel size in arcsec
    #[arg(long, num_args = 2, value_names = ["N", "ARCSEC"], value_parser = Real::Positive, conflicts_with_all = ["field_factor", "resolution_factor"])]
    check: Option<Vec<f64>>,
    #[command(flatten)]
    uv: UvInput,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let mut coverage = UvCoverage::default();
        for table in self.uv.read_all(&self.inputs)? {
            coverage.u.extend(table.u);
            coverage.v.extend(table.v);
        }
        let beam_rad = Angle::from_arcsec(self.field).radians();
        let grid = match self.check.as_deref() {
            Some([pixels, pixel]) => {
                let pixel_rad = Angle::from_arcsec(*pixel).radians();
                let grid = ImageGrid::square(*pixels as usize, pixel_rad);
                check_image_size(&coverage, &grid, beam_rad)?;
                grid
            }
            _ => image_size(
                &coverage,
                &ImageSizeOptions {
                    beam_rad,
                    field_factor: self.field_factor,
                    resolution_factor: self.resolution_factor,
                },
            )?,
        };
        let pixel = Angle::from_radians(grid.pixel_width_rad).arcsec();
        let field = pixel * grid.columns as f64;
        let (shortest, longest) = (coverage.shortest_baseline(), coverage.longest_baseline());
        let largest = Angle::from_radians(0.6 / shortest).arcsec();
        let mut text = String::new();
        let verdict = if self.check.is_some() {
            "fits the baselines: "
        } else {
            ""
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{verdict}{0} x {0} pixels of {pixel:.6}″, a field of {field:.4}″",
            grid.columns
        );
        let _ = writeln!(
            text,
            "baselines {:.4} to {:.4} kλ, largest recoverable scale {largest:.4}″",
            shortest / 1e3,
            longest / 1e3
        );
        let value = json!({
            "pixels": grid.columns,
            "pixel_arcsec": pixel,
            "pixel_rad": grid.pixel_width_rad,
            "field_arcsec": field,
            "shortest_baseline_wavelengths": shortest,
            "longest_baseline_wavelengths": longest,
            "largest_recoverable_scale_arcsec": largest,
        });
        console.result(&text, &value);
        Ok(())
    }
}
