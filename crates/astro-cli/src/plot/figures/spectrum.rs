//! Quantities against frequency, energy or time: steps with error bars.

use crate::plot::Figure;
use crate::plot::color::Color;
use crate::plot::panel::{Axis, Mark, Panel, Sample};
use crate::plot::scene::{Rect, Scene, Stroke};

/// Beyond this many bins a figure shows steps without error bars: bars would cover all.
const BARS_SHOWN: usize = 400;

/// One quantity in bins.
#[derive(Clone, Debug, Default)]
pub(crate) struct BinnedCurve {
    /// Name for the legend; empty for none.
    pub(crate) label: String,
    /// Middle of each bin.
    pub(crate) x: Vec<f64>,
    /// Width of each bin; empty for points without width.
    pub(crate) width: Vec<f64>,
    pub(crate) y: Vec<f64>,
    /// Standard deviations; empty for none.
    pub(crate) error: Vec<f64>,
}

/// One panel of curves.
#[derive(Clone, Debug)]
pub(crate) struct SpectrumPanel {
    pub(crate) y: Axis,
    pub(crate) curves: Vec<BinnedCurve>,
    /// A level to be compared with, such as noise, and its name.
    pub(crate) level: Option<(f64, String)>,
}

/// Panels above each other with one x axis, the last of them labelled.
pub(crate) fn spectrum(title: &str, x: &Axis, panels: &[SpectrumPanel]) -> Figure {
    let height = if panels.len() == 1 { 300.0 } else { 190.0 };
    const GAP: f64 = 10.0;
    let x = Axis {
        range: x.range.or_else(|| Some(x_range(x, panels))),
        ..x.clone()
    };
    let count = panels.len();
    let drawn: Vec<Panel> = panels
        .iter()
        .enumerate()
        .map(|(index, panel)| draw(panel, &x, index + 1 == count))
        .collect();
    let left = drawn.iter().map(|p| p.margins().left).fold(0.0, f64::max) + 6.0;
    let all = count as f64 * (height + GAP);
    let mut scene = Scene::new(540.0, 28.0 + all + 34.0, title);
    let width = scene.width - left - 16.0;
    for (index, panel) in drawn.iter().enumerate() {
        let top = 26.0 + (height + GAP) * index as f64;
        panel.draw(&mut scene, Rect::new(left, top, width, height), left - 3.0);
    }
    scene.text(
        title,
        (left + width / 2.0, 17.0),
        crate::plot::panel::LABEL_SIZE,
        crate::plot::scene::Anchor::Middle,
        Color::INK,
    );
    Figure(scene)
}

/// From the first edge of a bin to the last.
fn x_range(axis: &Axis, panels: &[SpectrumPanel]) -> (f64, f64) {
    let curves = panels.iter().flat_map(|panel| &panel.curves);
    let edges = curves.flat_map(|curve| {
        let half = |bin: usize| 0.5 * curve.width.get(bin).copied().unwrap_or(0.0);
        let bins = curve.x.iter().enumerate();
        bins.flat_map(move |(bin, &x)| [x - half(bin), x + half(bin)])
    });
    crate::plot::scale::range_of(edges, axis.spacing, 0.02)
}

fn draw(panel: &SpectrumPanel, x: &Axis, last: bool) -> Panel {
    let x = if last {
        x.clone()
    } else {
        x.clone().unlabelled()
    };
    let mut drawn = Panel::new(x, panel.y.clone());
    if let Some((level, label)) = &panel.level {
        let stroke = Stroke::dashed(Color::GREY, 1.2);
        if !label.is_empty() {
            drawn.entry(Sample::Line(stroke.clone()), label);
        }
        drawn.mark(Mark::Horizontal { y: *level, stroke });
    }
    for (curve, &color) in panel.curves.iter().zip(Color::CYCLE.iter().cycle()) {
        if !curve.label.is_empty() {
            drawn.entry(Sample::Point(color), &curve.label);
        }
        for points in steps(curve) {
            drawn.mark(Mark::Line {
                points,
                stroke: Stroke::solid(color, 1.2),
            });
        }
        let bars = curve.x.len() <= BARS_SHOWN;
        if bars || curve.width.is_empty() {
            let points = curve.x.iter().copied().zip(curve.y.iter().copied());
            drawn.mark(Mark::Points {
                points: points.collect(),
                error: if bars {
                    curve.error.clone()
                } else {
                    Vec::new()
                },
                radius: if curve.width.is_empty() { 1.8 } else { 0.6 },
                color,
            });
        }
    }
    drawn
}

/// The outline of runs of neighbouring bins.
fn steps(curve: &BinnedCurve) -> Vec<Vec<(f64, f64)>> {
    let mut runs: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut end = f64::NEG_INFINITY;
    for ((&x, &width), &y) in curve.x.iter().zip(&curve.width).zip(&curve.y) {
        let (from, to) = (x - 0.5 * width, x + 0.5 * width);
        if !y.is_finite() {
            end = f64::NEG_INFINITY;
            continue;
        }
        let corners = [(from, y), (to, y)];
        match runs.last_mut().filter(|_| from - end < 0.5 * width) {
            Some(run) => run.extend(corners),
            None => runs.push(corners.to_vec()),
        }
        end = to;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_missing_values_part_the_steps() {
        let curve = BinnedCurve {
            x: vec![1.0, 2.0, 3.0, 6.0],
            width: vec![1.0; 4],
            y: vec![1.0, 2.0, f64::NAN, 4.0],
            ..BinnedCurve::default()
        };
        let runs = steps(&curve);
        assert_eq!(runs.len(), 2);
        assert_eq!(runs[0], [(0.5, 1.0), (1.5, 1.0), (1.5, 2.0), (2.5, 2.0)]);
    }

    #[test]
    fn one_x_axis_holds_all_panels() {
        let panel = |x: f64| SpectrumPanel {
            y: Axis::logarithmic("Power"),
            curves: vec![BinnedCurve {
                x: vec![x],
                width: vec![x],
                y: vec![1.0],
                ..BinnedCurve::default()
            }],
            level: Some((2.0, "noise".to_owned())),
        };
        let panels = [panel(1.0), panel(64.0)];
        let (low, high) = x_range(&Axis::logarithmic("x"), &panels);
        assert!(low < 0.5 && high > 96.0);
        let svg = spectrum("Test", &Axis::logarithmic("x"), &panels)
            .svg()
            .unwrap();
        assert!(svg.contains("<svg"));
    }
}
