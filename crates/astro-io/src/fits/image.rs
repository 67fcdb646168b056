//! Reading images and cubes.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use astro_core::SkyCoord;
use astro_core::constants::SPEED_OF_LIGHT_M_PER_S;
use ndarray::Array3;

use super::{Beam, FitsHeader, ImageSky, Unit, Units, UprightImage};
use crate::{Error, Result};

/// Elements decoded at a time.
const PIECE: usize = 1 << 14;

/// An image, or a cube of images along a frequency axis.
#[derive(Clone, Debug, PartialEq)]
pub struct FitsImage {
    /// `[channel, row, column]` in the order of the file: row 0 is the first FITS row
    /// (South in most images), NaN where the file has BLANK or NaN.
    pub data: Array3<f64>,
    /// Where the pixels lie.
    pub sky: ImageSky,
    /// BUNIT.
    pub unit: Option<String>,
    /// BMAJ, BMIN, BPA, or the last AIPS CLEAN line of the history.
    pub beam: Option<Beam>,
    /// Frequency of each channel, Hz; empty where the header has no spectral axis.
    pub frequency_hz: Vec<f64>,
    /// RESTFRQ, Hz.
    pub rest_frequency_hz: Option<f64>,
    /// OBJECT.
    pub object: Option<String>,
    /// All cards as read; empty for an image that was not read.
    pub header: FitsHeader,
}

/// Which unit of a FITS file to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FitsUnit {
    /// The first with an image of at least two axes.
    #[default]
    FirstImage,
    /// By number; 0 is the primary one.
    Number(usize),
    /// By EXTNAME.
    Name(String),
}

/// Reads an image or cube from a FITS file, gzipped or not.
///
/// BSCALE, BZERO and BLANK are applied. Axes beyond the second must have
/// length 1, save one frequency axis; of a Stokes axis, plane I is taken.
///
/// # Errors
/// [`Error::Reading`] with the cause: no such image, a tile-compressed one, a
/// truncated file, keywords that make no sense.
///
/// ```
/// use astro_core::SkyCoord;
/// use astro_io::{FitsImage, FitsSamples, FitsUnit, IfExists, ImageSky};
/// use astro_io::{read_fits_image, write_fits_image};
/// use ndarray::Array3;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("disc.fits");
/// let sky = ImageSky::new(SkyCoord::from_degrees(69.9, 18.25), 4, 6, 1e-7);
/// let image = FitsImage::new(Array3::ones((1, 4, 6)), sky).with_unit("Jy/pixel");
/// write_fits_image(&path, &image, FitsSamples::F32, IfExists::Refuse)?;
/// let read = read_fits_image(&path, &FitsUnit::FirstImage)?;
/// assert_eq!(read.data, image.data);
/// assert!((read.upright(0, None)?.pixel_width_rad - 1e-7).abs() < 1e-20);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_fits_image(path: impl AsRef<Path>, unit: &FitsUnit) -> Result<FitsImage> {
    let path = path.as_ref();
    File::open(path)
        .map_err(Error::from)
        .and_then(|file| read_fits_image_from(BufReader::with_capacity(1 << 17, file), unit))
        .map_err(Error::reading(path))
}

