//! Dead time: what a detector that is blind after each photon does to events and spectra.
//!
//! - [`DeadTimeFilter`]: removes the events that a dead detector would miss;
//! - [`FadPlan`], [`FadCorrection`]: the Fourier amplitude difference of two detectors corrects their
//!   spectra, of events and of light curves;
//! - [`ZhangModel`]: the power spectrum of Poisson noise under dead time.
//!
//! # References
//! - Zhang, Jahoda, Swank, Morgan & Giles 1995, ApJ 449, 930
//! - Bachetti, Harrison, Cook et al. 2015, ApJ 800, 109
//! - Bachetti & Huppenkothen 2018, ApJ 853, L21

mod events;
mod fad;
mod fad_events;
mod filter;
mod live_time;
mod rates;
mod smoothing;
mod zhang;

pub use events::DeadTimeEvents;
pub use fad::{FadCorrection, FadSmoothing, FadSpectra};
pub use fad_events::FadPlan;
pub use filter::{DeadTime, DeadTimeFilter, apply_dead_time};
pub use live_time::live_time_corrected;
pub use rates::{detected_rate, incident_rate};
pub use zhang::ZhangModel;
