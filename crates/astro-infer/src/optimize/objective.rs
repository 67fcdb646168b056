//! The function that is maximized, and a record of the best point seen.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::likelihood::LogLikelihood;
use crate::target::Target;

/// What is maximized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// The likelihood, within the support of the priors.
    #[default]
    Likelihood,
    /// The likelihood times the prior density over the coordinates.
    Posterior,
}

/// The objective at work.
#[derive(Debug)]
pub(super) struct Function<'a, L: ?Sized> {
    pub(super) target: Target<'a, L>,
    pub(super) kind: Objective,
}

impl<'a, L: LogLikelihood + ?Sized> Function<'a, L> {
    pub(super) fn new(target: Target<'a, L>, kind: Objective) -> Self {
        Self { target, kind }
    }

    pub(super) fn free(&self) -> usize {
        self.target.set.free_count()
    }

    /// ln of the objective at every row of a flat list of points.
    pub(super) fn evaluate(&self, points: &[f64]) -> Result<Vec<f64>> {
        let free = self.free();
        let view = ArrayView2::from_shape((points.len() / free, free), points)
            .expect("points are stored as whole rows of coordinates");
        let value = |e: crate::target::Evaluation| match self.kind {
            Objective::Likelihood => e.log_likelihood,
            Objective::Posterior => e.log_posterior(),
        };
        Ok(self.target.evaluate(view)?.into_iter().map(value).collect())
    }

    /// ln of the objective at a point inside the prior, with its derivatives with respect to the
    /// coordinates; none where the likelihood has none.
    pub(super) fn evaluate_gradient(
        &self,
        point: &[f64],
        gradient: &mut [f64],
    ) -> Result<Option<f64>> {
        let Some(found) = self.target.evaluate_gradient(point, gradient)? else {
            return Ok(None);
        };
        Ok(Some(match self.kind {
            Objective::Likelihood => found.log_likelihood,
            Objective::Posterior => {
                self.target.set.add_ln_prior_slopes(point, gradient);
                found.log_posterior()
            }
        }))
    }

    pub(super) fn evaluate_one(&self, point: &[f64]) -> Result<f64> {
        Ok(self.evaluate(point)?[0])
    }

    pub(super) fn name(&self, free_index: usize) -> String {
        let mut parameters = self.target.set.free_parameters();
        parameters
            .nth(free_index)
            .map(|parameter| parameter.name().to_owned())
            .unwrap_or_default()
    }

    /// A width of each prior, in coordinates: between its 16th and 84th percentile.
    pub(super) fn prior_widths(&self) -> Result<Vec<f64>> {
        let set = self.target.set;
        let low = set.coordinates_from_unit(&vec![0.16; self.free()])?;
        let high = set.coordinates_from_unit(&vec![0.84; self.free()])?;
        Ok(high.iter().zip(low).map(|(high, low)| high - low).collect())
    }
}
