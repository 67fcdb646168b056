//! X-ray spectral timing: power and cross spectra, lags, pulsations and fits of
//! event lists larger than memory.
//!
//! Times are seconds after a reference epoch, frequencies hertz, energies keV.

mod compat;
mod error;
pub mod pulsation;
pub mod simulate;
pub mod statistics;

pub use compat::Compat;
pub use error::{Error, Result};
