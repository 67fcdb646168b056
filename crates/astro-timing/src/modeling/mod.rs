//! Fits of power spectra: models, likelihoods, errors, and tests of features.
//!
//! ```
//! use astro_timing::modeling::{SpectralModel, SpectrumData, SpectrumFit};
//! use astro_timing::simulate::simulated_powers;
//!
//! // A QPO on a noise level, in the mean of 20 periodograms.
//! let model = SpectralModel::lorentzian() + SpectralModel::constant();
//! let truth = [6.0, 5.0, 1.1, 2.0]; // amplitude, center, fwhm; level
//! let frequency: Vec<f64> = (1..2000).map(|k| 0.01 * f64::from(k)).collect();
//! let power = simulated_powers(&model.values(&truth, &frequency)?, 20, 7)?;
//!
//! let data = SpectrumData::new(frequency, power, 20.0)?;
//! let fit = SpectrumFit::new(&model, &data).start(&[3.0, 4.5, 2.0, 1.5]).run()?;
//! for (found, truth) in fit.parameters().iter().zip(truth) {
//!     assert!((found.value - truth).abs() < 4.0 * found.error);
//! }
//! # Ok::<(), astro_timing::Error>(())
//! ```
//!
//! # References
//! - Vaughan 2010, MNRAS 402, 307 (likelihood, posterior predictive tests)
//! - Barret & Vaughan 2012, ApJ 746, 131 (averaged periodograms)
//! - Huppenkothen & Bachetti 2018, ApJS 236, 13 (cospectra)
//! - Huppenkothen et al. 2019, ApJ 881, 39 (Stingray)

mod calibrate;
mod component;
mod data;
mod derived;
mod fit;
mod guess;
mod interval;
mod likelihood;
mod model;
mod posterior;
mod text;

pub use calibrate::{Calibration, OutlierTest, RatioTest};
pub use component::{Component, ComponentParameter};
pub use data::SpectrumData;
pub use derived::{FittedLine, lorentzian_area};
pub use fit::{FittedParameter, FittedSpectrum, SpectrumFit};
pub use interval::ProfileInterval;
pub use likelihood::{SpectrumLikelihood, StingrayStatistics};
pub use model::SpectralModel;
pub use posterior::PosteriorOptions;
