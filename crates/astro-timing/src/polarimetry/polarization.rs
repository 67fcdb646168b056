//! Degree and angle from Stokes parameters.

use astro_infer::Cholesky;
use ndarray::arr2;

use super::StokesSums;
use crate::error::{Error, Result, require, require_positive};
use crate::statistics::TailProbability;

/// The polarisation of a source.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Polarization {
    /// Q/I.
    pub q: f64,
    /// U/I.
    pub u: f64,
    /// Covariance of Q/I and U/I.
    pub covariance: [[f64; 2]; 2],
    /// Degree √(q² + u²), biased upwards where it is not several times its error.
    pub degree: f64,
    /// Its standard error.
    pub degree_error: f64,
    /// Angle ½ atan2(u, q), radians in (−π/2, π/2], from where q is positive (North, for IXPE)
    /// towards where u is (East).
    pub angle_rad: f64,
    /// Its standard error, radians: meaningful for degrees several times their error.
    pub angle_error_rad: f64,
    /// The degree that an unpolarised source exceeds in 1 % of observations like this:
    /// √(−2 ln 0.01) σ₀, σ₀² = Σ 2w²/(Aμ)²/I²; of N equal events 4.292/(μ √N).
    pub mdp99: f64,
}

impl Polarization {
    pub(super) fn from_sums(sums: &StokesSums) -> Result<Self> {
        let events = sums.events() as f64;
        require("number of events", events, events >= 2.0, "at least 2")?;
        let [i, q, u] = sums.sums;
        require_positive("intensity above background", i)?;
        let (q, u) = (q / i, u / i);
        let [ii, iq, iu, qq, qu, uu] = sums.products.map(|product| product / (i * i));
        // d(Q/I) = (dQ − q dI)/I.
        let covariance = [
            [
                qq - 2.0 * q * iq + q * q * ii,
                qu - q * iu - u * iq + q * u * ii,
            ],
            [
                qu - q * iu - u * iq + q * u * ii,
                uu - 2.0 * u * iu + u * u * ii,
            ],
        ];
        let degree = q.hypot(u);
        let along = |a: f64, b: f64| {
            let [[vq, c], [_, vu]] = covariance;
            (a * a * vq + 2.0 * a * b * c + b * b * vu).max(0.0).sqrt()
        };
        let (cos, sin) = if degree > 0.0 {
            (q / degree, u / degree)
        } else {
            (1.0, 0.0)
        };
        Ok(Self {
            q,
            u,
            covariance,
            degree,
            degree_error: along(cos, sin),
            angle_rad: 0.5 * u.atan2(q),
            angle_error_rad: if degree > 0.0 {
                0.5 * along(-sin, cos) / degree
            } else {
                f64::INFINITY
            },
            mdp99: (-2.0 * 0.01f64.ln() * sums.unpolarized).sqrt() / i,
        })
    }

    /// How improbable as much polarisation is from an unpolarised source: exp(−χ²/2), χ² the
    /// distance of (q, u) from zero in their covariance.
    ///
    /// # Errors
    /// A covariance that is singular.
    pub fn probability(&self) -> Result<TailProbability> {
        let solved = self.factor()?.solve(&[self.q, self.u]);
        let chi2 = solved[0] * self.q + solved[1] * self.u;
        TailProbability::from_ln(-0.5 * chi2)
    }

    /// The contour of a joint confidence of degree and angle: `points` pairs of (degree, angle
    /// in radians) around the ellipse Δχ² = −2 ln(1 − confidence) of (q, u).
    ///
    /// # Errors
    /// A confidence that is not between 0 and 1, fewer than three points, a covariance that is
    /// singular.
    pub fn contour(&self, confidence: f64, points: usize) -> Result<Vec<(f64, f64)>> {
        let inside = confidence > 0.0 && confidence < 1.0;
        require("confidence", confidence, inside, "above 0 and below 1")?;
        require("points", points as f64, points >= 3, "at least 3")?;
        let factor = self.factor()?;
        let radius = (-2.0 * (-confidence).ln_1p()).sqrt();
        let point = |k: usize| {
            let turn = std::f64::consts::TAU * k as f64 / points as f64;
            let offset = factor.correlate(&[radius * turn.cos(), radius * turn.sin()]);
            let (q, u) = (self.q + offset[0], self.u + offset[1]);
            (q.hypot(u), 0.5 * u.atan2(q))
        };
        Ok((0..points).map(point).collect())
    }

