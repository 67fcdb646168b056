//! `.par` files: the text in which pulsar ephemerides are written (TEMPO, TEMPO2, PINT).

use astro_core::{Mjd, SECONDS_PER_DAY, TimeReference};

use super::{BinaryOrbit, Ephemeris, TimingSolution};
use crate::error::Result;

/// Seconds of a Julian year.
const YEAR_S: f64 = 365.25 * SECONDS_PER_DAY;

/// Why a `.par` file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParError {
    /// A value that is not what its key takes.
    #[error("line {line} of the .par file: {key} is `{value}`, which is not a number of its kind")]
    Number {
        /// Line, from 1.
        line: usize,
        /// The parameter.
        key: String,
        /// Its value.
        value: String,
    },
    /// A parameter that must be there.
    #[error("the .par file has no {key}; give its value")]
    Missing {
        /// The parameter.
        key: &'static str,
    },
    /// A parameter that stands twice.
    #[error("the .par file has {key} twice, in lines {first} and {second}; keep one")]
    Twice {
        /// The parameter.
        key: String,
        /// Its first line.
        first: usize,
        /// Its second line.
        second: usize,
    },
    /// Something that changes phases and is not modelled.
    #[error(
        "line {line} of the .par file: {key} {value} changes pulse phases and is not modelled; binary models are BT and ELL1, spin terms F0 to F2, units TDB"
    )]
    Unsupported {
        /// Line, from 1.
        line: usize,
        /// The parameter.
        key: String,
        /// Its value.
        value: String,
    },
}

/// What a `.par` file says of spin and orbit.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ParFile {
    /// Name of the pulsar (`PSR`, `PSRJ`, `PSRB`), or nothing.
    pub pulsar: String,
    /// Spin and orbit, in seconds after the reference that was given.
    pub ephemeris: Ephemeris,
    /// Parameters that were not used: position, proper motion, dispersion, and what else
    /// concerns the barycentre or radio telescopes.
    pub unused: Vec<String>,
}

/// Keys that change pulse phases in ways that are not modelled here.
const UNSUPPORTED: &[&str] = &[
    "GLEP_1",
    "GLF0_1",
    "WAVE_OM",
    "WAVE1",
    "FB1",
    "FB2",
    "M2",
    "SINI",
    "SHAPMAX",
    "H3",
    "H4",
    "STIG",
    "KIN",
    "KOM",
    "MTOT",
    "DTHETA",
    "DR",
    "EDOT",
    "EPS1DOT",
    "EPS2DOT",
    "IFUNC1",
    "PIECEWISE",
];

impl ParFile {
    /// Reads spin (`F0`, `F1`, `F2` or `P0`, `P1`; `PEPOCH`; the phase of `TZRMJD` where
    /// `TZRSITE` is the barycentre) and orbit (`BINARY` of `BT` or `ELL1`, with `PB` or
    /// `FB0`, `A1`, `T0` or `TASC`, `ECC`, `OM`, `EPS1`, `EPS2` and derivatives) from the
    /// text of a `.par` file. Days become seconds after `reference` exactly.
    ///
    /// ```
    /// use astro_core::{Mjd, ReferencePosition, TimeReference, TimeScale};
    /// use astro_timing::pulsation::ParFile;
    ///
    /// let text = "PSRJ J0000+0000\nF0 4.5 1 1D-9\nF1 -1.0D-12\nPEPOCH 55197.5\nDM 12.3\n";
    /// let nustar = TimeReference::new(
    ///     Mjd::new(55197, 7.660185200000e-4), TimeScale::Tdb, ReferencePosition::SolarSystem);
    /// let par = ParFile::parse(text, &nustar)?;
    /// assert_eq!(par.ephemeris.spin.frequency_dot, -1e-12);
    /// assert!((par.ephemeris.spin.epoch_s - (43_200.0 - 66.184)).abs() < 1e-6);
    /// assert_eq!(par.unused, ["DM"]);
    /// # Ok::<(), astro_timing::Error>(())
    /// ```
    ///
    /// # Errors
    /// A value that is no number, a parameter that is missing or given twice, one that
    /// changes phases and is not modelled (glitches, `WAVE`, `F3` and above, Shapiro
    /// delays, other binary models), `UNITS TCB`.
    pub fn parse(text: &str, reference: &TimeReference) -> Result<Self> {
        let mut lines = Lines::read(text)?;
        lines.refuse_unsupported()?;
        let pulsar = ["PSR", "PSRJ", "PSRB"]
            .iter()
            .find_map(|&key| lines.text(key));
        let epoch = lines.day("PEPOCH", reference)?.ok_or(missing("PEPOCH"))?;
        let mut spin = lines.spin(epoch)?;
        let orbit = lines.orbit(reference)?;
        let site = lines.text("TZRSITE");
        let zero = lines.day("TZRMJD", reference)?;
        let barycentre = site.as_deref().is_some_and(|site| {
            ["@", "0", "SSB", "BARY", "BARYCENTER", "BAT"]
                .contains(&site.to_ascii_uppercase().as_str())
        });
        let frequency_free = lines.take("TZRFRQ").is_some();
        let mut unused = lines.rest();
        match zero {
            Some(zero) if barycentre => {
                let phase = Ephemeris { spin, orbit }.phase(zero);
                spin.phase_turns = -phase;
            }
            Some(_) => unused.extend(["TZRMJD".to_owned(), "TZRSITE".to_owned()]),
            None => {}
        }
        if frequency_free && !barycentre {
            unused.push("TZRFRQ".to_owned());
        }
        let ephemeris = Ephemeris { spin, orbit };
        ephemeris.check()?;
        Ok(Self {
            pulsar: pulsar.unwrap_or_default(),
            ephemeris,
            unused,
        })
    }
}

