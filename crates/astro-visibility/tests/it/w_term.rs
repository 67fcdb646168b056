//! Baselines with w, against the sum written out with the standard library's functions.

use std::f64::consts::TAU;

use astro_core::UvTable;
use astro_visibility::{
    Error, ImageGrid, ImageMethod, ImagingWeights, Orientation, Origin, Placement, PrimaryBeam,
    ProfileMethod, UvCoverage, VisibilityPlan, WTerm,
};
use ndarray::Array2;
use num_complex::Complex64;
use rand::RngExt;

use crate::scene;

/// Up to which w, wavelengths: `w (n − 1)` turns 32 times at the corner of the widest field below.
const W_REACH: f64 = 5000.0;

const METHODS: [(ImageMethod, f64); 6] = [
    (ImageMethod::Direct, 1e-13),
    (ImageMethod::Exact { rel_error: 5e-12 }, 5e-12),
    (ImageMethod::Exact { rel_error: 1e-11 }, 1e-11),
    (ImageMethod::Exact { rel_error: 1e-10 }, 1e-10),
    (ImageMethod::Exact { rel_error: 1e-7 }, 1e-7),
    (ImageMethod::Exact { rel_error: 1e-3 }, 1e-3),
];

/// Square, odd and oblong fields of 5° to 9°.
fn grids() -> [ImageGrid; 3] {
    [
        ImageGrid::square(40, 4e-3),
        ImageGrid {
            rows: 31,
            columns: 26,
            pixel_height_rad: 3e-3,
            pixel_width_rad: 5e-3,
            origin: Origin::Upper,
        },
        ImageGrid {
            rows: 24,
            columns: 45,
            ..ImageGrid::square(1, 3e-3)
        }
        .with_origin(Origin::Lower),
    ]
}

const PLACEMENTS: [Placement; 3] = [
    Placement {
        position_angle_rad: 0.0,
        ra_offset_rad: 0.0,
        dec_offset_rad: 0.0,
    },
    Placement {
        position_angle_rad: 0.7,
        ra_offset_rad: 0.03,
        dec_offset_rad: -0.02,
    },
    Placement {
        position_angle_rad: -2.2,
        ra_offset_rad: -0.2,
        dec_offset_rad: 0.11,
    },
];

fn coverage(grid: &ImageGrid, count: usize, w_reach: f64) -> UvCoverage {
    // Nyquist of the coarser axis bounds rotated baselines on both.
    let finest = grid.pixel_width_rad.max(grid.pixel_height_rad);
    let square = ImageGrid {
        pixel_width_rad: finest,
        pixel_height_rad: finest,
        ..*grid
    };
    let mut coverage = scene::coverage(&square, count, 0.6);
    let mut random = scene::generator();
    coverage.w = (0..count)
        .map(|_| w_reach * random.random_range(-1.0..1.0))
        .collect();
    coverage.w[0] = 0.0;
    coverage.w[1] = w_reach;
    coverage.w[2] = -w_reach;
    coverage
}

fn table(grid: &ImageGrid, count: usize) -> UvTable {
    let coverage = coverage(grid, count, W_REACH);
    let mut table = scene::table(&coverage);
    table.w = coverage.w;
    table
}

fn plan_for(
    coverage: &UvCoverage,
    grid: ImageGrid,
    method: ImageMethod,
    divide_by_n: bool,
) -> VisibilityPlan<f64> {
    VisibilityPlan::builder_for_coverage(coverage, grid)
        .image_method(method)
        .w_term(WTerm { divide_by_n })
        .build()
        .unwrap()
}

/// The equation, with every direction on the sky and no rotation of baselines.
fn truth(
    image: &Array2<f64>,
    grid: &ImageGrid,
    coverage: &UvCoverage,
    placement: &Placement,
    divide_by_n: bool,
) -> Vec<Complex64> {
    let (sin, cos) = placement.position_angle_rad.sin_cos();
    let sources: Vec<[f64; 4]> = image
        .indexed_iter()
        .map(|((i, j), &pixel)| {
            let (x, y) = (grid.east_rad(j), grid.north_rad(i));
            let l = x * cos + y * sin + placement.ra_offset_rad;
            let m = y * cos - x * sin + placement.dec_offset_rad;
            let n = (1.0 - l * l - m * m).sqrt();
            [if divide_by_n { pixel / n } else { pixel }, l, m, n - 1.0]
        })
        .collect();
    (0..coverage.len())
        .map(|k| {
            let (u, v, w) = (coverage.u[k], coverage.v[k], coverage.w[k]);
            sources
                .iter()
                .map(|[flux, l, m, n]| Complex64::from_polar(*flux, TAU * (u * l + v * m + w * n)))
                .sum()
        })
        .collect()
}

