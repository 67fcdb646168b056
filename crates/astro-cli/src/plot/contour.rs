//! Lines of equal value in a regular grid (marching squares), as closed loops.

use std::collections::HashMap;

use ndarray::Array2;

/// Closed loops `(column, row)` in grid coordinates around all that is above `level`.
///
/// The grid counts as below `level` everywhere outside, so that every loop
/// closes; filled with the even-odd rule, the loops cover the region above.
pub(crate) fn loops(grid: &Array2<f64>, level: f64) -> Vec<Vec<(f64, f64)>> {
    let mut next = segments(grid, level);
    let mut loops = Vec::new();
    // The smallest edge first: the result must not depend on hashing.
    let mut starts: Vec<Edge> = next.keys().copied().collect();
    starts.sort_unstable();
    for start in starts {
        let mut corners = Vec::new();
        let mut edge = start;
        while let Some(following) = next.remove(&edge) {
            corners.push(crossing(grid, level, edge));
            edge = following;
        }
        if corners.len() > 2 {
            loops.push(corners);
        }
    }
    loops
}

/// An edge of the grid with a border of one: lower end (row, column), and whether it runs along the row.
type Edge = (usize, usize, bool);

/// The value at a place of the grid grown by one on each side.
fn bordered(grid: &Array2<f64>, level: f64, row: usize, column: usize) -> f64 {
    let inside = row
        .checked_sub(1)
        .zip(column.checked_sub(1))
        .and_then(|(r, c)| grid.get((r, c)));
    match inside {
        Some(&value) if value.is_finite() => value,
        // As far below as a typical neighbour is above: the loop passes near the border.
        _ => level - level.abs().max(f64::MIN_POSITIVE),
    }
}

fn crossing(grid: &Array2<f64>, level: f64, (row, column, along_row): Edge) -> (f64, f64) {
    let (end_row, end_column) = if along_row {
        (row, column + 1)
    } else {
        (row + 1, column)
    };
    let a = bordered(grid, level, row, column);
    let b = bordered(grid, level, end_row, end_column);
    let part = ((level - a) / (b - a)).clamp(0.0, 1.0);
    let (x, y) = (column as f64 - 1.0, row as f64 - 1.0);
    if along_row {
        (x + part, y)
    } else {
        (x, y + part)
    }
}

/// For each crossed edge, the crossed edge that follows it with the high side on the right.
fn segments(grid: &Array2<f64>, level: f64) -> HashMap<Edge, Edge> {
    let (rows, columns) = grid.dim();
    let mut next = HashMap::new();
    for row in 0..=rows {
        for column in 0..=columns {
            let high = |dr, dc| bordered(grid, level, row + dr, column + dc) > level;
            let corners = [high(0, 0), high(0, 1), high(1, 1), high(1, 0)];
            let top = (row, column, true);
            let right = (row, column + 1, false);
            let bottom = (row + 1, column, true);
            let left = (row, column, false);
            let sides = [top, right, bottom, left];
            // Going round the cell, the line enters where low turns high and leaves where high turns low.
            let enters: Vec<usize> = (0..4)
                .filter(|&i| !corners[i] && corners[(i + 1) % 4])
                .collect();
            for &enter in &enters {
                // The first way out after the way in: cuts off one high corner at a saddle.
                let leave = (1..4)
                    .map(|turn| (enter + turn) % 4)
                    .find(|&i| corners[i] && !corners[(i + 1) % 4]);
                if let Some(leave) = leave {
                    next.insert(sides[enter], sides[leave]);
                }
            }
        }
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(corners: &[(f64, f64)]) -> f64 {
        let shifted = corners.iter().cycle().skip(1);
        let doubled: f64 = corners
            .iter()
            .zip(shifted)
            .map(|(a, b)| a.0 * b.1 - b.0 * a.1)
            .sum();
        doubled.abs() / 2.0
    }

    #[test]
    fn a_cone_has_a_circle() {
        let cone = Array2::from_shape_fn((41, 41), |(i, j)| {
            20.0 - (i as f64 - 20.0).hypot(j as f64 - 20.0)
        });
        let found = loops(&cone, 10.0);
        assert_eq!(found.len(), 1);
        for &(x, y) in &found[0] {
            // Linear interpolation of a cone between nodes one apart.
            assert!(((x - 20.0).hypot(y - 20.0) - 10.0).abs() < 0.02);
        }
        assert!((area(&found[0]) / (std::f64::consts::PI * 100.0) - 1.0).abs() < 0.01);
    }

    #[test]
    fn a_ring_has_two_loops_and_separate_peaks_one_each() {
        let ring = Array2::from_shape_fn((41, 41), |(i, j)| {
            -((i as f64 - 20.0).hypot(j as f64 - 20.0) - 10.0).abs()
        });
        assert_eq!(loops(&ring, -3.0).len(), 2);
        let mut peaks = Array2::zeros((9, 9));
        (peaks[[2, 2]], peaks[[6, 5]]) = (1.0, 1.0);
        assert_eq!(loops(&peaks, 0.5).len(), 2);
    }

    #[test]
    fn a_saddle_and_a_border_still_close() {
        let saddle = ndarray::arr2(&[[1.0, 0.0], [0.0, 1.0]]);
        let found = loops(&saddle, 0.5);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|l| l.len() >= 4));
        assert!(loops(&Array2::zeros((3, 3)), 0.5).is_empty());
    }
}
