//! A beam given as a map.

use crate::ImageGrid;
use ndarray::Array2;

/// How a map of the beam is read between its pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BeamInterpolation {
    /// Linear in both directions: error h²/8 of the second derivative.
    Bilinear,
    /// Cubic convolution (Keys 1981, IEEE Trans. ASSP 29, 1153), third order.
    #[default]
    Cubic,
}

#[derive(Debug)]
pub(super) struct ImagePattern {
    pub(super) power: Array2<f64>,
    pub(super) grid: ImageGrid,
    /// Where the center pixel lies, direction cosines East and North.
    pub(super) center: (f64, f64),
    pub(super) interpolation: BeamInterpolation,
}

impl ImagePattern {
    /// The power at direction cosines; zero outside the centers of the
    /// outermost pixels. A cubic never dips below zero next to a null.
    pub(super) fn power(&self, l: f64, m: f64) -> f64 {
        let grid = &self.grid;
        let (l, m) = (l - self.center.0, m - self.center.1);
        let column = (grid.columns / 2) as f64 - l / grid.pixel_width_rad;
        let row = (grid.rows / 2) as f64 - grid.origin.sign() * m / grid.pixel_height_rad;
        let (last_row, last_column) = (grid.rows as f64 - 1.0, grid.columns as f64 - 1.0);
        if !(row >= 0.0 && row <= last_row && column >= 0.0 && column <= last_column) {
            return 0.0;
        }
        let mut sum = 0.0;
        let column_weights = self.weights(column);
        for (offset, row_weight) in self.weights(row).into_iter().enumerate() {
            let i = neighbor(row, offset, grid.rows);
            for (offset, column_weight) in column_weights.into_iter().enumerate() {
                let j = neighbor(column, offset, grid.columns);
                sum += row_weight * column_weight * self.power[[i, j]];
            }
        }
        sum.max(0.0)
    }

    /// Weights of the pixels before, at, after and two after a position.
    fn weights(&self, position: f64) -> [f64; 4] {
        let t = position - position.floor();
        match self.interpolation {
            BeamInterpolation::Bilinear => [0.0, 1.0 - t, t, 0.0],
            BeamInterpolation::Cubic => [
                0.5 * t * (-1.0 + t * (2.0 - t)),
                1.0 + 0.5 * t * t * (-5.0 + 3.0 * t),
                0.5 * t * (1.0 + t * (4.0 - 3.0 * t)),
                0.5 * t * t * (t - 1.0),
            ],
        }
    }
}

/// The pixel of a weight; the edge pixel stands for those beyond the edge.
fn neighbor(position: f64, offset: usize, count: usize) -> usize {
    (position as usize + offset)
        .saturating_sub(1)
        .min(count - 1)
}

#[cfg(test)]
mod tests {
    use crate::{BeamInterpolation, ImageGrid, Origin, PrimaryBeam};

    fn map_of(beam: &PrimaryBeam, grid: &ImageGrid, kind: BeamInterpolation) -> PrimaryBeam {
        let power = ndarray::Array2::from_shape_fn((grid.rows, grid.columns), |(i, j)| {
            // A beam that is neither round nor centered tells East from West.
            beam.power(grid.east_rad(j) - 2e-6, 0.7 * grid.north_rad(i) + 1e-6)
        });
        PrimaryBeam::image(power, grid, kind).unwrap()
    }

    #[test]
    fn maps_reproduce_a_beam() {
        let beam = PrimaryBeam::gaussian(5e-5).unwrap();
        let truth = |l: f64, m: f64| beam.power(l - 2e-6, 0.7 * m + 1e-6) / beam.power(-2e-6, 1e-6);
        for origin in [Origin::Upper, Origin::Lower] {
            let grid = ImageGrid {
                rows: 61,
                columns: 80,
                pixel_height_rad: 2e-6,
                pixel_width_rad: 1.5e-6,
                origin,
            };
            let kinds = [
                (BeamInterpolation::Bilinear, 3e-3),
                (BeamInterpolation::Cubic, 1e-4),
            ];
            for (kind, tolerance) in kinds {
                let map = map_of(&beam, &grid, kind);
                for k in 0..200 {
                    let (l, m) = (3.1e-7 * f64::from(k) - 3e-5, 4.7e-7 * f64::from(k) - 4.6e-5);
                    let error = (map.power(l, m) - truth(l, m)).abs();
                    assert!(error < tolerance, "{kind:?} {l} {m}: {error}");
                }
                assert_eq!(map.power(0.0, 0.0), 1.0);
                assert_eq!(map.power(1e-4, 0.0), 0.0);
            }
        }
    }

    #[test]
    fn cubic_error_falls_as_the_third_power_or_faster() {
        let beam = PrimaryBeam::gaussian(5e-5).unwrap();
        let worst = |n: usize| {
            let grid = ImageGrid::square(n + 1, 1.2e-4 / n as f64);
            let power = ndarray::Array2::from_shape_fn((n + 1, n + 1), |(i, j)| {
                beam.power(grid.east_rad(j), grid.north_rad(i))
            });
            let map = PrimaryBeam::image(power, &grid, BeamInterpolation::Cubic).unwrap();
            (0..400)
                .map(|k| (1e-7 * f64::from(k), 3.3e-8 * f64::from(k)))
                .map(|(l, m)| (map.power(l, m) - beam.power(l, m)).abs())
                .fold(0.0, f64::max)
        };
        assert!(worst(30) / worst(60) > 6.0);
    }
}
