//! What each verb does: read, call the library, say, write and plot.

pub(crate) mod demo;
pub(crate) mod gpu;
pub(crate) mod params;
pub(crate) mod timing;
pub(crate) mod vis;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use astro_core::Communicator as _;
use astro_mpi::World;

#[cfg(feature = "gpu")]
use crate::args::Gpu;
use crate::args::{Cli, Job, RunOptions, Timing, Vis};
use crate::output::{Console, report_error};
use crate::progress;

/// Runs what was asked.
pub(crate) fn run(cli: Cli) -> Result<()> {
    progress::catch_interrupts().context("while preparing for Ctrl-C")?;
    match cli.job {
        Job::Demo(arguments) => with(&arguments.run, |c| arguments.execute(c)),
        #[cfg(feature = "gpu")]
        Job::Gpu(verb) => match verb {
            Gpu::Info(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Gpu::Test(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Gpu::Bench(arguments) => with(&arguments.run, |c| arguments.execute(c)),
        },
        #[cfg(not(feature = "gpu"))]
        Job::Gpu(arguments) => arguments.execute(),
        Job::Timing(verb) => match *verb {
            Timing::Info(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Timing::Filter(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Timing::Lightcurve(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Timing::Power(arguments) => shared(&arguments.run, |c| arguments.execute(c)),
            Timing::Cross(arguments) => shared(&arguments.run, |c| arguments.execute(c)),
            Timing::Lags(arguments) => shared(&arguments.run, |c| arguments.execute(c)),
            Timing::Energy(arguments) => shared(&arguments.run, |c| arguments.execute(c)),
            Timing::Dynamic(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Timing::Export(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Timing::Params(arguments) => with(&arguments.run, |c| arguments.execute("timing", c)),
            Timing::Fold(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Timing::Search(arguments) => shared(&arguments.run, |c| arguments.execute(c)),
            Timing::Phaseogram(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Timing::Fit(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Timing::Deadtime(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Timing::Simulate(arguments) => with(&arguments.run, |c| arguments.execute(c)),
        },
        Job::Vis(verb) => match *verb {
            Vis::Fit(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Vis::Sample(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Vis::Chi2(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Vis::Image(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Vis::Size(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Vis::Average(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Vis::Simulate(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Vis::Params(arguments) => with(&arguments.run, |c| arguments.execute("vis", c)),
        },
    }
}

/// Runs `work` on as many threads as asked for; of many ranks the first works alone.
fn with(run: &RunOptions, work: impl FnOnce(&Console) -> Result<()> + Send) -> Result<()> {
    shared(run, |console| match console.ranks().rank() {
        0 => work(console),
        _ => Ok(()),
    })
}

/// As [`with`], on every rank: for work that shares itself out through [`Console::ranks`].
fn shared(run: &RunOptions, work: impl FnOnce(&Console) -> Result<()> + Send) -> Result<()> {
    let ranks = Arc::new(World::open()?);
    let console = Console::new(run, &ranks);
    let threads = run.threads.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .context("while starting threads")?;
    console.detail(format!("{} threads", pool.current_num_threads()));
    let outcome = pool.install(|| work(&console));
    match outcome {
        Err(error) if ranks.size() > 1 => {
            // The others would wait for this rank for ever.
            let error = error.context(format!("rank {} of {} failed", ranks.rank(), ranks.size()));
            ranks.abort(report_error(&error).into());
            Err(error)
        }
        outcome => outcome,
    }
}
