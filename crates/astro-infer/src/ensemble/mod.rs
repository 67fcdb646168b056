//! Affine-invariant ensemble sampler (Goodman & Weare 2010).
//!
//! A step moves every walker once: the walkers are split into two random
//! halves, each walker of one half is offered a move made from the positions of
//! the other half, and all offers of a half go to the likelihood as one batch
//! (Foreman-Mackey et al. 2013, section 3). An offer y from x is taken with
//! probability min(1, q p(y)/p(x)), where q is the factor of the move.

mod chain;
mod checkpoint;
mod moves;
mod options;
mod state;

use std::fmt;
use std::path::Path;

use astro_core::Progress;
use ndarray::{ArrayView1, ArrayView2};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

pub use chain::{Chain, Convergence};
pub use moves::Move;
pub use options::{Checkpoint, EnsembleOptions, WeightedMove};

use crate::cholesky::Cholesky;
use crate::error::{Error, Result};
use crate::likelihood::LogLikelihood;
use crate::normal;
use crate::parameter_set::ParameterSet;
use crate::prior::open_unit;
use crate::statistics::mean_and_covariance;
use crate::target::Target;
use options::Checked;
use state::State;

/// How often a walker may draw a starting point before the start is given up.
const START_DRAWS: usize = 1000;

/// Shortest chain whose convergence is looked at.
const FIRST_CONVERGENCE_CHECK: usize = 100;

/// An ensemble of walkers, their chain, and the target that they sample.
///
/// The same seed gives the same chain bit for bit, on any number of threads,
/// and after any number of interruptions ([`Ensemble::resume`]).
///
/// ```
/// use astro_core::NoProgress;
/// use astro_infer::{Ensemble, EnsembleOptions, Parameter, ParameterSet, Prior, Serial};
///
/// let prior = Prior::uniform(-20.0, 20.0)?;
/// let set = ParameterSet::new(vec![
///     Parameter::free("x", "", prior),
///     Parameter::free("y", "", prior),
/// ])?;
/// let likelihood = Serial(|p: &[f64]| -0.5 * (p[0].powi(2) + (p[1] - 1.0).powi(2) / 4.0));
/// let mut ensemble = Ensemble::new(&set, likelihood, EnsembleOptions::default())?;
/// ensemble.start_from_prior()?;
/// ensemble.run(1000, &NoProgress)?;
/// let samples = ensemble.chain().samples(200, 1)?;
/// let y = &samples.summaries(0.68)?[1];
/// assert!((y.median - 1.0).abs() < 0.3 && (y.upper - y.lower - 4.0).abs() < 0.8);
/// # Ok::<(), astro_infer::Error>(())
/// ```
pub struct Ensemble<L> {
    set: ParameterSet,
    likelihood: L,
    options: EnsembleOptions,
    checked: Checked,
    /// None until the walkers are placed.
    state: Option<State>,
    rng: Xoshiro256PlusPlus,
    chain: Chain,
    evaluations: u64,
}

impl<L> fmt::Debug for Ensemble<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ensemble")
            .field("set", &self.set)
            .field("options", &self.options)
            .field("steps", &self.chain.steps())
            .field("evaluations", &self.evaluations)
            .finish_non_exhaustive()
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Outcome {
    /// All steps asked for were made.
    Completed,
    /// The chain became long enough in units of its autocorrelation time.
    Converged,
    /// The listener asked to stop; the chain holds the steps made so far.
    Stopped,
}

/// What a run did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// Why it ended.
    pub outcome: Outcome,
    /// Steps made by this call.
    pub steps: usize,
    /// Points whose likelihood was computed, by all calls together.
    pub evaluations: u64,
}

impl<L: LogLikelihood> Ensemble<L> {
    /// An ensemble without walkers yet.
    ///
    /// A reference to a likelihood is a likelihood too.
    ///
    /// # Errors
    /// [`Error::NoFreeParameters`]; [`Error::InvalidOption`].
    pub fn new(set: &ParameterSet, likelihood: L, options: EnsembleOptions) -> Result<Self> {
        set.check_free()?;
        let checked = options.check(set.free_count())?;
        Ok(Self {
            set: set.clone(),
            likelihood,
            rng: Xoshiro256PlusPlus::seed_from_u64(options.seed),
            chain: Chain::new(set, checked.walkers),
            options,
            checked,
            state: None,
            evaluations: 0,
        })
    }

