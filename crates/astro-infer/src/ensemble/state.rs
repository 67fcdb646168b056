//! Positions of the walkers at one step, and the step itself.

use ndarray::ArrayView2;
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

use super::options::Checked;
use crate::error::Result;
use crate::likelihood::LogLikelihood;
use crate::prior::open_unit;
use crate::target::{Evaluation, Target};

/// What one step is made from.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// `[walkers, free parameters]`.
    pub(super) positions: Vec<f64>,
    pub(super) evaluations: Vec<Evaluation>,
    /// Moves taken by each walker.
    pub(super) accepted: Vec<u64>,
    /// Offers of each kind of move.
    pub(super) moves: Vec<MoveCount>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct MoveCount {
    pub(super) offered: u64,
    pub(super) accepted: u64,
}

impl State {
    pub(super) fn new(positions: Vec<f64>, evaluations: Vec<Evaluation>, kinds: usize) -> Self {
        Self {
            positions,
            accepted: vec![0; evaluations.len()],
            evaluations,
            moves: vec![MoveCount::default(); kinds],
        }
    }

    /// Offers every walker one move. All random numbers are drawn here, in
    /// one order, whoever evaluates the batches.
    pub(super) fn step<L: LogLikelihood + ?Sized>(
        &mut self,
        target: &Target<'_, L>,
        options: &Checked,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Result<()> {
        let mut order: Vec<usize> = (0..self.evaluations.len()).collect();
        order.shuffle(rng);
        let (first, second) = order.split_at(order.len() / 2);
        self.move_half(first, second, target, options, rng)?;
        self.move_half(second, first, target, options, rng)
    }

    fn move_half<L: LogLikelihood + ?Sized>(
        &mut self,
        half: &[usize],
        others: &[usize],
        target: &Target<'_, L>,
        options: &Checked,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Result<()> {
        let free = target.set.free_count();
        let mut offers = vec![0.0; half.len() * free];
        let mut kinds = Vec::with_capacity(half.len());
        let mut ln_factors = Vec::with_capacity(half.len());
        let at = |walker: usize| &self.positions[walker * free..(walker + 1) * free];
        for (&walker, offer) in half.iter().zip(offers.chunks_exact_mut(free)) {
            let choice: f64 = rng.random();
            let kind = options
                .thresholds
                .iter()
                .position(|&threshold| choice < threshold)
                // The last threshold is 1 up to rounding.
                .unwrap_or(options.kinds.len() - 1);
            let other = |k: usize| at(others[k]);
            let ln_factor = options.kinds[kind].offer(at(walker), others.len(), other, rng, offer);
            kinds.push(kind);
            ln_factors.push(ln_factor);
        }
        let found = target.evaluate(matrix(&offers, free))?;
        for (k, &walker) in half.iter().enumerate() {
            let ln_ratio =
                ln_factors[k] + found[k].log_posterior() - self.evaluations[walker].log_posterior();
            self.moves[kinds[k]].offered += 1;
            // False for a NaN, which only an offer without direction can give.
            if open_unit(rng).ln() < ln_ratio {
                self.positions[walker * free..(walker + 1) * free]
                    .copy_from_slice(&offers[k * free..(k + 1) * free]);
                self.evaluations[walker] = found[k];
                self.accepted[walker] += 1;
                self.moves[kinds[k]].accepted += 1;
            }
        }
        Ok(())
    }
}

/// Row-major points of `columns` coordinates.
pub(super) fn matrix(points: &[f64], columns: usize) -> ArrayView2<'_, f64> {
    ArrayView2::from_shape((points.len() / columns, columns), points)
        .expect("points are stored as whole rows of `columns` coordinates")
}
