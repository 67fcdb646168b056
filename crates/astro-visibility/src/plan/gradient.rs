//! Derivatives of χ² with respect to an image and its placement.
//!
//! With the residual `r = V − D` and the offset factor `P`,
//!
//! $$ \frac{\partial\chi^2}{\partial I_{ij}} = \mathrm{Re}\sum_k c_k\,e^{2\pi i(u'_k l_j + v'_k m_i)},
//!    \qquad c_k = 2 w_k\,\bar r_k P_k, $$
//!
//! the adjoint of the sampling. An offset multiplies `V` by `2πi u` or `2πi v`; a rotation moves
//! `(u', v')` by `(−v', u')`, so its derivative needs the transforms of `l·I` and `m·I`.

use std::f64::consts::TAU;

use astro_core::Real;
use astro_fft::FftReal;
use ndarray::{Array2, ArrayView2};
use num_complex::{Complex, Complex64};
use rayon::prelude::*;

use super::image::{ToVisibilities, check_pixels};
use super::{Engine, VisibilityPlan};
use crate::drive::OffsetPhase;
use crate::geometry::Placement;
use crate::image_rows::{ImageRows, WeightedRows};
use crate::kernel::cos_sin_of_turns;
use crate::primary_beam::BeamRows;
use crate::{Error, ImageGrid, ImageMethod, Result};

/// χ² and its derivatives with respect to rotation and shift.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PlacementGradient {
    /// `∂χ²/∂PA`, per radian.
    pub position_angle: f64,
    /// `∂χ²/∂ΔRA`, per radian.
    pub ra_offset: f64,
    /// `∂χ²/∂ΔDec`, per radian.
    pub dec_offset: f64,
}

/// χ² of an image and its derivatives.
#[derive(Clone, Debug)]
pub struct ImageGradient<T> {
    /// χ² itself.
    pub chi2: f64,
    /// `∂χ²/∂I`, shape `[rows, columns]`, per Jy/pixel.
    pub image: Array2<T>,
    /// Derivatives with respect to rotation and shift.
    pub placement: PlacementGradient,
}

/// What one point contributes to every derivative.
pub(super) struct PointResidual {
    /// `2 w r̄ P`: the coefficient of the adjoint.
    pub(super) coefficient: Complex64,
    /// Baselines on the sky.
    pub(super) u: f64,
    pub(super) v: f64,
    /// `Re(2 w r̄ V · 2πi)`: what `u` and `v` multiply in the offset derivatives.
    pub(super) turning: f64,
    pub(super) chi2: f64,
}

impl<T: FftReal> VisibilityPlan<T> {
    /// χ² of an image with `∂χ²/∂image` and `∂χ²/∂(PA, ΔRA, ΔDec)`.
    ///
    /// # Errors
    /// As [`VisibilityPlan::chi2_image`]; [`Error::Unsupported`] for the `Bilinear` and `Galario` methods,
    /// whose value jumps in slope from cell to cell.
    pub fn chi2_image_gradient(
        &self,
        image: ArrayView2<'_, T>,
        placement: &Placement,
    ) -> Result<ImageGradient<T>> {
        self.grid.check_shape("image", image.shape())?;
        check_pixels(&image)?;
        self.require_smooth("a gradient")?;
        placement.check()?;
        #[cfg(feature = "gpu")]
        if let Some(device) = self.device() {
            return self.image_gradient_on(device, &image, placement);
        }
        let beam = self.beam_rows(placement);
        let seen = |i: usize, j: usize| beam.as_ref().map_or(1.0, |beam| beam.power(i, j));
        let attenuated = WeightedRows {
            image: &image,
            weight: seen,
        };
        let residuals = self.residuals(&self.values(&attenuated, placement)?, placement)?;
        let gradient = self.placement_gradient(&image, placement, &residuals)?;
        let coefficients: Vec<Complex64> = residuals.iter().map(|r| r.coefficient).collect();
        let mut adjoint = Array2::from_elem((self.grid.rows, self.grid.columns), T::zero());
        self.adjoint(&coefficients, placement, &mut adjoint)?;
        self.divide_by_n(&mut adjoint, placement)?;
        if let Some(beam) = &beam {
            attenuate(&mut adjoint, beam);
        }
        Ok(ImageGradient {
            chi2: residuals
                .iter()
                .map(|r| r.chi2)
                .collect::<astro_core::CompensatedSum>()
                .value(),
            image: adjoint,
            placement: gradient,
        })
    }

