//! Variability against energy, in one pass over the events.

mod bands;
mod detectors;
mod plan;
mod spectra;

pub use plan::{EnergySpectraPlan, SubjectInReference};
pub use spectra::{ComplexEstimate, EnergySpectra, RmsUnit};
