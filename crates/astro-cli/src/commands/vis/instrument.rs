//! Primary beam and w-term as asked for, and in words.

use anyhow::{Context as _, Result, bail};
use astro_core::constants::{ARCSEC_RAD, SPEED_OF_LIGHT_M_PER_S};
use astro_io::{FitsUnit, read_fits_image};
use astro_visibility::{BeamInterpolation, PrimaryBeam, WTerm};
use serde_json::{Value, json};

use super::profile::read_columns;
use crate::args::InstrumentOptions;
use crate::output::Usage;

/// What lies between the sky and the correlator.
#[derive(Clone, Debug, Default)]
pub(crate) struct Instrument {
    pub(crate) beam: Option<Beam>,
    pub(crate) w_term: Option<WTerm>,
}

/// A primary beam with the frequency for which it holds.
#[derive(Clone, Debug)]
pub(crate) struct Beam {
    pub(crate) pattern: PrimaryBeam,
    /// Unknown where neither the user nor the files say it: then the beam is that of the data.
    pub(crate) frequency_hz: Option<f64>,
    words: String,
    numbers: Value,
}

impl Instrument {
    /// `data_hz` is the (mean) frequency of the data, where known.
    pub(crate) fn read(options: &InstrumentOptions, data_hz: Option<f64>) -> Result<Self> {
        let w_term = options.w_term.then_some(WTerm {
            divide_by_n: options.divide_by_n,
        });
        let given_hz = options.pb_frequency.or(data_hz);
        let beam = if let Some(dish) = options.pb_dish {
            let Some(frequency_hz) = given_hz else {
                return Err(Usage(
                    "the beam of a dish depends on the wavelength, which the uv table does not tell; give --wavelength or --pb-frequency".to_owned(),
                )
                .into());
            };
            let wavelength = SPEED_OF_LIGHT_M_PER_S / frequency_hz;
            let blockage = options.pb_blockage;
            let words = match blockage {
                0.0 => format!("Airy pattern of a dish of {dish} m"),
                _ => format!("Airy pattern of a dish of {dish} m with a blockage of {blockage} m"),
            };
            Some(Beam {
                pattern: PrimaryBeam::airy(dish, blockage, wavelength)?,
                frequency_hz: Some(frequency_hz),
                words,
                numbers: json!({"kind": "airy", "dish_m": dish, "blockage_m": blockage}),
            })
        } else if let Some(fwhm) = options.pb_fwhm {
            Some(Beam {
                pattern: PrimaryBeam::gaussian(fwhm * ARCSEC_RAD)?,
                frequency_hz: given_hz,
                words: format!("Gaussian of {fwhm}″ (full width at half maximum)"),
                numbers: json!({"kind": "gaussian", "fwhm_arcsec": fwhm}),
            })
        } else if let Some(path) = &options.pb_file {
            let read = || read_beam(path, options.pb_frequency, data_hz);
            Some(read().with_context(|| format!("while reading the beam {}", path.display()))?)
        } else {
            None
        };
        Ok(Self { beam, w_term })
    }

    /// Whether the Hankel transform of a profile does not hold.
    pub(crate) fn needs_image(&self) -> bool {
        self.beam.is_some() || self.w_term.is_some()
    }

    /// The beam at a frequency.
    pub(crate) fn beam_at(&self, frequency_hz: Option<f64>) -> Result<Option<PrimaryBeam>> {
        let Some(beam) = &self.beam else {
            return Ok(None);
        };
        Ok(Some(match (beam.frequency_hz, frequency_hz) {
            (Some(given), Some(wanted)) => beam.pattern.at_frequency_ratio(wanted / given)?,
            _ => beam.pattern.clone(),
        }))
    }

    /// One line for each thing that is not left out.
    pub(crate) fn in_words(&self) -> Vec<String> {
        let beam = self.beam.as_ref().map(|beam| match beam.frequency_hz {
            Some(frequency) => {
                let at = frequency / 1e9;
                format!("primary beam: {} at {at} GHz", beam.words)
            }
            None => format!("primary beam: {}", beam.words),
        });
        let w_term = self.w_term.map(|w_term| match w_term.divide_by_n {
            true => "w-term: yes, pixels divided by n".to_owned(),
            false => "w-term: yes".to_owned(),
        });
        beam.into_iter().chain(w_term).collect()
    }

    /// The same for `--json`.
    pub(crate) fn add_to(&self, value: &mut Value) {
        value["primary_beam"] = match &self.beam {
            Some(beam) => {
                let mut numbers = beam.numbers.clone();
                numbers["frequency_hz"] = json!(beam.frequency_hz);
                numbers
            }
            None => Value::Null,
        };
        value["w_term"] = json!(self.w_term);
    }
}

fn read_beam(path: &std::path::Path, given_hz: Option<f64>, data_hz: Option<f64>) -> Result<Beam> {
    let is_fits = {
        use std::io::Read as _;
        let mut start = Vec::new();
        std::fs::File::open(path)?.take(6).read_to_end(&mut start)?;
        start == b"SIMPLE" || start.starts_with(b"\x1f\x8b")
    };
    if !is_fits {
        let (radii, power) = read_columns(path, "distance from the axis in arcsec and power")?;
        return Ok(Beam {
            pattern: PrimaryBeam::tabulated(&radii, &power)?,
            frequency_hz: given_hz.or(data_hz),
            words: format!("table {}", path.display()),
            numbers: json!({"kind": "table", "file": path}),
        });
    }
    let map = read_fits_image(path, &FitsUnit::FirstImage)?;
    let channels = map.data.dim().0;
    if channels != 1 {
        bail!("the map holds {channels} channels; one is needed: its width goes as 1/frequency");
    }
    let map_hz = map.frequency_hz.first().copied();
    Ok(Beam {
        pattern: PrimaryBeam::from_fits(&map, 0, None, BeamInterpolation::Cubic)?,
        frequency_hz: given_hz.or(map_hz).or(data_hz),
        words: format!("map {}", path.display()),
        numbers: json!({"kind": "map", "file": path}),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dish_needs_a_wavelength_and_its_beam_shrinks_with_frequency() {
        let options = InstrumentOptions {
            pb_dish: Some(12.0),
            ..InstrumentOptions::default()
        };
        assert!(Instrument::read(&options, None).unwrap_err().is::<Usage>());
        let instrument = Instrument::read(&options, Some(230e9)).unwrap();
        let twice = instrument.beam_at(Some(460e9)).unwrap().unwrap();
        let expected = PrimaryBeam::airy(12.0, 0.0, SPEED_OF_LIGHT_M_PER_S / 460e9).unwrap();
        for l in [1e-5, 3e-5, 8e-5] {
            assert!((twice.power(l, 0.0) - expected.power(l, 0.0)).abs() < 1e-12);
        }
        assert!(instrument.in_words()[0].contains("12 m at 230 GHz"));
    }

    #[test]
    fn a_table_is_read_in_arcsec() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("beam.txt");
        std::fs::write(&path, "# arcsec power\n0 1\n10 0.5\n20 0\n").unwrap();
        let options = InstrumentOptions {
            pb_file: Some(path),
            ..InstrumentOptions::default()
        };
        let instrument = Instrument::read(&options, None).unwrap();
        let beam = instrument.beam_at(Some(1e11)).unwrap().unwrap();
        assert!((beam.power(5.0 * ARCSEC_RAD, 0.0) - 0.75).abs() < 1e-12);
    }
}
