//! Size × requested error × precision × sign, each type.

use astro_fft::{FftReal, Nufft1, Nufft2, RealNufft2, Sign};
use ndarray::Array2;
use num_complex::Complex;

use super::truth::{
    errors, largest_difference, points, samples, slack, sum_of_moduli, type1, type2,
};
use crate::direct::{Random, widen};

const SEED: u64 = 0x006e_7566_6674;
const SIGNS: [Sign; 2] = [Sign::Negative, Sign::Positive];
const SHAPES: [[usize; 2]; 9] = [
    [1, 1],
    [2, 3],
    [1, 17],
    [31, 1],
    [16, 16],
    [13, 40],
    [61, 37],
    [64, 101],
    [150, 96],
];

fn widened<T: FftReal>(values: &[Complex<T>]) -> Vec<Complex<f64>> {
    values.iter().copied().map(widen).collect()
}

fn complex_type2<T: FftReal>() {
    let mut random = Random(SEED);
    for shape in SHAPES {
        let (row, column) = points(&mut random, 40);
        let f = samples::<T>(&mut random, shape);
        let wide = f.mapv(widen);
        let scale = sum_of_moduli(wide.iter().copied());
        for sign in SIGNS {
            let truth = type2(&wide, sign.value(), &row, &column);
            for &error in errors::<T>() {
                let plan = Nufft2::<T>::new(shape, sign, error).unwrap();
                let points = plan.points(&row, &column).unwrap();
                let mut found = vec![Complex::default(); points.len()];
                plan.uniform_to_points(f.view(), &points, &mut found)
                    .unwrap();
                let difference = largest_difference(widened(&found), truth.iter().copied());
                assert!(
                    difference <= (error + slack::<T>()) * scale,
                    "{} {shape:?} {sign:?}: {:e} for {error:e}",
                    T::NAME,
                    difference / scale
                );
            }
        }
    }
}

fn real_type2<T: FftReal>() {
    let mut random = Random(SEED + 1);
    for shape in SHAPES {
        let (row, column) = points(&mut random, 40);
        let f = samples::<T>(&mut random, shape).mapv(|x| x.re);
        let wide = f.mapv(|x| Complex::new(x.as_f64(), 0.0));
        let scale = sum_of_moduli(wide.iter().copied());
        for sign in SIGNS {
            let truth = type2(&wide, sign.value(), &row, &column);
            for &error in errors::<T>() {
                let plan = RealNufft2::<T>::new(shape, sign, error).unwrap();
                let points = plan.points(&row, &column).unwrap();
                let mut found = vec![Complex::default(); points.len()];
                plan.uniform_to_points(f.view(), &points, &mut found)
                    .unwrap();
                let difference = largest_difference(widened(&found), truth.iter().copied());
                assert!(
                    difference <= (error + slack::<T>()) * scale,
                    "{} {shape:?} {sign:?}: {:e} for {error:e}",
                    T::NAME,
                    difference / scale
                );
            }
        }
    }
}

fn complex_type1<T: FftReal>() {
    let mut random = Random(SEED + 2);
    for shape in SHAPES {
        let (row, column) = points(&mut random, 40);
        let c = random.complexes::<T>(row.len());
        let wide = widened(&c);
        let scale = sum_of_moduli(wide.iter().copied());
        for sign in SIGNS {
            let truth = type1(&wide, sign.value(), shape, &row, &column);
            for &error in errors::<T>() {
                let plan = Nufft2::<T>::new(shape, sign, error).unwrap();
                let points = plan.points(&row, &column).unwrap();
                let mut found = Array2::default(shape);
                plan.points_to_uniform(&c, &points, found.view_mut())
                    .unwrap();
                let difference =
                    largest_difference(found.iter().copied().map(widen), truth.iter().copied());
                assert!(
                    difference <= (error + slack::<T>()) * scale,
                    "{} {shape:?} {sign:?}: {:e} for {error:e}",
                    T::NAME,
                    difference / scale
                );
            }
        }
    }
}

fn real_type1<T: FftReal>() {
    let mut random = Random(SEED + 3);
    for shape in SHAPES {
        let (row, column) = points(&mut random, 40);
        let c = random.complexes::<T>(row.len());
        let wide = widened(&c);
        let scale = sum_of_moduli(wide.iter().copied());
        for sign in SIGNS {
            let truth = type1(&wide, sign.value(), shape, &row, &column);
            for &error in errors::<T>() {
                let plan = RealNufft2::<T>::new(shape, sign, error).unwrap();
                let points = plan.points(&row, &column).unwrap();
                let mut found = Array2::default(shape);
                plan.points_to_uniform(&c, &points, found.view_mut())
                    .unwrap();
                let difference = largest_difference(
                    found.iter().map(|x: &T| Complex::new(x.as_f64(), 0.0)),
                    truth.iter().map(|x| Complex::new(x.re, 0.0)),
                );
                assert!(
                    difference <= (error + slack::<T>()) * scale,
                    "{} {shape:?} {sign:?}: {:e} for {error:e}",
                    T::NAME,
                    difference / scale
                );
            }
        }
    }
}

