//! What a figure is made of before it becomes SVG or PNG: paths, dots, text
//! and small images, in points with y downwards.

use super::color::Color;
use super::text::{self, Layout};

/// A rectangle: left, top, width, height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) const fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    pub(crate) fn right(self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(self) -> f64 {
        self.y + self.height
    }
}

/// One step of an outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Segment {
    Move(f64, f64),
    Line(f64, f64),
    Quadratic(f64, f64, f64, f64),
    Cubic(f64, f64, f64, f64, f64, f64),
    Close,
}

/// How a line is drawn.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stroke {
    pub(crate) color: Color,
    pub(crate) width: f64,
    /// Lengths of dash and gap in turn; empty for a solid line.
    pub(crate) dash: Vec<f64>,
}

impl Stroke {
    pub(crate) const fn solid(color: Color, width: f64) -> Self {
        Self {
            color,
            width,
            dash: Vec::new(),
        }
    }

    pub(crate) fn dashed(color: Color, width: f64) -> Self {
        Self {
            color,
            width,
            dash: vec![4.0, 3.0],
        }
    }
}

/// Which point of a text lies at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// One thing to draw.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    Path {
        segments: Vec<Segment>,
        fill: Option<Color>,
        stroke: Option<Stroke>,
        clip: Option<Rect>,
    },
    Dots {
        centers: Vec<(f64, f64)>,
        radius: f64,
        color: Color,
        clip: Option<Rect>,
    },
    Text {
        layout: Layout,
        x: f64,
        y: f64,
        /// Turned by a quarter to read upwards.
        upwards: bool,
        color: Color,
    },
    /// Opaque pixels, row by row from the top, each shown as a flat rectangle.
    Raster {
        place: Rect,
        columns: usize,
        rows: usize,
        pixels: Vec<Color>,
    },
}

/// A drawing of a given size.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// What the figure shows, for readers who cannot see it.
    pub(crate) title: String,
    pub(crate) items: Vec<Item>,
}

impl Scene {
    pub(crate) fn new(width: f64, height: f64, title: &str) -> Self {
        Self {
            width,
            height,
            title: title.to_owned(),
            items: Vec::new(),
        }
    }

    pub(crate) fn line(&mut self, points: &[(f64, f64)], stroke: Stroke, clip: Option<Rect>) {
        self.items.push(Item::Path {
            segments: polyline(points),
            fill: None,
            stroke: Some(stroke),
            clip,
        });
    }

    pub(crate) fn fill(&mut self, segments: Vec<Segment>, color: Color, clip: Option<Rect>) {
        self.items.push(Item::Path {
            segments,
            fill: Some(color),
            stroke: None,
            clip,
        });
    }

    /// Writes `markup` (see [`text::layout`]) with its baseline at `y`.
    pub(crate) fn text(
        &mut self,
        markup: &str,
        (x, y): (f64, f64),
        size: f64,
        anchor: Anchor,
        color: Color,
    ) {
        let layout = text::layout(markup, size);
        let shift = anchor_shift(anchor, layout.width);
        self.items.push(Item::Text {
            layout,
            x: x - shift,
            y,
            upwards: false,
            color,
        });
    }

    /// Writes `markup` centered at `(x, y)` and reading upwards, its baseline at `x`.
    pub(crate) fn text_upwards(
        &mut self,
        markup: &str,
        (x, y): (f64, f64),
        size: f64,
        color: Color,
    ) {
        let layout = text::layout(markup, size);
        let y = y + layout.width / 2.0;
        self.items.push(Item::Text {
            layout,
            x,
            y,
            upwards: true,
            color,
        });
    }
}

fn anchor_shift(anchor: Anchor, width: f64) -> f64 {
    match anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => width / 2.0,
        Anchor::End => width,
    }
}

/// Lines through `points`; a point that is not finite breaks the line.
pub(crate) fn polyline(points: &[(f64, f64)]) -> Vec<Segment> {
    let mut pen_down = false;
    let mut segments = Vec::with_capacity(points.len());
    for &(x, y) in points {
        if !(x.is_finite() && y.is_finite()) {
            pen_down = false;
            continue;
        }
        segments.push(if pen_down {
            Segment::Line(x, y)
        } else {
            Segment::Move(x, y)
        });
        pen_down = true;
    }
    segments
}

/// The closed outline through `points`.
pub(crate) fn polygon(points: &[(f64, f64)]) -> Vec<Segment> {
    let mut segments = polyline(points);
    segments.push(Segment::Close);
    segments
}

pub(crate) fn rectangle(place: Rect) -> Vec<Segment> {
    polygon(&[
        (place.x, place.y),
        (place.right(), place.y),
        (place.right(), place.bottom()),
        (place.x, place.bottom()),
    ])
}
