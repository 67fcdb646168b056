//! `astro gpu` in a program that has no GPU support.

use anyhow::Result;
use clap::Args;

use crate::args::{BUILT_WITHOUT, HELP};
use crate::output::Usage;

/// GPUs: list, test, time. This program was built without them.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples, in a program with the feature `gpu`:
  astro gpu info
  astro gpu test
  astro gpu bench")]
pub(crate) struct Arguments {
    /// Not read
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

impl Arguments {
    pub(crate) fn execute(&self) -> Result<()> {
        let asked = self.rest.join(" ");
        Err(Usage(format!("astro gpu {asked}: {BUILT_WITHOUT}")).into())
    }
}
