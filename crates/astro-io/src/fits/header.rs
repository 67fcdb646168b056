//! FITS headers: cards parsed by fitsrs, values looked up with checks.

use std::io::Read;

use fitsrs::card::{Card, Value};

use crate::{Error, Result};

/// FITS files come in blocks of this many bytes.
pub(crate) const BLOCK: u64 = 2880;
const CARD: usize = 80;
/// Far more cards than any header has; ends the search for END in a file that is not FITS.
const MOST_CARDS: usize = 200_000;

/// The value of a header card.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FitsValue {
    /// `T` or `F`.
    Logical(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a decimal point or exponent.
    Float(f64),
    /// A quoted string without its trailing blanks.
    Text(String),
}

/// The cards of a header that have a value, in order, and the HISTORY lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FitsHeader {
    cards: Vec<(String, FitsValue)>,
    history: Vec<String>,
}

impl FitsHeader {
    /// Keywords and values in the order of the file.
    pub fn cards(&self) -> &[(String, FitsValue)] {
        &self.cards
    }

    /// The HISTORY lines.
    pub fn history(&self) -> &[String] {
        &self.history
    }

    /// The value of a keyword, of its last card if it is repeated.
    pub fn get(&self, keyword: &str) -> Option<&FitsValue> {
        let mut cards = self.cards.iter().rev();
        cards
            .find(|(name, _)| name == keyword)
            .map(|(_, value)| value)
    }

    /// A whole number; `None` where the keyword is absent.
    ///
    /// # Errors
    /// [`Error::Keyword`] for another type of value.
    pub fn integer(&self, keyword: &str) -> Result<Option<i64>> {
        match self.get(keyword) {
            None => Ok(None),
            Some(FitsValue::Integer(value)) => Ok(Some(*value)),
            // Some writers put a decimal point into whole numbers.
            Some(&FitsValue::Float(value)) if value.fract() == 0.0 && value.abs() < 9e15 => {
                Ok(Some(value as i64))
            }
            Some(other) => Err(wrong(keyword, other, "a whole number")),
        }
    }

    /// A finite number; `None` where the keyword is absent.
    ///
    /// # Errors
    /// [`Error::Keyword`] for another type of value.
    pub fn float(&self, keyword: &str) -> Result<Option<f64>> {
        match self.get(keyword) {
            None => Ok(None),
            Some(FitsValue::Integer(value)) => Ok(Some(*value as f64)),
            Some(&FitsValue::Float(value)) if value.is_finite() => Ok(Some(value)),
            Some(other) => Err(wrong(keyword, other, "a finite number")),
        }
    }

    /// A string; `None` where the keyword is absent, blank or not a string.
    pub fn text(&self, keyword: &str) -> Option<&str> {
        match self.get(keyword) {
            Some(FitsValue::Text(text)) if !text.trim().is_empty() => Some(text.trim()),
            _ => None,
        }
    }

    /// Whether the keyword is there and true.
    pub fn is_true(&self, keyword: &str) -> bool {
        self.get(keyword) == Some(&FitsValue::Logical(true))
    }

    /// A whole number that must be there and within bounds.
    pub(crate) fn required(
        &self,
        keyword: &str,
        bounds: std::ops::RangeInclusive<i64>,
        expected: &'static str,
    ) -> Result<i64> {
        let value = self
            .integer(keyword)?
            .ok_or_else(|| Error::MissingKeyword {
                keyword: keyword.to_owned(),
                expected,
            })?;
        if bounds.contains(&value) {
            Ok(value)
        } else {
            Err(wrong(keyword, &FitsValue::Integer(value), expected))
        }
    }

    /// Reads blocks up to END; returns the bytes read too, or `None` where no header with this first keyword is.
    pub(crate) fn read(
        reader: &mut impl Read,
        offset: u64,
        first: &[u8],
    ) -> Result<Option<(Self, u64)>> {
        let mut header = Self::default();
        let mut block = [0; BLOCK as usize];
        let mut read = 0;
        // Whether the last string value ends in `&`, to be continued.
        let mut open = false;
        loop {
            let got = fill(reader, &mut block)? as u64;
            if read == 0 && !block[..got as usize].starts_with(first) {
                return Ok(None);
            }
            if got < BLOCK {
                return Err(Error::Truncated {
                    what: "FITS header block",
                    offset: offset + read,
                    expected: BLOCK,
                    found: got,
                });
            }
            read += BLOCK;
            let (cards, _) = block.as_chunks::<CARD>();
            for card in cards {
                if card.starts_with(b"END     ") {
                    return Ok(Some((header, read)));
                }
                open = header.push(card, open);
            }
            if read as usize / CARD >= MOST_CARDS {
                return Err(Error::NoEnd {
                    cards: read as usize / CARD,
                });
            }
        }
    }

