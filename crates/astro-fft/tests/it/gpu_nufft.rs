//! Non-uniform transforms on a GPU against direct sums.

use astro_fft::{FftReal, GpuRealNufft2, Sign};
use astro_gpu::testing::on_every_precision;
use astro_gpu::{Gpu, Precision};
use ndarray::Array2;
use num_complex::Complex;

use crate::direct::{Complex64, Random, widen};

fn phase(sign: f64, shape: [usize; 2], point: [f64; 2], i: usize, j: usize) -> Complex64 {
    let turns = point[0] * (i as f64 - (shape[0] / 2) as f64)
        + point[1] * (j as f64 - (shape[1] / 2) as f64);
    Complex::cis(sign * std::f64::consts::TAU * (turns - turns.round()))
}

fn errors(precision: Precision) -> &'static [f64] {
    match precision {
        Precision::F32 => &[1e-3, 2e-5],
        Precision::Extended => &[1e-6, 1e-10],
        Precision::F64 => &[1e-4, 1e-10, 1e-12],
    }
}

fn both_types<T: FftReal>(gpu: &Gpu, precision: Precision) {
    for (shape, count) in [
        ([1, 1], 3),
        ([1, 9], 20),
        ([8, 6], 40),
        ([33, 20], 300),
        ([64, 64], 200),
        ([50, 64], 700),
    ] {
        for &rel_error in errors(precision) {
            for (sign, value) in [(Sign::Negative, -1.0), (Sign::Positive, 1.0)] {
                let name = format!("{precision}: {shape:?} to {rel_error:e}");
                let plan = GpuRealNufft2::<T>::new(gpu, shape, sign, rel_error).unwrap();
                let mut random = Random(3);
                let image =
                    Array2::from_shape_vec(shape, random.reals::<T>(shape[0] * shape[1])).unwrap();
                let row: Vec<f64> = (0..count).map(|_| 0.9 * random.next()).collect();
                let mut column: Vec<f64> = (0..count).map(|_| 0.5 * random.next()).collect();
                column[0] = 0.5;
                column[1] = -0.5;
                column[2] = 0.0;

                let found = plan.uniform_to_points(image.view(), &row, &column).unwrap();
                let flux: f64 = image.iter().map(|x| x.as_f64().abs()).sum();
                for k in 0..count {
                    let terms = image.indexed_iter().map(|((i, j), x)| {
                        phase(value, shape, [row[k], column[k]], i, j) * x.as_f64()
                    });
                    let error = (widen(found[k]) - terms.sum::<Complex64>()).norm() / flux;
                    assert!(error <= rel_error, "{name}, point {k}: {error:e}");
                }

                let values: Vec<Complex<T>> = random.complexes(count);
                let image = plan.points_to_uniform(&values, &row, &column).unwrap();
                let sum: f64 = values.iter().map(|&z| widen(z).norm()).sum();
                for ((i, j), found) in image.indexed_iter() {
                    let terms = (0..count).map(|k| {
                        (widen(values[k]) * phase(value, shape, [row[k], column[k]], i, j)).re
                    });
                    let error = (found.as_f64() - terms.sum::<f64>()).abs() / sum;
                    assert!(error <= rel_error, "{name}, pixel {i}, {j}: {error:e}");
                }
            }
        }
    }
}

#[test]
fn both_types_keep_the_error_asked_for() {
    on_every_precision(both_types::<f32>, both_types::<f64>);
}

#[test]
fn errors_below_the_floor_are_refused() {
    on_every_precision(
        |gpu, _| assert!(GpuRealNufft2::<f32>::new(gpu, [64, 64], Sign::Negative, 1e-8).is_err()),
        |gpu, _| assert!(GpuRealNufft2::<f64>::new(gpu, [64, 64], Sign::Negative, 1e-17).is_err()),
    );
}
