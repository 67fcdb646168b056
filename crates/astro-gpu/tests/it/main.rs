//! What a device computes, against the host. Without an adapter these tests say so and end, unless
//! `ASTRO_REQUIRE_GPU` is set: then a missing adapter is a failure.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod execution;
mod general_kernels;
mod precision;

use astro_gpu::testing::device as gpu;
use astro_gpu::{Gpu, Precision};

/// The precisions that pass the self-test.
fn precisions(gpu: &Gpu) -> impl Iterator<Item = Precision> {
    Precision::ALL
        .into_iter()
        .filter(|&precision| gpu.support().has(precision))
}

/// Uniform in [−1, 1), from a linear congruential generator (Knuth).
fn random(count: usize) -> Vec<f64> {
    let mut state = 0x5deece66d_u64;
    (0..count)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        })
        .collect()
}
