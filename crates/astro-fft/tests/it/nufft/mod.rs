//! Non-uniform transforms against direct sums.

mod accuracy;
mod behavior;
mod truth;
