//! Maximum likelihood, then the posterior, of a fit.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use astro_core::Progress;
use astro_infer::{
    Chain, Checkpoint, Ensemble, EnsembleOptions, MaximizeOptions, Maximum, Outcome, Samples,
    Status, Summary,
};
use astro_visibility::FitProblem;
use ndarray::Array2;

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

/// Samples, and how good they are.
#[derive(Debug)]
pub(crate) struct Posterior {
    pub(crate) chain: Chain,
    pub(crate) samples: Samples,
    /// Median and 68.3 % interval of each coordinate.
    pub(crate) summaries: Vec<Summary>,
    pub(crate) burn: usize,
    /// Longest autocorrelation time, steps.
    pub(crate) autocorrelation_steps: f64,
    pub(crate) converged: bool,
    /// Mean fraction of moves taken.
    pub(crate) acceptance: f64,
    pub(crate) evaluations: u64,
}

/// The fraction of a normal distribution within one standard deviation.
const ONE_SIGMA: f64 = 0.682_689_492_137_085_9;

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
        .map_err(stopped_while("searching for the maximum"))?;
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
    let mut ensemble = match (&sampling.checkpoint, sampling.resume) {
        (Some(path), true) => resumed(path, problem)?,
        _ => started(problem, maximum, sampling)?,
    };
    let done = ensemble.chain().steps();
    if done > 0 {
        console.note(format!("continuing after {done} steps"));
    }
    let report = ensemble.run_until_converged(sampling.steps.saturating_sub(done), progress)?;
    let steps = ensemble.chain().steps();
    if report.outcome == Outcome::Stopped {
        let remedy = match &sampling.checkpoint {
            Some(path) => format!("{} is kept: continue with --resume", path.display()),
            None => "nothing was kept".to_owned(),
        };
        return Err(Stopped(format!("sampling ended after {steps} steps; {remedy}")).into());
    }
    let chain = ensemble.chain().clone();
    let times = chain
        .autocorrelation_times(0)
        .context("the chain is too short to say how good it is; give more --steps")?;
    let longest = times.iter().copied().fold(1.0, f64::max);
    let burn = sampling
        .burn
        .unwrap_or((5.0 * longest).ceil() as usize)
        .min(steps.saturating_sub(1) * 3 / 4);
    let samples = chain.samples(burn, 1)?;
    let converged = report.outcome == Outcome::Converged
        || steps as f64 > ensemble.options().autocorrelation_times * longest;
    if !converged {
        console.warn(format!(
            "the chain of {steps} steps is only {:.0} autocorrelation times long; intervals are rough: give more --steps (and --resume)",
            steps as f64 / longest
        ));
    }
    let fractions = ensemble.acceptance_fractions();
    Ok(Posterior {
        summaries: samples.summaries(ONE_SIGMA)?,
        samples,
        chain,
        burn,
        autocorrelation_steps: longest,
        converged,
        acceptance: fractions.iter().sum::<f64>() / fractions.len().max(1) as f64,
        evaluations: report.evaluations,
    })
}

fn resumed<'a>(path: &Path, problem: &'a FitProblem) -> Result<Ensemble<&'a FitProblem>> {
    Ensemble::resume(path, problem.parameters(), problem).with_context(|| {
        format!(
            "--resume needs {} of an earlier run of the same fit",
            path.display()
        )
    })
}

fn started<'a>(
    problem: &'a FitProblem,
    maximum: &Maximum,
    sampling: &Sampling,
) -> Result<Ensemble<&'a FitProblem>> {
    // Often enough to lose little, seldom enough that writing costs little.
    const CHECKPOINT_STEPS: usize = 250;
    let options = EnsembleOptions {
        walkers: sampling.walkers,
        seed: sampling.seed,
        checkpoint: sampling.checkpoint.clone().map(|path| Checkpoint {
            path,
            every_steps: CHECKPOINT_STEPS,
        }),
        ..EnsembleOptions::default()
    };
    let mut ensemble = Ensemble::new(problem.parameters(), problem, options)?;
    let covariance = match &maximum.covariance {
        Some(covariance) => covariance.clone(),
        None => narrow(problem),
    };
    ensemble.start_ball(&maximum.coordinates, covariance.view(), 1.0)?;
    Ok(ensemble)
}

/// A small part of the prior, for a start where the curvature says nothing.
fn narrow(problem: &FitProblem) -> Array2<f64> {
    const PART: f64 = 1e-3;
    let support = problem.parameters().coordinate_support();
    let width = |(low, high): &(f64, f64)| match high - low {
        width if width.is_finite() => PART * width,
        _ => PART,
    };
    let variances: Vec<f64> = support.iter().map(|s| width(s).powi(2)).collect();
    Array2::from_diag(&ndarray::Array1::from_vec(variances))
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

fn stopped_while<E: Into<anyhow::Error>>(what: &'static str) -> impl FnOnce(E) -> anyhow::Error {
    move |error| {
        if stop_requested() {
            return Stopped(format!("while {what}; nothing was written")).into();
        }
        error.into()
    }
}
