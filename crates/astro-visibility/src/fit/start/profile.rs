//! Starting values of a profile, for a geometry that is known roughly.
//!
//! On deprojected baselines, phased to the source, the real part is `|cos i| H(ρ)`, and `H` is
//! linear in the brightness. Components are picked one after the other from a dictionary of
//! sizes and radii, each time the one that lowers χ² most with non-negative amplitudes of all
//! (orthogonal matching pursuit), and exchanged while that helps.

use std::collections::BTreeMap;
use std::f64::consts::TAU;

use astro_core::constants::ARCSEC_RAD;
use astro_fft::HankelPlan;

use super::points::Points;
use crate::Result;
use crate::fit::radii::FitRadii;
use crate::geometry::{Orientation, Rotation};
use crate::models::{ProfileModel, ProfileScales};

/// Binned real parts on deprojected baselines.
#[derive(Debug)]
pub(super) struct RadialData {
    rho: Vec<f64>,
    real: Vec<f64>,
    weight: Vec<f64>,
}

impl RadialData {
    /// Bins all tables, table `t` divided by `scale[t]`; `size_rad` is the size of the source,
    /// which sets how fine the bins must be.
    pub(super) fn new(
        tables: &[&Points],
        scale: &[f64],
        orientation: &Orientation,
        size_rad: f64,
    ) -> Self {
        let rotation = Rotation::new(orientation.position_angle_rad);
        let cos = orientation.inclination_rad.cos().abs();
        let mut bins: BTreeMap<i64, [f64; 3]> = BTreeMap::new();
        for (points, scale) in tables.iter().zip(scale) {
            let factor = cos * scale;
            for k in 0..points.len() {
                let (u, v) = (points.u[k], points.v[k]);
                let (along, across) = rotation.apply(u, v);
                let rho = (along * cos).hypot(across);
                let (sin, cosine) = (TAU
                    * (u * orientation.ra_offset_rad + v * orientation.dec_offset_rad))
                    .sin_cos();
                let real = points.value[k].re * cosine + points.value[k].im * sin;
                // A bin is a fortieth of a cycle of the source's edge.
                let bin = (rho * 40.0 * 3.0 * size_rad).floor() as i64;
                let weight = points.weight[k] * factor * factor;
                let sums = bins.entry(bin).or_default();
                for (sum, term) in sums.iter_mut().zip([1.0, rho, real / factor]) {
                    *sum += weight * term;
                }
            }
        }
        let mut data = Self {
            rho: Vec::new(),
            real: Vec::new(),
            weight: Vec::new(),
        };
        for [weight, rho, real] in bins.into_values() {
            data.rho.push(rho / weight);
            data.real.push(real / weight);
            data.weight.push(weight);
        }
        data
    }
}

/// Transforms of unit profiles, and what they have in common with the data.
struct Dictionary {
    gram: Vec<Vec<f64>>,
    pull: Vec<f64>,
}

impl Dictionary {
    fn new(data: &RadialData, columns: &[Vec<f64>]) -> Self {
        let product = |a: &[f64], b: &[f64]| -> f64 {
            (data.weight.iter().zip(a).zip(b))
                .map(|((w, a), b)| w * a * b)
                .sum()
        };
        let gram = columns
            .iter()
            .map(|a| columns.iter().map(|b| product(a, b)).collect())
            .collect();
        let pull = columns.iter().map(|a| product(a, &data.real)).collect();
        Self { gram, pull }
    }

