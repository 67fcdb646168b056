//! H at given frequencies.

use super::MAX_CYCLES;
use super::bessel::bessel_j0;
use super::grid::ProfileGrid;
use super::matrix::Matrix;
use super::moments::RadialMoments;
use super::panels::Layout;
use crate::error::{check_finite, check_length};
use crate::{Error, Result};
use astro_core::Real;
use pulp::Arch;
use std::f64::consts::TAU;

/// Interpolation error of one step, far below round-off of the whole.
const STEP_ERROR: f64 = 1e-17;

/// The Hankel transform of profiles on one radial grid at given frequencies.
///
/// $$ H(\rho_k) = 2\pi \int I(r)\, J_0(2\pi\rho_k r)\, r\, dr $$
///
/// exact for the piecewise-linear profile up to rounding: 1e-13 of
/// 2π∫|I| r dr. For many frequencies a [`HankelTablePlan`](super::HankelTablePlan)
/// is much faster.
///
/// ```
/// use astro_fft::{HankelPlan, ProfileGrid, bessel_j1};
/// use std::f64::consts::PI;
///
/// // A uniform disc of radius 1e-6 rad and total flux 1 Jy.
/// let disc = ProfileGrid::from_segments(&[0.0, 1e-6])?;
/// let brightness = 1.0 / (PI * 1e-12);
/// let plan = HankelPlan::new(&disc, &[0.0, 3e5])?;
/// let flux = plan.execute(&[brightness, brightness])?;
/// let x = 2.0 * PI * 0.3;
/// assert!((flux[0] - 1.0).abs() < 1e-14);
/// assert!((flux[1] - 2.0 * bessel_j1(x) / x).abs() < 1e-14);
/// # Ok::<(), astro_fft::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct HankelPlan {
    moments: RadialMoments,
    bessel: Matrix,
}

impl HankelPlan {
    /// Plans for `frequencies` in cycles per unit of the radii (wavelengths
    /// for radians); H is even, so signs do not matter.
    ///
    /// The plan takes about 8 bytes × frequencies × 4.5 × (outer radius ×
    /// highest frequency).
    ///
    /// # Errors
    /// A frequency that is not finite; a profile and frequencies that span
    /// more cycles than supported.
    pub fn new(grid: &ProfileGrid, frequencies: &[f64]) -> Result<Self> {
        check_finite("spatial frequency", frequencies)?;
        let highest = frequencies.iter().fold(0.0, |max: f64, f| max.max(f.abs()));
        let cycles = check_cycles(grid, highest)?;
        let moments = RadialMoments::new(grid, Layout::choose(cycles, STEP_ERROR));
        let radii = moments.nodes();
        Ok(Self {
            moments,
            bessel: Matrix::from_rows(frequencies.len(), radii.len(), |row, out| {
                bessel_row(frequencies[row], &radii, out);
            }),
        })
    }

    /// H at each frequency, in the plan's order.
    ///
    /// # Errors
    /// A profile of the wrong length or with a value that is not finite.
    pub fn execute<T: Real>(&self, profile: &[T]) -> Result<Vec<T>> {
        self.moments.grid().check_profile(profile)?;
        let mut transform = vec![0.0; self.bessel.rows()];
        Arch::new().dispatch(|| {
            self.bessel
                .apply(&self.moments.apply(profile), &mut transform);
        });
        Ok(transform.into_iter().map(T::from_f64_rounded).collect())
    }

    /// The transpose: the derivative of Σ_k g_k H(ρ_k) with respect to each
    /// profile value.
    ///
    /// # Errors
    /// As many numbers g are needed as there are frequencies, all finite.
    pub fn execute_transpose<T: Real>(&self, gradient: &[T]) -> Result<Vec<T>> {
        check_length("gradient", gradient.len(), self.bessel.rows())?;
        check_finite("gradient", gradient)?;
        let gradient: Vec<f64> = gradient.iter().map(|g| g.as_f64()).collect();
        let mut weights = vec![0.0; self.bessel.columns()];
        let profile = Arch::new().dispatch(|| {
            self.bessel.apply_transpose(&gradient, &mut weights);
            self.moments.apply_transpose(&weights)
        });
        Ok(profile.into_iter().map(T::from_f64_rounded).collect())
    }
}

/// J0(2πρr) for all radii.
pub(super) fn bessel_row(frequency: f64, radii: &[f64], out: &mut [f64]) {
    for (out, radius) in out.iter_mut().zip(radii) {
        *out = bessel_j0(TAU * (frequency * radius));
    }
}

/// The cycles a profile spans at the highest frequency.
pub(super) fn check_cycles(grid: &ProfileGrid, max_frequency: f64) -> Result<f64> {
    let cycles = grid.outer_radius() * max_frequency;
    if cycles <= MAX_CYCLES {
        return Ok(cycles);
    }
    Err(Error::HankelTooLarge {
        cycles,
        outer_radius_rad: grid.outer_radius(),
        max_frequency,
        limit: MAX_CYCLES,
    })
}
