//! NumPy files: `.npy` (one array) and `.npz` (a zip archive of them).
//!
//! Read: bool, all integers, `float32`, `float64`, `complex64`, `complex128`,
//! either byte order, C and Fortran order (the array returned is in C order).
//! Written: little-endian, C order, format version 1.
//!
//! The shape in a header is checked against the bytes that are really there:
//! memory grows with the file, never with the header.

mod archive;
mod array;
mod element;
mod header;

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use ndarray::{ArrayD, ShapeBuilder};

pub use archive::{NpzArrays, read_npz, read_npz_from, write_npz};
pub use array::NpyArray;

use crate::bounded::read_bytes;
use crate::{Error, IfExists, Result, write_atomically};
use element::{Element, Kind};
use header::Header;

/// Reads a `.npy` file.
///
/// # Errors
/// [`Error::Reading`] with the cause: a malformed header, an element type that
/// is not read, or fewer bytes than the shape needs.
///
/// ```
/// use astro_io::{IfExists, read_npy, write_npy};
/// use ndarray::arr1;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("flux.npy");
/// write_npy(&path, &arr1(&[1.0, 2.5]).into(), IfExists::Refuse)?;
/// assert_eq!(read_npy(&path)?.into_f64("flux")?[1], 2.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_npy(path: impl AsRef<Path>) -> Result<NpyArray> {
    let path = path.as_ref();
    File::open(path)
        .map_err(Error::from)
        .and_then(|file| read_npy_from(BufReader::new(file)))
        .map_err(Error::reading(path))
}

/// Reads an array in `.npy` format; what follows it is left unread.
///
/// # Errors
/// As [`read_npy`], without the file name.
pub fn read_npy_from(mut reader: impl Read) -> Result<NpyArray> {
    let header = Header::read(&mut reader)?;
    let bytes = read_bytes(
        &mut reader,
        "npy data",
        header.data_offset,
        header.data_bytes,
    )?;
    fn decode<T: Element>(header: &Header, bytes: &[u8]) -> Result<ArrayD<T>> {
        let elements = T::decode(bytes, header.little_endian);
        let shape = header.shape.clone().set_f(header.fortran_order);
        let array = ArrayD::from_shape_vec(shape, elements).map_err(|_| Error::TooLarge {
            what: "npy array",
            shape: header.shape.iter().map(|&length| length as u64).collect(),
            element_bytes: header.kind.bytes(),
        })?;
        Ok(if array.is_standard_layout() {
            array
        } else {
            array.as_standard_layout().into_owned()
        })
    }
    Ok(match header.kind {
        Kind::Bool => NpyArray::Bool(decode(&header, &bytes)?),
        Kind::I8 => NpyArray::I8(decode(&header, &bytes)?),
        Kind::I16 => NpyArray::I16(decode(&header, &bytes)?),
        Kind::I32 => NpyArray::I32(decode(&header, &bytes)?),
        Kind::I64 => NpyArray::I64(decode(&header, &bytes)?),
        Kind::U8 => NpyArray::U8(decode(&header, &bytes)?),
        Kind::U16 => NpyArray::U16(decode(&header, &bytes)?),
        Kind::U32 => NpyArray::U32(decode(&header, &bytes)?),
        Kind::U64 => NpyArray::U64(decode(&header, &bytes)?),
        Kind::F32 => NpyArray::F32(decode(&header, &bytes)?),
        Kind::F64 => NpyArray::F64(decode(&header, &bytes)?),
        Kind::C32 => NpyArray::Complex32(decode(&header, &bytes)?),
        Kind::C64 => NpyArray::Complex64(decode(&header, &bytes)?),
    })
}

/// Writes a `.npy` file.
///
/// # Errors
/// [`Error::AlreadyExists`], or [`Error::Writing`] when the disk refuses.
pub fn write_npy(path: impl AsRef<Path>, array: &NpyArray, if_exists: IfExists) -> Result<()> {
    write_atomically(path, if_exists, |file| write_npy_to(file, array))
}

/// The bytes before the elements of an array in C order.
pub(crate) fn array_header(descr: &str, shape: &[usize]) -> Vec<u8> {
    Header::write(descr, shape)
}

/// Writes an array in `.npy` format.
///
/// # Errors
/// [`Error::Io`] from the writer.
pub fn write_npy_to(writer: &mut impl Write, array: &NpyArray) -> Result<()> {
    fn encode<T: Element>(writer: &mut impl Write, array: &ArrayD<T>) -> Result<()> {
        writer.write_all(&Header::write(T::DESCR, array.shape()))?;
        let mut buffer = Vec::with_capacity((1 << 16) + 16);
        for &element in array {
            element.encode(&mut buffer);
            if buffer.len() >= 1 << 16 {
                writer.write_all(&buffer)?;
                buffer.clear();
            }
        }
        Ok(writer.write_all(&buffer)?)
    }
    match array {
        NpyArray::Bool(a) => encode(writer, a),
        NpyArray::I8(a) => encode(writer, a),
        NpyArray::I16(a) => encode(writer, a),
        NpyArray::I32(a) => encode(writer, a),
        NpyArray::I64(a) => encode(writer, a),
        NpyArray::U8(a) => encode(writer, a),
        NpyArray::U16(a) => encode(writer, a),
        NpyArray::U32(a) => encode(writer, a),
        NpyArray::U64(a) => encode(writer, a),
        NpyArray::F32(a) => encode(writer, a),
        NpyArray::F64(a) => encode(writer, a),
        NpyArray::Complex32(a) => encode(writer, a),
        NpyArray::Complex64(a) => encode(writer, a),
    }
}
