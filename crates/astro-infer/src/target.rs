//! Prior and likelihood together, over batches of coordinates.

use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::{Array2, ArrayView2};

use crate::error::{Error, Result};
use crate::likelihood::LogLikelihood;
use crate::parameter_set::ParameterSet;

/// Log-likelihood and log-prior of a point; the likelihood is −∞ where the
/// prior excludes the point, which is then not evaluated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Evaluation {
    pub(crate) log_likelihood: f64,
    pub(crate) log_prior: f64,
}

impl Evaluation {
    pub(crate) fn log_posterior(self) -> f64 {
        self.log_likelihood + self.log_prior
    }
}

/// What is searched or sampled.
#[derive(Debug)]
pub(crate) struct Target<'a, L: ?Sized> {
    pub(crate) set: &'a ParameterSet,
    pub(crate) likelihood: &'a L,
    evaluations: AtomicU64,
}

impl<'a, L: LogLikelihood + ?Sized> Target<'a, L> {
    pub(crate) fn new(set: &'a ParameterSet, likelihood: &'a L) -> Self {
        Self {
            set,
            likelihood,
            evaluations: AtomicU64::new(0),
        }
    }

    /// Points whose likelihood has been computed.
    pub(crate) fn evaluations(&self) -> u64 {
        self.evaluations.load(Ordering::Relaxed)
    }

    /// Evaluates the rows of `[points, free parameters]`.
    pub(crate) fn evaluate(&self, coordinates: ArrayView2<'_, f64>) -> Result<Vec<Evaluation>> {
        let mut row = vec![0.0; self.set.free_count()];
        let mut values = Vec::with_capacity(coordinates.nrows() * self.set.len());
        let mut point = vec![0.0; self.set.len()];
        let mut inside = Vec::with_capacity(coordinates.nrows());
        let mut evaluations = Vec::with_capacity(coordinates.nrows());
        for (index, point_coordinates) in coordinates.rows().into_iter().enumerate() {
            row.iter_mut()
                .zip(point_coordinates)
                .for_each(|(to, from)| *to = *from);
            let log_prior = self.set.ln_prior_unchecked(&row);
            evaluations.push(Evaluation {
                log_likelihood: f64::NEG_INFINITY,
                log_prior,
            });
            if log_prior > f64::NEG_INFINITY {
                self.set.write_values(&row, &mut point);
                values.extend_from_slice(&point);
                inside.push(index);
            }
        }
        if inside.is_empty() {
            return Ok(evaluations);
        }
        let points = Array2::from_shape_vec((inside.len(), self.set.len()), values)
            .expect("one full row of values was pushed for every point inside the prior");
        let mut out = vec![f64::NAN; inside.len()];
        self.likelihood
            .log_likelihood_batch(points.view(), &mut out)
            .map_err(|source| Error::Likelihood {
                point: self.first_point(points.view(), &out),
                source,
            })?;
        self.evaluations
            .fetch_add(inside.len() as u64, Ordering::Relaxed);
        for ((&index, &found), row) in inside.iter().zip(&out).zip(points.rows()) {
            if found.is_nan() || found == f64::INFINITY {
                return Err(Error::BadLogLikelihood {
                    found,
                    point: self.set.named(&row.to_vec()),
                });
            }
            evaluations[index].log_likelihood = found;
        }
        Ok(evaluations)
    }

    /// Evaluates one point with the derivatives of ln L with respect to its coordinates; none where
    /// the likelihood has no derivatives. They mean nothing where the likelihood is zero.
    ///
    /// The point must be inside the prior.
    pub(crate) fn evaluate_gradient(
        &self,
        coordinates: &[f64],
        gradient: &mut [f64],
    ) -> Result<Option<Evaluation>> {
        let mut values = vec![0.0; self.set.len()];
        self.set.write_values(coordinates, &mut values);
        let mut by_value = vec![0.0; values.len()];
        let found = self
            .likelihood
            .log_likelihood_gradient(&values, &mut by_value)
            .map_err(|source| Error::Likelihood {
                point: self.set.named(&values),
                source,
            })?;
        let Some(log_likelihood) = found else {
            return Ok(None);
        };
        self.evaluations.fetch_add(1, Ordering::Relaxed);
        self.set.chain(coordinates, &by_value, gradient);
        if log_likelihood.is_nan() || log_likelihood == f64::INFINITY {
            return Err(Error::BadLogLikelihood {
                found: log_likelihood,
                point: self.set.named(&values),
            });
        }
        let bad = gradient.iter().position(|slope| !slope.is_finite());
        if let (true, Some(bad)) = (log_likelihood > f64::NEG_INFINITY, bad) {
            return Err(Error::BadGradient {
                parameter: self.set.free_names().swap_remove(bad),
                found: gradient[bad],
                point: self.set.named(&values),
            });
        }
        Ok(Some(Evaluation {
            log_likelihood,
            log_prior: self.set.ln_prior_unchecked(coordinates),
        }))
    }

