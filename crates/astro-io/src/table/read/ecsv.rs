//! Tables from ECSV: the header's flow mappings of one line, as astropy and we write them.

use num_complex::Complex64;

use crate::table::{Cells, Table, TableColumn};
use crate::{Error, FitsValue, Result};

pub(super) fn parse(text: &str, name: &str) -> Result<Table<'static>> {
    let mut table = Table::new(name);
    let mut header = Header::default();
    let mut lines = text.lines().enumerate();
    let mut names = Vec::new();
    for (index, line) in lines.by_ref() {
        match line.strip_prefix('#') {
            Some(comment) => header.line(comment, index + 1)?,
            None if line.trim().is_empty() => {}
            None => {
                names = split(line, header.delimiter);
                break;
            }
        }
    }
    if names.len() != header.columns.len() {
        return Err(Error::Ecsv {
            line: 1,
            problem: "the header describes another number of columns than the table has",
        });
    }
    let mut cells: Vec<Vec<String>> = vec![Vec::new(); names.len()];
    for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let row = split(line, header.delimiter);
        if row.len() != names.len() {
            return Err(Error::Ecsv {
                line: index + 1,
                problem: "a row with another number of cells than there are columns",
            });
        }
        cells
            .iter_mut()
            .zip(row)
            .for_each(|(column, cell)| column.push(cell));
    }
    for ((name, cells), column) in names.iter().zip(cells).zip(&header.columns) {
        let cells = typed(cells, &column.datatype)?;
        table = table.column(name, &column.unit, cells);
    }
    for (key, value) in header.meta {
        match (key.as_str(), value) {
            ("EXTNAME", FitsValue::Text(name)) => table.name = name,
            (_, value) => table = table.keyword(&key, value, ""),
        }
    }
    Ok(with_complex(table))
}

#[derive(Debug)]
struct Header {
    delimiter: char,
    columns: Vec<HeaderColumn>,
    meta: Vec<(String, FitsValue)>,
    in_meta: bool,
}

#[derive(Debug)]
struct HeaderColumn {
    datatype: String,
    unit: String,
}

impl Default for Header {
    fn default() -> Self {
        Self {
            delimiter: ' ',
            columns: Vec::new(),
            meta: Vec::new(),
            in_meta: false,
        }
    }
}

impl Header {
    fn line(&mut self, comment: &str, line: usize) -> Result<()> {
        let text = comment.trim();
        if let Some(rest) = text.strip_prefix("delimiter:") {
            if rest.contains(',') {
                self.delimiter = ',';
            }
        } else if text.starts_with("meta:") {
            self.in_meta = true;
        } else if text.starts_with("datatype:") {
            self.in_meta = false;
        } else if let Some(mapping) = text.strip_prefix("- {").and_then(|t| t.strip_suffix('}')) {
            let pairs = pairs(mapping).ok_or(Error::Ecsv {
                line,
                problem: "a header entry that is not of the form {key: value, …}",
            })?;
            if self.in_meta {
                self.meta
                    .extend(pairs.into_iter().map(|(key, value)| (key, scalar(&value))));
            } else {
                let of = |key: &str| {
                    let pair = pairs.iter().find(|(name, _)| name == key);
                    pair.map(|(_, value)| unquoted(value)).unwrap_or_default()
                };
                self.columns.push(HeaderColumn {
                    datatype: of("datatype"),
                    unit: of("unit"),
                });
            }
        }
        Ok(())
    }
}

/// `key: value` of a flow mapping; values as written.
fn pairs(mapping: &str) -> Option<Vec<(String, String)>> {
    let entries = split_outside_quotes(mapping, ',');
    entries
        .iter()
        .map(|entry| {
            let parts = split_outside_quotes(entry, ':');
            let [key, value] = parts.as_slice() else {
                return None;
            };
            Some((unquoted(key), value.trim().to_owned()))
        })
        .collect()
}

fn split_outside_quotes(text: &str, at: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut quote, mut escaped) = (None, false);
    for c in text.chars() {
        match quote {
            None if c == at => {
                parts.push(String::new());
                continue;
            }
            None if c == '"' || c == '\'' => quote = Some(c),
            Some('"') if c == '\\' && !escaped => {
                escaped = true;
                parts.last_mut().into_iter().for_each(|part| part.push(c));
                continue;
            }
            Some(open) if c == open && !escaped => quote = None,
            _ => {}
        }
        escaped = false;
        parts.last_mut().into_iter().for_each(|part| part.push(c));
    }
    parts
}

/// A YAML scalar in or without quotes.
fn unquoted(text: &str) -> String {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        let mut plain = String::new();
        let mut chars = inner.chars();
        while let Some(c) = chars.next() {
            plain.extend(if c == '\\' { chars.next() } else { Some(c) });
        }
        return plain;
    }
    match text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')) {
        Some(inner) => inner.replace("''", "'"),
        None => text.to_owned(),
    }
}

