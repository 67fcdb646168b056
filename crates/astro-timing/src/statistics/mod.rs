//! How significant a power, a pulse or a peak is, and what it says of the signal.
//!
//! Probabilities are [`TailProbability`]: kept as logarithms, with the number of trials and the
//! equivalent Gaussian significance at hand.
//!
//! ```
//! use astro_timing::statistics::power_probability;
//!
//! // A Leahy power of 60 in one of 10⁶ frequencies.
//! let p = power_probability(60.0, 1.0)?.in_trials(1e6)?;
//! assert!((p.value() / 9.3576e-8 - 1.0).abs() < 1e-4);
//! assert!((p.gaussian_sigma() - 5.212).abs() < 1e-3);
//! # Ok::<(), astro_timing::Error>(())
//! ```

mod beta;
mod cospectrum;
mod detection;
mod gamma;
mod limits;
mod noncentral;
mod normal;
mod pulsed_fraction;
pub mod stingray;
mod tail;

pub use cospectrum::cospectrum_probability;
pub use detection::{
    epoch_folding_detection_level, epoch_folding_probability, h_detection_level, h_probability,
    phase_dispersion_detection_level, phase_dispersion_probability, power_detection_level,
    power_probability, z_squared_detection_level, z_squared_probability,
};
pub use limits::{
    PowerLosses, PowerScale, amplitude_upper_limit, power_confidence_limits, power_upper_limit,
};
pub use pulsed_fraction::{
    amplitude_from_pulsed_fraction, amplitude_from_signal_power, pulsed_fraction_from_amplitude,
    pulsed_fraction_from_signal_power, signal_power_from_amplitude,
    signal_power_from_pulsed_fraction,
};
pub use tail::TailProbability;

/// The x beyond which a gamma distribution of shape `shape` and scale 1 has probability exp(`ln_p`).
pub(crate) fn gamma_from_ln_survival(ln_p: f64, shape: f64) -> f64 {
    gamma::inverse_ln_upper(shape, ln_p)
}
