//! One test binary for the crate.

mod analytic;
mod errors;
mod gradients;
mod methods;
mod scene;
