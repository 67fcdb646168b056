//! Kind `profile`: a radial profile's visibilities, by image and by Hankel transform.

use anyhow::{Result, ensure};
use astro_core::UvTable;
use astro_fft::FftReal;
use astro_visibility::{
    ImageGrid, ImageMethod, Orientation, ProfileMethod, RadialGrid, VisibilityPlan, sweep,
};
use ndarray::ArrayView1;
use num_complex::Complex64;

use super::case::{Case, number};
use super::check::{Checks, largest_difference, largest_real_difference};
use super::device::{build, double, single};
use super::image::{ImageProblem, Tolerances};

/// Of total flux: what making an image of the profile costs, for smooth profiles that fit the
/// image. The reference's own two truths differ by 3e-8 to 2e-6.
const PIXELS: f64 = 1e-5;

pub(crate) fn check(case: &Case, checks: &mut Checks) -> Result<()> {
    let problem = ProfileProblem {
        grid: ImageGrid::square(case.count("nxy")?, case.number("dxy")?),
        radii: RadialGrid::new(case.number("Rmin")?, case.number("dR")?, case.count("nr")?)?,
        profile: case.real("profile")?,
        table: case.uv_table()?,
        orientation: case.orientation()?,
    };
    ensure!(
        problem.profile.len() == problem.radii.count,
        "profile.npy has not nr values"
    );
    // The numbers belong to the image that was swept in the case's own precision.
    if case.is_single()? {
        problem.check::<f32>(case, checks, single())?;
    } else {
        problem.check::<f64>(case, checks, double())?;
    }
    problem.check_hankel(case, checks)
}

/// A profile, its grid and its data.
#[derive(Debug)]
pub(crate) struct ProfileProblem {
    pub(crate) grid: ImageGrid,
    pub(crate) radii: RadialGrid,
    pub(crate) profile: Vec<f64>,
    pub(crate) table: UvTable,
    pub(crate) orientation: Orientation,
}

impl ProfileProblem {
    /// Checks the image that the profile makes, and everything that is sampled from it.
    fn check<T: FftReal>(
        &self,
        case: &Case,
        checks: &mut Checks,
        tolerances: Tolerances,
    ) -> Result<()> {
        let problem = self.image_problem::<T>()?;
        self.check_sweep(case, checks, &problem, tolerances)?;
        problem.check::<T>(case, checks, tolerances)?;
        if case.has("chi2_dft") {
            // The same through the profile's own call.
            let method = ProfileMethod::Image(ImageMethod::Exact {
                rel_error: tolerances.exact,
            });
            let profile: Vec<T> = self
                .profile
                .iter()
                .map(|&x| T::from_f64_rounded(x))
                .collect();
            let chi2 = self
                .plan::<T>(method)?
                .chi2_profile(&profile, &self.orientation)?;
            let what = format!("chi2, profile by Exact image, {}", tolerances.name);
            let expected = case.number("chi2_dft")?;
            problem.check_chi2(checks, &what, chi2, expected, tolerances.exact);
        }
        Ok(())
    }

    fn plan<T: FftReal>(&self, method: ProfileMethod) -> Result<VisibilityPlan<T>> {
        build(
            VisibilityPlan::<T>::builder(&self.table, self.grid)
                .profile_method(method)
                .radii(self.radii),
        )
    }

    /// The swept image as an image to be sampled.
    pub(crate) fn image_problem<T: FftReal>(&self) -> Result<ImageProblem> {
        let profile: Vec<T> = self
            .profile
            .iter()
            .map(|&x| T::from_f64_rounded(x))
            .collect();
        let image = sweep(
            &profile,
            &self.radii,
            &self.grid,
            self.orientation.inclination_rad,
        )?;
        let image = image.mapv(|x| x.as_f64());
        Ok(ImageProblem {
            grid: self.grid,
            flux: image.iter().map(|x| x.abs()).sum(),
            image,
            table: self.table.clone(),
            placement: self.orientation.placement(),
        })
    }

