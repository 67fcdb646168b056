//! Models by name, as on a command line: `gaussian`, `rings:3`, `knots:0.1,0.2,0.5`.

use std::fmt;
use std::str::FromStr;

use super::{KnotInterpolation, ProfileModel};
use crate::Error;

const KNOWN: &str = "gaussian, powerlaw, powerlaw-inner, rings:N, multi-gaussian:N, knots:R1,R2,... or knots-linear:R1,R2,... (radii in arcsec)";

impl FromStr for ProfileModel {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, argument) = match text.split_once(':') {
            Some((name, argument)) => (name, Some(argument)),
            None => (text, None),
        };
        let unknown = || Error::UnknownModel {
            found: text.to_owned(),
            known: KNOWN,
        };
        let count = || argument.and_then(|a| a.trim().parse::<usize>().ok());
        let knots = |interpolation| {
            let radii: Option<Vec<f64>> = argument?
                .split(',')
                .map(|radius| radius.trim().parse().ok())
                .collect();
            Some(Self::Knots {
                radii_arcsec: radii?,
                interpolation,
            })
        };
        let model = match (name.trim(), argument) {
            ("gaussian", None) => Some(Self::Gaussian),
            ("powerlaw", None) => Some(Self::PowerLaw {
                inner_radius: false,
            }),
            ("powerlaw-inner", None) => Some(Self::PowerLaw { inner_radius: true }),
            ("rings", Some(_)) => count().map(|count| Self::Rings { count }),
            ("multi-gaussian", Some(_)) => count().map(|count| Self::MultiGaussian { count }),
            ("knots", Some(_)) => knots(KnotInterpolation::Spline),
            ("knots-linear", Some(_)) => knots(KnotInterpolation::Linear),
            _ => None,
        };
        let model = model.ok_or_else(unknown)?;
        model.check()?;
        Ok(model)
    }
}

impl fmt::Display for ProfileModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gaussian => f.write_str("gaussian"),
            Self::PowerLaw {
                inner_radius: false,
            } => f.write_str("powerlaw"),
            Self::PowerLaw { inner_radius: true } => f.write_str("powerlaw-inner"),
            Self::Rings { count } => write!(f, "rings:{count}"),
            Self::MultiGaussian { count } => write!(f, "multi-gaussian:{count}"),
            Self::Tabulated { .. } => f.write_str("tabulated"),
            Self::Knots {
                radii_arcsec,
                interpolation,
            } => {
                f.write_str(match interpolation {
                    KnotInterpolation::Linear => "knots-linear",
                    KnotInterpolation::Spline => "knots",
                })?;
                for (k, radius) in radii_arcsec.iter().enumerate() {
                    write!(f, "{}{radius}", if k == 0 { ':' } else { ',' })?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for name in [
            "gaussian",
            "powerlaw",
            "powerlaw-inner",
            "rings:3",
            "multi-gaussian:2",
            "knots:0,0.1,0.25",
            "knots-linear:0.1,0.3",
        ] {
            let model: ProfileModel = name.parse().unwrap();
            assert_eq!(model.to_string(), name);
        }
        for bad in [
            "",
            "gauss",
            "rings",
            "rings:x",
            "rings:0",
            "gaussian:2",
            "knots:0.2,0.1",
        ] {
            assert!(bad.parse::<ProfileModel>().is_err(), "{bad}");
        }
    }
}
