//! Trial frequencies and their derivatives.

use astro_core::check_finite;
use serde::{Deserialize, Serialize};

use crate::error::{Result, require, require_positive};
use crate::pulsation::TimingSolution;

/// Most trials of one search: their sums must fit into memory.
const MOST_TRIALS: f64 = 1e9;

/// Equally spaced trial frequencies, and frequency derivatives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchGrid {
    /// Time at which the frequencies hold, seconds.
    pub epoch_s: f64,
    /// First frequency, hertz.
    pub frequency_hz: f64,
    /// Step of the frequency, hertz.
    pub frequency_step_hz: f64,
    /// Number of frequencies.
    pub frequencies: usize,
    /// First frequency derivative, hertz a second.
    #[serde(default)]
    pub frequency_dot: f64,
    /// Step of the derivative, hertz a second.
    #[serde(default)]
    pub frequency_dot_step: f64,
    /// Number of derivatives.
    #[serde(default = "one")]
    pub frequency_dots: usize,
}

fn one() -> usize {
    1
}

impl SearchGrid {
    /// Frequencies `first_hz + j step_hz`, j from 0 to `count` − 1, at an epoch, without
    /// derivative.
    #[must_use]
    pub fn new(epoch_s: f64, first_hz: f64, step_hz: f64, count: usize) -> Self {
        Self {
            epoch_s,
            frequency_hz: first_hz,
            frequency_step_hz: step_hz,
            frequencies: count,
            frequency_dot: 0.0,
            frequency_dot_step: 0.0,
            frequency_dots: 1,
        }
    }

    /// From `low_hz` to `high_hz` in steps of 1/(oversampling · `span_s`): independent
    /// frequencies of n harmonics are 1/(n · span) apart, and an oversampling of 4n
    /// loses at most 1.3 % of the power of a pulse between two of them.
    ///
    /// # Errors
    /// An empty range, a span or oversampling that is not above 0, too many trials.
    pub fn covering(
        epoch_s: f64,
        low_hz: f64,
        high_hz: f64,
        span_s: f64,
        oversampling: f64,
    ) -> Result<Self> {
        require_positive("low_hz", low_hz)?;
        require_positive("high_hz − low_hz", high_hz - low_hz)?;
        require_positive("span_s", span_s)?;
        require_positive("oversampling", oversampling)?;
        let step = 1.0 / (span_s * oversampling);
        let steps = ((high_hz - low_hz) / step).ceil();
        require(
            "number of trials",
            steps + 1.0,
            steps < MOST_TRIALS,
            "below 1e9",
        )?;
        Ok(Self::new(epoch_s, low_hz, step, steps as usize + 1))
    }

    /// The same with derivatives `first + i step`, i from 0 to `count` − 1.
    #[must_use]
    pub fn with_dots(mut self, first: f64, step: f64, count: usize) -> Self {
        self.frequency_dot = first;
        self.frequency_dot_step = step;
        self.frequency_dots = count;
        self
    }

    /// Number of trials.
    pub fn trials(&self) -> usize {
        self.frequencies.saturating_mul(self.frequency_dots)
    }

    /// A trial frequency.
    pub fn frequency(&self, index: usize) -> f64 {
        self.frequency_hz + index as f64 * self.frequency_step_hz
    }

    /// A trial derivative.
    pub fn dot(&self, index: usize) -> f64 {
        self.frequency_dot + index as f64 * self.frequency_dot_step
    }

    /// All trial frequencies.
    pub fn all_frequencies(&self) -> Vec<f64> {
        (0..self.frequencies).map(|j| self.frequency(j)).collect()
    }

    /// The spin of a trial.
    pub fn solution(&self, dot: usize, frequency: usize) -> TimingSolution {
        TimingSolution::new(self.epoch_s, self.frequency(frequency))
            .with_derivatives(self.dot(dot), 0.0)
    }

    /// Requires at least one trial, finite numbers and frequencies above 0.
    ///
    /// # Errors
    /// The first number that is not, by name.
    pub fn check(&self) -> Result<()> {
        check_finite("epoch_s", [self.epoch_s])?;
        require_positive("frequency_hz of the grid", self.frequency_hz)?;
        let positive = self.frequency_step_hz > 0.0 && self.frequency_step_hz.is_finite();
        let step = self.frequency_step_hz;
        require(
            "frequency_step_hz",
            step,
            positive || self.frequencies == 1,
            "finite and above 0",
        )?;
        check_finite(
            "frequency_dot",
            [self.frequency_dot, self.frequency_dot_step],
        )?;
        let trials = self.trials() as f64;
        require(
            "number of trials",
            trials,
            (1.0..MOST_TRIALS).contains(&trials),
            "at least 1 and below 1e9",
        )
    }
}