fn missing(key: &'static str) -> ParError {
    ParError::Missing { key }
}

/// Keys in capitals with their first value, in the order of the file.
struct Lines {
    entries: Vec<Entry>,
}

struct Entry {
    line: usize,
    key: String,
    value: String,
    used: bool,
}

impl Lines {
    fn read(text: &str) -> Result<Self> {
        let mut entries: Vec<Entry> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_whitespace();
            let Some(key) = words.next() else { continue };
            if key == "C" {
                continue; // a comment of TEMPO
            }
            let key = key.to_ascii_uppercase();
            // These may come many times, each for some of the observations.
            let repeats = ["JUMP", "T2EFAC", "T2EQUAD", "ECORR", "DMX"];
            let first = entries.iter().find(|entry| entry.key == key);
            if let Some(first) = first
                && !repeats.iter().any(|start| key.starts_with(start))
            {
                return Err(ParError::Twice {
                    key,
                    first: first.line,
                    second: index + 1,
                }
                .into());
            }
            entries.push(Entry {
                line: index + 1,
                key,
                value: words.next().unwrap_or_default().to_owned(),
                used: false,
            });
        }
        Ok(Self { entries })
    }

    fn refuse_unsupported(&mut self) -> Result<()> {
        for entry in &self.entries {
            let key = entry.key.as_str();
            let derivative = key.strip_prefix('F').and_then(|n| n.parse::<usize>().ok());
            let fails = UNSUPPORTED.contains(&key) || derivative.is_some_and(|n| n > 2);
            // A parameter that is zero changes nothing.
            if fails && number(&entry.value) != Some(0.0) {
                return Err(ParError::Unsupported {
                    line: entry.line,
                    key: entry.key.clone(),
                    value: entry.value.clone(),
                }
                .into());
            }
        }
        if let Some(entry) = self.take("UNITS")
            && entry.1 != "TDB"
        {
            return Err(ParError::Unsupported {
                line: entry.0,
                key: "UNITS".to_owned(),
                value: entry.1,
            }
            .into());
        }
        Ok(())
    }

    fn take(&mut self, key: &str) -> Option<(usize, String)> {
        let entry = self.entries.iter_mut().find(|entry| entry.key == key)?;
        entry.used = true;
        Some((entry.line, entry.value.clone()))
    }

    fn text(&mut self, key: &str) -> Option<String> {
        self.take(key).map(|(_, value)| value)
    }

    fn number(&mut self, key: &str) -> Result<Option<f64>> {
        let Some((line, value)) = self.take(key) else {
            return Ok(None);
        };
        match number(&value) {
            Some(number) => Ok(Some(number)),
            None => Err(not_a_number(line, key, value).into()),
        }
    }

    fn or_zero(&mut self, key: &str) -> Result<f64> {
        Ok(self.number(key)?.unwrap_or(0.0))
    }

    fn required(&mut self, key: &'static str) -> Result<f64> {
        Ok(self.number(key)?.ok_or(missing(key))?)
    }

    /// A modified Julian day as seconds after the reference.
    fn day(&mut self, key: &str, reference: &TimeReference) -> Result<Option<f64>> {
        let Some((line, value)) = self.take(key) else {
            return Ok(None);
        };
        let (whole, fraction) = value.split_once('.').unwrap_or((&value, ""));
        let digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
        let day = whole.parse::<i64>().ok().filter(|day| digits && *day >= 0);
        let rest = format!("0.{fraction}0").parse::<f64>().ok();
        match (day, rest) {
            (Some(day), Some(rest)) => Ok(Some(reference.seconds_of(Mjd::new(day, rest)))),
            _ => Err(not_a_number(line, key, value).into()),
        }
    }

    fn spin(&mut self, epoch_s: f64) -> Result<TimingSolution> {
        if let Some(frequency) = self.number("F0")? {
            let (dot, ddot) = (self.or_zero("F1")?, self.or_zero("F2")?);
            return Ok(TimingSolution::new(epoch_s, frequency).with_derivatives(dot, ddot));
        }
        let period = match self.number("P0")? {
            Some(period) => Some(period),
            None => self.number("P")?,
        };
        let period = period.ok_or(missing("F0"))?;
        let period_dot = self.or_zero("P1")?;
        let frequency = 1.0 / period;
        let dot = -period_dot * frequency * frequency;
        Ok(TimingSolution::new(epoch_s, frequency)
            .with_derivatives(dot, 2.0 * dot * dot / frequency))
    }

    fn orbit(&mut self, reference: &TimeReference) -> Result<Option<BinaryOrbit>> {
        let Some((line, model)) = self.take("BINARY") else {
            return Ok(None);
        };
        let period_s = match self.number("PB")? {
            Some(days) => days * SECONDS_PER_DAY,
            None => 1.0 / self.number("FB0")?.ok_or(missing("PB"))?,
        };
        let period_dot = self.or_zero("PBDOT")?;
        // As TEMPO does: orbital derivatives above 1e-7 are in units of 1e-12.
        let scaled = |dot: f64| if dot.abs() > 1e-7 { 1e-12 * dot } else { dot };
        let axis_dot = self.or_zero("XDOT")? + self.or_zero("A1DOT")?;
        let (period_dot, projected_axis_dot) = (scaled(period_dot), scaled(axis_dot));
        let projected_axis_s = self.required("A1")?;
        match model.to_ascii_uppercase().as_str() {
            "BT" => {
                let ecc = self.number("ECC")?;
                let eccentricity = match ecc {
                    Some(ecc) => ecc,
                    None => self.or_zero("E")?,
                };
                Ok(Some(BinaryOrbit::Keplerian {
                    period_s,
                    period_dot,
                    projected_axis_s,
                    projected_axis_dot,
                    periastron_s: self.day("T0", reference)?.ok_or(missing("T0"))?,
                    eccentricity,
                    argument_rad: self.or_zero("OM")?.to_radians(),
                    argument_dot: self.or_zero("OMDOT")?.to_radians() / YEAR_S,
                    gamma_s: self.or_zero("GAMMA")?,
                }))
            }
            "ELL1" => Ok(Some(BinaryOrbit::Ell1 {
                period_s,
                period_dot,
                projected_axis_s,
                projected_axis_dot,
                ascending_node_s: self.day("TASC", reference)?.ok_or(missing("TASC"))?,
                eps1: self.or_zero("EPS1")?,
                eps2: self.or_zero("EPS2")?,
            })),
            _ => Err(ParError::Unsupported {
                line,
                key: "BINARY".to_owned(),
                value: model,
            }
            .into()),
        }
    }

    fn rest(&self) -> Vec<String> {
        let unused = self.entries.iter().filter(|entry| !entry.used);
        unused.map(|entry| entry.key.clone()).collect()
    }
}

