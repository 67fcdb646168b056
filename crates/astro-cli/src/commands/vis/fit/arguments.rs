//! What a fit is asked, and the order of its work.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use astro_infer::Prior;
use astro_visibility::{Coupling, FitDataset, FitProblem, FitReport, ProfileModel};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::files::Folder;
use super::numbers::summary;
use super::products::uv_figure;
use super::report::{add_figures, add_numbers, method_in_words};
use super::solve::{Sampling, Solution, solve};
use super::solved::{Solved, write_products};
use crate::args::{
    HELP, InstrumentOptions, NamedRange, NamedValue, OutputOptions, Real, RunOptions, UvInput,
    WeightingOptions, Whole,
};
use crate::commands::vis::instrument::Instrument;
use crate::commands::vis::profile::read_profile;
use crate::output::{Console, Files, Usage, check_figure_name, make_folder};
use crate::progress::Bar;
use crate::report::Report;

/// Fits a radial brightness profile and its geometry to one or several uv tables.
///
/// A start is found from the data; then the maximum of the likelihood with its errors; then samples of the posterior.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro vis fit astro-demo/disc.txt --model gaussian --steps 0
  astro vis fit astro-demo/disc.txt --model rings:2 --out disc-fit
  astro vis fit astro-demo/disc.txt --fix inclination=50 --out tilted --steps 500
  astro vis fit astro-demo/disc.txt --fix inclination=50 --out tilted --steps 1000 --resume
  astro vis fit astro-demo/disc.uvfits --model rings:1 --prior w_1=0.01:0.5 --pb-dish 12 --steps 0
  astro vis fit --config astro-demo/fit.toml --steps 0")]
pub(crate) struct Arguments {
    /// uv tables; they share the geometry
    #[arg(required = true, value_name = "UVTABLE")]
    inputs: Vec<PathBuf>,
    /// Folder for chain, best model, residuals, images, figures and report [default: print only]
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Profile: gaussian, powerlaw, powerlaw-inner, rings:N, multi-gaussian:N, knots:R1,R2,… or knots-linear:R1,R2,… (arcsec)
    #[arg(
        long,
        value_name = "MODEL",
        default_value = "gaussian",
        conflicts_with = "profile"
    )]
    model: String,
    /// Fit the brightness scale of this profile instead: text, radius in arcsec and brightness in Jy/sr
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Name of each table, in order [default: the file names]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    label: Vec<String>,
    /// How the brightness of several tables hangs together
    #[arg(long, value_enum, value_name = "HOW", default_value_t = CouplingName::Shared)]
    coupling: CouplingName,
    /// Hold a parameter at a value, in its unit
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Parameters")]
    fix: Vec<NamedValue>,
    /// Start the search at this value
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Parameters")]
    start: Vec<NamedValue>,
    /// Uniform prior between two values
    #[arg(long, value_name = "NAME=LOW:HIGH", help_heading = "Parameters")]
    prior: Vec<NamedRange>,
    /// Fit a parameter that is held by default, such as beta of powerlaw
    #[arg(long, value_name = "NAME", help_heading = "Parameters")]
    free: Vec<String>,
    /// Radius at which profiles end, arcsec [default: from the data]
    #[arg(long, value_name = "ARCSEC", value_parser = Real::Positive, help_heading = "Parameters")]
    outer_radius: Option<f64>,
    /// Fit a factor on the weights of each table
    #[arg(long, help_heading = "Parameters")]
    fit_weights: bool,
    /// Multiply the weights of the tables by this
    #[arg(
        long,
        value_name = "F", value_parser = Real::Positive,
        default_value = "1",
        help_heading = "Parameters"
    )]
    weight_factor: f64,
    /// Most steps of the ensemble; 0 stops at the maximum of the likelihood
    #[arg(
        long,
        value_name = "N", value_parser = Whole::AtLeast(0),
        default_value = "3000",
        help_heading = "Sampling"
    )]
    steps: usize,
    /// Number of walkers [default: four a parameter, at least 32]
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(4), help_heading = "Sampling")]
    walkers: Option<usize>,
    /// Steps to leave out at the start [default: five autocorrelation times]
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(0), help_heading = "Sampling")]
    burn: Option<usize>,
    /// Seed of the random numbers
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Sampling")]
    seed: u64,
    /// Continue the sampling that was stopped in the folder of --out
    #[arg(long, requires = "out", help_heading = "Sampling")]
    resume: bool,
    #[command(flatten)]
    weighting: WeightingOptions,
    #[command(flatten)]
    instrument: InstrumentOptions,
    #[command(flatten)]
    uv: UvInput,
    #[command(flatten)]
    output: OutputOptions,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// Names of the couplings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CouplingName {
    /// The same brightness
    Shared,
    /// The same shape, a flux ratio for each table after the first
    FluxRatio,
    /// The same shape, brightness a power of the frequency
    SpectralIndex,
    /// A profile each
    Independent,
}