    /// Non-negative amplitudes of the chosen columns, and by how much χ² falls.
    fn amplitudes(&self, chosen: &[usize]) -> (Vec<f64>, f64) {
        let mut x = vec![0.0; chosen.len()];
        // Coordinate descent: the problem is convex, and a start need not be exact.
        for _ in 0..300 {
            let mut moved = 0.0_f64;
            for (a, &i) in chosen.iter().enumerate() {
                let norm = self.gram[i][i];
                if norm <= 0.0 {
                    continue;
                }
                let others: f64 = (chosen.iter().zip(&x))
                    .map(|(&j, x)| self.gram[i][j] * x)
                    .sum();
                let next = (x[a] + (self.pull[i] - others) / norm).max(0.0);
                moved = moved.max((next - x[a]).abs() * norm.sqrt());
                x[a] = next;
            }
            if moved < 1e-3 {
                break;
            }
        }
        let mut gain = 0.0;
        for (&i, &xi) in chosen.iter().zip(&x) {
            gain += 2.0 * xi * self.pull[i];
            for (&j, &xj) in chosen.iter().zip(&x) {
                gain -= xi * xj * self.gram[i][j];
            }
        }
        (x, gain)
    }

    /// Amplitudes to start from: they are fitted in their logarithm, so that none may be below
    /// its own standard error (a column without any effect on the data gets `otherwise`).
    fn starts(&self, chosen: &[usize], otherwise: f64) -> Vec<f64> {
        let (amplitudes, _) = self.amplitudes(chosen);
        (chosen.iter().zip(amplitudes))
            .map(|(&i, amplitude)| {
                let error = self.gram[i][i].sqrt().recip();
                if error.is_finite() {
                    amplitude.max(error)
                } else {
                    otherwise
                }
            })
            .collect()
    }

    /// `count` columns by matching pursuit with exchanges.
    fn pursue(&self, count: usize) -> Vec<usize> {
        let mut chosen: Vec<usize> = Vec::new();
        let replace = |chosen: &mut Vec<usize>, place: usize| {
            let mut best = (self.amplitudes(chosen).1, chosen[place]);
            for candidate in 0..self.pull.len() {
                if chosen.contains(&candidate) {
                    continue;
                }
                let old = std::mem::replace(&mut chosen[place], candidate);
                let gain = self.amplitudes(chosen).1;
                chosen[place] = old;
                if gain > best.0 {
                    best = (gain, candidate);
                }
            }
            let changed = chosen[place] != best.1;
            chosen[place] = best.1;
            changed
        };
        while chosen.len() < count.min(self.pull.len()) {
            let Some(unused) = (0..self.pull.len()).find(|k| !chosen.contains(k)) else {
                break;
            };
            chosen.push(unused);
            let last = chosen.len() - 1;
            replace(&mut chosen, last);
        }
        for _ in 0..5 {
            let mut changed = false;
            for place in 0..chosen.len() {
                changed |= replace(&mut chosen, place);
            }
            if !changed {
                break;
            }
        }
        chosen
    }
}

