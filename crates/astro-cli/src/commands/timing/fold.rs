//! `astro timing fold`: the pulse profile and its significance.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use astro_io::Table;
use astro_timing::pulsation::{Ephemeris, HTest, PulseProfile, Significance, TimeOfArrival};
use astro_timing::statistics::TailProbability;
use clap::Args;
use serde_json::{Value, json};

use super::outputs::Outputs;
use super::significance;
use super::source::Events;
use super::tables::table_with;
use crate::args::timing::{EventInput, SpinOptions, TableOutput};
use crate::args::{HELP, RunOptions, Whole};
use crate::output::{Console, Usage};
use crate::plot::figures::{BinnedCurve, SpectrumPanel, spectrum};
use crate::plot::{Axis, Figure};
use crate::text;

/// Folds events into a pulse profile, corrected for the exposure of each phase.
///
/// Z², H and epoch folding say how probable the profile is without pulsation, for one trial.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro timing fold pulsar.evt --period 0.7 --plot profile.svg
  astro timing fold pulsar.evt --frequency 1.4285714 --bins 64 --out profile.fits
  astro timing fold pulsar.evt --period 0.7 --template sine --json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: EventInput,
    #[command(flatten)]
    spin: SpinOptions,
    /// Bins of the profile
    #[arg(long, value_name = "N", value_parser = Whole::Within(2, 65536), default_value = "32", help_heading = "Pulsation")]
    bins: usize,
    /// Harmonics of Z²; H takes up to 20
    #[arg(long, value_name = "N", value_parser = Whole::Within(1, 100), default_value = "2", help_heading = "Pulsation")]
    harmonics: usize,
    /// Time of arrival by this template: `sine`, or a profile that this command has written
    #[arg(long, value_name = "sine|FILE", help_heading = "Pulsation")]
    template: Option<PathBuf>,
    #[command(flatten)]
    output: TableOutput,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// The most harmonics of H, as de Jager recommends.
const H_HARMONICS: usize = 20;
/// Harmonics whose amplitudes are listed.
const LISTED: usize = 4;

