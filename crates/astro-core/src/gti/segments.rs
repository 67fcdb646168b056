//! Equal segments of the good time, each for one Fourier transform.

use super::{GoodTimeIntervals, TimeInterval};

/// By how much a segment may reach beyond the stop of its interval, seconds: the rounding
/// of times long after their reference.
const STOP_SLACK_S: f64 = 1e-5;
/// A segment is this part of a bin short of a whole number and still rounded up.
const ROUND_UP: f64 = 0.01;
/// The most segments that a table lists: a quarter of a second each in a year, 1 GiB.
const MOST_SEGMENTS: f64 = 134_217_728.0;
/// Bin numbers must be exact in f64 and far below what memory holds.
const MOST_BINS: f64 = 4_294_967_296.0;

/// One segment of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// Its first moment, seconds after the reference.
    pub start: f64,
    /// The first moment after it.
    pub stop: f64,
    /// Number of the good time interval that it lies in.
    pub interval: usize,
}

/// Where the good time is cut into segments of equal length, found once.
///
/// The length asked for is first rounded to whole bins: $N = \lfloor T/\Delta t \rfloor$,
/// or one more if that takes less than a hundredth of a bin, and from then on $T = N \Delta t$.
/// In each interval $[a, b)$ with $b - a + 10^{-5}\,\mathrm{s} \ge T$, segments start at
/// $a + kT$, $k = 0, 1, \dots$, while $a + kT < b - T + 10^{-5}\,\mathrm{s}$. The grid
/// starts again with every interval; shorter intervals are left out.
///
/// ```
/// use astro_core::{GoodTimeIntervals, Segments};
/// let gti = GoodTimeIntervals::new([[0.0, 10.0], [20.0, 23.0], [30.0, 34.5]])?;
/// let segments = Segments::new(&gti, 4.0, 0.5)?;
/// assert_eq!(segments.starts(), [0.0, 4.0, 30.0]);
/// assert_eq!(segments.bins(), 8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "time_intervals_from_gtis")]
#[derive(Clone, Debug, PartialEq)]
pub struct Segments {
    bins: usize,
    bin_s: f64,
    starts: Vec<f64>,
    intervals: Vec<u32>,
}

/// Why good time cannot be cut into segments.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentError {
    /// A length, bin or step that makes no segments.
    #[error("{quantity} is {value}; it must be {requirement}")]
    Parameter {
        /// The quantity.
        quantity: &'static str,
        /// Its value.
        value: f64,
        /// What is required.
        requirement: &'static str,
    },
    /// There is no good time.
    #[error("there are no good time intervals to cut into segments")]
    NoGoodTime,
    /// Every interval is too short.
    #[error(
        "segment length = {length_s} s exceeds the longest good time interval ({longest_s} s, interval {index} of {count}); shorten the segments or join intervals"
    )]
    TooLong {
        /// Length of the segments.
        length_s: f64,
        /// Length of the longest interval.
        longest_s: f64,
        /// Its number, from 0.
        index: usize,
        /// Number of intervals.
        count: usize,
    },
    /// More segments than can be listed.
    #[error(
        "{count:e} segments of {length_s} s are more than a table holds (134217728); make them longer"
    )]
    TooMany {
        /// How many there would be.
        count: f64,
        /// Length of a segment.
        length_s: f64,
    },
}

impl Segments {
    /// Segments of `length_s` in bins of `bin_s`, one after the other.
    ///
    /// # Errors
    /// [`SegmentError`]: lengths out of range, no interval long enough.
    pub fn new(gti: &GoodTimeIntervals, length_s: f64, bin_s: f64) -> Result<Self, SegmentError> {
        Self::stepping(gti, length_s, bin_s, 1.0)
    }

