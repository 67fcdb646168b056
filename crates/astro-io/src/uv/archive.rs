//! uv tables in npz archives.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use astro_core::{Baseline, SkyCoord, UvTable};
use ndarray::{Array1, ArrayD, arr0, arr1};
use num_complex::Complex64;

use super::{UvReadOptions, UvUnit, to_wavelengths};
use crate::npy::{NpzArrays, read_npz_from, write_npz};
use crate::{Error, IfExists, NpyArray, Result};

/// Reads a uv table from an npz archive.
///
/// Names read, first found first:
///
/// | quantity | names | unit |
/// |---|---|---|
/// | u, v | `u`, `v` (frank, ours: wavelengths; with `Vis`: metres) or `uu`, `vv` (MPoL: kλ or λ, by version) | see below |
/// | visibility, Jy | `V`, `Vis`, `vis`, `data`, complex; or `data_re`, `data_im`; or `Re`, `Im` | |
/// | weight, Jy⁻² | `weights`, `weight`, `Wgt` | |
/// | w | `w`, `ww` | as u |
/// | frequency | `frequency_hz`, `frequency`, `frequencies`, `freqs`, `freq` | Hz |
/// | time | `time_s` with `reference_mjd` | s |
/// | antennas | `antenna1`, `antenna2` | |
/// | phase centre | `phase_center_deg` (right ascension, declination) | degrees |
///
/// Visibilities may be `[channel, row]` (MPoL), with u and v of that shape or
/// one a row, and frequency one a channel; the table then has one row for each
/// channel and row, channels slowest. `uu` and `vv` without
/// [`UvReadOptions::unit`] are an error, since the file does not tell the
/// unit and it has changed over time. The MPoL names mean the conjugate sign,
/// which is undone (see [`crate::uv`]).
///
/// # Errors
/// [`Error::Reading`] with the cause: a missing array, shapes that do not
/// agree, an unknown unit, or a table that [`UvTable::check`] refuses.
pub fn read_uv_npz(path: impl AsRef<Path>, options: &UvReadOptions) -> Result<UvTable> {
    let path = path.as_ref();
    File::open(path)
        .map_err(Error::from)
        .and_then(|file| read_uv_npz_from(BufReader::new(file), options))
        .map_err(Error::reading(path))
}

/// Reads a uv table from an archive in npz format.
///
/// # Errors
/// As [`read_uv_npz`], without the file name.
pub fn read_uv_npz_from(reader: impl Read + Seek, options: &UvReadOptions) -> Result<UvTable> {
    let mut archive = Archive {
        arrays: read_npz_from(reader)?,
    };
    let option_wavelength = options.checked_wavelength()?;
    let mpol = archive.has("uu");
    let in_meters = archive.has("Vis");
    let value = archive.visibilities()?;
    let shape = value.shape().to_vec();
    if shape.is_empty() || shape.len() > 2 {
        return Err(Error::Shape {
            name: "visibility".to_owned(),
            found: shape,
            expected: "[row] or [channel, row]".to_owned(),
        });
    }
    let frequency =
        archive.optional(&["frequency_hz", "frequency", "frequencies", "freqs", "freq"])?;
    let frequency_hz = match frequency {
        Some((name, array)) => spread(&name, array, &shape, Along::Channel)?,
        None => Vec::new(),
    };
    let mut table = UvTable {
        u: archive.rows(&["u", "uu"], "u (or uu)", &shape)?,
        v: archive.rows(&["v", "vv"], "v (or vv)", &shape)?,
        w: archive.optional_rows(&["w", "ww"], &shape)?,
        weight: archive.rows(
            &["weights", "weight", "Wgt"],
            "weights (or weight, Wgt)",
            &shape,
        )?,
        frequency_hz,
        time_s: archive.optional_rows(&["time_s"], &shape)?,
        reference_mjd: archive.reference_mjd()?,
        baseline: archive.baselines(&shape)?,
        phase_center: archive.phase_center()?,
        value: value.into_iter().collect(),
    };
    let unit = match options.unit {
        Some(unit) => unit,
        None if option_wavelength.is_some() || in_meters => UvUnit::Meters,
        None if mpol => {
            let largest = table.u.iter().chain(&table.v);
            return Err(Error::UnitNeeded {
                largest: largest.fold(0.0, |max, x| x.abs().max(max)),
            });
        }
        None => UvUnit::Wavelengths,
    };
    to_wavelengths(&mut table, unit, option_wavelength)?;
    table.check()?;
    Ok(if mpol != options.conjugate {
        table.conjugated()
    } else {
        table
    })
}

