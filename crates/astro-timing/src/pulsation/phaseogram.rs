//! Pulse phase against time, and searches by shearing it.

use std::f64::consts::TAU;

use astro_core::{EventSource, GoodTimeIntervals, WantedColumns, check_finite};
use ndarray::{Array2, Axis};
use num_complex::Complex64;
use rayon::prelude::*;

use super::profile::check_bins;
use super::{
    Ephemeris, FoldWarning, TimingSolution, epoch_folding, phase_exposure_s, z_squared_from_sums,
};
use crate::error::{Error, Result, require, require_positive};

/// Profiles of consecutive equal intervals of time: a drift of the pulse in phase shows
/// what the solution lacks.
///
/// ```
/// use astro_core::GoodTimeIntervals;
/// use astro_timing::pulsation::{Phaseogram, TimingSolution};
///
/// let gti = GoodTimeIntervals::single(0.0, 4.0)?;
/// let times = [0.1, 1.1, 2.35, 3.35];
/// let found = Phaseogram::fold(&times, &gti, &TimingSolution::new(0.0, 1.0), 10, 2)?;
/// assert_eq!(found.counts.dim(), (2, 10)); // [intervals, phases]
/// assert_eq!((found.counts[[0, 1]], found.counts[[1, 3]]), (2.0, 2.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Phaseogram {
    /// Counts, `[intervals of time, bins of phase]`.
    pub counts: Array2<f64>,
    /// Good time in each bin, seconds.
    pub exposure_s: Array2<f64>,
    /// Edges of the intervals, seconds: one more than there are.
    pub time_edges_s: Vec<f64>,
    /// What was folded by.
    pub solution: TimingSolution,
    /// What was noticed.
    pub warnings: Vec<FoldWarning>,
}

impl Phaseogram {
    /// Folds events within good time, of the span of good time cut into `intervals`.
    ///
    /// # Errors
    /// A solution or numbers of bins that make no sense, times that are not finite, no
    /// good time.
    pub fn fold(
        times_s: &[f64],
        gti: &GoodTimeIntervals,
        solution: &TimingSolution,
        bins: usize,
        intervals: usize,
    ) -> Result<Self> {
        let mut found = Self::empty(gti, gti, &Ephemeris::from(*solution), bins, intervals)?;
        check_finite("times_s", times_s.iter().copied())?;
        for &time in times_s.iter().filter(|&&time| gti.contains(time)) {
            found.add(time, solution.phase(time));
        }
        Ok(found)
    }

    /// Folds all events of a source in good time, in constant memory.
    ///
    /// # Errors
    /// As [`Phaseogram::fold`], and those of the source.
    pub fn fold_source<S: EventSource>(
        source: &S,
        ephemeris: &Ephemeris,
        bins: usize,
        intervals: usize,
    ) -> Result<Self> {
        let gti = source.gti();
        let emitted = ephemeris.emission_intervals(gti)?;
        let mut found = Self::empty(gti, &emitted, ephemeris, bins, intervals)?;
        found.warnings = FoldWarning::of(source.reference());
        for interval in gti.intervals() {
            source
                .visit(
                    interval.start,
                    interval.stop,
                    WantedColumns::default(),
                    &mut |run| {
                        for &time in run.times {
                            found.add(time, ephemeris.phase(time));
                        }
                    },
                )
                .map_err(Error::from_source)?;
        }
        Ok(found)
    }

