//! The checks that need an MPI library: run where one is installed, required where the environment
//! says so.

use std::process::Command;

use crate::report::{Outcome, Report};
use crate::workspace::{Package, cargo, features_without_system, run};

/// Makes a missing MPI library a failure.
const REQUIRED: &str = "ASTRO_REQUIRE_MPI";

/// Lints and runs what has the feature `mpi`.
pub(crate) fn check(report: &mut Report, packages: &[Package]) {
    if let Some(missing) = missing() {
        report.check("MPI", || {
            let needs = format!(
                "{missing} cannot be run; on Debian and Ubuntu: apt install libopenmpi-dev openmpi-bin libclang-dev clang"
            );
            Ok(match std::env::var_os(REQUIRED) {
                Some(_) => Outcome::failed(format!("{REQUIRED} is set, but {needs}")),
                None => Outcome::passed(format!("left out: {needs}")),
            })
        });
        return;
    }
    let with_mpi = packages
        .iter()
        .filter(|package| package.features.iter().any(|feature| feature == "mpi"))
        .map(|package| format!("{}/mpi", package.name));
    let mut features = features_without_system(packages);
    features.extend(with_mpi);
    let features = features.join(",");
    report.check("clippy with `mpi`, warnings denied", || {
        run(cargo([
            "clippy",
            "--workspace",
            "--all-targets",
            "--features",
            &features,
        ])
        .args(["--", "-D", "warnings"]))
    });
    report.check("mpirun with 1, 2 and 3 ranks", || {
        // The command only parses and prints: compiling it well would take longer than it runs.
        run(&mut cargo([
            "test",
            "--workspace",
            "--test",
            "mpi",
            "--features",
            &features,
            "--config",
            "profile.dev.package.astro-cli.opt-level=0",
        ]))
    });
}

/// The first of the programs that MPI needs which is not there.
fn missing() -> Option<&'static str> {
    ["mpicc", "mpirun"].into_iter().find(|program| {
        let output = Command::new(program).arg("--version").output();
        !output.is_ok_and(|output| output.status.success())
    })
}
