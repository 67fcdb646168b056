//! Every example of every `--help` runs on files named as the demo names them.

use astro_io::{FitsSamples, IfExists, write_fits_image};

use crate::astro::{astro_ok, write_disc};
use crate::physics::cube;

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
    let mut count = 0;
    for verb in [
        "fit", "sample", "chi2", "image", "size", "average", "simulate", "params",
    ] {
        let help = astro_ok(folder.path(), &["vis", verb, "--help"]);
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
            let mut arguments: Vec<&str> = line.split_whitespace().collect();
            if let Some(redirected) = arguments.iter().position(|word| *word == ">") {
                arguments.truncate(redirected);
            }
            if verb == "fit" && !arguments.contains(&"--steps") {
                arguments.extend(["--steps", "40"]);
            }
            astro_ok(folder.path(), &arguments);
            count += 1;
        }
    }
    assert!(count >= 20, "{count} examples");
}
