//! One set of axes with marks in it, drawn into a rectangle of a scene.

use super::color::{Color, ColorMap};
use super::scale::{Spacing, Tick, range_of};
use super::scene::{Anchor, Item, Rect, Scene, Segment, Stroke, polygon, rectangle};
use super::text;
use super::tick_labels::side_by_side;

/// Font size of axis labels and titles, points.
pub(crate) const LABEL_SIZE: f64 = 11.5;
/// Font size of tick labels and legends, points.
pub(crate) const TICK_SIZE: f64 = 10.0;
const MAJOR_TICK: f64 = 5.0;
const MINOR_TICK: f64 = 2.5;
const FRAME_WIDTH: f64 = 0.9;

/// One axis: what it shows, how, and over which range.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub(crate) label: String,
    pub(crate) spacing: Spacing,
    /// From the left or bottom end to the other; the first may be the larger.
    pub(crate) range: Option<(f64, f64)>,
    /// Whether tick labels and the axis label are written.
    pub(crate) labelled: bool,
    /// About how many ticks carry a label.
    pub(crate) tick_count: usize,
}

impl Axis {
    pub(crate) fn linear(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            spacing: Spacing::Linear,
            range: None,
            labelled: true,
            tick_count: 5,
        }
    }

    pub(crate) fn logarithmic(label: &str) -> Self {
        Self {
            spacing: Spacing::Logarithmic,
            ..Self::linear(label)
        }
    }

    pub(crate) fn with_range(self, from: f64, to: f64) -> Self {
        Self {
            range: Some((from, to)),
            ..self
        }
    }

    pub(crate) fn with_ticks(self, tick_count: usize) -> Self {
        Self { tick_count, ..self }
    }

    /// Without any writing, for an axis shared with a neighbour.
    pub(crate) fn unlabelled(self) -> Self {
        Self {
            labelled: false,
            ..self
        }
    }
}

/// Something drawn in data coordinates.
#[derive(Clone, Debug)]
pub(crate) enum Mark {
    Line {
        points: Vec<(f64, f64)>,
        stroke: Stroke,
    },
    /// Points with error bars of ±`error` along y where there are any.
    Points {
        points: Vec<(f64, f64)>,
        error: Vec<f64>,
        radius: f64,
        color: Color,
    },
    /// Between `low` and `high` at each x.
    Band {
        points: Vec<(f64, f64, f64)>,
        color: Color,
    },
    /// Closed outlines filled together by the even-odd rule.
    Region {
        outlines: Vec<Vec<(f64, f64)>>,
        fill: Option<Color>,
        stroke: Option<Stroke>,
    },
    /// A picture between two corners: (left, top) of the first row and column, (right, bottom).
    Picture {
        corners: [(f64, f64); 2],
        rows: usize,
        columns: usize,
        pixels: Vec<Color>,
    },
    Vertical {
        x: f64,
        stroke: Stroke,
    },
    Horizontal {
        y: f64,
        stroke: Stroke,
    },
}

/// How a legend entry is drawn.
#[derive(Clone, Debug)]
pub(crate) enum Sample {
    Line(Stroke),
    Point(Color),
    Patch(Color),
}

/// Axes and what is drawn in them, later marks over earlier ones.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) title: String,
    pub(crate) marks: Vec<Mark>,
    /// Shown in the upper right corner.
    pub(crate) legend: Vec<(Sample, String)>,
    /// Color of the frame's ticks; white reads better over dark pictures.
    pub(crate) tick_color: Color,
    /// How far a tick label may stick out sideways; one that would go further is left out.
    pub(crate) overhang: f64,
}

/// Room that tick labels and axis labels take outside the frame, points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Margins {
    pub(crate) left: f64,
    pub(crate) bottom: f64,
}

impl Panel {
    pub(crate) fn new(x: Axis, y: Axis) -> Self {
        Self {
            x,
            y,
            title: String::new(),
            marks: Vec::new(),
            legend: Vec::new(),
            tick_color: Color::INK,
            overhang: 16.0,
        }
    }

