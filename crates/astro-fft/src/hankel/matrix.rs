//! A dense matrix stored for streaming matrix-vector products.

use rayon::prelude::*;

const LANES: usize = 8;

/// Rows in blocks of eight, a block column after column, so that a product
/// reads memory once in order and keeps its sums in registers. The order of
/// summation is fixed. Rows are padded with zeros to a multiple of eight.
#[derive(Clone, Debug)]
pub(super) struct Matrix {
    rows: usize,
    columns: usize,
    data: Vec<f64>,
}

impl Matrix {
    /// Builds the matrix from its rows, blocks in parallel.
    pub(super) fn from_rows(
        rows: usize,
        columns: usize,
        fill_row: impl Fn(usize, &mut [f64]) + Sync,
    ) -> Self {
        let mut data = vec![0.0; rows.div_ceil(LANES) * LANES * columns];
        if columns > 0 {
            data.par_chunks_mut(LANES * columns)
                .enumerate()
                .for_each(|(block, data)| {
                    let mut row_values = vec![0.0; columns];
                    for lane in 0..LANES.min(rows - block * LANES) {
                        fill_row(block * LANES + lane, &mut row_values);
                        for (column, &value) in row_values.iter().enumerate() {
                            data[column * LANES + lane] = value;
                        }
                    }
                });
        }
        Self {
            rows,
            columns,
            data,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// y += A x. Inline, so that it is compiled for the caller's SIMD level.
    #[inline(always)]
    pub(super) fn apply(&self, x: &[f64], y: &mut [f64]) {
        debug_assert!(x.len() == self.columns && y.len() == self.rows);
        if self.columns == 0 {
            return;
        }
        let blocks = self.data.chunks_exact(LANES * self.columns);
        for (block, y) in blocks.zip(y.chunks_mut(LANES)) {
            // Four sums hide the latency of the additions.
            let mut sums = [[0.0; LANES]; 4];
            let (quads, rest) = block.as_chunks::<{ 4 * LANES }>();
            let (x_quads, x_rest) = x.as_chunks::<4>();
            for (quad, x) in quads.iter().zip(x_quads) {
                for k in 0..4 {
                    for lane in 0..LANES {
                        sums[k][lane] += quad[k * LANES + lane] * x[k];
                    }
                }
            }
            for (column, &x) in rest.as_chunks::<LANES>().0.iter().zip(x_rest) {
                for lane in 0..LANES {
                    sums[0][lane] += column[lane] * x;
                }
            }
            for (lane, y) in y.iter_mut().enumerate() {
                *y += (sums[0][lane] + sums[1][lane]) + (sums[2][lane] + sums[3][lane]);
            }
        }
    }

    /// x += Aᵀ y. Inline, so that it is compiled for the caller's SIMD level.
    #[inline(always)]
    pub(super) fn apply_transpose(&self, y: &[f64], x: &mut [f64]) {
        debug_assert!(x.len() == self.columns && y.len() == self.rows);
        if self.columns == 0 {
            return;
        }
        let blocks = self.data.chunks_exact(LANES * self.columns);
        for (block, y) in blocks.zip(y.chunks(LANES)) {
            let mut lanes = [0.0; LANES];
            lanes[..y.len()].copy_from_slice(y);
            for (column, x) in block.as_chunks::<LANES>().0.iter().zip(x.iter_mut()) {
                let mut product = [0.0; LANES];
                for lane in 0..LANES {
                    product[lane] = column[lane] * lanes[lane];
                }
                let mut half = [0.0; 4];
                for lane in 0..4 {
                    half[lane] = product[lane] + product[lane + 4];
                }
                *x += (half[0] + half[2]) + (half[1] + half[3]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_equal_plain_sums() {
        for (rows, columns) in [(1, 1), (8, 4), (13, 7), (16, 0), (3, 21)] {
            let entry = |row: usize, column: usize| (row * 31 + column * 17) as f64 % 11.0 - 5.0;
            let matrix = Matrix::from_rows(rows, columns, |row, out| {
                for (column, out) in out.iter_mut().enumerate() {
                    *out = entry(row, column);
                }
            });
            // Small integers: every order of summation is exact.
            let x: Vec<f64> = (0..columns).map(|k| k as f64 - 3.0).collect();
            let y: Vec<f64> = (0..rows).map(|k| 2.0 - k as f64).collect();
            let mut forward = vec![1.0; rows];
            matrix.apply(&x, &mut forward);
            for row in 0..rows {
                let sum: f64 = (0..columns).map(|c| entry(row, c) * x[c]).sum();
                assert_eq!(forward[row], 1.0 + sum);
            }
            let mut backward = vec![1.0; columns];
            matrix.apply_transpose(&y, &mut backward);
            for column in 0..columns {
                let sum: f64 = (0..rows).map(|r| entry(r, column) * y[r]).sum();
                assert_eq!(backward[column], 1.0 + sum);
            }
        }
    }
}
