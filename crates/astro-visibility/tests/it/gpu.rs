//! Parity: plans on a GPU against the same plans on the CPU in `f64`, in every precision.

use astro_core::Real;
use astro_fft::FftReal;
use astro_gpu::testing::{device, on_every_precision, with_precision};
use astro_gpu::{Gpu, GpuOptions, GpuPrecision, Precision};
use astro_visibility::{
    BeamInterpolation, Error, ImageGrid, ImageMethod, Orientation, Origin, Placement, PrimaryBeam,
    ProfileMethod, VisibilityPlan, WTerm,
};
use ndarray::Array2;
use num_complex::{Complex, Complex64};

use crate::scene;

/// What a precision must reach. All but the last are relative to `Σ|I|`.
struct Tolerance {
    /// The error asked of `Exact`.
    exact: f64,
    /// `Bilinear`: eight roundings a stage of an FFT of 2¹² to 2¹⁶ pixels, and of the weights.
    grid: f64,
    /// `Hankel` beyond the error of its table: polynomials of degree 7, and the radius to 2⁻¹⁷ of an interval
    /// where it is fixed point.
    hankel: f64,
    /// Drawing: the place between two radii, to the roundings of a radius of 1700 steps, times the largest
    /// change of brightness from one radius to the next, of all pixels.
    drawn: f64,
    /// Gradients, relative to their largest element: the error of `Exact` there and back, 10 or 25 times, for
    /// most elements are much smaller than the sums of which they are made.
    gradient: f64,
}

fn tolerance(precision: Precision) -> Tolerance {
    match precision {
        Precision::F32 => Tolerance {
            exact: 2e-5,
            grid: 1e-6,
            hankel: 3e-6,
            drawn: 1e-5,
            gradient: 5e-4,
        },
        Precision::Extended => Tolerance {
            exact: 1e-10,
            grid: 1e-11,
            hankel: 1e-11,
            drawn: 1e-10,
            gradient: 1e-9,
        },
        Precision::F64 => Tolerance {
            exact: 1e-11,
            grid: 1e-14,
            hankel: 1e-13,
            drawn: 1e-13,
            gradient: 1e-10,
        },
    }
}

fn grids() -> [ImageGrid; 3] {
    [
        ImageGrid {
            rows: 48,
            columns: 64,
            ..ImageGrid::square(1, 2e-8)
        },
        ImageGrid {
            rows: 33,
            columns: 45,
            pixel_height_rad: 3e-8,
            ..ImageGrid::square(1, 2e-8)
        }
        .with_origin(Origin::Lower),
        ImageGrid {
            rows: 22,
            columns: 90,
            ..ImageGrid::square(1, 2e-8)
        },
    ]
}

fn placements() -> [Placement; 3] {
    let moved = |pa: f64| Placement {
        position_angle_rad: pa,
        ra_offset_rad: 3.3e-7,
        dec_offset_rad: -1.7e-6,
    };
    [Placement::default(), moved(0.6), moved(-2.9)]
}

fn in_f64<T: Real>(values: &[Complex<T>]) -> Vec<Complex64> {
    values
        .iter()
        .map(|z| Complex64::new(z.re.as_f64(), z.im.as_f64()))
        .collect()
}

/// `|Δχ²|` of models that differ by at most `error`, by Cauchy and Schwarz.
fn chi2_bound(chi2: f64, weights: &[f64], error: f64) -> f64 {
    let model = weights.iter().sum::<f64>() * error * error;
    2.0 * (chi2 * model).sqrt() + model
}