impl From<CouplingName> for Coupling {
    fn from(name: CouplingName) -> Self {
        match name {
            CouplingName::Shared => Self::Shared,
            CouplingName::FluxRatio => Self::FluxRatio,
            CouplingName::SpectralIndex => Self::SpectralIndex,
            CouplingName::Independent => Self::Independent,
        }
    }
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let mut files = Files::new(self.output.files);
        if self.resume {
            // What an earlier run of the same fit wrote is to be replaced by more of the same.
            files.if_exists = astro_io::IfExists::Replace;
        }
        self.output
            .plot
            .as_deref()
            .map_or(Ok(()), check_figure_name)?;
        let (problem, instrument) = self.problem()?;
        let folder = match &self.out {
            Some(path) => Some(Folder::new(path, &problem)?),
            None => None,
        };
        let sampled = self.steps > 0;
        let planned = folder.iter().flat_map(|folder| folder.all(sampled));
        let planned: Vec<PathBuf> = planned.chain(self.output.plot.clone()).collect();
        files.claim(planned.iter().map(PathBuf::as_path))?;
        if let Some(path) = &self.out {
            make_folder(path)?;
            if sampled && !self.resume {
                let checkpoint = Folder::checkpoint(path);
                let claimed = files.claim([checkpoint.as_path()]);
                claimed
                    .context("a sampling was begun in this folder; continue it with --resume")?;
            }
        }
        console.detail(format!(
            "{} visibilities, start {:?}",
            problem.visibilities(),
            problem.named_values(&problem.start_values()?)?
        ));

