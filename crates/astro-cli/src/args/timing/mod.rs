//! The verbs of `astro timing` and what they have in common.

mod bands;
mod events;
mod gti;
mod output;
mod pair;
mod pulsation;
mod spectrum;

pub(crate) use bands::BandEdges;
pub(crate) use events::{EventInput, FileOptions, SelectionOptions};
pub(crate) use gti::GtiArgument;
pub(crate) use output::{TableFormat, TableOutput};
pub(crate) use pair::PairInput;
pub(crate) use pulsation::{SpinOptions, read_par};
pub(crate) use spectrum::{
    BackgroundOption, CompatOption, PrecisionOption, RebinOptions, SegmentOptions,
};

use clap::Subcommand;

use crate::commands::timing as verbs;

/// What to do with X-ray events.
#[derive(Debug, Subcommand)]
pub(crate) enum Timing {
    Info(Box<verbs::info::Arguments>),
    Filter(Box<verbs::filter::Arguments>),
    Lightcurve(Box<verbs::lightcurve::Arguments>),
    Power(Box<verbs::power::Arguments>),
    Cross(Box<verbs::cross::Arguments>),
    Lags(Box<verbs::lags::Arguments>),
    Energy(Box<verbs::energy::Arguments>),
    Dynamic(Box<verbs::dynamic::Arguments>),
    Export(verbs::export::Arguments),
    Fold(Box<verbs::fold::Arguments>),
    Search(Box<verbs::search::Arguments>),
    Phaseogram(Box<verbs::phaseogram::Arguments>),
    Fit(Box<verbs::fit::Arguments>),
    Deadtime(Box<verbs::deadtime::Arguments>),
    Simulate(Box<verbs::simulate::Arguments>),
    #[command(after_help = "Examples:
  astro timing params power
  astro timing params power --toml > power.toml
  astro timing params lags --json")]
    Params(crate::commands::params::Arguments),
}
