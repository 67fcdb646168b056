//! The events that a detector with dead time sees.

use serde::{Deserialize, Serialize};

use crate::error::{Result, require_positive};

/// What a photon does that arrives while the detector is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeadTime {
    /// Nothing: an event is kept if the last *kept* one is at least the dead time earlier.
    NonParalysable,
    /// It prolongs the dead time: an event is kept if the one before it, kept or not, is at
    /// least the dead time earlier.
    Paralysable,
}

/// A filter that remembers its last events, so that a stream may be filtered chunk by chunk.
///
/// ```
/// use astro_timing::deadtime::{DeadTime, DeadTimeFilter};
///
/// let mut filter = DeadTimeFilter::new(DeadTime::NonParalysable, 1.0)?;
/// let kept = |filter: &mut DeadTimeFilter, times: &[f64]| -> Vec<bool> {
///     times.iter().map(|&t| filter.keeps(t)).collect()
/// };
/// assert_eq!(kept(&mut filter, &[0.0, 0.6]), [true, false]);
/// assert_eq!(kept(&mut filter, &[1.2, 1.9, 2.2]), [true, false, true]);
/// # Ok::<(), astro_timing::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeadTimeFilter {
    kind: DeadTime,
    dead_time_s: f64,
    /// The event that the detector still suffers from.
    last_s: f64,
}

impl DeadTimeFilter {
    /// A filter that has seen nothing.
    ///
    /// # Errors
    /// A dead time that is not above 0.
    pub fn new(kind: DeadTime, dead_time_s: f64) -> Result<Self> {
        require_positive("dead_time_s", dead_time_s)?;
        Ok(Self {
            kind,
            dead_time_s,
            last_s: f64::NEG_INFINITY,
        })
    }

    /// Whether the next event, not before the ones already given, is detected.
    ///
    /// Events of background and source must come together: each makes the detector dead for
    /// the other.
    #[inline]
    pub fn keeps(&mut self, time_s: f64) -> bool {
        let alive = time_s - self.last_s >= self.dead_time_s;
        if alive || self.kind == DeadTime::Paralysable {
            self.last_s = time_s;
        }
        alive
    }
}

/// The times, ascending, that are detected.
///
/// # Errors
/// A dead time that is not above 0; times that are not ascending.
pub fn apply_dead_time(times_s: &[f64], kind: DeadTime, dead_time_s: f64) -> Result<Vec<f64>> {
    crate::pulsation::check_ascending(times_s)?;
    let mut filter = DeadTimeFilter::new(kind, dead_time_s)?;
    Ok(times_s
        .iter()
        .copied()
        .filter(|&time| filter.keeps(time))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deadtime::{detected_rate, incident_rate};
    use crate::simulate::{RateSeries, events_from_rate};

    const SEED: u64 = 19_950_820;

    #[test]
    fn rates_are_those_of_theory() {
        let (rate, dead) = (300.0, 0.0025);
        let times = events_from_rate(&RateSeries::constant(0.0, 2000.0, rate), SEED).unwrap();
        let kept = apply_dead_time(&times, DeadTime::NonParalysable, dead).unwrap();
        let expected = 2000.0 * detected_rate(rate, dead).unwrap();
        // Waits have mean τ + 1/r and variance 1/r²: counts scatter by √N (1/r)/(τ + 1/r).
        let scatter = expected.sqrt() / (1.0 + rate * dead);
        assert!((kept.len() as f64 - expected).abs() < 4.0 * scatter);
        assert!(kept.windows(2).all(|pair| pair[1] - pair[0] >= dead));

        let paralysed = apply_dead_time(&times, DeadTime::Paralysable, dead).unwrap();
        let expected = 2000.0 * rate * (-rate * dead).exp();
        assert!((paralysed.len() as f64 - expected).abs() < 4.0 * expected.sqrt());
        assert!(incident_rate(401.0, dead).is_err());
    }

    #[test]
    fn chunks_do_not_matter() {
        let times = events_from_rate(&RateSeries::constant(0.0, 10.0, 500.0), SEED).unwrap();
        for kind in [DeadTime::NonParalysable, DeadTime::Paralysable] {
            let whole = apply_dead_time(&times, kind, 0.003).unwrap();
            let mut filter = DeadTimeFilter::new(kind, 0.003).unwrap();
            let mut parts: Vec<f64> = Vec::new();
            for chunk in times.chunks(7) {
                parts.extend(chunk.iter().filter(|&&t| filter.keeps(t)));
            }
            assert_eq!(whole, parts);
        }
    }
}
