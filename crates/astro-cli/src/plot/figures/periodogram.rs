//! A statistic against trial frequency, with what stands out.

use crate::plot::Figure;
use crate::plot::color::Color;
use crate::plot::panel::{Axis, Mark, Panel, Sample};
use crate::plot::scene::{Rect, Scene, Stroke};

/// What a search found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Periodogram {
    /// Trial frequencies, hertz.
    pub(crate) frequency_hz: Vec<f64>,
    pub(crate) statistic: Vec<f64>,
    /// Name of the statistic.
    pub(crate) quantity: String,
    /// (frequency, statistic) of the candidates, the best first.
    pub(crate) candidates: Vec<(f64, f64)>,
    /// The statistic that noise exceeds anywhere with a stated probability, and its name.
    pub(crate) level: Option<(f64, String)>,
}

/// Points beyond this many are drawn as the envelope of their neighbours.
const COLUMNS: usize = 1500;

/// The periodogram with candidates as dots and the detection level dashed.
pub(crate) fn periodogram(found: &Periodogram) -> Figure {
    let frequencies = found.frequency_hz.iter().copied();
    let low = frequencies.clone().fold(f64::INFINITY, f64::min);
    let high = frequencies.fold(f64::NEG_INFINITY, f64::max);
    let x = Axis::linear("Frequency [Hz]");
    let x = if low < high {
        x.with_range(low, high)
    } else {
        x
    };
    let mut panel = Panel::new(x, Axis::linear(&found.quantity));
    panel.mark(Mark::Line {
        points: envelope(&found.frequency_hz, &found.statistic),
        stroke: Stroke::solid(Color::BLUE, 1.0),
    });
    if let Some((level, label)) = &found.level {
        let stroke = Stroke::dashed(Color::GREY, 1.2);
        panel.entry(Sample::Line(stroke.clone()), label);
        panel.mark(Mark::Line {
            points: vec![(low, *level), (high, *level)],
            stroke,
        });
    }
    if !found.candidates.is_empty() {
        panel.entry(Sample::Point(Color::ORANGE), "candidates");
        panel.mark(Mark::Points {
            points: found.candidates.clone(),
            error: Vec::new(),
            radius: 3.0,
            color: Color::ORANGE,
        });
    }
    let left = panel.margins().left + 6.0;
    let mut scene = Scene::new(600.0, 340.0, "Statistic against trial frequency");
    let width = scene.width - left - 16.0;
    panel.draw(&mut scene, Rect::new(left, 14.0, width, 278.0), left - 3.0);
    Figure(scene)
}

/// All points, or lowest and highest of equal groups of them in their order.
fn envelope(x: &[f64], y: &[f64]) -> Vec<(f64, f64)> {
    let points: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
    let group = points.len().div_ceil(COLUMNS);
    if group < 3 {
        return points;
    }
    let mut drawn = Vec::new();
    for part in points.chunks(group) {
        let by = |best: fn(f64, f64) -> bool| {
            (1..part.len()).fold(0, |a, b| if best(part[b].1, part[a].1) { b } else { a })
        };
        let (low, high) = (by(|a, b| a < b), by(|a, b| a > b));
        drawn.push(part[low.min(high)]);
        drawn.push(part[low.max(high)]);
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_survive_thinning() {
        let n = 100_000;
        let x: Vec<f64> = (0..n).map(f64::from).collect();
        let mut y = vec![1.0; x.len()];
        y[77_777] = 50.0;
        let drawn = envelope(&x, &y);
        assert!(drawn.len() <= 2 * COLUMNS && drawn.contains(&(77_777.0, 50.0)));
        assert!(drawn.is_sorted_by(|a, b| a.0 <= b.0));
        assert_eq!(envelope(&x[..9], &y[..9]).len(), 9);
    }
}
