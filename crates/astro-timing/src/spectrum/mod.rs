//! Power and cross spectra.

mod backend;
mod bins;
mod cross;
mod cross_plan;
mod cross_power;
mod dynamical;
pub(crate) mod engine;
mod fold;
#[cfg(feature = "gpu")]
mod gpu;
pub(crate) mod input;
mod normalization;
mod power;
mod power_colors;
mod power_plan;
pub(crate) mod ranks;
mod row_stream;
mod rows;
mod settings;
mod significance;
pub(crate) mod sums;

pub use bins::{FrequencyBins, Rebinning};
pub use cross::{ChannelOverlap, CrossSpectrum};
pub use cross_plan::{CrossSpectrumPlan, TwoSidedCrossSpectrum};
pub use cross_power::{BiasCoherence, CrossErrors, CrossPower, Estimate};
pub use dynamical::{
    DynamicalCrossSpectrum, DynamicalPowerSpectrum, DynamicalSpectrum, SpectrumRow,
};
pub use fold::SegmentBlocks;
pub use normalization::{Normalization, SegmentLight};
pub use power::{Averaging, BandRms, PowerSpectrum};
pub use power_colors::{PowerColorOptions, PowerColors};
pub use power_plan::PowerSpectrumPlan;
pub use row_stream::{PowerRows, RowMerging};
pub use rows::DynamicalShape;
pub use significance::SignificantPower;
pub use sums::{SeriesSums, SpectrumSums};

pub(crate) use normalization::variance_of_errors;
