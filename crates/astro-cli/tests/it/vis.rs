//! `astro vis …`

use crate::astro::{GEOMETRY, astro, astro_json, astro_ok, columns, write_disc};

fn with_geometry<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &GEOMETRY].concat()
}

/// The profile is linear between radii 1/400 σ apart: 1e-6 of the flux at most.
const PROFILE_ERROR: f64 = 1e-6;

#[test]
fn a_profile_agrees_with_the_closed_form() {
    let folder = tempfile::tempdir().unwrap();
    let flux = write_disc(folder.path());
    let chi2 = with_geometry(&["vis", "chi2", "disc.txt", "--profile", "profile.txt"]);
    let found = astro_json(folder.path(), &chi2);
    assert_eq!(found["visibilities"], 400);
    assert!(found["chi2"].as_f64().unwrap() < 400.0 * 400.0 * (PROFILE_ERROR * flux).powi(2));
    // Without its offset the same disc does not agree.
    let centered = [
        "vis",
        "chi2",
        "disc.txt",
        "--profile",
        "profile.txt",
        "--inc",
        "50",
        "--pa",
        "30",
    ];
    assert!(
        astro_json(folder.path(), &centered)["chi2"]
            .as_f64()
            .unwrap()
            > 1.0
    );
}

#[test]
fn sampled_visibilities_are_those_of_the_closed_form() {
    let folder = tempfile::tempdir().unwrap();
    let flux = write_disc(folder.path());
    let sample = [
        "vis",
        "sample",
        "disc.txt",
        "--profile",
        "profile.txt",
        "--out",
        "model.txt",
        "--plot",
        "model.png",
    ];
    astro_ok(folder.path(), &with_geometry(&sample));
    let [truth, found] = ["disc.txt", "model.txt"].map(|name| columns(folder.path().join(name)));
    for part in [2, 3] {
        for (a, b) in truth[part].iter().zip(&found[part]) {
            assert!((a - b).abs() < PROFILE_ERROR * flux);
        }
    }
    let png = std::fs::read(folder.path().join("model.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG"));
}

#[test]
fn the_size_suits_the_baselines_and_a_bad_one_is_refused_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    write_disc(folder.path());
    let size = astro_json(folder.path(), &["vis", "size", "disc.txt"]);
    // 15 to 613.5 kλ: cell 5 kλ, 2 · 2.5 · 613.5 / 5 = 613.5 pixels, rounded up to a power of two.
    assert_eq!(size["pixels"], 1024);
    let refused = astro(
        folder.path(),
        &["vis", "size", "disc.txt", "--check", "64", "1"],
    );
    assert_eq!(refused.status.code(), Some(1));
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(
        message.contains("too coarse") && message.contains("use at most"),
        "{message}"
    );
}

#[test]
fn files_are_not_replaced_unless_told() {
    let folder = tempfile::tempdir().unwrap();
    write_disc(folder.path());
    let sample = [
        "vis",
        "sample",
        "disc.txt",
        "--profile",
        "profile.txt",
        "--out",
        "disc.txt",
    ];
    let before = std::fs::read(folder.path().join("disc.txt")).unwrap();
    let refused = astro(folder.path(), &sample);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--overwrite"));
    assert_eq!(
        std::fs::read(folder.path().join("disc.txt")).unwrap(),
        before
    );
    astro_ok(folder.path(), &[&sample[..], &["--overwrite"]].concat());
    assert_ne!(
        std::fs::read(folder.path().join("disc.txt")).unwrap(),
        before
    );
}

#[test]
fn wrong_usage_and_failures_have_their_own_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    write_disc(folder.path());
    std::fs::write(
        folder.path().join("meters.txt"),
        "# u[m] v[m] Re Im weight\n1 2 3 4 5\n",
    )
    .unwrap();
    let code = |arguments: &[&str]| astro(folder.path(), arguments).status.code();
    assert_eq!(code(&["--version"]), Some(0));
    assert_eq!(code(&["vis", "nonsense"]), Some(2));
    assert_eq!(code(&["vis", "chi2", "disc.txt"]), Some(2));
    assert_eq!(
        code(&["vis", "chi2", "disc.txt", "--profile", "absent.txt"]),
        Some(1)
    );
    assert_eq!(
        code(&["vis", "chi2", "meters.txt", "--profile", "profile.txt"]),
        Some(2)
    );
    let plot = [
        "vis",
        "chi2",
        "disc.txt",
        "--profile",
        "profile.txt",
        "--plot",
        "a.pdf",
    ];
    assert_eq!(code(&plot), Some(2));
}

