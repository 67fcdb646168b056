//! What power and cross spectra have in common: segments, bins and the way they are averaged.

use astro_core::{EventSource, GoodTimeIntervals, Segments};

use super::normalization::{Normalization, SegmentLight};
use super::power::Averaging;
use super::sums::{SeriesLight, SeriesSums};
use crate::error::require_positive;
use crate::{Compat, Error, LightCurve, Result};

/// How long a segment is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum SegmentLength {
    Seconds(f64),
    /// From the first good moment to the last, gaps included.
    WholeSpan,
}

/// Everything about a spectrum but the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Settings {
    pub(crate) segment: SegmentLength,
    pub(crate) bin_s: f64,
    pub(crate) normalization: Normalization,
    pub(crate) averaging: Averaging,
    pub(crate) compat: Compat,
}

impl Settings {
    pub(crate) fn new(segment: SegmentLength, bin_s: f64) -> Result<Self> {
        require_positive("bin width", bin_s)?;
        if let SegmentLength::Seconds(length) = segment {
            require_positive("segment length", length)?;
        }
        Ok(Self {
            segment,
            bin_s,
            normalization: Normalization::default(),
            averaging: Averaging::default(),
            compat: Compat::default(),
        })
    }

    /// The segment table of good time.
    pub(crate) fn table(&self, gti: &GoodTimeIntervals) -> Result<Segments> {
        Ok(match self.segment {
            SegmentLength::Seconds(length) => Segments::new(gti, length, self.bin_s)?,
            SegmentLength::WholeSpan => Segments::whole_span(gti, self.bin_s)?,
        })
    }

    /// First bins of the segments of a light curve, and their number of bins.
    pub(crate) fn curve_segments(
        &self,
        curve: &LightCurve,
        gti: &GoodTimeIntervals,
    ) -> Result<(Vec<usize>, usize)> {
        if (curve.bin_s() - self.bin_s).abs() > 1e-9 * self.bin_s {
            return Err(Error::Mismatch {
                quantity: "bin width",
                found: curve.bin_s(),
                expected: self.bin_s,
            });
        }
        let length = match self.segment {
            SegmentLength::WholeSpan => return Ok((vec![0], curve.len())),
            SegmentLength::Seconds(length) => length,
        };
        let bins = self.table(gti)?.bins();
        let starts = gti.bin_segments(curve.times(), self.bin_s, bins)?;
        if starts.is_empty() {
            let (index, longest) = gti
                .longest()
                .map_or((0, 0.0), |(index, longest)| (index, longest.length()));
            return Err(Error::Segments(astro_core::SegmentError::TooLong {
                length_s: length,
                longest_s: longest,
                index,
                count: gti.len(),
            }));
        }
        Ok((starts, bins))
    }

    /// What a series has a segment, from its sums.
    pub(crate) fn light(
        &self,
        bins: usize,
        sums: &SeriesSums,
        segments: u64,
        background_rate: f64,
    ) -> SegmentLight {
        let segments = segments as f64;
        let variance = sums.variance / segments;
        SegmentLight {
            bins,
            bin_s: self.bin_s,
            counts: sums.counts / segments,
            background_counts: background_rate * bins as f64 * self.bin_s,
            variance: (variance > 0.0).then_some(variance),
        }
    }

    /// Whether a segment with this much light is left out.
    pub(crate) fn skips(&self, lights: &[SeriesLight]) -> bool {
        let without = |light: &SeriesLight| light.counts <= 0.0;
        (self.compat.is_stingray() && lights.iter().any(|light| light.sparse))
            || (self.averaging == Averaging::EachSegment && lights.iter().any(without))
    }

    /// The weight of a segment of a series: 1, or its own normalisation.
    pub(crate) fn weight(&self, bins: usize, light: SeriesLight, background_rate: f64) -> f64 {
        if self.averaging == Averaging::CommonMean {
            return 1.0;
        }
        let own = SeriesSums {
            power: Vec::new(),
            counts: light.counts,
            variance: light.variance,
        };
        self.light(bins, &own, 1, background_rate)
            .factor(self.normalization)
    }
}

/// Good time that both sources share, if they count from the same reference.
pub(crate) fn common_gti<A: EventSource, B: EventSource>(
    a: &A,
    b: &B,
) -> Result<GoodTimeIntervals> {
    let offset = b.reference().offset_to(a.reference())?;
    let shift_s = offset.apply(0.0);
    if shift_s != 0.0 {
        return Err(Error::Mismatch {
            quantity: "reference epoch (seconds after that of the first source)",
            found: shift_s,
            expected: 0.0,
        });
    }
    Ok(a.gti().intersection(b.gti()))
}
