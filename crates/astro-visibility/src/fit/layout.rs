//! Which parameter is which: from the vector of values to profiles, orientation and weights.

use astro_core::constants::ARCSEC_RAD;
use astro_infer::{Parameter, ParameterSet, Prior};
use serde::{Deserialize, Serialize};

use super::start::Start;
use crate::geometry::Orientation;
use crate::models::ProfileModel;
use crate::{Error, Result};

/// How the brightness of one dataset follows from that of another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coupling {
    /// The same brightness in all: several arrays at one wavelength.
    #[default]
    Shared,
    /// The same shape; `flux_ratio_LABEL` scales each dataset after the first.
    FluxRatio,
    /// The same shape; brightness ∝ (ν/ν₁)^`spectral_index`, with ν₁ of the first dataset.
    SpectralIndex,
    /// Every dataset has a profile of its own (`f0_LABEL`, …); the geometry is shared.
    Independent,
}

/// What a user says of one parameter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
    pub(crate) prior: Option<Prior>,
    pub(crate) fixed: Option<f64>,
    pub(crate) start: Option<f64>,
    pub(crate) free: bool,
}

/// Places of the parameters in the vector of values.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) profile_count: usize,
    pub(crate) coupling: Coupling,
    /// `ν/ν₁` of each dataset, where the spectral index is fitted.
    pub(crate) frequency_ratio: Vec<f64>,
    /// Place of the first of the flux ratios, or of the spectral index.
    coupling_at: usize,
    geometry_at: usize,
    weights_at: Option<usize>,
}

pub(crate) const INCLINATION: &str = "inclination";
pub(crate) const POSITION_ANGLE: &str = "position_angle";
pub(crate) const RA_OFFSET: &str = "ra_offset";
pub(crate) const DEC_OFFSET: &str = "dec_offset";
const SPECTRAL_INDEX: &str = "spectral_index";
const WEIGHT_SCALE: &str = "weight_scale";

/// Everything that decides on the parameters.
pub(crate) struct Plan<'a> {
    pub(crate) model: &'a ProfileModel,
    pub(crate) labels: &'a [String],
    pub(crate) frequency_hz: &'a [Option<f64>],
    pub(crate) coupling: Coupling,
    pub(crate) fit_weight_scale: bool,
    pub(crate) choices: &'a [(String, Choice)],
}

