//! Case `real_data`: files of NuSTAR, RXTE, Chandra, eROSITA and XRONOS, as the peer reads them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use astro_core::{EventSource, Mjd, TimeReference, WantedColumns};
use astro_io::{EventFile, EventFileOptions, GtiChoice, NO_CHANNEL, read_fits_light_curve};
use astro_timing::{Compat, Normalization, PowerSpectrumPlan};
use serde_json::Value;

use super::numbers::{TimingCase, compare};
use crate::reference::case::number;
use crate::reference::check::Checks;

/// Relative error of times and good times: one rounding of a double, where the peer has 80 bits.
const TIME: f64 = 2e-16;
/// Relative error of energies, which are single-precision here.
const ENERGY: f64 = 2e-7;
/// By how much energies of the RXTE PCA may differ from the peer's, relative: it takes those of
/// PCU 0 for all units, whose gain is a few per cent higher, and whole Standard-2 channels.
const PCA_ENERGY: f64 = 0.15;
/// Relative error of powers, as for the other cases.
const POWER: f64 = 1e-9;
/// Powers below this are what rounding leaves of a constant, as of the times of evenly spaced bins.
const NO_POWER: f64 = 1e-20;
/// Nobody promises more of MJDREF as one double.
const EPOCH_DAYS: f64 = 1e-11;

pub(super) fn check(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let files = case.case().parameters()["files"].as_object();
    for (name, expected) in files.context("case.json has no `files`")? {
        let path = data_file(case.case().folder(), name)?;
        let kind = expected["kind"].as_str();
        if kind == Some("events") {
            check_events(case, name, expected, &path, checks)
                .with_context(|| format!("{name} as events"))?;
        } else {
            let opened = EventFile::open(&path).err().map(|error| error_text(&error));
            let why = opened.as_deref().unwrap_or("opened");
            let refused = why.contains("no table of events");
            checks.holds(&format!("{name} is no event file"), refused, why);
        }
        if kind == Some("lightcurve") {
            check_light_curve(name, expected, &path, checks)
                .with_context(|| format!("{name} as a light curve"))?;
        }
    }
    Ok(())
}

/// The file, in the folder `data/timing` beside one of the folders above the case.
fn data_file(folder: &Path, name: &str) -> Result<PathBuf> {
    let folder = std::path::absolute(folder)?;
    let mut above = folder
        .ancestors()
        .map(|above| above.join("data/timing").join(name));
    above
        .find(|path| path.is_file())
        .with_context(|| format!("no data/timing/{name} above the case"))
}

fn error_text(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", error_text(source)),
        None => error.to_string(),
    }
}

fn check_events(
    case: &TimingCase<'_>,
    name: &str,
    expected: &Value,
    path: &Path,
    checks: &mut Checks,
) -> Result<()> {
    // The peer takes a light curve of eROSITA, which has no good times, for events.
    let is_light_curve = name.starts_with("LightCurve");
    let mut options = EventFileOptions::new();
    if is_light_curve {
        options = options.hdu("RATE").gti(GtiChoice::WithoutGti);
    }
    let file = EventFile::open_with(path, &options)?;
    let info = file.info();
    let what = |quantity: &str| format!("{name}, {quantity}");

    let events = expected["n"].as_u64().context("no `n`")?;
    checks.holds(
        &what("events"),
        info.events == events,
        format!("{} of {events}", info.events),
    );
    check_epoch(checks, name, expected, file.reference())?;
    let (mut times, mut energies) = (Vec::new(), Vec::new());
    let mut channels: Vec<i32> = Vec::new();
    file.visit(
        f64::NEG_INFINITY,
        f64::INFINITY,
        info.available,
        &mut |run| {
            times.extend(run.times);
            energies.extend(run.energies_kev.iter().map(|&energy| f64::from(energy)));
            channels.extend(run.channels);
        },
    )?;
    let mut wanted = case.case().flat(&format!("{name}.times"))?;
    // Ours are in time order.
    let order = sorted_by(&wanted);
    wanted = order.iter().map(|&i| wanted[i]).collect();
    compare(checks, &what("times"), &times, &wanted, TIME);

    let borders: Vec<f64> = file
        .gti()
        .intervals()
        .iter()
        .flat_map(|interval| [interval.start, interval.stop])
        .collect();
    let expected_borders = gti_of(expected)?;
    // The peer also moves good times from the start of a time bin to its middle.
    let shift = match number(expected, "dt")? {
        dt if name.starts_with("xte") => dt / 2.0,
        _ => 0.0,
    };
    let expected_borders: Vec<f64> = expected_borders.iter().map(|time| time - shift).collect();
    compare(
        checks,
        &what("good times"),
        &borders,
        &expected_borders,
        TIME,
    );
    let inside = file.gti().exposure_s();
    let count = times
        .iter()
        .filter(|&&time| file.gti().contains(time))
        .count();
    checks.holds(
        &what("exposure"),
        inside > 0.0 && count > 0,
        format!("{inside} s with {count} events"),
    );

    if let Some(sum) = expected["pi_sum"].as_f64() {
        let known = channels.iter().filter(|&&channel| channel != NO_CHANNEL);
        let found: f64 = known.map(|&channel| f64::from(channel)).sum();
        checks.holds(
            &what("sum of channels"),
            found == sum,
            format!("{found}, {sum} expected"),
        );
    }
    if case.case().has_array(&format!("{name}.energy")) {
        let wanted = case.case().flat(&format!("{name}.energy"))?;
        let wanted: Vec<f64> = order.iter().map(|&i| wanted[i]).collect();
        let rtol = if name.starts_with("xte") {
            PCA_ENERGY
        } else {
            ENERGY
        };
        compare(checks, &what("energies"), &energies, &wanted, rtol);
    }
    check_counts(checks, &what("counts of ranges"), &file, &times)?;
    check_power(case, checks, name, expected, file, shift)
}

