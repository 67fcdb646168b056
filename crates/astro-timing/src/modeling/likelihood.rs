//! How probable a spectrum is under a model.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::{SpectralModel, SpectrumData};
use crate::error::{Result, require};

/// The distribution of powers around a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SpectrumLikelihood {
    /// Mean of m periodograms: P ~ S χ²_{2m}/2m, a Gamma distribution,
    ///
    /// log L = Σ m ln m − ln Γ(m) + (m − 1) ln P − m ln S − m P/S.
    ///
    /// For m = 1 it is Whittle's, −Σ (ln S + P/S). Stingray's `PSDLogLikelihood` is twice this
    /// for m > 1, less what does not depend on the model.
    #[default]
    Gamma,
    /// An unaveraged cospectrum of signal-free noise of level S₀ = `noise`: y ~
    /// Laplace(model, S₀/2) (Huppenkothen & Bachetti 2018), log L = −Σ ln S₀ + 2|y − model|/S₀.
    ///
    /// The standard deviation is S₀/√2. Stingray's `LaplaceLogLikelihood` takes what it calls
    /// an error for the scale S₀/2. Powers of the signal must be small against the noise.
    Laplace {
        /// The white noise level of the power spectra of the detectors.
        noise: f64,
    },
    /// Gaussian of standard deviation `error`/√averages: cospectra averaged over many segments.
    Gaussian {
        /// Standard deviation of one unaveraged power.
        error: f64,
    },
}

/// log L with its derivatives and the expected (Fisher) information, all by parameter *values*.
#[derive(Clone, Debug)]
pub(super) struct Information {
    pub(super) log_likelihood: f64,
    pub(super) gradient: Vec<f64>,
    pub(super) fisher: Array2<f64>,
}

/// What Stingray 2.3.2 reports of a fit, with its conventions: its likelihood for averaged
/// spectra is twice the right one; its AIC and BIC take it once, not twice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StingrayStatistics {
    /// `loglikelihood`.
    pub log_likelihood: f64,
    /// `deviance`, −2 log L.
    pub deviance: f64,
    /// `aic`, 2k − log L.
    pub aic: f64,
    /// `bic`, k ln n − log L.
    pub bic: f64,
    /// `merit`, Σ ((P − S)/S)².
    pub merit: f64,
}

/// Frequencies that are evaluated together.
const BLOCK: usize = 512;

impl SpectrumLikelihood {
    pub(super) fn check(self, data: &SpectrumData) -> Result<()> {
        match self {
            Self::Gamma => {
                for &power in &data.power {
                    require(
                        "power",
                        power,
                        power > 0.0,
                        "above 0 for the Gamma likelihood",
                    )?;
                }
                Ok(())
            }
            Self::Laplace { noise } => {
                crate::error::require_positive("noise", noise)?;
                let most = data.averages.iter().copied().fold(0.0, f64::max);
                require(
                    "averages",
                    most,
                    most == 1.0,
                    "1 for the Laplace likelihood",
                )
            }
            Self::Gaussian { error } => crate::error::require_positive("error", error),
        }
    }

    /// log L of a spectrum; −∞ where the model is not above 0 (Gamma) or not finite.
    ///
    /// # Errors
    /// Parameters that do not fit the model; data that do not fit the likelihood.
    pub fn log_likelihood(
        self,
        model: &SpectralModel,
        parameters: &[f64],
        data: &SpectrumData,
    ) -> Result<f64> {
        self.check(data)?;
        model.check(parameters)?;
        Ok(self.value(model, parameters, data))
    }

    pub(super) fn value(self, model: &SpectralModel, p: &[f64], data: &SpectrumData) -> f64 {
        let mut values = [0.0; BLOCK];
        let mut sum = 0.0;
        for block in Blocks::of(data) {
            let values = &mut values[..block.f.len()];
            model.evaluate(p, block.f, block.ln_f, values, &mut []);
            sum += self.block_sum(values, &block);
        }
        self.finite(sum + self.constant(data))
    }

    fn finite(self, log_likelihood: f64) -> f64 {
        if log_likelihood.is_nan() {
            f64::NEG_INFINITY
        } else {
            log_likelihood
        }
    }

