//! What times count from: a reference epoch, its time scale, and the place it holds for.

use std::fmt;

/// Seconds of a day of every uniform time scale.
pub const SECONDS_PER_DAY: f64 = 86_400.0;

/// The scale of a clock (FITS `TIMESYS`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeScale {
    /// Terrestrial Time, also called TDT or ET in older files.
    Tt,
    /// Barycentric Dynamical Time.
    Tdb,
    /// Geocentric Coordinate Time.
    Tcg,
    /// Barycentric Coordinate Time.
    Tcb,
    /// International Atomic Time.
    Tai,
    /// Time of the Global Positioning System.
    Gps,
    /// Coordinated Universal Time, which has leap seconds.
    Utc,
    /// Universal Time, the rotation of the Earth.
    Ut1,
    /// A free-running clock or a simulation.
    Local,
    /// Nothing is said: equal to itself only.
    #[default]
    Unknown,
}

impl TimeScale {
    /// The scale that a `TIMESYS` value names, whatever its case; `Unknown` for anything else.
    ///
    /// ```
    /// use astro_core::TimeScale;
    /// assert_eq!(TimeScale::from_name("tdb "), TimeScale::Tdb);
    /// assert_eq!(TimeScale::from_name("TDT"), TimeScale::Tt);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name.trim().to_ascii_uppercase().as_str() {
            "TT" | "TDT" | "ET" => Self::Tt,
            "TDB" => Self::Tdb,
            "TCG" => Self::Tcg,
            "TCB" => Self::Tcb,
            "TAI" | "IAT" => Self::Tai,
            "GPS" => Self::Gps,
            "UTC" => Self::Utc,
            "UT1" | "UT" => Self::Ut1,
            "LOCAL" => Self::Local,
            _ => Self::Unknown,
        }
    }

    /// The name as FITS writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tt => "TT",
            Self::Tdb => "TDB",
            Self::Tcg => "TCG",
            Self::Tcb => "TCB",
            Self::Tai => "TAI",
            Self::Gps => "GPS",
            Self::Utc => "UTC",
            Self::Ut1 => "UT1",
            Self::Local => "LOCAL",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// Whether every day of the scale has 86 400 of its seconds.
    #[must_use]
    pub fn is_uniform(self) -> bool {
        !matches!(self, Self::Utc)
    }
}

impl fmt::Display for TimeScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where times of arrival hold (FITS `TIMEREF`, or `TREFPOS`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReferencePosition {
    /// The spacecraft: not corrected for any motion.
    Local,
    /// The centre of the Earth.
    Geocentric,
    /// The centre of the Sun.
    Heliocentric,
    /// The barycentre of the solar system.
    SolarSystem,
    /// Nothing is said: equal to itself only.
    #[default]
    Unknown,
}

impl ReferencePosition {
    /// The place that a `TIMEREF` or `TREFPOS` value names, whatever its case; `Unknown` for anything else.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name.trim().to_ascii_uppercase().as_str() {
            "LOCAL" | "TOPOCENTER" | "TOPOCENT" => Self::Local,
            "GEOCENTRIC" | "GEOCENTER" | "GEOCENTE" => Self::Geocentric,
            "HELIOCENTRIC" | "HELIOCENTER" | "HELIOCEN" => Self::Heliocentric,
            "SOLARSYSTEM" | "BARYCENTER" | "BARYCENT" | "BARYCENTRIC" => Self::SolarSystem,
            _ => Self::Unknown,
        }
    }

    /// The name as `TIMEREF` has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "LOCAL",
            Self::Geocentric => "GEOCENTRIC",
            Self::Heliocentric => "HELIOCENTRIC",
            Self::SolarSystem => "SOLARSYSTEM",
            Self::Unknown => "UNKNOWN",
        }
    }
}

impl fmt::Display for ReferencePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A modified Julian day in two parts, so that no digit of either is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mjd {
    /// Whole days.
    pub day: i64,
    /// The rest, in days; usually in `[0, 1)`, but any finite number means what it says.
    pub fraction: f64,
}

impl Mjd {
    /// A day and a fraction of a day.
    #[must_use]
    pub const fn new(day: i64, fraction: f64) -> Self {
        Self { day, fraction }
    }

    /// The two parts of one number, exactly; days beyond ±2⁵³ saturate.
    #[must_use]
    pub fn from_days(days: f64) -> Self {
        let day = days.floor();
        Self::new(day as i64, days - day)
    }

