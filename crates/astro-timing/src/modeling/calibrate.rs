//! Tests of features, calibrated by simulation of the model without them.
//!
//! A likelihood ratio has no known distribution where the null model lies at the edge of the
//! other (an amplitude of zero), and the largest of many powers depends on the fit: both are
//! simulated (Protassov et al. 2002; Vaughan 2010).

use astro_core::{NoProgress, Progress};
use rayon::prelude::*;

use super::{FittedSpectrum, SpectrumData, SpectrumFit, SpectrumLikelihood};
use crate::error::{Error, Result, require};
use crate::simulate::generator;
use rand::RngExt;
use rand_distr::{Distribution, Gamma};

/// A statistic of the data against those of simulations without the feature.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Calibration {
    /// The statistic of the data.
    pub statistic: f64,
    /// Those of the simulations, ascending.
    pub simulated: Vec<f64>,
    /// Simulations that could not be fitted, left out.
    pub failed: usize,
}

impl Calibration {
    /// (1 + number of simulations with as much or more)/(1 + number of simulations): never 0.
    pub fn probability(&self) -> f64 {
        let below = self.simulated.partition_point(|&t| t < self.statistic);
        let above = (self.simulated.len() - below) as f64;
        (1.0 + above) / (1.0 + self.simulated.len() as f64)
    }
}

/// Twice the gain in log-likelihood of one model over another that it contains.
#[derive(Clone, Debug)]
pub struct RatioTest<'a> {
    null: &'a SpectrumFit<'a>,
    alternative: &'a SpectrumFit<'a>,
}

/// The largest 2P/S: a narrow feature on top of a model.
#[derive(Clone, Debug)]
pub struct OutlierTest<'a> {
    null: &'a SpectrumFit<'a>,
}

/// Simulates spectra of a model.
struct Simulator<'a> {
    fit: &'a SpectrumFit<'a>,
    /// Parameter vectors, used in turn: one for the maximum of the likelihood, many for
    /// samples of the posterior.
    parameters: Vec<Vec<f64>>,
    seed: u64,
}

impl Simulator<'_> {
    fn spectrum(&self, number: usize) -> Result<SpectrumData> {
        let parameters = &self.parameters[number % self.parameters.len()];
        let values = self
            .fit
            .model
            .values(parameters, &self.fit.data.frequency_hz)?;
        // Streams of different numbers come from one hashed from the seed.
        let mut seeds = generator(self.seed);
        let base: u64 = seeds.random();
        let mut random = generator(base.wrapping_add(number as u64));
        let draw = |(s, &m): (&f64, &f64)| -> Result<f64> {
            let law = Gamma::new(m, s / m).map_err(|_| Error::Parameter {
                name: "power of the null model",
                value: *s,
                requirement: "above 0",
            })?;
            Ok(law.sample(&mut random))
        };
        let power: Result<Vec<f64>> = values
            .iter()
            .zip(&self.fit.data.averages)
            .map(draw)
            .collect();
        Ok(self.fit.data.with_power(power?))
    }
}

fn check_gamma(fit: &SpectrumFit<'_>) -> Result<()> {
    if fit.likelihood == SpectrumLikelihood::Gamma {
        return Ok(());
    }
    Err(Error::Unsuitable {
        operation: "a calibrated test",
        requirement: "the Gamma likelihood: spectra are drawn from it",
    })
}

fn simulate(
    count: usize,
    progress: &dyn Progress,
    statistic: impl Fn(usize) -> Result<f64> + Sync,
) -> Result<(Vec<f64>, usize)> {
    require(
        "number of simulations",
        count as f64,
        count >= 1,
        "at least 1",
    )?;
    progress.begin("simulations", count as u64);
    let all: Vec<Result<f64>> = (0..count)
        .into_par_iter()
        .map(|number| {
            if progress.should_stop() {
                return Err(Error::Stopped);
            }
            let found = statistic(number);
            progress.advance(1);
            found
        })
        .collect();
    progress.end();
    if progress.should_stop() {
        return Err(Error::Stopped);
    }
    let mut found: Vec<f64> = all
        .iter()
        .filter_map(|t| t.as_ref().ok().copied())
        .collect();
    let failed = count - found.len();
    if found.is_empty() {
        all.into_iter().find_map(Result::err).map_or(Ok(()), Err)?;
    }
    found.sort_by(f64::total_cmp);
    Ok((found, failed))
}

