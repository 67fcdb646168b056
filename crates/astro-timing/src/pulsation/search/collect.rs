//! Events gathered into fixed blocks and segments, wherever they come from.

use std::ops::Range;

use astro_core::GoodTimeIntervals;
use num_complex::Complex64;
use rayon::prelude::*;

use super::folding::ProfileGrid;
use super::sums::{HarmonicGrid, Summation};
use super::{PulseStatistic, SearchPlan};
use crate::error::{Result, require};
use crate::pulsation::harmonics::{
    epoch_folding, h_test, z_squared_from_sums, z_squared_of_profile,
};
use crate::pulsation::phase_exposure_s;

/// Events of a block. Blocks are counted from the first event of a segment, so that
/// results do not depend on how events arrive.
pub(super) const BLOCK: usize = 1 << 19;

/// A segment that covers less of its length than this is left out.
const SHORTEST_SEGMENT: f64 = 0.2;

/// What adds a block of events to the sums of trials: this machine, or a device.
pub(super) trait BlockWork {
    /// Adds Σ exp(2πi k φ).
    fn add_phasors(&self, times: &[f64], sums: &mut HarmonicGrid) -> Result<()>;

    /// Adds profiles.
    fn add_profiles(&self, times: &[f64], profiles: &mut ProfileGrid) -> Result<()>;
}

impl BlockWork for Summation {
    fn add_phasors(&self, times: &[f64], sums: &mut HarmonicGrid) -> Result<()> {
        sums.add(self, times)
    }

    fn add_profiles(&self, times: &[f64], profiles: &mut ProfileGrid) -> Result<()> {
        profiles.add(times);
        Ok(())
    }
}

enum Sums {
    Harmonics(HarmonicGrid),
    Profiles(ProfileGrid),
}

/// The state of a search while events arrive in time order.
pub(super) struct Collector<'a> {
    plan: &'a SearchPlan,
    work: &'a dyn BlockWork,
    gti: &'a GoodTimeIntervals,
    buffer: Vec<f64>,
    sums: Sums,
    /// Beginning of the first segment, once there is an event.
    start_s: Option<f64>,
    segment: Segment,
    /// The first trial of those that are summed.
    first_trial: usize,
    found: Found,
}

/// What was found at some of the trials, neighbours row by row.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Found {
    /// Sums over the segments.
    pub(super) statistic: Vec<f64>,
    pub(super) segments: usize,
    pub(super) skipped: usize,
    pub(super) events: u64,
}

#[derive(Clone, Copy, Default)]
struct Segment {
    index: u64,
    events: u64,
    first_s: f64,
    last_s: f64,
}

impl<'a> Collector<'a> {
    /// A search of some of the runs of `plan`, or of all.
    pub(super) fn new(
        plan: &'a SearchPlan,
        work: &'a dyn BlockWork,
        gti: &'a GoodTimeIntervals,
        some: Option<Range<usize>>,
    ) -> Self {
        let runs = match some {
            Some(some) => plan.runs().some(some),
            None => plan.runs(),
        };
        let sums = match plan.statistic {
            PulseStatistic::ZSquared { harmonics } | PulseStatistic::H { harmonics } => {
                Sums::Harmonics(HarmonicGrid::new(runs.clone(), harmonics))
            }
            PulseStatistic::BinnedZSquared { bins, .. } | PulseStatistic::EpochFolding { bins } => {
                Sums::Profiles(ProfileGrid::new(runs.clone(), bins))
            }
        };
        let trials = runs.trials();
        Self {
            plan,
            work,
            gti,
            buffer: Vec::new(),
            sums,
            start_s: None,
            segment: Segment::default(),
            first_trial: trials.start,
            found: Found {
                statistic: vec![0.0; trials.len()],
                ..Found::default()
            },
        }
    }

    /// Takes events, ascending, none before those already taken.
    pub(super) fn push(&mut self, times: &[f64]) -> Result<()> {
        let Some(&first) = times.first() else {
            return Ok(());
        };
        let start = *self.start_s.get_or_insert(first);
        let Some(length) = self.plan.segment_s else {
            return self.extend(times);
        };
        let index_of = |time: f64| ((time - start) / length).floor().max(0.0) as u64;
        let mut rest = times;
        while let Some(&first) = rest.first() {
            let index = index_of(first);
            if index != self.segment.index {
                self.close()?;
                self.segment.index = index;
            }
            let count = rest.partition_point(|&time| index_of(time) <= index);
            self.extend(&rest[..count])?;
            rest = &rest[count..];
        }
        Ok(())
    }

