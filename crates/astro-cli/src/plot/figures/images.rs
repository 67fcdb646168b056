//! Pictures of the sky side by side, East to the left and North up.

use ndarray::ArrayView2;

use crate::plot::Figure;
use crate::plot::color::{Color, ColorMap};
use crate::plot::panel::{Axis, LABEL_SIZE, Mark, Panel, draw_color_bar};
use crate::plot::scene::{Anchor, Rect, Scene, Stroke};

/// Which numbers the ends of the color map stand for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Range {
    /// From the lowest to the highest pixel.
    Full,
    /// Zero in the middle, the largest absolute pixel at the ends; blue to red.
    Symmetric,
    /// Given ends.
    Fixed(f64, f64),
}

/// One picture.
#[derive(Clone, Debug)]
pub(crate) struct SkyImage<'a> {
    pub(crate) title: String,
    /// `[row, column]`, the first row North, the first column East.
    pub(crate) pixels: ArrayView2<'a, f64>,
    pub(crate) range: Range,
    /// Name of the color bar, with its unit.
    pub(crate) quantity: String,
}

/// A Gaussian beam: full widths at half maximum in arcsec, position angle East of North.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Beam {
    pub(crate) major: f64,
    pub(crate) minor: f64,
    pub(crate) position_angle_rad: f64,
}

/// Between two pictures.
const GAP: f64 = 16.0;

/// The pictures beside each other, each with its own color bar.
///
/// `pixel_size` is (height, width) of a pixel in arcsec; the phase center is
/// in the middle of pixel (⌊rows/2⌋, ⌊columns/2⌋). Only the inner `field`
/// arcsec are shown where that is given.
pub(crate) fn sky_images(
    images: &[SkyImage<'_>],
    pixel_size: (f64, f64),
    beam: Option<Beam>,
    field: Option<f64>,
) -> Figure {
    const SIDE: f64 = 212.0;
    const TOP: f64 = 66.0;
    let panels: Vec<(Panel, ColorMap, (f64, f64))> = images
        .iter()
        .enumerate()
        .map(|(index, image)| panel(image, pixel_size, beam, field, index == 0))
        .collect();
    let left = panels
        .iter()
        .map(|(panel, ..)| panel.margins().left)
        .fold(0.0, f64::max)
        + 6.0;
    let count = images.len() as f64;
    let title = images.iter().map(|i| i.title.as_str());
    let mut scene = Scene::new(
        left + count * SIDE + (count - 1.0) * GAP + 14.0,
        TOP + SIDE + 44.0,
        &title.collect::<Vec<_>>().join(", "),
    );
    for (index, ((panel, map, range), image)) in panels.iter().zip(images).enumerate() {
        let x = left + index as f64 * (SIDE + GAP);
        panel.draw(&mut scene, Rect::new(x, TOP, SIDE, SIDE), left - 3.0);
        let bar = Rect::new(x, TOP - 14.0, SIDE, 8.0);
        draw_color_bar(&mut scene, bar, *map, *range, &image.quantity);
        scene.text(
            &image.title,
            (x + SIDE / 2.0, 18.0),
            LABEL_SIZE,
            Anchor::Middle,
            Color::INK,
        );
    }
    Figure(scene)
}

fn panel(
    image: &SkyImage<'_>,
    (height, width): (f64, f64),
    beam: Option<Beam>,
    field: Option<f64>,
    first: bool,
) -> (Panel, ColorMap, (f64, f64)) {
    let (pixels, first_row, first_column) = crop(&image.pixels, (height, width), field);
    let (rows, columns) = pixels.dim();
    let (map, range) = colors(image.range, &pixels);
    // Outer edges of the cropped picture relative to the phase center.
    let east = ((image.pixels.ncols() / 2 - first_column) as f64 + 0.5) * width;
    let north = ((image.pixels.nrows() / 2 - first_row) as f64 + 0.5) * height;
    let west = east - columns as f64 * width;
    let south = north - rows as f64 * height;
    // Square panels, whatever the shape of the picture: the longer side fills the frame.
    let reach = (east - west).max(north - south) / 2.0;
    let (middle_x, middle_y) = ((east + west) / 2.0, (north + south) / 2.0);
    let y = Axis::linear("ΔDec [″]").with_range(middle_y - reach, middle_y + reach);
    let mut panel = Panel::new(
        Axis::linear("ΔRA [″]").with_range(middle_x + reach, middle_x - reach),
        if first { y } else { y.unlabelled() },
    );
    // Tick labels of neighbours must not meet.
    panel.overhang = GAP / 2.0 - 2.0;
    let dark = map == ColorMap::Inferno;
    panel.tick_color = if dark { Color::WHITE } else { Color::INK };
    panel.mark(Mark::Picture {
        corners: [(east, north), (west, south)],
        rows,
        columns,
        pixels: pixels
            .iter()
            .map(|&value| map.at((value - range.0) / (range.1 - range.0)))
            .collect(),
    });
    if let Some(beam) = beam {
        let color = if dark { Color::WHITE } else { Color::INK };
        let corner = 0.86 * reach;
        panel.mark(Mark::Region {
            outlines: vec![ellipse(beam, (middle_x + corner, middle_y - corner))],
            fill: Some(color.with_opacity(0.35)),
            stroke: Some(Stroke::solid(color, 1.0)),
        });
    }
    (panel, map, range)
}

/// The middle of a picture about its phase center, with the indices of its first row and column.
fn crop<'a>(
    pixels: &ArrayView2<'a, f64>,
    (height, width): (f64, f64),
    field: Option<f64>,
) -> (ArrayView2<'a, f64>, usize, usize) {
    let Some(field) = field else {
        return (*pixels, 0, 0);
    };
    let span = |count: usize, size: f64| {
        let half = ((field / size / 2.0).ceil() as usize).max(1);
        let center = count / 2;
        (center.saturating_sub(half), (center + half).min(count))
    };
    let (rows, columns) = (span(pixels.nrows(), height), span(pixels.ncols(), width));
    let part = (*pixels).slice_move(ndarray::s![rows.0..rows.1, columns.0..columns.1]);
    (part, rows.0, columns.0)
}

