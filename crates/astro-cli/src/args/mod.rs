//! The command line: what can be asked, with its meaning, unit and default.

mod choices;
mod common;
mod compute;
mod config;
mod device;
mod instrument;
mod interval;
mod model;
mod range;
mod reflect;
mod spectrum;
pub(crate) mod timing;
mod uv;
mod weighting;

pub(crate) use choices::{NamedRange, NamedValue};
pub(crate) use common::{OutputOptions, OverwriteOption, RunOptions};
pub(crate) use compute::ComputeOptions;
#[cfg(not(feature = "gpu"))]
pub(crate) use device::BUILT_WITHOUT;
#[cfg(feature = "gpu")]
pub(crate) use device::{AdapterOption, GpuPrecisionName, GpuPrecisionOption};
pub(crate) use device::{DeviceOptions, OnGpu, Place};
pub(crate) use instrument::InstrumentOptions;
pub(crate) use interval::{Interval, Ordered};
pub(crate) use model::{MethodOptions, ModelOptions, PlacementOptions, Precision, RowOrder};
pub(crate) use range::{Real, Whole};
pub(crate) use reflect::{Described, describe};
pub(crate) use spectrum::{NumberOrFile, SpectrumOptions};
pub(crate) use timing::Timing;
pub(crate) use uv::UvInput;
pub(crate) use weighting::{WeightingOptions, weights_in_words};

use std::ffi::OsString;

use anyhow::Result;
use clap::{Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::commands::{demo, gpu, params, vis};

/// Help pages: what it does, examples, then the details.
pub(crate) const HELP: &str = "{about}{after-help}\n\n{usage-heading} {usage}\n\n{all-args}";

/// Astronomy at full speed: visibilities of images and profiles, timing of X-ray events, fits, plots and reports.
#[derive(Debug, Parser)]
#[command(
    name = "astro",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
#[command(after_help = "Examples:
  astro demo
  astro vis fit astro-demo/disc.txt --model rings:1 --out my-fit
  astro vis fit --help
  astro timing power source.evt --segment 64 --plot power.svg")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) job: Job,
}

/// One job of the program.
#[derive(Debug, Subcommand)]
pub(crate) enum Job {
    /// Interferometric visibilities: fit, sample, compare, image, average, simulate.
    #[command(subcommand)]
    Vis(Box<Vis>),
    /// Spectral timing of X-ray events: power spectra, lags, pulsations.
    #[command(subcommand)]
    Timing(Box<Timing>),
    /// GPUs: list, test, time.
    #[cfg(feature = "gpu")]
    #[command(subcommand)]
    Gpu(Gpu),
    #[cfg(not(feature = "gpu"))]
    Gpu(gpu::absent::Arguments),
    Demo(Box<demo::Arguments>),
}

/// What to do with visibilities.
#[derive(Debug, Subcommand)]
pub(crate) enum Vis {
    Fit(Box<vis::fit::Arguments>),
    Sample(vis::sample::Arguments),
    Chi2(vis::chi2::Arguments),
    Image(vis::image::Arguments),
    Size(vis::size::Arguments),
    Average(vis::average::Arguments),
    Simulate(Box<vis::simulate::Arguments>),
    #[command(after_help = "Examples:
  astro vis params fit
  astro vis params fit --toml > fit.toml
  astro vis params image --json")]
    Params(params::Arguments),
}

/// What to do with GPUs.
#[cfg(feature = "gpu")]
#[derive(Debug, Subcommand)]
pub(crate) enum Gpu {
    Info(gpu::info::Arguments),
    Test(gpu::test::Arguments),
    Bench(gpu::bench::Arguments),
}

/// The whole command line, with the ranges of numbers in its help.
pub(crate) fn command() -> Command {
    range::with_ranges(Cli::command())
}

/// Reads the command line and the file of `--config`; ends the program for `--help` and wrong usage.
pub(crate) fn parse(given: Vec<OsString>) -> Result<Cli> {
    let all = config::with_file(&command(), given)?;
    let matches = command().get_matches_from(all);
    Ok(Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn every_verb_shows_an_example() {
        let mut command = command();
        command.build();
        for job in command.get_subcommands().filter(|c| c.get_name() != "help") {
            let verbs: Vec<_> = job
                .get_subcommands()
                .filter(|c| c.get_name() != "help")
                .collect();
            for verb in if verbs.is_empty() { vec![job] } else { verbs } {
                let help = verb.clone().render_long_help().to_string();
                let name = verb.get_name();
                assert!(help.contains("Example"), "{name} has no example");
                assert!(
                    help.contains(&format!("astro {}", job.get_name())),
                    "{name}"
                );
            }
        }
    }
}
