//! Quantities that follow from fitted parameters, with their errors.

use std::f64::consts::FRAC_PI_2;

use super::{Component, FittedSpectrum, SpectralModel};

/// The integral over all positive frequencies of a Lorentzian of height 1: (w/2) (π/2 + atan 2f₀/w).
///
/// A line of this area and height A has the squared fractional rms A · area where powers are in
/// (rms/mean)²/Hz.
///
/// ```
/// use astro_timing::modeling::lorentzian_area;
/// assert!((lorentzian_area(0.0, 2.0) - std::f64::consts::FRAC_PI_2).abs() < 1e-12);
/// ```
pub fn lorentzian_area(center_hz: f64, fwhm_hz: f64) -> f64 {
    0.5 * fwhm_hz * (FRAC_PI_2 + (2.0 * center_hz / fwhm_hz).atan())
}

/// What a Lorentzian of a fit is, beyond its parameters.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FittedLine {
    /// Its name in the parameters: `lorentzian`, `lorentzian2`, …
    pub name: String,
    /// Quality factor, center over width, with its error.
    pub quality: (f64, f64),
    /// Root of its integral over positive frequencies, with its error: the fractional rms where powers
    /// are in (rms/mean)²/Hz.
    pub root_area: (f64, f64),
}

impl FittedSpectrum {
    /// A quantity of all parameter values, with its standard error to first order from the covariance
    /// of the fit.
    pub fn propagated(&self, quantity: impl Fn(&[f64]) -> f64) -> (f64, f64) {
        let values = self.values();
        let free: Vec<usize> = (0..values.len())
            .filter(|&i| !self.parameters[i].fixed)
            .collect();
        let slope = |(place, &i): (usize, &usize)| {
            // A hundredth of a standard error: small against curvature, large against rounding.
            let step = 0.01 * self.covariance[[place, place]].sqrt();
            let at = |by: f64| {
                let mut moved = values.clone();
                if self.parameters[i].logarithmic {
                    moved[i] *= by.exp();
                } else {
                    moved[i] += by;
                }
                quantity(&moved)
            };
            (at(step) - at(-step)) / (2.0 * step)
        };
        let slopes: Vec<f64> = free.iter().enumerate().map(slope).collect();
        let mut variance = 0.0;
        for (a, sa) in slopes.iter().enumerate() {
            for (b, sb) in slopes.iter().enumerate() {
                variance += sa * sb * self.covariance[[a, b]];
            }
        }
        (quantity(&values), variance.sqrt())
    }

    /// Quality factor and area of each Lorentzian of the model.
    pub fn lines(&self, model: &SpectralModel) -> Vec<FittedLine> {
        let mut lines = Vec::new();
        let mut first = 0;
        for component in model.components() {
            let p = first;
            first += component.parameters().len();
            if component != Component::Lorentzian {
                continue;
            }
            let name = &self.parameters[p].name;
            lines.push(FittedLine {
                name: name.split('.').next().unwrap_or(name).to_owned(),
                quality: self.propagated(|v| v[p + 1] / v[p + 2]),
                root_area: self.propagated(|v| (v[p] * lorentzian_area(v[p + 1], v[p + 2])).sqrt()),
            });
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modeling::{SpectrumData, SpectrumFit};
    use crate::simulate::simulated_powers;

    #[test]
    fn areas_are_integrals() {
        let (center, width) = (3.0, 1.3);
        let n = 2_000_000;
        let step = 1e-3;
        let sum: f64 = (0..n)
            .map(|k| {
                let d = (f64::from(k) + 0.5) * step - center;
                0.25 * width * width / (d * d + 0.25 * width * width) * step
            })
            .sum();
        // The rest beyond 2000 Hz is w²/4/f.
        let rest = 0.25 * width * width / 2000.0;
        assert!((sum + rest - lorentzian_area(center, width)).abs() < 1e-6);
        assert!((lorentzian_area(1e9, 2.0) - std::f64::consts::PI).abs() < 1e-6);
    }

    /// The error of the rms is the scatter of the rms over many fits.
    #[test]
    fn errors_of_the_rms_are_its_scatter() {
        let model = SpectralModel::lorentzian() + SpectralModel::constant();
        let truth = [6.0, 5.0, 1.1, 2.0];
        let f: Vec<f64> = (1..=800).map(|k| f64::from(k) / 80.0).collect();
        let values = model.values(&truth, &f).unwrap();
        let expected = (6.0 * lorentzian_area(5.0, 1.1)).sqrt();
        let (mut chi2, mut quality_chi2) = (0.0, 0.0);
        let draws = 300;
        for seed in 0..draws {
            let power = simulated_powers(&values, 20, 77 + seed).unwrap();
            let data = SpectrumData::new(f.clone(), power, 20.0).unwrap();
            let fit = SpectrumFit::new(&model, &data).start(&truth).run().unwrap();
            let lines = fit.lines(&model);
            assert_eq!((lines.len(), lines[0].name.as_str()), (1, "lorentzian"));
            let (rms, error) = lines[0].root_area;
            chi2 += ((rms - expected) / error).powi(2);
            let (quality, error) = lines[0].quality;
            quality_chi2 += ((quality - 5.0 / 1.1) / error).powi(2);
        }
        for chi2 in [chi2, quality_chi2] {
            let n = draws as f64;
            assert!(
                (chi2 / n - 1.0).abs() < 4.5 * (2.0 / n).sqrt(),
                "{chi2} of {n}"
            );
        }
    }
}
