//! Who runs the work: one process, or many ranks that talk to each other.

/// Ranks that share out work and bring their results together.
///
/// The library computes on whole blocks of a list that every rank knows, and merges
/// what [`Communicator::gather`] brings with [`merge_tree`](crate::merge_tree), so a
/// result does not depend on the number of ranks. Every rank must make the same calls
/// in the same order.
pub trait Communicator {
    /// Number of this rank, from 0.
    fn rank(&self) -> usize;

    /// Number of ranks, at least 1.
    fn size(&self) -> usize;

    /// Replaces `bytes` of every rank by those of rank 0.
    ///
    /// # Errors
    /// [`CommunicationError`] where a rank is lost.
    fn broadcast(&self, bytes: &mut Vec<u8>) -> Result<(), CommunicationError>;

    /// Brings the bytes of every rank, in the order of the ranks, to rank 0; others get `None`.
    ///
    /// # Errors
    /// [`CommunicationError`] where a rank is lost.
    fn gather(&self, bytes: &[u8]) -> Result<Option<Vec<Vec<u8>>>, CommunicationError>;

    /// Waits until every rank is here.
    ///
    /// # Errors
    /// [`CommunicationError`] where a rank is lost.
    fn barrier(&self) -> Result<(), CommunicationError>;

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
/// assert_eq!(SingleProcess.gather(b"sum")?, Some(vec![b"sum".to_vec()]));
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

    fn gather(&self, bytes: &[u8]) -> Result<Option<Vec<Vec<u8>>>, CommunicationError> {
        Ok(Some(vec![bytes.to_vec()]))
    }

    fn barrier(&self) -> Result<(), CommunicationError> {
        Ok(())
    }

    fn abort(&self, _: i32) {}
}
