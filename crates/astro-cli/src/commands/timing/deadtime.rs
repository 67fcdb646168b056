//! `astro timing deadtime`: filter events, correct spectra, model the noise, convert rates.

use std::path::PathBuf;

use anyhow::Result;
use astro_core::{EventSource as _, WantedColumns};
use astro_io::{EventListLabels, Table, write_event_file};
use astro_timing::deadtime::{
    DeadTime, DeadTimeEvents, FadPlan, FadSmoothing, FadSpectra, ZhangModel, detected_rate,
    incident_rate,
};
use astro_timing::{EventsInGoodTime, Normalization};
use clap::{ArgGroup, Args};
use serde_json::json;

use super::outputs::Outputs;
use super::source::Events;
use crate::args::timing::{FileOptions, SegmentOptions, SelectionOptions, TableOutput};
use crate::args::{HELP, Real, RunOptions};
use crate::output::{Console, Files, Usage};
use crate::plot::figures::{BinnedCurve, SpectrumPanel, spectrum};
use crate::plot::{Axis, Figure};
use crate::progress::Bar;

/// Dead time of detectors: filters events, corrects spectra of two detectors, models the noise.
///
/// Do one of four things: --filter removes the photons that a detector dead for --tau after each would miss;
/// --fad corrects the spectra of two identical detectors by the difference of their Fourier amplitudes, so that
/// noise has the Leahy level 2; --incident or --detected gives the other rate and the power spectrum of noise
/// (Zhang et al. 1995).
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro timing deadtime source.evt --filter filtered.evt --tau 2.5e-3
  astro timing deadtime dead.evt --fad --detector 0 --detector 1 --segment 16 \\
    --norm leahy --plot fad.svg
  astro timing deadtime --detected 150 --tau 2.5e-3 --dt 0.001 --plot noise.svg")]
