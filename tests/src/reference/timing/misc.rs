//! Case `misc`: correlation, dynamical spectra, rebinned light curves, excess variance.

use anyhow::Result;
use astro_timing::{
    Compat, CorrelationNormalization, DynamicalPowerSpectrum, LightCurve, Normalization,
    PowerSpectrumPlan, Rebinning, auto_correlation, cross_correlation,
};

use super::numbers::{TimingCase, compare};
use crate::reference::check::Checks;

/// What the peer was called with, beyond the parameters that the case stores.
const NEW_BIN_S: f64 = 0.8;
const NEW_ROW_S: f64 = 40.0;
const NEW_WIDTH_HZ: f64 = 0.2;
const ROWS: usize = 2;
const SHIFTED_BINS: usize = 9;

pub(super) fn check(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let bin_s = case.parameter("dt")?;
    let curve = |counts: &str| -> Result<LightCurve> {
        Ok(LightCurve::new(
            case.input("time")?,
            case.input(counts)?,
            bin_s,
        )?)
    };
    let (first, second) = (curve("counts1")?, curve("counts2")?);
    check_correlation(case, checks, &first, &second)?;
    check_dynamical(case, checks, &first)?;

    let rebinned = first.rebinned_to(NEW_BIN_S, Compat::Stingray)?;
    case.compare(checks, "lc_rebin_t", rebinned.times())?;
    case.compare(checks, "lc_rebin_c", rebinned.counts())?;
    case.compare(checks, "lc_rebin_e", &rebinned.errors(Compat::Stingray))?;

    let variance = first.excess_variance(Compat::Stingray)?;
    for (name, found) in [
        ("exvar_fvar", variance.fractional_rms),
        ("exvar_none", variance.excess),
        ("exvar_norm_xs", variance.normalized),
    ] {
        let error = format!("{name}_err");
        let expected = [case.scalar(name)?, case.scalar(&error)?];
        let rtol = case.tolerance()?;
        compare(checks, name, &[found.value], &expected[..1], rtol);
        compare(checks, &error, &[found.error], &expected[1..], rtol);
    }
    Ok(())
}

fn check_correlation(
    case: &TimingCase<'_>,
    checks: &mut Checks,
    first: &LightCurve,
    second: &LightCurve,
) -> Result<()> {
    for (name, normalization) in [
        ("none", CorrelationNormalization::Sum),
        ("variance", CorrelationNormalization::Variance),
    ] {
        let found = cross_correlation(first, second, normalization, Compat::Stingray)?;
        case.compare(checks, &format!("ccf_{name}"), &found.correlation)?;
        case.compare(checks, "ccf_lags", &found.lag_s)?;
        let shift = format!("ccf_shift_{name}");
        let expected = [case.scalar(&shift)?];
        compare(
            checks,
            &shift,
            &[found.best_lag_s()],
            &expected,
            case.tolerance()?,
        );
    }
    let found = auto_correlation(first, CorrelationNormalization::Sum, Compat::Stingray)?;
    case.compare(checks, "acf", &found.correlation)
}

fn check_dynamical(case: &TimingCase<'_>, checks: &mut Checks, curve: &LightCurve) -> Result<()> {
    let plan = PowerSpectrumPlan::<f64>::new(case.parameter("dyn_segment")?, curve.bin_s())?
        .normalization(Normalization::Leahy)
        .compat(Compat::Stingray);
    let spectrum = plan.dynamical_curve(curve)?;
    // The peer's rows are frequencies.
    let values = |spectrum: &DynamicalPowerSpectrum| -> Vec<f64> {
        spectrum.values.t().iter().copied().collect()
    };
    case.compare(checks, "dyn", &values(&spectrum))?;
    case.compare(checks, "dyn_freq", &spectrum.bins.frequency_hz)?;
    case.compare(checks, "dyn_time", &spectrum.time_s)?;
    let long = spectrum.rebinned_in_time(NEW_ROW_S)?;
    case.compare(checks, "dyn_rt40", &values(&long))?;
    case.compare(checks, "dyn_rt40_time", &long.time_s)?;
    let wide = spectrum.rebinned_in_frequency(Rebinning::Width(NEW_WIDTH_HZ))?;
    case.compare(checks, "dyn_rf", &values(&wide))?;
    case.compare(checks, "dyn_rf_freq", &wide.bins.frequency_hz)?;
    case.compare(checks, "dyn_n2", &values(&spectrum.rebinned_by_rows(ROWS)?))?;
    let trace = spectrum.trace_maximum(0.0, f64::INFINITY)?;
    let trace: Vec<f64> = trace.into_iter().map(|bin| bin as f64).collect();
    case.compare(checks, "dyn_max", &trace)?;
    // The peer averages rows in place: those that it shifts next are changed.
    let mut changed = spectrum.clone();
    for row in (0..spectrum.values.nrows()).step_by(ROWS) {
        let pair = spectrum.values.slice(ndarray::s![row..row + ROWS, ..]);
        let mean = pair.sum_axis(ndarray::Axis(0)) / ROWS as f64;
        changed.values.row_mut(row).assign(&mean);
    }
    let shifted = changed.shift_and_add(&case.input("sa_f0")?, SHIFTED_BINS)?;
    case.compare(checks, "sa_freq", shifted.frequency_hz())?;
    case.compare(checks, "sa_power", &shifted.power)?;
    case.compare(checks, "sa_m", &shifted.bins.averages)
}
