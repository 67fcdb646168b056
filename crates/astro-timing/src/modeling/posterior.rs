//! Posterior distributions of the parameters, by `astro-infer`.

use astro_core::Progress;
use astro_infer::{
    Ensemble, EnsembleOptions, LikelihoodError, LogLikelihood, Parameter, ParameterSet, Prior,
    Samples,
};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::{FittedSpectrum, SpectrumFit};
use crate::error::{Result, require};

/// Settings of [`SpectrumFit::posterior`].
#[derive(Clone, Debug, PartialEq)]
pub struct PosteriorOptions {
    /// Priors and scales of all parameters in the order of the model; not given, those of
    /// [`SpectrumFit::wide_priors`].
    pub parameters: Option<ParameterSet>,
    /// Steps of the ensemble that are kept.
    pub steps: usize,
    /// Steps before them that are thrown away.
    pub burn_in: usize,
    /// Every how many steps one is kept.
    pub thin: usize,
    /// Seed of all random numbers.
    pub seed: u64,
}

impl Default for PosteriorOptions {
    /// 1000 steps after 500, all kept.
    fn default() -> Self {
        Self {
            parameters: None,
            steps: 1000,
            burn_in: 500,
            thin: 1,
            seed: 1,
        }
    }
}

impl SpectrumFit<'_> {
    /// Wide priors around a fit: log-uniform over a factor of 100 either way for positive
    /// parameters (sampled in log₁₀), uniform over the frequencies of the data for the centre
    /// of a line, and over ±10 around the fit for an index; within the limits of the fit. Held
    /// parameters stay held.
    ///
    /// # Errors
    /// A fit of another model.
    pub fn wide_priors(&self, fitted: &FittedSpectrum) -> Result<ParameterSet> {
        let (first, last) = self.frequency_range();
        let describe = |((known, found), limits): (
            (super::ComponentParameter, &super::FittedParameter),
            &(f64, f64),
        )| {
            let (name, value) = (found.name.clone(), found.value);
            let within = |low: f64, high: f64| (low.max(limits.0), high.min(limits.1));
            if found.fixed {
                return Ok(Parameter::fixed(name, known.unit, value));
            }
            if known.positive {
                let (low, high) = within(value / 100.0, value * 100.0);
                let prior = Prior::log_uniform(low, high)?;
                return Ok(Parameter::free(name, known.unit, prior)
                    .log10()
                    .starting_at(value));
            }
            let (low, high) = if known.name == "center_hz" {
                within(first.min(value - 1e-9), last.max(value + 1e-9))
            } else {
                within(value - 10.0, value + 10.0)
            };
            let prior = Prior::uniform(low, high)?;
            Ok(Parameter::free(name, known.unit, prior).starting_at(value))
        };
        let known = self.model.parameters();
        astro_core::check_lengths(
            "fitted parameters",
            fitted.parameters.len(),
            "parameters",
            known.len(),
        )?;
        let parameters: Result<Vec<Parameter>> = known
            .into_iter()
            .zip(&fitted.parameters)
            .zip(&self.limits)
            .map(describe)
            .collect();
        Ok(ParameterSet::new(parameters?)?)
    }

    fn frequency_range(&self) -> (f64, f64) {
        let all = self.data.frequency_hz.iter().copied();
        (
            all.clone().fold(f64::INFINITY, f64::min),
            all.fold(0.0, f64::max),
        )
    }

    /// Samples of the posterior, walkers started around the fit.
    ///
    /// # Errors
    /// Priors of another number of parameters; those of the sampler, also when stopped.
    pub fn posterior(
        &self,
        fitted: &FittedSpectrum,
        options: &PosteriorOptions,
        progress: &dyn Progress,
    ) -> Result<Samples> {
        self.check()?;
        require(
            "steps",
            options.steps as f64,
            options.steps >= 1,
            "at least 1",
        )?;
        require("thin", options.thin as f64, options.thin >= 1, "at least 1")?;
        let set = match &options.parameters {
            Some(set) => set.clone(),
            None => self.wide_priors(fitted)?,
        };
        astro_core::check_lengths("priors", set.len(), "parameters", self.fixed.len())?;
        let coordinates = set.coordinates(&fitted.values())?;
        let ensemble_options = EnsembleOptions {
            seed: options.seed,
            ..EnsembleOptions::default()
        };
        let mut ensemble = Ensemble::new(&set, self, ensemble_options)?;
        let covariance = self.covariance_of(fitted, &set);
        ensemble.start_ball(&coordinates, covariance.view(), 1.0)?;
        ensemble.run(options.burn_in + options.steps, progress)?;
        Ok(ensemble.chain().samples(options.burn_in, options.thin)?)
    }

    /// Covariance of the fit in the coordinates of a set: variances alone where the set frees
    /// other parameters.
    fn covariance_of(&self, fitted: &FittedSpectrum, set: &ParameterSet) -> Array2<f64> {
        let ours = self.free();
        let theirs: Vec<usize> = (0..set.len())
            .filter(|&i| !set.parameters()[i].is_fixed())
            .collect();
        let logarithmic = self.logarithmic();
        // From natural logarithms or values to their scale.
        let scale = |i: usize| {
            let value = fitted.parameters[i].value;
            match (logarithmic[i], set.parameters()[i].scale()) {
                (true, astro_infer::Scale::Log10) => 1.0 / std::f64::consts::LN_10,
                (true, _) => value,
                (false, astro_infer::Scale::Log10) => 1.0 / (value * std::f64::consts::LN_10),
                (false, _) => 1.0,
            }
        };
        let place = |i: usize| ours.iter().position(|&j| j == i);
        Array2::from_shape_fn((theirs.len(), theirs.len()), |(a, b)| {
            let (i, j) = (theirs[a], theirs[b]);
            match (place(i), place(j)) {
                (Some(p), Some(q)) => fitted.covariance[[p, q]] * scale(i) * scale(j),
                // Freed only now: a percent.
                _ if i == j => 1e-4 * (fitted.parameters[i].value * scale(i)).powi(2).max(1e-12),
                _ => 0.0,
            }
        })
    }
}

