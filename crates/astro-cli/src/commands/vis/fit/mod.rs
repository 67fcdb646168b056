//! `astro vis fit`: a parametric profile and its geometry from visibilities.

mod arguments;
pub(crate) mod files;
pub(crate) mod numbers;
pub(crate) mod products;
pub(crate) mod report;
pub(crate) mod solve;
mod solved;
mod symbols;

pub(crate) use arguments::Arguments;
pub(crate) use report::method_in_words;
pub(crate) use solved::{Solved, write_products};
