//! Orbits of pulsars in binaries: the light-travel delay.
//!
//! - Blandford & Teukolsky 1976, ApJ 205, 580 (BT)
//! - Lange et al. 2001, MNRAS 326, 274 (ELL1)

use std::f64::consts::TAU;

use astro_core::check_finite;
use serde::{Deserialize, Serialize};

use crate::error::{Result, require, require_positive};

/// The orbit of a pulsar around the barycentre of its binary.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum BinaryOrbit {
    /// A Keplerian ellipse (the model BT): with the eccentric anomaly E,
    /// E − e sin E = 2π[(t − T₀)/P − Ṗ ((t − T₀)/P)²/2],
    ///
    /// Δ = x sin ω (cos E − e) + (x cos ω √(1 − e²) + γ) sin E.
    Keplerian {
        /// P, seconds.
        period_s: f64,
        /// Ṗ, seconds a second.
        #[serde(default)]
        period_dot: f64,
        /// x = a sin i/c at T₀, seconds.
        projected_axis_s: f64,
        /// ẋ, seconds a second.
        #[serde(default)]
        projected_axis_dot: f64,
        /// T₀, a passage of periastron, seconds.
        periastron_s: f64,
        /// e, in [0, 1).
        eccentricity: f64,
        /// ω at T₀, radians.
        argument_rad: f64,
        /// ω̇, radians a second.
        #[serde(default)]
        argument_dot: f64,
        /// γ, the Einstein delay, seconds.
        #[serde(default)]
        gamma_s: f64,
    },
    /// A nearly circular orbit to first order in e (the model ELL1): with
    /// Φ = 2π[(t − T)/P − Ṗ ((t − T)/P)²/2],
    ///
    /// Δ = x [sin Φ + (ε₂/2) sin 2Φ − (ε₁/2) cos 2Φ].
    Ell1 {
        /// P, seconds.
        period_s: f64,
        /// Ṗ, seconds a second.
        #[serde(default)]
        period_dot: f64,
        /// x = a sin i/c at T, seconds.
        projected_axis_s: f64,
        /// ẋ, seconds a second.
        #[serde(default)]
        projected_axis_dot: f64,
        /// T, a passage of the ascending node, seconds.
        ascending_node_s: f64,
        /// ε₁ = e sin ω.
        #[serde(default)]
        eps1: f64,
        /// ε₂ = e cos ω.
        #[serde(default)]
        eps2: f64,
    },
}

impl BinaryOrbit {
    /// A circular orbit.
    #[must_use]
    pub fn circular(period_s: f64, projected_axis_s: f64, ascending_node_s: f64) -> Self {
        Self::Ell1 {
            period_s,
            period_dot: 0.0,
            projected_axis_s,
            projected_axis_dot: 0.0,
            ascending_node_s,
            eps1: 0.0,
            eps2: 0.0,
        }
    }

    /// Requires an orbit slower than light.
    ///
    /// # Errors
    /// The first number that makes no sense, by name.
    pub fn check(&self) -> Result<()> {
        let (period, axis, axis_dot, eccentricity, others) = match *self {
            Self::Keplerian {
                period_s,
                period_dot,
                projected_axis_s,
                projected_axis_dot,
                periastron_s,
                eccentricity,
                argument_rad,
                argument_dot,
                gamma_s,
            } => (
                period_s,
                projected_axis_s,
                projected_axis_dot,
                eccentricity,
                [
                    period_dot,
                    periastron_s,
                    argument_rad,
                    argument_dot,
                    gamma_s,
                ],
            ),
            Self::Ell1 {
                period_s,
                period_dot,
                projected_axis_s,
                projected_axis_dot,
                ascending_node_s,
                eps1,
                eps2,
            } => (
                period_s,
                projected_axis_s,
                projected_axis_dot,
                eps1.hypot(eps2),
                [period_dot, ascending_node_s, eps1, eps2, 0.0],
            ),
        };
        require_positive("period_s of the orbit", period)?;
        let inside = "finite and at least 0";
        require(
            "projected_axis_s",
            axis,
            axis >= 0.0 && axis.is_finite(),
            inside,
        )?;
        check_finite(
            "elements of the orbit",
            others.into_iter().chain([axis_dot]),
        )?;
        let ellipse = (0.0..1.0).contains(&eccentricity);
        require(
            "eccentricity",
            eccentricity,
            ellipse,
            "at least 0 and below 1",
        )?;
        let speed = TAU * axis / (period * (1.0 - eccentricity));
        require(
            "2π a sin i/(c P (1 − e))",
            speed,
            speed < 0.5,
            "below 0.5: the pulsar would move at the speed of light",
        )
    }

