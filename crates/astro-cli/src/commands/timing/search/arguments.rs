//! What can be asked of a search.

use anyhow::{Context as _, Result};
use astro_timing::pulsation::{PulseStatistic, SearchGrid};
use clap::{Args, ValueEnum};

use crate::args::timing::{EventInput, TableOutput};
use crate::args::{DeviceOptions, HELP, Interval, Ordered, Real, RunOptions, Whole};
use crate::commands::timing::source::Events;
use crate::output::Usage;

/// Trials of a search that are not a slip of the keyboard.
const MOST_TRIALS: f64 = 1e8;

/// Searches for pulsations: Z², H, epoch folding, phase dispersion, or an acceleration search.
///
/// Probabilities of candidates count every trial. Frequencies and derivatives hold at the middle of the
/// good time; those of an acceleration search at its beginning.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro timing search pulsar.evt --frequencies 1:2 --plot search.svg
  astro timing search pulsar.evt --frequencies 1.4:1.5 --statistic h --out found.fits
  astro timing search pulsar.evt --frequencies 1.40:1.45 --fdot=-1e-5:1e-5 --fast
  astro timing search pulsar.evt --frequencies 1.4:1.5 --statistic folding --bins 16
  astro timing search pulsar.evt --frequencies 1:2 --statistic acceleration --z-max 20")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(super) input: EventInput,
    #[command(flatten)]
    pub(super) grid: GridOptions,
    /// What is computed at every trial
    #[arg(
        long,
        value_enum,
        value_name = "NAME",
        default_value = "z2",
        help_heading = "Search"
    )]
    pub(super) statistic: Statistic,
    /// Harmonics [default: 2 for z2, 20 for h]
    #[arg(long, value_name = "N", value_parser = Whole::Within(1, 100), help_heading = "Search")]
    pub(super) harmonics: Option<usize>,
    /// Bins of the profiles of folding and dispersion
    #[arg(long, value_name = "N", value_parser = Whole::Within(2, 65536), default_value = "32", help_heading = "Search")]
    pub(super) bins: usize,
    /// Fold short intervals once and turn their profiles for the trials around: faster over derivatives, a few per cent less sensitive
    #[arg(long, help_heading = "Search", conflicts_with = "segment")]
    pub(super) fast: bool,
    #[command(flatten)]
    pub(super) device: DeviceOptions,
    /// Average the statistics of segments of this length
    #[arg(long, value_name = "S", value_parser = Real::Positive, help_heading = "Search")]
    pub(super) segment: Option<f64>,
    /// Remove the binary orbit of this ephemeris first
    #[arg(long, value_name = "FILE", help_heading = "Search")]
    pub(super) par: Option<std::path::PathBuf>,
    /// Bins of the light curve of dispersion and acceleration [default: an eighth of the shortest period]
    #[arg(long, value_name = "S", value_parser = Real::Positive, help_heading = "Search")]
    pub(super) dt: Option<f64>,
    /// Largest drift of an acceleration search, in Fourier bins over the observation
    #[arg(long, value_name = "BINS", value_parser = Real::Positive, default_value = "50", help_heading = "Search")]
    pub(super) z_max: f64,
    /// Probability that noise alone gives any candidate
    #[arg(long, value_name = "PROBABILITY", value_parser = Real::Within(1e-12, 1.0), default_value = "0.01", help_heading = "Search")]
    pub(super) false_alarm: f64,
    /// Candidates that are listed, and refined to the summit of their peak
    #[arg(long, value_name = "N", value_parser = Whole::Within(1, 1000), default_value = "10", help_heading = "Search")]
    pub(super) candidates: usize,
    /// Do not refine candidates
    #[arg(long, help_heading = "Search")]
    pub(super) no_refine: bool,
    #[command(flatten)]
    pub(super) output: TableOutput,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// Trial frequencies and derivatives.
