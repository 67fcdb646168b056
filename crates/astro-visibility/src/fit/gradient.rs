//! Derivatives of a fit's likelihood.
//!
//! Those of χ² with respect to the orientation and to the values of the profile come from the plan
//! in one pass over the points. How the profile follows from its parameters is differentiated by
//! central differences of the profile alone, which cost no pass over the points.

use astro_core::constants::ARCSEC_RAD;
use astro_infer::Parameter;

use super::layout::Coupling;
use super::problem::{FitProblem, Scratch};
use crate::Result;

/// Difference step of a parameter of the profile, relative to its value: rounding of 1e-11 and a
/// third derivative of 1e-10 are far below what a search needs.
const STEP: f64 = 1e-5;

impl FitProblem {
    /// The log-likelihood, and its derivatives with respect to the value of every free parameter.
    pub(super) fn log_likelihood_slopes(
        &self,
        values: &[f64],
        gradient: &mut [f64],
    ) -> Result<f64> {
        self.check_values(values)?;
        let orientation = self.layout.orientation(values);
        let at = self.layout.geometry_at();
        let mut scratch = Scratch::default();
        let mut sum = 0.0;
        for (d, dataset) in self.prepared.iter().enumerate() {
            let drawn = dataset.drawn.as_ref();
            if d == 0 || self.layout.coupling != Coupling::Shared || drawn.is_some() {
                self.fill_for(values, d, drawn, &mut scratch);
            }
            if !scratch.values.iter().all(|x| x.is_finite()) {
                return Ok(f64::NEG_INFINITY);
            }
            let found = dataset
                .plan
                .chi2_profile_gradient(&scratch.values, &orientation)?;
            let scale = self.layout.weight_scale(values, d).unwrap_or(1.0);
            sum -= 0.5 * scale * found.chi2;
            if let Some(at) = self.layout.weight_scale_at(d) {
                let rows = dataset.table.len() as f64;
                sum += rows * scale.ln();
                gradient[at] = rows / scale - 0.5 * found.chi2;
            }
            let by = found.orientation;
            for (to, slope) in gradient[at..].iter_mut().zip([
                by.inclination.to_radians(),
                by.position_angle.to_radians(),
                by.ra_offset * ARCSEC_RAD,
                by.dec_offset * ARCSEC_RAD,
            ]) {
                *to -= 0.5 * scale * slope;
            }
            for (to, parameter) in self.set.parameters()[..at].iter().enumerate() {
                let along = self.profile_slope(values, d, to, parameter, &found.profile);
                gradient[to] -= 0.5 * scale * along;
            }
        }
        Ok(sum)
    }

    /// `Σ_k ∂χ²/∂I_k · ∂I_k/∂p` of one parameter.
    fn profile_slope(
        &self,
        values: &[f64],
        dataset: usize,
        place: usize,
        parameter: &Parameter,
        by_value: &[f64],
    ) -> f64 {
        let (false, Some(prior)) = (parameter.is_fixed(), parameter.prior()) else {
            return 0.0;
        };
        let drawn = self.prepared[dataset].drawn.as_ref();
        // A value may be zero: the width of its prior then says what is small.
        let width = prior.value_from_unit(0.84) - prior.value_from_unit(0.16);
        let step = STEP * values[place].abs().max(1e-2 * width);
        // Within the prior, beyond which a model may not exist.
        let (low, high) = prior.support();
        let ends = [
            (values[place] - step).max(low),
            (values[place] + step).min(high),
        ];
        let [before, after] = ends.map(|end| {
            let mut moved = values.to_vec();
            moved[place] = end;
            let mut scratch = Scratch::default();
            self.fill_for(&moved, dataset, drawn, &mut scratch);
            scratch.values
        });
        let change = after.iter().zip(&before).map(|(a, b)| a - b);
        let along: f64 = change.zip(by_value).map(|(change, by)| change * by).sum();
        along / (ends[1] - ends[0])
    }
}