/// Simulates the disc of the other tests with noise; gives the arguments of its fit.
const SIMULATE: [&str; 22] = [
    "vis",
    "simulate",
    "--model",
    "gaussian",
    "--set",
    "f0=1e10",
    "--set",
    "sigma=0.2",
    "--antennas",
    "12",
    "--noise",
    "0.003",
    "--out",
    "sky.uvfits",
    "--inc",
    "50",
    "--pa",
    "30",
    "--dra",
    "0.1",
    "--ddec",
    "-0.05",
];

#[test]
fn a_fit_recovers_what_was_simulated_and_writes_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    astro_ok(folder.path(), &SIMULATE);
    let fit = [
        "vis",
        "fit",
        "sky.uvfits",
        "--model",
        "gaussian",
        "--steps",
        "400",
        "--out",
        "fit",
        "-q",
    ];
    let found = astro_json(folder.path(), &fit);
    let truth = [
        ("f0", 10.0),
        ("sigma", 0.2),
        ("inclination", 50.0),
        ("position_angle", 30.0),
        ("ra_offset", 0.1),
        ("dec_offset", -0.05),
    ];
    for (parameter, (name, truth)) in found["parameters"].as_array().unwrap().iter().zip(truth) {
        assert_eq!(parameter["name"], name);
        let value = parameter["maximum"].as_f64().unwrap();
        let error = parameter["standard_error"].as_f64().unwrap();
        // Six numbers, one seed: 4.5 standard errors is a chance of 4e-5.
        assert!(
            (value - truth).abs() < 4.5 * error,
            "{name}: {value} ± {error}"
        );
        let width = parameter["posterior"]["standard_deviation"]
            .as_f64()
            .unwrap();
        // 32 walkers and some ten independent steps know a width to a few percent.
        assert!(
            (width / error - 1.0).abs() < 0.3,
            "{name}: {width} for {error}"
        );
    }
    for name in [
        "chain.npz",
        "uv.png",
        "images.svg",
        "residuals.npz",
        "model.fits",
        "profile.txt",
    ] {
        assert!(folder.path().join("fit").join(name).exists(), "{name}");
    }
    let report = std::fs::read_to_string(folder.path().join("fit/report.html")).unwrap();
    assert!(report.contains("</html>") && !report.contains("src=\"http"));
    // The chain is there: it is neither replaced nor begun again unasked.
    assert_eq!(astro(folder.path(), &fit).status.code(), Some(1));
    let more = [
        "vis",
        "fit",
        "sky.uvfits",
        "--model",
        "gaussian",
        "--steps",
        "500",
        "--out",
        "fit",
        "--resume",
        "-q",
    ];
    assert_eq!(astro_json(folder.path(), &more)["sampling"]["steps"], 500);
}

#[test]
fn the_dirty_image_peaks_where_the_disc_is_and_averages_keep_the_flux() {
    let folder = tempfile::tempdir().unwrap();
    let flux = write_disc(folder.path());
    let image = [
        "vis",
        "image",
        "disc.txt",
        "--out",
        "dirty.fits",
        "--pixels",
        "128",
        "--pixel",
        "0.02",
    ];
    let found = astro_json(folder.path(), &image);
    // Resolved by the beam, so below the flux, but most of it.
    let peak = found["peak_jy_per_beam"].as_f64().unwrap();
    assert!(peak > 0.2 * flux && peak < flux, "{peak} of {flux}");
    let average = [
        "vis",
        "average",
        "disc.txt",
        "--cell",
        "20",
        "--field",
        "0.2",
        "--out",
        "cells.txt",
    ];
    let averaged = astro_json(folder.path(), &average);
    let rows = averaged["rows"].as_u64().unwrap();
    assert!(rows < 400 && rows > 50, "{rows}");
    let [before, after] = ["disc.txt", "cells.txt"].map(|name| columns(folder.path().join(name)));
    let total = |table: &[Vec<f64>]| table[4].iter().sum::<f64>();
    assert!((total(&before) - total(&after)).abs() < 1e-6 * total(&before));
}
