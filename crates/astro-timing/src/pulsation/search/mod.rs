//! Searches for pulsations over frequency and its derivative.
//!
//! | statistic | how | cost |
//! |---|---|---|
//! | Z²ₙ, H, unbinned | non-uniform FFT on the frequency grid | a few dozen operations an event, and an FFT of the grid, a harmonic |
//! | Z²ₙ, H, unbinned | phasors multiplied from trial to trial, in vectors | 4 + 4n operations an event and trial |
//! | epoch folding, binned Z²ₙ | phases in 64-bit fixed point added from trial to trial | one histogram entry an event and trial |
//! | Z²ₙ, epoch folding | profiles of short intervals folded once and sheared ([`SearchPlan::search_prefolded`]) | a few operations an interval and trial |
//!
//! All are exact but the last. Events come from memory or, in the same fixed blocks and
//! with the same bits, from a source larger than memory.

mod collect;
mod dispersion;
mod folding;
#[cfg(feature = "gpu")]
mod gpu;
mod grid;
mod prefolded;
mod ranks;
mod result;
mod runs;
mod sums;

use std::ops::Range;

use astro_core::{EventSource, GoodTimeIntervals, WantedColumns, check_finite};
use serde::{Deserialize, Serialize};

use super::profile::check_bins;
use super::{BinaryOrbit, FoldWarning};
use crate::Compat;
use crate::error::{Error, Result, require, require_positive};
use collect::{BlockWork, Collector, Found};
pub use dispersion::phase_dispersion_search;
#[cfg(feature = "gpu")]
pub use gpu::GpuSearch;
pub use grid::SearchGrid;
pub use result::{Candidate, SearchResult};
use runs::{RUN, TrialRuns};
use sums::Summation;

/// What is computed at every trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PulseStatistic {
    /// Z²ₙ of unbinned phases.
    ZSquared {
        /// n.
        harmonics: usize,
    },
    /// H of unbinned phases.
    H {
        /// The most harmonics; 20 is usual.
        harmonics: usize,
    },
    /// Z²ₙ of profiles, as Stingray's `z_n_search` computes it.
    BinnedZSquared {
        /// n.
        harmonics: usize,
        /// Bins of a profile.
        bins: usize,
    },
    /// Σ (n − e)²/e of profiles.
    EpochFolding {
        /// Bins of a profile.
        bins: usize,
    },
}

impl PulseStatistic {
    fn harmonics(self) -> usize {
        match self {
            Self::ZSquared { harmonics }
            | Self::H { harmonics }
            | Self::BinnedZSquared { harmonics, .. } => harmonics,
            Self::EpochFolding { .. } => 0,
        }
    }

    /// Numbers that are kept for each trial.
    fn kept_a_trial(self) -> usize {
        match self {
            Self::ZSquared { harmonics } | Self::H { harmonics } => harmonics,
            Self::BinnedZSquared { bins, .. } | Self::EpochFolding { bins } => bins,
        }
    }

    fn check(self) -> Result<()> {
        let harmonics = self.harmonics();
        if !matches!(self, Self::EpochFolding { .. }) {
            let inside = (1..=100).contains(&harmonics);
            require("harmonics", harmonics as f64, inside, "from 1 to 100")?;
        }
        if let Self::BinnedZSquared { bins, .. } | Self::EpochFolding { bins } = self {
            check_bins(bins)?;
            require(
                "bins",
                bins as f64,
                bins >= 2 * harmonics,
                "at least two a harmonic",
            )?;
        }
        Ok(())
    }
}

/// How unbinned sums are made. Both are exact; which is faster depends on the grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SumMethod {
    /// The non-uniform FFT for 64 frequencies or more, else the recurrence.
    #[default]
    Automatic,
    /// Phasors multiplied from trial to trial: error of a sum below 3·10⁻¹⁴ an event.
    Recurrence,
    /// The non-uniform FFT with an error of this much an event, from 10⁻¹³ on.
    Nufft {
        /// Error of a sum divided by the number of events of a block.
        rel_error: f64,
    },
}

