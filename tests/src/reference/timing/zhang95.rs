//! Case `zhang95`: the power of Poisson noise under dead time.

use anyhow::Result;
use astro_timing::deadtime::{ZhangModel, detected_rate, incident_rate};

use super::numbers::{TimingCase, compare};
use crate::reference::check::Checks;

pub(super) fn check(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let rtol = case.tolerance()?;
    let grid = case.input("grid")?;
    for (row, settings) in grid.chunks_exact(5).enumerate() {
        let [rate, dead, bin, bins, limit] = [0, 1, 2, 3, 4].map(|i| settings[i]);
        let model = ZhangModel::with_limit(rate, dead, bin, limit as usize)?;
        let bins = bins as usize;
        case.compare(checks, &format!("power_{row}"), &model.powers(bins))?;
        let frequency: Vec<f64> = (0..bins / 2)
            .map(|j| j as f64 / (bins as f64 * bin))
            .collect();
        case.compare(checks, &format!("freq_{row}"), &frequency)?;
        let detected = detected_rate(rate, dead)?;
        for (name, found) in [
            ("r_det", detected),
            ("r_in", incident_rate(detected, dead)?),
        ] {
            let name = format!("{name}_{row}");
            compare(checks, &name, &[found], &[case.scalar(&name)?], rtol);
        }
    }

    let frequency = case.input("np_freqs")?;
    let (dead, bin) = (case.scalar("np_dead_time")?, case.scalar("np_bin_time")?);
    let model = ZhangModel::from_detected(case.scalar("np_rate")?, dead, bin)?;
    let source = case.scalar("np_bkg_rate_src")?;
    let dirty = ZhangModel::with_background(source, case.scalar("np_bkg")?, dead, bin)?;
    case.compare(checks, "np_model", &interpolated(&model, bin, &frequency))?;
    case.compare(
        checks,
        "np_model_bkg",
        &interpolated(&dirty, bin, &frequency),
    )
}

/// The peer computes as many powers as the largest frequency has hertz, and draws straight
/// lines between them.
fn interpolated(model: &ZhangModel, bin: f64, frequency: &[f64]) -> Vec<f64> {
    let highest = frequency.iter().copied().fold(10.0, f64::max);
    let powers = model.powers(2 * highest as usize);
    let step = 0.5 / bin / powers.len() as f64;
    let at = |f: &f64| {
        let left = ((f / step) as usize).min(powers.len() - 2);
        let part = f / step - left as f64;
        powers[left] + part * (powers[left + 1] - powers[left])
    };
    frequency.iter().map(at).collect()
}
