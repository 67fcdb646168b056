//! Maximum likelihood by Fisher scoring, with analytic errors.

use astro_core::check_lengths;
use astro_infer::Cholesky;
use ndarray::Array2;

use super::likelihood::Information;
use super::{SpectralModel, SpectrumData, SpectrumLikelihood};
use crate::error::{Error, Result, require};

/// A fit of a model to a spectrum, described.
///
/// Parameters that must be positive are fitted as their natural logarithms: their likelihood is
/// nearer to a parabola there, and they cannot change sign.
#[derive(Clone, Debug)]
pub struct SpectrumFit<'a> {
    pub(super) model: &'a SpectralModel,
    pub(super) data: &'a SpectrumData,
    pub(super) likelihood: SpectrumLikelihood,
    pub(super) starts: Vec<Vec<f64>>,
    pub(super) fixed: Vec<bool>,
    /// Lowest and highest value of each parameter.
    pub(super) limits: Vec<(f64, f64)>,
}

/// A parameter of a fit, with its standard error.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FittedParameter {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Its standard error; 0 if it was held. Of a positive parameter the value times the error
    /// of its logarithm.
    pub error: f64,
    /// Lower end of the interval of one standard error: for a positive parameter,
    /// value · exp(−σ) with σ the error of its logarithm.
    pub lower: f64,
    /// Upper end of that interval.
    pub upper: f64,
    /// Whether it is fitted as its logarithm.
    pub logarithmic: bool,
    /// Whether it was held.
    pub fixed: bool,
    /// Whether it ended at one of its limits: the likelihood would rise beyond. Its error is then the
    /// one with all others held, and theirs the ones with it held.
    pub at_limit: bool,
}

/// The maximum of the likelihood.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FittedSpectrum {
    pub(super) parameters: Vec<FittedParameter>,
    /// log L there.
    pub log_likelihood: f64,
    /// Covariance of the free parameters, positive ones as natural logarithms: the inverse of
    /// the Fisher information.
    pub covariance: Array2<f64>,
    /// Number of powers.
    pub points: usize,
    /// Steps that were taken.
    pub iterations: usize,
    /// Whether the summit was reached: to 10⁻⁴ standard errors.
    pub converged: bool,
}

impl FittedSpectrum {
    /// All parameters in the order of the model.
    pub fn parameters(&self) -> &[FittedParameter] {
        &self.parameters
    }

    /// Their values.
    pub fn values(&self) -> Vec<f64> {
        self.parameters
            .iter()
            .map(|parameter| parameter.value)
            .collect()
    }

    /// Number of free parameters k.
    pub fn free(&self) -> usize {
        self.parameters
            .iter()
            .filter(|parameter| !parameter.fixed)
            .count()
    }

    /// Akaike's information criterion, 2k − 2 log L.
    pub fn aic(&self) -> f64 {
        2.0 * self.free() as f64 - 2.0 * self.log_likelihood
    }

    /// The Bayesian information criterion, k ln n − 2 log L.
    pub fn bic(&self) -> f64 {
        self.free() as f64 * (self.points as f64).ln() - 2.0 * self.log_likelihood
    }
}

/// Where a climb ended.
#[derive(Clone, Debug)]
pub(super) struct Summit {
    pub(super) values: Vec<f64>,
    pub(super) log_likelihood: f64,
    /// Of the free coordinates.
    pub(super) fisher: Array2<f64>,
    /// Free coordinates that ended at a limit.
    pub(super) at_limit: Vec<usize>,
    pub(super) iterations: usize,
    pub(super) converged: bool,
}

/// Squared distance from the summit, in standard errors, at which it counts as reached.
const REACHED: f64 = 1e-8;

const MOST_ITERATIONS: usize = 500;

impl<'a> SpectrumFit<'a> {
    /// A fit with the Gamma likelihood; give it a start.
    #[must_use]
    pub fn new(model: &'a SpectralModel, data: &'a SpectrumData) -> Self {
        Self {
            model,
            data,
            likelihood: SpectrumLikelihood::default(),
            starts: Vec::new(),
            fixed: vec![false; model.parameter_count()],
            limits: vec![(f64::NEG_INFINITY, f64::INFINITY); model.parameter_count()],
        }
    }

    /// The same with another likelihood.
    #[must_use]
    pub fn likelihood(mut self, likelihood: SpectrumLikelihood) -> Self {
        self.likelihood = likelihood;
        self
    }

    /// The same starting from these values too; of several starts the best summit counts.
    #[must_use]
    pub fn start(mut self, values: &[f64]) -> Self {
        self.starts.push(values.to_vec());
        self
    }

