//! `cargo xtask ci`: everything that must hold before a change is merged, except the tests.

use std::process::Command;

use anyhow::Result;

use crate::mpi;
use crate::report::{Outcome, Report};
use crate::tidy;
use crate::workspace::{
    Package, SYSTEM_FEATURES, build, cargo, features_without_system, output, packages, root,
    run as run_command,
};

/// Runs the gate; true if every check passed.
pub(crate) fn run() -> Result<bool> {
    let mut report = Report::default();
    let packages = packages()?;
    let workspace = features_without_system(&packages).join(",");
    tidy::check(&mut report, &packages);
    report.check("rustfmt", || {
        run_command(&mut cargo(["fmt", "--all", "--check"]))
    });
    report.check("clippy, warnings denied", || {
        run_command(
            cargo(["clippy", "--workspace", "--features", &workspace]).args([
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ]),
        )
    });
    report.check("rustdoc, warnings denied", || {
        run_command(
            cargo([
                "doc",
                "--workspace",
                "--features",
                &workspace,
                "--no-deps",
                "--document-private-items",
            ])
            .env(
                "RUSTDOCFLAGS",
                "-D warnings -A rustdoc::private_intra_doc_links",
            ),
        )
    });
    for package in &packages {
        features(&mut report, package);
    }
    report.check("no GPU library in the default build", no_gpu_by_default);
    let mut examples = Vec::new();
    report.check("build the examples", || {
        examples = build([
            "build",
            "--workspace",
            "--features",
            &workspace,
            "--examples",
        ])?;
        Ok(Outcome::passed(format!("{} examples", examples.len())))
    });
    for example in &examples {
        report.check(&format!("example {}", example.target), || {
            run_command(Command::new(&example.path).current_dir(root()))
        });
    }
    mpi::check(&mut report, &packages);
    Ok(report.finish())
}

/// What is built without asking for a GPU has no `wgpu` in its tree.
fn no_gpu_by_default() -> Result<Outcome> {
    let tree = output(&mut cargo([
        "tree", "--edges", "normal", "--prefix", "none", "--format", "{p}",
    ]))?;
    let found = tree.lines().find(|line| line.starts_with("wgpu "));
    Ok(match found {
        None => Outcome::passed(format!("{} lines of cargo tree", tree.lines().count())),
        Some(line) => Outcome::failed(format!(
            "the default members depend on `{line}`: `cargo tree --invert wgpu` says by whom"
        )),
    })
}

/// Compiles a package without its default features, then with each feature alone.
fn features(report: &mut Report, package: &Package) {
    if package.features.is_empty() {
        return;
    }
    let none = ["check", "--no-default-features", "--package", &package.name];
    report.check(&format!("{} without features", package.name), || {
        run_command(&mut cargo(none))
    });
    let alone =
        |feature: &&String| *feature != "default" && !SYSTEM_FEATURES.contains(&feature.as_str());
    for feature in package.features.iter().filter(alone) {
        report.check(&format!("{} with `{feature}` alone", package.name), || {
            run_command(cargo(none).args(["--features", feature]))
        });
    }
}
