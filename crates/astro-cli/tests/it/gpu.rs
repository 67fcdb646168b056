//! `--device`, and `astro gpu …`.

use crate::astro::{GEOMETRY, astro, astro_json, write_disc};

const CHI2: [&str; 5] = ["vis", "chi2", "disc.txt", "--profile", "profile.txt"];

/// What a call that must be wrong usage says.
fn refused(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    write_disc(folder.path());
    let output = astro(folder.path(), &[&CHI2, &GEOMETRY[..], arguments].concat());
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {errors}");
    errors
}

#[test]
fn what_no_gpu_can_do_is_refused_and_auto_says_why_it_took_the_cpu() {
    let direct = ["--method", "direct", "--pixels", "16", "--pixel", "0.1"];
    for (what, found) in [
        (&direct[..], "sum over all pixels"),
        (&["--w-term"], "w-term"),
    ] {
        // A table of two columns of baselines has no w: it is the device that is refused first.
        let errors = refused(&[what, &["--device", "gpu"]].concat());
        assert!(
            errors.contains(found) && errors.contains("--device cpu"),
            "{errors}"
        );
    }
    let errors = refused(&["--adapter", "0"]);
    assert!(errors.contains("add --device gpu"), "{errors}");

    let folder = tempfile::tempdir().unwrap();
    write_disc(folder.path());
    let auto = [&CHI2, &GEOMETRY[..], &direct, &["--device", "auto"]].concat();
    let device = astro_json(folder.path(), &auto)["device"].clone();
    assert_eq!(device["kind"], "cpu", "{device}");
    let reason = device["reason"].as_str().unwrap();
    assert!(reason.contains("sum over all pixels"), "{reason}");
    let on_cpu = astro_json(folder.path(), &[&CHI2, &GEOMETRY[..]].concat());
    assert_eq!(on_cpu["device"]["kind"], "cpu");
    assert_eq!(on_cpu["device"]["precision"], "f64");
    assert!(on_cpu["device"]["reason"].is_null());
}

