//! `astro timing filter`: event files made of parts of others.

use std::path::PathBuf;

use anyhow::Result;
use astro_core::{EventSource, WantedColumns};
use astro_io::{EventFile, EventListLabels, write_event_file};
use astro_timing::EventsInGoodTime;
use astro_timing::deadtime::{DeadTime, DeadTimeEvents};
use clap::Args;
use serde_json::json;

use super::source::Events;
use crate::args::timing::EventInput;
use crate::args::{HELP, OverwriteOption, Real, RunOptions};
use crate::output::{Console, Files};

/// Writes the events that are selected, of one file or of several joined, as an event file.
///
/// Only events in good time are written, with the good time intervals. Files of any size are streamed.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro timing filter source.evt --energy 3:10 --out hard.evt
  astro timing filter source.evt later.evt --out both.evt
  astro timing filter source.evt --gti 100:400 --dead-time 0.0025 --out dead.evt")]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: EventInput,
    /// Keep what a detector sees that is dead for this long after an event, seconds
    #[arg(long, value_name = "S", value_parser = Real::Positive)]
    dead_time: Option<f64>,
    /// Every photon prolongs the dead time, seen or not
    #[arg(long, requires = "dead_time")]
    paralysable: bool,
    /// Drop good time intervals shorter than this, seconds
    #[arg(long, value_name = "S", value_parser = Real::NonNegative, default_value = "0")]
    min_gti: f64,
    /// Event file to be written (FITS)
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    output: OverwriteOption,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let files = Files::new(self.output);
        files.claim([self.out.as_path()])?;
        let events = self.input.open(console)?;
        let gti = events.gti().drop_shorter_than(self.min_gti);
        if gti.is_empty() {
            anyhow::bail!(
                "no good time interval is as long as --min-gti {} s",
                self.min_gti
            );
        }
        // Added up for the checksum and written; before that counted where that takes reading.
        let selects = self.dead_time.is_some() || !events.takes_all();
        let watched = events.watched(if selects { 3 } else { 2 }, console);
        let source = events.of(&watched);
        let good = EventsInGoodTime::of(&source).with_gti(gti);
        let written = match self.dead_time {
            None => self.write(&good, &events, files)?,
            Some(dead_time_s) => {
                let kind = if self.paralysable {
                    DeadTime::Paralysable
                } else {
                    DeadTime::NonParalysable
                };
                let seen = DeadTimeEvents::of(&good, kind, dead_time_s)?;
                self.write(&seen, &events, files)?
            }
        };
        let before: u64 = events.infos().map(|info| info.events).sum();
        let exposure = good.gti().exposure_s();
        let text = format!(
            "{written} of {before} events, {exposure:.3} s of good time in {} intervals\nwritten: {}",
            good.gti().len(),
            self.out.display()
        );
        let value = json!({
            "events_before": before,
            "events": written,
            "exposure_s": exposure,
            "intervals": good.gti().len(),
            "out": self.out,
        });
        console.result(&text, &value);
        Ok(())
    }

    /// Writes events with all columns that every file has; gives their number.
    fn write<S: EventSource>(&self, source: &S, events: &Events, files: Files) -> Result<u64> {
        let every = |has: fn(WantedColumns) -> bool| events.infos().all(|info| has(info.available));
        let columns = WantedColumns {
            energies: every(|has| has.energies),
            channels: every(|has| has.channels),
            detectors: every(|has| has.detectors),
        };
        let first = events.first();
        let label = |of: fn(&astro_io::EventFileInfo) -> &Option<String>| {
            first.and_then(|info| of(info).clone()).unwrap_or_default()
        };
        let labels = EventListLabels {
            mission: label(|info| &info.mission),
            instrument: label(|info| &info.instrument),
            object: label(|info| &info.object),
        };
        write_event_file(&self.out, source, columns, &labels, files.if_exists)?;
        Ok(EventFile::open(&self.out)?.info().events)
    }
}
