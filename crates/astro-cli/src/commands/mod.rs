//! What each verb does: read, call the library, say, write and plot.

pub(crate) mod demo;
pub(crate) mod gpu;
pub(crate) mod timing;
pub(crate) mod vis;

use anyhow::{Context as _, Result};

#[cfg(feature = "gpu")]
use crate::args::Gpu;
use crate::args::{Cli, Job, RunOptions, Timing, Vis};
use crate::output::Console;
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
            Timing::Power(arguments) => with(&arguments.run, |c| arguments.execute(c)),
        },
        Job::Vis(verb) => match *verb {
            Vis::Fit(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Vis::Sample(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Vis::Chi2(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Vis::Image(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Vis::Size(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Vis::Average(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Vis::Simulate(arguments) => with(&arguments.run, |c| arguments.execute(c)),
            Vis::Params(arguments) => with(&arguments.run, |c| arguments.execute(c)),
        },
    }
}

/// Runs `work` on as many threads as asked for.
fn with(run: &RunOptions, work: impl FnOnce(&Console) -> Result<()> + Send) -> Result<()> {
    let console = Console::new(run);
    let threads = run.threads.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .context("while starting threads")?;
    console.detail(format!("{} threads", pool.current_num_threads()));
    pool.install(|| work(&console))
}
