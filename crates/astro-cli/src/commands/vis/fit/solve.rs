//! Maximum likelihood, then the posterior, of a fit.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use astro_core::Progress;
use astro_infer::{Checkpoint, EnsembleOptions, MaximizeOptions, Maximum, Outcome, Status};
use astro_visibility::{FitProblem, Posterior, SampleOptions};

use crate::output::Console;
use crate::progress::{Stopped, stop_requested};

/// How a posterior is sampled.
#[derive(Clone, Debug)]
pub(crate) struct Sampling {
    /// Most steps of the ensemble.
    pub(crate) steps: usize,
    /// Walkers; chosen by the sampler when not given.
    pub(crate) walkers: Option<usize>,
    /// Steps left out at the beginning; five autocorrelation times when not given.
    pub(crate) burn: Option<usize>,
    pub(crate) seed: u64,
    /// Where the state is kept between steps.
    pub(crate) checkpoint: Option<PathBuf>,
    /// Whether the state found there is continued.
    pub(crate) resume: bool,
}

/// A solved fit.
#[derive(Debug)]
pub(crate) struct Solution {
    pub(crate) maximum: Maximum,
    pub(crate) posterior: Option<Posterior>,
    pub(crate) elapsed: Duration,
}

/// Finds the maximum, then samples the posterior where that is asked for.
pub(crate) fn solve(
    problem: &FitProblem,
    sampling: Option<&Sampling>,
    console: &Console,
    progress: &dyn Progress,
) -> Result<Solution> {
    let begin = Instant::now();
    let maximum = problem
        .maximize(&MaximizeOptions::default(), progress)
        .map_err(|error| {
            if stop_requested() {
                let text = "while searching for the maximum; nothing was written";
                return Stopped(text.to_owned()).into();
            }
            anyhow::Error::from(error)
        })?;
    warn_of(&maximum.status, console);
    console.detail(format!(
        "maximum after {} evaluations, {:.1} s: {:?}",
        maximum.evaluations,
        begin.elapsed().as_secs_f64(),
        maximum.status
    ));
    let posterior = match sampling {
        Some(sampling) => Some(sample(problem, &maximum, sampling, console, progress)?),
        None => None,
    };
    Ok(Solution {
        maximum,
        posterior,
        elapsed: begin.elapsed(),
    })
}

fn sample(
    problem: &FitProblem,
    maximum: &Maximum,
    sampling: &Sampling,
    console: &Console,
    progress: &dyn Progress,
) -> Result<Posterior> {
    // Often enough to lose little, seldom enough that writing costs little.
    const CHECKPOINT_STEPS: usize = 250;
    if let (true, Some(path)) = (sampling.resume, &sampling.checkpoint)
        && !path.exists()
    {
        bail!(
            "there is nothing to resume: {} does not exist; leave --resume out",
            path.display()
        );
    }
    let options = SampleOptions {
        ensemble: EnsembleOptions {
            walkers: sampling.walkers,
            seed: sampling.seed,
            checkpoint: sampling.checkpoint.clone().map(|path| Checkpoint {
                path,
                every_steps: CHECKPOINT_STEPS,
            }),
            ..EnsembleOptions::default()
        },
        max_steps: sampling.steps,
        until_converged: true,
        burn: sampling.burn,
        resume: sampling.resume,
    };
    let posterior = problem
        .sample(maximum, &options, progress)
        .context("while sampling the posterior")?;
    let steps = posterior.chain.steps();
    if posterior.outcome == Outcome::Stopped {
        let remedy = match &sampling.checkpoint {
            Some(path) => format!("{} is kept: continue with --resume", path.display()),
            None => "nothing was kept, since no --out was given".to_owned(),
        };
        return Err(Stopped(format!("sampling ended after {steps} steps; {remedy}")).into());
    }
    if !posterior.converged {
        console.warn(format!(
            "the chain of {steps} steps is only {:.0} autocorrelation times long; intervals are rough: give more --steps (and --resume)",
            steps as f64 / autocorrelation_steps(&posterior)
        ));
    }
    Ok(posterior)
}

/// The longest autocorrelation time, steps.
pub(crate) fn autocorrelation_steps(posterior: &Posterior) -> f64 {
    let times = posterior.autocorrelation_times.iter().copied();
    times.filter(|t| t.is_finite()).fold(1.0, f64::max)
}

fn warn_of(status: &Status, console: &Console) {
    match status {
        Status::AtEdge { parameter, .. } => console.warn(format!(
            "the best {parameter} is at the edge of its range; give it another with --prior {parameter}=LOW:HIGH, or hold it with --fix {parameter}=VALUE"
        )),
        Status::Degenerate { parameter, .. } => console.warn(format!(
            "the data do not constrain {parameter}; hold it with --fix {parameter}=VALUE"
        )),
        Status::Inaccurate { distance, .. } => console.warn(format!(
            "the maximum is known to {distance:.1e} standard errors only"
        )),
        _ => {}
    }
}
