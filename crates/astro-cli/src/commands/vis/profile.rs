//! Radial profiles and other curves read from text files.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use astro_core::constants::ARCSEC_RAD;
use astro_fft::ProfileGrid;
use astro_visibility::{ProfileRadii, RadialGrid};

/// A radial profile in Jy/sr.
#[derive(Clone, Debug)]
pub(crate) struct RadialProfile {
    pub(crate) radii: ProfileRadii,
    pub(crate) radii_rad: Vec<f64>,
    pub(crate) values: Vec<f64>,
}

/// Reads two columns: radius in arcsec, brightness in Jy/sr. Lines that begin with `#` are passed over.
pub(crate) fn read_profile(path: &Path) -> Result<RadialProfile> {
    let what = "radius in arcsec and brightness in Jy/sr";
    let read = || profile(read_columns(path, what)?);
    read().with_context(|| format!("while reading {}", path.display()))
}

/// Reads two columns of numbers, the first in arcsec; gives it in radians. `what` names them in errors.
pub(crate) fn read_columns(path: &Path, what: &str) -> Result<(Vec<f64>, Vec<f64>)> {
    columns(&std::fs::read_to_string(path)?, what)
}

fn columns(text: &str, what: &str) -> Result<(Vec<f64>, Vec<f64>)> {
    let mut radii_rad = Vec::new();
    let mut values = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("").trim();
        if line.is_empty() {
            continue;
        }
        let numbers: Vec<&str> = line
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|field| !field.is_empty())
            .collect();
        let [radius, value] = numbers[..] else {
            bail!(
                "line {}: {} columns found; two are needed, {what}",
                index + 1,
                numbers.len()
            );
        };
        let number = |field: &str| {
            let parsed = field.parse::<f64>().ok().filter(|x| x.is_finite());
            parsed.with_context(|| format!("line {}: {field:?} is not a finite number", index + 1))
        };
        radii_rad.push(number(radius)? * ARCSEC_RAD);
        values.push(number(value)?);
    }
    Ok((radii_rad, values))
}

fn profile((radii_rad, values): (Vec<f64>, Vec<f64>)) -> Result<RadialProfile> {
    let (Some(first), Some(last)) = (radii_rad.first(), radii_rad.last()) else {
        bail!("no rows found; at least two radii are needed");
    };
    let step = (last - first) / (radii_rad.len() as f64 - 1.0);
    // Text tables keep perhaps six digits: such radii still count as evenly spaced.
    let uniform = radii_rad
        .iter()
        .enumerate()
        .all(|(k, r)| (r - first - k as f64 * step).abs() <= 1e-6 * last.abs());
    let radii = if uniform {
        RadialGrid::new(*first, step, radii_rad.len())?.into()
    } else {
        ProfileGrid::from_radii(&radii_rad)?.into()
    };
    Ok(RadialProfile {
        radii,
        radii_rad,
        values,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<RadialProfile> {
        profile(columns(text, "radius and brightness")?)
    }

    #[test]
    fn profiles_are_two_columns_with_comments() {
        let profile = parsed("# r I\n0.0 1e10\n0.1, 2e9\n0.2\t3e8 # last\n").unwrap();
        assert_eq!(profile.values, [1e10, 2e9, 3e8]);
        assert!(matches!(profile.radii, ProfileRadii::Uniform(grid) if grid.count == 3));
        let uneven = parsed("0 1\n0.1 1\n0.3 1\n").unwrap();
        assert!(matches!(uneven.radii, ProfileRadii::Free(_)));
    }

    #[test]
    fn bad_rows_are_named_by_their_line() {
        let message = |text| format!("{:#}", parsed(text).unwrap_err());
        assert!(message("0 1\n0.1 x\n").contains("line 2: \"x\""));
        assert!(message("# nothing\n").contains("no rows"));
        assert!(message("0 1 2\n").contains("line 1: 3 columns"));
    }
}
