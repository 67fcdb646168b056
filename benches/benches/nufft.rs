//! How long do the non-uniform transforms take, on one thread?
//!
//! A million points with |uv| uniform up to 0.4 of Nyquist, real images. The same
//! with ducc0: `ducc0.nufft.u2nu(grid=image.astype(complex), coord=coord,
//! forward=False, epsilon=1e-12, periodicity=1.0, nthreads=1)`, whose time
//! includes the sorting of the points, here `points`.

use std::hint::black_box;

use astro_fft::{RealNufft2, Sign};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use num_complex::Complex;

const SIZES: [usize; 4] = [512, 1024, 2048, 4096];
const ERRORS: [f64; 3] = [1e-12, 1e-10, 1e-6];
const POINTS: usize = 1_000_000;

/// Radius uniform, azimuth by the golden angle: turns a sample, [row, column].
fn points() -> [Vec<f64>; 2] {
    let radius = |k: usize| 0.2 * (k as f64 * 0.754_877_666_246_692_7).fract();
    let azimuth = |k: usize| std::f64::consts::TAU * (k as f64 * 0.618_033_988_749_894_9).fract();
    [
        (0..POINTS).map(|k| radius(k) * azimuth(k).sin()).collect(),
        (0..POINTS).map(|k| radius(k) * azimuth(k).cos()).collect(),
    ]
}

fn real_images(criterion: &mut Criterion) {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a pool of one thread");
    let [row, column] = points();
    let mut group = criterion.benchmark_group("nufft/real_2d");
    group.sample_size(10);
    for n in SIZES {
        let mut image = Array2::from_shape_fn((n, n), |(i, j)| ((i * 31 + j * 17) % 101) as f64);
        for error in ERRORS {
            let plan = RealNufft2::new([n, n], Sign::Positive, error).expect("a plan");
            let points = plan.points(&row, &column).expect("finite points");
            let mut values = vec![Complex::default(); POINTS];
            let name = |what: &str| BenchmarkId::new(format!("{what}/{error:e}"), n);
            group.bench_function(name("points"), |bencher| {
                pool.install(|| bencher.iter(|| black_box(plan.points(&row, &column))));
            });
            group.bench_function(name("type2"), |bencher| {
                pool.install(|| {
                    bencher.iter(|| plan.uniform_to_points(image.view(), &points, &mut values));
                });
            });
            group.bench_function(name("type1"), |bencher| {
                pool.install(|| {
                    bencher.iter(|| plan.points_to_uniform(&values, &points, image.view_mut()));
                });
            });
        }
    }
}

criterion_group!(benches, real_images);
criterion_main!(benches);
