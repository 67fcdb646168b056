//! `cargo xtask validate DIR`: every reference case under a directory.
//!
//! The cases are read and checked by the `validate` binary of the `astro-tests`
//! package, so that this one builds without the crates it checks.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace::{build, workspace_features};

/// Which cases, and how to run them.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Folder searched for `case.json`, at any depth.
    directory: PathBuf,
    /// Threads to compute with; all processors if not given.
    #[arg(long)]
    threads: Option<usize>,
    /// Device to compute on.
    #[arg(long, default_value = "cpu")]
    device: String,
    /// How a GPU computes: `auto` or `extended`.
    #[arg(long, default_value = "auto")]
    gpu_precision: String,
}

/// Builds and runs the checker; true if all cases passed.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let directory = std::path::absolute(&options.directory)
        .with_context(|| format!("cannot resolve {}", options.directory.display()))?;
    // As the tests are built, which build this program too: what they built is used again.
    let features = workspace_features()?;
    let built = build(["test", "--workspace", "--features", &features, "--no-run"])?;
    let program = built
        .iter()
        .find(|executable| executable.target == "validate" && !executable.is_test);
    let program = program.context("cargo did not say where it put `validate`")?;
    let mut command = Command::new(&program.path);
    command.arg(directory).args(["--device", &options.device]);
    command.args(["--gpu-precision", &options.gpu_precision]);
    if let Some(threads) = options.threads {
        command.args(["--threads", &threads.to_string()]);
    }
    let status = command.status().context("cannot start `validate`")?;
    Ok(status.success())
}
