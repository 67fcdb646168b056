//! Settings of an ensemble, and their checked form.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::moves::Move;
use crate::error::{Error, Result};

/// A kind of move and how often it is offered, relative to the others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightedMove {
    /// The move.
    pub kind: Move,
    /// Its weight, ≥ 0.
    pub weight: f64,
}

/// A file that lets a chain continue after an interruption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The file, replaced at each write.
    pub path: PathBuf,
    /// Steps between writes. Each write is of the whole chain.
    pub every_steps: usize,
}

/// Settings of an [`Ensemble`](super::Ensemble).
#[derive(Clone, Debug, PartialEq)]
pub struct EnsembleOptions {
    /// Number of walkers: even, at least 8 and at least two more than twice the
    /// free parameters. Not given: four a free parameter, at least 32.
    pub walkers: Option<usize>,
    /// Seed of all random numbers.
    pub seed: u64,
    /// The mixture of moves. One is chosen for each walker at each step.
    pub moves: Vec<WeightedMove>,
    /// Where and how often to write a checkpoint; never when not given.
    pub checkpoint: Option<Checkpoint>,
    /// Length, in units of the longest autocorrelation time, at which a chain
    /// counts as converged.
    pub autocorrelation_times: f64,
}

impl Default for EnsembleOptions {
    /// Half stretch moves, four tenths differential evolution, one tenth
    /// snooker; convergence at 50 autocorrelation times.
    fn default() -> Self {
        let weighted = |kind, weight| WeightedMove { kind, weight };
        Self {
            walkers: None,
            seed: 1,
            moves: vec![
                weighted(Move::Stretch { scale: 2.0 }, 0.5),
                weighted(Move::DifferentialEvolution, 0.4),
                weighted(Move::Snooker, 0.1),
            ],
            checkpoint: None,
            autocorrelation_times: 50.0,
        }
    }
}

/// Options found valid for a number of free parameters.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    pub(super) walkers: usize,
    pub(super) kinds: Vec<Move>,
    /// Cumulative weights, the last one 1.
    pub(super) thresholds: Vec<f64>,
}

impl EnsembleOptions {
    pub(super) fn check(&self, free: usize) -> Result<Checked> {
        let walkers = self.walkers.unwrap_or((4 * free).max(32));
        require(
            "the number of walkers",
            walkers as f64,
            walkers.is_multiple_of(2) && walkers >= 8 && walkers >= 2 * free + 2,
            "it must be even, at least 8, and at least 2 more than twice the free parameters",
        )?;
        require(
            "autocorrelation_times",
            self.autocorrelation_times,
            self.autocorrelation_times > 0.0 && self.autocorrelation_times.is_finite(),
            "it must be above 0 and finite",
        )?;
        if let Some(checkpoint) = &self.checkpoint {
            require(
                "checkpoint.every_steps",
                checkpoint.every_steps as f64,
                checkpoint.every_steps > 0,
                "it must be at least 1",
            )?;
        }
        for WeightedMove { kind, weight } in &self.moves {
            require(
                "the weight of a move",
                *weight,
                *weight >= 0.0 && weight.is_finite(),
                "it must be finite and not negative",
            )?;
            if let Move::Stretch { scale } = kind {
                require(
                    "the scale of the stretch move",
                    *scale,
                    *scale > 1.0 && scale.is_finite(),
                    "it must be above 1 and finite; 2 is usual",
                )?;
            }
        }
        let total: f64 = self.moves.iter().map(|m| m.weight).sum();
        require(
            "the sum of the weights of the moves",
            total,
            total > 0.0 && total.is_finite(),
            "it must be above 0: give at least one move",
        )?;
        let mut sum = 0.0;
        let cumulative = |m: &WeightedMove| {
            sum += m.weight / total;
            sum
        };
        Ok(Checked {
            walkers,
            kinds: self.moves.iter().map(|m| m.kind).collect(),
            thresholds: self.moves.iter().map(cumulative).collect(),
        })
    }
}

pub(super) fn require(
    option: &'static str,
    found: f64,
    holds: bool,
    requirement: &'static str,
) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::InvalidOption {
        option,
        found,
        requirement,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_settings_are_refused() {
        let default = EnsembleOptions::default();
        assert_eq!(default.check(20).unwrap().walkers, 80);
        let refused = |options: EnsembleOptions| options.check(5).unwrap_err().to_string();
        let walkers = |n| EnsembleOptions {
            walkers: Some(n),
            ..default.clone()
        };
        for n in [0, 6, 10, 13] {
            assert!(refused(walkers(n)).starts_with("the number of walkers is"));
        }
        assert!(walkers(12).check(5).is_ok());
        let one = |kind, weight| EnsembleOptions {
            moves: vec![WeightedMove { kind, weight }],
            ..default.clone()
        };
        assert!(refused(one(Move::Stretch { scale: 1.0 }, 1.0)).contains("stretch"));
        assert!(refused(one(Move::Snooker, -1.0)).contains("weight of a move is -1"));
        assert!(refused(one(Move::Snooker, 0.0)).contains("at least one move"));
    }
}
