//! Weighted moments, quantiles and credible intervals.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Mean vector and covariance matrix of weighted points.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// Mean of each column.
    pub mean: Array1<f64>,
    /// Covariance of the columns, `[columns, columns]`.
    pub covariance: Array2<f64>,
}

/// A credible interval around the median.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end, at probability (1 − p)/2.
    pub lower: f64,
    /// Median.
    pub median: f64,
    /// Upper end, at probability (1 + p)/2.
    pub upper: f64,
}

/// Mean and covariance of the rows of `points`.
///
/// mean = Σ w x / Σ w; covariance = Σ w (x − mean)(x − mean)ᵀ / (Σ w − Σ w²/Σ w),
/// which is the usual division by n − 1 when the weights are equal. Only ratios
/// of weights matter.
///
/// # Errors
/// [`Error::WrongLength`]; [`Error::BadValue`] for a value that is not finite or
/// a negative weight; [`Error::TooFewSamples`] unless two weights are above 0.
pub fn mean_and_covariance(
    points: ArrayView2<'_, f64>,
    weights: ArrayView1<'_, f64>,
) -> Result<Moments> {
    check_weights(points.nrows(), weights)?;
    astro_core::check_finite("points", points.iter().copied())?;
    let positive = weights.iter().filter(|&&w| w > 0.0).count();
    if positive < 2 {
        return Err(Error::TooFewSamples {
            quantity: "a covariance",
            found: positive,
            required: 2,
        });
    }
    let columns = points.ncols();
    let total: f64 = weights.sum();
    let mut mean = Array1::<f64>::zeros(columns);
    for (row, &weight) in points.rows().into_iter().zip(weights) {
        mean.scaled_add(weight / total, &row);
    }
    let mut covariance = Array2::zeros((columns, columns));
    let mut squares = 0.0;
    for (row, &weight) in points.rows().into_iter().zip(weights) {
        let share = weight / total;
        squares += share * share;
        for i in 0..columns {
            let offset = share * (row[i] - mean[i]);
            for j in 0..=i {
                covariance[[i, j]] += offset * (row[j] - mean[j]);
            }
        }
    }
    for i in 0..columns {
        for j in 0..=i {
            let value = covariance[[i, j]] / (1.0 - squares);
            covariance[[i, j]] = value;
            covariance[[j, i]] = value;
        }
    }
    Ok(Moments { mean, covariance })
}

/// Values below which the given fractions of the weight lie.
///
/// The sorted value x₍ₖ₎ is the quantile at (W₍ₖ₎ − w₍ₖ₎/2)/ΣW, with W the
/// cumulative weight: each value stands for the middle of its share. Between
/// them quantiles are linear; beyond the outermost they are those values. With
/// equal weights this is Hazen's rule (NumPy's method `hazen`, type 5 of
/// Hyndman & Fan 1996), and the median is the usual one.
///
/// # Errors
/// [`Error::WrongLength`]; [`Error::BadValue`] for a value that is not finite, a
/// negative weight, or a fraction outside [0, 1]; [`Error::TooFewSamples`] if no
/// weight is above 0.
///
/// ```
/// use astro_infer::weighted_quantiles;
/// let values = [4.0, 1.0, 3.0, 2.0];
/// assert_eq!(weighted_quantiles(&values, &[1.0; 4], &[0.25, 0.5])?, [1.5, 2.5]);
/// assert_eq!(weighted_quantiles(&values, &[1.0, 6.0, 0.0, 1.0], &[0.375])?, [1.0]);
/// # Ok::<(), astro_infer::Error>(())
/// ```
pub fn weighted_quantiles(values: &[f64], weights: &[f64], fractions: &[f64]) -> Result<Vec<f64>> {
    check_weights(values.len(), ArrayView1::from(weights))?;
    astro_core::check_finite("values", values.iter().copied())?;
    for (index, &fraction) in fractions.iter().enumerate() {
        if !(0.0..=1.0).contains(&fraction) {
            return Err(Error::BadValue(astro_core::BadValue {
                quantity: "fractions",
                index,
                value: fraction,
                requirement: "it must lie between 0 and 1",
            }));
        }
    }
    let mut order: Vec<usize> = (0..values.len()).filter(|&i| weights[i] > 0.0).collect();
    if order.is_empty() {
        return Err(Error::TooFewSamples {
            quantity: "a quantile",
            found: 0,
            required: 1,
        });
    }
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let total: f64 = order.iter().map(|&i| weights[i]).sum();
    let mut sum = 0.0;
    let places: Vec<f64> = order
        .iter()
        .map(|&i| {
            let middle = sum + 0.5 * weights[i];
            sum += weights[i];
            middle / total
        })
        .collect();
    let quantile = |&fraction: &f64| {
        let above = places.partition_point(|&place| place < fraction);
        if above == 0 {
            return values[order[0]];
        }
        let low = values[order[above - 1]];
        match order.get(above) {
            None => low,
            Some(&high) => {
                let width = places[above] - places[above - 1];
                low + (values[high] - low) * (fraction - places[above - 1]) / width
            }
        }
    };
    Ok(fractions.iter().map(quantile).collect())
}

