//! Where tables of results go.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::args::OutputOptions;
use crate::output::{Usage, extension};

/// A table and a figure of the result.
#[derive(Clone, Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Output")]
pub(crate) struct TableOutput {
    /// Write the result as a table; the name ends in .fits, .ecsv or .npz
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) more: OutputOptions,
}

/// Formats of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TableFormat {
    /// Binary tables, one an extension.
    Fits,
    /// Text with a header of types, units and keywords.
    Ecsv,
    /// NumPy arrays.
    Npz,
}

impl TableFormat {
    /// As the extension says.
    pub(crate) fn of(path: &Path) -> Result<Self, Usage> {
        match extension(path).as_deref() {
            Some("fits" | "fit" | "lc" | "evt") => Ok(Self::Fits),
            Some("ecsv") => Ok(Self::Ecsv),
            Some("npz") => Ok(Self::Npz),
            _ => Err(Usage(format!(
                "{} does not say what kind of table it is; end its name in .fits, .ecsv or .npz",
                path.display()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_known_by_their_extension() {
        assert_eq!(
            TableFormat::of(Path::new("a.FITS")).unwrap(),
            TableFormat::Fits
        );
        assert_eq!(
            TableFormat::of(Path::new("a.b.ecsv")).unwrap(),
            TableFormat::Ecsv
        );
        assert!(TableFormat::of(Path::new("a.csv")).is_err());
    }
}
