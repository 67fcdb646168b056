//! How visibilities of a model are computed.

use clap::Args;

use super::device::DeviceOptions;
use super::instrument::InstrumentOptions;
use super::model::MethodOptions;
use super::spectrum::SpectrumOptions;

/// Method, device, instrument and spectrum.
#[derive(Clone, Debug, Args)]
pub(crate) struct ComputeOptions {
    #[command(flatten)]
    pub(crate) method: MethodOptions,
    #[command(flatten)]
    pub(crate) device: DeviceOptions,
    #[command(flatten)]
    pub(crate) instrument: InstrumentOptions,
    #[command(flatten)]
    pub(crate) spectrum: SpectrumOptions,
}
