//! Good time intervals: when the instrument was ready to see events.

mod algebra;
mod bins;
mod segments;

use std::fmt;

pub use segments::{Segment, SegmentError, Segments};

/// A time interval `[start, stop)`, seconds after a reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeInterval {
    /// Its first moment.
    pub start: f64,
    /// The first moment after it.
    pub stop: f64,
}

impl TimeInterval {
    /// An interval; [`GoodTimeIntervals::new`] checks it.
    #[must_use]
    pub const fn new(start: f64, stop: f64) -> Self {
        Self { start, stop }
    }

    /// `stop - start`, seconds.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.stop - self.start
    }
}

impl From<[f64; 2]> for TimeInterval {
    fn from([start, stop]: [f64; 2]) -> Self {
        Self::new(start, stop)
    }
}

impl From<(f64, f64)> for TimeInterval {
    fn from((start, stop): (f64, f64)) -> Self {
        Self::new(start, stop)
    }
}

impl fmt::Display for TimeInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {})", self.start, self.stop)
    }
}

/// Good time intervals: finite, not empty, in time order, without overlap.
///
/// Intervals that touch (one stops where the next starts) stay apart, as they are in
/// files, because segments never cross from one to the next; every set operation and
/// [`GoodTimeIntervals::joined`] unite them.
///
/// ```
/// use astro_core::GoodTimeIntervals;
/// let a = GoodTimeIntervals::new([[0.0, 10.0], [20.0, 30.0]])?;
/// let b = GoodTimeIntervals::new([[5.0, 25.0]])?;
/// assert_eq!(a.intersection(&b), GoodTimeIntervals::new([[5.0, 10.0], [20.0, 25.0]])?);
/// assert_eq!(a.union(&b).exposure_s(), 30.0);
/// assert!(a.contains(0.0) && !a.contains(10.0)); // the start belongs to it, the stop does not
/// # Ok::<(), astro_core::GtiError>(())
/// ```
#[doc(alias = "GTI")]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GoodTimeIntervals {
    intervals: Vec<TimeInterval>,
}

/// Why intervals are not good time intervals.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GtiError {
    /// A border that is NaN or infinite.
    #[error("good time interval {index} is {interval}; both borders must be finite")]
    NotFinite {
        /// Which, from 0.
        index: usize,
        /// Its borders.
        interval: TimeInterval,
    },
    /// An interval that stops before it starts, or at once.
    #[error(
        "good time interval {index} is {interval}: it must stop after it starts; remove it, or exchange its borders if they were swapped"
    )]
    Reversed {
        /// Which, from 0.
        index: usize,
        /// Its borders.
        interval: TimeInterval,
    },
    /// An interval that starts before its predecessor stops.
    #[error(
        "good time interval {index}, {interval}, starts before its predecessor {previous} stops; sort and merge them (GoodTimeIntervals::merged) if that is meant"
    )]
    Overlap {
        /// Which, from 0.
        index: usize,
        /// Its borders.
        interval: TimeInterval,
        /// The borders of the one before.
        previous: TimeInterval,
    },
    /// Two sets that must not share any time do.
    #[error(
        "both sets of good time intervals contain {shared}; append takes separate sets only, use union or intersection"
    )]
    Shared {
        /// The first stretch that both contain.
        shared: TimeInterval,
    },
    /// Bin centres that do not ascend by at least a bin, or that do not belong to the mask.
    #[error(
        "bin {index} at {center} follows the one at {previous}; bin centres must ascend by the bin width {bin_s} s or more"
    )]
    Bins {
        /// Which bin, from 0.
        index: usize,
        /// Its centre.
        center: f64,
        /// The centre before.
        previous: f64,
        /// Bin width.
        bin_s: f64,
    },
    /// Arrays of different lengths.
    #[error(transparent)]
    Length(#[from] crate::LengthMismatch),
    /// A length or width out of its range.
    #[error("{quantity} is {value} s; it must be {requirement}")]
    Parameter {
        /// The quantity.
        quantity: &'static str,
        /// Its value.
        value: f64,
        /// What is required.
        requirement: &'static str,
    },
}

impl GoodTimeIntervals {
    /// Checked intervals, as they are.
    ///
    /// # Errors
    /// The first interval that is not finite, is empty or reversed, or starts before its predecessor stops.
    pub fn new<I: Into<TimeInterval>>(
        intervals: impl IntoIterator<Item = I>,
    ) -> Result<Self, GtiError> {
        let intervals: Vec<TimeInterval> = intervals.into_iter().map(Into::into).collect();
        for (index, &interval) in intervals.iter().enumerate() {
            check_interval(index, interval)?;
            if let Some(&previous) = index.checked_sub(1).map(|before| &intervals[before])
                && interval.start < previous.stop
            {
                return Err(GtiError::Overlap {
                    index,
                    interval,
                    previous,
                });
            }
        }
        Ok(Self { intervals })
    }

