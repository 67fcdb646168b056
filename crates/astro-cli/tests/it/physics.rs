//! Primary beams, spectra and cubes, against closed forms.

use std::f64::consts::{LN_2, TAU};
use std::path::Path;

use astro_core::SkyCoord;
use astro_io::{FitsImage, FitsSamples, IfExists, ImageSky, write_fits_image, write_npy};
use ndarray::{Array3, Axis};

use crate::astro::{ARCSEC_RAD, astro, astro_json, astro_ok};

/// A face-on Gaussian disc of 0.2″, `east` arcsec off, seen through a Gaussian beam: a Gaussian again.
fn write_seen_through_beam(folder: &Path, east: f64, fwhm: f64) -> f64 {
    let sigma: f64 = 0.2;
    let spread = fwhm / (8.0 * LN_2).sqrt();
    let narrow = (sigma.powi(-2) + spread.powi(-2)).powf(-0.5);
    let dimmed = (-0.5 * east * east / (sigma * sigma + spread * spread)).exp();
    let flux = TAU * (narrow * ARCSEC_RAD).powi(2) * 1e10 * dimmed;
    let place = east * (narrow / sigma).powi(2) * ARCSEC_RAD;
    let mut table = String::from("# u [lambda], v [lambda], Re [Jy], Im [Jy], weight [Jy^-2]\n");
    for k in 0..200 {
        let (sin, cos) = (2.4 * f64::from(k)).sin_cos();
        let baseline = 1e3 * (15.0 + 3.0 * f64::from(k));
        let (u, v) = (baseline * cos, baseline * sin);
        let width = TAU * narrow * ARCSEC_RAD * baseline;
        let amplitude = flux * (-0.5 * width * width).exp();
        let (sin, cos) = (TAU * u * place).sin_cos();
        table += &format!(
            "{u:e} {v:e} {:e} {:e} 1\n",
            amplitude * cos,
            amplitude * sin
        );
    }
    std::fs::write(folder.join("seen.txt"), table).unwrap();
    flux
}

const DISC: [&str; 6] = [
    "--model",
    "gaussian",
    "--set",
    "f0=1e10",
    "--set",
    "sigma=0.2",
];

#[test]
fn a_primary_beam_dims_a_profile_and_the_output_says_how() {
    let folder = tempfile::tempdir().unwrap();
    let flux = write_seen_through_beam(folder.path(), 1.0, 3.0);
    let chi2 = |beam: &[&str]| {
        let arguments = [
            &["vis", "chi2", "seen.txt"],
            &DISC[..],
            &["--dra", "1"],
            beam,
        ]
        .concat();
        let found = astro_json(folder.path(), &arguments);
        let chi2 = found["chi2"].as_f64().unwrap();
        ((chi2 / 200.0).sqrt() / flux, found)
    };
    // A swept image has the mean of the brightness over its central pixel, not its value there: of
    // pixels of p = 0.0403″, p²/16σ² less in the p²/2πσ² of the flux that this pixel holds.
    const CENTRAL_PIXEL: f64 = 2e-5;
    let (error, found) = chi2(&["--pb-fwhm", "3"]);
    assert!(error < CENTRAL_PIXEL, "{error}");
    assert_eq!(found["primary_beam"]["kind"], "gaussian");
    let method = found["method"].as_str().unwrap();
    assert!(
        method.contains("Hankel transform does not hold"),
        "{method}"
    );
    let (error, found) = chi2(&[]);
    assert!(error > 0.1 && found["primary_beam"].is_null());
    assert!(found["method"].as_str().unwrap().starts_with("Hankel"));
    // The same beam as a table, of straight lines over 0.01″: (0.01/1.27)²/8 of its height.
    let mut table = String::new();
    for k in 0..2000 {
        let radius = 0.01 * f64::from(k);
        table += &format!(
            "{radius} {:e}\n",
            (-4.0 * LN_2 * (radius / 3.0).powi(2)).exp()
        );
    }
    std::fs::write(folder.path().join("beam.txt"), table).unwrap();
    let (error, _) = chi2(&["--pb-file", "beam.txt"]);
    assert!(error < CENTRAL_PIXEL + 3e-5, "{error}");
    // Given at twice the frequency it is half as wide there.
    let beam = [
        "--pb-fwhm",
        "1.5",
        "--pb-frequency",
        "599.584916e9",
        "--wavelength",
        "1e-3",
    ];
    std::fs::rename(folder.path().join("seen.txt"), folder.path().join("a.txt")).unwrap();
    let arguments = [
        &["vis", "chi2", "a.txt", "--uv-unit", "lambda"],
        &DISC[..],
        &["--dra", "1"],
        &beam,
    ]
    .concat();
    let chi2 = astro_json(folder.path(), &arguments)["chi2"]
        .as_f64()
        .unwrap();
    assert!((chi2 / 200.0).sqrt() < CENTRAL_PIXEL * flux);
}

