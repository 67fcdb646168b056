//! Two dimensions, real samples.

use std::fmt;
use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut2};
use num_complex::Complex;

use super::plan::{Plan, smallest_error};
use super::points::NufftPoints;
use super::rows::RealRows;
use crate::{FftReal, Result, Sign};

/// Non-uniform Fourier transform of real samples on a grid, in two dimensions:
///
/// type 2, c_k = Σ_ij f_ij exp(±2πi(r_k (i − ⌊N₀/2⌋) + s_k (j − ⌊N₁/2⌋))), and its
/// real adjoint, type 1, f_ij = Re Σ_k c_k exp(±2πi(…)) with the same sign.
///
/// Points (r_k, s_k) are in turns a sample, any real numbers; only their parts
/// modulo 1 matter. A point of negative s is folded onto −(r, s), so that the
/// transform costs about half of the complex one, [`crate::Nufft2`].
///
/// A plan is immutable and may be used by many threads at once; what it needs
/// while it works is pooled and used again.
///
/// ```
/// use astro_fft::{RealNufft2, Sign};
/// use ndarray::Array2;
/// use num_complex::Complex;
///
/// # fn main() -> Result<(), astro_fft::Error> {
/// let image = Array2::from_shape_fn((8, 10), |(i, j)| if (i, j) == (4, 6) { 1.0 } else { 0.0 });
/// let plan = RealNufft2::<f64>::new([8, 10], Sign::Positive, 1e-10)?;
/// let points = plan.points(&[0.3, -0.1], &[0.125, 0.25])?;
/// let mut visibilities = [Complex::default(); 2];
/// plan.uniform_to_points(image.view(), &points, &mut visibilities)?;
/// // One column right of the centre: exp(2πi/8), exp(2πi/4).
/// assert!((visibilities[0] - Complex::from_polar(1.0, std::f64::consts::FRAC_PI_4)).norm() < 1e-10);
/// assert!((visibilities[1] - Complex::I).norm() < 1e-10);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RealNufft2<T: FftReal> {
    plan: Plan<T, RealRows<T>>,
    sign: Sign,
}

impl<T: FftReal> RealNufft2<T> {
    /// A plan for images of `shape` [rows, columns], each >= 1.
    ///
    /// `rel_error` bounds max |error| / Σ|f| of type 2, and likewise
    /// max |error| / Σ|c| of type 1, for any input.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Empty`] for a shape with a 0; [`crate::Error::RelativeError`] if
    /// `rel_error` is below what the precision can reach, with that floor.
    pub fn new(shape: [usize; 2], sign: Sign, rel_error: f64) -> Result<Self> {
        Ok(Self {
            plan: Plan::new(shape, rel_error, RealRows::new)?,
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

    /// Type 2: the transform of an image at the points.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Shape`] or [`crate::Error::Length`] if the image or `out` do
    /// not fit; [`crate::Error::OtherPlan`] for points of another plan;
    /// [`crate::Error::NotFinite`] with the place of a NaN or infinity.
    pub fn uniform_to_points(
        &self,
        image: ArrayView2<T>,
        points: &NufftPoints,
        out: &mut [Complex<T>],
    ) -> Result<()> {
        self.plan
            .uniform_to_points(image, points, |folded| self.conjugate(folded), out)
    }

    /// Type 2 of an image that is never stored: `fill_row` writes the row of an
    /// index in `row_range`; all other rows are zero.
    ///
    /// # Errors
    ///
    /// As [`Self::uniform_to_points`]; [`crate::Error::RowRange`] for rows that do
    /// not exist.
    pub fn uniform_to_points_rows(
        &self,
        row_range: Range<usize>,
        fill_row: &(dyn Fn(usize, &mut [T]) + Sync),
        points: &NufftPoints,
        out: &mut [Complex<T>],
    ) -> Result<()> {
        let conjugate = |folded| self.conjugate(folded);
        self.plan
            .uniform_to_points_rows(&row_range, fill_row, points, conjugate, out)
    }

    /// Type 1, the real adjoint: f_ij = Re Σ_k c_k exp(±2πi(…)), written to `out`.
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
        out: ArrayViewMut2<T>,
    ) -> Result<()> {
        // Real parts: conjugating a value flips the sign of its exponent.
        let conjugate = |folded| folded != (self.sign == Sign::Negative);
        self.plan.points_to_uniform(values, points, conjugate, out)
    }

    /// Bytes that a type 2 transform with these points holds besides its
    /// arguments, in complex numbers of `T`: N₀ · C for the row transforms, and
    /// R · 32 to R · 40 + 8 · L₀ + 2¹⁵ (more for over 2²¹ points) for each thread.
    /// L₀ × L₁ is the oversampled grid, 1.2 to 4 times the image along each axis and
    /// never stored; C = L₁ · max|s| + width columns and
    /// R = L₀ · (max r − min r) + width rows of it are needed.
    ///
    /// # Errors
    ///
    /// [`crate::Error::OtherPlan`] for points of another plan.
    pub fn memory_bytes(&self, points: &NufftPoints) -> Result<usize> {
        self.plan.memory_bytes(points)
    }

    /// Rows are transformed with the sign −.
    fn conjugate(&self, folded: bool) -> bool {
        folded != (self.sign == Sign::Positive)
    }
}

impl<T: FftReal> fmt::Debug for RealNufft2<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plan.debug("RealNufft2", self.sign, formatter)
    }
}
