//! Runs of neighbouring trial frequencies: what is computed together, and what is shared out.

use std::ops::Range;

use super::SearchGrid;

/// Trial frequencies between two fresh starts of the phases.
pub(super) const RUN: usize = 128;

/// Runs of a grid, counted row by row (a row has one derivative), or some of them. Wherever the
/// cut between ranks is, a run has the same trials.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TrialRuns {
    grid: SearchGrid,
    most: usize,
    some: Range<usize>,
}

/// The frequencies of one run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TrialRun {
    /// Number of the derivative.
    pub(super) dot: usize,
    /// Number of its first frequency.
    pub(super) first: usize,
    /// How many there are.
    pub(super) count: usize,
}

impl TrialRuns {
    /// All runs of at most `most` frequencies.
    pub(super) fn new(grid: &SearchGrid, most: usize) -> Self {
        let most = most.min(grid.frequencies).max(1);
        Self {
            grid: *grid,
            most,
            some: 0..grid.frequency_dots * grid.frequencies.div_ceil(most),
        }
    }

    /// Some of them.
    pub(super) fn some(mut self, some: Range<usize>) -> Self {
        self.some = some;
        self
    }

    pub(super) fn grid(&self) -> &SearchGrid {
        &self.grid
    }

    /// The most frequencies of a run.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Number of runs.
    pub(super) fn len(&self) -> usize {
        self.some.len()
    }

    fn a_row(&self) -> usize {
        self.grid.frequencies.div_ceil(self.most)
    }

    /// The run at a place in this list.
    pub(super) fn get(&self, index: usize) -> TrialRun {
        let (dot, run) = (
            (self.some.start + index) / self.a_row(),
            (self.some.start + index) % self.a_row(),
        );
        let first = run * self.most;
        TrialRun {
            dot,
            first,
            count: self.most.min(self.grid.frequencies - first),
        }
    }

    /// Numbers of the trials of these runs, counted row by row.
    pub(super) fn trials(&self) -> Range<usize> {
        let before = |run: usize| {
            let (dot, run) = (run / self.a_row(), run % self.a_row());
            dot * self.grid.frequencies + run * self.most
        };
        before(self.some.start)..before(self.some.end)
    }

    /// Place of the run of a trial in this list, and of the trial in the run.
    pub(super) fn place(&self, trial: usize) -> (usize, usize) {
        let (dot, frequency) = (trial / self.grid.frequencies, trial % self.grid.frequencies);
        let run = dot * self.a_row() + frequency / self.most;
        (run - self.some.start, frequency % self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trial_has_its_place_whatever_the_cut() {
        let grid = SearchGrid::new(0.0, 1.0, 1e-3, 300).with_dots(0.0, 1e-9, 3);
        for most in [1, 128, 300, 1000] {
            let all = TrialRuns::new(&grid, most);
            assert_eq!(all.trials(), 0..900);
            let mut next = 0;
            for cut in [0..0, 0..1, 1..all.len() / 2, all.len() / 2..all.len()] {
                let some = all.clone().some(cut.clone());
                assert_eq!(some.trials().start, next);
                for trial in some.trials() {
                    let (index, frequency) = some.place(trial);
                    let run = some.get(index);
                    assert!(frequency < run.count);
                    assert_eq!(run.dot * 300 + run.first + frequency, trial);
                }
                next = some.trials().end;
            }
        }
    }
}