/// Reads an image or cube from a reader.
///
/// # Errors
/// As [`read_fits_image`], without the file name.
pub fn read_fits_image_from(reader: impl Read + Seek, wanted: &FitsUnit) -> Result<FitsImage> {
    let mut units = Units::new(reader)?;
    let mut seen = Vec::new();
    while let Some(unit) = units.next()? {
        let name = unit.header.text("EXTNAME");
        let compressed = unit.extension() == Some("BINTABLE") && unit.header.is_true("ZIMAGE");
        let image = matches!(unit.extension(), None | Some("IMAGE"))
            && !unit.is_random_groups()
            && unit.axes.len() >= 2
            && unit.axes.iter().all(|&length| length > 0);
        let matches = match wanted {
            FitsUnit::FirstImage => image || compressed,
            FitsUnit::Number(number) => unit.index == *number,
            FitsUnit::Name(wanted) => name.is_some_and(|name| name.eq_ignore_ascii_case(wanted)),
        };
        if matches && compressed {
            let kind = unit.header.text("ZCMPTYPE").unwrap_or("unknown method");
            return Err(Error::CompressedImage {
                kind: kind.to_owned(),
            })
            .map_err(Unit::wrap(unit.index));
        }
        if matches && image {
            let index = unit.index;
            return read_image(&mut units, unit).map_err(Unit::wrap(index));
        }
        seen.push(unit.describe());
    }
    Err(Error::NoImage {
        wanted: match wanted {
            FitsUnit::FirstImage => "of two or more axes".to_owned(),
            FitsUnit::Number(number) => format!("in HDU {number}"),
            FitsUnit::Name(name) => format!("named {name:?}"),
        },
        found: seen.join("; "),
    })
}

impl FitsImage {
    /// An image to be written: `data[channel, row, column]`.
    pub fn new(data: Array3<f64>, sky: ImageSky) -> Self {
        Self {
            data,
            sky,
            unit: None,
            beam: None,
            frequency_hz: Vec::new(),
            rest_frequency_hz: None,
            object: None,
            header: FitsHeader::default(),
        }
    }

    /// Sets the unit of the pixel values.
    #[must_use]
    pub fn with_unit(mut self, unit: &str) -> Self {
        self.unit = Some(unit.to_owned());
        self
    }

    /// One channel with East left and North up, its pixel size, and the offset of
    /// its centre pixel from `phase_center` (from the reference direction if `None`).
    ///
    /// For `astro-visibility`: grid of `pixel_height_rad` and `pixel_width_rad`,
    /// origin lower, placed at the right ascension and declination offsets
    /// `center.l` and `center.m`. A projection other than SIN is taken as SIN: at an angle θ
    /// from the reference the position is then off by less than θ³/2.
    ///
    /// # Errors
    /// [`Error::ImageGeometry`] for a channel that is not there, a rotated
    /// image, or a phase centre in the other hemisphere.
    pub fn upright(&self, channel: usize, phase_center: Option<SkyCoord>) -> Result<UprightImage> {
        let channels = self.data.dim().0;
        if channel >= channels {
            return Err(Error::ImageGeometry {
                problem: format!("has {channels} channels, not one of number {channel}"),
                remedy: "channels count from 0",
            });
        }
        let plane = self.data.index_axis(ndarray::Axis(0), channel);
        UprightImage::new(&plane, &self.sky, phase_center)
    }

    /// What to multiply pixel values with to have Jy/pixel.
    ///
    /// # Errors
    /// [`Error::ImageGeometry`] for a unit that is not a brightness or flux, or
    /// a unit a beam without the beam.
    pub fn jansky_per_pixel(&self) -> Result<f64> {
        let [[l_x, l_y], [m_x, m_y]] = self.sky.matrix;
        let pixel_sr = (l_x * m_y - l_y * m_x).abs();
        let unit = self.unit.as_deref().unwrap_or("");
        let flat: String = unit.to_ascii_lowercase().split_whitespace().collect();
        let (scale, rest) = match flat.strip_prefix("mjy") {
            // MJy is mega, mJy milli: the one prefix that case decides.
            Some(rest) if unit.trim_start().starts_with("MJy") => (1e6, rest),
            Some(rest) => (1e-3, rest),
            None => match flat.strip_prefix("ujy") {
                Some(rest) => (1e-6, rest),
                None => (1.0, flat.strip_prefix("jy").unwrap_or("?")),
            },
        };
        let area = match rest {
            "" | "/pixel" | "/pix" | "pixel-1" | "pixel**-1" => 1.0,
            "/sr" | "sr-1" | "sr**-1" => pixel_sr,
            "/beam" | "beam-1" | "beam**-1" => match &self.beam {
                Some(beam) if beam.solid_angle_sr() > 0.0 => pixel_sr / beam.solid_angle_sr(),
                _ => {
                    return Err(Error::ImageGeometry {
                        problem: format!("is in {unit} but has no beam"),
                        remedy: "set BMAJ, BMIN and BPA",
                    });
                }
            },
            _ => {
                return Err(Error::ImageGeometry {
                    problem: format!("is in {unit:?}"),
                    remedy: "set BUNIT to Jy/pixel, Jy/beam or Jy/sr (with m or M before Jy)",
                });
            }
        };
        Ok(scale * area)
    }
}

