//! Every method against the definition: a sum over pixels written out here.

use std::f64::consts::TAU;

use astro_fft::ProfileGrid;
use astro_visibility::{
    AnalyticSource, ImageGrid, ImageMethod, Orientation, Origin, Placement, PrimaryBeam,
    ProfileMethod, SamplingRule, SourceShape, VisibilityPlan, apply_phase, chi2_image, reduce_chi2,
    rotate_uv, sample_half_plane, sample_image, sample_profile, sweep,
};
use ndarray::Array2;
use num_complex::Complex64;

use crate::scene;

const PLACEMENT: Placement = Placement {
    position_angle_rad: 0.7,
    ra_offset_rad: 3.3e-7,
    dec_offset_rad: -5.1e-7,
};

fn grids() -> Vec<ImageGrid> {
    let square = ImageGrid::square(32, 1e-7);
    vec![
        square,
        square.with_origin(Origin::Lower),
        ImageGrid {
            rows: 31,
            columns: 45,
            ..square
        },
        ImageGrid {
            rows: 24,
            columns: 37,
            pixel_width_rad: 0.7e-7,
            ..square
        },
        ImageGrid {
            rows: 29,
            columns: 20,
            pixel_height_rad: 1.3e-7,
            ..square
        }
        .with_origin(Origin::Lower),
    ]
}

/// `e^{2πi(u ΔRA + v ΔDec)} Σ I e^{2πi(u′l + v′m)}` with every phase from the standard library.
fn by_definition(
    image: &Array2<f64>,
    grid: &ImageGrid,
    placement: &Placement,
    u: f64,
    v: f64,
) -> Complex64 {
    let (sin, cos) = placement.position_angle_rad.sin_cos();
    let (ur, vr) = (u * cos - v * sin, u * sin + v * cos);
    let sign = if grid.origin == Origin::Upper {
        1.0
    } else {
        -1.0
    };
    let sum: Complex64 = image
        .indexed_iter()
        .map(|((i, j), &pixel)| {
            let l = ((grid.columns / 2) as f64 - j as f64) * grid.pixel_width_rad;
            let m = sign * ((grid.rows / 2) as f64 - i as f64) * grid.pixel_height_rad;
            Complex64::from_polar(pixel, TAU * (ur * l + vr * m))
        })
        .sum();
    let turn = u * placement.ra_offset_rad + v * placement.dec_offset_rad;
    sum * Complex64::from_polar(1.0, TAU * turn)
}

/// Both methods that promise the pixel sum keep it, on every kind of grid.
#[test]
fn direct_and_exact_are_the_definition() {
    for grid in grids() {
        // 0.7 of Nyquist, so that the rotated points stay inside.
        let coverage = scene::coverage(&grid, 60, 0.65);
        let image = scene::image(&grid);
        let flux: f64 = image.iter().map(|x| x.abs()).sum();
        let truth: Vec<Complex64> = (0..coverage.len())
            .map(|k| by_definition(&image, &grid, &PLACEMENT, coverage.u[k], coverage.v[k]))
            .collect();
        for (method, tolerance) in [
            // Rounding of ~10³ terms.
            (ImageMethod::Direct, 1e-14),
            (ImageMethod::Exact { rel_error: 1e-12 }, 1e-12),
            (ImageMethod::Exact { rel_error: 1e-10 }, 1e-10),
            (ImageMethod::Exact { rel_error: 1e-4 }, 1e-4),
        ] {
            let got = sample_image(image.view(), &grid, &coverage, &PLACEMENT, method).unwrap();
            let error = scene::distance(&got, &truth, flux);
            assert!(error <= tolerance, "{method:?} on {grid:?}: {error:e}");
        }
    }
}

/// The grid methods equal their rule applied to the centred, shifted transform of the image.
#[test]
fn grid_methods_follow_their_rule() {
    for grid in grids().into_iter().filter(|g| g.rows == g.columns) {
        let coverage = scene::coverage(&grid, 60, 0.6);
        let image = scene::image(&grid);
        let flux: f64 = image.iter().map(|x| x.abs()).sum();
        let (cell, n) = (grid.uv_cell().0, grid.rows);
        let upper = grid.with_origin(Origin::Upper);
        let half_plane = Array2::from_shape_fn((n, n / 2 + 1), |(i, j)| {
            let v = (i as f64 - (n / 2) as f64) * cell;
            by_definition(&image, &upper, &Placement::default(), j as f64 * cell, v)
        });
        for (method, rule) in [
            (ImageMethod::Bilinear, SamplingRule::Bilinear),
            (ImageMethod::Galario, SamplingRule::AmplitudePhase),
        ] {
            let (u, v) = rotate_uv(PLACEMENT.position_angle_rad, &coverage.u, &coverage.v).unwrap();
            let mut truth =
                sample_half_plane(half_plane.view(), cell, &u, &v, grid.origin, rule).unwrap();
            let Placement {
                ra_offset_rad,
                dec_offset_rad,
                ..
            } = PLACEMENT;
            apply_phase(
                ra_offset_rad,
                dec_offset_rad,
                &coverage.u,
                &coverage.v,
                &mut truth,
            )
            .unwrap();
            let got = sample_image(image.view(), &grid, &coverage, &PLACEMENT, method).unwrap();
            let error = scene::distance(&got, &truth, flux);
            assert!(error <= 1e-13, "{method:?} on {grid:?}: {error:e}");
        }
    }
}

