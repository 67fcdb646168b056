//! One image at many frequencies: a common spectrum for all pixels.
//!
//! $$ I_\nu = I_{\nu_0} \left(\frac{\nu}{\nu_0}\right)^{\alpha + \beta \ln(\nu/\nu_0)} $$
//!
//! Baselines are in wavelengths of each row's own frequency, so that one
//! transform serves every channel and the spectrum is a factor of each point.

use astro_core::check_finite;
use astro_fft::FftReal;
use ndarray::ArrayView2;
use num_complex::Complex;
use pulp::Simd;

use super::VisibilityPlan;
use super::image::{Consume, ToVisibilities, all_finite, or_bad_pixel};
use crate::drive::{OffsetPhase, Sampler};
use crate::error::check_positive;
use crate::kernel::Lane;
use crate::points::Points;
use crate::{Error, Orientation, Placement, Result};

/// A power law with curvature.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Spectrum {
    /// `ν₀`, Hz, at which the image or profile is given.
    pub reference_frequency_hz: f64,
    /// `α`: 2 for optically thick dust, 3 to 4 for thin.
    pub index: f64,
    /// `β`, per unit of `ln(ν/ν₀)`.
    pub curvature: f64,
}

impl Spectrum {
    /// `I_ν / I_ν₀`.
    ///
    /// ```
    /// use astro_visibility::Spectrum;
    /// let dust = Spectrum { reference_frequency_hz: 230e9, index: 2.5, curvature: 0.0 };
    /// assert!((dust.factor(460e9) - 2f64.powf(2.5)).abs() < 1e-12);
    /// ```
    pub fn factor(&self, frequency_hz: f64) -> f64 {
        let ln_ratio = (frequency_hz / self.reference_frequency_hz).ln();
        ((self.index + self.curvature * ln_ratio) * ln_ratio).exp()
    }

    pub(crate) fn check(&self) -> Result<()> {
        check_finite("spectral index", [self.index])?;
        check_finite("spectral curvature", [self.curvature])?;
        check_positive("reference_frequency_hz", self.reference_frequency_hz)
    }
}

impl<T: FftReal> VisibilityPlan<T> {
    /// Visibilities of an image with a spectrum, at each row's own frequency.
    ///
    /// # Errors
    /// As [`VisibilityPlan::sample_image`]; a table without frequencies; a primary beam, whose
    /// size changes with frequency ([`crate::CubePlan`] does that).
    pub fn sample_spectral_image(
        &self,
        image: ArrayView2<'_, T>,
        placement: &Placement,
        spectrum: &Spectrum,
    ) -> Result<Vec<Complex<T>>> {
        self.grid.check_shape("image", image.shape())?;
        let spectral = self.spectral(spectrum, ToVisibilities::<T>::new())?;
        let values = self.sample_rows(&image, placement, spectral);
        let values = or_bad_pixel(values, all_finite, &image)?;
        Ok(self.points.in_caller_order(&values))
    }

    /// χ² of an image with a spectrum.
    ///
    /// # Errors
    /// As [`VisibilityPlan::sample_spectral_image`] and [`VisibilityPlan::chi2_image`].
    pub fn chi2_spectral_image(
        &self,
        image: ArrayView2<'_, T>,
        placement: &Placement,
        spectrum: &Spectrum,
    ) -> Result<f64> {
        self.grid.check_shape("image", image.shape())?;
        let spectral = self.spectral(spectrum, self.to_chi2()?)?;
        let chi2 = self.sample_rows(&image, placement, spectral);
        or_bad_pixel(chi2, |chi2| chi2.is_finite(), &image)
    }

    /// Visibilities of a radial profile with a spectrum, at each row's own frequency.
    ///
    /// # Errors
    /// As [`VisibilityPlan::sample_spectral_image`] and [`VisibilityPlan::sample_profile`].
    pub fn sample_spectral_profile(
        &self,
        profile: &[T],
        orientation: &Orientation,
        spectrum: &Spectrum,
    ) -> Result<Vec<Complex<T>>> {
        let spectral = self.spectral(spectrum, ToVisibilities::<T>::new())?;
        let values = self.profile_with(profile, orientation, spectral)?;
        Ok(self.points.in_caller_order(&values))
    }

    /// χ² of a radial profile with a spectrum.
    ///
    /// # Errors
    /// As [`VisibilityPlan::sample_spectral_image`] and [`VisibilityPlan::chi2_profile`].
    pub fn chi2_spectral_profile(
        &self,
        profile: &[T],
        orientation: &Orientation,
        spectrum: &Spectrum,
    ) -> Result<f64> {
        let spectral = self.spectral(spectrum, self.to_chi2()?)?;
        self.profile_with(profile, orientation, spectral)
    }

    fn spectral<C>(&self, spectrum: &Spectrum, then: C) -> Result<WithSpectrum<'_, C>> {
        spectrum.check()?;
        if self.beam.is_some() {
            return Err(Error::Unsupported {
                what: "one transform for all channels",
                with: "a primary beam, which changes with frequency",
                remedy: "use a CubePlan",
            });
        }
        let channels = self.points.channels.as_ref().ok_or(Error::NoFrequency)?;
        let factors = channels
            .frequency_hz
            .iter()
            .map(|&nu| spectrum.factor(nu))
            .collect();
        Ok(WithSpectrum {
            channel: &channels.of_point,
            factors,
            then,
        })
    }
}

/// Multiplies each point by the factor of its channel, then passes it on.
struct WithSpectrum<'a, C> {
    channel: &'a [u32],
    factors: Vec<f64>,
    then: C,
}

impl<C: Consume> Consume for WithSpectrum<'_, C> {
    type Output = C::Output;
    fn consume<K: Sampler>(self, points: &Points, sampler: &K, phase: OffsetPhase) -> C::Output {
        let Self {
            channel,
            factors,
            then,
        } = self;
        then.consume(
            points,
            &SpectralSampler {
                sampler,
                channel,
                factors: &factors,
            },
            phase,
        )
    }
}

struct SpectralSampler<'a, K> {
    sampler: &'a K,
    channel: &'a [u32],
    factors: &'a [f64],
}

impl<K: Sampler> Sampler for SpectralSampler<'_, K> {
    #[inline(always)]
    fn sample<S: Simd>(
        &self,
        simd: S,
        start: usize,
        u: &Lane,
        v: &Lane,
        re: &mut Lane,
        im: &mut Lane,
    ) {
        self.sampler.sample(simd, start, u, v, re, im);
        let channels = &self.channel[start..];
        for ((a, b), &channel) in re.iter_mut().zip(im).zip(channels) {
            let factor = self.factors[channel as usize];
            *a *= factor;
            *b *= factor;
        }
    }
}
