//! Prior distributions of one parameter.
//!
//! A prior is a density over the parameter's *value*, whatever scale it is
//! sampled on; [`ParameterSet`](crate::ParameterSet) adds the Jacobian.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::normal::{self, LN_SQRT_2_PI};

/// A normalized probability density of one value, checked when it is made.
///
/// ```
/// use astro_infer::Prior;
/// let prior = Prior::log_uniform(1.0, 100.0)?;
/// assert!((prior.value_from_unit(0.5) - 10.0).abs() < 1e-14);
/// assert!((prior.cumulative(10.0) - 0.5).abs() < 1e-15);
/// assert_eq!(prior.ln_density(0.5), f64::NEG_INFINITY);
/// # Ok::<(), astro_infer::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Family", into = "Family")]
pub struct Prior {
    family: Family,
    /// ln of what the unnormalized density integrates to.
    ln_norm: f64,
}

/// The families, as they are written in a file.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Family {
    Uniform {
        lower: f64,
        upper: f64,
    },
    LogUniform {
        lower: f64,
        upper: f64,
    },
    Normal {
        mean: f64,
        sigma: f64,
    },
    TruncatedNormal {
        mean: f64,
        sigma: f64,
        lower: f64,
        upper: f64,
    },
    Sine {
        lower: f64,
        upper: f64,
    },
}

impl Prior {
    /// Constant between `lower` and `upper`.
    ///
    /// # Errors
    /// [`Error::InvalidPrior`] unless both are finite and `lower < upper`.
    pub fn uniform(lower: f64, upper: f64) -> Result<Self> {
        Family::Uniform { lower, upper }.try_into()
    }

    /// Density ∝ 1/x between `lower` and `upper`: constant in the logarithm.
    ///
    /// # Errors
    /// [`Error::InvalidPrior`] unless `0 < lower < upper < ∞`.
    pub fn log_uniform(lower: f64, upper: f64) -> Result<Self> {
        Family::LogUniform { lower, upper }.try_into()
    }

    /// Normal of the given mean and standard deviation.
    ///
    /// # Errors
    /// [`Error::InvalidPrior`] unless both are finite and `sigma > 0`.
    pub fn normal(mean: f64, sigma: f64) -> Result<Self> {
        Family::Normal { mean, sigma }.try_into()
    }

    /// Normal of the given (untruncated) mean and standard deviation, cut at
    /// `lower` and `upper` and normalized between them.
    ///
    /// # Errors
    /// [`Error::InvalidPrior`] unless all are finite, `sigma > 0`,
    /// `lower < upper`, and the interval holds mass that f64 can represent
    /// (it lies within about 38 `sigma` of the mean).
    pub fn truncated_normal(mean: f64, sigma: f64, lower: f64, upper: f64) -> Result<Self> {
        Family::TruncatedNormal {
            mean,
            sigma,
            lower,
            upper,
        }
        .try_into()
    }

    /// Density ∝ sin x between `lower` and `upper` (radians, within [0, π]):
    /// the inclination of randomly oriented discs.
    ///
    /// # Errors
    /// [`Error::InvalidPrior`] unless `0 ≤ lower < upper ≤ π`.
    #[doc(alias = "isotropic")]
    pub fn sine(lower: f64, upper: f64) -> Result<Self> {
        Family::Sine { lower, upper }.try_into()
    }

    /// The smallest and the largest value of non-zero density; infinite for a normal.
    pub fn support(&self) -> (f64, f64) {
        match self.family {
            Family::Normal { .. } => (f64::NEG_INFINITY, f64::INFINITY),
            Family::Uniform { lower, upper }
            | Family::LogUniform { lower, upper }
            | Family::TruncatedNormal { lower, upper, .. }
            | Family::Sine { lower, upper } => (lower, upper),
        }
    }