/// On grid nodes every interpolation returns the transform itself, also for odd and rectangular grids.
#[test]
fn grid_methods_are_exact_on_nodes() {
    for grid in grids() {
        let (u_cell, v_cell) = grid.uv_cell();
        let (half_rows, half_columns) = ((grid.rows as i32 - 1) / 2, (grid.columns as i32 - 1) / 2);
        let nodes = [
            (0, 0),
            (1, -1),
            (-3, 5),
            (half_columns, half_rows),
            (-half_columns, half_rows),
            (half_columns, -half_rows),
        ];
        // A hair inside the outermost node, so that rounding keeps to the grid.
        let shrink = 1.0 - 1e-13;
        let (u, v) = nodes
            .iter()
            .map(|&(a, b)| {
                (
                    f64::from(a) * u_cell * shrink,
                    f64::from(b) * v_cell * shrink,
                )
            })
            .unzip();
        let coverage = astro_visibility::UvCoverage::new(u, v).unwrap();
        let image = scene::image(&grid);
        let flux: f64 = image.iter().map(|x| x.abs()).sum();
        let placement = Placement::default();
        let truth = sample_image(
            image.view(),
            &grid,
            &coverage,
            &placement,
            ImageMethod::Direct,
        )
        .unwrap();
        for method in [ImageMethod::Bilinear, ImageMethod::Galario] {
            let got = sample_image(image.view(), &grid, &coverage, &placement, method).unwrap();
            // 1e-13 of a cell off the node costs up to half a row of phases, ~1e-11.
            assert!(
                scene::distance(&got, &truth, flux) < 1e-10,
                "{method:?} on {grid:?}"
            );
        }
    }
}

/// Points at the Nyquist edge read corners that the half-plane holds only as mirror images.
#[test]
fn bilinear_reaches_the_edge_of_the_grid() {
    for grid in [ImageGrid::square(16, 1e-7), ImageGrid::square(17, 1e-7)] {
        let (limit, _) = grid.nyquist();
        let coverage = astro_visibility::UvCoverage::new(
            vec![limit, -limit, 0.999 * limit, 0.3 * limit],
            vec![0.2 * limit, limit, -0.999 * limit, -limit],
        )
        .unwrap();
        let mut image = Array2::zeros((grid.rows, grid.columns));
        image[[grid.rows / 2, grid.columns / 2]] = 1.0;
        let got = sample_image(
            image.view(),
            &grid,
            &coverage,
            &Placement::default(),
            ImageMethod::Bilinear,
        )
        .unwrap();
        // A central point source is 1 everywhere, which bilinear sampling keeps.
        assert!(
            got.iter().all(|z: &Complex64| (z - 1.0).norm() < 1e-14),
            "{got:?}"
        );
    }
}

/// The Hankel path is the analytic transform; the image path converges to it.
#[test]
fn hankel_matches_the_image_of_a_resolved_profile() {
    let grid = ImageGrid::square(256, 1e-7);
    let coverage = scene::coverage(&grid, 200, 0.1);
    let (radii, profile) = scene::ring_profile(&grid);
    let orientation = Orientation {
        inclination_rad: 0.8,
        position_angle_rad: 0.7,
        ra_offset_rad: 3.3e-7,
        dec_offset_rad: -5.1e-7,
    };
    let sample =
        |method| sample_profile(&profile, &radii, &grid, &coverage, &orientation, method).unwrap();
    let hankel = sample(ProfileMethod::default());
    let image = sample(ProfileMethod::Image(ImageMethod::default()));
    let flux = sweep(&profile, &radii, &grid, 0.8).unwrap().sum();
    // The profile falls to 1e-20 before the edge and the pixel is a sixth of its width, so the
    // pixel sum converges spectrally; the central pixel's mean is what is left.
    let error = scene::distance(&hankel, &image, flux);
    assert!(error < 1e-4, "{error:e}");
    // At zero spacing the visibility is the flux of the inclined disc.
    assert!((hankel[0].re / flux - 1.0).abs() < 1e-4);
}

