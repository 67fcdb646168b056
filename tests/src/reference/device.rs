//! Where the cases are computed.

use anyhow::Result;
use astro_fft::FftReal;
use astro_visibility::{VisibilityPlan, VisibilityPlanBuilder};

use super::image::{DOUBLE, SINGLE, Tolerances};

#[cfg(feature = "gpu")]
static GPU: std::sync::OnceLock<astro_gpu::Gpu> = std::sync::OnceLock::new();

/// From now on, plans are built for this device.
#[cfg(feature = "gpu")]
pub fn compute_on(gpu: astro_gpu::Gpu) {
    // A second device would be ignored; there is one in a process.
    let _ = GPU.set(gpu);
}

/// A plan where the cases are computed.
#[cfg(feature = "gpu")]
pub(crate) fn build<T: FftReal>(
    builder: VisibilityPlanBuilder<'_, T>,
) -> Result<VisibilityPlan<T>> {
    Ok(match GPU.get() {
        Some(gpu) => builder.build_on(gpu)?,
        None => builder.build()?,
    })
}

/// A plan where the cases are computed.
#[cfg(not(feature = "gpu"))]
pub(crate) fn build<T: FftReal>(
    builder: VisibilityPlanBuilder<'_, T>,
) -> Result<VisibilityPlan<T>> {
    Ok(builder.build()?)
}

/// Whether the processor computes: some methods have no kernels.
pub(crate) fn is_cpu() -> bool {
    #[cfg(feature = "gpu")]
    return GPU.get().is_none();
    #[cfg(not(feature = "gpu"))]
    true
}

/// What callers in `f64` may expect.
pub(crate) fn double() -> Tolerances {
    #[cfg(feature = "gpu")]
    if let Some(Ok(astro_gpu::Precision::Extended)) = GPU.get().map(|gpu| gpu.precision_for(true)) {
        // Pairs of f32 round at 1.4e-14: an FFT of 2²² samples at 1e-12, and the NUFFT's floor is higher.
        return Tolerances {
            galario: 1e-9,
            rounding: 2e-12,
            exact: 1e-10,
            name: "f64 as pairs of f32",
        };
    }
    DOUBLE
}

/// What callers in `f32` may expect.
pub(crate) fn single() -> Tolerances {
    SINGLE
}