/// Writes a uv table as npz: `u`, `v` in wavelengths, `V`, `weights` (names that
/// frank reads too), and `w`, `frequency_hz`, `time_s` with `reference_mjd`,
/// `antenna1`, `antenna2`, `phase_center_deg` where the table has them.
///
/// # Errors
/// [`Error::Table`] for a table that [`UvTable::check`] refuses,
/// [`Error::AlreadyExists`], or [`Error::Writing`] when the disk refuses.
pub fn write_uv_npz(path: impl AsRef<Path>, table: &UvTable, if_exists: IfExists) -> Result<()> {
    table.check()?;
    let mut arrays = NpzArrays::new();
    for (name, column) in [
        ("u", &table.u),
        ("v", &table.v),
        ("w", &table.w),
        ("weights", &table.weight),
        ("frequency_hz", &table.frequency_hz),
        ("time_s", &table.time_s),
    ] {
        if !column.is_empty() {
            arrays.insert(name.to_owned(), arr1(column).into());
        }
    }
    arrays.insert("V".to_owned(), arr1(&table.value).into());
    if !table.time_s.is_empty() {
        let day = arr0(i64::from(table.reference_mjd));
        arrays.insert("reference_mjd".to_owned(), day.into());
    }
    if !table.baseline.is_empty() {
        let antennas = |pick: fn(&Baseline) -> u16| -> NpyArray {
            Array1::from_iter(table.baseline.iter().map(pick)).into()
        };
        arrays.insert("antenna1".to_owned(), antennas(|b| b.first));
        arrays.insert("antenna2".to_owned(), antennas(|b| b.second));
    }
    if let Some(center) = table.phase_center {
        let degrees = [
            center.right_ascension.degrees(),
            center.declination.degrees(),
        ];
        arrays.insert("phase_center_deg".to_owned(), arr1(&degrees).into());
    }
    write_npz(path, &arrays, if_exists)
}

/// Which axis of `[channel, row]` a one-dimensional array runs along.
#[derive(Clone, Copy, PartialEq)]
enum Along {
    Row,
    Channel,
}

/// One value for each visibility: arrays of the same shape as they are, shorter ones repeated.
fn spread(name: &str, array: ArrayD<f64>, shape: &[usize], along: Along) -> Result<Vec<f64>> {
    let rows = shape.last().copied().unwrap_or(0);
    let channels = if shape.len() == 2 { shape[0] } else { 1 };
    let found = array.shape().to_vec();
    if found == shape {
        return Ok(array.into_iter().collect());
    }
    let repeat = |count: usize, values: &[f64]| -> Vec<f64> {
        values
            .iter()
            .copied()
            .cycle()
            .take(count * values.len())
            .collect()
    };
    let values: Vec<f64> = array.into_iter().collect();
    match (&found[..], along) {
        // One frequency for everything.
        ([] | [1], Along::Channel) if channels == 1 => Ok(vec![values[0]; rows]),
        (&[length], Along::Row) if length == rows && rows > 0 => Ok(repeat(channels, &values)),
        (&[length], Along::Channel) if length == channels => Ok(values
            .iter()
            .flat_map(|&value| std::iter::repeat_n(value, rows))
            .collect()),
        _ => Err(Error::Shape {
            name: name.to_owned(),
            found,
            expected: format!("that of the visibilities, {shape:?}, or one value a row or channel"),
        }),
    }
}

struct Archive {
    arrays: NpzArrays,
}

impl Archive {
    fn has(&self, name: &str) -> bool {
        self.arrays.contains_key(name)
    }

    fn take(&mut self, names: &[&str]) -> Option<(String, NpyArray)> {
        names
            .iter()
            .find_map(|name| self.arrays.remove_entry(*name))
    }

    fn missing(&self, expected: &'static str) -> Error {
        Error::MissingArray {
            expected,
            found: self.arrays.keys().cloned().collect(),
        }
    }

