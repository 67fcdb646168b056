//! Case `bispectrum`: the third cumulant and its transform.

use anyhow::Result;
use astro_timing::Compat;
use astro_timing::bispectrum::{CumulantScale, LagWindow, bispectrum};

use super::numbers::{TimingCase, compare};
use crate::reference::check::Checks;

pub(super) fn check(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let counts = case.input("counts")?;
    let (dt, lag) = (case.parameter("dt")?, case.parameter("maxlag")? as usize);
    let rtol = case.tolerance()?;
    for (name, scale, window) in [
        ("biased", CumulantScale::Biased, LagWindow::Uniform),
        ("unbiased", CumulantScale::Unbiased, LagWindow::Uniform),
        ("parzen", CumulantScale::Biased, LagWindow::Parzen),
    ] {
        let found = bispectrum(&counts, dt, lag, scale, window, Compat::Stingray)?;
        let modulus: Vec<f64> = found.value.iter().map(|z| z.norm()).collect();
        case.compare(checks, &format!("mag_{name}"), &modulus)?;
        if window == LagWindow::Parzen {
            continue;
        }
        let cumulant: Vec<f64> = found.cumulant.iter().copied().collect();
        case.compare(checks, &format!("cum3_{name}"), &cumulant)?;
        // Phases as points on a circle: near ±π they jump. Where there is no power they are noise.
        let expected = case.output(&format!("phase_{name}"))?;
        let highest = modulus.iter().copied().fold(0.0, f64::max);
        let mut cosines = (Vec::new(), Vec::new());
        for (z, phase) in found.value.iter().zip(&expected) {
            if z.norm() > 1e-6 * highest {
                cosines.0.extend([z.arg().cos(), z.arg().sin()]);
                cosines.1.extend([phase.cos(), phase.sin()]);
            }
        }
        compare(
            checks,
            &format!("phase_{name}"),
            &cosines.0,
            &cosines.1,
            1e2 * rtol,
        );
        case.compare(checks, "freq", &found.frequency_hz)?;
        case.compare(checks, "lags", &found.lag_s)?;
    }
    Ok(())
}
