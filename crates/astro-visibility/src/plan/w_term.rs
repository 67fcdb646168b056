//! The w-term in a plan: sampling, adjoint, and what rotation and shift change through `n`.
//!
//! With `f = 1/n` or 1, moving the image changes `n_ij` and with it
//!
//! $$ \frac{\partial V_k}{\partial a} \mathrel{+}= \sum_{ij} I_{ij}\left(2\pi i\,w_k f_{ij} + f'_{ij}\right)
//!    \frac{\partial n_{ij}}{\partial a}\,e^{2\pi i(\dots)}, \qquad f' = -f/n \text{ or } 0. $$

use std::f64::consts::TAU;

use astro_core::CompensatedSum;
use astro_fft::FftReal;
use ndarray::Array2;
use num_complex::{Complex, Complex64};

use super::gradient::{PointResidual, projected, wide};
use super::{Engine, VisibilityPlan};
use crate::image_rows::{ImageRows, WeightedRows};
use crate::w_term::{Depth, adjoint_direct, sample_direct};
use crate::{Placement, Result, WTerm};

/// Visibilities of the image times a number for each pixel.
type Weighted<'a, T> =
    dyn Fn(&(dyn Fn(usize, usize) -> f64 + Sync)) -> Result<Vec<Complex<T>>> + 'a;

impl<T: FftReal> VisibilityPlan<T> {
    /// The w-term, if the plan has one.
    pub fn w_term(&self) -> Option<WTerm> {
        self.w_term
    }

    /// Visibilities in point order, without the phase of the offset.
    pub(super) fn sample_deep(
        &self,
        w_term: WTerm,
        image: &dyn ImageRows<T>,
        placement: &Placement,
    ) -> Result<Vec<Complex64>> {
        let depth = Depth::new(&self.grid, placement)?;
        if let Engine::Stack(stack) = &self.engine {
            let layout = stack.layout(&self.points, depth, placement.rotation());
            return layout.sample(image, w_term.divide_by_n);
        }
        let points = self.deep_points(placement, self.points.len());
        if !w_term.divide_by_n {
            return Ok(sample_direct(image, &self.grid, &depth, &points));
        }
        let divided = WeightedRows {
            image,
            weight: |i, j| depth.over_n(i, j),
        };
        Ok(sample_direct(&divided, &self.grid, &depth, &points))
    }

    /// `out_ij = Re Σ_k c_k exp(2πi(u′ l_j + v′ m_i + w (n_ij − 1)))`.
    pub(super) fn adjoint_deep(
        &self,
        coefficients: &[Complex64],
        placement: &Placement,
        out: &mut Array2<T>,
    ) -> Result<()> {
        let depth = Depth::new(&self.grid, placement)?;
        let sums = if let Engine::Stack(stack) = &self.engine {
            let layout = stack.layout(&self.points, depth, placement.rotation());
            layout.adjoint(coefficients)?
        } else {
            let points = self.deep_points(placement, coefficients.len());
            adjoint_direct(&self.grid, &depth, &points, coefficients)
        };
        for (to, from) in out.iter_mut().zip(sums) {
            *to = T::from_f64_rounded(from);
        }
        Ok(())
    }

    /// The transposed division by `n`, where the plan has it.
    pub(super) fn divide_by_n(&self, adjoint: &mut Array2<T>, placement: &Placement) -> Result<()> {
        if self.w_term.is_some_and(|w_term| w_term.divide_by_n) {
            let depth = Depth::new(&self.grid, placement)?;
            for ((i, j), pixel) in adjoint.indexed_iter_mut() {
                *pixel = T::from_f64_rounded(pixel.as_f64() * depth.over_n(i, j));
            }
        }
        Ok(())
    }

    /// What `∂χ²/∂(PA, ΔRA, ΔDec)` gain because `n` changes.
    pub(super) fn slopes_by_depth(
        &self,
        w_term: WTerm,
        placement: &Placement,
        residuals: &[PointResidual],
        seen: &(dyn Fn(usize, usize) -> f64 + Sync),
        weighted: &Weighted<'_, T>,
    ) -> Result<[f64; 3]> {
        let depth = Depth::new(&self.grid, placement)?;
        let mut slopes = [0.0; 3];
        for (which, slope) in slopes.iter_mut().enumerate() {
            let moved = weighted(&|i, j| seen(i, j) * depth.slopes(i, j)[which])?;
            let turned = residuals.iter().zip(&moved).zip(&self.points.w);
            let terms = turned.map(|((r, &z), w)| -TAU * w * (r.coefficient * wide(z)).im);
            *slope = terms.collect::<CompensatedSum>().value();
            if w_term.divide_by_n {
                // The sampler divides by n once more.
                let faded = |i, j| -seen(i, j) * depth.slopes(i, j)[which] * depth.over_n(i, j);
                *slope += projected(residuals, &weighted(&faded)?);
            }
        }
        Ok(slopes)
    }

    /// `[u′, v′, w]` of the first points.
    fn deep_points(&self, placement: &Placement, count: usize) -> Vec<[f64; 3]> {
        let rotation = placement.rotation();
        let (u, v, w) = (&self.points.u, &self.points.v, &self.points.w);
        (0..count)
            .map(|k| {
                let (x, y) = rotation.apply(u[k], v[k]);
                [x, y, w[k]]
            })
            .collect()
    }
}