fn flux(image: &Array2<f64>) -> f64 {
    image.iter().map(|x| x.abs()).sum()
}

#[test]
fn every_method_keeps_its_error() {
    for grid in grids() {
        let coverage = coverage(&grid, 150, W_REACH);
        let image = scene::image(&grid);
        for placement in PLACEMENTS {
            for divide_by_n in [false, true] {
                let truth = truth(&image, &grid, &coverage, &placement, divide_by_n);
                for (method, tolerance) in METHODS {
                    let plan = plan_for(&coverage, grid, method, divide_by_n);
                    let found = plan.sample_image(image.view(), &placement).unwrap();
                    let error = scene::distance(&found, &truth, flux(&image));
                    // The truth itself: n − 1 by subtraction, 1e-16 of up to 5000 wavelengths.
                    assert!(
                        error < tolerance + 5e-12,
                        "{method:?} {placement:?} {divide_by_n}: {error:e}"
                    );
                }
            }
        }
    }
}

/// The worst image for the stack: all flux where the correction amplifies most, and few planes.
#[test]
fn flux_at_the_corners_keeps_the_error_too() {
    let grid = ImageGrid::square(40, 4e-3);
    for w_reach in [W_REACH, 40.0, 0.01] {
        let coverage = coverage(&grid, 150, w_reach);
        let mut image = Array2::zeros((40, 40));
        image[[0, 0]] = 1.0;
        image[[20, 20]] = -1.0;
        let placement = Placement::default();
        let direct = plan_for(&coverage, grid, ImageMethod::Direct, false);
        let direct = direct.sample_image(image.view(), &placement).unwrap();
        for (method, tolerance) in METHODS {
            let plan = plan_for(&coverage, grid, method, false);
            let found = plan.sample_image(image.view(), &placement).unwrap();
            let error = scene::distance(&found, &direct, 2.0);
            assert!(error < tolerance, "{method:?} {w_reach}: {error:e}");
        }
    }
}

/// The plane of w = 0 is the transform without a w-term, wherever the image lies.
#[test]
fn without_w_it_is_the_flat_sky() {
    let grid = grids()[1];
    let coverage = coverage(&grid, 200, 0.0);
    let image = scene::image(&grid);
    for (method, tolerance) in METHODS {
        let flat = VisibilityPlan::<f64>::builder_for_coverage(&coverage, grid)
            .image_method(method)
            .build()
            .unwrap();
        let deep = plan_for(&coverage, grid, method, false);
        for placement in PLACEMENTS {
            let flat = flat.sample_image(image.view(), &placement).unwrap();
            let deep = deep.sample_image(image.view(), &placement).unwrap();
            let error = scene::distance(&flat, &deep, flux(&image));
            assert!(error < 2.0 * tolerance, "{method:?}: {error:e}");
        }
    }
}

