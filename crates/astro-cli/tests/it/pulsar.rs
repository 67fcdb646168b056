//! Pulsars, oscillations and dead time: simulated, and found again.

use std::path::Path;

use serde_json::Value;

use crate::astro::{astro, astro_json, astro_ok};

/// A pulsar of 3.21 Hz at 200 s, 24 000 photons.
fn pulsar(folder: &Path) {
    let arguments = [
        "timing",
        "simulate",
        "--out",
        "pulsar.evt",
        "--rate",
        "60",
        "--duration",
        "400",
        "--frequency",
        "3.21",
        "--pulsed-fraction",
        "0.4",
        "--seed",
        "5",
    ];
    astro_ok(folder, &arguments);
}

fn number(value: &Value, pointer: &str) -> f64 {
    let found = value.pointer(pointer).and_then(Value::as_f64);
    found.unwrap_or_else(|| panic!("{pointer} in {value:#}"))
}

/// A column of the first table of a file.
fn column(folder: &Path, file: &str, name: &str) -> Vec<f64> {
    let tables = astro_io::read_tables(folder.join(file)).unwrap();
    tables[0].numbers(name).unwrap()
}

#[test]
fn a_search_finds_the_pulse_and_folding_confirms_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    pulsar(path);
    let found = astro_json(
        path,
        &[
            "timing",
            "search",
            "pulsar.evt",
            "--frequencies",
            "3.1:3.3",
            "--out",
            "found.fits",
            "--plot",
            "search.svg",
        ],
    );
    let frequency = number(&found, "/candidates/0/frequency_hz");
    let error = number(&found, "/candidates/0/frequency_error_hz");
    assert!(
        (frequency - 3.21).abs() < 4.0 * error,
        "{frequency} ± {error}"
    );
    // √3/(π T √Z²) with Z² = N a²/2.
    let expected = 3f64.sqrt() / (std::f64::consts::PI * 400.0 * (24_000f64 * 0.08).sqrt());
    assert!((error / expected - 1.0).abs() < 0.1, "{error} {expected}");
    assert!(number(&found, "/candidates/0/log10_probability") < -200.0);
    assert!((column(path, "found.fits", "FREQUENCY")[0] - frequency).abs() < 1e-12);
    assert!(
        std::fs::read_to_string(path.join("search.svg"))
            .unwrap()
            .contains("<svg")
    );

    let folded = astro_json(
        path,
        &[
            "timing",
            "fold",
            "pulsar.evt",
            "--frequency",
            "3.21",
            "--template",
            "sine",
            "--out",
            "profile.ecsv",
            "--plot",
            "profile.png",
        ],
    );
    assert!(number(&folded, "/h/log10_probability") < -100.0);
    assert!(
        number(&folded, "/z_squared/sigma") > 30.0
            && number(&folded, "/epoch_folding/sigma") > 30.0
    );
    let amplitude = number(&folded, "/harmonics/0/amplitude");
    assert!((amplitude - 0.4).abs() < 4.0 * number(&folded, "/harmonics/0/error"));
    // Phase 0 of the truth is at the middle of the observation, as that of the fold.
    let arrival = number(&folded, "/arrival/time_s");
    assert!((arrival - 200.0).abs() < 4.0 * number(&folded, "/arrival/error_s"));
    assert_eq!(column(path, "profile.ecsv", "COUNTS").len(), 32);
    // The profile that was written is a template too.
    let again = astro_json(
        path,
        &[
            "timing",
            "fold",
            "pulsar.evt",
            "--frequency",
            "3.21",
            "--template",
            "profile.ecsv",
        ],
    );
    assert!(number(&again, "/arrival/shift").abs() < 1e-9);
    // At another frequency there is nothing.
    let nothing = astro_json(
        path,
        &["timing", "fold", "pulsar.evt", "--frequency", "3.377"],
    );
    assert!(number(&nothing, "/h/probability") > 1e-4);
}

