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

fn main() -> ExitCode {
    match args::parse(std::env::args_os().collect()).and_then(commands::run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => ExitCode::from(output::report_error(&error)),
    }
}
