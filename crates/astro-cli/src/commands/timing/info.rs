//! `astro timing info`: what event files hold.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use astro_core::{EventSource as _, WantedColumns};
use astro_io::EventFileInfo;
use clap::Args;
use serde_json::{Value, json};

use super::source::Events;
use crate::args::timing::EventInput;
use crate::args::{HELP, RunOptions};
use crate::output::Console;
use crate::text;

/// Says what event files hold: mission, exposure, good times, counts, energies, time reference.
///
/// Counts and rates are those of the selection in the good time.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro timing info source.evt
  astro timing info source.evt --energy 3:10 --json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: EventInput,
    /// List every good time interval
    #[arg(long)]
    gti_list: bool,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// What a look at all events tells.
#[derive(Clone, Copy, Debug)]
struct Seen {
    counts: u64,
    energies_kev: Option<[f32; 2]>,
    channels: Option<[i32; 2]>,
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let events = self.input.open(console)?;
        events.warn_unless_barycentred(console);
        let seen = look(&events, console)?;
        let text = self.text(&events, seen);
        console.result(&text, &value(&self.input.inputs, &events, seen));
        Ok(())
    }

    fn text(&self, events: &Events, seen: Seen) -> String {
        let mut text = String::new();
        for (path, info) in self.input.inputs.iter().zip(events.infos()) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}\n{}", path.display(), of_file(info));
        }
        let gti = events.gti();
        let exposure = gti.exposure_s();
        let rate = seen.counts as f64 / exposure;
        let mut rows = vec![
            row(
                "good time",
                format!("{exposure:.3} s in {} intervals", gti.len()),
            ),
            row("counts in it", seen.counts.to_string()),
            row(
                "rate",
                format!(
                    "{} /s",
                    text::measurement(rate, (seen.counts as f64).sqrt() / exposure)
                ),
            ),
        ];
        if let Some((_, longest)) = gti.longest() {
            rows.push(row(
                "longest interval",
                format!("{:.3} s", longest.length()),
            ));
        }
        if let Some([low, high]) = seen.energies_kev {
            rows.push(row("energies", format!("{low:.3} to {high:.3} keV")));
        }
        if let Some([low, high]) = seen.channels {
            rows.push(row("channels", format!("{low} to {high}")));
        }
        text += &left_aligned(&rows);
        if self.gti_list {
            text += "\ngood time intervals, s\n";
            for interval in gti.intervals() {
                let _ = writeln!(text, "{} {}", interval.start, interval.stop);
            }
        }
        text
    }
}

/// Reads all events that count.
fn look(events: &Events, console: &Console) -> Result<Seen> {
    let every = |has: fn(WantedColumns) -> bool| events.infos().all(|info| has(info.available));
    let wanted = WantedColumns {
        energies: every(|has| has.energies),
        channels: every(|has| has.channels),
        detectors: false,
    };
    let mut seen = Seen {
        counts: 0,
        energies_kev: None,
        channels: None,
    };
    let watched = events.watched(1, console);
    let source = events.of(&watched);
    for interval in events.gti().intervals() {
        source.visit(interval.start, interval.stop, wanted, &mut |columns| {
            seen.counts += columns.times.len() as u64;
            for &energy in columns
                .energies_kev
                .iter()
                .filter(|energy| !energy.is_nan())
            {
                let [low, high] = seen.energies_kev.unwrap_or([energy; 2]);
                seen.energies_kev = Some([low.min(energy), high.max(energy)]);
            }
            for &channel in columns
                .channels
                .iter()
                .filter(|&&c| c != astro_io::NO_CHANNEL)
            {
                let [low, high] = seen.channels.unwrap_or([channel; 2]);
                seen.channels = Some([low.min(channel), high.max(channel)]);
            }
        })?;
    }
    Ok(seen)
}

fn row(name: &str, value: String) -> [String; 2] {
    [format!("  {name}"), value]
}

fn left_aligned(rows: &[[String; 2]]) -> String {
    let width = rows.iter().map(|[name, _]| name.chars().count()).max();
    let width = width.unwrap_or(0);
    let line = |[name, value]: &[String; 2]| format!("{name:<width$}  {value}\n");
    rows.iter().map(line).collect()
}

fn of_file(info: &EventFileInfo) -> String {
    let mut rows = Vec::new();
    let optional = [
        ("mission", &info.mission),
        ("instrument", &info.instrument),
        ("mode", &info.mode),
        ("object", &info.object),
        ("observation", &info.observation),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            rows.push(row(name, value.clone()));
        }
    }
    rows.push(row(
        "events",
        format!("{} in {}", info.events, info.extension),
    ));
    if let Some(span) = info.span {
        let [first, last] = [span.start, span.stop].map(|t| info.reference.mjd_of(t).days());
        rows.push(row(
            "span",
            format!(
                "{} to {} s (MJD {first:.6} to {last:.6})",
                span.start, span.stop
            ),
        ));
    }
    rows.push(row("reference", info.reference.to_string()));
    let barycentred = match info.reference.is_barycentred() {
        true => "yes",
        false => "no",
    };
    rows.push(row("barycentred", barycentred.to_owned()));
    let order = match is_sorted(info) {
        true => "ascend",
        false => "did not ascend, sorted when opened",
    };
    rows.push(row("times", order.to_owned()));
    let resolution = match info.time_resolution_s {
        0.0 => "not said: photons are timed one by one".to_owned(),
        seconds => format!("{seconds} s"),
    };
    rows.push(row("time resolution", resolution));
    let energies = info
        .energies_from
        .unwrap_or("none: give a response file with --response");
    rows.push(row("energies from", energies.to_owned()));
    let names: Vec<&str> = info
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    rows.push(row("columns", names.join(" ")));
    left_aligned(&rows)
}

fn is_sorted(info: &EventFileInfo) -> bool {
    !info.warnings.contains(&astro_io::EventFileWarning::Sorted)
}

fn value(paths: &[PathBuf], events: &Events, seen: Seen) -> Value {
    let files: Vec<Value> = paths
        .iter()
        .zip(events.infos())
        .map(|(path, info)| {
            let names: Vec<&str> = info.columns.iter().map(|one| one.name.as_str()).collect();
            let warnings: Vec<String> = info.warnings.iter().map(ToString::to_string).collect();
            json!({
                "file": path,
                "mission": info.mission,
                "instrument": info.instrument,
                "mode": info.mode,
                "object": info.object,
                "observation": info.observation,
                "extension": info.extension,
                "events": info.events,
                "span_s": info.span.map(|span| [span.start, span.stop]),
                "mjdref": [info.reference.epoch.day as f64, info.reference.epoch.fraction],
                "time_scale": info.reference.scale.name(),
                "time_position": info.reference.position.name(),
                "barycentred": info.reference.is_barycentred(),
                "sorted": is_sorted(info),
                "time_resolution_s": info.time_resolution_s,
                "energies_from": info.energies_from,
                "columns": names,
                "warnings": warnings,
            })
        })
        .collect();
    let gti = events.gti();
    let intervals: Vec<[f64; 2]> = gti.intervals().iter().map(|i| [i.start, i.stop]).collect();
    json!({
        "files": files,
        "exposure_s": gti.exposure_s(),
        "gti_s": intervals,
        "counts": seen.counts,
        "rate_per_s": seen.counts as f64 / gti.exposure_s(),
        "energies_kev": seen.energies_kev,
        "channels": seen.channels,
    })
}
