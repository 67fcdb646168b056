//! The spin of a pulsar: phase as a polynomial of time.

use serde::{Deserialize, Serialize};

use super::turns::{Pair, sum};
use crate::error::{Result, require};
use astro_core::check_finite;

/// Spin phase, in turns, of an isolated pulsar:
///
/// φ(t) = φ₀ + f (t − t₀) + ḟ (t − t₀)²/2 + f̈ (t − t₀)³/6
///
/// Times are seconds in the scale and after the reference of the events; t₀ is what
/// a `.par` file calls `PEPOCH`. Phases are exact: whole turns are taken off before
/// anything is rounded, so that the fraction keeps about 10⁻¹⁵ turns however large
/// t − t₀ is. What limits them is t itself: a mission time of 10⁸ s in `f64` is known
/// to 1.5·10⁻⁸ s.
///
/// ```
/// use astro_timing::pulsation::TimingSolution;
///
/// let crab = TimingSolution::new(0.0, 29.946).with_derivatives(-3.77e-10, 1.1e-20);
/// // 10⁸ s: 2994600000 − 1885000 + 1833.3… turns.
/// assert!((crab.phase(1e8) - 1.0 / 3.0).abs() < 1e-6);
/// assert_eq!(TimingSolution::new(1e8, 600.0).phase(1e8 + 0.125), 0.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimingSolution {
    /// t₀, the epoch at which frequency and derivatives hold, seconds.
    #[doc(alias = "PEPOCH")]
    pub epoch_s: f64,
    /// φ₀, the phase at the epoch, turns.
    #[serde(default)]
    pub phase_turns: f64,
    /// f, hertz.
    #[doc(alias = "F0")]
    pub frequency_hz: f64,
    /// ḟ, hertz a second.
    #[doc(alias = "F1")]
    #[serde(default)]
    pub frequency_dot: f64,
    /// f̈, hertz a second squared.
    #[doc(alias = "F2")]
    #[serde(default)]
    pub frequency_ddot: f64,
}

impl TimingSolution {
    /// A constant frequency, with phase 0 at the epoch.
    #[must_use]
    pub fn new(epoch_s: f64, frequency_hz: f64) -> Self {
        Self {
            epoch_s,
            phase_turns: 0.0,
            frequency_hz,
            frequency_dot: 0.0,
            frequency_ddot: 0.0,
        }
    }

    /// The same with ḟ and f̈.
    #[must_use]
    pub fn with_derivatives(mut self, frequency_dot: f64, frequency_ddot: f64) -> Self {
        self.frequency_dot = frequency_dot;
        self.frequency_ddot = frequency_ddot;
        self
    }

    /// The same with phase `turns` at the epoch.
    #[must_use]
    pub fn with_phase(mut self, turns: f64) -> Self {
        self.phase_turns = turns;
        self
    }

    /// Requires finite numbers and a frequency above 0.
    ///
    /// # Errors
    /// The first number that is not, by name.
    pub fn check(&self) -> Result<()> {
        check_finite("epoch_s", [self.epoch_s])?;
        check_finite("phase_turns", [self.phase_turns])?;
        check_finite("frequency_dot", [self.frequency_dot])?;
        check_finite("frequency_ddot", [self.frequency_ddot])?;
        require(
            "frequency_hz",
            self.frequency_hz,
            self.frequency_hz > 0.0 && self.frequency_hz.is_finite(),
            "finite and above 0",
        )
    }

    /// φ in turns, unrounded.
    #[inline(always)]
    pub(crate) fn turns(&self, time_s: f64) -> Pair {
        self.turns_after(sum(time_s, -self.epoch_s))
    }

    /// φ in turns, unrounded, at a time after the epoch.
    #[inline(always)]
    pub(crate) fn turns_after(&self, elapsed: Pair) -> Pair {
        let mut rate = Pair::from(self.frequency_hz);
        if self.frequency_dot != 0.0 || self.frequency_ddot != 0.0 {
            // The correction of the third term needs no error of its own: f̈/6 is rounded.
            let slope = Pair::from(0.5 * self.frequency_dot)
                .add(elapsed.multiply(Pair::from(self.frequency_ddot / 6.0)));
            rate = rate.add(elapsed.multiply(slope));
        }
        elapsed
            .multiply(rate)
            .add(Pair::from(self.phase_turns - self.phase_turns.floor()))
    }

    /// The fraction of the turn at a time, in [0, 1).
    #[inline]
    pub fn phase(&self, time_s: f64) -> f64 {
        self.turns(time_s).fraction()
    }

