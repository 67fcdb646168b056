//! Σ exp(2πi k φ) of blocks of events on a grid of trials.

use std::f64::consts::TAU;

use astro_fft::{Nufft1, Sign};
use num_complex::Complex64;
use rayon::prelude::*;

use super::SearchGrid;
use super::runs::TrialRuns;
use crate::error::Result;
use crate::pulsation::TimingSolution;

/// Events whose phasors are kept in the cache.
const TILE: usize = 512;

/// Doubles of the widest vectors.
const LANES: usize = 8;

/// Sums of one segment: `[run][harmonic][frequency of the run]`.
#[derive(Clone, Debug)]
pub(super) struct HarmonicGrid {
    harmonics: usize,
    runs: TrialRuns,
    sums: Vec<Complex64>,
}

/// How blocks are summed.
pub(super) enum Summation {
    /// Phasors multiplied from frequency to frequency; made afresh for every run, their error
    /// stays below 128 · 2 ε.
    Recurrence,
    /// The non-uniform FFT.
    Nufft(Box<Nufft1<f64>>),
}

impl Summation {
    pub(super) fn nufft(grid: &SearchGrid, rel_error: f64) -> Result<Self> {
        let plan = Nufft1::new(grid.frequencies, Sign::Positive, rel_error)?;
        Ok(Self::Nufft(Box::new(plan)))
    }
}

impl HarmonicGrid {
    pub(super) fn new(runs: TrialRuns, harmonics: usize) -> Self {
        Self {
            harmonics,
            sums: vec![Complex64::ZERO; runs.len() * runs.most() * harmonics],
            runs,
        }
    }

    pub(super) fn clear(&mut self) {
        self.sums.fill(Complex64::ZERO);
    }

    /// Number of harmonics.
    #[cfg(feature = "gpu")]
    pub(super) fn harmonics(&self) -> usize {
        self.harmonics
    }

    /// Adds sums of a harmonic, from 1, for the trials from `first` on.
    #[cfg(feature = "gpu")]
    pub(super) fn add_trials(&mut self, first: usize, harmonic: usize, found: &[Complex64]) {
        for (trial, x) in (first..).zip(found) {
            let (index, frequency) = self.runs.place(trial);
            let begin = index * self.runs.most() * self.harmonics + frequency;
            self.sums[begin + (harmonic - 1) * self.runs.get(index).count] += x;
        }
    }

    /// Sums of all harmonics of a trial.
    pub(super) fn trial(&self, trial: usize, out: &mut [Complex64]) {
        let (index, frequency) = self.runs.place(trial);
        let begin = index * self.runs.most() * self.harmonics + frequency;
        let count = self.runs.get(index).count;
        for (k, sum) in out.iter_mut().enumerate() {
            *sum = self.sums[begin + k * count];
        }
    }

    pub(super) fn add(&mut self, summation: &Summation, times: &[f64]) -> Result<()> {
        match summation {
            Summation::Recurrence => self.add_by_recurrence(times),
            Summation::Nufft(plan) => return self.add_by_nufft(plan, times),
        }
        Ok(())
    }

    fn add_by_nufft(&mut self, plan: &Nufft1<f64>, times: &[f64]) -> Result<()> {
        let grid = self.runs.grid();
        // Sample j of the uniform side is frequency j − ⌊n/2⌋ from the middle one.
        let middle = grid.frequencies / 2;
        let step = TimingSolution::new(grid.epoch_s, grid.frequency_step_hz);
        let steps: Vec<f64> = times.par_iter().map(|&t| step.phase(t)).collect();
        let mut out = vec![Complex64::ZERO; grid.frequencies];
        for k in 1..=self.harmonics {
            let turns: Vec<f64> = steps.par_iter().map(|x| k as f64 * x).collect();
            let points = plan.points(&turns)?;
            for index in 0..self.runs.len() {
                let center = grid.solution(self.runs.get(index).dot, middle);
                let phasor = |&t: &f64| Complex64::cis(TAU * (k as f64 * center.phase(t)).fract());
                let values: Vec<Complex64> = times.par_iter().map(phasor).collect();
                plan.points_to_uniform(&values, &points, &mut out)?;
                let begin = (index * self.harmonics + k - 1) * grid.frequencies;
                let sums = &mut self.sums[begin..begin + grid.frequencies];
                sums.iter_mut().zip(&out).for_each(|(sum, x)| *sum += x);
            }
        }
        Ok(())
    }

    fn add_by_recurrence(&mut self, times: &[f64]) {
        let Self {
            harmonics,
            runs,
            sums,
        } = self;
        let grid = runs.grid();
        let step = TimingSolution::new(grid.epoch_s, grid.frequency_step_hz);
        let steps: Vec<Complex64> = times
            .par_iter()
            .map(|&t| Complex64::cis(TAU * step.phase(t)))
            .collect();
        let places = sums.par_chunks_mut((runs.most() * *harmonics).max(1));
        places.enumerate().for_each(|(index, sums)| {
            let run = runs.get(index);
            let first = grid.solution(run.dot, run.first);
            let found = sum_run(&first, times, &steps, *harmonics, run.count);
            sums.iter_mut().zip(&found).for_each(|(sum, x)| *sum += x);
        });
    }
}

