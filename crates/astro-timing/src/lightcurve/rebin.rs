//! Light curves in wider bins.

use super::{CountErrors, LightCurve};
use crate::error::require;
use crate::rebin::LinearRebin;
use crate::{Compat, Result};

impl LightCurve {
    /// `factor` neighbouring bins added up, separately in each good time interval; bins left over
    /// at the end of an interval are dropped.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] for a factor of 0; [`crate::Error::Gti`].
    pub fn rebinned(&self, factor: usize) -> Result<Self> {
        require("rebinning factor", factor as f64, factor > 0, "at least 1")?;
        self.rebinned_to(factor as f64 * self.bin_s, Compat::Correct)
    }

    /// Bins of `bin_s` seconds, separately in each good time interval, where old bins at the
    /// borders of new ones are shared out in proportion to their overlap.
    ///
    /// Shared bins make neighbours correlated and counts no longer Poisson distributed: unless
    /// the factor is whole, the errors become Gaussian, of a bin's part p that of p σ.
    /// With [`Compat::Stingray`] errors of Poisson counts are as in
    /// [`super::poisson_symmetric_error`], and whole counts are cut to whole numbers as each part
    /// is added.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] for a width below the present one; [`crate::Error::Gti`].
    pub fn rebinned_to(&self, bin_s: f64, compat: Compat) -> Result<Self> {
        let factor = bin_s / self.bin_s;
        let whole = (factor - factor.round()).abs() < 1e-9 * factor;
        let keep_poisson = whole && self.errors == CountErrors::Poisson && !compat.is_stingray();
        let errors = self.errors(compat);
        let cut = compat.is_stingray() && self.counts.iter().all(|count| count.fract() == 0.0);
        let (mut times, mut counts, mut new_errors) = (Vec::new(), Vec::new(), Vec::new());
        for range in self.gti.bin_ranges(&self.times, self.bin_s)? {
            let Some(&first) = self.times.get(range.start) else {
                continue;
            };
            let rebin = LinearRebin::new(range.len(), factor)?;
            let start = first - 0.5 * self.bin_s + 0.5 * bin_s;
            times.extend((0..rebin.len()).map(|j| (j as f64).mul_add(bin_s, start)));
            let old = &self.counts[range.clone()];
            if cut {
                counts.extend((0..rebin.len()).map(|j| whole_counts(rebin, old, j)));
            } else {
                counts.extend(rebin.sums(old));
            }
            new_errors.extend(rebin.errors_of_sums(&errors[range]));
        }
        Ok(Self {
            times,
            counts,
            errors: if keep_poisson {
                CountErrors::Poisson
            } else {
                CountErrors::Gaussian(new_errors)
            },
            bin_s,
            gti: self.gti.drop_shorter_than(bin_s * (1.0 - 1e-9)),
            reference: self.reference,
        })
    }
}

/// A sum as Stingray forms it in an integer.
fn whole_counts(rebin: LinearRebin, counts: &[f64], index: usize) -> f64 {
    let share = rebin.share(index);
    let mut sum: f64 = counts[share.whole].iter().sum();
    for (bin, part) in share.before.into_iter().chain(share.after) {
        sum = (sum + counts[bin] * part).trunc();
    }
    sum
}

#[cfg(test)]
mod tests {
    use astro_core::GoodTimeIntervals;

    use super::*;

    #[test]
    fn each_interval_starts_its_own_bins() {
        let times = (0..7).map(|i| f64::from(i) + 0.5).collect();
        let gti = GoodTimeIntervals::new([[0.0, 3.0], [4.0, 7.0]]).unwrap();
        let curve = LightCurve::new(times, vec![1.0, 2.0, 3.0, 9.0, 4.0, 5.0, 6.0], 1.0).unwrap();
        let new = curve.with_gti(gti).rebinned(2).unwrap();
        assert_eq!(
            (new.times(), new.counts()),
            (&[1.0, 5.0][..], &[3.0, 9.0][..])
        );
        assert_eq!(new.count_errors(), &CountErrors::Poisson);
        assert!(new.rebinned_to(1.0, Compat::Correct).is_err());
    }

    #[test]
    fn shared_bins_have_shares_of_counts_and_errors() {
        let curve = LightCurve::new(vec![0.5, 1.5, 2.5], vec![4.0, 16.0, 4.0], 1.0).unwrap();
        let new = curve.rebinned_to(1.5, Compat::Correct).unwrap();
        assert_eq!(new.counts(), [12.0, 12.0]);
        assert!((new.errors(Compat::Correct)[0] - f64::sqrt(4.0 + 4.0)).abs() < 1e-14);
        // 4 + 16/4 in integers: no difference here, but in thirds there is.
        let thirds = curve.rebinned_to(4.0 / 3.0, Compat::Stingray).unwrap();
        assert_eq!(thirds.counts()[0], 9.0); // 4 + 16/3 = 9.33
    }
}
