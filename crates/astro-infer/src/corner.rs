//! What a corner plot draws, as data: histograms of every coordinate and of
//! every pair, with the densities that enclose given probabilities.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use crate::error::{Error, Result};
use crate::samples::Samples;
use crate::statistics::{check_weights, weighted_quantiles};

/// Probabilities within 1 and 2 σ of a two-dimensional normal: 1 − exp(−k²/2).
pub const SIGMA_LEVELS: [f64; 2] = [0.393_469_340_287_366_6, 0.864_664_716_763_387_3];

/// The probabilities 68 and 95 %.
pub const PERCENT_LEVELS: [f64; 2] = [0.68, 0.95];

/// Settings of [`corner`].
#[derive(Clone, Debug, PartialEq)]
pub struct CornerOptions {
    /// Bins along each axis.
    pub bins: usize,
    /// Probability within the range of each axis, tails cut equally.
    pub range: f64,
    /// Probabilities for which the enclosing densities are found.
    pub levels: Vec<f64>,
}

impl Default for CornerOptions {
    /// 40 bins over all but 0.2 % of the samples, and [`SIGMA_LEVELS`].
    fn default() -> Self {
        Self {
            bins: 40,
            range: 0.998,
            levels: SIGMA_LEVELS.to_vec(),
        }
    }
}

/// The histograms of a corner plot.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Corner {
    /// Labels of the coordinates.
    pub labels: Vec<String>,
    /// Bin edges of each coordinate, ascending, one more than bins.
    pub edges: Vec<Vec<f64>>,
    /// Weight in each bin, for each coordinate.
    pub marginals: Vec<Vec<f64>>,
    /// Every pair of coordinates, `x < y`, rows of the corner first.
    pub pairs: Vec<PairHistogram>,
}

/// A two-dimensional histogram.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PairHistogram {
    /// Coordinate along the horizontal axis.
    pub x: usize,
    /// Coordinate along the vertical axis.
    pub y: usize,
    /// Weight in each bin, `[y bins, x bins]`, rows from the lowest `y` up.
    pub weight: Array2<f64>,
    /// For every probability asked for, the bin weight to draw its contour at.
    pub levels: Vec<Level>,
}

/// A contour of a histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Probability asked for.
    pub probability: f64,
    /// The bins of at least this weight hold at least that probability, of all
    /// samples in the histogram, and no fewer bins do.
    pub threshold: f64,
}

/// Histograms of samples, for a corner plot.
///
/// # Errors
/// [`Error::InvalidOption`]; [`Error::BadValue`]; [`Error::TooFewSamples`]
/// without a sample of positive weight.
///
/// ```
/// use astro_infer::{CornerOptions, corner};
/// # use astro_core::NoProgress;
/// # use astro_infer::{Ensemble, EnsembleOptions, Parameter, ParameterSet, Prior, Serial};
/// # let prior = Prior::normal(0.0, 1.0)?;
/// # let set = ParameterSet::new(vec![Parameter::free("x", "", prior), Parameter::free("y", "", prior)])?;
/// # let mut ensemble = Ensemble::new(&set, Serial(|_: &[f64]| 0.0), EnsembleOptions::default())?;
/// # ensemble.start_from_prior()?;
/// # ensemble.run(50, &NoProgress)?;
/// let samples = ensemble.chain().samples(0, 1)?;
/// let plot = corner(&samples, &CornerOptions::default())?;
/// assert_eq!(plot.pairs.len(), 1);
/// assert_eq!(plot.pairs[0].weight.dim(), (40, 40));
/// # Ok::<(), astro_infer::Error>(())
/// ```
pub fn corner(samples: &Samples, options: &CornerOptions) -> Result<Corner> {
    check(options)?;
    let weights = samples.weights.to_vec();
    let columns: Vec<Vec<f64>> = samples
        .coordinates
        .columns()
        .into_iter()
        .map(|column| column.to_vec())
        .collect();
    let mut edges = Vec::with_capacity(columns.len());
    let mut bins = Vec::with_capacity(columns.len());
    let mut marginals = Vec::with_capacity(columns.len());
    for column in &columns {
        let axis = axis(column, &weights, options)?;
        let found: Vec<Option<usize>> = column.iter().map(|&x| bin(&axis, x)).collect();
        let mut marginal = vec![0.0; options.bins];
        for (found, weight) in found.iter().zip(&weights) {
            if let Some(k) = found {
                marginal[*k] += weight;
            }
        }
        edges.push(axis);
        bins.push(found);
        marginals.push(marginal);
    }
    let mut pairs = Vec::new();
    for y in 1..columns.len() {
        for x in 0..y {
            let mut weight = Array2::zeros((options.bins, options.bins));
            for ((i, j), w) in bins[y].iter().zip(&bins[x]).zip(&weights) {
                if let (Some(i), Some(j)) = (i, j) {
                    weight[[*i, *j]] += w;
                }
            }
            let levels = contour_levels(weight.view(), &options.levels);
            pairs.push(PairHistogram {
                x,
                y,
                weight,
                levels,
            });
        }
    }
    Ok(Corner {
        labels: samples.labels.clone(),
        edges,
        marginals,
        pairs,
    })
}

