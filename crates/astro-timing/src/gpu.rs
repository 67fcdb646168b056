//! Plans that compute on a GPU: what they have in common.

use astro_gpu::{AdapterReport, Precision};

/// Where a plan computes, and what its results are worth.
#[derive(Clone, Debug, PartialEq)]
pub struct GpuReport {
    /// The adapter.
    pub adapter: AdapterReport,
    /// The precision of its arithmetic.
    pub precision: Precision,
    /// Largest difference of a Fourier amplitude, or of a sum of phasors, from exact arithmetic,
    /// relative to the number of events in it. A bound for segments whose number of bins has no prime
    /// factor above 7; others are tested to the same tolerance. Errors of real data are smaller by
    /// the square root of the number of operations.
    pub error_bound: f64,
}
