//! Many channels: every path to the same numbers.

use astro_visibility::{
    CubePlan, Error, ImageGrid, ImageMethod, Orientation, Placement, PrimaryBeam, SpectralMaps,
    Spectrum, VisibilityPlan, WTerm, reduce_chi2, sample_image, sweep,
};
use ndarray::{Array2, Array3, Axis};
use num_complex::Complex64;
use rand::RngExt;

use crate::scene;

const METHOD: ImageMethod = ImageMethod::Exact { rel_error: 1e-12 };
const PLACEMENT: Placement = Placement {
    position_angle_rad: 0.7,
    ra_offset_rad: 3.3e-7,
    dec_offset_rad: -5.1e-7,
};
const SPECTRUM: Spectrum = Spectrum {
    reference_frequency_hz: 230e9,
    index: 2.4,
    curvature: -0.3,
};

/// The same baselines in metres at three frequencies, rows interleaved.
fn table(grid: &ImageGrid) -> astro_core::UvTable {
    let base = scene::coverage(grid, 90, 0.55);
    let mut table = scene::table(&base);
    table.frequency_hz = (0..90).map(|k| [220e9, 231e9, 245e9][k % 3]).collect();
    for k in 0..90 {
        table.u[k] *= table.frequency_hz[k] / 245e9;
        table.v[k] *= table.frequency_hz[k] / 245e9;
    }
    table.weight[4] = 0.0;
    table
}

#[test]
fn a_spectrum_is_a_cube_is_a_map() {
    let grid = ImageGrid::square(24, 1e-7);
    let table = table(&grid);
    let image = scene::image(&grid);
    let flux: f64 = image.iter().map(|x| x.abs()).sum();
    // ν/ν₀ to the power α + β ln(ν/ν₀), written out.
    let factor = |nu: f64| (nu / 230e9).powf(2.4 - 0.3 * (nu / 230e9).ln());
    let coverage = (&table).into();
    let plain = sample_image(
        image.view(),
        &grid,
        &coverage,
        &PLACEMENT,
        ImageMethod::Direct,
    );
    let truth: Vec<Complex64> = plain
        .unwrap()
        .iter()
        .zip(&table.frequency_hz)
        .map(|(z, &nu)| z * factor(nu))
        .collect();
    let chi2 = reduce_chi2(&table.value, &table.weight, &truth).unwrap();

    let plan = VisibilityPlan::<f64>::builder(&table, grid)
        .image_method(METHOD)
        .build()
        .unwrap();
    let one = plan
        .sample_spectral_image(image.view(), &PLACEMENT, &SPECTRUM)
        .unwrap();
    assert!(scene::distance(&one, &truth, flux) < 2e-12);
    let got = plan
        .chi2_spectral_image(image.view(), &PLACEMENT, &SPECTRUM)
        .unwrap();
    assert!((got / chi2 - 1.0).abs() < 1e-10);

    let cubes = CubePlan::<f64>::builder(&table, grid)
        .image_method(METHOD)
        .build()
        .unwrap();
    assert_eq!(cubes.frequencies_hz(), [220e9, 231e9, 245e9]);
    let mut cube = Array3::zeros((3, 24, 24));
    for (mut channel, nu) in cube.axis_iter_mut(Axis(0)).zip(cubes.frequencies_hz()) {
        channel.assign(&(&image * factor(nu)));
    }
    let many = cubes.sample_cube(cube.view(), &PLACEMENT).unwrap();
    assert!(scene::distance(&many, &truth, flux) < 2e-12);
    let got = cubes.chi2_cube(cube.view(), &PLACEMENT).unwrap();
    assert!((got / chi2 - 1.0).abs() < 1e-10);

    let index = Array2::from_elem((24, 24), 2.4);
    let curvature = Array2::from_elem((24, 24), -0.3);
    let maps = SpectralMaps {
        reference_frequency_hz: 230e9,
        index: index.view(),
        curvature: Some(curvature.view()),
    };
    let mapped = cubes
        .sample_spectral_maps(image.view(), &maps, &PLACEMENT)
        .unwrap();
    assert!(scene::distance(&mapped, &truth, flux) < 2e-12);
    let got = cubes
        .chi2_spectral_maps(image.view(), &maps, &PLACEMENT)
        .unwrap();
    assert!((got / chi2 - 1.0).abs() < 1e-10);
}

