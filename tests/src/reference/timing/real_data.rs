//! Case `real_data`: times of real missions' files, and power spectra of them.

use anyhow::{Context, Result};
use astro_core::{EventColumns, GoodTimeIntervals};
use astro_timing::{Compat, EventList, Normalization, PowerSpectrumPlan};
use serde_json::Value;

use super::numbers::{TimingCase, compare};
use crate::reference::case::number;
use crate::reference::check::Checks;

/// The peer's spectra need only this: real times are in f64 seconds since long ago.
const RTOL: f64 = 1e-9;

pub(super) fn check(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let files = case.case().parameters()["files"].as_object();
    let files = files.context("case.json has no `files`")?;
    for (name, file) in files {
        if !file["pds"].is_null() {
            check_file(case, checks, name, file).with_context(|| name.clone())?;
        }
    }
    Ok(())
}

fn check_file(case: &TimingCase<'_>, checks: &mut Checks, name: &str, file: &Value) -> Result<()> {
    let times = case.case().flat(&format!("{name}.times"))?;
    let borders: Vec<[f64; 2]> = serde_json::from_value(file["gti"].clone())?;
    let columns = EventColumns {
        times: &times,
        ..EventColumns::default()
    };
    let events = EventList::from_unsorted(columns, GoodTimeIntervals::new(borders)?)?;
    let first = events.times().first().copied().unwrap_or(f64::NAN);
    let sum: f64 = events.times().iter().map(|t| t - first).sum();
    let found = [events.len() as f64, first, sum];
    let expected = [
        number(file, "n")?,
        number(file, "t_min")?,
        number(file, "t_sum_minus_tmin")?,
    ];
    for i in 0..found.len() {
        let what = format!("{name}: {}", ["n", "t_min", "t_sum_minus_tmin"][i]);
        compare(checks, &what, &found[i..=i], &expected[i..=i], RTOL);
    }
    let pds = &file["pds"];
    // The peer does not bin finer than the time resolution that the file states.
    let bin_s = number(pds, "dt")?.max(number(file, "dt")?);
    let plan = PowerSpectrumPlan::<f64>::new(number(pds, "segment_size")?, bin_s)?
        .normalization(Normalization::Leahy)
        .compat(Compat::Stingray);
    let spectrum = plan.execute(&events)?;
    let found = [spectrum.segments as f64, spectrum.light.counts];
    let expected = [number(pds, "m")?, number(pds, "nphots")?];
    compare(
        checks,
        &format!("{name}: m, nphots"),
        &found,
        &expected,
        RTOL,
    );
    let expected = case.case().flat(&format!("{name}.pds_leahy"))?;
    // One or two columns: the powers are the last.
    let powers = expected.len() / spectrum.power.len().max(1);
    let expected = &expected[expected.len() * (powers.max(1) - 1) / powers.max(1)..];
    compare(
        checks,
        &format!("{name}: pds"),
        &spectrum.power,
        expected,
        RTOL,
    );
    Ok(())
}