fn images<T: FftReal>(gpu: &Gpu, precision: Precision) {
    let tolerance = tolerance(precision);
    for grid in grids() {
        let coverage = scene::coverage(&grid, 700, 0.5);
        let table = scene::table(&coverage);
        // The same numbers on both sides.
        let image: Array2<T> = scene::image(&grid).mapv(T::from_f64_rounded);
        let wide = image.mapv(|x| x.as_f64());
        let flux: f64 = wide.iter().map(|x| x.abs()).sum();
        let exact = ImageMethod::Exact {
            rel_error: tolerance.exact,
        };
        let beam = PrimaryBeam::gaussian(8e-7).unwrap();
        let methods = [
            (ImageMethod::Bilinear, tolerance.grid),
            (ImageMethod::Galario, tolerance.grid),
            (exact, 2.0 * tolerance.exact),
        ];
        for ((method, allowed), beam) in methods
            .into_iter()
            .flat_map(|m| [(m, None), (m, Some(&beam))])
        {
            let mut cpu = VisibilityPlan::<f64>::builder(&table, grid).image_method(method);
            let mut on_gpu = VisibilityPlan::<T>::builder(&table, grid).image_method(method);
            let mut mean =
                VisibilityPlan::<f64>::builder(&table, grid).image_method(ImageMethod::Bilinear);
            if let Some(beam) = beam {
                cpu = cpu.primary_beam(beam.clone());
                on_gpu = on_gpu.primary_beam(beam.clone());
                mean = mean.primary_beam(beam.clone());
            }
            let (cpu, on_gpu) = (cpu.build().unwrap(), on_gpu.build_on(gpu).unwrap());
            let mean = mean.build().unwrap();
            let report = on_gpu.gpu_report().unwrap();
            assert_eq!(report.precision, precision);
            for placement in placements() {
                let name = format!(
                    "{precision}, {method:?}, beam {}, {placement:?}, {grid:?}",
                    beam.is_some()
                );
                let truth = cpu.sample_image(wide.view(), &placement).unwrap();
                let found = in_f64(&on_gpu.sample_image(image.view(), &placement).unwrap());
                // The phase of a mean that nearly cancels is rounding: what is left is its amplitude.
                let means = mean.sample_image(wide.view(), &placement).unwrap();
                let mut largest = 0.0f64;
                for k in 0..truth.len() {
                    let turn = if method == ImageMethod::Galario {
                        truth[k].norm() / means[k].norm().max(1e-300)
                    } else {
                        1.0
                    };
                    let error = (found[k] - truth[k]).norm() / flux;
                    assert!(
                        error <= allowed * turn.clamp(1.0, 1e6),
                        "{name}, point {k}: {error:e} > {allowed:e} · {turn:e}"
                    );
                    largest = largest.max(error);
                }
                if method != ImageMethod::Galario {
                    // What the plan promises, of both sides.
                    assert!(largest <= 2.0 * report.error_bound, "{name}: {largest:e}");
                }
                let chi2 = on_gpu.chi2_image(image.view(), &placement).unwrap();
                let true_chi2 = cpu.chi2_image(wide.view(), &placement).unwrap();
                let bound = chi2_bound(true_chi2, &table.weight, largest.max(allowed) * flux)
                    + 40.0 * precision.unit_roundoff() * true_chi2;
                assert!(
                    (chi2 - true_chi2).abs() <= bound,
                    "{name}: {chi2} against {true_chi2}, allowed {bound:e}"
                );
            }
        }
    }
}

