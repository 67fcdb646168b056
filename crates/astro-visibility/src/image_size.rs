//! How many pixels, and how large, a set of baselines asks for.

use crate::{Error, ImageGrid, ImageSizeProblem, Result, UvCoverage};

/// Angular scales that an image must hold, beside the baselines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImageSizeOptions {
    /// Width that the image must cover at least, radians: a primary beam or a known source (GALARIO `PB`).
    pub beam_rad: f64,
    /// Factor by which the uv cell is finer than the shortest baseline asks (GALARIO `f_min`), `≥ 1`.
    pub field_factor: f64,
    /// Factor by which the uv grid reaches beyond the longest baseline (GALARIO `f_max`), `≥ 1`.
    pub resolution_factor: f64,
}

impl Default for ImageSizeOptions {
    /// GALARIO's defaults: no beam, 5 and 2.5.
    fn default() -> Self {
        Self {
            beam_rad: 0.0,
            field_factor: 5.0,
            resolution_factor: 2.5,
        }
    }
}

/// The square image that suits the baselines: GALARIO's `get_image_size`.
///
/// With `MRS = 0.6 / min|uv|` (the maximum recoverable scale) the uv cell is
/// `Δ = 1 / (field_factor · MRS)`, the number of pixels the power of two at or above
/// `2 · resolution_factor · max|uv| / Δ`, and the pixel `1 / (n Δ)`; then `n` is doubled
/// until the field covers `beam_rad`.
///
/// # Errors
/// No points, no baseline longer than zero, a factor below 1, a beam that is
/// negative or not finite, or baselines so different that the image would have
/// more than 2²⁰ pixels on a side.
///
/// ```
/// use astro_visibility::{ImageSizeOptions, UvCoverage, image_size};
/// let coverage = UvCoverage::new(vec![2e4, 5e5], vec![0.0, 0.0])?;
/// let grid = image_size(&coverage, &ImageSizeOptions::default())?;
/// assert_eq!(grid.columns, 512);
/// # Ok::<(), astro_visibility::Error>(())
/// ```
pub fn image_size(coverage: &UvCoverage, options: &ImageSizeOptions) -> Result<ImageGrid> {
    coverage.check()?;
    let ImageSizeOptions {
        beam_rad,
        field_factor,
        resolution_factor,
    } = *options;
    require(
        "field_factor",
        field_factor,
        field_factor >= 1.0,
        "finite and >= 1",
    )?;
    require(
        "resolution_factor",
        resolution_factor,
        resolution_factor >= 1.0,
        "finite and >= 1",
    )?;
    require("beam_rad", beam_rad, beam_rad >= 0.0, "finite and >= 0")?;
    let (shortest, longest) = (coverage.shortest_baseline(), coverage.longest_baseline());
    require(
        "longest baseline",
        longest,
        longest > 0.0,
        "longer than zero",
    )?;
    let recoverable_scale_rad = 0.6 / shortest;
    let cell = 1.0 / (recoverable_scale_rad * field_factor);
    let pixels = (2.0 * longest * resolution_factor / cell)
        .log2()
        .ceil()
        .exp2();
    let pixel_rad = 1.0 / (pixels * cell);
    let mut n = pixels;
    while n * pixel_rad < beam_rad {
        n *= 2.0;
    }
    const LARGEST: f64 = 1_048_576.0;
    require(
        "image size",
        n,
        n <= LARGEST,
        "at most 2^20 pixels: drop the shortest baselines or the beam",
    )?;
    Ok(ImageGrid::square(n as usize, pixel_rad))
}

/// Whether an image suits the baselines: GALARIO's `check_image_size`.
///
/// Requires, along both axes: a field larger than `0.6 / min|uv|`, pixels smaller than
/// a quarter of `1 / max|uv|` (a factor two inside the Nyquist limit), and a field
/// larger than `beam_rad` where that is not zero.
///
/// # Errors
/// [`Error::ImageSize`] with the first requirement that fails, in numbers.
pub fn check_image_size(coverage: &UvCoverage, grid: &ImageGrid, beam_rad: f64) -> Result<()> {
    coverage.check()?;
    grid.check()?;
    require("beam_rad", beam_rad, beam_rad >= 0.0, "finite and >= 0")?;
    let (shortest, longest) = (coverage.shortest_baseline(), coverage.longest_baseline());
    let axes = [
        ("columns", grid.columns, grid.pixel_width_rad),
        ("rows", grid.rows, grid.pixel_height_rad),
    ];
    for (axis, n, pixel_rad) in axes {
        let field_rad = n as f64 * pixel_rad;
        let scale_rad = 0.6 / shortest;
        if field_rad <= scale_rad {
            return Err(ImageSizeProblem::FieldTooSmall {
                axis,
                field_rad,
                scale_rad,
            }
            .into());
        }
        if 1.0 / (2.0 * longest * pixel_rad) <= 2.0 {
            return Err(ImageSizeProblem::PixelTooLarge {
                axis,
                pixel_rad,
                longest,
            }
            .into());
        }
        if beam_rad > 0.0 && field_rad <= beam_rad {
            return Err(ImageSizeProblem::BeamTooLarge {
                axis,
                field_rad,
                beam_rad,
            }
            .into());
        }
    }
    Ok(())
}

fn require(name: &'static str, value: f64, good: bool, requirement: &'static str) -> Result<()> {
    if good && value.is_finite() {
        return Ok(());
    }
    Err(Error::Parameter {
        name,
        value,
        requirement,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coverage() -> UvCoverage {
        UvCoverage::new(vec![2e4, 0.0], vec![0.0, 5e5]).unwrap()
    }

    #[test]
    fn the_chosen_size_passes_its_own_check() {
        let grid = image_size(&coverage(), &ImageSizeOptions::default()).unwrap();
        check_image_size(&coverage(), &grid, 0.0).unwrap();
        // Δ = 2e4/3 wavelengths, 2·2.5·5e5/Δ = 375 pixels, rounded up to 512.
        assert_eq!((grid.rows, grid.columns), (512, 512));
        assert!((grid.pixel_width_rad - 3.0 / (512.0 * 2e4)).abs() < 1e-18);
    }

    #[test]
    fn a_beam_doubles_the_field() {
        let plain = image_size(&coverage(), &ImageSizeOptions::default()).unwrap();
        let beam_rad = 1.5 * plain.rows as f64 * plain.pixel_width_rad;
        let options = ImageSizeOptions {
            beam_rad,
            ..Default::default()
        };
        let grid = image_size(&coverage(), &options).unwrap();
        assert_eq!(grid.rows, 2 * plain.rows);
        assert_eq!(grid.pixel_width_rad, plain.pixel_width_rad);
    }

    #[test]
    fn each_requirement_is_checked() {
        let grid = image_size(&coverage(), &ImageSizeOptions::default()).unwrap();
        let problem = |grid: ImageGrid, beam| match check_image_size(&coverage(), &grid, beam) {
            Err(Error::ImageSize(problem)) => problem,
            other => panic!("expected a size problem, got {other:?}"),
        };
        let small = ImageGrid { rows: 64, ..grid };
        assert!(matches!(
            problem(small, 0.0),
            ImageSizeProblem::FieldTooSmall { axis: "rows", .. }
        ));
        let coarse = ImageGrid {
            pixel_width_rad: 5.1e-7,
            ..grid
        };
        assert!(matches!(
            problem(coarse, 0.0),
            ImageSizeProblem::PixelTooLarge {
                axis: "columns",
                ..
            }
        ));
        assert!(matches!(
            problem(grid, 1e-3),
            ImageSizeProblem::BeamTooLarge { .. }
        ));
    }
}
