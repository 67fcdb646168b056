//! Images that differ from channel to channel: cubes, and maps of spectral index.
//!
//! A [`CubePlan`] holds one [`VisibilityPlan`] for each frequency of the uv
//! points. Where all pixels share one spectrum and there is no primary beam,
//! [`VisibilityPlan::chi2_spectral_image`] needs a single transform instead.

mod build;

use astro_core::{CompensatedSum, check_finite};
use astro_fft::FftReal;
use ndarray::{Array2, ArrayView2, ArrayView3, Axis, Zip};
use num_complex::Complex;

pub use build::CubePlanBuilder;

use crate::{Error, ImageGrid, Orientation, Placement, Result, Spectrum, VisibilityPlan};

/// Visibilities and χ² of one image a channel, or of one with a spectrum under a primary beam.
///
/// ```
/// use astro_core::UvTable;
/// use astro_visibility::{CubePlan, ImageGrid, Placement};
/// use num_complex::Complex64;
///
/// let mut table = UvTable::new(
///     vec![1e5, 1.1e5], vec![0.0, 0.0], vec![Complex64::new(1.0, 0.0); 2], vec![1.0; 2],
/// )?;
/// table.frequency_hz = vec![230e9, 253e9];
/// let plan = CubePlan::<f64>::builder(&table, ImageGrid::square(16, 1e-7)).build()?;
/// let mut cube = ndarray::Array3::zeros((2, 16, 16)); // [channel, row, column]
/// cube[[0, 8, 8]] = 1.0;
/// cube[[1, 8, 8]] = 1.0;
/// assert!(plan.chi2_cube(cube.view(), &Placement::default())? < 1e-18);
/// # Ok::<(), astro_visibility::Error>(())
/// ```
#[derive(Debug)]
pub struct CubePlan<T: FftReal> {
    channels: Vec<Channel<T>>,
    rows: usize,
    grid: ImageGrid,
}

#[derive(Debug)]
struct Channel<T: FftReal> {
    frequency_hz: f64,
    /// Rows of the caller's table.
    table_rows: Vec<usize>,
    /// Without data where all rows are flagged: they can be sampled but have no χ².
    plan: VisibilityPlan<T>,
}

/// How the brightness of each pixel changes with frequency.
#[derive(Clone, Copy, Debug)]
pub struct SpectralMaps<'a, T> {
    /// `ν₀`, Hz, at which the image is given.
    pub reference_frequency_hz: f64,
    /// `α` of each pixel, shape `[rows, columns]`.
    pub index: ArrayView2<'a, T>,
    /// `β` of each pixel; none is zero everywhere.
    pub curvature: Option<ArrayView2<'a, T>>,
}

impl<T: FftReal> CubePlan<T> {
    /// Frequencies of the channels, Hz, ascending.
    pub fn frequencies_hz(&self) -> Vec<f64> {
        self.channels
            .iter()
            .map(|channel| channel.frequency_hz)
            .collect()
    }

    /// Visibilities of a cube, in the order of the table's rows.
    ///
    /// # Inputs
    /// - `cube`: shape `[channels, rows, columns]`, Jy/pixel, channels in the order of
    ///   [`CubePlan::frequencies_hz`]
    ///
    /// # Errors
    /// Another shape, and as [`VisibilityPlan::sample_image`].
    pub fn sample_cube(
        &self,
        cube: ArrayView3<'_, T>,
        placement: &Placement,
    ) -> Result<Vec<Complex<T>>> {
        self.check_channels(cube.len_of(Axis(0)))?;
        self.sample(|c, plan| plan.sample_image(cube.index_axis(Axis(0), c), placement))
    }

    /// χ² of a cube over all channels.
    ///
    /// # Errors
    /// As [`CubePlan::sample_cube`].
    pub fn chi2_cube(&self, cube: ArrayView3<'_, T>, placement: &Placement) -> Result<f64> {
        self.check_channels(cube.len_of(Axis(0)))?;
        self.chi2(|c, plan| plan.chi2_image(cube.index_axis(Axis(0), c), placement))
    }

    /// Visibilities of an image whose pixels have spectra of their own.
    ///
    /// # Errors
    /// Maps of another shape or with a NaN, and as [`VisibilityPlan::sample_image`].
    pub fn sample_spectral_maps(
        &self,
        image: ArrayView2<'_, T>,
        maps: &SpectralMaps<'_, T>,
        placement: &Placement,
    ) -> Result<Vec<Complex<T>>> {
        self.check_maps(&image, maps)?;
        self.sample(|c, plan| plan.sample_image(self.at_channel(c, &image, maps).view(), placement))
    }

    /// χ² of an image whose pixels have spectra of their own.
    ///
    /// # Errors
    /// As [`CubePlan::sample_spectral_maps`].
    pub fn chi2_spectral_maps(
        &self,
        image: ArrayView2<'_, T>,
        maps: &SpectralMaps<'_, T>,
        placement: &Placement,
    ) -> Result<f64> {
        self.check_maps(&image, maps)?;
        self.chi2(|c, plan| plan.chi2_image(self.at_channel(c, &image, maps).view(), placement))
    }