/// Parameter vectors to simulate from: those given, else the maximum.
fn null_parameters(fitted: &FittedSpectrum, samples: Option<Vec<Vec<f64>>>) -> Vec<Vec<f64>> {
    samples
        .filter(|samples| !samples.is_empty())
        .unwrap_or_else(|| vec![fitted.values()])
}

impl<'a> RatioTest<'a> {
    /// A test of a model with a feature (`alternative`) against one without (`null`), on the
    /// same data.
    ///
    /// # Errors
    /// Data of different lengths, a likelihood other than Gamma.
    pub fn new(null: &'a SpectrumFit<'a>, alternative: &'a SpectrumFit<'a>) -> Result<Self> {
        check_gamma(null)?;
        check_gamma(alternative)?;
        if null.data != alternative.data {
            return Err(Error::Unsuitable {
                operation: "a likelihood-ratio test",
                requirement: "the same data in both fits",
            });
        }
        Ok(Self { null, alternative })
    }

    /// Fits both models to the data and to `simulations` spectra of the null model, drawn from
    /// its maximum or in turn from `samples` of its posterior.
    ///
    /// # Errors
    /// Those of the fits of the data; no simulation that can be fitted.
    pub fn run(
        &self,
        simulations: usize,
        seed: u64,
        samples: Option<Vec<Vec<f64>>>,
    ) -> Result<Calibration> {
        self.run_with(simulations, seed, samples, &NoProgress)
    }

    /// As [`RatioTest::run`], reporting progress; the caller may stop it.
    ///
    /// # Errors
    /// As [`RatioTest::run`]; a stop on request.
    pub fn run_with(
        &self,
        simulations: usize,
        seed: u64,
        samples: Option<Vec<Vec<f64>>>,
        progress: &dyn Progress,
    ) -> Result<Calibration> {
        let (null, alternative) = (self.null.run()?, self.alternative.run()?);
        let simulator = Simulator {
            fit: self.null,
            parameters: null_parameters(&null, samples),
            seed,
        };
        let (null_start, start) = (null.values(), alternative.values());
        let statistic = |number: usize| {
            let data = simulator.spectrum(number)?;
            let null = on(self.null, &data).start(&null_start);
            let alternative = on(self.alternative, &data).start(&start);
            let gain =
                alternative.best_summit()?.log_likelihood - null.best_summit()?.log_likelihood;
            // A model that contains the other is at least as good: less is a summit missed.
            Ok((2.0 * gain).max(0.0))
        };
        let (simulated, failed) = simulate(simulations, progress, statistic)?;
        Ok(Calibration {
            statistic: (2.0 * (alternative.log_likelihood - null.log_likelihood)).max(0.0),
            simulated,
            failed,
        })
    }
}

impl<'a> OutlierTest<'a> {
    /// A test for powers too high for the model.
    ///
    /// # Errors
    /// A likelihood other than Gamma.
    pub fn new(null: &'a SpectrumFit<'a>) -> Result<Self> {
        check_gamma(null)?;
        Ok(Self { null })
    }

    /// As [`RatioTest::run`], of the largest 2P/S.
    ///
    /// # Errors
    /// As [`RatioTest::run`].
    pub fn run(
        &self,
        simulations: usize,
        seed: u64,
        samples: Option<Vec<Vec<f64>>>,
    ) -> Result<Calibration> {
        self.run_with(simulations, seed, samples, &NoProgress)
    }

    /// As [`OutlierTest::run`], reporting progress; the caller may stop it.
    ///
    /// # Errors
    /// As [`OutlierTest::run`]; a stop on request.
    pub fn run_with(
        &self,
        simulations: usize,
        seed: u64,
        samples: Option<Vec<Vec<f64>>>,
        progress: &dyn Progress,
    ) -> Result<Calibration> {
        let null = self.null.run()?;
        let start = null.values();
        let simulator = Simulator {
            fit: self.null,
            parameters: null_parameters(&null, samples),
            seed,
        };
        let statistic = |number: usize| {
            let data = simulator.spectrum(number)?;
            let fit = on(self.null, &data).start(&start);
            highest(&fit, &fit.best_summit()?.values)
        };
        let (simulated, failed) = simulate(simulations, progress, statistic)?;
        Ok(Calibration {
            statistic: highest(self.null, &start)?,
            simulated,
            failed,
        })
    }
}

