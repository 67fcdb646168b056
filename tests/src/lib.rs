//! Cross-crate tests live in `tests/it/`; this library holds what they share with
//! `cargo xtask validate`: reading and checking reference cases.

pub mod reference;

/// The examples of the repository's README, run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

/// The examples of the guide for users of GALARIO.
#[cfg(doctest)]
#[doc = include_str!("../../docs/from-galario.md")]
mod from_galario {}
