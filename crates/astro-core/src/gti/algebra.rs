//! Sets of good time intervals combined, cut and shared out.

use super::{GoodTimeIntervals, GtiError, TimeInterval, check_positive};

impl GoodTimeIntervals {
    /// Times in either set.
    #[doc(alias = "join_gtis")]
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        combine(self, other, |here, there| here || there)
    }

    /// Times in both sets.
    #[doc(alias = "cross_gtis")]
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        combine(self, other, |here, there| here && there)
    }

    /// Times in this set and not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        combine(self, other, |here, there| here && !there)
    }

    /// Bad time intervals: times of `[start, stop)` that are in no interval.
    ///
    /// # Errors
    /// A range that is not finite, or is empty or reversed.
    #[doc(alias = "get_btis")]
    pub fn complement(&self, start: f64, stop: f64) -> Result<Self, GtiError> {
        Ok(Self::single(start, stop)?.difference(self))
    }

    /// Both sets, which must not share any time.
    ///
    /// # Errors
    /// [`GtiError::Shared`] with the first stretch that both contain.
    #[doc(alias = "append_gtis")]
    pub fn append(&self, other: &Self) -> Result<Self, GtiError> {
        match self.intersection(other).intervals.first() {
            Some(&shared) => Err(GtiError::Shared { shared }),
            None => Ok(self.union(other)),
        }
    }

    /// Neighbours with no more than `gap_s` between them united; 0 unites those that touch.
    ///
    /// # Errors
    /// A gap that is negative or not a number.
    #[doc(alias = "join_equal_gti_boundaries")]
    pub fn joined(&self, gap_s: f64) -> Result<Self, GtiError> {
        check_not_negative("gap to be closed", gap_s)?;
        let mut intervals: Vec<TimeInterval> = Vec::with_capacity(self.len());
        for &next in &self.intervals {
            match intervals.last_mut() {
                Some(last) if next.start - last.stop <= gap_s => last.stop = next.stop,
                _ => intervals.push(next),
            }
        }
        Ok(Self::trusted(intervals))
    }

    /// What lies in `[start, stop)`.
    ///
    /// # Errors
    /// A range that is not finite, or is empty or reversed.
    pub fn truncated(&self, start: f64, stop: f64) -> Result<Self, GtiError> {
        super::check_interval(0, TimeInterval::new(start, stop))?;
        Ok(self.map_each(|interval| {
            TimeInterval::new(interval.start.max(start), interval.stop.min(stop))
        }))
    }

    /// Every interval without `at_start_s` after its start and `at_stop_s` before its stop;
    /// those that vanish are dropped.
    ///
    /// # Errors
    /// A margin that is negative or not a number.
    #[doc(alias = "safe_interval")]
    pub fn trimmed(&self, at_start_s: f64, at_stop_s: f64) -> Result<Self, GtiError> {
        check_not_negative("margin at the start", at_start_s)?;
        check_not_negative("margin at the stop", at_stop_s)?;
        Ok(self.map_each(|interval| {
            TimeInterval::new(interval.start + at_start_s, interval.stop - at_stop_s)
        }))
    }

    /// The intervals of at least `length_s`.
    #[doc(alias = "eliminate_short_gtis")]
    #[must_use]
    pub fn drop_shorter_than(&self, length_s: f64) -> Self {
        let long = |interval: &TimeInterval| interval.length() >= length_s;
        Self::trusted(self.intervals.iter().copied().filter(long).collect())
    }

    /// Every border later by `seconds`.
    ///
    /// # Errors
    /// A shift that is not finite, or so large that rounding makes an interval vanish.
    pub fn shifted(&self, seconds: f64) -> Result<Self, GtiError> {
        self.with_times(|time| time + seconds)
    }

    /// Every border sent through `convert`, which must keep their order: another reference, say.
    ///
    /// # Errors
    /// As [`GoodTimeIntervals::new`] for what comes out.
    pub fn with_times(&self, convert: impl Fn(f64) -> f64) -> Result<Self, GtiError> {
        let convert = |interval: &TimeInterval| [convert(interval.start), convert(interval.stop)];
        Self::new(self.intervals.iter().map(convert))
    }

    /// Every interval longer than `length_s` cut at multiples of it after its start.
    ///
    /// # Errors
    /// A length that is not above 0, or so short that the pieces could not be listed.
    pub fn cut(&self, length_s: f64) -> Result<Self, GtiError> {
        /// More pieces than any analysis has use for.
        const MOST: f64 = 1e8;
        check_positive("length of the pieces", length_s)?;
        if self.exposure_s() / length_s > MOST {
            return Err(GtiError::Parameter {
                quantity: "length of the pieces",
                value: length_s,
                requirement: "long enough to make fewer than 1e8 pieces",
            });
        }
        let mut intervals = Vec::new();
        for interval in &self.intervals {
            let mut start = interval.start;
            for piece in 1.. {
                let stop = f64::from(piece).mul_add(length_s, interval.start);
                if stop >= interval.stop || stop <= start {
                    break;
                }
                intervals.push(TimeInterval::new(start, stop));
                start = stop;
            }
            intervals.push(TimeInterval::new(start, interval.stop));
        }
        Ok(Self::trusted(intervals))
    }

    /// The set parted at every gap longer than `gap_s`.
    ///
    /// # Errors
    /// A gap that is negative or not a number.
    #[doc(alias = "find_large_bad_time_intervals")]
    pub fn split_at_gaps(&self, gap_s: f64) -> Result<Vec<Self>, GtiError> {
        check_not_negative("longest gap", gap_s)?;
        let apart = |a: &TimeInterval, b: &TimeInterval| b.start - a.stop <= gap_s;
        let parts = self.intervals.chunk_by(apart);
        Ok(parts.map(|part| Self::trusted(part.to_vec())).collect())
    }

    /// The set shared out, in order, over parts of about `exposure_s` good seconds each.
    ///
    /// With $n$ the total exposure over `exposure_s`, rounded to the nearest whole number
    /// of at least 1, an interval goes to part $\lfloor n E/E_\mathrm{total} \rfloor$, $E$
    /// being the exposure before it. Intervals are not cut, so parts may be longer than
    /// asked, and there may be fewer than $n$: [`GoodTimeIntervals::cut`] first where that matters.
    ///
    /// # Errors
    /// An exposure that is not above 0.
    #[doc(alias = "split_gtis_by_exposure")]
    pub fn split_by_exposure(&self, exposure_s: f64) -> Result<Vec<Self>, GtiError> {
        check_positive("exposure of a part", exposure_s)?;
        let total = self.exposure_s();
        let parts = (total / exposure_s).round().max(1.0);
        let mut before = crate::CompensatedSum::default();
        let mut numbered = Vec::with_capacity(self.len());
        for &interval in &self.intervals {
            let part = (before.value() * parts / total).floor();
            before += interval.length();
            numbered.push((part, interval));
        }
        let parts = numbered.chunk_by(|a, b| a.0 == b.0);
        Ok(parts
            .map(|part| Self::trusted(part.iter().map(|&(_, interval)| interval).collect()))
            .collect())
    }

    /// The intervals after `change`, which only makes them shorter; those that vanish are dropped.
    fn map_each(&self, change: impl Fn(&TimeInterval) -> TimeInterval) -> Self {
        let changed = self.intervals.iter().map(change);
        Self::trusted(
            changed
                .filter(|interval| interval.start < interval.stop)
                .collect(),
        )
    }
}

