//! Tests of the whole crate against independent truths.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails shall fail its test"
)]

mod cross;
mod power;
mod products;
mod ranks;
mod support;
