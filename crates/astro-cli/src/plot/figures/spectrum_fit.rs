//! A fitted spectrum: data, model and its components, and what the model leaves.

use crate::plot::Figure;
use crate::plot::color::Color;
use crate::plot::panel::{Axis, Mark, Panel, Sample};
use crate::plot::scene::{Rect, Scene, Stroke};

/// What was fitted and what came out.
#[derive(Clone, Debug, Default)]
pub(crate) struct FittedCurve {
    /// Name and unit of the powers.
    pub(crate) quantity: String,
    /// Hertz, of the powers that are shown (rebinned, say).
    pub(crate) frequency_hz: Vec<f64>,
    pub(crate) power: Vec<f64>,
    pub(crate) error: Vec<f64>,
    /// The model averaged over the same bins.
    pub(crate) expected: Vec<f64>,
    /// (frequency, power) along the model.
    pub(crate) model: Vec<(f64, f64)>,
    /// The same of each component, with its name.
    pub(crate) components: Vec<(String, Vec<(f64, f64)>)>,
}

/// Two panels with one logarithmic frequency axis: powers with the model above, data over model below.
pub(crate) fn spectrum_fit(fit: &FittedCurve) -> Figure {
    let low = fit
        .frequency_hz
        .iter()
        .copied()
        .fold(f64::INFINITY, f64::min);
    let high = fit.frequency_hz.iter().copied().fold(0.0, f64::max);
    let range = if low < high {
        (0.97 * low, 1.03 * high)
    } else if high > 0.0 {
        (0.5 * high, 2.0 * high)
    } else {
        // Nothing to show.
        (1.0, 10.0)
    };
    let frequency = || Axis::logarithmic("Frequency [Hz]").with_range(range.0, range.1);
    let lowest = lowest_shown(fit);
    let highest = fit
        .power
        .iter()
        .zip(&fit.error)
        .map(|(p, e)| p + e)
        .fold(lowest * 1.1, f64::max);
    let y = Axis::logarithmic(&fit.quantity).with_range(0.85 * lowest, 1.3 * highest);
    let mut above = Panel::new(frequency().unlabelled(), y);
    let mut below = Panel::new(frequency(), Axis::linear("Data / model").with_ticks(3));
    let points = |y: Vec<f64>| fit.frequency_hz.iter().copied().zip(y).collect::<Vec<_>>();
    above.entry(Sample::Point(Color::BLUE), "data");
    above.mark(Mark::Points {
        points: points(fit.power.clone()),
        error: fit.error.clone(),
        radius: 1.7,
        color: Color::BLUE,
    });
    let colors = [Color::TEAL, Color::PURPLE, Color::RED];
    for ((label, line), &color) in fit.components.iter().zip(colors.iter().cycle()) {
        let stroke = Stroke::dashed(color, 1.3);
        above.entry(Sample::Line(stroke.clone()), label);
        above.mark(Mark::Line {
            points: line.clone(),
            stroke,
        });
    }
    let stroke = Stroke::solid(Color::ORANGE, 1.8);
    above.entry(Sample::Line(stroke.clone()), "model");
    above.mark(Mark::Line {
        points: fit.model.clone(),
        stroke,
    });
    below.mark(Mark::Horizontal {
        y: 1.0,
        stroke: Stroke::dashed(Color::GREY, 0.9),
    });
    let ratio = |values: &[f64]| -> Vec<f64> {
        values
            .iter()
            .zip(&fit.expected)
            .map(|(x, m)| x / m)
            .collect()
    };
    below.mark(Mark::Points {
        points: points(ratio(&fit.power)),
        error: ratio(&fit.error),
        radius: 1.7,
        color: Color::BLUE,
    });
    let left = above.margins().left.max(below.margins().left) + 6.0;
    let mut scene = Scene::new(580.0, 440.0, "Power spectrum, its model, and their ratio");
    let width = scene.width - left - 16.0;
    above.draw(&mut scene, Rect::new(left, 14.0, width, 260.0), left - 3.0);
    below.draw(&mut scene, Rect::new(left, 282.0, width, 116.0), left - 3.0);
    Figure(scene)
}

/// Powers below this would stretch the axis without saying more: a fifth of the lowest of the model.
fn lowest_shown(fit: &FittedCurve) -> f64 {
    let positive = |value: &f64| *value > 0.0 && value.is_finite();
    let model = fit
        .model
        .iter()
        .map(|p| p.1)
        .filter(positive)
        .fold(f64::INFINITY, f64::min);
    let data = fit
        .power
        .iter()
        .copied()
        .filter(positive)
        .fold(f64::INFINITY, f64::min);
    let lowest = data.max(0.2 * model).min(model);
    if lowest.is_finite() { lowest } else { 1e-3 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figure_names_its_components() {
        let fit = FittedCurve {
            quantity: "Power (Leahy)".to_owned(),
            frequency_hz: vec![1.0, 2.0, 4.0],
            power: vec![3.0, 5.0, 2.0],
            error: vec![0.3, 0.5, 0.2],
            expected: vec![2.9, 5.1, 2.1],
            model: vec![(1.0, 2.9), (2.0, 5.1), (4.0, 2.1)],
            components: vec![(
                "lorentzian".to_owned(),
                vec![(1.0, 0.9), (2.0, 3.1), (4.0, 0.1)],
            )],
        };
        assert!((lowest_shown(&fit) - 2.0).abs() < 1e-12);
        assert!(spectrum_fit(&fit).svg().unwrap().contains("<svg"));
        assert!(spectrum_fit(&FittedCurve::default()).svg().is_ok());
    }
}