/// Rings with sharp edges, inclined and placed: profiles of two values an edge, against closed forms.
#[test]
fn jumps_in_a_profile_are_exact() {
    let grid = ImageGrid::square(64, 1e-7);
    let coverage = scene::coverage(&grid, 300, 0.9);
    let edges = [4e-7, 9e-7, 1.6e-6];
    let heights = [3e12, -1e12];
    let radii = ProfileGrid::from_segments(&edges).unwrap();
    let profile: Vec<f64> = heights.iter().flat_map(|&h| [h, h]).collect();
    let orientation = Orientation {
        inclination_rad: 0.9,
        position_angle_rad: 0.7,
        ra_offset_rad: 3.3e-7,
        dec_offset_rad: -5.1e-7,
    };
    let mut truth = vec![Complex64::new(0.0, 0.0); 300];
    let mut flux = 0.0;
    for (pair, height) in edges.windows(2).zip(heights) {
        let shape = SourceShape::Annulus {
            inner_radius_rad: pair[0],
            outer_radius_rad: pair[1],
        };
        let area = std::f64::consts::PI * (pair[1].powi(2) - pair[0].powi(2));
        let jansky = height * area * 0.9f64.cos();
        flux += jansky.abs();
        let ring = AnalyticSource::new(shape, jansky)
            .elliptical(0.9f64.cos(), 0.7)
            .at(3.3e-7, -5.1e-7);
        for (z, (&u, &v)) in truth.iter_mut().zip(coverage.u.iter().zip(&coverage.v)) {
            *z += ring.visibility(u, v);
        }
    }
    let plan = VisibilityPlan::<f64>::builder_for_coverage(&coverage, grid)
        .radii(radii)
        .build()
        .unwrap();
    let found = plan.sample_profile(&profile, &orientation).unwrap();
    // The default asks for 1e-10.
    assert!(scene::distance(&found, &truth, flux) < 1e-10);
}

/// Images, placements and profiles in one call are the same as one by one.
#[test]
fn batches_are_their_members() {
    let grid = ImageGrid::square(16, 1e-7);
    let table = scene::table(&scene::coverage(&grid, 100, 0.6));
    let image = scene::image(&grid);
    let other = image.mapv(|x| 1.0 - x);
    let plan = VisibilityPlan::<f64>::builder(&table, grid)
        .build()
        .unwrap();
    let models = [
        (image.view(), Placement::default()),
        (image.view(), PLACEMENT),
        (other.view(), PLACEMENT),
    ];
    let found = plan.chi2_images(&models).unwrap();
    for ((image, placement), found) in models.iter().zip(found) {
        assert_eq!(plan.chi2_image(image.view(), placement).unwrap(), found);
    }
    let wrong = Array2::zeros((16, 15));
    assert!(plan.chi2_images(&[(wrong.view(), PLACEMENT)]).is_err());
}

#[test]
fn chi2_is_the_weighted_distance_for_every_method() {
    let grid = ImageGrid::square(32, 1e-7);
    let coverage = scene::coverage(&grid, 300, 0.65);
    let mut table = scene::table(&coverage);
    table.weight[7] = 0.0;
    table.value[7] = Complex64::new(f64::NAN, 0.0);
    let image = scene::image(&grid);
    for method in [
        ImageMethod::Direct,
        ImageMethod::default(),
        ImageMethod::Bilinear,
        ImageMethod::Galario,
    ] {
        let model = sample_image(image.view(), &grid, &coverage, &PLACEMENT, method).unwrap();
        let truth = reduce_chi2(&table.value, &table.weight, &model).unwrap();
        let got = chi2_image(image.view(), &grid, &table, &PLACEMENT, method).unwrap();
        assert!(
            (got / truth - 1.0).abs() < 1e-13,
            "{method:?}: {got} {truth}"
        );
    }
}

#[test]
fn single_precision_agrees_with_double() {
    let grid = ImageGrid::square(64, 1e-7);
    let coverage = scene::coverage(&grid, 200, 0.65);
    let image = scene::image(&grid);
    let narrow = image.mapv(|x| x as f32);
    let flux: f64 = image.iter().map(|x| x.abs()).sum();
    for method in [
        ImageMethod::Exact { rel_error: 1e-5 },
        ImageMethod::Bilinear,
        ImageMethod::Galario,
    ] {
        let double = sample_image(image.view(), &grid, &coverage, &PLACEMENT, method).unwrap();
        let single: Vec<Complex64> =
            sample_image(narrow.view(), &grid, &coverage, &PLACEMENT, method)
                .unwrap()
                .iter()
                .map(|z: &num_complex::Complex32| Complex64::new(z.re.into(), z.im.into()))
                .collect();
        let error = scene::distance(&single, &double, flux);
        assert!(error < 2e-5, "{method:?}: {error:e}");
    }
}

