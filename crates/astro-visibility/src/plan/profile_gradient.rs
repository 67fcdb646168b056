//! Derivatives of χ² with respect to a profile and its orientation.
//!
//! On the Hankel path, with `ρ² = (u′ cos i)² + v′²`,
//!
//! $$ \frac{\partial\rho}{\partial i} = -\frac{u'^2 \cos i \sin i}{\rho}, \qquad
//!    \frac{\partial\rho}{\partial PA} = \frac{u' v' \sin^2 i}{\rho} $$
//!
//! and `H` is linear in the profile, so its derivative is the transposed table.
//! On the image path the adjoint image is folded back onto the radii.

use astro_core::CompensatedSum;
use astro_fft::{FftReal, HankelTablePlan};
use ndarray::Array2;
use num_complex::{Complex, Complex64};

use super::VisibilityPlan;
use super::gradient::{PointResidual, attenuate, projected};
use crate::Result;
use crate::drive::{self, OffsetPhase};
use crate::geometry::Orientation;
use crate::image_rows::WeightedRows;
use crate::radial::SweptSlope;
use crate::sample::hankel::{Deprojection, HankelSampler};

/// Derivatives of χ² with respect to the orientation of a disc.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OrientationGradient {
    /// `∂χ²/∂i`, per radian.
    pub inclination: f64,
    /// `∂χ²/∂PA`, per radian.
    pub position_angle: f64,
    /// `∂χ²/∂ΔRA`, per radian.
    pub ra_offset: f64,
    /// `∂χ²/∂ΔDec`, per radian.
    pub dec_offset: f64,
}

/// χ² of a profile and its derivatives.
#[derive(Clone, Debug)]
pub struct ProfileGradient<T> {
    /// χ² itself.
    pub chi2: f64,
    /// `∂χ²/∂I_k`, one for each radius, per Jy/sr.
    pub profile: Vec<T>,
    /// Derivatives with respect to the orientation.
    pub orientation: OrientationGradient,
}

impl<T: FftReal> VisibilityPlan<T> {
    /// χ² of a profile with `∂χ²/∂profile` and `∂χ²/∂(i, PA, ΔRA, ΔDec)`.
    ///
    /// On the image path the inclination's derivative is that of the drawn image: linear
    /// interpolation makes it jump where a pixel passes a radius, and the central pixel has none.
    ///
    /// # Errors
    /// As [`VisibilityPlan::chi2_profile`]; [`crate::Error::Unsupported`] for an image path with the
    /// `Bilinear` or `Galario` method.
    pub fn chi2_profile_gradient(
        &self,
        profile: &[T],
        orientation: &Orientation,
    ) -> Result<ProfileGradient<T>> {
        orientation.check()?;
        #[cfg(feature = "gpu")]
        if let Some(device) = self.device() {
            return self.profile_gradient_on(device, profile, orientation);
        }
        match &self.hankel {
            Some(hankel) => self.gradient_by_hankel(hankel, profile, orientation),
            None => self.gradient_by_image(profile, orientation),
        }
    }

    fn gradient_by_hankel(
        &self,
        hankel: &HankelTablePlan,
        profile: &[T],
        orientation: &Orientation,
    ) -> Result<ProfileGradient<T>> {
        let table = self.hankel_table(hankel, profile)?;
        let mut values = vec![Complex::new(0.0, 0.0); self.points.len()];
        let centred = OffsetPhase {
            ra_rad: 0.0,
            dec_rad: 0.0,
        };
        let sampler = HankelSampler::new(&table, orientation);
        drive::visibilities(&self.points, &sampler, centred, &mut values);
        let residuals = self.residuals(&values, &orientation.placement())?;

        let geometry = Deprojection::new(orientation);
        let (sin_i, cos_i) = orientation.inclination_rad.sin_cos();
        let mut transposed = hankel.zero_table::<f64>();
        let mut gradient = OrientationGradient::default();
        for r in &residuals {
            let (x, y) = geometry.rotated::<pulp::Scalar>(r.u, r.v);
            let rho = geometry.rho::<pulp::Scalar>(r.u, r.v);
            let Some((h, slope)) = table.evaluate_with_derivative(rho) else {
                unreachable!("the table reaches the longest baseline");
            };
            let pull = r.coefficient.re;
            transposed.accumulate(rho, pull * cos_i.abs());
            if rho > 0.0 {
                let by_inclination = -x * x * cos_i * sin_i / rho;
                gradient.inclination += pull * cos_i.abs() * slope * by_inclination;
                gradient.position_angle += pull * cos_i.abs() * slope * x * y * sin_i * sin_i / rho;
            }
            gradient.inclination -= pull * sin_i * cos_i.signum() * h;
            gradient.ra_offset += r.turning * r.u;
            gradient.dec_offset += r.turning * r.v;
        }
        let by_value = hankel.execute_transpose(transposed.coefficients())?;
        Ok(ProfileGradient {
            chi2: total(&residuals),
            profile: by_value.into_iter().map(T::from_f64_rounded).collect(),
            orientation: gradient,
        })
    }

    fn gradient_by_image(
        &self,
        profile: &[T],
        orientation: &Orientation,
    ) -> Result<ProfileGradient<T>> {
        self.require_smooth("a gradient")?;
        let swept = self.swept(profile, orientation.inclination_rad)?;
        let placement = orientation.placement();
        let beam = self.beam_rows(&placement);
        let seen = |i: usize, j: usize| beam.as_ref().map_or(1.0, |beam| beam.power(i, j));
        let visible = WeightedRows {
            image: &swept,
            weight: seen,
        };
        let residuals = self.residuals(&self.values(&visible, &placement)?, &placement)?;
        let by_placement = self.placement_gradient(&swept, &placement, &residuals)?;

        let slope = SweptSlope::new(&swept, orientation.inclination_rad);
        let turned = self.values(
            &WeightedRows {
                image: &slope,
                weight: seen,
            },
            &placement,
        )?;
        let by_inclination = projected(&residuals, &turned);

        let coefficients: Vec<Complex64> = residuals.iter().map(|r| r.coefficient).collect();
        let mut adjoint = Array2::from_elem((self.grid.rows, self.grid.columns), T::zero());
        self.adjoint(&coefficients, &placement, &mut adjoint)?;
        self.divide_by_n(&mut adjoint, &placement)?;
        if let Some(beam) = &beam {
            attenuate(&mut adjoint, beam);
        }
        Ok(ProfileGradient {
            chi2: total(&residuals),
            profile: swept.transpose(adjoint.view()),
            orientation: OrientationGradient {
                inclination: by_inclination,
                position_angle: by_placement.position_angle,
                ra_offset: by_placement.ra_offset,
                dec_offset: by_placement.dec_offset,
            },
        })
    }
}

fn total(residuals: &[PointResidual]) -> f64 {
    residuals
        .iter()
        .map(|r| r.chi2)
        .collect::<CompensatedSum>()
        .value()
}
