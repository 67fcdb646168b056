//! Light curves: counts, or any other quantity, in equal time bins.

mod combine;
mod curve;
mod errors;
#[cfg(feature = "io")]
mod fits;
mod rebin;

pub use curve::LightCurve;
pub use errors::{CountErrors, poisson_symmetric_error};