fn profiles<T: FftReal>(gpu: &Gpu, precision: Precision) {
    let tolerance = tolerance(precision);
    let grid = ImageGrid {
        rows: 70,
        columns: 64,
        ..ImageGrid::square(1, 2e-8)
    };
    let coverage = scene::coverage(&grid, 600, 0.6);
    let table = scene::table(&coverage);
    let (radii, profile) = scene::ring_profile(&grid);
    // A flux near that of the data, so that χ² depends on it.
    let profile: Vec<T> = profile
        .into_iter()
        .map(|x| T::from_f64_rounded(x * 1e-1))
        .collect();
    let wide: Vec<f64> = profile.iter().map(|x| x.as_f64()).collect();
    let flux: f64 = astro_visibility::sweep(&wide, &radii, &grid, 0.0)
        .unwrap()
        .iter()
        .map(|x| x.abs())
        .sum();
    let orientations = [0.0, 0.7, 1.5].map(|inclination_rad| Orientation {
        inclination_rad,
        position_angle_rad: 1.1 * inclination_rad,
        ra_offset_rad: 2e-7 * inclination_rad,
        dec_offset_rad: -4e-7 * inclination_rad,
    });
    let exact = ImageMethod::Exact {
        rel_error: tolerance.exact,
    };
    let hankel_error = tolerance.exact.max(1e-12);
    let methods = [
        (
            ProfileMethod::Image(ImageMethod::Bilinear),
            tolerance.grid + tolerance.drawn,
        ),
        (
            ProfileMethod::Image(exact),
            2.0 * tolerance.exact + tolerance.drawn,
        ),
        (
            ProfileMethod::Hankel {
                rel_error: hankel_error,
            },
            hankel_error + tolerance.hankel,
        ),
    ];
    for (method, allowed) in methods {
        let cpu = VisibilityPlan::<f64>::builder(&table, grid)
            .profile_method(method)
            .radii(radii)
            .build()
            .unwrap();
        let on_gpu = VisibilityPlan::<T>::builder(&table, grid)
            .image_method(exact)
            .profile_method(method)
            .radii(radii)
            .build_on(gpu)
            .unwrap();
        let mut models = Vec::new();
        for orientation in orientations {
            let name = format!("{precision}, {method:?}, {orientation:?}");
            let truth = cpu.sample_profile(&wide, &orientation).unwrap();
            let found = in_f64(&on_gpu.sample_profile(&profile, &orientation).unwrap());
            let error = scene::distance(&found, &truth, flux);
            assert!(error <= allowed, "{name}: {error:e} > {allowed:e}");
            let chi2 = on_gpu.chi2_profile(&profile, &orientation).unwrap();
            let true_chi2 = cpu.chi2_profile(&wide, &orientation).unwrap();
            let bound = chi2_bound(true_chi2, &table.weight, allowed * flux)
                + 40.0 * precision.unit_roundoff() * true_chi2;
            assert!(
                (chi2 - true_chi2).abs() <= bound,
                "{name}: {chi2} against {true_chi2}, allowed {bound:e}"
            );
            models.push((profile.clone(), orientation, chi2));
        }
        // A batch gives the same bits as its models one by one.
        let batch: Vec<_> = models
            .iter()
            .cycle()
            .take(7)
            .map(|(p, o, _)| (p, *o))
            .collect();
        let singly: Vec<f64> = models
            .iter()
            .cycle()
            .take(7)
            .map(|(_, _, chi2)| *chi2)
            .collect();
        assert_eq!(
            on_gpu.chi2_profiles(&batch).unwrap(),
            singly,
            "{precision}, {method:?}"
        );
    }
}

/// The largest that a derivative by an angle can be, by Cauchy and Schwarz: that a flux F moved by so many
/// turns of phase a radian changes χ² by `2 √(χ² Σw) F · 2π turns`.
fn steepest(chi2: f64, weights: &[f64], flux: f64, turns: f64) -> f64 {
    let pull = (chi2 * weights.iter().sum::<f64>()).sqrt();
    2.0 * pull * flux * std::f64::consts::TAU * turns
}

/// Requires two values to agree within `allowed` of `scale`, or a derivative within `allowed` of itself unless it is
/// next to nothing of the steepest that it could be.
fn assert_near(name: &str, found: f64, truth: f64, scale: f64, allowed: f64) {
    let error = (found - truth).abs() / scale.max(truth.abs());
    assert!(
        error <= allowed,
        "{name}: {found} against {truth}, {error:e} > {allowed:e}"
    );
}

fn image_gradients<T: FftReal>(gpu: &Gpu, precision: Precision) {
    let tolerance = tolerance(precision);
    let grid = ImageGrid {
        rows: 33,
        columns: 40,
        pixel_height_rad: 3e-8,
        ..ImageGrid::square(1, 2e-8)
    };
    let coverage = scene::coverage(&grid, 700, 0.5);
    let image: Array2<T> = scene::image(&grid).mapv(|x| T::from_f64_rounded(1e-3 * x));
    let wide = image.mapv(|x| x.as_f64());
    let flux: f64 = wide.iter().map(|x| x.abs()).sum();
    let method = ImageMethod::Exact {
        rel_error: tolerance.exact,
    };
    let field = grid.rows as f64 * grid.pixel_height_rad;
    for origin in [Origin::Upper, Origin::Lower] {
        let grid = grid.with_origin(origin);
        let mut table = scene::table(&coverage);
        // Not every point counts.
        table.weight[5] = 0.0;
        let cpu = VisibilityPlan::<f64>::builder(&table, grid)
            .image_method(method)
            .build()
            .unwrap();
        let on_gpu = VisibilityPlan::<T>::builder(&table, grid)
            .image_method(method)
            .build_on(gpu)
            .unwrap();
        for placement in placements() {
            let name = format!("{precision}, {placement:?}, {origin:?}");
            let truth = cpu.chi2_image_gradient(wide.view(), &placement).unwrap();
            let found = on_gpu
                .chi2_image_gradient(image.view(), &placement)
                .unwrap();
            let near = |what: &str, found, truth, scale| {
                let name = format!("{name}: {what}");
                assert_near(&name, found, truth, scale, tolerance.gradient);
            };
            near("χ²", found.chi2, truth.chi2, truth.chi2);
            let scale = truth.image.iter().fold(0.0f64, |a, x| a.max(x.abs()));
            for (found, truth) in found.image.iter().zip(&truth.image) {
                near("pixel", found.as_f64(), *truth, scale);
            }
            let longest = coverage.longest_baseline();
            let turns = [0.5 * field * longest, longest, longest];
            let [by_angle, by_ra, by_dec] =
                turns.map(|turns| 1e-4 * steepest(truth.chi2, &table.weight, flux, turns));
            let (found, truth) = (found.placement, truth.placement);
            near("PA", found.position_angle, truth.position_angle, by_angle);
            near("ΔRA", found.ra_offset, truth.ra_offset, by_ra);
            near("ΔDec", found.dec_offset, truth.dec_offset, by_dec);
            let again = on_gpu
                .chi2_image_gradient(image.view(), &placement)
                .unwrap();
            assert_eq!(again.placement, found, "{name}: not the same bits");
        }
    }
}