/// A dish's beam shrinks with frequency: each channel is the image under its own beam.
#[test]
fn beams_scale_with_the_channel() {
    let grid = ImageGrid::square(24, 1e-7);
    let table = table(&grid);
    let image = scene::image(&grid);
    let beam = PrimaryBeam::gaussian(2e-6).unwrap();
    let cubes = CubePlan::<f64>::builder(&table, grid)
        .image_method(METHOD)
        .primary_beam(beam, 231e9)
        .build()
        .unwrap();
    let cube = image.broadcast((3, 24, 24)).unwrap();
    let got = cubes.sample_cube(cube, &PLACEMENT).unwrap();
    for k in [0, 1, 2, 50] {
        let nu = table.frequency_hz[k];
        let narrower = PrimaryBeam::gaussian(2e-6 * 231e9 / nu).unwrap();
        let seen = &image * &narrower.over_image(&grid, &PLACEMENT).unwrap();
        let point = astro_visibility::UvCoverage::new(vec![table.u[k]], vec![table.v[k]]).unwrap();
        let truth =
            sample_image(seen.view(), &grid, &point, &PLACEMENT, ImageMethod::Direct).unwrap();
        assert!((got[k] - truth[0]).norm() < 1e-11 * image.sum(), "row {k}");
    }
}

/// Everything at once, against the sum written out on the sky: w in wavelengths of each row's own
/// frequency, a beam that shrinks with it, rotation, offset, and the division by n.
#[test]
fn channels_of_a_wide_field_have_their_own_w_and_beam() {
    let grid = ImageGrid {
        rows: 21,
        columns: 26,
        pixel_height_rad: 4e-3,
        pixel_width_rad: 5e-3,
        ..ImageGrid::square(1, 1.0)
    };
    let placement = Placement {
        position_angle_rad: 0.7,
        ra_offset_rad: 0.03,
        dec_offset_rad: -0.02,
    };
    let mut random = scene::generator();
    let mut table = scene::table(&scene::coverage(&grid, 90, 0.5));
    table.w = (0..90)
        .map(|_| random.random_range(-4000.0..4000.0))
        .collect();
    table.frequency_hz = (0..90).map(|k| [0.9e9, 1.0e9, 1.3e9][k % 3]).collect();
    for k in 0..90 {
        let ratio = table.frequency_hz[k] / 1.3e9;
        (table.u[k], table.v[k]) = (table.u[k] * ratio, table.v[k] * ratio);
        table.w[k] *= ratio;
    }
    let image = scene::image(&grid);
    let (sin, cos) = placement.position_angle_rad.sin_cos();
    let truth = |factor: &dyn Fn(f64, f64, f64) -> f64| -> Vec<Complex64> {
        let value = |k: usize| {
            let nu = table.frequency_hz[k];
            image
                .indexed_iter()
                .map(|((i, j), pixel)| {
                    let x = 5e-3 * (13.0 - j as f64);
                    let y = 4e-3 * (10.0 - i as f64);
                    let l = x * cos + y * sin + placement.ra_offset_rad;
                    let m = y * cos - x * sin + placement.dec_offset_rad;
                    let n = (1.0 - l * l - m * m).sqrt();
                    let turns = table.u[k] * l + table.v[k] * m + table.w[k] * (n - 1.0);
                    let flux = pixel * factor(nu, l.hypot(m), n);
                    Complex64::from_polar(flux, std::f64::consts::TAU * turns)
                })
                .sum()
        };
        (0..90).map(value).collect()
    };
    let beam = |nu: f64, radius: f64| {
        let fwhm = 0.15 * 1.0e9 / nu;
        (-4.0 * std::f64::consts::LN_2 * (radius / fwhm).powi(2)).exp()
    };
    let spectrum = |nu: f64| (nu / 230e9).powf(2.4 - 0.3 * (nu / 230e9).ln());
    let flat = truth(&|_, _, _| 1.0);
    let seen = truth(&|nu, radius, n| beam(nu, radius) / n);
    let spectral = truth(&|nu, radius, n| beam(nu, radius) / n * spectrum(nu));
    let flux: f64 = image.iter().map(|x| x.abs()).sum();
    let cube = image.broadcast((3, 21, 26)).unwrap();

    let exact = ImageMethod::Exact { rel_error: 5e-12 };
    for (method, tolerance) in [(exact, 5e-12), (ImageMethod::Direct, 1e-13)] {
        // The truth itself: n − 1 by subtraction, 1e-16 of up to 4000 wavelengths.
        let tolerance = tolerance + 4e-12;
        let plan = CubePlan::<f64>::builder(&table, grid)
            .image_method(method)
            .w_term(WTerm::default())
            .build()
            .unwrap();
        let found = plan.sample_cube(cube, &placement).unwrap();
        assert!(scene::distance(&found, &flat, flux) < tolerance);

        let builder = CubePlan::<f64>::builder(&table, grid)
            .image_method(method)
            .primary_beam(PrimaryBeam::gaussian(0.15).unwrap(), 1.0e9)
            .w_term(WTerm { divide_by_n: true });
        let plan = builder.clone().build().unwrap();
        let found = plan.sample_cube(cube, &placement).unwrap();
        assert!(scene::distance(&found, &seen, flux) < tolerance);
        let found = plan
            .sample_spectral_image(image.view(), &placement, &SPECTRUM)
            .unwrap();
        let bright = flux * spectrum(1.3e9);
        assert!(scene::distance(&found, &spectral, bright) < tolerance);
        let chi2 = reduce_chi2(&table.value, &table.weight, &spectral).unwrap();
        let found = plan
            .chi2_spectral_image(image.view(), &placement, &SPECTRUM)
            .unwrap();
        assert!((found / chi2 - 1.0).abs() < 1e-10);

        // Without data the same visibilities, and no χ².
        let coverage = (&table).into();
        let bare = CubePlan::<f64>::builder_for_coverage(&coverage, grid)
            .image_method(method)
            .w_term(WTerm::default())
            .build()
            .unwrap();
        let found = bare.sample_cube(cube, &placement).unwrap();
        assert!(scene::distance(&found, &flat, flux) < tolerance);
        assert!(matches!(
            bare.chi2_cube(cube, &placement),
            Err(Error::NoData)
        ));
    }

    table.w.clear();
    let plan = CubePlan::<f64>::builder(&table, grid).w_term(WTerm::default());
    assert!(matches!(plan.build(), Err(Error::NoW)));
}

