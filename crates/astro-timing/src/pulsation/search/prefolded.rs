//! A search that folds once for many trials.

use astro_core::{GoodTimeIntervals, Progress};
use rayon::prelude::*;

use super::{PulseStatistic, SearchGrid, SearchPlan, SearchResult, check_ascending};
use crate::error::{Error, Result, require};
use crate::pulsation::{Ephemeris, OffsetGrid, Phaseogram, TimingSolution};

/// Largest drift of the highest harmonic over an interval, in turns: 3 % of its power are lost there.
const LARGEST_DRIFT: f64 = 0.1;

/// Intervals of time that are folded; fewer where there are few events.
const INTERVALS: usize = 512;

/// Phase bins a harmonic: 1.3 % of the power of the highest are lost.
const BINS_A_HARMONIC: usize = 16;

/// Trials that one fold serves.
struct Block {
    frequencies: std::ops::Range<usize>,
    dots: std::ops::Range<usize>,
}

impl SearchPlan {
    /// Searches events, ascending, by folding short intervals at some frequencies of the grid and
    /// turning their profiles for the trials around each ([`Phaseogram`]).
    ///
    /// Statistics are those of profiles, lower than the exact ones by up to 5 % of the power of the
    /// highest harmonic, and of whole bins for epoch folding. It is worth while where a derivative is
    /// searched too; over frequencies alone the non-uniform FFT of [`SearchPlan::search`] is faster.
    ///
    /// # Errors
    /// As [`SearchPlan::search`]; H, or a search of segments, which only that can do; a stop on request.
    pub fn search_prefolded(
        &self,
        times_s: &[f64],
        gti: &GoodTimeIntervals,
        progress: &dyn Progress,
    ) -> Result<SearchResult> {
        self.check()?;
        check_ascending(times_s)?;
        let (harmonics, bins, kind) = match self.statistic {
            PulseStatistic::ZSquared { harmonics } => {
                let bins = BINS_A_HARMONIC * harmonics;
                let kind = PulseStatistic::BinnedZSquared { harmonics, bins };
                (harmonics, bins, kind)
            }
            PulseStatistic::BinnedZSquared { harmonics, bins } => (harmonics, bins, self.statistic),
            // Its highest useful harmonic is unknown; the bins see about a quarter of their number.
            PulseStatistic::EpochFolding { bins } => (bins.div_ceil(4), bins, self.statistic),
            PulseStatistic::H { .. } => return Err(unsuitable("Z² or epoch folding")),
        };
        if self.segment_s.is_some() {
            return Err(unsuitable("a search of all events at once"));
        }
        let mut times: Vec<f64> = times_s
            .iter()
            .copied()
            .filter(|&time| gti.contains(time))
            .collect();
        let events = times.len();
        require("number of events", events as f64, events >= 1, "at least 1")?;
        let ephemeris = Ephemeris {
            spin: TimingSolution::new(self.grid.epoch_s, self.grid.frequency_hz),
            orbit: self.orbit,
        };
        ephemeris.remove_orbit(&mut times);
        let emitted = ephemeris.emission_intervals(gti)?;
        let span = match emitted.span() {
            Some(span) => span,
            None => return Err(astro_core::SegmentError::NoGoodTime.into()),
        };
        let intervals = INTERVALS.min(events.div_ceil(8)).max(1);
        let farthest = (span.start - self.grid.epoch_s)
            .abs()
            .max((span.stop - self.grid.epoch_s).abs());
        let drift = LARGEST_DRIFT * intervals as f64 / (span.length() * harmonics as f64);
        let blocks = blocks(&self.grid, drift, farthest);
        progress.begin("folds", blocks.len() as u64);
        let found: Vec<Result<ndarray::Array2<f64>>> = blocks
            .par_iter()
            .map(|block| {
                if progress.should_stop() {
                    return Err(Error::Stopped);
                }
                let (center, offsets) = around(&self.grid, block);
                let folded = Phaseogram::fold(&times, &emitted, &center, bins, intervals)?;
                progress.advance(1);
                match self.statistic {
                    PulseStatistic::EpochFolding { .. } => folded.shear_epoch_folding(&offsets),
                    _ => folded.shear_z_squared(&offsets, harmonics),
                }
            })
            .collect();
        progress.end();
        let mut statistic =
            ndarray::Array2::zeros((self.grid.frequency_dots, self.grid.frequencies));
        for (block, found) in blocks.iter().zip(found) {
            let place = ndarray::s![block.dots.clone(), block.frequencies.clone()];
            statistic.slice_mut(place).assign(&found?);
        }
        Ok(SearchResult {
            grid: self.grid,
            kind,
            statistic,
            segments: 1,
            segments_skipped: 0,
            events: events as u64,
            warnings: Vec::new(),
        })
    }
}