    /// The part that depends on the model; NaN where the model cannot be.
    fn block_sum(self, values: &[f64], block: &Block<'_>) -> f64 {
        let mut sum = 0.0;
        match self {
            Self::Gamma => {
                for ((s, power), m) in values.iter().zip(block.power).zip(block.averages) {
                    // The logarithm of a negative number is NaN, as it should be; ln 0 + P/0 is.
                    sum -= m * (s.ln() + power / s);
                }
            }
            Self::Laplace { noise } => {
                let distance: f64 = values
                    .iter()
                    .zip(block.power)
                    .map(|(s, y)| (y - s).abs())
                    .sum();
                sum -= 2.0 * distance / noise;
            }
            Self::Gaussian { error } => {
                for ((s, power), m) in values.iter().zip(block.power).zip(block.averages) {
                    sum -= 0.5 * m * ((power - s) / error).powi(2);
                }
            }
        }
        sum
    }

    /// The part that does not depend on the model.
    fn constant(self, data: &SpectrumData) -> f64 {
        let n = data.len() as f64;
        match self {
            Self::Gamma => {
                let term = |(m, power): (&f64, &f64)| {
                    if *m == 1.0 {
                        return 0.0;
                    }
                    m * m.ln() - libm::lgamma(*m) + (m - 1.0) * power.ln()
                };
                data.averages.iter().zip(&data.power).map(term).sum()
            }
            Self::Laplace { noise } => -n * noise.ln(),
            Self::Gaussian { error } => {
                let ln_averages: f64 = data.averages.iter().map(|m| 0.5 * m.ln()).sum();
                ln_averages - n * (error.ln() + 0.5 * std::f64::consts::TAU.ln())
            }
        }
    }

    /// log L with gradient and Fisher information. The Laplace density has a corner: its
    /// gradient holds where no power equals the model.
    pub(super) fn information(
        self,
        model: &SpectralModel,
        p: &[f64],
        data: &SpectrumData,
    ) -> Information {
        let k = p.len();
        let mut values = [0.0; BLOCK];
        let mut rows = vec![0.0; k * BLOCK];
        let mut found = Information {
            log_likelihood: self.constant(data),
            gradient: vec![0.0; k],
            fisher: Array2::zeros((k, k)),
        };
        let mut score = [0.0; BLOCK];
        let mut weight = [0.0; BLOCK];
        for block in Blocks::of(data) {
            let n = block.f.len();
            let (values, rows) = (&mut values[..n], &mut rows[..k * n]);
            let (score, weight) = (&mut score[..n], &mut weight[..n]);
            model.evaluate(p, block.f, block.ln_f, values, rows);
            found.log_likelihood += self.block_sum(values, &block);
            self.score(values, &block, score, weight);
            for a in 0..k {
                let row = &rows[a * n..(a + 1) * n];
                found.gradient[a] += dot(row, score);
                for b in 0..=a {
                    found.fisher[[a, b]] += weighted_dot(row, &rows[b * n..(b + 1) * n], weight);
                }
            }
        }
        for a in 0..k {
            for b in 0..a {
                found.fisher[[b, a]] = found.fisher[[a, b]];
            }
        }
        found.log_likelihood = self.finite(found.log_likelihood);
        found
    }

    /// ∂ log L/∂S and the expectation of −∂² log L/∂S², for each power.
    fn score(self, values: &[f64], block: &Block<'_>, score: &mut [f64], weight: &mut [f64]) {
        for i in 0..values.len() {
            let (s, power, m) = (values[i], block.power[i], block.averages[i]);
            (score[i], weight[i]) = match self {
                Self::Gamma => {
                    let inverse = 1.0 / s;
                    (m * (power * inverse - 1.0) * inverse, m * inverse * inverse)
                }
                Self::Laplace { noise } => {
                    (2.0 * (power - s).signum() / noise, 4.0 / (noise * noise))
                }
                Self::Gaussian { error } => {
                    let w = m / (error * error);
                    (w * (power - s), w)
                }
            };
        }
    }

