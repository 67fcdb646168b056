//! Searches whose sums are made on a GPU.

use std::ops::Range;

use astro_core::{EventSource, GoodTimeIntervals};
use astro_gpu::shaders::{AddRowsParams, FoldEventsParams, HarmonicSumsParams, kernels};
use astro_gpu::{Buffer, CommandList, Dispatch, Gpu, Groups, Precision, Reals};
use num_complex::Complex64;
use rayon::prelude::*;

use super::collect::{BLOCK, BlockWork};
use super::folding::ProfileGrid;
use super::sums::HarmonicGrid;
use super::{PulseStatistic, SearchGrid, SearchPlan, SearchResult};
use crate::Result;
use crate::error::require;
use crate::gpu::GpuReport;
use crate::pulsation::TimingSolution;
use crate::pulsation::turns::Pair;

/// Trials of a submission: the work of one stays far below what makes a desktop's driver reset.
const TRIALS: usize = 1 << 17;

/// Threads that harmonic sums should keep busy.
const THREADS: usize = 1 << 18;

/// Events of a part at least.
const PART_EVENTS: usize = 512;

/// Harmonics of a dispatch.
const HARMONICS: usize = 4;

/// The most bins of a profile: a workgroup holds one.
const MOST_BINS: usize = 1024;

/// Phase bins of all profiles of a submission.
const PROFILE_BINS: usize = 1 << 24;

/// Workgroups that folding should keep busy.
const FOLDING_GROUPS: usize = 1 << 12;

/// A [`SearchPlan`] on a GPU: the same calls.
///
/// Phases are made on the host, in units of 2⁻⁶⁴ turns; the device adds whole steps to them, so that
/// no precision loses a turn. Profiles are counted in integers. Unbinned sums are always exact sums:
/// the plan's [`super::SumMethod`] is one of the CPU.
///
/// ```
/// use astro_core::GoodTimeIntervals;
/// use astro_gpu::{Gpu, GpuOptions};
/// use astro_timing::pulsation::{PulseStatistic, SearchGrid, SearchPlan};
///
/// let Ok(gpu) = Gpu::open(&GpuOptions::default()) else { return Ok(()) };
/// let times: Vec<f64> = (0..500).map(|k| 0.2 * f64::from(k)).collect(); // 5 Hz
/// let grid = SearchGrid::new(0.0, 4.9, 0.01, 21);
/// let search = SearchPlan::new(grid, PulseStatistic::ZSquared { harmonics: 1 }).build_on(&gpu)?;
/// let found = search.search(&times, &GoodTimeIntervals::single(0.0, 100.0)?)?;
/// assert_eq!(found.best()?.solution.frequency_hz, grid.frequency(10));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct GpuSearch {
    plan: SearchPlan,
    device: Device,
}

impl SearchPlan {
    /// The same search on a GPU, in `f64` where the adapter has it, else in guarded pairs, unless it
    /// was opened with another precision.
    ///
    /// # Errors
    /// As [`SearchPlan::search`] for the settings; profiles of more than 1024 bins; what the device
    /// refuses.
    pub fn build_on(self, gpu: &Gpu) -> Result<GpuSearch> {
        self.check()?;
        if let PulseStatistic::BinnedZSquared { bins, .. } | PulseStatistic::EpochFolding { bins } =
            self.statistic
        {
            let requirement = "at most 1024 on a GPU: more are counted on the CPU";
            require("bins", bins as f64, bins <= MOST_BINS, requirement)?;
        }
        let device = Device::new(gpu, &self)?;
        Ok(GpuSearch { plan: self, device })
    }
}

impl GpuSearch {
    /// As [`SearchPlan::search`].
    ///
    /// # Errors
    /// As [`SearchPlan::search`], and what the device refuses.
    pub fn search(&self, times_s: &[f64], gti: &GoodTimeIntervals) -> Result<SearchResult> {
        self.plan.search_with(&self.device, times_s, gti)
    }

    /// As [`SearchPlan::search_source`].
    ///
    /// # Errors
    /// As [`SearchPlan::search_source`], and what the device refuses.
    pub fn search_source<S: EventSource>(&self, source: &S) -> Result<SearchResult> {
        self.plan.search_source_with(&self.device, source)
    }

