//! What holds for every verb: one object of JSON, seeds, threads, interruption and resumption.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::astro::{astro, astro_json, astro_ok, write_disc};

const SIMULATE: [&str; 14] = [
    "vis",
    "simulate",
    "--model",
    "gaussian",
    "--set",
    "f0=1e10",
    "--set",
    "sigma=0.2",
    "--antennas",
    "6",
    "--duration",
    "2",
    "--noise",
    "0.003",
];

fn simulate(folder: &Path, out: &str, more: &[&str]) {
    astro_ok(folder, &[&SIMULATE[..], &["--out", out], more].concat());
}

#[test]
fn json_is_one_object_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    write_disc(folder.path());
    for arguments in [
        &["vis", "size", "disc.txt"][..],
        &["vis", "chi2", "disc.txt", "--profile", "profile.txt", "-v"],
        &[
            "vis",
            "sample",
            "disc.txt",
            "--profile",
            "profile.txt",
            "--out",
            "s.txt",
        ],
        &[
            "vis", "image", "disc.txt", "--out", "i.fits", "--pixels", "64", "--pixel", "0.04",
        ],
        &[
            "vis", "average", "disc.txt", "--cell", "20", "--field", "0.2", "--out", "a.txt",
        ],
        &["vis", "fit", "disc.txt", "--steps", "0", "--threads", "1"],
        &["vis", "params", "fit"],
    ] {
        assert!(
            astro_json(folder.path(), arguments).is_object(),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_seed_repeats_and_another_does_not() {
    let folder = tempfile::tempdir().unwrap();
    for (name, seed) in [("a.npz", "5"), ("b.npz", "5"), ("c.npz", "6")] {
        simulate(folder.path(), name, &["--seed", seed]);
    }
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(read("a.npz") == read("b.npz") && read("a.npz") != read("c.npz"));
    // Sampling too, on any number of threads.
    let fit = |seed: &str, threads: &str| {
        let arguments = [
            "vis",
            "fit",
            "a.npz",
            "--steps",
            "120",
            "--seed",
            seed,
            "--threads",
            threads,
            "-q",
        ];
        astro_json(folder.path(), &arguments)
    };
    let first = fit("3", "1");
    assert_eq!(first, fit("3", "2"));
    assert_ne!(first["parameters"], fit("4", "1")["parameters"]);
}

#[test]
fn no_file_is_left_half_written() {
    let folder = tempfile::tempdir().unwrap();
    write_disc(folder.path());
    let plot = [
        "vis",
        "chi2",
        "disc.txt",
        "--profile",
        "profile.txt",
        "--plot",
        "missing/a.png",
    ];
    assert_eq!(astro(folder.path(), &plot).status.code(), Some(1));
    astro_ok(
        folder.path(),
        &[
            "vis", "fit", "disc.txt", "--steps", "60", "--out", "fit", "-q",
        ],
    );
    let entries = |path: &Path| -> Vec<String> {
        let all = std::fs::read_dir(path).unwrap();
        all.map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    let mut outside = entries(folder.path());
    outside.sort();
    assert_eq!(outside, ["disc.txt", "fit", "profile.txt"]);
    let known = ["fits", "npz", "png", "svg", "txt", "json", "html"];
    for name in entries(&folder.path().join("fit")) {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension);
        assert!(
            name == "checkpoint" || known.contains(&extension.unwrap_or("")),
            "{name}"
        );
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_with_130_and_resume_ends_as_if_it_had_not() {
    let folder = tempfile::tempdir().unwrap();
    simulate(folder.path(), "sky.npz", &[]);
    let fit = |out: &'static str, more: &[&'static str]| {
        // As long a chain whatever its autocorrelation: of 50 times that, it never has enough.
        let all = [
            "vis", "fit", "sky.npz", "--model", "rings:2", "--steps", "900", "--out", out, "-q",
        ];
        [&all[..], more].concat()
    };
    let mut child = Command::new(env!("CARGO_BIN_EXE_astro"))
        .args(fit("broken", &[]))
        .current_dir(folder.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let checkpoint = folder.path().join("broken/checkpoint");
    let begin = Instant::now();
    while !checkpoint.exists() && begin.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(checkpoint.exists() && !folder.path().join("broken/chain.npz").exists());
    // Neither begun again unasked, nor resumed where there is nothing.
    assert_eq!(
        astro(folder.path(), &fit("broken", &[])).status.code(),
        Some(1)
    );
    assert_eq!(
        astro(folder.path(), &fit("nothing", &["--resume"]))
            .status
            .code(),
        Some(1)
    );
    astro_ok(folder.path(), &fit("broken", &["--resume"]));
    astro_ok(folder.path(), &fit("whole", &[]));
    let chain = |name: &str| std::fs::read(folder.path().join(name).join("chain.npz")).unwrap();
    assert!(chain("broken") == chain("whole"));
}

#[test]
fn tables_of_several_wavelengths_share_geometry_and_have_brightness_in_every_unit() {
    let folder = tempfile::tempdir().unwrap();
    simulate(
        folder.path(),
        "a.npz",
        &["--frequency", "230e9", "--inc", "40", "--pa", "20"],
    );
    simulate(
        folder.path(),
        "b.npz",
        &[
            "--frequency",
            "345e9",
            "--inc",
            "40",
            "--pa",
            "20",
            "--seed",
            "2",
            "--spectral-index",
            "2",
            "--reference-frequency",
            "230e9",
        ],
    );
    let fit = [
        "vis",
        "fit",
        "a.npz",
        "b.npz",
        "--coupling",
        "spectral-index",
        "--steps",
        "0",
        "--weighting",
        "briggs",
        "--out",
        "both",
        "-q",
    ];
    let found = astro_json(folder.path(), &fit);
    let parameter = |name: &str| {
        let all = found["parameters"].as_array().unwrap();
        let one = all.iter().find(|p| p["name"] == name).unwrap();
        [
            one["maximum"].as_f64().unwrap(),
            one["standard_error"].as_f64().unwrap(),
        ]
    };
    for (name, truth) in [
        ("spectral_index", 2.0),
        ("inclination", 40.0),
        ("sigma", 0.2),
    ] {
        let [value, error] = parameter(name);
        assert!(
            (value - truth).abs() < 4.5 * error,
            "{name}: {value} ± {error}"
        );
    }
    for (dataset, hz) in found["datasets"]
        .as_array()
        .unwrap()
        .iter()
        .zip([230e9, 345e9])
    {
        let derived = dataset["derived"].as_array().unwrap();
        let peak = |name: &str, unit: &str| {
            let one = derived
                .iter()
                .find(|d| d["name"] == name && d["unit"] == unit);
            one.unwrap()["maximum"].as_f64().unwrap()
        };
        let jansky = peak("peak_brightness", "Jy/sr");
        assert!(peak("peak_brightness", "Jy/beam") > 0.0);
        // I c² / (2 k ν²), with the constants of CODATA 2018.
        let kelvin = jansky * 1e-26 * 299_792_458_f64.powi(2) / (2.0 * 1.380_649e-23 * hz * hz);
        let found = peak("peak_brightness_temperature_rayleigh_jeans", "K");
        assert!((found / kelvin - 1.0).abs() < 1e-9);
    }
    assert_eq!(found["imaging_weights"]["briggs"]["robust"], 0.5);
    let report = std::fs::read_to_string(folder.path().join("both/report.html")).unwrap();
    assert!(report.contains("Briggs, robust 0.5 weights"));
}

#[test]
fn conjugates_cuts_and_weight_scales_do_what_they_say() {
    let folder = tempfile::tempdir().unwrap();
    simulate(
        folder.path(),
        "sky.txt",
        &["--dra", "0.1", "--ddec", "-0.05"],
    );
    let fit = |more: &[&str]| {
        let arguments = [&["vis", "fit", "sky.txt", "--steps", "0", "-q"], more].concat();
        astro_json(folder.path(), &arguments)
    };
    let value = |found: &serde_json::Value, name: &str| {
        let all = found["parameters"].as_array().unwrap();
        all.iter().find(|p| p["name"] == name).unwrap()["maximum"]
            .as_f64()
            .unwrap()
    };
    let plain = fit(&[]);
    assert!((value(&plain, "ra_offset") - 0.1).abs() < 0.01);
    let mirrored = fit(&["--conjugate"]);
    assert!((value(&mirrored, "ra_offset") + 0.1).abs() < 0.01);
    assert!((value(&mirrored, "dec_offset") - 0.05).abs() < 0.01);
    let cut = fit(&["--uv-min", "50", "--uv-max", "200"]);
    let dataset = &cut["datasets"][0];
    assert!(dataset["shortest_baseline"].as_f64().unwrap() >= 5e4);
    assert!(dataset["longest_baseline"].as_f64().unwrap() <= 2e5);
    assert!(dataset["visibilities"].as_u64() < plain["datasets"][0]["visibilities"].as_u64());
    // Weights nine times too large by hand are found to be so.
    let scaled = fit(&["--weight-factor", "9", "--fit-weights"]);
    let factor = scaled["datasets"][0]["weights"]["fitted_factor"]
        .as_f64()
        .unwrap();
    let reduced = plain["datasets"][0]["weights"]["reduced_chi2"]
        .as_f64()
        .unwrap();
    assert!((9.0 * factor * reduced - 1.0).abs() < 0.02, "{factor}");
}
