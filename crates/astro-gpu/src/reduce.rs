//! Sums of many numbers.

use astro_shaders::{CountParams, Precision, kernels};

use crate::Result;
use crate::buffer::Reals;
use crate::command::{CommandList, Dispatch, ReadBackReals};
use crate::context::Gpu;
use crate::execute::Results;
use crate::groups::{Groups, chunks};

/// Numbers that a workgroup adds.
const BLOCK: usize = 2048;

/// The sum of `count` numbers: blocks of 2048 pairwise on the device, their totals in `f64` on the
/// host, always in the same order.
///
/// The error is that of 18 roundings in the device's precision, not of `count`.
#[derive(Debug)]
pub struct Sum {
    count: usize,
    precision: Precision,
    binding_bytes: u64,
    totals: Vec<Reals>,
}

/// A sum under way.
#[derive(Debug)]
pub struct PendingSum(Vec<ReadBackReals>);

impl Sum {
    /// A plan for `count` numbers.
    ///
    /// # Errors
    /// As [`Gpu::reals`].
    pub fn new(gpu: &Gpu, count: usize, precision: Precision) -> Result<Self> {
        Self::with_binding(gpu, count, precision, gpu.adapter().binding_bytes)
    }

    /// A plan that binds at most so many bytes at once.
    ///
    /// # Errors
    /// As [`Gpu::reals`].
    pub fn with_binding(
        gpu: &Gpu,
        count: usize,
        precision: Precision,
        binding_bytes: u64,
    ) -> Result<Self> {
        let ranges = chunks(count, precision.bytes(), BLOCK, binding_bytes);
        let totals = ranges
            .iter()
            .map(|range| gpu.reals("totals of a sum", range.len().div_ceil(BLOCK), precision));
        Ok(Self {
            count,
            precision,
            binding_bytes,
            totals: totals.collect::<Result<_>>()?,
        })
    }

    /// Adds up `values`, as much as fits into a binding at a time.
    pub fn record(&self, list: &mut CommandList<'_>, values: &Reals) -> PendingSum {
        let ranges = chunks(
            self.count,
            self.precision.bytes(),
            BLOCK,
            self.binding_bytes,
        );
        let mut parts = Vec::with_capacity(ranges.len());
        for (range, totals) in ranges.into_iter().zip(&self.totals) {
            let params = CountParams {
                count: range.len() as u32,
            };
            let dispatch = Dispatch::new(&kernels::REDUCE_SUM, self.precision, &params);
            list.dispatch(
                dispatch.bind(values.slice(range)).bind(totals.all()),
                Groups::new(totals.len()),
            );
            parts.push(list.read_back_reals(totals));
        }
        PendingSum(parts)
    }
}

impl PendingSum {
    /// The sum, once the list has been executed.
    #[must_use]
    pub fn value(self, results: &mut Results) -> f64 {
        let totals = self.0.into_iter().flat_map(|part| results.take_reals(part));
        compensated(totals)
    }
}

/// Neumaier's sum (1974).
pub fn compensated(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
    for x in values {
        let next = sum + x;
        lost += if sum.abs() >= x.abs() {
            (sum - next) + x
        } else {
            (x - next) + sum
        };
        sum = next;
    }
    if sum.is_finite() { sum + lost } else { sum }
}
