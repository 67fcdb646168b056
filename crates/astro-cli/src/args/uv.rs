//! uv tables as input.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use astro_core::UvTable;
use astro_io::{UvReadOptions, UvUnit, read_uv_table};
use clap::{Args, ValueEnum};

use super::range::Real;
use crate::output::Usage;

/// How uv tables are read, and which of their rows are used.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Reading uv tables")]
pub(crate) struct UvInput {
    /// Observing wavelength in metres: needed where u and v are in metres; one for all tables, or one each
    #[arg(long, value_name = "M", value_parser = Real::Positive, value_delimiter = ',')]
    wavelength: Vec<f64>,
    /// Unit of u and v, over what the file says
    #[arg(long, value_enum, value_name = "UNIT")]
    uv_unit: Option<Unit>,
    /// Conjugate the visibilities: for tables of the other sign, where East and West come out swapped
    #[arg(long)]
    conjugate: bool,
    /// Number of the source to read from a UVFITS file of several
    #[arg(long, value_name = "N")]
    source: Option<i32>,
    /// Leave out baselines shorter than this, kilowavelengths
    #[arg(long, value_name = "KLAMBDA", value_parser = Real::NonNegative)]
    uv_min: Option<f64>,
    /// Leave out baselines longer than this, kilowavelengths
    #[arg(long, value_name = "KLAMBDA", value_parser = Real::Positive)]
    uv_max: Option<f64>,
}

/// Unit of u and v.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Unit {
    /// Wavelengths
    Lambda,
    /// Thousands of wavelengths
    Klambda,
    /// Metres
    Meter,
}

impl UvInput {
    /// Reads a table of any known format and applies the cuts.
    pub(crate) fn read(&self, path: &Path) -> Result<UvTable> {
        let tables = self.read_all(std::slice::from_ref(&path.to_path_buf()))?;
        tables.into_iter().next().context("no table was named")
    }

    /// Reads several tables and applies the cuts.
    pub(crate) fn read_all(&self, paths: &[PathBuf]) -> Result<Vec<UvTable>> {
        let tables = self.read_uncut(paths)?;
        let pairs = tables.into_iter().zip(paths);
        pairs.map(|(table, path)| self.cut(table, path)).collect()
    }

    /// Reads several tables, all their rows.
    pub(crate) fn read_uncut(&self, paths: &[PathBuf]) -> Result<Vec<UvTable>> {
        if self.wavelength.len() > 1 && self.wavelength.len() != paths.len() {
            return Err(Usage(format!(
                "--wavelength gives {} wavelengths for {} tables; give one, or one for each table",
                self.wavelength.len(),
                paths.len()
            ))
            .into());
        }
        let read_one = |(index, path): (usize, &PathBuf)| {
            let mut options = UvReadOptions::new().conjugate(self.conjugate);
            options.wavelength_m = self.wavelength_m(index);
            options.source = self.source;
            options.unit = self.uv_unit.map(|unit| match unit {
                Unit::Lambda => UvUnit::Wavelengths,
                Unit::Klambda => UvUnit::Kilowavelengths,
                Unit::Meter => UvUnit::Meters,
            });
            read_uv_table(path, &options).map_err(|error| needs_wavelength(error, path))
        };
        paths.iter().enumerate().map(read_one).collect()
    }

    /// The wavelength given for a table.
    pub(crate) fn wavelength_m(&self, index: usize) -> Option<f64> {
        let only = self
            .wavelength
            .first()
            .filter(|_| self.wavelength.len() == 1);
        only.or(self.wavelength.get(index)).copied()
    }

    /// Shortest and longest baseline to use, wavelengths.
    pub(crate) fn range(&self) -> (f64, f64) {
        (
            1e3 * self.uv_min.unwrap_or(0.0),
            1e3 * self.uv_max.unwrap_or(f64::INFINITY),
        )
    }

    fn cut(&self, table: UvTable, path: &Path) -> Result<UvTable> {
        let (shortest, longest) = self.range();
        if self.uv_min.is_none() && self.uv_max.is_none() {
            return Ok(table);
        }
        let baseline = |row: usize| table.u[row].hypot(table.v[row]);
        let kept = table.filtered(|row| (shortest..=longest).contains(&baseline(row)));
        if kept.unflagged() == 0 {
            let (low, high) = (0..table.len())
                .map(baseline)
                .fold((f64::INFINITY, 0.0_f64), |(l, h), b| (l.min(b), h.max(b)));
            bail!(
                "no usable visibility of {} lies between --uv-min {} and --uv-max {} kilowavelengths; its baselines run from {:.4} to {:.4}",
                path.display(),
                shortest / 1e3,
                longest / 1e3,
                low / 1e3,
                high / 1e3
            );
        }
        Ok(kept)
    }
}

/// Names the option where that is the remedy.
fn needs_wavelength(error: astro_io::Error, path: &Path) -> anyhow::Error {
    let missing = matches!(&error, astro_io::Error::Reading { source, .. }
        if matches!(**source, astro_io::Error::WavelengthNeeded));
    if missing {
        return Usage(format!(
            "{} has u and v in metres; give the observing wavelength in metres with --wavelength",
            path.display()
        ))
        .into();
    }
    error.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(folder: &Path) -> PathBuf {
        let path = folder.join("a.txt");
        std::fs::write(&path, "# u[lambda] v Re Im w\n1e4 0 1 0 1\n3e4 4e4 1 0 1\n").unwrap();
        path
    }

    #[test]
    fn cuts_are_in_kilowavelengths() {
        let folder = tempfile::tempdir().unwrap();
        let path = table(folder.path());
        let input = UvInput {
            uv_min: Some(20.0),
            ..UvInput::default()
        };
        assert_eq!(input.read(&path).unwrap().u, [3e4]);
        let input = UvInput {
            uv_max: Some(50.0),
            ..UvInput::default()
        };
        assert_eq!(input.read(&path).unwrap().len(), 2);
    }

    #[test]
    fn cuts_that_leave_nothing_say_what_there_is() {
        let folder = tempfile::tempdir().unwrap();
        let input = UvInput {
            uv_min: Some(60.0),
            ..UvInput::default()
        };
        let error = input.read(&table(folder.path())).unwrap_err().to_string();
        assert!(error.contains("from 10.0000 to 50.0000"), "{error}");
    }
}