#[command(group = ArgGroup::new("task").required(true).args(["filter", "fad", "incident", "detected"]))]
pub(crate) struct Arguments {
    /// Event files: one with two detectors, or one for each
    #[arg(value_name = "FILE")]
    inputs: Vec<PathBuf>,
    /// Write the events that a detector with dead time sees to this file
    #[arg(long, value_name = "FILE", requires_all = ["tau", "inputs"], help_heading = "Task")]
    filter: Option<PathBuf>,
    /// Correct the spectra of two detectors: two files, or two of --detector
    #[arg(long, requires = "inputs", help_heading = "Task")]
    fad: bool,
    /// Incident counts per second of a detector
    #[arg(long, value_name = "RATE", value_parser = Real::Positive, requires = "tau", help_heading = "Task")]
    incident: Option<f64>,
    /// Detected counts per second of a detector
    #[arg(long, value_name = "RATE", value_parser = Real::Positive, requires = "tau", help_heading = "Task")]
    detected: Option<f64>,
    /// Dead time after each photon
    #[arg(long, value_name = "S", value_parser = Real::Positive, help_heading = "Dead time")]
    tau: Option<f64>,
    /// Photons that are not detected prolong the dead time
    #[arg(long, requires = "filter", help_heading = "Dead time")]
    paralysable: bool,
    /// Detected background counts per second that kill the detector too and are then filtered out
    #[arg(long, value_name = "RATE", value_parser = Real::NonNegative, default_value = "0", help_heading = "Dead time")]
    background: f64,
    /// Standard deviation of the smoothing of the amplitude differences
    #[arg(long, value_name = "HZ", value_parser = Real::Positive, default_value = "3", help_heading = "Dead time")]
    smoothing: f64,
    #[command(flatten)]
    segments: SegmentOptions,
    #[command(flatten)]
    selection: SelectionOptions,
    #[command(flatten)]
    file: FileOptions,
    #[command(flatten)]
    output: TableOutput,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// Bins of the time series whose noise is modelled, where no table says otherwise.
const MODEL_BINS: usize = 4096;

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let outputs = Outputs::new(&self.output)?;
        if let Some(path) = &self.filter {
            return self.filter(path, console);
        }
        if self.fad {
            return self.correct(&outputs, console);
        }
        self.model(&outputs, console)
    }

    fn tau(&self) -> Result<f64> {
        self.tau
            .ok_or_else(|| Usage("give the dead time with --tau".to_owned()).into())
    }

    fn filter(&self, path: &PathBuf, console: &Console) -> Result<()> {
        if self.output.out.is_some() || self.output.more.plot.is_some() {
            return Err(
                Usage("--filter writes events; it has no table and no plot".to_owned()).into(),
            );
        }
        let tau = self.tau()?;
        let files = Files::new(self.output.more.files);
        files.claim([path.as_path()])?;
        let events = Events::open(&self.inputs, &self.selection, &self.file, console)?;
        let every = |has: fn(WantedColumns) -> bool| events.infos().all(|info| has(info.available));
        let columns = WantedColumns {
            energies: every(|has| has.energies),
            channels: every(|has| has.channels),
            detectors: every(|has| has.detectors),
        };
        let kind = if self.paralysable {
            DeadTime::Paralysable
        } else {
            DeadTime::NonParalysable
        };
        let source = events.source();
        let good = EventsInGoodTime::of(&source);
        let mut seen = DeadTimeEvents::of(&good, kind, tau)?;
        if columns.detectors {
            seen = seen.by_detector();
        }
        let first = events.first();
        let text = |value: Option<&String>| value.cloned().unwrap_or_default();
        let labels = EventListLabels {
            mission: text(first.and_then(|info| info.mission.as_ref())),
            instrument: text(first.and_then(|info| info.instrument.as_ref())),
            object: text(first.and_then(|info| info.object.as_ref())),
        };
        write_event_file(path, &seen, columns, &labels, files.if_exists)?;
        let all = good.count(f64::NEG_INFINITY, f64::INFINITY)?;
        let kept = seen.count(f64::NEG_INFINITY, f64::INFINITY)?;
        let exposure = events.gti().exposure_s();
        let text = format!(
            "{} of {} events are left; {:.3} counts/s of {:.3}\nwritten: {}",
            kept,
            all,
            kept as f64 / exposure,
            all as f64 / exposure,
            path.display()
        );
        let value = json!({
            "events": all,
            "kept": kept,
            "exposure_s": exposure,
            "dead_time_s": tau,
            "files": [path],
        });
        console.result(&text, &value);
        Ok(())
    }

    /// The two detectors: of one file, or each a file.
    fn detectors(&self, console: &Console) -> Result<[Events; 2]> {
        let open = |paths: &[PathBuf], detector: Option<i32>| {
            let mut selection = self.selection.clone();
            selection.detector = detector.into_iter().collect();
            Events::open(paths, &selection, &self.file, console)
        };
        match (&self.inputs[..], &self.selection.detector[..]) {
            ([one], [first, second]) => {
                let paths = std::slice::from_ref(one);
                Ok([open(paths, Some(*first))?, open(paths, Some(*second))?])
            }
            ([first, second], []) => Ok([
                open(std::slice::from_ref(first), None)?,
                open(std::slice::from_ref(second), None)?,
            ]),
            _ => Err(Usage(
                "--fad needs two detectors: two files, or one file with --detector twice"
                    .to_owned(),
            )
            .into()),
        }
    }

    fn correct(&self, outputs: &Outputs, console: &Console) -> Result<()> {
        let [first, second] = self.detectors(console)?;
        let (segment_s, bin_s) = first.segment_and_bin_s(&self.segments, console);
        let normalization: Normalization = self.segments.norm.into();
        let plan = FadPlan {
            smoothing: FadSmoothing::Hertz(self.smoothing),
            normalization,
            ..FadPlan::new(segment_s, bin_s)
        };
        let bar = Bar::new(console);
        let found = plan
            .execute(&first.source(), &second.source(), &bar)?
            .finish()?;
        if !(0.95..=1.05).contains(&found.noise_ratio) {
            console.warn(format!(
                "the amplitude differences scatter {:.3} times as they should: take longer segments or another smoothing, or the detectors are not alike",
                found.noise_ratio
            ));
        }
        outputs.tables(&[first.label(fad_table(&found, [segment_s, bin_s]))])?;
        outputs.figure(|| Ok(fad_figure(&found)))?;
        let quarter = found.power_1.len() / 4;
        let mean = |power: &[f64]| {
            let tail = &power[power.len() - quarter.max(1)..];
            tail.iter().sum::<f64>() / tail.len() as f64
        };
        let [n1, n2] = found.mean_photons.map(|photons| photons / segment_s);
        let text = format!(
            "{} segments of {segment_s} s in bins of {bin_s} s; {n1:.3} and {n2:.3} counts/s\n\
             mean power of the highest quarter of frequencies ({}): {:.4}, {:.4}, together {:.4}\n\
             amplitude differences scatter {:.4} times as theory says{}",
            found.segments,
            normalization.name(),
            mean(&found.power_1),
            mean(&found.power_2),
            mean(&found.power_total),
            found.noise_ratio,
            outputs.in_words()
        );
        let value = json!({
            "segments": found.segments,
            "segments_skipped": found.segments_skipped,
            "segment_s": segment_s,
            "bin_s": bin_s,
            "rates_per_s": [n1, n2],
            "normalization": normalization.name(),
            "highest_quarter": [mean(&found.power_1), mean(&found.power_2), mean(&found.power_total)],
            "noise_ratio": found.noise_ratio,
        });
        console.result(&text, &outputs.in_value(value));
        Ok(())
    }

    fn model(&self, outputs: &Outputs, console: &Console) -> Result<()> {
        let tau = self.tau()?;
        let (incident, detected) = match (self.incident, self.detected) {
            (Some(incident), _) => (incident, detected_rate(incident, tau)?),
            (None, Some(detected)) => {
                // Background makes the detector dead as the source does.
                let both = incident_rate(detected + self.background, tau)?;
                (both * detected / (detected + self.background), detected)
            }
            (None, None) => return Err(Usage("give --incident or --detected".to_owned()).into()),
        };
        if self.incident.is_some() && self.background > 0.0 {
            return Err(Usage(
                "--background is a detected rate; give the source's with --detected".to_owned(),
            )
            .into());
        }
        let bin_s = self.segments.dt.unwrap_or(0.1 * tau);
        let model = ZhangModel::with_background(detected, self.background, tau, bin_s)?;
        let bins = match self.segments.segment {
            Some(segment) => (segment / bin_s).round().clamp(4.0, 1e7) as usize,
            None => MODEL_BINS,
        };
        let length = bins as f64 * bin_s;
        let power = model.powers(bins);
        let frequency: Vec<f64> = (0..power.len()).map(|j| j as f64 / length).collect();
        let (frequency, power) = (&frequency[1..], &power[1..]);
        let table = Table::new("NOISE")
            .column("FREQUENCY", "Hz", frequency)
            .column("POWER", "", power)
            .keyword("NORM", "leahy", "normalisation")
            .keyword("DEADTIME", tau, "[s] dead time")
            .keyword("RATEIN", incident, "[count/s] incident")
            .keyword("RATEDET", detected, "[count/s] detected")
            .keyword("TIMEDEL", bin_s, "[s] width of a time bin");
        outputs.tables(&[table])?;
        outputs.figure(|| Ok(noise_figure(frequency, power)))?;
        let text = format!(
            "incident {incident:.6} counts/s, detected {detected:.6} counts/s, dead {:.3} % of the time\n\
             noise in bins of {bin_s} s: Leahy power {:.6} at low frequencies, {:.6} at {:.3} Hz{}",
            100.0 * model.detected_rate() * tau,
            power[0],
            power[power.len() - 1],
            frequency[frequency.len() - 1],
            outputs.in_words()
        );
        let value = json!({
            "incident_rate_per_s": incident,
            "detected_rate_per_s": detected,
            "background_rate_per_s": self.background,
            "dead_time_s": tau,
            "dead_fraction": model.detected_rate() * tau,
            "bin_s": bin_s,
            "power_lowest": power[0],
            "power_highest": power[power.len() - 1],
        });
        console.result(&text, &outputs.in_value(value));
        Ok(())
    }
}

