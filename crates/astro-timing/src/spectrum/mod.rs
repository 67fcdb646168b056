//! Power and cross spectra.

mod bins;
mod cross;
mod cross_plan;
mod cross_power;
mod engine;
mod fold;
mod input;
mod normalization;
mod power;
mod power_plan;
mod settings;
mod significance;
mod sums;

pub use bins::{FrequencyBins, Rebinning};
pub use cross::{ChannelOverlap, CrossSpectrum};
pub use cross_plan::{CrossSpectrumPlan, TwoSidedCrossSpectrum};
pub use cross_power::{BiasCoherence, CrossErrors, CrossPower, Estimate};
pub use fold::SegmentBlocks;
pub use normalization::{Normalization, SegmentLight};
pub use power::{Averaging, BandRms, PowerSpectrum};
pub use power_plan::PowerSpectrumPlan;
pub use significance::SignificantPower;
pub use sums::{SeriesSums, SpectrumSums};
