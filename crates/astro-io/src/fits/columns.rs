//! Where the columns of a binary table lie in its rows, and the numbers in them.

use super::{FitsValue, Unit, wrong};
use crate::{Error, Result};

/// The rows of a binary table and their columns.
#[derive(Clone, Debug)]
pub(crate) struct TableLayout {
    pub(crate) row_bytes: usize,
    pub(crate) rows: u64,
    pub(crate) columns: Vec<Column>,
}

/// One column: the first element of each cell is read as a number.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// TUNIT.
    pub(crate) unit: String,
    /// TFORM as written.
    pub(crate) form: String,
    /// Bytes from the start of the row.
    pub(crate) offset: usize,
    /// Elements of a cell.
    pub(crate) repeat: usize,
    /// What an element is; `None` for what is no real number.
    pub(crate) number: Option<Number>,
    /// TSCAL.
    scale: f64,
    /// TZERO.
    zero: f64,
    /// TNULL: the stored whole number that means nothing is there.
    null: Option<i64>,
}

/// Types of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// `X`: so many bits, the first the most significant, right-aligned when read.
    Bits(u32),
    U8,
    I16,
    I32,
    I64,
    F32,
    F64,
}

impl TableLayout {
    /// The layout of a BINTABLE unit, whose column widths are checked against its rows.
    pub(crate) fn new(unit: &Unit) -> Result<Self> {
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
            let (column, bytes) = Column::new(unit, field, offset)?;
            columns.push(column);
            offset += bytes;
        }
        if offset as u64 > row_bytes {
            let found = FitsValue::Integer(row_bytes as i64);
            return Err(wrong("NAXIS1", &found, "the sum of the column widths"));
        }
        Ok(Self {
            row_bytes: row_bytes as usize,
            rows,
            columns,
        })
    }

    /// The column of this name, whatever its case; a trailing full stop and blanks do not count (`ID. NO.`).
    pub(crate) fn find(&self, name: &str) -> Option<&Column> {
        let trim = |name: &str| name.trim_end_matches(['.', ' ']).to_ascii_uppercase();
        self.columns.iter().find(|c| trim(&c.name) == trim(name))
    }

    /// A column of numbers that must be there.
    pub(crate) fn numbers(&self, name: &str) -> Result<&Column> {
        match self.find(name) {
            Some(column) if column.number.is_some() && column.repeat > 0 => Ok(column),
            Some(column) => Err(Error::ColumnType {
                name: column.name.clone(),
                found: column.form.clone(),
            }),
            None => Err(Error::MissingColumn {
                name: name.to_owned(),
                found: self.columns.iter().map(|c| c.name.clone()).collect(),
            }),
        }
    }
}

impl Column {
    /// A column of plain numbers of this type, not scaled.
    pub(crate) fn plain(name: &str, number: Number, offset: usize) -> Self {
        Self {
            name: name.to_owned(),
            unit: String::new(),
            form: String::new(),
            offset,
            repeat: 1,
            number: Some(number),
            scale: 1.0,
            zero: 0.0,
            null: None,
        }
    }

    /// Column number `field` and the bytes that it takes in a row.
    fn new(unit: &Unit, field: i64, offset: usize) -> Result<(Self, usize)> {
        let header = &unit.header;
        let keyword = format!("TFORM{field}");
        let form = header.text(&keyword).ok_or(Error::MissingKeyword {
            keyword: keyword.clone(),
            expected: "the type of the column",
        })?;
        let (repeat, code, bytes) = parse_form(form).ok_or_else(|| {
            let found = FitsValue::Text(form.to_owned());
            wrong(&keyword, &found, "a count and a letter, as 2D")
        })?;
        let text = |keyword: &str| {
            let text = header.text(&format!("{keyword}{field}"));
            text.unwrap_or_default().to_owned()
        };
        let number = Number::new(code, repeat);
        let column = Self {
            name: text("TTYPE"),
            unit: text("TUNIT"),
            form: form.to_owned(),
            offset,
            repeat,
            number,
            scale: header.float(&format!("TSCAL{field}"))?.unwrap_or(1.0),
            zero: header.float(&format!("TZERO{field}"))?.unwrap_or(0.0),
            null: match number {
                Some(Number::U8 | Number::I16 | Number::I32 | Number::I64) => {
                    header.integer(&format!("TNULL{field}"))?
                }
                _ => None,
            },
        };
        Ok((column, bytes))
    }

