//! Writing images and cubes.

use std::path::Path;

use super::FitsImage;
use super::writer::{Cards, write_unit};
use crate::{Error, IfExists, Result, write_atomically};

/// How pixel values are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FitsSamples {
    /// 32-bit floating point: half the size, seven digits.
    #[default]
    F32,
    /// 64-bit floating point: exactly the numbers of the image.
    F64,
}

/// Writes an image or cube as the primary unit of a FITS file, with its world
/// coordinates, beam, CHECKSUM and DATASUM.
///
/// One channel makes a file of two axes, unless it has a frequency. Channels
/// must be evenly spaced to one part in a million of a step, which is what a
/// FITS axis can say. The cards of [`FitsImage::header`] are not copied.
///
/// # Errors
/// [`Error::ImageGeometry`] for an empty image or uneven channels,
/// [`Error::AlreadyExists`], or [`Error::Writing`] when the disk refuses.
pub fn write_fits_image(
    path: impl AsRef<Path>,
    image: &FitsImage,
    samples: FitsSamples,
    if_exists: IfExists,
) -> Result<()> {
    let cards = cards(image, samples)?;
    write_atomically(path, if_exists, |file| {
        write_unit(file, cards, |sink| {
            let mut buffer = Vec::with_capacity(1 << 16);
            for row in image.data.rows() {
                for &value in row {
                    match samples {
                        FitsSamples::F32 => buffer.extend((value as f32).to_be_bytes()),
                        FitsSamples::F64 => buffer.extend(value.to_be_bytes()),
                    }
                }
                if buffer.len() >= 1 << 15 {
                    sink(&buffer)?;
                    buffer.clear();
                }
            }
            sink(&buffer)
        })
    })
}

fn cards(image: &FitsImage, samples: FitsSamples) -> Result<Cards> {
    let (channels, rows, columns) = image.data.dim();
    if image.data.is_empty() {
        return Err(Error::ImageGeometry {
            problem: format!("has {channels} channels of {rows} by {columns} pixels"),
            remedy: "each must be at least 1",
        });
    }
    let spectral = channels > 1 || !image.frequency_hz.is_empty();
    let mut cards = Cards::default();
    cards.logical("SIMPLE", true, "conforms to FITS standard 4.0");
    let bits = match samples {
        FitsSamples::F32 => -32,
        FitsSamples::F64 => -64,
    };
    cards.integer("BITPIX", bits, "IEEE floating point");
    cards.integer("NAXIS", if spectral { 3 } else { 2 }, "number of axes");
    cards.integer("NAXIS1", columns as i64, "");
    cards.integer("NAXIS2", rows as i64, "");
    if spectral {
        cards.integer("NAXIS3", channels as i64, "");
    }
    if let Some(object) = &image.object {
        cards.text("OBJECT", object, "");
    }
    if let Some(unit) = &image.unit {
        cards.text("BUNIT", unit, "unit of the pixel values");
    }
    sky_cards(image, &mut cards);
    if spectral {
        frequency_cards(&image.frequency_hz, channels, &mut cards)?;
    }
    if let Some(frequency) = image.rest_frequency_hz {
        cards.float("RESTFRQ", frequency, "[Hz] rest frequency");
    }
    if let Some(beam) = &image.beam {
        cards.float("BMAJ", beam.major_rad.to_degrees(), "[deg] beam major axis");
        cards.float("BMIN", beam.minor_rad.to_degrees(), "[deg] beam minor axis");
        let angle = beam.position_angle_rad.to_degrees();
        cards.float("BPA", angle, "[deg] beam position angle");
    }
    cards.text("ORIGIN", "astro-io", "");
    Ok(cards)
}

fn sky_cards(image: &FitsImage, cards: &mut Cards) {
    let sky = &image.sky;
    let reference = sky.reference.map(|center| {
        [
            center.right_ascension.degrees(),
            center.declination.degrees(),
        ]
    });
    let projection = match sky.projection.as_str() {
        "" => "SIN",
        other => other,
    };
    for (index, name) in ["RA--", "DEC-"].into_iter().enumerate() {
        let axis = index + 1;
        if let Some(values) = reference {
            cards.text(&format!("CTYPE{axis}"), &format!("{name}-{projection}"), "");
            cards.float(&format!("CRVAL{axis}"), values[index], "");
        }
        cards.float(
            &format!("CRPIX{axis}"),
            sky.reference_pixel[index] + 1.0,
            "",
        );
        cards.text(&format!("CUNIT{axis}"), "deg", "");
    }
    let degrees = sky.matrix.map(|row| row.map(f64::to_degrees));
    if degrees[0][1] == 0.0 && degrees[1][0] == 0.0 {
        cards.float("CDELT1", degrees[0][0], "");
        cards.float("CDELT2", degrees[1][1], "");
    } else {
        for (i, row) in degrees.iter().enumerate() {
            for (j, &element) in row.iter().enumerate() {
                cards.float(&format!("CD{}_{}", i + 1, j + 1), element, "");
            }
        }
    }
    if let (Some(_), Some(frame)) = (sky.reference, &sky.frame) {
        cards.text("RADESYS", frame, "");
    }
}

fn frequency_cards(frequency_hz: &[f64], channels: usize, cards: &mut Cards) -> Result<()> {
    let (first, step) = match frequency_hz {
        [] => return Ok(()),
        [only] => (*only, 1.0),
        [first, .., last] => (*first, (last - first) / (frequency_hz.len() as f64 - 1.0)),
    };
    let even = frequency_hz
        .iter()
        .enumerate()
        .all(|(channel, f)| (f - first - channel as f64 * step).abs() <= 1e-6 * step.abs());
    if frequency_hz.len() != channels || !even || step == 0.0 {
        return Err(Error::ImageGeometry {
            problem: format!(
                "has {channels} channels and {} frequencies in steps of about {step} Hz",
                frequency_hz.len()
            ),
            remedy: "give one evenly spaced frequency a channel, or write channels one by one",
        });
    }
    cards.text("CTYPE3", "FREQ", "");
    cards.float("CRVAL3", first, "");
    cards.float("CRPIX3", 1.0, "");
    cards.float("CDELT3", step, "");
    cards.text("CUNIT3", "Hz", "");
    Ok(())
}
