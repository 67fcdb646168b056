//! Checks every reference case under a folder: the program behind `cargo xtask validate`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use astro_tests::reference::{check_case, find_cases};
use clap::{Parser, ValueEnum};

/// Runs every reference case found under a folder.
#[derive(Debug, Parser)]
struct Options {
    /// Folder searched for `case.json`, at any depth.
    directory: PathBuf,
    /// Threads to compute with; all processors if not given.
    #[arg(long)]
    threads: Option<usize>,
    /// Device to compute on.
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
}

/// Where to compute.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Device {
    /// The processor.
    Cpu,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<bool> {
    let Device::Cpu = options.device;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads.unwrap_or(0))
        .build()
        .context("cannot start the threads")?;
    let cases = find_cases(&options.directory)?;
    ensure!(
        !cases.is_empty(),
        "there is no case.json under {}",
        options.directory.display()
    );
    Ok(pool.install(|| print_cases(&cases)))
}

/// Prints one line a check and the totals; true if all passed.
#[expect(clippy::print_stdout, reason = "the report is this program's output")]
fn print_cases(cases: &[PathBuf]) -> bool {
    let (mut passed, mut failed) = (0, 0);
    for case in cases {
        for check in check_case(case).iter() {
            println!("{check}");
            if check.passed {
                passed += 1;
            } else {
                failed += 1;
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    failed == 0
}