/// Under a beam a profile with a spectrum is drawn in every channel: the cube of the drawn images.
#[test]
fn profiles_under_a_beam_have_spectra() {
    let grid = ImageGrid::square(64, 1e-7);
    let table = table(&grid);
    let (radii, profile) = scene::ring_profile(&grid);
    let orientation = Orientation {
        inclination_rad: 0.5,
        position_angle_rad: 0.7,
        ..Default::default()
    };
    let plan = CubePlan::<f64>::builder(&table, grid)
        .image_method(METHOD)
        .radii(radii)
        .primary_beam(PrimaryBeam::gaussian(3e-6).unwrap(), 231e9)
        .build()
        .unwrap();
    let drawn = sweep(&profile, &radii, &grid, 0.5).unwrap();
    let flux = drawn.sum();
    let truth = plan
        .sample_spectral_image(drawn.view(), &orientation.placement(), &SPECTRUM)
        .unwrap();
    let found = plan
        .sample_spectral_profile(&profile, &orientation, &SPECTRUM)
        .unwrap();
    assert!(scene::distance(&found, &truth, flux) < 1e-14);
    let chi2 = reduce_chi2(&table.value, &table.weight, &truth).unwrap();
    let found = plan
        .chi2_spectral_profile(&profile, &orientation, &SPECTRUM)
        .unwrap();
    assert!((found / chi2 - 1.0).abs() < 1e-12);
}

#[test]
fn profiles_have_spectra_too() {
    let grid = ImageGrid::square(64, 1e-7);
    let table = table(&grid);
    let (radii, profile) = scene::ring_profile(&grid);
    let plan = VisibilityPlan::<f64>::builder(&table, grid)
        .radii(radii)
        .build()
        .unwrap();
    let orientation = Orientation {
        inclination_rad: 0.5,
        ..Default::default()
    };
    let plain = plan.sample_profile(&profile, &orientation).unwrap();
    let truth: Vec<Complex64> = plain
        .iter()
        .zip(&table.frequency_hz)
        .map(|(z, &nu)| z * SPECTRUM.factor(nu))
        .collect();
    let chi2 = reduce_chi2(&table.value, &table.weight, &truth).unwrap();
    let bare = VisibilityPlan::<f64>::builder_for_coverage(&(&table).into(), grid)
        .radii(radii)
        .build()
        .unwrap()
        .sample_spectral_profile(&profile, &orientation, &SPECTRUM)
        .unwrap();
    let flux = truth[0].norm();
    assert!(scene::distance(&bare, &truth, flux) < 1e-14);
    let got = plan
        .chi2_spectral_profile(&profile, &orientation, &SPECTRUM)
        .unwrap();
    assert!((got / chi2 - 1.0).abs() < 1e-12);
}

#[test]
fn frequencies_must_be_known() {
    let grid = ImageGrid::square(24, 1e-7);
    let table = scene::table(&scene::coverage(&grid, 20, 0.5));
    let image = scene::image(&grid);
    let plan = VisibilityPlan::<f64>::builder(&table, grid)
        .build()
        .unwrap();
    let error = plan
        .chi2_spectral_image(image.view(), &PLACEMENT, &SPECTRUM)
        .unwrap_err();
    assert!(matches!(error, Error::NoFrequency));
    let cube = CubePlan::<f64>::builder(&table, grid).build();
    assert!(matches!(cube, Err(Error::NoFrequency)));
    let mut table = table;
    table.frequency_hz = vec![1e9; 20];
    table.frequency_hz[7] = -1e9;
    let cube = CubePlan::<f64>::builder(&table, grid).build();
    assert!(
        cube.unwrap_err()
            .to_string()
            .contains("frequency_hz = -1e9")
    );
}
