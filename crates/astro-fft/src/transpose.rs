//! Eight long rows to the eight lanes of a panel and back.

use crate::PANEL_COLUMNS;

const LANES: usize = PANEL_COLUMNS;

/// `panel[at · 8 + lane] = lanes[lane][at]`, for whole rows of the panel; each
/// lane is as long as the panel has rows.
pub(crate) fn panel_from_lanes<T: Copy>(lanes: &[&[T]; LANES], panel: &mut [T]) {
    // By squares, so that whole cache lines are read and written.
    let mut squares = panel.chunks_exact_mut(LANES * LANES);
    let mut start = 0;
    for square in &mut squares {
        for (lane, from) in lanes.iter().enumerate() {
            for (row, value) in from[start..start + LANES].iter().enumerate() {
                square[row * LANES + lane] = *value;
            }
        }
        start += LANES;
    }
    for (row, to) in squares.into_remainder().chunks_exact_mut(LANES).enumerate() {
        for (to, from) in to.iter_mut().zip(lanes) {
            *to = from[start + row];
        }
    }
}

/// The inverse of [`panel_from_lanes`].
pub(crate) fn lanes_from_panel<T: Copy>(panel: &[T], lanes: &mut [&mut [T]; LANES]) {
    let squares = panel.chunks_exact(LANES * LANES);
    let rest = squares.remainder();
    let mut start = 0;
    for square in squares {
        for (lane, to) in lanes.iter_mut().enumerate() {
            for (row, value) in to[start..start + LANES].iter_mut().enumerate() {
                *value = square[row * LANES + lane];
            }
        }
        start += LANES;
    }
    for (row, from) in rest.chunks_exact(LANES).enumerate() {
        for (to, from) in lanes.iter_mut().zip(from) {
            to[start + row] = *from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_become_columns_and_lanes_again() {
        for length in [1, 7, 8, 9, 30] {
            let rows: Vec<usize> = (0..LANES * length).collect();
            let mut parts = rows.chunks_exact(length);
            let lanes = std::array::from_fn(|_| parts.next().unwrap());
            let mut panel = vec![0; LANES * length];
            panel_from_lanes(&lanes, &mut panel);
            for (index, value) in panel.iter().enumerate() {
                assert_eq!(*value, index % LANES * length + index / LANES);
            }
            let mut back = vec![0; LANES * length];
            let mut parts = back.chunks_exact_mut(length);
            let mut lanes = std::array::from_fn(|_| parts.next().unwrap());
            lanes_from_panel(&panel, &mut lanes);
            assert_eq!(back, rows);
        }
    }
}