/// Median and the interval of probability `probability` with equal tails.
///
/// # Errors
/// As [`weighted_quantiles`].
pub fn credible_interval(values: &[f64], weights: &[f64], probability: f64) -> Result<Interval> {
    let tail = 0.5 * (1.0 - probability);
    let found = weighted_quantiles(values, weights, &[tail, 0.5, 1.0 - tail])?;
    Ok(Interval {
        lower: found[0],
        median: found[1],
        upper: found[2],
    })
}

pub(crate) fn check_weights(count: usize, weights: ArrayView1<'_, f64>) -> Result<()> {
    if weights.len() != count {
        return Err(Error::WrongLength {
            quantity: "weights",
            found: weights.len(),
            expected: count,
        });
    }
    astro_core::check_non_negative("weights", weights.iter().copied())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{arr1, arr2};

    #[test]
    fn quantiles_match_literal_values() {
        let ones = [1.0; 5];
        let values = [10.0, 50.0, 20.0, 40.0, 30.0];
        // Hazen: the k-th of five lies at (k − 1/2)/5.
        let fractions = [0.0, 0.1, 0.2, 0.3, 0.5, 0.84, 1.0];
        let expected = [10.0, 10.0, 15.0, 20.0, 30.0, 47.0, 50.0];
        let found = weighted_quantiles(&values, &ones, &fractions).unwrap();
        for (f, e) in found.iter().zip(expected) {
            assert!((f - e).abs() < 1e-13, "{found:?}");
        }
        // Weights 1, 2, 1: places 1/8, 4/8, 7/8.
        let found = weighted_quantiles(&[0.0, 1.0, 3.0], &[1.0, 2.0, 1.0], &[0.25, 0.5, 0.6875]);
        for (f, e) in found.unwrap().iter().zip([1.0 / 3.0, 1.0, 2.0]) {
            assert!((f - e).abs() < 1e-15);
        }
    }

    #[test]
    fn the_scale_of_weights_and_zero_weights_do_not_matter() {
        let values = [3.0, 1.0, 2.0, 77.0];
        let a = weighted_quantiles(&values, &[0.5, 1.0, 0.25, 0.0], &[0.16, 0.5, 0.84]).unwrap();
        let b = weighted_quantiles(&values[..3], &[2.0, 4.0, 1.0], &[0.16, 0.5, 0.84]).unwrap();
        assert_eq!(a, b);
    }

    #[test]
    fn bad_input_is_named() {
        let message = |r: Result<Vec<f64>>| r.unwrap_err().to_string();
        assert!(message(weighted_quantiles(&[1.0], &[-1.0], &[0.5])).contains("weights[0] is -1"));
        assert!(message(weighted_quantiles(&[f64::NAN], &[1.0], &[0.5])).contains("values[0]"));
        assert!(message(weighted_quantiles(&[1.0], &[1.0], &[0.5, 1.5])).contains("fractions[1]"));
        assert!(message(weighted_quantiles(&[1.0], &[0.0], &[0.5])).contains("at least 1"));
        assert!(message(weighted_quantiles(&[1.0], &[], &[0.5])).contains("weights has 0"));
    }

    #[test]
    fn moments_match_hand_calculation() {
        let points = arr2(&[[1.0, 2.0], [3.0, 6.0], [5.0, 4.0]]);
        let equal = mean_and_covariance(points.view(), arr1(&[2.0, 2.0, 2.0]).view()).unwrap();
        assert_eq!(equal.mean, arr1(&[3.0, 4.0]));
        let expected = arr2(&[[4.0, 2.0], [2.0, 4.0]]);
        assert!(
            (&equal.covariance - &expected)
                .iter()
                .all(|d| d.abs() < 1e-14)
        );
        // Weights 1, 1, 2: mean (3.5, 4); Σ w dx² = 6.25 + 0.25 + 2·2.25 = 11,
        // Σ w dx dy = 5 − 1 + 0 = 4, Σ w dy² = 8; divided by 4 − 6/4 = 2.5.
        let weighted = mean_and_covariance(points.view(), arr1(&[1.0, 1.0, 2.0]).view()).unwrap();
        assert_eq!(weighted.mean, arr1(&[3.5, 4.0]));
        let expected = arr2(&[[4.4, 1.6], [1.6, 3.2]]);
        assert!(
            (&weighted.covariance - &expected)
                .iter()
                .all(|d| d.abs() < 1e-14)
        );
    }
}