impl Plan<'_> {
    /// The parameters with their starts, and where they are.
    pub(crate) fn parameters(&self, start: &Start) -> Result<(ParameterSet, Layout)> {
        let datasets = self.labels.len();
        let independent = self.coupling == Coupling::Independent && datasets > 1;
        let mut all: Vec<(Parameter, f64)> = Vec::new();
        for (d, values) in start.profiles.iter().enumerate() {
            for (parameter, &value) in self
                .model
                .parameters(&start.scales)?
                .into_iter()
                .zip(values)
            {
                let parameter = if independent {
                    renamed(
                        &parameter,
                        format!("{}_{}", parameter.name(), self.labels[d]),
                    )
                } else {
                    parameter
                };
                all.push((parameter, value));
            }
        }
        let coupling_at = all.len();
        let mut frequency_ratio = vec![1.0; datasets];
        if datasets > 1 {
            match self.coupling {
                Coupling::Shared | Coupling::Independent => {}
                Coupling::FluxRatio => {
                    for d in 1..datasets {
                        let name = format!("flux_ratio_{}", self.labels[d]);
                        let prior = Prior::log_uniform(1e-4, 1e4)?;
                        let ratio = start.flux_jy[d] / start.flux_jy[0];
                        all.push((Parameter::free(name, "", prior).log10(), ratio));
                    }
                }
                Coupling::SpectralIndex => {
                    frequency_ratio = self.frequency_ratios()?;
                    let prior = Prior::uniform(-5.0, 8.0)?;
                    let index = spectral_index(&frequency_ratio, &start.flux_jy);
                    all.push((Parameter::free(SPECTRAL_INDEX, "", prior), index));
                }
            }
        }
        let geometry_at = all.len();
        all.extend(geometry(start)?);
        let weights_at = self.fit_weight_scale.then_some(all.len());
        if self.fit_weight_scale {
            for label in self.labels {
                let name = if datasets > 1 {
                    format!("{WEIGHT_SCALE}_{label}")
                } else {
                    WEIGHT_SCALE.to_owned()
                };
                let prior = Prior::log_uniform(1e-4, 1e4)?;
                all.push((Parameter::free(name, "", prior).log10(), 1.0));
            }
        }

        let layout = Layout {
            profile_count: self.model.parameter_count(),
            coupling: if datasets > 1 {
                self.coupling
            } else {
                Coupling::Shared
            },
            frequency_ratio,
            coupling_at,
            geometry_at,
            weights_at,
        };
        let parameters = self.apply_choices(all)?;
        Ok((ParameterSet::new(parameters)?, layout))
    }

    fn apply_choices(&self, all: Vec<(Parameter, f64)>) -> Result<Vec<Parameter>> {
        for (name, _) in self.choices {
            if !all.iter().any(|(parameter, _)| parameter.name() == name) {
                let names: Vec<&str> = all.iter().map(|(p, _)| p.name()).collect();
                return Err(Error::UnknownParameter {
                    found: name.clone(),
                    known: names.join(", "),
                });
            }
        }
        all.into_iter()
            .map(|(mut parameter, start)| {
                let choice = self
                    .choices
                    .iter()
                    .find(|(name, _)| name == parameter.name());
                let choice = choice.map(|(_, choice)| choice.clone()).unwrap_or_default();
                if choice.prior.is_some() || choice.free {
                    parameter = freed(&parameter, choice.prior);
                }
                if let Some(value) = choice.fixed {
                    return Ok(parameter.fixed_at(value));
                }
                if parameter.is_fixed() {
                    return Ok(parameter);
                }
                // An estimate outside the prior says nothing better than to begin inside.
                let start = choice.start.unwrap_or_else(|| match parameter.prior() {
                    Some(prior) => inside(prior, start),
                    None => start,
                });
                Ok(parameter.starting_at(start))
            })
            .collect()
    }

    fn frequency_ratios(&self) -> Result<Vec<f64>> {
        let known: Option<Vec<f64>> = self.frequency_hz.iter().copied().collect();
        let Some(known) = known else {
            return Err(Error::Unsupported {
                what: "a spectral index",
                with: "a dataset of unknown frequency",
                remedy: "give every dataset its wavelength",
            });
        };
        let ratios: Vec<f64> = known.iter().map(|f| f / known[0]).collect();
        if ratios.iter().all(|ratio| (ratio - 1.0).abs() < 1e-6) {
            return Err(Error::Unsupported {
                what: "a spectral index",
                with: "datasets that all have the same frequency",
                remedy: "share the brightness instead, or give the wavelengths",
            });
        }
        Ok(ratios)
    }
}

/// The value if the prior allows it, else the nearest place inside.
fn inside(prior: &Prior, value: f64) -> f64 {
    let (low, high) = (prior.value_from_unit(1e-4), prior.value_from_unit(0.9999));
    value.clamp(low, high)
}

fn renamed(parameter: &Parameter, name: String) -> Parameter {
    rebuilt(parameter, name, None, true)
}

fn freed(parameter: &Parameter, prior: Option<Prior>) -> Parameter {
    rebuilt(parameter, parameter.name().to_owned(), prior, false)
}

fn rebuilt(parameter: &Parameter, name: String, prior: Option<Prior>, keep: bool) -> Parameter {
    let unit = parameter.unit().to_owned();
    let mut new = match (
        prior.or(parameter.prior().copied()),
        parameter.fixed_value(),
    ) {
        (Some(prior), _) => Parameter::free(name, unit, prior),
        (None, value) => Parameter::fixed(name, unit, value.unwrap_or(0.0)),
    };
    if parameter.scale() == astro_infer::Scale::Log10 {
        new = new.log10();
    }
    match parameter.fixed_value() {
        Some(value) if keep => new.fixed_at(value),
        _ => new,
    }
}

