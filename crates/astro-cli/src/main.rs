//! The `astro` command: parse, call the library, print, write and plot.
//!
//! Exit codes: 0 done, 1 failed (the error with its causes on standard error),
//! 2 wrong usage, 130 stopped by Ctrl-C.

mod args;
mod commands;
#[expect(dead_code, reason = "fits write several files")]
mod output;
#[expect(dead_code, unused_imports, reason = "fits draw the other figures")]
mod plot;
#[expect(dead_code, reason = "fits show their progress")]
mod progress;
#[expect(dead_code, reason = "the demo writes it")]
mod report;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output::report_error(&error),
    }
}
