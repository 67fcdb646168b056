//! Who runs the work: one process, or many ranks that talk to each other.

use std::ops::Range;

/// Ranks that share out work and bring their results together.
///
/// The library computes on whole blocks of a list that every rank knows, and merges
/// what [`Communicator::gather`] brings along one tree, as [`merge_tree`](crate::merge_tree)
/// does, so a result does not depend on the number of ranks. Every rank must make the same
/// calls in the same order. A rank that fails calls [`Communicator::abort`], else the others
/// wait for it for ever.
pub trait Communicator: Sync {
    /// Number of this rank, from 0.
    fn rank(&self) -> usize;

    /// Number of ranks, at least 1.
    fn size(&self) -> usize;

    /// Replaces `bytes` of every rank by those of rank 0.
    ///
    /// # Errors
    /// [`CommunicationError`] where a rank is lost.
    fn broadcast(&self, bytes: &mut Vec<u8>) -> Result<(), CommunicationError>;

    /// Brings the bytes of every rank to rank 0, which hands them to `receive` in the order of
    /// the ranks, its own first; those of one rank at a time are there.
    ///
    /// # Errors
    /// [`CommunicationError`] where a rank is lost.
    fn gather(
        &self,
        bytes: Vec<u8>,
        receive: &mut dyn FnMut(Vec<u8>),
    ) -> Result<(), CommunicationError>;

    /// Ends the other ranks, which would wait for this one for ever, with an exit code.
    ///
    /// Returns where there are no other ranks; the caller then returns its own error.
    fn abort(&self, code: i32);
}

/// Ranks that could not reach each other.
#[derive(Debug, thiserror::Error)]
#[error("rank {rank} failed to {operation}")]
pub struct CommunicationError {
    /// Where it was noticed.
    pub rank: usize,
    /// What was tried: `broadcast`, `gather`, …
    pub operation: &'static str,
    /// What the layer below says.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// A run of one process: rank 0 of 1.
///
/// ```
/// use astro_core::{Communicator, SingleProcess};
/// let mut found = Vec::new();
/// SingleProcess.gather(b"sum".to_vec(), &mut |bytes| found.push(bytes))?;
/// assert_eq!(found, [b"sum"]);
/// # Ok::<(), astro_core::CommunicationError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SingleProcess;

impl Communicator for SingleProcess {
    fn rank(&self) -> usize {
        0
    }

    fn size(&self) -> usize {
        1
    }

    fn broadcast(&self, _: &mut Vec<u8>) -> Result<(), CommunicationError> {
        Ok(())
    }

    fn gather(
        &self,
        bytes: Vec<u8>,
        receive: &mut dyn FnMut(Vec<u8>),
    ) -> Result<(), CommunicationError> {
        receive(bytes);
        Ok(())
    }

    fn abort(&self, _: i32) {}
}

/// Cuts a list of items with these weights into a run for each rank, in order, of about equal
/// weight: an item goes where its middle falls. Runs may be empty.
///
/// ```
/// let runs = astro_core::share_out(&[1, 1, 1, 9, 3, 3], 3);
/// assert_eq!(runs, [0..3, 3..4, 4..6]);
/// ```
#[must_use]
pub fn share_out(weights: &[u64], ranks: usize) -> Vec<Range<usize>> {
    let ranks = ranks.max(1);
    let total: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();
    // Without any weight all items weigh the same.
    let weight = |index: usize| match total {
        0 => 1,
        _ => u128::from(weights[index]),
    };
    let total = if total == 0 {
        weights.len() as u128
    } else {
        total
    };
    let (mut before, mut item) = (0, 0);
    let runs = 1..=ranks as u128;
    runs.map(|rank| {
        let first = item;
        while item < weights.len()
            && (rank == ranks as u128
                || (2 * before + weight(item)) * (ranks as u128) < 2 * rank * total)
        {
            before += weight(item);
            item += 1;
        }
        first..item
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_cover_the_list_in_order_and_none_is_much_too_heavy(
            weights in proptest::collection::vec(0..1000u64, 0..60), ranks in 1..20usize,
        ) {
            let runs = share_out(&weights, ranks);
            prop_assert_eq!(runs.len(), ranks);
            let covered: Vec<usize> = runs.iter().cloned().flatten().collect();
            prop_assert_eq!(covered, (0..weights.len()).collect::<Vec<_>>());
            let total: u64 = weights.iter().sum();
            let heaviest = weights.iter().copied().max().unwrap_or(0);
            for run in runs {
                let weight: u64 = weights[run].iter().sum();
                prop_assert!(weight <= total.div_ceil(ranks as u64) + heaviest);
            }
        }
    }

    #[test]
    fn items_without_weight_are_shared_too() {
        assert_eq!(share_out(&[0; 6], 3), [0..2, 2..4, 4..6]);
        assert_eq!(share_out(&[], 2), [0..0, 0..0]);
        assert_eq!(share_out(&[5], 3), [0..0, 0..1, 1..1]);
    }
}