    /// Δ, the delay of light emitted at a time, and dΔ/dt.
    pub fn delay(&self, emitted_s: f64) -> (f64, f64) {
        match *self {
            Self::Keplerian {
                period_s,
                period_dot,
                projected_axis_s,
                projected_axis_dot,
                periastron_s,
                eccentricity: e,
                argument_rad,
                argument_dot,
                gamma_s,
            } => {
                let elapsed = emitted_s - periastron_s;
                let (mean, motion) = orbital_phase(elapsed, period_s, period_dot);
                let anomaly = eccentric_anomaly(mean, e);
                let (sin, cos) = anomaly.sin_cos();
                let rate = motion / (1.0 - e * cos);
                let x = projected_axis_s + projected_axis_dot * elapsed;
                let (sin_w, cos_w) = (argument_rad + argument_dot * elapsed).sin_cos();
                let minor = (1.0 - e * e).sqrt();
                let delay = x * sin_w * (cos - e) + (x * cos_w * minor + gamma_s) * sin;
                let slope = rate * (-x * sin_w * sin + (x * cos_w * minor + gamma_s) * cos)
                    + projected_axis_dot * (sin_w * (cos - e) + cos_w * minor * sin)
                    + argument_dot * x * (cos_w * (cos - e) - sin_w * minor * sin);
                (delay, slope)
            }
            Self::Ell1 {
                period_s,
                period_dot,
                projected_axis_s,
                projected_axis_dot,
                ascending_node_s,
                eps1,
                eps2,
            } => {
                let elapsed = emitted_s - ascending_node_s;
                let (phase, motion) = orbital_phase(elapsed, period_s, period_dot);
                let (sin, cos) = phase.sin_cos();
                let (sin2, cos2) = (2.0 * phase).sin_cos();
                let x = projected_axis_s + projected_axis_dot * elapsed;
                let shape = sin + 0.5 * (eps2 * sin2 - eps1 * cos2);
                let slope = motion * (cos + eps2 * cos2 + eps1 * sin2);
                (x * shape, x * slope + projected_axis_dot * shape)
            }
        }
    }

    /// The delay Δ(t − Δ) of light that arrives at a time, by Newton's method to the
    /// rounding of `f64`.
    pub fn delay_of_arrival(&self, arrival_s: f64) -> f64 {
        let (mut delay, slope) = self.delay(arrival_s);
        delay /= 1.0 + slope;
        for _ in 0..6 {
            let (found, slope) = self.delay(arrival_s - delay);
            let step = (found - delay) / (1.0 + slope);
            delay += step;
            if step.abs() < 1e-12 {
                break;
            }
        }
        delay
    }
}

/// Orbital phase in radians, reduced to one turn, and its rate.
fn orbital_phase(elapsed_s: f64, period_s: f64, period_dot: f64) -> (f64, f64) {
    let turns = elapsed_s / period_s;
    let slowed = turns - 0.5 * period_dot * turns * turns;
    let rate = (1.0 - period_dot * turns) / period_s;
    (TAU * (slowed - slowed.floor()), TAU * rate)
}

