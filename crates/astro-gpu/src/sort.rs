//! Sorting by integer keys.

use astro_shaders::{Precision, SortParams, kernels};

use crate::Result;
use crate::buffer::Buffer;
use crate::command::{CommandList, Dispatch};
use crate::context::Gpu;
use crate::groups::Groups;
use crate::scan::Scan;

/// Keys that a workgroup handles.
const BLOCK: usize = 256;

/// Bits of a digit.
const DIGIT_BITS: u32 = 4;

/// A stable radix sort of `count` pairs of a key and a value by the lowest `bits` bits of the key.
#[derive(Debug)]
pub struct RadixSort {
    count: usize,
    bits: u32,
    counts: Buffer<u32>,
    scan: Scan,
    keys: Buffer<u32>,
    values: Buffer<u32>,
}

impl RadixSort {
    /// A plan.
    ///
    /// # Errors
    /// As [`Gpu::buffer`].
    pub fn new(gpu: &Gpu, count: usize, bits: u32) -> Result<Self> {
        let blocks = count.div_ceil(BLOCK);
        Ok(Self {
            count,
            bits: bits.clamp(1, 32),
            counts: gpu.buffer("counts of digits", blocks << DIGIT_BITS)?,
            scan: Scan::new(gpu, blocks << DIGIT_BITS)?,
            keys: gpu.buffer("keys in flight", count)?,
            values: gpu.buffer("values in flight", count)?,
        })
    }

    /// Sorts keys and values in place.
    pub fn record(&self, list: &mut CommandList<'_>, keys: &Buffer<u32>, values: &Buffer<u32>) {
        let blocks = self.count.div_ceil(BLOCK);
        if blocks == 0 {
            return;
        }
        let (mut from, mut to) = ((keys, values), (&self.keys, &self.values));
        // An even number of passes ends where it began.
        let passes = self.bits.div_ceil(DIGIT_BITS);
        for pass in 0..passes {
            let params = SortParams {
                count: self.count as u32,
                shift: pass * DIGIT_BITS,
                blocks: blocks as u32,
            };
            let count = Dispatch::new(&kernels::SORT_COUNT, Precision::F32, &params);
            list.dispatch(
                count.bind(from.0.all()).bind(self.counts.all()),
                Groups::new(blocks),
            );
            self.scan.record(list, &self.counts);
            let scatter = Dispatch::new(&kernels::SORT_SCATTER, Precision::F32, &params)
                .bind(from.0.all())
                .bind(from.1.all())
                .bind(self.counts.all())
                .bind(to.0.all())
                .bind(to.1.all());
            list.dispatch(scatter, Groups::new(blocks));
            std::mem::swap(&mut from, &mut to);
        }
        if passes % 2 == 1 {
            list.copy(from.0.all(), keys.all());
            list.copy(from.1.all(), values.all());
        }
    }
}
