//! Non-uniform points, sorted for a sliding window.
//!
//! Points are cut into chunks of fixed length; each chunk is counting-sorted by
//! itself into bins of one block of grid columns and one tile of grid rows. The
//! scatter of a chunk stays within the cache, chunks sort in parallel, and the
//! points of one bin are one short run a chunk.

use std::ops::Range;
use std::sync::Arc;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::grid::Grid;
use super::setup::BLOCK_COLUMNS;
use crate::error::{check_finite, check_length};
use crate::{Error, PANEL_COLUMNS, Result};

/// Points a chunk, unless there are more than [`MAX_CHUNKS`] chunks of them.
/// Measured: the sorted coordinates (16 bytes each) of a chunk fit into half of
/// a second-level cache of 1 MiB.
const CHUNK_POINTS: usize = 1 << 15;

/// More chunks than this would cut the points of a bin into very short runs.
const MAX_CHUNKS: usize = 64;

/// Grid rows in a tile: tile, kernel and window columns stay in the first-level
/// cache. Where points are sparse, longer tiles make fewer and longer runs.
const TILE_ROWS: usize = 16;
const SPARSE_TILE_ROWS: usize = 64;

/// Points in a run below which they count as sparse.
const SPARSE_RUN: usize = 8;

const TWO_POW_52: f64 = 4_503_599_627_370_496.0;

/// The bit of an index that says that a point was folded to positive u.
const FOLDED: u32 = 1 << 31;

/// Points where a transform is evaluated, or where its sources lie; made by the
/// `points` method of a plan, and used with that plan.
#[derive(Clone, Debug)]
pub struct NufftPoints {
    count: usize,
    chunk_points: usize,
    /// Position within its bin, sorted by bin within each chunk.
    positions: Vec<[f64; 2]>,
    /// Index within the chunk of the point that was given, and [`FOLDED`].
    indices: Vec<u32>,
    /// For each chunk, where each bin begins, and the end.
    offsets: Vec<u32>,
    pub(super) layout: Layout,
}

/// The part of the periodic grid under the kernels of some points.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) grid: Arc<Grid>,
    /// First grid row and column needed, possibly negative.
    pub(super) first: [i64; 2],
    /// Grid rows and columns needed.
    pub(super) extent: [usize; 2],
    /// Blocks of [`BLOCK_COLUMNS`].
    pub(super) blocks: usize,
    pub(super) tiles: usize,
    pub(super) tile_rows: usize,
    /// Whether the points are folded to non-negative columns.
    pub(super) folded: bool,
}

/// The extent of some points in each coordinate, in turns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    low: [f64; 2],
    high: [f64; 2],
}

/// x − round(x): the coordinate in [−0.5, 0.5], exactly.
#[inline(always)]
fn reduce(x: f64) -> f64 {
    x - x.round_ties_even()
}

/// The sign bit of an `f64`.
const SIGN: u64 = 1 << 63;

/// Reduces both coordinates, and folds a point of negative column coordinate
/// through the origin if `folded`; whether it was, as [`SIGN`] or 0.
///
/// By bits, so that vectors take it without branches.
#[inline(always)]
fn reduce_point(row: f64, column: f64, folded: bool) -> ([f64; 2], u64) {
    let (row, column) = (reduce(row), reduce(column));
    let sign = column.to_bits() & if folded { SIGN } else { 0 };
    let flip = |x: f64| f64::from_bits(x.to_bits() ^ sign);
    ([flip(row), flip(column)], sign)
}

impl Extent {
    /// Requires equal lengths and finite coordinates.
    pub(super) fn new(row: &[f64], column: &[f64], folded: bool) -> Result<Self> {
        check_length("column", column.len(), row.len())?;
        let blocks = row
            .par_chunks(CHUNK_POINTS)
            .zip(column.par_chunks(CHUNK_POINTS));
        let extents: Vec<Option<Self>> = blocks
            .map(|(row, column)| {
                pulp::Arch::new().dispatch(ExtentOf {
                    row,
                    column,
                    folded,
                })
            })
            .collect();
        if extents.iter().any(Option::is_none) {
            check_finite("row", row)?;
            check_finite("column", column)?;
        }
        let empty = Self {
            low: [0.0; 2],
            high: [0.0; 2],
        };
        Ok(extents
            .into_iter()
            .flatten()
            .reduce(|a, b| Self {
                low: [0, 1].map(|k| a.low[k].min(b.low[k])),
                high: [0, 1].map(|k| a.high[k].max(b.high[k])),
            })
            .unwrap_or(empty))
    }

    /// Fractions of a period.
    pub(super) fn span(&self) -> [f64; 2] {
        [0, 1].map(|k| self.high[k] - self.low[k])
    }
}