#[test]
fn other_searches_find_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    pulsar(path);
    for more in [
        &["--statistic", "h"][..],
        &["--statistic", "folding", "--bins", "16"],
        &["--statistic", "dispersion", "--bins", "10"],
        &["--statistic", "acceleration", "--z-max", "3"],
        &["--fast", "--fdot=-2e-5:2e-5"],
        &["--segment", "100"],
    ] {
        let arguments = [
            &[
                "timing",
                "search",
                "pulsar.evt",
                "--frequencies",
                "3.19:3.23",
            ],
            more,
        ]
        .concat();
        let found = astro_json(path, &arguments);
        let frequency = number(&found, "/candidates/0/frequency_hz");
        assert!((frequency - 3.21).abs() < 2.6e-3, "{more:?}: {frequency}");
    }
    let nothing = astro_json(
        path,
        &["timing", "search", "pulsar.evt", "--periods", "0.25:0.26"],
    );
    assert_eq!(nothing["candidates"].as_array().unwrap().len(), 0);
    assert!(number(&nothing, "/best/probability") > 0.01);
}

#[test]
fn a_phaseogram_shows_what_the_frequency_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    pulsar(path);
    let found = astro_json(
        path,
        &[
            "timing",
            "phaseogram",
            "pulsar.evt",
            "--frequency",
            "3.208",
            "--bins",
            "16",
            "--intervals",
            "20",
            "--drift-fdot",
            "1e-5",
            "--out",
            "p.npz",
            "--plot",
            "p.png",
        ],
    );
    assert!(
        (number(&found, "/drift/frequency_hz") - 2e-3).abs() < 1e-3,
        "{found:#}"
    );
    assert!(number(&found, "/drift/z_squared") > 1000.0);
    let counts: f64 = column(path, "p.npz", "COUNTS").iter().sum();
    assert_eq!(
        (column(path, "p.npz", "PHASE").len(), counts),
        (320, number(&found, "/events"))
    );
    assert!(path.join("p.png").exists());
    let energies = astro_json(
        path,
        &[
            "timing",
            "phaseogram",
            "pulsar.evt",
            "--frequency",
            "3.21",
            "--against",
            "energy",
            "--edges",
            "2,3,5,10",
            "--plot",
            "e.svg",
        ],
    );
    for band in energies["bands"].as_array().unwrap() {
        assert!((number(band, "/amplitude") - 0.4).abs() < 4.0 * number(band, "/error"));
    }
}

#[test]
fn a_fit_recovers_the_oscillation_from_events_and_from_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    astro_ok(
        path,
        &[
            "timing",
            "simulate",
            "--out",
            "qpo.evt",
            "--rate",
            "400",
            "--duration",
            "800",
            "--qpo",
            "5,0.6,0.15",
            "--seed",
            "3",
        ],
    );
    let model = ["--model", "lorentzian + constant", "--range", "0.5:50"];
    let made = ["--segment", "16", "--dt", "0.0078125"];
    let fit = |input: &str, more: &[&str]| {
        astro_json(
            path,
            &[&["timing", "fit", input], &model[..], more].concat(),
        )
    };
    let whole = fit(
        "qpo.evt",
        &[
            &made[..],
            &[
                "--interval",
                "1",
                "--sample",
                "--steps",
                "200",
                "--burn",
                "100",
                "--against",
                "constant",
                "--outlier",
                "--simulations",
                "20",
                "--report",
                "fit.html",
                "--plot",
                "fit.svg",
            ],
        ]
        .concat(),
    );
    for (index, truth) in [(1, 5.0), (2, 0.6)] {
        let value = number(&whole, &format!("/parameters/{index}/value"));
        let error = number(&whole, &format!("/parameters/{index}/error"));
        assert!((value - truth).abs() < 4.0 * error, "{value} ± {error}");
        let interval =
            [0, 1].map(|end| number(&whole, &format!("/parameters/{index}/interval/{end}")));
        assert!(interval[0] < value && value < interval[1]);
        let posterior = number(&whole, &format!("/parameters/{index}/posterior/0"));
        assert!((posterior - value).abs() < 1.5 * error);
    }
    let (rms, error) = (
        number(&whole, "/lines/0/rms"),
        number(&whole, "/lines/0/rms_error"),
    );
    assert!(
        (rms - 0.15).abs() < 4.0 * error && error < 0.01,
        "{rms} ± {error}"
    );
    // Noise of 2/rate in squared fractional rms.
    let level = number(&whole, "/parameters/3/value");
    assert!((level * 400.0 - 2.0).abs() < 0.1);
    assert!((number(&whole, "/against/probability") - 1.0 / 21.0).abs() < 1e-9);
    assert!(number(&whole, "/outlier/probability") > 0.04);
    assert!(
        std::fs::read_to_string(path.join("fit.html"))
            .unwrap()
            .contains("Posterior")
    );

    for (name, norm) in [
        ("power.fits", "frac"),
        ("power.ecsv", "frac"),
        ("leahy.fits", "leahy"),
    ] {
        astro_ok(
            path,
            &[
                &["timing", "power", "qpo.evt", "--norm", norm, "--out", name],
                &made[..],
            ]
            .concat(),
        );
        let table = fit(name, &[]);
        let (a, b) = (
            number(&table, "/lines/0/rms"),
            number(&whole, "/lines/0/rms"),
        );
        assert!((a / b - 1.0).abs() < 1e-4, "{name}: {a} {b}");
    }
    let held = fit(
        "power.fits",
        &[
            "--fix",
            "lorentzian.center_hz=5.2",
            "--limit",
            "lorentzian.fwhm_hz=0.1:0.3",
        ],
    );
    assert_eq!(number(&held, "/parameters/1/value"), 5.2);
    assert_eq!(held["parameters"][1]["fixed"], true);
    assert!(number(&held, "/parameters/2/value") <= 0.3);
    // npz keeps no keywords, but the averages.
    astro_ok(
        path,
        &[
            &["timing", "power", "qpo.evt", "--out", "power.npz"],
            &made[..],
        ]
        .concat(),
    );
    assert!(fit("power.npz", &[])["lines"][0]["rms"].is_null());
}

