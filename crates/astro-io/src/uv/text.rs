//! Text tables: a line a visibility, as GALARIO, uvplot and frank write them.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use astro_core::UvTable;
use astro_core::constants::SPEED_OF_LIGHT_M_PER_S;
use num_complex::Complex64;

use super::header::TextHeader;
use super::rows::{Fields, Lines, number, parse_row};
use super::{UvColumn, UvReadOptions, UvUnit, to_wavelengths};
use crate::{Error, IfExists, Result, write_atomically};

/// Reads a text table.
///
/// Columns u, v, Re \[Jy\], Im \[Jy\], weight \[Jy⁻²\], separated by blanks or
/// commas. Lines that start with `#` are comments with any text; a comment or
/// a first line that names the columns decides their order, more columns
/// (`w`, `freq`, `wavelength`, `spw`…) included, and the unit of u and v where
/// it gives one (`u [m]`, `u [lambda]`); `wavelength[m] = 0.00088` gives the
/// wavelength. [`UvReadOptions`] overrides all of it.
///
/// # Errors
/// [`Error::Reading`] with the cause: the line, column and text that is not a
/// number; u and v in metres without a wavelength; more than five columns that
/// nobody names; a table that [`UvTable::check`] refuses.
pub fn read_uv_text(path: impl AsRef<Path>, options: &UvReadOptions) -> Result<UvTable> {
    let path = path.as_ref();
    File::open(path)
        .map_err(Error::from)
        .and_then(|file| read_uv_text_from(BufReader::with_capacity(1 << 17, file), options))
        .map_err(Error::reading(path))
}

/// Reads a text table from a reader.
///
/// # Errors
/// As [`read_uv_text`], without the file name.
pub fn read_uv_text_from(reader: impl BufRead, options: &UvReadOptions) -> Result<UvTable> {
    let wavelength_m = options.checked_wavelength()?;
    if let Some(columns) = &options.columns {
        check_columns(columns)?;
    }
    let mut header = TextHeader::default();
    let mut lines = Lines::new(reader);
    let mut table = UvTable::default();
    let mut columns: Vec<UvColumn> = Vec::new();
    let mut values = Vec::new();
    loop {
        let number_of_line = lines.number + 1;
        let Some(line) = lines.next()? else { break };
        // A byte-order mark of a text editor is no part of the table.
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        if let Some(comment) = line.strip_prefix(b"#") {
            if columns.is_empty() {
                header.line(&String::from_utf8_lossy(comment));
            }
            continue;
        }
        if columns.is_empty() {
            // One line of names without `#`, as spreadsheets write it.
            if Fields::new(line).all(|field| number(field).is_none()) && header.columns.is_none() {
                header.line(&String::from_utf8_lossy(line));
                if header.columns.is_some() {
                    continue;
                }
            }
            columns = columns_of(options, &header, line, number_of_line)?;
            values = vec![0.0; columns.len()];
        }
        parse_row(line, number_of_line, &columns, &mut values)?;
        push(&mut table, &columns, &values);
    }
    if table.is_empty() {
        return Err(Error::NoData);
    }
    let wavelength_m = wavelength_m.or(header.wavelength_m);
    let unit = match (options.unit.or(header.unit), options.wavelength_m) {
        (Some(unit), _) => unit,
        (None, Some(_)) => UvUnit::Meters,
        (None, None) => UvUnit::Wavelengths,
    };
    to_wavelengths(&mut table, unit, wavelength_m)?;
    table.check()?;
    Ok(if options.conjugate {
        table.conjugated()
    } else {
        table
    })
}

fn check_columns(columns: &[UvColumn]) -> Result<()> {
    for column in UvColumn::DEFAULT {
        let count = columns.iter().filter(|&&c| c == column).count();
        if count != 1 {
            return Err(Error::ColumnList {
                column: column.name(),
                count,
            });
        }
    }
    Ok(())
}

/// The caller's columns, else the header's where their number fits, else the usual five.
fn columns_of(
    options: &UvReadOptions,
    header: &TextHeader,
    first: &[u8],
    line: usize,
) -> Result<Vec<UvColumn>> {
    if let Some(columns) = &options.columns {
        return Ok(columns.clone());
    }
    let found = Fields::new(first).count();
    match &header.columns {
        Some(columns) if columns.len() == found => Ok(columns.clone()),
        _ if found > UvColumn::DEFAULT.len() => Err(Error::UnnamedColumns { line, found }),
        _ => Ok(UvColumn::DEFAULT.to_vec()),
    }
}

fn push(table: &mut UvTable, columns: &[UvColumn], values: &[f64]) {
    let mut visibility = Complex64::default();
    let mut frequency = None;
    for (&column, &value) in columns.iter().zip(values) {
        match column {
            UvColumn::U => table.u.push(value),
            UvColumn::V => table.v.push(value),
            UvColumn::W => table.w.push(value),
            UvColumn::Re => visibility.re = value,
            UvColumn::Im => visibility.im = value,
            UvColumn::Weight => table.weight.push(value),
            UvColumn::Frequency => frequency = Some(value),
            UvColumn::Wavelength => frequency = Some(SPEED_OF_LIGHT_M_PER_S / value),
            UvColumn::Ignore => {}
        }
    }
    table.value.push(visibility);
    table.frequency_hz.extend(frequency);
}

/// Writes a text table with u and v in wavelengths, all digits of every number.
///
/// Columns w and frequency are written where the table has them, and named in
/// the header so that [`read_uv_text`] gets them back. Time, baseline and
/// phase centre have no place in this format.
///
/// # Errors
/// [`Error::Table`] for a table that [`UvTable::check`] refuses,
/// [`Error::AlreadyExists`], or [`Error::Writing`] when the disk refuses.
pub fn write_uv_text(path: impl AsRef<Path>, table: &UvTable, if_exists: IfExists) -> Result<()> {
    table.check()?;
    write_atomically(path, if_exists, |file| {
        write!(
            file,
            "# u [lambda], v [lambda], Re [Jy], Im [Jy], weight [Jy^-2]"
        )?;
        if !table.w.is_empty() {
            write!(file, ", w [lambda]")?;
        }
        if !table.frequency_hz.is_empty() {
            write!(file, ", freq [Hz]")?;
        }
        writeln!(file)?;
        for row in 0..table.len() {
            let z = table.value[row];
            write!(
                file,
                "{:e}\t{:e}\t{:e}\t{:e}\t{:e}",
                table.u[row], table.v[row], z.re, z.im, table.weight[row]
            )?;
            if let Some(w) = table.w.get(row) {
                write!(file, "\t{w:e}")?;
            }
            if let Some(frequency) = table.frequency_hz.get(row) {
                write!(file, "\t{frequency:e}")?;
            }
            writeln!(file)?;
        }
        Ok(())
    })
}
