//! Gaussian light curves of a given power spectrum.

use astro_core::{check_finite, check_lengths};
use astro_fft::RealFft1;
use num_complex::Complex64;
use rand::{Rng, RngExt};
use rand_distr::{Distribution, Poisson, StandardNormal};
use serde::{Deserialize, Serialize};

use super::generator;
use crate::error::{Result, require, require_positive};

/// A one-sided power spectrum of the fractional variations.
///
/// With [`Amplitude::Spectrum`] its unit is (rms/mean)²/Hz; otherwise its scale is free.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum SpectralShape<'a> {
    /// P(f) = f^−index.
    PowerLaw {
        /// The index: 0 is white, 1 flicker noise, 2 a random walk.
        index: f64,
    },
    /// Powers at ascending frequencies, straight lines in log P against log f between
    /// them, and zero outside.
    Table {
        /// Hertz, ascending, above 0.
        frequency_hz: &'a [f64],
        /// As many powers, at least 0.
        power: &'a [f64],
    },
    /// Any function of the frequency in hertz, such as
    /// `&|f| model.evaluate(f)` of a spectral model.
    Model(&'a (dyn Fn(f64) -> f64 + Sync)),
}

impl std::fmt::Debug for SpectralShape<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::PowerLaw { index } => f.debug_struct("PowerLaw").field("index", index).finish(),
            Self::Table { frequency_hz, .. } => f
                .debug_struct("Table")
                .field("points", &frequency_hz.len())
                .finish_non_exhaustive(),
            Self::Model(_) => f.debug_struct("Model").finish_non_exhaustive(),
        }
    }
}

impl SpectralShape<'_> {
    fn check(&self) -> Result<()> {
        match self {
            Self::PowerLaw { index } => Ok(check_finite("index", [*index])?),
            Self::Table {
                frequency_hz,
                power,
            } => {
                check_lengths("power", power.len(), "frequency_hz", frequency_hz.len())?;
                require(
                    "number of points of the table",
                    frequency_hz.len() as f64,
                    frequency_hz.len() >= 2,
                    "at least 2",
                )?;
                require_positive("first frequency of the table", frequency_hz[0])?;
                for pair in frequency_hz.windows(2) {
                    let step = pair[1] - pair[0];
                    require_positive("step between two frequencies of the table", step)?;
                }
                Ok(())
            }
            Self::Model(_) => Ok(()),
        }
    }

    /// The power at a frequency.
    pub fn power(&self, frequency_hz: f64) -> f64 {
        match *self {
            Self::PowerLaw { index } => frequency_hz.powf(-index),
            Self::Table {
                frequency_hz: table,
                power,
            } => from_table(table, power, frequency_hz),
            Self::Model(model) => model(frequency_hz),
        }
    }
}

fn from_table(frequency_hz: &[f64], power: &[f64], at: f64) -> f64 {
    let after = frequency_hz.partition_point(|&f| f <= at);
    let last = frequency_hz.len() - 1;
    if after == 0 || (after > last && at > frequency_hz[last]) {
        return 0.0;
    }
    let left = (after - 1).min(last - 1);
    let (f0, f1) = (frequency_hz[left], frequency_hz[left + 1]);
    let (p0, p1) = (power[left], power[left + 1]);
    if p0 > 0.0 && p1 > 0.0 {
        return p0 * (p1 / p0).powf((at / f0).ln() / (f1 / f0).ln());
    }
    // Towards a power of zero there is no straight line in its logarithm.
    p0 + (p1 - p0) * (at - f0) / (f1 - f0)
}

/// How strong the variations are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Amplitude {
    /// As the spectrum says: it is in (rms/mean)²/Hz.
    Spectrum,
    /// The spectrum is scaled so that its integral from 1/T to the Nyquist frequency, T
    /// the length of the light curve, is this fractional rms squared. Each light curve
    /// scatters around it as a real one does.
    EnsembleRms(f64),
    /// Each light curve is scaled to this fractional rms exactly, and to its mean. It
    /// suppresses scatter that real light curves have; Stingray's `Simulator` scales by
    /// the rms of the long light curve of which the result is a part.
    RealizationRms(f64),
}

