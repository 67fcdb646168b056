//! Two-dimensional transforms.

use std::sync::Mutex;

use astro_fft::{ComplexFft2, Error, FftReal, HalfPlane, RealFft2, Sign};
use ndarray::{Array2, s};
use num_complex::Complex;

use crate::direct::{Random, direct_sum_2d, error_bound, relative_error, widen};

const SEED: u64 = 20_260_101;

/// Single samples, lines, odd, rectangular, prime and power-of-two shapes.
const SHAPES: [(usize, usize); 20] = [
    (1, 1),
    (1, 2),
    (2, 1),
    (1, 9),
    (9, 1),
    (2, 2),
    (3, 3),
    (3, 4),
    (4, 3),
    (5, 8),
    (7, 7),
    (8, 16),
    (13, 17),
    (16, 15),
    (15, 16),
    (30, 21),
    (37, 41),
    (64, 64),
    (100, 74),
    (128, 40),
];

fn image<T: FftReal>(random: &mut Random, shape: (usize, usize)) -> Array2<T> {
    Array2::from_shape_vec(shape, random.reals(shape.0 * shape.1)).unwrap()
}

fn widen_image<T: FftReal>(image: &Array2<T>) -> Array2<Complex<f64>> {
    image.mapv(|x| Complex::new(x.as_f64(), 0.0))
}

fn real_against_direct_sum<T: FftReal>() {
    let mut random = Random(SEED);
    for shape in SHAPES {
        let image = image::<T>(&mut random, shape);
        let fft = RealFft2::new(shape.0, shape.1).unwrap();
        let spectrum = fft.forward(image.view()).unwrap();
        let wide = widen_image(&image);
        let expected = direct_sum_2d(&wide, -1.0);
        let kept = expected.slice(s![.., ..shape.1 / 2 + 1]);
        let bound = error_bound::<T>(&[shape.0, shape.1]);
        let error = relative_error(spectrum.iter().copied(), kept.iter().copied());
        assert!(error < bound, "{shape:?}: {error:e}");

        let back = fft.inverse(spectrum.view()).unwrap();
        let samples = (shape.0 * shape.1) as f64;
        let error = relative_error(
            back.iter().map(|x| Complex::new(*x, T::zero())),
            wide.iter().map(|x| x * samples),
        );
        assert!(error < 2.0 * bound, "{shape:?} and back: {error:e}");
    }
}

#[test]
fn real_images_agree_with_direct_sums() {
    real_against_direct_sum::<f32>();
    real_against_direct_sum::<f64>();
}

fn complex_against_direct_sum<T: FftReal>() {
    let mut random = Random(SEED);
    for shape in SHAPES {
        for sign in [Sign::Negative, Sign::Positive] {
            let given = random.complexes::<T>(shape.0 * shape.1);
            let given = Array2::from_shape_vec(shape, given).unwrap();
            let expected = direct_sum_2d(&given.mapv(widen), sign.value());
            let bound = error_bound::<T>(&[shape.0, shape.1]);
            let fft = ComplexFft2::new(shape.0, shape.1).unwrap();

            let mut found = given.clone();
            fft.process(found.view_mut(), sign).unwrap();
            let error = relative_error(found.iter().copied(), expected.iter().copied());
            assert!(error < bound, "{shape:?}: {error:e}");

            // column-major memory gives the same values
            let mut found = given.t().as_standard_layout().into_owned();
            fft.process(found.view_mut().reversed_axes(), sign).unwrap();
            let error = relative_error(found.t().iter().copied(), expected.iter().copied());
            assert!(error < bound, "{shape:?} transposed: {error:e}");
        }
    }
}

#[test]
fn complex_images_agree_with_direct_sums() {
    complex_against_direct_sum::<f32>();
    complex_against_direct_sum::<f64>();
}

