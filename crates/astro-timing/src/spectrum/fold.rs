//! Blocks of segments folded by many threads, merged along the canonical tree as they come.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use astro_core::{Merge, Progress};
use rayon::prelude::*;

use crate::{Error, Result};

/// Fixed, global blocks of the segment table: whoever computes them, they are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentBlocks {
    segments: usize,
    per_block: usize,
}

impl SegmentBlocks {
    /// Bins that make a block worth a merge.
    const BINS: usize = 1 << 19;
    /// The most segments a block, so that many small segments still make work for all.
    const MOST_SEGMENTS: usize = 64;
    /// Bins of all blocks together beyond which blocks grow instead: bounds the sums that are
    /// alive at a time.
    const ALL_BINS: usize = 1 << 25;

    /// The blocks of a table of `segments` of `bins` bins.
    #[must_use]
    pub fn new(segments: usize, bins: usize) -> Self {
        let bins = bins.max(1);
        let most_blocks = (Self::ALL_BINS / bins).clamp(64, 1024);
        let small = (Self::BINS / bins).clamp(1, Self::MOST_SEGMENTS);
        let large = segments.div_ceil(most_blocks).next_power_of_two();
        Self {
            segments,
            per_block: small.max(large),
        }
    }

    /// Number of blocks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.segments.div_ceil(self.per_block)
    }

    /// Whether there is no block.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.segments == 0
    }

    /// The segments of block `index`.
    #[must_use]
    pub fn segments(&self, index: usize) -> Range<usize> {
        let first = (index * self.per_block).min(self.segments);
        first..(first + self.per_block).min(self.segments)
    }
}

/// Folds every block and merges the results as [`astro_core::merge_tree`] does, with the same
/// bits, but without keeping more of them than there are threads and levels.
///
/// Blocks are begun in order. Work stops at the first error, or when `progress` says so.
pub(crate) fn fold_blocks<A: Merge + Send>(
    blocks: SegmentBlocks,
    progress: &dyn Progress,
    fold: impl Fn(Range<usize>) -> Result<A> + Sync,
) -> Result<A> {
    Ok(fold_some(blocks, 0..blocks.len(), progress, fold)?.root())
}

/// As [`fold_blocks`], of some of the blocks: what can be merged without the others.
pub(crate) fn fold_some<A: Merge + Send>(
    blocks: SegmentBlocks,
    some: Range<usize>,
    progress: &dyn Progress,
    fold: impl Fn(Range<usize>) -> Result<A> + Sync,
) -> Result<MergeTree<A>> {
    let tree = MergeTree::new(blocks.len());
    let next = AtomicUsize::new(some.start);
    let stopped = AtomicBool::new(false);
    let work = || -> Result<()> {
        loop {
            let block = next.fetch_add(1, Ordering::Relaxed);
            if block >= some.end || stopped.load(Ordering::Relaxed) {
                return Ok(());
            }
            if progress.should_stop() {
                return Err(Error::Stopped);
            }
            let segments = blocks.segments(block);
            let units = segments.len() as u64;
            tree.insert(Place::leaf(block), fold(segments)?);
            progress.advance(units);
        }
    };
    let workers = rayon::current_num_threads().min(some.len()).max(1);
    let results: Vec<Result<()>> = (0..workers)
        .into_par_iter()
        .with_max_len(1)
        .map(|_| {
            let result = work();
            if result.is_err() {
                stopped.store(true, Ordering::Relaxed);
            }
            result
        })
        .collect();
    results.into_iter().collect::<Result<()>>()?;
    Ok(tree)
}

/// Where a node of the canonical tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub(crate) struct Place {
    /// 0 for leaves.
    level: usize,
    /// Counted from the left.
    index: usize,
}

impl Place {
    pub(crate) fn leaf(index: usize) -> Self {
        Self { level: 0, index }
    }
}

/// Nodes of the canonical tree that wait for their sibling.
pub(crate) struct MergeTree<A> {
    /// Nodes at each level, the leaves first.
    widths: Vec<usize>,
    waiting: Mutex<HashMap<Place, A>>,
}

impl<A: Merge> MergeTree<A> {
    pub(crate) fn new(leaves: usize) -> Self {
        let mut widths = vec![leaves];
        while let Some(&width) = widths.last()
            && width > 1
        {
            widths.push(width.div_ceil(2));
        }
        Self {
            widths,
            waiting: Mutex::new(HashMap::new()),
        }
    }

