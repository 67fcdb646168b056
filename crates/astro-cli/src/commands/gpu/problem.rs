//! A made-up observation to test and time with.

use astro_core::UvTable;
use astro_fft::FftReal;
use astro_visibility::{
    ImageGrid, ImageMethod, Orientation, PrimaryBeam, ProfileMethod, RadialGrid, VisibilityPlan,
    VisibilityPlanBuilder,
};
use ndarray::Array2;
use num_complex::Complex64;

/// A disc with a ring, on an image of n² pixels of 10⁻⁸ rad, and random baselines to 0.4 of the Nyquist limit.
pub(super) struct Problem {
    pub(super) grid: ImageGrid,
    pub(super) table: UvTable,
    pub(super) radii: RadialGrid,
    pub(super) profile: Vec<f64>,
    pub(super) orientation: Orientation,
}

impl Problem {
    pub(super) fn new(pixels: usize, points: usize) -> anyhow::Result<Self> {
        let grid = ImageGrid::square(pixels, 1e-8);
        let reach = 0.4 * 0.5 / 1e-8;
        let mut state = 0x853c_49e6_748f_ea9b_u64;
        let mut random = || {
            // splitmix64 (Steele, Lea & Flood 2014)
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        };
        let mut column = || (0..points).map(|_| reach * random()).collect::<Vec<f64>>();
        let (u, v) = (column(), column());
        let field = pixels as f64 * 1e-8;
        let radii = RadialGrid::new(0.0, field / 4000.0, 1800)?;
        let profile = radii
            .radii_rad()
            .iter()
            .map(|r| {
                let ring = (r / field - 0.2) / 0.03;
                1e10 * ((-0.5 * (30.0 * r / field).powi(2)).exp()
                    + 0.4 * (-0.5 * ring * ring).exp())
            })
            .collect();
        Ok(Self {
            grid,
            table: UvTable::new(
                u,
                v,
                vec![Complex64::new(1e-3, 0.0); points],
                vec![1e4; points],
            )?,
            radii,
            profile,
            orientation: Orientation {
                inclination_rad: 0.6,
                position_angle_rad: 0.4,
                ra_offset_rad: 0.03 * field,
                dec_offset_rad: -0.02 * field,
            },
        })
    }

    /// A plan for it.
    pub(super) fn builder<T: FftReal>(
        &self,
        method: ProfileMethod,
    ) -> VisibilityPlanBuilder<'_, T> {
        let image = match method {
            ProfileMethod::Image(method) => method,
            _ => ImageMethod::default_in::<T>(),
        };
        VisibilityPlan::<T>::builder(&self.table, self.grid)
            .image_method(image)
            .profile_method(method)
            .radii(self.radii)
    }

    /// A beam whose first null lies at the edge of the field.
    pub(super) fn primary_beam(&self) -> anyhow::Result<PrimaryBeam> {
        let field = self.grid.rows as f64 * self.grid.pixel_height_rad;
        let dish_wavelengths = 2.44 / field;
        Ok(PrimaryBeam::airy(dish_wavelengths, 0.0, 1.0)?)
    }

    /// The profile drawn as an image.
    pub(super) fn image(&self) -> anyhow::Result<Array2<f64>> {
        Ok(astro_visibility::sweep(
            &self.profile,
            &self.radii,
            &self.grid,
            self.orientation.inclination_rad,
        )?)
    }
}
