//! The header of a `.npy` file: a Python dictionary literal of three keys.
//!
//! The format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>

use std::io::Read;

use super::element::Kind;
use crate::bounded::read_bytes;
use crate::{Error, Result};

/// NumPy itself refuses headers beyond 10 000 characters.
const LONGEST_HEADER: u64 = 10_000;
const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// A checked header.
#[derive(Debug, PartialEq)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    pub(crate) little_endian: bool,
    pub(crate) fortran_order: bool,
    pub(crate) shape: Vec<usize>,
    /// Bytes of the data, checked against overflow.
    pub(crate) data_bytes: u64,
    /// Where the data starts.
    pub(crate) data_offset: u64,
}

impl Header {
    pub(crate) fn read(reader: &mut impl Read) -> Result<Self> {
        let start = read_bytes(reader, "npy magic", 0, 8)?;
        if start[..6] != MAGIC[..] {
            return Err(bad("the bytes \\x93NUMPY", &start));
        }
        let (length_bytes, version) = match start[6] {
            1 => (2, 1),
            2 | 3 => (4, start[6]),
            _ => return Err(bad("format version 1, 2 or 3", &start[6..8])),
        };
        let length = read_bytes(reader, "npy header length", 8, length_bytes)?
            .iter()
            .rev()
            .fold(0u64, |sum, &byte| sum << 8 | u64::from(byte));
        if length > LONGEST_HEADER {
            return Err(Error::NpyHeader {
                expected: "a header of at most 10000 bytes",
                found: length.to_string(),
            });
        }
        let text = read_bytes(reader, "npy header", 8 + length_bytes, length)?;
        let text = if version == 3 {
            String::from_utf8(text).map_err(|e| bad("UTF-8 text", e.as_bytes()))?
        } else {
            text.iter().map(|&byte| char::from(byte)).collect()
        };
        parse(&text, 8 + length_bytes + length)
    }

    /// The header of a little-endian C-order array, padded so that data start at a multiple of 64.
    pub(crate) fn write(descr: &str, shape: &[usize]) -> Vec<u8> {
        let mut axes = String::new();
        for length in shape {
            axes += &format!("{length}, ");
        }
        // (3,) for one axis, (3, 4) for two, () for none, as Python writes tuples.
        let axes = match shape.len() {
            1 => axes.trim_end().to_owned(),
            _ => axes.trim_end_matches(", ").to_owned(),
        };
        let dictionary =
            format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({axes}), }}");
        let unpadded = 10 + dictionary.len() + 1;
        let padded = unpadded.next_multiple_of(64);
        let mut bytes = Vec::with_capacity(padded);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[1, 0]);
        // Thirty axes of twenty digits stay far below 65536.
        bytes.extend_from_slice(&((padded - 10) as u16).to_le_bytes());
        bytes.extend_from_slice(dictionary.as_bytes());
        bytes.resize(padded - 1, b' ');
        bytes.push(b'\n');
        bytes
    }
}

fn bad(expected: &'static str, found: &[u8]) -> Error {
    Error::NpyHeader {
        expected,
        found: String::from_utf8_lossy(&found[..found.len().min(60)]).into_owned(),
    }
}

fn parse(text: &str, data_offset: u64) -> Result<Header> {
    let mut scan = Scanner { rest: text.trim() };
    let (mut descr, mut fortran_order, mut shape) = (None, None, None);
    scan.expect('{', "{ at the start")?;
    while !scan.take('}') {
        let key = scan.quoted()?;
        scan.expect(':', ": after a key")?;
        match key {
            "descr" => descr = Some(scan.descr()?),
            "fortran_order" => fortran_order = Some(scan.boolean()?),
            "shape" => shape = Some(scan.tuple()?),
            _ => return Err(scan.bad("only the keys descr, fortran_order, shape")),
        }
        if !scan.take(',') {
            scan.expect('}', ", or } after a value")?;
            break;
        }
    }
    if !scan.rest.is_empty() {
        return Err(scan.bad("nothing after }"));
    }
    let (Some(descr), Some(fortran_order), Some(shape)) = (descr, fortran_order, shape) else {
        return Err(bad(
            "the keys descr, fortran_order and shape",
            text.as_bytes(),
        ));
    };
    let unknown = || Error::NpyType {
        found: descr.to_owned(),
    };
    let (order, code) = match descr.chars().next() {
        Some(order @ ('<' | '>' | '|' | '=')) => (order, &descr[1..]),
        _ => return Err(unknown()),
    };
    let kind = Kind::from_code(code).ok_or_else(unknown)?;
    let data_bytes = shape
        .iter()
        .try_fold(kind.bytes(), |product, &length| product.checked_mul(length))
        // ndarray also wants the product of the non-zero axes to fit.
        .filter(|_| {
            let all = shape.iter().filter(|&&n| n > 0);
            all.copied()
                .try_fold(kind.bytes(), u64::checked_mul)
                .is_some_and(|bytes| isize::try_from(bytes).is_ok())
        })
        .ok_or_else(|| Error::TooLarge {
            what: "npy array",
            shape: shape.clone(),
            element_bytes: kind.bytes(),
        })?;
    Ok(Header {
        kind,
        little_endian: match order {
            '>' => false,
            '=' => cfg!(target_endian = "little"),
            _ => true,
        },
        fortran_order,
        // Each axis is at most isize::MAX by the check above, or multiplies to zero beside one that is.
        shape: shape
            .iter()
            .map(|&length| usize::try_from(length).unwrap_or(usize::MAX))
            .collect(),
        data_bytes,
        data_offset,
    })
}

struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    fn bad(&self, expected: &'static str) -> Error {
        bad(expected, self.rest.as_bytes())
    }

    fn take(&mut self, wanted: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, wanted: char, expected: &'static str) -> Result<()> {
        if self.take(wanted) {
            Ok(())
        } else {
            Err(self.bad(expected))
        }
    }

    fn quoted(&mut self) -> Result<&'a str> {
        self.rest = self.rest.trim_start();
        let quote = match self.rest.chars().next() {
            Some(quote @ ('\'' | '"')) => quote,
            _ => return Err(self.bad("a quoted string")),
        };
        let (inside, rest) = self.rest[1..]
            .split_once(quote)
            .ok_or_else(|| self.bad("a closing quote"))?;
        self.rest = rest;
        Ok(inside)
    }

    /// The type string; a list means a record array, which is not read.
    fn descr(&mut self) -> Result<&'a str> {
        if self.rest.trim_start().starts_with('[') {
            return Err(Error::NpyType {
                found: self.rest.trim_start().chars().take(60).collect(),
            });
        }
        self.quoted()
    }

    fn boolean(&mut self) -> Result<bool> {
        self.rest = self.rest.trim_start();
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Ok(value);
            }
        }
        Err(self.bad("True or False"))
    }

    fn tuple(&mut self) -> Result<Vec<u64>> {
        self.expect('(', "( of a tuple")?;
        let mut numbers = Vec::new();
        while !self.take(')') {
            self.rest = self.rest.trim_start();
            let digits = self.rest.len()
                - self
                    .rest
                    .trim_start_matches(|c: char| c.is_ascii_digit())
                    .len();
            let (number, rest) = self.rest.split_at(digits);
            let number = number
                .parse()
                .map_err(|_| self.bad("an axis length, an integer from 0"))?;
            // Python 2 wrote long integers with a final L.
            self.rest = rest.strip_prefix('L').unwrap_or(rest);
            numbers.push(number);
            // ndarray, as NumPy before version 2, has no use for more axes.
            if numbers.len() > 32 {
                return Err(self.bad("at most 32 axes"));
            }
            if !self.take(',') {
                self.expect(')', ", or ) in a tuple")?;
                break;
            }
        }
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_headers_are_aligned_and_read_back() {
        for shape in [vec![], vec![3], vec![3, 4], vec![0, 7], vec![1; 30]] {
            let bytes = Header::write("<f8", &shape);
            assert_eq!(bytes.len() % 64, 0);
            let header = Header::read(&mut &bytes[..]).unwrap();
            assert_eq!(header.shape, shape);
            assert_eq!(header.data_offset, bytes.len() as u64);
            assert_eq!(header.kind, Kind::F64);
        }
    }

    #[test]
    fn odd_but_legal_spellings_are_read() {
        let header = parse(
            "{\"shape\":(2L,3L),'descr':'>c16', 'fortran_order' : True}  \n",
            128,
        )
        .unwrap();
        assert_eq!(header.shape, [2, 3]);
        assert!(header.fortran_order && !header.little_endian);
        assert_eq!(header.data_bytes, 96);
    }

    #[test]
    fn shapes_that_overflow_are_refused() {
        for shape in [
            "(4294967296, 4294967296)",
            "(18446744073709551615,)",
            "(0, 9223372036854775807, 4)",
            "(99999999999999999999999,)",
            "(-1,)",
        ] {
            let text = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
            assert!(parse(&text, 0).is_err(), "{shape}");
        }
    }

    #[test]
    fn records_and_objects_are_named_in_the_error() {
        for descr in ["'|O'", "'<U3'", "[('a', '<f8')]", "'<f2'", "''", "'é'"] {
            let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (), }}");
            assert!(
                matches!(parse(&text, 0), Err(Error::NpyType { .. })),
                "{descr}"
            );
        }
    }
}