#[test]
fn dead_time_is_filtered_corrected_and_modelled() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    astro_ok(
        path,
        &[
            "timing",
            "simulate",
            "--out",
            "free.evt",
            "--detectors",
            "2",
            "--rate",
            "300",
            "--duration",
            "512",
        ],
    );
    let filtered = astro_json(
        path,
        &[
            "timing", "deadtime", "free.evt", "--filter", "dead.evt", "--tau", "0.0025",
        ],
    );
    let (kept, all) = (number(&filtered, "/kept"), number(&filtered, "/events"));
    // r/(1 + rτ) of each detector.
    assert!((kept / all - 1.0 / 1.75).abs() < 5e-3, "{}", kept / all);
    let raw = astro_json(
        path,
        &[
            "timing",
            "power",
            "dead.evt",
            "--detector",
            "0",
            "--norm",
            "leahy",
            "--segment",
            "8",
            "--dt",
            "0.00390625",
            "--out",
            "raw.fits",
        ],
    );
    assert_eq!(number(&raw, "/noise_level"), 2.0);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    assert!(mean(&column(path, "raw.fits", "POWER")[..100]) < 1.0);
    let corrected = astro_json(
        path,
        &[
            "timing",
            "deadtime",
            "dead.evt",
            "--fad",
            "--detector",
            "0",
            "--detector",
            "1",
            "--norm",
            "leahy",
            "--segment",
            "8",
            "--dt",
            "0.00390625",
            "--out",
            "fad.fits",
            "--plot",
            "fad.svg",
        ],
    );
    for name in ["POWER", "POWER1", "POWER2"] {
        let power = column(path, "fad.fits", name);
        // 64 segments of 1023 frequencies: 2/√65472, and the scatter of the smoothed level.
        for part in power.chunks(341) {
            assert!((mean(part) - 2.0).abs() < 0.06, "{name}: {}", mean(part));
        }
    }
    assert!((number(&corrected, "/noise_ratio") - 1.0).abs() < 0.05);
    let model = astro_json(
        path,
        &[
            "timing",
            "deadtime",
            "--incident",
            "300",
            "--tau",
            "0.0025",
            "--out",
            "noise.ecsv",
        ],
    );
    assert!((number(&model, "/detected_rate_per_s") - 300.0 / 1.75).abs() < 1e-9);
    assert!((number(&model, "/power_lowest") - 2.0 / 1.75f64.powi(2)).abs() < 2e-3);
    let back = astro_json(
        path,
        &[
            "timing",
            "deadtime",
            "--detected",
            "171.428571428",
            "--tau",
            "0.0025",
        ],
    );
    assert!((number(&back, "/incident_rate_per_s") - 300.0).abs() < 1e-5);
}

