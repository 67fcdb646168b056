//! One parameter of a model: name, unit, prior, scale, free or fixed.

use serde::{Deserialize, Serialize};

use crate::prior::Prior;

/// The scale on which a free parameter is searched, sampled and reported.
///
/// The *coordinate* of a parameter is its value on this scale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// The coordinate is the value.
    #[default]
    Linear,
    /// The coordinate is log₁₀ of the value, which must be positive.
    Log10,
}

impl Scale {
    /// The coordinate of a value.
    pub fn coordinate_from_value(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log10 => value.log10(),
        }
    }

    /// dv/dx of the value v at a coordinate x.
    pub(crate) fn slope(self, coordinate: f64) -> f64 {
        match self {
            Self::Linear => 1.0,
            Self::Log10 => std::f64::consts::LN_10 * self.value_from_coordinate(coordinate),
        }
    }

    /// The value at a coordinate.
    pub fn value_from_coordinate(self, coordinate: f64) -> f64 {
        match self {
            Self::Linear => coordinate,
            Self::Log10 => libm::exp10(coordinate),
        }
    }
}

/// A model parameter, described; [`ParameterSet::new`](crate::ParameterSet::new) checks it.
///
/// ```
/// use astro_infer::{Parameter, Prior};
/// let brightness = Parameter::free("f0", "Jy/sr", Prior::log_uniform(1e8, 1e13)?)
///     .log10()
///     .starting_at(1e10);
/// assert_eq!(brightness.label(), "log10 f0 [Jy/sr]");
/// let inclination = Parameter::fixed("inclination", "rad", 0.8);
/// assert!(inclination.is_fixed());
/// # Ok::<(), astro_infer::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    name: String,
    unit: String,
    #[serde(default)]
    scale: Scale,
    /// Where a search starts; the median of the prior when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    initial: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prior: Option<Prior>,
    /// Takes the parameter out of the fit, whether it has a prior or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fixed: Option<f64>,
}

impl Parameter {
    /// A parameter to be fitted. `unit` may be empty.
    pub fn free(name: impl Into<String>, unit: impl Into<String>, prior: Prior) -> Self {
        Self {
            name: name.into(),
            unit: unit.into(),
            scale: Scale::Linear,
            initial: None,
            prior: Some(prior),
            fixed: None,
        }
    }

    /// A parameter held at `value`.
    pub fn fixed(name: impl Into<String>, unit: impl Into<String>, value: f64) -> Self {
        Self {
            name: name.into(),
            unit: unit.into(),
            scale: Scale::Linear,
            initial: None,
            prior: None,
            fixed: Some(value),
        }
    }

    /// The same parameter, searched and sampled in log₁₀ of its value.
    ///
    /// The prior stays a density over the value: log-uniform becomes uniform.
    #[must_use]
    pub fn log10(mut self) -> Self {
        self.scale = Scale::Log10;
        self
    }

    /// The same parameter with the value at which searches start.
    #[must_use]
    pub fn starting_at(mut self, value: f64) -> Self {
        self.initial = Some(value);
        self
    }

    /// The same parameter, no longer fitted but held at `value`.
    #[must_use]
    pub fn fixed_at(mut self, value: f64) -> Self {
        self.fixed = Some(value);
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The unit of its value; empty for a pure number.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// The scale of its coordinate.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// Its prior; none for a parameter that can only be held fixed.
    pub fn prior(&self) -> Option<&Prior> {
        self.prior.as_ref()
    }

    /// The value that it is held at; none when free.
    pub fn fixed_value(&self) -> Option<f64> {
        self.fixed
    }

    /// Whether it is held at a value.
    pub fn is_fixed(&self) -> bool {
        self.fixed.is_some()
    }

    /// The fixed value, else the initial one given, else the median of the
    /// prior; none for a parameter read from a file that has none of them.
    pub fn initial_value(&self) -> Option<f64> {
        let median = || self.prior.map(|prior| prior.value_from_unit(0.5));
        self.fixed.or(self.initial).or_else(median)
    }

    /// Name and unit of its coordinate, as an axis shows them: `log10 f0 [Jy/sr]`.
    pub fn label(&self) -> String {
        let log = match self.scale {
            Scale::Linear => "",
            Scale::Log10 => "log10 ",
        };
        if self.unit.is_empty() {
            format!("{log}{}", self.name)
        } else {
            format!("{log}{} [{}]", self.name, self.unit)
        }
    }
}
