//! Tables from archives of NumPy arrays.

use std::io::{Read, Seek};

use ndarray::ArrayD;

use crate::table::{Cells, Table};
use crate::{Error, NpyArray, Result, read_npz_from};

pub(super) fn read(reader: impl Read + Seek, name: &str) -> Result<Table<'static>> {
    let mut table = Table::new(name);
    for (name, array) in read_npz_from(reader)? {
        if array.shape().len() != 1 {
            return Err(Error::ArrayShape {
                shape: array.shape().to_vec(),
                name,
            });
        }
        table = table.column(&name, "", cells(array, &name)?);
    }
    table.rows()?;
    Ok(table)
}

fn cells(array: NpyArray, name: &str) -> Result<Cells<'static>> {
    fn list<T>(array: ArrayD<T>) -> Vec<T> {
        array.into_iter().collect()
    }
    Ok(match array {
        NpyArray::F64(array) => list(array).into(),
        NpyArray::F32(array) => list(array).into(),
        NpyArray::I64(array) => list(array).into(),
        NpyArray::I32(array) => list(array).into(),
        NpyArray::I16(array) => list(array).into(),
        array @ (NpyArray::Complex64(_) | NpyArray::Complex32(_)) => {
            list(array.into_complex(name)?).into()
        }
        array @ NpyArray::U64(_) => list(array.into_f64(name)?).into(),
        array => {
            // Every other type is a whole number of at most 32 bits.
            let numbers = array.into_f64(name)?;
            list(numbers.mapv(|value| value as i64)).into()
        }
    })
}
