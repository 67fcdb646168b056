//! Case `accelsearch`: the acceleration search in the Fourier domain.

use anyhow::Result;
use astro_timing::Compat;
use astro_timing::pulsation::AccelerationSearch;

use super::numbers::{TimingCase, compare};
use crate::reference::check::Checks;

/// `det_p_value`, which the peer was not told.
const FALSE_ALARM: f64 = 0.15;

pub(super) fn check(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let (time, signal) = (case.input("time")?, case.input("signal")?);
    let dt_s = (time[time.len() - 1] - time[0]) / (time.len() - 1) as f64;
    let search = AccelerationSearch {
        z_max: case.parameter("zmax")?,
        z_step: case.parameter("delta_z")?,
        false_alarm: FALSE_ALARM,
        compat: Compat::Stingray,
        ..AccelerationSearch::default()
    };
    let start_s = time[0] - 0.5 * dt_s;
    let found = search.run(start_s, dt_s, &signal)?;
    // The peer's order is that in which its processes end.
    let columns: Vec<Vec<f64>> = ["fdot", "frequency", "power", "prob", "time"]
        .iter()
        .map(|name| case.output(name))
        .collect::<Result<_>>()?;
    let mut order: Vec<usize> = (0..columns[0].len()).collect();
    let key = |&i: &usize| (columns[0][i], columns[1][i]);
    order.sort_by(|a, b| {
        key(a)
            .partial_cmp(&key(b))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let expected =
        |column: usize| -> Vec<f64> { order.iter().map(|&i| columns[column][i]).collect() };
    let rtol = case.tolerance()?;
    let mut column = |name: &str, index: usize, found: Vec<f64>| {
        // The peer's probabilities are the exponential of a logarithm from an asymptotic series.
        let rtol = if name == "prob" { 1e-5 } else { rtol };
        compare(checks, name, &found, &expected(index), rtol);
    };
    column(
        "fdot",
        0,
        found.iter().map(|c| c.solution.frequency_dot).collect(),
    );
    column(
        "frequency",
        1,
        found.iter().map(|c| c.solution.frequency_hz).collect(),
    );
    column("power", 2, found.iter().map(|c| c.power).collect());
    column(
        "prob",
        3,
        found.iter().map(|c| c.probability.value()).collect(),
    );
    column(
        "time",
        4,
        found.iter().map(|c| c.solution.epoch_s).collect(),
    );
    Ok(())
}
