//! What a search found, in words, numbers, tables and a figure.

use std::fmt::Write as _;

use astro_io::Table;
use astro_timing::pulsation::{Candidate, RefinedSolution, TimingSolution};
use astro_timing::statistics::TailProbability;
use serde_json::{Value, json};

use crate::commands::timing::outputs::Outputs;
use crate::commands::timing::significance;
use crate::commands::timing::source::Events;
use crate::plot::Figure;
use crate::plot::figures::{Periodogram, periodogram};
use crate::text;

/// A trial that stands out.
#[derive(Clone, Debug)]
pub(super) struct FoundCandidate {
    pub(super) solution: TimingSolution,
    pub(super) statistic: f64,
    /// Of as much in any trial, without pulsation.
    pub(super) probability: TailProbability,
    pub(super) refined: Option<RefinedSolution>,
}

impl From<Candidate> for FoundCandidate {
    fn from(one: Candidate) -> Self {
        Self {
            solution: one.solution,
            statistic: one.statistic,
            probability: one.probability,
            refined: None,
        }
    }
}

impl FoundCandidate {
    /// The refined solution, else the trial's.
    fn solution(&self) -> TimingSolution {
        self.refined
            .as_ref()
            .map_or(self.solution, |refined| refined.solution)
    }

    /// Errors of frequency and derivative; NaN where they are not known.
    fn errors(&self) -> (f64, f64) {
        self.refined
            .as_ref()
            .map_or((f64::NAN, f64::NAN), |refined| {
                (refined.frequency_error_hz, refined.frequency_dot_error)
            })
    }
}

/// The statistic at every frequency, and the candidates.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) statistic: String,
    pub(super) frequency_hz: Vec<f64>,
    /// The best over the derivatives.
    pub(super) values: Vec<f64>,
    /// What noise exceeds anywhere with a probability.
    pub(super) level: Option<(f64, f64)>,
    pub(super) best: Option<FoundCandidate>,
    pub(super) candidates: Vec<FoundCandidate>,
    pub(super) trials: f64,
    pub(super) events: u64,
    pub(super) segments: usize,
}

impl Found {
    pub(super) fn text(&self, all: usize) -> String {
        let mut text = format!("{} events, {:.0} trials", self.events, self.trials);
        // Writing to a String cannot fail.
        if self.segments > 1 {
            let _ = write!(text, ", average of {} segments", self.segments);
        }
        if let Some((level, probability)) = self.level {
            let _ = write!(
                text,
                "\n{}: noise exceeds {level:.3} anywhere with probability {probability}",
                self.statistic
            );
        }
        if self.candidates.is_empty() {
            text += "\nno candidates";
            if let Some(best) = &self.best {
                let _ = write!(
                    text,
                    "; the highest is {:.3} at {} Hz, {}",
                    best.statistic,
                    best.solution.frequency_hz,
                    significance::in_words(best.probability)
                );
            }
            return text;
        }
        let _ = write!(text, "\n{all} candidates");
        if all > self.candidates.len() {
            let _ = write!(text, ", the first {} of them", self.candidates.len());
        }
        let _ = writeln!(text, " (epoch {} s)", self.candidates[0].solution.epoch_s);
        let header = [
            "",
            "frequency [Hz]",
            "derivative [Hz/s]",
            "period [s]",
            "statistic",
            "in all trials",
        ];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        for (index, one) in self.candidates.iter().enumerate() {
            let spin = one.solution();
            let (error, dot_error) = one.errors();
            let f = spin.frequency_hz;
            rows.push(vec![
                (index + 1).to_string(),
                text::measurement(f, error),
                text::measurement(spin.frequency_dot, dot_error),
                text::measurement(1.0 / f, error / (f * f)),
                format!("{:.3}", one.statistic),
                significance::in_words(one.probability),
            ]);
        }
        text + &text::table(&rows)
    }

    pub(super) fn value(&self, all: usize, events: &Events, outputs: &Outputs) -> Value {
        let one = |one: &FoundCandidate| {
            let (error, dot_error) = one.errors();
            let mut value = significance::value(one.statistic, one.probability);
            value["frequency_hz"] = one.solution().frequency_hz.into();
            value["frequency_error_hz"] = error.into();
            value["frequency_dot"] = one.solution().frequency_dot.into();
            value["frequency_dot_error"] = dot_error.into();
            value["trial_frequency_hz"] = one.solution.frequency_hz.into();
            value["epoch_s"] = one.solution.epoch_s.into();
            value["refined_z_squared"] =
                one.refined.as_ref().map(|refined| refined.z_squared).into();
            value
        };
        outputs.in_value(json!({
            "statistic": self.statistic,
            "events": self.events,
            "trials": self.trials,
            "segments": self.segments,
            "barycentred": events.reference().is_barycentred(),
            "detection_level": self.level.map(|(level, _)| level),
            "false_alarm": self.level.map(|(_, probability)| probability),
            "candidates_found": all,
            "candidates": self.candidates.iter().map(one).collect::<Vec<_>>(),
            "best": self.best.as_ref().map(one),
        }))
    }

    /// The candidates, and the statistic at every frequency.
    pub(super) fn tables(&self) -> Vec<Table<'static>> {
        let each = |value: &dyn Fn(&FoundCandidate) -> f64| -> Vec<f64> {
            self.candidates.iter().map(value).collect()
        };
        let ln10 = std::f64::consts::LN_10;
        let candidates = Table::new("CANDIDATES")
            .column("FREQUENCY", "Hz", each(&|c| c.solution().frequency_hz))
            .column("F_ERROR", "Hz", each(&|c| c.errors().0))
            .column("FDOT", "Hz/s", each(&|c| c.solution().frequency_dot))
            .column("FDOT_ERROR", "Hz/s", each(&|c| c.errors().1))
            .column("EPOCH", "s", each(&|c| c.solution().epoch_s))
            .column("STATISTIC", "", each(&|c| c.statistic))
            .column("LOG10_P", "", each(&|c| c.probability.ln() / ln10))
            .column("SIGMA", "", each(&|c| c.probability.gaussian_sigma()))
            .keyword(
                "STATNAME",
                self.statistic.replace('²', "^2").as_str(),
                "statistic",
            )
            .keyword("TRIALS", self.trials, "trials that probabilities count");
        let mut all = Table::new("PERIODOGRAM")
            .column("FREQUENCY", "Hz", self.frequency_hz.clone())
            .column("STATISTIC", "", self.values.clone());
        if let Some((level, probability)) = self.level {
            all = all
                .keyword("LEVEL", level, "statistic that noise exceeds anywhere")
                .keyword("PFALSE", probability, "with this probability");
        }
        vec![candidates, all]
    }

    pub(super) fn figure(&self) -> Figure {
        periodogram(&Periodogram {
            frequency_hz: self.frequency_hz.clone(),
            statistic: self.values.clone(),
            quantity: self.statistic.clone(),
            candidates: self
                .candidates
                .iter()
                .map(|one| (one.solution.frequency_hz, one.statistic))
                .collect(),
            level: self
                .level
                .map(|(level, probability)| (level, format!("noise, {} %", 100.0 * probability))),
        })
    }
}
