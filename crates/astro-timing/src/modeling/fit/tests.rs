//! Fits of simulated spectra: recovered parameters, errors against their scatter.

use super::*;
use crate::simulate::{simulated_cospectrum, simulated_powers};
use rayon::prelude::*;

const SEED: u64 = 20_190_720;

fn frequency(n: u32) -> Vec<f64> {
    (1..=n)
        .map(|k| 10.0 * f64::from(k) / f64::from(n))
        .collect()
}

/// Fits of many simulated spectra with a clear line: means are the truth, and the scatter in
/// fitted coordinates is the error that each fit states.
#[test]
fn errors_are_the_scatter_of_many_fits() {
    let model = SpectralModel::lorentzian() + SpectralModel::constant();
    let truth = [6.0, 5.0, 1.1, 2.0];
    let f = frequency(1000);
    let values = model.values(&truth, &f).unwrap();
    let draws = 1000;
    let fits: Vec<FittedSpectrum> = (0..draws)
        .into_par_iter()
        .map(|seed| {
            let power = simulated_powers(&values, 20, SEED + seed).unwrap();
            let data = SpectrumData::new(f.clone(), power, 20.0).unwrap();
            SpectrumFit::new(&model, &data)
                .start(&[4.0, 4.6, 1.8, 1.5])
                .run()
                .unwrap()
        })
        .collect();
    assert!(fits.iter().all(|fit| fit.converged));
    for k in 0..4 {
        let x = |value: f64| if k == 1 { value } else { value.ln() };
        let found: Vec<f64> = fits.iter().map(|fit| x(fit.parameters[k].value)).collect();
        let mean = found.iter().sum::<f64>() / draws as f64;
        let variance = found.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        let scatter = (variance / (draws - 1) as f64).sqrt();
        let stated = fits
            .iter()
            .map(|fit| fit.covariance[[k, k]].sqrt())
            .sum::<f64>()
            / draws as f64;
        // A scatter of 1000 draws is known to 2.2 %.
        assert!(
            (stated / scatter - 1.0).abs() < 0.1,
            "{k}: {stated} {scatter}"
        );
        assert!(
            (mean - x(truth[k])).abs() < 4.0 * scatter / (draws as f64).sqrt() + 0.1 * scatter,
            "{k}"
        );
    }
}

#[test]
fn every_kind_of_model_is_recovered() {
    let bending = SpectralModel::bending_power_law() + SpectralModel::constant();
    let broken = SpectralModel::smoothly_broken_power_law() + SpectralModel::constant();
    let generalized = SpectralModel::generalized_lorentzian() + SpectralModel::constant();
    let many = SpectralModel::power_law()
        + SpectralModel::lorentzian()
        + SpectralModel::lorentzian()
        + SpectralModel::constant();
    let damped =
        SpectralModel::power_law() * SpectralModel::lorentzian() + SpectralModel::constant();
    for (model, truth, start) in [
        (
            bending,
            vec![40.0, 0.5, 2.5, 1.0, 2.0],
            vec![20.0, 0.8, 2.0, 2.0, 1.8],
        ),
        (
            broken,
            vec![40.0, 0.5, 2.5, 1.0, 2.0],
            vec![20.0, 0.8, 2.0, 2.0, 1.8],
        ),
        (
            generalized,
            vec![9.0, 4.0, 1.0, 3.0, 2.0],
            vec![5.0, 3.5, 2.0, 2.0, 1.5],
        ),
        (
            many,
            vec![3.0, 1.2, 8.0, 3.0, 0.4, 5.0, 6.0, 0.8, 2.0],
            vec![2.0, 1.0, 5.0, 2.8, 0.6, 5.0, 6.3, 1.0, 1.8],
        ),
        // The amplitude of one factor is held: it is degenerate with the other's.
        (
            damped,
            vec![1.0, 0.7, 20.0, 3.0, 2.0, 2.0],
            vec![1.0, 0.5, 15.0, 3.2, 2.5, 1.8],
        ),
    ] {
        let f = frequency(2000);
        let power = simulated_powers(&model.values(&truth, &f).unwrap(), 50, SEED).unwrap();
        let data = SpectrumData::new(f, power, 50.0).unwrap();
        let mut fit = SpectrumFit::new(&model, &data).start(&start);
        if truth[0] == 1.0 {
            fit = fit.hold("power_law.amplitude").unwrap();
        }
        let found = fit.run().unwrap();
        assert!(found.converged, "{:?}", model.parameter_names());
        for (parameter, truth) in found.parameters.iter().zip(&truth) {
            let away = (parameter.value - truth).abs();
            assert!(away <= 4.0 * parameter.error, "{parameter:?} {truth}");
        }
    }
}

/// AIC and BIC are defined with 2 log L; the true model is preferred.
#[test]
fn criteria_are_standard() {
    let line = SpectralModel::lorentzian() + SpectralModel::constant();
    let flat = SpectralModel::constant();
    let f = frequency(500);
    let power =
        simulated_powers(&line.values(&[3.0, 5.0, 1.0, 2.0], &f).unwrap(), 10, SEED).unwrap();
    let data = SpectrumData::new(f, power, 10.0).unwrap();
    let line = SpectrumFit::new(&line, &data)
        .start(&[1.0, 5.5, 2.0, 1.0])
        .run()
        .unwrap();
    let flat = SpectrumFit::new(&flat, &data).start(&[1.0]).run().unwrap();
    assert_eq!(line.aic(), 8.0 - 2.0 * line.log_likelihood);
    assert_eq!(line.bic(), 4.0 * 500f64.ln() - 2.0 * line.log_likelihood);
    assert!(line.aic() < flat.aic() && line.bic() < flat.bic());
    // The mean is the maximum of a constant.
    let mean = data.power().iter().sum::<f64>() / 500.0;
    assert!((flat.values()[0] / mean - 1.0).abs() < 1e-6);
    let error = mean / (5000f64).sqrt();
    assert!((flat.parameters()[0].error / error - 1.0).abs() < 1e-9);
}

