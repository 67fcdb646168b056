//! `cargo xtask bench`: our side and the peers' in one run, taking turns.

mod comparison;
mod gpu;
mod machine;
mod timing;
mod timings;
mod vis;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace::{build, cargo, output, root};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Which bench: `vis`, `timing` or `gpu`, with their peers; or the name of a Criterion bench.
    #[arg(default_value = "vis")]
    bench: String,
    /// The Python that has the peers (see `benches/peers/`).
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// Image sizes [default: 512 to 4096; to 16384 for `gpu`].
    #[arg(long, value_delimiter = ',')]
    sizes: Vec<usize>,
    /// For `gpu`: an `astro` with the feature `gpu` that was built elsewhere.
    #[arg(long)]
    astro: Option<PathBuf>,
    /// Number of uv points.
    #[arg(long, default_value_t = 1_000_000)]
    points: usize,
    /// For `timing`: number of events in the file.
    #[arg(long, default_value_t = 10_000_000)]
    events: u64,
    /// Turns that each side takes at each size; the shortest time counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Which time of one thread counts.
    #[arg(long, value_enum, default_value_t = timings::Clock::Wall)]
    clock: timings::Clock,
    /// Seconds to spend on each timing in each turn.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
}

impl Options {
    /// The sizes asked for, or the bench's own.
    fn sizes_or(&self, default: &[usize]) -> Vec<usize> {
        match self.sizes.is_empty() {
            true => default.to_vec(),
            false => self.sizes.clone(),
        }
    }
}

/// Runs the bench; true if nothing was missing.
pub(crate) fn run(options: &Options) -> Result<bool> {
    if options.bench == "vis" {
        return vis::run(options);
    }
    if options.bench == "timing" {
        return timing::run(options);
    }
    if options.bench == "gpu" {
        return gpu::run(options);
    }
    let mut command = cargo([
        "bench",
        "--package",
        "astro-benches",
        "--bench",
        &options.bench,
    ]);
    let status = command.status().context("cannot start cargo")?;
    Ok(status.success())
}

/// Builds a program of `astro-benches` for measuring and returns where it is.
fn build_program(name: &str) -> Result<PathBuf> {
    let built = build([
        "build",
        "--release",
        "--package",
        "astro-benches",
        "--bin",
        name,
    ])?;
    built
        .into_iter()
        .find(|executable| executable.target == name)
        .map(|executable| executable.path)
        .with_context(|| format!("cargo did not say where it put `{name}`"))
}

/// Runs a program that prints one JSON object.
fn measure(command: &mut Command) -> Result<Value> {
    let text = output(command.current_dir(root()))?;
    serde_json::from_str(&text).with_context(|| format!("{command:?} printed no valid JSON"))
}

/// As [`measure`], for weighing memory: large blocks go back to the system when they are freed, so
/// that the peak is what was in use. (Timings keep the allocator as it is.)
fn weigh(command: &mut Command) -> Result<Value> {
    command
        .env("MALLOC_MMAP_THRESHOLD_", "131072")
        .env("MALLOC_TRIM_THRESHOLD_", "131072");
    measure(command)
}

/// A goal and whether it was reached.
fn goal(ratio: f64, goal: Option<f64>) -> String {
    match goal {
        None => String::new(),
        Some(goal) if ratio >= goal => format!("{goal:>5} ok"),
        Some(goal) => format!("{goal:>5} missed"),
    }
}

/// Writes figures to `benches/results/`, under the date, the machine and a suffix.
#[expect(
    clippy::print_stdout,
    reason = "where the figures are is this command's output"
)]
fn write(suffix: &str, report: &Value) -> Result<()> {
    let folder = root().join("benches/results");
    fs::create_dir_all(&folder).context("cannot make benches/results")?;
    let name = format!("{}-{}{suffix}.json", machine::date(), machine::cpu_slug());
    let text = serde_json::to_string_pretty(report).context("the report is not JSON")?;
    fs::write(folder.join(&name), text + "\n")
        .with_context(|| format!("cannot write benches/results/{name}"))?;
    println!("written to benches/results/{name}");
    Ok(())
}