    /// Takes one card; returns whether its string is to be continued.
    fn push(&mut self, bytes: &[u8; CARD], open: bool) -> bool {
        let (keyword, value) = match parse(bytes) {
            Some(Card::Value { name, value } | Card::Hierarch { name, value }) => (name, value),
            Some(Card::Xtension { x, .. }) => {
                let name = x.to_string().trim().to_owned();
                let name = FitsValue::Text(name);
                self.cards.push(("XTENSION".to_owned(), name));
                return false;
            }
            Some(Card::History(line)) => {
                self.history.push(line);
                return false;
            }
            Some(Card::Continuation { string, .. }) if open => {
                let more = string.unwrap_or_default();
                if let Some((_, FitsValue::Text(text))) = self.cards.last_mut() {
                    text.pop();
                    text.push_str(&more);
                }
                return more.ends_with('&');
            }
            _ => return false,
        };
        let value = match value {
            Value::Logical { value, .. } => FitsValue::Logical(value),
            Value::Integer { value, .. } => FitsValue::Integer(value),
            Value::Float { value, .. } => FitsValue::Float(value),
            Value::String { value, .. } => FitsValue::Text(value),
            // A value in no FITS notation is kept as it is written, for the error of whoever needs it.
            Value::Invalid(value) => FitsValue::Text(value.trim().to_owned()),
            Value::Undefined => return false,
        };
        let open = matches!(&value, FitsValue::Text(text) if text.ends_with('&'));
        self.cards.push((keyword, value));
        open
    }
}

/// One card by fitsrs 0.4, which panics where the value is a single quote: a string without its
/// closing quote is closed at the end of the card first.
fn parse(bytes: &[u8; CARD]) -> Option<Card> {
    let value_at = match &bytes[..8] {
        b"CONTINUE" => 8,
        b"HIERARCH" => 10 + bytes[9..].iter().position(|&byte| byte == b'=')?,
        _ => 10,
    };
    let quotes = |value: &[u8]| value.iter().filter(|&&byte| byte == b'\'').count();
    if quotes(bytes.get(value_at..)?) != 1 {
        return Card::try_from(bytes).ok();
    }
    let mut closed = *bytes;
    closed[CARD - 1] = b'\'';
    (quotes(&closed[value_at..]) == 2)
        .then(|| Card::try_from(&closed).ok())
        .flatten()
}

/// Fills `buffer` as far as the reader goes.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(filled)
}

pub(crate) fn wrong(keyword: &str, found: &FitsValue, expected: &'static str) -> Error {
    Error::Keyword {
        keyword: keyword.to_owned(),
        found: match found {
            FitsValue::Logical(value) => value.to_string(),
            FitsValue::Integer(value) => value.to_string(),
            FitsValue::Float(value) => value.to_string(),
            FitsValue::Text(value) => format!("{value:?}"),
        },
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn card(text: &str) -> [u8; CARD] {
        let mut card = [b' '; CARD];
        card[..text.len()].copy_from_slice(text.as_bytes());
        card
    }

    fn header(cards: &[&str]) -> FitsHeader {
        let mut header = FitsHeader::default();
        let mut open = false;
        for text in cards {
            open = header.push(&card(text), open);
        }
        header
    }

    #[test]
    fn values_of_every_kind_are_found() {
        let header = header(&[
            "SIMPLE  =                    T",
            "NAXIS1  =                  512 / columns",
            "CDELT1  =             -1.25D-5",
            "BUNIT   = 'Jy/beam '           / unit",
            "LONG    = 'one &'",
            "CONTINUE  'two&'",
            "CONTINUE  'three'",
            "NAXIS1  =                  513",
            "HISTORY made here",
            "QUOTE   = 'it''s'",
        ]);
        assert!(header.is_true("SIMPLE"));
        assert_eq!(header.integer("NAXIS1").unwrap(), Some(513));
        assert_eq!(header.float("CDELT1").unwrap(), Some(-1.25e-5));
        assert_eq!(header.text("BUNIT"), Some("Jy/beam"));
        assert_eq!(header.text("LONG"), Some("one twothree"));
        assert_eq!(header.text("QUOTE"), Some("it's"));
        assert_eq!(header.history(), ["made here"]);
        assert_eq!(header.float("ABSENT").unwrap(), None);
        assert!(header.float("BUNIT").is_err());
    }

    #[test]
    fn a_lone_quote_does_not_stop_the_reader() {
        for text in [
            "KEY     = '",
            "XTENSION= '",
            "CONTINUE  '",
            "KEY     =   '   / x",
        ] {
            header(&[text]);
        }
        assert_eq!(header(&["KEY     = 'open"]).text("KEY"), Some("open"));
    }

    proptest! {
        #[test]
        fn any_card_is_parsed_or_dropped(bytes in proptest::collection::vec(any::<u8>(), CARD)) {
            let card: [u8; CARD] = bytes.try_into().unwrap();
            FitsHeader::default().push(&card, false);
        }

        #[test]
        fn any_text_card_is_parsed_or_dropped(
            keyword in "[A-Z]{0,8}|CONTINUE|XTENSION|HIERARCH|COMMENT",
            value in "[ '/&=()+.0-9A-Z-]{0,70}",
        ) {
            let mut text = format!("{keyword:8}= {value}");
            text.truncate(CARD);
            FitsHeader::default().push(&card(&text), true);
        }
    }
}
