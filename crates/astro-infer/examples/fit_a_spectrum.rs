//! A power law through four fluxes: maximum likelihood by the likelihood's own derivatives, then
//! the posterior.

#![expect(clippy::print_stdout, reason = "an example shows what it finds")]

use astro_core::NoProgress;
use astro_infer::{
    Ensemble, EnsembleOptions, LikelihoodError, LogLikelihood, MaximizeOptions, Parameter,
    ParameterSet, Prior, Search, Serial, maximize,
};
use ndarray::ArrayView2;

/// Frequency, flux and its error, each measured on its own: GHz, mJy, mJy.
const FLUXES: [(f64, f64, f64); 4] = [
    (43.0, 1.21, 0.15),
    (97.5, 10.9, 0.4),
    (225.0, 84.0, 3.0),
    (343.0, 231.0, 12.0),
];

struct PowerLaw;

impl PowerLaw {
    /// `ln L = −½ Σ ((S − S₀ (ν/ν₀)^α)/σ)²` with ν₀ = 225 GHz, and its derivatives by S₀ and α.
    fn evaluate(p: &[f64], gradient: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        for (frequency, flux, sigma) in FLUXES {
            let ln_ratio = (frequency / 225.0_f64).ln();
            let shape = (p[1] * ln_ratio).exp();
            let residual = (flux - p[0] * shape) / sigma;
            sum -= 0.5 * residual * residual;
            gradient[0] += residual * shape / sigma;
            gradient[1] += residual * p[0] * shape * ln_ratio / sigma;
        }
        sum
    }
}

impl LogLikelihood for PowerLaw {
    fn log_likelihood_batch(
        &self,
        points: ArrayView2<'_, f64>,
        out: &mut [f64],
    ) -> Result<(), LikelihoodError> {
        Serial(|p: &[f64]| Self::evaluate(p, &mut [0.0; 2])).log_likelihood_batch(points, out)
    }

    fn log_likelihood_gradient(
        &self,
        values: &[f64],
        gradient: &mut [f64],
    ) -> Result<Option<f64>, LikelihoodError> {
        Ok(Some(Self::evaluate(values, gradient)))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let set = ParameterSet::new(vec![
        Parameter::free("flux", "mJy", Prior::log_uniform(0.1, 1e4)?).log10(),
        Parameter::free("index", "", Prior::uniform(-2.0, 6.0)?),
    ])?;
    let options = MaximizeOptions {
        search: Search::Lbfgs,
        ..MaximizeOptions::default()
    };
    let best = maximize(&set, &PowerLaw, &options, &NoProgress)?;
    let errors = best.standard_errors().ok_or("no errors at the maximum")?;
    println!(
        "flux at 225 GHz {:.2} mJy, index {:.3} +- {:.3}",
        best.values[0], best.values[1], errors[1]
    );
    assert!(best.converged());
    // At the maximum the derivatives vanish, to a small part of the errors.
    let mut gradient = [0.0; 2];
    PowerLaw::evaluate(&best.values, &mut gradient);
    assert!((gradient[1] * errors[1]).abs() < 2e-3);

    let mut ensemble = Ensemble::new(&set, PowerLaw, EnsembleOptions::default())?;
    let covariance = best.covariance.ok_or("no covariance")?;
    ensemble.start_ball(&best.coordinates, covariance.view(), 0.5)?;
    ensemble.run(3000, &NoProgress)?;
    let index = &ensemble.chain().samples(500, 1)?.summaries(0.68)?[1];
    println!(
        "posterior of the index {:.3}, 68 % from {:.3} to {:.3}",
        index.median, index.lower, index.upper
    );
    // A nearly normal posterior: its width is the error at the maximum.
    let width = 0.5 * (index.upper - index.lower);
    assert!((width / errors[1] - 1.0).abs() < 0.1);
    assert!((index.median - best.values[1]).abs() < 0.2 * errors[1]);
    Ok(())
}
