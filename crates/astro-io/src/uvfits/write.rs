//! Writing a uv table as UVFITS.

use std::path::Path;

use astro_core::UvTable;

use crate::fits::writer::{Cards, write_unit};
use crate::table::extension_cards;
use crate::{Error, IfExists, Result, write_atomically};

/// Frequency setups that a file can tell apart (FREQSEL is a 16-bit number in AIPS).
const MOST_SETUPS: usize = 32_767;

/// Names that go into the header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UvFitsLabels {
    /// OBJECT, the source.
    pub object: String,
    /// TELESCOP, the array.
    pub telescope: String,
}

/// Writes a uv table as UVFITS random groups of Stokes I, one group a row, with AIPS FQ and AN tables.
///
/// Every frequency of the table is a frequency setup of one channel, chosen by
/// FREQSEL. Numbers are 32-bit, as AIPS and CASA expect: u, v, w, visibilities
/// and weights keep seven digits; times keep better than a microsecond by the
/// two DATE parameters. Rows of weight 0 are written with weight 0. Antenna
/// positions are not known to a uv table and are written as zeros. A table
/// without baselines is written with antennas 1 and 2.
///
/// # Errors
/// [`Error::ColumnNeeded`] without frequencies, which u and v in seconds need;
/// [`Error::BadParameter`] for more than 32767 different frequencies or an
/// antenna number of 0; [`Error::Table`] for a table that
/// [`UvTable::check`] refuses; [`Error::AlreadyExists`], or [`Error::Writing`]
/// when the disk refuses.
pub fn write_uvfits(
    path: impl AsRef<Path>,
    table: &UvTable,
    labels: &UvFitsLabels,
    if_exists: IfExists,
) -> Result<()> {
    table.check()?;
    let frequencies = Frequencies::new(table)?;
    let antennas = antenna_count(table)?;
    write_atomically(path, if_exists, |file| {
        write_unit(file, group_cards(table, labels, &frequencies), |sink| {
            let mut buffer = Vec::with_capacity(1 << 16);
            for row in 0..table.len() {
                for value in group(table, row, &frequencies) {
                    buffer.extend(value.to_be_bytes());
                }
                if buffer.len() >= 1 << 15 {
                    sink(&buffer)?;
                    buffer.clear();
                }
            }
            sink(&buffer)
        })?;
        write_frequencies(file, &frequencies)?;
        write_antennas(file, antennas, table, labels, &frequencies)
    })
}

/// The different frequencies of a table.
struct Frequencies {
    /// Ascending.
    hz: Vec<f64>,
}

impl Frequencies {
    fn new(table: &UvTable) -> Result<Self> {
        if table.frequency_hz.is_empty() {
            return Err(Error::ColumnNeeded {
                column: "frequency",
                over: "seconds of light (UVFITS)",
            });
        }
        let mut hz = table.frequency_hz.clone();
        hz.sort_unstable_by(f64::total_cmp);
        hz.dedup();
        if hz[0] <= 0.0 {
            return Err(Error::BadParameter {
                quantity: "frequency_hz",
                value: hz[0],
                requirement: "it must be positive",
            });
        }
        if hz.len() > MOST_SETUPS {
            return Err(Error::BadParameter {
                quantity: "number of different frequencies",
                value: hz.len() as f64,
                requirement: "UVFITS can tell 32767 apart: average channels first",
            });
        }
        Ok(Self { hz })
    }

    fn reference(&self) -> f64 {
        self.hz[0]
    }

    /// FREQSEL of a frequency of the table, from 1.
    fn setup(&self, frequency: f64) -> usize {
        1 + self.hz.partition_point(|&hz| hz < frequency)
    }
}

fn antenna_count(table: &UvTable) -> Result<u16> {
    let lowest = table.baseline.iter().map(|b| b.first).min().unwrap_or(1);
    let highest = table.baseline.iter().map(|b| b.second).max().unwrap_or(2);
    if lowest == 0 {
        return Err(Error::BadParameter {
            quantity: "antenna number",
            value: 0.0,
            requirement: "UVFITS counts antennas from 1",
        });
    }
    Ok(highest)
}

