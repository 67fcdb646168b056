//! Times X-ray timing of an event file, or weighs one job's memory; prints one JSON object.
//!
//! `bench-timing --file events.evt --events 10000000 --threads 2` writes the file where it is
//! not there yet. Peers can be given the same file.

use std::cell::Cell;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use astro_benches::memory;
use astro_benches::stopwatch::Timings;
use astro_benches::timing::{JOBS, Synthetic, run};
use astro_io::EventFile;
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

/// Every job in turn, the file opened anew each time.
fn time(options: &Options) -> Result<Value> {
    let mut timings = Map::new();
    let mut results = Map::new();
    for job in JOBS {
        let outcome = Cell::new(Ok(0.0));
        let timing = Timings::of(Duration::from_secs_f64(options.seconds), || {
            outcome.set(open(options).and_then(|file| run(job, &file)));
        });
        timings.insert(job.to_owned(), timing.to_json());
        results.insert(job.to_owned(), json!(outcome.into_inner()?));
    }
    Ok(json!({ "threads": options.threads, "timings": timings, "results": results }))
}

/// The peak of one run of a job.
fn weigh(options: &Options, job: &str) -> Result<Value> {
    let result = run(job, &open(options)?)?;
    Ok(json!({ "job": job, "result": result, "peak_bytes": memory::peak_bytes() }))
}

fn open(options: &Options) -> Result<EventFile> {
    Ok(EventFile::open(&options.file)?)
}
