//! Reading random groups into a uv table.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use astro_core::{Baseline, SkyCoord, UvTable};
use num_complex::Complex64;

use super::layout::{Antennas, Axes, Parameter, Parameters};
use super::setup::Setup;
use crate::fits::{Unit, Units};
use crate::{Error, Result, UvReadOptions};

/// What was read and what was left out.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct UvFitsReport {
    /// Groups in the file.
    pub groups: u64,
    /// Groups of an antenna with itself, which were dropped.
    pub autocorrelations: u64,
    /// Groups of other sources than the one chosen.
    pub other_sources: u64,
    /// Rows with weight zero: every hand flagged, or not a number.
    pub flagged_rows: u64,
    /// Rows made of one hand alone, since the other was flagged or is not in the file.
    pub single_hand_rows: u64,
}

/// Reads a UVFITS file, gzipped or not: one row a group, spectral window and channel.
///
/// Stokes I is itself where the file has it, else the mean of the parallel
/// hands weighted by their weights, `(w₁V₁ + w₂V₂)/(w₁ + w₂)` with weight
/// `w₁ + w₂`; where one hand is flagged (weight ≤ 0, or not a number) the
/// other is taken alone, as if the source were not polarised. Rows without a
/// good hand are kept with weight 0. u, v, w are in wavelengths of each
/// channel; times are those of the file (UTC, or as its AN table says).
/// Antennas are ordered, `first < second`, by reversing baselines that are not.
///
/// Units and columns in the options are for other formats; `conjugate` and
/// `source` apply.
///
/// # Errors
/// [`Error::Reading`] with the cause: missing parameters or axes, a truncated
/// file, groups that refer to what no table lists, several sources and none chosen.
pub fn read_uvfits(
    path: impl AsRef<Path>,
    options: &UvReadOptions,
) -> Result<(UvTable, UvFitsReport)> {
    let path = path.as_ref();
    File::open(path)
        .map_err(Error::from)
        .and_then(|file| read_uvfits_from(BufReader::with_capacity(1 << 17, file), options))
        .map_err(Error::reading(path))
}

/// Reads UVFITS from a reader.
///
/// # Errors
/// As [`read_uvfits`], without the file name.
pub fn read_uvfits_from(
    reader: impl Read + Seek,
    options: &UvReadOptions,
) -> Result<(UvTable, UvFitsReport)> {
    // The tables come after the groups: read them first, then start again.
    let mut units = Units::new(reader)?;
    let primary = units.next()?.ok_or(Error::NotFits)?;
    let layout = Layout::new(&primary).map_err(Unit::wrap(0))?;
    let setup = Setup::read(&mut units)?;
    let mut units = units.restart()?;
    let primary = units.next()?.ok_or(Error::NotFits)?;
    let (table, report) = Groups::new(&primary, &layout, &setup, options)
        .read(&mut units)
        .map_err(Unit::wrap(0))?;
    table.check()?;
    let table = if options.conjugate {
        table.conjugated()
    } else {
        table
    };
    Ok((table, report))
}

struct Layout {
    parameters: Parameters,
    axes: Axes,
    /// Places of Stokes I, or of the parallel hands, on the STOKES axis.
    hands: Vec<usize>,
    scale: f64,
    zero: f64,
}

impl Layout {
    fn new(unit: &Unit) -> Result<Self> {
        if !unit.is_random_groups() {
            return Err(Error::MissingKeyword {
                keyword: "GROUPS = T with NAXIS1 = 0".to_owned(),
                expected: "random groups; this file is not UVFITS",
            });
        }
        // A group is held in memory: the file has been found long enough, or it is gzipped and of one group at least.
        if unit.pcount > 999 {
            return Err(Error::Keyword {
                keyword: "PCOUNT".to_owned(),
                found: unit.pcount.to_string(),
                expected: "at most 999 random parameters",
            });
        }
        let axes = Axes::new(unit)?;
        Ok(Self {
            parameters: Parameters::new(&unit.header, unit.pcount)?,
            hands: axes.stokes_i()?,
            axes,
            scale: unit.header.float("BSCALE")?.unwrap_or(1.0),
            zero: unit.header.float("BZERO")?.unwrap_or(0.0),
        })
    }
}

