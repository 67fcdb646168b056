//! Case `pulse`: phases, profiles, their statistics, searches, phaseograms, times of arrival.

use anyhow::{Context, Result};
use astro_core::GoodTimeIntervals;
use astro_timing::Compat;
use astro_timing::pulsation::{
    Phaseogram, ProfileNoise, PulseProfile, PulseStatistic, SearchGrid, SearchPlan, TimingSolution,
    best_peaks, fit_template, h_test, phase_exposure_s, profile_harmonic_sums, z_squared_from_sums,
    z_squared_of_gaussian_profile, z_squared_of_harmonics,
};
use astro_timing::statistics::{
    TailProbability, epoch_folding_detection_level, epoch_folding_probability,
    z_squared_detection_level, z_squared_probability,
};

use super::numbers::{TimingCase, compare};
use crate::reference::check::Checks;

/// The peer's log-probabilities of large χ² come from an asymptotic series; ours are exact.
const ASYMPTOTIC_RTOL: f64 = 1e-5;

/// Bins of the profiles in the peer's searches for Z².
const SEARCH_BINS: usize = 64;

/// Intervals of the phaseogram.
const INTERVALS: usize = 8;

pub(super) fn check(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let times = case.input("times")?;
    let reference = case.parameter("ref_time")?;
    let solution = TimingSolution::new(reference, case.parameter("f0")?)
        .with_derivatives(case.parameter("fdot")?, 0.0);
    let bins = case.parameter("nbin")? as usize;
    let phases = solution.phases(&times);
    case.compare(checks, "phases", &phases)?;

    let profile = PulseProfile::fold(&times, &span(&times)?, &solution, bins)?;
    case.compare(checks, "profile", &profile.counts)?;
    case.compare(checks, "profile_phase", &profile.phases())?;
    let errors: Vec<f64> = profile.counts.iter().map(|n| n.sqrt()).collect();
    case.compare(checks, "profile_err", &errors)?;
    exposure(case, checks, &times, &solution, &profile.counts)?;
    statistics(case, checks, &phases, &profile.counts)?;
    searches(case, checks, &times)?;
    phaseogram(case, checks, &times, &solution)?;
    template(case, checks, &profile.counts)
}

/// All times, the last one included.
fn span(times: &[f64]) -> Result<GoodTimeIntervals> {
    let (first, last) = (times.first(), times.last());
    let (first, last) = first.zip(last).context("no times")?;
    Ok(GoodTimeIntervals::single(*first, last.next_up())?)
}

/// The peer measures exposure in turns, from the first event on.
fn exposure(
    case: &TimingCase<'_>,
    checks: &mut Checks,
    times: &[f64],
    solution: &TimingSolution,
    counts: &[f64],
) -> Result<()> {
    let gti = case.gti("gti")?;
    let (_, stop) = gti
        .span()
        .map(|span| (span.start, span.stop))
        .context("no good time")?;
    let turns = |time: f64| {
        let elapsed = time - solution.epoch_s;
        elapsed * (solution.frequency_hz + 0.5 * elapsed * solution.frequency_dot)
    };
    let in_turns = gti.truncated(times[0], stop)?.with_times(turns)?;
    let exposure = phase_exposure_s(&TimingSolution::new(0.0, 1.0), &in_turns, counts.len());
    let most = exposure.iter().copied().fold(0.0, f64::max);
    let corrected: Vec<f64> = counts
        .iter()
        .zip(&exposure)
        .map(|(n, e)| n * most / e)
        .collect();
    case.compare(checks, "profile_expocorr", &corrected)
}

fn statistics(
    case: &TimingCase<'_>,
    checks: &mut Checks,
    phases: &[f64],
    counts: &[f64],
) -> Result<()> {
    let rtol = case.tolerance()?;
    let mut scalar = |name: &str, found: f64| -> Result<()> {
        let asymptotic = name.starts_with("z2_") && name.contains("logp");
        let rtol = if asymptotic { ASYMPTOTIC_RTOL } else { rtol };
        compare(checks, name, &[found], &[case.scalar(name)?], rtol);
        Ok(())
    };
    let bins = counts.len();
    let expected = vec![counts.iter().sum::<f64>() / bins as f64; bins];
    let folding = astro_timing::pulsation::epoch_folding(counts, &expected)?;
    scalar("ef_stat", folding)?;
    let single = epoch_folding_probability(folding, bins)?;
    scalar("ef_p", single.value())?;
    scalar("ef_logp_100", single.in_trials(100.0)?.ln())?;
    let percent = TailProbability::new(0.01)?;
    scalar(
        "ef_level_1e3",
        epoch_folding_detection_level(percent, bins, 1e3)?,
    )?;

    let of_events = z_squared_of_harmonics(phases, 20)?;
    // The peer takes 20 harmonics of 32 bins, of which the last four are aliases.
    let residual: Vec<f64> = counts.iter().zip(&expected).map(|(n, e)| n - e).collect();
    let binned = z_squared_from_sums(&profile_harmonic_sums(&residual, 20), counts.iter().sum());
    for (harmonics, z) in [1, 2, 10, 20].map(|n| (n, of_events[n - 1])) {
        scalar(&format!("z2_{harmonics}_events"), z)?;
        scalar(&format!("z2_{harmonics}_binned32"), binned[harmonics - 1])?;
        let single = z_squared_probability(z, harmonics, 1.0)?;
        scalar(&format!("z2_{harmonics}_p"), single.value())?;
        scalar(
            &format!("z2_{harmonics}_logp_1000"),
            single.in_trials(1e3)?.ln(),
        )?;
        let level = z_squared_detection_level(percent, harmonics, 1.0, 1e3)?;
        scalar(&format!("z2_{harmonics}_level_1000"), level)?;
    }
    let gauss = z_squared_of_gaussian_profile(counts, expected[0].sqrt(), 2)?[1];
    scalar("z2_2_gauss", gauss)?;
    let h = h_test(&of_events);
    scalar("h_events", h.h)?;
    scalar("h_events_m", h.harmonics as f64)?;
    let binned = h_test(&binned);
    scalar("h_binned", binned.h)?;
    scalar("h_binned_m", binned.harmonics as f64)
}

