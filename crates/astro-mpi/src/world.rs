//! The ranks of an MPI job.

use astro_core::{CommunicationError, Communicator, SingleProcess};
use mpi::Threading;
use mpi::environment::Universe;
use mpi::topology::{Communicator as _, SimpleCommunicator};
use mpi::traits::{Destination as _, Root as _, Source as _};

use crate::{Error, launcher};

/// Bytes of one message: MPI counts them in 31 bits.
const MESSAGE: usize = 1 << 30;

/// The ranks that work together.
///
/// MPI itself ends the whole job when a rank is lost; the errors of [`Communicator`] do not occur.
pub struct World {
    /// Ends MPI when it is dropped; nothing where no launcher has started this process.
    universe: Option<Universe>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "World(rank {} of {})", self.rank(), self.size())
    }
}

impl World {
    /// Joins the other ranks where a launcher has started this process, else works alone.
    ///
    /// # Errors
    /// [`Error::Started`] the second time, [`Error::Threads`] for an MPI library without threads.
    pub fn open() -> Result<Self, Error> {
        if !launcher::launched(|name| std::env::var(name).ok()) {
            return Ok(Self { universe: None });
        }
        // One thread at a time calls, but not always the first.
        let (universe, threads) =
            mpi::initialize_with_threading(Threading::Serialized).ok_or(Error::Started)?;
        if threads < Threading::Serialized {
            return Err(Error::Threads);
        }
        Ok(Self {
            universe: Some(universe),
        })
    }

    fn ranks(&self) -> Option<SimpleCommunicator> {
        self.universe.as_ref().map(Universe::world)
    }
}

impl Communicator for World {
    fn rank(&self) -> usize {
        self.ranks().map_or(0, |ranks| ranks.rank() as usize)
    }

    fn size(&self) -> usize {
        self.ranks().map_or(1, |ranks| ranks.size() as usize)
    }

    fn broadcast(&self, bytes: &mut Vec<u8>) -> Result<(), CommunicationError> {
        let Some(ranks) = self.ranks() else {
            return SingleProcess.broadcast(bytes);
        };
        let root = ranks.process_at_rank(0);
        let mut length = bytes.len() as u64;
        root.broadcast_into(&mut length);
        bytes.resize(length as usize, 0);
        for message in bytes.chunks_mut(MESSAGE) {
            root.broadcast_into(message);
        }
        Ok(())
    }

    fn gather(
        &self,
        bytes: Vec<u8>,
        receive: &mut dyn FnMut(Vec<u8>),
    ) -> Result<(), CommunicationError> {
        let Some(ranks) = self.ranks() else {
            return SingleProcess.gather(bytes, receive);
        };
        if ranks.rank() > 0 {
            let root = ranks.process_at_rank(0);
            root.send(&(bytes.len() as u64));
            bytes.chunks(MESSAGE).for_each(|message| root.send(message));
            return Ok(());
        }
        receive(bytes);
        for rank in 1..ranks.size() {
            let rank = ranks.process_at_rank(rank);
            let (length, _) = rank.receive::<u64>();
            let mut bytes = vec![0; length as usize];
            for message in bytes.chunks_mut(MESSAGE) {
                rank.receive_into(message);
            }
            receive(bytes);
        }
        Ok(())
    }

    fn abort(&self, code: i32) {
        if let Some(ranks) = self.ranks() {
            ranks.abort(code);
        }
    }
}
