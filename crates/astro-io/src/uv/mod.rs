//! uv tables from any of the formats they come in.
//!
//! # Sign of the Fourier exponent
//!
//! An [`UvTable`] follows `V(u, v) = ∫ I(l, m) exp(+2πi(ul + vm)) dl dm`, `l` to
//! the East and `m` to the North. What the formats hold:
//!
//! | format | sign in the file | read as |
//! |---|---|---|
//! | text tables of GALARIO, uvplot, frank (from CASA, unchanged) | + | is |
//! | npz with `u`, `v`, `V` (uvplot, frank, ours) | + | is |
//! | npz with `uu`, `vv`, `data` (MPoL, conjugated by visread) | − | conjugated |
//! | UVFITS | + | is (see [`crate::uvfits`]) |
//!
//! [`UvReadOptions::conjugate`] conjugates after that, for files that do not
//! follow the custom of their format: an off-centre source that comes out on
//! the wrong side, West for East, asks for it.

mod archive;
mod header;
mod rows;
mod text;

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use astro_core::UvTable;
use astro_core::constants::SPEED_OF_LIGHT_M_PER_S;

pub use archive::{read_uv_npz, read_uv_npz_from, write_uv_npz};
pub use text::{read_uv_text, read_uv_text_from, write_uv_text};

use crate::uvfits::read_uvfits_from;
use crate::{Error, Result};

/// Unit of u and v in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UvUnit {
    /// Wavelengths.
    Wavelengths,
    /// Thousands of wavelengths (kλ).
    Kilowavelengths,
    /// Metres; to be divided by a wavelength.
    Meters,
}

/// What a column of a text table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UvColumn {
    /// East baseline component.
    U,
    /// North baseline component.
    V,
    /// Component towards the source.
    W,
    /// Real part, Jy.
    Re,
    /// Imaginary part, Jy.
    Im,
    /// Weight, `1/σ²` of each part.
    Weight,
    /// Frequency of the row, Hz.
    Frequency,
    /// Wavelength of the row, m.
    Wavelength,
    /// Passed over; it still must hold a number.
    Ignore,
}

impl UvColumn {
    pub(crate) const DEFAULT: [Self; 5] = [Self::U, Self::V, Self::Re, Self::Im, Self::Weight];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::U => "u",
            Self::V => "v",
            Self::W => "w",
            Self::Re => "Re",
            Self::Im => "Im",
            Self::Weight => "weight",
            Self::Frequency => "frequency",
            Self::Wavelength => "wavelength",
            Self::Ignore => "ignored",
        }
    }
}

/// How to read a uv table. The default takes everything from the file.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct UvReadOptions {
    /// Unit of u and v in text and npz files, over what the file says.
    ///
    /// `None`: as the file says; a text table that says nothing is in metres
    /// when `wavelength_m` is given and in wavelengths otherwise.
    pub unit: Option<UvUnit>,
    /// Observing wavelength in metres, over what the file says: divides u and v in
    /// metres, and gives every row its frequency.
    pub wavelength_m: Option<f64>,
    /// The columns of a text table, over what its header says.
    pub columns: Option<Vec<UvColumn>>,
    /// Number of the source to read from a UVFITS file of several.
    pub source: Option<i32>,
    /// Conjugate every visibility after the sign of the format has been applied.
    pub conjugate: bool,
}

impl UvReadOptions {
    /// The default options: everything from the file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`UvReadOptions::unit`].
    #[must_use]
    pub fn unit(mut self, unit: UvUnit) -> Self {
        self.unit = Some(unit);
        self
    }

    /// Sets [`UvReadOptions::wavelength_m`].
    #[must_use]
    pub fn wavelength_m(mut self, wavelength_m: f64) -> Self {
        self.wavelength_m = Some(wavelength_m);
        self
    }

    /// Sets [`UvReadOptions::columns`].
    #[must_use]
    pub fn columns(mut self, columns: impl Into<Vec<UvColumn>>) -> Self {
        self.columns = Some(columns.into());
        self
    }