/// The loop over groups.
struct Groups<'a> {
    unit: &'a Unit,
    layout: &'a Layout,
    setup: &'a Setup,
    options: &'a UvReadOptions,
    table: UvTable,
    report: UvFitsReport,
    /// Day of the first group, modified Julian.
    first_day: Option<f64>,
    /// Frequencies of the setup last met, and its number.
    frequencies: Option<(Option<f64>, Vec<f64>)>,
    sources: Vec<i32>,
}

impl<'a> Groups<'a> {
    fn new(
        unit: &'a Unit,
        layout: &'a Layout,
        setup: &'a Setup,
        options: &'a UvReadOptions,
    ) -> Self {
        Self {
            unit,
            layout,
            setup,
            options,
            table: UvTable::default(),
            report: UvFitsReport::default(),
            first_day: None,
            frequencies: None,
            sources: Vec::new(),
        }
    }

    fn read<R: Read + Seek>(mut self, units: &mut Units<R>) -> Result<(UvTable, UvFitsReport)> {
        let elements = self.layout.axes.elements as u64 + self.unit.pcount;
        let group_bytes = elements.saturating_mul(self.unit.bitpix.bytes() as u64);
        let mut bytes = Vec::new();
        let mut values = Vec::new();
        for group in 0..self.unit.gcount {
            bytes.clear();
            let got = units.take(group_bytes).read_to_end(&mut bytes)? as u64;
            if got < group_bytes {
                let cut = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
                return Err(self.unit.cut(cut, units));
            }
            values.clear();
            self.unit.bitpix.decode(&bytes, None, 1.0, 0.0, &mut values);
            self.group(group, &values)?;
        }
        self.report.groups = self.unit.gcount;
        self.sources.sort_unstable();
        self.sources.dedup();
        let source = match (self.options.source, &self.sources[..]) {
            (Some(source), _) => Some(source),
            (None, []) => None,
            (None, &[only]) => Some(only),
            (None, several) => {
                return Err(Error::SourceNeeded {
                    found: several.to_vec(),
                });
            }
        };
        let axes = &self.layout.axes;
        let of_axes = match (axes.right_ascension, axes.declination) {
            (Some(ra), Some(dec)) if dec.abs() <= 90.0 => Some(SkyCoord::from_degrees(ra, dec)),
            _ => None,
        };
        self.table.phase_center = source.and_then(|id| self.setup.source(id)).or(of_axes);
        self.table.reference_mjd = self.first_day.unwrap_or(0.0) as i32;
        Ok((self.table, self.report))
    }

    fn group(&mut self, group: u64, values: &[f64]) -> Result<()> {
        let (parameters, data) = values.split_at(self.unit.pcount as usize);
        let layout = self.layout;
        let value = |p: &Parameter| parameters[p.index] * p.scale + p.zero;
        if let Some(parameter) = &layout.parameters.source {
            let id = value(parameter).round() as i32;
            if self.options.source.is_some_and(|wanted| wanted != id) {
                self.report.other_sources += 1;
                return Ok(());
            }
            // A few sources: the list stays short because repeats of the last one are not added.
            if self.sources.last() != Some(&id) && !self.sources.contains(&id) {
                self.sources.push(id);
                if self.options.source.is_none() && self.sources.len() > 1000 {
                    return Err(Error::SourceNeeded {
                        found: std::mem::take(&mut self.sources),
                    });
                }
            }
        }
        let (first, second) = antennas(&layout.parameters.antennas, value, group)?;
        if first == second {
            self.report.autocorrelations += 1;
            return Ok(());
        }
        let (baseline, turn) = if first < second {
            (Baseline { first, second }, 1.0)
        } else {
            let (first, second) = (second, first);
            (Baseline { first, second }, -1.0)
        };
        let sum = |parameters: &[Parameter]| parameters.iter().map(value).sum::<f64>();
        let uvw = layout.parameters.uvw.each_ref().map(|p| turn * sum(p));
        let time_s = match layout.parameters.date.is_empty() {
            true => None,
            false => Some(self.seconds(parameters, group)?),
        };
        let id = layout.parameters.frequency_setup.as_ref().map(value);
        let frequencies = match self.frequencies.take() {
            Some((last, frequencies)) if last == id => frequencies,
            _ => self.setup.frequencies(&layout.axes, id, group)?,
        };
        let channels = layout.axes.frequency.length;
        for (point, &frequency) in frequencies.iter().enumerate() {
            let to_wavelengths = match layout.parameters.in_wavelengths {
                true => frequency / layout.axes.frequency.value,
                false => frequency,
            };
            let start = point / channels * layout.axes.window.stride
                + point % channels * layout.axes.frequency.stride;
            let (mut visibility, weight) = self.stokes_i(data, start);
            visibility.im *= turn;
            self.table.u.push(uvw[0] * to_wavelengths);
            self.table.v.push(uvw[1] * to_wavelengths);
            if !layout.parameters.uvw[2].is_empty() {
                self.table.w.push(uvw[2] * to_wavelengths);
            }
            self.table.value.push(visibility);
            self.table.weight.push(weight);
            self.table.frequency_hz.push(frequency);
            self.table.baseline.push(baseline);
            self.table.time_s.extend(time_s);
        }
        self.frequencies = Some((id, frequencies));
        Ok(())
    }

