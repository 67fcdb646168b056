//! The power spectrum that is fitted: from a table, or made of events.

use std::path::Path;

use anyhow::{Context as _, Result};
use astro_io::{EventFile, Table};
use astro_timing::modeling::SpectrumData;
use astro_timing::{Normalization, PowerSpectrum, PowerSpectrumPlan};

use super::Arguments;
use crate::commands::timing::source::Events;
use crate::commands::timing::tables::table_with;
use crate::output::{Console, Usage, extension};
use crate::progress::Bar;

/// Columns that a table of powers has.
const POWERS: [&str; 2] = ["FREQUENCY", "POWER"];

/// Powers and what they are measured in.
#[derive(Clone, Debug)]
pub(crate) struct Spectrum {
    pub(crate) data: SpectrumData,
    /// `leahy`, `frac`, `abs`, `none`, or nothing where a table does not say.
    pub(crate) normalization: String,
    /// What makes powers those in (rms/mean)²/Hz, where that is known.
    pub(crate) to_fractional: Option<f64>,
    /// Where it comes from, in words.
    pub(crate) words: String,
}

impl Spectrum {
    /// Name and unit of the powers.
    pub(crate) fn label(&self) -> &'static str {
        match self.normalization.as_str() {
            "leahy" => "Power (Leahy)",
            "frac" => "Power [(rms/mean)² Hz^{−1}]",
            "abs" => "Power [(count/s)² Hz^{−1}]",
            _ => "Power",
        }
    }

    /// Powers of a spectrum of events.
    pub(crate) fn of_events(spectrum: &PowerSpectrum) -> Result<Self> {
        let light = spectrum.light;
        let factor = |normalization| light.factor(normalization);
        Ok(Self {
            data: SpectrumData::with_averages(
                spectrum.bins.frequency_hz.clone(),
                spectrum.power.clone(),
                spectrum.bins.averages.clone(),
            )?,
            normalization: spectrum.normalization.name().to_owned(),
            to_fractional: Some(
                factor(Normalization::FractionalRms) / factor(spectrum.normalization),
            ),
            words: format!(
                "{} segments of {} s, {:.3} counts/s",
                spectrum.segments,
                light.segment_s(),
                light.rate()
            ),
        })
    }
}

impl Arguments {
    /// Reads or makes the spectrum, within the range that is fitted.
    pub(super) fn spectrum(&self, console: &Console) -> Result<Spectrum> {
        let mut spectrum = match &self.input.inputs[..] {
            [path] if is_table(path) => self.of_table(path)?,
            _ => self.of_files(console)?,
        };
        if let Some(range) = self.range {
            spectrum.data = spectrum
                .data
                .within(range.low, range.high)
                .with_context(|| {
                    format!(
                        "while taking {} to {} Hz of the spectrum",
                        range.low, range.high
                    )
                })?;
        }
        Ok(spectrum)
    }

    fn of_files(&self, console: &Console) -> Result<Spectrum> {
        let events: Events = self.input.open(console)?;
        let (segment_s, bin_s) = events.segment_and_bin_s(&self.segments, console);
        let plan = PowerSpectrumPlan::<f64>::new(segment_s, bin_s)?
            .normalization(self.segments.norm.into())
            .averaging(self.segments.averaging());
        let full = plan.execute_with(&events.source(), &Bar::new(console))?;
        let shown = match self.rebin.rebinning() {
            Some(rebinning) => full.rebinned(rebinning)?,
            None => full,
        };
        Spectrum::of_events(&shown)
    }

    fn of_table(&self, path: &Path) -> Result<Spectrum> {
        if self.rebin.rebinning().is_some() {
            return Err(Usage(
                "a table is fitted as it is; rebin it when it is made, with astro timing power"
                    .to_owned(),
            )
            .into());
        }
        let table = table_with(path, &POWERS)?;
        let read = || -> Result<Spectrum> {
            let [frequency, power] = POWERS.map(|name| table.numbers(name).unwrap_or_default());
            let averages = match (self.averages, table.numbers("AVERAGES")) {
                (Some(averages), _) => vec![averages; power.len()],
                (None, Some(averages)) => averages,
                (None, None) => {
                    return Err(Usage(format!(
                        "{} does not say how many powers are averaged in each; give --averages",
                        path.display()
                    ))
                    .into());
                }
            };
            let normalization = table.text("NORM").unwrap_or_default().to_owned();
            Ok(Spectrum {
                data: SpectrumData::with_averages(frequency, power, averages)?,
                to_fractional: to_fractional(&table, &normalization),
                normalization,
                words: path.display().to_string(),
            })
        };
        read().with_context(|| format!("while reading the spectrum in {}", path.display()))
    }
}

/// P in (rms/mean)²/Hz is P_abs/s², s the rate of the source, and P_abs = P_leahy times the rate of all.
fn to_fractional(table: &Table<'_>, normalization: &str) -> Option<f64> {
    let net = || Some(table.number("RATE")? - table.number("BKGRATE").unwrap_or(0.0));
    match normalization {
        "frac" => Some(1.0),
        "leahy" => Some(table.number("RATE")? / net()?.powi(2)),
        "abs" => Some(net()?.powi(-2)),
        _ => None,
    }
    .filter(|factor| factor.is_finite() && *factor > 0.0)
}

/// Whether a file is a table of powers rather than of events.
fn is_table(path: &Path) -> bool {
    if matches!(
        extension(path).as_deref(),
        Some("ecsv" | "npz" | "csv" | "txt" | "dat")
    ) {
        return true;
    }
    // Event files may be huge: whatever opens as one is not read here.
    EventFile::open(path).is_err() && table_with(path, &POWERS).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use astro_io::{IfExists, write_ecsv};

    #[test]
    fn factors_follow_the_keywords() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ecsv");
        let table = Table::new("POWER")
            .column("FREQUENCY", "Hz", vec![1.0])
            .column("POWER", "", vec![2.0])
            .keyword("RATE", 10.0, "")
            .keyword("BKGRATE", 2, "");
        write_ecsv(&path, &table, IfExists::Refuse).unwrap();
        let table = table_with(&path, &["FREQUENCY"]).unwrap();
        assert_eq!(to_fractional(&table, "frac"), Some(1.0));
        assert_eq!(to_fractional(&table, "leahy"), Some(10.0 / 64.0));
        assert_eq!(to_fractional(&table, "abs"), Some(1.0 / 64.0));
        assert_eq!(to_fractional(&table, ""), None);
        assert!(is_table(&path) && !is_table(Path::new("missing.evt")));
    }
}
