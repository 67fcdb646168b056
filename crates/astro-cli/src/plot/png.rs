//! Scenes as PNG bytes, drawn by tiny-skia.

use tiny_skia::{
    BlendMode, FillRule, FilterQuality, LineCap, LineJoin, Mask, Paint, Path, PathBuilder, Pattern,
    Pixmap, PixmapPaint, PremultipliedColorU8, SpreadMode, StrokeDash, Transform,
};

use super::color::Color;
use super::scene::{Item, Rect, Scene, Segment, Stroke, rectangle};
use super::text;

/// Why a figure could not be made into pixels.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncodeError {
    /// The size is zero or too large.
    #[error("a picture of {columns} x {rows} pixels cannot be made")]
    Size {
        /// Pixels in a row.
        columns: u32,
        /// Rows.
        rows: u32,
    },
    /// The PNG encoder failed.
    #[error("while encoding a PNG: {0}")]
    Png(String),
}

/// The scene at `scale` pixels a point, on white.
pub(crate) fn encode(scene: &Scene, scale: f64) -> Result<Vec<u8>, EncodeError> {
    let columns = (scene.width * scale).round() as u32;
    let rows = (scene.height * scale).round() as u32;
    let mut canvas = Canvas {
        pixmap: pixmap(columns, rows)?,
        transform: Transform::from_scale(scale as f32, scale as f32),
        mask: None,
    };
    canvas.pixmap.fill(tiny_skia::Color::WHITE);
    for item in &scene.items {
        canvas.draw(item)?;
    }
    encode_pixmap(&canvas.pixmap)
}

/// A picture of opaque pixels, row by row from the top.
pub(crate) fn encode_pixels(
    columns: usize,
    rows: usize,
    pixels: &[Color],
) -> Result<Vec<u8>, EncodeError> {
    encode_pixmap(&opaque_pixmap(columns, rows, pixels)?)
}

fn pixmap(columns: u32, rows: u32) -> Result<Pixmap, EncodeError> {
    Pixmap::new(columns, rows).ok_or(EncodeError::Size { columns, rows })
}

fn encode_pixmap(pixmap: &Pixmap) -> Result<Vec<u8>, EncodeError> {
    pixmap
        .encode_png()
        .map_err(|error| EncodeError::Png(error.to_string()))
}

fn opaque_pixmap(columns: usize, rows: usize, pixels: &[Color]) -> Result<Pixmap, EncodeError> {
    let mut picture = pixmap(columns as u32, rows as u32)?;
    for (target, color) in picture.pixels_mut().iter_mut().zip(pixels) {
        if let Some(opaque) =
            PremultipliedColorU8::from_rgba(color.red, color.green, color.blue, u8::MAX)
        {
            *target = opaque;
        }
    }
    Ok(picture)
}

struct Canvas {
    pixmap: Pixmap,
    transform: Transform,
    /// The clip in use, kept because marks of one panel share it.
    mask: Option<(Rect, Mask)>,
}

impl Canvas {
    fn draw(&mut self, item: &Item) -> Result<(), EncodeError> {
        match item {
            Item::Path {
                segments,
                fill,
                stroke,
                clip,
            } => {
                if let Some(path) = path(segments) {
                    self.clip_to(*clip)?;
                    if let Some(color) = fill {
                        self.fill(&path, *color, self.transform, clip.is_some());
                    }
                    if let Some(stroke) = stroke {
                        self.stroke(&path, stroke, clip.is_some());
                    }
                }
            }
            Item::Dots {
                centers,
                radius,
                color,
                clip,
            } => {
                self.clip_to(*clip)?;
                let mut builder = PathBuilder::new();
                for &(x, y) in centers {
                    builder.push_circle(x as f32, y as f32, *radius as f32);
                }
                if let Some(path) = builder.finish() {
                    let mask = self.mask.as_ref().filter(|_| clip.is_some());
                    self.pixmap.fill_path(
                        &path,
                        &paint(*color),
                        FillRule::Winding,
                        self.transform,
                        mask.map(|(_, mask)| mask),
                    );
                }
            }
            Item::Text {
                layout,
                x,
                y,
                upwards,
                color,
            } => {
                let mut place = self.transform.pre_translate(*x as f32, *y as f32);
                if *upwards {
                    place = place.pre_rotate(-90.0);
                }
                for glyph in &layout.glyphs {
                    if let Some(path) = path(&text::outline(glyph.slant, glyph.id)) {
                        let scale = (glyph.size / text::units_per_em()) as f32;
                        let transform = place
                            .pre_translate(glyph.x as f32, glyph.y as f32)
                            .pre_scale(scale, -scale);
                        self.fill(&path, *color, transform, false);
                    }
                }
            }
            Item::Raster {
                place,
                columns,
                rows,
                pixels,
            } => {
                let picture = opaque_pixmap(*columns, *rows, pixels)?;
                let fit = Transform::from_row(
                    (place.width / *columns as f64) as f32,
                    0.0,
                    0.0,
                    (place.height / *rows as f64) as f32,
                    place.x as f32,
                    place.y as f32,
                );
                if let Some(path) = path(&rectangle(*place)) {
                    let quality = PixmapPaint::default().quality;
                    debug_assert_eq!(quality, FilterQuality::Nearest);
                    let shader = Pattern::new(picture.as_ref(), SpreadMode::Pad, quality, 1.0, fit);
                    let paint = Paint {
                        shader,
                        blend_mode: BlendMode::SourceOver,
                        anti_alias: false,
                        ..Paint::default()
                    };
                    self.pixmap
                        .fill_path(&path, &paint, FillRule::Winding, self.transform, None);
                }
            }
        }
        Ok(())
    }

