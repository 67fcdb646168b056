//! Numbers within bounds. The bounds are written once, where the argument is
//! defined: errors, `--help`, `astro vis params`, `astro timing params` and configuration files follow.

use std::ffi::OsStr;
use std::fmt;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};

/// Finite real numbers, and which of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Real {
    /// All.
    Finite,
    /// Above zero.
    Positive,
    /// Zero and above.
    NonNegative,
    /// Between two numbers, both included.
    Within(f64, f64),
}

/// Whole numbers, and which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    /// From this one on.
    AtLeast(usize),
    /// Between two, both included.
    Within(usize, usize),
}

impl fmt::Display for Real {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finite => write!(f, "any number"),
            Self::Positive => write!(f, "> 0"),
            Self::NonNegative => write!(f, ">= 0"),
            Self::Within(low, high) => write!(f, "{} to {}", short(*low), short(*high)),
        }
    }
}

impl fmt::Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(low) => write!(f, ">= {low}"),
            Self::Within(low, high) => write!(f, "{low} to {high}"),
        }
    }
}

/// `1e-12` rather than `0.000000000001`.
fn short(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-2 {
        format!("{value:e}")
    } else {
        format!("{value}")
    }
}

impl Real {
    pub(crate) fn contains(self, value: f64) -> bool {
        value.is_finite()
            && match self {
                Self::Finite => true,
                Self::Positive => value > 0.0,
                Self::NonNegative => value >= 0.0,
                Self::Within(low, high) => (low..=high).contains(&value),
            }
    }
}

impl TypedValueParser for Real {
    type Value = f64;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, text: &OsStr) -> Result<f64, Error> {
        let number = text.to_str().and_then(|text| text.trim().parse().ok());
        match number {
            Some(value) if self.contains(value) => Ok(value),
            _ => Err(refused(command, arg, text, &format!("a number, {self}"))),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(std::iter::once(said(self))))
    }
}

impl Whole {
    fn contains(self, value: usize) -> bool {
        match self {
            Self::AtLeast(low) => value >= low,
            Self::Within(low, high) => (low..=high).contains(&value),
        }
    }
}

impl TypedValueParser for Whole {
    type Value = usize;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        text: &OsStr,
    ) -> Result<usize, Error> {
        let number = text.to_str().and_then(|text| text.trim().parse().ok());
        match number {
            Some(value) if self.contains(value) => Ok(value),
            _ => Err(refused(
                command,
                arg,
                text,
                &format!("a whole number, {self}"),
            )),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(std::iter::once(said(self))))
    }
}

/// The hidden value by which clap's own reflection carries a range.
const RANGE: &str = "range";

pub(super) fn said(range: &dyn fmt::Display) -> PossibleValue {
    PossibleValue::new(RANGE).help(range.to_string()).hide(true)
}

pub(super) fn refused(command: &Command, arg: Option<&Arg>, text: &OsStr, needed: &str) -> Error {
    let name = arg.map(Arg::to_string).unwrap_or_default();
    let text = text.to_string_lossy();
    Error::raw(
        ErrorKind::ValueValidation,
        format!("invalid value '{text}' for '{name}': give {needed}\n"),
    )
    .with_cmd(command)
}

/// The range of an argument's numbers, where its definition has one.
pub(crate) fn range_of(arg: &Arg) -> Option<String> {
    let values = arg.get_possible_values();
    let range = values
        .iter()
        .find(|v| v.is_hide_set() && v.get_name() == RANGE)?;
    Some(range.get_help()?.to_string())
}

/// The same command, whose help pages show the ranges.
pub(crate) fn with_ranges(command: Command) -> Command {
    command
        .mut_args(|arg| match range_of(&arg) {
            Some(range) => {
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                let shown = if range == Real::Finite.to_string() {
                    help
                } else {
                    format!("{help} [range: {range}]")
                };
                arg.help(shown).hide_possible_values(true)
            }
            None => arg,
        })
        .mut_subcommands(with_ranges)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command() -> Command {
        let arg = |name: &'static str| Arg::new(name).long(name).allow_negative_numbers(true);
        with_ranges(
            Command::new("test")
                .arg(
                    arg("width")
                        .help("Width")
                        .value_parser(Real::Within(1e-3, 2.0)),
                )
                .arg(arg("angle").value_parser(Real::Finite))
                .arg(arg("pixels").value_parser(Whole::AtLeast(1))),
        )
    }

    #[test]
    fn numbers_outside_are_refused_with_the_range() {
        let parse = |given: &str| {
            command()
                .try_get_matches_from(["test", given])
                .map_err(|e| e.to_string())
        };
        assert!(parse("--width=2").is_ok() && parse("--angle=-3e2").is_ok());
        let message = parse("--width=2.1").unwrap_err();
        assert!(message.contains("'2.1' for '--width <width>': give a number, 1e-3 to 2"));
        assert!(parse("--angle=nan").is_err() && parse("--angle=x").is_err());
        let message = parse("--pixels=0").unwrap_err();
        assert!(message.contains("a whole number, >= 1"), "{message}");
        assert!(parse("--pixels=1.5").is_err());
    }

    #[test]
    fn help_shows_the_range_once() {
        let help = command().render_help().to_string();
        assert!(help.contains("Width [range: 1e-3 to 2]"), "{help}");
        assert!(!help.contains("possible values"), "{help}");
    }
}
