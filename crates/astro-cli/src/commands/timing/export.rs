//! `astro timing export`: results for other programs.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use astro_io::{
    BinnedDensity, Table, read_tables, write_ecsv, write_fits_tables, write_pha_and_response,
    write_table_npz,
};
use clap::Args;
use serde_json::json;

use crate::args::timing::TableFormat;
use crate::args::{HELP, OverwriteOption, RunOptions};
use crate::output::{Console, Files, Usage, extension};

/// Writes a table of results as a spectrum for XSPEC and Sherpa, or in another format.
///
/// An output that ends in .pha makes a spectrum and its response (.rsp): frequency or energy takes the place of
/// energy, and a model is a density per Hz or keV. Outputs in .fits, .ecsv and .npz are tables; npz has no units.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro timing export power.fits --subtract-noise --out power.pha
  astro timing export lags.ecsv --column TIME --out lags.pha
  astro timing export power.fits --out power.ecsv")]
pub(crate) struct Arguments {
    /// Table of results: FITS, ECSV or npz
    #[arg(value_name = "TABLE")]
    input: PathBuf,
    /// Where it goes: .pha (with .rsp beside it), .fits, .ecsv or .npz
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Table of a FITS file, by its name [default: the first; all of them to FITS]
    #[arg(long, value_name = "NAME")]
    extension: Option<String>,
    /// Column of the spectrum [default: POWER, else TIME of lags, else LAG]
    #[arg(long, value_name = "NAME")]
    column: Option<String>,
    /// Column of its errors [default: ERROR, or the column's name and _ERR]
    #[arg(long, value_name = "NAME")]
    error: Option<String>,
    /// Subtract the power of noise (the keyword NOISE)
    #[arg(long)]
    subtract_noise: bool,
    #[command(flatten)]
    output: OverwriteOption,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let files = Files::new(self.output);
        let tables = self.tables()?;
        if extension(&self.out).as_deref() == Some("pha") {
            return self.spectrum(&tables[0], files, console);
        }
        if self.subtract_noise || self.column.is_some() || self.error.is_some() {
            let text =
                "--column, --error and --subtract-noise are for spectra: end the name in .pha";
            return Err(Usage(text.to_owned()).into());
        }
        let format = TableFormat::of(&self.out)?;
        files.claim([self.out.as_path()])?;
        match format {
            TableFormat::Fits => write_fits_tables(&self.out, &tables, files.if_exists)?,
            TableFormat::Ecsv => write_ecsv(&self.out, &tables[0], files.if_exists)?,
            TableFormat::Npz => write_table_npz(&self.out, &tables[0], files.if_exists)?,
        }
        let written = match format {
            TableFormat::Fits => tables.len(),
            _ => 1,
        };
        let names: Vec<&str> = tables.iter().take(written).map(Table::name).collect();
        if written < tables.len() {
            console.warn(format!(
                "only the table {} is written, of {}; --extension chooses another",
                names[0],
                tables.len()
            ));
        }
        let text = format!("{} written to {}", names.join(", "), self.out.display());
        console.result(&text, &json!({ "tables": names, "files": [&self.out] }));
        Ok(())
    }

    fn tables(&self) -> Result<Vec<Table<'static>>> {
        let mut tables = read_tables(&self.input)?;
        if let Some(name) = &self.extension {
            let found: Vec<String> = tables.iter().map(|table| table.name().to_owned()).collect();
            tables.retain(|table| table.name().eq_ignore_ascii_case(name));
            if tables.is_empty() {
                return Err(Usage(format!(
                    "{} has no table {name}; it has {}",
                    self.input.display(),
                    found.join(", ")
                ))
                .into());
            }
        }
        Ok(tables)
    }

    fn spectrum(&self, table: &Table<'_>, files: Files, console: &Console) -> Result<()> {
        let stem = self.out.with_extension("");
        files.claim([self.out.as_path(), stem.with_extension("rsp").as_path()])?;
        let edges = edges(table, &self.input)?;
        let name = match &self.column {
            Some(name) => name.clone(),
            None => default_column(table, &self.input)?,
        };
        let error = match &self.error {
            Some(name) => name.clone(),
            None if name.eq_ignore_ascii_case("POWER") => "ERROR".to_owned(),
            None => format!("{name}_ERR"),
        };
        let noise = match self.subtract_noise {
            true => table.number("NOISE").with_context(|| {
                format!("{} has no keyword NOISE to subtract", self.input.display())
            })?,
            false => 0.0,
        };
        let density = numbers(table, &name, &self.input)?;
        let errors = numbers(table, &error, &self.input)?;
        let finite = |&bin: &usize| density[bin].is_finite() && errors[bin].is_finite();
        let kept: Vec<usize> = (0..density.len()).filter(finite).collect();
        let pick =
            |of: &dyn Fn(usize) -> f64| -> Vec<f64> { kept.iter().map(|&bin| of(bin)).collect() };
        let spectrum = [
            pick(&|bin| edges[bin][0]),
            pick(&|bin| edges[bin][1]),
            pick(&|bin| density[bin] - noise),
            pick(&|bin| errors[bin]),
        ];
        let [low_hz, high_hz, density_kept, error_kept] = &spectrum;
        let binned = BinnedDensity {
            low_hz,
            high_hz,
            density: density_kept,
            error: error_kept,
        };
        let (pha, response) = write_pha_and_response(&stem, &binned, files.if_exists)?;
        if kept.len() < density.len() {
            console.warn(format!(
                "{} bins without a value or an error are left out",
                density.len() - kept.len()
            ));
        }
        let text = format!(
            "{name} in {} bins from {} to {}\nwritten: {}, {}",
            kept.len(),
            low_hz.first().copied().unwrap_or(f64::NAN),
            high_hz.last().copied().unwrap_or(f64::NAN),
            pha.display(),
            response.display()
        );
        let value = json!({ "column": name, "bins": kept.len(), "files": [pha, response] });
        console.result(&text, &value);
        Ok(())
    }
}