    /// The image pixel by pixel where it is given, else by its sum and a few pixels.
    fn check_sweep(
        &self,
        case: &Case,
        checks: &mut Checks,
        problem: &ImageProblem,
        tolerances: Tolerances,
    ) -> Result<()> {
        let name = tolerances.name;
        let image = &problem.image;
        let peak = image.iter().fold(0.0f64, |a, &b| a.max(b.abs()));
        // Rounding of the radius moves the interpolation by a few ulps of the profile's slope.
        let allowed = tolerances.rounding * 10.0;
        if case.has_array("sweep_image") {
            let expected = case.image("sweep_image")?;
            let difference = match (image.as_slice(), expected.as_slice()) {
                (Some(a), Some(b)) if image.dim() == expected.dim() => {
                    largest_real_difference(a, b, peak)
                }
                _ => f64::INFINITY,
            };
            checks.at_most(&format!("sweep, every pixel, {name}"), difference, allowed);
        }
        if !case.has("image_checks") {
            return Ok(());
        }
        let given = &case.parameters()["image_checks"];
        let center = self.grid.rows / 2;
        let largest_of = |pixels: ArrayView1<'_, f64>| pixels.fold(0.0f64, |a, &b| a.max(b));
        let pixel = |i: usize, j: usize| image.get((i, j)).copied().unwrap_or(f64::NAN);
        // `row0` and `col0` are the largest pixel of the first row and column.
        let values = [
            ("sum", image.sum(), problem.flux),
            ("row0", largest_of(image.row(0)), peak),
            ("col0", largest_of(image.column(0)), peak),
            ("central_pixel", pixel(center, center), peak),
            ("px_c_cm1", pixel(center, center.wrapping_sub(1)), peak),
            (
                "px_cm3_cp2",
                pixel(center.wrapping_sub(3), center + 2),
                peak,
            ),
        ];
        for (key, found, scale) in values {
            if given[key].is_null() {
                continue;
            }
            let expected = number(given, key)?;
            let what = format!("sweep, {key}, {name}");
            checks.at_most(&what, (found - expected).abs() / scale, allowed);
        }
        Ok(())
    }

    /// The Hankel transform, where the profile lies within the image so that both see the same.
    fn check_hankel(&self, case: &Case, checks: &mut Checks) -> Result<()> {
        let half_field = 0.5 * self.grid.columns as f64 * self.grid.pixel_width_rad;
        if self.radii.last_rad() > half_field {
            return Ok(());
        }
        let plan = self.plan::<f64>(ProfileMethod::default())?;
        let found = plan.sample_profile(&self.profile, &self.orientation)?;
        if case.has_array("vis_dft") {
            let expected = case.complex("vis_dft")?;
            let problem = self.image_problem::<f64>()?;
            let error = largest_difference(&found, &expected, problem.flux);
            let allowed = PIXELS + self.central_excess(&problem);
            checks.at_most("Hankel, against the sum over pixels", error, allowed);
        }
        if case.has("gauss_sigma") && case.has("gauss_I0") {
            let sigma = case.number("gauss_sigma")?;
            let gaussian = Gaussian {
                sigma,
                peak: case.number("gauss_I0")?,
            };
            self.check_gaussian(checks, &found, gaussian);
        }
        Ok(())
    }

    /// Of total flux: the central pixel of a swept image is by definition a mean over a circle, not
    /// the brightness at its centre.
    fn central_excess(&self, problem: &ImageProblem) -> f64 {
        let center = (self.grid.rows / 2, self.grid.columns / 2);
        let at_center = self.profile[0] * self.grid.pixel_area_sr();
        (problem.image[center] - at_center).abs() / problem.flux
    }

    /// Against the transform of the Gaussian that the profile samples.
    ///
    /// Linear interpolation between samples `dR` apart is off by at most `dR² |I″| / 8`; over a
    /// Gaussian disc that is below `(dR/σ)² / 4` of its flux.
    fn check_gaussian(&self, checks: &mut Checks, found: &[Complex64], gaussian: Gaussian) {
        let expected = gaussian.visibilities(&self.table, &self.orientation);
        let flux = gaussian.flux() * self.orientation.inclination_rad.cos().abs();
        let allowed = 0.25 * (self.radii.step_rad / gaussian.sigma).powi(2);
        let error = largest_difference(found, &expected, flux);
        checks.at_most("Hankel, against the Gaussian's transform", error, allowed);
    }
}

/// `I(r) = peak · exp(−r²/2σ²)`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gaussian {
    pub(crate) sigma: f64,
    pub(crate) peak: f64,
}

impl Gaussian {
    fn flux(self) -> f64 {
        std::f64::consts::TAU * self.sigma.powi(2) * self.peak
    }

    fn visibilities(self, table: &UvTable, orientation: &Orientation) -> Vec<Complex64> {
        let Orientation {
            inclination_rad,
            position_angle_rad,
            ra_offset_rad,
            dec_offset_rad,
        } = *orientation;
        let (sin, cos) = position_angle_rad.sin_cos();
        let squash = inclination_rad.cos();
        let pi = std::f64::consts::PI;
        table
            .u
            .iter()
            .zip(&table.v)
            .map(|(&u, &v)| {
                let (east, north) = (squash * (u * cos - v * sin), u * sin + v * cos);
                let rho2 = east * east + north * north;
                let amplitude =
                    squash.abs() * self.flux() * (-2.0 * pi * pi * self.sigma.powi(2) * rho2).exp();
                Complex64::from_polar(
                    amplitude,
                    2.0 * pi * (u * ra_offset_rad + v * dec_offset_rad),
                )
            })
            .collect()
    }
}
