//! `.npz`: a zip archive with one `.npy` member an array.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{NpyArray, read_npy_from, write_npy_to};
use crate::{Error, IfExists, Result, write_atomically};

/// The arrays of an archive by name (without `.npy`).
pub type NpzArrays = BTreeMap<String, NpyArray>;

/// Reads every array of a `.npz` file, stored or deflated.
///
/// # Errors
/// [`Error::Reading`] with the cause: not a zip archive, or a member that is
/// not a readable `.npy` file (members of other names are passed over).
pub fn read_npz(path: impl AsRef<Path>) -> Result<NpzArrays> {
    let path = path.as_ref();
    File::open(path)
        .map_err(Error::from)
        .and_then(|file| read_npz_from(BufReader::new(file)))
        .map_err(Error::reading(path))
}

/// Reads every array of an archive in `.npz` format.
///
/// # Errors
/// As [`read_npz`], without the file name.
pub fn read_npz_from(reader: impl Read + Seek) -> Result<NpzArrays> {
    let mut archive = ZipArchive::new(reader)?;
    let mut arrays = NpzArrays::new();
    for index in 0..archive.len() {
        let member = archive.by_index(index)?;
        let Some(name) = member.name()?.strip_suffix(".npy").map(str::to_owned) else {
            continue;
        };
        let array = read_npy_from(member).map_err(|source| Error::Member {
            name: name.clone(),
            source: Box::new(source),
        })?;
        arrays.insert(name, array);
    }
    Ok(arrays)
}

/// Writes arrays as an uncompressed `.npz` file, as `numpy.savez` does.
///
/// # Errors
/// [`Error::AlreadyExists`], or [`Error::Writing`] when the disk refuses or a
/// name cannot be stored.
pub fn write_npz(path: impl AsRef<Path>, arrays: &NpzArrays, if_exists: IfExists) -> Result<()> {
    write_atomically(path, if_exists, |file| {
        let mut archive = ZipWriter::new(file);
        for (name, array) in arrays {
            let bytes = array.shape().iter().product::<usize>() as u64 * 16;
            let options = SimpleFileOptions::default()
                .compression_method(CompressionMethod::Stored)
                .large_file(bytes > u64::from(u32::MAX) / 2);
            archive.start_file(format!("{name}.npy"), options)?;
            write_npy_to(&mut archive, array)?;
        }
        archive.finish()?;
        Ok(())
    })
}