    /// Whether numbers are stored as they are: not scaled, and none stands for nothing.
    pub(crate) fn is_plain(&self) -> bool {
        self.scale == 1.0 && self.zero == 0.0 && self.null.is_none()
    }

    /// Appends `convert(value)` for the first element of this column in each of the whole rows
    /// of `row_bytes` bytes; what is nothing (TNULL) is NaN.
    pub(crate) fn read<T>(
        &self,
        rows: &[u8],
        row_bytes: usize,
        convert: impl Fn(f64) -> T,
        out: &mut Vec<T>,
    ) {
        self.read_element(0, rows, row_bytes, convert, out);
    }

    /// As [`Column::read`] for another element of each cell.
    pub(crate) fn read_element<T>(
        &self,
        element: usize,
        rows: &[u8],
        row_bytes: usize,
        convert: impl Fn(f64) -> T,
        out: &mut Vec<T>,
    ) {
        let Some(number) = self.number else { return };
        let offset = self.offset + element * number.width();
        let scaled = |raw: f64| convert(raw * self.scale + self.zero);
        let null = self.null;
        let whole = |raw: i64| {
            if null == Some(raw) {
                convert(f64::NAN)
            } else {
                scaled(raw as f64)
            }
        };
        match number {
            Number::F64 => gather(
                rows,
                row_bytes,
                offset,
                |b| scaled(f64::from_be_bytes(b)),
                out,
            ),
            Number::F32 => {
                let convert = |b| scaled(f64::from(f32::from_be_bytes(b)));
                gather(rows, row_bytes, offset, convert, out);
            }
            Number::U8 => gather(rows, row_bytes, offset, |[b]| whole(i64::from(b)), out),
            Number::I16 => {
                let convert = |b| whole(i64::from(i16::from_be_bytes(b)));
                gather(rows, row_bytes, offset, convert, out);
            }
            Number::I32 => {
                let convert = |b| whole(i64::from(i32::from_be_bytes(b)));
                gather(rows, row_bytes, offset, convert, out);
            }
            Number::I64 => gather(
                rows,
                row_bytes,
                offset,
                |b| whole(i64::from_be_bytes(b)),
                out,
            ),
            Number::Bits(bits) => {
                let bytes = number.width();
                out.extend(rows.chunks_exact(row_bytes).map(|row| {
                    let cell = &row[offset..offset + bytes];
                    scaled(bits_of(cell, bits) as f64)
                }));
            }
        }
    }

    /// Appends the values as whole numbers, `nothing` where there is none (TNULL, NaN); those
    /// beyond 32 bits saturate.
    pub(crate) fn read_whole(
        &self,
        rows: &[u8],
        row_bytes: usize,
        nothing: i32,
        out: &mut Vec<i32>,
    ) {
        let null = self.null;
        let zero = self.zero as i64;
        let whole = |raw: i64| {
            if null == Some(raw) {
                nothing
            } else {
                raw.saturating_add(zero)
                    .clamp(i32::MIN.into(), i32::MAX.into()) as i32
            }
        };
        // Rounding of floating-point numbers is a call on most processors: five times the cost.
        let plain = self.scale == 1.0 && zero as f64 == self.zero;
        let offset = self.offset;
        match self.number {
            Some(Number::U8) if plain => {
                gather(rows, row_bytes, offset, |[b]| whole(i64::from(b)), out);
            }
            Some(Number::I16) if plain => {
                let convert = |b| whole(i64::from(i16::from_be_bytes(b)));
                gather(rows, row_bytes, offset, convert, out);
            }
            Some(Number::I32) if plain => {
                let convert = |b| whole(i64::from(i32::from_be_bytes(b)));
                gather(rows, row_bytes, offset, convert, out);
            }
            _ => {
                let round = |value: f64| {
                    if value.is_nan() {
                        nothing
                    } else {
                        value.round() as i32
                    }
                };
                self.read(rows, row_bytes, round, out);
            }
        }
    }

    /// The bits of an `X` cell as a whole number, of each of the rows.
    pub(crate) fn read_bits(&self, rows: &[u8], row_bytes: usize, out: &mut Vec<u64>) {
        if let Some(Number::Bits(bits)) = self.number {
            let cell = self.offset..self.offset + bits.div_ceil(8) as usize;
            let rows = rows.chunks_exact(row_bytes);
            out.extend(rows.map(|row| bits_of(&row[cell.clone()], bits)));
        }
    }
}

