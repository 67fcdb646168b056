//! Where the pixels of an image lie on the sky.

use std::f64::consts::{LN_2, PI};

use astro_core::{SkyCoord, TangentOffset};
use ndarray::{Array2, ArrayView2, Axis};

use super::{FitsHeader, FitsValue, wrong};
use crate::{Error, Result};

/// Rotations of the pixel grid below this fraction of a pixel step are taken for none.
const UPRIGHT: f64 = 1e-6;

/// The restoring beam: a Gaussian by its full widths at half maximum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beam {
    /// Major axis, radians.
    pub major_rad: f64,
    /// Minor axis, radians.
    pub minor_rad: f64,
    /// Position angle of the major axis, East of North, radians.
    pub position_angle_rad: f64,
}

impl Beam {
    /// Solid angle `π a b / (4 ln 2)`, steradians.
    pub fn solid_angle_sr(&self) -> f64 {
        PI * self.major_rad * self.minor_rad / (4.0 * LN_2)
    }

    pub(super) fn from_header(header: &FitsHeader) -> Result<Option<Self>> {
        let beam = |major: f64, minor: f64, angle: f64| Self {
            major_rad: major.to_radians(),
            minor_rad: minor.to_radians(),
            position_angle_rad: angle.to_radians(),
        };
        if let Some(major) = header.float("BMAJ")? {
            let minor = header.float("BMIN")?.unwrap_or(major);
            let angle = header.float("BPA")?.unwrap_or(0.0);
            return Ok(Some(beam(major, minor, angle)));
        }
        // AIPS: `AIPS   CLEAN BMAJ=  1.3E-04 BMIN=  1.2E-04 BPA=  12.00`, the last one counts.
        let of_line = |line: &String| {
            let value = |name| {
                let (_, rest) = line.split_once(name)?;
                rest.split_whitespace().next()?.parse::<f64>().ok()
            };
            let found = (value("BMAJ=")?, value("BMIN=")?, value("BPA=")?);
            Some(beam(found.0, found.1, found.2))
        };
        Ok(header.history().iter().rev().find_map(of_line))
    }
}

/// The tangent plane of an image.
///
/// The offset of a pixel from the reference direction, to the East (l) and
/// North (m), is `(l, m) = matrix · (column − reference_column, row − reference_row)`.
/// Pixel numbers count from 0 at the first pixel of the FITS data.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageSky {
    /// Direction of the reference pixel; `None` where the header has no celestial axes.
    pub reference: Option<SkyCoord>,
    /// Reference pixel, column and row, counted from 0.
    pub reference_pixel: [f64; 2],
    /// Radians a pixel: `[[∂l/∂column, ∂l/∂row], [∂m/∂column, ∂m/∂row]]`.
    pub matrix: [[f64; 2]; 2],
    /// FITS code of the projection, `SIN`, `TAN`, ….
    pub projection: String,
    /// RADESYS, where the header has it.
    pub frame: Option<String>,
}

impl ImageSky {
    /// A SIN projection with square pixels, East to the left and North up, whose
    /// centre pixel `⌊n/2⌋` is the reference.
    pub fn new(reference: SkyCoord, rows: usize, columns: usize, pixel_rad: f64) -> Self {
        Self {
            reference: Some(reference),
            reference_pixel: [(columns / 2) as f64, (rows / 2) as f64],
            matrix: [[-pixel_rad, 0.0], [0.0, pixel_rad]],
            projection: "SIN".to_owned(),
            frame: Some("ICRS".to_owned()),
        }
    }

    /// Offset of a pixel from the reference direction on the tangent plane.
    pub fn offset_of_pixel(&self, row: f64, column: f64) -> TangentOffset {
        let x = column - self.reference_pixel[0];
        let y = row - self.reference_pixel[1];
        let [[l_x, l_y], [m_x, m_y]] = self.matrix;
        TangentOffset {
            l: l_x * x + l_y * y,
            m: m_x * x + m_y * y,
        }
    }

    pub(super) fn from_header(header: &FitsHeader) -> Result<Self> {
        let kinds = [1, 2].map(|axis| header.text(&format!("CTYPE{axis}")).unwrap_or(""));
        let is = |kind: &str, names: [&str; 2]| names.iter().any(|name| kind.starts_with(name));
        if is(kinds[0], ["DEC", "GLAT"]) || is(kinds[1], ["RA", "GLON"]) {
            return Err(Error::ImageGeometry {
                problem: format!("has {} before {}", kinds[0], kinds[1]),
                remedy: "transpose it so that right ascension is the first axis",
            });
        }
        let celestial = kinds[0].starts_with("RA") && kinds[1].starts_with("DEC");
        let mut to_rad = [0.0; 2];
        let mut values = [0.0; 2];
        let mut reference_pixel = [0.0; 2];
        for (index, axis) in [1, 2].into_iter().enumerate() {
            let keyword = format!("CUNIT{axis}");
            to_rad[index] = match header
                .text(&keyword)
                .map(str::to_ascii_lowercase)
                .as_deref()
            {
                None | Some("deg" | "degree" | "degrees") => PI / 180.0,
                Some("rad" | "radian" | "radians") => 1.0,
                Some("arcmin") => PI / 180.0 / 60.0,
                Some("arcsec") => PI / 180.0 / 3600.0,
                Some(other) => {
                    let found = FitsValue::Text(other.to_owned());
                    return Err(wrong(&keyword, &found, "deg, rad, arcmin or arcsec"));
                }
            };
            values[index] = header.float(&format!("CRVAL{axis}"))?.unwrap_or(0.0) * to_rad[index];
            reference_pixel[index] = header.float(&format!("CRPIX{axis}"))?.unwrap_or(1.0) - 1.0;
        }
        let mut matrix = linear_matrix(header)?;
        for (row, factor) in matrix.iter_mut().zip(to_rad) {
            row.iter_mut().for_each(|element| *element *= factor);
        }
        let valid = celestial && values[1].abs() <= PI / 2.0 * (1.0 + 1e-12);
        Ok(Self {
            reference: valid
                .then(|| SkyCoord::from_degrees(values[0].to_degrees(), values[1].to_degrees())),
            reference_pixel,
            matrix,
            projection: kinds[0]
                .rsplit('-')
                .next()
                .filter(|_| celestial)
                .unwrap_or("")
                .to_owned(),
            frame: header
                .text("RADESYS")
                .or(header.text("RADECSYS"))
                .map(str::to_owned),
        })
    }
}