        let sampling = sampled.then(|| self.sampling());
        let progress = Bar::new(console);
        let solution = solve(&problem, sampling.as_ref(), console, &progress)?;
        let weights = self.weighting.weights();
        let solved = Solved::new(&problem, &solution, weights)?;
        warn_of_weights(&solved.report, console);
        let mut value = serde_json::to_value(&solved.report)?;
        value["method"] = json!(method_in_words(&problem)?);
        value["imaging_weights"] = json!(weights);
        instrument.add_to(&mut value);
        let mut text = summary(&solved.report);
        text += &format!("method: {}\n", method_in_words(&problem)?);
        for line in instrument.in_words() {
            text += &format!("{line}\n");
        }
        if let Some(path) = &self.output.plot {
            files.figure(path, &uv_figure(&problem, &solution.maximum.values)?)?;
        }
        if let Some(folder) = &folder {
            let inputs = Inputs {
                problem: &problem,
                instrument: &instrument,
            };
            self.write(folder, &files, &inputs, &solution, &solved, &value)?;
            text += &format!("results in {}\n", folder.at("report.html").display());
        }
        console.result(&text, &value);
        Ok(())
    }

    fn problem(&self) -> Result<(FitProblem, Instrument)> {
        let tables = self.uv.read_uncut(&self.inputs)?;
        if !self.label.is_empty() && self.label.len() != tables.len() {
            let text = format!(
                "--label gives {} names for {} tables; give one for each",
                self.label.len(),
                tables.len()
            );
            return Err(Usage(text).into());
        }
        let datasets: Vec<FitDataset> = tables
            .into_iter()
            .zip(&self.inputs)
            .enumerate()
            .map(|(index, (table, path))| {
                let label = self.label.get(index).cloned();
                let dataset = FitDataset::new(table)
                    .label(label.unwrap_or_else(|| stem(path)))
                    .weight_factor(self.weight_factor);
                match self.uv.wavelength_m(index) {
                    Some(wavelength) => dataset.wavelength_m(wavelength),
                    None => dataset,
                }
            })
            .collect();
        let data_hz = datasets.iter().find_map(FitDataset::frequency_hz);
        let instrument = Instrument::read(&self.instrument, data_hz)?;
        let (shortest, longest) = self.uv.range();
        let mut builder = FitProblem::builder(datasets, self.profile_model()?)
            .coupling(self.coupling.into())
            .uv_range(shortest, longest)
            .fit_weight_scale(self.fit_weights);
        if let Some(radius) = self.outer_radius {
            builder = builder.outer_radius_arcsec(radius);
        }
        for name in &self.free {
            builder = builder.free(name);
        }
        for range in &self.prior {
            let prior = Prior::uniform(range.low, range.high)
                .with_context(|| format!("in --prior {}", range.name))?;
            builder = builder.prior(&range.name, prior);
        }
        for choice in &self.start {
            builder = builder.start(&choice.name, choice.value);
        }
        for choice in &self.fix {
            builder = builder.fix(&choice.name, choice.value);
        }
        if let Some(beam) = &instrument.beam {
            builder = builder.primary_beam(beam.pattern.clone(), beam.frequency_hz);
        }
        if let Some(w_term) = instrument.w_term {
            builder = builder.w_term(w_term);
        }
        Ok((builder.build()?, instrument))
    }

    fn profile_model(&self) -> Result<ProfileModel> {
        let Some(path) = &self.profile else {
            return self
                .model
                .parse()
                .map_err(|error: astro_visibility::Error| {
                    Usage(format!("--model: {error}")).into()
                });
        };
        let profile = read_profile(path)?;
        let to_arcsec = |radius: &f64| radius / astro_core::constants::ARCSEC_RAD;
        Ok(ProfileModel::Tabulated {
            radii_arcsec: profile.radii_rad.iter().map(to_arcsec).collect(),
            brightness_jy_per_sr: profile.values,
        })
    }

    fn sampling(&self) -> Sampling {
        Sampling {
            steps: self.steps,
            walkers: self.walkers,
            burn: self.burn,
            seed: self.seed,
            checkpoint: self.out.as_deref().map(Folder::checkpoint),
            resume: self.resume,
        }
    }

    fn write(
        &self,
        folder: &Folder,
        files: &Files,
        inputs: &Inputs<'_>,
        solution: &Solution,
        solved: &Solved,
        value: &Value,
    ) -> Result<()> {
        let Inputs {
            problem,
            instrument,
        } = *inputs;
        let figures = solved.figures(problem, solution, None, None)?;
        write_products(folder, files, problem, solution, solved, &figures)?;
        folder.write_numbers(files, value)?;
        let names: Vec<String> = self
            .inputs
            .iter()
            .map(|p| p.display().to_string())
            .collect();
        let mut report = Report::new(
            &format!("Fit of {}", problem.model()),
            &format!(
                "{} visibilities of {}",
                problem.visibilities(),
                names.join(", ")
            ),
        );
        add_numbers(&mut report, &solved.report);
        add_figures(&mut report, &figures)?;
        report.heading("How this was made");
        let command: Vec<String> = std::env::args().collect();
        report.code(&command.join(" "));
        let mut entries = vec![
            ("Program", format!("astro {}", env!("CARGO_PKG_VERSION"))),
            ("Seed", self.seed.to_string()),
            ("Precision", "f64".to_owned()),
            ("Method", method_in_words(problem)?),
        ];
        let instrument = instrument.in_words();
        if !instrument.is_empty() {
            entries.push(("Instrument", instrument.join("; ")));
        }
        entries.push(("Time", format!("{:.1} s", solution.elapsed.as_secs_f64())));
        report.list(&entries);
        files.write(&folder.at("report.html"), report.html().as_bytes())
    }
}

/// What is fitted, and through what it was seen.
struct Inputs<'a> {
    problem: &'a FitProblem,
    instrument: &'a Instrument,
}

/// A file's name without folder and extension.
fn stem(path: &Path) -> String {
    path.file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Says where weights and residuals disagree.
fn warn_of_weights(report: &FitReport, console: &Console) {
    for dataset in &report.datasets {
        let check = &dataset.weights;
        if check.consistent || check.fitted_factor.is_some() {
            continue;
        }
        let (than, errors) = if check.reduced_chi2 < 1.0 {
            ("smaller", "too large")
        } else {
            ("larger", "too small, or the model does not fit")
        };
        console.warn(format!(
            "χ² per degree of freedom of {} is {:.3}: the residuals are {than} than the weights say, so errors are {errors}; use --weight-factor {:.4} or --fit-weights",
            dataset.label, check.reduced_chi2, check.suggested_factor
        ));
    }
}
