//! Radial profiles to visibilities and χ².

use astro_core::{check_finite, check_lengths};
use astro_fft::{FftReal, HankelTable, HankelTablePlan, ProfileGrid};
use num_complex::Complex;
use rayon::prelude::*;

use super::VisibilityPlan;
use super::image::{Consume, ToChi2, ToVisibilities};
use crate::drive::{Parallel, offset_phase};
use crate::geometry::Orientation;
use crate::radial::SweptProfile;
use crate::sample::hankel::HankelSampler;
use crate::{Error, RadialGrid, Result};

/// Where the values of a profile lie.
#[derive(Clone, Debug)]
pub enum ProfileRadii {
    /// `R_min + k·ΔR`, linear in between: what an image can be swept from.
    Uniform(RadialGrid),
    /// Any increasing radii, or segments with jumps; for the Hankel method only.
    Free(ProfileGrid),
}

impl From<RadialGrid> for ProfileRadii {
    fn from(radii: RadialGrid) -> Self {
        Self::Uniform(radii)
    }
}

impl From<ProfileGrid> for ProfileRadii {
    fn from(radii: ProfileGrid) -> Self {
        Self::Free(radii)
    }
}

impl ProfileRadii {
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::Uniform(radii) => radii.check(),
            Self::Free(_) => Ok(()),
        }
    }

    /// The plan of the table of `H` out to the longest baseline, which no deprojection exceeds.
    pub(super) fn hankel_plan(&self, longest: f64, rel_error: f64) -> Result<HankelTablePlan> {
        let grid = match self {
            Self::Uniform(r) => ProfileGrid::uniform(r.first_rad, r.step_rad, r.count)?,
            Self::Free(grid) => grid.clone(),
        };
        // Points that all lie at zero still need a table.
        let longest = if longest > 0.0 {
            longest
        } else {
            1.0 / grid.outer_radius()
        };
        Ok(HankelTablePlan::new(&grid, longest, rel_error)?)
    }

    /// Number of values of a profile.
    pub fn value_count(&self) -> usize {
        match self {
            Self::Uniform(radii) => radii.count,
            Self::Free(grid) => grid.value_count(),
        }
    }
}

impl<T: FftReal> VisibilityPlan<T> {
    /// Visibilities of an inclined axisymmetric disc, Jy, in the order of the table's rows.
    ///
    /// `V = e^{2πi(u ΔRA + v ΔDec)} |cos i| H(√((u′ cos i)² + v′²))`. GALARIO's `sampleProfile`.
    ///
    /// # Inputs
    /// - `profile`: brightness at the plan's radii, Jy/sr
    ///
    /// # Errors
    /// A plan without radii, a profile of another length or with a NaN (named by index), and as
    /// [`VisibilityPlan::sample_image`] where the image path is taken.
    pub fn sample_profile(
        &self,
        profile: &[T],
        orientation: &Orientation,
    ) -> Result<Vec<Complex<T>>> {
        #[cfg(feature = "gpu")]
        if let Some(device) = self.device() {
            let values = self.profile_values_on(device, profile, orientation)?;
            return Ok(self.points.in_caller_order(&values));
        }
        let values = self.profile_with(profile, orientation, ToVisibilities::<T>::new())?;
        Ok(self.points.in_caller_order(&values))
    }

    /// `χ² = Σ w |V_model − V_observed|²` of a profile: GALARIO's `chi2Profile`.
    ///
    /// # Errors
    /// As [`VisibilityPlan::sample_profile`], and [`Error::NoData`] in a plan for coverage alone.
    pub fn chi2_profile(&self, profile: &[T], orientation: &Orientation) -> Result<f64> {
        #[cfg(feature = "gpu")]
        if self.device().is_some() {
            return Ok(self.chi2_profiles(&[(profile, *orientation)])?[0]);
        }
        self.profile_with(profile, orientation, self.to_chi2()?)
    }

    /// χ² of many profiles, each with its orientation.
    ///
    /// On the Hankel path threads share out the models, on the image path the work within each; on a GPU
    /// they are few submissions.
    ///
    /// # Errors
    /// As [`VisibilityPlan::chi2_profile`], for the first model that fails.
    pub fn chi2_profiles<P: AsRef<[T]> + Sync>(
        &self,
        models: &[(P, Orientation)],
    ) -> Result<Vec<f64>> {
        #[cfg(feature = "gpu")]
        if let Some(device) = self.device() {
            return self.profiles_chi2_on(device, models);
        }
        let data = self.data()?;
        if self.hankel.is_none() {
            return models
                .iter()
                .map(|(p, o)| self.chi2_profile(p.as_ref(), o))
                .collect();
        }
        let to_chi2 = || ToChi2 {
            data,
            parallel: Parallel::Models,
        };
        models
            .par_iter()
            .map(|(p, o)| self.profile_with(p.as_ref(), o, to_chi2()))
            .collect()
    }

    pub(super) fn profile_with<C: Consume>(
        &self,
        profile: &[T],
        orientation: &Orientation,
        consume: C,
    ) -> Result<C::Output> {
        orientation.check()?;
        match &self.hankel {
            Some(hankel) => {
                let table = self.hankel_table(hankel, profile)?;
                let sampler = HankelSampler::new(&table, orientation);
                let phase = offset_phase(&orientation.placement());
                Ok(consume.consume(&self.points, &sampler, phase))
            }
            None => {
                let swept = self.swept(profile, orientation.inclination_rad)?;
                self.sample_rows(&swept, &orientation.placement(), consume)
            }
        }
    }

    /// The profile as rows of an image.
    pub(super) fn swept<'a>(
        &self,
        profile: &'a [T],
        inclination_rad: f64,
    ) -> Result<SweptProfile<'a, T>> {
        match self.radii.as_ref().ok_or(Error::NoRadialGrid)? {
            ProfileRadii::Uniform(radii) => {
                radii.check_profile(profile)?;
                Ok(SweptProfile::new(
                    profile,
                    radii,
                    &self.grid,
                    inclination_rad,
                ))
            }
            ProfileRadii::Free(_) => Err(Error::Unsupported {
                what: "drawing a profile as an image",
                with: "radii that are not uniform",
                remedy: "use ProfileMethod::Hankel, or give the profile on a RadialGrid",
            }),
        }
    }

    pub(super) fn hankel_table(
        &self,
        hankel: &HankelTablePlan,
        profile: &[T],
    ) -> Result<HankelTable<f64>> {
        let count = hankel.grid().value_count();
        check_lengths("profile", profile.len(), "radii", count)?;
        check_finite("profile", profile.iter().map(|x| x.as_f64()))?;
        // The table is made in f64 for either precision: it is small, and the points are f64.
        let wide: Vec<f64> = profile.iter().map(|x| x.as_f64()).collect();
        Ok(hankel.execute(&wide)?)
    }
}
