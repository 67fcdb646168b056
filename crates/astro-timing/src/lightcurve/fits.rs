//! Light curves from FITS files and back.

use astro_io::FitsLightCurve;

use super::{CountErrors, LightCurve};
use crate::{Compat, Result};

impl LightCurve {
    /// The bins of a file's light curve that have a rate, as counts: rate × bin width, with the errors
    /// of the file. Where it has none, counts are taken as Poisson distributed.
    ///
    /// Rates corrected for exposure (FRACEXP) are taken as they are, with their errors.
    ///
    /// # Errors
    /// [`crate::Error::Value`], [`crate::Error::Length`] and [`crate::Error::Gti`] for a curve that is none.
    pub fn from_fits(curve: &FitsLightCurve) -> Result<Self> {
        let usable = |&bin: &usize| {
            let error = curve.error.get(bin).copied().unwrap_or(0.0);
            curve.rate[bin].is_finite() && error.is_finite()
        };
        let bins: Vec<usize> = (0..curve.times.len().min(curve.rate.len()))
            .filter(usable)
            .collect();
        let pick = |from: &[f64], scale: f64| bins.iter().map(|&bin| from[bin] * scale).collect();
        let counts = Self::new(
            pick(&curve.times, 1.0),
            pick(&curve.rate, curve.bin_s),
            curve.bin_s,
        )?;
        let counts = counts
            .with_gti(curve.gti.clone())
            .with_reference(curve.reference);
        if curve.error.is_empty() {
            Ok(counts)
        } else {
            counts.with_errors(pick(&curve.error, curve.bin_s))
        }
    }

    /// Rates and their errors, to be written.
    #[must_use]
    pub fn to_fits(&self) -> FitsLightCurve {
        FitsLightCurve {
            times: self.times.clone(),
            bin_s: self.bin_s,
            rate: self.rates(),
            error: self
                .errors(Compat::Correct)
                .iter()
                .map(|error| error / self.bin_s)
                .collect(),
            exposed_fraction: Vec::new(),
            reference: self.reference,
            gti: self.gti.clone(),
        }
    }

    /// Whether the errors are those of counts of photons.
    #[must_use]
    pub fn is_poisson(&self) -> bool {
        self.errors == CountErrors::Poisson
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_goes_to_rates_and_back() {
        let curve = LightCurve::new(vec![1.0, 3.0, 5.0], vec![4.0, 9.0, 0.0], 2.0).unwrap();
        let mut rates = curve.to_fits();
        assert_eq!(rates.rate, [2.0, 4.5, 0.0]);
        assert_eq!(rates.error, [1.0, 1.5, 0.0]);
        rates.rate[1] = f64::NAN;
        let back = LightCurve::from_fits(&rates).unwrap();
        assert_eq!(
            (back.times(), back.counts()),
            (&[1.0, 5.0][..], &[4.0, 0.0][..])
        );
        assert!(!back.is_poisson());
        rates.error.clear();
        assert!(LightCurve::from_fits(&rates).unwrap().is_poisson());
    }
}
