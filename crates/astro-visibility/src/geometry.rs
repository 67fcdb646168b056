//! Where a source lies on the sky: rotation of (u, v), and the phase of an offset.
//!
//! A source rotated by the position angle `PA` (East of North) and shifted by
//! `(ΔRA, ΔDec)` has the visibility
//!
//! $$ V(u, v) = e^{2\pi i (u\,\Delta RA + v\,\Delta Dec)}\; F(u\cos PA - v\sin PA,\; u\sin PA + v\cos PA) $$
//!
//! where `F` belongs to the unrotated, centred source.

use astro_core::{Real, check_finite, check_lengths};
use num_complex::Complex;

use crate::Result;
use crate::kernel::cos_sin_of_turns;

/// Rotation and shift of an image on the sky.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Placement {
    /// Position angle East of North, radians (GALARIO `PA`).
    pub position_angle_rad: f64,
    /// Offset to the East, radians (GALARIO `dRA`).
    pub ra_offset_rad: f64,
    /// Offset to the North, radians (GALARIO `dDec`).
    pub dec_offset_rad: f64,
}

/// Inclination, rotation and shift of a disc on the sky.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Orientation {
    /// Inclination from face-on, radians (GALARIO `inc`).
    ///
    /// The axis that lies East-West before rotation is shortened by `|cos i|`,
    /// so the position angle is that of the major axis.
    pub inclination_rad: f64,
    /// Position angle of the major axis East of North, radians (GALARIO `PA`).
    pub position_angle_rad: f64,
    /// Offset to the East, radians (GALARIO `dRA`).
    pub ra_offset_rad: f64,
    /// Offset to the North, radians (GALARIO `dDec`).
    pub dec_offset_rad: f64,
}

impl Placement {
    pub(crate) fn check(&self) -> Result<()> {
        check_finite("position_angle_rad", [self.position_angle_rad])?;
        check_finite("ra_offset_rad", [self.ra_offset_rad])?;
        Ok(check_finite("dec_offset_rad", [self.dec_offset_rad])?)
    }

    /// The rotation from (u, v) on the sky to (u, v) of the unrotated source.
    pub(crate) fn rotation(&self) -> Rotation {
        Rotation::new(self.position_angle_rad)
    }
}

impl Orientation {
    /// The part that an image, whose inclination is already drawn, still needs.
    pub fn placement(&self) -> Placement {
        Placement {
            position_angle_rad: self.position_angle_rad,
            ra_offset_rad: self.ra_offset_rad,
            dec_offset_rad: self.dec_offset_rad,
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        check_finite("inclination_rad", [self.inclination_rad])?;
        self.placement().check()
    }
}

/// Cosine and sine of the position angle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rotation {
    pub(crate) cos: f64,
    pub(crate) sin: f64,
}

impl Rotation {
    pub(crate) fn new(position_angle_rad: f64) -> Self {
        let (sin, cos) = position_angle_rad.sin_cos();
        Self { cos, sin }
    }

    #[inline(always)]
    pub(crate) fn apply(self, u: f64, v: f64) -> (f64, f64) {
        (u * self.cos - v * self.sin, u * self.sin + v * self.cos)
    }
}

/// Rotates (u, v) into the frame of a source at position angle `position_angle_rad`.
///
/// GALARIO's `uv_rotate`; its offsets rotate by the same formula.
///
/// ```
/// let (u, v) = astro_visibility::rotate_uv(std::f64::consts::FRAC_PI_2, &[1.0], &[0.0])?;
/// assert!((u[0] - 0.0).abs() < 1e-15 && (v[0] - 1.0).abs() < 1e-15);
/// # Ok::<(), astro_visibility::Error>(())
/// ```
///
/// # Errors
/// Different lengths.
pub fn rotate_uv(position_angle_rad: f64, u: &[f64], v: &[f64]) -> Result<(Vec<f64>, Vec<f64>)> {
    check_lengths("v", v.len(), "u", u.len())?;
    let rotation = Rotation::new(position_angle_rad);
    Ok(u.iter().zip(v).map(|(&u, &v)| rotation.apply(u, v)).unzip())
}

/// Multiplies visibilities by `exp(2πi(u·ΔRA + v·ΔDec))`: moves the source East and North.
///
/// GALARIO's `apply_phase_vis`. The products are formed and reduced in `f64`
/// turns, so the phase keeps its accuracy at any baseline.
///
/// # Errors
/// Different lengths.
pub fn apply_phase<T: Real>(
    ra_offset_rad: f64,
    dec_offset_rad: f64,
    u: &[f64],
    v: &[f64],
    visibilities: &mut [Complex<T>],
) -> Result<()> {
    check_lengths("v", v.len(), "u", u.len())?;
    check_lengths("visibilities", visibilities.len(), "u", u.len())?;
    for ((&u, &v), z) in u.iter().zip(v).zip(visibilities) {
        let (cos, sin) = cos_sin_of_turns(u * ra_offset_rad + v * dec_offset_rad);
        let (re, im) = (z.re.as_f64(), z.im.as_f64());
        *z = Complex::new(
            T::from_f64_rounded(re * cos - im * sin),
            T::from_f64_rounded(re * sin + im * cos),
        );
    }
    Ok(())
}
