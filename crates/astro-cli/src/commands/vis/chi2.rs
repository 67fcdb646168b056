//! `astro vis chi2`: how well an image or a profile agrees with data.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::deproject::{readable_unit, uv_series};
use super::predict::Model;
use crate::args::{
    ComputeOptions, HELP, ModelOptions, OutputOptions, PlacementOptions, RunOptions, UvInput,
};
use crate::output::{Console, Files, check_figure_name};
use crate::plot::figures::uv_plot;

/// Computes χ² of an image or a radial profile against visibilities.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro vis chi2 astro-demo/disc.txt --image astro-demo/disc.fits
  astro vis chi2 astro-demo/disc.txt --profile astro-demo/profile.txt \\
      --inc 50 --pa 30 --dra 0.12 --ddec -0.08 --plot fit.png")]
pub(crate) struct Arguments {
    /// uv table with visibilities and weights
    #[arg(value_name = "UVTABLE")]
    input: PathBuf,
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

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let files = Files::new(self.output.files);
        files.claim(self.output.plot.as_deref())?;
        self.output
            .plot
            .as_deref()
            .map_or(Ok(()), check_figure_name)?;
        let table = self.uv.read(&self.input)?;
        let model = Model::read(&self.model, &self.place)?;
        let prediction = model.predict(&table, &self.compute, console)?;
        if let Some(path) = &self.output.plot {
            let (unit, scale) = readable_unit(prediction.values.iter().map(|z| z.norm()));
            let orientation = model.orientation();
            let values = Some(prediction.values.as_slice());
            let series = uv_series("data", &table, values, &orientation, scale)?;
            files.figure(path, &uv_plot(&[series], unit))?;
        }
        // Real and imaginary parts are independent measurements.
        let numbers = 2 * prediction.used;
        let reduced = prediction.chi2 / numbers as f64;
        let text = format!(
            "χ² = {:.3} of {numbers} numbers ({} visibilities), {reduced:.4} each\n{}",
            prediction.chi2,
            prediction.used,
            prediction.words.join("\n")
        );
        let mut value = json!({
            "chi2": prediction.chi2,
            "visibilities": prediction.used,
            "numbers": numbers,
            "chi2_per_number": reduced,
            "plot": self.output.plot,
        });
        prediction.add_to(&mut value);
        console.result(&text, &value);
        Ok(())
    }
}