/// What a profile says.
struct Numbers {
    z_squared: Significance,
    h: (HTest, TailProbability),
    epoch_folding: Significance,
    /// Amplitude and phase with their errors, from the fundamental on.
    harmonics: Vec<[f64; 4]>,
    arrival: Option<TimeOfArrival>,
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        if 2 * self.harmonics > self.bins {
            return Err(Usage(format!(
                "--harmonics {} needs at least {} bins; give more with --bins",
                self.harmonics,
                2 * self.harmonics
            ))
            .into());
        }
        let outputs = Outputs::new(&self.output)?;
        let events = self.input.open(console)?;
        events.warn_unless_barycentred(console);
        let ephemeris = self
            .spin
            .ephemeris(events.gti(), events.reference(), console)?;
        let watched = events.watched(1, console);
        let source = events.of(&watched);
        let profile = PulseProfile::fold_source(&source, &ephemeris, self.bins)?;
        drop(watched);
        let numbers = self.numbers(&profile, &events)?;
        outputs.tables(&[self.table(&profile, &events)])?;
        outputs.figure(|| Ok(figure(&profile)))?;
        let text = self.text(&profile, &numbers, &ephemeris, &events) + &outputs.in_words();
        let value = self.value(&profile, &numbers, &ephemeris, &events, &outputs);
        console.result(&text, &value);
        Ok(())
    }

    fn numbers(&self, profile: &PulseProfile, events: &Events) -> Result<Numbers> {
        let harmonic = |k: usize| -> Result<[f64; 4]> {
            let (amplitude, error) = profile.harmonic_amplitude(k)?;
            let (phase, phase_error) = profile.harmonic_phase(k)?;
            Ok([amplitude, error, phase, phase_error])
        };
        Ok(Numbers {
            z_squared: profile.z_squared(self.harmonics)?,
            h: profile.h_test(H_HARMONICS.min(self.bins / 2))?,
            epoch_folding: profile.epoch_folding()?,
            harmonics: (1..=LISTED.min(self.bins / 2))
                .map(harmonic)
                .collect::<Result<_>>()?,
            arrival: self.arrival(profile, events)?,
        })
    }

    /// The pulse nearest to the middle of the good time.
    fn arrival(&self, profile: &PulseProfile, events: &Events) -> Result<Option<TimeOfArrival>> {
        let Some(path) = &self.template else {
            return Ok(None);
        };
        let phases = profile.phases();
        let template: Vec<f64> = if path.as_os_str() == "sine" {
            let turn = std::f64::consts::TAU;
            phases.iter().map(|phase| (turn * phase).cos()).collect()
        } else {
            let table = table_with(path, &["RATE"])?;
            table.numbers("RATE").unwrap_or_default()
        };
        if template.len() != self.bins {
            anyhow::bail!(
                "the template has {} bins, the profile {}; fold with --bins {}",
                template.len(),
                self.bins,
                template.len()
            );
        }
        let span = events.gti().span().context("no good time")?;
        let middle = 0.5 * (span.start + span.stop);
        Ok(Some(profile.time_of_arrival(&template, middle)?))
    }

    fn table<'t>(&self, profile: &'t PulseProfile, events: &Events) -> Table<'t> {
        let spin = profile.solution;
        let epoch = events.reference().mjd_of(spin.epoch_s).days();
        let table = Table::new("PROFILE")
            .column("PHASE", "", profile.phases())
            .column("COUNTS", "count", &profile.counts)
            .column("EXPOSURE", "s", &profile.exposure_s)
            .column("RATE", "count/s", profile.rate())
            .column("ERROR", "count/s", profile.rate_errors())
            .keyword("PEPOCH", epoch, "[d] epoch of phase 0, MJD")
            .keyword("EPOCH", spin.epoch_s, "[s] the same after the reference")
            .keyword("F0", spin.frequency_hz, "[Hz] frequency")
            .keyword("F1", spin.frequency_dot, "[Hz/s] its derivative")
            .keyword("F2", spin.frequency_ddot, "[Hz/s2] its second derivative");
        events.label(table)
    }

    fn text(
        &self,
        profile: &PulseProfile,
        numbers: &Numbers,
        ephemeris: &Ephemeris,
        events: &Events,
    ) -> String {
        let spin = ephemeris.spin;
        let epoch = events.reference().mjd_of(spin.epoch_s).days();
        let mut text = format!(
            "{} events in {:.3} s, folded at {} Hz (ḟ = {} Hz/s) of epoch {} s, MJD {epoch:.9}",
            profile.events(),
            profile.exposure_s.iter().sum::<f64>(),
            spin.frequency_hz,
            spin.frequency_dot,
            spin.epoch_s,
        );
        if ephemeris.orbit.is_some() {
            text += "\norbit removed: times are those of emission";
        }
        let (h, h_probability) = numbers.h;
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\nZ² of {} harmonics {:.2}: {}\nH {:.2} of {} harmonics: {}\nepoch folding χ² {:.2} of {} bins: {}",
            self.harmonics,
            numbers.z_squared.statistic,
            significance::in_words(numbers.z_squared.probability),
            h.h,
            h.harmonics,
            significance::in_words(h_probability),
            numbers.epoch_folding.statistic,
            self.bins,
            significance::in_words(numbers.epoch_folding.probability),
        );
        for (index, [amplitude, error, phase, phase_error]) in numbers.harmonics.iter().enumerate()
        {
            let _ = write!(
                text,
                "\nharmonic {}: amplitude {} of the mean",
                index + 1,
                text::measurement(*amplitude, *error)
            );
            // Of an amplitude of noise the phase means nothing.
            if amplitude > &(3.0 * error) {
                let _ = write!(
                    text,
                    ", maximum at phase {}",
                    text::measurement(*phase, *phase_error)
                );
            }
        }
        if let Some(arrival) = &numbers.arrival {
            let day = events.reference().mjd_of(arrival.time_s);
            let _ = write!(
                text,
                "\narrival of the template's phase 0: {} s, MJD {}{}",
                text::measurement(arrival.time_s, arrival.error_s),
                day.day,
                format!("{:.13}", day.fraction).trim_start_matches('0')
            );
        }
        text
    }

    fn value(
        &self,
        profile: &PulseProfile,
        numbers: &Numbers,
        ephemeris: &Ephemeris,
        events: &Events,
        outputs: &Outputs,
    ) -> Value {
        let harmonics: Vec<Value> = numbers
            .harmonics
            .iter()
            .map(|[amplitude, error, phase, phase_error]| {
                json!({"amplitude": amplitude, "error": error, "phase": phase, "phase_error": phase_error})
            })
            .collect();
        let (h, h_probability) = numbers.h;
        let mut h_value = significance::value(h.h, h_probability);
        h_value["harmonics"] = h.harmonics.into();
        outputs.in_value(json!({
            "events": profile.events(),
            "exposure_s": profile.exposure_s.iter().sum::<f64>(),
            "spin": ephemeris.spin,
            "pepoch_mjd": events.reference().mjd_of(ephemeris.spin.epoch_s).days(),
            "orbit": ephemeris.orbit,
            "barycentred": events.reference().is_barycentred(),
            "z_squared": significance::value(numbers.z_squared.statistic, numbers.z_squared.probability),
            "h": h_value,
            "epoch_folding": significance::value(numbers.epoch_folding.statistic, numbers.epoch_folding.probability),
            "harmonics": harmonics,
            "arrival": numbers.arrival.map(|arrival| json!({
                "time_s": arrival.time_s,
                "error_s": arrival.error_s,
                "mjd": events.reference().mjd_of(arrival.time_s).days(),
                "shift": arrival.fit.shift,
                "shift_error": arrival.fit.shift_error,
            })),
            "counts": profile.counts,
            "rate_per_s": profile.rate(),
        }))
    }
}

/// The profile over two cycles.
pub(crate) fn figure(profile: &PulseProfile) -> Figure {
    let phases = profile.phases();
    let twice = |values: Vec<f64>| [values.clone(), values].concat();
    let shifted = phases.iter().map(|phase| phase + 1.0);
    let panel = SpectrumPanel {
        y: Axis::linear("Rate [count/s]"),
        curves: vec![BinnedCurve {
            label: String::new(),
            x: phases.iter().copied().chain(shifted).collect(),
            width: vec![1.0 / phases.len() as f64; 2 * phases.len()],
            y: twice(profile.rate()),
            error: twice(profile.rate_errors()),
        }],
        level: None,
    };
    let title = format!("Pulse profile at {} Hz", profile.solution.frequency_hz);
    let x = Axis::linear("Pulse phase").with_range(0.0, 2.0);
    spectrum(&title, &x, &[panel])
}
