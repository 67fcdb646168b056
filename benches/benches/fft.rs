//! How long do the two-dimensional transforms take, on one thread?
//!
//! The same sizes with ducc0: `ducc0.fft.r2c(a, axes=(0, 1), nthreads=1, out=out)`.

use std::hint::black_box;

use astro_fft::{ColumnFft, ComplexFft2, HalfPlane, RealFft2, Sign};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use num_complex::Complex;

const SIZES: [usize; 5] = [512, 1000, 1024, 2048, 4096];

fn one_thread() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a pool of one thread")
}

fn real_images(criterion: &mut Criterion) {
    let pool = one_thread();
    let mut group = criterion.benchmark_group("fft/real_2d");
    group.sample_size(20);
    for n in SIZES {
        let image = Array2::from_shape_fn((n, n), |(i, j)| ((i * 31 + j * 17) % 101) as f64);
        let fill_row = |row: usize, samples: &mut [f64]| {
            for (to, from) in samples.iter_mut().zip(image.row(row)) {
                *to = *from;
            }
        };
        let fft = RealFft2::new(n, n).expect("a plan");
        let mut half_plane = HalfPlane::new();
        group.bench_function(BenchmarkId::new("forward_rows", n), |bencher| {
            pool.install(|| {
                bencher.iter(|| fft.forward_rows(0..n, &fill_row, n / 2 + 1, &mut half_plane));
            });
        });
        group.bench_function(BenchmarkId::new("inverse_rows", n), |bencher| {
            pool.install(|| {
                bencher.iter(|| {
                    fft.inverse_rows(&mut half_plane, 0..n, &|_, samples| {
                        black_box(samples);
                    })
                });
            });
        });
    }
}

fn complex_images(criterion: &mut Criterion) {
    let pool = one_thread();
    let mut group = criterion.benchmark_group("fft/complex_2d");
    group.sample_size(20);
    for n in SIZES {
        let mut image = Array2::from_elem((n, n), Complex::new(0.0, 0.0));
        let fft = ComplexFft2::<f64>::new(n, n).expect("a plan");
        group.bench_function(BenchmarkId::new("process", n), |bencher| {
            pool.install(|| bencher.iter(|| fft.process(image.view_mut(), Sign::Positive)));
        });
    }
}

fn panels(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fft/panel");
    for n in SIZES {
        let fft = ColumnFft::<f64>::new(n).expect("a plan");
        let mut scratch = fft.scratch();
        let mut panel = vec![Complex::new(0.0, 0.0); fft.panel_len()];
        group.bench_function(BenchmarkId::new("process", n), |bencher| {
            bencher.iter(|| fft.process(&mut panel, Sign::Negative, 0..n, &mut scratch));
        });
    }
}

criterion_group!(benches, real_images, complex_images, panels);
criterion_main!(benches);
