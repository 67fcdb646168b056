//! One dimension, complex samples.

use std::fmt;

use ndarray::aview1;
use num_complex::Complex;

use super::points::NufftPoints;
use crate::error::check_length;
use crate::{FftReal, Nufft2, Result, Sign};

/// Non-uniform Fourier transform of n complex samples in one dimension:
///
/// type 2, c_k = Σ_j f_j exp(±2πi x_k (j − ⌊n/2⌋)), and
/// type 1, f_j = Σ_k c_k exp(±2πi x_k (j − ⌊n/2⌋)), both with the sign of the
/// plan. The adjoint of type 2 is type 1 of a plan with the other sign.
///
/// Points x_k are in turns a sample, any real numbers; only their parts modulo 1
/// matter.
///
/// ```
/// use astro_fft::{Nufft1, Sign};
/// use num_complex::Complex;
///
/// # fn main() -> Result<(), astro_fft::Error> {
/// let plan = Nufft1::<f64>::new(5, Sign::Positive, 1e-12)?;
/// let points = plan.points(&[0.25, 1.25])?;
/// let f = [0.0, 0.0, 0.0, 1.0, 0.0].map(|x| Complex::new(x, 0.0));
/// let mut c = [Complex::default(); 2];
/// plan.uniform_to_points(&f, &points, &mut c)?;
/// assert!((c[0] - Complex::I).norm() < 1e-12); // exp(2πi · 0.25 · (3 − 2))
/// assert_eq!(c[0], c[1]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Nufft1<T: FftReal> {
    // One row: the other axis has one sample and no kernel.
    plan: Nufft2<T>,
    sign: Sign,
}

impl<T: FftReal> Nufft1<T> {
    /// A plan for `samples` >= 1; see [`Nufft2::new`].
    ///
    /// # Errors
    ///
    /// As [`Nufft2::new`].
    pub fn new(samples: usize, sign: Sign, rel_error: f64) -> Result<Self> {
        Ok(Self {
            plan: Nufft2::new([1, samples], sign, rel_error)?,
            sign,
        })
    }

    /// Number of samples of the uniform side.
    pub fn samples(&self) -> usize {
        self.plan.shape()[1]
    }

    /// Sorts points for this plan: `x` in turns a sample.
    ///
    /// # Errors
    ///
    /// [`crate::Error::BadValue`] with the index of the first point that is not
    /// finite.
    pub fn points(&self, x: &[f64]) -> Result<NufftPoints> {
        self.plan.points(&vec![0.0; x.len()], x)
    }

    /// Type 2: the transform of `f` at the points.
    ///
    /// # Errors
    ///
    /// As [`Nufft2::uniform_to_points`].
    pub fn uniform_to_points(
        &self,
        f: &[Complex<T>],
        points: &NufftPoints,
        out: &mut [Complex<T>],
    ) -> Result<()> {
        check_length("f", f.len(), self.samples())?;
        let row = aview1(f);
        let row = row.insert_axis(ndarray::Axis(0));
        self.plan.uniform_to_points(row, points, out)
    }

    /// Type 1: f_j = Σ_k c_k exp(±2πi x_k (j − ⌊n/2⌋)), written to `out`.
    ///
    /// # Errors
    ///
    /// As [`Nufft2::points_to_uniform`].
    pub fn points_to_uniform(
        &self,
        values: &[Complex<T>],
        points: &NufftPoints,
        out: &mut [Complex<T>],
    ) -> Result<()> {
        check_length("out", out.len(), self.samples())?;
        let row = ndarray::ArrayViewMut1::from(out);
        let row = row.insert_axis(ndarray::Axis(0));
        self.plan.points_to_uniform(values, points, row)
    }

    /// Bytes that a type 2 transform with these points holds besides its arguments.
    ///
    /// # Errors
    ///
    /// [`crate::Error::OtherPlan`] for points of another plan.
    pub fn memory_bytes(&self, points: &NufftPoints) -> Result<usize> {
        self.plan.memory_bytes(points)
    }
}

impl<T: FftReal> fmt::Debug for Nufft1<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Nufft1")
            .field("precision", &T::NAME)
            .field("samples", &self.samples())
            .field("sign", &self.sign)
            .finish()
    }
}