    /// Natural logarithm of the density at `value`; −∞ outside the support
    /// and for NaN.
    pub fn ln_density(&self, value: f64) -> f64 {
        let (lower, upper) = self.support();
        if !(value >= lower && value <= upper) {
            return f64::NEG_INFINITY;
        }
        let ln_shape = match self.family {
            Family::Uniform { .. } => 0.0,
            Family::LogUniform { .. } => -value.ln(),
            Family::Normal { mean, sigma } | Family::TruncatedNormal { mean, sigma, .. } => {
                -0.5 * ((value - mean) / sigma).powi(2)
            }
            Family::Sine { .. } => value.sin().max(0.0).ln(),
        };
        ln_shape - self.ln_norm
    }

    /// Derivative of [`Self::ln_density`] at a value inside the support.
    pub fn ln_density_slope(&self, value: f64) -> f64 {
        match self.family {
            Family::Uniform { .. } => 0.0,
            Family::LogUniform { .. } => -1.0 / value,
            Family::Normal { mean, sigma } | Family::TruncatedNormal { mean, sigma, .. } => {
                (mean - value) / (sigma * sigma)
            }
            Family::Sine { .. } => 1.0 / value.tan(),
        }
    }

    /// Probability of a value up to `value`; 0 below the support, 1 above it.
    pub fn cumulative(&self, value: f64) -> f64 {
        let (lower, upper) = self.support();
        if value <= lower {
            return 0.0;
        }
        if value >= upper {
            return 1.0;
        }
        match self.family {
            Family::Uniform { .. } => (value - lower) / (upper - lower),
            Family::LogUniform { .. } => (value / lower).ln() / (upper / lower).ln(),
            Family::Normal { mean, sigma } => normal::cumulative((value - mean) / sigma),
            Family::TruncatedNormal { mean, sigma, .. } => {
                let z = |x: f64| (x - mean) / sigma;
                normal::interval(z(lower), z(value)) / normal::interval(z(lower), z(upper))
            }
            Family::Sine { .. } => {
                cosine_difference(lower, value) / cosine_difference(lower, upper)
            }
        }
    }

    /// The value below which a fraction `unit` of the probability lies: the
    /// prior transform of nested sampling. `unit` is taken into [0, 1].
    #[doc(alias = "ppf")]
    #[doc(alias = "from_unit")]
    pub fn value_from_unit(&self, unit: f64) -> f64 {
        let unit = unit.clamp(0.0, 1.0);
        let (low, high) = self.support();
        let value = match self.family {
            Family::Uniform { lower, upper } => lower + unit * (upper - lower),
            Family::LogUniform { lower, upper } => lower * (unit * (upper / lower).ln()).exp(),
            Family::Normal { mean, sigma } => mean + sigma * normal::quantile(unit),
            Family::TruncatedNormal {
                mean,
                sigma,
                lower,
                upper,
            } => {
                let (a, b) = ((lower - mean) / sigma, (upper - mean) / sigma);
                // Count from the end whose tail is small, where digits remain.
                if a > 0.0 {
                    let (near, far) = (normal::cumulative(-a), normal::cumulative(-b));
                    mean - sigma * normal::quantile(near + unit * (far - near))
                } else {
                    let (near, far) = (normal::cumulative(a), normal::cumulative(b));
                    mean + sigma * normal::quantile(near + unit * (far - near))
                }
            }
            Family::Sine { lower, upper } => {
                let cosine = lower.cos() - unit * cosine_difference(lower, upper);
                cosine.clamp(-1.0, 1.0).acos()
            }
        };
        // Rounding must not put a draw just outside its own support.
        value.clamp(low, high)
    }

    /// A random value.
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        self.value_from_unit(open_unit(rng))
    }
}

/// A uniform deviate in the open interval (0, 1), on the centers of 2⁵² cells.
pub(crate) fn open_unit<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    ((rng.random::<u64>() >> 12) as f64 + 0.5) * (0.5f64).powi(52)
}