/// POWER is that of both detectors together, as `astro timing fit` reads it.
fn fad_table(found: &FadSpectra, [segment_s, bin_s]: [f64; 2]) -> Table<'_> {
    let root = (found.segments as f64).sqrt();
    let error = |power: &[f64]| -> Vec<f64> { power.iter().map(|p| p / root).collect() };
    let rate = found.mean_photons.iter().sum::<f64>() / segment_s;
    Table::new("POWER")
        .column("FREQUENCY", "Hz", &found.frequency_hz)
        .column(
            "WIDTH",
            "Hz",
            vec![1.0 / segment_s; found.frequency_hz.len()],
        )
        .column(
            "AVERAGES",
            "",
            vec![found.segments as f64; found.frequency_hz.len()],
        )
        .column("POWER", "", &found.power_total)
        .column("ERROR", "", error(&found.power_total))
        .column("POWER1", "", &found.power_1)
        .column("ERROR1", "", error(&found.power_1))
        .column("POWER2", "", &found.power_2)
        .column("ERROR2", "", error(&found.power_2))
        .column(
            "COSPECTRUM",
            "",
            found.cross.iter().map(|c| c.re).collect::<Vec<_>>(),
        )
        .keyword("NORM", found.normalization.name(), "normalisation")
        .keyword("FAD", true, "corrected by the amplitude difference")
        .keyword(
            "FADRATIO",
            found.noise_ratio,
            "scatter of differences over theory",
        )
        .keyword("SEGMENTS", found.segments as i64, "segments averaged")
        .keyword("RATE", rate, "[count/s] of both detectors")
        .keyword("SEGLEN", segment_s, "[s] length of a segment")
        .keyword("TIMEDEL", bin_s, "[s] width of a time bin")
}

