//! The same transforms on a GPU.
//!
//! Signs, orders and the lack of normalisation are those of the rest of the crate. Lengths whose prime
//! factors are 2, 3, 5 and 7 take Stockham's algorithm in shared memory, others Bluestein's. Each type
//! has a part for callers on the host (`forward`, `process`) and one that is recorded into a
//! [`astro_gpu::CommandList`], for chains that stay on the device.

mod adjoint;
mod complex;
mod factors;
mod lines;
mod nufft;
mod plane;
mod radial;
mod real;
mod sampler;

pub use adjoint::GpuImageAdjoint;
pub use complex::GpuComplexFft;
pub use nufft::GpuRealNufft2;
pub use plane::{GpuHalfPlane, HalfPlaneShape};
pub use radial::{GpuRadialAdjoint, record_radial_residuals, record_radial_samples};
pub use real::GpuRealFft;
pub use sampler::{GpuBeam, GpuImageSampler, GpuSampling, RESIDUAL_SUMS, SampleRequest};

use astro_core::Real;
use astro_gpu::Gpu;
use astro_gpu::shaders::Precision;
use num_complex::Complex;

use crate::{Error, FftReal, Result};

/// The precision for callers who compute in `T`.
fn precision_for<T: FftReal>(gpu: &Gpu) -> Result<Precision> {
    Ok(gpu.precision_for(size_of::<T>() == size_of::<f64>())?)
}

/// Reals as `f64`.
fn widened<T: Real>(values: impl IntoIterator<Item = T>) -> Vec<f64> {
    values.into_iter().map(Real::as_f64).collect()
}

/// Pairs as complex numbers.
fn complexes<T: Real>(numbers: &[f64]) -> Vec<Complex<T>> {
    let (pairs, _) = numbers.as_chunks();
    pairs
        .iter()
        .map(|&[re, im]| Complex::new(T::from_f64_rounded(re), T::from_f64_rounded(im)))
        .collect()
}

/// Kernels count elements in 32 bits.
fn check_countable(rows: usize, columns: usize) -> Result<()> {
    match rows.checked_mul(columns) {
        Some(count) if count < 1 << 31 => Ok(()),
        _ => Err(Error::TooLarge { rows, columns }),
    }
}