#[test]
fn simulations_repeat_and_write_light_curves() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for (name, seed) in [("a.evt", "1"), ("b.evt", "1"), ("c.evt", "2")] {
        astro_ok(
            path,
            &[
                "timing",
                "simulate",
                "--out",
                name,
                "--seed",
                seed,
                "--gti",
                "0:100",
                "--gti",
                "150:250",
                "--bands",
                "3,10,30",
                "--lags",
                "0,0.01",
                "--red-noise",
                "1,0.2",
                "--light-curve",
                &format!("{name}.lc"),
            ],
        );
    }
    let read = |name: &str| std::fs::read(path.join(name)).unwrap();
    assert!(read("a.evt") == read("b.evt") && read("a.evt") != read("c.evt"));
    let curve = astro_io::read_fits_light_curve(path.join("a.evt.lc")).unwrap();
    assert_eq!((curve.gti.exposure_s(), curve.bin_s), (200.0, 1.0));
    let info = astro_json(path, &["timing", "info", "a.evt"]);
    assert_eq!(
        (
            number(&info, "/exposure_s"),
            &info["files"][0]["barycentred"]
        ),
        (200.0, &Value::Bool(true))
    );
    let sum: f64 = curve.rate.iter().sum();
    assert!((sum - number(&info, "/counts")).abs() < 1.0);
}

#[test]
fn nonsense_is_refused_with_the_right_code() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    pulsar(path);
    let said = |arguments: &[&str]| {
        let output = astro(path, arguments);
        let text = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), text)
    };
    for (arguments, code, words) in [
        (&["timing", "fold", "pulsar.evt"][..], 2, "--frequency"),
        (
            &["timing", "fold", "pulsar.evt", "--frequency", "-1"],
            2,
            "> 0",
        ),
        (
            &[
                "timing",
                "fold",
                "pulsar.evt",
                "--period",
                "0.3",
                "--bins",
                "4",
                "--harmonics",
                "3",
            ],
            2,
            "--bins",
        ),
        (
            &["timing", "fold", "missing.evt", "--period", "0.3"],
            1,
            "missing.evt",
        ),
        (&["timing", "search", "pulsar.evt"], 2, "--frequencies"),
        (
            &["timing", "search", "pulsar.evt", "--frequencies", "3:2"],
            2,
            "2:3",
        ),
        (
            &[
                "timing",
                "search",
                "pulsar.evt",
                "--frequencies",
                "2:3",
                "--fast",
                "--statistic",
                "h",
            ],
            2,
            "--fast",
        ),
        (
            &[
                "timing",
                "search",
                "pulsar.evt",
                "--frequencies",
                "2:3",
                "--fdot=-1:1",
            ],
            2,
            "narrow",
        ),
        (
            &[
                "timing",
                "phaseogram",
                "pulsar.evt",
                "--period",
                "0.3",
                "--against",
                "energy",
            ],
            2,
            "--edges",
        ),
        (
            &["timing", "fit", "pulsar.evt", "--model", "gaussian"],
            2,
            "gaussian",
        ),
        (
            &[
                "timing",
                "fit",
                "pulsar.evt",
                "--model",
                "constant",
                "--start",
                "level=2",
            ],
            2,
            "constant.amplitude",
        ),
        (
            &["timing", "deadtime", "pulsar.evt", "--tau", "0.1"],
            2,
            "--fad",
        ),
        (
            &["timing", "deadtime", "pulsar.evt", "--fad"],
            2,
            "two detectors",
        ),
        (
            &["timing", "deadtime", "--detected", "500", "--tau", "0.0025"],
            1,
            "below 1",
        ),
        (
            &["timing", "simulate", "--out", "pulsar.evt"],
            1,
            "--overwrite",
        ),
        (
            &["timing", "simulate", "--out", "a.evt", "--lags", "1,2"],
            2,
            "--lags",
        ),
        (
            &["timing", "simulate", "--out", "a.evt", "--rms", "0.1"],
            2,
            "--qpo",
        ),
        (
            &["timing", "simulate", "--out", "a.evt", "--qpo", "5,1"],
            2,
            "5,0.5,0.1",
        ),
        (
            &[
                "timing",
                "simulate",
                "--out",
                "a.evt",
                "--spectrum",
                "constant",
            ],
            2,
            "constant.amplitude",
        ),
    ] {
        let (found, text) = said(arguments);
        assert_eq!(found, Some(code), "{arguments:?}: {text}");
        assert!(text.contains(words), "{arguments:?}: {text}");
    }
    // Times at the satellite fold, with a warning.
    astro_ok(
        path,
        &[
            "timing",
            "simulate",
            "--out",
            "local.evt",
            "--local",
            "--duration",
            "50",
        ],
    );
    let (code, text) = said(&["timing", "fold", "local.evt", "--period", "0.3"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("barycentre"), "{text}");
}

