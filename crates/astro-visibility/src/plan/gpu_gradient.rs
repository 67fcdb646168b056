//! Derivatives of χ² by plans on a device.

use astro_fft::{FftReal, HankelTablePlan};
use ndarray::{Array2, ArrayView2};

use super::gpu::encoded;
use super::{ImageGradient, OrientationGradient, ProfileGradient, ProfileRadii, VisibilityPlan};
use crate::geometry::{Orientation, Placement};
use crate::gpu::Device;
use crate::radial::central_weights;
use crate::{Error, Result};

impl<T: FftReal> VisibilityPlan<T> {
    /// χ² of an image and its derivatives, all on the device.
    pub(super) fn image_gradient_on(
        &self,
        device: &Device,
        image: &ArrayView2<'_, T>,
        placement: &Placement,
    ) -> Result<ImageGradient<T>> {
        self.data()?;
        self.check_placed(placement)?;
        let slopes = device.image_gradient(encoded(device, image), placement)?;
        let columns = self.grid.columns;
        Ok(ImageGradient {
            chi2: slopes.chi2,
            image: Array2::from_shape_fn((self.grid.rows, columns), |(i, j)| {
                T::from_f64_rounded(slopes.pixels[i * columns + j])
            }),
            placement: slopes.placement,
        })
    }

    /// χ² of a profile and its derivatives, all on the device.
    pub(super) fn profile_gradient_on(
        &self,
        device: &Device,
        profile: &[T],
        orientation: &Orientation,
    ) -> Result<ProfileGradient<T>> {
        self.data()?;
        match &self.hankel {
            Some(hankel) => self.radial_gradient_on(device, hankel, profile, orientation),
            None => self.drawn_gradient_on(device, profile, orientation),
        }
    }

    fn radial_gradient_on(
        &self,
        device: &Device,
        hankel: &HankelTablePlan,
        profile: &[T],
        orientation: &Orientation,
    ) -> Result<ProfileGradient<T>> {
        let slopes = device.radial_gradient(&self.radial_table(hankel, profile, orientation)?)?;
        let (sin, cos) = orientation.inclination_rad.sin_cos();
        let [minor, across] = slopes.by_baseline;
        let mut transposed = slopes.coefficients;
        transposed
            .iter_mut()
            .flatten()
            .for_each(|c| *c *= cos.abs());
        let by_value = hankel.execute_transpose(&transposed)?;
        Ok(ProfileGradient {
            chi2: slopes.chi2,
            profile: by_value.into_iter().map(T::from_f64_rounded).collect(),
            orientation: OrientationGradient {
                inclination: -sin * cos.signum() * (slopes.by_height + minor),
                position_angle: cos.signum() * sin * sin * across,
                ra_offset: slopes.offset[0],
                dec_offset: slopes.offset[1],
            },
        })
    }

    fn drawn_gradient_on(
        &self,
        device: &Device,
        profile: &[T],
        orientation: &Orientation,
    ) -> Result<ProfileGradient<T>> {
        self.require_smooth("a gradient")?;
        self.check_placed(&orientation.placement())?;
        let model = self.drawn_profile(profile, orientation)?;
        let Some(ProfileRadii::Uniform(radii)) = &self.radii else {
            return Err(Error::NoRadialGrid);
        };
        let slopes = device.drawn_gradient(&model)?;
        let area = self.grid.pixel_area_sr();
        let mut by_value = vec![0.0; profile.len()];
        let mut by_inclination = 0.0;
        for (k, [inner, outer, turned]) in slopes.rings.into_iter().enumerate() {
            by_value[k] += area * inner;
            by_value[k + 1] += area * outer;
            by_inclination += (model.values[k + 1] - model.values[k]) * turned;
        }
        for (k, weight) in central_weights(radii, &self.grid) {
            by_value[k] += area * weight * slopes.central;
        }
        Ok(ProfileGradient {
            chi2: slopes.chi2,
            profile: by_value.into_iter().map(T::from_f64_rounded).collect(),
            orientation: OrientationGradient {
                inclination: by_inclination * orientation.inclination_rad.tan(),
                position_angle: slopes.placement.position_angle,
                ra_offset: slopes.placement.ra_offset,
                dec_offset: slopes.placement.dec_offset,
            },
        })
    }
}
