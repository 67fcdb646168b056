//! The command line: what can be asked, with its meaning, unit and default.

mod choices;
mod common;
mod model;
mod uv;

pub(crate) use choices::{NamedRange, NamedValue};
pub(crate) use common::{OutputOptions, OverwriteOption, RunOptions};
pub(crate) use model::{MethodOptions, ModelOptions, PlacementOptions, Precision, RowOrder};
pub(crate) use uv::UvInput;

use clap::{Parser, Subcommand};

use crate::commands::{demo, vis};

/// Help pages: what it does, examples, then the details.
pub(crate) const HELP: &str = "{about}{after-help}\n\n{usage-heading} {usage}\n\n{all-args}";

/// Astronomy at full speed: visibilities of images and profiles, their fits, plots and reports.
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
  astro vis fit --help")]
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_shows_an_example() {
        let mut command = Cli::command();
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
