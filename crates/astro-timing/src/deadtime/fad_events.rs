//! The amplitude-difference correction of event lists.

use astro_core::{EventSource, GoodTimeIntervals, Progress, Segments};
use rayon::prelude::*;

use super::{FadCorrection, FadSmoothing};
use crate::error::{Error, Result};
use crate::spectrum::input::{EventInput, PairInput, SegmentInput};
use crate::spectrum::sums::SeriesLight;
use crate::{Compat, Normalization};

/// Segments that one task corrects; the same on any number of threads, so that sums are too.
const BLOCK: usize = 32;

/// How two event lists are corrected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FadPlan {
    /// Length of the segments, seconds.
    pub segment_s: f64,
    /// Width of the bins, seconds.
    pub bin_s: f64,
    /// What smooths the amplitude differences.
    pub smoothing: FadSmoothing,
    /// What powers are measured in.
    pub normalization: Normalization,
    /// Whether the noise level is unbiased, or Stingray's.
    pub compat: Compat,
}

impl FadPlan {
    /// Segments and bins in seconds, the default smoothing, Leahy's normalisation.
    #[must_use]
    pub fn new(segment_s: f64, bin_s: f64) -> Self {
        Self {
            segment_s,
            bin_s,
            smoothing: FadSmoothing::default(),
            normalization: Normalization::Leahy,
            compat: Compat::default(),
        }
    }

    /// Corrects the spectra of the events of two detectors, in the good time that both have; events are
    /// never all in memory. [`FadCorrection::finish`] gives the spectra.
    ///
    /// ```
    /// use astro_timing::deadtime::FadPlan;
    /// use astro_timing::simulate::{SimulatedBand, SimulatedObservation};
    /// use astro_timing::EventSelection;
    ///
    /// let mut observation = SimulatedObservation::new(vec![SimulatedBand::flat(3.0, 30.0, 200.0)], 0.0, 512.0)?;
    /// observation.detectors = 2;
    /// let events = observation.simulate(1)?.events;
    /// let one = |detector| EventSelection { detectors: Some(vec![detector]), ..EventSelection::default() };
    /// let found = FadPlan::new(8.0, 1.0 / 64.0)
    ///     .execute(&one(0).of(&events), &one(1).of(&events), &astro_core::NoProgress)?
    ///     .finish()?;
    /// let mean = found.power_1.iter().sum::<f64>() / found.power_1.len() as f64;
    /// assert!((mean - 2.0).abs() < 0.1);
    /// # Ok::<(), astro_timing::Error>(())
    /// ```
    ///
    /// # Errors
    /// Times that count from different references; good time that holds no segment; those of
    /// [`FadCorrection::new`] and of the sources; a stop on request.
    pub fn execute<A: EventSource, B: EventSource>(
        &self,
        first: &A,
        second: &B,
        progress: &dyn Progress,
    ) -> Result<FadCorrection> {
        let offset = second.reference().offset_to(first.reference())?;
        if offset.apply(0.0) != 0.0 {
            return Err(Error::Mismatch {
                quantity: "reference epoch of the times, MJD",
                found: second.reference().epoch.days(),
                expected: first.reference().epoch.days(),
            });
        }
        let gti: GoodTimeIntervals = first.gti().intersection(second.gti());
        let segments = Segments::new(&gti, self.segment_s, self.bin_s)?;
        let bins = segments.bins();
        let empty = || -> Result<FadCorrection> {
            let empty = FadCorrection::new(bins, segments.bin_s(), self.smoothing)?;
            Ok(empty.normalization(self.normalization).compat(self.compat))
        };
        let input = PairInput::new(
            EventInput {
                source: first,
                segments: &segments,
            },
            EventInput {
                source: second,
                segments: &segments,
            },
        );
        progress.begin("segments", segments.len() as u64);
        let blocks: Vec<Result<FadCorrection>> = (0..segments.len().div_ceil(BLOCK))
            .into_par_iter()
            .map(|block| {
                let mut part = empty()?;
                let mut series = [vec![0.0; bins], vec![0.0; bins]];
                let mut lights = [SeriesLight::default(); 2];
                for index in block * BLOCK..((block + 1) * BLOCK).min(segments.len()) {
                    if progress.should_stop() {
                        return Err(Error::Stopped);
                    }
                    input.fill(index, &mut series, &mut lights)?;
                    part.add_segment(&series[0], &series[1])?;
                    progress.advance(1);
                }
                Ok(part)
            })
            .collect();
        progress.end();
        let mut all = empty()?;
        for block in blocks {
            all.merge(block?)?;
        }
        Ok(all)
    }
}