    fn clip_to(&mut self, clip: Option<Rect>) -> Result<(), EncodeError> {
        let Some(place) = clip else { return Ok(()) };
        if self.mask.as_ref().is_some_and(|(kept, _)| *kept == place) {
            return Ok(());
        }
        let (columns, rows) = (self.pixmap.width(), self.pixmap.height());
        let mut mask = Mask::new(columns, rows).ok_or(EncodeError::Size { columns, rows })?;
        if let Some(path) = path(&rectangle(place)) {
            mask.fill_path(&path, FillRule::Winding, true, self.transform);
        }
        self.mask = Some((place, mask));
        Ok(())
    }

    fn fill(&mut self, path: &Path, color: Color, transform: Transform, clipped: bool) {
        let mask = self.mask.as_ref().filter(|_| clipped);
        self.pixmap.fill_path(
            path,
            &paint(color),
            FillRule::EvenOdd,
            transform,
            mask.map(|(_, mask)| mask),
        );
    }

    fn stroke(&mut self, path: &Path, stroke: &Stroke, clipped: bool) {
        let dash: Vec<f32> = stroke.dash.iter().map(|&d| d as f32).collect();
        let style = tiny_skia::Stroke {
            width: stroke.width as f32,
            line_cap: LineCap::Butt,
            line_join: LineJoin::Round,
            dash: StrokeDash::new(dash, 0.0),
            ..tiny_skia::Stroke::default()
        };
        let mask = self.mask.as_ref().filter(|_| clipped);
        self.pixmap.stroke_path(
            path,
            &paint(stroke.color),
            &style,
            self.transform,
            mask.map(|(_, mask)| mask),
        );
    }
}

fn paint(color: Color) -> Paint<'static> {
    let mut paint = Paint::default();
    let opacity = (color.opacity.clamp(0.0, 1.0) * 255.0).round() as u8;
    paint.set_color_rgba8(color.red, color.green, color.blue, opacity);
    paint.anti_alias = true;
    paint
}

fn path(segments: &[Segment]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for segment in segments {
        match *segment {
            Segment::Move(x, y) => builder.move_to(x as f32, y as f32),
            Segment::Line(x, y) => builder.line_to(x as f32, y as f32),
            Segment::Quadratic(x1, y1, x, y) => {
                builder.quad_to(x1 as f32, y1 as f32, x as f32, y as f32);
            }
            Segment::Cubic(x1, y1, x2, y2, x, y) => builder.cubic_to(
                x1 as f32, y1 as f32, x2 as f32, y2 as f32, x as f32, y as f32,
            ),
            Segment::Close => builder.close(),
        }
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::scene::Anchor;

    fn decode(bytes: &[u8]) -> Pixmap {
        Pixmap::decode_png(bytes).unwrap()
    }

    #[test]
    fn pixels_survive() {
        let colors = [Color::RED, Color::BLUE, Color::TEAL, Color::WHITE];
        let picture = decode(&encode_pixels(2, 2, &colors).unwrap());
        let second = picture.pixel(1, 0).unwrap();
        assert_eq!(
            (second.red(), second.green(), second.blue()),
            (Color::BLUE.red, Color::BLUE.green, Color::BLUE.blue)
        );
    }

    #[test]
    fn text_leaves_ink_and_clips_hold() {
        let mut scene = Scene::new(40.0, 20.0, "");
        scene.text("λ", (2.0, 15.0), 14.0, Anchor::Start, Color::INK);
        let clip = Rect::new(20.0, 0.0, 10.0, 20.0);
        scene.fill(
            rectangle(Rect::new(0.0, 0.0, 40.0, 20.0)),
            Color::RED,
            Some(clip),
        );
        let picture = decode(&encode(&scene, 2.0).unwrap());
        assert_eq!((picture.width(), picture.height()), (80, 40));
        let red = |x, y| {
            let p = picture.pixel(x, y).unwrap();
            p.red() > 150 && p.green() < 100
        };
        assert!(red(50, 20) && !red(36, 20) && !red(64, 20));
        let dark = (0..40)
            .flat_map(|x| (0..40).map(move |y| (x, y)))
            .any(|(x, y)| picture.pixel(x, y).unwrap().green() < 60);
        assert!(dark);
    }

    #[test]
    fn an_empty_size_is_an_error() {
        assert!(encode(&Scene::new(0.0, 10.0, ""), 1.0).is_err());
    }
}
