//! Tests that need several crates.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as the tests themselves do"
)]

mod exchange;
mod properties;
mod reference;
