//! How many workgroups, in two dimensions where there are many; and how to cut what is too large.

use std::ops::Range;

use astro_shaders::Kernel;

/// Most workgroups along one dimension: what every device offers.
pub const GROUPS_PER_DIMENSION: u32 = 65_535;

/// The shape of a dispatch; kernels count groups with `group_number`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Groups {
    /// Along x.
    pub x: u32,
    /// Along y.
    pub y: u32,
}

impl Groups {
    /// At least `count` groups: exactly that many while they fit into one dimension.
    ///
    /// ```
    /// use astro_gpu::Groups;
    /// assert_eq!(Groups::new(70_000), Groups { x: 35_000, y: 2 });
    /// ```
    #[must_use]
    pub fn new(count: usize) -> Self {
        let y = count.div_ceil(GROUPS_PER_DIMENSION as usize).max(1);
        Self {
            x: count.div_ceil(y).max(1) as u32,
            y: y as u32,
        }
    }

    /// For one thread an element.
    #[must_use]
    pub fn for_threads(elements: usize) -> Self {
        Self::new(elements.div_ceil(Kernel::THREADS as usize))
    }

    /// For one thread an element of `rows` rows, each row in workgroups of its own.
    #[must_use]
    pub fn for_rows(rows: usize, columns: usize) -> Self {
        Self::new(rows * columns.div_ceil(Kernel::THREADS as usize))
    }

    /// Their number.
    #[must_use]
    pub fn count(self) -> usize {
        self.x as usize * self.y as usize
    }
}

/// Cuts `count` elements of `element_bytes` into ranges that a binding can hold, each but the last a
/// multiple of `multiple` elements.
///
/// ```
/// let ranges = astro_gpu::chunks(1000, 8, 256, 2048);
/// assert_eq!(ranges, [0..256, 256..512, 512..768, 768..1000]);
/// ```
#[must_use]
pub fn chunks(
    count: usize,
    element_bytes: usize,
    multiple: usize,
    binding_bytes: u64,
) -> Vec<Range<usize>> {
    let fitting = (binding_bytes / element_bytes.max(1) as u64) as usize;
    let step = (fitting / multiple * multiple).max(multiple);
    (0..count)
        .step_by(step)
        .map(|start| start..(start + step).min(count))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_cover_the_work_within_the_limit() {
        for count in [0, 1, 65_535, 65_536, 131_071, 10_000_000] {
            let groups = Groups::new(count);
            assert!(groups.x <= GROUPS_PER_DIMENSION && groups.y <= GROUPS_PER_DIMENSION);
            assert!(
                groups.count() >= count.max(1) && groups.count() < count.max(1) + groups.y as usize
            );
        }
    }

    #[test]
    fn chunks_are_whole_and_complete() {
        let ranges = chunks(1_000_003, 16, 1024, 1 << 20);
        assert!(ranges.iter().rev().skip(1).all(|r| r.len() == 65_536));
        assert_eq!(
            ranges.iter().map(ExactSizeIterator::len).sum::<usize>(),
            1_000_003
        );
        assert!(chunks(0, 4, 256, 1024).is_empty());
    }
}