#[cfg(not(feature = "gpu"))]
#[test]
fn without_the_feature_a_gpu_is_refused() {
    let errors = refused(&["--device", "gpu"]);
    assert!(errors.contains("--features gpu"), "{errors}");
    let folder = tempfile::tempdir().unwrap();
    let output = astro(folder.path(), &["gpu", "info", "--json"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("--features gpu"), "{errors}");
}

#[cfg(feature = "gpu")]
mod with_gpu {
    use std::path::Path;

    use super::*;
    use crate::astro::{astro_ok, columns};

    /// A folder with the disc, where there is a GPU.
    fn disc() -> Option<tempfile::TempDir> {
        astro_gpu::testing::device()?;
        let folder = tempfile::tempdir().unwrap();
        write_disc(folder.path());
        Some(folder)
    }

    /// The same call on both devices.
    fn on_both(folder: &Path, arguments: &[&str]) -> [serde_json::Value; 2] {
        let [cpu, gpu] = ["cpu", "gpu"]
            .map(|name| astro_json(folder, &[arguments, &["--device", name]].concat()));
        assert_eq!(cpu["device"]["kind"], "cpu");
        assert_eq!(gpu["device"]["kind"], "gpu");
        assert!(gpu["device"]["gpu"].is_string());
        [cpu, gpu]
    }

    #[test]
    fn chi2_on_a_gpu_is_that_of_the_processor() {
        let Some(folder) = disc() else { return };
        // The disc is off the data: χ² of about 20 with Σw = 1.6e5 and a flux F of 0.04 Jy. An error of δF in
        // each visibility changes it by 2 δF √(Σw/χ²), a fraction of 7 δ.
        let moved = ["--pixels", "128", "--pixel", "0.02", "--dra", "0.2"];
        for method in ["hankel", "exact", "bilinear", "galario"] {
            let call = [&CHI2, &moved[..], &["--method", method]].concat();
            let [cpu, gpu] = on_both(folder.path(), &call);
            let [a, b] = [&cpu, &gpu].map(|found| found["chi2"].as_f64().unwrap());
            assert!((a / b - 1.0).abs() < 1e-8, "{method}: {a} {b}");
            assert_ne!(gpu["device"]["precision"], "f32");
            assert!(gpu["device"]["error_bound"].as_f64().unwrap() < 1e-9);
        }
        for method in ["hankel", "exact"] {
            let single = [
                "--method",
                method,
                "--precision",
                "f32",
                "--rel-error",
                "1e-4",
            ];
            let [cpu, gpu] = on_both(folder.path(), &[&CHI2, &moved[..], &single].concat());
            let [a, b] = [&cpu, &gpu].map(|found| found["chi2"].as_f64().unwrap());
            assert!((a / b - 1.0).abs() < 2e-3, "f32, {method}: {a} {b}");
            assert_eq!(gpu["device"]["precision"], "f32");
        }
    }

    #[test]
    fn visibilities_and_dirty_images_on_a_gpu_are_those_of_the_processor() {
        let Some(folder) = disc() else { return };
        let flux = write_disc(folder.path());
        let sample = [
            "vis",
            "sample",
            "disc.txt",
            "--profile",
            "profile.txt",
            "--overwrite",
        ];
        let beam = ["--pb-fwhm", "2", "--pixels", "128", "--pixel", "0.02"];
        for options in [&GEOMETRY[..], &beam] {
            let call = [&sample, options].concat();
            let [cpu, gpu] = ["cpu", "gpu"].map(|name| {
                let end = ["--device", name, "--out", "model.txt"];
                astro_ok(folder.path(), &[&call[..], &end].concat());
                columns(folder.path().join("model.txt"))
            });
            for column in [2, 3] {
                for (a, b) in cpu[column].iter().zip(&gpu[column]) {
                    assert!((a - b).abs() < 1e-9 * flux, "{a} {b}");
                }
            }
        }
        let image = [
            "vis",
            "image",
            "disc.txt",
            "--out",
            "dirty.fits",
            "--overwrite",
            "--pixels",
            "64",
            "--pixel",
            "0.04",
        ];
        let [cpu, gpu] = on_both(folder.path(), &image);
        let [a, b] = [&cpu, &gpu].map(|found| found["peak_jy_per_beam"].as_f64().unwrap());
        assert!((a - b).abs() < 1e-9 * flux, "{a} {b}");
    }

    #[test]
    fn the_adapters_are_listed_tested_and_timed() {
        let Some(folder) = disc() else { return };
        let info = astro_json(folder.path(), &["gpu", "info"]);
        let first = &info["adapters"][0];
        assert!(!first["name"].as_str().unwrap().is_empty(), "{info}");
        assert_eq!(first["precisions"].as_array().unwrap().len(), 3);
        let small = ["gpu", "test", "--pixels", "48", "--points", "500"];
        let tested = astro_json(folder.path(), &small);
        assert_eq!(tested["failed"], 0, "{tested}");
        // Images and profiles by two methods, profiles by a third and two gradients, in each precision.
        let working = |one: &&serde_json::Value| one["error"].is_f64();
        let precisions = first["precisions"].as_array().unwrap();
        let expected = 7 * precisions.iter().filter(working).count();
        assert_eq!(tested["checks"].as_array().unwrap().len(), expected);
        let bench = [
            "gpu",
            "bench",
            "--sizes",
            "32",
            "--points",
            "1000",
            "--batch",
            "2",
            "--repeats",
            "1",
            // One segment of 256 s.
            "--events",
            "300000",
            "--trials",
            "16",
        ];
        let rows = astro_json(folder.path(), &bench)["rows"].clone();
        assert_eq!(rows.as_array().unwrap().len(), 10 + 4, "{rows}");
        for row in rows.as_array().unwrap() {
            let seconds = row["gpu_s"].as_f64();
            assert!(seconds.is_some_and(|seconds| seconds > 0.0), "{row}");
        }
    }

    #[test]
    fn spectra_and_searches_of_events_are_computed_there() {
        let Some(folder) = disc() else { return };
        let path = folder.path();
        let simulate = [
            "timing",
            "simulate",
            "--out",
            "pulsar.evt",
            "--rate",
            "60",
            "--duration",
            "100",
            "--frequency",
            "3.21",
            "--pulsed-fraction",
            "0.4",
            "--seed",
            "5",
        ];
        astro_ok(path, &simulate);
        let spectrum = ["pulsar.evt", "--segment", "10", "--dt", "0.02"];
        let pair = ["--subject", "4:10", "--reference", "2:4", "--band", "1:5"];
        let power = [&["timing", "power"], &spectrum[..], &["--rms", "1:5"]].concat();
        let cross = [&["timing", "cross"], &spectrum[..], &pair].concat();
        let search = ["timing", "search", "pulsar.evt", "--frequencies", "3:3.5"];
        for (call, number) in [
            (power, "/rms/0/variance"),
            (cross, "/bands/0/coherence/0"),
            (search.to_vec(), "/best/statistic"),
        ] {
            let [here, there] = ["cpu", "gpu"].map(|device| {
                let found = astro_json(path, &[&call[..], &["--device", device]].concat());
                assert_eq!(found["device"]["kind"], device, "{found}");
                found.pointer(number).unwrap().as_f64().unwrap()
            });
            // The CPU's search takes the non-uniform FFT, to 10⁻¹⁰ an event.
            assert!(
                (here - there).abs() < 1e-6 * here.abs(),
                "{call:?}: {here} {there}"
            );
        }
        let fast = [&search[..], &["--fast", "--device", "gpu"]].concat();
        let output = astro(path, &fast);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(errors.contains("--fast has no GPU version"), "{errors}");
    }

    #[test]
    fn an_adapter_that_is_not_there_is_told_and_auto_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        write_disc(folder.path());
        let call = [
            &CHI2,
            &GEOMETRY[..],
            &["--adapter", "no such card", "--device"],
        ]
        .concat();
        let output = astro(folder.path(), &[&call[..], &["gpu"]].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert!(errors.contains("no such card"), "{errors}");
        let auto = astro_json(folder.path(), &[&call[..], &["auto"]].concat());
        assert_eq!(auto["device"]["kind"], "cpu");
        let reason = auto["device"]["reason"].as_str().unwrap();
        assert!(reason.contains("no such card"), "{reason}");
    }
}