    /// Segments whose starts are `step` segment lengths apart: below 1 they overlap.
    ///
    /// # Errors
    /// As [`Segments::new`]; a step not above 0.
    pub fn stepping(
        gti: &GoodTimeIntervals,
        length_s: f64,
        bin_s: f64,
        step: f64,
    ) -> Result<Self, SegmentError> {
        let bins = whole_bins(length_s, bin_s)?;
        check_positive("step between segments", step)?;
        let length = bins as f64 * bin_s;
        let step = length * step;
        let count = gti.exposure_s() / step;
        if count > MOST_SEGMENTS {
            return Err(SegmentError::TooMany {
                count,
                length_s: length,
            });
        }
        let mut starts = Vec::new();
        let mut intervals = Vec::new();
        for (index, interval) in gti.intervals().iter().enumerate() {
            if interval.length() + STOP_SLACK_S < length {
                continue;
            }
            // Differences of times first: they are small and exact where times are large.
            let count = ((interval.length() - length + STOP_SLACK_S) / step).ceil();
            for k in 0..count as usize {
                starts.push((k as f64).mul_add(step, interval.start));
                intervals.push(index as u32);
            }
        }
        if starts.is_empty() {
            return Err(none_fits(gti, length));
        }
        Ok(Self {
            bins,
            bin_s,
            starts,
            intervals,
        })
    }

    /// The whole span of the good time as one segment, gaps included.
    ///
    /// # Errors
    /// No good time, a bin out of range.
    pub fn whole_span(gti: &GoodTimeIntervals, bin_s: f64) -> Result<Self, SegmentError> {
        let span = gti.span().ok_or(SegmentError::NoGoodTime)?;
        Ok(Self {
            bins: whole_bins(span.length(), bin_s)?,
            bin_s,
            starts: vec![span.start],
            intervals: vec![0],
        })
    }

    /// Number of segments, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a table is never empty")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Bins of a segment, $N$.
    #[must_use]
    pub fn bins(&self) -> usize {
        self.bins
    }

    /// Width of a bin, seconds.
    #[must_use]
    pub fn bin_s(&self) -> f64 {
        self.bin_s
    }

    /// Length of a segment after rounding, $N \Delta t$, seconds.
    #[must_use]
    pub fn length_s(&self) -> f64 {
        self.bins as f64 * self.bin_s
    }

    /// Where the segments start, ascending.
    #[must_use]
    pub fn starts(&self) -> &[f64] {
        &self.starts
    }

    /// One segment; `None` beyond the last.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Segment> {
        let start = *self.starts.get(index)?;
        Some(Segment {
            start,
            stop: start + self.length_s(),
            interval: self.intervals[index] as usize,
        })
    }

    /// All segments in time order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Segment> + '_ {
        let length = self.length_s();
        let numbered = self.starts.iter().zip(&self.intervals);
        numbered.map(move |(&start, &interval)| Segment {
            start,
            stop: start + length,
            interval: interval as usize,
        })
    }
}

impl Segment {
    /// Its time interval.
    #[must_use]
    pub fn interval(&self) -> TimeInterval {
        TimeInterval::new(self.start, self.stop)
    }
}

/// A length as a whole number of bins.
fn whole_bins(length_s: f64, bin_s: f64) -> Result<usize, SegmentError> {
    check_positive("segment length", length_s)?;
    check_positive("bin width", bin_s)?;
    let bins = length_s / bin_s;
    let rounded = if bins.ceil() - bins < ROUND_UP {
        bins.ceil()
    } else {
        bins.floor()
    };
    if !(1.0..=MOST_BINS).contains(&rounded) {
        return Err(SegmentError::Parameter {
            quantity: "number of bins in a segment",
            value: bins,
            requirement: "from 1 to 4294967296: change the segment length or the bin width",
        });
    }
    Ok(rounded as usize)
}

fn check_positive(quantity: &'static str, value: f64) -> Result<(), SegmentError> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(SegmentError::Parameter {
        quantity,
        value,
        requirement: "finite and above 0",
    })
}