/// Frequencies from which the non-uniform FFT is taken: its cost an event does not grow with their
/// number.
const NUFFT_FREQUENCIES: usize = 64;

/// Most sums of one search: 8 GB of complex numbers.
const MOST_SUMS: f64 = 5e8;

/// Error an event of the automatic choice: of 10⁶ events, 10⁻⁴ in a sum whose noise is 10³.
const NUFFT_ERROR: f64 = 1e-10;

/// A search: what is computed, where, and how.
///
/// ```
/// use astro_core::GoodTimeIntervals;
/// use astro_timing::pulsation::{PulseStatistic, SearchGrid, SearchPlan, TimingSolution};
/// use astro_timing::simulate::{PulseShape, pulsed_events};
///
/// let spin = TimingSolution::new(0.0, 4.5123);
/// let times = pulsed_events(0.0, 800.0, 20.0, &PulseShape::sinusoid(0.2), &|t| spin.phase(t), 3)?;
/// let gti = GoodTimeIntervals::single(0.0, 800.0)?;
/// let grid = SearchGrid::covering(400.0, 4.0, 5.0, 800.0, 4.0)?;
/// let found = SearchPlan::new(grid, PulseStatistic::ZSquared { harmonics: 1 })
///     .search(&times, &gti)?;
/// let best = found.best()?;
/// assert!((best.solution.frequency_hz - 4.5123).abs() < 0.5 / 800.0);
/// assert!(best.probability.gaussian_sigma() > 10.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchPlan {
    grid: SearchGrid,
    statistic: PulseStatistic,
    #[serde(default)]
    method: SumMethod,
    #[serde(default)]
    segment_s: Option<f64>,
    #[serde(default)]
    orbit: Option<BinaryOrbit>,
    #[serde(default)]
    compat: Compat,
}

impl SearchPlan {
    /// A search of all events at once.
    #[must_use]
    pub fn new(grid: SearchGrid, statistic: PulseStatistic) -> Self {
        Self {
            grid,
            statistic,
            method: SumMethod::default(),
            segment_s: None,
            orbit: None,
            compat: Compat::default(),
        }
    }

    /// The same with a choice of how unbinned sums are made.
    #[must_use]
    pub fn method(mut self, method: SumMethod) -> Self {
        self.method = method;
        self
    }

    /// The same averaging over segments of this length, from the first event on: less
    /// sensitive, and tolerant of a frequency that drifts.
    #[must_use]
    pub fn segment_s(mut self, length_s: f64) -> Self {
        self.segment_s = Some(length_s);
        self
    }

    /// The same with the light-travel time of an orbit removed first.
    #[must_use]
    pub fn orbit(mut self, orbit: BinaryOrbit) -> Self {
        self.orbit = Some(orbit);
        self
    }

    /// With [`Compat::Stingray`], profiles are compared with an even one whatever the
    /// exposure of the phases.
    #[must_use]
    pub fn compat(mut self, compat: Compat) -> Self {
        self.compat = compat;
        self
    }

    /// Searches events, ascending; those outside good time are left out.
    ///
    /// # Errors
    /// Settings that make no sense; times that are not finite or not ascending; no event
    /// in good time.
    pub fn search(&self, times_s: &[f64], gti: &GoodTimeIntervals) -> Result<SearchResult> {
        self.check()?;
        self.search_with(&self.summation()?, times_s, gti)
    }

    /// A checked search, whose blocks are summed by `work`.
    fn search_with(
        &self,
        work: &dyn BlockWork,
        times_s: &[f64],
        gti: &GoodTimeIntervals,
    ) -> Result<SearchResult> {
        check_ascending(times_s)?;
        let mut collector = Collector::new(self, work, gti, None);
        for interval in gti.intervals() {
            let begin = times_s.partition_point(|&time| time < interval.start);
            let end = times_s.partition_point(|&time| time < interval.stop);
            collector.push(&times_s[begin..end])?;
        }
        SearchResult::new(self, collector.finish()?)
    }