fn group_cards(table: &UvTable, labels: &UvFitsLabels, frequencies: &Frequencies) -> Cards {
    let mut cards = Cards::default();
    cards.logical("SIMPLE", true, "conforms to FITS standard 4.0");
    cards.integer("BITPIX", -32, "IEEE floating point");
    cards.integer("NAXIS", 7, "number of axes");
    for (index, length) in [0, 3, 1, 1, 1, 1, 1].into_iter().enumerate() {
        cards.integer(&format!("NAXIS{}", index + 1), length, "");
    }
    cards.logical("EXTEND", true, "");
    cards.logical("GROUPS", true, "random groups");
    cards.integer("PCOUNT", PARAMETERS.len() as i64, "random parameters");
    cards.integer("GCOUNT", table.len() as i64, "groups");
    cards.text("OBJECT", &labels.object, "");
    cards.text("TELESCOP", &labels.telescope, "");
    cards.text("INSTRUME", &labels.telescope, "");
    cards.text("DATE-OBS", &calendar(table.reference_mjd), "");
    cards.text("BUNIT", "JY", "");
    cards.float("EPOCH", 2000.0, "");
    cards.float("EQUINOX", 2000.0, "");
    let (ra, dec) = match table.phase_center {
        Some(center) => (
            center.right_ascension.degrees(),
            center.declination.degrees(),
        ),
        None => (0.0, 0.0),
    };
    let axes = [
        ("COMPLEX", 1.0),
        ("STOKES", 1.0),
        ("FREQ", frequencies.reference()),
        ("IF", 1.0),
        ("RA", ra),
        ("DEC", dec),
    ];
    for (index, (kind, value)) in axes.into_iter().enumerate() {
        let axis = index + 2;
        cards.text(&format!("CTYPE{axis}"), kind, "");
        cards.float(&format!("CRVAL{axis}"), value, "");
        cards.float(&format!("CRPIX{axis}"), 1.0, "");
        cards.float(&format!("CDELT{axis}"), 1.0, "");
    }
    let midnight = f64::from(table.reference_mjd) + 2_400_000.5;
    for (index, name) in PARAMETERS.iter().enumerate() {
        let number = index + 1;
        cards.text(&format!("PTYPE{number}"), name, "");
        cards.float(&format!("PSCAL{number}"), 1.0, "");
        let zero = if number == 4 { midnight } else { 0.0 };
        cards.float(&format!("PZERO{number}"), zero, "");
    }
    cards.text("ORIGIN", "astro-io", "");
    cards
}

const PARAMETERS: [&str; 9] = [
    "UU", "VV", "WW", "DATE", "DATE", "ANTENNA1", "ANTENNA2", "SUBARRAY", "FREQSEL",
];

/// Random parameters, then real part, imaginary part, weight.
fn group(table: &UvTable, row: usize, frequencies: &Frequencies) -> [f32; 12] {
    let frequency = table.frequency_hz[row];
    let seconds = |wavelengths: f64| (wavelengths / frequency) as f32;
    let days = table.time_s.get(row).copied().unwrap_or(0.0) / 86400.0;
    let coarse = days as f32;
    let (first, second) = match table.baseline.get(row) {
        Some(baseline) => (baseline.first, baseline.second),
        None => (1, 2),
    };
    let value = if table.weight[row] > 0.0 {
        table.value[row]
    } else {
        Default::default()
    };
    [
        seconds(table.u[row]),
        seconds(table.v[row]),
        seconds(table.w.get(row).copied().unwrap_or(0.0)),
        coarse,
        (days - f64::from(coarse)) as f32,
        f32::from(first),
        f32::from(second),
        1.0,
        frequencies.setup(frequency) as f32,
        value.re as f32,
        value.im as f32,
        table.weight[row] as f32,
    ]
}

/// The start of a binary table of columns `(name, form, unit)`.
fn table_cards(name: &str, row_bytes: usize, rows: usize, columns: &[(&str, &str, &str)]) -> Cards {
    let columns: Vec<_> = columns
        .iter()
        .map(|&(name, form, unit)| (name, unit, form))
        .collect();
    let mut cards = extension_cards(name, row_bytes, rows as u64, &columns);
    cards.integer("EXTVER", 1, "");
    cards
}

