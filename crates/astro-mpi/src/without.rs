//! One process, where MPI is not built in.

use astro_core::{CommunicationError, Communicator, SingleProcess};

use crate::{Error, launcher};

/// The ranks that work together: this process alone, as MPI is not built in.
#[derive(Debug)]
pub struct World(SingleProcess);

impl World {
    /// A world of this process.
    ///
    /// # Errors
    /// [`Error::BuiltWithout`] where a launcher has started more than one.
    pub fn open() -> Result<Self, Error> {
        Self::started_with(|name| std::env::var(name).ok())
    }

    fn started_with(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        match launcher::ranks(variable) {
            Some((ranks, variable)) if ranks > 1 => Err(Error::BuiltWithout { ranks, variable }),
            _ => Ok(Self(SingleProcess)),
        }
    }
}

impl Communicator for World {
    fn rank(&self) -> usize {
        self.0.rank()
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn broadcast(&self, bytes: &mut Vec<u8>) -> Result<(), CommunicationError> {
        self.0.broadcast(bytes)
    }

    fn gather(
        &self,
        bytes: Vec<u8>,
        receive: &mut dyn FnMut(Vec<u8>),
    ) -> Result<(), CommunicationError> {
        self.0.gather(bytes, receive)
    }

    fn abort(&self, code: i32) {
        self.0.abort(code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_processes_without_mpi_are_refused() {
        let started = |ranks: &'static str| {
            World::started_with(move |name| (name == "PMI_SIZE").then(|| ranks.to_owned()))
        };
        assert_eq!(started("1").map(|world| world.size()).ok(), Some(1));
        let error = started("4").map(|_| ()).unwrap_err().to_string();
        assert!(
            error.starts_with("4 processes were started (PMI_SIZE"),
            "{error}"
        );
        assert!(World::started_with(|_| None).is_ok());
    }
}
