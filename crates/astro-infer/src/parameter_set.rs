//! All parameters of a model, and the map between the vector that is fitted
//! and the vector that the model takes.

use std::f64::consts::LN_10;

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::error::{Error, NamedValues, Result};
use crate::parameter::{Parameter, Scale};
use crate::prior::Prior;

/// The checked parameters of a model.
///
/// Two vectors describe a point. The *values* are what the model takes: one for
/// every parameter, fixed ones included, in the parameter's unit. The
/// *coordinates* are what is searched and sampled: one for every free
/// parameter, in order, on the parameter's [`Scale`].
///
/// ```
/// use astro_infer::{Parameter, ParameterSet, Prior};
/// let set = ParameterSet::new(vec![
///     Parameter::free("flux", "Jy", Prior::log_uniform(1e-3, 1e3)?).log10(),
///     Parameter::fixed("distance", "pc", 140.0),
///     Parameter::free("size", "arcsec", Prior::uniform(0.0, 2.0)?),
/// ])?;
/// assert_eq!(set.free_labels(), ["log10 flux [Jy]", "size [arcsec]"]);
/// assert_eq!(set.values(&[2.0, 0.5])?, [100.0, 140.0, 0.5]);
/// assert_eq!(set.coordinates(&[100.0, 140.0, 0.5])?, [2.0, 0.5]);
/// # Ok::<(), astro_infer::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Parameter>", into = "Vec<Parameter>")]
pub struct ParameterSet {
    parameters: Vec<Parameter>,
    free: Vec<Free>,
}

/// A free parameter: its place among all, prior, scale and initial value.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Free {
    index: usize,
    prior: Prior,
    scale: Scale,
    initial: f64,
}

impl ParameterSet {
    /// Checks the parameters, once.
    ///
    /// # Errors
    /// Names that are empty or used twice; a fixed or initial value that is not
    /// finite or outside its prior; a logarithmic parameter that may be ≤ 0.
    pub fn new(parameters: Vec<Parameter>) -> Result<Self> {
        let mut free = Vec::new();
        for (index, parameter) in parameters.iter().enumerate() {
            check(index, parameter)?;
            if let Some(first) = parameters[..index]
                .iter()
                .position(|other| other.name() == parameter.name())
            {
                return Err(Error::DuplicateName {
                    name: parameter.name().to_owned(),
                    first,
                    second: index,
                });
            }
            if parameter.is_fixed() {
                continue;
            }
            let Some(&prior) = parameter.prior() else {
                return Err(Error::MissingPrior {
                    name: parameter.name().to_owned(),
                });
            };
            free.push(Free {
                index,
                prior,
                scale: parameter.scale(),
                initial: parameter
                    .initial_value()
                    .unwrap_or_else(|| prior.value_from_unit(0.5)),
            });
        }
        Ok(Self { parameters, free })
    }

    /// All parameters, in order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// How many parameters there are, fixed ones included.
    pub fn len(&self) -> usize {
        self.parameters.len()
    }