/// A number, with the exponents of Fortran.
fn number(text: &str) -> Option<f64> {
    let text = text.replace(['D', 'd'], "e");
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn not_a_number(line: usize, key: &str, value: String) -> ParError {
    ParError::Number {
        line,
        key: key.to_owned(),
        value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use astro_core::{ReferencePosition, TimeScale};

    fn reference() -> TimeReference {
        TimeReference::new(
            Mjd::new(50_000, 0.25),
            TimeScale::Tdb,
            ReferencePosition::SolarSystem,
        )
    }

    #[test]
    fn spin_and_orbit_are_read() {
        let text = "
            PSR  B1913+16   # Hulse & Taylor
            C a comment
            RAJ 19:15:27
            P0 0.0590300032180 1
            P1 8.6183d-18
            PEPOCH 52984.0
            BINARY BT
            PB 0.322997448911
            A1 2.341782
            ECC 0.6171334
            OM 292.54472
            OMDOT 4.226598
            GAMMA 0.0042992
            PBDOT -2.423
            T0 52144.90097841
            JUMP -f a 1
            JUMP -f b 1
            UNITS TDB
        ";
        let par = ParFile::parse(text, &reference()).unwrap();
        assert_eq!(par.pulsar, "B1913+16");
        assert_eq!(par.unused, ["RAJ", "JUMP", "JUMP"]);
        let spin = par.ephemeris.spin;
        assert_eq!(spin.epoch_s, (2984.0 - 0.25) * 86_400.0);
        assert!((spin.frequency_hz - 1.0 / 0.059_030_003_218).abs() < 1e-12);
        assert!((spin.frequency_dot + 8.6183e-18 / 0.059_030_003_218f64.powi(2)).abs() < 1e-25);
        let Some(BinaryOrbit::Keplerian {
            period_dot,
            periastron_s,
            argument_dot,
            ..
        }) = par.ephemeris.orbit
        else {
            panic!("{par:?}");
        };
        assert_eq!(period_dot, -2.423e-12);
        // 2144.65097841 days.
        assert!((periastron_s - 185_297_844.534_624).abs() < 1e-6);
        assert!((argument_dot * YEAR_S - 4.226_598f64.to_radians()).abs() < 1e-12);
    }

    #[test]
    fn the_phase_of_tzrmjd_is_zero_at_the_barycentre() {
        let text = "F0 12.5\nF1 -1e-9\nPEPOCH 50000.25\nBINARY ELL1\nPB 0.5\nA1 3\nTASC 50000.5\nEPS1 1e-5\nTZRMJD 50001.7512345\nTZRSITE @\n";
        let par = ParFile::parse(text, &reference()).unwrap();
        let zero = par.ephemeris.phase(1.5012345 * 86_400.0);
        assert!(zero.min(1.0 - zero) < 1e-6, "{zero}");
        let radio = text.replace('@', "gbt");
        let par = ParFile::parse(&radio, &reference()).unwrap();
        assert_eq!(par.ephemeris.spin.phase_turns, 0.0);
        assert!(par.unused.contains(&"TZRMJD".to_owned()));
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let refused = |text: &str| ParFile::parse(text, &reference()).unwrap_err().to_string();
        let base = "F0 1.0\nPEPOCH 50000\n";
        assert!(refused("F0 1.0\n").contains("PEPOCH"));
        assert!(refused("PEPOCH 50000\n").contains("F0"));
        assert!(refused("F0 1.o\nPEPOCH 50000\n").contains("line 1"));
        assert!(refused(&format!("{base}F0 2.0\n")).contains("lines 1 and 3"));
        assert!(refused(&format!("{base}F3 1e-30\n")).contains("F3"));
        assert!(refused(&format!("{base}GLEP_1 50010\n")).contains("GLEP_1"));
        assert!(refused(&format!("{base}UNITS TCB\n")).contains("TCB"));
        assert!(refused(&format!("{base}BINARY DDK\nPB 1\nA1 1\n")).contains("DDK"));
        assert!(refused("F0 1.0\nPEPOCH 5e4\n").contains("5e4"));
        // A derivative of zero changes nothing.
        assert!(ParFile::parse(&format!("{base}F3 0.0\n"), &reference()).is_ok());
    }
}
