//! Evenly spaced bins made wider by any factor, bins at the borders being shared out.

use std::ops::{AddAssign, Mul};

use crate::Result;
use crate::error::require;

/// How old bins of equal width make up new ones that are `factor` times as wide.
///
/// The new grid starts with the first old bin; a new bin that the old ones do not fill is left
/// out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinearRebin {
    factor: f64,
    bins: usize,
}

/// The old bins of one new bin: whole ones, and the parts of those at its borders.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Share {
    /// The bin before the whole ones, and how much of it.
    pub(crate) before: Option<(usize, f64)>,
    /// Whole bins.
    pub(crate) whole: std::ops::Range<usize>,
    /// The bin after them, and how much of it.
    pub(crate) after: Option<(usize, f64)>,
}

/// Parts of a bin below which rounding is taken for a border on the grid.
const BORDER: f64 = 1e-9;

impl LinearRebin {
    /// `bins` old bins, `factor` >= 1 of them in a new one.
    pub(crate) fn new(bins: usize, factor: f64) -> Result<Self> {
        require(
            "new bin width over old bin width",
            factor,
            factor >= 1.0 - BORDER && factor.is_finite(),
            "at least 1",
        )?;
        Ok(Self { factor, bins })
    }

    /// Number of new bins.
    pub(crate) fn len(self) -> usize {
        (self.bins as f64 / self.factor + BORDER).floor() as usize
    }

    /// Old bins in a new one.
    pub(crate) fn factor(self) -> f64 {
        self.factor
    }

    /// The old bins of new bin `index`.
    pub(crate) fn share(self, index: usize) -> Share {
        let first = self.factor * index as f64;
        let last = (self.factor * (index + 1) as f64).min(self.bins as f64);
        let (whole_first, whole_last) = ((first - BORDER).ceil(), (last + BORDER).floor());
        let part = |bin: f64, part: f64| (part > BORDER).then_some((bin as usize, part));
        if whole_first > whole_last {
            // Narrower than two: all of it within one old bin.
            return Share {
                before: part(whole_last, last - first),
                whole: 0..0,
                after: None,
            };
        }
        Share {
            before: part(whole_first - 1.0, whole_first - first),
            whole: whole_first as usize..whole_last as usize,
            after: part(whole_last, last - whole_last),
        }
    }

    /// Sums over the new bins.
    pub(crate) fn sums<T>(self, values: &[T]) -> Vec<T>
    where
        T: Copy + Default + AddAssign + Mul<f64, Output = T>,
    {
        let sum = |index| {
            let share = self.share(index);
            let mut sum = T::default();
            for &value in &values[share.whole] {
                sum += value;
            }
            for (bin, part) in share.before.into_iter().chain(share.after) {
                sum += values[bin] * part;
            }
            sum
        };
        (0..self.len()).map(sum).collect()
    }

    /// Errors of the sums, where those of the old bins are independent: parts of a bin add
    /// (part · σ)².
    pub(crate) fn errors_of_sums(self, errors: &[f64]) -> Vec<f64> {
        let error = |index| {
            let share = self.share(index);
            let mut sum: f64 = errors[share.whole].iter().map(|e| e * e).sum();
            for (bin, part) in share.before.into_iter().chain(share.after) {
                sum += (errors[bin] * part).powi(2);
            }
            sum.sqrt()
        };
        (0..self.len()).map(error).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_factors_add_whole_bins() {
        let rebin = LinearRebin::new(7, 3.0).unwrap();
        assert_eq!(
            rebin.sums(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]),
            [6.0, 15.0]
        );
        let errors = rebin.errors_of_sums(&[3.0, 0.0, 4.0, 0.0, 0.0, 2.0, 9.0]);
        assert_eq!(errors, [5.0, 2.0]);
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        for factor in [1.0, 1.25, 1.5, 2.5, 3.2, 7.0] {
            let rebin = LinearRebin::new(112, factor).unwrap();
            let values: Vec<f64> = (0..112).map(|i| f64::from(i * i % 17)).collect();
            let sums = rebin.sums(&values);
            assert_eq!(sums.len(), (112.0 / factor).floor() as usize);
            if (112.0 / factor).fract() == 0.0 {
                let total: f64 = values.iter().sum();
                assert!((sums.iter().sum::<f64>() - total).abs() < 1e-9, "{factor}");
            }
            // A constant gives the width of the new bins.
            for sum in rebin.sums(&[1.0; 112]) {
                assert!((sum - factor).abs() < 1e-9, "{factor}");
            }
        }
        assert!(LinearRebin::new(5, 0.5).is_err());
    }
}