    /// The same with a parameter held at its value of the start.
    ///
    /// # Errors
    /// A name that the model does not have.
    pub fn hold(mut self, name: &str) -> Result<Self> {
        let place = self.index_of(name)?;
        self.fixed[place] = true;
        Ok(self)
    }

    /// The same with a parameter kept from `lowest` to `highest`.
    ///
    /// # Errors
    /// A name that the model does not have; a range that is empty.
    pub fn limit(mut self, name: &str, lowest: f64, highest: f64) -> Result<Self> {
        let place = self.index_of(name)?;
        require(
            "lower limit of a parameter",
            lowest,
            lowest < highest,
            "below its upper one",
        )?;
        self.limits[place] = (lowest, highest);
        Ok(self)
    }

    pub(super) fn index_of(&self, name: &str) -> Result<usize> {
        let names = self.model.parameter_names();
        names
            .iter()
            .position(|known| known == name)
            .ok_or_else(|| Error::UnknownParameter {
                name: name.to_owned(),
                known: names.join(", "),
            })
    }

    pub(super) fn check(&self) -> Result<()> {
        self.likelihood.check(self.data)?;
        let starts = self.starts.len() as f64;
        require("number of starts", starts, starts > 0.0, "at least 1")?;
        for start in &self.starts {
            self.model.check(start)?;
            for (&value, (lowest, highest)) in start.iter().zip(&self.limits) {
                let inside = (*lowest..=*highest).contains(&value);
                require("start of a parameter", value, inside, "within its limits")?;
            }
        }
        let free = self.free().len() as f64;
        require("number of free parameters", free, free > 0.0, "at least 1")?;
        let points = self.data.len() as f64;
        require(
            "number of powers",
            points,
            points >= free,
            "at least that of free parameters",
        )
    }

    pub(super) fn free(&self) -> Vec<usize> {
        (0..self.fixed.len()).filter(|&i| !self.fixed[i]).collect()
    }

    /// Climbs to the summit from every start.
    ///
    /// # Errors
    /// Starts, data or likelihood that do not fit each other; a start where the likelihood is
    /// zero; a summit where parameters are degenerate.
    pub fn run(&self) -> Result<FittedSpectrum> {
        self.check()?;
        let summit = self.best_summit()?;
        self.describe(&summit)
    }

