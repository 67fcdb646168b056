//! Spin and orbit together.

use astro_core::GoodTimeIntervals;
use serde::{Deserialize, Serialize};

use super::turns::{Pair, sum};
use super::{BinaryOrbit, TimingSolution};
use crate::error::{Error, Result};

/// What gives the phase of a pulsar at any time of arrival: its spin, and the orbit that
/// light has to cross.
///
/// Times of arrival are at the barycentre of the solar system; the spin counts the time
/// of emission t − Δ(t − Δ), Δ the delay of [`BinaryOrbit`].
///
/// ```
/// use astro_timing::pulsation::{BinaryOrbit, Ephemeris, TimingSolution};
///
/// let spin = TimingSolution::new(0.0, 2.5);
/// let binary = Ephemeris { spin, orbit: Some(BinaryOrbit::circular(4e4, 30.0, 0.0)) };
/// // At quadrature light is 30 s late.
/// assert!((binary.emission_time(1e4 + 30.0) - 1e4).abs() < 1e-9);
/// assert_eq!(Ephemeris::from(spin).phase(0.3), 0.75);
/// # Ok::<(), astro_timing::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ephemeris {
    /// The spin.
    pub spin: TimingSolution,
    /// The orbit, of a pulsar in a binary.
    #[serde(default)]
    pub orbit: Option<BinaryOrbit>,
}

impl From<TimingSolution> for Ephemeris {
    fn from(spin: TimingSolution) -> Self {
        Self { spin, orbit: None }
    }
}

impl Ephemeris {
    /// Requires a spin and an orbit that make sense.
    ///
    /// # Errors
    /// The first number that does not, by name.
    pub fn check(&self) -> Result<()> {
        self.spin.check()?;
        self.orbit.as_ref().map_or(Ok(()), BinaryOrbit::check)
    }

    /// The phase of light that arrives at a time, turns in [0, 1).
    pub fn phase(&self, arrival_s: f64) -> f64 {
        match &self.orbit {
            None => self.spin.phase(arrival_s),
            Some(orbit) => {
                let delay = orbit.delay_of_arrival(arrival_s);
                // Not rounded to the spacing of mission times.
                let elapsed = sum(arrival_s, -self.spin.epoch_s).add(Pair::from(-delay));
                self.spin.turns_after(elapsed).fraction()
            }
        }
    }

    /// When light that arrives at a time was emitted.
    #[doc(alias = "deorbit")]
    pub fn emission_time(&self, arrival_s: f64) -> f64 {
        let delay = |orbit: &BinaryOrbit| orbit.delay_of_arrival(arrival_s);
        arrival_s - self.orbit.as_ref().map_or(0.0, delay)
    }

    /// Times of arrival to times of emission, in place.
    pub fn remove_orbit(&self, times_s: &mut [f64]) {
        if self.orbit.is_some() {
            for time in times_s {
                *time = self.emission_time(*time);
            }
        }
    }

    /// Good time intervals in times of emission.
    ///
    /// # Errors
    /// An orbit that makes no sense.
    pub fn emission_intervals(&self, gti: &GoodTimeIntervals) -> Result<GoodTimeIntervals> {
        self.check()?;
        if self.orbit.is_none() {
            return Ok(gti.clone());
        }
        gti.with_times(|time| self.emission_time(time))
            .map_err(Error::from)
    }
}
