//! `--gti`: a file, or `START:STOP` in seconds.

use std::path::PathBuf;
use std::str::FromStr;

/// Where good times are taken from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum GtiArgument {
    /// One interval, seconds in the reference of the first event file.
    Interval(f64, f64),
    /// A FITS file with good time intervals.
    File(PathBuf),
}

impl FromStr for GtiArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.trim().parse::<f64>().ok();
        let ends = text
            .split_once(':')
            .map(|(start, stop)| (number(start), number(stop)));
        match ends {
            Some((Some(start), Some(stop))) if start < stop && (stop - start).is_finite() => {
                Ok(Self::Interval(start, stop))
            }
            Some((Some(_), Some(_))) => Err(format!(
                "{text:?} is no time interval; give START:STOP in seconds, the earlier first"
            )),
            _ => Ok(Self::File(text.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_and_files_are_told_apart() {
        assert_eq!("1e2:300".parse(), Ok(GtiArgument::Interval(100.0, 300.0)));
        assert_eq!("a.gti".parse(), Ok(GtiArgument::File("a.gti".into())));
        assert_eq!(r"C:\a".parse(), Ok(GtiArgument::File(r"C:\a".into())));
        assert!(
            "3:1"
                .parse::<GtiArgument>()
                .unwrap_err()
                .contains("earlier first")
        );
        assert!("0:inf".parse::<GtiArgument>().is_err());
    }
}