fn write_frequencies(file: &mut impl std::io::Write, frequencies: &Frequencies) -> Result<()> {
    let columns = [
        ("FRQSEL", "1J", ""),
        ("IF FREQ", "1D", "HZ"),
        ("CH WIDTH", "1E", "HZ"),
        ("TOTAL BANDWIDTH", "1E", "HZ"),
        ("SIDEBAND", "1J", ""),
    ];
    let mut cards = table_cards("AIPS FQ", 24, frequencies.hz.len(), &columns);
    cards.integer("NO_IF", 1, "spectral windows");
    write_unit(file, cards, |sink| {
        for (index, &hz) in frequencies.hz.iter().enumerate() {
            let mut row = Vec::with_capacity(24);
            row.extend((index as i32 + 1).to_be_bytes());
            row.extend((hz - frequencies.reference()).to_be_bytes());
            row.extend(1f32.to_be_bytes());
            row.extend(1f32.to_be_bytes());
            row.extend(1i32.to_be_bytes());
            sink(&row)?;
        }
        Ok(())
    })
}

fn write_antennas(
    file: &mut impl std::io::Write,
    antennas: u16,
    table: &UvTable,
    labels: &UvFitsLabels,
    frequencies: &Frequencies,
) -> Result<()> {
    let columns = [
        ("ANNAME", "8A", ""),
        ("STABXYZ", "3D", "METERS"),
        ("NOSTA", "1J", ""),
        ("MNTSTA", "1J", ""),
        ("STAXOF", "1E", "METERS"),
        ("POLTYA", "1A", ""),
        ("POLAA", "1E", "DEGREES"),
        ("POLTYB", "1A", ""),
        ("POLAB", "1E", "DEGREES"),
    ];
    let mut cards = table_cards("AIPS AN", 54, usize::from(antennas), &columns);
    for axis in ["ARRAYX", "ARRAYY", "ARRAYZ"] {
        cards.float(axis, 0.0, "");
    }
    cards.float("FREQ", frequencies.reference(), "[Hz] reference frequency");
    cards.text("RDATE", &calendar(table.reference_mjd), "");
    // Sidereal time and Earth orientation are not known: only the rate is a constant.
    cards.float("DEGPDY", 360.985_647_36, "[deg/day] Earth rotation");
    cards.text("TIMSYS", "UTC", "");
    cards.text("ARRNAM", &labels.telescope, "");
    cards.text("FRAME", "????", "");
    cards.text("XYZHAND", "RIGHT", "");
    cards.integer("NUMORB", 0, "");
    cards.integer("NO_IF", 1, "");
    cards.integer("NOPCAL", 0, "");
    cards.integer("FREQID", -1, "");
    write_unit(file, cards, |sink| {
        for number in 1..=antennas {
            let mut row = format!("{:<8}", format!("A{number}")).into_bytes();
            row.extend([0; 24]);
            row.extend(i32::from(number).to_be_bytes());
            row.extend([0; 8]);
            row.push(b'X');
            row.extend([0; 4]);
            row.push(b'Y');
            row.extend([0; 4]);
            sink(&row)?;
        }
        Ok(())
    })
}

/// `YYYY-MM-DD` of a modified Julian day (Richards 2013, for the Gregorian calendar).
fn calendar(mjd: i32) -> String {
    let julian_day = i64::from(mjd) + 2_400_001;
    let f = julian_day + 1401 + (4 * julian_day + 274_277).div_euclid(146_097) * 3 / 4 - 38;
    let e = 4 * f + 3;
    let h = 5 * (e.rem_euclid(1461) / 4) + 2;
    let day = h.rem_euclid(153) / 5 + 1;
    let month = (h.div_euclid(153) + 2).rem_euclid(12) + 1;
    let year = e.div_euclid(1461) - 4716 + (14 - month).div_euclid(12);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_dates() {
        for (mjd, date) in [
            (0, "1858-11-17"),
            (40_587, "1970-01-01"),
            (51_544, "2000-01-01"),
            (60_369, "2024-02-29"),
            (60_370, "2024-03-01"),
        ] {
            assert_eq!(calendar(mjd), date);
        }
    }
}
