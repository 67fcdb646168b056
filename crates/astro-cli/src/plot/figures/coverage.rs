//! The points of the uv plane that the data sample.

use crate::plot::Figure;
use crate::plot::color::Color;
use crate::plot::panel::{Axis, Mark, Panel, Sample};
use crate::plot::scene::{Rect, Scene};

/// Points and their mirror images in kilowavelengths, East (u) to the left.
pub(crate) fn coverage(sets: &[(String, Vec<(f64, f64)>)]) -> Figure {
    let reach = 1.05
        * sets
            .iter()
            .flat_map(|(_, points)| points)
            .fold(0.0_f64, |a, (u, v)| a.max(u.abs()).max(v.abs()));
    let mut panel = Panel::new(
        Axis::linear("*u*  [kλ]").with_range(reach, -reach),
        Axis::linear("*v*  [kλ]").with_range(-reach, reach),
    );
    for ((label, points), &color) in sets.iter().zip(Color::CYCLE.iter().cycle()) {
        let both = points.iter().flat_map(|&(u, v)| [(u, v), (-u, -v)]);
        panel.mark(Mark::Points {
            points: both.collect(),
            error: Vec::new(),
            radius: if points.len() > 3000 { 0.55 } else { 1.0 },
            color,
        });
        if sets.len() > 1 {
            panel.entry(Sample::Patch(color), label);
        }
    }
    let left = panel.margins().left + 6.0;
    let mut scene = Scene::new(left + 374.0, 430.0, "Coverage of the uv plane");
    panel.draw(&mut scene, Rect::new(left, 14.0, 360.0, 360.0), left - 3.0);
    Figure(scene)
}