#[test]
fn a_par_file_gives_the_phases() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    // The epoch of the files is MJD 55197.00076601852; 200 s later.
    let par = "PSR TEST\nF0 3.21\nF1 0\nPEPOCH 55197.00308083333\nBINARY ELL1\nPB 0.01\nA1 0.5\nTASC 55197.001\nEPS1 0\nEPS2 0\n";
    std::fs::write(path.join("a.par"), par).unwrap();
    astro_ok(
        path,
        &[
            "timing",
            "simulate",
            "--out",
            "binary.evt",
            "--par",
            "a.par",
            "--pulsed-fraction",
            "0.5",
            "--duration",
            "600",
        ],
    );
    let with = astro_json(path, &["timing", "fold", "binary.evt", "--par", "a.par"]);
    let without = astro_json(
        path,
        &["timing", "fold", "binary.evt", "--frequency", "3.21"],
    );
    assert!(number(&with, "/harmonics/0/amplitude") > 0.47);
    assert!(number(&without, "/harmonics/0/amplitude") < 0.3);
    let found = astro_json(
        path,
        &[
            "timing",
            "search",
            "binary.evt",
            "--frequencies",
            "3.2:3.22",
            "--par",
            "a.par",
        ],
    );
    assert!((number(&found, "/candidates/0/frequency_hz") - 3.21).abs() < 1e-4);
}

/// In the order in which the files of the one are made by the other.
#[test]
fn the_examples_of_the_pulsation_verbs_work() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let made: [&[&str]; 2] = [
        &[
            "timing",
            "simulate",
            "--out",
            "source.evt",
            "--duration",
            "200",
        ],
        &[
            "timing",
            "simulate",
            "--out",
            "for-power.evt",
            "--qpo",
            "5,0.5,0.2",
            "--duration",
            "200",
        ],
    ];
    for arguments in made {
        astro_ok(path, arguments);
    }
    let power = [
        "timing",
        "power",
        "for-power.evt",
        "--segment",
        "16",
        "--out",
        "power.fits",
    ];
    astro_ok(path, &power);
    let mut count = 0;
    for verb in [
        "simulate",
        "fold",
        "search",
        "phaseogram",
        "fit",
        "deadtime",
    ] {
        let help = astro_ok(path, &["timing", verb, "--help"]);
        let before_usage = help.split("Usage:").next().unwrap();
        let examples = before_usage
            .split("Examples:")
            .nth(1)
            .unwrap()
            .replace("\\\n", " ");
        for line in examples.lines().filter(|line| !line.trim().is_empty()) {
            // A line that help had to wrap could not be copied.
            let line = line
                .strip_prefix("  astro ")
                .unwrap_or_else(|| panic!("{verb}: {line}"));
            let mut words = words(line);
            if verb == "fit" && words.iter().any(|word| word == "--sample") {
                words.extend(["--steps".into(), "30".into(), "--burn".into(), "10".into()]);
            }
            words.push("--overwrite".to_owned());
            let arguments: Vec<&str> = words.iter().map(String::as_str).collect();
            astro_ok(path, &arguments);
            count += 1;
        }
    }
    assert!(count >= 20, "{count} examples");
}

/// Words between blanks, quoted where they have some.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
