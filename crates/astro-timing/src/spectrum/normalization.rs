//! What a power is measured in, and the level of noise in it.

use crate::Compat;

/// How the squared transform of a segment becomes a power.
///
/// With $X_k = \sum_j x_j e^{-2\pi i jk/N}$ over N bins of Δt (T = N Δt), n counts a segment of
/// which b are background, and for Gaussian errors the variance σ² of a bin:
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Normalization {
    /// $2|X|^2/n$, or $2|X|^2/(N\sigma^2)$: noise has the level 2 (Leahy et al. 1983). Stingray's
    /// `"leahy"`.
    Leahy,
    /// $2T|X|^2/(n-b)^2$: the integral over frequency is the squared fractional rms of the source
    /// (Belloni & Hasinger 1990; Miyamoto et al. 1991). Stingray's `"frac"`.
    #[default]
    #[serde(rename = "frac")]
    FractionalRms,
    /// $2|X|^2/T$: the integral is the squared rms in counts per second. Stingray's `"abs"`.
    #[serde(rename = "abs")]
    AbsoluteRms,
    /// $|X|^2$. Stingray's `"none"`.
    #[serde(rename = "none")]
    Unnormalized,
}

/// What one series has in a segment on average: all that a normalisation needs.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SegmentLight {
    /// Bins a segment.
    pub bins: usize,
    /// Bin width, seconds.
    pub bin_s: f64,
    /// Counts a segment, background included.
    pub counts: f64,
    /// Background counts a segment.
    pub background_counts: f64,
    /// Variance of the noise of a bin; `None` for counts of photons, whose variance is their mean.
    pub variance: Option<f64>,
}

impl SegmentLight {
    /// Length of a segment, seconds.
    #[must_use]
    pub fn segment_s(&self) -> f64 {
        self.bins as f64 * self.bin_s
    }

    /// Mean count rate, background included.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.counts / self.segment_s()
    }

    /// Mean count rate of the source alone.
    #[must_use]
    pub fn net_rate(&self) -> f64 {
        (self.counts - self.background_counts) / self.segment_s()
    }

    /// The noise level in $|X|^2$: n for photons, Nσ² for Gaussian errors.
    #[must_use]
    pub fn noise(&self) -> f64 {
        self.variance
            .map_or(self.counts, |variance| self.bins as f64 * variance)
    }

    /// The factor by which $|X|^2$ becomes a power.
    ///
    /// That of a cross spectrum is the geometric mean of the factors of its two series.
    #[must_use]
    pub fn factor(&self, normalization: Normalization) -> f64 {
        match normalization {
            Normalization::Leahy => 2.0 / self.noise(),
            Normalization::FractionalRms => {
                2.0 * self.segment_s() / (self.counts - self.background_counts).powi(2)
            }
            Normalization::AbsoluteRms => 2.0 / self.segment_s(),
            Normalization::Unnormalized => 1.0,
        }
    }

    /// The power of noise alone.
    ///
    /// ```
    /// use astro_timing::{Normalization, SegmentLight};
    /// let light = SegmentLight {
    ///     bins: 100, bin_s: 0.1, counts: 500.0, background_counts: 100.0, variance: None,
    /// };
    /// assert_eq!(light.noise_level(Normalization::Leahy), 2.0);
    /// // 2 r/(r - b)^2 with 50 and 10 counts a second.
    /// assert_eq!(light.noise_level(Normalization::FractionalRms), 2.0 * 50.0 / 1600.0);
    /// ```
    #[doc(alias = "poisson_level")]
    #[must_use]
    pub fn noise_level(&self, normalization: Normalization) -> f64 {
        self.noise() * self.factor(normalization)
    }

    /// Both series as one: geometric means, as Stingray's cross spectra have them.
    #[must_use]
    pub fn geometric_mean(&self, other: &Self) -> Self {
        Self {
            counts: (self.counts * other.counts).sqrt(),
            background_counts: 0.0,
            variance: (self.variance.zip(other.variance)).map(|(a, b)| (a * b).sqrt()),
            ..*self
        }
    }
}

/// The variance of a bin from its errors: their mean square; with [`Compat::Stingray`] the square
/// of their mean, which is smaller where they differ.
pub(crate) fn variance_of_errors(errors: &[f64], compat: Compat) -> f64 {
    let n = errors.len() as f64;
    match compat {
        Compat::Correct => errors.iter().map(|e| e * e).sum::<f64>() / n,
        Compat::Stingray => (errors.iter().sum::<f64>() / n).powi(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_levels_are_the_textbook_ones() {
        let light = SegmentLight {
            bins: 256,
            bin_s: 0.5,
            counts: 640.0,
            background_counts: 0.0,
            variance: None,
        };
        assert_eq!(light.rate(), 5.0);
        assert_eq!(light.noise_level(Normalization::AbsoluteRms), 10.0);
        assert!((light.noise_level(Normalization::FractionalRms) - 0.4).abs() < 1e-15);
        assert_eq!(light.noise_level(Normalization::Unnormalized), 640.0);
        let gauss = SegmentLight {
            variance: Some(0.25),
            ..light
        };
        assert_eq!(gauss.noise_level(Normalization::Leahy), 2.0);
        assert_eq!(gauss.noise_level(Normalization::Unnormalized), 64.0);
    }

    #[test]
    fn errors_become_a_variance() {
        assert_eq!(variance_of_errors(&[1.0, 3.0], Compat::Correct), 5.0);
        assert_eq!(variance_of_errors(&[1.0, 3.0], Compat::Stingray), 4.0);
    }
}
