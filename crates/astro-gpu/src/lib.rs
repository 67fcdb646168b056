//! Devices, typed buffers, recorded command lists and general kernels over `wgpu`: Vulkan, Metal and
//! DX12. It knows no astronomy; the kernels' text is in `astro-shaders`.
//!
//! # Usage
//!
//! Open a device, record what it should do, run it:
//!
//! ```
//! use astro_gpu::{CommandList, Gpu, GpuOptions, Precision, Sum};
//!
//! let Ok(gpu) = Gpu::open(&GpuOptions::default()) else { return Ok(()) };
//! let numbers: Vec<f64> = (0..10_000).map(f64::from).collect();
//! let values = gpu.reals_of("numbers", &numbers, Precision::F32)?;
//! let sum = Sum::new(&gpu, numbers.len(), Precision::F32)?;
//!
//! let mut list = CommandList::new();
//! let total = sum.record(&mut list, &values);
//! let mut results = gpu.run(list)?;
//! assert!((total.value(&mut results) / 49_995_000.0 - 1.0).abs() < 1e-6);
//! # Ok::<(), astro_gpu::Error>(())
//! ```
//!
//! # Precision
//!
//! [`GpuPrecision`] says how plans compute. When a device is opened, each precision is tested on it with
//! 1024 pairs of numbers; [`Gpu::support`] has the errors found. A precision that is missing or fails is
//! an error where it is asked for, never silently another one, and never the CPU.
//!
//! # Limits
//!
//! Dispatches of more than 65535 workgroups are two-dimensional ([`Groups`]); what exceeds the bytes
//! that a kernel can see at once is cut by [`chunks`], or refused with both numbers.

mod adapter;
mod buffer;
mod command;
mod context;
mod error;
mod execute;
mod groups;
mod pipeline;
mod precision;
mod reduce;
mod scan;
mod sort;
mod staging;
#[doc(hidden)]
pub mod testing;

pub use adapter::{AdapterChoice, AdapterKind, AdapterReport, adapters};
pub use astro_shaders as shaders;
pub use astro_shaders::Precision;
pub use buffer::{Buffer, Reals, Slice};
pub use command::{CommandList, Dispatch, ReadBack, ReadBackReals};
pub use context::{Gpu, GpuOptions};
pub use error::{Error, Result};
pub use execute::{Pending, Results, StageTime};
pub use groups::{GROUPS_PER_DIMENSION, Groups, chunks};
pub use precision::{GpuPrecision, Support};
pub use reduce::{PendingSum, Sum, compensated};
pub use scan::Scan;
pub use sort::RadixSort;
