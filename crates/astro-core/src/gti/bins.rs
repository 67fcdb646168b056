//! Good time intervals and light curves: which bins are good, and runs of good bins.

use std::ops::Range;

use super::{GoodTimeIntervals, GtiError, TimeInterval, check_positive};
use crate::check_lengths;

/// Part of a bin by which it may reach out of an interval.
const BORDER_SLACK: f64 = 1e-3;
/// Part of a bin by which neighbours may be too far apart: what a time in seconds resolves years
/// after its reference, in bins of tens of microseconds.
const STEP_SLACK: f64 = 1e-2;

impl GoodTimeIntervals {
    /// The intervals covered by runs of good bins of width `bin_s` around `centers`.
    ///
    /// A run ends where a bin is not good and where bins are missing.
    ///
    /// # Errors
    /// Arrays of different lengths, a width not above 0, centres that do not ascend by a bin or more.
    ///
    /// ```
    /// use astro_core::GoodTimeIntervals;
    /// let gti = GoodTimeIntervals::from_mask(&[0.5, 1.5, 2.5, 3.5], 1.0, &[true, true, false, true])?;
    /// assert_eq!(gti, GoodTimeIntervals::new([[0.0, 2.0], [3.0, 4.0]])?);
    /// # Ok::<(), astro_core::GtiError>(())
    /// ```
    #[doc(alias = "create_gti_from_condition")]
    pub fn from_mask(centers: &[f64], bin_s: f64, good: &[bool]) -> Result<Self, GtiError> {
        check_lengths("mask", good.len(), "bin centres", centers.len())?;
        check_bins(centers, bin_s)?;
        let mut intervals: Vec<TimeInterval> = Vec::new();
        let mut last_good = None;
        for (index, &center) in centers.iter().enumerate() {
            if !good[index] {
                continue;
            }
            let stop = center + bin_s / 2.0;
            match intervals.last_mut() {
                Some(run)
                    if last_good == index.checked_sub(1) && adjacent(centers, index, bin_s) =>
                {
                    run.stop = stop;
                }
                last => {
                    // Rounding must not make a run start before the last one stopped.
                    let after = last.map_or(f64::NEG_INFINITY, |run| run.stop);
                    intervals.push(TimeInterval::new((center - bin_s / 2.0).max(after), stop));
                }
            }
            last_good = Some(index);
        }
        Self::new(intervals)
    }

    /// As [`GoodTimeIntervals::from_mask`], the bins being good where `condition` holds for their centre.
    ///
    /// # Errors
    /// As [`GoodTimeIntervals::from_mask`].
    pub fn from_condition(
        centers: &[f64],
        bin_s: f64,
        condition: impl Fn(usize, f64) -> bool,
    ) -> Result<Self, GtiError> {
        let good: Vec<bool> = centers
            .iter()
            .enumerate()
            .map(|(i, &t)| condition(i, t))
            .collect();
        Self::from_mask(centers, bin_s, &good)
    }

    /// For each interval, the range of the bins that lie in it whole, to a thousandth of a bin.
    ///
    /// A bin around $c$ lies in $[a, b)$ where
    /// $a + \Delta t/2 - 10^{-3}\Delta t \le c \le b - \Delta t/2 + 10^{-3}\Delta t$.
    /// A bin across the border of two intervals that touch lies in neither.
    ///
    /// # Errors
    /// A width not above 0, centres that do not ascend by a bin or more.
    #[doc(alias = "gti_border_bins")]
    pub fn bin_ranges(&self, centers: &[f64], bin_s: f64) -> Result<Vec<Range<usize>>, GtiError> {
        check_bins(centers, bin_s)?;
        let inner = bin_s * (0.5 - BORDER_SLACK);
        let range = |interval: &TimeInterval| {
            let first = centers.partition_point(|&center| center < interval.start + inner);
            let after = centers.partition_point(|&center| center <= interval.stop - inner);
            first..after.max(first)
        };
        Ok(self.intervals.iter().map(range).collect())
    }

    /// Which bins lie in an interval whole: [`GoodTimeIntervals::bin_ranges`] as a mask.
    ///
    /// # Errors
    /// As [`GoodTimeIntervals::bin_ranges`].
    #[doc(alias = "create_gti_mask")]
    pub fn bin_mask(&self, centers: &[f64], bin_s: f64) -> Result<Vec<bool>, GtiError> {
        let mut mask = vec![false; centers.len()];
        for range in self.bin_ranges(centers, bin_s)? {
            mask[range].fill(true);
        }
        Ok(mask)
    }