    /// What Stingray reports for these parameters (Gamma likelihood only).
    ///
    /// # Errors
    /// As [`SpectrumLikelihood::log_likelihood`]; another likelihood.
    pub fn stingray(
        self,
        model: &SpectralModel,
        parameters: &[f64],
        data: &SpectrumData,
    ) -> Result<StingrayStatistics> {
        let is_gamma = self == Self::Gamma;
        require(
            "likelihood other than Gamma",
            0.0,
            is_gamma,
            "the Gamma likelihood for Stingray's statistics",
        )?;
        self.check(data)?;
        let values = model.values(parameters, &data.frequency_hz)?;
        let (mut log_likelihood, mut merit) = (0.0, 0.0);
        for ((s, power), m) in values.iter().zip(&data.power).zip(&data.averages) {
            let half = m * (s.ln() + power / s);
            log_likelihood -= if *m == 1.0 {
                half
            } else {
                2.0 * half + 2.0 * (1.0 - m) * power.ln()
            };
            merit += ((power - s) / s).powi(2);
        }
        let k = parameters.len() as f64;
        Ok(StingrayStatistics {
            log_likelihood,
            deviance: -2.0 * log_likelihood,
            aic: 2.0 * k - log_likelihood,
            bic: k * (data.len() as f64).ln() - log_likelihood,
            merit,
        })
    }
}

/// Sums in eight lanes, which the compiler makes vectors of.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    weighted(a, b, |_| 1.0)
}

fn weighted_dot(a: &[f64], b: &[f64], w: &[f64]) -> f64 {
    weighted(a, b, |i| w[i])
}

#[inline(always)]
fn weighted(a: &[f64], b: &[f64], weight: impl Fn(usize) -> f64) -> f64 {
    let mut lanes = [0.0; 8];
    let whole = a.len() / 8 * 8;
    for begin in (0..whole).step_by(8) {
        for lane in 0..8 {
            lanes[lane] += a[begin + lane] * b[begin + lane] * weight(begin + lane);
        }
    }
    let rest: f64 = (whole..a.len()).map(|i| a[i] * b[i] * weight(i)).sum();
    lanes.iter().sum::<f64>() + rest
}

struct Block<'a> {
    f: &'a [f64],
    ln_f: &'a [f64],
    power: &'a [f64],
    averages: &'a [f64],
}

struct Blocks<'a> {
    data: &'a SpectrumData,
    begin: usize,
}

