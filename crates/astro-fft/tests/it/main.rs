//! Accuracy and algebra of the transforms, against direct sums.

#![allow(clippy::unwrap_used, reason = "a test that fails shall panic")]

mod direct;
mod fft1;
mod fft2;
#[cfg(feature = "gpu")]
mod gpu_fft;
#[cfg(feature = "gpu")]
mod gpu_nufft;
mod hankel;
mod nufft;