    /// Takes a node and merges upwards as far as siblings are there.
    pub(crate) fn insert(&self, place: Place, mut value: A) {
        let mut index = place.index;
        for (level, &width) in self.widths.iter().enumerate().skip(place.level) {
            let sibling = index ^ 1;
            if width > 1 && sibling >= width {
                // The last of an odd number goes up as it is.
                index /= 2;
                continue;
            }
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(other) = waiting.remove(&Place {
                level,
                index: sibling,
            }) else {
                waiting.insert(Place { level, index }, value);
                return;
            };
            drop(waiting);
            value = if index < sibling {
                value.merge(other);
                value
            } else {
                let mut left = other;
                left.merge(value);
                left
            };
            index /= 2;
        }
    }

    /// The nodes that wait: about two a level where the leaves that came are neighbours.
    pub(crate) fn into_nodes(self) -> Vec<(Place, A)> {
        let waiting = self
            .waiting
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        waiting.into_iter().collect()
    }

    /// The root, once all leaves have come.
    pub(crate) fn root(self) -> A {
        let root = self.into_nodes().pop();
        root.map_or_else(A::default, |(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use astro_core::{NoProgress, merge_tree};

    use super::*;

    /// Records the order of merges.
    #[derive(Clone, Debug, Default, PartialEq)]
    struct Trace(String);

    impl Merge for Trace {
        fn merge(&mut self, other: Self) {
            if self.0.is_empty() {
                *self = other;
            } else if !other.0.is_empty() {
                self.0 = format!("({} {})", self.0, other.0);
            }
        }
    }

    #[test]
    fn the_tree_is_the_canonical_one() {
        for leaves in 0..40 {
            let all: Vec<Trace> = (0..leaves).map(|i| Trace(i.to_string())).collect();
            // Whatever order they come in.
            for step in [1, 7, 11, 39] {
                let tree = MergeTree::new(leaves);
                let mut order: Vec<usize> = (0..leaves).collect();
                order.sort_by_key(|i| (i * step) % 41);
                order
                    .iter()
                    .for_each(|&i| tree.insert(Place::leaf(i), all[i].clone()));
                assert_eq!(tree.root(), merge_tree(all.clone()), "{leaves} {step}");
            }
        }
    }

    #[test]
    fn parts_of_the_tree_make_the_whole_and_are_few() {
        let blocks = SegmentBlocks::new(1000, 1 << 19);
        let leaf = |range: Range<usize>| Ok(Trace(range.start.to_string()));
        let whole = fold_blocks(blocks, &NoProgress, leaf).unwrap();
        let cuts = [0, 0, 7, 8, 41, blocks.len()];
        let tree = MergeTree::new(blocks.len());
        for cut in cuts.windows(2).rev() {
            let some = fold_some(blocks, cut[0]..cut[1], &NoProgress, leaf).unwrap();
            let nodes = some.into_nodes();
            assert!(nodes.len() <= 2 * 6, "{}", nodes.len());
            for (place, value) in nodes {
                tree.insert(place, value);
            }
        }
        assert_eq!(tree.root(), whole);
    }

    #[test]
    fn blocks_cover_the_table_once() {
        for (segments, bins) in [
            (0, 8),
            (1, 1 << 20),
            (1000, 64),
            (5000, 1 << 19),
            (77, 1 << 17),
        ] {
            let blocks = SegmentBlocks::new(segments, bins);
            let covered: Vec<usize> = (0..blocks.len()).flat_map(|b| blocks.segments(b)).collect();
            assert_eq!(covered, (0..segments).collect::<Vec<_>>());
        }
        assert!(SegmentBlocks::new(100_000, 1 << 19).len() <= 64);
    }

    #[test]
    fn an_error_ends_the_work_and_so_does_a_request() {
        let blocks = SegmentBlocks::new(1000, 1 << 19);
        let result = fold_blocks::<Trace>(blocks, &NoProgress, |range| {
            if range.contains(&20) {
                Err(Error::NoCounts { segments: 1 })
            } else {
                Ok(Trace("x".into()))
            }
        });
        assert!(matches!(result, Err(Error::NoCounts { .. })));
        struct Stop;
        impl Progress for Stop {
            fn should_stop(&self) -> bool {
                true
            }
        }
        let result = fold_blocks::<Trace>(blocks, &Stop, |_| Ok(Trace::default()));
        assert!(matches!(result, Err(Error::Stopped)));
    }
}
