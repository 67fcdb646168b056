//! Figures, written as SVG and as PNG from one description.
//!
//! A figure is a [`Scene`] of paths, dots and glyph outlines; `svg` writes it
//! as text and `png` draws it with tiny-skia. Both need nothing from the
//! machine: letters are outlines of a font that is part of the program.

mod color;
mod contour;
pub(crate) mod figures;
mod panel;
mod png;
mod scale;
mod scene;
mod svg;
mod text;
mod tick_labels;

pub(crate) use panel::Axis;
pub(crate) use png::EncodeError;
pub(crate) use svg::escape;

use scene::Scene;

/// Pixels a point in PNG files: 200 for each inch of the figure's nominal size.
const PNG_SCALE: f64 = 200.0 / 72.0;

/// A finished figure.
#[derive(Clone, Debug)]
pub(crate) struct Figure(Scene);

impl Figure {
    /// One `<svg>` element, fit for a file and for the middle of an HTML page.
    pub(crate) fn svg(&self) -> Result<String, EncodeError> {
        svg::element(&self.0)
    }

    /// The bytes of a PNG file.
    pub(crate) fn png(&self) -> Result<Vec<u8>, EncodeError> {
        png::encode(&self.0, PNG_SCALE)
    }
}
