//! Integration tests of astro-io: independent files, round trips, damaged files.

mod average;
mod damage;
mod events;
mod fits;
mod numpy;
mod products;
mod tables;
mod uv_tables;
mod uvfits;

use std::path::PathBuf;

/// A reference file of `tests/data`.
pub(crate) fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

#[test]
fn results_and_errors_can_cross_threads() {
    fn check<T: Send + Sync + std::fmt::Debug>() {}
    check::<astro_io::Error>();
    check::<astro_io::EventFile>();
    check::<astro_io::FitsImage>();
    check::<astro_io::FitsLightCurve>();
    check::<astro_io::ResponseMatrix>();
    check::<astro_io::Table<'_>>();
    check::<astro_io::NpyArray>();
    check::<astro_io::Averaged>();
    check::<astro_io::UvReadOptions>();
}