fn colors(range: Range, pixels: &ArrayView2<'_, f64>) -> (ColorMap, (f64, f64)) {
    let finite = || pixels.iter().copied().filter(|value| value.is_finite());
    let low = finite().fold(f64::INFINITY, f64::min);
    let high = finite().fold(f64::NEG_INFINITY, f64::max);
    let (map, low, high) = match range {
        Range::Full => (ColorMap::Inferno, low, high),
        Range::Symmetric => {
            let largest = low.abs().max(high.abs());
            (ColorMap::BlueWhiteRed, -largest, largest)
        }
        Range::Fixed(low, high) => (ColorMap::Inferno, low, high),
    };
    // A picture of one value still needs a range that can be drawn.
    if low < high {
        (map, (low, high))
    } else {
        (map, (-1.0, 1.0))
    }
}

/// The half-maximum ellipse as (East, North) offsets about `center`.
fn ellipse(beam: Beam, center: (f64, f64)) -> Vec<(f64, f64)> {
    const CORNERS: u32 = 72;
    let (sin_pa, cos_pa) = beam.position_angle_rad.sin_cos();
    (0..CORNERS)
        .map(|i| {
            let (sin, cos) = (std::f64::consts::TAU * f64::from(i) / f64::from(CORNERS)).sin_cos();
            let (along, across) = (beam.major / 2.0 * cos, beam.minor / 2.0 * sin);
            (
                center.0 + along * sin_pa + across * cos_pa,
                center.1 + along * cos_pa - across * sin_pa,
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn a_beam_at_45_degrees_points_north_east() {
        let beam = Beam {
            major: 2.0,
            minor: 1.0,
            position_angle_rad: std::f64::consts::FRAC_PI_4,
        };
        let tip = ellipse(beam, (0.0, 0.0))[0];
        assert!((tip.0 - 0.5_f64.sqrt()).abs() < 1e-12 && (tip.1 - tip.0).abs() < 1e-12);
    }

    #[test]
    fn crops_keep_the_phase_center() {
        let pixels = Array2::<f64>::zeros((101, 64));
        let (part, row, column) = crop(&pixels.view(), (0.1, 0.1), Some(2.0));
        assert_eq!((part.dim(), row, column), ((20, 20), 40, 22));
        let (all, row, _) = crop(&pixels.view(), (0.1, 0.1), Some(1e9));
        assert_eq!((all.dim(), row), ((101, 64), 0));
    }

    #[test]
    fn constant_pictures_have_a_range() {
        let flat = Array2::<f64>::zeros((4, 4));
        assert_eq!(colors(Range::Full, &flat.view()).1, (-1.0, 1.0));
        let signed = ndarray::arr2(&[[-3.0, 1.0]]);
        assert_eq!(colors(Range::Symmetric, &signed.view()).1, (-3.0, 3.0));
    }
}