/// The same fit of other data, without its starts.
fn on<'b>(fit: &SpectrumFit<'b>, data: &'b SpectrumData) -> SpectrumFit<'b> {
    SpectrumFit {
        data,
        starts: fit.starts.clone(),
        ..fit.clone()
    }
}

fn highest(fit: &SpectrumFit<'_>, parameters: &[f64]) -> Result<f64> {
    let values = fit.model.values(parameters, &fit.data.frequency_hz)?;
    let ratios = fit.data.power.iter().zip(&values).map(|(p, s)| 2.0 * p / s);
    Ok(ratios.fold(0.0, f64::max))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modeling::SpectralModel;
    use crate::simulate::simulated_powers;

    const SEED: u64 = 20_020_110;

    fn frequency(n: u32) -> Vec<f64> {
        (1..=n)
            .map(|k| 10.0 * f64::from(k) / f64::from(n))
            .collect()
    }

    /// A constant against a power law: regular, so 2 Δ log L is χ² of one degree of freedom.
    #[test]
    fn a_regular_ratio_is_chi_squared() {
        let flat = SpectralModel::constant();
        let sloped = SpectralModel::power_law();
        let f = frequency(200);
        let power = simulated_powers(&[2.0; 200], 3, SEED).unwrap();
        let data = SpectrumData::new(f, power, 3.0).unwrap();
        let null = SpectrumFit::new(&flat, &data).start(&[1.5]);
        let alternative = SpectrumFit::new(&sloped, &data).start(&[1.5, 0.1]);
        let found = RatioTest::new(&null, &alternative)
            .unwrap()
            .run(600, SEED, None)
            .unwrap();
        assert_eq!((found.simulated.len(), found.failed), (600, 0));
        let mean = found.simulated.iter().sum::<f64>() / 600.0;
        // χ²₁: mean 1, variance 2.
        assert!((mean - 1.0).abs() < 4.0 * (2.0f64 / 600.0).sqrt(), "{mean}");
        let above = found.simulated.iter().filter(|&&t| t > 2.7055).count() as f64 / 600.0;
        assert!((above - 0.1).abs() < 0.05, "{above}");
        let again = RatioTest::new(&null, &alternative)
            .unwrap()
            .run(600, SEED, None)
            .unwrap();
        assert_eq!(found, again);
    }

    #[test]
    fn a_strong_line_is_significant() {
        let flat = SpectralModel::constant();
        let line = SpectralModel::lorentzian() + SpectralModel::constant();
        let f = frequency(300);
        let values = line.values(&[3.0, 5.0, 0.5, 2.0], &f).unwrap();
        let power = simulated_powers(&values, 5, SEED).unwrap();
        let data = SpectrumData::new(f, power, 5.0).unwrap();
        let null = SpectrumFit::new(&flat, &data).start(&[2.0]);
        let alternative = SpectrumFit::new(&line, &data).start(&[1.0, 5.2, 0.8, 2.0]);
        let found = RatioTest::new(&null, &alternative)
            .unwrap()
            .run(99, SEED, None)
            .unwrap();
        assert_eq!(found.probability(), 0.01);
    }

    /// The largest of n exponential 2P/S exceeds x with probability 1 − (1 − e^{−x/2})ⁿ.
    #[test]
    fn outliers_of_single_periodograms_are_exponential() {
        let flat = SpectralModel::constant();
        let f = frequency(400);
        let power = simulated_powers(&[2.0; 400], 1, SEED).unwrap();
        let data = SpectrumData::new(f, power, 1.0).unwrap();
        let null = SpectrumFit::new(&flat, &data).start(&[2.0]);
        let found = OutlierTest::new(&null)
            .unwrap()
            .run(800, SEED, None)
            .unwrap();
        let x = 16.0;
        let expected = 1.0 - (1.0 - (-0.5f64 * x).exp()).powi(400);
        let above = found.simulated.iter().filter(|&&t| t > x).count() as f64 / 800.0;
        let error = (expected * (1.0 - expected) / 800.0).sqrt();
        // The fitted level takes up some of the largest power: less than an error here.
        assert!((above - expected).abs() < 4.0 * error, "{above} {expected}");
        let many = OutlierTest::new(&null)
            .unwrap()
            .run(50, SEED, Some(vec![vec![1.9], vec![2.1]]))
            .unwrap();
        assert_eq!(many.simulated.len(), 50);
    }
}
