//! The function that is fitted, evaluated in batches.

use std::fmt;

use ndarray::ArrayView2;
use rayon::prelude::*;

use crate::error::LikelihoodError;

/// A log-likelihood over batches of points.
///
/// Samplers hand over as many independent points as they have (half the
/// walkers, all the nodes of a difference formula), so that a likelihood that
/// can share work between points does so. Wrap a function of one point in
/// [`Serial`] or, to spread the points over threads, in [`Threaded`].
pub trait LogLikelihood: Sync {
    /// Writes the natural logarithm of the likelihood of every point to `out`.
    ///
    /// `points` has shape `[points, parameters]`, row-major and contiguous:
    /// *values* of all parameters, fixed ones included, in the order of the
    /// [`ParameterSet`](crate::ParameterSet). `out` has one element a point,
    /// NaN when the call begins. −∞ excludes a point; NaN and +∞ are reported
    /// to the user as an error with the parameters of that point.
    ///
    /// The result for a point must not depend on the others of its batch.
    ///
    /// # Errors
    /// Whatever the likelihood cannot recover from; the fit ends with it.
    fn log_likelihood_batch(
        &self,
        points: ArrayView2<'_, f64>,
        out: &mut [f64],
    ) -> Result<(), LikelihoodError>;

    /// The log-likelihood of one point with its derivatives, where the likelihood has them.
    ///
    /// `values` are those of all parameters, as in a batch; `gradient`, of the same length and zero
    /// when the call begins, takes ∂ln L/∂v of each. The derivatives are with respect to *values* in
    /// their units: the chain rule for a logarithmic scale and for the bounds of a prior is the
    /// caller's. Those of fixed parameters are not looked at, nor any where the result is −∞.
    ///
    /// The default is `None`: there are no derivatives, and whoever needs them takes differences.
    /// A likelihood must answer alike at every point.
    ///
    /// # Errors
    /// As [`LogLikelihood::log_likelihood_batch`].
    fn log_likelihood_gradient(
        &self,
        values: &[f64],
        gradient: &mut [f64],
    ) -> Result<Option<f64>, LikelihoodError> {
        let _ = (values, gradient);
        Ok(None)
    }
}

impl<L: LogLikelihood + ?Sized> LogLikelihood for &L {
    fn log_likelihood_batch(
        &self,
        points: ArrayView2<'_, f64>,
        out: &mut [f64],
    ) -> Result<(), LikelihoodError> {
        (**self).log_likelihood_batch(points, out)
    }

    fn log_likelihood_gradient(
        &self,
        values: &[f64],
        gradient: &mut [f64],
    ) -> Result<Option<f64>, LikelihoodError> {
        (**self).log_likelihood_gradient(values, gradient)
    }
}

/// What a function of one point may return: a number, or a `Result` of one.
pub trait PointResult {
    /// The log-likelihood, or the error that ends the fit.
    ///
    /// # Errors
    /// The error held, if it is one.
    fn into_log_likelihood(self) -> Result<f64, LikelihoodError>;
}

impl PointResult for f64 {
    fn into_log_likelihood(self) -> Result<f64, LikelihoodError> {
        Ok(self)
    }
}

impl<E: Into<LikelihoodError>> PointResult for Result<f64, E> {
    fn into_log_likelihood(self) -> Result<f64, LikelihoodError> {
        self.map_err(Into::into)
    }
}

/// A function of one point's values, called point after point.
///
/// For a function that is itself parallel, or too cheap to be worth a thread.
///
/// ```
/// use astro_infer::{LogLikelihood, Serial};
/// let likelihood = Serial(|p: &[f64]| -0.5 * (p[0] * p[0] + p[1] * p[1]));
/// let points = ndarray::arr2(&[[0.0, 0.0], [1.0, 2.0]]);
/// let mut out = [f64::NAN; 2];
/// likelihood.log_likelihood_batch(points.view(), &mut out)?;
/// assert_eq!(out, [0.0, -2.5]);
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Serial<F>(pub F);

impl<F> fmt::Debug for Serial<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Serial").finish_non_exhaustive()
    }
}

impl<F, R> LogLikelihood for Serial<F>
where
    F: Fn(&[f64]) -> R + Sync,
    R: PointResult,
{
    fn log_likelihood_batch(
        &self,
        points: ArrayView2<'_, f64>,
        out: &mut [f64],
    ) -> Result<(), LikelihoodError> {
        let rows = points.as_standard_layout();
        for (value, row) in out.iter_mut().zip(rows.rows()) {
            if let Some(row) = row.as_slice() {
                *value = (self.0)(row).into_log_likelihood()?;
            }
        }
        Ok(())
    }
}

/// A function of one point's values, called for the points of a batch in
/// parallel on rayon's current pool.
///
/// Each point is computed by one thread on its own, so results do not depend
/// on the number of threads. The function should not be parallel itself.
#[derive(Clone, Copy)]
pub struct Threaded<F>(pub F);

impl<F> fmt::Debug for Threaded<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Threaded").finish_non_exhaustive()
    }
}

impl<F, R> LogLikelihood for Threaded<F>
where
    F: Fn(&[f64]) -> R + Sync,
    R: PointResult,
{
    fn log_likelihood_batch(
        &self,
        points: ArrayView2<'_, f64>,
        out: &mut [f64],
    ) -> Result<(), LikelihoodError> {
        let rows = points.as_standard_layout();
        let evaluate = |(index, value): (usize, &mut f64)| match rows.row(index).as_slice() {
            Some(row) => (self.0)(row)
                .into_log_likelihood()
                .map(|found| *value = found),
            None => Ok(()),
        };
        // All errors are collected so that the first point's is the one returned.
        let results: Vec<Result<(), LikelihoodError>> = out
            .par_iter_mut()
            .take(rows.nrows())
            .enumerate()
            .map(evaluate)
            .collect();
        results.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn serial_and_threaded_agree_bit_for_bit() {
        let f = |p: &[f64]| (p[0].sin() * 1e3).exp() - p[1];
        let points = Array2::from_shape_fn((501, 2), |(i, j)| (i * 7 + j) as f64 * 0.013);
        let mut serial = vec![f64::NAN; 501];
        let mut threaded = vec![f64::NAN; 501];
        Serial(f)
            .log_likelihood_batch(points.view(), &mut serial)
            .unwrap();
        Threaded(f)
            .log_likelihood_batch(points.view(), &mut threaded)
            .unwrap();
        assert_eq!(serial, threaded);
    }

    #[test]
    fn the_first_error_is_returned() {
        let f = |p: &[f64]| {
            if p[0] < 5.0 {
                Ok(p[0])
            } else {
                Err(format!("bad {}", p[0]))
            }
        };
        let points = Array2::from_shape_fn((100, 1), |(i, _)| i as f64);
        let mut out = vec![f64::NAN; 100];
        let error = Threaded(f)
            .log_likelihood_batch(points.view(), &mut out)
            .unwrap_err();
        assert_eq!(error.to_string(), "bad 5");
    }
}
