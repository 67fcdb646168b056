//! The kernels of Astro HPC: WGSL text, and the host structs of their parameters.
//!
//! A kernel is the concatenation of the parts named in its [`Kernel`]: first the number type of the
//! wanted [`Precision`], then shared helpers, then its own file. Nothing else is done to the text, so
//! line numbers of a compiler refer to [`Kernel::source`]. The same kernel computes with one `f32`, with
//! a guarded pair of them, or with `f64`, because it does arithmetic through functions only (`r_add`,
//! `c_mul`): WGSL has no operators for types of one's own.
//!
//! ```
//! use astro_shaders::{Precision, kernels};
//!
//! let source = kernels::REDUCE_SUM.source(Precision::F32);
//! assert!(source.contains("alias real = f32;"));
//! ```
//!
//! `tests/it` parses, validates and translates every kernel to SPIR-V, MSL and HLSL without a device.

pub mod kernels;
mod params;
mod precision;
mod turns;

pub use kernels::{Access, Kernel};
pub use params::*;
pub use precision::Precision;