    /// Whether there is no parameter at all.
    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }

    /// How many parameters are free.
    pub fn free_count(&self) -> usize {
        self.free.len()
    }

    /// The free parameters, in order.
    pub fn free_parameters(&self) -> impl ExactSizeIterator<Item = &Parameter> + '_ {
        self.free.iter().map(|free| &self.parameters[free.index])
    }

    /// Names of the free parameters.
    pub fn free_names(&self) -> Vec<String> {
        self.free_parameters()
            .map(|parameter| parameter.name().to_owned())
            .collect()
    }

    /// Labels of the coordinates, such as `log10 f0 [Jy/sr]`.
    pub fn free_labels(&self) -> Vec<String> {
        self.free_parameters().map(Parameter::label).collect()
    }

    /// The place of a parameter in the vector of values.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.parameters.iter().position(|p| p.name() == name)
    }

    /// Coordinates at which searches start.
    pub fn initial_coordinates(&self) -> Vec<f64> {
        self.free
            .iter()
            .map(|free| free.scale.coordinate_from_value(free.initial))
            .collect()
    }

    /// The smallest and largest coordinate that each prior allows; infinite for a normal.
    pub fn coordinate_support(&self) -> Vec<(f64, f64)> {
        let bounds = |free: &Free| {
            let (lower, upper) = free.prior.support();
            (
                free.scale.coordinate_from_value(lower),
                free.scale.coordinate_from_value(upper),
            )
        };
        self.free.iter().map(bounds).collect()
    }

    /// All values at the given coordinates.
    ///
    /// # Errors
    /// [`Error::WrongLength`] unless there is one coordinate for each free parameter.
    pub fn values(&self, coordinates: &[f64]) -> Result<Vec<f64>> {
        self.check_count("coordinates", coordinates.len(), self.free.len())?;
        let mut values = vec![0.0; self.len()];
        self.write_values(coordinates, &mut values);
        Ok(values)
    }

    /// Coordinates of a vector of all values. Those of fixed parameters are not looked at.
    ///
    /// # Errors
    /// [`Error::WrongLength`] unless there is one value for each parameter;
    /// [`Error::InvalidParameter`] where a value has no finite coordinate.
    pub fn coordinates(&self, values: &[f64]) -> Result<Vec<f64>> {
        self.check_count("values", values.len(), self.len())?;
        self.free
            .iter()
            .map(|free| {
                let value = values[free.index];
                let coordinate = free.scale.coordinate_from_value(value);
                if coordinate.is_finite() {
                    Ok(coordinate)
                } else {
                    Err(Error::InvalidParameter {
                        name: self.parameters[free.index].name().to_owned(),
                        quantity: "the value",
                        found: value,
                        requirement: "it must be finite, and above 0 on a logarithmic scale",
                    })
                }
            })
            .collect()
    }

    /// Natural logarithm of the prior density over the coordinates.
    ///
    /// A logarithmic coordinate x has density p(v) dv/dx = p(v) v ln 10.
    ///
    /// # Errors
    /// [`Error::WrongLength`] unless there is one coordinate for each free parameter.
    pub fn ln_prior(&self, coordinates: &[f64]) -> Result<f64> {
        self.check_count("coordinates", coordinates.len(), self.free.len())?;
        Ok(self.ln_prior_unchecked(coordinates))
    }

    /// The prior transform: coordinates from one number in [0, 1] per free parameter.
    ///
    /// # Errors
    /// [`Error::WrongLength`] unless there is one number for each free parameter.
    pub fn coordinates_from_unit(&self, unit: &[f64]) -> Result<Vec<f64>> {
        self.check_count("unit cube point", unit.len(), self.free.len())?;
        let transform = |(free, &u): (&Free, &f64)| {
            free.scale
                .coordinate_from_value(free.prior.value_from_unit(u))
        };
        Ok(self.free.iter().zip(unit).map(transform).collect())
    }

    /// Coordinates of a random point of the prior.
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> Vec<f64> {
        let draw = |free: &Free| free.scale.coordinate_from_value(free.prior.sample(rng));
        self.free.iter().map(draw).collect()
    }

    /// [`Self::ln_prior`] for a vector of checked length.
    pub(crate) fn ln_prior_unchecked(&self, coordinates: &[f64]) -> f64 {
        let mut sum = 0.0;
        for (free, &coordinate) in self.free.iter().zip(coordinates) {
            let value = free.scale.value_from_coordinate(coordinate);
            sum += free.prior.ln_density(value);
            if free.scale == Scale::Log10 {
                sum += coordinate * LN_10 + LN_10.ln();
            }
        }
        if sum.is_nan() { f64::NEG_INFINITY } else { sum }
    }

    /// [`Self::values`] into a slice of checked length.
    pub(crate) fn write_values(&self, coordinates: &[f64], values: &mut [f64]) {
        for (value, parameter) in values.iter_mut().zip(&self.parameters) {
            *value = parameter.fixed_value().unwrap_or(0.0);
        }
        for (free, &coordinate) in self.free.iter().zip(coordinates) {
            values[free.index] = free.scale.value_from_coordinate(coordinate);
        }
    }

    /// From derivatives with respect to values to those with respect to coordinates.
    pub(crate) fn chain(&self, coordinates: &[f64], by_value: &[f64], by_coordinate: &mut [f64]) {
        for ((to, free), &x) in by_coordinate.iter_mut().zip(&self.free).zip(coordinates) {
            *to = by_value[free.index] * free.scale.slope(x);
        }
    }

    /// Adds the derivatives of [`Self::ln_prior`] inside the support.
    pub(crate) fn add_ln_prior_slopes(&self, coordinates: &[f64], by_coordinate: &mut [f64]) {
        for ((to, free), &x) in by_coordinate.iter_mut().zip(&self.free).zip(coordinates) {
            let value = free.scale.value_from_coordinate(x);
            *to += free.prior.ln_density_slope(value) * free.scale.slope(x);
            if free.scale == Scale::Log10 {
                *to += LN_10;
            }
        }
    }

    /// All values with their names, for an error message.
    pub(crate) fn named(&self, values: &[f64]) -> NamedValues {
        let names = self.parameters.iter().map(|p| p.name().to_owned());
        NamedValues(names.zip(values.iter().copied()).collect())
    }

    /// Requires something to fit.
    pub(crate) fn check_free(&self) -> Result<()> {
        if self.free.is_empty() {
            return Err(Error::NoFreeParameters { count: self.len() });
        }
        Ok(())
    }

    fn check_count(&self, quantity: &'static str, found: usize, expected: usize) -> Result<()> {
        if found == expected {
            return Ok(());
        }
        Err(Error::WrongLength {
            quantity,
            found,
            expected,
        })
    }
}