    fn factor(&self) -> Result<Cholesky> {
        let [[vq, c], [_, vu]] = self.covariance;
        Cholesky::new(arr2(&[[vq, c], [c, vu]]).view()).map_err(|_| Error::Unsuitable {
            operation: "a confidence region",
            requirement: "events of more than one angle",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::polarimetry::{ResponseCurve, StokesEvents};
    use crate::simulate::{PolarizedPhotons, polarized_photons};
    use astro_core::Merge;

    const SEED: u64 = 20_150_301;

    fn modulation() -> ResponseCurve {
        ResponseCurve::new(vec![2.0, 8.0], vec![0.2, 0.6]).unwrap()
    }

    fn observe(photons: usize, degree: f64, angle: f64, seed: u64) -> PolarizedPhotons {
        let curve = modulation();
        let energies: Vec<f64> = (0..25).map(|k| 2.1 + 0.2 * f64::from(k)).collect();
        let mu = |energy: f64| curve.at(energy).unwrap();
        polarized_photons(photons, degree, angle, &mu, &energies, seed).unwrap()
    }

    fn sums(photons: &PolarizedPhotons) -> StokesSums {
        let mut sums = StokesSums::default();
        let events = StokesEvents::new(&photons.q, &photons.u, &photons.energy_kev).unwrap();
        sums.add(&events, &modulation(), None);
        sums
    }

    /// χ² of (q, u), of degree and of angle over many seeds, and the coverage of contours.
    #[test]
    fn errors_are_those_of_many_observations() {
        let (degree, angle) = (0.3, 1.1);
        let (mut chi2, mut degree2, mut angle2, mut covered) = (0.0, 0.0, 0.0, 0.0);
        let seeds = 300;
        for seed in 0..seeds {
            let found = sums(&observe(20_000, degree, angle, SEED + seed))
                .polarization()
                .unwrap();
            let truth = (degree * (2.0 * angle).cos(), degree * (2.0 * angle).sin());
            let moved = Polarization {
                q: found.q - truth.0,
                u: found.u - truth.1,
                ..found
            };
            let distance = -2.0 * moved.probability().unwrap().ln();
            chi2 += distance;
            covered += f64::from(u8::from(distance < -2.0 * (1.0f64 - 0.683).ln()));
            degree2 += ((found.degree - degree) / found.degree_error).powi(2);
            angle2 += ((found.angle_rad - angle) / found.angle_error_rad).powi(2);
        }
        let n = seeds as f64;
        // χ² of two degrees of freedom: mean 2, variance 4.
        assert!((chi2 / n - 2.0).abs() < 4.0 * 2.0 / n.sqrt(), "{chi2}");
        assert!(
            (degree2 / n - 1.0).abs() < 4.0 * (2.0 / n).sqrt(),
            "{degree2}"
        );
        assert!(
            (angle2 / n - 1.0).abs() < 4.0 * (2.0 / n).sqrt(),
            "{angle2}"
        );
        assert!(
            (covered / n - 0.683).abs() < 4.0 * (0.683 * 0.317 / n).sqrt(),
            "{covered}"
        );
    }

    #[test]
    fn unpolarised_sources_exceed_mdp99_in_a_percent() {
        let mut above = 0.0;
        let seeds = 2000;
        for seed in 0..seeds {
            let found = sums(&observe(2000, 0.0, 0.0, SEED + seed))
                .polarization()
                .unwrap();
            above += f64::from(u8::from(found.degree > found.mdp99));
        }
        let expected = 0.01 * seeds as f64;
        assert!((above - expected).abs() < 4.0 * expected.sqrt(), "{above}");
        // The textbook number for equal events.
        let flat = ResponseCurve::constant(0.5).unwrap();
        let photons = observe(10_000, 0.0, 0.0, SEED);
        let events = StokesEvents::new(&photons.q, &photons.u, &photons.energy_kev).unwrap();
        let mut sums = StokesSums::default();
        sums.add(&events, &flat, None);
        let mdp = sums.polarization().unwrap().mdp99;
        assert!((mdp / (4.292 / (0.5 * 100.0)) - 1.0).abs() < 1e-3);
    }

    #[test]
    fn background_is_taken_off() {
        let (mut q, mut u) = (0.0, 0.0);
        let (mut q2, mut u2) = (0.0, 0.0);
        let seeds = 150;
        for seed in 0..seeds {
            // A polarised source on an unpolarised background, and a background region thrice as large.
            let mut both = sums(&observe(10_000, 0.4, 0.2, 3 * seed));
            both.merge(sums(&observe(5000, 0.0, 0.0, 3 * seed + 1)));
            let elsewhere = sums(&observe(15_000, 0.0, 0.0, 3 * seed + 2));
            let net = both
                .minus_background(&elsewhere, 1.0 / 3.0)
                .unwrap()
                .polarization()
                .unwrap();
            q += net.q - 0.4 * 0.4f64.cos();
            u += net.u - 0.4 * 0.4f64.sin();
            q2 += net.covariance[0][0];
            u2 += net.covariance[1][1];
        }
        let n = seeds as f64;
        assert!((q / n).abs() < 4.0 * (q2 / n / n).sqrt(), "{}", q / n);
        assert!((u / n).abs() < 4.0 * (u2 / n / n).sqrt(), "{}", u / n);
    }

    #[test]
    fn weights_and_areas_enter_and_contours_close() {
        let photons = observe(5000, 0.5, -0.3, SEED);
        let weight: Vec<f64> = (0..5000).map(|k| 0.5 + f64::from(k % 2)).collect();
        let events = StokesEvents::new(&photons.q, &photons.u, &photons.energy_kev)
            .unwrap()
            .with_weights(&weight)
            .unwrap();
        let area = ResponseCurve::new(vec![2.0, 8.0], vec![30.0, 10.0]).unwrap();
        let mut sums = StokesSums::default();
        sums.add(&events, &modulation(), Some(&area));
        assert!((sums.effective_events() - 4000.0).abs() < 1e-9); // 5000²/(2500 · (1/4 + 9/4))
        let found = sums.polarization().unwrap();
        assert!((found.degree - 0.5).abs() < 4.0 * found.degree_error);
        for (degree, angle) in found.contour(0.5, 12).unwrap() {
            let q = degree * (2.0 * angle).cos() - found.q;
            let u = degree * (2.0 * angle).sin() - found.u;
            let moved = Polarization { q, u, ..found };
            assert!((moved.probability().unwrap().value() - 0.5).abs() < 1e-9);
        }
        assert!(StokesSums::default().polarization().is_err());
    }
}
