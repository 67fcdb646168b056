//! One test binary for the crate.

mod analytic;
mod errors;
mod gradients;
mod imaging;
mod methods;
mod scene;
mod spectra;