    /// Where it computes, and what its sums of phasors are worth; profiles are exact.
    #[must_use]
    pub fn gpu_report(&self) -> GpuReport {
        // A part is added one by one, and a phasor takes about ten operations.
        let roundings = (self.device.most_part_events() + THREADS / 256 + 16) as f64;
        GpuReport {
            adapter: self.device.gpu.adapter().clone(),
            precision: self.device.precision,
            error_bound: roundings * self.device.precision.unit_roundoff(),
        }
    }
}

#[derive(Debug)]
struct Device {
    gpu: Gpu,
    precision: Precision,
    grid: SearchGrid,
    /// Phases of a block's events, their steps, and those of the derivative: (low, high) words.
    events: [Buffer<u32>; 3],
    sums: Reals,
    totals: Reals,
    profiles: Buffer<u32>,
}

impl Device {
    fn new(gpu: &Gpu, plan: &SearchPlan) -> Result<Self> {
        let precision = gpu.precision_for(true)?;
        let trials = plan.grid.trials();
        let (rows, columns, cells) = match plan.statistic {
            PulseStatistic::ZSquared { .. } | PulseStatistic::H { .. } => {
                let trials = trials.min(TRIALS);
                let columns = 2 * HARMONICS * trials;
                (parts(BLOCK, trials), columns, 1)
            }
            PulseStatistic::BinnedZSquared { bins, .. } | PulseStatistic::EpochFolding { bins } => {
                (1, 1, trials.min(folded_trials(bins)) * bins)
            }
        };
        let words = |label| gpu.buffer(label, 2 * BLOCK);
        Ok(Self {
            gpu: gpu.clone(),
            precision,
            grid: plan.grid,
            events: [words("phases")?, words("steps")?, words("curves")?],
            sums: gpu.reals("sums of phasors", rows * columns, precision)?,
            totals: gpu.reals("totals of phasors", columns, precision)?,
            profiles: gpu.buffer("profiles", cells)?,
        })
    }

    fn most_part_events(&self) -> usize {
        BLOCK.div_ceil(parts(BLOCK, self.grid.trials().min(TRIALS)))
    }

    /// Sends a block of events to the device.
    fn upload(&self, times: &[f64]) -> Result<()> {
        let grid = &self.grid;
        let step = TimingSolution::new(grid.epoch_s, grid.frequency_step_hz);
        let curve =
            TimingSolution::new(grid.epoch_s, 0.0).with_derivatives(grid.frequency_dot_step, 0.0);
        let words = [grid.solution(0, 0), step, curve].map(|solution| {
            let words = |&time: &f64| fixed(solution.turns(time));
            times.par_iter().flat_map_iter(words).collect::<Vec<u32>>()
        });
        let mut list = CommandList::new();
        for (buffer, words) in self.events.iter().zip(&words) {
            list.upload_slice(&buffer.slice(0..words.len()), words)?;
        }
        self.gpu.run(list)?;
        Ok(())
    }

    /// Ranges of trials, a submission each.
    fn ranges(&self, most: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let trials = self.grid.trials();
        (0..trials)
            .step_by(most)
            .map(move |first| first..(first + most).min(trials))
    }