/// CDi_j, or PCi_j with CDELTi, or CDELTi with CROTA2; in the units of the axes.
fn linear_matrix(header: &FitsHeader) -> Result<[[f64; 2]; 2]> {
    let pick = |prefix: &str, i: usize, j: usize| header.float(&format!("{prefix}{i}_{j}"));
    let mut matrix = [[0.0; 2]; 2];
    if header
        .cards()
        .iter()
        .any(|(name, _)| name.starts_with("CD1_") || name.starts_with("CD2_"))
    {
        for i in 0..2 {
            for j in 0..2 {
                matrix[i][j] = pick("CD", i + 1, j + 1)?.unwrap_or(0.0);
            }
        }
        return Ok(matrix);
    }
    let delta = |axis: usize| -> Result<f64> {
        let keyword = format!("CDELT{axis}");
        header.float(&keyword)?.ok_or(Error::MissingKeyword {
            keyword,
            expected: "the pixel size (or a CD matrix) is needed",
        })
    };
    let delta = [delta(1)?, delta(2)?];
    let (sin, cos) = header
        .float("CROTA2")?
        .unwrap_or(0.0)
        .to_radians()
        .sin_cos();
    let has_pc = header
        .cards()
        .iter()
        .any(|(name, _)| name.starts_with("PC1_") || name.starts_with("PC2_"));
    for i in 0..2 {
        for j in 0..2 {
            matrix[i][j] = if has_pc {
                let default = if i == j { 1.0 } else { 0.0 };
                delta[i] * pick("PC", i + 1, j + 1)?.unwrap_or(default)
            } else {
                // Calabretta & Greisen 2002, eq. 189.
                match (i, j) {
                    (0, 1) => -delta[1] * sin,
                    (1, 0) => delta[0] * sin,
                    _ => delta[i] * cos,
                }
            };
        }
    }
    Ok(matrix)
}

/// A plane of an image turned so that East is left and North is up, ready for a Fourier transform.
#[derive(Clone, Debug, PartialEq)]
pub struct UprightImage {
    /// `[row, column]`, row 0 in the South ("origin lower"), column 0 in the East.
    pub data: Array2<f64>,
    /// Column step, radians, positive.
    pub pixel_width_rad: f64,
    /// Row step, radians, positive.
    pub pixel_height_rad: f64,
    /// Offset of the centre pixel `(⌊rows/2⌋, ⌊columns/2⌋)` from the reference
    /// direction (or the phase centre asked for): what an offset phase must undo.
    pub center: TangentOffset,
}

impl UprightImage {
    pub(super) fn new(
        plane: &ArrayView2<'_, f64>,
        sky: &ImageSky,
        phase_center: Option<SkyCoord>,
    ) -> Result<Self> {
        let [[l_x, l_y], [m_x, m_y]] = sky.matrix;
        if !(l_x != 0.0 && m_y != 0.0 && [l_x, l_y, m_x, m_y].iter().all(|x| x.is_finite())) {
            return Err(Error::ImageGeometry {
                problem: format!("has pixels of size {l_x} by {m_y} rad"),
                remedy: "set CDELT1 and CDELT2",
            });
        }
        if l_y.abs() > UPRIGHT * m_y.abs() || m_x.abs() > UPRIGHT * l_x.abs() {
            return Err(Error::ImageGeometry {
                problem: format!(
                    "is rotated by {:.3} degrees",
                    (-l_y).atan2(m_y).to_degrees()
                ),
                remedy: "regrid it with North up",
            });
        }
        let (rows, columns) = plane.dim();
        let mut upright = plane.view();
        let (mut row, mut column) = ((rows / 2) as f64, (columns / 2) as f64);
        if l_x > 0.0 {
            upright.invert_axis(Axis(1));
            column = (columns - 1 - columns / 2) as f64;
        }
        if m_y < 0.0 {
            upright.invert_axis(Axis(0));
            row = (rows - 1 - rows / 2) as f64;
        }
        let mut center = sky.offset_of_pixel(row, column);
        if let (Some(reference), Some(phase_center)) = (sky.reference, phase_center) {
            let direction = reference.at_offset(center);
            center = direction
                .and_then(|direction| direction.offset_from(phase_center))
                .ok_or(Error::ImageGeometry {
                    problem: "does not lie in the hemisphere of the phase centre".to_owned(),
                    remedy: "check CRVAL1, CRVAL2 and the phase centre",
                })?;
        }
        Ok(Self {
            data: upright.as_standard_layout().into_owned(),
            pixel_width_rad: l_x.abs(),
            pixel_height_rad: m_y.abs(),
            center,
        })
    }
}
