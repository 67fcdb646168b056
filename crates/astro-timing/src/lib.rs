//! X-ray spectral timing: power and cross spectra, lags, pulsations and fits of
//! event lists larger than memory.
//!
//! Times are seconds after a reference epoch, frequencies hertz, energies keV.

mod error;

pub use error::{Error, Result};