fn one_dimension<T: FftReal>() {
    let mut random = Random(SEED + 4);
    for n in [1, 2, 7, 64, 97, 1000, 4099] {
        let (x, _) = points(&mut random, 60);
        let zeros = vec![0.0; x.len()];
        let f = random.complexes::<T>(n);
        let c = random.complexes::<T>(x.len());
        let wide = Array2::from_shape_vec((1, n), widened(&f)).unwrap();
        for sign in SIGNS {
            let truth2 = type2(&wide, sign.value(), &zeros, &x);
            let truth1 = type1(&widened(&c), sign.value(), [1, n], &zeros, &x);
            for &error in errors::<T>() {
                let plan = Nufft1::<T>::new(n, sign, error).unwrap();
                let points = plan.points(&x).unwrap();
                let mut found = vec![Complex::default(); x.len()];
                plan.uniform_to_points(&f, &points, &mut found).unwrap();
                let scale = sum_of_moduli(wide.iter().copied());
                let difference = largest_difference(widened(&found), truth2.iter().copied());
                assert!(
                    difference <= (error + slack::<T>()) * scale,
                    "{} {n}, type 2: {:e} for {error:e}",
                    T::NAME,
                    difference / scale
                );
                let mut found = vec![Complex::default(); n];
                plan.points_to_uniform(&c, &points, &mut found).unwrap();
                let scale = sum_of_moduli(widened(&c));
                let difference = largest_difference(widened(&found), truth1.iter().copied());
                assert!(
                    difference <= (error + slack::<T>()) * scale,
                    "{} {n}, type 1: {:e} for {error:e}",
                    T::NAME,
                    difference / scale
                );
            }
        }
    }
}

#[test]
fn complex_type2_f64() {
    complex_type2::<f64>();
}

#[test]
fn complex_type2_f32() {
    complex_type2::<f32>();
}

#[test]
fn real_type2_f64() {
    real_type2::<f64>();
}

#[test]
fn real_type2_f32() {
    real_type2::<f32>();
}

#[test]
fn complex_type1_f64() {
    complex_type1::<f64>();
}

#[test]
fn complex_type1_f32() {
    complex_type1::<f32>();
}

#[test]
fn real_type1_f64() {
    real_type1::<f64>();
}

#[test]
fn real_type1_f32() {
    real_type1::<f32>();
}

#[test]
fn one_dimension_f64() {
    one_dimension::<f64>();
}

#[test]
fn one_dimension_f32() {
    one_dimension::<f32>();
}

/// The worst case of the error bound: all flux in one corner of a large image.
fn corner<T: FftReal>() {
    let mut random = Random(SEED + 5);
    let shape = [1500, 1024];
    let (row, column) = points(&mut random, 400);
    let mut f = Array2::zeros(shape);
    f[[0, 0]] = T::one();
    let smallest = RealNufft2::<T>::smallest_error(shape).unwrap();
    // The second set of points spans less of the grid: other rows and columns.
    for scale in [1.0, 0.125] {
        let row: Vec<f64> = row.iter().map(|x| x * scale).collect();
        let wide = f.mapv(|x| Complex::new(x.as_f64(), 0.0));
        let truth = type2(&wide, 1.0, &row, &column);
        for error in errors::<T>().iter().copied().chain([smallest]) {
            let plan = RealNufft2::<T>::new(shape, Sign::Positive, error).unwrap();
            let points = plan.points(&row, &column).unwrap();
            let mut found = vec![Complex::default(); row.len()];
            plan.uniform_to_points(f.view(), &points, &mut found)
                .unwrap();
            let difference = largest_difference(widened(&found), truth.iter().copied());
            assert!(
                difference <= error + slack::<T>(),
                "{}: {difference:e} for {error:e}",
                T::NAME
            );
        }
    }
}

#[test]
fn a_corner_of_a_large_image_keeps_the_error_f64() {
    corner::<f64>();
}

#[test]
fn a_corner_of_a_large_image_keeps_the_error_f32() {
    corner::<f32>();
}