/// Powers of both detectors and of their sum, in bins that grow.
fn fad_figure(found: &FadSpectra) -> Figure {
    const GROWTH: f64 = 0.03;
    let f = &found.frequency_hz;
    let m = found.segments as f64;
    let curve = |label: &str, power: &[f64]| {
        let mut curve = BinnedCurve {
            label: label.to_owned(),
            ..BinnedCurve::default()
        };
        let mut begin = 0;
        while begin < f.len() {
            let limit = f[begin] * (1.0 + GROWTH);
            let end = (begin + 1..f.len())
                .find(|&i| f[i] >= limit)
                .unwrap_or(f.len());
            let count = (end - begin) as f64;
            let mean = power[begin..end].iter().sum::<f64>() / count;
            curve.x.push(0.5 * (f[begin] + f[end - 1]));
            curve.width.push(f[end - 1] - f[begin] + f[0]);
            curve.y.push(mean);
            curve.error.push(mean / (m * count).sqrt());
            begin = end;
        }
        curve
    };
    let level = (found.normalization == Normalization::Leahy).then(|| (2.0, "noise".to_owned()));
    let panel = SpectrumPanel {
        y: Axis::logarithmic("Corrected power"),
        curves: vec![
            curve("detector 1", &found.power_1),
            curve("detector 2", &found.power_2),
            curve("together", &found.power_total),
        ],
        level,
    };
    let title = format!("Dead-time corrected power, {} segments", found.segments);
    spectrum(&title, &Axis::logarithmic("Frequency [Hz]"), &[panel])
}

fn noise_figure(frequency: &[f64], power: &[f64]) -> Figure {
    let panel = SpectrumPanel {
        y: Axis::linear("Power (Leahy)"),
        curves: vec![BinnedCurve {
            label: "noise with dead time".to_owned(),
            x: frequency.to_vec(),
            width: vec![frequency[0]; frequency.len()],
            y: power.to_vec(),
            error: Vec::new(),
        }],
        level: Some((2.0, "without".to_owned())),
    };
    spectrum(
        "Power spectrum of noise with dead time",
        &Axis::linear("Frequency [Hz]"),
        &[panel],
    )
}