/// The extent of a chunk of points; `None` if a coordinate is not finite.
///
/// A structure, since a closure might be compiled without the instructions that
/// it is dispatched to.
struct ExtentOf<'a> {
    row: &'a [f64],
    column: &'a [f64],
    folded: bool,
}

impl WithSimd for ExtentOf<'_> {
    type Output = Option<Extent>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Option<Extent> {
        let mut lanes = ExtentLanes {
            low: [[f64::INFINITY; LANES]; 2],
            high: [[f64::NEG_INFINITY; LANES]; 2],
            probe: [0.0; LANES],
        };
        let (rows, last_rows) = self.row.as_chunks();
        let (columns, last_columns) = self.column.as_chunks();
        for (row, column) in rows.iter().zip(columns) {
            lanes.include(row, column, self.folded);
        }
        for (&row, &column) in last_rows.iter().zip(last_columns) {
            lanes.include(&[row; LANES], &[column; LANES], self.folded);
        }
        let finite = lanes.probe.iter().all(|&p| p == 0.0);
        finite.then(|| Extent {
            low: lanes
                .low
                .map(|l| l.into_iter().fold(f64::INFINITY, f64::min)),
            high: lanes
                .high
                .map(|h| h.into_iter().fold(f64::NEG_INFINITY, f64::max)),
        })
    }
}

/// Points that are looked at side by side.
const LANES: usize = 8;

struct ExtentLanes {
    low: [[f64; LANES]; 2],
    high: [[f64; LANES]; 2],
    /// NaN once a coordinate was not finite.
    probe: [f64; LANES],
}

impl ExtentLanes {
    #[inline(always)]
    fn include(&mut self, row: &[f64; LANES], column: &[f64; LANES], folded: bool) {
        let mut point = [[0.0; LANES]; 2];
        for lane in 0..LANES {
            self.probe[lane] += row[lane] * 0.0 + column[lane] * 0.0;
            let (at, _) = reduce_point(row[lane], column[lane], folded);
            (point[0][lane], point[1][lane]) = (at[0], at[1]);
        }
        for axis in 0..2 {
            for lane in 0..LANES {
                let (x, l) = (point[axis][lane], self.low[axis][lane]);
                self.low[axis][lane] = if x < l { x } else { l };
            }
            for lane in 0..LANES {
                let (x, h) = (point[axis][lane], self.high[axis][lane]);
                self.high[axis][lane] = if x > h { x } else { h };
            }
        }
    }
}

impl Layout {
    /// The layout for `count` points of an extent.
    pub(super) fn new(grid: Arc<Grid>, extent: Extent, count: usize, folded: bool) -> Self {
        let mut first = [0; 2];
        let mut starts = [0; 2];
        let mut nodes = [0; 2];
        for axis in 0..2 {
            let start = |x: f64| node_before(&grid, axis, x) + 1;
            // One more on each side for positions that round to the next node.
            first[axis] = start(extent.low[axis]) - 1;
            if axis == 1 {
                // Whole panels, so that most are those of the row transforms.
                first[axis] -= first[axis].rem_euclid(PANEL_COLUMNS as i64);
            }
            let last = start(extent.high[axis]) + 1;
            starts[axis] = (last - first[axis] + 1) as usize;
            nodes[axis] = starts[axis] + grid.axes[axis].taps.width();
        }
        let blocks = starts[1].div_ceil(BLOCK_COLUMNS);
        let runs = blocks * starts[0].div_ceil(TILE_ROWS) * count.div_ceil(chunk_points(count));
        let tile_rows = if count < SPARSE_RUN * runs {
            SPARSE_TILE_ROWS
        } else {
            TILE_ROWS
        };
        Self {
            first,
            extent: nodes,
            blocks,
            tiles: starts[0].div_ceil(tile_rows),
            tile_rows,
            folded,
            grid,
        }
    }

    fn bins(&self) -> usize {
        self.blocks * self.tiles
    }
}

/// The last node before the kernel of a point.
fn node_before(grid: &Grid, axis: usize, x: f64) -> i64 {
    let half = 0.5 * grid.axes[axis].taps.width() as f64;
    split_position(grid.axes[axis].length as f64, half, x).0 as i64
}

/// length · x − half = node + fraction, the last node before the kernel of a
/// point and a fraction in [0, 1). The product is kept to twice the precision: at
/// node 4000, its rounding alone would cost 1e-12 radians.
#[inline(always)]
fn split_position(length: f64, half: f64, x: f64) -> (f64, f64) {
    let product = length * x;
    let lost = length.mul_add(x, -product);
    let node = (product - half).floor();
    // The small part may carry a point at a node below it.
    let fraction = (product - (node + half)) + lost;
    let carry = fraction.floor();
    (node + carry, fraction - carry)
}

/// Length of the chunks of `count` points.
fn chunk_points(count: usize) -> usize {
    CHUNK_POINTS.max(count.div_ceil(MAX_CHUNKS))
}

