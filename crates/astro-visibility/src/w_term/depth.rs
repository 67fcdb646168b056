//! The third direction cosine over the pixels of a placed image.

use crate::{Error, ImageGrid, Placement, Result};

/// `n − 1` of each pixel where it ends up on the sky.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Depth {
    grid: ImageGrid,
    cos: f64,
    sin: f64,
    ra_offset: f64,
    dec_offset: f64,
}

impl Depth {
    /// # Errors
    /// [`Error::BeyondHorizon`] with the outermost pixel.
    pub(crate) fn new(grid: &ImageGrid, placement: &Placement) -> Result<Self> {
        let (sin, cos) = placement.position_angle_rad.sin_cos();
        let depth = Self {
            grid: *grid,
            cos,
            sin,
            ra_offset: placement.ra_offset_rad,
            dec_offset: placement.dec_offset_rad,
        };
        let ([row, column], radius2) = depth.outermost();
        if radius2 < 1.0 {
            return Ok(depth);
        }
        Err(Error::BeyondHorizon {
            row,
            column,
            radius2,
        })
    }

    /// The corner farthest from the phase centre and its `L² + M²`: distance is convex.
    fn outermost(&self) -> ([usize; 2], f64) {
        let mut outermost = ([0, 0], 0.0);
        for i in [0, self.grid.rows - 1] {
            for j in [0, self.grid.columns - 1] {
                let (l, m) = self.sky(i, j);
                let radius2 = l * l + m * m;
                // An overflow to NaN counts as far away.
                if radius2 > outermost.1 || radius2.is_nan() {
                    outermost = ([i, j], radius2);
                }
            }
        }
        outermost
    }

    /// Direction cosines of pixel `[i, j]`, East and North.
    #[inline(always)]
    fn sky(&self, i: usize, j: usize) -> (f64, f64) {
        self.sky_of(self.grid.east_rad(j), self.grid.north_rad(i))
    }

    /// Direction cosines of a place in the image before rotation and shift.
    #[inline(always)]
    fn sky_of(&self, east: f64, north: f64) -> (f64, f64) {
        (
            east * self.cos + north * self.sin + self.ra_offset,
            -east * self.sin + north * self.cos + self.dec_offset,
        )
    }

    /// `n − 1` of pixel `[i, j]`, without cancellation.
    #[inline(always)]
    pub(crate) fn n_minus_one(&self, i: usize, j: usize) -> f64 {
        self.n_minus_one_of(self.grid.east_rad(j), self.grid.north_rad(i))
    }

    /// `n − 1` of a place in the image before rotation and shift.
    #[inline(always)]
    pub(crate) fn n_minus_one_of(&self, east: f64, north: f64) -> f64 {
        let (l, m) = self.sky_of(east, north);
        n_minus_one(l * l + m * m)
    }

    /// `1/n` of pixel `[i, j]`.
    #[inline(always)]
    pub(crate) fn over_n(&self, i: usize, j: usize) -> f64 {
        1.0 / (1.0 + self.n_minus_one(i, j))
    }

    /// `∂n/∂(PA, ΔRA, ΔDec)` of pixel `[i, j]`, per radian.
    pub(crate) fn slopes(&self, i: usize, j: usize) -> [f64; 3] {
        let (l, m) = self.sky(i, j);
        let over_n = self.over_n(i, j);
        // A rotation from North to East moves (x, y) by (y, −x).
        let (x, y) = (l - self.ra_offset, m - self.dec_offset);
        [(m * x - l * y) * over_n, -l * over_n, -m * over_n]
    }

    /// The least and the largest `n − 1` that a pixel can have.
    pub(crate) fn range(&self) -> (f64, f64) {
        // The phase centre in the frame of the image, and the nearest place of the image.
        let x = -(self.ra_offset * self.cos - self.dec_offset * self.sin);
        let y = -(self.ra_offset * self.sin + self.dec_offset * self.cos);
        let beyond = |x: f64, ends: [f64; 2]| {
            (ends[0].min(ends[1]) - x)
                .max(x - ends[0].max(ends[1]))
                .max(0.0)
        };
        let east = beyond(x, [0, self.grid.columns - 1].map(|j| self.grid.east_rad(j)));
        let north = beyond(y, [0, self.grid.rows - 1].map(|i| self.grid.north_rad(i)));
        let nearest = east * east + north * north;
        (n_minus_one(self.outermost().1), n_minus_one(nearest))
    }
}

/// `√(1 − r²) − 1`.
#[inline(always)]
fn n_minus_one(radius2: f64) -> f64 {
    -radius2 / (1.0 + (1.0 - radius2).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Origin;

    const GRID: ImageGrid = ImageGrid {
        rows: 20,
        columns: 31,
        pixel_height_rad: 2e-3,
        pixel_width_rad: 3e-3,
        origin: Origin::Upper,
    };

    #[test]
    fn the_range_holds_every_pixel_tightly() {
        for grid in [GRID, GRID.with_origin(Origin::Lower)] {
            for (position_angle_rad, ra_offset_rad, dec_offset_rad) in
                [(0.0, 0.0, 0.0), (0.7, 0.1, -0.2), (2.5, -0.01, 0.3)]
            {
                let placement = Placement {
                    position_angle_rad,
                    ra_offset_rad,
                    dec_offset_rad,
                };
                let depth = Depth::new(&grid, &placement).unwrap();
                let (low, high) = depth.range();
                let all = (0..20).flat_map(|i| (0..31).map(move |j| (i, j)));
                let found = all.fold((0.0_f64, -1.0_f64), |(least, most), (i, j)| {
                    let n = depth.n_minus_one(i, j);
                    (least.min(n), most.max(n))
                });
                assert!((found.0 - low).abs() < 1e-15);
                // The nearest place lies within a pixel of a pixel.
                assert!(found.1 <= high + 1e-15 && high - found.1 < 2e-3);
            }
        }
    }

    #[test]
    fn slopes_are_finite_differences() {
        let at = |p: [f64; 3]| {
            let placement = Placement {
                position_angle_rad: p[0],
                ra_offset_rad: p[1],
                dec_offset_rad: p[2],
            };
            Depth::new(&GRID, &placement).unwrap()
        };
        let place = [0.4, 0.2, -0.1];
        for which in 0..3 {
            let (mut plus, mut minus) = (place, place);
            plus[which] += 1e-5;
            minus[which] -= 1e-5;
            let truth = (at(plus).n_minus_one(3, 28) - at(minus).n_minus_one(3, 28)) / 2e-5;
            let found = at(place).slopes(3, 28)[which];
            // The third derivative times h²/6, and rounding over h.
            assert!((found - truth).abs() < 1e-9, "{which}: {found} {truth}");
        }
    }

    #[test]
    fn the_pixel_beyond_the_horizon_is_named() {
        let placement = Placement {
            ra_offset_rad: 0.97,
            ..Placement::default()
        };
        let error = Depth::new(&GRID, &placement).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("pixel [0, 0] lies at l² + m² = 1.0"),
            "{message}"
        );
    }
}
