//! A subject and a reference: two files, or two energy bands.

use std::path::PathBuf;

use clap::Args;

use super::events::{FileOptions, SelectionOptions};
use crate::args::interval::{Interval, Ordered};
use crate::args::range::Real;

/// Where subject and reference come from.
#[derive(Clone, Debug, Args)]
#[group(skip)]
pub(crate) struct PairInput {
    /// Event files: the subject's, then the reference's; or files that become one with --subject and --reference, or with --reference-file
    #[arg(value_name = "FILE", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// Energies of the subject, keV: the hard band where a positive lag is to be a hard lag
    #[arg(long, value_name = "LOW:HIGH", value_parser = Ordered(Real::NonNegative), help_heading = "Selection")]
    pub(crate) subject: Option<Interval>,
    /// Energies of the reference, keV
    #[arg(long, value_name = "LOW:HIGH", value_parser = Ordered(Real::NonNegative), help_heading = "Selection")]
    pub(crate) reference: Option<Interval>,
    /// Event file of the reference, taken at the same time; may be repeated
    #[arg(long, value_name = "FILE", help_heading = "Selection")]
    pub(crate) reference_file: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) selection: SelectionOptions,
    #[command(flatten)]
    pub(crate) file: FileOptions,
}