    /// The highest of the summits.
    pub(super) fn best_summit(&self) -> Result<Summit> {
        let mut best: Option<Summit> = None;
        let mut first_error = None;
        for start in &self.starts {
            match self.climb(start, &self.free()) {
                Ok(summit) => {
                    let known = best
                        .as_ref()
                        .map_or(f64::NEG_INFINITY, |b| b.log_likelihood);
                    if summit.log_likelihood > known {
                        best = Some(summit);
                    }
                }
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        let none = || Error::Unsuitable {
            operation: "a fit",
            requirement: "a start where the model is possible",
        };
        best.ok_or_else(|| first_error.unwrap_or_else(none))
    }

    /// Climbs over the given parameters by damped Fisher scoring: each step solves
    /// (F + λ diag F) δ = g, which needs first derivatives only and never goes downhill.
    pub(super) fn climb(&self, start: &[f64], free: &[usize]) -> Result<Summit> {
        let mut values = start.to_vec();
        let mut here = self.at(&values);
        let possible = here.log_likelihood.is_finite();
        require(
            "log-likelihood of the start",
            here.log_likelihood,
            possible,
            "finite: start elsewhere",
        )?;
        let mut damping = 1e-4;
        let mut converged = false;
        let mut iterations = 0;
        while iterations < MOST_ITERATIONS {
            let open = self.open(&here, &values, free);
            if open.is_empty() {
                converged = true;
                break;
            }
            let (gradient, fisher) = self.in_coordinates(&here, &values, &open);
            if let Ok(factor) = Cholesky::new(fisher.view()) {
                let newton = factor.solve(&gradient);
                let decrement: f64 = newton.iter().zip(&gradient).map(|(s, g)| s * g).sum();
                if decrement < REACHED {
                    converged = true;
                    break;
                }
            }
            let Some((next, there, used)) =
                self.uphill(&here, &values, &gradient, &fisher, &open, damping)
            else {
                break;
            };
            damping = (0.1 * used).max(1e-8);
            (values, here) = (next, there);
            iterations += 1;
        }
        let (_, fisher) = self.in_coordinates(&here, &values, free);
        let open = self.open(&here, &values, free);
        let at_limit = free.iter().copied().filter(|i| !open.contains(i)).collect();
        Ok(Summit {
            at_limit,
            log_likelihood: here.log_likelihood,
            values,
            fisher,
            iterations,
            converged,
        })
    }

    /// The parameters that are not held back by a limit.
    fn open(&self, here: &Information, values: &[f64], free: &[usize]) -> Vec<usize> {
        let pressed = |&i: &usize| {
            let (lowest, highest) = self.limits[i];
            let slope = here.gradient[i];
            (values[i] <= lowest && slope < 0.0) || (values[i] >= highest && slope > 0.0)
        };
        free.iter().copied().filter(|i| !pressed(i)).collect()
    }

    /// A step that is better than staying, with the damping that it took.
    fn uphill(
        &self,
        here: &Information,
        values: &[f64],
        gradient: &[f64],
        fisher: &Array2<f64>,
        free: &[usize],
        mut damping: f64,
    ) -> Option<(Vec<f64>, Information, f64)> {
        while damping < 1e12 {
            let mut matrix = fisher.clone();
            let floor = 1e-300;
            matrix
                .diag_mut()
                .iter_mut()
                .for_each(|d| *d = *d * (1.0 + damping) + floor);
            if let Ok(factor) = Cholesky::new(matrix.view()) {
                let step = factor.solve(gradient);
                let next = self.moved(values, &step, free);
                let there = self.at(&next);
                if there.log_likelihood > here.log_likelihood {
                    return Some((next, there, damping));
                }
            }
            damping *= 8.0;
        }
        None
    }

    fn moved(&self, values: &[f64], step: &[f64], free: &[usize]) -> Vec<f64> {
        let logarithmic = self.logarithmic();
        let mut next = values.to_vec();
        for (&i, s) in free.iter().zip(step) {
            if logarithmic[i] {
                // A factor of e³ at most: far from the summit the parabola knows little.
                next[i] *= s.clamp(-3.0, 3.0).exp();
            } else {
                next[i] += s;
            }
            let (lowest, highest) = self.limits[i];
            next[i] = next[i].clamp(lowest, highest);
        }
        next
    }

    pub(super) fn logarithmic(&self) -> Vec<bool> {
        self.model
            .parameters()
            .iter()
            .map(|parameter| parameter.positive)
            .collect()
    }

    fn at(&self, values: &[f64]) -> Information {
        self.likelihood.information(self.model, values, self.data)
    }

    /// Gradient and information by the free coordinates: dp/d ln p = p.
    fn in_coordinates(
        &self,
        information: &Information,
        values: &[f64],
        free: &[usize],
    ) -> (Vec<f64>, Array2<f64>) {
        let logarithmic = self.logarithmic();
        let slope = |i: usize| if logarithmic[i] { values[i] } else { 1.0 };
        let gradient = free
            .iter()
            .map(|&i| information.gradient[i] * slope(i))
            .collect();
        let fisher = Array2::from_shape_fn((free.len(), free.len()), |(a, b)| {
            let (i, j) = (free[a], free[b]);
            information.fisher[[i, j]] * slope(i) * slope(j)
        });
        (gradient, fisher)
    }

    fn describe(&self, summit: &Summit) -> Result<FittedSpectrum> {
        check_lengths(
            "values",
            summit.values.len(),
            "parameters",
            self.fixed.len(),
        )?;
        let free = self.free();
        // What ended at a limit varies by itself.
        let mut fisher = summit.fisher.clone();
        let pressed = |a: usize| summit.at_limit.contains(&free[a]);
        for ((a, b), value) in fisher.indexed_iter_mut() {
            if a != b && (pressed(a) || pressed(b)) {
                *value = 0.0;
            }
        }
        let factor = Cholesky::new(fisher.view()).map_err(|bad| Error::Degenerate {
            parameter: self.model.parameter_names()[free[bad.row]].clone(),
        })?;
        let covariance = factor.inverse();
        let logarithmic = self.logarithmic();
        let names = self.model.parameter_names();
        let describe = |(i, name): (usize, String)| {
            let value = summit.values[i];
            let place = free.iter().position(|&j| j == i);
            let sigma = place.map_or(0.0, |a| covariance[[a, a]].sqrt());
            let (error, lower, upper) = if logarithmic[i] {
                (value * sigma, value * (-sigma).exp(), value * sigma.exp())
            } else {
                (sigma, value - sigma, value + sigma)
            };
            FittedParameter {
                name,
                value,
                error,
                lower,
                upper,
                logarithmic: logarithmic[i],
                fixed: place.is_none(),
                at_limit: summit.at_limit.contains(&i),
            }
        };
        Ok(FittedSpectrum {
            parameters: names.into_iter().enumerate().map(describe).collect(),
            log_likelihood: summit.log_likelihood,
            covariance,
            points: self.data.len(),
            iterations: summit.iterations,
            converged: summit.converged,
        })
    }
}

#[cfg(test)]
mod tests;
