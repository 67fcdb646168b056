//! Case `lomb_scargle`: spectra of uneven samples.

use anyhow::Result;
use astro_timing::lomb_scargle::{LombScargleMethod, LombScarglePlan};
use astro_timing::{Compat, Normalization};

use super::numbers::{TimingCase, compare, compare_complex};
use crate::reference::check::Checks;

/// How near the peer's fast method is to its own definition: 4e-2 of a power, 5e-3 of a cross spectrum.
const FAST_RTOL: f64 = 5e-2;

pub(super) fn check(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    // The peer's good time leaves out the first and the last sample.
    let inner = |values: Vec<f64>| values[1..values.len() - 1].to_vec();
    let times = inner(case.input("time")?);
    let (one, two) = (inner(case.input("counts1")?), inner(case.input("counts2")?));
    let (dt, first) = (case.parameter("dt")?, case.parameter("min_freq")?);
    let rtol = case.tolerance()?;
    let counts = [one.len() as f64, one.iter().sum()];
    compare(
        checks,
        "n, nphots",
        &counts,
        &[case.scalar("n")?, case.scalar("nphots")?],
        rtol,
    );

    let frequency = case.output("freq")?;
    let step = case.parameter("df")?;
    let plan = LombScarglePlan::new(&times, dt, first, step, frequency.len())?;
    let direct = plan.clone().method(LombScargleMethod::Direct)?;
    let peer = plan.clone().compat(Compat::Stingray);
    for (name, unit) in [
        ("leahy", Normalization::Leahy),
        ("frac", Normalization::FractionalRms),
    ] {
        let slow = format!("pds_slow_{name}");
        let found = direct.power(&one, unit)?;
        case.compare(checks, &slow, &found.value)?;
        compare(checks, "freq", &found.frequency_hz, &frequency, rtol);
        let expected = case.output(&slow)?;
        compare(
            checks,
            &format!("{slow}, NUFFT"),
            &plan.power(&one, unit)?.value,
            &expected,
            rtol,
        );
        let fast = format!("pds_fast_{name}");
        let found = peer.power(&one, unit)?;
        compare(checks, &fast, &found.value, &case.output(&fast)?, FAST_RTOL);
    }

    // Not told otherwise, the peer steps by one over the length.
    let expected = case.complex_output("cs_slow_unnorm")?;
    let length = times[times.len() - 1] - times[0];
    let plan = LombScarglePlan::new(&times, dt, first, 1.0 / length, expected.len())?;
    let found = plan.cross(&one, &two, Normalization::Unnormalized)?;
    compare_complex(checks, "cs_slow_unnorm", &found.value, &expected, rtol);
    let peer = plan.compat(Compat::Stingray);
    let found = peer.cross(&one, &two, Normalization::Unnormalized)?;
    let expected = case.complex_output("cs_fast_unnorm")?;
    compare_complex(checks, "cs_fast_unnorm", &found.value, &expected, FAST_RTOL);
    Ok(())
}