    fn empty(
        gti: &GoodTimeIntervals,
        emitted: &GoodTimeIntervals,
        ephemeris: &Ephemeris,
        bins: usize,
        intervals: usize,
    ) -> Result<Self> {
        ephemeris.check()?;
        check_bins(bins)?;
        let inside = (1..=1 << 20).contains(&intervals);
        require(
            "intervals of time",
            intervals as f64,
            inside,
            "from 1 to 2^20",
        )?;
        let span = gti.span().ok_or(Error::Parameter {
            name: "number of good time intervals",
            value: 0.0,
            requirement: "at least 1",
        })?;
        let width = span.length() / intervals as f64;
        let edge = |k: usize| {
            if k == intervals {
                span.stop
            } else {
                span.start + k as f64 * width
            }
        };
        let time_edges_s: Vec<f64> = (0..=intervals).map(edge).collect();
        let mut exposure_s = Array2::zeros((intervals, bins));
        for (row, pair) in time_edges_s.windows(2).enumerate() {
            let (begin, end) = (
                ephemeris.emission_time(pair[0]),
                ephemeris.emission_time(pair[1]),
            );
            let within = emitted.truncated(begin, end)?;
            let exposure = phase_exposure_s(&ephemeris.spin, &within, bins);
            exposure_s
                .row_mut(row)
                .iter_mut()
                .zip(exposure)
                .for_each(|(e, s)| *e = s);
        }
        Ok(Self {
            counts: Array2::zeros((intervals, bins)),
            exposure_s,
            time_edges_s,
            solution: ephemeris.spin,
            warnings: Vec::new(),
        })
    }

    fn add(&mut self, time: f64, phase: f64) {
        let (intervals, bins) = self.counts.dim();
        let row = self.time_edges_s.partition_point(|&edge| edge <= time);
        let row = row.saturating_sub(1).min(intervals - 1);
        self.counts[[row, (phase * bins as f64) as usize]] += 1.0;
    }

    /// Middle times of the intervals, seconds.
    pub fn times_s(&self) -> Vec<f64> {
        self.time_edges_s
            .windows(2)
            .map(|pair| 0.5 * (pair[0] + pair[1]))
            .collect()
    }

    /// Statistics of the frequencies around the solution, without folding again: the
    /// profile of each interval is turned by δf (t − t₀) + δḟ (t − t₀)²/2 at its middle
    /// t, t₀ the epoch of the solution, and all are added.
    ///
    /// A trial smears a pulse over an interval of length τ by δf τ turns (at δḟ (t − t₀),
    /// likewise): the statistic of harmonic k is lower by the factor sinc²(k δf τ), 10 % at
    /// δf = 0.18/(k τ). Trials beyond δf = 1/(4 n τ) are refused; cover a wider range by
    /// folding at several frequencies.
    ///
    /// `grid` holds δf and δḟ: offsets from the solution, of either sign, at its epoch.
    ///
    /// # Errors
    /// A grid too wide; more harmonics than half the bins; no events.
    pub fn shear_z_squared(&self, grid: &OffsetGrid, harmonics: usize) -> Result<Array2<f64>> {
        let bins = self.counts.ncols();
        require(
            "harmonics",
            harmonics as f64,
            harmonics >= 1 && 2 * harmonics <= bins,
            "from 1 to half the bins",
        )?;
        self.check_offsets(grid, harmonics)?;
        let events = self.counts.sum();
        require_positive("number of events", events)?;
        let rate = events / self.exposure_s.sum();
        // Sums of the residuals of each interval, [harmonic][interval].
        let rows: Vec<Vec<Complex64>> = self
            .counts
            .rows()
            .into_iter()
            .zip(self.exposure_s.rows())
            .map(|(counts, exposure)| {
                let residual: Vec<f64> = counts
                    .iter()
                    .zip(exposure)
                    .map(|(n, e)| n - rate * e)
                    .collect();
                super::profile_harmonic_sums(&residual, harmonics)
            })
            .collect();
        let elapsed: Vec<f64> = self
            .times_s()
            .iter()
            .map(|t| t - self.solution.epoch_s)
            .collect();
        let value = |trial: usize| {
            let (df, ddot) = grid.offsets(trial);
            let mut sums = vec![Complex64::ZERO; harmonics];
            for (row, t) in rows.iter().zip(&elapsed) {
                let turn = t * (df + 0.5 * t * ddot);
                let step = Complex64::cis(TAU * (turn - turn.floor()));
                let mut power = step;
                for (sum, amplitude) in sums.iter_mut().zip(row) {
                    *sum += amplitude * power;
                    power *= step;
                }
            }
            z_squared_from_sums(&sums, events)[harmonics - 1]
        };
        Ok(grid.collect(value))
    }

