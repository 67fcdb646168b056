//! Text as glyph outlines of an embedded font (DejaVu Sans), so that a figure
//! looks the same everywhere and needs no font on the machine.

use std::sync::LazyLock;

use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::scene::Segment;

/// Upright or slanted letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Slant {
    Upright,
    Oblique,
}

/// One letter at its place, relative to the start of the text's baseline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glyph {
    pub(crate) slant: Slant,
    pub(crate) id: u16,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) size: f64,
}

/// A line of text ready to draw.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) glyphs: Vec<Glyph>,
    pub(crate) width: f64,
}

static UPRIGHT: LazyLock<Face<'static>> =
    LazyLock::new(|| Face::parse(dejavu::sans::regular(), 0).expect("the embedded font is valid"));
static OBLIQUE: LazyLock<Face<'static>> =
    LazyLock::new(|| Face::parse(dejavu::sans::oblique(), 0).expect("the embedded font is valid"));

fn face(slant: Slant) -> &'static Face<'static> {
    match slant {
        Slant::Upright => &UPRIGHT,
        Slant::Oblique => &OBLIQUE,
    }
}

/// Font units in one em, the same for both faces.
pub(crate) fn units_per_em() -> f64 {
    f64::from(UPRIGHT.units_per_em())
}

const SCRIPT_SIZE: f64 = 0.7;

/// Lays out one line: `^{…}` raises, `_{…}` lowers, `*…*` slants; a lowered text
/// right after a raised one stands below it.
///
/// A letter that the font lacks is shown as the font's own "missing" box.
pub(crate) fn layout(markup: &str, size: f64) -> Layout {
    let mut glyphs = Vec::new();
    let mut x = 0.0;
    let mut slant = Slant::Upright;
    let (mut scale, mut y) = (1.0, 0.0);
    // Where the last script began, and where the widest of a stack of scripts ends.
    let (mut script_start, mut script_end) = (0.0, 0.0_f64);
    let mut after_script = false;
    let mut letters = markup.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '^' | '_' if letters.peek() == Some(&'{') => {
                letters.next();
                scale = SCRIPT_SIZE;
                y = if letter == '^' { -0.38 } else { 0.18 } * size;
                if after_script {
                    x = script_start;
                } else {
                    (script_start, script_end) = (x, x);
                }
            }
            '}' if scale != 1.0 => {
                (scale, y) = (1.0, 0.0);
                script_end = script_end.max(x);
                x = script_end;
                after_script = true;
                continue;
            }
            '*' => {
                slant = match slant {
                    Slant::Upright => Slant::Oblique,
                    Slant::Oblique => Slant::Upright,
                }
            }
            _ => {
                let id = face(slant).glyph_index(letter).unwrap_or(GlyphId(0));
                let advance = face(slant).glyph_hor_advance(id).unwrap_or(0);
                let em = scale * size;
                glyphs.push(Glyph {
                    slant,
                    id: id.0,
                    x,
                    y,
                    size: em,
                });
                x += f64::from(advance) * em / units_per_em();
            }
        }
        after_script = false;
    }
    Layout { glyphs, width: x }
}

/// Width of `markup` at a font size.
pub(crate) fn width(markup: &str, size: f64) -> f64 {
    layout(markup, size).width
}

/// The outline of a glyph in font units, y upwards.
pub(crate) fn outline(slant: Slant, id: u16) -> Vec<Segment> {
    let mut collector = Collector(Vec::new());
    // None means a glyph without ink, such as a space.
    let _ = face(slant).outline_glyph(GlyphId(id), &mut collector);
    collector.0
}

struct Collector(Vec<Segment>);

impl OutlineBuilder for Collector {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.push(Segment::Move(x.into(), y.into()));
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.0.push(Segment::Line(x.into(), y.into()));
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0
            .push(Segment::Quadratic(x1.into(), y1.into(), x.into(), y.into()));
    }
    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.push(Segment::Cubic(
            x1.into(),
            y1.into(),
            x2.into(),
            y2.into(),
            x.into(),
            y.into(),
        ));
    }
    fn close(&mut self) {
        self.0.push(Segment::Close);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_that_figures_use_is_in_the_font() {
        for letter in "ABCxyz0189+−×±·λσχΔμ²″°⊙√≤≥∝π’–—".chars() {
            assert!(UPRIGHT.glyph_index(letter).is_some(), "{letter}");
        }
    }

    #[test]
    fn scripts_are_smaller_and_shifted() {
        let plain = layout("102", 10.0);
        let raised = layout("10^{2}", 10.0);
        assert_eq!(raised.glyphs.len(), 3);
        assert!(raised.width < plain.width);
        assert!(raised.glyphs[2].y < 0.0 && raised.glyphs[1].y == 0.0);
        assert!(layout("_{a}", 10.0).glyphs[0].y > 0.0);
        let stacked = layout("^{1}_{2}", 10.0);
        assert_eq!(stacked.glyphs[0].x, stacked.glyphs[1].x);
        assert_eq!(layout("*V*", 10.0).glyphs[0].slant, Slant::Oblique);
    }

    #[test]
    fn glyphs_have_ink_but_spaces_do_not() {
        let id = |text| layout(text, 1.0).glyphs[0].id;
        assert!(!outline(Slant::Upright, id("λ")).is_empty());
        assert!(outline(Slant::Upright, id(" ")).is_empty());
    }
}