fn geometry(start: &Start) -> Result<Vec<(Parameter, f64)>> {
    let angle = start.orientation.position_angle_rad.to_degrees();
    let (east, north) = (
        start.orientation.ra_offset_rad / ARCSEC_RAD,
        start.orientation.dec_offset_rad / ARCSEC_RAD,
    );
    let field = start.scales.extent_arcsec;
    Ok(vec![
        (
            Parameter::free(INCLINATION, "deg", Prior::uniform(0.0, 90.0)?),
            start.orientation.inclination_rad.to_degrees(),
        ),
        // A half turn, cut where it is farthest from the estimate.
        (
            Parameter::free(
                POSITION_ANGLE,
                "deg",
                Prior::uniform(angle - 90.0, angle + 90.0)?,
            ),
            angle,
        ),
        (
            Parameter::free(
                RA_OFFSET,
                "arcsec",
                Prior::uniform(east - field, east + field)?,
            ),
            east,
        ),
        (
            Parameter::free(
                DEC_OFFSET,
                "arcsec",
                Prior::uniform(north - field, north + field)?,
            ),
            north,
        ),
    ])
}

/// The slope of ln flux against ln ν.
fn spectral_index(ratios: &[f64], fluxes: &[f64]) -> f64 {
    let n = ratios.len() as f64;
    let (x, y): (Vec<f64>, Vec<f64>) = (
        ratios.iter().map(|r| r.ln()).collect(),
        fluxes.iter().map(|f| f.ln()).collect(),
    );
    let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let sxy: f64 = x.iter().zip(&y).map(|(x, y)| (x - mx) * (y - my)).sum();
    let sxx: f64 = x.iter().map(|x| (x - mx).powi(2)).sum();
    if sxx > 0.0 { sxy / sxx } else { 0.0 }
}

impl Layout {
    /// Values of the profile's parameters for a dataset.
    pub(crate) fn profile<'a>(&self, values: &'a [f64], dataset: usize) -> &'a [f64] {
        let at = match self.coupling {
            Coupling::Independent => dataset * self.profile_count,
            _ => 0,
        };
        &values[at..at + self.profile_count]
    }

    /// Factor on the brightness of a dataset.
    pub(crate) fn factor(&self, values: &[f64], dataset: usize) -> f64 {
        match self.coupling {
            Coupling::Shared | Coupling::Independent => 1.0,
            Coupling::FluxRatio if dataset == 0 => 1.0,
            Coupling::FluxRatio => values[self.coupling_at + dataset - 1],
            Coupling::SpectralIndex => self.frequency_ratio[dataset].powf(values[self.coupling_at]),
        }
    }

    /// Inclination, position angle and offset.
    pub(crate) fn orientation(&self, values: &[f64]) -> Orientation {
        let g = &values[self.geometry_at..self.geometry_at + 4];
        Orientation {
            inclination_rad: g[0].to_radians(),
            position_angle_rad: g[1].to_radians(),
            ra_offset_rad: g[2] * ARCSEC_RAD,
            dec_offset_rad: g[3] * ARCSEC_RAD,
        }
    }

    /// Place of the first of the four parameters of the orientation; those of the brightness are before.
    pub(crate) fn geometry_at(&self) -> usize {
        self.geometry_at
    }

    /// Place of the factor on the weights of a dataset.
    pub(crate) fn weight_scale_at(&self, dataset: usize) -> Option<usize> {
        self.weights_at.map(|at| at + dataset)
    }

    /// Factor on the weights of a dataset; none where it is not fitted.
    pub(crate) fn weight_scale(&self, values: &[f64], dataset: usize) -> Option<f64> {
        self.weight_scale_at(dataset).map(|at| values[at])
    }
}
