//! GPUs: what there is, whether it computes right, and how fast.

#[cfg(feature = "gpu")]
pub(crate) mod bench;
#[cfg(feature = "gpu")]
pub(crate) mod info;
#[cfg(feature = "gpu")]
mod problem;
#[cfg(feature = "gpu")]
pub(crate) mod test;

#[cfg(not(feature = "gpu"))]
pub(crate) mod absent;