/// `Σ_k c_k V_k(I) = Σ_ij I_ij (∂/∂I_ij)`: the gradient holds the adjoint of the sampling, and χ² is quadratic.
#[test]
fn image_gradient_is_the_adjoint_of_sampling() {
    for grid in grids() {
        let table = table(&grid, 200);
        let image = scene::image(&grid);
        let step = image.mapv(|x| (37.0 * x).sin());
        for method in [ImageMethod::Direct, ImageMethod::Exact { rel_error: 1e-11 }] {
            for divide_by_n in [false, true] {
                let plan = VisibilityPlan::<f64>::builder(&table, grid)
                    .image_method(method)
                    .w_term(WTerm { divide_by_n })
                    .build()
                    .unwrap();
                let placement = PLACEMENTS[1];
                let gradient = plan.chi2_image_gradient(image.view(), &placement).unwrap();
                let moved = plan.sample_image(step.view(), &placement).unwrap();
                let model = plan.sample_image(image.view(), &placement).unwrap();
                let expected: f64 = (0..table.len())
                    .map(|k| {
                        let residual = model[k] - table.value[k];
                        2.0 * table.weight[k] * (residual.conj() * moved[k]).re
                    })
                    .sum();
                let products = gradient.image.iter().zip(&step).map(|(g, s)| g * s);
                let (found, scale) = products.fold((0.0, 0.0), |(sum, scale), term: f64| {
                    (sum + term, scale + term.abs())
                });
                assert!(
                    (found - expected).abs() < 1e-9 * scale,
                    "{method:?} {divide_by_n}: {found} {expected}"
                );
            }
        }
    }
}

/// Rotation and shift change `n` and, with the division, the brightness; under a beam too.
#[test]
fn placement_gradient_is_the_finite_difference() {
    let grid = ImageGrid::square(24, 4e-3);
    let table = table(&grid, 200);
    let image = scene::image(&grid);
    let place = [0.7, 0.03, -0.02];
    let placement = |p: [f64; 3]| Placement {
        position_angle_rad: p[0],
        ra_offset_rad: p[1],
        dec_offset_rad: p[2],
    };
    let beams = [None, Some(PrimaryBeam::gaussian(0.1).unwrap())];
    for (divide_by_n, beam) in [(false, 0), (true, 0), (true, 1)] {
        let mut builder = VisibilityPlan::<f64>::builder(&table, grid)
            .image_method(ImageMethod::Exact { rel_error: 1e-11 })
            .w_term(WTerm { divide_by_n });
        if let Some(beam) = &beams[beam] {
            builder = builder.primary_beam(beam.clone());
        }
        let plan = builder.build().unwrap();
        let gradient = plan
            .chi2_image_gradient(image.view(), &placement(place))
            .unwrap()
            .placement;
        let found = [
            gradient.position_angle,
            gradient.ra_offset,
            gradient.dec_offset,
        ];
        for which in 0..3 {
            let at = |step: f64| {
                let mut moved = place;
                moved[which] += step;
                plan.chi2_image(image.view(), &placement(moved)).unwrap()
            };
            // Fourth order: phases turn by some 400 rad a radian, so the error is (400 h)⁴/30 and
            // rounding 1e-11/(400 h).
            let h = 1e-5;
            let truth = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
            assert!(
                (found[which] / truth - 1.0).abs() < 1e-6,
                "{divide_by_n} {beam} {which}: {} {truth}",
                found[which]
            );
        }
    }
}

#[test]
fn dirty_image_of_a_deep_point_source_peaks_at_its_flux() {
    let grid = grids()[1];
    let mut table = table(&grid, 300);
    let mut image = Array2::zeros((31, 26));
    image[[3, 20]] = 2.0;
    let placement = Placement::default();
    let coverage = UvCoverage::from(&table);
    table.value = truth(&image, &grid, &coverage, &placement, false);
    for method in [ImageMethod::Direct, ImageMethod::Exact { rel_error: 1e-11 }] {
        let plan = VisibilityPlan::<f64>::builder(&table, grid)
            .image_method(method)
            .w_term(WTerm::default())
            .build()
            .unwrap();
        let dirty = plan.dirty_image(ImagingWeights::Natural).unwrap();
        assert!((dirty[[3, 20]] - 2.0).abs() < 1e-9);
        assert!(dirty.iter().all(|&x| x < 2.0 + 1e-9));
    }
}

