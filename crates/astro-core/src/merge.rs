//! Sums that can be cut into blocks, computed anywhere, and merged.

use std::iter::Sum;
use std::ops::AddAssign;

/// An accumulator whose partial results combine.
///
/// `Default` is the identity: merging it changes nothing. A fold over fixed
/// global blocks merged with [`merge_tree`] gives the same bits for any number
/// of threads or ranks, because neither the blocks nor the tree depend on who
/// computed them.
pub trait Merge: Default {
    /// Adds what `other` has accumulated to `self`.
    fn merge(&mut self, other: Self);
}

/// Merges block results pairwise along one canonical binary tree.
///
/// The tree depends on the number of blocks alone, so the result is the same
/// whoever computed the blocks, and rounding grows with the logarithm of their
/// number. An empty input gives the identity.
///
/// ```
/// use astro_core::{merge_tree, CompensatedSum};
/// let blocks: Vec<CompensatedSum> = (0..10).map(|i| [f64::from(i)].into_iter().collect()).collect();
/// assert_eq!(merge_tree(blocks).value(), 45.0);
/// ```
pub fn merge_tree<M: Merge>(mut blocks: Vec<M>) -> M {
    while blocks.len() > 1 {
        let mut pairs = std::mem::take(&mut blocks).into_iter();
        while let Some(mut left) = pairs.next() {
            if let Some(right) = pairs.next() {
                left.merge(right);
            }
            blocks.push(left);
        }
    }
    blocks.pop().unwrap_or_default()
}

/// A running sum that keeps the rounding error of every addition (Neumaier 1974).
///
/// The result is as accurate as if the sum were made in twice the precision:
/// relative error `ε + O(n ε²) Σ|xᵢ| / |Σxᵢ|`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CompensatedSum {
    sum: f64,
    lost: f64,
}

impl CompensatedSum {
    /// The sum so far, rounded once.
    pub fn value(self) -> f64 {
        self.sum + self.lost
    }
}

impl AddAssign<f64> for CompensatedSum {
    #[inline]
    fn add_assign(&mut self, term: f64) {
        let total = self.sum + term;
        self.lost += if self.sum.abs() >= term.abs() {
            (self.sum - total) + term
        } else {
            (term - total) + self.sum
        };
        self.sum = total;
    }
}

impl Merge for CompensatedSum {
    fn merge(&mut self, other: Self) {
        *self += other.sum;
        *self += other.lost;
    }
}

impl Extend<f64> for CompensatedSum {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, terms: I) {
        for term in terms {
            *self += term;
        }
    }
}

impl FromIterator<f64> for CompensatedSum {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Self {
        let mut sum = Self::default();
        sum.extend(terms);
        sum
    }
}

impl Sum<f64> for CompensatedSum {
    fn sum<I: Iterator<Item = f64>>(terms: I) -> Self {
        terms.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancellation_is_recovered() {
        let sum: CompensatedSum = [1.0, 1e100, 1.0, -1e100].into_iter().collect();
        assert_eq!(sum.value(), 2.0);
    }

    #[test]
    fn merge_equals_one_long_sum() {
        let terms: Vec<f64> = (1..=10_000).map(|i| 1.0 / f64::from(i)).collect();
        let whole: CompensatedSum = terms.iter().copied().collect();
        let blocks = terms
            .chunks(37)
            .map(|c| c.iter().copied().collect())
            .collect();
        assert_eq!(merge_tree::<CompensatedSum>(blocks).value(), whole.value());
    }

    #[test]
    fn no_blocks_give_the_identity() {
        assert_eq!(merge_tree(Vec::<CompensatedSum>::new()).value(), 0.0);
    }
}