#[test]
fn results_do_not_depend_on_threads_or_order() {
    let grid = ImageGrid::square(64, 1e-7);
    let coverage = scene::coverage(&grid, 30_000, 0.65);
    let table = scene::table(&coverage);
    let image = scene::image(&grid);
    let (radii, profile) = scene::ring_profile(&grid);
    let orientation = Orientation {
        inclination_rad: 0.5,
        ..Default::default()
    };
    let mut order: Vec<usize> = (0..table.len()).collect();
    order.sort_by_key(|k| k.wrapping_mul(2_654_435_761) % 1_000_003);
    let mut shuffled = table.clone();
    for (to, &from) in order.iter().enumerate() {
        shuffled.u[to] = table.u[from];
        shuffled.v[to] = table.v[from];
        shuffled.value[to] = table.value[from];
        shuffled.weight[to] = table.weight[from];
    }
    for method in [
        ImageMethod::default(),
        ImageMethod::Galario,
        ImageMethod::Bilinear,
    ] {
        let run = |table: &astro_core::UvTable, threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| {
                let plan = VisibilityPlan::<f64>::builder(table, grid)
                    .image_method(method)
                    .radii(radii)
                    .build()
                    .unwrap();
                (
                    plan.chi2_image(image.view(), &PLACEMENT).unwrap(),
                    plan.chi2_profile(&profile, &orientation).unwrap(),
                )
            })
        };
        let one = run(&table, 1);
        assert_eq!(one, run(&table, 3), "{method:?}");
        let other = run(&shuffled, 2);
        assert!((other.0 / one.0 - 1.0).abs() < 1e-13, "{method:?}");
        assert!((other.1 / one.1 - 1.0).abs() < 1e-13, "{method:?}");
    }
}

/// A beam multiplies the image where its pixels end up on the sky, for every method.
#[test]
fn a_primary_beam_attenuates_the_placed_image() {
    let grid = ImageGrid {
        rows: 31,
        columns: 24,
        ..ImageGrid::square(1, 1e-7)
    };
    let coverage = scene::coverage(&grid, 50, 0.6);
    let image = scene::image(&grid);
    let beam = PrimaryBeam::airy(12.0, 0.75, 4e-5).unwrap();
    let seen = &image * &beam.over_image(&grid, &PLACEMENT).unwrap();
    assert!(seen.sum() < 0.8 * image.sum());
    for method in [
        ImageMethod::default(),
        ImageMethod::Direct,
        ImageMethod::Galario,
    ] {
        let truth = sample_image(seen.view(), &grid, &coverage, &PLACEMENT, method).unwrap();
        let got = VisibilityPlan::<f64>::builder_for_coverage(&coverage, grid)
            .image_method(method)
            .primary_beam(beam.clone())
            .build()
            .unwrap()
            .sample_image(image.view(), &PLACEMENT)
            .unwrap();
        assert!(
            scene::distance(&got, &truth, image.sum()) < 1e-13,
            "{method:?}"
        );
    }
}

/// Plans without a choice of methods, in either precision: `f32` cannot hold the error that `f64` takes.
#[test]
fn default_methods_suit_the_precision() {
    let grid = ImageGrid::square(32, 1e-7);
    let coverage = scene::coverage(&grid, 50, 0.5);
    let image = scene::image(&grid);
    let flux: f64 = image.iter().map(|x| x.abs()).sum();
    let (radii, profile) = scene::ring_profile(&grid);
    let total: f64 = sweep(&profile, &radii, &grid, 0.0).unwrap().iter().sum();
    let single = VisibilityPlan::<f32>::builder_for_coverage(&coverage, grid);
    let single = single.radii(radii).build().unwrap();
    let double = VisibilityPlan::<f64>::builder_for_coverage(&coverage, grid);
    let double = double.radii(radii).build().unwrap();
    assert_eq!(
        single.image_method(),
        ImageMethod::Exact { rel_error: 1e-5 }
    );
    assert_eq!(double.image_method(), ImageMethod::default());

    let narrow = image.mapv(|x| x as f32);
    let found = single.sample_image(narrow.view(), &PLACEMENT).unwrap();
    let truth = double.sample_image(image.view(), &PLACEMENT).unwrap();
    for (a, b) in found.iter().zip(&truth) {
        let a = Complex64::new(a.re.into(), a.im.into());
        assert!((a - b).norm() <= 1e-5 * flux);
    }
    let orientation = Orientation::default();
    let narrow: Vec<f32> = profile.iter().map(|&x| x as f32).collect();
    let found = single.sample_profile(&narrow, &orientation).unwrap();
    let truth = double.sample_profile(&profile, &orientation).unwrap();
    for (a, b) in found.iter().zip(&truth) {
        let a = Complex64::new(a.re.into(), a.im.into());
        // The profile itself is rounded.
        assert!((a - b).norm() <= 1e-6 * total);
    }
}
