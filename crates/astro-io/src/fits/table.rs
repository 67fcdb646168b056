//! Columns of numbers from small binary tables, such as those that go with UVFITS.

use std::io::{Read, Seek};

use super::{FitsValue, Unit, Units, wrong};
use crate::bounded::read_bytes;
use crate::{Error, Result};

/// A binary table held in memory.
#[derive(Debug)]
pub(crate) struct SmallTable {
    columns: Vec<Column>,
    row_bytes: usize,
    bytes: Vec<u8>,
}

#[derive(Debug)]
struct Column {
    name: String,
    offset: usize,
    /// Letter of TFORM.
    code: u8,
    repeat: usize,
}

impl SmallTable {
    /// Reads the rows of a BINTABLE unit (its heap is left).
    pub(crate) fn read<R: Read + Seek>(units: &mut Units<R>, unit: &Unit) -> Result<Self> {
        let (row_bytes, rows) = match unit.axes[..] {
            [row_bytes, rows] if unit.bitpix.bytes() == 1 => (row_bytes, rows),
            _ => {
                let found = FitsValue::Integer(unit.axes.len() as i64);
                return Err(wrong("NAXIS", &found, "2, as in every binary table"));
            }
        };
        let fields = unit.header.required("TFIELDS", 0..=999, "0 to 999")?;
        let mut columns = Vec::new();
        let mut offset = 0;
        for field in 1..=fields {
            let keyword = format!("TFORM{field}");
            let form = unit.header.text(&keyword).ok_or(Error::MissingKeyword {
                keyword: keyword.clone(),
                expected: "the type of the column",
            })?;
            let (repeat, code, bytes) = parse_form(form).ok_or_else(|| {
                let found = FitsValue::Text(form.to_owned());
                wrong(&keyword, &found, "a count and a letter, as 2D")
            })?;
            let name = unit.header.text(&format!("TTYPE{field}")).unwrap_or("");
            columns.push(Column {
                name: name.to_owned(),
                offset,
                code,
                repeat,
            });
            offset += bytes;
        }
        if offset as u64 > row_bytes {
            let found = FitsValue::Integer(row_bytes as i64);
            return Err(wrong("NAXIS1", &found, "the sum of the column widths"));
        }
        // Their product has been checked against overflow as part of the size of the unit.
        let bytes = read_bytes(units, "FITS table", unit.data_offset, row_bytes * rows)?;
        Ok(Self {
            columns,
            row_bytes: row_bytes as usize,
            bytes,
        })
    }

    /// The numbers of a column, one list a row; `None` where there is none of this name.
    ///
    /// Names are compared without their trailing full stop and blanks (`ID. NO.`).
    pub(crate) fn numbers(&self, name: &str) -> Option<Vec<Vec<f64>>> {
        let trim = |name: &str| name.trim_end_matches(['.', ' ']).to_ascii_uppercase();
        let column = self.columns.iter().find(|c| trim(&c.name) == trim(name))?;
        let width = width(column.code)?;
        if self.row_bytes == 0 {
            return Some(Vec::new());
        }
        let rows = self.bytes.chunks_exact(self.row_bytes);
        rows.map(|row| {
            let cell = row.get(column.offset..column.offset + width * column.repeat)?;
            cell.chunks_exact(width)
                .map(|bytes| number(column.code, bytes))
                .collect()
        })
        .collect()
    }
}

/// `2D`, `E`, `12A`, `1PE(3)`: count, letter, and bytes in the row.
fn parse_form(form: &str) -> Option<(usize, u8, usize)> {
    let digits = form.len() - form.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let repeat: usize = match &form[..digits] {
        "" => 1,
        count => count.parse().ok().filter(|&count| count < 1 << 24)?,
    };
    let code = *form.as_bytes().get(digits)?;
    let bytes = match code {
        b'X' => repeat.div_ceil(8),
        b'L' | b'B' | b'A' => repeat,
        b'C' | b'P' => 8 * repeat,
        b'M' | b'Q' => 16 * repeat,
        _ => width(code)? * repeat,
    };
    Some((repeat, code, bytes))
}

/// Bytes of one number.
fn width(code: u8) -> Option<usize> {
    match code {
        b'B' => Some(1),
        b'I' => Some(2),
        b'J' | b'E' => Some(4),
        b'K' | b'D' => Some(8),
        _ => None,
    }
}

fn number(code: u8, bytes: &[u8]) -> Option<f64> {
    Some(match code {
        b'B' => f64::from(*bytes.first()?),
        b'I' => f64::from(i16::from_be_bytes(bytes.try_into().ok()?)),
        b'J' => f64::from(i32::from_be_bytes(bytes.try_into().ok()?)),
        b'K' => i64::from_be_bytes(bytes.try_into().ok()?) as f64,
        b'E' => f64::from(f32::from_be_bytes(bytes.try_into().ok()?)),
        b'D' => f64::from_be_bytes(bytes.try_into().ok()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn column_forms_have_their_widths() {
        assert_eq!(parse_form("2D"), Some((2, b'D', 16)));
        assert_eq!(parse_form("E"), Some((1, b'E', 4)));
        assert_eq!(parse_form("0D"), Some((0, b'D', 0)));
        assert_eq!(parse_form("9X"), Some((9, b'X', 2)));
        assert_eq!(parse_form("1PE(7)"), Some((1, b'P', 8)));
        for bad in ["", "3", "Z", "99999999999999999999D", "999999999D"] {
            assert_eq!(parse_form(bad), None, "{bad}");
        }
    }
}
