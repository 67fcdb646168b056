//! `astro timing energy`: variability against energy, all bands in one pass.

use anyhow::Result;
use astro_fft::FftReal;
use astro_timing::{
    EnergyBand, EnergySpectra, EnergySpectraPlan, Estimate, RmsUnit, SubjectInReference,
};
use clap::Args;
use serde_json::{Value, json};

use super::outputs::Outputs;
use super::source::Events;
use crate::args::timing::{
    BandEdges, CompatOption, EventInput, PrecisionOption, SegmentOptions, TableOutput,
};
use crate::args::{HELP, Interval, Ordered, Precision, Real, RunOptions};
use crate::output::Console;
use crate::plot::figures::{BinnedCurve, SpectrumPanel, spectrum};
use crate::plot::{Axis, Figure};
use crate::progress::Bar;
use crate::text;

/// Measures rms, lags, covariance, counts and excess variance of energy bands in one pass over the events.
///
/// Each band is compared with a reference band, from which its own photons are taken out. Positive lags: the band
/// lags the reference. Powers are averaged over segments and over the frequencies of a range.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro timing energy source.evt --bands 0.5,1,2,4,10 --frequencies 0.5:2 --plot energy.svg
  astro timing energy source.evt --bands 0.5:10:8 --frequencies 0.5:2 --out energy.fits")]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: EventInput,
    /// Energy bands: edges E0,E1,…, or LOW:HIGH:N for N bands of equal ratio, keV
    #[arg(long, value_name = "EDGES", help_heading = "Spectrum")]
    bands: BandEdges,
    /// Frequencies that are averaged, from LOW up to, but not including, HIGH, Hz
    #[arg(long, value_name = "LOW:HIGH", value_parser = Ordered(Real::NonNegative), help_heading = "Spectrum")]
    frequencies: Interval,
    /// Reference band, keV [default: all bands]
    #[arg(long, value_name = "LOW:HIGH", value_parser = Ordered(Real::NonNegative), help_heading = "Spectrum")]
    reference: Option<Interval>,
    /// Leave the photons of a band in its reference; their common noise is subtracted
    #[arg(long, help_heading = "Spectrum")]
    keep_subject: bool,
    /// Rms and covariance in counts per second, not as parts of the mean
    #[arg(long, help_heading = "Spectrum")]
    absolute: bool,
    #[command(flatten)]
    segments: SegmentOptions,
    #[command(flatten)]
    precision: PrecisionOption,
    #[command(flatten)]
    compat: CompatOption,
    #[command(flatten)]
    output: TableOutput,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let outputs = Outputs::new(&self.output)?;
        let events = self.input.open(console)?;
        let spectra = match self.precision.precision {
            Precision::F64 => self.compute::<f64>(&events, console),
            Precision::F32 => self.compute::<f32>(&events, console),
        }?;
        // Of many ranks the first has the result.
        let Some(spectra) = spectra else {
            return Ok(());
        };
        let unit = self.unit();
        outputs.tables(&[events.label(spectra.to_table(unit))])?;
        outputs.figure(|| Ok(self.figure(&spectra)))?;
        let text = self.text(&spectra) + &outputs.in_words();
        console.result(&text, &outputs.in_value(self.value(&spectra)));
        Ok(())
    }

    fn unit(&self) -> RmsUnit {
        if self.absolute {
            RmsUnit::Absolute
        } else {
            RmsUnit::Fractional
        }
    }

    fn compute<T: FftReal>(
        &self,
        events: &Events,
        console: &Console,
    ) -> Result<Option<EnergySpectra>> {
        let (segment_s, bin_s) = events.segment_and_bin_s(&self.segments, console);
        let bands = EnergyBand::between(&self.bands.0)?;
        let mut plan =
            EnergySpectraPlan::<T>::new(segment_s, bin_s, bands, self.frequencies.into())?
                .compat(self.compat.into());
        if let Some(band) = self.reference {
            plan = plan.reference(EnergyBand::new(band.low, band.high)?);
        }
        if self.keep_subject {
            plan = plan.subject_in_reference(SubjectInReference::Kept);
        }
        Ok(plan.execute_on(console.ranks(), &events.source(), &Bar::new(console))?)
    }

    fn figure(&self, spectra: &EnergySpectra) -> Figure {
        let unit = self.unit();
        let in_unit = if self.absolute {
            " [count s^{−1}]"
        } else {
            ""
        };
        let x: Vec<f64> = spectra.bands.iter().map(|band| band.center_kev()).collect();
        let width: Vec<f64> = spectra
            .bands
            .iter()
            .map(|band| band.high_kev - band.low_kev)
            .collect();
        let panel = |label: &str, estimates: Vec<Estimate>, level: Option<f64>| SpectrumPanel {
            y: Axis::linear(label),
            curves: vec![BinnedCurve {
                label: String::new(),
                x: x.clone(),
                width: width.clone(),
                y: estimates.iter().map(|one| one.value).collect(),
                error: estimates.iter().map(|one| one.error).collect(),
            }],
            level: level.map(|level| (level, String::new())),
        };
        let panels = [
            panel(&format!("Rms{in_unit}"), spectra.rms(unit), None),
            panel(
                &format!("Covariance{in_unit}"),
                spectra.covariance(unit),
                None,
            ),
            panel("Lag [s]", spectra.lags(), Some(0.0)),
        ];
        let title = format!(
            "{} to {} Hz (positive lag: the band lags)",
            self.frequencies.low, self.frequencies.high
        );
        spectrum(&title, &Axis::logarithmic("Energy [keV]"), &panels)
    }

    fn text(&self, spectra: &EnergySpectra) -> String {
        let unit = self.unit();
        let said = |e: &Estimate| text::measurement(e.value, e.error);
        let mut rows = vec![
            ["keV", "counts/s", "rms", "lag [s]", "covariance"]
                .map(str::to_owned)
                .to_vec(),
        ];
        let (rates, rms) = (spectra.count_rates(), spectra.rms(unit));
        let (lags, covariance) = (spectra.lags(), spectra.covariance(unit));
        for (index, band) in spectra.bands.iter().enumerate() {
            rows.push(vec![
                format!("{:.3}–{:.3}", band.low_kev, band.high_kev),
                said(&rates[index]),
                said(&rms[index]),
                said(&lags[index]),
                said(&covariance[index]),
            ]);
        }
        let kept = if self.keep_subject {
            "kept in"
        } else {
            "taken out of"
        };
        format!(
            "{} segments, {} frequencies from {} to {} Hz; reference {} to {} keV, photons of a band {kept} it\npositive lags: the band lags\n{}",
            spectra.segments,
            spectra.frequency_hz.len(),
            self.frequencies.low,
            self.frequencies.high,
            spectra.reference_band.low_kev,
            spectra.reference_band.high_kev,
            text::table(&rows).trim_end()
        )
    }

    fn value(&self, spectra: &EnergySpectra) -> Value {
        let unit = self.unit();
        let pairs = |all: Vec<Estimate>| -> Vec<[f64; 2]> {
            all.iter().map(|one| [one.value, one.error]).collect()
        };
        let edges: Vec<[f64; 2]> = spectra
            .bands
            .iter()
            .map(|band| [band.low_kev, band.high_kev])
            .collect();
        let excess = spectra.excess_variance();
        json!({
            "segments": spectra.segments,
            "frequencies_hz": <[f64; 2]>::from(self.frequencies),
            "reference_kev": [spectra.reference_band.low_kev, spectra.reference_band.high_kev],
            "bands_kev": edges,
            "rate_per_s": pairs(spectra.count_rates()),
            "rms": pairs(spectra.rms(unit)),
            "lag_s": pairs(spectra.lags()),
            "covariance": pairs(spectra.covariance(unit)),
            "excess_variance": pairs(excess.iter().map(|one| one.normalized).collect()),
            "lag_sign": "positive: the band lags",
        })
    }
}