    /// Visibilities of an image whose pixels share one spectrum.
    ///
    /// What [`VisibilityPlan::sample_spectral_image`] computes, here under a primary beam too.
    ///
    /// # Errors
    /// A spectrum that is not usable, and as [`VisibilityPlan::sample_image`].
    pub fn sample_spectral_image(
        &self,
        image: ArrayView2<'_, T>,
        placement: &Placement,
        spectrum: &Spectrum,
    ) -> Result<Vec<Complex<T>>> {
        let factors = self.factors(spectrum)?;
        self.grid.check_shape("image", image.shape())?;
        self.sample(|c, plan| plan.sample_image(image.mapv(|x| x * factors[c]).view(), placement))
    }

    /// χ² of an image whose pixels share one spectrum.
    ///
    /// # Errors
    /// As [`CubePlan::sample_spectral_image`].
    pub fn chi2_spectral_image(
        &self,
        image: ArrayView2<'_, T>,
        placement: &Placement,
        spectrum: &Spectrum,
    ) -> Result<f64> {
        let factors = self.factors(spectrum)?;
        self.grid.check_shape("image", image.shape())?;
        self.chi2(|c, plan| plan.chi2_image(image.mapv(|x| x * factors[c]).view(), placement))
    }

    /// Visibilities of a radial profile with a spectrum, drawn under each channel's own beam.
    ///
    /// # Errors
    /// A spectrum that is not usable, and as [`VisibilityPlan::sample_profile`].
    pub fn sample_spectral_profile(
        &self,
        profile: &[T],
        orientation: &Orientation,
        spectrum: &Spectrum,
    ) -> Result<Vec<Complex<T>>> {
        let factors = self.factors(spectrum)?;
        self.sample(|c, plan| plan.sample_profile(&scaled(profile, factors[c]), orientation))
    }

    /// χ² of a radial profile with a spectrum.
    ///
    /// # Errors
    /// As [`CubePlan::sample_spectral_profile`].
    pub fn chi2_spectral_profile(
        &self,
        profile: &[T],
        orientation: &Orientation,
        spectrum: &Spectrum,
    ) -> Result<f64> {
        let factors = self.factors(spectrum)?;
        self.chi2(|c, plan| plan.chi2_profile(&scaled(profile, factors[c]), orientation))
    }

    // Channels go one after the other: each has the threads to itself and the memory of one.
    fn sample(
        &self,
        values: impl Fn(usize, &VisibilityPlan<T>) -> Result<Vec<Complex<T>>>,
    ) -> Result<Vec<Complex<T>>> {
        let mut out = vec![Complex::new(T::zero(), T::zero()); self.rows];
        for (c, channel) in self.channels.iter().enumerate() {
            for (&row, value) in channel.table_rows.iter().zip(values(c, &channel.plan)?) {
                out[row] = value;
            }
        }
        Ok(out)
    }

    fn chi2(&self, value: impl Fn(usize, &VisibilityPlan<T>) -> Result<f64>) -> Result<f64> {
        let all = self.channels.iter().enumerate();
        let mut with_data = all
            .filter(|(_, channel)| channel.plan.has_data())
            .peekable();
        if with_data.peek().is_none() {
            return Err(Error::NoData);
        }
        let mut sum = CompensatedSum::default();
        for (c, channel) in with_data {
            sum += value(c, &channel.plan)?;
        }
        Ok(sum.value())
    }

    /// `I_ν/I_ν₀` of each channel.
    fn factors(&self, spectrum: &Spectrum) -> Result<Vec<T>> {
        spectrum.check()?;
        let factor =
            |channel: &Channel<T>| T::from_f64_rounded(spectrum.factor(channel.frequency_hz));
        Ok(self.channels.iter().map(factor).collect())
    }

    fn at_channel(
        &self,
        c: usize,
        image: &ArrayView2<'_, T>,
        maps: &SpectralMaps<'_, T>,
    ) -> Array2<T> {
        let ratio = self.channels[c].frequency_hz / maps.reference_frequency_hz;
        let ln_ratio = T::from_f64_rounded(ratio.ln());
        let mut scaled = image.to_owned();
        Zip::from(&mut scaled)
            .and(maps.index)
            .for_each(|pixel, &index| {
                *pixel *= (index * ln_ratio).exp();
            });
        if let Some(curvature) = maps.curvature {
            Zip::from(&mut scaled)
                .and(curvature)
                .for_each(|pixel, &curvature| {
                    *pixel *= (curvature * ln_ratio * ln_ratio).exp();
                });
        }
        scaled
    }

    fn check_channels(&self, found: usize) -> Result<()> {
        let expected = self.channels.len();
        Ok(astro_core::check_lengths(
            "cube (channels)",
            found,
            "the plan's frequencies",
            expected,
        )?)
    }

    fn check_maps(&self, image: &ArrayView2<'_, T>, maps: &SpectralMaps<'_, T>) -> Result<()> {
        let reference_frequency_hz = maps.reference_frequency_hz;
        Spectrum {
            reference_frequency_hz,
            index: 0.0,
            curvature: 0.0,
        }
        .check()?;
        self.grid.check_shape("image", image.shape())?;
        self.grid
            .check_shape("spectral index", maps.index.shape())?;
        check_finite("spectral index", maps.index.iter().map(|x| x.as_f64()))?;
        if let Some(curvature) = &maps.curvature {
            self.grid
                .check_shape("spectral curvature", curvature.shape())?;
            check_finite("spectral curvature", curvature.iter().map(|x| x.as_f64()))?;
        }
        Ok(())
    }
}

fn scaled<T: FftReal>(profile: &[T], factor: T) -> Vec<T> {
    profile.iter().map(|&x| x * factor).collect()
}
