//! Light curves: counts, or any other quantity, in equal time bins.

mod combine;
mod curve;
mod errors;
mod rebin;

pub use curve::LightCurve;
pub use errors::{CountErrors, poisson_symmetric_error};