/// E of Kepler's equation E − e sin E = M.
fn eccentric_anomaly(mean: f64, e: f64) -> f64 {
    // Newton's steps converge for any e < 1 when kept where the solution is, between M − e and M + e.
    let mut anomaly = if e < 0.8 {
        mean + e * mean.sin()
    } else {
        std::f64::consts::PI
    };
    for _ in 0..50 {
        let step = (anomaly - e * anomaly.sin() - mean) / (1.0 - e * anomaly.cos());
        anomaly = (anomaly - step).clamp(mean - e, mean + e);
        if step.abs() < 1e-15 * (1.0 + anomaly.abs()) {
            break;
        }
    }
    anomaly
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eccentric() -> BinaryOrbit {
        BinaryOrbit::Keplerian {
            period_s: 27_907.0,
            period_dot: -2.4e-12,
            projected_axis_s: 2.342,
            projected_axis_dot: 1e-13,
            periastron_s: 1000.0,
            eccentricity: 0.617,
            argument_rad: 3.9,
            argument_dot: 2e-9,
            gamma_s: 0.0043,
        }
    }

    #[test]
    fn kepler_is_solved() {
        for e in [0.0, 0.1, 0.617, 0.9, 0.999] {
            for k in 0..400 {
                let mean = TAU * f64::from(k) / 400.0;
                let anomaly = eccentric_anomaly(mean, e);
                assert!(
                    (anomaly - e * anomaly.sin() - mean).abs() < 1e-13,
                    "{e} {mean}"
                );
            }
        }
    }

    #[test]
    fn slopes_are_derivatives_and_arrivals_invert() {
        let round = BinaryOrbit::Ell1 {
            period_s: 5000.0,
            period_dot: 1e-9,
            projected_axis_s: 12.0,
            projected_axis_dot: 1e-8,
            ascending_node_s: 40.0,
            eps1: 3e-3,
            eps2: -2e-3,
        };
        for orbit in [eccentric(), round] {
            orbit.check().unwrap();
            for k in 0..100 {
                let time = 313.7 * f64::from(k);
                let (delay, slope) = orbit.delay(time);
                let h = 0.01;
                let numeric = (orbit.delay(time + h).0 - orbit.delay(time - h).0) / (2.0 * h);
                assert!((numeric - slope).abs() < 1e-9 * (1.0 + slope.abs()), "{k}");
                let back = orbit.delay_of_arrival(time + delay);
                // Rounding of times of 3e4 s.
                assert!((back - delay).abs() < 1e-11);
            }
        }
    }

    /// To first order in e, ELL1 is the ellipse less the constant −(3/2) x e sin ω.
    #[test]
    fn the_two_models_agree_for_small_eccentricity() {
        let (period, x, e, w) = (86_400.0, 5.0, 1e-4, 0.7f64);
        let ell1 = BinaryOrbit::Ell1 {
            period_s: period,
            period_dot: 0.0,
            projected_axis_s: x,
            projected_axis_dot: 0.0,
            ascending_node_s: 0.0,
            eps1: e * w.sin(),
            eps2: e * w.cos(),
        };
        let ellipse = BinaryOrbit::Keplerian {
            period_s: period,
            period_dot: 0.0,
            projected_axis_s: x,
            projected_axis_dot: 0.0,
            periastron_s: period * w / TAU,
            eccentricity: e,
            argument_rad: w,
            argument_dot: 0.0,
            gamma_s: 0.0,
        };
        for k in 0..100 {
            let time = 1000.0 * f64::from(k);
            let difference = ellipse.delay(time).0 - ell1.delay(time).0;
            let constant = -1.5 * x * e * w.sin();
            assert!((difference - constant).abs() < 3.0 * x * e * e, "{k}");
        }
    }

    #[test]
    fn impossible_orbits_are_refused() {
        assert!(BinaryOrbit::circular(0.0, 1.0, 0.0).check().is_err());
        assert!(BinaryOrbit::circular(10.0, 10.0, 0.0).check().is_err());
        assert!(BinaryOrbit::circular(1e4, f64::NAN, 0.0).check().is_err());
    }
}
