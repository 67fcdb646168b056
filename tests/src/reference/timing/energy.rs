//! Case `varenergy`: variability against energy.

use anyhow::Result;
use astro_timing::{
    Compat, EnergyBand, EnergySpectra, EnergySpectraPlan, Estimate, EventList, EventSelection,
    ExcessVariance, LightCurve, RmsUnit,
};
use num_complex::Complex64;

use super::numbers::{TimingCase, compare_complex};
use crate::reference::case::numbers;
use crate::reference::check::Checks;

/// The second reference band, keV.
const NARROW_REFERENCE: [f64; 2] = [2.0, 3.0];

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

fn measure(
    case: &TimingCase<'_>,
    events: &EventList,
    reference: [f64; 2],
) -> Result<EnergySpectra> {
    let parameters = case.parameters();
    let frequencies = numbers(parameters, "freq_interval")?;
    let plan = EnergySpectraPlan::<f64>::new(
        case.parameter("segment_size")?,
        case.parameter("bin_time")?,
        EnergyBand::between(&numbers(parameters, "energy_edges")?)?,
        [frequencies[0], frequencies[1]],
    )?;
    let [low, high] = reference;
    let plan = plan
        .reference(EnergyBand::new(low, high)?)
        .compat(Compat::Stingray);
    Ok(plan.execute(events)?)
}

pub(super) fn check(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let energies = case.input("energy")?.iter().map(|&e| e as f32).collect();
    let events = EventList::new(case.input("times")?, case.gti("gti")?)?.with_energies(energies)?;
    let reference = numbers(case.parameters(), "ref_band")?;
    let spectra = measure(case, &events, [reference[0], reference[1]])?;
    let centers: Vec<f64> = spectra.bands.iter().map(|band| band.center_kev()).collect();
    case.compare(checks, "energy", &centers)?;
    compare_estimates(case, checks, "counts", &spectra.counts())?;
    for (name, unit) in [("frac", RmsUnit::Fractional), ("abs", RmsUnit::Absolute)] {
        compare_estimates(case, checks, &format!("rms_{name}"), &spectra.rms(unit))?;
        compare_estimates(
            case,
            checks,
            &format!("cov_{name}"),
            &spectra.covariance(unit),
        )?;
        let complex = spectra.complex_covariance(unit);
        let values: Vec<Complex64> = complex.iter().map(|c| c.value).collect();
        let errors: Vec<Complex64> = complex
            .iter()
            .map(|c| Complex64::new(c.re_error, c.im_error))
            .collect();
        for (name, found) in [
            (format!("ccov_{name}"), values),
            (format!("ccov_{name}_err"), errors),
        ] {
            let expected = case.complex_output(&name)?;
            compare_complex(checks, &name, &found, &expected, case.tolerance()?);
        }
    }
    compare_estimates(case, checks, "lag", &spectra.lags())?;
    let narrow = measure(case, &events, NARROW_REFERENCE)?;
    compare_estimates(case, checks, "lag_ref2_3", &narrow.lags())?;
    compare_estimates(
        case,
        checks,
        "cov_abs_ref2_3",
        &narrow.covariance(RmsUnit::Absolute),
    )?;

    let excess = |band: &EnergyBand| -> Result<ExcessVariance> {
        let selected = EventSelection::energies(*band).of(&events);
        let curve = LightCurve::from_events(&selected, case.parameter("bin_time")?)?;
        Ok(curve.excess_variance(Compat::Stingray)?)
    };
    let excess = spectra
        .bands
        .iter()
        .map(excess)
        .collect::<Result<Vec<_>>>()?;
    let fractional: Vec<Estimate> = excess.iter().map(|e| e.fractional_rms).collect();
    compare_estimates(case, checks, "exvar_fvar", &fractional)?;
    let plain: Vec<Estimate> = excess.iter().map(|e| e.excess).collect();
    compare_estimates(case, checks, "exvar_none", &plain)
}