    /// Evaluates one point.
    pub(crate) fn evaluate_one(&self, coordinates: &[f64]) -> Result<Evaluation> {
        let view = ArrayView2::from_shape((1, coordinates.len()), coordinates)
            .expect("a slice of n elements is a matrix of one row of n");
        Ok(self.evaluate(view)?[0])
    }

    /// The first point without a result: where a point-wise likelihood failed.
    fn first_point(&self, points: ArrayView2<'_, f64>, out: &[f64]) -> crate::error::NamedValues {
        let failed = out.iter().position(|found| found.is_nan()).unwrap_or(0);
        self.set.named(&points.row(failed).to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Parameter, Prior, Serial};

    fn set() -> ParameterSet {
        let prior = Prior::uniform(-1.0, 1.0).unwrap();
        ParameterSet::new(vec![
            Parameter::free("x", "", prior),
            Parameter::fixed("y", "", 3.0),
        ])
        .unwrap()
    }

    #[test]
    fn points_outside_the_prior_are_not_evaluated() {
        let likelihood = Serial(|p: &[f64]| {
            assert!(p[0].abs() <= 1.0 && p[1] == 3.0);
            p[0]
        });
        let set = set();
        let target = Target::new(&set, &likelihood);
        let found = target
            .evaluate(ndarray::arr2(&[[2.0], [0.5], [-3.0]]).view())
            .unwrap();
        assert_eq!(found[0].log_posterior(), f64::NEG_INFINITY);
        assert_eq!(found[1].log_likelihood, 0.5);
        assert_eq!(found[1].log_prior, -(2f64.ln()));
        assert_eq!(target.evaluations(), 1);
    }

    #[test]
    fn nan_names_the_parameters() {
        let set = set();
        let likelihood = Serial(|p: &[f64]| {
            if p[0] > 0.0 {
                f64::NAN
            } else {
                f64::NEG_INFINITY
            }
        });
        let target = Target::new(&set, &likelihood);
        assert_eq!(
            target.evaluate_one(&[-0.5]).unwrap().log_likelihood,
            f64::NEG_INFINITY
        );
        let message = target.evaluate_one(&[0.5]).unwrap_err().to_string();
        assert!(
            message.starts_with("the log-likelihood is NaN at x = 0.5, y = 3;"),
            "{message}"
        );
    }

    #[test]
    fn a_bad_derivative_names_its_parameter() {
        struct Steep;
        impl LogLikelihood for Steep {
            fn log_likelihood_batch(
                &self,
                _: ArrayView2<'_, f64>,
                _: &mut [f64],
            ) -> std::result::Result<(), crate::LikelihoodError> {
                Ok(())
            }
            fn log_likelihood_gradient(
                &self,
                values: &[f64],
                gradient: &mut [f64],
            ) -> std::result::Result<Option<f64>, crate::LikelihoodError> {
                gradient.copy_from_slice(&[1.0 / values[0], f64::NAN]);
                Ok(Some(values[0].ln()))
            }
        }
        let set = set();
        let target = Target::new(&set, &Steep);
        let mut gradient = [0.0];
        let found = target.evaluate_gradient(&[0.5], &mut gradient).unwrap();
        // The NaN belongs to a fixed parameter.
        assert_eq!(
            (found.unwrap().log_likelihood, gradient[0]),
            (0.5f64.ln(), 2.0)
        );
        let found = target.evaluate_gradient(&[0.0], &mut gradient).unwrap();
        assert_eq!(found.unwrap().log_likelihood, f64::NEG_INFINITY);
        let message = target.evaluate_gradient(&[f64::MIN_POSITIVE / 16.0], &mut gradient);
        let message = message.unwrap_err().to_string();
        assert!(
            message.contains("with respect to `x` is inf at x = "),
            "{message}"
        );
    }

    #[test]
    fn a_failing_likelihood_names_the_point() {
        let set = set();
        let likelihood = Serial(|p: &[f64]| if p[0] > 0.0 { Err("no model") } else { Ok(0.0) });
        let target = Target::new(&set, &likelihood);
        let error = target
            .evaluate(ndarray::arr2(&[[-0.5], [0.25]]).view())
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the likelihood failed at x = 0.25, y = 3"
        );
        assert_eq!(
            std::error::Error::source(&error).unwrap().to_string(),
            "no model"
        );
    }
}
