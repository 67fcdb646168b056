//! What a search found.

use ndarray::Array2;

use super::collect::Found;
use super::{PulseStatistic, SearchGrid, SearchPlan};
use crate::error::{Error, Result, require};
use crate::pulsation::peaks::best_peaks;
use crate::pulsation::{FoldWarning, TimingSolution};
use crate::statistics::{
    TailProbability, epoch_folding_probability, h_probability, z_squared_probability,
};

/// A statistic at every trial.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SearchResult {
    /// The trials.
    pub grid: SearchGrid,
    /// Which statistic.
    pub kind: PulseStatistic,
    /// Its values, `[derivatives, frequencies]`; of more than one segment their mean.
    pub statistic: Array2<f64>,
    /// Segments averaged.
    pub segments: usize,
    /// Segments left out because events cover less than a fifth of them.
    pub segments_skipped: usize,
    /// Events used.
    pub events: u64,
    /// What was noticed.
    pub warnings: Vec<FoldWarning>,
}

/// A trial that stands out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Its spin.
    pub solution: TimingSolution,
    /// Its statistic.
    pub statistic: f64,
    /// The probability of as much in any of the trials of the search without pulsation.
    ///
    /// Neighbouring trials are correlated: counting them all makes this an upper bound.
    pub probability: TailProbability,
}

impl SearchResult {
    /// The means over segments of what was found at all trials.
    pub(super) fn new(plan: &SearchPlan, found: Found) -> Result<Self> {
        let dim = (plan.grid.frequency_dots, plan.grid.frequencies);
        let sums = Array2::from_shape_vec(dim, found.statistic).map_err(|_| Error::Unsuitable {
            operation: "a search",
            requirement: "a statistic for every trial",
        })?;
        Ok(Self {
            grid: plan.grid,
            kind: plan.statistic,
            statistic: sums / found.segments as f64,
            segments: found.segments,
            segments_skipped: found.skipped,
            events: found.events,
            warnings: Vec::new(),
        })
    }

    /// The probability of `statistic` or more in one trial without pulsation.
    ///
    /// # Errors
    /// A statistic that is not a number; H averaged over segments, whose distribution is
    /// not known.
    pub fn single_trial_probability(&self, statistic: f64) -> Result<TailProbability> {
        let segments = self.segments as f64;
        match self.kind {
            PulseStatistic::ZSquared { harmonics }
            | PulseStatistic::BinnedZSquared { harmonics, .. } => {
                z_squared_probability(statistic, harmonics, segments)
            }
            PulseStatistic::EpochFolding { bins } => {
                // χ² adds up: segments · (bins − 1) degrees of freedom.
                let dof = self.segments * (bins - 1);
                epoch_folding_probability(statistic * segments, dof + 1)
            }
            PulseStatistic::H { .. } => {
                require("segments of a search for H", segments, segments == 1.0, "1")?;
                h_probability(statistic.max(0.0))
            }
        }
    }

    /// The trial of the largest statistic.
    ///
    /// # Errors
    /// As [`SearchResult::single_trial_probability`].
    pub fn best(&self) -> Result<Candidate> {
        let (mut place, mut largest) = ((0, 0), f64::NEG_INFINITY);
        for (index, &value) in self.statistic.indexed_iter() {
            if value > largest {
                (place, largest) = (index, value);
            }
        }
        self.candidate(place.0, place.1)
    }

    fn candidate(&self, dot: usize, frequency: usize) -> Result<Candidate> {
        let statistic = self.statistic[[dot, frequency]];
        let single = self.single_trial_probability(statistic)?;
        Ok(Candidate {
            solution: self.grid.solution(dot, frequency),
            statistic,
            probability: single.in_trials(self.grid.trials() as f64)?,
        })
    }

    /// The largest statistic over the derivatives, at every frequency.
    pub fn over_frequency(&self) -> Vec<f64> {
        let columns = self.statistic.columns();
        columns
            .into_iter()
            .map(|c| c.iter().copied().fold(f64::NEG_INFINITY, f64::max))
            .collect()
    }

    /// Peaks in frequency (the best derivative of each) less probable than `false_alarm`
    /// in all trials, the highest first.
    ///
    /// # Errors
    /// As [`SearchResult::single_trial_probability`].
    pub fn candidates(&self, false_alarm: TailProbability) -> Result<Vec<Candidate>> {
        let over = self.over_frequency();
        let single = false_alarm.single_trial(self.grid.trials() as f64)?;
        let mut significant = Vec::with_capacity(over.len());
        for &value in &over {
            significant.push(self.single_trial_probability(value)?.ln() <= single.ln());
        }
        // Peaks are runs of significant frequencies.
        let marked: Vec<f64> = over
            .iter()
            .zip(&significant)
            .map(|(&value, &yes)| if yes { value } else { f64::NEG_INFINITY })
            .collect();
        let indices: Vec<f64> = (0..over.len()).map(|j| j as f64).collect();
        let candidate = |peak: &crate::pulsation::Peak| {
            let frequency = peak.x as usize;
            let column = self.statistic.column(frequency);
            let dot = column
                .iter()
                .position(|&value| value == peak.height)
                .unwrap_or(0);
            self.candidate(dot, frequency)
        };
        best_peaks(&indices, &marked, f64::MIN)?
            .iter()
            .map(candidate)
            .collect()
    }
}
