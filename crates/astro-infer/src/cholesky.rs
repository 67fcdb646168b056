//! Cholesky factors of the small symmetric matrices of a fit.

use ndarray::{Array2, ArrayView2};

/// A = D L Lᵀ D with D diagonal and L Lᵀ of unit diagonal.
///
/// Scaling first makes the test of positive definiteness independent of the
/// units of the parameters.
///
/// ```
/// use astro_infer::Cholesky;
/// let matrix = ndarray::arr2(&[[4.0, 2.0], [2.0, 3.0]]);
/// let factor = Cholesky::new(matrix.view()).map_err(|bad| format!("row {}", bad.row))?;
/// assert!((factor.solve(&[8.0, 7.0])[0] - 1.25).abs() < 1e-15);
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cholesky {
    scale: Vec<f64>,
    lower: Array2<f64>,
}

/// The first row at which a matrix is not positive definite, and the pivot there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BadPivot {
    /// The row, from 0.
    pub row: usize,
    /// Its diagonal element where that is not above 0 and finite, else what the rows before leave of a unit one.
    pub pivot: f64,
}

/// Smallest pivot of a unit-diagonal matrix that is told from rounding:
/// parameters correlated to 1 − 1e-12 are one parameter.
const SMALLEST_PIVOT: f64 = 1e-12;

impl Cholesky {
    /// Factors a square symmetric matrix; its lower triangle is read.
    ///
    /// # Errors
    /// The first row at which the matrix is not positive definite.
    pub fn new(matrix: ArrayView2<'_, f64>) -> Result<Self, BadPivot> {
        let n = matrix.nrows();
        let mut scale = Vec::with_capacity(n);
        for row in 0..n {
            let pivot = matrix[[row, row]];
            if !(pivot > 0.0 && pivot.is_finite()) {
                return Err(BadPivot { row, pivot });
            }
            scale.push(pivot.sqrt());
        }
        let mut lower = Array2::zeros((n, n));
        for row in 0..n {
            for column in 0..=row {
                let mut sum = matrix[[row, column]] / (scale[row] * scale[column]);
                for k in 0..column {
                    sum -= lower[[row, k]] * lower[[column, k]];
                }
                if column < row {
                    lower[[row, column]] = sum / lower[[column, column]];
                } else if sum > SMALLEST_PIVOT {
                    lower[[row, row]] = sum.sqrt();
                } else {
                    return Err(BadPivot { row, pivot: sum });
                }
            }
        }
        Ok(Self { scale, lower })
    }

    /// x with A x = b.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let n = self.scale.len();
        let mut x: Vec<f64> = b.iter().zip(&self.scale).map(|(b, s)| b / s).collect();
        for row in 0..n {
            for k in 0..row {
                x[row] -= self.lower[[row, k]] * x[k];
            }
            x[row] /= self.lower[[row, row]];
        }
        for row in (0..n).rev() {
            for k in row + 1..n {
                x[row] -= self.lower[[k, row]] * x[k];
            }
            x[row] /= self.lower[[row, row]];
        }
        x.iter().zip(&self.scale).map(|(x, s)| x / s).collect()
    }

    /// A⁻¹, exactly symmetric.
    pub fn inverse(&self) -> Array2<f64> {
        let n = self.scale.len();
        let mut inverse = Array2::zeros((n, n));
        let mut unit = vec![0.0; n];
        for column in 0..n {
            unit[column] = 1.0;
            let x = self.solve(&unit);
            unit[column] = 0.0;
            for row in 0..n {
                inverse[[row, column]] = x[row];
            }
        }
        let transposed = inverse.t().to_owned();
        (inverse + transposed) * 0.5
    }

    /// D L z: a draw of covariance A when z is standard normal.
    pub fn correlate(&self, z: &[f64]) -> Vec<f64> {
        let row_sum =
            |row: usize| -> f64 { (0..=row).map(|k| self.lower[[row, k]] * z[k]).sum::<f64>() };
        (0..self.scale.len())
            .map(|row| self.scale[row] * row_sum(row))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn inverse_matches_the_known_one() {
        // Symmetric Pascal matrix of order 4, whose inverse is integer.
        let a = arr2(&[
            [1.0, 1.0, 1.0, 1.0],
            [1.0, 2.0, 3.0, 4.0],
            [1.0, 3.0, 6.0, 10.0],
            [1.0, 4.0, 10.0, 20.0],
        ]);
        let expected = arr2(&[
            [4.0, -6.0, 4.0, -1.0],
            [-6.0, 14.0, -11.0, 3.0],
            [4.0, -11.0, 10.0, -3.0],
            [-1.0, 3.0, -3.0, 1.0],
        ]);
        let inverse = Cholesky::new(a.view()).unwrap().inverse();
        assert!((&inverse - &expected).iter().all(|d| d.abs() < 1e-12));
    }

    #[test]
    fn definiteness_does_not_depend_on_units() {
        let scaled = arr2(&[[1e-30, 0.999e-12], [0.999e-12, 1e6]]);
        assert!(Cholesky::new(scaled.view()).is_ok());
        let singular = arr2(&[[4.0, 2.0], [2.0, 1.0]]);
        assert_eq!(Cholesky::new(singular.view()).unwrap_err().row, 1);
        let negative = arr2(&[[-4.0, 0.0], [0.0, 1.0]]);
        let bad = Cholesky::new(negative.view()).unwrap_err();
        assert_eq!(
            bad,
            BadPivot {
                row: 0,
                pivot: -4.0
            }
        );
    }
}