    /// Searches the events of a source in its good time: the same bits as
    /// [`SearchPlan::search`], in memory for one block of events and the grid.
    ///
    /// # Errors
    /// As [`SearchPlan::search`], and those of the source.
    pub fn search_source<S: EventSource>(&self, source: &S) -> Result<SearchResult> {
        self.check()?;
        self.search_source_with(&self.summation()?, source)
    }

    /// A checked search, whose blocks are summed by `work`.
    fn search_source_with<S: EventSource>(
        &self,
        work: &dyn BlockWork,
        source: &S,
    ) -> Result<SearchResult> {
        let found = self.visit(work, source, source.gti(), None)?;
        let mut result = SearchResult::new(self, found)?;
        result.warnings = FoldWarning::of(source.reference());
        Ok(result)
    }

    /// Passes the events of good time through some of the runs, or all.
    fn visit<S: EventSource>(
        &self,
        work: &dyn BlockWork,
        source: &S,
        gti: &GoodTimeIntervals,
        some: Option<Range<usize>>,
    ) -> Result<Found> {
        let mut collector = Collector::new(self, work, gti, some);
        let mut outcome = Ok(());
        for interval in gti.intervals() {
            let wanted = WantedColumns::default();
            source
                .visit(interval.start, interval.stop, wanted, &mut |run| {
                    if outcome.is_ok() {
                        outcome = collector.push(run.times);
                    }
                })
                .map_err(Error::from_source)?;
        }
        outcome?;
        collector.finish()
    }

    fn check(&self) -> Result<()> {
        self.grid.check()?;
        self.statistic.check()?;
        let kept = self.grid.trials() as f64 * self.statistic.kept_a_trial() as f64;
        require(
            "sums of all trials",
            kept,
            kept <= MOST_SUMS,
            "at most 5e8: search parts of the grid one after another",
        )?;
        if let Some(length) = self.segment_s {
            require_positive("segment_s", length)?;
        }
        self.orbit.as_ref().map_or(Ok(()), BinaryOrbit::check)
    }

    fn summation(&self) -> Result<Summation> {
        match self.nufft_error() {
            Some(rel_error) if self.is_unbinned() => Summation::nufft(&self.grid, rel_error),
            _ => Ok(Summation::Recurrence),
        }
    }

    /// Whether phases are summed as they are; else profiles are counted, whatever the method.
    fn is_unbinned(&self) -> bool {
        matches!(
            self.statistic,
            PulseStatistic::ZSquared { .. } | PulseStatistic::H { .. }
        )
    }

    /// The error an event of the non-uniform FFT, if it is to be used.
    fn nufft_error(&self) -> Option<f64> {
        match self.method {
            SumMethod::Recurrence => None,
            SumMethod::Nufft { rel_error } => Some(rel_error),
            SumMethod::Automatic => {
                (self.grid.frequencies >= NUFFT_FREQUENCIES).then_some(NUFFT_ERROR)
            }
        }
    }

    /// The trials that are computed together.
    fn runs(&self) -> TrialRuns {
        // A transform does all frequencies at once.
        let most = match self.nufft_error() {
            Some(_) if self.is_unbinned() => self.grid.frequencies,
            _ => RUN,
        };
        TrialRuns::new(&self.grid, most)
    }
}

/// Requires finite times in ascending order.
pub(crate) fn check_ascending(times_s: &[f64]) -> Result<()> {
    check_finite("times_s", times_s.iter().copied())?;
    match times_s.windows(2).position(|pair| pair[1] < pair[0]) {
        None => Ok(()),
        Some(before) => Err(Error::Unsorted {
            index: before + 1,
            time: times_s[before + 1],
            previous: times_s[before],
        }),
    }
}

#[cfg(test)]
mod tests;
