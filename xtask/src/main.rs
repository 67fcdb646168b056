//! The project's own commands: `cargo xtask help` lists them.
//!
//! Every command prints one line a check and ends with a non-zero exit code
//! if a check failed or something that it needs is missing.

mod bench;
mod ci;
mod mpi;
mod report;
mod test;
mod tidy;
mod validate;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

/// Checks, tests and measures Astro HPC.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    /// Runs every test of the workspace: unit, integration and documentation tests.
    Test(test::Options),
    /// Runs the whole gate: format, lints, documentation, features, examples, tidy.
    Ci,
    /// Checks the crate graph, file headers, forbidden words and the layout of the repository.
    Tidy,
    /// Times our code beside its peers and writes the figures to `benches/results/`.
    Bench(bench::Options),
    /// Runs every reference case found under a directory.
    Validate(validate::Options),
}

fn main() -> ExitCode {
    let outcome = match Command::parse() {
        Command::Test(options) => test::run(&options),
        Command::Ci => ci::run(),
        Command::Tidy => tidy::run(),
        Command::Bench(options) => bench::run(&options),
        Command::Validate(options) => validate::run(&options),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