    /// One number: rounded to about a microsecond for dates of our time.
    #[must_use]
    pub fn days(self) -> f64 {
        self.day as f64 + self.fraction
    }
}

/// The epoch that times are seconds after, its scale and its place.
///
/// Times of two series may be compared or joined only after one has been brought to
/// the other's reference with [`TimeReference::offset_to`], which refuses to mix scales.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimeReference {
    /// The epoch (`MJDREFI` and `MJDREFF`).
    pub epoch: Mjd,
    /// The scale of epoch and seconds (`TIMESYS`).
    pub scale: TimeScale,
    /// Where the times hold (`TIMEREF`).
    pub position: ReferencePosition,
}

/// Why two time references cannot be brought together.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// Different time scales.
    #[error(
        "times in {from} cannot be joined with times in {to}; convert one of them with the mission's barycentre or clock tool first"
    )]
    Scale {
        /// Scale of the times to be converted.
        from: TimeScale,
        /// Scale they should be in.
        to: TimeScale,
    },
    /// Different places.
    #[error(
        "times at {from} cannot be joined with times at {to}; barycentre both series, or neither"
    )]
    Position {
        /// Place of the times to be converted.
        from: ReferencePosition,
        /// Place they should be at.
        to: ReferencePosition,
    },
    /// Days of different length lie between the epochs.
    #[error(
        "the epochs MJD {from} and {to} are in UTC, whose days differ by leap seconds; bring both series to TT first"
    )]
    LeapSeconds {
        /// Day of the one epoch.
        from: i64,
        /// Day of the other.
        to: i64,
    },
}

impl TimeReference {
    /// A reference epoch in a scale at a place.
    #[must_use]
    pub const fn new(epoch: Mjd, scale: TimeScale, position: ReferencePosition) -> Self {
        Self {
            epoch,
            scale,
            position,
        }
    }

    /// Whether times are corrected to the barycentre of the solar system.
    #[must_use]
    pub fn is_barycentred(&self) -> bool {
        self.position == ReferencePosition::SolarSystem
    }

    /// What to add to times after `self` to make them times after `other`.
    ///
    /// ```
    /// use astro_core::{Mjd, ReferencePosition, TimeReference, TimeScale};
    /// let at = |day| TimeReference::new(Mjd::new(day, 0.25), TimeScale::Tdb, ReferencePosition::SolarSystem);
    /// assert_eq!(at(55198).offset_to(&at(55197))?.apply(0.5), 86_400.5);
    /// # Ok::<(), astro_core::TimeError>(())
    /// ```
    ///
    /// # Errors
    /// [`TimeError`] for another scale or place, and for UTC epochs of different days.
    pub fn offset_to(&self, other: &Self) -> Result<TimeOffset, TimeError> {
        if self.scale != other.scale {
            return Err(TimeError::Scale {
                from: self.scale,
                to: other.scale,
            });
        }
        if self.position != other.position {
            return Err(TimeError::Position {
                from: self.position,
                to: other.position,
            });
        }
        let (from, to) = (self.epoch.day, other.epoch.day);
        if !self.scale.is_uniform() && from != to {
            return Err(TimeError::LeapSeconds { from, to });
        }
        Ok(TimeOffset::between(other.epoch, self.epoch))
    }

    /// The time of a moment given as a day in this reference's scale and place.
    ///
    /// Days are taken to have 86 400 s: in UTC, leap seconds between the two are not counted.
    #[must_use]
    pub fn seconds_of(&self, moment: Mjd) -> f64 {
        TimeOffset::between(self.epoch, moment).apply(0.0)
    }

    /// The day of a time, its fraction in `[0, 1)`: the reverse of [`TimeReference::seconds_of`].
    #[must_use]
    pub fn mjd_of(&self, seconds: f64) -> Mjd {
        let days = (seconds / SECONDS_PER_DAY).floor();
        let rest = days.mul_add(-SECONDS_PER_DAY, seconds) / SECONDS_PER_DAY;
        let fraction = rest + self.epoch.fraction;
        let carry = fraction.floor();
        Mjd::new(
            self.epoch
                .day
                .saturating_add(days as i64)
                .saturating_add(carry as i64),
            fraction - carry,
        )
    }
}

impl fmt::Display for TimeReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mjd { day, fraction } = self.epoch;
        write!(f, "MJD {day} + {fraction} {}", self.scale)?;
        match self.position {
            ReferencePosition::Unknown => Ok(()),
            position => write!(f, " at {position}"),
        }
    }
}

