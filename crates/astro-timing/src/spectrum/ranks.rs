//! Averaged spectra made by many ranks: who does which blocks, and how the sums come together.

use std::ops::Range;

use astro_core::{
    CommunicationError, Communicator, EventSource, GoodTimeIntervals, Merge, Progress, Segment,
    Segments, share_out,
};
use astro_fft::FftReal;
use num_complex::Complex;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::engine::Engine;
use super::fold::{MergeTree, Place, SegmentBlocks, fold_some};
use super::input::SegmentInput;
use super::sums::SeriesLight;
use crate::{Error, Result};

/// A segment table that every rank has, and the blocks of it that this rank does.
pub(crate) struct SharedTable<'a> {
    ranks: &'a dyn Communicator,
    pub(crate) segments: Segments,
    blocks: SegmentBlocks,
    share: Range<usize>,
}

impl<'a> SharedTable<'a> {
    /// The table that `table` makes of the good time of rank 0, shared out so that every rank has
    /// about as many events and bins (one costs about as much as the other). Only rank 0 calls
    /// `good_time` and `looked_at`.
    pub(crate) fn new(
        ranks: &'a dyn Communicator,
        good_time: impl FnOnce() -> Result<GoodTimeIntervals>,
        table: impl Fn(&GoodTimeIntervals) -> Result<Segments>,
        looked_at: impl Fn(Segment) -> Result<u64>,
    ) -> Result<Self> {
        let mut message = Vec::new();
        if ranks.rank() == 0 {
            let gti = good_time()?;
            let segments = table(&gti)?;
            let blocks = SegmentBlocks::new(segments.len(), segments.bins());
            let weight = |block| {
                let range = blocks.segments(block);
                let bins = range.len() as u64 * segments.bins() as u64;
                match ranks.size() {
                    // One process does all of it, whatever it weighs.
                    1 => Ok(1),
                    _ => Ok(bins + events_of(&segments, range, &looked_at)?),
                }
            };
            let weights: Result<Vec<u64>> = (0..blocks.len()).map(weight).collect();
            let shares = share_out(&weights?, ranks.size());
            message = encode(ranks, &(intervals_of(&gti), shares))?;
        }
        ranks.broadcast(&mut message)?;
        let (intervals, shares): (Vec<[f64; 2]>, Vec<Range<usize>>) = decode(ranks, &message)?;
        let segments = table(&GoodTimeIntervals::new(intervals)?)?;
        Ok(Self {
            ranks,
            blocks: SegmentBlocks::new(segments.len(), segments.bins()),
            share: shares.get(ranks.rank()).cloned().unwrap_or_default(),
            segments,
        })
    }

    /// Folds the blocks of this rank; rank 0 merges those of all along the canonical tree, with
    /// the bits of [`Engine::fold`], and has the result.
    pub(crate) fn fold<T: FftReal, A: Merge + Send + Serialize + DeserializeOwned>(
        &self,
        engine: &Engine<'_, T>,
        input: &impl SegmentInput<T>,
        progress: &dyn Progress,
        add: impl Fn(&mut A, &[Vec<Complex<T>>], &[SeriesLight]) + Sync,
    ) -> Result<Option<A>> {
        let share = self.share.clone();
        let units = share.clone().map(|block| self.blocks.segments(block).len());
        progress.begin("segments", units.sum::<usize>() as u64);
        let tree = fold_some(self.blocks, share, progress, |range| {
            engine.block(input, range, &add)
        });
        progress.end();
        let tree = tree?;
        if self.ranks.size() == 1 {
            return Ok(Some(tree.root()));
        }
        let own = encode(self.ranks, &tree.into_nodes())?;
        let whole = MergeTree::new(self.blocks.len());
        let mut outcome = Ok(());
        self.ranks.gather(
            own,
            &mut |bytes| match decode::<Vec<(Place, A)>>(self.ranks, &bytes) {
                Ok(nodes) => nodes
                    .into_iter()
                    .for_each(|(place, sums)| whole.insert(place, sums)),
                Err(error) => outcome = Err(error),
            },
        )?;
        outcome?;
        Ok((self.ranks.rank() == 0).then(|| whole.root()))
    }
}

/// Events from the first to the last of some segments.
fn events_of(
    segments: &Segments,
    range: Range<usize>,
    looked_at: &impl Fn(Segment) -> Result<u64>,
) -> Result<u64> {
    let ends = (segments.get(range.start), range.end.checked_sub(1));
    let (Some(first), Some(last)) = (ends.0, ends.1.and_then(|last| segments.get(last))) else {
        return Ok(0);
    };
    looked_at(Segment {
        stop: last.stop,
        ..first
    })
}

/// Events of a source to be looked at for a part of the table.
pub(crate) fn looked_at<S: EventSource>(source: &S, part: Segment) -> Result<u64> {
    source
        .looked_at(part.start, part.stop)
        .map_err(Error::from_source)
}

/// Good time as it is sent.
pub(crate) fn intervals_of(gti: &GoodTimeIntervals) -> Vec<[f64; 2]> {
    let intervals = gti.intervals().iter();
    intervals.map(|good| [good.start, good.stop]).collect()
}

/// A message for other ranks.
pub(crate) fn encode<M: Serialize>(ranks: &dyn Communicator, message: &M) -> Result<Vec<u8>> {
    let failed = |source: postcard::Error| CommunicationError {
        rank: ranks.rank(),
        operation: "write a message",
        source: source.into(),
    };
    Ok(postcard::to_stdvec(message).map_err(failed)?)
}

/// A message of another rank.
pub(crate) fn decode<M: DeserializeOwned>(ranks: &dyn Communicator, bytes: &[u8]) -> Result<M> {
    let failed = |source: postcard::Error| CommunicationError {
        rank: ranks.rank(),
        operation: "read a message",
        source: source.into(),
    };
    Ok(postcard::from_bytes(bytes).map_err(failed)?)
}
