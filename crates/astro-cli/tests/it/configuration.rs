//! Parameters: listed, written as a template, and read from a file.

use crate::astro::{astro, astro_json, astro_ok, write_disc};

#[test]
fn a_file_sets_what_the_command_line_leaves_open() {
    let folder = tempfile::tempdir().unwrap();
    write_disc(folder.path());
    let toml = "inputs = ['disc.txt']\nmodel = 'gaussian'\nsteps = 0\n\n[fix]\ninclination = 50\nposition_angle = 30\n";
    std::fs::write(folder.path().join("fit.toml"), toml).unwrap();
    let fixed = |arguments: &[&str]| {
        let found = astro_json(folder.path(), arguments);
        let all = found["parameters"].as_array().unwrap();
        let fixed = all.iter().filter(|p| p["fixed"] == true).count();
        (fixed, found["model_name"].as_str().unwrap().to_owned())
    };
    assert_eq!(
        fixed(&["vis", "fit", "--config", "fit.toml"]),
        (2, "gaussian".to_owned())
    );
    let over = [
        "vis",
        "fit",
        "--config=fit.toml",
        "--model",
        "rings:1",
        "--fix",
        "inclination=50",
    ];
    assert_eq!(fixed(&over), (1, "rings:1".to_owned()));
}

#[test]
fn unknown_keys_and_bad_values_are_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    write_disc(folder.path());
    let refused = |toml: &str| {
        std::fs::write(folder.path().join("fit.toml"), toml).unwrap();
        let output = astro(
            folder.path(),
            &["vis", "fit", "disc.txt", "--config", "fit.toml"],
        );
        assert_eq!(output.status.code(), Some(2), "{toml}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused("weigthing = 'briggs'").contains("nearest is \"weighting\""));
    assert!(refused("robust = 3").contains("-2 to 2"));
    assert!(refused("steps = -1").contains(">= 0"));
    assert!(refused("steps = ").contains("not TOML"));
    let absent = astro(
        folder.path(),
        &["vis", "fit", "disc.txt", "--config", "absent.toml"],
    );
    assert_eq!(absent.status.code(), Some(1));
}

#[test]
fn the_template_of_every_verb_can_be_given_back() {
    let folder = tempfile::tempdir().unwrap();
    write_disc(folder.path());
    for verb in [
        "fit", "sample", "chi2", "image", "size", "average", "simulate",
    ] {
        let template = astro_ok(folder.path(), &["vis", "params", verb, "--toml"]);
        std::fs::write(folder.path().join(verb), template).unwrap();
    }
    astro_ok(
        folder.path(),
        &["vis", "size", "disc.txt", "--config", "size"],
    );
    // Every default of the template, set explicitly, changes nothing.
    let template = std::fs::read_to_string(folder.path().join("size")).unwrap();
    let set: Vec<&str> = template
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| {
            line.parse::<toml::Table>()
                .is_ok_and(|table| table.len() == 1)
        })
        .collect();
    assert!(set.contains(&"field-factor = 5"), "{template}");
    std::fs::write(folder.path().join("all"), set.join("\n")).unwrap();
    let [plain, all] = [
        vec!["vis", "size", "disc.txt"],
        vec!["vis", "size", "disc.txt", "--config", "all"],
    ]
    .map(|arguments| astro_ok(folder.path(), &arguments));
    assert_eq!(plain, all);
}

#[test]
fn parameters_are_listed_with_unit_range_and_default() {
    let folder = tempfile::tempdir().unwrap();
    let all = astro_json(folder.path(), &["vis", "params"]);
    let fit = all["fit"].as_array().unwrap();
    let robust = fit.iter().find(|one| one["name"] == "robust").unwrap();
    assert_eq!(robust["range"], "-2 to 2");
    assert_eq!(robust["default"], "0.5");
    let uv_min = fit.iter().find(|one| one["name"] == "uv-min").unwrap();
    assert_eq!(uv_min["unit"], "kλ");
    let output = astro(folder.path(), &["vis", "params", "fti"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_documents_are_those_of_the_definitions() {
    let folder = tempfile::tempdir().unwrap();
    for (job, name) in [("vis", "parameters.md"), ("timing", "parameters-timing.md")] {
        let written = astro_ok(folder.path(), &[job, "params", "--markdown"]);
        let path = format!("{}/../../docs/{name}", env!("CARGO_MANIFEST_DIR"));
        let document = std::fs::read_to_string(path).unwrap().replace("\r\n", "\n");
        assert!(
            written.trim() == document.trim(),
            "docs/{name} is old: astro {job} params --markdown > docs/{name}"
        );
    }
}
