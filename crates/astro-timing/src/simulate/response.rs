//! Echoes: how a delayed component follows the driving light curve.

use astro_core::check_finite;
use astro_fft::RealFft1;
use num_complex::Complex64;

use super::RateSeries;
use crate::error::{Result, require, require_positive};

/// The impulse response h of a component: its rate is r_j = Σ_i h_i s_{j−i}.
///
/// The phase lag of the response behind the driving light curve is −arg H(f), H the
/// Fourier transform of h ([`ImpulseResponse::transfer`]): what a measured lag is compared
/// with.
#[derive(Clone, Debug, PartialEq)]
pub struct ImpulseResponse {
    /// Width of a bin, seconds: that of the light curve.
    pub dt_s: f64,
    /// h_i, the part of the driving rate that arrives i bins later.
    pub weights: Vec<f64>,
}

impl ImpulseResponse {
    /// A constant response of `intensity` a bin, from `start_s` on, for `width_s`.
    ///
    /// Both times are cut to whole bins; a width of one bin is a pure delay.
    ///
    /// # Errors
    /// A start below 0, a width below one bin, numbers that are not finite, more than
    /// 10⁸ bins.
    pub fn simple(dt_s: f64, start_s: f64, width_s: f64, intensity: f64) -> Result<Self> {
        require_positive("dt_s", dt_s)?;
        let at_least_zero = "finite and at least 0";
        require(
            "start_s",
            start_s,
            start_s >= 0.0 && start_s.is_finite(),
            at_least_zero,
        )?;
        let one_bin = width_s >= dt_s && width_s.is_finite();
        require("width_s", width_s, one_bin, "finite and at least one bin")?;
        check_finite("intensity", [intensity])?;
        let begin = whole_bins("start_s + width_s", start_s, dt_s)?;
        let width = whole_bins("start_s + width_s", width_s, dt_s)?;
        let mut weights = vec![0.0; begin];
        weights.resize(begin + width, intensity);
        Ok(Self { dt_s, weights })
    }

    /// A response with a primary peak and a relativistically beamed secondary one:
    /// zero before `primary_s`, `primary` there, then rising exponentially to `secondary`
    /// at `secondary_s`, and decaying exponentially until `end_s` (the shape that
    /// Stingray's `relativistic_ir` draws, with rates a second instead of a bin).
    ///
    /// # Errors
    /// Times that are not `0 ≤ primary_s < secondary_s < end_s`, peaks that are not
    /// `0 < primary < secondary`, rates that are not above 0.
    pub fn relativistic(dt_s: f64, shape: &RelativisticShape) -> Result<Self> {
        require_positive("dt_s", dt_s)?;
        let RelativisticShape {
            primary_s,
            secondary_s,
            end_s,
            primary,
            secondary,
            rise_per_s,
            decay_per_s,
        } = *shape;
        require(
            "primary_s",
            primary_s,
            primary_s >= 0.0,
            "finite and at least 0",
        )?;
        require_positive("secondary_s − primary_s", secondary_s - primary_s)?;
        require_positive("end_s − secondary_s", end_s - secondary_s)?;
        require_positive("primary", primary)?;
        require_positive("secondary − primary", secondary - primary)?;
        require_positive("rise_per_s", rise_per_s)?;
        require_positive("decay_per_s", decay_per_s)?;
        let bins = whole_bins("end_s", end_s, dt_s)?;
        // exp(x) − 1 over its range: rises from 0 to 1 whatever the rate.
        let span = (rise_per_s * (secondary_s - primary_s)).exp_m1();
        let weight = |bin: usize| {
            let time = bin as f64 * dt_s;
            if time < primary_s {
                0.0
            } else if time < secondary_s {
                let risen = (rise_per_s * (time - primary_s)).exp_m1() / span;
                primary + (secondary - primary) * risen
            } else {
                secondary * (-decay_per_s * (time - secondary_s)).exp()
            }
        };
        Ok(Self {
            dt_s,
            weights: (0..bins).map(weight).collect(),
        })
    }

    /// H(f) = Σ_i h_i exp(−2πi f i Δt).
    pub fn transfer(&self, frequency_hz: f64) -> Complex64 {
        let turn = |i: usize| -std::f64::consts::TAU * frequency_hz * self.dt_s * i as f64;
        let term = |(i, h): (usize, &f64)| Complex64::from_polar(1.0, turn(i)) * h;
        self.weights.iter().enumerate().map(term).sum()
    }

    /// The light curve of the component, as long as the driving one and from the same
    /// time on; before its first bin the driving source was off, so the first
    /// `weights.len() − 1` bins are incomplete ([`ImpulseResponse::respond_whole`]).
    ///
    /// # Errors
    /// Bins of another width, an empty light curve or response.
    pub fn respond(&self, driving: &RateSeries) -> Result<RateSeries> {
        self.check(driving)?;
        let rate = convolve(&driving.rate, &self.weights)?;
        Ok(RateSeries {
            rate,
            ..driving.clone()
        })
    }

    /// The part of the response whose every bin has its whole history.
    ///
    /// # Errors
    /// As [`ImpulseResponse::respond`], and a response longer than the light curve.
    pub fn respond_whole(&self, driving: &RateSeries) -> Result<RateSeries> {
        let mut whole = self.respond(driving)?;
        let missing = self.weights.len() - 1;
        require(
            "bins of the impulse response",
            self.weights.len() as f64,
            missing < whole.rate.len(),
            "at most as many as the light curve has",
        )?;
        whole.rate.drain(..missing);
        whole.start_s += missing as f64 * whole.dt_s;
        Ok(whole)
    }

