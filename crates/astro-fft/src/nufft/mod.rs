//! Non-uniform Fourier transforms.
//!
//! Type 2 evaluates Σ_j f_j exp(±2πi x_k j) at points x_k by three steps: divide
//! f by the kernel's transform φ̂, take an FFT of σ > 1 times the length, and
//! interpolate the result with the kernel φ at each point. Type 1 is the same
//! backwards. The kernel's aliases bound the error ([`EsKernel`]); σ and the
//! kernel's width follow from the error asked for and from an estimate of the
//! time that this shape and these points will take.
//!
//! In two dimensions the oversampled grid is never stored. Rows are transformed
//! first and only the columns under some point's kernel are kept; these are
//! transformed eight at a time into a window that slides over the grid, and the
//! points below it are interpolated while it is in the cache.

#[cfg(feature = "gpu")]
mod device_grid;
mod grid;
mod kernel;
mod lanes;
mod nufft1;
mod nufft2;
mod plan;
mod points;
mod real_nufft2;
mod rows;
mod sampling;
mod setup;
mod taps;
mod transform;
mod window;

#[cfg(feature = "gpu")]
pub(crate) use device_grid::DeviceGrid;
pub use kernel::EsKernel;
pub(crate) use lanes::Lanes;
pub use nufft1::Nufft1;
pub use nufft2::Nufft2;
pub use points::NufftPoints;
pub use real_nufft2::RealNufft2;
pub(crate) use rows::Pad;
pub(crate) use sampling::{Interpolate, KernelTable, MakeTable, Spread};
