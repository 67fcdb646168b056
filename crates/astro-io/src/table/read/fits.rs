//! Tables from the binary tables of a FITS file.

use num_complex::Complex64;

use crate::events::FileUnits;
use crate::fits::{Column, Number, SmallTable, Unit};
use crate::store::Store;
use crate::table::{Cells, Table};
use crate::{Error, Result};

/// Keywords that describe the layout, which a [`Table`] writes itself.
const LAYOUT: [&str; 14] = [
    "XTENSION", "BITPIX", "NAXIS", "PCOUNT", "GCOUNT", "TFIELDS", "TTYPE", "TFORM", "TUNIT",
    "TDIM", "TDISP", "TNULL", "TSCAL", "TZERO",
];
/// As [`LAYOUT`], without a number behind.
const OWN: [&str; 3] = ["EXTNAME", "CHECKSUM", "DATASUM"];

pub(super) fn read(store: &Store) -> Result<Vec<Table<'static>>> {
    let units = FileUnits::read(store)?;
    let binary = |unit: &&Unit| unit.extension() == Some("BINTABLE");
    let tables: Vec<Table<'static>> = units
        .all
        .iter()
        .filter(binary)
        .map(|unit| read_unit(store, unit).map_err(Unit::wrap(unit.index)))
        .collect::<Result<_>>()?;
    if tables.is_empty() {
        return Err(Error::NoTable {
            found: units.describe(),
        });
    }
    Ok(tables)
}

fn read_unit(store: &Store, unit: &Unit) -> Result<Table<'static>> {
    let small = SmallTable::read_at(store, unit)?;
    let mut table = Table::new(unit.header.text("EXTNAME").unwrap_or_default());
    for column in &small.layout().columns {
        table = table.column(&column.name, &column.unit, cells(&small, column)?);
    }
    for (name, value) in unit.header.cards() {
        if !is_layout(name) {
            table = table.keyword(name, value.clone(), "");
        }
    }
    Ok(table)
}

fn is_layout(keyword: &str) -> bool {
    let stem = keyword.trim_end_matches(|c: char| c.is_ascii_digit());
    LAYOUT.contains(&stem) || OWN.contains(&keyword)
}

fn cells(table: &SmallTable, column: &Column) -> Result<Cells<'static>> {
    let code = column.form.trim_start_matches(|c: char| c.is_ascii_digit());
    let bytes = |width: usize| table.cells(column, width);
    if code.starts_with('A') {
        let text = |cell: &[u8]| {
            let text = cell.split(|&byte| byte == 0).next().unwrap_or_default();
            String::from_utf8_lossy(text).trim_end().to_owned()
        };
        return Ok(bytes(column.repeat).map(text).collect::<Vec<_>>().into());
    }
    if column.repeat != 1 {
        return Err(Error::CellLength {
            name: column.name.clone(),
            found: column.form.clone(),
        });
    }
    if code.starts_with('M') || code.starts_with('C') {
        let half = if code.starts_with('M') { 8 } else { 4 };
        let number = |bytes: &[u8]| match *bytes {
            [a, b, c, d] => f64::from(f32::from_be_bytes([a, b, c, d])),
            _ => bytes
                .first_chunk()
                .map_or(f64::NAN, |&b| f64::from_be_bytes(b)),
        };
        let complex = |cell: &[u8]| Complex64::new(number(&cell[..half]), number(&cell[half..]));
        return Ok(bytes(2 * half).map(complex).collect::<Vec<_>>().into());
    }
    let numbers = || table.column(&column.name);
    // Scaled whole numbers and those with gaps become floating point.
    let whole = column.is_plain();
    Ok(match column.number {
        Some(Number::F32) if whole => {
            let single = |value: f64| value as f32;
            numbers()?
                .into_iter()
                .map(single)
                .collect::<Vec<_>>()
                .into()
        }
        Some(Number::I16) if whole => to_whole::<i16>(numbers()?, |x| x as i16),
        Some(Number::U8) if whole => to_whole::<i16>(numbers()?, |x| x as i16),
        Some(Number::I32) if whole => to_whole::<i32>(numbers()?, |x| x as i32),
        Some(Number::I64) if whole => {
            let number = |cell: &[u8]| cell.first_chunk().map_or(0, |&b| i64::from_be_bytes(b));
            bytes(8).map(number).collect::<Vec<_>>().into()
        }
        Some(_) => numbers()?.into(),
        None => {
            return Err(Error::ColumnType {
                name: column.name.clone(),
                found: column.form.clone(),
            });
        }
    })
}

fn to_whole<T>(numbers: Vec<f64>, convert: impl Fn(f64) -> T) -> Cells<'static>
where
    Vec<T>: Into<Cells<'static>>,
{
    numbers.into_iter().map(convert).collect::<Vec<_>>().into()
}