    /// Sums of up to four harmonics from `first` on: `[harmonic][trial]`.
    fn sums(
        &self,
        events: usize,
        range: &Range<usize>,
        first: usize,
        harmonics: usize,
    ) -> Result<Vec<Complex64>> {
        let trials = range.len();
        let wanted = parts(events, trials);
        let part_events = events.div_ceil(wanted);
        let parts = events.div_ceil(part_events);
        let params = HarmonicSumsParams {
            events: events as u32,
            first_trial: range.start as u32,
            trials: trials as u32,
            frequencies: self.grid.frequencies as u32,
            part_events: part_events as u32,
            parts: parts as u32,
            first_harmonic: first as u32,
        };
        let [phases, steps, curves] = &self.events;
        let columns = 2 * harmonics * trials;
        let sums = self.sums.slice(0..parts * columns);
        let totals = self.totals.slice(0..columns);
        let mut list = CommandList::new();
        list.stage("phasors");
        list.dispatch(
            Dispatch::new(&kernels::HARMONIC_SUMS, self.precision, &params)
                .constant("HARMONICS", harmonics as u32)
                .bind(phases.all())
                .bind(steps.all())
                .bind(curves.all())
                .bind(sums.clone()),
            Groups::for_rows(parts, trials),
        );
        let rows = AddRowsParams {
            rows: parts as u32,
            columns: columns as u32,
        };
        list.dispatch(
            Dispatch::new(&kernels::ADD_ROWS, self.precision, &rows)
                .bind(sums)
                .bind(totals.clone()),
            Groups::for_threads(columns),
        );
        let back = list.read_back_slice(totals);
        let words: Vec<u32> = self.gpu.run(list)?.take(back);
        let numbers = self.precision.decode(bytemuck::cast_slice(&words));
        let (pairs, _) = numbers.as_chunks();
        Ok(pairs
            .iter()
            .map(|&[re, im]| Complex64::new(re, im))
            .collect())
    }
}

impl BlockWork for Device {
    fn add_phasors(&self, times: &[f64], sums: &mut HarmonicGrid) -> Result<()> {
        self.upload(times)?;
        let harmonics = sums.harmonics();
        for range in self.ranges(TRIALS) {
            for first in (1..=harmonics).step_by(HARMONICS) {
                let count = HARMONICS.min(harmonics + 1 - first);
                let found = self.sums(times.len(), &range, first, count)?;
                for (k, row) in found.chunks(range.len()).enumerate() {
                    sums.add_trials(range.start, first + k, row);
                }
            }
        }
        Ok(())
    }

    fn add_profiles(&self, times: &[f64], profiles: &mut ProfileGrid) -> Result<()> {
        self.upload(times)?;
        let bins = profiles.bins();
        let [phases, steps, curves] = &self.events;
        for range in self.ranges(folded_trials(bins)) {
            let trials = range.len();
            let most = times.len().div_ceil(4 * PART_EVENTS).max(1);
            let parts = FOLDING_GROUPS.div_ceil(trials).clamp(1, most);
            let params = FoldEventsParams {
                events: times.len() as u32,
                first_trial: range.start as u32,
                trials: trials as u32,
                frequencies: self.grid.frequencies as u32,
                part_events: times.len().div_ceil(parts) as u32,
                bins: bins as u32,
            };
            let counts = self.profiles.slice(0..trials * bins);
            let mut list = CommandList::new();
            list.clear(counts.clone());
            list.stage("fold");
            list.dispatch(
                Dispatch::new(&kernels::FOLD_EVENTS, self.precision, &params)
                    .bind(phases.all())
                    .bind(steps.all())
                    .bind(curves.all())
                    .bind(counts.clone()),
                Groups::new(trials * parts),
            );
            let back = list.read_back_slice::<u32>(counts);
            profiles.add_trials(range.start, &self.gpu.run(list)?.take(back));
        }
        Ok(())
    }
}

/// Parts of the events that are summed side by side.
fn parts(events: usize, trials: usize) -> usize {
    (THREADS / trials.max(1)).clamp(1, events.div_ceil(PART_EVENTS).max(1))
}

/// Trials that are folded in one submission.
fn folded_trials(bins: usize) -> usize {
    (PROFILE_BINS / bins).clamp(1, TRIALS)
}

/// The fraction of a turn in units of 2⁻⁶⁴: its low and its high word.
fn fixed(turns: Pair) -> [u32; 2] {
    const UNITS: f64 = 18_446_744_073_709_551_616.0; // 2⁶⁴
    // The fraction of the high part is exact, and its product too; 2⁶⁴ itself cannot come.
    let high = ((turns.high - turns.high.floor()) * UNITS) as u64;
    // Below one unit of the last place of the high part.
    let low = turns.low - turns.low.floor();
    let sum = high.wrapping_add((low * UNITS) as u64);
    [sum as u32, (sum >> 32) as u32]
}

#[cfg(test)]
mod tests;