fn unsuitable(requirement: &'static str) -> Error {
    Error::Unsuitable {
        operation: "a pre-folded search",
        requirement,
    }
}

/// Parts of the grid whose drift from the middle is at most `drift` hertz anywhere.
fn blocks(grid: &SearchGrid, drift: f64, farthest: f64) -> Vec<Block> {
    let both = grid.frequency_dots > 1 && grid.frequencies > 1;
    let share = if both { 0.5 * drift } else { drift };
    let size = |step: f64, count: usize| {
        let reach = if step.abs() > 0.0 {
            share / step.abs()
        } else {
            f64::INFINITY
        };
        // From the middle to either end.
        ((2.0 * reach).floor() + 1.0).min(count as f64) as usize
    };
    let columns = size(grid.frequency_step_hz, grid.frequencies);
    let rows = size(grid.frequency_dot_step * farthest, grid.frequency_dots);
    let mut blocks = Vec::new();
    for dot in (0..grid.frequency_dots).step_by(rows) {
        for frequency in (0..grid.frequencies).step_by(columns) {
            blocks.push(Block {
                frequencies: frequency..(frequency + columns).min(grid.frequencies),
                dots: dot..(dot + rows).min(grid.frequency_dots),
            });
        }
    }
    blocks
}

/// The solution in the middle of a block, and the offsets of its trials.
fn around(grid: &SearchGrid, block: &Block) -> (TimingSolution, OffsetGrid) {
    let half = |range: &std::ops::Range<usize>| 0.5 * (range.len() - 1) as f64;
    let frequency_hz = half(&block.frequencies) * grid.frequency_step_hz;
    let frequency_dot = half(&block.dots) * grid.frequency_dot_step;
    let first = grid.solution(block.dots.start, block.frequencies.start);
    let mut center = first;
    center.frequency_hz += frequency_hz;
    center.frequency_dot += frequency_dot;
    let offsets = OffsetGrid {
        frequency_hz,
        frequencies: block.frequencies.len(),
        frequency_dot,
        frequency_dots: block.dots.len(),
    };
    (center, offsets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::{PulseShape, pulsed_events};
    use astro_core::NoProgress;

    /// Every trial of a grid wider than one fold serves, against the exact search.
    #[test]
    fn all_trials_are_near_the_exact_ones() {
        let spin = TimingSolution::new(400.0, 7.123).with_derivatives(3e-6, 0.0);
        let pulse = PulseShape {
            harmonics: vec![(0.4, 0.1), (0.2, 0.5)],
        };
        let times = pulsed_events(0.0, 800.0, 20.0, &pulse, &|t| spin.phase(t), 5).unwrap();
        let gti = GoodTimeIntervals::new([[0.0, 300.0], [350.0, 800.0]]).unwrap();
        let grid = SearchGrid::covering(400.0, 6.9, 7.3, 800.0, 8.0)
            .unwrap()
            .with_dots(-6e-6, 1.5e-6, 9);
        let z = PulseStatistic::ZSquared { harmonics: 2 };
        let plan = SearchPlan::new(grid, z);
        let exact = plan.search(&times, &gti).unwrap();
        let fast = plan.search_prefolded(&times, &gti, &NoProgress).unwrap();
        assert!(blocks(&grid, 0.1 * 512.0 / 1600.0, 400.0).len() > 4);
        assert_eq!(exact.statistic.dim(), fast.statistic.dim());
        let (a, b) = (exact.best().unwrap(), fast.best().unwrap());
        assert_eq!(a.solution, b.solution);
        assert!(
            b.statistic > 0.94 * a.statistic,
            "{} {}",
            a.statistic,
            b.statistic
        );
        let scale = a.statistic.sqrt();
        for (a, b) in exact.statistic.iter().zip(&fast.statistic) {
            // Amplitudes: losses of 3 % each, and √Z² of the residual exposure of the gap.
            assert!((a.sqrt() - b.sqrt()).abs() < 0.06 * scale, "{a} {b}");
        }
        let folding = SearchPlan::new(grid, PulseStatistic::EpochFolding { bins: 16 });
        let best = folding.search_prefolded(&times, &gti, &NoProgress).unwrap();
        let best = best.best().unwrap().solution;
        assert!((best.frequency_hz - 7.123).abs() < 1.0 / 800.0);
        let h = SearchPlan::new(grid, PulseStatistic::H { harmonics: 4 });
        assert!(h.search_prefolded(&times, &gti, &NoProgress).is_err());
    }
}