#[test]
fn rows_on_demand_agree_with_the_full_transform() {
    let mut random = Random(SEED);
    for shape in SHAPES.into_iter().chain([(192, 100), (250, 36)]) {
        let (rows, columns) = shape;
        let fft = RealFft2::<f64>::new(rows, columns).unwrap();
        for range in [
            0..rows,
            rows / 4..rows - rows / 4,
            rows / 2..rows,
            0..rows / 2,
            rows / 3..rows / 3,
        ] {
            let mut masked = Array2::zeros(shape);
            let mut inside = masked.slice_mut(s![range.clone(), ..]);
            inside.assign(&image(&mut random, (range.len(), columns)));
            let expected = fft.forward(masked.view()).unwrap();
            let bound = error_bound::<f64>(&[rows, columns]) * (rows * columns) as f64;
            // starts dirty: nothing of what it held may show
            let mut found = HalfPlane::zeros(rows, columns / 2 + 1).unwrap();
            found.data_mut().fill(Complex::new(f64::NAN, f64::NAN));
            for keep in [1, 2, columns / 3, columns / 2, columns / 2 + 1] {
                if !(1..=columns / 2 + 1).contains(&keep) {
                    continue;
                }
                let calls = Mutex::new(Vec::new());
                let fill_row = |row: usize, samples: &mut [f64]| {
                    calls.lock().unwrap().push(row);
                    samples.copy_from_slice(&masked.row(row).to_vec());
                };
                fft.forward_rows(range.clone(), &fill_row, keep, &mut found)
                    .unwrap();
                let mut calls = calls.into_inner().unwrap();
                calls.sort_unstable();
                assert!(calls.into_iter().eq(range.clone()), "each row once");
                assert_eq!((found.rows(), found.columns()), (rows, keep));
                assert_eq!(found.get(0, keep), None);
                assert_eq!(found.get(rows, 0), None);
                for row in 0..rows {
                    for column in 0..keep {
                        let difference = found.get(row, column).unwrap() - expected[[row, column]];
                        assert!(
                            difference.norm() <= bound,
                            "{shape:?} {range:?} {keep}: {row}, {column}"
                        );
                    }
                }
            }
        }
    }
}

/// ⟨A x, y⟩ = ⟨x, A* y⟩ for the half-plane transform restricted to some rows and
/// columns; the weights of `inverse_rows` (2 inside, 1 at the edges) are undone on y.
#[test]
fn inverse_rows_are_the_adjoint_of_forward_rows() {
    let mut random = Random(SEED);
    for (rows, columns) in SHAPES {
        let fft = RealFft2::<f64>::new(rows, columns).unwrap();
        for keep in [1, columns / 3, columns / 2 + 1] {
            if keep == 0 {
                continue;
            }
            let range = rows / 5..rows - rows / 6;
            let x: Array2<f64> = image(&mut random, (rows, columns));
            let mut spectrum = HalfPlane::new();
            let fill_row = |row: usize, samples: &mut [f64]| {
                samples.copy_from_slice(&x.row(row).to_vec());
            };
            fft.forward_rows(range.clone(), &fill_row, keep, &mut spectrum)
                .unwrap();

            let mut y = HalfPlane::zeros(rows, keep).unwrap();
            let mut left = 0.0;
            let mut scale = 0.0;
            for row in 0..rows {
                for column in 0..keep {
                    let value = random.complexes::<f64>(1)[0];
                    let f = spectrum.get(row, column).unwrap();
                    left += (f * value.conj()).re;
                    scale += f.norm() * value.norm();
                    let edge = column == 0 || 2 * column == columns;
                    let index = y.index(row, column);
                    y.data_mut()[index] = if edge { value } else { 0.5 * value };
                }
            }
            let right = Mutex::new(vec![0.0; rows]);
            let take_row = |row: usize, samples: &[f64]| {
                let product = samples.iter().zip(x.row(row)).map(|(a, b)| a * b).sum();
                right.lock().unwrap()[row] = product;
            };
            fft.inverse_rows(&mut y, range, &take_row).unwrap();
            let right: f64 = right.into_inner().unwrap().iter().sum();
            // either side is a sum of rows · keep rounded products
            let bound = error_bound::<f64>(&[rows, columns]) * scale;
            assert!(
                (left - right).abs() <= bound,
                "{rows} × {columns}, {keep}: {left} {right}"
            );
        }
    }
}

