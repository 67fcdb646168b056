//! Posterior samples, and what is reported of them.

use ndarray::{Array1, Array2, Axis};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::parameter_set::ParameterSet;
use crate::statistics::{Moments, credible_interval, mean_and_covariance};

/// Weighted samples of the posterior, one row a sample.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Samples {
    /// Labels of the coordinates.
    pub labels: Vec<String>,
    /// `[samples, free parameters]`.
    pub coordinates: Array2<f64>,
    /// Natural logarithm of the likelihood of each sample.
    pub log_likelihood: Array1<f64>,
    /// Natural logarithm of the prior density over the coordinates.
    pub log_prior: Array1<f64>,
    /// Weight of each sample, ≥ 0; all 1 from a Markov chain.
    pub weights: Array1<f64>,
}

/// One coordinate's marginal posterior in numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Label of the coordinate.
    pub label: String,
    /// Weighted median.
    pub median: f64,
    /// Lower end of the credible interval with equal tails.
    pub lower: f64,
    /// Its upper end.
    pub upper: f64,
    /// Weighted mean.
    pub mean: f64,
    /// Weighted standard deviation.
    pub standard_deviation: f64,
}

impl Samples {
    /// Number of samples.
    pub fn len(&self) -> usize {
        self.coordinates.nrows()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Mean and covariance of the coordinates.
    ///
    /// # Errors
    /// As [`mean_and_covariance`].
    pub fn moments(&self) -> Result<Moments> {
        mean_and_covariance(self.coordinates.view(), self.weights.view())
    }

    /// Median, credible interval of the given probability, mean and standard
    /// deviation of every coordinate.
    ///
    /// # Errors
    /// As [`mean_and_covariance`] and [`credible_interval`].
    pub fn summaries(&self, probability: f64) -> Result<Vec<Summary>> {
        let moments = self.moments()?;
        let weights = self.weights.to_vec();
        self.coordinates
            .axis_iter(Axis(1))
            .enumerate()
            .map(|(index, column)| {
                let interval = credible_interval(&column.to_vec(), &weights, probability)?;
                Ok(Summary {
                    label: self.labels[index].clone(),
                    median: interval.median,
                    lower: interval.lower,
                    upper: interval.upper,
                    mean: moments.mean[index],
                    standard_deviation: moments.covariance[[index, index]].sqrt(),
                })
            })
            .collect()
    }

    /// Values of all parameters, fixed ones included, `[samples, parameters]`.
    ///
    /// # Errors
    /// [`crate::Error::WrongLength`] unless `set` has as many free parameters as
    /// the samples have coordinates.
    pub fn values(&self, set: &ParameterSet) -> Result<Array2<f64>> {
        let mut values = Array2::zeros((self.len(), set.len()));
        for (row, mut to) in self.coordinates.rows().into_iter().zip(values.rows_mut()) {
            to.assign(&Array1::from_vec(set.values(&row.to_vec())?));
        }
        Ok(values)
    }

    /// The sample of the highest posterior density.
    pub fn best(&self) -> Option<usize> {
        let density = |i: usize| self.log_likelihood[i] + self.log_prior[i];
        (0..self.len()).max_by(|&i, &j| density(i).total_cmp(&density(j)))
    }
}
