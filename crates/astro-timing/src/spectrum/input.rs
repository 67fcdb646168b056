//! Where the bins of a segment come from: events, light curves, pairs of them.

use astro_core::{EventSource, Segments, WantedColumns};
use astro_fft::FftReal;

use super::normalization::variance_of_errors;
use super::sums::SeriesLight;
use crate::{Compat, CountErrors, EnergyBand, Error, LightCurve, Result};

/// Something that fills the bins of the segments of one table, for one or more series.
pub(crate) trait SegmentInput<T>: Sync {
    /// Number of segments.
    fn segments(&self) -> usize;

    /// Fills the bins of every series for segment `index` and says what they have.
    fn fill(&self, index: usize, series: &mut [Vec<T>], lights: &mut [SeriesLight]) -> Result<()>;
}

/// Events of one source in one series.
pub(crate) struct EventInput<'a, S> {
    pub(crate) source: &'a S,
    pub(crate) segments: &'a Segments,
}

/// Where an event falls: ⌊(t − start) · (N/T)⌋, a multiplication by the reciprocal of the bin
/// width, as Stingray does it: an event on the border of two bins may fall to either side by
/// rounding.
#[derive(Clone, Copy)]
pub(crate) struct Binning {
    start: f64,
    scale: f64,
}

impl Binning {
    pub(crate) fn new(start: f64, segments: &Segments) -> Self {
        let bins = segments.bins() as f64;
        Self {
            start,
            scale: 1.0 / (segments.length_s() / bins),
        }
    }

    #[inline(always)]
    pub(crate) fn bin(self, time: f64) -> usize {
        ((time - self.start) * self.scale) as usize
    }

    /// Adds events to bins and returns how many fell into one.
    pub(crate) fn add<T: FftReal>(self, times: &[f64], bins: &mut [T]) -> u64 {
        let mut added = 0;
        for &time in times {
            if let Some(bin) = bins.get_mut(self.bin(time)) {
                *bin += T::one();
                added += 1;
            }
        }
        added
    }
}

pub(crate) fn light_of_events(events: u64) -> SeriesLight {
    SeriesLight {
        counts: events as f64,
        sparse: events < 2,
        ..SeriesLight::default()
    }
}

impl<T: FftReal, S: EventSource> SegmentInput<T> for EventInput<'_, S> {
    fn segments(&self) -> usize {
        self.segments.len()
    }

    fn fill(&self, index: usize, series: &mut [Vec<T>], lights: &mut [SeriesLight]) -> Result<()> {
        let Some(segment) = self.segments.get(index) else {
            return Ok(());
        };
        let binning = Binning::new(segment.start, self.segments);
        let bins = &mut series[0];
        bins.fill(T::zero());
        let mut events = 0;
        self.source
            .visit(
                segment.start,
                segment.stop,
                WantedColumns::default(),
                &mut |columns| {
                    events += binning.add(columns.times, bins);
                },
            )
            .map_err(Error::from_source)?;
        lights[0] = light_of_events(events);
        Ok(())
    }
}

/// Two bands of one source in two series, read once.
pub(crate) struct BandPairInput<'a, S> {
    pub(crate) source: &'a S,
    pub(crate) segments: &'a Segments,
    pub(crate) bands: [EnergyBand; 2],
}

impl<T: FftReal, S: EventSource> SegmentInput<T> for BandPairInput<'_, S> {
    fn segments(&self) -> usize {
        self.segments.len()
    }

    fn fill(&self, index: usize, series: &mut [Vec<T>], lights: &mut [SeriesLight]) -> Result<()> {
        let Some(segment) = self.segments.get(index) else {
            return Ok(());
        };
        let binning = Binning::new(segment.start, self.segments);
        series.iter_mut().for_each(|bins| bins.fill(T::zero()));
        let mut events = [0_u64; 2];
        let counts = [T::zero(), T::one()];
        let wanted = WantedColumns {
            energies: true,
            ..WantedColumns::default()
        };
        self.source
            .visit(segment.start, segment.stop, wanted, &mut |columns| {
                for (&time, &energy) in columns.times.iter().zip(columns.energies_kev) {
                    let bin = binning.bin(time);
                    // An event of another band adds nothing: no branch could be foretold.
                    for (s, band) in self.bands.iter().enumerate() {
                        if let Some(bin) = series[s].get_mut(bin) {
                            let inside = usize::from(band.contains(energy));
                            *bin += counts[inside];
                            events[s] += inside as u64;
                        }
                    }
                }
            })
            .map_err(Error::from_source)?;
        for (light, &events) in lights.iter_mut().zip(&events) {
            *light = light_of_events(events);
        }
        Ok(())
    }
}

/// A light curve in one series: segments are runs of whole good bins.
pub(crate) struct CurveInput<'a> {
    pub(crate) curve: &'a LightCurve,
    pub(crate) starts: Vec<usize>,
    pub(crate) bins: usize,
    pub(crate) compat: Compat,
}

impl<T: FftReal> SegmentInput<T> for CurveInput<'_> {
    fn segments(&self) -> usize {
        self.starts.len()
    }

    fn fill(&self, index: usize, series: &mut [Vec<T>], lights: &mut [SeriesLight]) -> Result<()> {
        let range = self.starts[index]..self.starts[index] + self.bins;
        let counts = &self.curve.counts()[range.clone()];
        for (bin, &count) in series[0].iter_mut().zip(counts) {
            *bin = T::from_f64_rounded(count);
        }
        lights[0] = SeriesLight {
            counts: counts.iter().sum(),
            variance: match self.curve.count_errors() {
                CountErrors::Poisson => 0.0,
                CountErrors::Gaussian(errors) => variance_of_errors(&errors[range], self.compat),
            },
            sparse: counts.iter().all(|&count| count == 0.0),
            ..SeriesLight::default()
        };
        Ok(())
    }
}

/// Two inputs of `series` each, over the same segments.
pub(crate) struct PairInput<A, B> {
    pub(crate) first: A,
    pub(crate) second: B,
    pub(crate) series: usize,
}

impl<A, B> PairInput<A, B> {
    /// Of one series each.
    pub(crate) fn new(first: A, second: B) -> Self {
        Self {
            first,
            second,
            series: 1,
        }
    }
}

impl<T, A: SegmentInput<T>, B: SegmentInput<T>> SegmentInput<T> for PairInput<A, B> {
    fn segments(&self) -> usize {
        self.first.segments().min(self.second.segments())
    }

    fn fill(&self, index: usize, series: &mut [Vec<T>], lights: &mut [SeriesLight]) -> Result<()> {
        let (first, second) = series.split_at_mut(self.series);
        let (light, other) = lights.split_at_mut(self.series);
        self.first.fill(index, first, light)?;
        self.second.fill(index, second, other)
    }
}