    /// Sets [`UvReadOptions::source`].
    #[must_use]
    pub fn source(mut self, source: i32) -> Self {
        self.source = Some(source);
        self
    }

    /// Sets [`UvReadOptions::conjugate`].
    #[must_use]
    pub fn conjugate(mut self, conjugate: bool) -> Self {
        self.conjugate = conjugate;
        self
    }

    /// The wavelength, checked.
    pub(crate) fn checked_wavelength(&self) -> Result<Option<f64>> {
        match self.wavelength_m {
            Some(value) if !(value.is_finite() && value > 0.0) => Err(Error::BadParameter {
                quantity: "wavelength_m",
                value,
                requirement: "it must be a positive number of metres",
            }),
            other => Ok(other),
        }
    }
}

/// Reads a uv table of any known format, recognised by content:
/// npz, UVFITS (gzipped or not), else text.
///
/// # Errors
/// [`Error::Reading`] with the cause; a table without a usable row is refused.
///
/// ```
/// use astro_io::{UvReadOptions, read_uv_table};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("disc.txt");
/// std::fs::write(&path, "# u[m] v[m] Re Im weight\n130 -26 0.5 0.1 400\n")?;
/// let table = read_uv_table(&path, &UvReadOptions::new().wavelength_m(1.3e-3))?;
/// assert!((table.u[0] - 1e5).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_uv_table(path: impl AsRef<Path>, options: &UvReadOptions) -> Result<UvTable> {
    let path = path.as_ref();
    File::open(path)
        .map_err(Error::from)
        .and_then(|file| read_uv_table_from(BufReader::with_capacity(1 << 17, file), options))
        .map_err(Error::reading(path))
}

/// Reads a uv table of any known format from a reader.
///
/// # Errors
/// As [`read_uv_table`], without the file name.
pub fn read_uv_table_from(
    mut reader: impl Read + Seek,
    options: &UvReadOptions,
) -> Result<UvTable> {
    let mut start = Vec::new();
    reader.by_ref().take(8).read_to_end(&mut start)?;
    reader.rewind()?;
    if start.starts_with(b"PK") {
        read_uv_npz_from(reader, options)
    } else if start.starts_with(b"SIMPLE") || start.starts_with(b"\x1f\x8b") {
        let (table, _) = read_uvfits_from(reader, options)?;
        Ok(table)
    } else if start.contains(&0) || start.starts_with(b"\x93") {
        Err(Error::UnknownFormat {
            start: String::from_utf8_lossy(&start).into_owned(),
        })
    } else {
        read_uv_text_from(BufReader::with_capacity(1 << 17, reader), options)
    }
}

/// Brings u, v, w to wavelengths and fills the frequency column where a wavelength is known.
///
/// `wavelength_m` is the one wavelength of the file or the caller; rows with a
/// frequency of their own are divided by their own wavelength.
pub(crate) fn to_wavelengths(
    table: &mut UvTable,
    unit: UvUnit,
    wavelength_m: Option<f64>,
) -> Result<()> {
    match unit {
        UvUnit::Wavelengths => {}
        UvUnit::Kilowavelengths => scale(table, |_| 1e3),
        UvUnit::Meters => match wavelength_m {
            Some(wavelength) => scale(table, |_| 1.0 / wavelength),
            None if table.frequency_hz.is_empty() => return Err(Error::WavelengthNeeded),
            None => {
                let frequency_hz = std::mem::take(&mut table.frequency_hz);
                scale(table, |row| frequency_hz[row] / SPEED_OF_LIGHT_M_PER_S);
                table.frequency_hz = frequency_hz;
            }
        },
    }
    if let (true, Some(wavelength)) = (table.frequency_hz.is_empty(), wavelength_m) {
        table.frequency_hz = vec![SPEED_OF_LIGHT_M_PER_S / wavelength; table.len()];
    }
    Ok(())
}

fn scale(table: &mut UvTable, factor: impl Fn(usize) -> f64) {
    for column in [&mut table.u, &mut table.v, &mut table.w] {
        for (row, value) in column.iter_mut().enumerate() {
            *value *= factor(row);
        }
    }
}