impl NufftPoints {
    pub(super) fn new(row: &[f64], column: &[f64], layout: Layout) -> Result<Self> {
        let count = row.len();
        let chunk_points = chunk_points(count);
        if chunk_points >= FOLDED as usize {
            let limit = (FOLDED as usize - 1) * MAX_CHUNKS;
            return Err(Error::TooManyPoints {
                found: count,
                limit,
            });
        }
        let bins = layout.bins();
        let mut positions = vec![[0.0; 2]; count];
        let mut indices = vec![0; count];
        let mut offsets = vec![0; (bins + 1) * count.div_ceil(chunk_points)];
        (
            row.par_chunks(chunk_points),
            column.par_chunks(chunk_points),
            positions.par_chunks_mut(chunk_points),
            indices.par_chunks_mut(chunk_points),
            offsets.par_chunks_mut(bins + 1),
        )
            .into_par_iter()
            .for_each_init(
                Located::default,
                |scratch, (row, column, positions, indices, offsets)| {
                    pulp::Arch::new().dispatch(LocateChunk {
                        row,
                        column,
                        layout: &layout,
                        located: scratch,
                        counts: offsets,
                    });
                    // offsets[b + 1] counts bin b; make it the start of bin b, which
                    // the scatter moves on to its end: the start of bin b + 1.
                    let mut start = 0;
                    for offset in &mut offsets[1..] {
                        start += std::mem::replace(offset, start);
                    }
                    let keys = scratch.keys.iter().zip(&scratch.positions);
                    for (index, (key, position)) in keys.enumerate() {
                        let place = &mut offsets[(key & !FOLDED) as usize + 1];
                        positions[*place as usize] = *position;
                        indices[*place as usize] = index as u32 | (key & FOLDED);
                        *place += 1;
                    }
                },
            );
        Ok(Self {
            count,
            chunk_points,
            positions,
            indices,
            offsets,
            layout,
        })
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are no points.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes that the sorted points hold: 20 a point, and 4 a bin and chunk.
    pub fn memory_bytes(&self) -> usize {
        size_of_val(self.positions.as_slice())
            + size_of_val(self.indices.as_slice())
            + size_of_val(self.offsets.as_slice())
    }

    pub(super) fn chunk_points(&self) -> usize {
        self.chunk_points
    }

    pub(super) fn chunks(&self) -> usize {
        self.count.div_ceil(self.chunk_points)
    }

    /// The points of one chunk in a range of bins, as indices into the sorted
    /// points of the chunk.
    #[inline(always)]
    fn run(&self, chunk: usize, bins: Range<usize>) -> Range<usize> {
        let offsets = &self.offsets[chunk * (self.layout.bins() + 1)..];
        offsets[bins.start] as usize..offsets[bins.end] as usize
    }

    /// The points of one chunk in one bin: their place among the sorted points of
    /// the chunk, and their positions.
    #[inline(always)]
    pub(super) fn bin(
        &self,
        chunk: usize,
        block: usize,
        tile: usize,
    ) -> (Range<usize>, &[[f64; 2]]) {
        let bin = block * self.layout.tiles + tile;
        let run = self.run(chunk, bin..bin + 1);
        let start = chunk * self.chunk_points;
        let positions = &self.positions[start + run.start..start + run.end];
        (run, positions)
    }

    /// The points of one chunk in a range of blocks.
    pub(super) fn blocks(&self, chunk: usize, blocks: Range<usize>) -> Range<usize> {
        let tiles = self.layout.tiles;
        self.run(chunk, blocks.start * tiles..blocks.end * tiles)
    }

    /// Number of points in a block.
    pub(super) fn count_in_block(&self, block: usize) -> usize {
        (0..self.chunks())
            .map(|chunk| self.blocks(chunk, block..block + 1).len())
            .sum()
    }

    /// (index within the chunk of the point as given, whether it was folded), for
    /// the sorted points of each chunk.
    pub(super) fn order(&self, chunk: usize) -> impl Iterator<Item = (usize, bool)> + '_ {
        let start = chunk * self.chunk_points;
        let end = (start + self.chunk_points).min(self.count);
        self.indices[start..end]
            .iter()
            .map(|&index| ((index & !FOLDED) as usize, index & FOLDED != 0))
    }
}

/// The points of a chunk before sorting.
#[derive(Default)]
struct Located {
    /// Position within its bin.
    positions: Vec<[f64; 2]>,
    /// The bin, and [`FOLDED`].
    keys: Vec<u32>,
}

/// Finds the bin of each point and counts: bin b in `counts[b + 1]`.
struct LocateChunk<'a> {
    row: &'a [f64],
    column: &'a [f64],
    layout: &'a Layout,
    located: &'a mut Located,
    counts: &'a mut [u32],
}