#[test]
fn parseval_linearity_and_shift_theorem_hold() {
    let mut random = Random(SEED);
    for (rows, columns) in SHAPES {
        let fft = RealFft2::<f64>::new(rows, columns).unwrap();
        let a: Array2<f64> = image(&mut random, (rows, columns));
        let b: Array2<f64> = image(&mut random, (rows, columns));
        let bound = error_bound::<f64>(&[rows, columns]);
        let (fa, fb) = (
            fft.forward(a.view()).unwrap(),
            fft.forward(b.view()).unwrap(),
        );

        let mut power = 0.0;
        for ((_, column), value) in fa.indexed_iter() {
            let edge = column == 0 || 2 * column == columns;
            power += value.norm_sqr() * if edge { 1.0 } else { 2.0 };
        }
        let expected = (rows * columns) as f64 * a.iter().map(|x| x * x).sum::<f64>();
        assert!((power - expected).abs() <= 2.0 * bound * expected);

        let mixed = fft.forward((&a * 2.5 - &b).view()).unwrap();
        let expected = &fa * Complex::from(2.5) - &fb;
        let error = relative_error(mixed.iter().copied(), expected.iter().copied());
        assert!(error < 2.0 * bound, "linearity: {error:e}");

        let (down, right) = (rows / 3, columns / 2 + 1);
        let shifted = Array2::from_shape_fn((rows, columns), |(i, j)| {
            a[[
                (i + rows - down) % rows,
                (j + 2 * columns - right) % columns,
            ]]
        });
        let found = fft.forward(shifted.view()).unwrap();
        let expected = Array2::from_shape_fn(fa.dim(), |(k, l)| {
            let turns = (k * down % rows) as f64 / rows as f64
                + (l * right % columns) as f64 / columns as f64;
            fa[[k, l]] * Complex::cis(-std::f64::consts::TAU * turns)
        });
        let error = relative_error(found.iter().copied(), expected.iter().copied());
        assert!(error < 2.0 * bound, "shift: {error:e}");
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let mut random = Random(SEED);
    let image: Array2<f64> = image(&mut random, (96, 83));
    let fft = RealFft2::new(96, 83).unwrap();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let spectrum = fft.forward(image.view()).unwrap();
            let mut complex = image.mapv(|x| Complex::new(x, -x));
            let complex_fft = ComplexFft2::new(96, 83).unwrap();
            complex_fft
                .process(complex.view_mut(), Sign::Positive)
                .unwrap();
            let back = fft.inverse(spectrum.view()).unwrap();
            (spectrum, complex, back)
        })
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(7));
}

#[test]
fn wrong_shapes_are_errors_that_say_the_numbers() {
    assert_eq!(
        RealFft2::<f64>::new(0, 3).unwrap_err(),
        Error::Empty { quantity: "rows" }
    );
    assert_eq!(
        RealFft2::<f64>::new(3, 0).unwrap_err(),
        Error::Empty {
            quantity: "columns"
        }
    );
    assert_eq!(
        ComplexFft2::<f64>::new(3, 0).unwrap_err(),
        Error::Empty {
            quantity: "columns"
        }
    );

    let fft = RealFft2::<f64>::new(4, 6).unwrap();
    let error = fft.forward(Array2::zeros((4, 5)).view()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "image has shape [4, 5], but this plan needs [4, 6] [rows, columns]"
    );
    let error = fft.inverse(Array2::zeros((4, 6)).view()).unwrap_err();
    assert!(matches!(
        error,
        Error::Shape {
            quantity: "spectrum",
            ..
        }
    ));
    let mut out = HalfPlane::new();
    let nothing = |_: usize, _: &mut [f64]| {};
    let error = fft.forward_rows(1..5, &nothing, 1, &mut out).unwrap_err();
    assert_eq!(
        error.to_string(),
        "row_range is 1..5, but must lie within 0..4"
    );
    let error = fft.forward_rows(0..4, &nothing, 5, &mut out).unwrap_err();
    assert_eq!(
        error.to_string(),
        "5 spectrum columns were asked for; choose 1 to 4"
    );
    assert!(HalfPlane::<f64>::zeros(usize::MAX / 2, 9).is_err());
    let mut wide = HalfPlane::zeros(4, 5).unwrap();
    assert!(fft.inverse_rows(&mut wide, 0..4, &|_, _| {}).is_err());
    let mut high = HalfPlane::zeros(5, 4).unwrap();
    assert!(fft.inverse_rows(&mut high, 0..4, &|_, _| {}).is_err());
}