    /// Places the walkers at random points of the prior.
    ///
    /// Points of zero likelihood are drawn again.
    ///
    /// # Errors
    /// [`Error::AlreadyStarted`]; [`Error::NoStart`]; those of the likelihood.
    pub fn start_from_prior(&mut self) -> Result<()> {
        self.start_with(|set, rng| set.sample(rng))
    }

    /// Places the walkers in a normal ball: `center` a vector of coordinates,
    /// `covariance` theirs (of a [`Maximum`](crate::Maximum), say), and `scale`
    /// a factor on its widths. With a scale near 1 little burn-in is needed.
    ///
    /// Points outside the prior or of zero likelihood are drawn again.
    ///
    /// # Errors
    /// [`Error::AlreadyStarted`]; [`Error::WrongLength`]; [`Error::InvalidOption`]
    /// unless `scale > 0`; [`Error::NotPositiveDefinite`]; [`Error::NoStart`];
    /// those of the likelihood.
    pub fn start_ball(
        &mut self,
        center: &[f64],
        covariance: ArrayView2<'_, f64>,
        scale: f64,
    ) -> Result<()> {
        let free = self.set.free_count();
        require_length("center", center.len(), free)?;
        require_length("covariance rows", covariance.nrows(), free)?;
        require_length("covariance columns", covariance.ncols(), free)?;
        options::require(
            "the scale of the starting ball",
            scale,
            scale > 0.0 && scale.is_finite(),
            "it must be above 0 and finite",
        )?;
        astro_core::check_finite("center", center.iter().copied())?;
        let factor = Cholesky::new(covariance).map_err(|bad| Error::NotPositiveDefinite {
            matrix: "the covariance of the starting ball",
            parameter: self.name_of(bad.row),
            pivot: bad.pivot,
            remedy: "give the covariance of a converged maximum, or a diagonal of squared widths",
        })?;
        self.start_with(|_, rng| {
            let z: Vec<f64> = (0..free)
                .map(|_| scale * normal::quantile(open_unit(rng)))
                .collect();
            let offset = factor.correlate(&z);
            center.iter().zip(offset).map(|(c, o)| c + o).collect()
        })
    }

    /// Places the walkers at given coordinates, shape `[walkers, free parameters]`.
    ///
    /// # Errors
    /// [`Error::AlreadyStarted`]; [`Error::WrongLength`]; [`Error::ExcludedStart`];
    /// [`Error::DegenerateStart`]; those of the likelihood.
    pub fn start_at(&mut self, coordinates: ArrayView2<'_, f64>) -> Result<()> {
        self.check_not_started()?;
        require_length("start rows", coordinates.nrows(), self.checked.walkers)?;
        require_length("start columns", coordinates.ncols(), self.set.free_count())?;
        astro_core::check_finite("start", coordinates.iter().copied())?;
        let target = Target::new(&self.set, &self.likelihood);
        let found = target.evaluate(coordinates)?;
        for (evaluation, row) in found.iter().zip(coordinates.rows()) {
            if evaluation.log_posterior() == f64::NEG_INFINITY {
                return Err(Error::ExcludedStart {
                    point: self.set.named(&self.set.values(&row.to_vec())?),
                    log_prior: evaluation.log_prior,
                    log_likelihood: evaluation.log_likelihood,
                });
            }
        }
        let evaluations = target.evaluations();
        let positions = coordinates.iter().copied().collect();
        self.place(State::new(positions, found, self.options.moves.len()))?;
        self.evaluations += evaluations;
        Ok(())
    }

    /// Makes `steps` steps.
    ///
    /// The listener is asked after each step whether to stop; the chain then
    /// holds the steps made so far. With a [`Checkpoint`] in the options, the
    /// file is written every so many steps and at the end.
    ///
    /// # Errors
    /// [`Error::NotStarted`]; those of the likelihood and of the checkpoint
    /// file. The ensemble is then as it was after its last whole step.
    pub fn run(&mut self, steps: usize, progress: &dyn Progress) -> Result<RunReport> {
        self.run_until(steps, None, progress)
    }

