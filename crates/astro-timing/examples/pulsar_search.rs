//! A pulsar in half a million photons: search, refined solution, a time of arrival.
//!
//! `cargo run --release -p astro-timing --example pulsar_search`

#![expect(clippy::print_stdout, reason = "an example shows what it finds")]

use std::time::Instant;

use astro_core::GoodTimeIntervals;
use astro_timing::pulsation::{
    PulseProfile, PulseStatistic, SearchGrid, SearchPlan, TimingSolution, refine_solution,
};
use astro_timing::simulate::{PulseShape, pulsed_events};

const SPAN_S: f64 = 1000.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The truth: 4.5 Hz, slowing down, 5 % pulsed.
    let truth = TimingSolution::new(500.0, 4.5).with_derivatives(-2e-7, 0.0);
    let pulse = PulseShape::sinusoid(0.05);
    let phase = |time: f64| truth.phase(time);
    let times = pulsed_events(0.0, SPAN_S, 500.0, &pulse, &phase, 7)?;
    let gti = GoodTimeIntervals::single(0.0, SPAN_S)?;

    let grid = SearchGrid::covering(500.0, 3.0, 5.5, SPAN_S, 4.0)?;
    let started = Instant::now();
    let search = SearchPlan::new(grid, PulseStatistic::ZSquared { harmonics: 2 });
    let found = search.search(&times, &gti)?;
    println!(
        "{} photons, {} trials in {:.2} s",
        found.events,
        grid.trials(),
        started.elapsed().as_secs_f64()
    );
    let best = found.best()?;
    println!(
        "best trial {:.6} Hz, Z2 = {:.1}: {:.1} sigma after all trials",
        best.solution.frequency_hz,
        best.statistic,
        best.probability.gaussian_sigma()
    );

    let refined = refine_solution(&times, &best.solution, 1, true)?;
    println!(
        "refined {:.7} ± {:.7} Hz, derivative ({:.1} ± {:.1})e-8 Hz/s",
        refined.solution.frequency_hz,
        refined.frequency_error_hz,
        refined.solution.frequency_dot * 1e8,
        refined.frequency_dot_error * 1e8
    );
    let away = refined.solution.frequency_hz - truth.frequency_hz;
    assert!(away.abs() < 4.0 * refined.frequency_error_hz);

    let profile = PulseProfile::fold(&times, &gti, &refined.solution, 64)?;
    let template: Vec<f64> = profile
        .phases()
        .iter()
        .map(|&p| pulse.relative_rate(p))
        .collect();
    let arrival = profile.time_of_arrival(&template, 500.0)?;
    println!(
        "a pulse arrives at {:.5} ± {:.5} s",
        arrival.time_s, arrival.error_s
    );
    let (fraction, error) = profile.harmonic_amplitude(1)?;
    println!(
        "pulsed fraction ({:.2} ± {:.2}) %",
        100.0 * fraction,
        100.0 * error
    );
    assert!((fraction - 0.05).abs() < 4.0 * error);
    Ok(())
}
