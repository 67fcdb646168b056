//! Tables as extensions of a FITS file.

use std::io::Write;
use std::path::Path;

use super::{Cells, Table};
use crate::fits::FitsValue;
use crate::fits::writer::{Cards, write_unit};
use crate::{IfExists, Result, write_atomically};

/// Rows are handed on in pieces of about this many bytes.
const PIECE_BYTES: usize = 1 << 16;

/// Writes tables as binary table extensions, one after the other, with CHECKSUM and DATASUM.
///
/// # Errors
/// [`Error::ColumnLength`](crate::Error::ColumnLength) and [`Error::KeywordName`](crate::Error::KeywordName) for a
/// table that cannot be written, [`Error::AlreadyExists`](crate::Error::AlreadyExists), or
/// [`Error::Writing`](crate::Error::Writing) when the disk refuses.
pub fn write_fits_tables(
    path: impl AsRef<Path>,
    tables: &[Table<'_>],
    if_exists: IfExists,
) -> Result<()> {
    for table in tables {
        table.rows()?;
    }
    write_atomically(path, if_exists, |file| {
        write_primary(file)?;
        tables
            .iter()
            .try_for_each(|table| write_extension(file, table))
    })
}

/// A primary unit without data.
pub(crate) fn write_primary(writer: &mut impl Write) -> Result<()> {
    let mut cards = Cards::default();
    cards.logical("SIMPLE", true, "conforms to FITS standard 4.0");
    cards.integer("BITPIX", 8, "");
    cards.integer("NAXIS", 0, "no data");
    cards.logical("EXTEND", true, "extensions follow");
    cards.text("ORIGIN", "astro-io", "");
    write_unit(writer, cards, |_| Ok(()))
}

pub(crate) fn write_extension(writer: &mut impl Write, table: &Table<'_>) -> Result<()> {
    let rows = table.rows()?;
    let forms: Vec<(String, usize)> = table.columns.iter().map(|c| form(&c.cells)).collect();
    let columns = table.columns.iter().zip(&forms);
    let columns: Vec<_> = columns
        .map(|(column, (form, _))| (column.name.as_str(), column.unit.as_str(), form.as_str()))
        .collect();
    let row_bytes = forms.iter().map(|(_, bytes)| bytes).sum();
    let mut cards = extension_cards(&table.name, row_bytes, rows as u64, &columns);
    for keyword in &table.keywords {
        cards.value(&keyword.name, &keyword.value, &keyword.comment);
    }
    write_unit(writer, cards, |sink| {
        let mut piece = Vec::with_capacity(PIECE_BYTES + row_bytes);
        for row in 0..rows {
            for (column, (_, bytes)) in table.columns.iter().zip(&forms) {
                push_cell(&column.cells, row, *bytes, &mut piece);
            }
            if piece.len() >= PIECE_BYTES {
                sink(&piece)?;
                piece.clear();
            }
        }
        sink(&piece)
    })
}

/// The cards that every binary table starts with; `columns` are name, unit and TFORM.
pub(crate) fn extension_cards(
    name: &str,
    row_bytes: usize,
    rows: u64,
    columns: &[(&str, &str, &str)],
) -> Cards {
    let mut cards = Cards::default();
    cards.text("XTENSION", "BINTABLE", "binary table extension");
    cards.integer("BITPIX", 8, "");
    cards.integer("NAXIS", 2, "");
    cards.integer("NAXIS1", row_bytes as i64, "bytes of a row");
    cards.integer("NAXIS2", rows as i64, "rows");
    cards.integer("PCOUNT", 0, "");
    cards.integer("GCOUNT", 1, "");
    cards.integer("TFIELDS", columns.len() as i64, "columns");
    for (index, (name, unit, form)) in columns.iter().enumerate() {
        let number = index + 1;
        cards.text(&format!("TTYPE{number}"), name, "");
        cards.text(&format!("TFORM{number}"), form, "");
        if !unit.is_empty() {
            cards.text(&format!("TUNIT{number}"), unit, "");
        }
    }
    cards.text("EXTNAME", name, "");
    cards
}

impl Cards {
    /// A keyword of any type; a number that FITS cannot write, NaN say, becomes text.
    pub(crate) fn value(&mut self, keyword: &str, value: &FitsValue, comment: &str) {
        match value {
            FitsValue::Logical(value) => self.logical(keyword, *value, comment),
            FitsValue::Integer(value) => self.integer(keyword, *value, comment),
            FitsValue::Float(value) if value.is_finite() => self.float(keyword, *value, comment),
            FitsValue::Float(value) => self.text(keyword, &value.to_string(), comment),
            FitsValue::Text(value) => self.text(keyword, value, comment),
        }
    }
}

/// TFORM and bytes of a cell.
fn form(cells: &Cells<'_>) -> (String, usize) {
    let plain = |letter: &str, bytes| (format!("1{letter}"), bytes);
    match cells {
        Cells::F64(_) => plain("D", 8),
        Cells::F32(_) => plain("E", 4),
        Cells::I64(_) => plain("K", 8),
        Cells::I32(_) => plain("J", 4),
        Cells::I16(_) => plain("I", 2),
        Cells::Complex(_) => plain("M", 16),
        Cells::Text(cells) => {
            let longest = cells
                .iter()
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
                .max(1);
            (format!("{longest}A"), longest)
        }
    }
}

fn push_cell(cells: &Cells<'_>, row: usize, bytes: usize, out: &mut Vec<u8>) {
    match cells {
        Cells::F64(cells) => out.extend(cells[row].to_be_bytes()),
        Cells::F32(cells) => out.extend(cells[row].to_be_bytes()),
        Cells::I64(cells) => out.extend(cells[row].to_be_bytes()),
        Cells::I32(cells) => out.extend(cells[row].to_be_bytes()),
        Cells::I16(cells) => out.extend(cells[row].to_be_bytes()),
        Cells::Complex(cells) => {
            out.extend(cells[row].re.to_be_bytes());
            out.extend(cells[row].im.to_be_bytes());
        }
        Cells::Text(cells) => {
            let stop = out.len() + bytes;
            let printable = |c: char| {
                if (' '..='~').contains(&c) {
                    c as u8
                } else {
                    b'?'
                }
            };
            out.extend(cells[row].chars().map(printable));
            out.resize(stop, b' ');
        }
    }
}
