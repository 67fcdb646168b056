//! A matrix in a file: a list of its rows.

use ndarray::Array2;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) fn serialize<S: Serializer>(
    matrix: &Option<Array2<f64>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let rows = |matrix: &Array2<f64>| -> Vec<Vec<f64>> {
        matrix.rows().into_iter().map(|row| row.to_vec()).collect()
    };
    matrix.as_ref().map(rows).serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Array2<f64>>, D::Error> {
    let Some(rows) = Option::<Vec<Vec<f64>>>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let columns = rows.first().map_or(0, Vec::len);
    if let Some(index) = rows.iter().position(|row| row.len() != columns) {
        return Err(D::Error::custom(format!(
            "row {index} of the matrix has {} numbers; row 0 has {columns}",
            rows[index].len()
        )));
    }
    let shape = (rows.len(), columns);
    Array2::from_shape_vec(shape, rows.concat())
        .map(Some)
        .map_err(D::Error::custom)
}
