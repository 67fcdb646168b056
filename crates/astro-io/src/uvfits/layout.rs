//! Where the numbers of a group are: random parameters and the axes of its array.

use crate::fits::{FitsHeader, Unit};
use crate::{Error, Result};

/// One random parameter: `value = raw · scale + zero`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameter {
    pub(super) index: usize,
    pub(super) scale: f64,
    pub(super) zero: f64,
}

/// Places of the random parameters.
#[derive(Debug)]
pub(super) struct Parameters {
    /// UU, VV, WW; several of one name are added (a second one holds lower digits). WW may be absent.
    pub(super) uvw: [Vec<Parameter>; 3],
    /// UU-L and its like: u, v, w in wavelengths at the reference frequency instead of seconds.
    pub(super) in_wavelengths: bool,
    pub(super) date: Vec<Parameter>,
    pub(super) antennas: Antennas,
    pub(super) frequency_setup: Option<Parameter>,
    pub(super) source: Option<Parameter>,
}

/// How a group names its two antennas.
#[derive(Clone, Copy, Debug)]
pub(super) enum Antennas {
    Baseline(Parameter),
    Pair(Parameter, Parameter),
}

impl Parameters {
    pub(super) fn new(header: &FitsHeader, pcount: u64) -> Result<Self> {
        let mut all: Vec<(String, Parameter)> = Vec::new();
        for index in 0..pcount as usize {
            let number = index + 1;
            let name = header.text(&format!("PTYPE{number}")).unwrap_or("");
            let parameter = Parameter {
                index,
                scale: header.float(&format!("PSCAL{number}"))?.unwrap_or(1.0),
                zero: header.float(&format!("PZERO{number}"))?.unwrap_or(0.0),
            };
            all.push((name.to_ascii_uppercase(), parameter));
        }
        let missing = |expected| Error::MissingParameter {
            expected,
            found: all.iter().map(|(name, _)| name.clone()).collect(),
        };
        let starting = |prefix: &str| -> Vec<Parameter> {
            let matching = all.iter().filter(|(name, _)| name.starts_with(prefix));
            matching.map(|(_, parameter)| *parameter).collect()
        };
        let one = |wanted: &str| -> Option<Parameter> {
            let found = all.iter().find(|(name, _)| name == wanted);
            found.map(|(_, parameter)| *parameter)
        };
        let uvw = [starting("UU"), starting("VV"), starting("WW")];
        for (parameters, name) in uvw.iter().zip(["UU", "VV"]) {
            if parameters.is_empty() {
                return Err(missing(name));
            }
        }
        let suffix = all
            .iter()
            .find_map(|(name, _)| name.strip_prefix("UU"))
            .unwrap_or("");
        if suffix.ends_with("NCP") {
            return Err(missing(
                "UU---SIN (baselines in the NCP system must be rotated first)",
            ));
        }
        let antennas = match (one("BASELINE"), one("ANTENNA1"), one("ANTENNA2")) {
            (Some(baseline), ..) => Antennas::Baseline(baseline),
            (None, Some(first), Some(second)) => Antennas::Pair(first, second),
            _ => return Err(missing("BASELINE (or ANTENNA1 and ANTENNA2)")),
        };
        let mut date = starting("DATE");
        date.extend(starting("_DATE"));
        Ok(Self {
            in_wavelengths: suffix.starts_with("-L"),
            uvw,
            date,
            antennas,
            frequency_setup: one("FREQSEL"),
            source: one("SOURCE"),
        })
    }
}

/// One axis of the array of a group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub(super) length: usize,
    /// Elements from one point of the axis to the next.
    pub(super) stride: usize,
    pub(super) value: f64,
    pub(super) pixel: f64,
    pub(super) step: f64,
}

impl Axis {
    /// World coordinate of point `index`, counted from 0.
    pub(super) fn world(&self, index: usize) -> f64 {
        self.value + (index as f64 + 1.0 - self.pixel) * self.step
    }

    fn absent() -> Self {
        Self {
            length: 1,
            stride: 0,
            value: 0.0,
            pixel: 1.0,
            step: 1.0,
        }
    }
}