/// The averaged power spectrum, straight from the file.
fn check_power(
    case: &TimingCase<'_>,
    checks: &mut Checks,
    name: &str,
    expected: &Value,
    file: EventFile,
    gti_shift: f64,
) -> Result<()> {
    let settings = &expected["pds"];
    let gti = file.gti().shifted(gti_shift)?;
    // The peer widens bins to a whole number of the file's time bins.
    let (bin, frame) = (number(settings, "dt")?, file.info().time_resolution_s);
    let bin = if frame > 0.0 {
        frame * (bin / frame).round().max(1.0)
    } else {
        bin
    };
    let plan = PowerSpectrumPlan::<f64>::new(number(settings, "segment_size")?, bin)?
        .normalization(Normalization::Leahy)
        .compat(Compat::Stingray);
    let spectrum = plan.execute(&file.with_gti(gti))?;
    let segments = settings["m"].as_u64().context("no `m`")?;
    checks.holds(
        &format!("{name}, segments"),
        spectrum.segments == segments,
        format!("{} of {segments}", spectrum.segments),
    );
    let photons = number(settings, "nphots")?;
    let difference = (spectrum.light.counts - photons).abs() / photons;
    checks.at_most(&format!("{name}, photons of a segment"), difference, POWER);
    let powers = case.case().flat(&format!("{name}.pds_leahy"))?;
    let what = format!("{name}, power");
    let largest = |powers: &[f64]| powers.iter().copied().fold(0.0, f64::max);
    if largest(&powers) < NO_POWER {
        checks.at_most(&what, largest(&spectrum.power), NO_POWER);
    } else {
        compare(checks, &what, &spectrum.power, &powers, POWER);
    }
    Ok(())
}

/// Numbers of events by binary search in the file, beside a count.
fn check_counts(checks: &mut Checks, what: &str, file: &EventFile, times: &[f64]) -> Result<()> {
    let (first, last) = (times[0], times[times.len() - 1]);
    let mut wrong = 0;
    for part in 0..20 {
        let start = first + (last - first) * f64::from(part) / 20.0;
        let stop = first + (last - first) * f64::from(part + 3) / 20.0;
        let expected = times
            .iter()
            .filter(|&&time| start <= time && time < stop)
            .count();
        let mut visited = 0;
        file.visit(start, stop, WantedColumns::default(), &mut |run| {
            visited += run.times.len()
        })?;
        if file.count(start, stop)? != expected as u64 || visited != expected {
            wrong += 1;
        }
    }
    checks.holds(what, wrong == 0, format!("{wrong} of 20 wrong"));
    Ok(())
}

fn check_light_curve(name: &str, expected: &Value, path: &Path, checks: &mut Checks) -> Result<()> {
    let curve = read_fits_light_curve(path)?;
    let bins = expected["n"].as_u64().context("no `n`")?;
    let found = curve.times.len() as u64;
    checks.holds(
        &format!("{name}, bins"),
        found == bins,
        format!("{found} of {bins}"),
    );
    let dt = number(expected, "dt")?;
    checks.at_most(
        &format!("{name}, bin width"),
        (curve.bin_s - dt).abs() / dt,
        1e-12,
    );
    // The peer takes NuSTAR's reference where the file has none, which is the same moment of time.
    let peers = TimeReference {
        epoch: Mjd::from_days(number(expected, "mjdref")?),
        ..curve.reference
    };
    let offset = curve.reference.offset_to(&peers)?;
    let last = curve.times.len() - 1;
    for (bin, key) in [(0, "t0"), (last, "t1")] {
        let difference = (offset.apply(curve.times[bin]) - number(expected, key)?).abs();
        // A day as one double has 1e-11 of a day.
        checks.at_most(&format!("{name}, {key}"), difference, 1e-6);
    }
    // The peer corrects for the exposed part of bins and drops those below nine tenths.
    let counts: f64 = (0..curve.times.len())
        .map(|bin| {
            let exposed = curve.exposed_fraction.get(bin).copied().unwrap_or(1.0);
            if exposed < 0.9 || curve.rate[bin].is_nan() {
                0.0
            } else {
                curve.rate[bin] * curve.bin_s / exposed
            }
        })
        .sum();
    let sum = number(expected, "counts_sum")?;
    checks.at_most(&format!("{name}, counts"), (counts - sum).abs() / sum, 1e-6);
    Ok(())
}

fn check_epoch(
    checks: &mut Checks,
    name: &str,
    expected: &Value,
    reference: &TimeReference,
) -> Result<()> {
    let difference = (reference.epoch.days() - number(expected, "mjdref")?).abs();
    checks.at_most(&format!("{name}, reference day"), difference, EPOCH_DAYS);
    let said = |key: &str| expected[key].as_str().unwrap_or("None").to_uppercase();
    let (scale, place) = (said("timesys"), said("timeref"));
    let same =
        reference.scale.name() == scale && (place == "NONE" || reference.position.name() == place);
    checks.holds(
        &format!("{name}, scale and place"),
        same,
        reference.to_string(),
    );
    Ok(())
}

/// `gti` of a file as a flat list.
fn gti_of(expected: &Value) -> Result<Vec<f64>> {
    let pairs = expected["gti"].as_array().context("no `gti`")?;
    let flat = pairs.iter().filter_map(Value::as_array).flatten();
    flat.map(Value::as_f64)
        .collect::<Option<_>>()
        .context("`gti` is no list of pairs")
}

fn sorted_by(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    order
}
