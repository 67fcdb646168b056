//! Fast Fourier transforms in one and two dimensions, for `f32` and `f64`; their
//! non-uniform kin, to any points and back ([`RealNufft2`], [`Nufft2`],
//! [`Nufft1`]); and the Hankel transform of radial profiles ([`HankelTablePlan`],
//! [`HankelPlan`]).
//!
//! One-dimensional transforms stand on `rustfft` and `realfft`; two-dimensional
//! ones transform rows, then columns eight at a time as the lanes of a vector,
//! threaded through rayon's current pool.
//!
//! # Conventions
//!
//! - A *forward* transform has the exponent −2πi, an *inverse* one +2πi; see
//!   [`Sign`]. **Neither is normalised**: forward then inverse multiplies by the
//!   number of samples.
//! - Images are `[row, column]`, row-major. Spectra are in natural (unshifted)
//!   order: index k is the frequency k for k ≤ n/2, and k − n above.
//! - The spectrum of real samples keeps the columns 0..=columns/2; the others
//!   are the complex conjugates F(i, j) = F*(−i, −j).
//! - No transform shifts anything. An image whose centre is sample ⌊n/2⌋ has a
//!   spectrum multiplied by exp(∓2πi k⌊n/2⌋/n), that is (−1)^k for even n: the
//!   consumer folds it into what it multiplies by anyway.
//!
//! # Usage
//!
//! ```
//! use astro_fft::RealFft2;
//! use ndarray::Array2;
//!
//! # fn main() -> Result<(), astro_fft::Error> {
//! let image = Array2::from_shape_fn((6, 10), |(i, j)| (i * j) as f64);
//! let fft = RealFft2::new(6, 10)?;
//! let spectrum = fft.forward(image.view())?;
//! assert_eq!(spectrum.dim(), (6, 6));
//! assert!((spectrum[[0, 0]].re - image.sum()).abs() < 1e-10);
//!
//! let back = fft.inverse(spectrum.view())? / 60.0;
//! assert!((&back - &image).iter().all(|difference| difference.abs() < 1e-12));
//! # Ok(())
//! # }
//! ```
//!
//! # Accuracy
//!
//! The relative L2 error of a transform of n samples stays below 4 ε log2(n)
//! (and 4 ε for n = 1), ε the spacing of the precision at 1, except for lengths
//! with a large prime factor, where Bluestein's algorithm costs up to three
//! times more; the tests compare with direct sums.
//!
//! Non-uniform transforms keep the error that is asked for, relative to the sum
//! of the moduli of the input, down to `smallest_error`: about 1e-14 in `f64` and
//! 1.5e-6 in `f32`, for any input.

#![allow(
    clippy::needless_pass_by_value,
    reason = "array views are passed by value, as ndarray's own functions take them"
)]

mod aligned;
mod column;
mod complex2;
mod error;
#[cfg(feature = "gpu")]
mod gpu;
mod half_plane;
mod hankel;
mod kernel;
mod line;
mod nufft;
mod quadrature;
mod real;
mod real2;
mod rows;
mod sign;
mod transpose;

pub use column::{ColumnFft, ColumnScratch};
pub use complex2::ComplexFft2;
pub use error::{Error, Result};
#[cfg(feature = "gpu")]
pub use gpu::{
    GpuBeam, GpuComplexFft, GpuHalfPlane, GpuImageAdjoint, GpuImageSampler, GpuRadialAdjoint,
    GpuRealFft, GpuRealNufft2, GpuSampling, HalfPlaneShape, RESIDUAL_SUMS, SampleRequest,
    record_radial_residuals, record_radial_samples,
};
pub use half_plane::{HalfPlane, PANEL_COLUMNS};
pub use hankel::{HankelPlan, HankelTable, HankelTablePlan, ProfileGrid, bessel_j0, bessel_j1};
pub use line::{ComplexFft1, RealFft1};
pub use nufft::{EsKernel, Nufft1, Nufft2, NufftPoints, RealNufft2};
pub use real::FftReal;
pub use real2::RealFft2;
pub use sign::Sign;