    /// Intervals in any order that may overlap: sorted, and united where they overlap or touch.
    ///
    /// # Errors
    /// The first interval that is not finite, or is empty or reversed.
    pub fn merged<I: Into<TimeInterval>>(
        intervals: impl IntoIterator<Item = I>,
    ) -> Result<Self, GtiError> {
        let mut sorted: Vec<TimeInterval> = intervals.into_iter().map(Into::into).collect();
        for (index, &interval) in sorted.iter().enumerate() {
            check_interval(index, interval)?;
        }
        sorted.sort_by(|a, b| a.start.total_cmp(&b.start));
        let mut intervals: Vec<TimeInterval> = Vec::with_capacity(sorted.len());
        for next in sorted {
            match intervals.last_mut() {
                Some(last) if next.start <= last.stop => last.stop = last.stop.max(next.stop),
                _ => intervals.push(next),
            }
        }
        Ok(Self { intervals })
    }

    /// One interval.
    ///
    /// # Errors
    /// As [`GoodTimeIntervals::new`].
    pub fn single(start: f64, stop: f64) -> Result<Self, GtiError> {
        Self::new([TimeInterval::new(start, stop)])
    }

    /// Intervals that are known to be good.
    fn trusted(intervals: Vec<TimeInterval>) -> Self {
        debug_assert!(
            intervals
                .iter()
                .all(|interval| interval.start < interval.stop)
        );
        debug_assert!(intervals.is_sorted_by(|a, b| a.stop <= b.start));
        Self { intervals }
    }

    /// The intervals, ascending.
    #[must_use]
    pub fn intervals(&self) -> &[TimeInterval] {
        &self.intervals
    }

    /// Number of intervals.
    #[must_use]
    pub fn len(&self) -> usize {
        self.intervals.len()
    }

    /// Whether there is no good time at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.intervals.is_empty()
    }

    /// From the start of the first to the stop of the last; `None` where there is none.
    #[must_use]
    pub fn span(&self) -> Option<TimeInterval> {
        let (first, last) = (self.intervals.first()?, self.intervals.last()?);
        Some(TimeInterval::new(first.start, last.stop))
    }

    /// Total good time, seconds.
    #[must_use]
    pub fn exposure_s(&self) -> f64 {
        let lengths = self.intervals.iter().map(TimeInterval::length);
        lengths.sum::<crate::CompensatedSum>().value()
    }

    /// The longest interval with its number, the first of equals; `None` where there is none.
    #[must_use]
    pub fn longest(&self) -> Option<(usize, TimeInterval)> {
        let numbered = self.intervals.iter().copied().enumerate();
        numbered.reduce(|longest, next| {
            if next.1.length() > longest.1.length() {
                next
            } else {
                longest
            }
        })
    }

    /// The number of the interval with `start <= time < stop`.
    #[must_use]
    pub fn interval_of(&self, time: f64) -> Option<usize> {
        let after = self
            .intervals
            .partition_point(|interval| interval.start <= time);
        let index = after.checked_sub(1)?;
        (time < self.intervals[index].stop).then_some(index)
    }

    /// Whether `start <= time < stop` for one of the intervals.
    #[must_use]
    pub fn contains(&self, time: f64) -> bool {
        self.interval_of(time).is_some()
    }
}

fn check_interval(index: usize, interval: TimeInterval) -> Result<(), GtiError> {
    if !(interval.start.is_finite() && interval.stop.is_finite()) {
        return Err(GtiError::NotFinite { index, interval });
    }
    if interval.start >= interval.stop {
        return Err(GtiError::Reversed { index, interval });
    }
    Ok(())
}

fn check_positive(quantity: &'static str, value: f64) -> Result<(), GtiError> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(GtiError::Parameter {
        quantity,
        value,
        requirement: "finite and above 0",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_intervals_are_named() {
        let error = GoodTimeIntervals::new([[0.0, 1.0], [3.0, 2.0]]).unwrap_err();
        assert!(
            error.to_string().contains("interval 1 is [3, 2)"),
            "{error}"
        );
        let error = GoodTimeIntervals::new([[0.0, 2.0], [1.0, 3.0]]).unwrap_err();
        assert!(matches!(error, GtiError::Overlap { index: 1, .. }));
        let error = GoodTimeIntervals::new([[0.0, f64::NAN]]).unwrap_err();
        assert!(matches!(error, GtiError::NotFinite { index: 0, .. }));
        assert!(GoodTimeIntervals::single(1.0, 1.0).is_err());
        assert!(GoodTimeIntervals::merged([[0.0, 1.0], [5.0, 4.0]]).is_err());
    }

    #[test]
    fn merged_intervals_are_sorted_and_united() {
        let merged = GoodTimeIntervals::merged([[5.0, 7.0], [0.0, 2.0], [2.0, 3.0], [6.0, 6.5]]);
        let expected = GoodTimeIntervals::new([[0.0, 3.0], [5.0, 7.0]]);
        assert_eq!(merged, expected);
    }

    #[test]
    fn starts_are_closed_and_stops_open() {
        let gti = GoodTimeIntervals::new([[0.0, 1.0], [1.0, 2.0], [3.0, 4.0]]).unwrap();
        let found: Vec<_> = [-0.1, 0.0, 0.999, 1.0, 2.0, 3.0, 4.0, f64::NAN]
            .map(|time| gti.interval_of(time))
            .into();
        let expected = [None, Some(0), Some(0), Some(1), None, Some(2), None, None];
        assert_eq!(found, expected);
        assert_eq!(gti.span(), Some(TimeInterval::new(0.0, 4.0)));
        assert_eq!(gti.exposure_s(), 3.0);
        assert_eq!(gti.longest(), Some((0, TimeInterval::new(0.0, 1.0))));
    }
}
