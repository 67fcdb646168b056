//! Case `psd_fit`: a Lorentzian and a constant fitted to a single and to an averaged spectrum.

use anyhow::Result;
use astro_timing::modeling::{SpectralModel, SpectrumData, SpectrumFit, SpectrumLikelihood};

use super::numbers::{TimingCase, compare};
use crate::reference::case::numbers;
use crate::reference::check::Checks;

/// Likelihoods at given parameters.
const EXACT: f64 = 1e-10;

pub(super) fn check(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let model = SpectralModel::lorentzian() + SpectralModel::constant();
    let (start, truth) = (case.input("start")?, numbers(case.parameters(), "truth")?);
    let gamma = SpectrumLikelihood::Gamma;
    for (name, averages) in [("m1", 1.0), ("m20", 20.0)] {
        let power = case.input(&format!("power_{name}"))?;
        let data = SpectrumData::new(case.input("freq")?, power, averages)?;
        for (point, p) in [("start", &start), ("truth", &truth)] {
            let found = gamma.stingray(&model, p, &data)?.log_likelihood;
            let name = format!("loglike_{point}_{name}");
            compare(checks, &name, &[found], &[case.scalar(&name)?], EXACT);
        }
        let fit = SpectrumFit::new(&model, &data).start(&start).run()?;
        case.compare(checks, &format!("p_opt_{name}"), &fit.values())?;
        let found = gamma.stingray(&model, &fit.values(), &data)?;
        // At a summit the likelihood knows an optimum good to 1e-3 to 1e-6.
        for (what, value) in [
            ("negloglike", -found.log_likelihood),
            ("deviance", found.deviance),
            ("aic", found.aic),
            ("bic", found.bic),
            ("merit", found.merit),
        ] {
            let name = format!("{what}_{name}");
            compare(
                checks,
                &name,
                &[value],
                &[case.scalar(&name)?],
                case.tolerance()?,
            );
        }
        let dof = (data.len() - fit.free()) as f64;
        let name = format!("dof_{name}");
        compare(checks, &name, &[dof], &[case.scalar(&name)?], EXACT);
    }
    Ok(())
}