    /// First bins of the segments of `bins` bins that fit, one after the other, into each
    /// interval from its first bin that lies in it whole.
    ///
    /// Where bins are missing, segments start again after the gap.
    ///
    /// # Errors
    /// As [`GoodTimeIntervals::bin_ranges`]; `bins` of 0.
    #[doc(alias = "bin_intervals_from_gtis")]
    pub fn bin_segments(
        &self,
        centers: &[f64],
        bin_s: f64,
        bins: usize,
    ) -> Result<Vec<usize>, GtiError> {
        if bins == 0 {
            return Err(GtiError::Parameter {
                quantity: "segment length",
                value: 0.0,
                requirement: "at least one bin",
            });
        }
        let mut starts = Vec::new();
        for range in self.bin_ranges(centers, bin_s)? {
            let mut start = range.start;
            for index in range {
                if index > start && !adjacent(centers, index, bin_s) {
                    start = index;
                }
                if index + 1 - start == bins {
                    starts.push(start);
                    start = index + 1;
                }
            }
        }
        Ok(starts)
    }
}

/// Whether the bin follows the one before without a gap.
fn adjacent(centers: &[f64], index: usize, bin_s: f64) -> bool {
    centers[index] - centers[index - 1] <= bin_s * (1.0 + STEP_SLACK)
}

fn check_bins(centers: &[f64], bin_s: f64) -> Result<(), GtiError> {
    check_positive("bin width", bin_s)?;
    let least = bin_s * (1.0 - STEP_SLACK);
    let ascends = |pair: &[f64]| pair[1] - pair[0] >= least;
    if let Some(before) = centers.windows(2).position(|pair| !ascends(pair)) {
        return Err(GtiError::Bins {
            index: before + 1,
            center: centers[before + 1],
            previous: centers[before],
            bin_s,
        });
    }
    if let [only] = centers
        && !only.is_finite()
    {
        return Err(GtiError::Bins {
            index: 0,
            center: *only,
            previous: f64::NEG_INFINITY,
            bin_s,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gti<const N: usize>(intervals: [[f64; 2]; N]) -> GoodTimeIntervals {
        GoodTimeIntervals::new(intervals).unwrap()
    }

    fn centers(bins: usize) -> Vec<f64> {
        (0..bins).map(|bin| bin as f64 + 0.5).collect()
    }

    #[test]
    fn bins_must_lie_inside_whole() {
        let good = gti([[0.0, 2.9995], [4.5, 7.002]]);
        let expected = [true, true, true, false, false, true, true, false];
        assert_eq!(good.bin_mask(&centers(8), 1.0).unwrap(), expected);
        // A thousandth of a bin is allowed, two are not.
        assert_eq!(
            gti([[0.002, 1.0]]).bin_mask(&centers(1), 1.0).unwrap(),
            [false]
        );
        assert_eq!(
            gti([[0.0009, 1.0]]).bin_mask(&centers(1), 1.0).unwrap(),
            [true]
        );
        let ranges = gti([[0.2, 0.4]]).bin_ranges(&centers(2), 1.0).unwrap();
        assert!(ranges[0].is_empty());
    }

    /// The peer's documented example, Stingray 2.3.2, `bin_intervals_from_gtis`.
    #[test]
    fn segments_of_bins_restart_with_every_interval() {
        let good = gti([[0.0, 5.0], [6.0, 8.0], [9.0, 10.0]]);
        assert_eq!(good.bin_segments(&centers(13), 1.0, 2).unwrap(), [0, 2, 6]);
        // The bin around 3.5 is missing.
        let mut some = centers(13);
        some.remove(3);
        assert_eq!(good.bin_segments(&some, 1.0, 2).unwrap(), [0, 5]);
        assert!(good.bin_segments(&some, 1.0, 0).is_err());
    }

    proptest! {
        #[test]
        fn a_mask_and_its_intervals_are_each_others_reverse(mask in proptest::collection::vec(any::<bool>(), 1..60), origin in -1e9..1e9f64) {
            let bin_s = 0.125;
            let centers: Vec<f64> = (0..mask.len()).map(|bin| origin + (bin as f64 + 0.5) * bin_s).collect();
            let good = GoodTimeIntervals::from_mask(&centers, bin_s, &mask).unwrap();
            prop_assert_eq!(good.bin_mask(&centers, bin_s).unwrap(), mask.clone());
            let exposure = mask.iter().filter(|&&good| good).count() as f64 * bin_s;
            prop_assert!((good.exposure_s() - exposure).abs() < 1e-5);
        }
    }

    #[test]
    fn a_run_ends_where_bins_are_missing() {
        let good = GoodTimeIntervals::from_condition(&[0.5, 1.5, 4.5], 1.0, |_, _| true).unwrap();
        assert_eq!(good, gti([[0.0, 2.0], [4.0, 5.0]]));
    }

    #[test]
    fn bad_bins_are_named() {
        assert!(matches!(
            gti([[0.0, 1.0]]).bin_mask(&[0.5, 1.5, 1.7], 1.0),
            Err(GtiError::Bins { index: 2, .. })
        ));
        assert!(gti([[0.0, 1.0]]).bin_mask(&[0.5, f64::NAN], 1.0).is_err());
        assert!(gti([[0.0, 1.0]]).bin_mask(&[f64::NAN], 1.0).is_err());
        assert!(GoodTimeIntervals::from_mask(&[0.5], 1.0, &[]).is_err());
        assert!(GoodTimeIntervals::from_mask(&[0.5], 0.0, &[true]).is_err());
    }
}