#[test]
fn profiles_take_the_image_path() {
    let grid = ImageGrid::square(64, 1e-3);
    let table = table(&grid, 100);
    let (radii, profile) = scene::ring_profile(&grid);
    let plan = VisibilityPlan::<f64>::builder(&table, grid)
        .radii(radii)
        .w_term(WTerm { divide_by_n: true })
        .build()
        .unwrap();
    assert!(matches!(plan.profile_method(), ProfileMethod::Image(_)));
    assert_eq!(plan.w_term(), Some(WTerm { divide_by_n: true }));
    let orientation = Orientation {
        inclination_rad: 0.5,
        position_angle_rad: 0.3,
        ra_offset_rad: 0.01,
        dec_offset_rad: -0.005,
    };
    let image = astro_visibility::sweep(&profile, &radii, &grid, 0.5).unwrap();
    let coverage = UvCoverage::from(&table);
    let truth = truth(&image, &grid, &coverage, &orientation.placement(), true);
    let found = plan.sample_profile(&profile, &orientation).unwrap();
    assert!(scene::distance(&found, &truth, flux(&image)) < 1e-10);
    let gradient = plan.chi2_profile_gradient(&profile, &orientation).unwrap();
    let at = |x: f64| {
        let mut profile = profile.clone();
        profile[300] += x;
        plan.chi2_profile(&profile, &orientation).unwrap()
    };
    // χ² is quadratic in a value of the profile.
    let truth = (at(1e12) - at(-1e12)) / 2e12;
    let scale = gradient.profile.iter().fold(0.0f64, |m, g| m.max(g.abs()));
    assert!((gradient.profile[300] - truth).abs() < 1e-6 * scale);
}

#[test]
fn threads_change_no_bit() {
    let grid = grids()[2];
    let table = table(&grid, 700);
    let image = scene::image(&grid);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| {
            let plan = VisibilityPlan::<f64>::builder(&table, grid)
                .w_term(WTerm::default())
                .build()
                .unwrap();
            let values = plan.sample_image(image.view(), &PLACEMENTS[1]).unwrap();
            let gradient = plan.chi2_image_gradient(image.view(), &PLACEMENTS[1]);
            (values, gradient.unwrap().image)
        })
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn points_that_share_one_w_and_a_field_without_depth_work() {
    let placement = Placement::default();
    for grid in [ImageGrid::square(1, 1e-3), ImageGrid::square(6, 1e-9)] {
        let mut coverage = UvCoverage::new(vec![30.0, -20.0], vec![10.0, 50.0]).unwrap();
        coverage.w = vec![3000.0, -3000.0];
        let image = scene::image(&grid);
        let truth = truth(&image, &grid, &coverage, &placement, false);
        let plan = plan_for(&coverage, grid, ImageMethod::default(), false);
        let found = plan.sample_image(image.view(), &placement).unwrap();
        assert!(scene::distance(&found, &truth, flux(&image)) < 1e-10);
    }
}

#[test]
fn what_cannot_be_done_is_said() {
    let grid = ImageGrid::square(16, 1e-3);
    let without_w = UvCoverage::new(vec![10.0], vec![5.0]).unwrap();
    let build = |coverage: &UvCoverage, method| {
        VisibilityPlan::<f64>::builder_for_coverage(coverage, grid)
            .image_method(method)
            .w_term(WTerm::default())
            .build()
    };
    assert!(matches!(
        build(&without_w, ImageMethod::default()),
        Err(Error::NoW)
    ));
    let mut coverage = without_w;
    coverage.w = vec![100.0];
    for method in [ImageMethod::Bilinear, ImageMethod::Galario] {
        let error = build(&coverage, method).unwrap_err().to_string();
        assert!(
            error.contains("w-term") && error.contains("ImageMethod::Exact"),
            "{error}"
        );
    }
    for (rel_error, name) in [(1e-16, "1e-16"), (0.5, "5e-1")] {
        let error = build(&coverage, ImageMethod::Exact { rel_error }).unwrap_err();
        let Error::Transform(inner) = error else {
            panic!("{error}");
        };
        assert!(inner.to_string().contains(name), "{inner}");
    }
    let plan = build(&coverage, ImageMethod::default()).unwrap();
    let far = Placement {
        dec_offset_rad: -0.996,
        ..Placement::default()
    };
    let image = Array2::zeros((16, 16));
    let error = plan.sample_image(image.view(), &far).unwrap_err();
    assert!(
        matches!(error, Error::BeyondHorizon { row: 15, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("smaller offset"), "{error}");
    let mut bad = image;
    bad[[1, 2]] = f64::NAN;
    let error = plan.sample_image(bad.view(), &Placement::default());
    assert!(error.unwrap_err().to_string().starts_with("image[18] is "));
}
