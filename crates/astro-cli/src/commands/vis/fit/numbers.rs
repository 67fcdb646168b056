//! The numbers of a solved fit for readers.

use astro_visibility::{DatasetReport, FitReport, ParameterReport};

use crate::text::{interval, measurement, table};

/// Name, maximum likelihood ± standard error, and posterior median with interval.
pub(crate) fn parameter_rows(report: &FitReport) -> Vec<Vec<String>> {
    report.parameters.iter().map(parameter_row).collect()
}

fn parameter_row(parameter: &ParameterReport) -> Vec<String> {
    let best = match parameter.standard_error {
        _ if parameter.fixed => format!("{} (fixed)", parameter.maximum),
        Some(error) if error > 0.0 => measurement(parameter.maximum, error),
        // At the edge of a prior the curvature says nothing.
        _ => format!("{:.6}", parameter.maximum),
    };
    let sampled = parameter.posterior.as_ref();
    let sampled = sampled.map(|s| interval(s.median, s.lower, s.upper));
    vec![parameter.label.clone(), best, sampled.unwrap_or_default()]
}

/// Quantity, maximum likelihood, posterior median with interval, of what follows from the parameters.
pub(crate) fn derived_rows(dataset: &DatasetReport) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for quantity in &dataset.derived {
        let (unit, scale) = match quantity.unit.as_str() {
            "Jy" => ("mJy", 1e3),
            "Jy/beam" => ("mJy/beam", 1e3),
            other => (other, 1.0),
        };
        let name = quantity
            .name
            .replace('_', " ")
            .replace("radius 68", "radius of 68 % of the flux")
            .replace("radius 90", "radius of 90 % of the flux")
            .replace("rayleigh jeans", "(Rayleigh-Jeans)")
            .replace("planck", "(Planck)");
        let name = format!("{name} [{unit}]");
        let sampled = quantity.posterior.as_ref().map(|found| {
            if quantity.maximum.abs() < 1e5 {
                interval(
                    scale * found.median,
                    scale * found.lower,
                    scale * found.upper,
                )
            } else {
                let (up, down) = (found.upper - found.median, found.median - found.lower);
                format!("{:.3e} +{up:.1e} −{down:.1e}", found.median)
            }
        });
        rows.push(vec![
            name,
            short(scale * quantity.maximum),
            sampled.unwrap_or_default(),
        ]);
    }
    rows
}

/// What is printed at the end of a fit.
pub(crate) fn summary(report: &FitReport) -> String {
    let sampled = if report.sampling.is_some() {
        "posterior (68 %)"
    } else {
        ""
    };
    let header = ["", "maximum likelihood", sampled]
        .map(str::to_owned)
        .to_vec();
    let mut rows = vec![header];
    rows.extend(parameter_rows(report));
    for dataset in &report.datasets {
        if report.datasets.len() > 1 {
            rows.push(vec![format!("{}:", dataset.label)]);
        }
        rows.extend(derived_rows(dataset));
    }
    let mut text = table(&rows);
    text += &format!(
        "\nχ² = {:.3} over {} degrees of freedom, reduced {:.4}; {}\n",
        report.chi2,
        report.degrees_of_freedom,
        report.chi2 / report.degrees_of_freedom as f64,
        report.maximum_status
    );
    if let Some(sampling) = &report.sampling {
        let longest = sampling
            .autocorrelation_times
            .iter()
            .copied()
            .fold(1.0, f64::max);
        text += &format!(
            "{} steps of {} walkers, the first {} left out; autocorrelation {longest:.0} steps, acceptance {:.2}\n",
            sampling.steps, sampling.walkers, sampling.burn, sampling.acceptance
        );
    }
    text
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

/// A wavelength for readers: "1.30 mm".
pub(crate) fn wavelength_text(meters: f64) -> String {
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
        assert_eq!(short(12.345_678), "12.35");
        assert_eq!(short(5.109e10), "5.109e10");
        assert_eq!(wavelength_text(1.3e-3), "1.30 mm");
        assert_eq!(wavelength_text(8.7e-4), "870.0 μm");
        assert_eq!(wavelength_text(0.06), "6.00 cm");
    }
}
