//! Real and imaginary parts against the deprojected baseline.

use crate::plot::Figure;
use crate::plot::color::Color;
use crate::plot::panel::{Axis, Mark, Panel, Sample};
use crate::plot::scene::{Rect, Scene, Stroke};

/// Averaged visibilities of one data set, and a model of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct UvSeries {
    /// Name for the legend.
    pub(crate) label: String,
    /// Deprojected baseline, kilowavelengths, of each bin.
    pub(crate) baseline: Vec<f64>,
    pub(crate) real: Vec<f64>,
    pub(crate) imaginary: Vec<f64>,
    /// Standard error of each part.
    pub(crate) error: Vec<f64>,
    /// (baseline, real, imaginary) along the model's curve; may be empty.
    pub(crate) model: Vec<(f64, f64, f64)>,
}

/// Two panels with one baseline axis: Re V above, Im V below.
///
/// `unit` is that of the visibilities, such as "mJy".
pub(crate) fn uv_plot(series: &[UvSeries], unit: &str) -> Figure {
    let longest = series
        .iter()
        .flat_map(|s| s.baseline.iter().chain(s.model.iter().map(|(b, _, _)| b)))
        .fold(0.0_f64, |a, &b| a.max(b));
    let baseline = || Axis::linear("Deprojected baseline [kλ]").with_range(0.0, 1.03 * longest);
    let mut real = Panel::new(
        baseline().unlabelled(),
        Axis::linear(&format!("Re *V*  [{unit}]")),
    );
    let mut imaginary = Panel::new(
        baseline(),
        Axis::linear(&format!("Im *V*  [{unit}]")).with_ticks(3),
    );
    for panel in [&mut real, &mut imaginary] {
        panel.mark(Mark::Horizontal {
            y: 0.0,
            stroke: Stroke::dashed(Color::GREY, 0.8),
        });
    }
    for (one, &color) in series.iter().zip(Color::CYCLE.iter().cycle()) {
        let curve = match series.len() {
            1 => Color::ORANGE,
            _ => color.mix(Color::INK, 0.35),
        };
        let stroke = Stroke::solid(curve, 1.8);
        let model = |part: fn(&(f64, f64, f64)) -> f64| Mark::Line {
            points: one.model.iter().map(|m| (m.0, part(m))).collect(),
            stroke: stroke.clone(),
        };
        let data = |values: &[f64]| Mark::Points {
            points: pairs(&one.baseline, values),
            error: one.error.clone(),
            radius: 2.2,
            color,
        };
        real.mark(data(&one.real));
        imaginary.mark(data(&one.imaginary));
        real.entry(Sample::Point(color), &one.label);
        if !one.model.is_empty() {
            real.mark(model(|m| m.1));
            imaginary.mark(model(|m| m.2));
            let label = match series.len() {
                1 => "model".to_owned(),
                _ => format!("model of {}", one.label),
            };
            real.entry(Sample::Line(stroke.clone()), &label);
        }
    }
    let left = real.margins().left.max(imaginary.margins().left) + 6.0;
    let mut scene = Scene::new(
        560.0,
        430.0,
        "Real and imaginary part of the visibilities against deprojected baseline",
    );
    let width = scene.width - left - 14.0;
    real.draw(&mut scene, Rect::new(left, 14.0, width, 250.0), left - 3.0);
    imaginary.draw(&mut scene, Rect::new(left, 272.0, width, 116.0), left - 3.0);
    Figure(scene)
}

fn pairs(x: &[f64], y: &[f64]) -> Vec<(f64, f64)> {
    x.iter().copied().zip(y.iter().copied()).collect()
}
