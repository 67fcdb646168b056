//! Light curves joined, added, cut and split.

use super::{CountErrors, LightCurve};
use crate::{Compat, Error, Estimate, Result};

/// Bin widths may differ by this part and still be taken for equal.
const SAME_WIDTH: f64 = 1e-9;
/// Bins of two curves may be off by this part of a bin and still be the same.
const SAME_BIN: f64 = 1e-3;

impl LightCurve {
    /// Only the bins that lie in a good time interval whole.
    ///
    /// # Errors
    /// [`Error::Gti`] if the bins and intervals cannot be compared.
    pub fn apply_gti(&self) -> Result<Self> {
        let ranges = self.gti.bin_ranges(&self.times, self.bin_s)?;
        let keep: Vec<usize> = ranges.into_iter().flatten().collect();
        Ok(self.pick(&keep))
    }

    /// Only the bins whose centres lie in `[start, stop)`, and the good time there.
    ///
    /// # Errors
    /// [`Error::Gti`] unless `start < stop`.
    pub fn truncated(&self, start: f64, stop: f64) -> Result<Self> {
        let gti = self.gti.truncated(start, stop)?;
        let inside = |bin: &usize| (start..stop).contains(&self.times[*bin]);
        let keep: Vec<usize> = (0..self.len()).filter(inside).collect();
        Ok(self.pick(&keep).with_gti(gti))
    }

    /// The pieces between gaps longer than `gap_s`, each with its good time.
    ///
    /// # Errors
    /// [`Error::Gti`] for a negative gap.
    pub fn split_at_gaps(&self, gap_s: f64) -> Result<Vec<Self>> {
        let parts = self.gti.split_at_gaps(gap_s)?;
        let piece = |gti: astro_core::GoodTimeIntervals| {
            let ranges = gti.bin_ranges(&self.times, self.bin_s)?;
            let keep: Vec<usize> = ranges.into_iter().flatten().collect();
            Ok(self.pick(&keep).with_gti(gti))
        };
        parts.into_iter().map(piece).collect()
    }

    /// Both curves one after the other, brought to the reference of this one.
    ///
    /// # Errors
    /// [`Error::Time`] if their scales differ, [`Error::Mismatch`] if their bins do, and
    /// [`Error::Gti`] if they overlap.
    pub fn joined(&self, other: &Self) -> Result<Self> {
        self.check_same_width(other)?;
        let offset = other.reference.offset_to(&self.reference)?;
        let (mut first, mut second) = (self.clone(), other.clone());
        second.times.iter_mut().for_each(|t| *t = offset.apply(*t));
        second.gti = second.gti.with_times(|t| offset.apply(t))?;
        let gti = first.gti.append(&second.gti)?;
        if second.times.first() < first.times.first() {
            std::mem::swap(&mut first, &mut second);
        }
        let errors = match (&first.errors, &second.errors) {
            (CountErrors::Poisson, CountErrors::Poisson) => None,
            _ => Some(
                [
                    first.errors(Compat::Correct),
                    second.errors(Compat::Correct),
                ]
                .concat(),
            ),
        };
        let joined = Self::new(
            [first.times, second.times].concat(),
            [first.counts, second.counts].concat(),
            self.bin_s,
        )?;
        let joined = joined.with_gti(gti).with_reference(self.reference);
        match errors {
            None => Ok(joined),
            Some(errors) => joined.with_errors(errors),
        }
    }

    /// The sum of two curves with the same bins, good where both are.
    ///
    /// # Errors
    /// [`Error::Time`], or [`Error::Mismatch`] if their bins differ.
    pub fn added(&self, other: &Self) -> Result<Self> {
        let poisson = matches!(
            (&self.errors, &other.errors),
            (CountErrors::Poisson, CountErrors::Poisson)
        );
        let sum = self.combined(other, |a, b| a + b)?;
        if poisson {
            Ok(sum)
        } else {
            sum.with_errors(self.added_errors(other))
        }
    }

    /// This curve less `other`, such as a background scaled to it: errors become Gaussian and add
    /// in quadrature.
    ///
    /// # Errors
    /// [`Error::Time`], or [`Error::Mismatch`] if their bins differ.
    pub fn subtracted(&self, other: &Self) -> Result<Self> {
        self.combined(other, |a, b| a - b)?
            .with_errors(self.added_errors(other))
    }

    /// Counts and errors times `factor`; errors become Gaussian.
    ///
    /// # Errors
    /// [`Error::Value`] if `factor` is not finite.
    pub fn scaled(&self, factor: f64) -> Result<Self> {
        astro_core::check_finite("factor", [factor])?;
        let errors = self.errors(Compat::Correct);
        let mut scaled = self.clone();
        scaled.counts.iter_mut().for_each(|count| *count *= factor);
        scaled.with_errors(errors.iter().map(|e| e * factor.abs()).collect())
    }