/// Edges of the bins: of frequency or of energy.
fn edges(table: &Table<'_>, path: &Path) -> Result<Vec<[f64; 2]>> {
    let column = |name: &str| table.numbers(name);
    if let Some((center, width)) = column("FREQUENCY").zip(column("WIDTH")) {
        let edge = |(f, w): (&f64, &f64)| [f - 0.5 * w, f + 0.5 * w];
        return Ok(center.iter().zip(&width).map(edge).collect());
    }
    if let Some((low, high)) = column("E_MIN").zip(column("E_MAX")) {
        return Ok(low
            .into_iter()
            .zip(high)
            .map(|(low, high)| [low, high])
            .collect());
    }
    let found: Vec<&str> = table.column_names().collect();
    Err(Usage(format!(
        "{} has no bins: columns FREQUENCY and WIDTH, or E_MIN and E_MAX, are needed; it has {}",
        path.display(),
        found.join(", ")
    ))
    .into())
}

fn default_column(table: &Table<'_>, path: &Path) -> Result<String> {
    let known = ["POWER", "TIME", "LAG"];
    let found = known.iter().find(|name| table.numbers(name).is_some());
    found.map(|&name| name.to_owned()).ok_or_else(|| {
        let names: Vec<&str> = table.column_names().collect();
        let text = format!(
            "{}: name the spectrum with --column; there are {}",
            path.display(),
            names.join(", ")
        );
        Usage(text).into()
    })
}

fn numbers(table: &Table<'_>, name: &str, path: &Path) -> Result<Vec<f64>> {
    table.numbers(name).ok_or_else(|| {
        let names: Vec<&str> = table.column_names().collect();
        let text = format!(
            "{} has no column {name} of real numbers; it has {}",
            path.display(),
            names.join(", ")
        );
        Usage(text).into()
    })
}
