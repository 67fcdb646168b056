//! Reading as much as a header promises without trusting the header.

use std::io::Read;

use crate::{Error, Result};

/// Memory is taken in steps of this size, as the bytes really arrive.
const STEP: u64 = 1 << 20;

/// Exactly `length` bytes; memory grows with what is read, not with what was promised.
pub(crate) fn read_bytes(
    reader: &mut impl Read,
    what: &'static str,
    offset: u64,
    length: u64,
) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut found = 0u64;
    while found < length {
        let step = STEP.min(length - found);
        let got = reader.by_ref().take(step).read_to_end(&mut bytes)? as u64;
        found += got;
        if got < step {
            return Err(Error::Truncated {
                what,
                offset,
                expected: length,
                found,
            });
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_promise_costs_only_what_is_there() {
        let data = [7u8; 100];
        let error = read_bytes(&mut &data[..], "test data", 10, u64::MAX).unwrap_err();
        assert!(matches!(
            error,
            Error::Truncated {
                offset: 10,
                expected: u64::MAX,
                found: 100,
                ..
            }
        ));
        assert_eq!(
            read_bytes(&mut &data[..], "test data", 0, 100).unwrap(),
            data
        );
    }
}