    /// Σ (n − e)²/e of the frequencies around the solution, profiles turned by whole bins;
    /// see [`Phaseogram::shear_z_squared`]. Turning by whole bins loses up to a twelfth of
    /// a bin squared more than folding would.
    ///
    /// # Errors
    /// A grid too wide; fewer than two exposed bins.
    pub fn shear_epoch_folding(&self, grid: &OffsetGrid) -> Result<Array2<f64>> {
        self.check_offsets(grid, 1)?;
        let bins = self.counts.ncols();
        let elapsed: Vec<f64> = self
            .times_s()
            .iter()
            .map(|t| t - self.solution.epoch_s)
            .collect();
        let rate = self.counts.sum() / self.exposure_s.sum();
        let value = |trial: usize| {
            let (df, ddot) = grid.offsets(trial);
            let (mut counts, mut expected) = (vec![0.0; bins], vec![0.0; bins]);
            for (row, t) in elapsed.iter().enumerate() {
                let turn = t * (df + 0.5 * t * ddot);
                let shift = ((turn - turn.floor()) * bins as f64).round() as usize;
                for bin in 0..bins {
                    let to = (bin + shift) % bins;
                    counts[to] += self.counts[[row, bin]];
                    expected[to] += rate * self.exposure_s[[row, bin]];
                }
            }
            epoch_folding(&counts, &expected).unwrap_or(f64::NAN)
        };
        let found = grid.collect(value);
        let worst = found.iter().find(|value| value.is_nan());
        require(
            "exposed bins of some trial",
            0.0,
            worst.is_none(),
            "at least 2",
        )?;
        Ok(found)
    }

    fn check_offsets(&self, grid: &OffsetGrid, harmonics: usize) -> Result<()> {
        grid.check()?;
        let interval = self.time_edges_s[1] - self.time_edges_s[0];
        let (first, last) = (
            self.time_edges_s[0],
            self.time_edges_s[self.time_edges_s.len() - 1],
        );
        let epoch = self.solution.epoch_s;
        let farthest = (first - epoch).abs().max((last - epoch).abs());
        let widest = grid.widest_hz() + farthest * grid.widest_dot();
        let smear = widest * interval * harmonics as f64;
        require(
            "largest drift over an interval, in turns of the highest harmonic",
            smear,
            smear <= 0.25,
            "at most 1/4: fold into more intervals, or search fewer offsets",
        )
    }

    /// The counts of all intervals together.
    pub fn profile(&self) -> Vec<f64> {
        self.counts.sum_axis(Axis(0)).to_vec()
    }
}

/// Offsets of frequency and derivative from a solution, at its epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OffsetGrid {
    /// Largest offset of the frequency, hertz; offsets run from minus to plus this.
    pub frequency_hz: f64,
    /// Number of offsets in frequency; an odd one holds the solution itself.
    pub frequencies: usize,
    /// Largest offset of the derivative, hertz a second.
    pub frequency_dot: f64,
    /// Number of offsets of the derivative.
    pub frequency_dots: usize,
}

impl OffsetGrid {
    /// An offset of the frequency.
    pub fn frequency(&self, index: usize) -> f64 {
        offset(self.frequency_hz, index, self.frequencies)
    }

    /// An offset of the derivative.
    pub fn dot(&self, index: usize) -> f64 {
        offset(self.frequency_dot, index, self.frequency_dots)
    }

    fn offsets(&self, trial: usize) -> (f64, f64) {
        (
            self.frequency(trial % self.frequencies),
            self.dot(trial / self.frequencies),
        )
    }

    fn widest_hz(&self) -> f64 {
        if self.frequencies > 1 {
            self.frequency_hz
        } else {
            0.0
        }
    }

    fn widest_dot(&self) -> f64 {
        if self.frequency_dots > 1 {
            self.frequency_dot
        } else {
            0.0
        }
    }

    fn collect(&self, value: impl Fn(usize) -> f64 + Sync + Send) -> Array2<f64> {
        let trials = self.frequencies * self.frequency_dots;
        let found: Vec<f64> = (0..trials)
            .into_par_iter()
            .with_min_len(16)
            .map(value)
            .collect();
        Array2::from_shape_fn(
            (self.frequency_dots, self.frequencies),
            |(dot, frequency)| found[dot * self.frequencies + frequency],
        )
    }

