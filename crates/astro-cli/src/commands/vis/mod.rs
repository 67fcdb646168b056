//! Interferometric visibilities.

pub(crate) mod average;
pub(crate) mod chi2;
pub(crate) mod fit;
pub(crate) mod image;
pub(crate) mod sample;
pub(crate) mod simulate;
pub(crate) mod size;

pub(crate) mod deproject;
pub(crate) mod input;
pub(crate) mod instrument;
mod parametric;
pub(crate) mod predict;
pub(crate) mod profile;
pub(crate) mod sky;
mod spectrum;