/// cos a − cos b without cancellation.
fn cosine_difference(a: f64, b: f64) -> f64 {
    2.0 * (0.5 * (a + b)).sin() * (0.5 * (b - a)).sin()
}

impl From<Prior> for Family {
    fn from(prior: Prior) -> Self {
        prior.family
    }
}

impl TryFrom<Family> for Prior {
    type Error = Error;

    fn try_from(family: Family) -> Result<Self> {
        let ln_norm = match family {
            Family::Uniform { lower, upper } => {
                check_interval("uniform", lower, upper)?;
                (upper - lower).ln()
            }
            Family::LogUniform { lower, upper } => {
                check_interval("log-uniform", lower, upper)?;
                require(
                    "log-uniform",
                    "lower",
                    lower,
                    lower > 0.0,
                    "it must be above 0",
                )?;
                (upper / lower).ln().ln()
            }
            Family::Normal { mean, sigma } => {
                check_normal("normal", mean, sigma)?;
                LN_SQRT_2_PI + sigma.ln()
            }
            Family::TruncatedNormal {
                mean,
                sigma,
                lower,
                upper,
            } => {
                check_normal("truncated normal", mean, sigma)?;
                check_interval("truncated normal", lower, upper)?;
                let mass = normal::interval((lower - mean) / sigma, (upper - mean) / sigma);
                require(
                    "truncated normal",
                    "the probability between lower and upper",
                    mass,
                    mass > 0.0,
                    "it must be above 0: move the interval nearer to the mean",
                )?;
                LN_SQRT_2_PI + sigma.ln() + mass.ln()
            }
            Family::Sine { lower, upper } => {
                check_interval("sine", lower, upper)?;
                let inside = "it must lie between 0 and pi radians";
                require("sine", "lower", lower, lower >= 0.0, inside)?;
                require(
                    "sine",
                    "upper",
                    upper,
                    upper <= std::f64::consts::PI,
                    inside,
                )?;
                cosine_difference(lower, upper).ln()
            }
        };
        Ok(Self { family, ln_norm })
    }
}

fn check_interval(prior: &'static str, lower: f64, upper: f64) -> Result<()> {
    let finite = "it must be finite";
    require(prior, "lower", lower, lower.is_finite(), finite)?;
    require(prior, "upper", upper, upper.is_finite(), finite)?;
    let width = upper - lower;
    require(
        prior,
        "upper - lower",
        width,
        width > 0.0 && width.is_finite(),
        "it must be above 0 and finite",
    )
}

fn check_normal(prior: &'static str, mean: f64, sigma: f64) -> Result<()> {
    require(prior, "mean", mean, mean.is_finite(), "it must be finite")?;
    require(
        prior,
        "sigma",
        sigma,
        sigma > 0.0 && sigma.is_finite(),
        "it must be above 0 and finite",
    )
}

