//! Spectra and searches on a GPU.

use anyhow::Result;
use astro_core::{Communicator, EventSource};
use astro_fft::FftReal;
#[cfg(feature = "gpu")]
use astro_gpu::Gpu;
#[cfg(feature = "gpu")]
use astro_timing::pulsation::GpuSearch;
use astro_timing::pulsation::{SearchPlan, SearchResult};
use astro_timing::{CrossSpectrumPlan, PowerSpectrumPlan};

use crate::args::OnGpu;

/// Why many ranks do not compute on a GPU.
const MANY_RANKS: &str = "what ranks share out is computed on the CPU";

/// What keeps the work of these ranks from a GPU.
pub(super) fn obstacle(ranks: &dyn Communicator) -> Option<&'static str> {
    (ranks.size() > 1).then_some(MANY_RANKS)
}

impl<T: FftReal> OnGpu for PowerSpectrumPlan<T> {
    #[cfg(feature = "gpu")]
    fn on(self, gpu: &Gpu) -> Result<Self> {
        Ok(self.build_on(gpu)?)
    }

    #[cfg(feature = "gpu")]
    fn error_bound(&self, bins: usize) -> Option<f64> {
        Some(self.gpu_report(bins)?.error_bound)
    }
}

impl<T: FftReal> OnGpu for CrossSpectrumPlan<T> {
    #[cfg(feature = "gpu")]
    fn on(self, gpu: &Gpu) -> Result<Self> {
        Ok(self.build_on(gpu)?)
    }

    #[cfg(feature = "gpu")]
    fn error_bound(&self, bins: usize) -> Option<f64> {
        Some(self.gpu_report(bins)?.error_bound)
    }
}

/// A search, here or on a GPU.
#[derive(Debug)]
pub(super) enum Searcher {
    Here(Box<SearchPlan>),
    #[cfg(feature = "gpu")]
    There(Box<GpuSearch>),
}

impl OnGpu for Searcher {
    #[cfg(feature = "gpu")]
    fn on(self, gpu: &Gpu) -> Result<Self> {
        Ok(match self {
            Self::Here(plan) => Self::There(Box::new(plan.build_on(gpu)?)),
            there @ Self::There(_) => there,
        })
    }

    #[cfg(feature = "gpu")]
    fn error_bound(&self, _: usize) -> Option<f64> {
        match self {
            Self::Here(_) => None,
            Self::There(search) => Some(search.gpu_report().error_bound),
        }
    }
}

impl Searcher {
    /// The result of the first rank.
    pub(super) fn run<S: EventSource>(
        &self,
        ranks: &dyn Communicator,
        source: &S,
    ) -> Result<Option<SearchResult>> {
        Ok(match self {
            Self::Here(plan) => plan.search_on(ranks, source)?,
            #[cfg(feature = "gpu")]
            Self::There(search) => Some(search.search_source(source)?),
        })
    }
}
