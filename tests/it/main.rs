//! Tests that need several crates.

mod exchange;
mod properties;
mod reference;
