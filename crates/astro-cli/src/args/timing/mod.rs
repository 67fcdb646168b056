//! The verbs of `astro timing` and what they have in common.

mod events;
mod gti;
mod output;
mod spectrum;

pub(crate) use events::{EventInput, FileOptions, SelectionOptions};
pub(crate) use gti::GtiArgument;
pub(crate) use output::{TableFormat, TableOutput};
pub(crate) use spectrum::{
    BackgroundOption, CompatOption, PrecisionOption, RebinOptions, SegmentOptions,
};

use clap::Subcommand;

use crate::commands::timing as verbs;

/// What to do with X-ray events.
#[derive(Debug, Subcommand)]
pub(crate) enum Timing {
    Info(Box<verbs::info::Arguments>),
    Power(Box<verbs::power::Arguments>),
}
