//! Profiles of blocks of events on a grid of trials.

use rayon::prelude::*;

use super::runs::TrialRuns;
use crate::pulsation::TimingSolution;

/// Events whose phases are kept in the cache.
const TILE: usize = 2048;

/// Histograms filled in turn, so that a count need not wait for the one before it.
const COPIES: usize = 4;

/// Profiles of one segment: `[run][frequency of the run][bin]`.
///
/// Phases are counted in 2⁻⁶⁴ turns from starts of 2⁻⁵³, made afresh for every run: they are off
/// by at most 128 · 2⁻⁵³ turns.
#[derive(Clone, Debug)]
pub(super) struct ProfileGrid {
    bins: usize,
    runs: TrialRuns,
    counts: Vec<u32>,
}

impl ProfileGrid {
    pub(super) fn new(runs: TrialRuns, bins: usize) -> Self {
        Self {
            bins,
            counts: vec![0; runs.len() * runs.most() * bins],
            runs,
        }
    }

    pub(super) fn clear(&mut self) {
        self.counts.fill(0);
    }

    pub(super) fn trial(&self, trial: usize) -> &[u32] {
        let (index, frequency) = self.runs.place(trial);
        let begin = (index * self.runs.most() + frequency) * self.bins;
        &self.counts[begin..begin + self.bins]
    }

    /// Bins of a profile.
    #[cfg(feature = "gpu")]
    pub(super) fn bins(&self) -> usize {
        self.bins
    }

    /// Adds profiles of the trials from `first` on.
    #[cfg(feature = "gpu")]
    pub(super) fn add_trials(&mut self, first: usize, profiles: &[u32]) {
        for (trial, profile) in (first..).zip(profiles.chunks(self.bins)) {
            let (index, frequency) = self.runs.place(trial);
            let begin = (index * self.runs.most() + frequency) * self.bins;
            let sums = self.counts[begin..].iter_mut();
            sums.zip(profile).for_each(|(sum, n)| *sum += n);
        }
    }

    pub(super) fn add(&mut self, times: &[f64]) {
        let Self { bins, runs, counts } = self;
        let grid = runs.grid();
        let step = TimingSolution::new(grid.epoch_s, grid.frequency_step_hz);
        let steps: Vec<u64> = times.par_iter().map(|&t| fixed(step.phase(t))).collect();
        let places = counts.par_chunks_mut(runs.most() * *bins);
        places.enumerate().for_each(|(index, counts)| {
            let run = runs.get(index);
            let first = grid.solution(run.dot, run.first);
            let counts = &mut counts[..run.count * *bins];
            add_run(&first, times, &steps, *bins, counts);
        });
    }
}

/// A fraction of a turn in units of 2⁻⁶⁴.
fn fixed(turn: f64) -> u64 {
    // 2⁶⁴ itself saturates; a fraction is below 1.
    (turn * 18_446_744_073_709_551_616.0) as u64
}

fn add_run(first: &TimingSolution, times: &[f64], steps: &[u64], bins: usize, counts: &mut [u32]) {
    let mut phases = [0u64; TILE];
    let mut histogram = vec![0u32; COPIES * bins];
    for (times, steps) in times.chunks(TILE).zip(steps.chunks(TILE)) {
        for (phase, &time) in phases.iter_mut().zip(times) {
            *phase = fixed(first.phase(time));
        }
        let phases = &mut phases[..times.len()];
        for profile in counts.chunks_exact_mut(bins) {
            histogram.fill(0);
            for (phases, steps) in phases.chunks_mut(COPIES).zip(steps.chunks(COPIES)) {
                for (copy, (phase, step)) in phases.iter_mut().zip(steps).enumerate() {
                    let bin = ((u128::from(*phase) * bins as u128) >> 64) as usize;
                    histogram[copy * bins + bin] += 1;
                    *phase = phase.wrapping_add(*step);
                }
            }
            for copy in histogram.chunks_exact(bins) {
                profile.iter_mut().zip(copy).for_each(|(n, c)| *n += c);
            }
        }
    }
}
