//! A fit with known derivatives.

use astro_infer::{Parameter, ParameterSet, Prior};

/// A Gaussian spot on a background, seen by noisy pixels: six parameters.
pub(crate) struct Spot {
    data: Vec<f64>,
}

const SIDE: usize = 24;
const NOISE: f64 = 3.0;

impl Spot {
    pub(crate) const TRUTH: [f64; 6] = [100.0, 11.2, 12.9, 3.0, 2.0, 10.0];

    /// Bounded and unbounded ones, on both scales, starting off the truth.
    pub(crate) fn parameters() -> ParameterSet {
        let wide = |lower, upper| Prior::uniform(lower, upper).unwrap();
        let size = Prior::log_uniform(0.1, 100.0).unwrap();
        ParameterSet::new(vec![
            Parameter::free("peak", "Jy", Prior::log_uniform(1e-2, 1e6).unwrap())
                .log10()
                .starting_at(20.0),
            Parameter::free("x", "pixel", wide(0.0, 24.0)).starting_at(9.0),
            Parameter::free("y", "pixel", wide(0.0, 24.0)).starting_at(15.0),
            Parameter::free("width", "pixel", size).starting_at(5.0),
            Parameter::free("height", "pixel", size).log10(),
            Parameter::free("background", "Jy", Prior::normal(0.0, 100.0).unwrap()),
        ])
        .unwrap()
    }

    pub(crate) fn new() -> Self {
        // Deterministic "noise" with a broad spectrum.
        let noise = |k: usize| NOISE * 1.4 * (k as f64 * 1.9 + (k * k) as f64 * 0.37).sin();
        let data = (0..SIDE * SIDE)
            .map(|k| Self::model(&Self::TRUTH, k).0 + noise(k))
            .collect();
        Self { data }
    }

    /// The model in pixel `k` and its derivatives.
    fn model(p: &[f64], k: usize) -> (f64, [f64; 6]) {
        let (dx, dy) = ((k % SIDE) as f64 - p[1], (k / SIDE) as f64 - p[2]);
        let (u, v) = (dx / p[3], dy / p[4]);
        let shape = (-0.5 * (u * u + v * v)).exp();
        let spot = p[0] * shape;
        let derivatives = [
            shape,
            spot * u / p[3],
            spot * v / p[4],
            spot * u * u / p[3],
            spot * v * v / p[4],
            1.0,
        ];
        (spot + p[5], derivatives)
    }

    pub(crate) fn log_likelihood(&self, p: &[f64]) -> f64 {
        let square = |k: usize| ((self.data[k] - Self::model(p, k).0) / NOISE).powi(2);
        -0.5 * (0..self.data.len()).map(square).sum::<f64>()
    }

    /// The analytic gradient of the log-likelihood.
    pub(crate) fn gradient(&self, p: &[f64]) -> [f64; 6] {
        let mut gradient = [0.0; 6];
        for (k, datum) in self.data.iter().enumerate() {
            let (model, derivatives) = Self::model(p, k);
            for i in 0..6 {
                gradient[i] += (datum - model) * derivatives[i] / (NOISE * NOISE);
            }
        }
        gradient
    }

    /// Second derivatives, by differences of the analytic gradient.
    pub(crate) fn hessian(&self, p: &[f64]) -> [[f64; 6]; 6] {
        let mut hessian = [[0.0; 6]; 6];
        for i in 0..6 {
            let h = 1e-4;
            let (mut up, mut down) = (p.to_vec(), p.to_vec());
            up[i] += h;
            down[i] -= h;
            let (up, down) = (self.gradient(&up), self.gradient(&down));
            for j in 0..6 {
                hessian[i][j] = (up[j] - down[j]) / (2.0 * h);
            }
        }
        hessian
    }
}
