//! One test binary for the crate.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails shall fail its test"
)]

mod analytic;
mod errors;
mod fit;
mod fit_gradient;
mod fit_models;
mod fit_sampling;
#[cfg(feature = "gpu")]
mod gpu;
mod gradients;
mod imaging;
mod methods;
mod scene;
mod spectra;
mod w_term;