fn scalar(text: &str) -> FitsValue {
    let text = text.trim();
    if text.starts_with(['"', '\'']) {
        return FitsValue::Text(unquoted(text));
    }
    match text {
        "true" => return FitsValue::Logical(true),
        "false" => return FitsValue::Logical(false),
        ".nan" => return FitsValue::Float(f64::NAN),
        ".inf" => return FitsValue::Float(f64::INFINITY),
        "-.inf" => return FitsValue::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let number = || text.parse().map(FitsValue::Float).ok();
    let whole = text.parse().map(FitsValue::Integer).ok();
    whole
        .or_else(number)
        .unwrap_or_else(|| FitsValue::Text(text.to_owned()))
}

/// The cells of a line; quotes are doubled inside quotes.
fn split(line: &str, delimiter: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.trim_end_matches('\r').chars().peekable();
    while let Some(c) = chars.next() {
        let last = cells.len() - 1;
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cells[last].push('"');
            }
            '"' => quoted = !quoted,
            c if c == delimiter && !quoted => cells.push(String::new()),
            c => cells[last].push(c),
        }
    }
    cells
}

fn typed(cells: Vec<String>, datatype: &str) -> Result<Cells<'static>> {
    fn all<T: std::str::FromStr>(cells: &[String], datatype: &str) -> Result<Vec<T>> {
        let parse = |cell: &String| {
            cell.trim().parse().map_err(|_| Error::EcsvCell {
                text: cell.clone(),
                datatype: datatype.to_owned(),
            })
        };
        cells.iter().map(parse).collect()
    }
    // A missing number is an empty cell.
    let numbers = |cells: &[String]| -> Vec<String> {
        let cell = |cell: &String| match cell.trim() {
            "" => "nan".to_owned(),
            text => text.to_owned(),
        };
        cells.iter().map(cell).collect()
    };
    Ok(match datatype {
        "float64" => all::<f64>(&numbers(&cells), datatype)?.into(),
        "float32" | "float16" => all::<f32>(&numbers(&cells), datatype)?.into(),
        "int64" | "uint32" => all::<i64>(&cells, datatype)?.into(),
        "int32" | "uint16" => all::<i32>(&cells, datatype)?.into(),
        "int16" | "int8" | "uint8" => all::<i16>(&cells, datatype)?.into(),
        "string" => cells.into(),
        _ => {
            return Err(Error::EcsvCell {
                text: cells.into_iter().next().unwrap_or_default(),
                datatype: datatype.to_owned(),
            });
        }
    })
}

/// `NAME_re` and `NAME_im` side by side become `NAME`.
fn with_complex(mut table: Table<'static>) -> Table<'static> {
    let mut columns: Vec<TableColumn<'static>> = Vec::new();
    for column in std::mem::take(&mut table.columns) {
        let joined = columns.last().and_then(|re| complex(re, &column));
        match joined {
            Some(both) => {
                columns.pop();
                columns.push(both);
            }
            None => columns.push(column),
        }
    }
    table.columns = columns;
    table
}

fn complex(re: &TableColumn<'static>, im: &TableColumn<'static>) -> Option<TableColumn<'static>> {
    let name = re.name.strip_suffix("_re")?;
    if im.name.strip_suffix("_im")? != name {
        return None;
    }
    let (Cells::F64(res), Cells::F64(ims)) = (&re.cells, &im.cells) else {
        return None;
    };
    let pairs = res.iter().zip(ims.iter());
    Some(TableColumn {
        name: name.to_owned(),
        unit: re.unit.clone(),
        cells: pairs
            .map(|(&re, &im)| Complex64::new(re, im))
            .collect::<Vec<_>>()
            .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_astropy_writes_is_read() {
        let text = "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, unit: km / s, datatype: int64}\n# - {name: b, datatype: string}\n# - {name: c, datatype: float64}\n# meta: !!omap\n# - {OBJECT: Cyg X-1}\n# - {N: 3}\n# schema: astropy-2.0\na b c\n1 \"two words\" \"\"\n-2 x 1e-3\n";
        let table = parse(text, "t").unwrap();
        assert_eq!(table.columns[0].unit, "km / s");
        assert_eq!(table.columns[0].cells, vec![1_i64, -2].into());
        assert_eq!(
            table.columns[1].cells,
            vec!["two words".to_owned(), "x".to_owned()].into()
        );
        assert!(table.numbers("c").unwrap()[0].is_nan());
        assert_eq!(
            table.value("object"),
            Some(&FitsValue::Text("Cyg X-1".into()))
        );
        assert_eq!(table.value("N"), Some(&FitsValue::Integer(3)));
    }

    #[test]
    fn malformed_text_is_refused() {
        let header = "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, datatype: int64}\n";
        for rest in ["a b\n1 2\n", "a\n1 2\n", "a\nx\n", "# - {a}\na\n1\n"] {
            assert!(parse(&format!("{header}{rest}"), "t").is_err(), "{rest}");
        }
    }
}