    /// Makes steps until the chain is longer than
    /// [`EnsembleOptions::autocorrelation_times`] times the longest integrated
    /// autocorrelation time, at most `max_steps`.
    ///
    /// # Errors
    /// As [`Ensemble::run`].
    pub fn run_until_converged(
        &mut self,
        max_steps: usize,
        progress: &dyn Progress,
    ) -> Result<RunReport> {
        self.run_until(
            max_steps,
            Some(self.options.autocorrelation_times),
            progress,
        )
    }

    /// The steps made so far.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Where the walkers are now, `[walkers, free parameters]` in coordinates;
    /// none before they are placed.
    pub fn positions(&self) -> Option<ArrayView2<'_, f64>> {
        let free = self.set.free_count();
        let state = self.state.as_ref()?;
        Some(state::matrix(&state.positions, free))
    }

    /// The parameters that are sampled.
    pub fn parameter_set(&self) -> &ParameterSet {
        &self.set
    }

    /// The settings.
    pub fn options(&self) -> &EnsembleOptions {
        &self.options
    }

    /// Fraction of the moves offered to each walker that it took; empty before the first step.
    ///
    /// Between about 0.1 and 0.5 is healthy.
    pub fn acceptance_fractions(&self) -> Vec<f64> {
        let steps = self.chain.steps();
        match &self.state {
            Some(state) if steps > 0 => state
                .accepted
                .iter()
                .map(|&accepted| accepted as f64 / steps as f64)
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Fraction of the offers of each kind of move that were taken, in the
    /// order of [`EnsembleOptions::moves`]; none where a kind was never offered.
    pub fn move_acceptance_fractions(&self) -> Vec<Option<f64>> {
        let kinds = self.options.moves.len();
        match &self.state {
            None => vec![None; kinds],
            Some(state) => state
                .moves
                .iter()
                .map(|m| (m.offered > 0).then(|| m.accepted as f64 / m.offered as f64))
                .collect(),
        }
    }

    /// Writes everything needed to continue: positions, random state, chain.
    ///
    /// The file is written beside `path` and renamed, so that an interrupted
    /// write leaves the older file whole.
    ///
    /// # Errors
    /// [`Error::NotStarted`]; [`Error::CheckpointFile`].
    pub fn save(&self, path: &Path) -> Result<()> {
        checkpoint::write(self, path)
    }

    /// The ensemble of a checkpoint, which continues exactly as the one that
    /// wrote it would have. It goes on writing checkpoints to `path` if the one
    /// that wrote it did so by itself.
    ///
    /// # Errors
    /// [`Error::CheckpointFile`]; [`Error::CheckpointFormat`];
    /// [`Error::CheckpointMismatch`] unless `set` equals the one it was written for.
    pub fn resume(path: &Path, set: &ParameterSet, likelihood: L) -> Result<Self> {
        checkpoint::read(path, set, likelihood)
    }

    fn run_until(
        &mut self,
        steps: usize,
        autocorrelation_times: Option<f64>,
        progress: &dyn Progress,
    ) -> Result<RunReport> {
        if self.state.is_none() {
            return Err(Error::NotStarted);
        }
        progress.begin("sampling", steps as u64);
        let first = self.chain.steps();
        let outcome = self.walk(steps, autocorrelation_times, progress);
        progress.end();
        let report = RunReport {
            outcome: outcome?,
            steps: self.chain.steps() - first,
            evaluations: self.evaluations,
        };
        if let Some(checkpoint) = &self.options.checkpoint {
            self.save(&checkpoint.path)?;
        }
        Ok(report)
    }

    fn walk(
        &mut self,
        steps: usize,
        autocorrelation_times: Option<f64>,
        progress: &dyn Progress,
    ) -> Result<Outcome> {
        let mut next_check = self.chain.steps().max(FIRST_CONVERGENCE_CHECK);
        for _ in 0..steps {
            if progress.should_stop() {
                return Ok(Outcome::Stopped);
            }
            self.step()?;
            progress.advance(1);
            let made = self.chain.steps();
            if let Some(checkpoint) = &self.options.checkpoint
                && made.is_multiple_of(checkpoint.every_steps)
            {
                self.save(&checkpoint.path)?;
            }
            if made >= next_check {
                // The check reads the whole chain: at ever longer intervals,
                // all checks together cost as much as a few of the last one.
                next_check = made + made.div_ceil(10).max(FIRST_CONVERGENCE_CHECK);
                let acceptance = self.acceptance_fractions();
                let mean = acceptance.iter().sum::<f64>() / acceptance.len() as f64;
                match autocorrelation_times {
                    None => progress.message(&format!("acceptance {mean:.2}")),
                    Some(times) => {
                        let convergence = self.chain.convergence(times)?;
                        progress.message(&format!(
                            "acceptance {mean:.2}, {made} steps of {:.0} for {times} autocorrelation times",
                            convergence.required_steps
                        ));
                        if convergence.converged {
                            return Ok(Outcome::Converged);
                        }
                    }
                }
            }
        }
        Ok(Outcome::Completed)
    }

    /// One step of all walkers; nothing changes if it fails.
    fn step(&mut self) -> Result<()> {
        let mut state = self.state.clone().ok_or(Error::NotStarted)?;
        let mut rng = self.rng.clone();
        let target = Target::new(&self.set, &self.likelihood);
        state.step(&target, &self.checked, &mut rng)?;
        self.evaluations += target.evaluations();
        self.chain.push(&state.positions, &state.evaluations);
        self.state = Some(state);
        self.rng = rng;
        Ok(())
    }

    fn start_with(
        &mut self,
        mut draw: impl FnMut(&ParameterSet, &mut Xoshiro256PlusPlus) -> Vec<f64>,
    ) -> Result<()> {
        self.check_not_started()?;
        let (walkers, free) = (self.checked.walkers, self.set.free_count());
        let target = Target::new(&self.set, &self.likelihood);
        let mut positions = Vec::with_capacity(walkers * free);
        let mut evaluations = Vec::with_capacity(walkers);
        let mut draws = 0;
        while evaluations.len() < walkers {
            let missing = walkers - evaluations.len();
            if draws >= START_DRAWS * walkers {
                return Err(Error::NoStart {
                    found: evaluations.len(),
                    required: walkers,
                    draws,
                });
            }
            draws += missing;
            let points: Vec<f64> = (0..missing)
                .flat_map(|_| draw(&self.set, &mut self.rng))
                .collect();
            let found = target.evaluate(state::matrix(&points, free))?;
            for (evaluation, point) in found.into_iter().zip(points.chunks_exact(free)) {
                if evaluation.log_posterior() > f64::NEG_INFINITY {
                    evaluations.push(evaluation);
                    positions.extend_from_slice(point);
                }
            }
        }
        let made = target.evaluations();
        self.place(State::new(positions, evaluations, self.options.moves.len()))?;
        self.evaluations += made;
        Ok(())
    }

    fn place(&mut self, state: State) -> Result<()> {
        let free = self.set.free_count();
        let equal = vec![1.0; self.checked.walkers];
        let positions = state::matrix(&state.positions, free);
        let moments = mean_and_covariance(positions, ArrayView1::from(&equal))?;
        Cholesky::new(moments.covariance.view()).map_err(|bad| Error::DegenerateStart {
            parameter: self.name_of(bad.row),
        })?;
        self.state = Some(state);
        Ok(())
    }

    fn check_not_started(&self) -> Result<()> {
        match self.state {
            None => Ok(()),
            Some(_) => Err(Error::AlreadyStarted {
                steps: self.chain.steps(),
            }),
        }
    }

    fn name_of(&self, free_index: usize) -> String {
        self.set
            .free_parameters()
            .nth(free_index)
            .map(|parameter| parameter.name().to_owned())
            .unwrap_or_default()
    }
}

fn require_length(quantity: &'static str, found: usize, expected: usize) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(Error::WrongLength {
        quantity,
        found,
        expected,
    })
}
