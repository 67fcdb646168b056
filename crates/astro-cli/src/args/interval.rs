//! `LOW:HIGH` on the command line, both ends within bounds.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command, Error};

use super::range::{Real, refused, said};

/// A range of numbers, the lower end first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl From<Interval> for [f64; 2] {
    fn from(interval: Interval) -> Self {
        [interval.low, interval.high]
    }
}

/// Reads `LOW:HIGH` of numbers within bounds, which must ascend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ordered(pub(crate) Real);

impl Ordered {
    fn read(self, text: &str) -> Result<Interval, String> {
        let form = format!("LOW:HIGH, each {}", self.0);
        let (low, high) = text.split_once(':').ok_or_else(|| form.clone())?;
        let number = |text: &str| text.trim().parse().ok().filter(|&x| self.0.contains(x));
        match (number(low), number(high)) {
            (Some(low), Some(high)) if low < high => Ok(Interval { low, high }),
            (Some(low), Some(high)) => Err(format!(
                "the lower end first and both different, as {}:{}",
                low.min(high),
                low.max(high)
            )),
            _ => Err(form),
        }
    }
}

impl TypedValueParser for Ordered {
    type Value = Interval;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        text: &OsStr,
    ) -> Result<Interval, Error> {
        let read = self.read(text.to_str().unwrap_or_default());
        read.map_err(|needed| refused(command, arg, text, &needed))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(std::iter::once(said(&self.0))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_ordered_numbers_within_bounds() {
        let energy = Ordered(Real::NonNegative);
        let found = energy.read("0.3: 10").unwrap();
        assert_eq!(<[f64; 2]>::from(found), [0.3, 10.0]);
        assert!(energy.read("10:3").unwrap_err().contains("as 3:10"));
        for text in ["3", "-1:3", "a:b", "1:inf", ":", ""] {
            let error = energy.read(text).unwrap_err();
            assert_eq!(error, "LOW:HIGH, each >= 0", "{text}");
        }
    }
}