    /// `∂χ²/∂(PA, ΔRA, ΔDec)` from the residuals.
    pub(super) fn placement_gradient(
        &self,
        image: &dyn ImageRows<T>,
        placement: &Placement,
        residuals: &[PointResidual],
    ) -> Result<PlacementGradient> {
        let weighted = |weight: &(dyn Fn(usize, usize) -> f64 + Sync)| {
            self.values(&WeightedRows { image, weight }, placement)
        };
        let beam = self.beam_rows(placement);
        let seen = |i: usize, j: usize| beam.as_ref().map_or(1.0, |beam| beam.power(i, j));
        let east = weighted(&|i, j| self.grid.east_rad(j) * seen(i, j))?;
        let north = weighted(&|i, j| self.grid.north_rad(i) * seen(i, j))?;
        let rotation = placement.rotation();
        let mut gradient = PlacementGradient::default();
        for (r, (l, m)) in residuals.iter().zip(east.iter().zip(&north)) {
            let (ur, vr) = rotation.apply(r.u, r.v);
            let moved = wide(*m) * ur - wide(*l) * vr;
            gradient.position_angle += (r.coefficient * Complex64::new(0.0, TAU) * moved).re;
            gradient.ra_offset += r.turning * r.u;
            gradient.dec_offset += r.turning * r.v;
        }
        if let Some(beam) = &beam {
            let slopes = [0, 1, 2].map(|which| weighted(&|i, j| beam.slopes(i, j)[which]));
            let [position_angle, ra_offset, dec_offset] = slopes;
            gradient.position_angle += projected(residuals, &position_angle?);
            gradient.ra_offset += projected(residuals, &ra_offset?);
            gradient.dec_offset += projected(residuals, &dec_offset?);
        }
        if let Some(w_term) = self.w_term {
            let [position_angle, ra_offset, dec_offset] =
                self.slopes_by_depth(w_term, placement, residuals, &seen, &weighted)?;
            gradient.position_angle += position_angle;
            gradient.ra_offset += ra_offset;
            gradient.dec_offset += dec_offset;
        }
        Ok(gradient)
    }

    /// Residuals of the points of positive weight, from visibilities without offset phase.
    pub(super) fn residuals<P: Real>(
        &self,
        values: &[Complex<P>],
        placement: &Placement,
    ) -> Result<Vec<PointResidual>> {
        let observed = self.points.observed().ok_or(Error::NoData)?;
        Ok(observed
            .zip(values)
            .enumerate()
            .map(|(k, ((observed, weight), &value))| {
                let (u, v) = (self.points.u[k], self.points.v[k]);
                let turns = u * placement.ra_offset_rad + v * placement.dec_offset_rad;
                let (cos, sin) = cos_sin_of_turns(turns);
                let phase = Complex64::new(cos, sin);
                let model = wide(value) * phase;
                let residual = model - observed;
                let pull = 2.0 * weight * residual.conj();
                PointResidual {
                    coefficient: pull * phase,
                    u,
                    v,
                    turning: -TAU * (pull * model).im,
                    chi2: weight * residual.norm_sqr(),
                }
            })
            .collect())
    }

    /// Visibilities, in point order and without the offset's phase, of an image that is under the
    /// beam already.
    pub(super) fn values(
        &self,
        image: &dyn ImageRows<T>,
        placement: &Placement,
    ) -> Result<Vec<Complex<T>>> {
        let phase = OffsetPhase {
            ra_rad: 0.0,
            dec_rad: 0.0,
        };
        self.sample_with_phase(image, placement, phase, ToVisibilities::<T>::new())
    }