#[test]
fn beams_that_cannot_be_are_usage_errors() {
    let folder = tempfile::tempdir().unwrap();
    write_seen_through_beam(folder.path(), 0.0, 3.0);
    let code = |more: &[&str]| {
        let arguments = [&["vis", "chi2", "seen.txt"], &DISC[..], more].concat();
        let output = astro(folder.path(), &arguments);
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (status, message) = code(&["--pb-dish", "12"]);
    assert!(
        status == Some(2) && message.contains("--wavelength"),
        "{message}"
    );
    assert_eq!(code(&["--pb-dish", "12", "--pb-fwhm", "3"]).0, Some(2));
    assert_eq!(code(&["--pb-fwhm", "-3"]).0, Some(2));
    let (status, message) = code(&["--pb-fwhm", "3", "--method", "hankel"]);
    assert!(
        status == Some(2) && message.contains("does not hold"),
        "{message}"
    );
    // The table has no w.
    let (status, message) = code(&["--w-term"]);
    assert!(
        status == Some(1) && message.contains("no w column"),
        "{message}"
    );
}

const FREQUENCY_HZ: [f64; 3] = [2.0e11, 2.1e11, 2.2e11];

/// Three channels of a disc whose brightness goes as ν^2.5.
fn simulate(folder: &Path) {
    let spectrum = ["--spectral-index", "2.5", "--reference-frequency", "210e9"];
    let array = [
        "--antennas",
        "8",
        "--outer",
        "300",
        "--duration",
        "1",
        "--frequency",
        "2e11,2.1e11,2.2e11",
    ];
    let simulate = ["vis", "simulate", "--out", "sky.uvfits"];
    let arguments = [&simulate[..], &DISC, &spectrum, &array].concat();
    astro_ok(folder, &arguments);
}

/// The disc as an image of 128 pixels of 0.05″ a channel.
pub(crate) fn cube(factors: &[f64], frequency_hz: &[f64]) -> FitsImage {
    const N: usize = 128;
    let pixel = 0.05 * ARCSEC_RAD;
    let sky = ImageSky::new(SkyCoord::from_degrees(60.0, -35.0), N, N, pixel);
    let center = sky.reference_pixel;
    let data = Array3::from_shape_fn((factors.len(), N, N), |(c, i, j)| {
        let (x, y) = (j as f64 - center[0], i as f64 - center[1]);
        let r2 = (x * x + y * y) * (0.05_f64 / 0.2).powi(2);
        1e10 * pixel * pixel * factors[c] * (-0.5 * r2).exp()
    });
    let mut image = FitsImage::new(data, sky).with_unit("Jy/pixel");
    image.frequency_hz = frequency_hz.to_vec();
    image
}

fn write(folder: &Path, name: &str, image: &FitsImage) {
    write_fits_image(folder.join(name), image, FitsSamples::F64, IfExists::Refuse).unwrap();
}

#[test]
fn cubes_images_with_a_spectrum_and_index_maps_agree() {
    let folder = tempfile::tempdir().unwrap();
    simulate(folder.path());
    let factor = |f: f64| (f / 2.1e11).powf(2.5);
    write(
        folder.path(),
        "cube.fits",
        &cube(&FREQUENCY_HZ.map(factor), &FREQUENCY_HZ),
    );
    // From high to low, as cubes in velocity are.
    let mut reversed = FREQUENCY_HZ;
    reversed.reverse();
    write(
        folder.path(),
        "reversed.fits",
        &cube(&reversed.map(factor), &reversed),
    );
    write(folder.path(), "one.fits", &cube(&[1.0], &[2.1e11]));
    let mut index = cube(&[1.0], &[2.1e11]).with_unit("");
    index.data.fill(2.5);
    write(folder.path(), "index.fits", &index);
    let flux = TAU * (0.2 * ARCSEC_RAD).powi(2) * 1e10;
    let error = |more: &[&str]| {
        let arguments = [&["vis", "chi2", "sky.uvfits"], more].concat();
        let found = astro_json(folder.path(), &arguments);
        assert_eq!(found["channels"], 3);
        let rows = found["visibilities"].as_f64().unwrap();
        // Without noise every weight is 1.
        (found["chi2"].as_f64().unwrap() / rows).sqrt() / flux
    };
    // UVFITS holds f32.
    const ERROR: f64 = 1e-6;
    for model in [
        &["--image", "cube.fits"][..],
        &["--image", "reversed.fits"],
        &["--image", "one.fits", "--spectral-index", "2.5"],
        &["--image", "one.fits", "--spectral-index", "index.fits"],
        &[
            "--image",
            "one.fits",
            "--spectral-index",
            "index.fits",
            "--curvature",
            "0",
        ],
    ] {
        let found = error(model);
        assert!(found < ERROR, "{model:?}: {found}");
    }
    assert!(error(&["--image", "one.fits"]) > 1e-2);
    assert!(error(&["--image", "one.fits", "--spectral-index", "-2.5"]) > 1e-2);
    // Under a beam each channel has a transform of its own; a very wide one changes nothing.
    let wide = [
        "--image",
        "one.fits",
        "--spectral-index",
        "2.5",
        "--pb-fwhm",
        "1e6",
    ];
    assert!(error(&wide) < ERROR);
    let dish = [
        &["vis", "sample", "sky.uvfits", "--out", "d.npz"],
        &DISC[..],
        &["--pb-dish", "12"],
    ];
    astro_ok(folder.path(), &dish.concat());
    // A w-term that does nothing over four arcseconds.
    assert!(error(&["--image", "cube.fits", "--w-term"]) < ERROR);
}

#[test]
fn cubes_that_do_not_fit_the_data_are_refused_with_numbers() {
    let folder = tempfile::tempdir().unwrap();
    simulate(folder.path());
    let elsewhere = [3.0e11, 3.1e11, 3.2e11];
    write(folder.path(), "far.fits", &cube(&[1.0; 3], &elsewhere));
    write(folder.path(), "one.fits", &cube(&[1.0], &[2.1e11]));
    let two = cube(&[1.0; 2], &[]).data;
    write_npy(
        folder.path().join("two.npy"),
        &two.clone().into(),
        IfExists::Refuse,
    )
    .unwrap();
    let plane = two.index_axis(Axis(0), 0).to_owned();
    write_npy(
        folder.path().join("map.npy"),
        &plane.into(),
        IfExists::Refuse,
    )
    .unwrap();
    let refused = |more: &[&str]| {
        let output = astro(
            folder.path(),
            &[&["vis", "chi2", "sky.uvfits"], more].concat(),
        );
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, message) = refused(&["--image", "far.fits"]);
    assert_eq!(code, Some(1));
    assert!(
        message.contains("200.000000 GHz") && message.contains("300.000000 to 320.000000"),
        "{message}"
    );
    let (code, message) = refused(&["--image", "two.npy", "--pixel", "0.05"]);
    assert!(
        code == Some(1) && message.contains("2 channels"),
        "{message}"
    );
    let (code, message) = refused(&["--image", "far.fits", "--spectral-index", "2"]);
    assert!(code == Some(2) && message.contains("cube"), "{message}");
    let (code, message) = refused(&["--image", "one.fits", "--spectral-index", "map.npy"]);
    assert!(
        code == Some(2) && message.contains("not on the grid"),
        "{message}"
    );
    let (code, message) = refused(&[&DISC[..], &["--spectral-index", "2"]].concat());
    assert!(
        code == Some(2) && message.contains("--reference-frequency"),
        "{message}"
    );
}
