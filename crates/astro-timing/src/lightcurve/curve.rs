//! What a light curve is, and how it is made from events.

use astro_core::{
    EventSource, GoodTimeIntervals, TimeReference, WantedColumns, check_finite, check_lengths,
};

use super::CountErrors;
use crate::error::{require, require_positive};
use crate::{Compat, Error, Result};

/// Counts, or any other quantity, in equal time bins.
///
/// Bins ascend in time and do not overlap; some may be missing. Good time intervals say which bins
/// are good; the others are kept until [`LightCurve::apply_gti`] drops them.
#[derive(Clone, Debug, PartialEq)]
pub struct LightCurve {
    pub(super) times: Vec<f64>,
    pub(super) counts: Vec<f64>,
    pub(super) errors: CountErrors,
    pub(super) bin_s: f64,
    pub(super) gti: GoodTimeIntervals,
    pub(super) reference: TimeReference,
}

/// A last bin this much of which is covered counts as whole.
const NEARLY_WHOLE: f64 = 0.99;

impl LightCurve {
    /// Counts in bins of `bin_s` seconds around ascending `times`, all of them good.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::Value`], or [`Error::Gti`] where the bins overlap.
    ///
    /// ```
    /// use astro_timing::LightCurve;
    /// let curve = LightCurve::new(vec![0.5, 1.5, 2.5], vec![4.0, 0.0, 9.0], 1.0)?;
    /// assert_eq!(curve.total(), 13.0);
    /// assert_eq!(curve.gti().exposure_s(), 3.0);
    /// # Ok::<(), astro_timing::Error>(())
    /// ```
    pub fn new(times: Vec<f64>, counts: Vec<f64>, bin_s: f64) -> Result<Self> {
        check_lengths("counts", counts.len(), "times", times.len())?;
        check_finite("times", times.iter().copied())?;
        check_finite("counts", counts.iter().copied())?;
        let gti = GoodTimeIntervals::from_condition(&times, bin_s, |_, _| true)?;
        Ok(Self {
            times,
            counts,
            errors: CountErrors::Poisson,
            bin_s,
            gti,
            reference: TimeReference::default(),
        })
    }

    /// The counts of a source in bins of `bin_s` seconds, from the start of its first good time
    /// interval to the stop of the last.
    ///
    /// Bin j has the events with ⌊(t − t₀)/Δt⌋ = j. A last bin of which less than 99 % lies before
    /// the stop is left out. Bins outside the good time are there, with the events they have.
    ///
    /// # Errors
    /// Those of the source; [`Error::Parameter`] for a bin width that is not positive, or that
    /// makes more than 2³² bins; [`Error::Segments`] without any good time.
    pub fn from_events<S: EventSource>(source: &S, bin_s: f64) -> Result<Self> {
        require_positive("bin width", bin_s)?;
        let span = source
            .gti()
            .span()
            .ok_or(Error::Segments(astro_core::SegmentError::NoGoodTime))?;
        let bins = span.length() / bin_s;
        require("number of bins", bins, bins < 4_294_967_296.0, "below 2^32")?;
        let whole = bins.floor();
        let bins = (if bins - whole >= NEARLY_WHOLE {
            whole + 1.0
        } else {
            whole
        }) as usize;
        let mut counts = vec![0.0; bins];
        let stop = span.start + bins as f64 * bin_s;
        let wanted = WantedColumns::default();
        source
            .visit(span.start, stop, wanted, &mut |columns| {
                for &time in columns.times {
                    let bin = (time - span.start) / bin_s;
                    if let Some(count) = counts.get_mut(bin as usize) {
                        *count += 1.0;
                    }
                }
            })
            .map_err(Error::from_source)?;
        let center = |j: usize| (j as f64 + 0.5).mul_add(bin_s, span.start);
        Ok(Self {
            times: (0..bins).map(center).collect(),
            counts,
            errors: CountErrors::Poisson,
            bin_s,
            gti: source.gti().clone(),
            reference: *source.reference(),
        })
    }