    pub(crate) fn mark(&mut self, mark: Mark) {
        self.marks.push(mark);
    }

    pub(crate) fn entry(&mut self, sample: Sample, label: &str) {
        self.legend.push((sample, label.to_owned()));
    }

    fn x_range(&self) -> (f64, f64) {
        self.x.range.unwrap_or_else(|| {
            let values = self.marks.iter().flat_map(|mark| extent(mark, 0));
            range_of(values, self.x.spacing, 0.03)
        })
    }

    fn y_range(&self) -> (f64, f64) {
        self.y.range.unwrap_or_else(|| {
            let values = self.marks.iter().flat_map(|mark| extent(mark, 1));
            range_of(values, self.y.spacing, 0.06)
        })
    }

    /// Room the labels need to the left of and below the frame.
    pub(crate) fn margins(&self) -> Margins {
        let mut margins = Margins::default();
        if self.y.labelled {
            let widest = ticks(&self.y, self.y_range())
                .0
                .iter()
                .filter_map(|tick| tick.label.as_deref())
                .map(|label| text::width(label, TICK_SIZE))
                .fold(0.0, f64::max);
            let label = if self.y.label.is_empty() { 0.0 } else { 20.0 };
            margins.left = widest + 7.0 + label;
        }
        if self.x.labelled {
            margins.bottom = if self.x.label.is_empty() { 18.0 } else { 36.0 };
        }
        margins
    }

    /// Draws the panel with its frame at `place`; labels go outside it, that of
    /// the y axis `left` points from the frame.
    pub(crate) fn draw(&self, scene: &mut Scene, place: Rect, left: f64) {
        let map = Map {
            place,
            x: (self.x.spacing, self.x_range()),
            y: (self.y.spacing, self.y_range()),
        };
        for mark in &self.marks {
            draw_mark(scene, mark, &map);
        }
        self.draw_axes(scene, &map, left);
        self.draw_legend(scene, place);
    }

    fn draw_axes(&self, scene: &mut Scene, map: &Map, left: f64) {
        let place = map.place;
        let (x_ticks, x_exponent) = ticks(&self.x, map.x.1);
        let (y_ticks, y_exponent) = ticks(&self.y, map.y.1);
        let mut strokes = Vec::new();
        for tick in &x_ticks {
            let length = tick_length(tick);
            let x = map.x(tick.value);
            strokes.extend(segment((x, place.bottom()), (x, place.bottom() - length)));
            strokes.extend(segment((x, place.y), (x, place.y + length)));
        }
        if self.x.labelled {
            let y = place.bottom() + TICK_SIZE + 5.0;
            let written = x_ticks.iter().filter_map(|tick| {
                let label = tick.label.as_deref()?;
                Some((map.x(tick.value), label))
            });
            let frame = (place.x - self.overhang, place.right() + self.overhang);
            for (x, label) in side_by_side(written.collect(), frame) {
                scene.text(label, (x, y), TICK_SIZE, Anchor::Middle, Color::INK);
            }
        }
        for tick in &y_ticks {
            let length = tick_length(tick);
            let y = map.y(tick.value);
            strokes.extend(segment((place.x, y), (place.x + length, y)));
            strokes.extend(segment((place.right(), y), (place.right() - length, y)));
            if let Some(label) = tick.label.as_deref().filter(|_| self.y.labelled) {
                let at = (place.x - 6.0, y + 0.36 * TICK_SIZE);
                scene.text(label, at, TICK_SIZE, Anchor::End, Color::INK);
            }
        }
        scene.items.push(Item::Path {
            segments: strokes,
            fill: None,
            stroke: Some(Stroke::solid(self.tick_color, FRAME_WIDTH)),
            clip: None,
        });
        scene.items.push(Item::Path {
            segments: rectangle(place),
            fill: None,
            stroke: Some(Stroke::solid(Color::INK, FRAME_WIDTH)),
            clip: None,
        });
        let middle = place.x + place.width / 2.0;
        if self.x.labelled {
            let label = with_exponent(&self.x.label, x_exponent);
            let at = (middle, place.bottom() + TICK_SIZE + LABEL_SIZE + 10.0);
            scene.text(&label, at, LABEL_SIZE, Anchor::Middle, Color::INK);
        }
        if self.y.labelled {
            let label = with_exponent(&self.y.label, y_exponent);
            let at = (place.x - left + LABEL_SIZE, place.y + place.height / 2.0);
            scene.text_upwards(&label, at, LABEL_SIZE, Color::INK);
        }
        let at = (middle, place.y - 7.0);
        scene.text(&self.title, at, LABEL_SIZE, Anchor::Middle, Color::INK);
    }