/// A shift of times in two parts: whole days exactly, and the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimeOffset {
    /// Whole days in seconds: an integer, exact up to 10¹¹ days.
    pub whole_s: f64,
    /// What is left, seconds.
    pub rest_s: f64,
}

impl TimeOffset {
    fn between(from: Mjd, to: Mjd) -> Self {
        // A difference of i64 may overflow; of i128 it cannot.
        let days = i128::from(to.day) - i128::from(from.day);
        Self {
            whole_s: days as f64 * SECONDS_PER_DAY,
            rest_s: (to.fraction - from.fraction) * SECONDS_PER_DAY,
        }
    }

    /// The shifted time, rounded once.
    #[must_use]
    pub fn apply(self, time_s: f64) -> f64 {
        let sum = time_s + self.whole_s;
        // What the addition lost (Knuth's two-sum).
        let other = sum - time_s;
        let lost = (time_s - (sum - other)) + (self.whole_s - other);
        sum + (lost + self.rest_s)
    }

    /// The shift back.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self {
            whole_s: -self.whole_s,
            rest_s: -self.rest_s,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUSTAR: Mjd = Mjd::new(55197, 7.660_185_2e-4);

    fn barycentred(epoch: Mjd) -> TimeReference {
        TimeReference::new(epoch, TimeScale::Tdb, ReferencePosition::SolarSystem)
    }

    #[test]
    fn a_shift_there_and_back_is_exact_to_the_last_bit() {
        let (a, b) = (
            barycentred(NUSTAR),
            barycentred(Mjd::new(51910, 7.428_703_7e-4)),
        );
        let there = a.offset_to(&b).unwrap();
        for time in [80_000_000.236_355_69, 0.0, 1e-9, 123_456_789.012_345_67] {
            let back = there.reversed().apply(there.apply(time));
            // Only what the larger of the two numbers can hold is lost.
            assert!(
                (back - time).abs() <= there.apply(time).abs() * f64::EPSILON,
                "{time}"
            );
        }
        // (55197 - 51910) days, and the difference of the fractions.
        assert_eq!(there.whole_s, 3287.0 * 86400.0);
        assert!((there.rest_s - (7.660_185_2e-4 - 7.428_703_7e-4) * 86400.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_is_mixed_silently() {
        let tdb = barycentred(NUSTAR);
        let tt = TimeReference {
            scale: TimeScale::Tt,
            ..tdb
        };
        let local = TimeReference {
            position: ReferencePosition::Local,
            ..tdb
        };
        assert!(tdb.offset_to(&tt).unwrap_err().to_string().contains("TDB"));
        assert!(matches!(
            tdb.offset_to(&local),
            Err(TimeError::Position { .. })
        ));
        assert!(tdb.is_barycentred() && !local.is_barycentred());
        let utc =
            |day| TimeReference::new(Mjd::new(day, 0.0), TimeScale::Utc, ReferencePosition::Local);
        assert!(utc(1).offset_to(&utc(1)).is_ok());
        assert!(matches!(
            utc(1).offset_to(&utc(2)),
            Err(TimeError::LeapSeconds { .. })
        ));
    }

    #[test]
    fn days_and_seconds_are_each_others_reverse() {
        let reference = barycentred(NUSTAR);
        for time in [-1e5, 0.0, 86_399.9, 80_000_000.236_355_69] {
            let mjd = reference.mjd_of(time);
            assert!((0.0..1.0).contains(&mjd.fraction), "{mjd:?}");
            // A fraction of a day resolves 1e-11 s.
            assert!((reference.seconds_of(mjd) - time).abs() <= 3e-11 + time.abs() * 1e-16);
        }
        assert_eq!(Mjd::from_days(55197.25), Mjd::new(55197, 0.25));
        assert_eq!(reference.mjd_of(86400.0).day, 55198);
    }

    #[test]
    fn names_are_read_back() {
        for scale in [
            TimeScale::Tt,
            TimeScale::Utc,
            TimeScale::Gps,
            TimeScale::Local,
        ] {
            assert_eq!(TimeScale::from_name(scale.name()), scale);
        }
        for place in [ReferencePosition::Local, ReferencePosition::SolarSystem] {
            assert_eq!(
                ReferencePosition::from_name(&place.name().to_lowercase()),
                place
            );
        }
        assert_eq!(TimeScale::from_name("martian"), TimeScale::Unknown);
    }
}
