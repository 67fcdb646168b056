//! Kind `sizes`: the choice and check of an image size, and coordinate grids.

use anyhow::{Context, Result};
use astro_visibility::{
    ImageGrid, ImageSizeOptions, Origin, UvCoverage, check_image_size, coordinate_meshgrid,
    image_size,
};
use ndarray::Array2;
use serde_json::Value;

use super::case::{Case, count, number, numbers};
use super::check::{Checks, largest, largest_real_difference};

/// Relative: a few roundings.
const ROUNDING: f64 = 1e-14;

pub(crate) fn check(case: &Case, checks: &mut Checks) -> Result<()> {
    if let Some(sizes) = case.parameters()["get_image_size"].as_array() {
        for (index, size) in sizes.iter().enumerate() {
            check_size(checks, index, size)?;
        }
    }
    if case.has("meshgrid") {
        let mesh = &case.parameters()["meshgrid"];
        check_mesh(checks, mesh, "upper", Origin::Upper)?;
        check_mesh(checks, mesh, "lower", Origin::Lower)?;
    }
    Ok(())
}

fn check_size(checks: &mut Checks, index: usize, size: &Value) -> Result<()> {
    let baselines = vec![number(size, "uvmin")?, number(size, "uvmax")?];
    let coverage = UvCoverage::new(baselines, vec![0.0; 2])?;
    let options = ImageSizeOptions {
        beam_rad: number(size, "PB")?,
        field_factor: number(size, "f_min")?,
        resolution_factor: number(size, "f_max")?,
    };
    let grid = image_size(&coverage, &options)?;
    let (n, pixel) = (count(size, "nxy")?, number(size, "dxy")?);
    let difference = (grid.pixel_width_rad - pixel).abs() / pixel;
    checks.holds(
        &format!("get_image_size {index}"),
        grid.rows == n && grid.columns == n && difference <= ROUNDING,
        format!(
            "{} x {} pixels, size off by {difference:.1e}",
            grid.rows, grid.columns
        ),
    );
    let trials = size["check_pass_with_dxy_times"].as_array();
    for trial in trials.map_or(&[][..], Vec::as_slice) {
        let factor = trial[0].as_f64().context("a factor is not a number")?;
        let expected = trial[1]
            .as_bool()
            .context("an expectation is not true or false")?;
        let passes =
            check_image_size(&coverage, &ImageGrid::square(n, factor * pixel), 0.0).is_ok();
        checks.holds(
            &format!("check_image_size {index}, pixels x {factor}"),
            passes == expected,
            format!("{passes}, expected {expected}"),
        );
    }
    Ok(())
}

fn check_mesh(checks: &mut Checks, mesh: &Value, key: &str, origin: Origin) -> Result<()> {
    let pixel = number(mesh, "dxy")?;
    let grid = ImageGrid {
        rows: count(mesh, "nrow")?,
        columns: count(mesh, "ncol")?,
        ..ImageGrid::square(1, pixel).with_origin(origin)
    };
    let found = coordinate_meshgrid(
        &grid,
        number(mesh, "inc")?,
        number(mesh, "Dx")?,
        number(mesh, "Dy")?,
    )?;
    let expected = &mesh[key];
    let scale = pixel * grid.rows.max(grid.columns) as f64;
    let lines = [("x", &found.east_rad), ("y", &found.north_rad)];
    for (name, line) in lines {
        let difference = largest_real_difference(line, &numbers(expected, name)?, scale);
        checks.at_most(
            &format!("get_coords_meshgrid {key}, {name}"),
            difference,
            ROUNDING,
        );
    }
    let (east, north) = (&found.disc_east_rad, &found.disc_north_rad);
    let shape = (grid.rows, grid.columns);
    let planes = [
        ("x_m", Array2::from_shape_fn(shape, |(_, j)| east[j])),
        ("y_m", Array2::from_shape_fn(shape, |(i, _)| north[i])),
        ("R_m", found.radius_rad.clone()),
    ];
    for (name, plane) in planes {
        let rows = expected[name]
            .as_array()
            .context("a mesh is not a list of rows")?;
        let mut difference: f64 = if rows.len() == grid.rows {
            0.0
        } else {
            f64::INFINITY
        };
        for (i, row) in rows.iter().enumerate().take(grid.rows) {
            let row = row.as_array().context("a row is not a list")?;
            for j in 0..grid.columns {
                let wanted = row.get(j).and_then(Value::as_f64).unwrap_or(f64::NAN);
                difference = largest(difference, (plane[[i, j]] - wanted).abs() / scale);
            }
        }
        checks.at_most(
            &format!("get_coords_meshgrid {key}, {name}"),
            difference,
            ROUNDING,
        );
    }
    Ok(())
}
