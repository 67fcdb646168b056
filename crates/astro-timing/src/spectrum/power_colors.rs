//! Power colours: the shape of a power spectrum in two numbers.

use std::f64::consts::{LN_10, PI};

use super::cross_power::Estimate;
use super::power::PowerSpectrum;
use crate::error::require;
use crate::{Compat, Result};

/// Ratios of the variance in four bands, and the angle around their centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerColors {
    /// First band over third.
    pub first: Estimate,
    /// Second band over fourth.
    pub second: Estimate,
    /// Angle in the plane of the logarithms, radians: 3π/4 less the angle of (log first, log
    /// second) about (log 4.5192, log 0.453724).
    pub hue_rad: f64,
}

/// What power colours are made of.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerColorOptions {
    /// Edges of the four bands, hertz.
    pub edges_hz: [f64; 5],
    /// The power of noise, in the normalisation of the spectrum; the Poisson level if `None`.
    pub noise: Option<f64>,
    /// Ranges of frequency whose powers are replaced by the mean of the powers at their borders,
    /// such as those of a quasi-periodic oscillation.
    pub excluded_hz: Vec<[f64; 2]>,
}

impl Default for PowerColorOptions {
    /// 1/256, 1/32, 1/4, 2 and 16 Hz (Heil et al. 2015), the Poisson level, nothing excluded.
    fn default() -> Self {
        Self {
            edges_hz: [1.0 / 256.0, 1.0 / 32.0, 0.25, 2.0, 16.0],
            noise: None,
            excluded_hz: Vec::new(),
        }
    }
}

/// Where hue is counted around (Heil et al. 2015).
const CENTER: [f64; 2] = [4.5192, 0.453_724];

impl PowerColors {
    /// The common logarithms of both ratios, with their errors. (Stingray leaves out the factor
    /// 1/ln 10 of the errors: with [`Compat::Stingray`] so does this.)
    #[must_use]
    pub fn log10(&self, compat: Compat) -> [Estimate; 2] {
        let scale = if compat.is_stingray() {
            1.0
        } else {
            1.0 / LN_10
        };
        [self.first, self.second].map(|color| Estimate {
            value: color.value.log10(),
            error: color.error / color.value * scale,
        })
    }
}

impl PowerSpectrum {
    /// The power colours of a spectrum. Frequency bins at the edges of a band are shared out.
    ///
    /// The relative errors of two bands add in quadrature; with [`Compat::Stingray`] linearly.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] if the edges do not ascend or reach beyond the spectrum.
    ///
    /// # References
    /// Heil, Uttley & Klein-Wolt 2015, MNRAS 448, 3339.
    pub fn power_colors(&self, options: &PowerColorOptions) -> Result<PowerColors> {
        let edges = options.edges_hz;
        let bins = &self.bins;
        let low = bins.frequency_hz.first().zip(bins.width_hz.first());
        let high = bins.frequency_hz.last().zip(bins.width_hz.last());
        let lowest = low.map_or(f64::INFINITY, |(f, w)| f - 0.5 * w);
        let highest = high.map_or(f64::NEG_INFINITY, |(f, w)| f + 0.5 * w);
        let name = "edge of a power-colour band";
        let ascend = edges.is_sorted_by(|a, b| a < b);
        require(name, edges[0], ascend, "below the next edge")?;
        require(
            name,
            edges[0],
            edges[0] >= lowest,
            "at least the lowest frequency of the spectrum",
        )?;
        require(
            name,
            edges[4],
            edges[4] <= highest,
            "at most the highest frequency of the spectrum",
        )?;
        let power = self.without(&options.excluded_hz);
        let noise = options.noise.unwrap_or_else(|| self.noise_level());
        let band = |i: usize| self.band_variance(&power, edges[i], edges[i + 1], noise);
        let ratio = |a: Estimate, b: Estimate| {
            let (ea, eb) = (a.error / a.value, b.error / b.value);
            let value = a.value / b.value;
            let relative = match self.compat {
                Compat::Correct => ea.hypot(eb),
                Compat::Stingray => ea + eb,
            };
            Estimate {
                value,
                error: value.abs() * relative,
            }
        };
        let first = ratio(band(0), band(2));
        let second = ratio(band(1), band(3));
        let x = first.value.log10() - CENTER[0].log10();
        let y = second.value.log10() - CENTER[1].log10();
        Ok(PowerColors {
            first,
            second,
            hue_rad: 0.75 * PI - y.atan2(x),
        })
    }

    /// Powers with those in `excluded` bridged.
    fn without(&self, excluded: &[[f64; 2]]) -> Vec<f64> {
        let mut power = self.power.clone();
        let bins = &self.bins;
        for &[low, high] in excluded {
            let at = |f: f64| {
                let index = bins.frequency_hz.partition_point(|&x| x < f);
                power.get(index).copied().unwrap_or(f64::NAN)
            };
            let bridge = 0.5 * (at(low) + at(high));
            for index in 0..power.len() {
                let (f, half) = (bins.frequency_hz[index], 0.5 * bins.width_hz[index]);
                if f - half > low && f + half < high {
                    power[index] = bridge;
                }
            }
        }
        power
    }

    /// Integral of the power above the noise between two frequencies.
    fn band_variance(&self, power: &[f64], low: f64, high: f64, noise: f64) -> Estimate {
        let bins = &self.bins;
        let (mut value, mut square) = (0.0, 0.0);
        for index in 0..bins.len() {
            let (f, half) = (bins.frequency_hz[index], 0.5 * bins.width_hz[index]);
            let width = (f + half).min(high) - (f - half).max(low);
            if width > 0.0 {
                value += (power[index] - noise) * width;
                square += (self.error[index] * width).powi(2);
            }
        }
        Estimate {
            value,
            error: square.sqrt(),
        }
    }
}
