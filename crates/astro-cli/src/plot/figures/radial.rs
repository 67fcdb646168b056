//! Brightness against radius.

use crate::plot::Figure;
use crate::plot::color::Color;
use crate::plot::panel::{Axis, Mark, Panel, Sample};
use crate::plot::scene::{Rect, Scene, Stroke};

/// One profile with its uncertainty.
#[derive(Clone, Debug, Default)]
pub(crate) struct RadialCurve {
    /// Name for the legend.
    pub(crate) label: String,
    /// Radius, arcsec.
    pub(crate) radius: Vec<f64>,
    /// Best or median brightness at each radius.
    pub(crate) brightness: Vec<f64>,
    /// Bands (low, high) at each radius from the widest to the narrowest; may be empty.
    pub(crate) bands: Vec<Vec<(f64, f64)>>,
}

/// Profiles with bands; `truth` is drawn dashed. `quantity` names the y axis with its unit.
///
/// The axis is logarithmic with at most `decades` decades where that is given.
pub(crate) fn radial_profile(
    curves: &[RadialCurve],
    truth: Option<&RadialCurve>,
    quantity: &str,
    decades: Option<f64>,
) -> Figure {
    let highest = curves
        .iter()
        .flat_map(|c| {
            let tops = c.bands.iter().flatten().map(|b| b.1);
            c.brightness.iter().copied().chain(tops)
        })
        .filter(|value| value.is_finite())
        .fold(0.0_f64, f64::max);
    let y = match decades {
        Some(decades) if highest > 0.0 => {
            Axis::logarithmic(quantity).with_range(highest * 10_f64.powf(-decades), 2.0 * highest)
        }
        _ => Axis::linear(quantity),
    };
    let outer = curves
        .iter()
        .flat_map(|c| c.radius.iter().copied())
        .fold(0.0, f64::max);
    let mut panel = Panel::new(Axis::linear("Radius [″]").with_range(0.0, outer), y);
    for (curve, &color) in curves.iter().zip(Color::CYCLE.iter().cycle()) {
        for (index, band) in curve.bands.iter().enumerate() {
            panel.mark(Mark::Band {
                points: curve
                    .radius
                    .iter()
                    .zip(band)
                    .map(|(&r, &(low, high))| (r, low, high))
                    .collect(),
                color: color.with_opacity(0.18 + 0.14 * index as f32),
            });
        }
        let stroke = Stroke::solid(color, 1.8);
        panel.entry(Sample::Line(stroke.clone()), &curve.label);
        panel.mark(line(curve, stroke));
    }
    if let Some(truth) = truth {
        let stroke = Stroke::dashed(Color::ORANGE, 1.8);
        panel.entry(Sample::Line(stroke.clone()), &truth.label);
        panel.mark(line(truth, stroke));
    }
    let left = panel.margins().left + 6.0;
    let mut scene = Scene::new(520.0, 350.0, "Radial brightness profile");
    let width = scene.width - left - 14.0;
    panel.draw(&mut scene, Rect::new(left, 14.0, width, 286.0), left - 3.0);
    Figure(scene)
}

fn line(curve: &RadialCurve, stroke: Stroke) -> Mark {
    let radius = curve.radius.iter().copied();
    Mark::Line {
        points: radius.zip(curve.brightness.iter().copied()).collect(),
        stroke,
    }
}
