//! Plans whose work is done on a device.

use std::borrow::Cow;

use astro_core::Real;
use astro_fft::{FftReal, HankelTablePlan};
use astro_gpu::{AdapterReport, Gpu, Precision};
use ndarray::ArrayView2;
use num_complex::{Complex, Complex64};
use rayon::prelude::*;

use super::{Engine, VisibilityPlan, VisibilityPlanBuilder};
use crate::geometry::{Orientation, Placement};
use crate::gpu::{Device, DrawnProfile, RadialTable, unsupported};
use crate::radial::central_weights;
use crate::{Error, ImageMethod, ProfileMethod, ProfileRadii, Result};

/// Where a plan computes, and what its results are worth.
#[derive(Clone, Debug, PartialEq)]
pub struct GpuReport {
    /// The adapter.
    pub adapter: AdapterReport,
    /// The precision of its arithmetic.
    pub precision: Precision,
    /// Largest difference of an image's visibility from the same method in exact arithmetic (and, for
    /// `Exact`, from the sum over all pixels), relative to `Σ|I|`.
    pub error_bound: f64,
}

impl<T: FftReal> VisibilityPlanBuilder<'_, T> {
    /// As `build`, for a GPU: the plan takes the same calls.
    ///
    /// The precision is that of [`Gpu::precision_for`], at least `T`'s own unless the device was opened with
    /// a coarser one.
    ///
    /// ```
    /// use astro_gpu::{Gpu, GpuOptions};
    /// use astro_visibility::{ImageGrid, Placement, UvCoverage, VisibilityPlan};
    ///
    /// let Ok(gpu) = Gpu::open(&GpuOptions::default()) else { return Ok(()) };
    /// let coverage = UvCoverage::new(vec![1e5], vec![2e5])?;
    /// let plan = VisibilityPlan::<f64>::builder_for_coverage(&coverage, ImageGrid::square(64, 1e-7))
    ///     .build_on(&gpu)?;
    /// let mut image = ndarray::Array2::zeros((64, 64));
    /// image[[32, 32]] = 1.0;
    /// let value = plan.sample_image(image.view(), &Placement::default())?[0];
    /// assert!((value.re - 1.0).abs() < 1e-9 && value.im.abs() < 1e-9);
    /// # Ok::<(), astro_visibility::Error>(())
    /// ```
    ///
    /// # Errors
    /// As `build`; a w-term or the `Direct` method, which have no kernels; a precision that cannot reach the
    /// error asked for; a primary beam with thousands of side lobes in the field; what the device refuses. Never a silent fall-back to the CPU.
    pub fn build_on(self, gpu: &Gpu) -> Result<VisibilityPlan<T>> {
        if self.w_term.is_some() {
            return Err(unsupported("the w-term"));
        }
        let points = self.points()?;
        let wide = size_of::<T>() == size_of::<f64>();
        let device = Device::new(
            gpu,
            wide,
            self.grid,
            self.image_method,
            &points,
            self.radii.as_ref(),
            self.beam.as_ref(),
        )?;
        let plan = self.assemble(points, Engine::Gpu(Box::new(device)))?;
        if plan.hankel.is_none()
            && let Some(device) = plan.device()
        {
            // What cannot be reached is told now, not at the first call.
            device.sampler()?;
            device.beam_of(&[Placement::default()])?;
        }
        Ok(plan)
    }
}

impl<T: FftReal> VisibilityPlan<T> {
    /// Where the plan computes, if on a GPU.
    #[must_use]
    pub fn gpu_report(&self) -> Option<GpuReport> {
        let device = self.device()?;
        let pixels = (self.grid.rows * self.grid.columns) as f64;
        // Roundings of an FFT, and angles of fixed-point baselines at the image's edge.
        let rounding = 8.0 * device.precision.unit_roundoff() * (pixels.log2() + 4.0);
        let angle = match device.precision {
            Precision::F32 => 8.0 * pixels.sqrt() * 2f64.powi(-32),
            _ => 0.0,
        };
        let method = match self.image_method {
            ImageMethod::Exact { rel_error } => rel_error,
            _ => rounding + angle,
        };
        let hankel = match (self.profile_method, &self.hankel) {
            (ProfileMethod::Hankel { rel_error }, Some(_)) => {
                Some(rel_error + 64.0 * device.precision.unit_roundoff())
            }
            _ => None,
        };
        Some(GpuReport {
            adapter: device.gpu.adapter().clone(),
            precision: device.precision,
            error_bound: hankel.unwrap_or(method),
        })
    }

    pub(crate) fn device(&self) -> Option<&Device> {
        match &self.engine {
            Engine::Gpu(device) => Some(device),
            _ => None,
        }
    }

