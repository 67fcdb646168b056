//! What the benches share: the work to be timed, a stopwatch, and the memory of this process.
//!
//! `benches/peers/` holds the same work for other packages; the two sides make
//! bit-identical uv points, so that their results can be compared too.

pub mod memory;
pub mod stopwatch;
pub mod timing;
pub mod vis;