    fn extend(&mut self, mut times: &[f64]) -> Result<()> {
        if self.segment.events == 0 {
            self.segment.first_s = times[0];
        }
        self.segment.last_s = times[times.len() - 1];
        self.segment.events += times.len() as u64;
        while !times.is_empty() {
            let count = times.len().min(BLOCK - self.buffer.len());
            self.buffer.extend_from_slice(&times[..count]);
            times = &times[count..];
            if self.buffer.len() == BLOCK {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        if let Some(orbit) = &self.plan.orbit {
            let emission = |time: &mut f64| *time -= orbit.delay_of_arrival(*time);
            self.buffer.par_iter_mut().for_each(emission);
        }
        match &mut self.sums {
            Sums::Harmonics(sums) => self.work.add_phasors(&self.buffer, sums)?,
            Sums::Profiles(profiles) => self.work.add_profiles(&self.buffer, profiles)?,
        }
        self.buffer.clear();
        Ok(())
    }

    /// Adds the statistic of the segment that ends.
    fn close(&mut self) -> Result<()> {
        let segment = std::mem::take(&mut self.segment);
        if segment.events == 0 {
            return Ok(());
        }
        let covered = segment.last_s - segment.first_s;
        let short = self
            .plan
            .segment_s
            .is_some_and(|length| covered < SHORTEST_SEGMENT * length);
        if short {
            self.found.skipped += 1;
            self.buffer.clear();
        } else {
            self.flush()?;
            let gti = self.segment_gti(&segment)?;
            self.add_statistic(&segment, &gti)?;
            self.found.segments += 1;
            self.found.events += segment.events;
        }
        match &mut self.sums {
            Sums::Harmonics(sums) => sums.clear(),
            Sums::Profiles(profiles) => profiles.clear(),
        }
        Ok(())
    }

    /// Good time of a segment, in times of emission.
    fn segment_gti(&self, segment: &Segment) -> Result<GoodTimeIntervals> {
        let within = match (self.plan.segment_s, self.start_s) {
            (Some(length), Some(start)) => {
                let begin = start + segment.index as f64 * length;
                self.gti.truncated(begin, begin + length)?
            }
            _ => self.gti.clone(),
        };
        match &self.plan.orbit {
            Some(orbit) => Ok(within.with_times(|time| time - orbit.delay_of_arrival(time))?),
            None => Ok(within),
        }
    }

    fn add_statistic(&mut self, segment: &Segment, gti: &GoodTimeIntervals) -> Result<()> {
        let plan = self.plan;
        let grid = &plan.grid;
        let events = segment.events as f64;
        let sums = &self.sums;
        let value = |trial: usize| -> Result<f64> {
            let (dot, frequency) = (trial / grid.frequencies, trial % grid.frequencies);
            match sums {
                Sums::Harmonics(sums) => {
                    let harmonics = plan.statistic.harmonics();
                    let mut found = vec![Complex64::ZERO; harmonics];
                    sums.trial(trial, &mut found);
                    let all = z_squared_from_sums(&found, events);
                    Ok(match plan.statistic {
                        PulseStatistic::H { .. } => h_test(&all).h,
                        _ => all[harmonics - 1],
                    })
                }
                Sums::Profiles(profiles) => {
                    let counts: Vec<f64> = profiles
                        .trial(trial)
                        .iter()
                        .map(|&n| f64::from(n))
                        .collect();
                    let expected = plan.expected(dot, frequency, events, gti, counts.len());
                    match plan.statistic {
                        PulseStatistic::EpochFolding { .. } => epoch_folding(&counts, &expected),
                        _ => {
                            let harmonics = plan.statistic.harmonics();
                            let all = z_squared_of_profile(&counts, &expected, harmonics)?;
                            Ok(all[harmonics - 1])
                        }
                    }
                }
            }
        };
        let first = self.first_trial;
        let trials = first..first + self.found.statistic.len();
        let found: Result<Vec<f64>> = trials.into_par_iter().map(value).collect();
        for (sum, value) in self.found.statistic.iter_mut().zip(found?) {
            *sum += value;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Found> {
        self.close()?;
        let segments = self.found.segments as f64;
        require(
            "number of segments with events",
            segments,
            segments > 0.0,
            "at least 1",
        )?;
        Ok(self.found)
    }
}

impl SearchPlan {
    /// Counts of each phase bin without pulsation.
    fn expected(
        &self,
        dot: usize,
        frequency: usize,
        events: f64,
        gti: &GoodTimeIntervals,
        bins: usize,
    ) -> Vec<f64> {
        if self.compat.is_stingray() {
            return vec![events / bins as f64; bins];
        }
        let exposure = phase_exposure_s(&self.grid.solution(dot, frequency), gti, bins);
        let total: f64 = exposure.iter().sum();
        exposure.iter().map(|s| events * s / total).collect()
    }
}
