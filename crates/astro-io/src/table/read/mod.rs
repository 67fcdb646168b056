//! Reading tables back, whichever of the formats they are in.

mod ecsv;
mod fits;
mod npz;

use std::io::Read as _;
use std::path::Path;

use crate::store::Store;
use crate::table::Table;
use crate::{Error, Result};

/// Reads the tables of a file, recognised by content: every binary table of a FITS file (also
/// gzipped), the table of an ECSV file, the one-dimensional arrays of an npz archive.
///
/// What [`write_fits_tables`](crate::write_fits_tables), [`write_ecsv`](crate::write_ecsv) and
/// [`write_table_npz`](crate::write_table_npz) write is read back as it was; npz has neither units nor
/// keywords, and names its table after the file. ECSV columns `NAME_re` and `NAME_im` become one of complex
/// numbers.
///
/// ```
/// use astro_io::{IfExists, Table, read_tables, write_ecsv};
/// # let folder = tempfile::tempdir()?;
/// let table = Table::new("POWER").column("FREQUENCY", "Hz", vec![0.5, 1.0]).keyword("NORM", "frac", "");
/// let path = folder.path().join("power.ecsv");
/// write_ecsv(&path, &table, IfExists::Refuse)?;
/// let read = &read_tables(&path)?[0];
/// assert_eq!(read.numbers("frequency").as_deref(), Some(&[0.5, 1.0][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Reading`] around what is wrong: no such format, cut off, columns that a [`Table`] does not have
/// (several numbers in a cell), malformed text.
pub fn read_tables(path: impl AsRef<Path>) -> Result<Vec<Table<'static>>> {
    let path = path.as_ref();
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let read = || read(&Store::open(path)?, &name);
    read().map_err(Error::reading(path))
}

/// As [`read_tables`] for a file in memory; `name` is for tables that have none.
///
/// # Errors
/// As [`read_tables`].
pub fn read_tables_from_bytes(bytes: Vec<u8>, name: &str) -> Result<Vec<Table<'static>>> {
    read(&Store::from_bytes(bytes)?, name)
}

fn read(store: &Store, name: &str) -> Result<Vec<Table<'static>>> {
    let mut start = Vec::new();
    store.reader().take(10).read_to_end(&mut start)?;
    if start.starts_with(b"PK\x03\x04") {
        return Ok(vec![npz::read(store.reader(), name)?]);
    }
    if start.starts_with(b"# %ECSV") {
        let mut text = String::new();
        store.reader().read_to_string(&mut text)?;
        return Ok(vec![ecsv::parse(&text, name)?]);
    }
    fits::read(store)
}
