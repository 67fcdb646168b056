//! Intervals by the profile of the likelihood.

use super::{FittedSpectrum, SpectrumFit};
use crate::error::{Error, Result, require_positive};

/// Where the likelihood of a parameter, maximised over the others, has fallen by n²/2.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ProfileInterval {
    /// Lower end; none where the likelihood never falls so far, as that of an amplitude that
    /// may be zero, or not within the limits of the fit.
    pub lower: Option<f64>,
    /// Upper end; none where the likelihood never falls so far.
    pub upper: Option<f64>,
}

/// Farthest a logarithm is followed.
const FARTHEST_LOGARITHM: f64 = 40.0;

impl SpectrumFit<'_> {
    /// The interval of a parameter at `sigmas` equivalent Gaussian standard deviations: 1 for
    /// 68.3 %, 1.645 for 90 %.
    ///
    /// It holds where the normal approximation of the errors does not: weak lines, and single
    /// periodograms.
    ///
    /// # Errors
    /// A name that the model does not have or that was held; a fit that was not at the highest
    /// summit.
    pub fn profile_interval(
        &self,
        fitted: &FittedSpectrum,
        name: &str,
        sigmas: f64,
    ) -> Result<ProfileInterval> {
        require_positive("sigmas", sigmas)?;
        self.check()?;
        let index = self.index_of(name)?;
        if self.fixed[index] {
            return Err(Error::Unsuitable {
                operation: "a profile interval",
                requirement: "a parameter that is free",
            });
        }
        let profile = Profile {
            fit: self,
            fitted,
            index,
            others: self.free().into_iter().filter(|&i| i != index).collect(),
            logarithmic: self.logarithmic()[index],
            target: fitted.log_likelihood - 0.5 * sigmas * sigmas,
        };
        let parameter = &fitted.parameters()[index];
        let sigma = if profile.logarithmic {
            parameter.error / parameter.value
        } else {
            parameter.error
        };
        Ok(ProfileInterval {
            lower: profile.end(-sigma * sigmas)?,
            upper: profile.end(sigma * sigmas)?,
        })
    }
}

struct Profile<'a, 'b> {
    fit: &'a SpectrumFit<'b>,
    fitted: &'a FittedSpectrum,
    index: usize,
    others: Vec<usize>,
    logarithmic: bool,
    target: f64,
}

impl Profile<'_, '_> {
    /// Excess of the profile over the target at an offset, and the values there.
    fn excess(&self, offset: f64, near: &[f64]) -> Result<(f64, Vec<f64>)> {
        let mut start = near.to_vec();
        start[self.index] = self.value(offset);
        let (log_likelihood, values) = if self.others.is_empty() {
            (
                self.fit
                    .likelihood
                    .value(self.fit.model, &start, self.fit.data),
                start,
            )
        } else {
            match self.fit.climb(&start, &self.others) {
                Ok(summit) => (summit.log_likelihood, summit.values),
                // A point that is not possible is beyond the end.
                Err(_) => (f64::NEG_INFINITY, near.to_vec()),
            }
        };
        if log_likelihood > self.fitted.log_likelihood + 1e-3 {
            return Err(Error::Unsuitable {
                operation: "a profile interval",
                requirement: "the highest summit: a higher one was met on the way, start the fit there",
            });
        }
        Ok((log_likelihood - self.target, values))
    }

    /// The value on one side where the profile reaches the target: steps that grow, then
    /// bisection by the parabola through the ends.
    fn end(&self, first: f64) -> Result<Option<f64>> {
        let (mut inside, mut inside_excess) = (0.0, self.fitted.log_likelihood - self.target);
        let mut values = self.fitted.values();
        let mut step = first;
        let (outside, mut outside_excess) = loop {
            let offset = inside + step;
            let (lowest, highest) = self.fit.limits[self.index];
            if !(lowest..=highest).contains(&self.value(offset)) {
                return Ok(None);
            }
            let far = if self.logarithmic {
                FARTHEST_LOGARITHM
            } else {
                1e3 * first.abs()
            };
            if offset.abs() > far {
                return Ok(None);
            }
            let (excess, there) = self.excess(offset, &values)?;
            if excess < 0.0 {
                break (offset, excess);
            }
            (inside, inside_excess, values) = (offset, excess, there);
            step *= 1.5;
        };
        let mut outside = outside;
        for _ in 0..60 {
            if (outside - inside).abs() < 1e-4 * first.abs() {
                break;
            }
            // The excess falls as a parabola: its root is straight between the two.
            let part = if outside_excess.is_finite() {
                inside_excess / (inside_excess - outside_excess)
            } else {
                0.5
            };
            let offset = inside + (outside - inside) * part.clamp(0.1, 0.9);
            let (excess, there) = self.excess(offset, &values)?;
            if excess < 0.0 {
                (outside, outside_excess) = (offset, excess);
            } else {
                (inside, inside_excess, values) = (offset, excess, there);
            }
        }
        Ok(Some(self.value(0.5 * (inside + outside))))
    }