/// Weights of the samples in the bins between ascending edges.
///
/// A bin holds its lower edge; the last one holds both. Values outside and of
/// zero weight count nowhere.
///
/// # Errors
/// [`Error::WrongLength`]; [`Error::BadValue`] for a negative weight, a value
/// that is not finite, or edges that do not ascend.
pub fn histogram(values: &[f64], weights: &[f64], edges: &[f64]) -> Result<Array1<f64>> {
    check_weights(values.len(), ArrayView1::from(weights))?;
    astro_core::check_finite("values", values.iter().copied())?;
    astro_core::check_finite("edges", edges.iter().copied())?;
    if edges.len() < 2 {
        return Err(Error::TooFewSamples {
            quantity: "a histogram's list of edges",
            found: edges.len(),
            required: 2,
        });
    }
    if let Some(index) = edges.windows(2).position(|pair| pair[1] <= pair[0]) {
        return Err(Error::BadValue(astro_core::BadValue {
            quantity: "edges",
            index: index + 1,
            value: edges[index + 1],
            requirement: "it must lie above the edge before it",
        }));
    }
    let mut counts = Array1::zeros(edges.len() - 1);
    for (&value, &weight) in values.iter().zip(weights) {
        if let Some(k) = bin(edges, value) {
            counts[k] += weight;
        }
    }
    Ok(counts)
}

/// The bin of a value between ascending edges.
fn bin(edges: &[f64], value: f64) -> Option<usize> {
    let (first, last) = (edges[0], edges[edges.len() - 1]);
    if !(value >= first && value <= last) {
        return None;
    }
    let above = edges.partition_point(|&edge| edge <= value);
    Some((above - 1).min(edges.len() - 2))
}

/// Edges over the central part of a coordinate.
fn axis(column: &[f64], weights: &[f64], options: &CornerOptions) -> Result<Vec<f64>> {
    let tail = 0.5 * (1.0 - options.range);
    let ends = weighted_quantiles(column, weights, &[tail, 1.0 - tail])?;
    let (mut low, mut high) = (ends[0], ends[1]);
    if high - low <= f64::EPSILON * low.abs().max(high.abs()) * options.bins as f64 {
        // All samples at one place: a range around it that f64 can divide.
        let half = (1e-6 * low.abs()).max(1e-6);
        (low, high) = (low - half, high + half);
    }
    let count = options.bins as f64;
    let edge = |k: usize| low + (high - low) * (k as f64 / count);
    Ok((0..=options.bins).map(edge).collect())
}

/// Fills bins from the heaviest down until each probability is enclosed.
fn contour_levels(weight: ArrayView2<'_, f64>, probabilities: &[f64]) -> Vec<Level> {
    let mut sorted: Vec<f64> = weight.iter().copied().collect();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let total: f64 = sorted.iter().sum();
    let level = |&probability: &f64| {
        let mut sum = 0.0;
        let mut threshold = 0.0;
        for &w in &sorted {
            sum += w;
            threshold = w;
            if sum >= probability * total {
                break;
            }
        }
        Level {
            probability,
            threshold,
        }
    };
    probabilities.iter().map(level).collect()
}

