//! Why there is no world.

/// Why this process cannot join the others.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Started many times by a program that has no MPI.
    #[error(
        "{ranks} processes were started ({variable} says so), but this program was built without MPI: each would do all of the work; build it with the feature `mpi`, or start it once"
    )]
    BuiltWithout {
        /// Number of processes.
        ranks: usize,
        /// The environment variable of the launcher.
        variable: &'static str,
    },
    /// MPI has been started before in this process.
    #[error("MPI was started before in this process; open the world once, at the beginning")]
    Started,
    /// An MPI that cannot be called from the threads that do the work.
    #[error(
        "this MPI library may only be called from the first thread; use one with thread support (MPI_THREAD_SERIALIZED)"
    )]
    Threads,
}
