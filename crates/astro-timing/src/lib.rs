//! X-ray spectral timing: power and cross spectra, lags, pulsations and fits of
//! event lists larger than memory.
//!
//! Times are seconds after a reference epoch, frequencies hertz, energies keV.

pub mod bispectrum;
mod compat;
pub mod deadtime;
mod error;
mod events;
mod lightcurve;
pub mod lomb_scargle;
pub mod modeling;
pub mod polarimetry;
pub mod pulsation;
mod rebin;
pub mod simulate;
mod spectrum;
pub mod statistics;

pub use compat::Compat;
pub use error::{Error, Result};
pub use events::{EnergyBand, EventList, EventSelection, SelectedEvents};
pub use lightcurve::{CountErrors, LightCurve, poisson_symmetric_error};
pub use spectrum::{
    Averaging, BandRms, BiasCoherence, ChannelOverlap, CrossErrors, CrossPower, CrossSpectrum,
    CrossSpectrumPlan, Estimate, FrequencyBins, Normalization, PowerSpectrum, PowerSpectrumPlan,
    Rebinning, SegmentBlocks, SegmentLight, SeriesSums, SignificantPower, SpectrumSums,
    TwoSidedCrossSpectrum,
};
