//! Where random numbers come from.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// A generator for a seed. Seeds are hashed (SplitMix64), so that 1 and 2 give
/// unrelated streams.
pub(crate) fn generator(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}