impl WithSimd for LocateChunk<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self {
            row,
            column,
            layout,
            located,
            counts,
        } = self;
        let grid = &layout.grid;
        let length = grid.lengths().map(|l| l as f64);
        let half = [0, 1].map(|axis| 0.5 * grid.axes[axis].taps.width() as f64);
        let [row_before, column_before] = layout.first.map(|first| (first - 1) as f64);
        let tiles = layout.tiles as f64;
        let (tile_rows, block_columns) = (layout.tile_rows as f64, BLOCK_COLUMNS as f64);
        // Powers of two: products with their inverses are exact.
        let (tile_share, block_share) = (1.0 / tile_rows, 1.0 / block_columns);
        let Located { positions, keys } = located;
        positions.resize(row.len(), [0.0; 2]);
        keys.resize(row.len(), 0);
        // All in f64, which vectors hold side by side, and without a closure, which
        // might be compiled without the instructions of this function.
        let places = positions.iter_mut().zip(keys.iter_mut());
        for ((position, key), (&row, &column)) in places.zip(row.iter().zip(column)) {
            let ([row, column], folded) = reduce_point(row, column, layout.folded);
            let (row, row_fraction) = split_position(length[0], half[0], row);
            let (column, column_fraction) = split_position(length[1], half[1], column);
            let (row, column) = (row - row_before, column - column_before);
            let tile = (row * tile_share).floor();
            let block = (column * block_share).floor();
            *position = [
                (row - tile * tile_rows) + row_fraction,
                (column - block * block_columns) + column_fraction,
            ];
            // An integer below 2^52 is the low half of the bits of itself + 2^52.
            let bin = (block * tiles + tile + TWO_POW_52).to_bits() as u32;
            *key = bin | (folded >> 32) as u32;
        }
        for key in keys {
            counts[(*key & !FOLDED) as usize + 1] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_points_are_those_given() {
        const COUNT: usize = 100_003;
        let grid = Grid::candidates([60, 90], 1e-6, f64::EPSILON / 2.0).unwrap();
        let grid = Arc::new(grid[0].clone());
        // Equidistributed, and far outside one period.
        let row: Vec<f64> = (0..COUNT).map(|k| k as f64 * 0.618_033_988_749).collect();
        let column: Vec<f64> = (0..COUNT).map(|k| k as f64 * -0.414_213_562_373).collect();
        for folded in [false, true] {
            let extent = Extent::new(&row, &column, folded).unwrap();
            let layout = Layout::new(grid.clone(), extent, COUNT, folded);
            let points = NufftPoints::new(&row, &column, layout).unwrap();
            let layout = &points.layout;
            let mut seen = vec![false; COUNT];
            for chunk in 0..points.chunks() {
                let order: Vec<(usize, bool)> = points.order(chunk).collect();
                let mut next = 0;
                for block in 0..layout.blocks {
                    for tile in 0..layout.tiles {
                        let (run, positions) = points.bin(chunk, block, tile);
                        assert_eq!(run.start, next);
                        next = run.end;
                        for (place, position) in run.zip(positions) {
                            let (index, flipped) = order[place];
                            let index = chunk * points.chunk_points() + index;
                            assert!(!std::mem::replace(&mut seen[index], true));
                            let origin = [tile * layout.tile_rows, block * BLOCK_COLUMNS];
                            let given = [row[index], column[index]];
                            for axis in 0..2 {
                                let half = 0.5 * grid.axes[axis].taps.width() as f64;
                                let node = position[axis] + origin[axis] as f64 + half;
                                let node = node + (layout.first[axis] - 1) as f64;
                                let turns = node / grid.axes[axis].length as f64;
                                let sign = if flipped { -1.0 } else { 1.0 };
                                let error = reduce(turns - sign * given[axis]);
                                assert!(error.abs() < 1e-10, "point {index}: {error:e}");
                            }
                        }
                    }
                }
                assert_eq!(next, order.len());
            }
            assert!(seen.into_iter().all(|seen| seen));
        }
    }

    #[test]
    fn positions_keep_the_rounding_of_the_product() {
        for x in [0.1, 0.3, 1.0 / 3.0, 0.499_999_999_9, 1e-20, -1e-20] {
            let (node, fraction) = split_position(8192.0 * 3.0, 7.5, x);
            assert!((0.0..=1.0).contains(&fraction));
            let whole = (x * 24576.0 - 7.5).floor();
            assert!((node - whole).abs() <= 1.0);
        }
        // 3 · 0.1 is 0.3 + 2.2e-17 before rounding, and 0.30000000000000004 after.
        let (_, fraction) = split_position(3.0, 0.5, 0.1);
        assert!((fraction - (0.8 + 1.665e-17)).abs() < 1.2e-16);
    }
}
