//! Radial profiles by their formula: `--model rings:1 --set r_1=0.5 …`.

use anyhow::{Context as _, Result};
use astro_core::constants::ARCSEC_RAD;
use astro_visibility::{ProfileModel, ProfileScales, RadialGrid};

use super::profile::RadialProfile;
use crate::args::NamedValue;
use crate::output::Usage;

/// Radii of a sampled profile: linear interpolation between them errs by about 1e-8.
const RADII: usize = 16_384;

/// Samples the profile with the values given; parameters with a default may be left out.
pub(crate) fn parametric_profile(model: &str, values: &[NamedValue]) -> Result<RadialProfile> {
    let model: ProfileModel = model
        .parse()
        .map_err(|error: astro_visibility::Error| Usage(format!("--model: {error}")))?;
    let values = ordered(&model, values)?;
    let end = extent_arcsec(&model, &values).context("the profile has no size")?;
    let step = end / (RADII - 1) as f64;
    // A power law may have no value at the center itself.
    let first = match model {
        ProfileModel::PowerLaw { .. } => 0.5 * step,
        _ => 0.0,
    };
    let radii = RadialGrid::new(first * ARCSEC_RAD, step * ARCSEC_RAD, RADII)?;
    let radii_rad = radii.radii_rad();
    let arcsec: Vec<f64> = radii_rad.iter().map(|r| r / ARCSEC_RAD).collect();
    Ok(RadialProfile {
        radii: radii.into(),
        values: model.evaluate(&values, &arcsec)?,
        radii_rad,
    })
}

/// The values in the order in which the model takes them.
fn ordered(model: &ProfileModel, values: &[NamedValue]) -> Result<Vec<f64>> {
    // Only names and fixed values are wanted, which do not depend on scales.
    let scales = ProfileScales {
        brightness_jy_per_sr: 1.0,
        size_arcsec: 1.0,
        resolution_arcsec: 1.0,
        extent_arcsec: 10.0,
    };
    let parameters = model.parameters(&scales)?;
    let names: Vec<&str> = parameters.iter().map(|p| p.name()).collect();
    if let Some(unknown) = values.iter().find(|v| !names.contains(&v.name.as_str())) {
        let text = format!(
            "--set {}: {model} has the parameters {}",
            unknown.name,
            names.join(", ")
        );
        return Err(Usage(text).into());
    }
    parameters
        .iter()
        .map(|parameter| {
            let given = values.iter().rev().find(|v| v.name == parameter.name());
            given
                .map(|v| v.value)
                .or(parameter.fixed_value())
                .ok_or_else(|| {
                    let unit = parameter.unit();
                    Usage(format!("give --set {}=VALUE [{unit}]", parameter.name())).into()
                })
        })
        .collect()
}

/// Where nothing of weight is left of a profile, arcsec.
fn extent_arcsec(model: &ProfileModel, values: &[f64]) -> Option<f64> {
    // exp(−9²/2) is 3e-18.
    const WIDTHS: f64 = 9.0;
    let end = match model {
        ProfileModel::Gaussian | ProfileModel::MultiGaussian { .. } => {
            let widths = values.chunks_exact(2).map(|component| component[1].abs());
            WIDTHS * widths.fold(0.0, f64::max)
        }
        ProfileModel::Rings { .. } => {
            let ends = values
                .chunks_exact(3)
                .map(|ring| ring[1] + WIDTHS * ring[2].abs());
            ends.fold(0.0, f64::max)
        }
        // exp(−x^β) is 1e-17 at x = 39^{1/β}.
        ProfileModel::PowerLaw { .. } => values[1].abs() * 39_f64.powf(1.0 / values[3]),
        ProfileModel::Knots { radii_arcsec, .. } | ProfileModel::Tabulated { radii_arcsec, .. } => {
            radii_arcsec.last().copied()?
        }
        _ => return None,
    };
    (end > 0.0 && end.is_finite()).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(pairs: &[(&str, f64)]) -> Vec<NamedValue> {
        let one = |&(name, value): &(&str, f64)| NamedValue {
            name: name.to_owned(),
            value,
        };
        pairs.iter().map(one).collect()
    }

    #[test]
    fn values_go_to_their_parameters_in_any_order() {
        let profile = parametric_profile("gaussian", &set(&[("sigma", 0.2), ("f0", 5.0)])).unwrap();
        assert_eq!(profile.values[0], 5.0);
        let end = profile.radii_rad.last().unwrap() / ARCSEC_RAD;
        assert!((end - 1.8).abs() < 1e-12);
        assert!(*profile.values.last().unwrap() < 1e-16);
    }

    #[test]
    fn missing_and_unknown_names_are_usage_errors() {
        let missing = parametric_profile("gaussian", &set(&[("f0", 1.0)])).unwrap_err();
        assert!(
            missing.is::<Usage>() && missing.to_string().contains("--set sigma=VALUE [arcsec]")
        );
        let unknown = parametric_profile("gaussian", &set(&[("width", 1.0)])).unwrap_err();
        assert!(unknown.to_string().contains("f0, sigma"));
        assert!(parametric_profile("blob", &[]).unwrap_err().is::<Usage>());
    }

    #[test]
    fn a_power_law_is_finite_at_the_center() {
        let values = set(&[("f0", 1.0), ("rc", 0.5), ("gamma", 0.8)]);
        let profile = parametric_profile("powerlaw", &values).unwrap();
        assert!(profile.values.iter().all(|x| x.is_finite()));
    }
}