impl LogLikelihood for SpectrumFit<'_> {
    fn log_likelihood_batch(
        &self,
        points: ArrayView2<'_, f64>,
        out: &mut [f64],
    ) -> std::result::Result<(), LikelihoodError> {
        let rows = points.as_standard_layout();
        out.par_iter_mut().enumerate().for_each(|(index, value)| {
            if let Some(p) = rows.row(index).as_slice() {
                *value = self.likelihood.value(self.model, p, self.data);
            }
        });
        Ok(())
    }

    fn log_likelihood_gradient(
        &self,
        values: &[f64],
        gradient: &mut [f64],
    ) -> std::result::Result<Option<f64>, LikelihoodError> {
        let found = self.likelihood.information(self.model, values, self.data);
        gradient.copy_from_slice(&found.gradient);
        Ok(Some(found.log_likelihood))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modeling::{SpectralModel, SpectrumData};
    use crate::simulate::simulated_powers;
    use astro_core::NoProgress;
    use astro_infer::{MaximizeOptions, maximize};

    const SEED: u64 = 20_130_202;

    #[test]
    fn posterior_and_maximum_agree_with_the_fit() {
        let model = SpectralModel::lorentzian() + SpectralModel::constant();
        let truth = [6.0, 5.0, 1.1, 2.0];
        let f: Vec<f64> = (1..=500).map(|k| f64::from(k) / 50.0).collect();
        let power = simulated_powers(&model.values(&truth, &f).unwrap(), 20, SEED).unwrap();
        let data = SpectrumData::new(f, power, 20.0).unwrap();
        let fit = SpectrumFit::new(&model, &data).start(&truth);
        let fitted = fit.run().unwrap();

        let options = PosteriorOptions {
            steps: 400,
            burn_in: 200,
            seed: SEED,
            ..PosteriorOptions::default()
        };
        let samples = fit.posterior(&fitted, &options, &NoProgress).unwrap();
        let summaries = samples.summaries(0.683).unwrap();
        for (k, summary) in summaries.iter().enumerate() {
            let x = |v: f64| if k == 1 { v } else { v.log10() };
            let parameter = &fitted.parameters()[k];
            let half = 0.5 * (x(parameter.upper) - x(parameter.lower));
            assert!(
                (summary.median - x(parameter.value)).abs() < 0.5 * half,
                "{k}"
            );
            // Interval ends of an ensemble of some 400 independent samples scatter by 8 %.
            assert!(
                (0.5 * (summary.upper - summary.lower) / half - 1.0).abs() < 0.35,
                "{k}"
            );
        }

        let set = fit.wide_priors(&fitted).unwrap();
        let maximum = maximize(&set, &fit, &MaximizeOptions::default(), &NoProgress).unwrap();
        for (found, parameter) in maximum.values.iter().zip(fitted.parameters()) {
            assert!((found - parameter.value).abs() < 0.01 * parameter.error);
        }
    }
}
