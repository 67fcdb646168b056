//! Pulse phase against time or energy, as a picture of two cycles.

use ndarray::ArrayView2;

use crate::plot::Figure;
use crate::plot::color::{Color, ColorMap};
use crate::plot::panel::{Axis, Mark, Panel, Sample, draw_color_bar};
use crate::plot::scene::{Rect, Scene, Stroke};

/// A picture of phase against something else.
#[derive(Clone, Debug)]
pub(crate) struct PhasePicture<'a> {
    pub(crate) title: String,
    /// `[rows, phases]`, NaN where there was no exposure.
    pub(crate) values: ArrayView2<'a, f64>,
    /// Name and unit of the values.
    pub(crate) quantity: String,
    /// The axis of the rows, and its ends at the first and after the last.
    pub(crate) rows: Axis,
    pub(crate) ends: (f64, f64),
    /// Curves of (phase, row coordinate), unwrapped, with their names.
    pub(crate) drifts: Vec<(String, Vec<(f64, f64)>)>,
}

/// The picture with its color bar; curves are drawn in both cycles.
pub(crate) fn phase_picture(picture: &PhasePicture<'_>) -> Figure {
    const CYCLES: usize = 2;
    let (rows, bins) = picture.values.dim();
    let finite = || picture.values.iter().copied().filter(|x| x.is_finite());
    let low = finite().fold(f64::INFINITY, f64::min);
    let high = finite().fold(f64::NEG_INFINITY, f64::max);
    let range = if low < high { (low, high) } else { (0.0, 1.0) };
    let color = |value: f64| ColorMap::Inferno.at((value - range.0) / (range.1 - range.0));
    // The first row lies at the bottom.
    let pixels = (0..rows)
        .rev()
        .flat_map(|row| (0..CYCLES * bins).map(move |column| (row, column % bins)));
    let (first, last) = picture.ends;
    let mut panel = Panel::new(
        Axis::linear("Pulse phase").with_range(0.0, CYCLES as f64),
        picture.rows.clone().with_range(first, last),
    );
    panel.tick_color = Color::WHITE;
    panel.mark(Mark::Picture {
        corners: [(0.0, last), (CYCLES as f64, first)],
        rows,
        columns: CYCLES * bins,
        pixels: pixels.map(|place| color(picture.values[place])).collect(),
    });
    for ((label, points), &color) in picture
        .drifts
        .iter()
        .zip([Color::TEAL, Color::WHITE].iter().cycle())
    {
        let stroke = Stroke::dashed(color, 1.6);
        panel.entry(Sample::Line(stroke.clone()), label);
        for points in wrapped(points, CYCLES as f64) {
            panel.mark(Mark::Line {
                points,
                stroke: stroke.clone(),
            });
        }
    }
    let left = panel.margins().left + 6.0;
    let mut scene = Scene::new(520.0, 470.0, &picture.title);
    let width = scene.width - left - 18.0;
    panel.draw(&mut scene, Rect::new(left, 52.0, width, 370.0), left - 3.0);
    let bar = Rect::new(left, 38.0, width, 8.0);
    draw_color_bar(&mut scene, bar, ColorMap::Inferno, range, &picture.quantity);
    Figure(scene)
}

/// The parts of a curve within [0, cycles) of all its copies shifted by whole turns.
fn wrapped(points: &[(f64, f64)], cycles: f64) -> Vec<Vec<(f64, f64)>> {
    let phases = points.iter().map(|p| p.0).filter(|x| x.is_finite());
    let low = phases.clone().fold(f64::INFINITY, f64::min).floor();
    let high = phases.fold(f64::NEG_INFINITY, f64::max).floor();
    /// A curve that winds more often cannot be followed by eye.
    const MOST_TURNS: f64 = 60.0;
    if !(0.0..=MOST_TURNS).contains(&(high - low)) {
        return Vec::new();
    }
    let shifts = -(high as i64)..=(cycles - low) as i64;
    let shifted = |turns: i64| {
        let place = |&(x, y): &(f64, f64)| {
            let x = x + turns as f64;
            let inside = (0.0..=cycles).contains(&x);
            (if inside { x } else { f64::NAN }, y)
        };
        points.iter().map(place).collect::<Vec<_>>()
    };
    let visible =
        |line: &Vec<(f64, f64)>| line.iter().filter(|point| point.0.is_finite()).count() > 1;
    shifts.map(shifted).filter(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn curves_are_drawn_in_every_cycle() {
        let line = [(0.2, 0.0), (0.3, 1.0)];
        let drawn = wrapped(&line, 2.0);
        let starts: Vec<f64> = drawn.iter().map(|line| line[0].0).collect();
        assert_eq!(drawn.len(), 2);
        assert!(starts.iter().any(|x| (x - 0.2).abs() < 1e-12));
        assert!(starts.iter().any(|x| (x - 1.2).abs() < 1e-12));
        // One that drifts by a turn leaves at one side and comes back at the other.
        let drift: Vec<(f64, f64)> = (0..=20)
            .map(|k| (0.9 + 0.05 * f64::from(k), f64::from(k)))
            .collect();
        let covered = wrapped(&drift, 2.0);
        let at_end = covered.iter().filter(|line| line[20].0.is_finite()).count();
        assert_eq!(at_end, 2);
    }

    #[test]
    fn the_picture_has_its_pixels_and_labels() {
        let mut values = Array2::from_elem((3, 4), 1.0);
        values[[0, 0]] = f64::NAN;
        values[[2, 3]] = 5.0;
        let picture = PhasePicture {
            title: "Phaseogram".to_owned(),
            values: values.view(),
            quantity: "Rate [count/s]".to_owned(),
            rows: Axis::linear("Time [s]"),
            ends: (0.0, 30.0),
            drifts: vec![("drift".to_owned(), vec![(0.1, 0.0), (0.4, 30.0)])],
        };
        let svg = phase_picture(&picture).svg().unwrap();
        assert!(svg.contains("<svg") && svg.contains("Phaseogram"));
    }
}
