//! Writing header and data units: cards, padding, CHECKSUM and DATASUM.

use std::io::Write;

use super::header::BLOCK;
use crate::Result;

/// The cards of a header being written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cards {
    text: Vec<u8>,
}

impl Cards {
    pub(crate) fn logical(&mut self, keyword: &str, value: bool, comment: &str) {
        let value = if value { "T" } else { "F" };
        self.push(keyword, &format!("{value:>20}"), comment);
    }

    pub(crate) fn integer(&mut self, keyword: &str, value: i64, comment: &str) {
        self.push(keyword, &format!("{value:>20}"), comment);
    }

    /// The shortest decimal that reads back as the same number.
    pub(crate) fn float(&mut self, keyword: &str, value: f64, comment: &str) {
        let mut text = format!("{value:?}").replace('e', "E");
        // FITS wants a decimal point to tell real numbers from whole ones.
        if let (false, Some(exponent)) = (text.contains('.'), text.find('E')) {
            text.insert_str(exponent, ".0");
        }
        self.push(keyword, &format!("{text:>20}"), comment);
    }

    /// A string; characters outside printable ASCII become `?`, what does not fit is cut.
    pub(crate) fn text(&mut self, keyword: &str, value: &str, comment: &str) {
        let mut quoted = String::from("'");
        for c in value.chars() {
            let c = if (' '..='~').contains(&c) { c } else { '?' };
            let width = if c == '\'' { 2 } else { 1 };
            // 68 characters between the quotes is what a card holds.
            if quoted.len() + width > 69 {
                break;
            }
            quoted.extend(std::iter::repeat_n(c, width));
        }
        // Strings are at least eight characters long.
        let quoted = format!("{quoted:<9}'");
        self.push(keyword, &format!("{quoted:<20}"), comment);
    }

    fn push(&mut self, keyword: &str, value: &str, comment: &str) {
        let mut card = format!("{keyword:<8}= {value}");
        // A comment that does not fit whole is left out rather than cut in the middle.
        if !comment.is_empty() && card.len() + 3 + comment.len() <= 80 {
            card += " / ";
            card += comment;
        }
        self.fill(card);
    }

    fn fill(&mut self, card: String) {
        let mut bytes = card.into_bytes();
        bytes.resize(80, b' ');
        self.text.extend_from_slice(&bytes);
    }
}