    /// With a Gaussian error for each bin.
    ///
    /// # Errors
    /// [`Error::Length`], or [`Error::Value`] for a negative error.
    pub fn with_errors(mut self, errors: Vec<f64>) -> Result<Self> {
        check_lengths("errors", errors.len(), "times", self.times.len())?;
        astro_core::check_non_negative("errors", errors.iter().copied())?;
        self.errors = CountErrors::Gaussian(errors);
        Ok(self)
    }

    /// With other good time intervals.
    #[must_use]
    pub fn with_gti(mut self, gti: GoodTimeIntervals) -> Self {
        self.gti = gti;
        self
    }

    /// With the epoch and scale that the times count from.
    #[must_use]
    pub fn with_reference(mut self, reference: TimeReference) -> Self {
        self.reference = reference;
        self
    }

    /// Centres of the bins, seconds after the reference.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// Counts in each bin.
    #[must_use]
    pub fn counts(&self) -> &[f64] {
        &self.counts
    }

    /// How the counts scatter.
    #[must_use]
    pub fn count_errors(&self) -> &CountErrors {
        &self.errors
    }

    /// The standard deviation of each count.
    #[must_use]
    pub fn errors(&self, compat: Compat) -> Vec<f64> {
        self.errors.of(&self.counts, compat)
    }

    /// Counts per second in each bin.
    #[must_use]
    pub fn rates(&self) -> Vec<f64> {
        self.counts.iter().map(|count| count / self.bin_s).collect()
    }

    /// Bin width, seconds.
    #[must_use]
    pub fn bin_s(&self) -> f64 {
        self.bin_s
    }

    /// When the counts are good.
    #[must_use]
    pub fn gti(&self) -> &GoodTimeIntervals {
        &self.gti
    }

    /// What the times count from.
    #[must_use]
    pub fn reference(&self) -> &TimeReference {
        &self.reference
    }

    /// Number of bins.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there is no bin.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// All counts together.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.counts
            .iter()
            .copied()
            .sum::<astro_core::CompensatedSum>()
            .value()
    }

    /// The bins with the numbers in `keep`, ascending.
    pub(super) fn pick(&self, keep: &[usize]) -> Self {
        let pick = |from: &[f64]| keep.iter().map(|&bin| from[bin]).collect();
        Self {
            times: pick(&self.times),
            counts: pick(&self.counts),
            errors: match &self.errors {
                CountErrors::Poisson => CountErrors::Poisson,
                CountErrors::Gaussian(errors) => CountErrors::Gaussian(pick(errors)),
            },
            bin_s: self.bin_s,
            gti: self.gti.clone(),
            reference: self.reference,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EventList;

    #[test]
    fn events_fall_in_their_bins() {
        let gti = GoodTimeIntervals::new([[100.0, 103.0], [105.0, 107.5]]).unwrap();
        let events = EventList::new(vec![99.9, 100.0, 100.999, 101.0, 107.2, 107.4], gti).unwrap();
        let curve = LightCurve::from_events(&events, 1.0).unwrap();
        assert_eq!(curve.counts(), [2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(curve.times()[0], 100.5);
        // A last bin of which 99 % is there counts.
        let gti = GoodTimeIntervals::single(0.0, 2.995).unwrap();
        let events = EventList::new(vec![2.99], gti).unwrap();
        let curve = LightCurve::from_events(&events, 1.0).unwrap();
        assert_eq!(curve.counts(), [0.0, 0.0, 1.0]);
        assert!(LightCurve::from_events(&events, 0.0).is_err());
    }

    #[test]
    fn bins_must_not_overlap() {
        assert!(LightCurve::new(vec![0.5, 1.0], vec![1.0, 1.0], 1.0).is_err());
        assert!(LightCurve::new(vec![0.5], vec![1.0, 1.0], 1.0).is_err());
        assert!(LightCurve::new(vec![0.5], vec![f64::NAN], 1.0).is_err());
    }
}