/// The axes that matter; the others must have length 1.
#[derive(Debug)]
pub(super) struct Axes {
    pub(super) complex: Axis,
    pub(super) stokes: Axis,
    pub(super) frequency: Axis,
    pub(super) window: Axis,
    pub(super) right_ascension: Option<f64>,
    pub(super) declination: Option<f64>,
    /// Elements of the array.
    pub(super) elements: usize,
}

impl Axes {
    pub(super) fn new(unit: &Unit) -> Result<Self> {
        let header = &unit.header;
        let (mut complex, mut stokes, mut frequency, mut window) = (None, None, None, None);
        let (mut right_ascension, mut declination) = (None, None);
        let mut stride = 1usize;
        for (index, &length) in unit.axes.iter().enumerate().skip(1) {
            let number = index + 1;
            let value = |name: &str, default| -> Result<f64> {
                Ok(header.float(&format!("{name}{number}"))?.unwrap_or(default))
            };
            let points = usize::try_from(length).ok();
            let Some((points, next)) = points.and_then(|n| Some((n, stride.checked_mul(n)?)))
            else {
                return Err(Error::TooLarge {
                    what: "group",
                    shape: unit.axes.clone(),
                    element_bytes: unit.bitpix.bytes() as u64,
                });
            };
            let axis = Axis {
                length: points,
                stride,
                value: value("CRVAL", 0.0)?,
                pixel: value("CRPIX", 1.0)?,
                step: value("CDELT", 1.0)?,
            };
            let kind = header.text(&format!("CTYPE{number}")).unwrap_or("");
            match kind {
                "COMPLEX" => complex = Some(axis),
                "STOKES" => stokes = Some(axis),
                "FREQ" => frequency = Some(axis),
                "IF" => window = Some(axis),
                "RA" => right_ascension = Some(axis.value),
                "DEC" => declination = Some(axis.value),
                _ => {}
            }
            // Memo 117 allows four polarisations; the others are bounded by the data of one group.
            if kind == "STOKES" && length > 4 {
                return Err(Error::Keyword {
                    keyword: format!("NAXIS{number}"),
                    found: length.to_string(),
                    expected: "at most 4 polarisations",
                });
            }
            let known = matches!(kind, "COMPLEX" | "STOKES" | "FREQ" | "IF");
            if length == 0 || (!known && length != 1) {
                return Err(Error::Keyword {
                    keyword: format!("NAXIS{number}"),
                    found: format!("{length} ({kind})"),
                    expected: "1, except for the axes COMPLEX, STOKES, FREQ and IF",
                });
            }
            stride = next;
        }
        let complex = complex.filter(|axis| matches!(axis.length, 2 | 3));
        Ok(Self {
            complex: complex.ok_or(Error::MissingKeyword {
                keyword: "CTYPEn = 'COMPLEX'".to_owned(),
                expected: "an axis of real part, imaginary part and weight",
            })?,
            stokes: stokes.unwrap_or(Axis {
                value: 1.0,
                ..Axis::absent()
            }),
            frequency: frequency.ok_or(Error::MissingKeyword {
                keyword: "CTYPEn = 'FREQ'".to_owned(),
                expected: "the axis that gives the frequency",
            })?,
            window: window.unwrap_or(Axis::absent()),
            right_ascension,
            declination,
            elements: stride,
        })
    }

    /// Places on the STOKES axis that make Stokes I: itself, or the parallel hands that are there.
    pub(super) fn stokes_i(&self) -> Result<Vec<usize>> {
        let values: Vec<i64> = (0..self.stokes.length)
            .map(|index| self.stokes.world(index).round() as i64)
            .collect();
        let places = |wanted: &[i64]| -> Vec<usize> {
            let matching = (0..values.len()).filter(|&index| wanted.contains(&values[index]));
            matching.collect()
        };
        [&[1][..], &[-1, -2], &[-5, -6]]
            .into_iter()
            .map(places)
            .find(|places| !places.is_empty())
            .ok_or(Error::NoStokesI { found: values })
    }
}
