//! `astro demo`: data with known truth, each job on them, and a comparison with the truth.

mod methods;
mod page;
mod timing;
mod truth;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail};
use astro_io::{UvFitsLabels, write_uv_text, write_uvfits};
use astro_visibility::{FitDataset, FitProblem, ImagingWeights};
use clap::Args;
use serde_json::json;

use crate::args::{HELP, OverwriteOption, RunOptions};
use crate::commands::vis::fit::files::Folder;
use crate::commands::vis::fit::solve::{Sampling, solve};
use crate::commands::vis::fit::{Solved, method_in_words, write_products};
use crate::commands::vis::sky::{SkyLabels, write_sky_image};
use crate::output::{Console, Files, make_folder};
use crate::plot::figures::coverage;
use crate::progress::Bar;
use crate::text::table;

/// Makes data with known truth, runs each job on them, and compares the results with the truth.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro demo
  astro demo --out my-demo --overwrite")]
pub(crate) struct Arguments {
    /// Folder for data, results and report
    #[arg(short, long, value_name = "DIR", default_value = "astro-demo")]
    out: PathBuf,
    /// Seed of the noise and of the sampling
    #[arg(long, value_name = "N", default_value_t = 20_260_214)]
    seed: u64,
    #[command(flatten)]
    output: OverwriteOption,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// Deviations from the truth above this many standard errors mean that something is wrong.
const LARGEST_PULL: f64 = 5.0;
/// Steps of the ensemble: enough for 50 autocorrelation times.
const STEPS: usize = 3000;

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let begin = Instant::now();
        let files = Files::new(self.output);
        let data = DataFiles::new(&self.out);
        let report_path = self.out.join("report.html");
        files.claim(data.all().into_iter().chain([report_path.as_path()]))?;
        files.claim(timing::planned(&self.out).iter().map(PathBuf::as_path))?;
        make_folder(&self.out)?;

        let table = truth::observe(self.seed)?;
        data.write(&files, &table)?;
        let points = table.u.iter().zip(&table.v);
        let points = points.map(|(u, v)| (u / 1e3, v / 1e3)).collect();
        let coverage = coverage(&[(String::new(), points)]);
        files.figure_pair(&self.out.join("coverage"), &coverage)?;
        console.detail(format!(
            "{} visibilities in {}",
            table.len(),
            data.text.display()
        ));

        let model = truth::MODEL.parse()?;
        let dataset = FitDataset::new(table.clone()).label("disc");
        let problem = FitProblem::builder(vec![dataset], model).build()?;
        let fit_folder = self.out.join("fit");
        let folder = Folder::new(&fit_folder, &problem)?;
        let planned = folder.all(true);
        files.claim(planned.iter().map(PathBuf::as_path))?;
        make_folder(&fit_folder)?;
        let sampling = Sampling {
            steps: STEPS,
            walkers: None,
            burn: None,
            seed: self.seed,
            checkpoint: None,
            resume: false,
        };
        let progress = Bar::new(console);
        let solution = solve(&problem, Some(&sampling), console, &progress)?;
        let solved = Solved::new(&problem, &solution, ImagingWeights::Natural)?;
        let comparison = truth::compare(&solved.report)?;
        let true_coordinates: Vec<f64> = comparison.iter().map(|row| row.truth).collect();
        let radii = &solved.bands[0].radius_arcsec;
        let true_profile = truth::brightness(radii)?;
        let figures = solved.figures(
            &problem,
            &solution,
            Some((radii, &true_profile)),
            Some(&true_coordinates),
        )?;
        write_products(&folder, &files, &problem, &solution, &solved, &figures)?;
        folder.write_numbers(&files, &serde_json::to_value(&solved.report)?)?;

        let methods = methods::measure(&table, &progress)?;
        let chapter = timing::run(&self.out, &files, self.seed, &progress)?;
        let page = page::Page {
            folder: &self.out,
            data: &data,
            comparison: &comparison,
            report: &solved.report,
            coverage: &coverage,
            figures: &figures,
            methods: &methods,
            timing: &chapter,
            fit_method: method_in_words(&problem)?,
            seed: self.seed,
            elapsed_s: begin.elapsed().as_secs_f64(),
        };
        files.write(&report_path, page.html()?.as_bytes())?;

        let mut text = table_of(&comparison);
        text += &format!("\n{}\n", methods::text(&methods));
        text += &format!("an accreting pulsar\n{}\n", table_of(&chapter.comparison));
        text += &format!(
            "data, results and figures in {}\nopen {} in a browser ({:.0} s)\n",
            self.out.display(),
            report_path.display(),
            begin.elapsed().as_secs_f64()
        );
        let value = json!({
            "comparison": comparison,
            "methods": methods,
            "timing": chapter.comparison,
            "seed": self.seed,
            "elapsed_s": begin.elapsed().as_secs_f64(),
            "report": report_path,
        });
        console.result(&text, &value);
        let mut all = comparison.iter().chain(&chapter.comparison);
        if let Some(wrong) = all.find(|row| row.pull.abs() > LARGEST_PULL) {
            bail!(
                "{} came out {:.1} standard errors from the truth; at most {LARGEST_PULL} is chance",
                wrong.label,
                wrong.pull
            );
        }
        Ok(())
    }
}

fn table_of(comparison: &[truth::Compared]) -> String {
    let header = ["parameter", "truth", "recovered", "error", "pull"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(comparison.iter().map(truth::Compared::cells));
    table(&rows)
}

/// The files that the examples of `--help` use.
#[derive(Clone, Debug)]
pub(crate) struct DataFiles {
    pub(crate) text: PathBuf,
    pub(crate) uvfits: PathBuf,
    pub(crate) profile: PathBuf,
    pub(crate) image: PathBuf,
    pub(crate) config: PathBuf,
}

impl DataFiles {
    fn new(folder: &Path) -> Self {
        Self {
            text: folder.join("disc.txt"),
            uvfits: folder.join("disc.uvfits"),
            profile: folder.join("profile.txt"),
            image: folder.join("disc.fits"),
            config: folder.join("fit.toml"),
        }
    }

    fn all(&self) -> [&Path; 5] {
        [
            &self.text,
            &self.uvfits,
            &self.profile,
            &self.image,
            &self.config,
        ]
    }

    /// The arguments of the demo's fit for `--config`.
    fn config_text(&self) -> String {
        let data = self.text.display();
        let model = truth::MODEL;
        format!(
            "# astro vis fit --config {}\n# All arguments: astro vis params fit --toml\n\ninputs = ['{data}']\nmodel = '{model}'\nweighting = 'briggs'\n\n[prior]\nw_1 = [0.01, 0.5]\n",
            self.config.display()
        )
    }

    fn write(&self, files: &Files, table: &astro_core::UvTable) -> Result<()> {
        write_uv_text(&self.text, table, files.if_exists)?;
        let labels = UvFitsLabels {
            object: "DEMO DISC".to_owned(),
            telescope: "SIMULATED".to_owned(),
        };
        write_uvfits(&self.uvfits, table, &labels, files.if_exists)?;
        files.write(&self.profile, truth::profile_text()?.as_bytes())?;
        files.write(&self.config, self.config_text().as_bytes())?;
        let (pixels, grid) = truth::sky_image()?;
        let labels = SkyLabels {
            unit: "Jy/pixel",
            frequency_hz: Some(truth::FREQUENCY_HZ),
            ..SkyLabels::default()
        };
        write_sky_image(&self.image, &pixels, &grid, &labels, files.if_exists)
    }
}
