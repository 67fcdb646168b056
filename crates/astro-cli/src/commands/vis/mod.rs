//! Interferometric visibilities.

pub(crate) mod average;
pub(crate) mod chi2;
pub(crate) mod fit;
pub(crate) mod image;
pub(crate) mod sample;
pub(crate) mod size;

mod deproject;
mod input;
mod predict;
mod sky;