    /// Visibilities of an image in point order.
    pub(crate) fn image_values_on(
        &self,
        device: &Device,
        image: &ArrayView2<'_, T>,
        placement: &Placement,
    ) -> Result<Vec<Complex<T>>> {
        self.check_placed(placement)?;
        let values = device.image_values(encoded(device, image), placement)?;
        Ok(values.into_iter().map(narrowed).collect())
    }

    /// χ² of an image.
    pub(crate) fn image_chi2_on(
        &self,
        device: &Device,
        image: &ArrayView2<'_, T>,
        placement: &Placement,
    ) -> Result<f64> {
        self.data()?;
        self.check_placed(placement)?;
        device.image_chi2(encoded(device, image), placement)
    }

    /// Visibilities of a profile in point order.
    pub(crate) fn profile_values_on(
        &self,
        device: &Device,
        profile: &[T],
        orientation: &Orientation,
    ) -> Result<Vec<Complex<T>>> {
        orientation.check()?;
        let values = match &self.hankel {
            Some(hankel) => {
                device.radial_values(self.radial_table(hankel, profile, orientation)?)?
            }
            None => {
                self.check_placed(&orientation.placement())?;
                device.drawn_values(self.drawn_profile(profile, orientation)?)?
            }
        };
        Ok(values.into_iter().map(narrowed).collect())
    }

    /// χ² of profiles, in few submissions.
    pub(crate) fn profiles_chi2_on<P: AsRef<[T]> + Sync>(
        &self,
        device: &Device,
        models: &[(P, Orientation)],
    ) -> Result<Vec<f64>> {
        self.data()?;
        for (_, orientation) in models {
            orientation.check()?;
        }
        match &self.hankel {
            Some(hankel) => {
                let tables = models.par_iter().map(|(profile, orientation)| {
                    self.radial_table(hankel, profile.as_ref(), orientation)
                });
                device.radial_chi2(&tables.collect::<Result<Vec<_>>>()?)
            }
            None => {
                let mut drawn = Vec::with_capacity(models.len());
                for (profile, orientation) in models {
                    self.check_placed(&orientation.placement())?;
                    drawn.push(self.drawn_profile(profile.as_ref(), orientation)?);
                }
                device.drawn_chi2(&drawn)
            }
        }
    }

    pub(super) fn check_placed(&self, placement: &Placement) -> Result<()> {
        placement.check()?;
        self.check_within_grid(placement.rotation())
    }

    pub(super) fn drawn_profile(
        &self,
        profile: &[T],
        orientation: &Orientation,
    ) -> Result<DrawnProfile> {
        // Checks the profile and that there are radii.
        self.swept(profile, orientation.inclination_rad)?;
        let Some(ProfileRadii::Uniform(radii)) = &self.radii else {
            return Err(Error::NoRadialGrid);
        };
        let area = self.grid.pixel_area_sr();
        let central = central_weights(radii, &self.grid)
            .into_iter()
            .map(|(k, weight)| weight * profile[k].as_f64());
        // An edge-on disc lights the axis alone: any large number does, and 0 · it is still 0.
        let inverse = orientation.inclination_rad.cos().powi(-2).min(1e20);
        Ok(DrawnProfile {
            values: profile.iter().map(|x| area * x.as_f64()).collect(),
            numbers: [
                inverse,
                radii.first_rad / radii.step_rad,
                area * central.sum::<f64>(),
            ],
            placement: orientation.placement(),
        })
    }

    pub(super) fn radial_table(
        &self,
        hankel: &HankelTablePlan,
        profile: &[T],
        orientation: &Orientation,
    ) -> Result<RadialTable> {
        let table = self.hankel_table(hankel, profile)?;
        Ok(RadialTable {
            values: table.coefficients().as_flattened().to_vec(),
            step: table.step(),
            cos_inclination: orientation.inclination_rad.cos(),
            placement: orientation.placement(),
        })
    }
}

/// Pixels as the device holds them, without a copy where that is how they are.
pub(super) fn encoded<'a, T: FftReal>(
    device: &Device,
    image: &'a ArrayView2<'a, T>,
) -> Cow<'a, [u8]> {
    let held = match device.precision {
        Precision::F32 => size_of::<T>() == 4,
        Precision::F64 => size_of::<T>() == 8,
        Precision::Extended => false,
    };
    if let Some(pixels) = image.as_slice().filter(|_| held) {
        return Cow::Borrowed(bytemuck::cast_slice(pixels));
    }
    let wide: Vec<f64> = image.iter().map(|x| x.as_f64()).collect();
    Cow::Owned(device.precision.encode(&wide).into_owned())
}

fn narrowed<T: Real>(z: Complex64) -> Complex<T> {
    Complex::new(T::from_f64_rounded(z.re), T::from_f64_rounded(z.im))
}