impl<'a> Blocks<'a> {
    fn of(data: &'a SpectrumData) -> Self {
        Self { data, begin: 0 }
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        let range = self.begin..(self.begin + BLOCK).min(self.data.len());
        if range.is_empty() {
            return None;
        }
        self.begin = range.end;
        Some(Block {
            f: &self.data.frequency_hz[range.clone()],
            ln_f: &self.data.ln_frequency[range.clone()],
            power: &self.data.power[range.clone()],
            averages: &self.data.averages[range],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::simulated_powers;

    const SEED: u64 = 20_100_101;

    fn data(m: f64) -> (SpectralModel, [f64; 4], SpectrumData) {
        let model = SpectralModel::lorentzian() + SpectralModel::constant();
        let truth = [6.0, 5.0, 1.1, 2.0];
        let frequency: Vec<f64> = (1..=1100).map(|k| 0.01 * f64::from(k)).collect();
        let values = model.values(&truth, &frequency).unwrap();
        let power = simulated_powers(&values, m as usize, SEED).unwrap();
        (
            model,
            truth,
            SpectrumData::new(frequency, power, m).unwrap(),
        )
    }

    /// The density integrates to one: the constants are right.
    #[test]
    fn densities_are_normalised() {
        let constant = SpectralModel::constant();
        for (likelihood, m, low) in [
            (SpectrumLikelihood::Gamma, 1.0, 0.0),
            (SpectrumLikelihood::Gamma, 7.0, 0.0),
            (SpectrumLikelihood::Laplace { noise: 2.0 }, 1.0, -60.0),
            (SpectrumLikelihood::Gaussian { error: 1.5 }, 4.0, -60.0),
        ] {
            let mut total = 0.0;
            let step = 1e-3;
            let steps = ((60.0 - low) / step) as usize;
            for k in 0..steps {
                let power = low + (k as f64 + 0.5) * step;
                let data = SpectrumData::new(vec![1.0], vec![power], m).unwrap();
                total += likelihood
                    .log_likelihood(&constant, &[2.5], &data)
                    .unwrap()
                    .exp()
                    * step;
            }
            assert!((total - 1.0).abs() < 1e-5, "{likelihood:?} {m}: {total}");
        }
    }

    #[test]
    fn gradients_are_derivatives() {
        for (likelihood, m) in [
            (SpectrumLikelihood::Gamma, 1.0),
            (SpectrumLikelihood::Gamma, 20.0),
            (SpectrumLikelihood::Gaussian { error: 2.0 }, 20.0),
        ] {
            let (model, mut p, data) = data(m);
            p[0] *= 1.1;
            let found = likelihood.information(&model, &p, &data);
            let value = likelihood.log_likelihood(&model, &p, &data).unwrap();
            assert!((found.log_likelihood - value).abs() < 1e-9 * value.abs());
            for k in 0..4 {
                let h = 1e-5 * p[k];
                let at = |step: f64| {
                    let mut q = p;
                    q[k] += step;
                    likelihood.log_likelihood(&model, &q, &data).unwrap()
                };
                let numeric = (at(h) - at(-h)) / (2.0 * h);
                // Rounding of log L, about 1e-16 · 1e4, over h.
                let tolerance = 1e-6 * found.gradient[k].abs() + 1e-5;
                assert!((numeric - found.gradient[k]).abs() < tolerance, "{k}");
            }
        }
    }

    /// The expected information is the variance of the gradient at the truth.
    #[test]
    fn information_is_the_variance_of_the_score() {
        let (model, truth, data) = data(5.0);
        let values = model.values(&truth, data.frequency_hz()).unwrap();
        let draws = 400;
        let mut variance = Array2::<f64>::zeros((4, 4));
        let mut fisher = Array2::<f64>::zeros((4, 4));
        for seed in 0..draws {
            let power = simulated_powers(&values, 5, SEED + seed).unwrap();
            let data = data.with_power(power);
            let found = SpectrumLikelihood::Gamma.information(&model, &truth, &data);
            for a in 0..4 {
                for b in 0..4 {
                    variance[[a, b]] += found.gradient[a] * found.gradient[b] / draws as f64;
                }
            }
            fisher = found.fisher;
        }
        for a in 0..4 {
            for b in 0..4 {
                let scale = (fisher[[a, a]] * fisher[[b, b]]).sqrt();
                // A covariance of 400 draws scatters by up to √(2/400) of the scale.
                assert!(
                    (variance[[a, b]] - fisher[[a, b]]).abs() < 0.28 * scale,
                    "{a} {b}"
                );
            }
        }
    }

    #[test]
    fn stingray_doubles_averaged_spectra() {
        let (model, p, data) = data(20.0);
        let mut other = p;
        other[0] = 5.0;
        let ours = |p: &[f64]| {
            SpectrumLikelihood::Gamma
                .log_likelihood(&model, p, &data)
                .unwrap()
        };
        let theirs = |p: &[f64]| {
            SpectrumLikelihood::Gamma
                .stingray(&model, p, &data)
                .unwrap()
                .log_likelihood
        };
        let ratio = (theirs(&p) - theirs(&other)) / (ours(&p) - ours(&other));
        assert!((ratio - 2.0).abs() < 1e-9);
    }

    #[test]
    fn impossible_models_are_excluded() {
        let constant = SpectralModel::constant();
        let data = SpectrumData::new(vec![1.0], vec![2.0], 1.0).unwrap();
        let value = SpectrumLikelihood::Gamma.value(&constant, &[-1.0], &data);
        assert_eq!(value, f64::NEG_INFINITY);
        assert_eq!(
            SpectrumLikelihood::Gamma.value(&constant, &[0.0], &data),
            f64::NEG_INFINITY
        );
        let negative = SpectrumData::new(vec![1.0], vec![-2.0], 1.0).unwrap();
        assert!(
            SpectrumLikelihood::Gamma
                .log_likelihood(&constant, &[1.0], &negative)
                .is_err()
        );
    }
}
