//! `NAME=VALUE` and `NAME=LOW:HIGH` on the command line.

use std::str::FromStr;

/// A parameter and a number for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NamedValue {
    pub(crate) name: String,
    pub(crate) value: f64,
}

/// A parameter and a range for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NamedRange {
    pub(crate) name: String,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl FromStr for NamedValue {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = split(text, "NAME=VALUE")?;
        Ok(Self {
            name,
            value: number(value)?,
        })
    }
}

impl FromStr for NamedRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, range) = split(text, "NAME=LOW:HIGH")?;
        let (low, high) = range
            .split_once(':')
            .ok_or_else(|| format!("{range:?} is no range; write LOW:HIGH"))?;
        let (low, high) = (number(low)?, number(high)?);
        if low >= high {
            return Err(format!(
                "the range {low}:{high} is empty; the lower end comes first"
            ));
        }
        Ok(Self { name, low, high })
    }
}

fn split<'a>(text: &'a str, form: &str) -> Result<(String, &'a str), String> {
    match text.split_once('=') {
        Some((name, rest)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), rest)),
        _ => Err(format!("{text:?} is not of the form {form}")),
    }
}

fn number(text: &str) -> Result<f64, String> {
    let parsed = text.trim().parse::<f64>().ok().filter(|x| x.is_finite());
    parsed.ok_or_else(|| format!("{text:?} is not a finite number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_values_and_ranges_are_read() {
        let value: NamedValue = "inclination=-1.5e1".parse().unwrap();
        assert_eq!((value.name.as_str(), value.value), ("inclination", -15.0));
        let range: NamedRange = "sigma=0.1:0.3".parse().unwrap();
        assert_eq!((range.low, range.high), (0.1, 0.3));
    }

    #[test]
    fn nonsense_is_refused_with_the_form() {
        assert!(
            "sigma"
                .parse::<NamedValue>()
                .unwrap_err()
                .contains("NAME=VALUE")
        );
        assert!("sigma=nan".parse::<NamedValue>().is_err());
        assert!(
            "sigma=0.3:0.1"
                .parse::<NamedRange>()
                .unwrap_err()
                .contains("empty")
        );
        assert!(
            "sigma=3"
                .parse::<NamedRange>()
                .unwrap_err()
                .contains("LOW:HIGH")
        );
    }
}
