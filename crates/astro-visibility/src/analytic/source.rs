//! A shape with flux, orientation and place.

use super::shape::SourceShape;
use crate::geometry::Rotation;
use crate::kernel::{BLOCK, cos_sin_of_turns, cos_sin_of_turns_simd};
use crate::{Error, Result, UvCoverage};
use astro_core::{Real, check_finite, check_lengths};
use num_complex::Complex;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Points per task: some hundred microseconds of work.
const POINTS_PER_TASK: usize = 4096;

/// A source with a closed-form visibility; see the formula at [`SourceShape`].
///
/// ```
/// use astro_visibility::{AnalyticSource, SourceShape, UvCoverage};
/// use num_complex::Complex64;
///
/// // A point of 2 Jy, an eighth of a wave to the East.
/// let coverage = UvCoverage::new(vec![1e5], vec![0.0])?;
/// let point = AnalyticSource::new(SourceShape::Point, 2.0).at(0.125e-5, 0.0);
/// let mut visibilities = vec![Complex64::ZERO];
/// point.add_to(&coverage, &mut visibilities)?;
/// let expected = Complex64::new(2.0_f64.sqrt(), 2.0_f64.sqrt());
/// assert!((visibilities[0] - expected).norm() < 1e-14);
/// # Ok::<(), astro_visibility::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct AnalyticSource {
    /// The shape along its major axis.
    pub shape: SourceShape,
    /// Total flux, Jy; may be negative.
    pub flux_jy: f64,
    /// Minor over major axis, in `[0, 1]`: |cos i| of a thin disc.
    pub axis_ratio: f64,
    /// Position angle of the major axis, East of North, radians.
    pub position_angle_rad: f64,
    /// Offset to the East, radians.
    pub ra_offset_rad: f64,
    /// Offset to the North, radians.
    pub dec_offset_rad: f64,
}

impl AnalyticSource {
    /// A round source at the phase center.
    #[must_use]
    pub fn new(shape: SourceShape, flux_jy: f64) -> Self {
        Self {
            shape,
            flux_jy,
            axis_ratio: 1.0,
            position_angle_rad: 0.0,
            ra_offset_rad: 0.0,
            dec_offset_rad: 0.0,
        }
    }

    /// The same source elsewhere: East and North of the phase center, radians.
    #[must_use]
    pub fn at(self, ra_offset_rad: f64, dec_offset_rad: f64) -> Self {
        Self {
            ra_offset_rad,
            dec_offset_rad,
            ..self
        }
    }

    /// The same source, elliptical: minor over major axis, and the position
    /// angle of the major axis, radians East of North.
    #[must_use]
    pub fn elliptical(self, axis_ratio: f64, position_angle_rad: f64) -> Self {
        Self {
            axis_ratio,
            position_angle_rad,
            ..self
        }
    }

    /// The visibility at (u, v) in wavelengths, Jy.
    #[must_use]
    pub fn visibility(&self, u: f64, v: f64) -> Complex<f64> {
        let rho = self.deprojected(self.rotation(), u, v);
        self.phase(u, v) * (self.flux_jy * self.shape.visibility(rho))
    }

    /// Adds the source's visibilities to `out`, Jy.
    ///
    /// # Errors
    /// A parameter out of range; `out` of another length than the coverage.
    pub fn add_to<T: Real>(&self, coverage: &UvCoverage, out: &mut [Complex<T>]) -> Result<()> {
        add_sources(std::slice::from_ref(self), coverage, out)
    }

    /// Requires finite parameters, positive sizes and an axis ratio in [0, 1].
    ///
    /// # Errors
    /// The first parameter out of range.
    pub fn check(&self) -> Result<()> {
        self.shape.check()?;
        check_finite("flux_jy", [self.flux_jy])?;
        check_finite("position_angle_rad", [self.position_angle_rad])?;
        check_finite("ra_offset_rad", [self.ra_offset_rad])?;
        check_finite("dec_offset_rad", [self.dec_offset_rad])?;
        if !(0.0..=1.0).contains(&self.axis_ratio) {
            return Err(Error::Parameter {
                name: "axis_ratio",
                value: self.axis_ratio,
                requirement: "in [0, 1]: the position angle is that of the major axis",
            });
        }
        Ok(())
    }

    pub(super) fn rotation(&self) -> Rotation {
        Rotation::new(self.position_angle_rad)
    }

    /// exp(2πi(u·ΔRA + v·ΔDec)).
    pub(super) fn phase(&self, u: f64, v: f64) -> Complex<f64> {
        let (cos, sin) = cos_sin_of_turns(self.turns(u, v));
        Complex::new(cos, sin)
    }

    #[inline(always)]
    fn turns(&self, u: f64, v: f64) -> f64 {
        u * self.ra_offset_rad + v * self.dec_offset_rad
    }

    /// ρ of a baseline.
    #[inline(always)]
    fn deprojected(&self, rotation: Rotation, u: f64, v: f64) -> f64 {
        let (along, across) = rotation.apply(u, v);
        let along = self.axis_ratio * along;
        (along * along + across * across).sqrt()
    }
}

/// Adds the visibilities of several sources to `out`, Jy; threaded over points.
///
/// # Errors
/// A parameter out of range; `out` of another length than the coverage.
pub fn add_sources<T: Real>(
    sources: &[AnalyticSource],
    coverage: &UvCoverage,
    out: &mut [Complex<T>],
) -> Result<()> {
    sources.iter().try_for_each(AnalyticSource::check)?;
    coverage.check()?;
    check_lengths("visibilities", out.len(), "u", coverage.u.len())?;
    let arch = Arch::new();
    let points =
        (coverage.u.par_chunks(POINTS_PER_TASK)).zip(coverage.v.par_chunks(POINTS_PER_TASK));
    (out.par_chunks_mut(POINTS_PER_TASK).zip(points)).for_each(|(out, (u, v))| {
        for source in sources {
            arch.dispatch(AddSource { source, u, v, out });
        }
    });
    Ok(())
}

/// Adds one source at some points, compiled for each instruction set.
struct AddSource<'a, T> {
    source: &'a AnalyticSource,
    u: &'a [f64],
    v: &'a [f64],
    out: &'a mut [Complex<T>],
}

impl<T: Real> WithSimd for AddSource<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let Self { source, u, v, out } = self;
        let rotation = source.rotation();
        let (mut amplitude, mut cos, mut sin) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        let blocks = u.chunks(BLOCK).zip(v.chunks(BLOCK));
        for ((u, v), out) in blocks.zip(out.chunks_mut(BLOCK)) {
            for (((&u, &v), amplitude), (cos, sin)) in (u.iter().zip(v))
                .zip(&mut amplitude)
                .zip(cos.iter_mut().zip(&mut sin))
            {
                *amplitude = source.deprojected(rotation, u, v);
                (*cos, *sin) = cos_sin_of_turns_simd::<S>(source.turns(u, v));
            }
            for amplitude in amplitude.iter_mut().take(out.len()) {
                *amplitude = source.flux_jy * source.shape.visibility(*amplitude);
            }
            for ((out, amplitude), (cos, sin)) in
                (out.iter_mut().zip(&amplitude)).zip(cos.iter().zip(&sin))
            {
                out.re += T::from_f64_rounded(amplitude * cos);
                out.im += T::from_f64_rounded(amplitude * sin);
            }
        }
    }
}
