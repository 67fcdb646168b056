//! Data of known truth: variable light curves, delayed echoes, photons, pulses.
//!
//! Everything comes from a seed, and the same seed gives the same numbers again. What
//! is drawn here is what the tests of this crate and the demo recover.
//!
//! ```
//! use astro_timing::simulate::{Amplitude, RedNoise, SpectralShape, events_from_rate};
//!
//! // 64 s of a red-noise source of 200 ct/s and 20 % rms, as photons.
//! let noise = RedNoise::new(4096, 1.0 / 64.0, 200.0).amplitude(Amplitude::EnsembleRms(0.2));
//! let rate = noise.simulate(&SpectralShape::PowerLaw { index: 1.5 }, 42)?;
//! let times = events_from_rate(&rate, 43)?;
//! assert!(times.is_sorted());
//! // Poisson scatter (√12800) on top of the light curve's own.
//! assert!((times.len() as f64 - rate.expected_counts()).abs() < 5.0 * 12_800f64.sqrt());
//! # Ok::<(), astro_timing::Error>(())
//! ```
//!
//! # References
//! - Timmer & König 1995, A&A 300, 707
//! - Uttley, McHardy & Vaughan 2005, MNRAS 359, 345 (rms of a realization and of an ensemble)

mod events;
mod observation;
mod polarization;
mod pulse;
mod random;
mod red_noise;
mod response;
mod spectra;
mod transfer;

pub use events::{energies_from_spectrum, events_from_rate};
pub use observation::{SimulatedBand, SimulatedEvents, SimulatedObservation, Variability};
pub use polarization::{PolarizedPhotons, polarized_photons};
pub use pulse::{PulseShape, pulsed_events};
pub use red_noise::{Amplitude, RateSeries, RedNoise, SpectralShape};
pub use response::{ImpulseResponse, RelativisticShape};
pub use spectra::{simulated_cospectrum, simulated_powers};
pub use transfer::TransferFunction;

pub(crate) use random::generator;
