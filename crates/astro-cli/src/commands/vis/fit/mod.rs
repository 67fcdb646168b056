//! `astro vis fit`: a parametric profile and its geometry from visibilities.

mod arguments;
pub(crate) mod files;
pub(crate) mod numbers;
pub(crate) mod products;
pub(crate) mod report;
pub(crate) mod solve;
mod symbols;

pub(crate) use arguments::{Arguments, Solved, write_products};