fn profile_gradients<T: FftReal>(gpu: &Gpu, precision: Precision) {
    let tolerance = tolerance(precision);
    // More than 256 rows, which a workgroup folds.
    for (rows, columns) in [(33, 40), (270, 64)] {
        let grid = ImageGrid {
            rows,
            columns,
            ..ImageGrid::square(1, 2e-8)
        };
        let coverage = scene::coverage(&grid, 600, 0.65);
        let table = scene::table(&coverage);
        let (radii, profile) = scene::ring_profile(&grid);
        let profile: Vec<T> = profile
            .into_iter()
            .map(|x| T::from_f64_rounded(0.1 * x))
            .collect();
        let wide: Vec<f64> = profile.iter().map(|x| x.as_f64()).collect();
        let swept = astro_visibility::sweep(&wide, &radii, &grid, 0.0).unwrap();
        let flux: f64 = swept.iter().map(|x| x.abs()).sum();
        let methods = [
            ProfileMethod::Hankel {
                rel_error: tolerance.exact.max(1e-12),
            },
            ProfileMethod::Image(ImageMethod::Exact {
                rel_error: tolerance.exact,
            }),
        ];
        for method in methods {
            let cpu = VisibilityPlan::<f64>::builder(&table, grid)
                .profile_method(method)
                .radii(radii)
                .build()
                .unwrap();
            let on_gpu = VisibilityPlan::<T>::builder(&table, grid)
                .profile_method(method)
                .radii(radii)
                .build_on(gpu)
                .unwrap();
            for inclination_rad in [0.0, 0.5, 1.2] {
                let orientation = Orientation {
                    inclination_rad,
                    position_angle_rad: 0.3 + inclination_rad,
                    ra_offset_rad: 1e-8 * inclination_rad,
                    dec_offset_rad: 2e-8 * inclination_rad,
                };
                let name = format!("{precision}, {method:?}, {orientation:?}, {rows} rows");
                let truth = cpu.chi2_profile_gradient(&wide, &orientation).unwrap();
                let found = on_gpu
                    .chi2_profile_gradient(&profile, &orientation)
                    .unwrap();
                let near = |what: &str, found, truth, scale| {
                    let name = format!("{name}: {what}");
                    assert_near(&name, found, truth, scale, tolerance.gradient);
                };
                near("χ²", found.chi2, truth.chi2, truth.chi2);
                let scale = truth.profile.iter().fold(0.0f64, |a, x| a.max(x.abs()));
                for (found, truth) in found.profile.iter().zip(&truth.profile) {
                    near("radius", found.as_f64(), *truth, scale);
                }
                let longest = coverage.longest_baseline();
                // The disc reaches 4/30 of the field from its centre.
                let extent = rows as f64 * grid.pixel_height_rad * 4.0 / 30.0;
                let by = |turns| 1e-4 * steepest(truth.chi2, &table.weight, flux, turns);
                let (angle, shift) = (by(extent * longest), by(longest));
                let (found, truth) = (found.orientation, truth.orientation);
                near("i", found.inclination, truth.inclination, angle);
                near("PA", found.position_angle, truth.position_angle, angle);
                near("ΔRA", found.ra_offset, truth.ra_offset, shift);
                near("ΔDec", found.dec_offset, truth.dec_offset, shift);
            }
        }
    }
}

