//! The noise of a simulated source: quasi-periodic oscillations, red noise, any model.

use std::str::FromStr;

use anyhow::Result;
use astro_timing::modeling::SpectralModel;
use astro_timing::simulate::{Amplitude, Variability};
use clap::Args;

use crate::args::{NamedValue, Real, Whole};
use crate::output::Usage;

/// What the noise is.
#[derive(Clone, Debug, Args)]
#[group(skip)]
#[command(next_help_heading = "Noise", allow_negative_numbers = true)]
pub(crate) struct NoiseOptions {
    /// Quasi-periodic oscillation: center in Hz, full width at half maximum in Hz, fractional rms; may be repeated
    #[arg(long, value_name = "HZ,HZ,RMS")]
    qpo: Vec<Qpo>,
    /// Power-law noise: index, fractional rms from the inverse of the duration to the highest frequency
    #[arg(long, value_name = "INDEX,RMS")]
    red_noise: Option<RedNoiseOption>,
    /// Any model of the power spectrum, in (rms/mean)²/Hz, such as "lorentzian + power_law"
    #[arg(long, value_name = "MODEL")]
    spectrum: Option<String>,
    /// A parameter of this model, such as lorentzian.center_hz=5; each needs one
    #[arg(long, value_name = "NAME=VALUE", requires = "spectrum")]
    set: Vec<NamedValue>,
    /// Scale all noise to this fractional rms
    #[arg(long, value_name = "RMS", value_parser = Real::Within(0.0, 2.0))]
    rms: Option<f64>,
    /// Time for which the rate is constant: noise reaches to half its inverse
    #[arg(long, value_name = "S", value_parser = Real::Positive, default_value = "0.001953125")]
    noise_dt: f64,
    /// How many times longer than the observation the noise is made, for power at lower frequencies
    #[arg(long, value_name = "N", value_parser = Whole::Within(1, 1000), default_value = "1")]
    red_noise_factor: usize,
}

/// Center, width and rms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Qpo {
    center_hz: f64,
    fwhm_hz: f64,
    rms: f64,
}

/// Index and rms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RedNoiseOption {
    index: f64,
    rms: f64,
}

impl FromStr for Qpo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = "three numbers: center in Hz, width in Hz, both above 0, and rms from 0 to 2, such as 5,0.5,0.1";
        match numbers(text)[..] {
            [center_hz, fwhm_hz, rms]
                if center_hz >= 0.0 && fwhm_hz > 0.0 && (0.0..=2.0).contains(&rms) =>
            {
                Ok(Self {
                    center_hz,
                    fwhm_hz,
                    rms,
                })
            }
            _ => Err(form.to_owned()),
        }
    }
}

impl FromStr for RedNoiseOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match numbers(text)[..] {
            [index, rms] if index.is_finite() && (0.0..=2.0).contains(&rms) => {
                Ok(Self { index, rms })
            }
            _ => Err("two numbers: index, and rms from 0 to 2, such as 1,0.2".to_owned()),
        }
    }
}

/// Numbers between commas; what is none is NaN, which no form takes.
fn numbers(text: &str) -> Vec<f64> {
    let number = |field: &str| field.trim().parse().unwrap_or(f64::NAN);
    text.split(',').map(number).collect()
}

impl NoiseOptions {
    /// The noise of an observation of `length_s`; none where none is asked for.
    pub(crate) fn variability(&self, length_s: f64) -> Result<Option<Variability>> {
        let mut parts: Vec<(SpectralModel, Vec<f64>)> = Vec::new();
        for qpo in &self.qpo {
            parts.push((SpectralModel::lorentzian(), qpo.parameters()));
        }
        if let Some(red) = &self.red_noise {
            let range = (1.0 / length_s, 0.5 / self.noise_dt);
            parts.push((SpectralModel::power_law(), red.parameters(range)));
        }
        if let Some(text) = &self.spectrum {
            let model: SpectralModel = text.parse().map_err(|error| Usage(format!("{error}")))?;
            let values = self.values(&model)?;
            parts.push((model, values));
        }
        let Some((mut model, mut parameters)) = parts.first().cloned() else {
            if self.rms.is_some() {
                return Err(Usage(
                    "--rms scales noise; give some with --qpo, --red-noise or --spectrum"
                        .to_owned(),
                )
                .into());
            }
            return Ok(None);
        };
        for (part, values) in parts.into_iter().skip(1) {
            model = model + part;
            parameters.extend(values);
        }
        Ok(Some(Variability {
            model,
            parameters,
            amplitude: self.rms.map_or(Amplitude::Spectrum, Amplitude::EnsembleRms),
            bin_s: self.noise_dt,
            red_noise_factor: self.red_noise_factor,
        }))
    }

    fn values(&self, model: &SpectralModel) -> Result<Vec<f64>> {
        let names = model.parameter_names();
        for one in &self.set {
            if !names.contains(&one.name) {
                return Err(Usage(format!(
                    "--set {}: the model has {}",
                    one.name,
                    names.join(", ")
                ))
                .into());
            }
        }
        let value = |name: &String| {
            let given = self.set.iter().rev().find(|one| one.name == *name);
            given
                .map(|one| one.value)
                .ok_or_else(|| Usage(format!("--spectrum needs --set {name}=VALUE")).into())
        };
        names.iter().map(value).collect()
    }
}

impl Qpo {
    /// Amplitude, center and width of the Lorentzian whose integral over positive frequencies is rms².
    fn parameters(self) -> Vec<f64> {
        let area = astro_timing::modeling::lorentzian_area(self.center_hz, self.fwhm_hz);
        vec![
            (self.rms * self.rms / area).max(f64::MIN_POSITIVE),
            self.center_hz,
            self.fwhm_hz,
        ]
    }
}

impl RedNoiseOption {
    /// Amplitude at 1 Hz and index of the power law whose integral over a range is rms².
    fn parameters(self, (low, high): (f64, f64)) -> Vec<f64> {
        let power = 1.0 - self.index;
        let integral = if power.abs() < 1e-9 {
            (high / low).ln()
        } else {
            (high.powf(power) - low.powf(power)) / power
        };
        vec![
            (self.rms * self.rms / integral).max(f64::MIN_POSITIVE),
            self.index,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rms_is_the_root_of_the_integral() {
        let integral = |model: SpectralModel, parameters: &[f64], low: f64, high: f64| {
            let n = 400_000;
            let step = (high / low).ln() / f64::from(n);
            let f: Vec<f64> = (0..n)
                .map(|k| low * ((f64::from(k) + 0.5) * step).exp())
                .collect();
            let values = model.values(parameters, &f).unwrap();
            values
                .iter()
                .zip(&f)
                .map(|(p, f)| p * f * step)
                .sum::<f64>()
        };
        let qpo: Qpo = "2,1.5,0.1".parse().unwrap();
        let area = integral(SpectralModel::lorentzian(), &qpo.parameters(), 1e-5, 1e5);
        assert!((area / 0.01 - 1.0).abs() < 1e-4, "{area}");
        for index in [0.0, 1.0, 1.7] {
            let red = RedNoiseOption { index, rms: 0.3 };
            let values = red.parameters((1e-3, 256.0));
            let area = integral(SpectralModel::power_law(), &values, 1e-3, 256.0);
            assert!((area / 0.09 - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn nonsense_is_refused_with_the_form() {
        assert!("5,0.5".parse::<Qpo>().unwrap_err().contains("5,0.5,0.1"));
        assert!("5,0,0.1".parse::<Qpo>().is_err() && "5,x,0.1".parse::<Qpo>().is_err());
        assert!("1".parse::<RedNoiseOption>().is_err());
    }
}