impl TryFrom<Vec<Parameter>> for ParameterSet {
    type Error = Error;

    fn try_from(parameters: Vec<Parameter>) -> Result<Self> {
        Self::new(parameters)
    }
}

impl From<ParameterSet> for Vec<Parameter> {
    fn from(set: ParameterSet) -> Self {
        set.parameters
    }
}

fn check(index: usize, parameter: &Parameter) -> Result<()> {
    if parameter.name().trim().is_empty() {
        return Err(Error::EmptyName { index });
    }
    let invalid = |quantity, found, requirement| {
        Err(Error::InvalidParameter {
            name: parameter.name().to_owned(),
            quantity,
            found,
            requirement,
        })
    };
    let logarithmic = parameter.scale() == Scale::Log10;
    let above_zero = "it must be above 0 on a logarithmic scale";
    let Some(value) = parameter.initial_value() else {
        return Err(Error::MissingPrior {
            name: parameter.name().to_owned(),
        });
    };
    let quantity = if parameter.is_fixed() {
        "the fixed value"
    } else {
        "the initial value"
    };
    if !value.is_finite() {
        return invalid(quantity, value, "it must be finite");
    }
    if let (false, Some(prior)) = (parameter.is_fixed(), parameter.prior()) {
        let (lower, _) = prior.support();
        if logarithmic && lower <= 0.0 {
            return invalid("the lower bound of the prior", lower, above_zero);
        }
        if prior.ln_density(value) == f64::NEG_INFINITY {
            return invalid(quantity, value, "it must lie where the prior is above 0");
        }
    }
    if logarithmic && value <= 0.0 {
        return invalid(quantity, value, above_zero);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> ParameterSet {
        ParameterSet::new(vec![
            Parameter::free("f0", "Jy/sr", Prior::log_uniform(1e8, 1e12).unwrap()).log10(),
            Parameter::fixed("pa", "rad", 1.0),
            Parameter::free("dra", "", Prior::normal(0.0, 2.0).unwrap()).starting_at(0.25),
        ])
        .unwrap()
    }

    #[test]
    fn pack_and_unpack_are_inverse() {
        let set = set();
        let values = set.values(&[9.5, -0.125]).unwrap();
        assert!((values[0] / 10f64.powf(9.5) - 1.0).abs() < 1e-15);
        assert_eq!(values[1..], [1.0, -0.125]);
        let back = set.coordinates(&values).unwrap();
        assert!((back[0] - 9.5).abs() < 1e-14);
        assert_eq!(back[1], -0.125);
        assert!(matches!(
            set.values(&[1.0]),
            Err(Error::WrongLength {
                found: 1,
                expected: 2,
                ..
            })
        ));
    }

    #[test]
    fn log_uniform_is_flat_in_its_logarithm() {
        let set = set();
        // Uniform over 4 decades times a normal at its mean.
        let expected = -(4f64.ln()) - (2.0 * (2.0 * std::f64::consts::PI).sqrt()).ln();
        for x in [8.1, 10.0, 11.9] {
            assert!((set.ln_prior(&[x, 0.0]).unwrap() - expected).abs() < 1e-12);
        }
        assert_eq!(set.ln_prior(&[7.9, 0.0]).unwrap(), f64::NEG_INFINITY);
        assert_eq!(set.ln_prior(&[f64::NAN, 0.0]).unwrap(), f64::NEG_INFINITY);
    }

    #[test]
    fn starts_and_supports_are_in_coordinates() {
        let set = set();
        let start = set.initial_coordinates();
        assert!((start[0] - 10.0).abs() < 1e-13);
        assert_eq!(start[1], 0.25);
        assert_eq!(set.coordinate_support()[0], (8.0, 12.0));
        assert_eq!(set.coordinates_from_unit(&[0.25, 0.5]).unwrap()[1], 0.0);
    }

    #[test]
    fn slopes_of_the_prior_are_finite_differences() {
        let p = |name: &str, prior: Result<Prior>| Parameter::free(name, "", prior.unwrap());
        let set = ParameterSet::new(vec![
            p("a", Prior::uniform(0.5, 3.0)).log10(),
            p("b", Prior::log_uniform(0.5, 3.0)),
            p("c", Prior::normal(1.0, 0.7)),
            p("d", Prior::truncated_normal(1.0, 0.7, 0.2, 2.0)).log10(),
            p("e", Prior::sine(0.1, 2.0)),
        ])
        .unwrap();
        let x = [0.2, 1.3, 0.4, 0.1, 1.1];
        let mut slopes = [1.0; 5];
        set.add_ln_prior_slopes(&x, &mut slopes);
        for k in 0..5 {
            let at = |h: f64| {
                let mut moved = x;
                moved[k] += h;
                set.ln_prior(&moved).unwrap()
            };
            let truth = 1.0 + (at(1e-5) - at(-1e-5)) / 2e-5;
            // Third derivatives up to 8 (ln 10)³ v²/σ², some 300, times h²/6.
            assert!(
                (slopes[k] - truth).abs() < 1e-8,
                "{k}: {} {truth}",
                slopes[k]
            );
        }
    }

    #[test]
    fn contradictions_are_refused() {
        let uniform = Prior::uniform(0.0, 1.0).unwrap();
        let refused = |parameters: Vec<Parameter>| ParameterSet::new(parameters).unwrap_err();
        assert!(matches!(
            refused(vec![
                Parameter::fixed("a", "", 1.0),
                Parameter::free("a", "", uniform)
            ]),
            Error::DuplicateName {
                first: 0,
                second: 1,
                ..
            }
        ));
        assert!(matches!(
            refused(vec![Parameter::fixed(" ", "", 1.0)]),
            Error::EmptyName { index: 0 }
        ));
        for bad in [
            Parameter::fixed("a", "", f64::NAN),
            Parameter::fixed("a", "", -1.0).log10(),
            Parameter::free("a", "", uniform).starting_at(2.0),
            Parameter::free("a", "", uniform).log10(),
            Parameter::free("a", "", Prior::normal(5.0, 1.0).unwrap()).log10(),
        ] {
            let error = refused(vec![bad]);
            assert!(matches!(error, Error::InvalidParameter { .. }), "{error}");
            assert!(error.to_string().starts_with("parameter `a`"));
        }
    }

    #[test]
    fn a_file_needs_a_prior_or_a_fixed_value() {
        let read = |text: &str| serde_json::from_str::<ParameterSet>(text);
        let bare = r#"[{"name":"a","unit":"","initial":1.0}]"#;
        assert!(
            read(bare)
                .unwrap_err()
                .to_string()
                .contains("`a` has neither")
        );
        let unknown = r#"[{"name":"a","unit":"","fixed":1.0,"log":true}]"#;
        assert!(read(unknown).is_err());
        let both =
            r#"[{"name":"a","unit":"","fixed":1.0,"prior":{"uniform":{"lower":0,"upper":2}}}]"#;
        assert_eq!(read(both).unwrap().free_count(), 0);
    }

    #[test]
    fn json_round_trip_keeps_every_bit() {
        let set = set();
        let text = serde_json::to_string(&set).unwrap();
        assert_eq!(serde_json::from_str::<ParameterSet>(&text).unwrap(), set);
        assert!(serde_json::from_str::<ParameterSet>(&text.replace("pa", "f0")).is_err());
    }
}