fn none_fits(gti: &GoodTimeIntervals, length_s: f64) -> SegmentError {
    match gti.longest() {
        None => SegmentError::NoGoodTime,
        Some((index, longest)) => SegmentError::TooLong {
            length_s,
            longest_s: longest.length(),
            index,
            count: gti.len(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gti<const N: usize>(intervals: [[f64; 2]; N]) -> GoodTimeIntervals {
        GoodTimeIntervals::new(intervals).unwrap()
    }

    #[test]
    fn lengths_are_rounded_to_whole_bins() {
        let good = gti([[0.0, 100.0]]);
        let bins = |length| Segments::new(&good, length, 0.3).unwrap().bins();
        assert_eq!(bins(3.0), 10);
        assert_eq!(bins(3.1), 10);
        // 0.0067 of a bin short of 11 is rounded up, 0.03 is not.
        assert_eq!(bins(3.298), 11);
        assert_eq!(bins(3.29), 10);
        assert_eq!(Segments::new(&good, 3.29, 0.3).unwrap().length_s(), 3.0);
    }

    #[test]
    fn a_rounding_error_of_the_stop_does_not_cost_a_segment() {
        let start = 80_000_000.1;
        let exact = gti([[start, start + 8.0 * 16.0]]);
        assert_eq!(Segments::new(&exact, 16.0, 0.5).unwrap().len(), 8);
        let short = gti([[start, start + 8.0 * 16.0 - 5e-6]]);
        assert_eq!(Segments::new(&short, 16.0, 0.5).unwrap().len(), 8);
        let too_short = gti([[start, start + 8.0 * 16.0 - 2e-5]]);
        assert_eq!(Segments::new(&too_short, 16.0, 0.5).unwrap().len(), 7);
    }

    proptest! {
        /// Against the rule as it is written, one start after the other.
        #[test]
        fn starts_follow_the_rule(borders in proptest::collection::vec(1.0..50.0f64, 2..12), length in 1.0..30.0f64, half in any::<bool>()) {
            let mut at = 8e7;
            let mut intervals = Vec::new();
            for pair in borders.chunks_exact(2) {
                intervals.push([at, at + pair[0]]);
                at += pair[0] + pair[1];
            }
            let good = GoodTimeIntervals::new(intervals.clone()).unwrap();
            let step = if half { 0.5 } else { 1.0 };
            let mut expected = Vec::new();
            let whole = (length / 0.25).floor() * 0.25;
            let whole = if length - whole > 0.25 * 0.99 { whole + 0.25 } else { whole };
            for [a, b] in intervals {
                for k in 0.. {
                    let start = a + f64::from(k) * whole * step;
                    if b - a + 1e-5 < whole || start >= b - whole + 1e-5 {
                        break;
                    }
                    expected.push(start);
                }
            }
            match Segments::stepping(&good, length, 0.25, step) {
                Ok(segments) => {
                    prop_assert_eq!(segments.starts(), &expected[..]);
                    for segment in segments.iter() {
                        let interval = good.intervals()[segment.interval];
                        prop_assert!(segment.start >= interval.start && segment.stop <= interval.stop + 1e-5);
                    }
                }
                Err(SegmentError::TooLong { .. }) => prop_assert!(expected.is_empty()),
                Err(other) => prop_assert!(false, "{}", other),
            }
        }
    }

    #[test]
    fn impossible_segments_are_explained() {
        let good = gti([[0.0, 100.0], [200.0, 500.0]]);
        let error = Segments::new(&good, 512.0, 1.0).unwrap_err().to_string();
        assert!(error.contains("(300 s, interval 1 of 2)"), "{error}");
        assert!(matches!(
            Segments::new(&GoodTimeIntervals::default(), 1.0, 1.0),
            Err(SegmentError::NoGoodTime)
        ));
        assert!(Segments::new(&good, 1.0, 2.0).is_err());
        assert!(Segments::new(&good, f64::NAN, 2.0).is_err());
        assert!(Segments::new(&good, 1.0, 1e-300).is_err());
        assert!(matches!(
            Segments::new(&good, 1e-7, 1e-8),
            Err(SegmentError::TooMany { .. })
        ));
        assert!(Segments::stepping(&good, 1.0, 0.1, 0.0).is_err());
        let whole = Segments::whole_span(&good, 0.5).unwrap();
        assert_eq!((whole.len(), whole.bins()), (1, 1000));
        assert_eq!(
            whole.get(0).unwrap().interval(),
            TimeInterval::new(0.0, 500.0)
        );
        assert!(whole.get(1).is_none());
    }
}