/// Writes one unit. `data` hands its big-endian bytes to a sink and is called twice: for the sum and to write.
///
/// Character tables would be padded with blanks; image and binary data are padded with zeros.
pub(crate) fn write_unit(
    writer: &mut impl Write,
    cards: Cards,
    data: impl Fn(&mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()>,
) -> Result<()> {
    let mut data_sum = Sum::default();
    let mut length = 0u64;
    data(&mut |bytes| {
        data_sum.add(bytes);
        length += bytes.len() as u64;
        Ok(())
    })?;
    writer.write_all(&sealed(cards, data_sum))?;
    data(&mut |bytes| Ok(writer.write_all(bytes)?))?;
    writer.write_all(&padding(length))?;
    Ok(())
}

/// The zeros that fill the last block of a data unit.
pub(crate) fn padding(length: u64) -> Vec<u8> {
    vec![0; (length.next_multiple_of(BLOCK) - length) as usize]
}

/// The header of a unit whose data add up to `data_sum`; its length does not depend on the sum.
pub(crate) fn sealed(mut cards: Cards, data_sum: Sum) -> Vec<u8> {
    let data_sum = data_sum.finish();
    cards.text("DATASUM", &data_sum.to_string(), "data unit checksum");
    let place = cards.text.len() + 11;
    cards.text("CHECKSUM", "0000000000000000", "HDU checksum");
    cards.fill("END".to_owned());
    let padded = cards.text.len().next_multiple_of(BLOCK as usize);
    cards.text.resize(padded, b' ');
    let mut sum = Sum::default();
    sum.add(&cards.text);
    let total = fold(u64::from(sum.finish()) + u64::from(data_sum));
    cards.text[place..place + 16].copy_from_slice(&encode(!total));
    cards.text
}

/// Ones'-complement sum of big-endian 32-bit words (FITS standard 4.0, appendix J).
#[derive(Clone, Debug, Default)]
pub(crate) struct Sum {
    total: u64,
    /// Bytes of a word that is not full yet.
    word: [u8; 4],
    filled: usize,
}

impl Sum {
    pub(crate) fn add(&mut self, mut bytes: &[u8]) {
        while self.filled > 0 && !bytes.is_empty() {
            self.byte(bytes[0]);
            bytes = &bytes[1..];
        }
        let (words, rest) = bytes.as_chunks();
        for &word in words {
            self.total += u64::from(u32::from_be_bytes(word));
            // 2^32 words of 2^32 would overflow; fold long before.
            if self.total >> 62 != 0 {
                self.total = u64::from(fold(self.total));
            }
        }
        for &byte in rest {
            self.byte(byte);
        }
    }

    fn byte(&mut self, byte: u8) {
        self.word[self.filled] = byte;
        self.filled += 1;
        if self.filled == 4 {
            self.filled = 0;
            self.total += u64::from(u32::from_be_bytes(self.word));
        }
    }

    /// The sum of what was added and zeros to the next full word.
    fn finish(mut self) -> u32 {
        while self.filled > 0 {
            self.byte(0);
        }
        fold(self.total)
    }
}

fn fold(mut total: u64) -> u32 {
    while total >> 32 != 0 {
        total = (total & 0xffff_ffff) + (total >> 32);
    }
    total as u32
}

/// The sixteen letters and digits whose sum is `value` (appendix J.2).
fn encode(value: u32) -> [u8; 16] {
    let mut text = [0; 16];
    for (place, byte) in value.to_be_bytes().into_iter().enumerate() {
        let mut letters = [byte / 4 + b'0'; 4];
        letters[0] += byte % 4;
        // Steps pairs of letters apart until none is punctuation; the sum stays.
        loop {
            let punctuation = |c: u8| (0x3a..=0x40).contains(&c) || (0x5b..=0x60).contains(&c);
            let mut changed = false;
            for pair in [0, 2] {
                if punctuation(letters[pair]) || punctuation(letters[pair + 1]) {
                    letters[pair] += 1;
                    letters[pair + 1] -= 1;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        for (quarter, letter) in letters.into_iter().enumerate() {
            text[(4 * quarter + place + 1) % 16] = letter;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole unit must sum to minus zero, all ones.
    #[test]
    fn a_written_unit_sums_to_all_ones() {
        for length in [0usize, 1, 3, 4, 2879, 2880, 5000] {
            let data: Vec<u8> = (0..length).map(|i| (i * 37 % 251) as u8).collect();
            let mut cards = Cards::default();
            cards.logical("SIMPLE", true, "");
            cards.float("PI", std::f64::consts::PI, "");
            cards.text("NAME", "it's", "");
            let mut out = Vec::new();
            write_unit(&mut out, cards, |sink| data.chunks(7).try_for_each(sink)).unwrap();
            assert_eq!(out.len() % BLOCK as usize, 0);
            let mut sum = Sum::default();
            sum.add(&out);
            assert_eq!(sum.finish(), u32::MAX, "{length}");
        }
    }

    #[test]
    fn encoded_sums_are_letters_and_digits() {
        // The standard's own example, appendix J.2.
        assert_eq!(&encode(!868_229_149), b"hcHjjc9ghcEghc9g");
        let mut value = 1u32;
        for _ in 0..1000 {
            value = value.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
            let text = encode(value);
            assert!(text.iter().all(u8::is_ascii_alphanumeric), "{value}");
        }
    }

    #[test]
    fn cards_have_eighty_columns_and_fixed_places() {
        let mut cards = Cards::default();
        cards.integer("NAXIS", 2, "axes");
        cards.float("CDELT1", -1e-15, "");
        cards.float("CRVAL3", 2.3e11, "");
        cards.text("BUNIT", "Jy", "");
        cards.text("LONG", &"'".repeat(100), "never fits");
        assert_eq!(cards.text.len(), 5 * 80);
        let card = |n: usize| std::str::from_utf8(&cards.text[n * 80..(n + 1) * 80]).unwrap();
        assert_eq!(card(0).trim_end(), "NAXIS   =                    2 / axes");
        assert_eq!(card(1).trim_end(), "CDELT1  =             -1.0E-15");
        assert_eq!(card(2).trim_end(), "CRVAL3  =       230000000000.0");
        assert_eq!(card(3).trim_end(), "BUNIT   = 'Jy      '");
        assert_eq!(card(4).matches('\'').count(), 70);
    }
}
