//! Options that several verbs share.

use std::path::PathBuf;

use clap::Args;

use super::range::Whole;

/// How a command runs and what it says.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct RunOptions {
    /// Take arguments from this TOML file; those of the command line override it (`params VERB --toml` writes a template)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
    /// Number of threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = Whole::Within(1, 4096))]
    pub(crate) threads: Option<usize>,
    /// Print nothing but errors, warnings and files asked for
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more about the course of the work
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// Whether files may be replaced.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OverwriteOption {
    /// Replace files that exist
    #[arg(long)]
    pub(crate) overwrite: bool,
}

/// Where results go.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputOptions {
    #[command(flatten)]
    pub(crate) files: OverwriteOption,
    /// Also draw a figure; the name ends in .png or .svg
    #[arg(long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,
}
