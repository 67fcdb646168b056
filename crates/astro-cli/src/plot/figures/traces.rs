//! Every walker's path through the steps of an ensemble.

use crate::plot::Figure;
use crate::plot::color::Color;
use crate::plot::panel::{Axis, Mark, Panel};
use crate::plot::scene::{Rect, Scene, Stroke};

/// The paths of one parameter.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    /// Name and unit.
    pub(crate) label: String,
    /// One path a walker: its value at every step.
    pub(crate) walkers: Vec<Vec<f64>>,
}

/// More walkers or steps than these cannot be told apart in print.
const WALKERS_SHOWN: usize = 24;
const STEPS_SHOWN: usize = 500;

/// One panel a parameter; the steps before `kept_from` were not used and are greyed.
pub(crate) fn traces(parameters: &[Trace], kept_from: usize) -> Figure {
    const HEIGHT: f64 = 78.0;
    let count = parameters.len();
    let panels: Vec<Panel> = parameters
        .iter()
        .enumerate()
        .map(|(index, trace)| panel(trace, kept_from, index + 1 == count))
        .collect();
    let left = panels.iter().map(|p| p.margins().left).fold(0.0, f64::max) + 6.0;
    let mut scene = Scene::new(
        620.0,
        14.0 + (HEIGHT + 6.0) * count as f64 + 38.0,
        "Paths of the ensemble's walkers",
    );
    let width = scene.width - left - 14.0;
    for (index, panel) in panels.iter().enumerate() {
        let top = 14.0 + (HEIGHT + 6.0) * index as f64;
        panel.draw(&mut scene, Rect::new(left, top, width, HEIGHT), left - 3.0);
    }
    Figure(scene)
}

fn panel(trace: &Trace, kept_from: usize, last: bool) -> Panel {
    let steps = trace.walkers.iter().map(Vec::len).max().unwrap_or(0);
    let x = Axis::linear("Step").with_range(0.0, steps.max(1) as f64);
    let x = if last { x } else { x.unlabelled() };
    let mut panel = Panel::new(x, Axis::linear(&trace.label).with_ticks(3));
    let stride = steps.div_ceil(STEPS_SHOWN).max(1);
    for walker in trace.walkers.iter().take(WALKERS_SHOWN) {
        let path: Vec<(f64, f64)> = walker
            .iter()
            .enumerate()
            .step_by(stride)
            .map(|(step, &value)| (step as f64, value))
            .collect();
        let border = path.partition_point(|&(step, _)| step < kept_from as f64);
        panel.mark(Mark::Line {
            points: path[..(border + 1).min(path.len())].to_vec(),
            stroke: Stroke::solid(Color::GREY.with_opacity(0.45), 0.6),
        });
        panel.mark(Mark::Line {
            points: path[border..].to_vec(),
            stroke: Stroke::solid(Color::BLUE.with_opacity(0.40), 0.6),
        });
    }
    if kept_from > 0 && kept_from < steps {
        panel.mark(Mark::Vertical {
            x: kept_from as f64,
            stroke: Stroke::dashed(Color::ORANGE, 1.2),
        });
    }
    panel
}
