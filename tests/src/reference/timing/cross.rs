//! Case `cross_events`: averaged cross spectra, their errors, coherence and lags.

use anyhow::Result;
use astro_timing::{
    BiasCoherence, ChannelOverlap, Compat, CrossErrors, CrossSpectrum, CrossSpectrumPlan, Estimate,
    EventList, Normalization, Rebinning,
};
use num_complex::Complex64;

use super::numbers::{TimingCase, compare_complex};
use super::power::NORMALIZATIONS;
use crate::reference::check::Checks;

fn plan(case: &TimingCase<'_>) -> Result<CrossSpectrumPlan<f64>> {
    let plan = CrossSpectrumPlan::new(case.parameter("segment_size")?, case.parameter("dt")?)?;
    Ok(plan.compat(Compat::Stingray))
}

fn compare(
    case: &TimingCase<'_>,
    checks: &mut Checks,
    name: &str,
    found: &[Complex64],
) -> Result<()> {
    let expected = case.complex_output(name)?;
    compare_complex(checks, name, found, &expected, case.tolerance()?);
    Ok(())
}

/// A value under its name, its error under the name that ends in `_err`.
fn compare_estimates(
    case: &TimingCase<'_>,
    checks: &mut Checks,
    name: &str,
    found: &[Estimate],
) -> Result<()> {
    let values: Vec<f64> = found.iter().map(|estimate| estimate.value).collect();
    let errors: Vec<f64> = found.iter().map(|estimate| estimate.error).collect();
    case.compare(checks, name, &values)?;
    case.compare(checks, &format!("{name}_err"), &errors)
}

fn errors(spectrum: &CrossSpectrum) -> Vec<Complex64> {
    let complex = |error: CrossErrors| Complex64::new(error.re, error.im);
    spectrum.errors().into_iter().map(complex).collect()
}

pub(super) fn check(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let gti = case.gti("gti")?;
    let subject = EventList::new(case.input("times1")?, gti.clone())?;
    let reference = EventList::new(case.input("times2")?, gti)?;
    for (name, normalization) in NORMALIZATIONS {
        let plan = plan(case)?.normalization(normalization);
        let spectrum = plan.execute(&subject, &reference)?;
        compare(case, checks, &format!("power_{name}"), &spectrum.cross)?;
        compare(
            case,
            checks,
            &format!("power_err_{name}"),
            &errors(&spectrum),
        )?;
        case.compare(checks, &format!("pds1_{name}"), &spectrum.subject_power)?;
        case.compare(checks, &format!("pds2_{name}"), &spectrum.reference_power)?;
    }
    let spectrum = plan(case)?.execute(&subject, &reference)?;
    case.compare(checks, "freq", spectrum.frequency_hz())?;
    let real: Vec<f64> = spectrum.cross.iter().map(|c| c.re).collect();
    case.compare(checks, "power_frac_real", &real)?;
    let raw = spectrum.to_normalization(Normalization::Unnormalized)?;
    compare(case, checks, "unnorm_power", &raw.cross)?;
    compare(case, checks, "unnorm_power_err", &errors(&raw))?;
    compare_estimates(case, checks, "phase_lag", &spectrum.phase_lags())?;
    compare_estimates(case, checks, "time_lag", &spectrum.time_lags())?;
    compare_estimates(case, checks, "raw_coherence", &spectrum.raw_coherence())?;

    let log = spectrum.rebinned(Rebinning::LogarithmicWithGaps(case.scalar("log_f")?))?;
    case.compare(checks, "log_freq", log.frequency_hz())?;
    case.compare(checks, "log_m", &log.bins.averages)?;
    compare(case, checks, "log_power", &log.cross)?;
    compare(case, checks, "log_power_err", &errors(&log))?;
    case.compare(checks, "log_pds1", &log.subject_power)?;
    case.compare(checks, "log_pds2", &log.reference_power)?;
    compare_estimates(case, checks, "log_phase_lag", &log.phase_lags())?;
    compare_estimates(case, checks, "log_time_lag", &log.time_lags())?;
    compare_estimates(case, checks, "log_raw_coherence", &log.raw_coherence())?;
    let unity = log.intrinsic_coherence(BiasCoherence::Unity);
    compare_estimates(case, checks, "log_intrinsic_coherence", &unity)?;
    let found = log.intrinsic_coherence(BiasCoherence::Found);
    compare_estimates(case, checks, "log_intrinsic_coherence_adj", &found)?;

    let overlapping = plan(case)?.overlap(ChannelOverlap::SubjectInReference);
    let overlapping = overlapping.execute(&subject, &reference)?;
    compare(case, checks, "overlap_power_err", &errors(&overlapping))?;
    let lags = overlapping.time_lags();
    let lag_errors: Vec<f64> = lags.iter().map(|lag| lag.error).collect();
    case.compare(checks, "overlap_time_lag_err", &lag_errors)?;

    let full = plan(case)?.two_sided(&subject, &reference)?;
    case.compare(checks, "full_freq", &full.frequency_hz)?;
    compare(case, checks, "full_power", &full.cross)
}