/// Starting values of the model, in the order of its parameters.
pub(super) fn values(
    model: &ProfileModel,
    data: &RadialData,
    radii: &FitRadii,
    scales: &ProfileScales,
) -> Result<Vec<f64>> {
    let plan = HankelPlan::new(&radii.grid, &data.rho)?;
    let transform = |model: &ProfileModel, values: &[f64]| -> Result<Vec<f64>> {
        let mut samples = vec![0.0; radii.arcsec.len()];
        model.fill(values, &radii.arcsec, &mut samples);
        let mut soft = Vec::new();
        radii.soften(&samples, &mut soft);
        Ok(plan.execute(&soft)?)
    };
    let size = scales.size_arcsec;
    let otherwise = scales.brightness_jy_per_sr;
    // The best of several candidates (values at unit brightness), with its amplitude.
    let best_of = |candidates: Vec<Vec<f64>>| -> Result<Vec<f64>> {
        let columns: Vec<Vec<f64>> = candidates
            .iter()
            .map(|values| transform(model, values))
            .collect::<Result<_>>()?;
        let dictionary = Dictionary::new(data, &columns);
        let chosen = dictionary.pursue(1);
        let mut values = candidates[chosen[0]].clone();
        values[0] = dictionary.starts(&chosen, otherwise)[0];
        Ok(values)
    };
    // Several components, each from a dictionary of (further values of one component).
    let pursue = |unit: &ProfileModel, shapes: Vec<Vec<f64>>, count: usize| -> Result<Vec<f64>> {
        let columns: Vec<Vec<f64>> = shapes
            .iter()
            .map(|shape| transform(unit, shape))
            .collect::<Result<_>>()?;
        let dictionary = Dictionary::new(data, &columns);
        let chosen = dictionary.pursue(count);
        let amplitudes = dictionary.starts(&chosen, otherwise);
        let mut picked: Vec<Vec<f64>> = (chosen.iter().zip(amplitudes))
            .map(|(&k, amplitude)| {
                let mut component = shapes[k].clone();
                component[0] = amplitude;
                component
            })
            .collect();
        picked.sort_by(|a, b| a[1].total_cmp(&b[1]));
        Ok(picked.concat())
    };
    match model {
        ProfileModel::Gaussian => best_of(
            [0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5]
                .map(|factor| vec![1.0, factor * size])
                .to_vec(),
        ),
        ProfileModel::PowerLaw { inner_radius } => {
            let mut candidates = Vec::new();
            for rc in [0.5, 0.7, 1.0, 1.4, 2.0, 2.8] {
                for gamma in [-0.5, 0.0, 0.3, 0.6, 1.0] {
                    let base = vec![1.0, rc * size, gamma, 2.0];
                    if *inner_radius {
                        for inner in [0.05, 0.2, 0.5, 0.8, 1.2] {
                            let mut with_hole = base.clone();
                            with_hole.push(inner * size);
                            candidates.push(with_hole);
                        }
                    } else {
                        candidates.push(base);
                    }
                }
            }
            best_of(candidates)
        }
        ProfileModel::Rings { count } => {
            let resolution = scales.resolution_arcsec;
            let reach = (4.0 * size)
                .max(resolution)
                .min(0.75 * scales.extent_arcsec);
            let steps = (4.0 * reach / resolution).clamp(8.0, 80.0).floor() as usize;
            let mut shapes = Vec::new();
            for k in 0..=steps {
                let radius = reach * k as f64 / steps as f64;
                for width in [0.15, 0.35, 0.8, 2.0] {
                    // A ring much wider than its radius is a disc; one such is enough.
                    if width * resolution < 2.0 * radius.max(resolution) {
                        shapes.push(vec![1.0, radius, width * resolution]);
                    }
                }
            }
            // A disc of the source's size, but no narrower than rings may be.
            for width in [size, 0.5 * size] {
                shapes.push(vec![1.0, 0.0, width.max(0.07 * resolution)]);
            }
            pursue(&ProfileModel::Rings { count: 1 }, shapes, *count)
        }
        ProfileModel::MultiGaussian { count } => {
            let shapes = (-12..=8)
                .map(|k| size * 1.25_f64.powi(k))
                .map(|sigma| vec![1.0, sigma.min(0.19 * scales.extent_arcsec)])
                .collect();
            pursue(&ProfileModel::Gaussian, shapes, *count)
        }
        ProfileModel::Tabulated { .. } => {
            let columns = [transform(model, &[1.0])?];
            Ok(Dictionary::new(data, &columns).starts(&[0], 1.0))
        }
        ProfileModel::Knots { radii_arcsec, .. } => {
            let hats = (0..radii_arcsec.len()).map(|k| {
                let mut brightness = vec![0.0; radii_arcsec.len()];
                brightness[k] = 1.0;
                let hat = ProfileModel::Tabulated {
                    radii_arcsec: radii_arcsec.clone(),
                    brightness_jy_per_sr: brightness,
                };
                transform(&hat, &[1.0])
            });
            let columns: Vec<Vec<f64>> = hats.collect::<Result<_>>()?;
            let all: Vec<usize> = (0..columns.len()).collect();
            Ok(Dictionary::new(data, &columns).starts(&all, otherwise))
        }
    }
}

/// The size in arcseconds of an angle in radians.
pub(super) fn arcsec(radians: f64) -> f64 {
    radians / ARCSEC_RAD
}