fn require(
    prior: &'static str,
    quantity: &'static str,
    found: f64,
    holds: bool,
    requirement: &'static str,
) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(Error::InvalidPrior {
            prior,
            quantity,
            found,
            requirement,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    const SEED: u64 = 20_130_301;

    fn all() -> Vec<Prior> {
        vec![
            Prior::uniform(-2.0, 5.0).unwrap(),
            Prior::log_uniform(0.05, 100.0).unwrap(),
            Prior::normal(3.0, 0.5).unwrap(),
            Prior::truncated_normal(0.0, 1.0, -0.5, 3.0).unwrap(),
            Prior::truncated_normal(0.0, 1.0, 6.0, 9.0).unwrap(),
            Prior::sine(0.0, PI).unwrap(),
            Prior::sine(0.2, 1.3).unwrap(),
        ]
    }

    /// The interval that holds all but 1e-13 of the probability.
    fn range(prior: &Prior) -> (f64, f64) {
        (
            prior.value_from_unit(1e-13),
            prior.value_from_unit(1.0 - 1e-13),
        )
    }

    #[test]
    fn densities_integrate_to_their_cumulative() {
        for prior in all() {
            let (low, high) = range(&prior);
            let steps = 200_000;
            let width = (high - low) / f64::from(steps);
            let mut sum = 0.0;
            for k in 0..steps {
                // Simpson's rule in each cell.
                let x = low + f64::from(k) * width;
                let f = |x: f64| prior.ln_density(x).exp();
                sum += width / 6.0 * (f(x) + 4.0 * f(x + 0.5 * width) + f(x + width));
                if k % 20_000 == 7 {
                    let expected = prior.cumulative(x + width);
                    assert!((sum - expected).abs() < 1e-9, "{prior:?} at {x}");
                }
            }
        }
    }

    #[test]
    fn log_uniform_density_is_its_formula() {
        let prior = Prior::log_uniform(1e-3, 1e4).unwrap();
        for x in [1e-3, 0.7, 9e3] {
            let expected = 1.0 / (x * (1e7f64).ln());
            assert!((prior.ln_density(x).exp() / expected - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn unit_transform_inverts_cumulative() {
        for prior in all() {
            for k in 1..100 {
                let unit = f64::from(k) / 100.0;
                let value = prior.value_from_unit(unit);
                assert!(
                    (prior.cumulative(value) - unit).abs() < 1e-13,
                    "{prior:?} {unit}"
                );
            }
        }
    }

    /// Kolmogorov's distance D of n draws: √n D is below 1.95 with probability 0.999.
    #[test]
    fn samples_follow_the_cumulative() {
        let n = 20_000;
        for (k, prior) in all().iter().enumerate() {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED + k as u64);
            let mut draws: Vec<f64> = (0..n).map(|_| prior.sample(&mut rng)).collect();
            draws.sort_by(f64::total_cmp);
            let distance = draws
                .iter()
                .enumerate()
                .map(|(i, &x)| {
                    let c = prior.cumulative(x);
                    (c - i as f64 / n as f64).max((i + 1) as f64 / n as f64 - c)
                })
                .fold(0.0, f64::max);
            assert!((n as f64).sqrt() * distance < 1.95, "{prior:?}: {distance}");
        }
    }

    #[test]
    fn outside_the_support_nothing_is_possible() {
        for prior in all() {
            let (low, high) = prior.support();
            if low.is_finite() {
                assert_eq!(prior.ln_density(low - 1e-9), f64::NEG_INFINITY);
                assert_eq!(prior.ln_density(high + 1e-9), f64::NEG_INFINITY);
            }
            assert_eq!(prior.ln_density(f64::NAN), f64::NEG_INFINITY);
        }
    }

    #[test]
    fn impossible_priors_are_refused_with_their_number() {
        let message = Prior::uniform(2.0, 1.0).unwrap_err().to_string();
        assert_eq!(
            message,
            "uniform prior: upper - lower is -1; it must be above 0 and finite"
        );
        assert!(Prior::log_uniform(0.0, 1.0).is_err());
        assert!(Prior::normal(0.0, 0.0).is_err());
        assert!(Prior::normal(f64::NAN, 1.0).is_err());
        assert!(Prior::truncated_normal(0.0, 1.0, 50.0, 51.0).is_err());
        assert!(Prior::sine(0.0, 3.2).is_err());
        assert!(Prior::uniform(f64::NEG_INFINITY, 0.0).is_err());
    }

    #[test]
    fn files_are_checked_too() {
        for prior in all() {
            let text = serde_json::to_string(&prior).unwrap();
            assert_eq!(serde_json::from_str::<Prior>(&text).unwrap(), prior);
        }
        let text = r#"{"uniform":{"lower":1.0,"upper":0.0}}"#;
        let error = serde_json::from_str::<Prior>(text).unwrap_err();
        assert!(error.to_string().contains("upper - lower is -1"));
    }
}
