//! Names, units and default priors of the parameters of a profile.

use astro_infer::{Parameter, Prior};

use super::ProfileModel;
use crate::{Error, Result};

/// What data can say of a profile before it is fitted: sets default priors and starts.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ProfileScales {
    /// Typical brightness at the center, Jy/sr.
    pub brightness_jy_per_sr: f64,
    /// Typical size (standard deviation of a Gaussian), arcseconds.
    pub size_arcsec: f64,
    /// The finest scale that the baselines see, 1/max|uv|, arcseconds.
    pub resolution_arcsec: f64,
    /// Where profiles end, arcseconds.
    pub extent_arcsec: f64,
}

/// Brightness may lie this factor above or below the estimate.
const BRIGHTNESS_RANGE: f64 = 1e6;

impl ProfileModel {
    /// The parameters with default priors, in the order that [`ProfileModel::evaluate`] takes.
    ///
    /// Brightness (`f0`, Jy/sr) is log-uniform within a factor 10⁶ of the estimate and fitted in
    /// log₁₀; radii and widths (arcsec) are uniform; `beta` is held at 2 unless freed.
    ///
    /// # Errors
    /// A model or scales that make no sense.
    pub fn parameters(&self, scales: &ProfileScales) -> Result<Vec<Parameter>> {
        self.check()?;
        check_scales(scales)?;
        let ProfileScales {
            brightness_jy_per_sr: brightness,
            size_arcsec: size,
            resolution_arcsec: resolution,
            extent_arcsec: extent,
        } = *scales;
        let amplitude = |name: String| -> Result<Parameter> {
            let prior =
                Prior::log_uniform(brightness / BRIGHTNESS_RANGE, brightness * BRIGHTNESS_RANGE)?;
            Ok(Parameter::free(name, "Jy/sr", prior).log10())
        };
        let uniform = |name: String, unit: &str, lower: f64, upper: f64| -> Result<Parameter> {
            Ok(Parameter::free(name, unit, Prior::uniform(lower, upper)?))
        };
        // A centered profile is sampled down to a millionth of the resolution, a ring is not.
        let (smallest, widest) = (1e-3 * resolution, 0.2 * extent);
        let mut parameters = Vec::with_capacity(self.parameter_count());
        match self {
            Self::Gaussian => {
                parameters.push(amplitude("f0".into())?);
                let sigma = uniform("sigma".into(), "arcsec", smallest, widest)?;
                parameters.push(sigma.starting_at(size.clamp(smallest, widest)));
            }
            Self::PowerLaw { inner_radius } => {
                parameters.push(amplitude("f0".into())?);
                parameters.push(uniform("rc".into(), "arcsec", smallest, 0.3 * extent)?);
                parameters.push(uniform("gamma".into(), "", -3.0, 1.8)?);
                parameters.push(uniform("beta".into(), "", 0.3, 10.0)?.fixed_at(2.0));
                if *inner_radius {
                    parameters.push(uniform("rin".into(), "arcsec", 0.0, 0.3 * extent)?);
                }
            }
            Self::Rings { count } => {
                for k in 1..=*count {
                    parameters.push(amplitude(format!("f0_{k}"))?);
                    parameters.push(uniform(format!("r_{k}"), "arcsec", 0.0, 0.8 * extent)?);
                    let thinnest = resolution / 16.0;
                    parameters.push(uniform(format!("w_{k}"), "arcsec", thinnest, widest)?);
                }
            }
            Self::MultiGaussian { count } => {
                for k in 1..=*count {
                    parameters.push(amplitude(format!("f0_{k}"))?);
                    parameters.push(uniform(format!("sigma_{k}"), "arcsec", smallest, widest)?);
                }
            }
            Self::Tabulated { .. } => {
                let prior = Prior::log_uniform(1.0 / BRIGHTNESS_RANGE, BRIGHTNESS_RANGE)?;
                parameters.push(Parameter::free("scale", "", prior).log10());
            }
            Self::Knots { radii_arcsec, .. } => {
                for k in 1..=radii_arcsec.len() {
                    parameters.push(amplitude(format!("f0_{k}"))?);
                }
            }
        }
        Ok(parameters)
    }
}

fn check_scales(scales: &ProfileScales) -> Result<()> {
    for (name, value) in [
        ("brightness_jy_per_sr", scales.brightness_jy_per_sr),
        ("size_arcsec", scales.size_arcsec),
        ("resolution_arcsec", scales.resolution_arcsec),
        ("extent_arcsec", scales.extent_arcsec),
    ] {
        if !(value.is_finite() && value > 0.0) {
            return Err(Error::Parameter {
                name,
                value,
                requirement: "finite and > 0",
            });
        }
    }
    if scales.extent_arcsec < scales.resolution_arcsec {
        return Err(Error::Parameter {
            name: "extent_arcsec",
            value: scales.extent_arcsec,
            requirement: "at least resolution_arcsec",
        });
    }
    Ok(())
}