    /// `out_ij = Re Σ_k c_k exp(2πi(u′ l_j + v′ m_i [+ w (n_ij − 1)]))` over the first points, as many as
    /// coefficients.
    pub(super) fn adjoint(
        &self,
        coefficients: &[Complex64],
        placement: &Placement,
        out: &mut Array2<T>,
    ) -> Result<()> {
        if self.w_term.is_some() {
            return self.adjoint_deep(coefficients, placement, out);
        }
        match &self.engine {
            Engine::Stack(_) => unreachable!("a stack is made for a w-term"),
            Engine::Exact {
                nufft,
                values: pool,
                ..
            } => {
                let sorted = self.sorted_for(nufft, placement.position_angle_rad)?;
                let mut values = pool.take(Vec::new);
                values.clear();
                values.resize(self.points.len(), Complex::new(T::zero(), T::zero()));
                for (to, from) in values.iter_mut().zip(coefficients) {
                    *to = Complex::new(T::from_f64_rounded(from.re), T::from_f64_rounded(from.im));
                }
                nufft.points_to_uniform(&values, &sorted, out.view_mut())?;
                Ok(())
            }
            Engine::Direct => {
                let rotation = placement.rotation();
                let points: Vec<(f64, f64)> = (0..coefficients.len())
                    .map(|k| rotation.apply(self.points.u[k], self.points.v[k]))
                    .collect();
                adjoint_direct(&self.grid, &points, coefficients, out);
                Ok(())
            }
            Engine::Grid { .. } => Err(not_smooth("the adjoint")),
            #[cfg(feature = "gpu")]
            Engine::Gpu(device) => {
                self.require_smooth("the adjoint")?;
                let pixels = device.adjoint(coefficients, placement)?;
                for (to, from) in out.iter_mut().zip(pixels) {
                    *to = T::from_f64_rounded(from);
                }
                Ok(())
            }
        }
    }

    pub(super) fn require_smooth(&self, what: &'static str) -> Result<()> {
        if matches!(
            self.image_method,
            ImageMethod::Bilinear | ImageMethod::Galario
        ) {
            Err(not_smooth(what))
        } else {
            Ok(())
        }
    }
}

/// The transposed beam: multiplies each pixel of an adjoint image.
pub(super) fn attenuate<T: Real>(image: &mut Array2<T>, beam: &BeamRows<'_>) {
    for ((i, j), pixel) in image.indexed_iter_mut() {
        *pixel = T::from_f64_rounded(pixel.as_f64() * beam.power(i, j));
    }
}

/// `Re Σ 2 w r̄ P z`: the derivative of χ² along a change `z` of the centred visibilities.
pub(super) fn projected<T: Real>(residuals: &[PointResidual], change: &[Complex<T>]) -> f64 {
    let terms = residuals
        .iter()
        .zip(change)
        .map(|(r, &z)| (r.coefficient * wide(z)).re);
    terms.collect::<astro_core::CompensatedSum>().value()
}

fn not_smooth(what: &'static str) -> Error {
    Error::Unsupported {
        what,
        with: "the Bilinear and Galario methods",
        remedy: "build the plan with ImageMethod::Exact",
    }
}

pub(super) fn wide<T: Real>(z: Complex<T>) -> Complex64 {
    Complex64::new(z.re.as_f64(), z.im.as_f64())
}

fn adjoint_direct<T: Real>(
    grid: &ImageGrid,
    points: &[(f64, f64)],
    coefficients: &[Complex64],
    out: &mut Array2<T>,
) {
    let width = out.ncols().max(1);
    let Some(pixels) = out.as_slice_mut() else {
        unreachable!("the array was made in standard layout");
    };
    pixels
        .par_chunks_mut(width)
        .enumerate()
        .for_each(|(i, row)| {
            let m = grid.north_rad(i);
            for (j, pixel) in row.iter_mut().enumerate() {
                let l = grid.east_rad(j);
                let sum: f64 = points
                    .iter()
                    .zip(coefficients)
                    .map(|(&(u, v), c)| {
                        let (cos, sin) = cos_sin_of_turns(u * l + v * m);
                        c.re * cos - c.im * sin
                    })
                    .sum();
                *pixel = T::from_f64_rounded(sum);
            }
        });
}
