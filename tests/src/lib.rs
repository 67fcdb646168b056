//! Cross-crate tests live in `tests/it/`; this library holds what they share with
//! `cargo xtask validate`: reading and checking reference cases.

pub mod reference;