/// The peer counts from the first event on, and leaves out the last: it lies at the end.
fn searches(case: &TimingCase<'_>, checks: &mut Checks, times: &[f64]) -> Result<()> {
    let frequencies = case.input("search_freqs")?;
    let dots = case.input("search_fdots")?;
    let bins = case.parameter("nbin")? as usize;
    let last = frequencies.len() - 1;
    let step = (frequencies[last] - frequencies[0]) / last as f64;
    let grid = SearchGrid::new(times[0], frequencies[0], step, frequencies.len());
    let without_last = &times[..times.len() - 1];
    let good = span(times)?;
    let search = |grid: SearchGrid, statistic, times: &[f64], segment_s: Option<f64>| {
        let mut plan = SearchPlan::new(grid, statistic).compat(Compat::Stingray);
        if let Some(length) = segment_s {
            plan = plan.segment_s(length);
        }
        plan.search(times, &good)
    };
    let z = |harmonics| PulseStatistic::BinnedZSquared {
        harmonics,
        bins: SEARCH_BINS,
    };
    let z2 = search(grid, z(2), without_last, None)?;
    let z2: Vec<f64> = z2.statistic.iter().copied().collect();
    case.compare(checks, "z2_2_search", &z2)?;
    let folding = PulseStatistic::EpochFolding { bins };
    let folded = search(grid, folding, without_last, None)?;
    case.compare(
        checks,
        "ef_search",
        &folded.statistic.iter().copied().collect::<Vec<_>>(),
    )?;
    let segments = search(grid, z(1), times, Some(150.0))?;
    let found: Vec<f64> = segments.statistic.iter().copied().collect();
    case.compare(checks, "z2_1_search_segments150", &found)?;
    let plane = grid.with_dots(dots[0], dots[1] - dots[0], dots.len());
    let found = search(plane, z(1), without_last, None)?;
    let found: Vec<f64> = found.statistic.iter().copied().collect();
    case.compare(checks, "z2_1_search_fdot", &found)?;

    let peaks = best_peaks(&frequencies, &z2, case.scalar("best_peaks_threshold")?)?;
    let x: Vec<f64> = peaks.iter().map(|peak| peak.x).collect();
    let heights: Vec<f64> = peaks.iter().map(|peak| peak.height).collect();
    case.compare(checks, "best_peaks_x", &x)?;
    case.compare(checks, "best_peaks_stat", &heights)
}

/// The peer shows two turns, `[phase, time]`, and counts times from the reference.
fn phaseogram(
    case: &TimingCase<'_>,
    checks: &mut Checks,
    times: &[f64],
    solution: &TimingSolution,
) -> Result<()> {
    let edges = case.output("phaseogram_x")?;
    let bins = (edges.len() - 1) / 2;
    let found = Phaseogram::fold(times, &span(times)?, solution, bins, INTERVALS)?;
    let mut both = Vec::new();
    for bin in (0..bins).chain(0..bins) {
        both.extend((0..INTERVALS).map(|interval| found.counts[[interval, bin]]));
    }
    case.compare(checks, "phaseogram", &both)?;
    let edges: Vec<f64> = found
        .time_edges_s
        .iter()
        .map(|t| t - solution.epoch_s)
        .collect();
    case.compare(checks, "phaseogram_y", &edges)
}

fn template(case: &TimingCase<'_>, checks: &mut Checks, counts: &[f64]) -> Result<()> {
    let template = case.input("template")?;
    let mut rolled = counts.to_vec();
    rolled.rotate_right(5);
    let fit = |profile: &[f64]| {
        fit_template(profile, &template, ProfileNoise::Residual, Compat::Stingray)
    };
    let found = fit(&rolled)?;
    let found = [
        found.amplitude,
        found.amplitude_error,
        found.shift,
        found.shift_error,
    ];
    case.compare(checks, "fftfit_rolled5", &found)?;
    let found = fit(counts)?;
    let period = 1.0 / case.parameter("f0")?;
    let toa = case.parameter("ref_time")? + (found.shift - found.shift.floor()) * period;
    let rtol = case.tolerance()?;
    compare(checks, "toa", &[toa], &[case.scalar("toa")?], rtol);
    compare(
        checks,
        "toa_err",
        &[found.shift_error * period],
        &[case.scalar("toa_err")?],
        rtol,
    );
    Ok(())
}