fn check_not_negative(quantity: &'static str, value: f64) -> Result<(), GtiError> {
    if value >= 0.0 {
        return Ok(());
    }
    Err(GtiError::Parameter {
        quantity,
        value,
        requirement: "0 or more",
    })
}

/// The times at which `wanted` is true of being in `a` and being in `b`.
///
/// Walks the borders of both sets in order; all borders of one moment are passed before
/// asking, so intervals that touch come out as one.
fn combine(
    a: &GoodTimeIntervals,
    b: &GoodTimeIntervals,
    wanted: impl Fn(bool, bool) -> bool,
) -> GoodTimeIntervals {
    let borders = |set: &GoodTimeIntervals| -> Vec<f64> {
        let pairs = set.intervals.iter();
        pairs
            .flat_map(|interval| [interval.start, interval.stop])
            .collect()
    };
    let (a, b) = (borders(a), borders(b));
    // Borders passed so far; inside where the number is odd.
    let (mut i, mut j) = (0, 0);
    let mut open = None;
    let mut intervals = Vec::new();
    while i < a.len() || j < b.len() {
        let next = |borders: &[f64], at: usize| borders.get(at).copied().unwrap_or(f64::INFINITY);
        let now = next(&a, i).min(next(&b, j));
        while next(&a, i) == now {
            i += 1;
        }
        while next(&b, j) == now {
            j += 1;
        }
        match (open, wanted(i % 2 == 1, j % 2 == 1)) {
            (None, true) => open = Some(now),
            (Some(start), false) => {
                intervals.push(TimeInterval::new(start, now));
                open = None;
            }
            _ => {}
        }
    }
    GoodTimeIntervals::trusted(intervals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gti<const N: usize>(intervals: [[f64; 2]; N]) -> GoodTimeIntervals {
        GoodTimeIntervals::new(intervals).unwrap()
    }

    /// Whole-number intervals within [0, 100), touching ones included.
    fn any_gti() -> impl Strategy<Value = GoodTimeIntervals> {
        proptest::collection::vec(0u8..100, 0..16).prop_map(|mut borders| {
            borders.sort_unstable();
            borders.dedup();
            let pairs = borders.chunks_exact(2);
            let mut gti: Vec<[f64; 2]> = pairs
                .map(|pair| [f64::from(pair[0]), f64::from(pair[1])])
                .collect();
            // Half of the gaps closed, for intervals that touch.
            for i in (1..gti.len()).step_by(2) {
                gti[i - 1][1] = gti[i][0];
            }
            GoodTimeIntervals::new(gti).unwrap()
        })
    }

    /// The set as a mask of the unit cells of [0, 100).
    fn mask(gti: &GoodTimeIntervals) -> Vec<bool> {
        (0..100)
            .map(|cell| gti.contains(f64::from(cell) + 0.5))
            .collect()
    }

    fn is_canonical(gti: &GoodTimeIntervals) -> bool {
        gti.intervals.is_sorted_by(|a, b| a.stop < b.start)
    }

    proptest! {
        #[test]
        fn set_operations_agree_with_masks(a in any_gti(), b in any_gti()) {
            let (ma, mb) = (mask(&a), mask(&b));
            let by_mask = |f: fn(bool, bool) -> bool| -> Vec<bool> {
                ma.iter().zip(&mb).map(|(&x, &y)| f(x, y)).collect()
            };
            prop_assert_eq!(mask(&a.union(&b)), by_mask(|x, y| x || y));
            prop_assert_eq!(mask(&a.intersection(&b)), by_mask(|x, y| x && y));
            prop_assert_eq!(mask(&a.difference(&b)), by_mask(|x, y| x && !y));
            let bad = a.complement(0.0, 100.0).unwrap();
            prop_assert_eq!(mask(&bad), ma.iter().map(|&x| !x).collect::<Vec<_>>());
            for result in [a.union(&b), a.intersection(&b), a.difference(&b), bad] {
                prop_assert!(is_canonical(&result), "{:?}", result);
            }
            prop_assert_eq!(a.append(&b).is_ok(), !ma.iter().zip(&mb).any(|(&x, &y)| x && y));
            let merged = GoodTimeIntervals::merged(b.intervals.iter().chain(&a.intervals).copied());
            prop_assert_eq!(merged.unwrap(), a.union(&b));
        }

        #[test]
        fn cuts_and_parts_lose_nothing(a in any_gti(), length in 0.3..40.0f64) {
            let joined = a.joined(0.0).unwrap();
            prop_assert!(is_canonical(&joined));
            let cut = a.cut(length).unwrap();
            prop_assert_eq!(cut.joined(0.0).unwrap(), joined);
            prop_assert!(cut.intervals.iter().all(|i| i.length() <= length * (1.0 + 1e-12)));
            for parts in [a.split_by_exposure(length).unwrap(), a.split_at_gaps(length).unwrap()] {
                let again: Vec<_> = parts.iter().flat_map(|part| part.intervals.clone()).collect();
                prop_assert_eq!(&again, &a.intervals);
                prop_assert!(parts.iter().all(|part| !part.is_empty()));
            }
            let exposure = mask(&a).iter().filter(|&&good| good).count() as f64;
            prop_assert_eq!(a.exposure_s(), exposure);
        }

        #[test]
        fn trims_and_ranges_agree_with_masks(a in any_gti(), from in 0u8..60, length in 1u8..40) {
            let (start, stop) = (f64::from(from), f64::from(from) + f64::from(length));
            let inside = |cell: usize| (start..stop).contains(&(cell as f64));
            let expected: Vec<bool> = mask(&a).iter().enumerate().map(|(i, &good)| good && inside(i)).collect();
            prop_assert_eq!(mask(&a.truncated(start, stop).unwrap()), expected);
            let trimmed = a.trimmed(1.0, 2.0).unwrap();
            let mut expected = [false; 100];
            for interval in &a.intervals {
                for cell in interval.start as usize + 1..(interval.stop as usize).saturating_sub(2) {
                    expected[cell] = true;
                }
            }
            prop_assert_eq!(mask(&trimmed), expected.to_vec());
            let shifted = a.shifted(7.0).unwrap();
            prop_assert_eq!(shifted.shifted(-7.0).unwrap(), a);
        }
    }

    #[test]
    fn touching_intervals_become_one() {
        let a = gti([[1.0, 2.0], [2.0, 4.0]]);
        assert_eq!(a.intersection(&gti([[1.0, 4.0]])), gti([[1.0, 4.0]]));
        assert_eq!(a.union(&gti([[4.0, 5.0]])), gti([[1.0, 5.0]]));
        assert!(
            gti([[1.0, 2.0]])
                .intersection(&gti([[2.0, 3.0]]))
                .is_empty()
        );
        assert_eq!(
            gti([[0.0, 1.0], [1.5, 2.0]]).joined(0.5).unwrap(),
            gti([[0.0, 2.0]])
        );
    }

    #[test]
    fn exposure_is_shared_out_as_the_peer_does() {
        // Stingray 2.3.2, split_gtis_by_exposure([[0, 30], [40, 70], [90, 120], [130, 160]], 60).
        let parts =
            gti([[0.0, 30.0], [40.0, 70.0], [90.0, 120.0], [130.0, 160.0]]).split_by_exposure(60.0);
        let expected = [
            gti([[0.0, 30.0], [40.0, 70.0]]),
            gti([[90.0, 120.0], [130.0, 160.0]]),
        ];
        assert_eq!(parts.unwrap(), expected);
        let long = gti([[0.0, 30.0], [86450.0, 86460.0]]);
        assert_eq!(long.split_at_gaps(86400.0).unwrap().len(), 2);
        assert_eq!(long.split_at_gaps(86420.0).unwrap().len(), 1);
        assert_eq!(long.drop_shorter_than(20.0), gti([[0.0, 30.0]]));
    }

    #[test]
    fn lengths_out_of_range_are_refused() {
        let a = gti([[0.0, 1e9]]);
        assert!(a.cut(0.0).is_err());
        assert!(a.cut(1e-9).is_err());
        assert!(a.joined(f64::NAN).is_err());
        assert!(a.trimmed(-1.0, 0.0).is_err());
        assert!(a.split_by_exposure(-1.0).is_err());
        assert!(a.truncated(2.0, 1.0).is_err());
        assert!(gti([[0.0, 1e-9]]).shifted(1e9).is_err());
        assert!(
            matches!(a.append(&gti([[5.0, 6.0]])), Err(GtiError::Shared { shared }) if shared.start == 5.0)
        );
    }
}