/// Of every kind, and of an extent like that of the field; and how well differences of 10⁻³ pixels, which the CPU
/// takes for their slopes, tell these: less where the power has kinks and a pixel is at one.
fn beams() -> Vec<(&'static str, PrimaryBeam, f64)> {
    let gaussian = PrimaryBeam::gaussian(8e-7).unwrap();
    let map_grid = ImageGrid {
        rows: 61,
        columns: 80,
        pixel_height_rad: 9e-8,
        ..ImageGrid::square(1, 7e-8)
    };
    let map = |interpolation| {
        // Neither round nor centred.
        let power = Array2::from_shape_fn((61, 80), |(i, j)| {
            let (l, m) = (map_grid.east_rad(j) - 4e-8, map_grid.north_rad(i));
            gaussian.power(l, 0.7 * m + 2e-8)
        });
        PrimaryBeam::image(power, &map_grid, interpolation).unwrap()
    };
    let airy = PrimaryBeam::airy(12.0, 3.0, 4e-6).unwrap();
    let radii = [1e-7, 3e-7, 8e-7, 2e-6];
    let tabulated = PrimaryBeam::tabulated(&radii, &[1.0, 0.9, 0.4, 0.05]).unwrap();
    vec![
        ("Airy", airy.at_frequency_ratio(1.3).unwrap(), 1e-6),
        ("tabulated", tabulated, 1e-3),
        ("bilinear map", map(BeamInterpolation::Bilinear), 1e-3),
        ("cubic map", map(BeamInterpolation::Cubic), 1e-5),
        ("Gaussian", gaussian, 1e-6),
    ]
}

fn under_beams<T: FftReal>(gpu: &Gpu, precision: Precision) {
    let tolerance = tolerance(precision);
    let grid = ImageGrid {
        rows: 33,
        columns: 45,
        pixel_height_rad: 3e-8,
        ..ImageGrid::square(1, 2e-8)
    }
    .with_origin(Origin::Lower);
    let coverage = scene::coverage(&grid, 300, 0.5);
    let table = scene::table(&coverage);
    let image: Array2<T> = scene::image(&grid).mapv(|x| T::from_f64_rounded(1e-3 * x));
    let wide = image.mapv(|x| x.as_f64());
    let flux: f64 = wide.iter().map(|x| x.abs()).sum();
    let (radii, profile) = scene::ring_profile(&grid);
    let profile: Vec<T> = profile
        .into_iter()
        .map(|x| T::from_f64_rounded(0.1 * x))
        .collect();
    let wide_profile: Vec<f64> = profile.iter().map(|x| x.as_f64()).collect();
    let placement = Placement {
        position_angle_rad: 0.6,
        ra_offset_rad: 2.1e-7,
        dec_offset_rad: -3.3e-7,
    };
    let orientation = Orientation {
        inclination_rad: 0.7,
        position_angle_rad: 0.6,
        ra_offset_rad: 2.1e-7,
        dec_offset_rad: -3.3e-7,
    };
    let exact = ImageMethod::Exact {
        rel_error: tolerance.exact,
    };
    for (kind, beam, slopes) in beams() {
        let slopes = tolerance.gradient.max(slopes);
        let cpu = VisibilityPlan::<f64>::builder(&table, grid)
            .image_method(exact)
            .radii(radii)
            .primary_beam(beam.clone())
            .build()
            .unwrap();
        let on_gpu = VisibilityPlan::<T>::builder(&table, grid)
            .image_method(exact)
            .radii(radii)
            .primary_beam(beam.clone())
            .build_on(gpu)
            .unwrap();
        let name = format!("{precision}, {kind}");
        let truth = cpu.sample_image(wide.view(), &placement).unwrap();
        let found = in_f64(&on_gpu.sample_image(image.view(), &placement).unwrap());
        let error = scene::distance(&found, &truth, flux);
        // The beam's power is within rounding, or 1e-13 of the Airy table of the CPU.
        assert!(error <= 2.0 * tolerance.exact + 1e-13, "{name}: {error:e}");
        let truth = cpu.sample_profile(&wide_profile, &orientation).unwrap();
        let found = in_f64(&on_gpu.sample_profile(&profile, &orientation).unwrap());
        let swept = astro_visibility::sweep(&wide_profile, &radii, &grid, 0.0).unwrap();
        let error = scene::distance(&found, &truth, swept.iter().map(|x| x.abs()).sum());
        let allowed = 2.0 * tolerance.exact + tolerance.drawn + 1e-13;
        assert!(error <= allowed, "{name}, profile: {error:e}");

        let truth = cpu.chi2_image_gradient(wide.view(), &placement).unwrap();
        let found = on_gpu
            .chi2_image_gradient(image.view(), &placement)
            .unwrap();
        let near = |what: &str, found: f64, truth: f64, scale: f64, allowed: f64| {
            assert_near(&format!("{name}: {what}"), found, truth, scale, allowed);
        };
        near("χ²", found.chi2, truth.chi2, truth.chi2, tolerance.gradient);
        let scale = truth.image.iter().fold(0.0f64, |a, x| a.max(x.abs()));
        for (found, truth) in found.image.iter().zip(&truth.image) {
            near("pixel", found.as_f64(), *truth, scale, tolerance.gradient);
        }
        let longest = coverage.longest_baseline();
        let by = |turns| 1e-4 * steepest(truth.chi2, &table.weight, flux, turns);
        let (angle, shift) = (by(5e-7 * longest), by(longest));
        let (found, truth) = (found.placement, truth.placement);
        near(
            "PA",
            found.position_angle,
            truth.position_angle,
            angle,
            slopes,
        );
        near("ΔRA", found.ra_offset, truth.ra_offset, shift, slopes);
        near("ΔDec", found.dec_offset, truth.dec_offset, shift, slopes);

        let truth = cpu
            .chi2_profile_gradient(&wide_profile, &orientation)
            .unwrap();
        let found = on_gpu
            .chi2_profile_gradient(&profile, &orientation)
            .unwrap();
        let scale = truth.profile.iter().fold(0.0f64, |a, x| a.max(x.abs()));
        for (found, truth) in found.profile.iter().zip(&truth.profile) {
            near("radius", found.as_f64(), *truth, scale, tolerance.gradient);
        }
        let (found, truth) = (found.orientation, truth.orientation);
        near("i", found.inclination, truth.inclination, angle, slopes);
        near(
            "PA",
            found.position_angle,
            truth.position_angle,
            angle,
            slopes,
        );
        near("ΔRA", found.ra_offset, truth.ra_offset, shift, slopes);
        near("ΔDec", found.dec_offset, truth.dec_offset, shift, slopes);
    }
}

