//! One test binary for the crate.

mod errors;
mod gradients;
mod methods;
mod scene;
