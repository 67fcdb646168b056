//! The device of tests in other crates. Without an adapter they end with a note, unless
//! `ASTRO_REQUIRE_GPU` is set: then a missing adapter is a failure.

use std::sync::OnceLock;

use astro_shaders::Precision;

use crate::{Error, Gpu, GpuOptions, GpuPrecision};

/// The device, opened once.
///
/// # Panics
/// If there is none and `ASTRO_REQUIRE_GPU` is set, or if it cannot be opened.
#[must_use]
pub fn device() -> Option<&'static Gpu> {
    static GPU: OnceLock<Option<Gpu>> = OnceLock::new();
    GPU.get_or_init(|| match Gpu::open(&GpuOptions::default()) {
        Ok(gpu) => Some(gpu),
        Err(error @ Error::NoAdapter { .. }) if std::env::var_os("ASTRO_REQUIRE_GPU").is_none() => {
            eprintln!("not tested on a GPU: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    })
    .as_ref()
}

/// Runs a test on the device in a precision. Where the adapter lacks it the test ends with a note,
/// unless `ASTRO_REQUIRE_GPU` is set and the adapter is Mesa's software one, which has them all.
///
/// # Panics
/// As [`device`], and for a precision that is required and missing.
pub fn with_precision(precision: Precision, test: impl Fn(&Gpu)) {
    let asked = match precision {
        Precision::F32 => GpuPrecision::F32,
        Precision::Extended => GpuPrecision::Extended,
        Precision::F64 => GpuPrecision::F64,
    };
    let Some(gpu) = device() else { return };
    if let Err(reason) = gpu.support().error(precision) {
        let note = format!("{precision} was not tested on {}: {reason}", gpu.adapter());
        let required = gpu.is_software() && std::env::var_os("ASTRO_REQUIRE_GPU").is_some();
        assert!(!required, "{note}");
        eprintln!("{note}");
        return;
    }
    match gpu.with_precision(asked) {
        Ok(gpu) => test(&gpu),
        Err(error) => panic!("{error}"),
    }
}

/// Runs a test in every precision: for callers in `f32`, then in `f64`.
///
/// # Panics
/// As [`device`].
pub fn on_every_precision(narrow: impl Fn(&Gpu, Precision), wide: impl Fn(&Gpu, Precision)) {
    with_precision(Precision::F32, |gpu| narrow(gpu, Precision::F32));
    for precision in [Precision::Extended, Precision::F64] {
        with_precision(precision, |gpu| wide(gpu, precision));
    }
}
