//! Every example of every `--help` runs on files named as the demo names them.

use std::path::Path;

use astro_io::{FitsSamples, IfExists, write_fits_image};

use crate::astro::{astro_ok, write_disc};
use crate::physics::cube;
use crate::timing::{observation, write};

#[test]
fn the_examples_of_every_help_page_work() {
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("astro-demo");
    std::fs::create_dir(&demo).unwrap();
    write_disc(&demo);
    let image = cube(&[1.0], &[230e9]);
    write_fits_image(
        demo.join("disc.fits"),
        &image,
        FitsSamples::F64,
        IfExists::Refuse,
    )
    .unwrap();
    let config =
        "inputs = ['astro-demo/disc.txt']\nmodel = 'gaussian'\n[prior]\nsigma = [0.05, 1]\n";
    std::fs::write(demo.join("fit.toml"), config).unwrap();
    let simulate = [
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
        "--out",
        "astro-demo/disc.uvfits",
        "--noise",
        "0.01",
    ];
    astro_ok(folder.path(), &simulate);
    let verbs = [
        "fit", "sample", "chi2", "image", "size", "average", "simulate", "params",
    ];
    let mut count = 0;
    for verb in verbs {
        for mut arguments in examples_of(folder.path(), "vis", verb) {
            if verb == "fit" && !arguments.iter().any(|word| word == "--steps") {
                arguments.extend(["--steps".to_owned(), "40".to_owned()]);
            }
            run(folder.path(), &arguments);
            count += 1;
        }
    }
    assert!(count >= 20, "{count} examples");
}

#[test]
fn the_examples_of_timing_work_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let events = observation();
    write(&folder.path().join("source.evt"), &events);
    let later = events.shifted(1000.0).unwrap();
    write(&folder.path().join("later.evt"), &later);
    let mut count = 0;
    for verb in [
        "info",
        "filter",
        "lightcurve",
        "power",
        "cross",
        "lags",
        "energy",
        "dynamic",
        "export",
        "params",
    ] {
        if verb == "cross" {
            let soft = [
                "timing",
                "filter",
                "source.evt",
                "--energy",
                "0.5:3",
                "--out",
                "soft.evt",
            ];
            astro_ok(folder.path(), &soft);
        }
        for mut arguments in examples_of(folder.path(), "timing", verb) {
            let writes = |word: &String| word == "--out" || word == "--plot";
            if arguments.iter().any(writes) {
                arguments.push("--overwrite".to_owned());
            }
            run(folder.path(), &arguments);
            count += 1;
        }
    }
    assert!(count >= 20, "{count} examples");
}

fn run(folder: &Path, arguments: &[String]) {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    astro_ok(folder, &arguments);
}

/// The arguments of each example of a help page.
fn examples_of(folder: &Path, job: &str, verb: &str) -> Vec<Vec<String>> {
    let help = astro_ok(folder, &[job, verb, "--help"]);
    let before_usage = help.split("Usage:").next().unwrap();
    let examples = before_usage
        .split("Examples:")
        .nth(1)
        .unwrap()
        .replace("\\\n", " ");
    let lines = examples.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            // A line that help had to wrap could not be copied.
            let line = line
                .strip_prefix("  astro ")
                .unwrap_or_else(|| panic!("{verb}: {line}"));
            let words = line.split_whitespace().map(str::to_owned);
            words.take_while(|word| word != ">").collect()
        })
        .collect()
}
