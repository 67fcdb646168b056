//! Cases `pds_*`: averaged power spectra of events and light curves.

use anyhow::Result;
use astro_timing::{
    Averaging, Compat, EventList, LightCurve, Normalization, PowerSpectrum, PowerSpectrumPlan,
    Rebinning,
};

use super::numbers::{TimingCase, compare};
use crate::reference::check::Checks;

/// The peer's names of the normalisations.
pub(super) const NORMALIZATIONS: [(&str, Normalization); 4] = [
    ("leahy", Normalization::Leahy),
    ("frac", Normalization::FractionalRms),
    ("abs", Normalization::AbsoluteRms),
    ("none", Normalization::Unnormalized),
];
/// The band in which the peer computed the rms, hertz.
const RMS_BAND_HZ: [f64; 2] = [0.1, 10.0];
/// Threshold of the significances.
const THRESHOLD: f64 = 0.05;

/// The plan of a case.
fn plan(case: &TimingCase<'_>) -> Result<PowerSpectrumPlan<f64>> {
    let plan = PowerSpectrumPlan::new(case.parameter("segment_size")?, case.parameter("dt")?)?;
    Ok(plan.compat(Compat::Stingray))
}

pub(super) fn events(case: &TimingCase<'_>) -> Result<EventList> {
    Ok(EventList::new(case.input("times")?, case.gti("gti")?)?)
}

fn compare_scalars(
    case: &TimingCase<'_>,
    checks: &mut Checks,
    scalars: &[(&str, f64)],
) -> Result<()> {
    for &(name, found) in scalars {
        let expected = [case.scalar(name)?];
        compare(checks, name, &[found], &expected, case.tolerance()?);
    }
    Ok(())
}

pub(super) fn check_events(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let events = events(case)?;
    let spectrum = plan(case)?.execute(&events)?;
    case.compare(checks, "freq", spectrum.frequency_hz())?;
    for (name, normalization) in NORMALIZATIONS {
        let spectrum = plan(case)?.normalization(normalization).execute(&events)?;
        case.compare(checks, &format!("power_{name}"), &spectrum.power)?;
        case.compare(checks, &format!("power_err_{name}"), &spectrum.error)?;
    }
    let raw = spectrum.to_normalization(Normalization::Unnormalized)?;
    case.compare(checks, "unnorm_power", &raw.power)?;
    let each = plan(case)?
        .normalization(Normalization::Leahy)
        .averaging(Averaging::EachSegment);
    case.compare(
        checks,
        "power_leahy_percommon",
        &each.execute(&events)?.power,
    )?;

    let significant = spectrum.significant_powers(THRESHOLD, 1.0)?;
    let probabilities = significant.iter().map(|power| power.probability.value());
    let indices = significant.iter().map(|power| power.index as f64);
    let table: Vec<f64> = probabilities.chain(indices).collect();
    case.compare(checks, "classical_sig_0p05", &table)?;

    let linear = spectrum.rebinned(Rebinning::Width(case.scalar("lin_df")?))?;
    case.compare(checks, "lin_freq", linear.frequency_hz())?;
    case.compare(checks, "lin_power", &linear.power)?;
    case.compare(checks, "lin_power_err", &linear.error)?;
    let log = spectrum.rebinned(Rebinning::LogarithmicWithGaps(case.scalar("log_f")?))?;
    case.compare(checks, "log_freq", log.frequency_hz())?;
    case.compare(checks, "log_power", &log.power)?;
    case.compare(checks, "log_power_err", &log.error)?;
    case.compare(checks, "log_m", &log.bins.averages)?;
    case.compare(checks, "log_k", &log.bins.merged)?;

    let [low, high] = RMS_BAND_HZ;
    let rms = spectrum.band_rms(low, high, None)?;
    let log_rms = log.band_rms(low, high, None)?;
    compare_scalars(
        case,
        checks,
        &[
            ("m", spectrum.segments as f64),
            ("n", spectrum.light.bins as f64),
            ("nphots", spectrum.light.counts),
            ("mean", spectrum.light.counts / spectrum.light.bins as f64),
            ("segment_size_used", spectrum.light.segment_s()),
            ("lin_m", linear.bins.averages[0]),
            ("rms_0p1_10", rms.rms),
            ("rms_err_0p1_10", rms.error),
            ("rms_log_0p1_10", log_rms.rms),
            ("rms_err_log_0p1_10", log_rms.error),
            (
                "modulation_upper_limit",
                spectrum.modulation_upper_limit(0.0, f64::INFINITY, 0.95)?,
            ),
        ],
    )
}

fn compare_spectrum(
    case: &TimingCase<'_>,
    checks: &mut Checks,
    spectrum: &PowerSpectrum,
) -> Result<()> {
    case.compare(checks, "freq", spectrum.frequency_hz())?;
    compare_scalars(
        case,
        checks,
        &[
            ("m", spectrum.segments as f64),
            ("n", spectrum.light.bins as f64),
            ("nphots", spectrum.light.counts),
        ],
    )
}

pub(super) fn check_gauss_curve(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let curve = LightCurve::new(
        case.input("time")?,
        case.input("counts")?,
        case.parameter("dt")?,
    )?
    .with_errors(case.input("counts_err")?)?
    .with_gti(case.gti("gti")?);
    let spectrum = plan(case)?.execute_curve(&curve)?;
    compare_spectrum(case, checks, &spectrum)?;
    let variance = spectrum.light.variance.unwrap_or(f64::NAN);
    compare_scalars(case, checks, &[("variance", variance)])?;
    for (name, normalization) in NORMALIZATIONS {
        let spectrum = plan(case)?
            .normalization(normalization)
            .execute_curve(&curve)?;
        case.compare(checks, &format!("power_{name}"), &spectrum.power)?;
    }
    Ok(())
}

pub(super) fn check_poisson_curve(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let curve = LightCurve::from_events(&events(case)?, case.parameter("dt")?)?;
    case.compare(checks, "lc_time", curve.times())?;
    case.compare(checks, "lc_counts", curve.counts())?;
    let plan = plan(case)?.normalization(Normalization::Leahy);
    let spectrum = plan.execute_curve(&curve)?;
    compare_spectrum(case, checks, &spectrum)?;
    case.compare(checks, "power", &spectrum.power)
}

pub(super) fn check_single(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let plan = PowerSpectrumPlan::<f64>::whole_span(case.parameter("dt")?)?
        .normalization(Normalization::Leahy)
        .compat(Compat::Stingray);
    let spectrum = plan.execute(&events(case)?)?;
    compare_spectrum(case, checks, &spectrum)?;
    case.compare(checks, "power", &spectrum.power)?;
    case.compare(checks, "power_err", &spectrum.error)
}
