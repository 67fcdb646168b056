//! Case `power_colors`: ratios of band powers, and their hue.

use anyhow::Result;
use astro_timing::{
    Averaging, Compat, FrequencyBins, Normalization, PowerColorOptions, PowerSpectrum, SegmentLight,
};

use super::numbers::{TimingCase, compare};
use crate::reference::case::numbers;
use crate::reference::check::Checks;

/// A spectrum with the powers of the case.
fn spectrum(case: &TimingCase<'_>) -> Result<PowerSpectrum> {
    let (frequency_hz, power) = (case.input("freq")?, case.input("power")?);
    let m = case.parameter("m")?;
    let n = frequency_hz.len();
    let width = frequency_hz[1] - frequency_hz[0];
    let bins = 2 * (n + 1);
    Ok(PowerSpectrum {
        error: power.iter().map(|p| p / m.sqrt()).collect(),
        bins: FrequencyBins {
            frequency_hz,
            width_hz: vec![width; n],
            merged: vec![1.0; n],
            averages: vec![m; n],
        },
        power,
        normalization: Normalization::FractionalRms,
        averaging: Averaging::CommonMean,
        light: SegmentLight {
            bins,
            bin_s: 1.0 / (width * bins as f64),
            counts: 1.0,
            background_counts: 0.0,
            variance: None,
        },
        segments: m as u64,
        empty_segments: 0,
        compat: Compat::Stingray,
    })
}

pub(super) fn check(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let spectrum = spectrum(case)?;
    let edges = numbers(case.parameters(), "freq_edges")?;
    let options = PowerColorOptions {
        edges_hz: std::array::from_fn(|i| edges[i]),
        noise: Some(case.parameter("poisson_power")?),
        ..PowerColorOptions::default()
    };
    let colors = spectrum.power_colors(&options)?;
    let [first, second] = colors.log10(Compat::Stingray);
    for (name, found) in [
        ("pc0", colors.first.value),
        ("pc0_err", colors.first.error),
        ("pc1", colors.second.value),
        ("pc1_err", colors.second.error),
        ("hue", colors.hue_rad),
        ("lpc0", first.value),
        ("lpc0_err", first.error),
        ("lpc1", second.value),
        ("lpc1_err", second.error),
    ] {
        compare(
            checks,
            name,
            &[found],
            &[case.scalar(name)?],
            case.tolerance()?,
        );
    }
    check_excluded(case, checks, &spectrum, options)
}

/// What the peer excluded, hertz; without noise.
const EXCLUDED_HZ: [f64; 2] = [0.9, 1.1];

fn check_excluded(
    case: &TimingCase<'_>,
    checks: &mut Checks,
    spectrum: &PowerSpectrum,
    options: PowerColorOptions,
) -> Result<()> {
    let options = PowerColorOptions {
        noise: Some(0.0),
        excluded_hz: vec![EXCLUDED_HZ],
        ..options
    };
    let colors = spectrum.power_colors(&options)?;
    let rtol = case.tolerance()?;
    for (name, found) in [("ex_pc0", colors.first), ("ex_pc1", colors.second)] {
        compare(checks, name, &[found.value], &[case.scalar(name)?], rtol);
    }
    Ok(())
}
