//! The ranks of an MPI job that share out work.
//!
//! # Usage
//!
//! ```
//! use astro_core::Communicator;
//!
//! let world = astro_mpi::World::open()?;
//! if world.rank() == 0 {
//!     assert!(world.size() >= 1); // read headers, print, write
//! }
//! # Ok::<(), astro_mpi::Error>(())
//! ```
//!
//! A world is opened once, before threads are started, and kept to the end of the program. A rank
//! that fails says why and calls [`astro_core::Communicator::abort`], which ends the others too.
//!
//! # Feature flags
//!
//! `mpi` links the MPI library of the system. Without it a program started alone runs as ever, and
//! one that a launcher has started many times is an [`Error`]: each process would do all of the work.

mod error;
mod launcher;
#[cfg(not(feature = "mpi"))]
mod without;
#[cfg(feature = "mpi")]
mod world;

pub use error::Error;
#[cfg(not(feature = "mpi"))]
pub use without::World;
#[cfg(feature = "mpi")]
pub use world::World;