    /// The phases of many times, in turns in [0, 1).
    pub fn phases(&self, times_s: &[f64]) -> Vec<f64> {
        times_s.iter().map(|&time| self.phase(time)).collect()
    }

    /// Number of whole turns since the turn that holds the epoch's phase 0.
    pub fn cycle(&self, time_s: f64) -> f64 {
        self.turns(time_s).cycle()
    }

    /// dφ/dt at a time, hertz.
    pub fn frequency_at(&self, time_s: f64) -> f64 {
        let elapsed = time_s - self.epoch_s;
        self.frequency_hz + elapsed * (self.frequency_dot + 0.5 * elapsed * self.frequency_ddot)
    }

    /// The same phases written about another epoch: φ(t) is unchanged up to whole turns.
    #[must_use]
    pub fn at_epoch(&self, epoch_s: f64) -> Self {
        let elapsed = epoch_s - self.epoch_s;
        Self {
            epoch_s,
            phase_turns: self.phase(epoch_s),
            frequency_hz: self.frequency_at(epoch_s),
            frequency_dot: self.frequency_dot + elapsed * self.frequency_ddot,
            frequency_ddot: self.frequency_ddot,
        }
    }

    /// The time within half a turn of `near_s` at which the phase is `turns`: one
    /// Newton step after another to the last bit of `f64`.
    pub fn time_of_phase(&self, turns: f64, near_s: f64) -> f64 {
        let mut time = near_s;
        for _ in 0..8 {
            let away = turns - self.phase(time);
            let step = (away - away.round()) / self.frequency_at(time);
            let next = time + step;
            if next == time {
                break;
            }
            time = next;
        }
        time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The phase in integers: time, frequency and derivatives as multiples of powers of two.
    fn exact(ticks: i128, rate: i128, slope: i128) -> f64 {
        // t = ticks 2⁻²⁰, f = rate 2⁻²⁰, ḟ/2 = slope 2⁻⁶⁰: φ = (rate·ticks 2⁶⁰ + slope·ticks² 2⁰) 2⁻¹⁰⁰.
        let linear = (rate * ticks) % (1 << 40); // 2⁻⁴⁰ turns
        let square = slope * ticks * ticks; // 2⁻¹⁰⁰ turns
        let modulus = 1i128 << 100;
        let total = ((linear << 60) + square.rem_euclid(modulus)).rem_euclid(modulus);
        total as f64 * 2f64.powi(-100)
    }

    #[test]
    fn phases_agree_with_integer_arithmetic() {
        let tick = 2f64.powi(-20);
        for (ticks, rate, slope) in [
            (104_857_612_345_677i128, 629_145_601i128, 0i128),
            (104_857_612_345_677, 629_145_601, 7_919),
            (52_428_812_345_671, 31_457_283, -104_729),
            (-52_428_812_345_671, 31_457_283, -104_729),
        ] {
            let time = ticks as f64 * tick;
            let solution = TimingSolution::new(0.0, rate as f64 * tick)
                .with_derivatives(2.0 * slope as f64 * 2f64.powi(-60), 0.0);
            let away = solution.phase(time) - exact(ticks, rate, slope);
            // Two roundings of a fraction below one.
            assert!((away - away.round()).abs() < 1e-15, "{ticks}: {away}");
        }
    }

    #[test]
    fn the_cubic_term_is_there() {
        // Powers of two: everything is exact. f̈ t³/6 = 6·2⁻⁴⁸·2⁴⁵/6 = 1/8 turn.
        let solution = TimingSolution::new(0.0, 1.0).with_derivatives(0.0, 6.0 * 2f64.powi(-48));
        assert_eq!(solution.phase(2f64.powi(15)), 0.125);
        let rate = 1.0 + 0.5 * 6.0 * 2f64.powi(-48) * 2f64.powi(30);
        assert!((solution.frequency_at(2f64.powi(15)) - rate).abs() < 1e-15);
    }

    #[test]
    fn another_epoch_gives_the_same_phases() {
        let solution = TimingSolution::new(1e5, 3.7)
            .with_derivatives(-2e-9, 1e-16)
            .with_phase(0.3);
        let moved = solution.at_epoch(1.2e5);
        for k in 0..50 {
            let time = 1e5 + 997.3 * f64::from(k);
            let away = solution.phase(time) - moved.phase(time);
            // f at the new epoch is rounded: ε f T turns, T = 5·10⁴ s.
            assert!((away - away.round()).abs() < 1e-10, "{away}");
        }
        let time = solution.time_of_phase(0.25, 1.2e5);
        assert!((solution.phase(time) - 0.25).abs() < 1e-9);
        assert!((time - 1.2e5).abs() < 0.5 / 3.69);
    }
}
