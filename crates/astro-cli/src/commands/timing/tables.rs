//! Tables of results, read back.

use std::path::Path;

use anyhow::{Result, bail};
use astro_io::{Table, read_tables};

/// The first table of a file that has these columns of numbers.
pub(super) fn table_with(path: &Path, columns: &[&str]) -> Result<Table<'static>> {
    let tables = read_tables(path)?;
    let complete = |table: &Table<'_>| columns.iter().all(|name| table.numbers(name).is_some());
    let found: Vec<String> = tables
        .iter()
        .map(|table| table.column_names().collect::<Vec<_>>().join(" "))
        .collect();
    match tables.into_iter().find(complete) {
        Some(table) => Ok(table),
        None => bail!(
            "{} has no table with the columns {}; it has: {}",
            path.display(),
            columns.join(" "),
            found.join("; ")
        ),
    }
}
