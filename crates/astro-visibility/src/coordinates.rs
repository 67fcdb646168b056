//! Sky coordinates of every pixel: GALARIO's `get_coords_meshgrid`.

use ndarray::Array2;

use crate::{ImageGrid, Result};

/// Coordinates of the pixel centres on the sky and in the frame of an inclined, shifted source.
#[derive(Clone, Debug)]
pub struct CoordinateMeshgrid {
    /// Offset to the East of each column, radians (GALARIO `x`).
    pub east_rad: Vec<f64>,
    /// Offset to the North of each row, radians (GALARIO `y`).
    pub north_rad: Vec<f64>,
    /// Deprojected East coordinate `(x − Δx)/cos i` of each column, radians (GALARIO `x_m`).
    pub disc_east_rad: Vec<f64>,
    /// North coordinate `y − Δy` of each row, radians (GALARIO `y_m`).
    pub disc_north_rad: Vec<f64>,
    /// Radius in the plane of the disc, shape `[rows, columns]`, radians (GALARIO `R_m`).
    pub radius_rad: Array2<f64>,
}

/// Coordinates of every pixel of `grid` for a source inclined by `inclination_rad`
/// and centred at `(east_offset_rad, north_offset_rad)`.
///
/// # Errors
/// A grid without pixels or with a pixel size that is not positive.
pub fn coordinate_meshgrid(
    grid: &ImageGrid,
    inclination_rad: f64,
    east_offset_rad: f64,
    north_offset_rad: f64,
) -> Result<CoordinateMeshgrid> {
    grid.check()?;
    astro_core::check_finite(
        "inclination or offset",
        [inclination_rad, east_offset_rad, north_offset_rad],
    )?;
    let east_rad: Vec<f64> = (0..grid.columns).map(|j| grid.east_rad(j)).collect();
    let north_rad: Vec<f64> = (0..grid.rows).map(|i| grid.north_rad(i)).collect();
    let cos = inclination_rad.cos();
    let disc_east_rad: Vec<f64> = east_rad
        .iter()
        .map(|x| (x - east_offset_rad) / cos)
        .collect();
    let disc_north_rad: Vec<f64> = north_rad.iter().map(|y| y - north_offset_rad).collect();
    let radius_rad = Array2::from_shape_fn((grid.rows, grid.columns), |(i, j)| {
        disc_east_rad[j].hypot(disc_north_rad[i])
    });
    Ok(CoordinateMeshgrid {
        east_rad,
        north_rad,
        disc_east_rad,
        disc_north_rad,
        radius_rad,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inclined_circle_is_an_ellipse_along_north() {
        let grid = ImageGrid::square(8, 1.0);
        let mesh = coordinate_meshgrid(&grid, 60f64.to_radians(), 0.0, 1.0).unwrap();
        assert_eq!(mesh.east_rad[0], 4.0);
        assert_eq!(mesh.north_rad[7], -3.0);
        assert!((mesh.disc_east_rad[2] - 4.0).abs() < 1e-12);
        // Pixel [3, 4]: one to the North of the centre, where the source is.
        assert_eq!(mesh.radius_rad[[3, 4]], 0.0);
    }
}
