//! `astro vis sample`: visibilities of an image or a profile.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::deproject::{readable_unit, uv_series};
use super::predict::{Model, write_uv};
use crate::args::{
    ComputeOptions, HELP, ModelOptions, OutputOptions, PlacementOptions, RunOptions, UvInput,
};
use crate::output::{Console, Files, check_figure_name};
use crate::plot::figures::uv_plot;

/// Computes the visibilities of an image or a radial profile at the points of a uv table.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro vis sample astro-demo/disc.txt --image astro-demo/disc.fits --out model.txt
  astro vis sample astro-demo/disc.txt --profile astro-demo/profile.txt \\
      --inc 50 --pa 30 --dra 0.12 --ddec -0.08 --out model.npz --plot model.png
  astro vis sample astro-demo/disc.uvfits --image astro-demo/disc.fits \\
      --pb-dish 12 --spectral-index 2.5 --out attenuated.npz")]
pub(crate) struct Arguments {
    /// uv table whose points and weights are taken
    #[arg(value_name = "UVTABLE")]
    input: PathBuf,
    /// Where the visibilities go: .npz, .uvfits, or text for any other extension
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
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
        files.claim(
            [self.out.as_path()]
                .into_iter()
                .chain(self.output.plot.as_deref()),
        )?;
        self.output
            .plot
            .as_deref()
            .map_or(Ok(()), check_figure_name)?;
        let mut table = self.uv.read(&self.input)?;
        let model = Model::read(&self.model, &self.place)?;
        let prediction = model.predict(&table, &self.compute, console)?;
        table.value.clone_from(&prediction.values);
        write_uv(&self.out, &table, files.if_exists)?;
        if let Some(path) = &self.output.plot {
            let (unit, scale) = readable_unit(table.value.iter().map(|z| z.norm()));
            let series = uv_series("model", &table, None, &model.orientation(), scale)?;
            files.figure(path, &uv_plot(&[series], unit))?;
        }
        let mut value = json!({
            "visibilities": table.len(),
            "out": self.out,
            "plot": self.output.plot,
        });
        let text = format!(
            "{} visibilities in {}\n{}",
            table.len(),
            self.out.display(),
            prediction.words.join("\n")
        );
        prediction.add_to(&mut value);
        console.result(&text, &value);
        Ok(())
    }
}
