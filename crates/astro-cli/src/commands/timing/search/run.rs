//! The searches themselves.

use anyhow::{Context as _, Result};
use astro_core::Progress as _;
use astro_timing::pulsation::{
    AccelerationSearch, SearchGrid, SearchPlan, SearchResult, phase_dispersion_search,
    refine_solution,
};
use astro_timing::statistics::{
    TailProbability, epoch_folding_detection_level, h_detection_level,
    phase_dispersion_detection_level, phase_dispersion_probability, power_detection_level,
    z_squared_detection_level,
};
use astro_timing::{EventList, LightCurve};

use super::arguments::{Arguments, Statistic};
use super::found::{Found, FoundCandidate};
use crate::args::Place;
use crate::args::timing::read_par;
use crate::commands::timing::device::{Searcher, obstacle};
use crate::commands::timing::outputs::Outputs;
use crate::commands::timing::source::Events;
use crate::output::{Console, Usage};
use crate::progress::Bar;

/// Events that a refinement holds in memory: 1.6 GB.
const MOST_REFINED: u64 = 200_000_000;

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let outputs = Outputs::new(&self.output)?;
        let events = self.input.open(console)?;
        events.warn_unless_barycentred(console);
        let (found, place) = match self.statistic {
            Statistic::Acceleration | Statistic::Dispersion => {
                let obstacle = "only z2, h and folding have a GPU version";
                let place = self.device.on_cpu::<f64>(obstacle)?;
                if console.ranks().rank() > 0 {
                    return Ok(());
                }
                let found = match self.statistic {
                    Statistic::Acceleration => self.acceleration(&events)?,
                    _ => self.dispersion(&events)?,
                };
                (Some(found), place)
            }
            _ => self.phases(&events, console)?,
        };
        // Of many ranks the first has the result.
        let Some(mut found) = found else {
            return Ok(());
        };
        let all = found.candidates.len();
        found.candidates.truncate(self.candidates);
        if !self.no_refine && self.segment.is_none() {
            self.refine(&mut found, &events, console)?;
        }
        let tables = found.tables();
        let tables: Vec<_> = tables
            .into_iter()
            .map(|table| events.label(table))
            .collect();
        outputs.tables(&tables)?;
        outputs.figure(|| Ok(found.figure()))?;
        let text = format!("{}\n{place}", found.text(all)) + &outputs.in_words();
        let mut value = found.value(all, &events, &outputs);
        value["device"] = place.json();
        console.result(&text, &value);
        Ok(())
    }

    fn false_alarm(&self) -> Result<TailProbability> {
        Ok(TailProbability::new(self.false_alarm)?)
    }

    /// Z², H and epoch folding.
    fn phases(&self, events: &Events, console: &Console) -> Result<(Option<Found>, Place)> {
        let grid = self.search_grid(events)?;
        let mut plan = SearchPlan::new(grid, self.pulse_statistic());
        if let Some(path) = &self.par {
            let ephemeris = read_par(path, events.reference(), console)?;
            match ephemeris.orbit {
                Some(orbit) => plan = plan.orbit(orbit),
                None => console.warn(format!("{} has no orbit", path.display())),
            }
        }
        if let Some(segment) = self.segment {
            plan = plan.segment_s(segment);
        }
        let ranks = console.ranks();
        let watched = events.watched(1, console);
        let source = events.of(&watched);
        if self.fast {
            if self.statistic == Statistic::H {
                return Err(Usage("--fast computes z2 or folding, not h".to_owned()).into());
            }
            let place = self.device.on_cpu::<f64>("--fast has no GPU version")?;
            if ranks.rank() > 0 {
                return Ok((None, place));
            }
            let list = EventList::read(&source, Default::default())?;
            drop(watched);
            let result = plan.search_prefolded(list.times(), events.gti(), &Bar::new(console))?;
            return Ok((Some(self.found(result)?), place));
        }
        let here = Searcher::Here(Box::new(plan));
        let (searcher, place) = self.device.place::<f64, _>(here, 0, obstacle(ranks))?;
        let result = searcher.run(ranks, &source)?;
        let found = result.map(|result| self.found(result)).transpose()?;
        Ok((found, place))
    }

    fn found(&self, result: SearchResult) -> Result<Found> {
        let false_alarm = self.false_alarm()?;
        let trials = result.grid.trials() as f64;
        let averages = result.segments as f64;
        let level = match self.statistic {
            Statistic::H => h_detection_level(false_alarm, trials).ok(),
            Statistic::Folding if result.segments == 1 => {
                epoch_folding_detection_level(false_alarm, self.bins, trials).ok()
            }
            Statistic::Z2 => {
                z_squared_detection_level(false_alarm, self.harmonics(), averages, trials).ok()
            }
            _ => None,
        };
        let candidates = result.candidates(false_alarm)?;
        Ok(Found {
            statistic: self.statistic.label(self.harmonics()),
            frequency_hz: result.grid.all_frequencies(),
            values: result.over_frequency(),
            level: level.map(|level| (level, self.false_alarm)),
            best: Some(result.best()?.into()),
            candidates: candidates.into_iter().map(FoundCandidate::from).collect(),
            trials,
            events: result.events,
            segments: result.segments,
        })
    }

    fn bin_s(&self, highest_hz: f64) -> f64 {
        self.dt.unwrap_or(0.125 / highest_hz)
    }

    /// Phase dispersion of the good bins of the light curve.
    fn dispersion(&self, events: &Events) -> Result<Found> {
        let grid: SearchGrid = self.search_grid(events)?;
        let highest = grid.frequency(grid.frequencies - 1);
        let curve = LightCurve::from_events(&events.source(), self.bin_s(highest))?.apply_gti()?;
        let theta = phase_dispersion_search(curve.times(), curve.counts(), &grid, self.bins)?;
        let trials = grid.trials() as f64;
        let samples = curve.counts().len();
        let false_alarm = self.false_alarm()?;
        let level = phase_dispersion_detection_level(false_alarm, samples, self.bins, trials)?;
        // The lowest over the derivatives, at every frequency.
        let mut values = Vec::new();
        let mut candidates = Vec::new();
        let mut best: Option<FoundCandidate> = None;
        for (frequency, column) in theta.columns().into_iter().enumerate() {
            let mut lowest = (0, f64::INFINITY);
            for (dot, &value) in column.iter().enumerate() {
                if value < lowest.1 {
                    lowest = (dot, value);
                }
            }
            let single = phase_dispersion_probability(lowest.1, samples, self.bins)?;
            let one = FoundCandidate {
                solution: grid.solution(lowest.0, frequency),
                statistic: 1.0 - lowest.1,
                probability: single.in_trials(trials)?,
                refined: None,
            };
            values.push(one.statistic);
            if best
                .as_ref()
                .is_none_or(|best| one.statistic > best.statistic)
            {
                best = Some(one.clone());
            }
            candidates.push((lowest.1 <= level).then_some(one));
        }
        Ok(Found {
            statistic: self.statistic.label(1),
            frequency_hz: grid.all_frequencies(),
            values,
            level: Some((1.0 - level, self.false_alarm)),
            candidates: peaks(candidates),
            best,
            trials,
            events: curve.total() as u64,
            segments: 1,
        })
    }

    /// Powers of the light curve from the first good moment to the last, gaps filled with the mean.
    fn acceleration(&self, events: &Events) -> Result<Found> {
        let range = self.range()?;
        let curve = LightCurve::from_events(&events.source(), self.bin_s(range.high))?;
        let mask = events.gti().bin_mask(curve.times(), curve.bin_s())?;
        let good: f64 = mask.iter().filter(|&&good| good).count() as f64;
        let pairs = || curve.counts().iter().zip(&mask);
        let mean = pairs()
            .map(|(n, &good)| if good { *n } else { 0.0 })
            .sum::<f64>()
            / good;
        let counts: Vec<f64> = pairs()
            .map(|(n, &good)| if good { *n } else { mean })
            .collect();
        let start = events.gti().span().context("no good time")?.start;
        let search = AccelerationSearch {
            z_max: self.z_max,
            lowest_hz: range.low,
            highest_hz: Some(range.high),
            false_alarm: self.false_alarm,
            ..AccelerationSearch::default()
        };
        let length = curve.bin_s() * counts.len() as f64;
        let trials = ((range.high - range.low) * length).max(1.0) * (2.0 * self.z_max).ceil();
        let found = search.run(start, curve.bin_s(), &counts)?;
        // The best drift of each frequency, and the best frequency of each run of neighbours.
        let first = (range.low * length).ceil() as usize;
        let last = (range.high * length).ceil() as usize;
        let mut by_frequency: Vec<Option<FoundCandidate>> =
            vec![None; last.saturating_sub(first) + 1];
        for one in found {
            let place = (one.solution.frequency_hz * length).round() as usize;
            let Some(cell) = by_frequency.get_mut(place.saturating_sub(first)) else {
                continue;
            };
            if cell
                .as_ref()
                .is_none_or(|known| one.power > known.statistic)
            {
                *cell = Some(FoundCandidate {
                    solution: one.solution,
                    statistic: one.power,
                    probability: one.probability,
                    refined: None,
                });
            }
        }
        let level = power_detection_level(self.false_alarm()?, 1.0, trials)?;
        let shown = by_frequency
            .iter()
            .map(|c| c.as_ref().map_or(0.0, |c| c.statistic));
        let values: Vec<f64> = shown.collect();
        let frequency = |k: usize| (first + k) as f64 / length;
        let candidates = peaks(by_frequency);
        Ok(Found {
            statistic: self.statistic.label(1),
            frequency_hz: (0..values.len()).map(frequency).collect(),
            values,
            level: Some((level, self.false_alarm)),
            best: candidates.first().cloned(),
            candidates,
            trials,
            events: curve.total() as u64,
            segments: 1,
        })
    }

    /// Climbs from each candidate to the summit of Z², with errors.
    fn refine(&self, found: &mut Found, events: &Events, console: &Console) -> Result<()> {
        if found.candidates.is_empty() {
            return Ok(());
        }
        if found.events > MOST_REFINED {
            console.warn("candidates are not refined: the events would not fit into memory");
            return Ok(());
        }
        let mut list = EventList::read(&events.source(), Default::default())?;
        if let Some(path) = &self.par {
            let ephemeris = read_par(path, events.reference(), console)?;
            let mut times = list.times().to_vec();
            ephemeris.remove_orbit(&mut times);
            list = EventList::new(times, ephemeris.emission_intervals(events.gti())?)?;
        }
        let harmonics = match self.statistic {
            Statistic::Z2 => self.harmonics(),
            _ => 1,
        };
        let derivative = self.grid.fdot.is_some() || self.statistic == Statistic::Acceleration;
        let bar = Bar::new(console);
        bar.begin("refine", found.candidates.len() as u64);
        for candidate in &mut found.candidates {
            // A candidate that is no summit of Z² stays as it was found.
            candidate.refined =
                refine_solution(list.times(), &candidate.solution, harmonics, derivative)
                    .ok()
                    .filter(|refined| refined.converged);
            bar.advance(1);
        }
        bar.end();
        Ok(())
    }
}

/// The best of each run of neighbours, the best first.
fn peaks(candidates: Vec<Option<FoundCandidate>>) -> Vec<FoundCandidate> {
    let mut peaks: Vec<FoundCandidate> = Vec::new();
    let mut inside = false;
    for one in candidates {
        let Some(one) = one else {
            inside = false;
            continue;
        };
        match peaks.last_mut().filter(|_| inside) {
            Some(peak) if one.statistic > peak.statistic => *peak = one,
            Some(_) => {}
            None => peaks.push(one),
        }
        inside = true;
    }
    peaks.sort_by(|a, b| b.statistic.total_cmp(&a.statistic));
    peaks
}