/// Light curves of Gaussian noise of a given spectrum (Timmer & König 1995).
///
/// For Fourier frequencies f_k of a light curve of n bins, the real and the imaginary
/// part of X_k are drawn normal with variance P(f_k) n/(4 Δt) (the real Nyquist amplitude
/// with twice that), so that the mean of (2 Δt/n) |X_k|² over light curves is P(f_k);
/// the rate is mean (1 + x_j).
///
/// Power below 1/T leaks into a real light curve: `red_noise_factor` makes the noise
/// that many times longer and takes a part of it at random.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedNoise {
    /// Bins of the light curve, at least 2.
    pub bins: usize,
    /// Width of a bin, seconds.
    pub dt_s: f64,
    /// Mean rate, counts a second.
    pub mean_rate: f64,
    /// Amplitude of the variations.
    pub amplitude: Amplitude,
    /// How many times longer the simulated noise is, at least 1.
    pub red_noise_factor: usize,
    /// Time of the beginning of the first bin, seconds.
    pub start_s: f64,
}

impl RedNoise {
    /// 20 % ensemble rms, noise simulated as long as the light curve, from time 0.
    #[must_use]
    pub fn new(bins: usize, dt_s: f64, mean_rate: f64) -> Self {
        Self {
            bins,
            dt_s,
            mean_rate,
            amplitude: Amplitude::EnsembleRms(0.2),
            red_noise_factor: 1,
            start_s: 0.0,
        }
    }

    /// The same with another amplitude.
    #[must_use]
    pub fn amplitude(mut self, amplitude: Amplitude) -> Self {
        self.amplitude = amplitude;
        self
    }

    /// The same with longer noise.
    #[must_use]
    pub fn red_noise_factor(mut self, factor: usize) -> Self {
        self.red_noise_factor = factor;
        self
    }

    /// The same beginning at another time.
    #[must_use]
    pub fn starting_at(mut self, start_s: f64) -> Self {
        self.start_s = start_s;
        self
    }

    fn check(&self) -> Result<()> {
        let bins = self.bins as f64;
        require("bins", bins, self.bins >= 2, "at least 2")?;
        require_positive("dt_s", self.dt_s)?;
        require_positive("mean_rate", self.mean_rate)?;
        check_finite("start_s", [self.start_s])?;
        let factor = self.red_noise_factor as f64;
        require(
            "red_noise_factor",
            factor,
            self.red_noise_factor >= 1 && bins * factor < 1e10,
            "at least 1, with fewer than 1e10 bins in all",
        )?;
        match self.amplitude {
            Amplitude::Spectrum => Ok(()),
            Amplitude::EnsembleRms(rms) | Amplitude::RealizationRms(rms) => {
                require_positive("fractional rms", rms)
            }
        }
    }

    /// A light curve of noise, without the noise of photon counting.
    ///
    /// # Errors
    /// Settings out of range; a spectrum that is negative or not finite somewhere.
    pub fn simulate(&self, shape: &SpectralShape<'_>, seed: u64) -> Result<RateSeries> {
        self.check()?;
        shape.check()?;
        let bins = self.bins * self.red_noise_factor;
        let mut random = generator(seed);
        let power = self.powers(shape, bins)?;
        let noise = noise(&power, bins, self.dt_s, &mut random)?;
        let first = random.random_range(0..=bins - self.bins);
        let mut rate = noise[first..first + self.bins].to_vec();
        if let Amplitude::RealizationRms(rms) = self.amplitude {
            let mean = rate.iter().sum::<f64>() / rate.len() as f64;
            let variance = rate.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / rate.len() as f64;
            require_positive("variance of the simulated light curve", variance)?;
            let scale = rms / variance.sqrt();
            rate.iter_mut().for_each(|x| *x = (*x - mean) * scale);
        }
        for x in &mut rate {
            *x = self.mean_rate * (1.0 + *x);
        }
        Ok(RateSeries {
            start_s: self.start_s,
            dt_s: self.dt_s,
            rate,
        })
    }

    /// Powers in (rms/mean)²/Hz at k/(n Δt), k = 0..=n/2; zero at k = 0.
    fn powers(&self, shape: &SpectralShape<'_>, bins: usize) -> Result<Vec<f64>> {
        let step = 1.0 / (bins as f64 * self.dt_s);
        let mut power = vec![0.0; bins / 2 + 1];
        for (k, p) in power.iter_mut().enumerate().skip(1) {
            *p = shape.power(k as f64 * step);
            require(
                "power of the simulated spectrum",
                *p,
                *p >= 0.0 && p.is_finite(),
                "finite and at least 0 at every Fourier frequency",
            )?;
        }
        if let Amplitude::EnsembleRms(rms) = self.amplitude {
            // 1/T is the frequency number `red_noise_factor` of the long light curve.
            let lowest = self.red_noise_factor.min(bins / 2);
            let mut total: f64 = power[lowest..].iter().sum();
            if bins.is_multiple_of(2) {
                total -= 0.5 * power[bins / 2];
            }
            require_positive("variance of the spectrum above 1/T", total * step)?;
            let scale = rms * rms / (total * step);
            power.iter_mut().for_each(|p| *p *= scale);
        }
        Ok(power)
    }
}