    /// The ratio of this curve to `other`, bin by bin, with first-order errors: a colour, hard over
    /// soft. NaN where the other has no counts.
    ///
    /// # Errors
    /// [`Error::Time`], or [`Error::Mismatch`] if their bins differ.
    #[doc(alias = "color")]
    #[doc(alias = "hardness ratio")]
    pub fn ratio(&self, other: &Self) -> Result<Vec<Estimate>> {
        let quotient = self.combined(other, |a, b| if b > 0.0 { a / b } else { f64::NAN })?;
        let errors = self.errors(Compat::Correct).into_iter();
        let errors = errors.zip(other.errors(Compat::Correct));
        let ratios = quotient.counts.iter().zip(errors).zip(&other.counts);
        Ok(ratios
            .map(|((&value, (hard, soft)), &counts)| Estimate {
                value,
                error: hard.hypot(value * soft) / counts,
            })
            .collect())
    }

    fn combined(&self, other: &Self, combine: impl Fn(f64, f64) -> f64) -> Result<Self> {
        self.check_same_width(other)?;
        let offset = other.reference.offset_to(&self.reference)?;
        if self.len() != other.len() {
            return Err(mismatch(
                "number of bins",
                other.len() as f64,
                self.len() as f64,
            ));
        }
        for (&a, &b) in self.times.iter().zip(&other.times) {
            let b = offset.apply(b);
            if (a - b).abs() > SAME_BIN * self.bin_s {
                return Err(mismatch("time of a bin", b, a));
            }
        }
        let pairs = self.counts.iter().zip(&other.counts);
        let mut both = self.clone();
        both.counts = pairs.map(|(&a, &b)| combine(a, b)).collect();
        both.gti = self
            .gti
            .intersection(&other.gti.with_times(|t| offset.apply(t))?);
        Ok(both)
    }

    fn added_errors(&self, other: &Self) -> Vec<f64> {
        let (a, b) = (self.errors(Compat::Correct), other.errors(Compat::Correct));
        a.iter().zip(&b).map(|(a, b)| a.hypot(*b)).collect()
    }

    fn check_same_width(&self, other: &Self) -> Result<()> {
        if (self.bin_s - other.bin_s).abs() <= SAME_WIDTH * self.bin_s {
            return Ok(());
        }
        Err(mismatch("bin width", other.bin_s, self.bin_s))
    }
}

fn mismatch(quantity: &'static str, found: f64, expected: f64) -> Error {
    Error::Mismatch {
        quantity,
        found,
        expected,
    }
}

#[cfg(test)]
mod tests {
    use astro_core::GoodTimeIntervals;

    use super::*;

    fn curve(start: f64, counts: &[f64]) -> LightCurve {
        let times = (0..counts.len()).map(|i| start + 0.5 + i as f64).collect();
        LightCurve::new(times, counts.to_vec(), 1.0).unwrap()
    }

    #[test]
    fn good_time_and_cuts() {
        let gti = GoodTimeIntervals::new([[0.0, 2.0], [3.0, 6.0]]).unwrap();
        let c = curve(0.0, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).with_gti(gti);
        assert_eq!(c.apply_gti().unwrap().counts(), [1.0, 2.0, 4.0, 5.0, 6.0]);
        assert_eq!(c.truncated(1.0, 4.0).unwrap().counts(), [2.0, 3.0, 4.0]);
        let parts = c.split_at_gaps(0.5).unwrap();
        assert_eq!(parts[1].counts(), [4.0, 5.0, 6.0]);
    }

    #[test]
    fn sums_and_differences() {
        let (a, b) = (curve(0.0, &[4.0, 9.0]), curve(0.0, &[5.0, 16.0]));
        let sum = a.added(&b).unwrap();
        assert_eq!(
            (sum.counts(), sum.count_errors()),
            (&[9.0, 25.0][..], &CountErrors::Poisson)
        );
        let net = a.subtracted(&b.scaled(0.5).unwrap()).unwrap();
        assert_eq!(net.counts(), [1.5, 1.0]);
        let expected = (4.0_f64 + 0.25 * 5.0).sqrt();
        assert!((net.errors(Compat::Correct)[0] - expected).abs() < 1e-15);
        assert!(a.added(&curve(0.5, &[1.0, 2.0])).is_err());
        assert!(a.added(&curve(0.0, &[1.0])).is_err());
    }

    #[test]
    fn ratios_have_the_errors_of_both() {
        let (hard, soft) = (curve(0.0, &[4.0, 9.0]), curve(0.0, &[16.0, 0.0]));
        let ratio = hard.ratio(&soft).unwrap();
        assert_eq!(ratio[0].value, 0.25);
        // Relative errors 1/2 and 1/4 in quadrature.
        assert!((ratio[0].error / 0.25 - f64::hypot(0.5, 0.25)).abs() < 1e-15);
        assert!(ratio[1].value.is_nan());
    }

    #[test]
    fn joining_keeps_time_order() {
        let joined = curve(10.0, &[3.0])
            .joined(&curve(0.0, &[1.0, 2.0]))
            .unwrap();
        assert_eq!(joined.counts(), [1.0, 2.0, 3.0]);
        assert_eq!(joined.gti().len(), 2);
        assert!(joined.joined(&curve(1.0, &[1.0])).is_err());
    }
}