    fn optional(&mut self, names: &[&str]) -> Result<Option<(String, ArrayD<f64>)>> {
        match self.take(names) {
            Some((name, array)) => {
                let array = array.into_f64(&name)?;
                Ok(Some((name, array)))
            }
            None => Ok(None),
        }
    }

    fn rows(
        &mut self,
        names: &[&str],
        expected: &'static str,
        shape: &[usize],
    ) -> Result<Vec<f64>> {
        let (name, array) = self
            .optional(names)?
            .ok_or_else(|| self.missing(expected))?;
        spread(&name, array, shape, Along::Row)
    }

    fn optional_rows(&mut self, names: &[&str], shape: &[usize]) -> Result<Vec<f64>> {
        match self.optional(names)? {
            Some((name, array)) => spread(&name, array, shape, Along::Row),
            None => Ok(Vec::new()),
        }
    }

    fn visibilities(&mut self) -> Result<ArrayD<Complex64>> {
        if let Some((name, array)) = self.take(&["V", "Vis", "vis", "data"]) {
            return match array {
                NpyArray::Complex32(_) | NpyArray::Complex64(_) => array.into_complex(&name),
                real => Err(Error::ElementType {
                    name,
                    found: real.element_type(),
                    expected: "complex numbers",
                }),
            };
        }
        for (real, imaginary) in [("data_re", "data_im"), ("Re", "Im"), ("re", "im")] {
            if let (true, true) = (self.has(real), self.has(imaginary)) {
                let (re, im) = (self.take(&[real]), self.take(&[imaginary]));
                if let (Some((_, re)), Some((_, im))) = (re, im) {
                    let (re, im) = (re.into_f64(real)?, im.into_f64(imaginary)?);
                    if re.shape() != im.shape() {
                        return Err(Error::Shape {
                            name: imaginary.to_owned(),
                            found: im.shape().to_vec(),
                            expected: format!("that of {real}, {:?}", re.shape()),
                        });
                    }
                    return Ok(ndarray::Zip::from(&re)
                        .and(&im)
                        .map_collect(|&re, &im| Complex64::new(re, im)));
                }
            }
        }
        Err(self.missing("V (or Vis, vis, data, or data_re with data_im)"))
    }

    fn reference_mjd(&mut self) -> Result<i32> {
        let Some((name, array)) = self.optional(&["reference_mjd"])? else {
            return Ok(0);
        };
        let value = array.first().copied().unwrap_or(f64::NAN);
        if array.len() == 1 && value.fract() == 0.0 && value.abs() < f64::from(i32::MAX) {
            Ok(value as i32)
        } else {
            Err(Error::Shape {
                name,
                found: array.shape().to_vec(),
                expected: "one whole number".to_owned(),
            })
        }
    }

    fn baselines(&mut self, shape: &[usize]) -> Result<Vec<Baseline>> {
        let first = self.optional_rows(&["antenna1"], shape)?;
        let second = self.optional_rows(&["antenna2"], shape)?;
        if first.is_empty() || second.is_empty() {
            return Ok(Vec::new());
        }
        let number = |value: f64| {
            let whole = value.fract() == 0.0 && (0.0..65536.0).contains(&value);
            whole.then_some(value as u16).ok_or(Error::BadParameter {
                quantity: "antenna number",
                value,
                requirement: "it must be a whole number from 0 to 65535",
            })
        };
        first
            .into_iter()
            .zip(second)
            .map(|(first, second)| {
                Ok(Baseline {
                    first: number(first)?,
                    second: number(second)?,
                })
            })
            .collect()
    }

    fn phase_center(&mut self) -> Result<Option<SkyCoord>> {
        let Some((name, array)) = self.optional(&["phase_center_deg"])? else {
            return Ok(None);
        };
        let found = array.shape().to_vec();
        let values: Vec<f64> = array.into_iter().collect();
        match values[..] {
            [ra, dec] if ra.is_finite() && dec.abs() <= 90.0 => {
                Ok(Some(SkyCoord::from_degrees(ra, dec)))
            }
            _ => Err(Error::Shape {
                name,
                found,
                expected: "two numbers, right ascension and declination in degrees".to_owned(),
            }),
        }
    }
}
