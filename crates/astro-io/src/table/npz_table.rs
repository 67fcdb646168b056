//! Tables as archives of NumPy arrays.

use std::path::Path;

use ndarray::Array1;

use super::{Cells, Table};
use crate::{Error, IfExists, NpyArray, NpzArrays, Result, write_npz};

/// Writes the columns of a table as the arrays of an npz archive; keywords and units are not kept.
///
/// # Errors
/// As [`write_fits_tables`](super::write_fits_tables); [`Error::TextInNpz`] for a column of text.
pub fn write_table_npz(
    path: impl AsRef<Path>,
    table: &Table<'_>,
    if_exists: IfExists,
) -> Result<()> {
    let arrays = arrays(table)?;
    write_npz(path, &arrays, if_exists)
}

/// The columns of a table as arrays.
pub(super) fn arrays(table: &Table<'_>) -> Result<NpzArrays> {
    table.rows()?;
    let mut arrays = NpzArrays::new();
    for column in &table.columns {
        let array: NpyArray = match &column.cells {
            Cells::F64(cells) => Array1::from(cells.to_vec()).into(),
            Cells::F32(cells) => Array1::from(cells.to_vec()).into(),
            Cells::I64(cells) => Array1::from(cells.to_vec()).into(),
            Cells::I32(cells) => Array1::from(cells.to_vec()).into(),
            Cells::I16(cells) => Array1::from(cells.to_vec()).into(),
            Cells::Complex(cells) => Array1::from(cells.to_vec()).into(),
            Cells::Text(_) => {
                return Err(Error::TextInNpz {
                    name: column.name.clone(),
                });
            }
        };
        arrays.insert(column.name.clone(), array);
    }
    Ok(arrays)
}