/// Zero-mean noise of `bins` samples whose periodogram (2 Δt/n)|X|² has the mean `power`.
fn noise(power: &[f64], bins: usize, dt_s: f64, random: &mut impl Rng) -> Result<Vec<f64>> {
    let nyquist = bins.is_multiple_of(2).then_some(bins / 2);
    let amplitude = |(k, &p): (usize, &f64)| {
        let re: f64 = StandardNormal.sample(random);
        let im: f64 = StandardNormal.sample(random);
        let sigma = (p * bins as f64 / (4.0 * dt_s)).sqrt();
        if Some(k) == nyquist {
            Complex64::new(re * sigma * std::f64::consts::SQRT_2, 0.0)
        } else {
            Complex64::new(re * sigma, im * sigma)
        }
    };
    let mut spectrum: Vec<Complex64> = power.iter().enumerate().map(amplitude).collect();
    spectrum[0] = Complex64::ZERO;
    let fft = RealFft1::new(bins)?;
    let mut noise = vec![0.0; bins];
    let mut scratch = vec![Complex64::ZERO; fft.scratch_len()];
    fft.inverse_with_scratch(&mut spectrum, &mut noise, &mut scratch)?;
    let scale = 1.0 / bins as f64;
    noise.iter_mut().for_each(|x| *x *= scale);
    Ok(noise)
}

/// An expected count rate, constant in each bin.
#[derive(Clone, Debug, PartialEq)]
pub struct RateSeries {
    /// Beginning of the first bin, seconds.
    pub start_s: f64,
    /// Width of a bin, seconds.
    pub dt_s: f64,
    /// Counts a second. Strong Gaussian variations make some negative: they stay here,
    /// and count as zero where photons are drawn.
    pub rate: Vec<f64>,
}

impl RateSeries {
    /// A constant rate.
    #[must_use]
    pub fn constant(start_s: f64, duration_s: f64, rate: f64) -> Self {
        Self {
            start_s,
            dt_s: duration_s,
            rate: vec![rate],
        }
    }

    /// End of the last bin, seconds.
    pub fn stop_s(&self) -> f64 {
        self.start_s + self.dt_s * self.rate.len() as f64
    }

    /// Bins of a negative rate: more than a few mean a rms too large for Gaussian noise.
    pub fn negative_bins(&self) -> usize {
        self.rate.iter().filter(|&&rate| rate < 0.0).count()
    }

    /// The expected number of photons, negative rates counted as zero.
    pub fn expected_counts(&self) -> f64 {
        self.rate.iter().map(|rate| rate.max(0.0)).sum::<f64>() * self.dt_s
    }

    /// The same light curve later by `delay_s`: an exact lag, of any size.
    #[must_use]
    pub fn delayed(mut self, delay_s: f64) -> Self {
        self.start_s += delay_s;
        self
    }

    /// Poisson counts in every bin.
    ///
    /// # Errors
    /// A rate that is not finite, or of more than 1e15 counts a bin.
    pub fn poisson_counts(&self, seed: u64) -> Result<Vec<f64>> {
        self.check()?;
        let mut random = generator(seed);
        let draw = |&rate: &f64| {
            let mean = rate.max(0.0) * self.dt_s;
            if mean == 0.0 {
                return Ok(0.0);
            }
            let law = Poisson::new(mean).ok().filter(|_| mean <= 1e15);
            match law {
                Some(law) => Ok(law.sample(&mut random)),
                None => Err(crate::Error::Parameter {
                    name: "expected counts of a bin",
                    value: mean,
                    requirement: "at most 1e15",
                }),
            }
        };
        self.rate.iter().map(draw).collect()
    }

    pub(crate) fn check(&self) -> Result<()> {
        check_finite("start_s", [self.start_s])?;
        require_positive("dt_s", self.dt_s)?;
        Ok(check_finite("rate", self.rate.iter().copied())?)
    }
}

#[cfg(test)]
mod tests;
