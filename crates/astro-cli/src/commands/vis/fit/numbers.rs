//! The numbers of a solved fit: as text, as JSON, as rows of a table.

use anyhow::Result;
use astro_core::constants::SPEED_OF_LIGHT_M_PER_S;
use astro_infer::{Parameter, Scale};
use astro_visibility::{BrightnessUnit, FitProblem};
use serde_json::{Value, json};

use super::products::{Flux, Pictures, flux};
use super::solve::Solution;
use crate::text::{interval, measurement, table};

/// χ², flux and brightness of one dataset.
#[derive(Clone, Debug)]
pub(crate) struct DatasetNumbers {
    pub(crate) label: String,
    pub(crate) visibilities: usize,
    pub(crate) chi2: f64,
    pub(crate) flux: Flux,
    /// Largest brightness of the best model in each unit that is known: name, value.
    pub(crate) peak: Vec<(&'static str, f64)>,
}

/// χ², flux and brightness of every dataset, with the images that give the beams.
pub(crate) fn dataset_numbers(
    problem: &FitProblem,
    solution: &Solution,
    pictures: &[Pictures],
    peaks_jy_per_sr: &[f64],
) -> Result<Vec<DatasetNumbers>> {
    let chi2 = problem.chi2(&solution.maximum.values)?;
    (0..problem.datasets().len())
        .map(|d| {
            Ok(DatasetNumbers {
                label: problem.label(d)?.to_owned(),
                visibilities: problem.fitted_table(d)?.len(),
                chi2: chi2[d],
                flux: flux(problem, solution, d)?,
                peak: in_all_units(
                    peaks_jy_per_sr[d],
                    pictures[d].beam_unit(),
                    problem.frequency_hz(d)?,
                )?,
            })
        })
        .collect()
}

/// A brightness in Jy/sr, and in Jy/beam and kelvin where beam and frequency are known.
pub(crate) fn in_all_units(
    jy_per_sr: f64,
    beam: Option<BrightnessUnit>,
    frequency_hz: Option<f64>,
) -> Result<Vec<(&'static str, f64)>> {
    let mut all = vec![("Jy/sr", jy_per_sr)];
    if let Some(beam) = beam {
        all.push(("Jy/beam", beam.from_jy_per_sr(jy_per_sr)?));
    }
    if let Some(frequency_hz) = frequency_hz {
        let rayleigh_jeans = BrightnessUnit::KelvinRayleighJeans { frequency_hz };
        all.push((
            "K (Rayleigh-Jeans)",
            rayleigh_jeans.from_jy_per_sr(jy_per_sr)?,
        ));
        if jy_per_sr >= 0.0 {
            let planck = BrightnessUnit::KelvinPlanck { frequency_hz };
            all.push(("K (Planck)", planck.from_jy_per_sr(jy_per_sr)?));
        }
    }
    Ok(all)
}

/// Name, maximum likelihood ± standard error, and posterior median with interval.
pub(crate) fn parameter_rows(problem: &FitProblem, solution: &Solution) -> Vec<Vec<String>> {
    let errors = solution.maximum.standard_errors();
    let mut rows = Vec::new();
    let mut free = 0;
    for (index, parameter) in problem.parameters().parameters().iter().enumerate() {
        if parameter.is_fixed() {
            let value = solution.maximum.values[index];
            rows.push(vec![
                parameter.label(),
                format!("{value} (fixed)"),
                String::new(),
            ]);
            continue;
        }
        let value = solution.maximum.coordinates[free];
        let best = match &errors {
            Some(errors) => measurement(value, errors[free]),
            None => format!("{value:.6}"),
        };
        let sampled = solution.posterior.as_ref().map(|posterior| {
            let summary = &posterior.summaries[free];
            interval(summary.median, summary.lower, summary.upper)
        });
        rows.push(vec![parameter.label(), best, sampled.unwrap_or_default()]);
        free += 1;
    }
    rows
}

/// What is printed at the end of a fit.
pub(crate) fn summary(
    problem: &FitProblem,
    solution: &Solution,
    datasets: &[DatasetNumbers],
) -> String {
    let mut rows = vec![vec![
        "parameter".to_owned(),
        "maximum likelihood".to_owned(),
        String::new(),
    ]];
    if solution.posterior.is_some() {
        rows[0][2] = "posterior (68 %)".to_owned();
    }
    rows.extend(parameter_rows(problem, solution));
    let mut text = table(&rows);
    text.push('\n');
    let total: f64 = datasets.iter().map(|d| d.chi2).sum();
    let degrees = problem.degrees_of_freedom();
    text += &format!(
        "χ² = {total:.3} over {degrees} degrees of freedom, reduced {:.4}\n",
        total / degrees as f64
    );
    for dataset in datasets {
        let name = match datasets.len() {
            1 => String::new(),
            _ => format!("{}: ", dataset.label),
        };
        text += &format!("{name}flux {}", flux_text(dataset.flux));
        for (unit, value) in &dataset.peak {
            text += &format!(", {} {unit}", short(*value));
        }
        text += " at the brightest radius\n";
    }
    if let Some(posterior) = &solution.posterior {
        text += &format!(
            "{} steps of {} walkers, the first {} left out; autocorrelation {:.0} steps, acceptance {:.2}\n",
            posterior.chain.steps(),
            posterior.chain.walkers(),
            posterior.burn,
            posterior.autocorrelation_steps,
            posterior.acceptance
        );
    }
    text
}

/// "123.4 +1.2 −1.1 mJy".
pub(crate) fn flux_text(flux: Flux) -> String {
    match flux.interval {
        Some([low, median, high]) => {
            format!("{} mJy", interval(1e3 * median, 1e3 * low, 1e3 * high))
        }
        None => format!("{:.4} mJy", 1e3 * flux.best),
    }
}

/// Four significant digits, with a power of ten where plain digits would be many.
pub(crate) fn short(value: f64) -> String {
    match value.abs() {
        x if x == 0.0 || (1e-3..1e5).contains(&x) => {
            let digits = (3.0 - x.max(1e-3).log10().floor()).clamp(0.0, 6.0) as usize;
            format!("{value:.digits$}")
        }
        _ => format!("{value:.3e}"),
    }
}

/// Everything as one JSON object.
pub(crate) fn json_of(
    problem: &FitProblem,
    solution: &Solution,
    datasets: &[DatasetNumbers],
) -> Value {
    let errors = solution.maximum.standard_errors();
    let mut free = 0;
    let mut parameters = Vec::new();
    for (index, parameter) in problem.parameters().parameters().iter().enumerate() {
        let mut entry = json!({
            "name": parameter.name(),
            "unit": parameter.unit(),
            "value": solution.maximum.values[index],
            "fixed": parameter.is_fixed(),
        });
        if !parameter.is_fixed() {
            entry["scale"] = json!(scale_name(parameter));
            entry["coordinate"] = json!(solution.maximum.coordinates[free]);
            entry["standard_error"] = json!(errors.as_ref().map(|errors| errors[free]));
            if let Some(posterior) = &solution.posterior {
                let summary = &posterior.summaries[free];
                entry["median"] = json!(summary.median);
                entry["lower"] = json!(summary.lower);
                entry["upper"] = json!(summary.upper);
                entry["standard_deviation"] = json!(summary.standard_deviation);
            }
            free += 1;
        }
        parameters.push(entry);
    }
    let chi2: f64 = datasets.iter().map(|d| d.chi2).sum();
    let degrees = problem.degrees_of_freedom();
    json!({
        "model": problem.model().to_string(),
        "parameters": parameters,
        "status": format!("{:?}", solution.maximum.status),
        "chi2": chi2,
        "degrees_of_freedom": degrees,
        "reduced_chi2": chi2 / degrees as f64,
        "log_likelihood": solution.maximum.log_likelihood,
        "datasets": datasets.iter().map(dataset_json).collect::<Vec<_>>(),
        "sampling": solution.posterior.as_ref().map(|posterior| json!({
            "steps": posterior.chain.steps(),
            "walkers": posterior.chain.walkers(),
            "burn": posterior.burn,
            "autocorrelation_steps": posterior.autocorrelation_steps,
            "converged": posterior.converged,
            "acceptance": posterior.acceptance,
            "evaluations": posterior.evaluations,
        })),
        "elapsed_s": solution.elapsed.as_secs_f64(),
        "version": env!("CARGO_PKG_VERSION"),
    })
}

fn dataset_json(dataset: &DatasetNumbers) -> Value {
    json!({
        "label": dataset.label,
        "visibilities": dataset.visibilities,
        "chi2": dataset.chi2,
        "flux_jy": dataset.flux.best,
        "flux_jy_interval": dataset.flux.interval,
        "peak_brightness": dataset.peak.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
    })
}

fn scale_name(parameter: &Parameter) -> &'static str {
    match parameter.scale() {
        Scale::Linear => "linear",
        Scale::Log10 => "log10",
    }
}

/// A wavelength for readers: "1.30 mm".
pub(crate) fn wavelength_text(frequency_hz: f64) -> String {
    let meters = SPEED_OF_LIGHT_M_PER_S / frequency_hz;
    match meters {
        x if x < 1e-3 => format!("{:.1} μm", x * 1e6),
        x if x < 1e-2 => format!("{:.2} mm", x * 1e3),
        x => format!("{:.2} cm", x * 1e2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(short(0.0), "0.0000");
        assert_eq!(short(12.345_678), "12.35");
        assert_eq!(short(5.109e10), "5.109e10");
        assert_eq!(wavelength_text(230e9), "1.30 mm");
        assert_eq!(wavelength_text(33e9), "9.08 mm");
        assert_eq!(wavelength_text(5e9), "6.00 cm");
    }

    #[test]
    fn a_brightness_is_given_in_the_units_that_are_known() {
        let only = in_all_units(1e10, None, None).unwrap();
        assert_eq!(only, [("Jy/sr", 1e10)]);
        let all = in_all_units(1e10, None, Some(230e9)).unwrap();
        assert_eq!(all.len(), 3);
        // Planck temperatures are above Rayleigh-Jeans ones.
        assert!(all[2].1 > all[1].1);
    }
}