#[derive(Clone, Debug, Args)]
#[group(skip)]
#[command(next_help_heading = "Search", allow_negative_numbers = true)]
pub(super) struct GridOptions {
    /// Frequencies, Hz
    #[arg(long, value_name = "LOW:HIGH", value_parser = Ordered(Real::Positive), required_unless_present = "periods")]
    pub(super) frequencies: Option<Interval>,
    /// Periods, s, instead of frequencies
    #[arg(long, value_name = "LOW:HIGH", value_parser = Ordered(Real::Positive), conflicts_with = "frequencies")]
    pub(super) periods: Option<Interval>,
    /// Derivatives of the frequency, Hz/s [default: 0 alone]
    #[arg(long, value_name = "LOW:HIGH", value_parser = Ordered(Real::Finite), allow_hyphen_values = true)]
    pub(super) fdot: Option<Interval>,
    /// Trials a frequency resolution (the inverse of the span) and harmonic
    #[arg(long, value_name = "N", value_parser = Real::Within(1.0, 1000.0), default_value = "4")]
    pub(super) oversample: f64,
}

/// What is computed at every trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Statistic {
    /// Z² of unbinned events
    Z2,
    /// H of unbinned events
    H,
    /// χ² of folded profiles
    Folding,
    /// Phase dispersion of the light curve
    Dispersion,
    /// Powers of the light curve, drifts gathered in the Fourier domain
    Acceleration,
}

impl Statistic {
    /// Its name on the axis of a figure.
    pub(super) fn label(self, harmonics: usize) -> String {
        match self {
            Self::Z2 => format!("Z², {harmonics} harmonics"),
            Self::H => "H".to_owned(),
            Self::Folding => "Epoch folding χ²".to_owned(),
            Self::Dispersion => "1 − Θ".to_owned(),
            Self::Acceleration => "Power (Leahy)".to_owned(),
        }
    }
}

impl Arguments {
    /// Harmonics, as asked or by default.
    pub(super) fn harmonics(&self) -> usize {
        let default = match self.statistic {
            Statistic::H => 20,
            Statistic::Z2 => 2,
            Statistic::Folding | Statistic::Dispersion | Statistic::Acceleration => 1,
        };
        self.harmonics.unwrap_or(default)
    }

    pub(super) fn pulse_statistic(&self) -> PulseStatistic {
        let harmonics = self.harmonics();
        match self.statistic {
            Statistic::H => PulseStatistic::H { harmonics },
            Statistic::Folding => PulseStatistic::EpochFolding { bins: self.bins },
            _ => PulseStatistic::ZSquared { harmonics },
        }
    }

    /// Lowest and highest frequency.
    pub(super) fn range(&self) -> Result<Interval> {
        match (self.grid.frequencies, self.grid.periods) {
            (Some(frequencies), _) => Ok(frequencies),
            (None, Some(periods)) => Ok(Interval {
                low: 1.0 / periods.high,
                high: 1.0 / periods.low,
            }),
            (None, None) => Err(Usage("give --frequencies or --periods".to_owned()).into()),
        }
    }

    /// The trials, about the middle of the good time.
    pub(super) fn search_grid(&self, events: &Events) -> Result<SearchGrid> {
        let range = self.range()?;
        let span = events
            .gti()
            .span()
            .context("the events have no good time")?;
        let middle = 0.5 * (span.start + span.stop);
        let length = self.segment.unwrap_or(span.length()).min(span.length());
        // H is mostly decided by its lowest harmonics; four of them are resolved.
        let resolved = match self.statistic {
            Statistic::Folding => 2,
            _ => self.harmonics().min(4),
        };
        let oversampling = self.grid.oversample * resolved as f64;
        let grid = SearchGrid::covering(middle, range.low, range.high, length, oversampling)?;
        let Some(fdot) = self.grid.fdot else {
            return Ok(grid);
        };
        // Between two derivatives the phase at the ends is off by step T²/16: 3/8 of a turn over the
        // oversampling.
        let step = 6.0 / (oversampling * span.length().powi(2));
        let steps = ((fdot.high - fdot.low) / step).ceil();
        let trials = (steps + 1.0) * grid.frequencies as f64;
        if trials > MOST_TRIALS {
            return Err(Usage(format!(
                "--fdot {}:{} holds {steps:.0} steps of {step:.1e} Hz/s, {trials:.1e} trials in all; narrow the ranges",
                fdot.low, fdot.high
            ))
            .into());
        }
        let count = steps as usize + 1;
        let step = (fdot.high - fdot.low) / steps;
        Ok(grid.with_dots(fdot.low, step, count))
    }
}