/// Sums `[harmonic][frequency]` of a run of frequencies.
fn sum_run(
    first: &TimingSolution,
    times: &[f64],
    steps: &[Complex64],
    harmonics: usize,
    count: usize,
) -> Vec<Complex64> {
    let mut sums = vec![Complex64::ZERO; harmonics * count];
    let mut tile = Tile::default();
    let arch = pulp::Arch::new();
    for (times, steps) in times.chunks(TILE).zip(steps.chunks(TILE)) {
        tile.fill(first, times, steps);
        arch.dispatch(|| tile.add(harmonics, count, &mut sums));
    }
    sums
}

/// Phasors of some events, in lanes; those beyond the last event are zero.
struct Tile {
    re: [[f64; LANES]; TILE / LANES],
    im: [[f64; LANES]; TILE / LANES],
    step_re: [[f64; LANES]; TILE / LANES],
    step_im: [[f64; LANES]; TILE / LANES],
    groups: usize,
}

impl Default for Tile {
    fn default() -> Self {
        let zero = [[0.0; LANES]; TILE / LANES];
        Self {
            re: zero,
            im: zero,
            step_re: zero,
            step_im: zero,
            groups: 0,
        }
    }
}

impl Tile {
    fn fill(&mut self, first: &TimingSolution, times: &[f64], steps: &[Complex64]) {
        self.groups = times.len().div_ceil(LANES);
        for index in 0..self.groups * LANES {
            let (group, lane) = (index / LANES, index % LANES);
            let (z, w) = match times.get(index) {
                Some(&time) => (Complex64::cis(TAU * first.phase(time)), steps[index]),
                None => (Complex64::ZERO, Complex64::ZERO),
            };
            self.re[group][lane] = z.re;
            self.im[group][lane] = z.im;
            self.step_re[group][lane] = w.re;
            self.step_im[group][lane] = w.im;
        }
    }

    #[inline(always)]
    fn add(&mut self, harmonics: usize, count: usize, sums: &mut [Complex64]) {
        match harmonics {
            1 => self.add_few::<1>(count, sums),
            2 => self.add_few::<2>(count, sums),
            3 => self.add_few::<3>(count, sums),
            4 => self.add_few::<4>(count, sums),
            _ => self.add_many(harmonics, count, sums),
        }
    }

    /// Sums that stay in registers.
    #[inline(always)]
    fn add_few<const HARMONICS: usize>(&mut self, count: usize, sums: &mut [Complex64]) {
        for frequency in 0..count {
            let mut re = [[0.0; LANES]; HARMONICS];
            let mut im = [[0.0; LANES]; HARMONICS];
            for group in 0..self.groups {
                let (z_re, z_im) = (self.re[group], self.im[group]);
                let (mut p_re, mut p_im) = (z_re, z_im);
                for k in 0..HARMONICS {
                    if k > 0 {
                        (p_re, p_im) = multiply(&p_re, &p_im, &z_re, &z_im);
                    }
                    for lane in 0..LANES {
                        re[k][lane] += p_re[lane];
                        im[k][lane] += p_im[lane];
                    }
                }
                self.advance(group, &z_re, &z_im);
            }
            for k in 0..HARMONICS {
                sums[k * count + frequency] +=
                    Complex64::new(re[k].iter().sum(), im[k].iter().sum());
            }
        }
    }

    #[inline(always)]
    fn add_many(&mut self, harmonics: usize, count: usize, sums: &mut [Complex64]) {
        let mut lanes = vec![([0.0; LANES], [0.0; LANES]); harmonics];
        for frequency in 0..count {
            lanes.fill(([0.0; LANES], [0.0; LANES]));
            for group in 0..self.groups {
                let (z_re, z_im) = (self.re[group], self.im[group]);
                let (mut p_re, mut p_im) = (z_re, z_im);
                for (re, im) in &mut lanes {
                    for lane in 0..LANES {
                        re[lane] += p_re[lane];
                        im[lane] += p_im[lane];
                    }
                    (p_re, p_im) = multiply(&p_re, &p_im, &z_re, &z_im);
                }
                self.advance(group, &z_re, &z_im);
            }
            for (k, (re, im)) in lanes.iter().enumerate() {
                sums[k * count + frequency] += Complex64::new(re.iter().sum(), im.iter().sum());
            }
        }
    }

    #[inline(always)]
    fn advance(&mut self, group: usize, z_re: &[f64; LANES], z_im: &[f64; LANES]) {
        let (step_re, step_im) = (&self.step_re[group], &self.step_im[group]);
        (self.re[group], self.im[group]) = multiply(z_re, z_im, step_re, step_im);
    }
}

#[inline(always)]
fn multiply(
    a_re: &[f64; LANES],
    a_im: &[f64; LANES],
    b_re: &[f64; LANES],
    b_im: &[f64; LANES],
) -> ([f64; LANES], [f64; LANES]) {
    let (mut re, mut im) = ([0.0; LANES], [0.0; LANES]);
    for lane in 0..LANES {
        re[lane] = a_re[lane] * b_re[lane] - a_im[lane] * b_im[lane];
        im[lane] = a_re[lane] * b_im[lane] + a_im[lane] * b_re[lane];
    }
    (re, im)
}
