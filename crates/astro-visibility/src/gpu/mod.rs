//! The same plans on a GPU.
//!
//! A plan built with [`crate::VisibilityPlanBuilder::build_on`] keeps points, data and weights on the
//! device. χ² and visibilities of images and profiles are one chain of kernels there: drawing or packing
//! under the primary beam, FFT, sampling with rotation, phase, comparison; what comes back is a few sums.
//! Many profiles are one submission. A gradient is one chain there and back. Imaging and spectra draw their
//! images on the host and transform them on the device.

mod chain;
mod engine;
mod gradient;

pub(crate) use chain::{DrawnProfile, RadialTable};
pub(crate) use engine::{Device, unsupported};