    /// Stokes I and its weight of the point whose data start at `start`; weight 0 if no hand is good.
    fn stokes_i(&mut self, data: &[f64], start: usize) -> (Complex64, f64) {
        let layout = self.layout;
        let (stokes, complex) = (layout.axes.stokes.stride, layout.axes.complex.stride);
        let (mut sum, mut weights, mut good) = (Complex64::default(), 0.0, 0);
        for &hand in &layout.hands {
            let part = |index: usize| {
                data[start + hand * stokes + index * complex] * layout.scale + layout.zero
            };
            // Two points on the COMPLEX axis are real and imaginary part of equal weights.
            let weight = if layout.axes.complex.length == 3 {
                part(2)
            } else {
                1.0
            };
            let value = Complex64::new(part(0), part(1));
            if weight > 0.0 && weight.is_finite() && value.is_finite() {
                sum += value * weight;
                weights += weight;
                good += 1;
            }
        }
        if good == 0 {
            self.report.flagged_rows += 1;
            return (Complex64::default(), 0.0);
        }
        let is_hands = layout.axes.stokes.world(layout.hands[0]) < 0.0;
        if is_hands && good == 1 {
            self.report.single_hand_rows += 1;
        }
        (sum / weights, weights)
    }

    /// Seconds since midnight of the day of the first group; day and fraction are kept apart for precision.
    fn seconds(&mut self, parameters: &[f64], group: u64) -> Result<f64> {
        /// Julian date of modified Julian date 0, less half a day that is put to the fraction.
        const MJD_ZERO: f64 = 2_400_000.0;
        let (mut day, mut fraction) = (-MJD_ZERO, -0.5);
        for parameter in &self.layout.parameters.date {
            for part in [
                parameters[parameter.index] * parameter.scale,
                parameter.zero,
            ] {
                day += part.floor();
                fraction += part - part.floor();
            }
        }
        day += fraction.floor();
        fraction -= fraction.floor();
        if !(day.is_finite() && day.abs() < 1e8) {
            return Err(Error::BadGroup {
                group,
                quantity: "DATE (as modified Julian date)",
                value: day,
                requirement: "it must be a Julian date within 300 000 years",
            });
        }
        let first = *self.first_day.get_or_insert(day);
        Ok((day - first + fraction) * 86400.0)
    }
}

fn antennas(
    antennas: &Antennas,
    value: impl Fn(&Parameter) -> f64,
    group: u64,
) -> Result<(u16, u16)> {
    let number = |quantity, value: f64| {
        let whole = value.round();
        ((0.0..65536.0).contains(&whole) && (whole - value).abs() < 0.5)
            .then_some(whole as u16)
            .ok_or(Error::BadGroup {
                group,
                quantity,
                value,
                requirement: "it must be a number from 0 to 65535",
            })
    };
    match antennas {
        Antennas::Pair(first, second) => Ok((
            number("ANTENNA1", value(first))?,
            number("ANTENNA2", value(second))?,
        )),
        Antennas::Baseline(parameter) => {
            let code = value(parameter);
            // The hundredths are the subarray (Memo 117); 2048 a₁ + a₂ + 65536 is Miriad's form for many antennas.
            let (code, base) = if code > 65536.0 {
                (code - 65536.0, 2048.0)
            } else {
                (code, 256.0)
            };
            let first = (code / base).floor();
            Ok((
                number("BASELINE", first)?,
                number("BASELINE", (code - first * base).floor())?,
            ))
        }
    }
}