#[test]
fn averaged_cospectra_are_fitted_as_gaussian() {
    let model = SpectralModel::lorentzian();
    let truth = [0.3, 4.0, 1.5];
    let f = frequency(1000);
    let signal = model.values(&truth, &f).unwrap();
    let found = simulated_cospectrum(&signal, 2.0, 200, SEED).unwrap();
    let data = SpectrumData::new(f, found, 200.0).unwrap();
    // Noise of a cospectrum of two detectors of level 2: 2/√2 each.
    let likelihood = SpectrumLikelihood::Gaussian { error: 2f64.sqrt() };
    let fit = SpectrumFit::new(&model, &data)
        .likelihood(likelihood)
        .start(&[0.2, 3.5, 2.0])
        .run()
        .unwrap();
    for (parameter, truth) in fit.parameters.iter().zip(truth) {
        assert!((parameter.value - truth).abs() < 4.0 * parameter.error);
    }
}

/// The maximum of a constant under Laplace's density is the median.
#[test]
fn laplace_finds_the_median() {
    let flat = SpectralModel::constant();
    let f = frequency(2001);
    let noise = simulated_cospectrum(&vec![0.0; 2001], 2.0, 1, SEED).unwrap();
    let power: Vec<f64> = noise.iter().map(|y| y + 3.0).collect();
    let mut sorted = power.clone();
    sorted.sort_by(f64::total_cmp);
    let data = SpectrumData::new(f, power, 1.0).unwrap();
    let likelihood = SpectrumLikelihood::Laplace { noise: 2.0 };
    let fit = SpectrumFit::new(&flat, &data)
        .likelihood(likelihood)
        .start(&[2.0])
        .run()
        .unwrap();
    let error = fit.parameters[0].error;
    assert!((fit.parameters[0].value - sorted[1000]).abs() < 0.05 * error);
    // Scale 1: error 1/√n.
    assert!((error * 2001f64.sqrt() - 1.0).abs() < 1e-9);
}

#[test]
fn mistakes_are_named() {
    let model = SpectralModel::constant() + SpectralModel::constant();
    let data = SpectrumData::new(frequency(50), vec![2.0; 50], 4.0).unwrap();
    let fit = SpectrumFit::new(&model, &data).start(&[1.0, 1.5]);
    assert!(fit.run().unwrap_err().to_string().contains("constant"));
    let message = fit.clone().hold("line.width").unwrap_err().to_string();
    assert!(message.contains("constant2.amplitude"), "{message}");
    assert!(SpectrumFit::new(&model, &data).run().is_err());
    assert!(SpectrumFit::new(&model, &data).start(&[1.0]).run().is_err());
}

/// A line kept narrower than it is ends at its limit, and the rest at the summit with it held there.
#[test]
fn limits_hold_a_parameter_back() {
    let model = SpectralModel::lorentzian() + SpectralModel::constant();
    let f = frequency(500);
    let values = model.values(&[6.0, 5.0, 1.1, 2.0], &f).unwrap();
    let data = SpectrumData::new(f, simulated_powers(&values, 20, SEED).unwrap(), 20.0).unwrap();
    let fit = |start: &[f64]| SpectrumFit::new(&model, &data).start(start);
    let start = [4.0, 4.9, 0.4, 2.0];
    let limited = fit(&start).limit("lorentzian.fwhm_hz", 0.2, 0.5).unwrap();
    let found = limited.run().unwrap();
    assert!(found.converged && found.parameters()[2].at_limit);
    assert_eq!(found.parameters()[2].value, 0.5);
    let held = fit(&[4.0, 4.9, 0.5, 2.0])
        .hold("lorentzian.fwhm_hz")
        .unwrap()
        .run()
        .unwrap();
    assert!((found.log_likelihood - held.log_likelihood).abs() < 1e-6);
    for (a, b) in found.parameters().iter().zip(held.parameters()) {
        assert!(a.at_limit || (a.error - b.error).abs() < 1e-3 * b.error);
    }
    // Limits that hold nothing back change nothing, and intervals end within them.
    let wide = fit(&start).limit("lorentzian.fwhm_hz", 0.1, 30.0).unwrap();
    let fitted = wide.run().unwrap();
    assert!((fitted.log_likelihood - fit(&start).run().unwrap().log_likelihood).abs() < 1e-6);
    let near = fitted.parameters()[1].value;
    let narrow = fit(&fitted.values())
        .limit("lorentzian.center_hz", near - 1e-3, near + 1.0)
        .unwrap();
    let interval = narrow
        .profile_interval(&fitted, "lorentzian.center_hz", 1.0)
        .unwrap();
    assert!(interval.lower.is_none() && interval.upper.is_some());
    assert!(limited.limit("lorentzian.fwhm_hz", 2.0, 1.0).is_err());
}
