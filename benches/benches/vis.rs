//! χ² of an image and of a profile at 1024² pixels and 10⁵ uv points, by every method.

use std::hint::black_box;

use astro_benches::vis::VisibilityJob;
use astro_visibility::{ImageMethod, ProfileMethod, VisibilityPlan};
use criterion::{Criterion, criterion_group, criterion_main};

const SIZE: usize = 1024;
const POINTS: usize = 100_000;

fn chi2(criterion: &mut Criterion) {
    let job = VisibilityJob::new(SIZE, POINTS);
    let image = job.image();
    let placement = job.orientation.placement();
    let images = [
        ("galario", ImageMethod::Galario),
        ("bilinear", ImageMethod::Bilinear),
        ("exact 1e-6", ImageMethod::Exact { rel_error: 1e-6 }),
        ("exact 1e-12", ImageMethod::Exact { rel_error: 1e-12 }),
    ];
    let mut group = criterion.benchmark_group("chi2 of an image");
    for (name, method) in images {
        let plan = VisibilityPlan::<f64>::builder(&job.table, job.grid)
            .image_method(method)
            .build()
            .expect("the job is made to suit every method");
        group.bench_function(name, |bencher| {
            bencher.iter(|| plan.chi2_image(black_box(image.view()), &placement));
        });
    }
    group.finish();

    let profiles = [
        ("hankel 1e-10", ProfileMethod::Hankel { rel_error: 1e-10 }),
        ("image, galario", ProfileMethod::Image(ImageMethod::Galario)),
    ];
    let mut group = criterion.benchmark_group("chi2 of a profile");
    for (name, method) in profiles {
        let plan = VisibilityPlan::<f64>::builder(&job.table, job.grid)
            .profile_method(method)
            .radii(job.radii)
            .build()
            .expect("the job is made to suit every method");
        group.bench_function(name, |bencher| {
            bencher.iter(|| plan.chi2_profile(black_box(&job.profile), &job.orientation));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = chi2
}
criterion_main!(benches);