#[test]
fn primary_beams_on_the_gpu() {
    on_every_precision(under_beams::<f32>, under_beams::<f64>);
}

#[test]
fn images_on_the_gpu() {
    on_every_precision(images::<f32>, images::<f64>);
}

#[test]
fn profiles_on_the_gpu() {
    on_every_precision(profiles::<f32>, profiles::<f64>);
}

#[test]
fn image_gradients_on_the_gpu() {
    on_every_precision(image_gradients::<f32>, image_gradients::<f64>);
}

#[test]
fn profile_gradients_on_the_gpu() {
    on_every_precision(profile_gradients::<f32>, profile_gradients::<f64>);
}

/// f32 transforms lose nothing to the size: angles are integers, not rounded coordinates.
#[test]
fn f32_holds_at_larger_sizes() {
    with_precision(Precision::F32, |gpu| {
        let grid = ImageGrid::square(256, 1e-8);
        let table = scene::table(&scene::coverage(&grid, 300, 0.65));
        let image = scene::image(&grid);
        let narrow = image.mapv(|x| x as f32);
        let placement = Placement {
            position_angle_rad: 0.4,
            ra_offset_rad: 1.2e-6,
            dec_offset_rad: -9e-7,
        };
        let cpu = VisibilityPlan::<f64>::builder(&table, grid)
            .image_method(ImageMethod::Bilinear)
            .build()
            .unwrap();
        let on_gpu = VisibilityPlan::<f32>::builder(&table, grid)
            .image_method(ImageMethod::Bilinear)
            .build_on(gpu)
            .unwrap();
        let truth = cpu
            .sample_image(narrow.mapv(f64::from).view(), &placement)
            .unwrap();
        let found = in_f64(&on_gpu.sample_image(narrow.view(), &placement).unwrap());
        let error = scene::distance(&found, &truth, image.iter().map(|x| x.abs()).sum());
        assert!(error < 3e-7, "{error:e}");
    });
}

