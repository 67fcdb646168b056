//! Two dimensions, complex samples.

use std::fmt;

use ndarray::{ArrayView2, ArrayViewMut2};
use num_complex::Complex;

use super::plan::{Plan, smallest_error};
use super::points::NufftPoints;
use super::rows::ComplexRows;
use crate::{FftReal, Result, Sign};

/// Non-uniform Fourier transform of complex samples on a grid, in two
/// dimensions:
///
/// type 2, c_k = Σ_ij f_ij exp(±2πi(r_k (i − ⌊N₀/2⌋) + s_k (j − ⌊N₁/2⌋))), and
/// type 1, f_ij = Σ_k c_k exp(±2πi(…)), both with the sign of the plan. The
/// adjoint of type 2 is type 1 of a plan with the other sign.
///
/// Points (r_k, s_k) are in turns a sample, any real numbers; only their parts
/// modulo 1 matter. For real samples see [`crate::RealNufft2`].
///
/// ```
/// use astro_fft::{Nufft2, Sign};
/// use ndarray::Array2;
/// use num_complex::Complex;
///
/// # fn main() -> Result<(), astro_fft::Error> {
/// let plan = Nufft2::<f64>::new([6, 5], Sign::Negative, 1e-9)?;
/// let points = plan.points(&[0.25], &[0.1])?;
/// let mut f = Array2::zeros((6, 5));
/// plan.points_to_uniform(&[Complex::new(2.0, 0.0)], &points, f.view_mut())?;
/// // exp(−2πi · 0.25 · (4 − 3)) = −i
/// assert!((f[[4, 2]] - Complex::new(0.0, -2.0)).norm() < 2e-9);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Nufft2<T: FftReal> {
    plan: Plan<T, ComplexRows<T>>,
    sign: Sign,
}

impl<T: FftReal> Nufft2<T> {
    /// A plan for arrays of `shape` [rows, columns], each >= 1.
    ///
    /// `rel_error` bounds max |error| / Σ|f| of type 2, and likewise
    /// max |error| / Σ|c| of type 1, for any input.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Empty`] for a shape with a 0; [`crate::Error::RelativeError`] if
    /// `rel_error` is below what the precision can reach, with that floor.
    pub fn new(shape: [usize; 2], sign: Sign, rel_error: f64) -> Result<Self> {
        let rows = move |samples, length| ComplexRows::new(samples, length, sign);
        Ok(Self {
            plan: Plan::new(shape, rel_error, rows)?,
            sign,
        })
    }

    /// The smallest `rel_error` for a shape: where rounding in the FFT, amplified
    /// at the corners of the image, would exceed it. About 1e-14 in `f64` and 1.5e-6
    /// in `f32`, growing slowly with the size.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Empty`] for a shape with a 0, [`crate::Error::TooLarge`] for
    /// one that exceeds the address space.
    pub fn smallest_error(shape: [usize; 2]) -> Result<f64> {
        smallest_error::<T>(shape)
    }

    /// Rows and columns of the uniform side.
    pub fn shape(&self) -> [usize; 2] {
        self.plan.shape()
    }

    /// Sorts points for this plan: `row` and `column` in turns a sample.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Length`] for slices of two lengths;
    /// [`crate::Error::BadValue`] with the index of the first point that is not
    /// finite.
    pub fn points(&self, row: &[f64], column: &[f64]) -> Result<NufftPoints> {
        self.plan.points(row, column)
    }

    /// Type 2: the transform of `f` at the points.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Shape`] or [`crate::Error::Length`] if `f` or `out` do not
    /// fit; [`crate::Error::OtherPlan`] for points of another plan;
    /// [`crate::Error::NotFinite`] with the place of a NaN or infinity.
    pub fn uniform_to_points(
        &self,
        f: ArrayView2<Complex<T>>,
        points: &NufftPoints,
        out: &mut [Complex<T>],
    ) -> Result<()> {
        self.plan.uniform_to_points(f, points, |_| false, out)
    }

    /// Type 1: f_ij = Σ_k c_k exp(±2πi(…)), written to `out`.
    ///
    /// Its bits do not depend on the number of threads.
    ///
    /// # Errors
    ///
    /// As [`Self::uniform_to_points`]; [`crate::Error::BadValue`] with the index of
    /// a value that is not finite.
    pub fn points_to_uniform(
        &self,
        values: &[Complex<T>],
        points: &NufftPoints,
        out: ArrayViewMut2<Complex<T>>,
    ) -> Result<()> {
        self.plan.points_to_uniform(values, points, |_| false, out)
    }

    /// Bytes that a type 2 transform with these points holds besides its arguments; see
    /// [`crate::RealNufft2::memory_bytes`].
    ///
    /// # Errors
    ///
    /// [`crate::Error::OtherPlan`] for points of another plan.
    pub fn memory_bytes(&self, points: &NufftPoints) -> Result<usize> {
        self.plan.memory_bytes(points)
    }
}

impl<T: FftReal> fmt::Debug for Nufft2<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plan.debug("Nufft2", self.sign, formatter)
    }
}
