//! The checks that need an MPI library: run where one is installed, required where the environment
//! says so.

use std::process::Command;

use crate::report::{Outcome, Report};
use crate::workspace::{Package, cargo, run};

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
        .filter(|package| package.features.iter().any(|feature| feature == "mpi"));
    let packages: Vec<&str> = with_mpi
        .flat_map(|package| ["--package", &package.name])
        .collect();
    report.check("clippy with `mpi`, warnings denied", || {
        run(mpi_cargo("clippy", &packages).args(["--all-targets", "--", "-D", "warnings"]))
    });
    report.check("mpirun with 1, 2 and 3 ranks", || {
        run(mpi_cargo("test", &packages).args(["--test", "mpi"]))
    });
}

/// MPI brings features of other crates with it, so that nothing built before can be used: compiling
/// everything well would take longer than it runs.
fn mpi_cargo(command: &str, packages: &[&str]) -> Command {
    let mut cargo = cargo([command, "--features", "mpi"]);
    cargo.args(packages);
    cargo.args(["--config", "profile.dev.opt-level=0"]);
    cargo
}

/// The first of the programs that MPI needs which is not there.
fn missing() -> Option<&'static str> {
    ["mpicc", "mpirun"].into_iter().find(|program| {
        let output = Command::new(program).arg("--version").output();
        !output.is_ok_and(|output| output.status.success())
    })
}
