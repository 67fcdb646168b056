//! Power and cross spectra of unevenly sampled light curves.
//!
//! - Lomb 1976, Ap&SS 39, 447; Scargle 1982, ApJ 263, 835; Scargle 1989, ApJ 343, 874

mod plan;

pub use plan::{LombScargleMethod, LombScarglePlan, LombScargleSpectrum};
