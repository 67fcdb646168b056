//! Rows of numbers from text, one line at a time.

use std::io::{BufRead, Read};

use super::UvColumn;
use crate::{Error, Result};

/// No table has longer lines; guards against binary files without line ends.
const LONGEST_LINE: usize = 1 << 16;

/// A line reader that keeps one line in memory.
pub(super) struct Lines<R> {
    reader: R,
    bytes: Vec<u8>,
    /// Number of the line last read, from 1.
    pub(super) number: usize,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            bytes: Vec::new(),
            number: 0,
        }
    }

    /// The next line without its end; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>> {
        self.bytes.clear();
        self.number += 1;
        let read = self
            .reader
            .by_ref()
            .take(LONGEST_LINE as u64)
            .read_until(b'\n', &mut self.bytes)?;
        if read == LONGEST_LINE {
            return Err(Error::LongLine {
                line: self.number,
                limit: LONGEST_LINE,
            });
        }
        Ok((read > 0).then(|| self.bytes.trim_ascii()))
    }
}

/// The fields of a row: separated by blanks, tabs, or one comma or semicolon with blanks around.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
    /// A comma has been seen after the last field, so one more field must follow.
    owed: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn new(line: &'a [u8]) -> Self {
        Self {
            rest: line,
            owed: false,
        }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.rest = self.rest.trim_ascii_start();
        if self.rest.is_empty() && !std::mem::take(&mut self.owed) {
            return None;
        }
        let end = self
            .rest
            .iter()
            .position(|&b| b.is_ascii_whitespace() || b == b',' || b == b';')
            .unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(end);
        self.rest = rest.trim_ascii_start();
        self.owed = matches!(self.rest.first(), Some(b',' | b';'));
        if self.owed {
            self.rest = &self.rest[1..];
        }
        Some(field)
    }
}

/// A number as C, Fortran (`1.5D+02`) and Python write it.
pub(super) fn number(field: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(field).ok()?;
    if let Ok(value) = text.parse() {
        return Some(value);
    }
    if field.iter().any(|b| matches!(b, b'd' | b'D')) {
        return text.replace(['d', 'D'], "e").parse().ok();
    }
    None
}

/// Parses one row into `values`, one value a column.
pub(super) fn parse_row(
    line: &[u8],
    line_number: usize,
    columns: &[UvColumn],
    values: &mut [f64],
) -> Result<()> {
    let mut fields = Fields::new(line);
    for (index, (column, value)) in columns.iter().zip(values).enumerate() {
        let Some(field) = fields.next() else {
            return Err(Error::TextColumns {
                line: line_number,
                found: index,
                expected: columns.len(),
            });
        };
        *value = number(field).ok_or_else(|| Error::TextField {
            line: line_number,
            column: index + 1,
            name: column.name(),
            found: String::from_utf8_lossy(&field[..field.len().min(40)]).into_owned(),
        })?;
    }
    let extra = fields.count();
    if extra > 0 {
        return Err(Error::TextColumns {
            line: line_number,
            found: columns.len() + extra,
            expected: columns.len(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Vec<&str> {
        Fields::new(line.as_bytes())
            .map(|field| std::str::from_utf8(field).unwrap())
            .collect()
    }

    #[test]
    fn blanks_tabs_and_commas_separate() {
        assert_eq!(split(" 1  2\t3"), ["1", "2", "3"]);
        assert_eq!(split("1,2 , 3 ;4"), ["1", "2", "3", "4"]);
        assert_eq!(split("1,,3,"), ["1", "", "3", ""]);
        assert!(split("  ").is_empty());
    }

    #[test]
    fn numbers_of_three_languages() {
        assert_eq!(number(b"-1.5e-03"), Some(-1.5e-3));
        assert_eq!(number(b"1.5D+02"), Some(150.0));
        assert!(number(b"nan").is_some_and(f64::is_nan));
        for bad in ["", "1.2.3", "0x10", "1_000", "Dd", "--"] {
            assert_eq!(number(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(number(b"\xff"), None);
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let binary = vec![b'1'; LONGEST_LINE + 1];
        let mut lines = Lines::new(&binary[..]);
        assert!(matches!(lines.next(), Err(Error::LongLine { line: 1, .. })));
    }
}
