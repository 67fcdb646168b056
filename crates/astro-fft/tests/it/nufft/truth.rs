//! Direct sums, random problems, and how much of the requested error is allowed.

use astro_fft::FftReal;
use ndarray::Array2;
use num_complex::Complex;

use crate::direct::{Complex64, Random};

/// Errors asked for in each precision, from 1e-3 to the smallest promised.
pub(super) fn errors<T: FftReal>() -> &'static [f64] {
    if T::epsilon().as_f64() > 1e-10 {
        &[1e-3, 1e-4, 2e-5, 1e-5]
    } else {
        &[1e-3, 1e-5, 1e-7, 1e-9, 1e-11, 1e-12, 1e-13]
    }
}

/// What is left for the direct sum itself and for rounding the result to `T`:
/// the bound on the transform is the requested error, without a factor.
pub(super) fn slack<T: FftReal>() -> f64 {
    2.0 * T::epsilon().as_f64()
}

/// exp(2πi t) with t reduced exactly.
pub(super) fn phase(turns: f64) -> Complex64 {
    Complex::cis(std::f64::consts::TAU * (turns - turns.round()))
}

/// x · k mod 1, the product to twice the precision.
fn turns(x: f64, k: f64) -> f64 {
    let x = x - x.round();
    let product = x * k;
    (product - product.round()) + x.mul_add(k, -product)
}

fn axis(n: usize, sign: f64, x: f64) -> Vec<Complex64> {
    (0..n)
        .map(|j| phase(turns(x, sign * (j as f64 - (n / 2) as f64))))
        .collect()
}

/// Σ_ij f_ij exp(±2πi(r_k (i − ⌊N₀/2⌋) + s_k (j − ⌊N₁/2⌋))).
pub(super) fn type2(
    f: &Array2<Complex64>,
    sign: f64,
    row: &[f64],
    column: &[f64],
) -> Vec<Complex64> {
    let (rows, columns) = f.dim();
    let points = row.iter().zip(column);
    points
        .map(|(&r, &s)| {
            let (r, s) = (axis(rows, sign, r), axis(columns, sign, s));
            let lines = f.rows().into_iter().zip(r);
            lines
                .map(|(line, r)| r * line.iter().zip(&s).map(|(x, s)| x * s).sum::<Complex64>())
                .sum()
        })
        .collect()
}

/// Σ_k c_k exp(±2πi(r_k (i − ⌊N₀/2⌋) + s_k (j − ⌊N₁/2⌋))).
pub(super) fn type1(
    c: &[Complex64],
    sign: f64,
    shape: [usize; 2],
    row: &[f64],
    column: &[f64],
) -> Array2<Complex64> {
    let mut f = Array2::zeros(shape);
    for (k, value) in c.iter().enumerate() {
        let r = axis(shape[0], sign, row[k]);
        let s = axis(shape[1], sign, column[k]);
        for ((i, j), f) in f.indexed_iter_mut() {
            *f += value * r[i] * s[j];
        }
    }
    f
}

pub(super) fn sum_of_moduli(values: impl IntoIterator<Item = Complex64>) -> f64 {
    values.into_iter().map(|x| x.norm()).sum()
}

pub(super) fn largest_difference(
    found: impl IntoIterator<Item = Complex64>,
    expected: impl IntoIterator<Item = Complex64>,
) -> f64 {
    let pairs = found.into_iter().zip(expected);
    pairs.map(|(a, b)| (a - b).norm()).fold(0.0, f64::max)
}

/// Points all over the plane, and those where something happens: on nodes, at
/// the edges of the period, far away, on top of each other.
pub(super) fn points(random: &mut Random, count: usize) -> (Vec<f64>, Vec<f64>) {
    let special = [
        0.0,
        -0.0,
        0.5,
        -0.5,
        0.25,
        1.0,
        -1e-300,
        1e-17,
        -1e-17,
        0.499_999_999_999_999_94,
        1234.5,
        -987_654_321.125,
        1e15,
        1e300,
        1.0 / 3.0,
        1.0 / 3.0,
    ];
    let mut row: Vec<f64> = special.to_vec();
    let mut column: Vec<f64> = special.iter().rev().copied().collect();
    row.extend(special);
    column.extend(special);
    for _ in 0..count {
        row.push(2.0 * random.next());
        column.push(0.5 * random.next());
    }
    (row, column)
}

/// Samples of very different size: a bright corner, edges and a faint rest.
pub(super) fn samples<T: FftReal>(random: &mut Random, shape: [usize; 2]) -> Array2<Complex<T>> {
    let corner = (shape[0] - 1, shape[1] - 1);
    Array2::from_shape_fn(shape, |at| {
        let scale = if at == (0, 0) || at == corner {
            50.0
        } else {
            0.1
        };
        let mut next = || T::from_f64_rounded(scale * random.next());
        Complex::new(next(), next())
    })
}