/// Where a kernel cannot see all rows of a transform at once they are handled in blocks, with the same bits: as on a
/// large grid, so on a small one with a device that is told so.
#[test]
fn rows_in_blocks_give_the_same_bits() {
    for precision in [GpuPrecision::F32, GpuPrecision::F64] {
        let open = |binding_bytes| {
            Gpu::open(&GpuOptions {
                precision,
                binding_bytes,
                ..GpuOptions::default()
            })
        };
        // A missing adapter, or one without f64, is told by the other tests.
        let Ok(whole) = open(None) else { return };
        let bytes = if precision == GpuPrecision::F32 { 4 } else { 8 };
        let grid = ImageGrid {
            rows: 520,
            columns: 256,
            ..ImageGrid::square(1, 1e-8)
        };
        // As many bytes as 300 rows of the image have; baselines so short that the half-plane fits.
        let limit = 300 * 256 * bytes;
        let table = scene::table(&scene::coverage(&grid, 200, 0.03));
        let (radii, profile) = scene::ring_profile(&grid);
        let image = scene::image(&grid);
        let placement = Placement {
            position_angle_rad: 0.4,
            ra_offset_rad: 1e-8,
            dec_offset_rad: -3e-8,
        };
        let orientation = Orientation {
            inclination_rad: 0.5,
            ..Orientation::default()
        };
        let exact = ImageMethod::Exact { rel_error: 1e-3 };
        let blocked = open(Some(limit)).unwrap();
        for method in [ImageMethod::Bilinear, exact] {
            for beam in [None, Some(PrimaryBeam::gaussian(1e-6).unwrap())] {
                let [one, other] = [&whole, &blocked].map(|gpu| {
                    let builder = VisibilityPlan::<f64>::builder(&table, grid)
                        .profile_method(ProfileMethod::Image(method))
                        .radii(radii);
                    let builder = match &beam {
                        Some(beam) => builder.primary_beam(beam.clone()),
                        None => builder,
                    };
                    builder.build_on(gpu).unwrap()
                });
                let values = |plan: &VisibilityPlan<f64>| {
                    (
                        plan.sample_image(image.view(), &placement).unwrap(),
                        plan.chi2_profile(&profile, &orientation).unwrap(),
                    )
                };
                assert_eq!(values(&one), values(&other), "{method:?}");
                if method == ImageMethod::Bilinear {
                    continue;
                }
                let gradients = |plan: &VisibilityPlan<f64>| {
                    let image = plan.chi2_image_gradient(image.view(), &placement).unwrap();
                    let profile = plan.chi2_profile_gradient(&profile, &orientation).unwrap();
                    (
                        image.image,
                        image.placement,
                        profile.profile,
                        profile.orientation,
                    )
                };
                assert_eq!(gradients(&one), gradients(&other), "{method:?}");
            }
        }
    }
}

#[test]
fn what_has_no_kernel_is_refused() {
    let Some(gpu) = device() else { return };
    let grid = ImageGrid::square(16, 1e-7);
    let mut table = scene::table(&scene::coverage(&grid, 20, 0.5));
    let direct = VisibilityPlan::<f64>::builder(&table, grid)
        .image_method(ImageMethod::Direct)
        .build_on(gpu);
    assert!(matches!(direct, Err(Error::Unsupported { .. })));
    table.w = vec![1.0; 20];
    let deep = VisibilityPlan::<f64>::builder(&table, grid)
        .w_term(WTerm::default())
        .build_on(gpu);
    assert!(matches!(deep, Err(Error::Unsupported { .. })));
    let too_fine = VisibilityPlan::<f32>::builder(&table, grid)
        .image_method(ImageMethod::Exact { rel_error: 1e-9 })
        .build_on(gpu);
    assert!(matches!(
        too_fine,
        Err(Error::Transform(astro_fft::Error::RelativeError { .. }))
    ));
}

#[test]
fn a_bad_pixel_is_named() {
    let Some(gpu) = device() else { return };
    let grid = ImageGrid::square(16, 1e-7);
    let table = scene::table(&scene::coverage(&grid, 20, 0.5));
    let plan = VisibilityPlan::<f32>::builder(&table, grid)
        .image_method(ImageMethod::Bilinear)
        .build_on(gpu)
        .unwrap();
    let mut image = Array2::<f32>::zeros((16, 16));
    image[[3, 4]] = f32::NAN;
    assert!(matches!(
        plan.chi2_image(image.view(), &Placement::default()),
        Err(Error::Value(_))
    ));
    assert!(matches!(
        plan.sample_image(image.view(), &Placement::default()),
        Err(Error::Value(_))
    ));
}