    fn draw_legend(&self, scene: &mut Scene, place: Rect) {
        if self.legend.is_empty() {
            return;
        }
        const LINE: f64 = 15.5;
        const SAMPLE: f64 = 22.0;
        let widest = self
            .legend
            .iter()
            .map(|(_, label)| text::width(label, TICK_SIZE))
            .fold(0.0, f64::max);
        let width = widest + SAMPLE + 18.0;
        let height = LINE * self.legend.len() as f64 + 6.0;
        let x = place.right() - width - 10.0;
        let y = place.y + 10.0;
        let box_place = Rect::new(x, y, width, height);
        scene.fill(rectangle(box_place), Color::WHITE.with_opacity(0.85), None);
        for (index, (sample, label)) in self.legend.iter().enumerate() {
            let middle = y + 3.0 + LINE * (index as f64 + 0.5);
            let from = x + 6.0;
            match sample {
                Sample::Line(stroke) => scene.line(
                    &[(from, middle), (from + SAMPLE, middle)],
                    stroke.clone(),
                    None,
                ),
                Sample::Point(color) => {
                    let bar = [
                        (from + SAMPLE / 2.0, middle - 5.5),
                        (from + SAMPLE / 2.0, middle + 5.5),
                    ];
                    scene.line(&bar, Stroke::solid(*color, 1.1), None);
                    scene.items.push(Item::Dots {
                        centers: vec![(from + SAMPLE / 2.0, middle)],
                        radius: 2.6,
                        color: *color,
                        clip: None,
                    });
                }
                Sample::Patch(color) => scene.fill(
                    rectangle(Rect::new(from, middle - 4.5, SAMPLE, 9.0)),
                    *color,
                    None,
                ),
            }
            scene.text(
                label,
                (from + SAMPLE + 6.0, middle + 0.36 * TICK_SIZE),
                TICK_SIZE,
                Anchor::Start,
                Color::INK,
            );
        }
    }
}

/// A color bar lying along the top of `place`, its ticks and label above it.
pub(crate) fn draw_color_bar(
    scene: &mut Scene,
    place: Rect,
    map: ColorMap,
    range: (f64, f64),
    label: &str,
) {
    const STEPS: usize = 256;
    scene.items.push(Item::Raster {
        place,
        columns: STEPS,
        rows: 1,
        pixels: (0..STEPS)
            .map(|i| map.at(i as f64 / (STEPS - 1) as f64))
            .collect(),
    });
    let ticks = Spacing::Linear.ticks(range, 4);
    let mut strokes = Vec::new();
    for tick in &ticks.ticks {
        let Some(text) = &tick.label else { continue };
        let x = place.x + place.width * Spacing::Linear.fraction(tick.value, range);
        strokes.extend(segment((x, place.y), (x, place.y - 3.5)));
        let at = (x, place.y - 6.5);
        scene.text(text, at, TICK_SIZE - 1.0, Anchor::Middle, Color::INK);
    }
    for segments in [strokes, rectangle(place)] {
        scene.items.push(Item::Path {
            segments,
            fill: None,
            stroke: Some(Stroke::solid(Color::INK, FRAME_WIDTH)),
            clip: None,
        });
    }
    let at = (place.x + place.width / 2.0, place.y - 20.0);
    let label = with_exponent(label, ticks.exponent);
    scene.text(&label, at, TICK_SIZE, Anchor::Middle, Color::INK);
}

