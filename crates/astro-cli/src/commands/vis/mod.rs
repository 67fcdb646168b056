//! Interferometric visibilities.

pub(crate) mod chi2;
pub(crate) mod sample;
pub(crate) mod size;

mod deproject;
mod input;
mod predict;
