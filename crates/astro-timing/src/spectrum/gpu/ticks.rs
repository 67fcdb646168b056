//! Events as numbers of bins: what goes to the device.

use std::ops::Range;

use astro_core::{EventSource, Segments, WantedColumns};
use rayon::prelude::*;

use super::super::input::{BandPairInput, Binning, EventInput, PairInput};
use crate::{Error, Result};

/// Something that has events of one or two series over the segments of one table.
pub(crate) trait TickInput: Sync {
    /// The segments.
    fn segments(&self) -> &Segments;

    /// Number of series.
    fn series(&self) -> usize;

    /// Most events in a stretch of time, without reading them.
    fn at_most(&self, start: f64, stop: f64) -> Result<u64>;

    /// Calls `each` with runs of times of the events with `start <= t < stop`, and their series.
    fn visit(&self, start: f64, stop: f64, each: &mut dyn FnMut(usize, &[f64])) -> Result<()>;
}

impl<S: EventSource> TickInput for EventInput<'_, S> {
    fn segments(&self) -> &Segments {
        self.segments
    }

    fn series(&self) -> usize {
        1
    }

    fn at_most(&self, start: f64, stop: f64) -> Result<u64> {
        self.source
            .looked_at(start, stop)
            .map_err(Error::from_source)
    }

    fn visit(&self, start: f64, stop: f64, each: &mut dyn FnMut(usize, &[f64])) -> Result<()> {
        let wanted = WantedColumns::default();
        self.source
            .visit(start, stop, wanted, &mut |columns| each(0, columns.times))
            .map_err(Error::from_source)
    }
}

impl<S: EventSource> TickInput for BandPairInput<'_, S> {
    fn segments(&self) -> &Segments {
        self.segments
    }

    fn series(&self) -> usize {
        2
    }

    fn at_most(&self, start: f64, stop: f64) -> Result<u64> {
        // Bands may overlap.
        let events = self.source.looked_at(start, stop);
        Ok(2 * events.map_err(Error::from_source)?)
    }

    fn visit(&self, start: f64, stop: f64, each: &mut dyn FnMut(usize, &[f64])) -> Result<()> {
        let wanted = WantedColumns {
            energies: true,
            ..WantedColumns::default()
        };
        let mut inside = Vec::new();
        self.source
            .visit(start, stop, wanted, &mut |columns| {
                for (series, band) in self.bands.iter().enumerate() {
                    inside.clear();
                    let events = columns.times.iter().zip(columns.energies_kev);
                    inside.extend(
                        events
                            .filter(|&(_, &energy)| band.contains(energy))
                            .map(|(&time, _)| time),
                    );
                    each(series, &inside);
                }
            })
            .map_err(Error::from_source)
    }
}

impl<A: EventSource, B: EventSource> TickInput for PairInput<EventInput<'_, A>, EventInput<'_, B>> {
    fn segments(&self) -> &Segments {
        self.first.segments
    }

    fn series(&self) -> usize {
        2
    }

    fn at_most(&self, start: f64, stop: f64) -> Result<u64> {
        Ok(TickInput::at_most(&self.first, start, stop)?
            + TickInput::at_most(&self.second, start, stop)?)
    }

    fn visit(&self, start: f64, stop: f64, each: &mut dyn FnMut(usize, &[f64])) -> Result<()> {
        TickInput::visit(&self.first, start, stop, each)?;
        TickInput::visit(&self.second, start, stop, &mut |_, times| each(1, times))
    }
}

/// Some segments, or a stretch of one, that have few enough events to be held at a time.
pub(super) struct Piece {
    segments: Range<usize>,
    /// The stretch of time.
    window: [f64; 2],
}

impl Piece {
    /// Cuts `segments` into pieces of at most `most` events each, in time order.
    pub(super) fn cut(
        input: &impl TickInput,
        segments: Range<usize>,
        most: u64,
    ) -> Result<Vec<Self>> {
        let mut pieces = Vec::new();
        cut_segments(input, segments, most, &mut pieces)?;
        Ok(pieces)
    }

    /// The bins of its events, series after series of each segment, as numbers among all bins of
    /// the segments from `first` on. `counts[segment][series]` grows by what was found.
    pub(super) fn ticks(
        &self,
        input: &impl TickInput,
        first: usize,
        counts: &mut [[u64; 2]],
    ) -> Result<Vec<u32>> {
        let table = input.segments();
        let (bins, series) = (table.bins(), input.series());
        let of_segment = |index: usize| -> Result<(Vec<u32>, [u64; 2])> {
            let (mut ticks, mut found) = (Vec::new(), [0; 2]);
            let Some(segment) = table.get(index) else {
                return Ok((ticks, found));
            };
            let binning = Binning::new(segment.start, table);
            let [start, stop] = self.window;
            input.visit(
                start.max(segment.start),
                stop.min(segment.stop),
                &mut |s, times| {
                    let row = ((index - first) * series + s) * bins;
                    let before = ticks.len();
                    let inside = times.iter().map(|&t| binning.bin(t)).filter(|&b| b < bins);
                    ticks.extend(inside.map(|bin| (row + bin) as u32));
                    found[s] += (ticks.len() - before) as u64;
                },
            )?;
            Ok((ticks, found))
        };
        let parts: Result<Vec<_>> = self
            .segments
            .clone()
            .into_par_iter()
            .map(of_segment)
            .collect();
        let mut all = Vec::new();
        for (index, (ticks, found)) in self.segments.clone().zip(parts?) {
            all.extend_from_slice(&ticks);
            let count = &mut counts[index - first];
            count.iter_mut().zip(found).for_each(|(n, new)| *n += new);
        }
        Ok(all)
    }
}

fn cut_segments(
    input: &impl TickInput,
    segments: Range<usize>,
    most: u64,
    pieces: &mut Vec<Piece>,
) -> Result<()> {
    let table = input.segments();
    let ends = (
        table.get(segments.start),
        table.get(segments.end.saturating_sub(1)),
    );
    let (Some(begin), Some(end)) = ends else {
        return Ok(());
    };
    let window = [begin.start, end.stop];
    if segments.len() > 1 && input.at_most(window[0], window[1])? > most {
        let middle = segments.start + segments.len() / 2;
        cut_segments(input, segments.start..middle, most, pieces)?;
        return cut_segments(input, middle..segments.end, most, pieces);
    }
    cut_time(input, segments, window, most, pieces)
}

fn cut_time(
    input: &impl TickInput,
    segments: Range<usize>,
    window: [f64; 2],
    most: u64,
    pieces: &mut Vec<Piece>,
) -> Result<()> {
    let [start, stop] = window;
    let middle = 0.5 * (start + stop);
    // A bin is not cut.
    let can_halve = segments.len() == 1 && stop - start > input.segments().bin_s();
    if can_halve && input.at_most(start, stop)? > most {
        cut_time(input, segments.clone(), [start, middle], most, pieces)?;
        return cut_time(input, segments, [middle, stop], most, pieces);
    }
    pieces.push(Piece { segments, window });
    Ok(())
}
