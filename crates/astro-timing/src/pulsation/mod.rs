//! Pulsations: phases, folded profiles, their statistics, and searches.

mod solution;
mod turns;

pub use solution::TimingSolution;
