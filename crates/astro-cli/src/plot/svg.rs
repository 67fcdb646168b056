//! Scenes as SVG text.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::color::Color;
use super::png;
use super::scene::{Item, Rect, Scene, Segment, Stroke};
use super::text::{self, Glyph, Slant};

/// The scene as one `<svg>` element, without an XML declaration.
///
/// Identifiers name what they define (a glyph of the font, a rectangle), so
/// several figures can stand in one HTML page.
pub(crate) fn element(scene: &Scene) -> Result<String, png::EncodeError> {
    let mut body = String::new();
    let mut glyphs = BTreeSet::new();
    let mut clips = BTreeSet::new();
    for item in &scene.items {
        write_item(item, &mut body, &mut glyphs, &mut clips)?;
    }
    let (width, height) = (number(scene.width), number(scene.height));
    let title = escape(&scene.title);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>\n<defs>\n"
    );
    for (slant, id) in glyphs {
        let outline = path_data(&text::outline(slant, id));
        // Writing to a String cannot fail.
        let _ = writeln!(
            svg,
            "<path id=\"{}\" d=\"{outline}\"/>",
            glyph_name(slant, id)
        );
    }
    svg.extend(clips);
    let _ = write!(
        svg,
        "</defs>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{body}</svg>\n"
    );
    Ok(svg)
}

fn write_item(
    item: &Item,
    body: &mut String,
    glyphs: &mut BTreeSet<(Slant, u16)>,
    clips: &mut BTreeSet<String>,
) -> Result<(), png::EncodeError> {
    // Writing to a String cannot fail, so its results are dropped.
    match item {
        Item::Path {
            segments,
            fill,
            stroke,
            clip,
        } => {
            let _ = writeln!(
                body,
                "<path d=\"{}\"{}{}{}/>",
                path_data(segments),
                fill_attributes(*fill),
                stroke.as_ref().map(stroke_attributes).unwrap_or_default(),
                clip_attribute(*clip, clips)
            );
        }
        Item::Dots {
            centers,
            radius,
            color,
            clip,
        } => {
            // A line of no length with round ends is a dot, in ten characters.
            let mut data = String::new();
            for &(x, y) in centers {
                let _ = write!(data, "M{} {}h0", number(x), number(y));
            }
            let _ = writeln!(
                body,
                "<path d=\"{data}\" fill=\"none\" stroke-linecap=\"round\"{}{}/>",
                stroke_attributes(&Stroke::solid(*color, 2.0 * radius)),
                clip_attribute(*clip, clips)
            );
        }
        Item::Text {
            layout,
            x,
            y,
            upwards,
            color,
        } => {
            let turn = if *upwards { " rotate(-90)" } else { "" };
            let _ = write!(
                body,
                "<g transform=\"translate({} {}){turn}\"{}>",
                number(*x),
                number(*y),
                fill_attributes(Some(*color))
            );
            for glyph in &layout.glyphs {
                write_glyph(glyph, body, glyphs);
            }
            body.push_str("</g>\n");
        }
        Item::Raster {
            place,
            columns,
            rows,
            pixels,
        } => {
            let data = base64(&png::encode_pixels(*columns, *rows, pixels)?);
            let _ = writeln!(
                body,
                "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" \
                 style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{data}\"/>",
                number(place.x),
                number(place.y),
                number(place.width),
                number(place.height)
            );
        }
    }
    Ok(())
}

fn write_glyph(glyph: &Glyph, body: &mut String, glyphs: &mut BTreeSet<(Slant, u16)>) {
    glyphs.insert((glyph.slant, glyph.id));
    let scale = format!("{:.5}", glyph.size / text::units_per_em());
    let _ = write!(
        body,
        "<use href=\"#{}\" transform=\"translate({} {}) scale({scale} -{scale})\"/>",
        glyph_name(glyph.slant, glyph.id),
        number(glyph.x),
        number(glyph.y)
    );
}

fn glyph_name(slant: Slant, id: u16) -> String {
    match slant {
        Slant::Upright => format!("g{id}"),
        Slant::Oblique => format!("o{id}"),
    }
}

fn path_data(segments: &[Segment]) -> String {
    let mut data = String::new();
    for segment in segments {
        let _ = match *segment {
            Segment::Move(x, y) => write!(data, "M{} {}", number(x), number(y)),
            Segment::Line(x, y) => write!(data, "L{} {}", number(x), number(y)),
            Segment::Quadratic(x1, y1, x, y) => write!(
                data,
                "Q{} {} {} {}",
                number(x1),
                number(y1),
                number(x),
                number(y)
            ),
            Segment::Cubic(x1, y1, x2, y2, x, y) => write!(
                data,
                "C{} {} {} {} {} {}",
                number(x1),
                number(y1),
                number(x2),
                number(y2),
                number(x),
                number(y)
            ),
            Segment::Close => write!(data, "Z"),
        };
    }
    data
}

/// Two decimals, without trailing zeros.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

fn hex(color: Color) -> String {
    format!("#{:02x}{:02x}{:02x}", color.red, color.green, color.blue)
}

fn fill_attributes(fill: Option<Color>) -> String {
    match fill {
        None => " fill=\"none\"".to_owned(),
        Some(color) if color.opacity < 1.0 => format!(
            " fill=\"{}\" fill-opacity=\"{}\" fill-rule=\"evenodd\"",
            hex(color),
            number(color.opacity.into())
        ),
        Some(color) => format!(" fill=\"{}\" fill-rule=\"evenodd\"", hex(color)),
    }
}

fn stroke_attributes(stroke: &Stroke) -> String {
    let mut attributes = format!(
        " stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"",
        hex(stroke.color),
        number(stroke.width)
    );
    if stroke.color.opacity < 1.0 {
        let _ = write!(
            attributes,
            " stroke-opacity=\"{}\"",
            number(stroke.color.opacity.into())
        );
    }
    if !stroke.dash.is_empty() {
        let lengths: Vec<String> = stroke.dash.iter().map(|&d| number(d)).collect();
        let _ = write!(attributes, " stroke-dasharray=\"{}\"", lengths.join(" "));
    }
    attributes
}

fn clip_attribute(clip: Option<Rect>, clips: &mut BTreeSet<String>) -> String {
    let Some(place) = clip else {
        return String::new();
    };
    let [x, y, width, height] = [place.x, place.y, place.width, place.height].map(number);
    let name = format!("c{x}_{y}_{width}_{height}");
    clips.insert(format!(
        "<clipPath id=\"{name}\"><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/></clipPath>\n"
    ));
    format!(" clip-path=\"url(#{name})\"")
}

/// Text for an XML or HTML document.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// RFC 4648 base 64 with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, i| {
            bits << 8 | u32::from(group.get(i).copied().unwrap_or(0))
        });
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= group.len() { digit as char } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::scene::Anchor;

    #[test]
    fn base64_matches_the_vectors_of_rfc_4648() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [1.0, 0.5, -0.001, 12.345].map(number),
            ["1", "0.5", "0", "12.35"]
        );
    }

    #[test]
    fn each_glyph_is_defined_once_and_used_often() {
        let mut scene = Scene::new(100.0, 50.0, "a <test>");
        scene.text("aaa", (0.0, 10.0), 10.0, Anchor::Start, Color::INK);
        let svg = element(&scene).unwrap();
        assert_eq!(svg.matches("<path id=").count(), 1);
        assert_eq!(svg.matches("<use href=").count(), 3);
        assert!(svg.contains("<title>a &lt;test&gt;</title>"));
    }
}
