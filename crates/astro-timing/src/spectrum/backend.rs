//! Where a plan computes: here, or on a GPU.

use astro_core::Progress;

use super::settings::Settings;
use super::sums::SpectrumSums;
use crate::Result;

#[cfg(feature = "gpu")]
pub(super) use super::gpu::TickInput;

/// What a device can take; without one, anything.
#[cfg(not(feature = "gpu"))]
pub(super) trait TickInput {}

#[cfg(not(feature = "gpu"))]
impl<I> TickInput for I {}

/// The host, or a device.
#[derive(Debug, Default)]
pub(super) struct Backend {
    #[cfg(feature = "gpu")]
    pub(super) device: Option<super::gpu::Device>,
}

#[cfg(feature = "gpu")]
impl Backend {
    /// Sums over all segments of events, where there is a device.
    pub(super) fn sums(
        &self,
        input: &impl TickInput,
        settings: &Settings,
        background_rates: [f64; 2],
        progress: &dyn Progress,
    ) -> Option<Result<SpectrumSums>> {
        let device = self.device.as_ref()?;
        Some(device.sums(input, settings, background_rates, progress))
    }

    /// Requires the host for what has no kernels.
    pub(super) fn require_host(&self, operation: &'static str) -> Result<()> {
        match self.device {
            None => Ok(()),
            Some(_) => Err(crate::Error::NoKernel { operation }),
        }
    }
}

#[cfg(not(feature = "gpu"))]
#[expect(
    clippy::unused_self,
    clippy::unnecessary_wraps,
    reason = "what plans with devices are asked"
)]
impl Backend {
    pub(super) fn sums(
        &self,
        _: &impl TickInput,
        _: &Settings,
        _: [f64; 2],
        _: &dyn Progress,
    ) -> Option<Result<SpectrumSums>> {
        None
    }

    pub(super) fn require_host(&self, _: &'static str) -> Result<()> {
        Ok(())
    }
}