fn read_image<R: Read + Seek>(units: &mut Units<R>, unit: Unit) -> Result<FitsImage> {
    let header = &unit.header;
    let planes = Planes::new(&unit)?;
    let sky = ImageSky::from_header(header)?;
    let beam = Beam::from_header(header)?;
    let rest_frequency_hz = match header.float("RESTFRQ")? {
        Some(frequency) => Some(frequency),
        None => header.float("RESTFREQ")?,
    };
    let data = read_planes(units, &unit, &planes)?;
    // After the data: a list of frequencies is no longer than what was really read.
    let frequency_hz = match planes.spectral_axis {
        Some(axis) => frequencies(header, axis, planes.channels, rest_frequency_hz)?,
        None => Vec::new(),
    };
    Ok(FitsImage {
        data,
        sky,
        unit: header.text("BUNIT").map(str::to_owned),
        beam,
        frequency_hz,
        rest_frequency_hz,
        object: header.text("OBJECT").map(str::to_owned),
        header: unit.header,
    })
}

/// Which planes of the axes beyond the second are channels.
struct Planes {
    rows: u64,
    columns: u64,
    channels: u64,
    /// Planes in the file.
    all: u64,
    /// Position of channel c among the planes: `first + c · step`.
    first: u64,
    step: u64,
    /// FITS number of the frequency axis.
    spectral_axis: Option<usize>,
}

impl Planes {
    fn new(unit: &Unit) -> Result<Self> {
        let header = &unit.header;
        let mut planes = Self {
            columns: unit.axes[0],
            rows: unit.axes[1],
            channels: 1,
            all: 1,
            first: 0,
            step: 1,
            spectral_axis: None,
        };
        for (index, &length) in unit.axes.iter().enumerate().skip(2) {
            let axis = index + 1;
            let kind = header.text(&format!("CTYPE{axis}")).unwrap_or("");
            let spectral = ["FREQ", "VRAD", "VELO", "VOPT", "FELO", "WAVE"]
                .iter()
                .any(|name| kind.starts_with(name));
            if length > 1 && kind == "STOKES" {
                planes.first += planes.all * stokes_i(header, axis, length)?;
            } else if length > 1 && planes.channels > 1 {
                return Err(Error::ImageGeometry {
                    problem: format!("has axes of lengths {:?}", unit.axes),
                    remedy: "only one axis beyond the second may be longer than 1 (besides STOKES)",
                });
            } else if length > 1 {
                planes.channels = length;
                planes.step = planes.all;
                planes.spectral_axis = spectral.then_some(axis);
            } else if spectral && planes.spectral_axis.is_none() && planes.channels == 1 {
                planes.spectral_axis = Some(axis);
            }
            // The product of all axes has been checked against overflow.
            planes.all *= length;
        }
        Ok(planes)
    }
}

/// Position of Stokes I on a Stokes axis.
fn stokes_i(header: &FitsHeader, axis: usize, length: u64) -> Result<u64> {
    let value = |name: &str, default| -> Result<f64> {
        Ok(header.float(&format!("{name}{axis}"))?.unwrap_or(default))
    };
    let (value_at, pixel, step) = (
        value("CRVAL", 1.0)?,
        value("CRPIX", 1.0)?,
        value("CDELT", 1.0)?,
    );
    let position = pixel - 1.0 + (1.0 - value_at) / step;
    if position.fract() == 0.0 && position >= 0.0 && position < length as f64 {
        Ok(position as u64)
    } else {
        Err(Error::ImageGeometry {
            problem: format!(
                "has a Stokes axis from {value_at} in steps of {step} without Stokes I (1)"
            ),
            remedy: "extract one plane first",
        })
    }
}

