//! Tables as ECSV: text with a header that astropy reads types, units and keywords from.

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use super::{Cells, Table};
use crate::fits::FitsValue;
use crate::{IfExists, Result, write_atomically};

/// Writes a table as ECSV 1.0 with commas; keywords go to `meta`.
///
/// A column of complex numbers, which ECSV does not have, becomes two: `NAME_re` and `NAME_im`.
///
/// # Errors
/// As [`write_fits_tables`](super::write_fits_tables).
pub fn write_ecsv(path: impl AsRef<Path>, table: &Table<'_>, if_exists: IfExists) -> Result<()> {
    let rows = table.rows()?;
    write_atomically(path, if_exists, |file| {
        file.write_all(header(table).as_bytes())?;
        let mut line = String::new();
        for row in 0..rows {
            line.clear();
            for (index, column) in table.columns.iter().enumerate() {
                if index > 0 {
                    line.push(',');
                }
                push_cell(&column.cells, row, &mut line);
            }
            line.push('\n');
            file.write_all(line.as_bytes())?;
        }
        Ok(())
    })
}

fn header(table: &Table<'_>) -> String {
    let mut text = String::from("# %ECSV 1.0\n# ---\n# delimiter: ','\n# datatype:\n");
    for (name, kind, unit) in &columns(table) {
        // Writing to a String cannot fail.
        let _ = write!(text, "# - {{name: {}, datatype: {kind}", yaml(name));
        if !unit.is_empty() {
            let _ = write!(text, ", unit: {}", yaml(unit));
        }
        text += "}\n";
    }
    text += "# meta: !!omap\n";
    let _ = writeln!(text, "# - {{EXTNAME: {}}}", yaml(&table.name));
    for keyword in &table.keywords {
        let value = match &keyword.value {
            FitsValue::Logical(value) => value.to_string(),
            FitsValue::Integer(value) => value.to_string(),
            FitsValue::Float(value) => yaml_number(*value),
            FitsValue::Text(value) => yaml(value),
        };
        let _ = writeln!(text, "# - {{{}: {value}}}", yaml(&keyword.name));
    }
    text += "# schema: astropy-2.0\n";
    let names: Vec<String> = columns(table).iter().map(|(name, ..)| csv(name)).collect();
    text + &names.join(",") + "\n"
}

/// Name, type and unit of each column of the text.
fn columns<'t>(table: &'t Table<'_>) -> Vec<(String, &'static str, &'t str)> {
    let mut columns = Vec::new();
    for column in &table.columns {
        let mut push = |end: &str, kind| {
            columns.push((format!("{}{end}", column.name), kind, column.unit.as_str()));
        };
        match column.cells {
            Cells::F64(_) => push("", "float64"),
            Cells::F32(_) => push("", "float32"),
            Cells::I64(_) => push("", "int64"),
            Cells::I32(_) => push("", "int32"),
            Cells::I16(_) => push("", "int16"),
            Cells::Text(_) => push("", "string"),
            Cells::Complex(_) => {
                push("_re", "float64");
                push("_im", "float64");
            }
        }
    }
    columns
}

/// A YAML scalar in quotes, on one line.
fn yaml(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// The shortest decimal that reads back as the same number, as YAML 1.1 knows numbers.
fn yaml_number(value: f64) -> String {
    if value.is_nan() {
        ".nan".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { ".inf" } else { "-.inf" }.to_owned()
    } else {
        let text = format!("{value:?}");
        // `1e-7` would be a string: a number has a point, and a sign in its exponent.
        match text.split_once('e') {
            None => text,
            Some((digits, exponent)) => {
                let point = if digits.contains('.') { "" } else { ".0" };
                let sign = if exponent.starts_with('-') { "" } else { "+" };
                format!("{digits}{point}e{sign}{exponent}")
            }
        }
    }
}

fn csv(text: &str) -> String {
    if text.is_empty() || text.contains([',', '"', '\n', '\r', ' ', '#']) {
        format!(
            "\"{}\"",
            text.replace('"', "\"\"").replace(['\n', '\r'], " ")
        )
    } else {
        text.to_owned()
    }
}

fn push_cell(cells: &Cells<'_>, row: usize, line: &mut String) {
    let number = |line: &mut String, value: f64| {
        *line += &if value.is_nan() {
            "nan".to_owned()
        } else {
            format!("{value:?}")
        };
    };
    // Writing to a String cannot fail.
    let _ = match cells {
        Cells::F64(cells) => {
            number(line, cells[row]);
            Ok(())
        }
        Cells::F32(cells) if cells[row].is_nan() => write!(line, "nan"),
        Cells::F32(cells) => write!(line, "{:?}", cells[row]),
        Cells::I64(cells) => write!(line, "{}", cells[row]),
        Cells::I32(cells) => write!(line, "{}", cells[row]),
        Cells::I16(cells) => write!(line, "{}", cells[row]),
        Cells::Complex(cells) => {
            number(line, cells[row].re);
            line.push(',');
            number(line, cells[row].im);
            Ok(())
        }
        Cells::Text(cells) => {
            *line += &csv(&cells[row]);
            Ok(())
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_as_yaml_numbers() {
        for (value, text) in [
            (1e-7, "1.0e-7"),
            (2.5e300, "2.5e+300"),
            (0.1, "0.1"),
            (-3.0, "-3.0"),
            (f64::NEG_INFINITY, "-.inf"),
        ] {
            assert_eq!(yaml_number(value), text);
        }
        assert_eq!(yaml("a \"b\"\n"), "\"a \\\"b\\\" \"");
        assert_eq!(csv("a,b"), "\"a,b\"");
    }
}
