//! Case `fad_deadtime`: dead-time filters and the correction by amplitude differences.

use anyhow::Result;
use astro_timing::deadtime::{DeadTime, FadCorrection, FadSmoothing, apply_dead_time};
use astro_timing::{Compat, Normalization};

use super::numbers::{TimingCase, compare, compare_complex};
use crate::reference::check::Checks;

pub(super) fn check(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let dead = case.parameter("dead_time")?;
    let rtol = case.tolerance()?;
    let raw = [case.input("times1_raw")?, case.input("times2_raw")?];
    let mut kept = Vec::new();
    for (times, name) in raw.iter().zip(["times1_nonpar", "times2_nonpar"]) {
        let found = apply_dead_time(times, DeadTime::NonParalysable, dead)?;
        case.compare(checks, name, &found)?;
        kept.push(found);
    }
    let paralysed = apply_dead_time(&raw[0], DeadTime::Paralysable, dead)?.len() as f64;
    compare(
        checks,
        "n_paralyzable1",
        &[paralysed],
        &[case.scalar("n_paralyzable1")?],
        rtol,
    );

    let dt = case.parameter("dt")?;
    let bins = (case.parameter("segment_size")? / dt).round() as usize;
    let segments = case.scalar("M")? as usize;
    let counts: Vec<Vec<f64>> = kept
        .iter()
        .map(|times| binned(times, dt, bins * segments))
        .collect();
    let length = case.scalar("smoothing_length")?;
    for (name, smoothing, unit) in [
        ("frac", length, Normalization::FractionalRms),
        ("leahy", length, Normalization::Leahy),
        ("leahy_sl50", 50.0, Normalization::Leahy),
    ] {
        let mut fad = FadCorrection::new(bins, dt, FadSmoothing::Bins(smoothing))?
            .normalization(unit)
            .compat(Compat::Stingray);
        for (one, two) in counts[0]
            .chunks_exact(bins)
            .zip(counts[1].chunks_exact(bins))
        {
            fad.add_segment(one, two)?;
        }
        let found = fad.finish()?;
        case.compare(checks, &format!("{name}_pds1"), &found.power_1)?;
        let cross = format!("{name}_cs");
        compare_complex(
            checks,
            &cross,
            &found.cross,
            &case.complex_output(&cross)?,
            rtol,
        );
        if name != "leahy_sl50" {
            case.compare(checks, &format!("{name}_freq"), &found.frequency_hz)?;
            case.compare(checks, &format!("{name}_pds2"), &found.power_2)?;
            case.compare(checks, &format!("{name}_ptot"), &found.power_total)?;
        }
        if name == "leahy" {
            let photons = [case.scalar("nph1")?, case.scalar("nph2")?];
            compare(checks, "nph", &found.mean_photons, &photons, rtol);
        }
    }
    Ok(())
}

fn binned(times: &[f64], dt: f64, bins: usize) -> Vec<f64> {
    let mut counts = vec![0.0; bins];
    for time in times {
        if let Some(count) = counts.get_mut((time / dt) as usize) {
            *count += 1.0;
        }
    }
    counts
}