/// Frequencies of a FREQ axis, or of a radio velocity axis with a rest frequency; else nothing.
fn frequencies(
    header: &FitsHeader,
    axis: usize,
    channels: u64,
    rest: Option<f64>,
) -> Result<Vec<f64>> {
    let value = |name: &str, default| -> Result<f64> {
        Ok(header.float(&format!("{name}{axis}"))?.unwrap_or(default))
    };
    let (value_at, pixel, step) = (
        value("CRVAL", 0.0)?,
        value("CRPIX", 1.0)?,
        value("CDELT", 0.0)?,
    );
    let kind = header.text(&format!("CTYPE{axis}")).unwrap_or("");
    let unit = header.text(&format!("CUNIT{axis}")).unwrap_or("");
    let to_hz = |x: f64| match (kind.get(..4), unit, rest) {
        (Some("FREQ"), "" | "Hz" | "HZ", _) => Some(x),
        (Some("FREQ"), "kHz", _) => Some(x * 1e3),
        (Some("FREQ"), "MHz", _) => Some(x * 1e6),
        (Some("FREQ"), "GHz", _) => Some(x * 1e9),
        (Some("VRAD"), "" | "m/s", Some(rest)) => Some(rest * (1.0 - x / SPEED_OF_LIGHT_M_PER_S)),
        (Some("VRAD"), "km/s", Some(rest)) => Some(rest * (1.0 - 1e3 * x / SPEED_OF_LIGHT_M_PER_S)),
        _ => None,
    };
    let frequencies: Option<Vec<f64>> = if to_hz(value_at).is_none() {
        None
    } else {
        (0..channels)
            .map(|channel| to_hz(value_at + (channel as f64 + 1.0 - pixel) * step))
            .collect()
    };
    Ok(frequencies.unwrap_or_default())
}

fn read_planes<R: Read + Seek>(
    units: &mut Units<R>,
    unit: &Unit,
    planes: &Planes,
) -> Result<Array3<f64>> {
    let header = &unit.header;
    let scale = header.float("BSCALE")?.unwrap_or(1.0);
    let zero = header.float("BZERO")?.unwrap_or(0.0);
    let blank = match unit.bitpix.is_whole() {
        true => header.integer("BLANK")?,
        false => None,
    };
    let plane_elements = planes.rows * planes.columns;
    let width = unit.bitpix.bytes();
    let mut data: Vec<f64> = Vec::new();
    if units.length_is_checked() {
        // The file is as long as its header says, so this is at most eight times its size.
        let elements = plane_elements * planes.channels;
        data.reserve_exact(usize::try_from(elements).unwrap_or(0));
    }
    let mut buffer = vec![0; PIECE * width];
    let mut channel = 0;
    for plane in 0..planes.all {
        if channel == planes.channels {
            break;
        }
        let wanted = plane == planes.first + channel * planes.step;
        let mut left = plane_elements;
        while left > 0 {
            let count = (left as usize).min(PIECE);
            let piece = &mut buffer[..count * width];
            units
                .read_exact(piece)
                .map_err(|error| unit.cut(error, units))?;
            if wanted {
                unit.bitpix.decode(piece, blank, scale, zero, &mut data);
            }
            left -= count as u64;
        }
        channel += u64::from(wanted);
    }
    let shape = [planes.channels, planes.rows, planes.columns];
    // All elements were read, so the axis lengths fit.
    Array3::from_shape_vec(shape.map(|length| length as usize), data).map_err(|_| Error::TooLarge {
        what: "FITS image",
        shape: shape.to_vec(),
        element_bytes: 8,
    })
}