    /// The parameter at an offset from the summit.
    fn value(&self, offset: f64) -> f64 {
        let best = self.fitted.parameters()[self.index].value;
        if self.logarithmic {
            best * offset.exp()
        } else {
            best + offset
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modeling::{SpectralModel, SpectrumData};
    use crate::simulate::simulated_powers;
    use rayon::prelude::*;

    const SEED: u64 = 20_100_202;

    /// n powers of mean P̄ from a constant S: the profile is n m (ln S/P̄ + P̄/S − 1), exactly.
    #[test]
    fn the_interval_of_a_constant_is_known() {
        let flat = SpectralModel::constant();
        let f: Vec<f64> = (1..=12).map(f64::from).collect();
        let power = simulated_powers(&[2.0; 12], 1, SEED).unwrap();
        let mean = power.iter().sum::<f64>() / 12.0;
        let data = SpectrumData::new(f, power, 1.0).unwrap();
        let fit = SpectrumFit::new(&flat, &data).start(&[1.0]);
        let fitted = fit.run().unwrap();
        let interval = fit
            .profile_interval(&fitted, "constant.amplitude", 1.0)
            .unwrap();
        for end in [interval.lower.unwrap(), interval.upper.unwrap()] {
            let fall = 12.0 * ((end / mean).ln() + mean / end - 1.0);
            assert!((fall - 0.5).abs() < 1e-3, "{fall}");
        }
    }

    /// Single periodograms: 68.3 % intervals hold the truth as often as they say.
    #[test]
    fn coverage_of_single_periodograms() {
        let model = SpectralModel::lorentzian() + SpectralModel::constant();
        let truth = [12.0, 5.0, 1.5, 2.0];
        let f: Vec<f64> = (1..=700).map(|k| f64::from(k) / 70.0).collect();
        let values = model.values(&truth, &f).unwrap();
        let draws = 250;
        let names = model.parameter_names();
        let inside: Vec<[bool; 4]> = (0..draws)
            .into_par_iter()
            .map(|seed| {
                let power = simulated_powers(&values, 1, SEED + seed).unwrap();
                let data = SpectrumData::new(f.clone(), power, 1.0).unwrap();
                let fit = SpectrumFit::new(&model, &data).start(&truth);
                let fitted = fit.run().unwrap();
                std::array::from_fn(|k| {
                    let interval = fit.profile_interval(&fitted, &names[k], 1.0).unwrap();
                    let above = interval.lower.is_none_or(|low| low <= truth[k]);
                    above && interval.upper.is_none_or(|high| truth[k] <= high)
                })
            })
            .collect();
        for k in 0..4 {
            let found = inside.iter().filter(|inside| inside[k]).count() as f64 / draws as f64;
            // Binomial scatter 2.9 %; four of it.
            assert!((found - 0.683).abs() < 0.12, "{}: {found}", names[k]);
        }
    }

    #[test]
    fn an_absent_line_has_no_lower_end() {
        let model = SpectralModel::lorentzian() + SpectralModel::constant();
        let f: Vec<f64> = (1..=300).map(|k| f64::from(k) / 30.0).collect();
        let power = simulated_powers(&vec![2.0; 300], 5, SEED + 3).unwrap();
        let data = SpectrumData::new(f, power, 5.0).unwrap();
        let fit = SpectrumFit::new(&model, &data)
            .start(&[0.1, 5.0, 1.0, 2.0])
            .hold("lorentzian.center_hz")
            .unwrap()
            .hold("lorentzian.fwhm_hz")
            .unwrap();
        let fitted = fit.run().unwrap();
        let interval = fit
            .profile_interval(&fitted, "lorentzian.amplitude", 3.0)
            .unwrap();
        assert_eq!(interval.lower, None);
        assert!(interval.upper.unwrap() < 2.0);
    }
}
