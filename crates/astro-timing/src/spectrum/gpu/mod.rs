//! The sums of averaged spectra, made on a GPU.
//!
//! The host reads events and numbers their bins; a batch of segments goes up as those numbers, and
//! on the device becomes counts, real rows, spectra, and sums over segments. Sums of a block of
//! segments come back, and the blocks merge along the canonical tree. While the device works on a
//! batch, the host reads the next.

mod chain;
mod drive;
mod ticks;

use std::sync::{Mutex, PoisonError};

use astro_core::Progress;
use astro_fft::FftReal;
use astro_gpu::{Gpu, Precision};

use super::cross_plan::CrossSpectrumPlan;
use super::power_plan::PowerSpectrumPlan;
use super::settings::Settings;
use super::sums::SpectrumSums;
use crate::Result;
use crate::gpu::GpuReport;
use chain::{Shape, Sizes, SpectrumChain};
use drive::Drive;
pub(super) use ticks::TickInput;

/// A device with the buffers of the last spectrum, kept for the next.
#[derive(Debug)]
pub(super) struct Device {
    gpu: Gpu,
    precision: Precision,
    sizes: Sizes,
    chain: Mutex<Option<SpectrumChain>>,
}

impl Device {
    /// For bins and transforms in `f64` (`wide`) or `f32`.
    pub(super) fn new(gpu: &Gpu, wide: bool) -> Result<Self> {
        Ok(Self {
            gpu: gpu.clone(),
            precision: gpu.precision_for(wide)?,
            sizes: Sizes::default(),
            chain: Mutex::new(None),
        })
    }

    /// Where it computes. Of an FFT of N bins, each output is a sum of all counts with log₂ N
    /// roundings on the way.
    pub(super) fn report(&self, bins: usize) -> GpuReport {
        let stages = (bins.max(2) as f64).log2() + 4.0;
        GpuReport {
            adapter: self.gpu.adapter().clone(),
            precision: self.precision,
            error_bound: 4.0 * self.precision.unit_roundoff() * stages,
        }
    }

    /// The sums over all segments of `input`.
    pub(super) fn sums(
        &self,
        input: &impl TickInput,
        settings: &Settings,
        background_rates: [f64; 2],
        progress: &dyn Progress,
    ) -> Result<SpectrumSums> {
        let shape = Shape {
            bins: input.segments().bins(),
            series: input.series(),
            segments: input.segments().len(),
        };
        let kept = self.lock().take();
        let chain = match kept.filter(|chain| chain.fits(shape, self.sizes)) {
            Some(chain) => chain,
            None => SpectrumChain::new(&self.gpu, self.precision, shape, self.sizes)?,
        };
        let drive = Drive {
            gpu: &self.gpu,
            chain: &chain,
            input,
            settings,
            background_rates,
        };
        let sums = drive.sums(progress)?;
        *self.lock() = Some(chain);
        Ok(sums)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<SpectrumChain>> {
        self.chain.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: FftReal> PowerSpectrumPlan<T> {
    /// The same plan on a GPU: averaged spectra of events.
    ///
    /// The precision is that of [`Gpu::precision_for`]: at least `T`'s own unless the device was
    /// opened with a coarser one. Powers agree with the CPU's to rounding ([`Self::gpu_report`]), and
    /// are the same each time on one device. Light curves, dynamical spectra and the shares of ranks
    /// have no kernels, and say so when they are asked for.
    ///
    /// ```
    /// use astro_core::GoodTimeIntervals;
    /// use astro_gpu::{Gpu, GpuOptions};
    /// use astro_timing::{EventList, Normalization, PowerSpectrumPlan};
    ///
    /// let Ok(gpu) = Gpu::open(&GpuOptions::default()) else { return Ok(()) };
    /// let times = (0..6400).map(|i| f64::from(i) / 100.0 + 0.003 * f64::from(i % 3)).collect();
    /// let events = EventList::new(times, GoodTimeIntervals::single(0.0, 64.0)?)?;
    /// let plan = PowerSpectrumPlan::<f64>::new(16.0, 0.02)?.normalization(Normalization::Leahy);
    /// let here = plan.execute(&events)?;
    /// let there = plan.build_on(&gpu)?.execute(&events)?;
    /// assert_eq!(there.segments, 4);
    /// let mut pairs = here.power.iter().zip(&there.power);
    /// assert!(pairs.all(|(a, b)| (a - b).abs() < 1e-9 * (a + 1.0)));
    /// # Ok::<(), astro_timing::Error>(())
    /// ```
    ///
    /// # Errors
    /// A precision that the adapter does not have.
    pub fn build_on(mut self, gpu: &Gpu) -> Result<Self> {
        self.backend.device = Some(Device::new(gpu, is_wide::<T>())?);
        Ok(self)
    }

    /// Where segments of `bins` bins are computed, if on a GPU.
    #[must_use]
    pub fn gpu_report(&self, bins: usize) -> Option<GpuReport> {
        Some(self.backend.device.as_ref()?.report(bins))
    }
}

impl<T: FftReal> CrossSpectrumPlan<T> {
    /// The same plan on a GPU, as [`PowerSpectrumPlan::build_on`].
    ///
    /// # Errors
    /// A precision that the adapter does not have.
    pub fn build_on(mut self, gpu: &Gpu) -> Result<Self> {
        self.backend.device = Some(Device::new(gpu, is_wide::<T>())?);
        Ok(self)
    }

    /// Where segments of `bins` bins are computed, if on a GPU.
    #[must_use]
    pub fn gpu_report(&self, bins: usize) -> Option<GpuReport> {
        Some(self.backend.device.as_ref()?.report(bins))
    }
}

fn is_wide<T>() -> bool {
    size_of::<T>() == size_of::<f64>()
}

#[cfg(test)]
mod tests;