    fn check(&self) -> Result<()> {
        let good = |x: f64| x >= 0.0 && x.is_finite();
        let f = self.frequency_hz;
        require(
            "largest offset of the frequency",
            f,
            good(f),
            "finite and at least 0",
        )?;
        let dot = self.frequency_dot;
        require(
            "largest offset of the derivative",
            dot,
            good(dot),
            "finite and at least 0",
        )?;
        let trials = self.frequencies as f64 * self.frequency_dots as f64;
        require(
            "number of trials",
            trials,
            (1.0..1e9).contains(&trials),
            "at least 1 and below 1e9",
        )
    }
}

fn offset(largest: f64, index: usize, count: usize) -> f64 {
    if count < 2 {
        return 0.0;
    }
    largest * (2.0 * index as f64 / (count - 1) as f64 - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulsation::{PulseStatistic, SearchGrid, SearchPlan};
    use crate::simulate::{PulseShape, pulsed_events};

    const SEED: u64 = 20_200_820;

    /// A sheared phaseogram against a search of the events, within the loss that is stated.
    #[test]
    fn shearing_is_folding_again() {
        let spin = TimingSolution::new(500.0, 5.1).with_derivatives(4e-6, 0.0);
        let pulse = PulseShape {
            harmonics: vec![(0.4, 0.1), (0.2, 0.5)],
        };
        let phase = |t: f64| spin.phase(t);
        let times = pulsed_events(0.0, 1000.0, 30.0, &pulse, &phase, SEED).unwrap();
        let gti = GoodTimeIntervals::single(0.0, 1000.0).unwrap();
        let central = TimingSolution::new(500.0, 5.0995);
        let phaseogram = Phaseogram::fold(&times, &gti, &central, 64, 200).unwrap();
        assert_eq!(phaseogram.profile().iter().sum::<f64>(), times.len() as f64);
        let offsets = OffsetGrid {
            frequency_hz: 1e-3,
            frequencies: 21,
            frequency_dot: 8e-6,
            frequency_dots: 5,
        };
        let sheared = phaseogram.shear_z_squared(&offsets, 2).unwrap();
        let folded = phaseogram.shear_epoch_folding(&offsets).unwrap();
        let grid = SearchGrid::new(500.0, 5.0985, 1e-4, 21).with_dots(-8e-6, 4e-6, 5);
        let statistic = PulseStatistic::ZSquared { harmonics: 2 };
        let exact = SearchPlan::new(grid, statistic)
            .search(&times, &gti)
            .unwrap();
        let best = exact.best().unwrap();
        assert!((best.solution.frequency_hz - 5.1).abs() < 1.1e-4);
        assert!((best.solution.frequency_dot - 4e-6).abs() < 1e-12);
        let highest = best.statistic;
        for (index, z) in exact.statistic.indexed_iter() {
            // δf ≤ 5·10⁻³ over intervals of 5 s: at most 1 % of sinc², and 64 bins 0.3 %; away
            // from the peak the loss is of its sidelobes.
            assert!(
                (z - sheared[index]).abs() < 0.015 * highest,
                "{index:?}: {z} {}",
                sheared[index]
            );
        }
        let (mut at, mut largest) = ((0, 0), 0.0);
        for (index, &value) in folded.indexed_iter() {
            if value > largest {
                (at, largest) = (index, value);
            }
        }
        assert_eq!(at, (3, 15));
    }

    #[test]
    fn offsets_that_smear_are_refused() {
        let gti = GoodTimeIntervals::single(0.0, 1000.0).unwrap();
        let spin = TimingSolution::new(0.0, 5.0);
        let phaseogram = Phaseogram::fold(&[1.0, 2.0], &gti, &spin, 16, 10).unwrap();
        let wide = OffsetGrid {
            frequency_hz: 0.01,
            frequencies: 11,
            frequency_dot: 0.0,
            frequency_dots: 1,
        };
        let message = phaseogram
            .shear_z_squared(&wide, 1)
            .unwrap_err()
            .to_string();
        assert!(message.contains("more intervals"), "{message}");
    }
}
