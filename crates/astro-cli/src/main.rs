//! The `astro` command: parse, call the library, print, write and plot.
//!
//! Exit codes: 0 done, 1 failed (the error with its causes on standard error),
//! 2 wrong usage, 130 stopped by Ctrl-C.

mod args;
mod commands;
mod output;
mod plot;
mod progress;
mod report;
mod text;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output::report_error(&error),
    }
}
