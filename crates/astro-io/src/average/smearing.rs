//! Loss of amplitude at the edge of the field.

use std::f64::consts::PI;

use num_complex::Complex64;

use super::SmearingLimit as Limit;
use crate::{Error, Result};

/// Rotation of the Earth against the stars, rad/s (IERS Conventions 2010, table 1.1, nominal mean angular velocity).
const EARTH_ROTATION_RAD_PER_S: f64 = 7.292_115e-5;

/// How much loss averaging may cause, and where it is judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SmearingLimit {
    /// Distance from the phase centre at which the loss is computed, radians.
    pub field_radius_rad: f64,
    /// Largest relative loss of amplitude allowed, 0 to 1; 1 allows any.
    pub max_loss: f64,
}

impl SmearingLimit {
    /// One percent at `field_radius_rad`.
    pub fn new(field_radius_rad: f64) -> Self {
        Self {
            field_radius_rad,
            max_loss: 0.01,
        }
    }

    /// The same radius with another limit; 1 allows any loss.
    #[must_use]
    pub fn allowing(mut self, max_loss: f64) -> Self {
        self.max_loss = max_loss;
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        let wrong = |quantity, value, requirement| {
            Err(Error::BadParameter {
                quantity,
                value,
                requirement,
            })
        };
        if !(self.field_radius_rad >= 0.0 && self.field_radius_rad < PI / 2.0) {
            return wrong(
                "field_radius_rad",
                self.field_radius_rad,
                "it must be an angle from 0 to a quarter turn",
            );
        }
        if !(0.0..=1.0).contains(&self.max_loss) {
            return wrong("max_loss", self.max_loss, "it must lie between 0 and 1");
        }
        Ok(())
    }
}

/// Relative loss of amplitude of a source at the edge of the field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Smearing {
    /// Where the loss was computed, radians from the phase centre.
    pub field_radius_rad: f64,
    /// Largest loss of any averaged row.
    pub worst_loss: f64,
    /// The averaged row of the largest loss.
    pub worst_row: usize,
    /// Mean loss, weighted as the rows are.
    pub mean_loss: f64,
}

pub(super) struct SmearingSum {
    smearing: Smearing,
    rows: usize,
    weight: f64,
}

impl SmearingSum {
    pub(super) fn new(field_radius_rad: f64) -> Self {
        Self {
            smearing: Smearing {
                field_radius_rad,
                worst_loss: 0.0,
                worst_row: 0,
                mean_loss: 0.0,
            },
            rows: 0,
            weight: 0.0,
        }
    }

    pub(super) fn add(&mut self, loss: f64, weight: f64) {
        if loss > self.smearing.worst_loss {
            self.smearing.worst_loss = loss;
            self.smearing.worst_row = self.rows;
        }
        self.smearing.mean_loss += loss * weight;
        self.weight += weight;
        self.rows += 1;
    }

    pub(super) fn finish(mut self, limit: &Limit) -> Result<Smearing> {
        if self.weight > 0.0 {
            self.smearing.mean_loss /= self.weight;
        }
        if self.smearing.worst_loss > limit.max_loss {
            return Err(Error::Smearing {
                loss: self.smearing.worst_loss,
                limit: limit.max_loss,
                field_radius_rad: limit.field_radius_rad,
                row: self.smearing.worst_row,
            });
        }
        Ok(self.smearing)
    }
}

/// Loss of one group from the share of weight and the offset in u and v of each of its points.
pub(super) fn group_loss(
    points: impl Iterator<Item = (f64, f64, f64)> + Clone,
    field_radius_rad: f64,
) -> f64 {
    let (mut uu, mut uv, mut vv) = (0.0, 0.0, 0.0);
    for (share, u, v) in points.clone() {
        uu += share * u * u;
        uv += share * u * v;
        vv += share * v * v;
    }
    // Main axis of the scatter of the points.
    let angle = 0.5 * (2.0 * uv).atan2(uu - vv);
    let (sin, cos) = angle.sin_cos();
    let turns_per_wavelength = 2.0 * PI * field_radius_rad;
    let sum: Complex64 = points
        .map(|(share, u, v)| share * Complex64::cis(turns_per_wavelength * (u * cos + v * sin)))
        .sum();
    // Rounding may leave the sum a little above 1.
    (1.0 - sum.norm()).max(0.0)
}

/// Loss `1 − |sinc(b R Δν/ν)|` of a channel of fractional width `Δν/ν`, sinc x = sin(πx)/(πx).
///
/// `b` is the baseline in wavelengths, `R` the distance from the phase centre
/// in radians along the baseline, the worst direction (Thompson, Moran &
/// Swenson 2017, §6.3).
pub fn bandwidth_smearing_loss(
    baseline_wavelengths: f64,
    field_radius_rad: f64,
    fractional_bandwidth: f64,
) -> f64 {
    sinc_loss(baseline_wavelengths * field_radius_rad * fractional_bandwidth)
}

/// Loss `1 − |sinc(b R ω Δt)|` of an integration of `interval_s` on a rotating Earth.
///
/// ω is the rotation of the Earth; a baseline in the plane of the equator and
/// a source at the pole, the worst case, are taken (Thompson, Moran &
/// Swenson 2017, §6.4).
pub fn time_smearing_loss(
    baseline_wavelengths: f64,
    field_radius_rad: f64,
    interval_s: f64,
) -> f64 {
    sinc_loss(baseline_wavelengths * field_radius_rad * EARTH_ROTATION_RAD_PER_S * interval_s)
}

/// `1 − |sin(πx)/(πx)|`, without cancellation for small x.
fn sinc_loss(x: f64) -> f64 {
    let y = PI * x;
    let y2 = y * y;
    if y2 < 1e-2 {
        // Next term: y⁸/362880, below 1e-13 of the first here.
        return y2 / 6.0 * (1.0 - y2 / 20.0 * (1.0 - y2 / 42.0));
    }
    1.0 - (y.sin() / y).abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_joins_the_function() {
        let x = 0.1 / PI;
        let (below, above) = (sinc_loss(x * (1.0 - 1e-12)), sinc_loss(x * (1.0 + 1e-12)));
        // y⁸/362880 at y = 0.1 is 3e-14.
        assert!((below - above).abs() < 1e-13, "{below} {above}");
        assert!((sinc_loss(0.5) - (1.0 - 2.0 / PI)).abs() < 1e-15);
        assert_eq!(sinc_loss(0.0), 0.0);
    }

    #[test]
    fn a_sidereal_day_is_a_turn() {
        let day = 2.0 * PI / EARTH_ROTATION_RAD_PER_S;
        assert!((day - 86_164.1).abs() < 0.1);
    }
}
