//! Prefix sums.

use astro_shaders::{CountParams, Precision, kernels};

use crate::Result;
use crate::buffer::Buffer;
use crate::command::{CommandList, Dispatch};
use crate::context::Gpu;
use crate::groups::Groups;

/// Elements that a workgroup scans.
const BLOCK: usize = 1024;

/// Exclusive prefix sums of up to 2³² integers, modulo 2³²: element k becomes the sum of those before.
#[derive(Debug)]
pub struct Scan {
    count: usize,
    /// Totals of blocks, of blocks of blocks, and so on.
    levels: Vec<Buffer<u32>>,
}

impl Scan {
    /// A plan for `count` elements.
    ///
    /// # Errors
    /// As [`Gpu::buffer`].
    pub fn new(gpu: &Gpu, count: usize) -> Result<Self> {
        Self::with(count, |label, len| gpu.buffer(label, len))
    }

    /// A plan without memory, to look at what it records.
    ///
    /// # Errors
    /// None.
    pub fn described(count: usize) -> Result<Self> {
        Self::with(count, |label, len| Ok(Buffer::described(label, len)))
    }

    fn with(count: usize, make: impl Fn(&str, usize) -> Result<Buffer<u32>>) -> Result<Self> {
        let mut levels = Vec::new();
        let mut len = count;
        loop {
            len = len.div_ceil(BLOCK).max(1);
            levels.push(make("totals of a scan", len)?);
            if len == 1 {
                return Ok(Self { count, levels });
            }
        }
    }

    /// Scans `values` in place.
    pub fn record(&self, list: &mut CommandList<'_>, values: &Buffer<u32>) {
        let mut arrays = vec![(values, self.count)];
        arrays.extend(self.levels.iter().map(|level| (level, level.len())));
        for pair in arrays.windows(2) {
            let [(values, count), (totals, blocks)] = [pair[0], pair[1]];
            let params = CountParams {
                count: count as u32,
            };
            let dispatch = Dispatch::new(&kernels::SCAN_BLOCKS, Precision::F32, &params);
            list.dispatch(
                dispatch.bind(values.all()).bind(totals.all()),
                Groups::new(blocks),
            );
        }
        for pair in arrays.windows(2).rev() {
            let [(values, count), (offsets, blocks)] = [pair[0], pair[1]];
            if blocks == 1 {
                continue;
            }
            let params = CountParams {
                count: count as u32,
            };
            let dispatch = Dispatch::new(&kernels::SCAN_ADD, Precision::F32, &params);
            list.dispatch(
                dispatch.bind(values.all()).bind(offsets.all()),
                Groups::for_threads(count),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_go_up_and_down() {
        let names = |count: usize| {
            let mut list = CommandList::new();
            let values = Buffer::described("values", count);
            Scan::described(count).unwrap().record(&mut list, &values);
            let names: Vec<_> = list
                .dispatches()
                .map(|(d, g)| (d.kernel().name, g.count()))
                .collect();
            names
        };
        assert_eq!(names(1000), [("scan_blocks", 1)]);
        assert_eq!(
            names(3000),
            [("scan_blocks", 3), ("scan_blocks", 1), ("scan_add", 12)]
        );
        // Two dimensions past 65535 groups.
        assert_eq!(names(100_000_000)[0], ("scan_blocks", 97_658));
    }
}
