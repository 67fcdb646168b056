//! Samplers and optimizers against distributions and maxima known beforehand.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as the tests themselves do"
)]

mod checkpoint;
mod distributions;
mod ensemble;
mod gradients;
mod maximum;
mod properties;
mod spot;
mod traits;
