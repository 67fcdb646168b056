//! Angles, stored in radians, made and shown in the units astronomers use.

use std::f64::consts::PI;
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};

const ARCSEC_PER_RADIAN: f64 = 180.0 * 3600.0 / PI;

/// An angle in radians.
///
/// A newtype for single angles, where a bare `f64` invites a mix-up of degrees,
/// arcseconds and radians. Arrays of angles are plain `f64` radians.
///
/// ```
/// use astro_core::Angle;
/// let position_angle = Angle::from_degrees(90.0);
/// assert_eq!(position_angle.radians(), std::f64::consts::FRAC_PI_2);
/// assert_eq!(format!("{position_angle}"), "90°");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Angle(f64);

impl Angle {
    /// The zero angle.
    pub const ZERO: Self = Self(0.0);

    /// From radians.
    pub const fn from_radians(radians: f64) -> Self {
        Self(radians)
    }

    /// From degrees.
    pub fn from_degrees(degrees: f64) -> Self {
        Self(degrees.to_radians())
    }

    /// From arcseconds.
    pub fn from_arcsec(arcsec: f64) -> Self {
        Self(arcsec / ARCSEC_PER_RADIAN)
    }

    /// From milliarcseconds.
    pub fn from_mas(mas: f64) -> Self {
        Self::from_arcsec(mas * 1e-3)
    }

    /// In radians.
    pub const fn radians(self) -> f64 {
        self.0
    }

    /// In degrees.
    pub fn degrees(self) -> f64 {
        self.0.to_degrees()
    }

    /// In arcseconds.
    pub fn arcsec(self) -> f64 {
        self.0 * ARCSEC_PER_RADIAN
    }

    /// In milliarcseconds.
    pub fn mas(self) -> f64 {
        self.arcsec() * 1e3
    }

    /// The equal direction in `[0, 2π)`.
    pub fn normalized(self) -> Self {
        let turn = self.0.rem_euclid(2.0 * PI);
        // rem_euclid of a tiny negative number rounds up to 2π itself.
        Self(if turn >= 2.0 * PI { 0.0 } else { turn })
    }
}

/// Degrees above one degree, else arcseconds, else milliarcseconds.
impl fmt::Display for Angle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = if self.0 == 0.0 || self.0.abs() >= PI / 180.0 {
            (self.degrees(), "°")
        } else if self.arcsec().abs() >= 0.1 {
            (self.arcsec(), "″")
        } else {
            (self.mas(), " mas")
        };
        match f.precision() {
            Some(digits) => write!(f, "{value:.digits$}{unit}"),
            None => write!(f, "{value}{unit}"),
        }
    }
}

impl Add for Angle {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Angle {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Angle {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Mul<f64> for Angle {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        Self(self.0 * factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_agree_with_their_definitions() {
        assert_eq!(Angle::from_degrees(180.0).radians(), PI);
        assert!((Angle::from_arcsec(1.0).radians() - 4.848_136_811_095_36e-6).abs() < 1e-20);
        assert!((Angle::from_mas(1.0).arcsec() - 1e-3).abs() < 1e-18);
    }

    #[test]
    fn normalized_stays_below_one_turn() {
        assert_eq!(Angle::from_radians(-1e-30).normalized().radians(), 0.0);
        assert!((Angle::from_degrees(-90.0).normalized().degrees() - 270.0).abs() < 1e-12);
    }

    #[test]
    fn display_picks_a_readable_unit() {
        assert_eq!(format!("{:.1}", Angle::from_arcsec(2.5)), "2.5″");
        assert_eq!(format!("{:.1}", Angle::from_mas(2.5)), "2.5 mas");
        assert_eq!(format!("{:.0}", Angle::from_degrees(45.0)), "45°");
    }
}
