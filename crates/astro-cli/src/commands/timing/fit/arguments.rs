//! What can be asked of a fit.

use std::path::PathBuf;

use clap::Args;

use crate::args::timing::{EventInput, RebinOptions, SegmentOptions, TableOutput};
use crate::args::{HELP, Interval, NamedRange, NamedValue, Ordered, Real, RunOptions, Whole};

/// Fits a model to a power spectrum by maximum likelihood, with analytic errors.
///
/// FILE is a table that `astro timing power` has written, or event files whose spectrum is made as that
/// command makes it. Models are sums and products of constant, power_law, bending_power_law,
/// smoothly_broken_power_law, lorentzian and generalized_lorentzian. Powers are averages of exponential ones
/// (Gamma distribution); starts that are not given are guessed from the data.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro timing fit qpo.evt --segment 16 --model \"lorentzian + constant\" --plot fit.svg
  astro timing fit power.fits --model lorentzian+constant --start lorentzian.center_hz=5
  astro timing fit power.fits --model lorentzian+constant --range 0.5:50 --interval 1.645
  astro timing fit power.fits --model lorentzian+constant --sample --report fit.html
  astro timing fit power.fits --model lorentzian+constant --against constant \\
    --simulations 100")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(super) input: EventInput,
    #[command(flatten)]
    pub(super) segments: SegmentOptions,
    #[command(flatten)]
    pub(super) rebin: RebinOptions,
    /// Powers averaged in each of a table that does not say
    #[arg(long, value_name = "N", value_parser = Real::Within(1.0, 1e12), help_heading = "Spectrum")]
    pub(super) averages: Option<f64>,
    /// Frequencies that are fitted, Hz [default: all]
    #[arg(long, value_name = "LOW:HIGH", value_parser = Ordered(Real::NonNegative), help_heading = "Spectrum")]
    pub(super) range: Option<Interval>,
    /// Model, such as "2 lorentzian + power_law + constant"
    #[arg(long, value_name = "MODEL", help_heading = "Model")]
    pub(super) model: String,
    /// Value to start a parameter from, such as lorentzian.center_hz=5 [default: guessed]
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Model")]
    pub(super) start: Vec<NamedValue>,
    /// Hold a parameter at this value
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Model")]
    pub(super) fix: Vec<NamedValue>,
    /// Keep a parameter within these limits
    #[arg(long, value_name = "NAME=LOW:HIGH", help_heading = "Model")]
    pub(super) limit: Vec<NamedRange>,
    /// Also give the interval of each parameter by the profile of the likelihood, at this many standard deviations: 1.645 for 90 %
    #[arg(long, value_name = "SIGMAS", value_parser = Real::Within(0.1, 10.0), help_heading = "Errors")]
    pub(super) interval: Option<f64>,
    #[command(flatten)]
    pub(super) sampling: SampleOptions,
    #[command(flatten)]
    pub(super) tests: TestOptions,
    #[command(flatten)]
    pub(super) output: TableOutput,
    /// Write an HTML page with numbers and figures
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// Posterior sampling.
#[derive(Clone, Debug, Args)]
#[group(skip)]
#[command(next_help_heading = "Errors")]
pub(super) struct SampleOptions {
    /// Sample the posterior, with wide priors, by an affine-invariant ensemble
    #[arg(long)]
    pub(super) sample: bool,
    /// Steps of the ensemble that are kept
    #[arg(long, value_name = "N", value_parser = Whole::Within(10, 10_000_000), default_value = "1000")]
    pub(super) steps: usize,
    /// Steps before them that are not
    #[arg(long, value_name = "N", value_parser = Whole::Within(0, 10_000_000), default_value = "500")]
    pub(super) burn: usize,
    /// Seed of sampling and simulations
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
}

/// Tests that are calibrated by simulation.
#[derive(Clone, Debug, Args)]
#[group(skip)]
#[command(next_help_heading = "Tests")]
pub(super) struct TestOptions {
    /// Simpler model: how probable is so large a gain in likelihood over it by chance?
    #[arg(long, value_name = "MODEL")]
    pub(super) against: Option<String>,
    /// How probable is the highest power over the model by chance? Finds lines that the model lacks
    #[arg(long)]
    pub(super) outlier: bool,
    /// Spectra that are simulated for a test
    #[arg(long, value_name = "N", value_parser = Whole::Within(10, 1_000_000), default_value = "1000")]
    pub(super) simulations: usize,
}
