//! The table and the figure of a result.

use std::path::PathBuf;

use anyhow::Result;
use astro_io::{Table, write_ecsv, write_fits_tables, write_table_npz};
use serde_json::{Value, json};

use super::source::Events;
use crate::args::timing::{TableFormat, TableOutput};
use crate::output::{Files, check_figure_name};
use crate::plot::Figure;

/// Files to be written: their names make sense, and none is in the way.
#[derive(Clone, Debug)]
pub(crate) struct Outputs {
    table: Option<(PathBuf, TableFormat)>,
    plot: Option<PathBuf>,
    files: Files,
}

impl Outputs {
    /// Checks names before anything is computed.
    pub(crate) fn new(options: &TableOutput) -> Result<Self> {
        let files = Files::new(options.more.files);
        let table = match &options.out {
            Some(path) => Some((path.clone(), TableFormat::of(path)?)),
            None => None,
        };
        if let Some(path) = &options.more.plot {
            check_figure_name(path)?;
        }
        files.claim(options.out.as_deref())?;
        files.claim(options.more.plot.as_deref())?;
        Ok(Self {
            table,
            plot: options.more.plot.clone(),
            files,
        })
    }

    /// Writes the tables where one is asked for; formats of a single table take the first.
    pub(crate) fn tables(&self, tables: &[Table<'_>]) -> Result<()> {
        let (Some((path, format)), Some(first)) = (&self.table, tables.first()) else {
            return Ok(());
        };
        match format {
            TableFormat::Fits => write_fits_tables(path, tables, self.files.if_exists)?,
            TableFormat::Ecsv => write_ecsv(path, first, self.files.if_exists)?,
            TableFormat::Npz => write_table_npz(path, first, self.files.if_exists)?,
        }
        Ok(())
    }

    /// Draws the figure where one is asked for.
    pub(crate) fn figure(&self, draw: impl FnOnce() -> Result<Figure>) -> Result<()> {
        match &self.plot {
            Some(path) => self.files.figure(path, &draw()?),
            None => Ok(()),
        }
    }

    /// The result with the names of the files.
    pub(crate) fn in_value(&self, mut value: Value) -> Value {
        value["files"] = json!(self.names());
        value
    }

    /// The names of the files, for summaries.
    fn names(&self) -> Vec<&PathBuf> {
        let table = self.table.as_ref().map(|(path, _)| path);
        table.into_iter().chain(&self.plot).collect()
    }

    /// A line that names the files; nothing where there are none.
    pub(crate) fn in_words(&self) -> String {
        let names: Vec<String> = self
            .names()
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        if names.is_empty() {
            String::new()
        } else {
            format!("\nwritten: {}", names.join(", "))
        }
    }
}

impl Events {
    /// Keywords that say what a table is of.
    pub(crate) fn label<'t>(&self, mut table: Table<'t>) -> Table<'t> {
        let first = self.first();
        let labels = [
            ("TELESCOP", first.and_then(|info| info.mission.clone())),
            ("INSTRUME", first.and_then(|info| info.instrument.clone())),
            ("OBJECT", first.and_then(|info| info.object.clone())),
        ];
        for (keyword, value) in labels {
            if let Some(value) = value {
                table = table.keyword(keyword, value, "");
            }
        }
        table = table.keyword("EXPOSURE", self.gti().exposure_s(), "[s] good time");
        if let Some(band) = self.band() {
            table = table
                .keyword("E_MIN", band.low_kev, "[keV] lowest energy")
                .keyword("E_MAX", band.high_kev, "[keV] highest energy");
        }
        table
    }
}
