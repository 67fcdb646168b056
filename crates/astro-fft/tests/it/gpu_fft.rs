//! Transforms on a GPU against direct sums and against the CPU's.

use astro_fft::{ComplexFft2, FftReal, GpuComplexFft, GpuRealFft, RealFft2, Sign};
use astro_gpu::Precision;
use astro_gpu::testing::{on_every_precision, with_precision};
use ndarray::Array2;
use num_complex::Complex;

use crate::direct::{Complex64, Random, direct_sum, relative_error, widen};

/// Relative L2 error of a transform of n samples: 4ε log₂ n as on the CPU; three times that where
/// Bluestein's algorithm transforms twice over more than double the length.
fn bound(precision: Precision, length: usize) -> f64 {
    let smooth = [2, 3, 5, 7].iter().fold(length, |mut n, p| {
        while n.is_multiple_of(*p) {
            n /= p;
        }
        n
    }) == 1;
    let factor = if smooth { 4.0 } else { 12.0 };
    factor * 2.0 * precision.unit_roundoff() * (length as f64).log2().max(1.0)
}

fn complex_lines<T: FftReal>(gpu: &astro_gpu::Gpu, precision: Precision) {
    for (length, batch) in [
        (1, 3),
        (2, 5),
        (7, 40),
        (60, 17),
        (64, 100),
        (105, 2),
        (1000, 3),
        (1024, 4),
        (11, 9),
        (251, 3),
        (4096, 2),
        (2 * 4099, 1),
    ] {
        let fft = GpuComplexFft::<T>::lines(gpu, length, batch).unwrap();
        assert_eq!(fft.precision(), precision);
        let samples: Vec<Complex<T>> = Random(7).complexes(length * batch);
        for (sign, value) in [(Sign::Negative, -1.0), (Sign::Positive, 1.0)] {
            let mut found = samples.clone();
            fft.process(&mut found, sign).unwrap();
            // The last line only where the direct sum is long.
            let first = if length > 2000 { batch - 1 } else { 0 };
            for line in first..batch {
                let range = line * length..(line + 1) * length;
                let truth: Vec<Complex64> =
                    samples[range.clone()].iter().map(|&z| widen(z)).collect();
                let truth = direct_sum(&truth, value);
                let error = relative_error(found[range].iter().copied(), truth);
                let bound = bound(precision, length);
                assert!(
                    error <= bound,
                    "{precision}: {length}, line {line}: {error:e} > {bound:e}"
                );
            }
        }
    }
}

fn images<T: FftReal>(gpu: &astro_gpu::Gpu, precision: Precision) {
    for (rows, columns, batch) in [
        (1, 1, 2),
        (8, 6, 3),
        (33, 20, 2),
        (90, 64, 1),
        (256, 128, 1),
        (12, 1000, 1),
        (22, 13, 2),
    ] {
        let name = format!("{precision}: {batch} of {rows} × {columns}");
        let bound =
            bound(precision, rows).max(bound(precision, columns)) + bound(precision, columns);
        let fft = GpuComplexFft::<T>::images(gpu, rows, columns, batch).unwrap();
        let samples: Vec<Complex<T>> = Random(11).complexes(rows * columns * batch);
        let mut found = samples.clone();
        fft.process(&mut found, Sign::Negative).unwrap();
        let cpu = ComplexFft2::<f64>::new(rows, columns).unwrap();
        for image in 0..batch {
            let range = image * rows * columns..(image + 1) * rows * columns;
            let wide = samples[range.clone()].iter().map(|&z| widen(z)).collect();
            let mut truth = Array2::from_shape_vec((rows, columns), wide).unwrap();
            cpu.process(truth.view_mut(), Sign::Negative).unwrap();
            let error = relative_error(found[range].iter().copied(), truth);
            assert!(error <= bound, "{name}: {error:e} > {bound:e}");
        }
        // There and back is multiplication by the number of samples.
        fft.process(&mut found, Sign::Positive).unwrap();
        let many = (rows * columns) as f64;
        let truth = samples.iter().map(|&z| widen(z) * many);
        let error = relative_error(found, truth);
        assert!(error <= 2.0 * bound, "{name} and back: {error:e}");
    }
}

fn real_images<T: FftReal>(gpu: &astro_gpu::Gpu, precision: Precision) {
    for (rows, columns) in [
        (1, 1),
        (1, 2),
        (6, 10),
        (5, 7),
        (64, 48),
        (30, 105),
        (17, 22),
        (128, 256),
        (9, 2050),
    ] {
        let name = format!("{precision}: {rows} × {columns}");
        let bound = 2.0 * (bound(precision, rows) + bound(precision, columns));
        let samples: Vec<T> = Random(5).reals(rows * columns);
        let wide = samples.iter().map(|x| x.as_f64()).collect();
        let image = Array2::from_shape_vec((rows, columns), wide).unwrap();

        let fft = GpuRealFft::<T>::image(gpu, rows, columns).unwrap();
        let found = fft.forward(&samples).unwrap();
        let truth = RealFft2::<f64>::new(rows, columns)
            .unwrap()
            .forward(image.view())
            .unwrap();
        let error = relative_error(found.iter().copied(), truth);
        assert!(error <= bound, "{name}: {error:e} > {bound:e}");
        let back = fft.inverse(&found).unwrap();
        let many = (rows * columns) as f64;
        let pairs = back.into_iter().map(|x| Complex::new(x, T::zero()));
        let error = relative_error(pairs, image.iter().map(|x| Complex::new(x * many, 0.0)));
        assert!(error <= 2.0 * bound, "{name} and back: {error:e}");

        let fft = GpuRealFft::<T>::lines(gpu, columns, rows).unwrap();
        let found = fft.forward(&samples).unwrap();
        let keep = columns / 2 + 1;
        for (row, found) in image.rows().into_iter().zip(found.chunks(keep)) {
            let row: Vec<Complex64> = row.iter().map(|&x| Complex::new(x, 0.0)).collect();
            let truth = direct_sum(&row, -1.0);
            let error = relative_error(found.iter().copied(), truth[..keep].iter().copied());
            assert!(error <= 2.0 * bound, "{name}, lines: {error:e}");
        }
    }
}

#[test]
fn complex_lines_of_any_length() {
    on_every_precision(complex_lines::<f32>, complex_lines::<f64>);
}

#[test]
fn complex_images_of_any_size() {
    on_every_precision(images::<f32>, images::<f64>);
}

#[test]
fn real_images_and_lines_of_any_size() {
    on_every_precision(real_images::<f32>, real_images::<f64>);
}

#[test]
fn wrong_lengths_are_refused() {
    with_precision(Precision::F32, |gpu| {
        assert!(GpuComplexFft::<f32>::lines(gpu, 0, 1).is_err());
        assert!(GpuComplexFft::<f32>::lines(gpu, 1 << 20, 1 << 20).is_err());
        let fft = GpuComplexFft::<f32>::lines(gpu, 4, 2).unwrap();
        assert!(
            fft.process(&mut [Complex::new(0.0, 0.0); 7], Sign::Negative)
                .is_err()
        );
    });
}