    fn check(&self, driving: &RateSeries) -> Result<()> {
        driving.check()?;
        check_finite("weights", self.weights.iter().copied())?;
        let empty = self.weights.is_empty() || driving.rate.is_empty();
        require(
            "bins",
            0.0,
            !empty,
            "at least 1 in the response and the light curve",
        )?;
        require(
            "dt_s of the impulse response",
            self.dt_s,
            (self.dt_s / driving.dt_s - 1.0).abs() < 1e-9,
            "that of the light curve",
        )
    }
}

/// Settings of [`ImpulseResponse::relativistic`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RelativisticShape {
    /// Time of the primary peak, seconds.
    pub primary_s: f64,
    /// Time of the secondary peak, seconds.
    pub secondary_s: f64,
    /// End of the response, seconds.
    pub end_s: f64,
    /// Height of the primary peak.
    pub primary: f64,
    /// Height of the secondary peak.
    pub secondary: f64,
    /// Rate of the exponential rise, 1/s.
    pub rise_per_s: f64,
    /// Rate of the exponential decay, 1/s.
    pub decay_per_s: f64,
}

fn whole_bins(name: &'static str, length_s: f64, dt_s: f64) -> Result<usize> {
    // A length that is a whole number of bins up to rounding keeps them all.
    let bins = (length_s / dt_s + 1e-9).floor();
    require(name, length_s, bins <= 1e8, "at most 1e8 bins")?;
    Ok(bins as usize)
}

/// The first `signal.len()` terms of the convolution.
fn convolve(signal: &[f64], weights: &[f64]) -> Result<Vec<f64>> {
    let n = signal.len();
    let used = weights.len().min(n);
    let fft = RealFft1::<f64>::new((n + used - 1).next_power_of_two())?;
    let padded = |x: &[f64]| {
        let mut padded = x.to_vec();
        padded.resize(fft.length(), 0.0);
        fft.forward(&padded)
    };
    let mut product = padded(signal)?;
    for (a, b) in product.iter_mut().zip(padded(&weights[..used])?) {
        *a *= b / fft.length() as f64;
    }
    let mut out = fft.inverse(&product)?;
    out.truncate(n);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(n: usize) -> RateSeries {
        RateSeries {
            start_s: 3.0,
            dt_s: 0.5,
            rate: (0..n).map(|k| (k as f64 * 0.7).sin() + 2.0).collect(),
        }
    }

    #[test]
    fn responses_are_direct_sums() {
        let response = ImpulseResponse {
            dt_s: 0.5,
            weights: vec![0.5, 0.0, 0.25, -0.1],
        };
        let driving = ramp(37);
        let found = response.respond(&driving).unwrap();
        let whole = response.respond_whole(&driving).unwrap();
        for j in 0..37 {
            let expected: f64 = (0..4.min(j + 1))
                .map(|i| response.weights[i] * driving.rate[j - i])
                .sum();
            assert!((found.rate[j] - expected).abs() < 1e-13);
            if j >= 3 {
                assert_eq!(whole.rate[j - 3], found.rate[j]);
            }
        }
        assert_eq!((whole.rate.len(), whole.start_s), (34, 4.5));
    }

    #[test]
    fn a_delay_has_the_phase_of_a_delay() {
        let delay = ImpulseResponse::simple(0.01, 0.3, 0.01, 1.0).unwrap();
        assert_eq!(delay.weights.len(), 31);
        let transfer = delay.transfer(1.25);
        let expected = Complex64::from_polar(1.0, -std::f64::consts::TAU * 1.25 * 0.3);
        assert!((transfer - expected).norm() < 1e-12);
    }

    #[test]
    fn the_relativistic_response_has_its_peaks() {
        let shape = RelativisticShape {
            primary_s: 3.0,
            secondary_s: 4.0,
            end_s: 10.0,
            primary: 1.0,
            secondary: 1.4,
            rise_per_s: 0.6,
            decay_per_s: 0.1,
        };
        let response = ImpulseResponse::relativistic(0.125, &shape).unwrap();
        let h = &response.weights;
        assert_eq!(h.len(), 80);
        assert_eq!((h[23], h[24], h[32]), (0.0, 1.0, 1.4));
        assert!((h[72] - 1.4 * (-0.5f64).exp()).abs() < 1e-12);
        assert!(h[24..=32].is_sorted() && h[32..].is_sorted_by(|a, b| a >= b));
        let bad = RelativisticShape {
            end_s: 4.0,
            ..shape
        };
        assert!(ImpulseResponse::relativistic(0.125, &bad).is_err());
    }

    #[test]
    fn bins_must_be_equally_wide() {
        let response = ImpulseResponse::simple(0.1, 0.0, 0.5, 1.0).unwrap();
        assert!(response.respond(&ramp(5)).is_err());
        assert!(ImpulseResponse::simple(0.1, -1.0, 0.5, 1.0).is_err());
        assert!(ImpulseResponse::simple(0.1, 1e300, 0.5, 1.0).is_err());
    }
}