/// Data coordinates to scene coordinates.
struct Map {
    place: Rect,
    x: (Spacing, (f64, f64)),
    y: (Spacing, (f64, f64)),
}

impl Map {
    fn x(&self, value: f64) -> f64 {
        self.place.x + self.place.width * self.x.0.fraction(value, self.x.1)
    }

    fn y(&self, value: f64) -> f64 {
        self.place.bottom() - self.place.height * self.y.0.fraction(value, self.y.1)
    }

    fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.x(x), self.y(y))
    }

    fn all(&self, points: &[(f64, f64)]) -> Vec<(f64, f64)> {
        points.iter().map(|&point| self.at(point)).collect()
    }
}

fn draw_mark(scene: &mut Scene, mark: &Mark, map: &Map) {
    let clip = Some(map.place);
    match mark {
        Mark::Line { points, stroke } => scene.line(&map.all(points), stroke.clone(), clip),
        Mark::Points {
            points,
            error,
            radius,
            color,
        } => {
            let mut bars = Vec::new();
            for (&(x, y), &error) in points.iter().zip(error) {
                // On a logarithmic axis a bar that reaches zero runs to the frame.
                let low = map.y(y - error);
                let low = if low.is_nan() {
                    map.place.bottom()
                } else {
                    low
                };
                let (x, high) = (map.x(x), map.y(y + error));
                if x.is_finite() && high.is_finite() {
                    bars.extend(segment((x, low), (x, high)));
                }
            }
            if !bars.is_empty() {
                scene.items.push(Item::Path {
                    segments: bars,
                    fill: None,
                    stroke: Some(Stroke::solid(*color, 1.1)),
                    clip,
                });
            }
            scene.items.push(Item::Dots {
                centers: distinct(map.all(points), *radius),
                radius: *radius,
                color: *color,
                clip,
            });
        }
        Mark::Band { points, color } => {
            let upper = points.iter().map(|&(x, _, high)| map.at((x, high)));
            let lower = points.iter().rev().map(|&(x, low, _)| map.at((x, low)));
            let floor = map.place.bottom();
            // A lower edge at or below zero of a logarithmic axis is the frame.
            let outline: Vec<(f64, f64)> = upper
                .chain(lower)
                .map(|(x, y)| (x, if y.is_nan() { floor } else { y }))
                .collect();
            scene.fill(polygon(&outline), *color, clip);
        }
        Mark::Region {
            outlines,
            fill,
            stroke,
        } => scene.items.push(Item::Path {
            segments: outlines
                .iter()
                .flat_map(|outline| polygon(&map.all(outline)))
                .collect(),
            fill: *fill,
            stroke: stroke.clone(),
            clip,
        }),
        Mark::Picture {
            corners,
            rows,
            columns,
            pixels,
        } => {
            let [(left, top), (right, bottom)] = corners.map(|corner| map.at(corner));
            scene.items.push(Item::Raster {
                place: Rect::new(left, top, right - left, bottom - top),
                columns: *columns,
                rows: *rows,
                pixels: pixels.clone(),
            });
        }
        Mark::Vertical { x, stroke } => {
            let x = map.x(*x);
            let line = [(x, map.place.y), (x, map.place.bottom())];
            scene.line(&line, stroke.clone(), clip);
        }
        Mark::Horizontal { y, stroke } => {
            let y = map.y(*y);
            let line = [(map.place.x, y), (map.place.right(), y)];
            scene.line(&line, stroke.clone(), clip);
        }
    }
}

