//! Times X-ray timing of an event file, or weighs one job's memory; prints one JSON object.
//!
//! `bench-timing --file events.evt --events 10000000 --threads 2` writes the file where it is
//! not there yet. Peers can be given the same file.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use astro_benches::memory;
use astro_benches::stopwatch::Timings;
use astro_benches::timing::{JOBS, Job, START_S, Synthetic};
use astro_timing::pulsation::SearchGrid;
use clap::Parser;
use serde_json::{Map, Value, json};

/// Times spectra of an event file.
#[derive(Debug, Parser)]
struct Options {
    /// The event file; written where it is not there.
    #[arg(long)]
    file: PathBuf,
    /// Number of events of a file that is written.
    #[arg(long, default_value_t = 10_000_000)]
    events: u64,
    /// Threads to compute with.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Seconds to spend on each timing.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// What to time [default: all].
    #[arg(long, value_delimiter = ',')]
    jobs: Vec<String>,
    /// First frequency, step and number of trials of the job `z1.exact`.
    #[arg(long, value_delimiter = ',')]
    grid: Vec<f64>,
    /// Instead of timing, weigh the memory of this job.
    #[arg(long)]
    memory: Option<String>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    if !options.file.exists() {
        Synthetic::new(options.events)?.write(&options.file)?;
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads)
        .build()
        .context("cannot start the threads")?;
    let report = pool.install(|| match &options.memory {
        Some(job) => weigh(&options, job),
        None => time(&options),
    })?;
    #[expect(clippy::print_stdout, reason = "the report is this program's output")]
    {
        println!("{report}");
    }
    Ok(())
}

/// Every job in turn.
fn time(options: &Options) -> Result<Value> {
    let mut timings = Map::new();
    let mut results = Map::new();
    let mut names: Vec<&str> = options.jobs.iter().map(String::as_str).collect();
    if names.is_empty() {
        names = JOBS.to_vec();
    }
    if !options.grid.is_empty() {
        names.push("z1.exact");
    }
    for name in names {
        let job = job(options, name)?;
        let mut outcome = Ok(Vec::new());
        let timing = Timings::of(Duration::from_secs_f64(options.seconds), || {
            outcome = job.run();
        });
        timings.insert(name.to_owned(), timing.to_json());
        results.insert(name.to_owned(), json!(outcome?));
    }
    Ok(json!({ "threads": options.threads, "timings": timings, "results": results }))
}

/// The peak of one run of a job.
fn weigh(options: &Options, name: &str) -> Result<Value> {
    let result = job(options, name)?.run()?;
    Ok(json!({ "job": name, "result": result, "peak_bytes": memory::peak_bytes() }))
}

fn job(options: &Options, name: &str) -> Result<Job> {
    let grid = match options.grid[..] {
        [first, step, count] if name == "z1.exact" => {
            Some(SearchGrid::new(START_S, first, step, count as usize))
        }
        _ => None,
    };
    Job::new(name, &options.file, grid)
}