fn check(options: &CornerOptions) -> Result<()> {
    let invalid = |option, found, requirement| {
        Err(Error::InvalidOption {
            option,
            found,
            requirement,
        })
    };
    if options.bins == 0 {
        return invalid("bins", 0.0, "it must be at least 1");
    }
    if !(options.range > 0.0 && options.range <= 1.0) {
        return invalid("range", options.range, "it must be above 0 and at most 1");
    }
    for &level in &options.levels {
        if !(level > 0.0 && level < 1.0) {
            return invalid("a level", level, "it must lie between 0 and 1");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal;
    use ndarray::arr1;

    #[test]
    fn histograms_match_literal_counts() {
        let values = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, -0.1];
        let weights = [1.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0];
        let counts = histogram(&values, &weights, &[0.0, 1.0, 2.0]).unwrap();
        assert_eq!(counts, arr1(&[2.0, 4.0]));
        let error = histogram(&values, &weights, &[0.0, 2.0, 2.0]).unwrap_err();
        assert!(error.to_string().starts_with("edges[2] is 2;"));
    }

    /// A grid of equally probable normal pairs: the density at k σ is exp(−k²/2)
    /// of the peak's.
    #[test]
    fn sigma_levels_of_a_normal_lie_at_their_densities() {
        let side = 800;
        let z: Vec<f64> = (0..side)
            .map(|k| normal::quantile((k as f64 + 0.5) / side as f64))
            .collect();
        let coordinates = Array2::from_shape_fn((side * side, 2), |(k, c)| {
            z[if c == 0 { k % side } else { k / side }]
        });
        let count = side * side;
        let samples = Samples {
            labels: vec!["x".to_owned(), "y".to_owned()],
            coordinates,
            log_likelihood: Array1::zeros(count),
            log_prior: Array1::zeros(count),
            weights: Array1::from_elem(count, 0.5),
        };
        let options = CornerOptions {
            bins: 50,
            range: 0.999,
            levels: SIGMA_LEVELS.to_vec(),
        };
        let found = corner(&samples, &options).unwrap();
        let pair = &found.pairs[0];
        assert_eq!((pair.x, pair.y), (0, 1));
        let width = found.edges[0][1] - found.edges[0][0];
        let peak = 0.5 * count as f64 * width * width / (2.0 * std::f64::consts::PI);
        for (level, k) in pair.levels.iter().zip([1.0f64, 2.0]) {
            let expected = peak * (-0.5 * k * k).exp();
            // A contour runs through bins 0.13 σ wide: k·0.13 in ln of the density.
            assert!(
                (level.threshold / expected).ln().abs() < 0.15 * k,
                "{level:?} {expected}"
            );
        }
        // The marginal is the pair's sum, but for what lies outside the other's range.
        let inside: f64 = pair.weight.sum();
        assert!((inside / (0.5 * count as f64) - 0.998).abs() < 0.003);
        let total: f64 = found.marginals[1].iter().sum();
        assert!((total / (0.5 * count as f64) - 0.999).abs() < 0.0015);
    }

    #[test]
    fn rows_are_y_and_columns_x() {
        let samples = Samples {
            labels: vec!["x".to_owned(), "y".to_owned()],
            coordinates: ndarray::arr2(&[[0.0, 0.0], [1.0, 0.0], [1.0, 3.0]]),
            log_likelihood: Array1::zeros(3),
            log_prior: Array1::zeros(3),
            weights: arr1(&[1.0, 10.0, 100.0]),
        };
        let options = CornerOptions {
            bins: 2,
            range: 1.0,
            levels: vec![0.5, 0.95],
        };
        let found = corner(&samples, &options).unwrap();
        assert_eq!(
            found.pairs[0].weight,
            ndarray::arr2(&[[1.0, 10.0], [0.0, 100.0]])
        );
        let thresholds: Vec<f64> = found.pairs[0].levels.iter().map(|l| l.threshold).collect();
        assert_eq!(thresholds, [100.0, 10.0]);
        assert_eq!(found.edges[1], [0.0, 1.5, 3.0]);
        assert_eq!(found.marginals, [vec![1.0, 110.0], vec![11.0, 100.0]]);
    }
}