impl Number {
    fn new(code: u8, repeat: usize) -> Option<Self> {
        Some(match code {
            b'X' if (1..=64).contains(&repeat) => Self::Bits(repeat as u32),
            b'B' => Self::U8,
            b'I' => Self::I16,
            b'J' => Self::I32,
            b'K' => Self::I64,
            b'E' => Self::F32,
            b'D' => Self::F64,
            _ => return None,
        })
    }

    /// Bytes of one number.
    pub(crate) fn width(self) -> usize {
        match self {
            Self::Bits(bits) => bits.div_ceil(8) as usize,
            Self::U8 => 1,
            Self::I16 => 2,
            Self::I32 | Self::F32 => 4,
            Self::I64 | Self::F64 => 8,
        }
    }
}

/// `N` bytes at `offset` of every row.
///
/// The loop is left to the compiler: it reads about 10 GB/s of rows from the cache.
fn gather<const N: usize, T>(
    rows: &[u8],
    row_bytes: usize,
    offset: usize,
    convert: impl Fn([u8; N]) -> T,
    out: &mut Vec<T>,
) {
    let cell = |row: &[u8]| row[offset..].first_chunk().copied().unwrap_or([0; N]);
    out.extend(rows.chunks_exact(row_bytes).map(|row| convert(cell(row))));
}

fn bits_of(cell: &[u8], bits: u32) -> u64 {
    let all = cell
        .iter()
        .fold(0, |all, &byte| (all << 8) | u64::from(byte));
    all >> (8 * cell.len() as u32 - bits)
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
        b'L' | b'A' => repeat,
        b'C' | b'P' => 8 * repeat,
        b'M' | b'Q' => 16 * repeat,
        _ => Number::new(code, repeat)?.width() * repeat,
    };
    Some((repeat, code, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(form: &str, scale: f64, zero: f64, null: Option<i64>) -> Column {
        let (repeat, code, _) = parse_form(form).unwrap();
        Column {
            name: String::new(),
            unit: String::new(),
            form: form.to_owned(),
            offset: 1,
            repeat,
            number: Number::new(code, repeat),
            scale,
            zero,
            null,
        }
    }

    fn read(column: &Column, cells: &[&[u8]]) -> Vec<f64> {
        let rows: Vec<u8> = cells
            .iter()
            .flat_map(|cell| [&[9], *cell, &[9]].concat())
            .collect();
        let mut out = Vec::new();
        column.read(&rows, cells[0].len() + 2, |x| x, &mut out);
        out
    }

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

    #[test]
    fn numbers_of_every_type_are_read_from_strided_rows() {
        let plain = |form| column(form, 1.0, 0.0, None);
        assert_eq!(
            read(
                &plain("D"),
                &[&1.5f64.to_be_bytes(), &(-2e300f64).to_be_bytes()]
            ),
            [1.5, -2e300]
        );
        assert_eq!(read(&plain("E"), &[&0.25f32.to_be_bytes()]), [0.25]);
        assert_eq!(read(&plain("K"), &[&(-7i64).to_be_bytes()]), [-7.0]);
        assert_eq!(read(&plain("I"), &[&(-300i16).to_be_bytes()]), [-300.0]);
        assert_eq!(read(&plain("B"), &[&[255]]), [255.0]);
        // 16 bits, and 5 bits of which the last three of the byte are padding.
        assert_eq!(read(&plain("16X"), &[&[0x81, 0x02]]), [33026.0]);
        assert_eq!(read(&plain("5X"), &[&[0b1010_1111]]), [21.0]);
    }

    #[test]
    fn scale_zero_and_null_apply() {
        // Unsigned 16-bit numbers, as FITS stores them.
        let unsigned = column("I", 1.0, 32768.0, None);
        assert_eq!(
            read(
                &unsigned,
                &[&(-32768i16).to_be_bytes(), &32767i16.to_be_bytes()]
            ),
            [0.0, 65535.0]
        );
        let scaled = column("J", 0.5, 10.0, Some(-1));
        let values = read(&scaled, &[&4i32.to_be_bytes(), &(-1i32).to_be_bytes()]);
        assert!(values[0] == 12.0 && values[1].is_nan());
    }

    #[test]
    fn later_elements_of_a_cell_are_found() {
        let triple = column("3I", 1.0, 0.0, None);
        let mut out = Vec::new();
        triple.read_element(2, &[9, 0, 1, 0, 2, 0, 3], 7, |x| x, &mut out);
        assert_eq!(out, [3.0]);
    }
}
