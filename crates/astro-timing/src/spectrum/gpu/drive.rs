//! Batch after batch: the host reads the next while the device computes.

use std::collections::VecDeque;
use std::ops::Range;

use astro_core::Progress;
use astro_gpu::{CommandList, Gpu, Pending, ReadBackReals};

use super::super::fold::{MergeTree, Place};
use super::super::settings::Settings;
use super::super::sums::SpectrumSums;
use super::chain::SpectrumChain;
use super::ticks::{Piece, TickInput};
use crate::spectrum::input::light_of_events;
use crate::{Error, Result};

/// Submissions under way at most: while one computes, the next wait.
const UNDER_WAY: usize = 3;

/// One spectrum on the way.
pub(super) struct Drive<'a, I> {
    pub(super) gpu: &'a Gpu,
    pub(super) chain: &'a SpectrumChain,
    pub(super) input: &'a I,
    pub(super) settings: &'a Settings,
    pub(super) background_rates: [f64; 2],
}

impl<I: TickInput> Drive<'_, I> {
    pub(super) fn sums(&self, progress: &dyn Progress) -> Result<SpectrumSums> {
        let all = self.input.segments().len();
        let per_batch = self.chain.segments();
        let per_block = per_batch * self.chain.batches();
        let blocks = all.div_ceil(per_block);
        let mut queue = Queue {
            gpu: self.gpu,
            keep: self.chain.keep(),
            tree: MergeTree::new(blocks),
            under_way: VecDeque::new(),
        };
        progress.begin("segments", all as u64);
        for block in 0..blocks {
            let range = block * per_block..((block + 1) * per_block).min(all);
            let mut sums = SpectrumSums::default();
            for first in range.clone().step_by(per_batch) {
                if progress.should_stop() {
                    return Err(Error::Stopped);
                }
                let batch = first..(first + per_batch).min(range.end);
                self.fill(&mut queue, &batch, first == range.start, &mut sums)?;
                progress.advance(batch.len() as u64);
            }
            let mut list = CommandList::new();
            let totals = self.chain.record_totals(&mut list);
            let block = Block {
                number: block,
                sums,
                totals,
            };
            queue.send(list, Some(block))?;
        }
        progress.end();
        queue.finish()
    }

    /// Reads the events of a batch, bins, transforms and adds them.
    fn fill(
        &self,
        queue: &mut Queue<'_>,
        batch: &Range<usize>,
        fresh: bool,
        sums: &mut SpectrumSums,
    ) -> Result<()> {
        let most = self.chain.most_ticks();
        let mut list = CommandList::new();
        self.chain.record_clear(&mut list);
        queue.send(list, None)?;
        let mut counts = vec![[0; 2]; batch.len()];
        for piece in Piece::cut(self.input, batch.clone(), most as u64)? {
            let ticks = piece.ticks(self.input, batch.start, &mut counts)?;
            for part in ticks.chunks(most) {
                let mut list = CommandList::new();
                self.chain.record_ticks(&mut list, part)?;
                queue.send(list, None)?;
            }
        }
        let weights = self.weigh(&counts, sums);
        let mut list = CommandList::new();
        self.chain
            .record_sums(&mut list, batch.len(), &weights, fresh)?;
        queue.send(list, None)
    }

    /// The weights of the segments of a batch, zero for those left out; counts what they have.
    fn weigh(&self, counts: &[[u64; 2]], sums: &mut SpectrumSums) -> Vec<f64> {
        let (series, per_segment) = (self.input.series(), self.chain.weights());
        let bins = self.input.segments().bins();
        let mut weights = vec![0.0; self.chain.segments() * per_segment];
        for (events, weights) in counts.iter().zip(weights.chunks_mut(per_segment)) {
            let lights = events.map(light_of_events);
            let lights = &lights[..series];
            if lights.iter().any(|light| light.counts <= 0.0) {
                sums.empty += 1;
            }
            if self.settings.skips(lights) {
                continue;
            }
            let weight = |s: usize| {
                self.settings
                    .weight(bins, lights[s], self.background_rates[s])
            };
            weights[0] = weight(0);
            if series == 2 {
                weights[1] = weight(1);
                weights[2] = (weights[0] * weights[1]).sqrt();
            }
            sums.segments += 1;
            let both = [&mut sums.subject, &mut sums.reference];
            for (series, light) in both.into_iter().zip(lights) {
                series.counts += light.counts;
            }
        }
        weights
    }
}

/// What has been sent and not come back.
struct Queue<'a> {
    gpu: &'a Gpu,
    keep: usize,
    tree: MergeTree<SpectrumSums>,
    under_way: VecDeque<(Pending, Option<Block>)>,
}

/// A block of segments whose powers are on their way back.
struct Block {
    number: usize,
    sums: SpectrumSums,
    totals: ReadBackReals,
}

impl Queue<'_> {
    fn send(&mut self, list: CommandList<'_>, block: Option<Block>) -> Result<()> {
        self.under_way.push_back((self.gpu.submit(list)?, block));
        while self.under_way.len() > UNDER_WAY {
            self.collect()?;
        }
        Ok(())
    }

    /// Waits for the oldest submission.
    fn collect(&mut self) -> Result<()> {
        let Some((pending, block)) = self.under_way.pop_front() else {
            return Ok(());
        };
        let mut results = pending.wait()?;
        if let Some(Block {
            number,
            mut sums,
            totals,
        }) = block
        {
            let totals = results.take_reals(totals);
            if sums.segments > 0 {
                let mut rows = totals.chunks(self.keep).map(<[f64]>::to_vec);
                sums.subject.power = rows.next().unwrap_or_default();
                // A power spectrum has no more rows.
                sums.reference.power = rows.next().unwrap_or_default();
                sums.cross_re = rows.next().unwrap_or_default();
                sums.cross_im = rows.next().unwrap_or_default();
            }
            self.tree.insert(Place::leaf(number), sums);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<SpectrumSums> {
        while !self.under_way.is_empty() {
            self.collect()?;
        }
        Ok(self.tree.root())
    }
}
