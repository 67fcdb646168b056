//! X-ray spectral timing: power and cross spectra, lags, pulsations and fits of
//! event lists larger than memory.
//!
//! # Usage
//!
//! Data come from anything that implements [`astro_core::EventSource`]: an [`EventList`] in memory,
//! a mission's file through `astro_io::EventFile`, a part of either through [`EventSelection`].
//!
//! ```
//! use astro_core::GoodTimeIntervals;
//! use astro_timing::{EventList, Normalization, PowerSpectrumPlan, Rebinning};
//!
//! let times: Vec<f64> = (0..20_000).map(|i| 0.01 * f64::from(i) + 0.003 * f64::from(i % 3)).collect();
//! let events = EventList::new(times, GoodTimeIntervals::single(0.0, 200.0)?)?;
//! let plan = PowerSpectrumPlan::<f64>::new(16.0, 1.0 / 64.0)?.normalization(Normalization::Leahy);
//! let spectrum = plan.execute(&events)?;
//! let rebinned = spectrum.rebinned(Rebinning::Logarithmic(0.05))?;
//! assert_eq!(spectrum.segments, 12);
//! assert!(rebinned.power.len() < spectrum.power.len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`CrossSpectrumPlan`] gives coherence and lags, [`EnergySpectraPlan`] rms, lags and covariance
//! of many energy bands in one pass, [`statistics`] says how significant a number is, and
//! [`simulate`] makes data of known truth.
//!
//! # Conventions
//!
//! Times are seconds after a reference epoch, frequencies hertz, energies keV. Intervals are
//! `[start, stop)`. The transform has the exponent −2πi; a positive lag means that the subject lags
//! the reference. `docs/conventions.md` has them all.
//!
//! # Correct, or compatible
//!
//! Results are statistically correct by default, and say where they differ from Stingray 2.3.2;
//! [`Compat::Stingray`] repeats what that computes.

pub mod bispectrum;
mod compat;
mod correlation;
pub mod deadtime;
mod error;
mod events;
mod excess_variance;
#[cfg(feature = "gpu")]
mod gpu;
mod lightcurve;
pub mod lomb_scargle;
pub mod modeling;
pub mod polarimetry;
mod products;
pub mod pulsation;
mod rebin;
pub mod simulate;
mod spectrum;
pub mod statistics;
#[cfg(feature = "io")]
mod tables;

pub use compat::Compat;
pub use correlation::{
    CorrelationNormalization, CrossCorrelation, auto_correlation, cross_correlation,
};
pub use error::{Error, Result};
pub use events::{
    EnergyBand, EventList, EventSelection, EventsInGoodTime, JointGoodTime, MergedEvents,
    SelectedEvents,
};
pub use excess_variance::ExcessVariance;
#[cfg(feature = "gpu")]
pub use gpu::GpuReport;
pub use lightcurve::{CountErrors, LightCurve, poisson_symmetric_error};
pub use products::{
    ComplexEstimate, EnergySpectra, EnergySpectraPlan, RmsUnit, SubjectInReference,
};
pub use spectrum::{
    Averaging, BandRms, BiasCoherence, ChannelOverlap, CrossErrors, CrossPower, CrossSpectrum,
    CrossSpectrumPlan, DynamicalCrossSpectrum, DynamicalPowerSpectrum, DynamicalShape,
    DynamicalSpectrum, Estimate, FrequencyBins, Normalization, PowerColorOptions, PowerColors,
    PowerRows, PowerSpectrum, PowerSpectrumPlan, Rebinning, RowMerging, SegmentBlocks,
    SegmentLight, SeriesSums, SignificantPower, SpectrumRow, SpectrumSums, TwoSidedCrossSpectrum,
};
