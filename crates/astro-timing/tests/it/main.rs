//! Tests of the whole crate against independent truths.

mod cross;
mod power;
mod products;
mod support;
