//! Rates with and without dead time, of detectors that photons do not paralyse.

use crate::error::{Result, require, require_positive};

/// r_det = r/(1 + r τ): the detected rate of an incident one.
///
/// ```
/// use astro_timing::deadtime::{detected_rate, incident_rate};
/// let detected = detected_rate(400.0, 0.0025)?;
/// assert_eq!(detected, 200.0);
/// assert_eq!(incident_rate(detected, 0.0025)?, 400.0);
/// # Ok::<(), astro_timing::Error>(())
/// ```
///
/// # Errors
/// A rate or dead time that is not above 0.
#[doc(alias = "r_det")]
pub fn detected_rate(incident_rate: f64, dead_time_s: f64) -> Result<f64> {
    require_positive("incident_rate", incident_rate)?;
    require_positive("dead_time_s", dead_time_s)?;
    Ok(1.0 / (1.0 / incident_rate + dead_time_s))
}

/// r = r_det/(1 − r_det τ): the incident rate of a detected one.
///
/// # Errors
/// A rate or dead time that is not above 0; more detections than dead time permits.
#[doc(alias = "r_in")]
pub fn incident_rate(detected_rate: f64, dead_time_s: f64) -> Result<f64> {
    require_positive("detected_rate", detected_rate)?;
    require_positive("dead_time_s", dead_time_s)?;
    let busy = detected_rate * dead_time_s;
    require(
        "detected_rate · dead_time_s",
        busy,
        busy < 1.0,
        "below 1: the detector is dead for the rest",
    )?;
    Ok(1.0 / (1.0 / detected_rate - dead_time_s))
}
