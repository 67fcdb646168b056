//! Many channels: every path to the same numbers.

use astro_visibility::{
    CubePlan, Error, ImageGrid, ImageMethod, Orientation, Placement, PrimaryBeam, SpectralMaps,
    Spectrum, VisibilityPlan, reduce_chi2, sample_image,
};
use ndarray::{Array2, Array3, Axis};
use num_complex::Complex64;

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

    let cubes = CubePlan::<f64>::new(&table, grid, METHOD, None).unwrap();
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
    let cubes = CubePlan::<f64>::new(&table, grid, METHOD, Some((&beam, 231e9))).unwrap();
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
    let cube = CubePlan::<f64>::new(&table, grid, METHOD, None);
    assert!(matches!(cube, Err(Error::NoFrequency)));
}