/// Finite points, one for each cell of half a dot's radius: what a reader can tell apart.
fn distinct(points: Vec<(f64, f64)>, radius: f64) -> Vec<(f64, f64)> {
    let cell = (radius / 2.0).min(0.25);
    let mut seen = std::collections::HashSet::new();
    points
        .into_iter()
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .filter(|(x, y)| seen.insert(((x / cell).round() as i64, (y / cell).round() as i64)))
        .collect()
}

/// The numbers of a mark along axis 0 (x) or 1 (y) that the axis must show.
fn extent(mark: &Mark, axis: usize) -> Vec<f64> {
    let along = |&(x, y): &(f64, f64)| if axis == 0 { x } else { y };
    match mark {
        Mark::Line { points, .. } => points.iter().map(along).collect(),
        Mark::Points { points, error, .. } if axis == 1 && !error.is_empty() => points
            .iter()
            .zip(error)
            .flat_map(|(&(_, y), &e)| [y - e, y + e])
            .collect(),
        Mark::Points { points, .. } => points.iter().map(along).collect(),
        Mark::Band { points, .. } if axis == 0 => points.iter().map(|p| p.0).collect(),
        Mark::Band { points, .. } => points.iter().flat_map(|p| [p.1, p.2]).collect(),
        Mark::Region { outlines, .. } => outlines.iter().flatten().map(along).collect(),
        Mark::Picture { corners, .. } => corners.iter().map(along).collect(),
        Mark::Vertical { .. } | Mark::Horizontal { .. } => Vec::new(),
    }
}

fn ticks(axis: &Axis, (from, to): (f64, f64)) -> (Vec<Tick>, i32) {
    let found = axis
        .spacing
        .ticks((from.min(to), from.max(to)), axis.tick_count);
    (found.ticks, found.exponent)
}

fn tick_length(tick: &Tick) -> f64 {
    if tick.label.is_some() {
        MAJOR_TICK
    } else {
        MINOR_TICK
    }
}

fn segment(from: (f64, f64), to: (f64, f64)) -> [Segment; 2] {
    [Segment::Move(from.0, from.1), Segment::Line(to.0, to.1)]
}

/// `Flux [Jy]` with exponent −3 is `Flux [10^{−3} Jy]`.
fn with_exponent(label: &str, exponent: i32) -> String {
    if exponent == 0 {
        return label.to_owned();
    }
    let power = format!("10^{{{}}}", exponent.to_string().replace('-', "−"));
    match label.rsplit_once('[') {
        Some((quantity, unit)) => format!("{quantity}[{power} {unit}"),
        None => format!("{label} [{power}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_join_the_unit() {
        assert_eq!(with_exponent("Flux [Jy]", -3), "Flux [10^{−3} Jy]");
        assert_eq!(with_exponent("χ²", 4), "χ² [10^{4}]");
        assert_eq!(with_exponent("χ²", 0), "χ²");
    }

    #[test]
    fn a_reversed_axis_runs_to_the_left() {
        let map = Map {
            place: Rect::new(0.0, 0.0, 100.0, 50.0),
            x: (Spacing::Linear, (2.0, -2.0)),
            y: (Spacing::Linear, (0.0, 1.0)),
        };
        assert_eq!(map.at((2.0, 0.0)), (0.0, 50.0));
        assert_eq!(map.at((-2.0, 1.0)), (100.0, 0.0));
    }

    #[test]
    fn dots_on_top_of_each_other_are_drawn_once() {
        let points = vec![(1.0, 1.0), (1.01, 1.0), (5.0, 5.0), (f64::NAN, 0.0)];
        assert_eq!(distinct(points, 1.0).len(), 2);
    }

    #[test]
    fn ranges_cover_marks_and_their_errors() {
        let mut panel = Panel::new(Axis::linear("x"), Axis::linear("y"));
        panel.mark(Mark::Points {
            points: vec![(0.0, 1.0), (10.0, 2.0)],
            error: vec![0.5, 3.0],
            radius: 1.0,
            color: Color::INK,
        });
        let (low, high) = panel.y_range();
        assert!(low < -1.0 && high > 5.0);
    }
}
