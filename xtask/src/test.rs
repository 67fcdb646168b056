//! `cargo xtask test`: one line a test binary, then one for the documentation's examples.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, Result};

use crate::report::{Outcome, Report};
use crate::workspace::{Executable, build, cargo, workspace_features};

/// What to run.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only tests whose name contains this.
    filter: Option<String>,
}

/// Builds and runs all tests; true if all passed.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let mut report = Report::default();
    let mut tests = BTreeMap::new();
    report.check("build", || {
        tests = build_tests()?;
        Ok(Outcome::passed(format!("{} test binaries", tests.len())))
    });
    for (name, test) in &tests {
        report.check(name, || run_tests(test, options.filter.as_deref()));
    }
    // All at once, with the features of the whole workspace, to share what the build made.
    report.check("documentation tests", || {
        let features = workspace_features()?;
        let mut command = cargo([
            "test",
            "--workspace",
            "--features",
            &features,
            "--doc",
            "--no-fail-fast",
        ]);
        if let Some(filter) = &options.filter {
            command.args(["--", filter]);
        }
        summarize(&mut command)
    });
    Ok(report.finish())
}

/// Builds every test of the workspace: its name for the report, and where it is.
fn build_tests() -> Result<BTreeMap<String, Executable>> {
    let features = workspace_features()?;
    let built = build(["test", "--workspace", "--features", &features, "--no-run"])?;
    let tests = built.into_iter().filter(|executable| executable.is_test);
    Ok(tests.map(|test| (name(&test), test)).collect())
}

fn name(test: &Executable) -> String {
    let package = test
        .folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    match test.kind.as_str() {
        "lib" => format!("{package} (unit)"),
        kind => format!("{package} ({kind} {})", test.target),
    }
}

/// Runs one test executable where and as cargo would.
fn run_tests(test: &Executable, filter: Option<&str>) -> Result<Outcome> {
    let mut command = Command::new(&test.path);
    command
        .args(filter)
        .current_dir(&test.folder)
        .env("CARGO_MANIFEST_DIR", &test.folder);
    summarize(&mut command)
}

/// Runs tests and adds up the `test result:` lines.
fn summarize(command: &mut Command) -> Result<Outcome> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {command:?}"))?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Ok(Outcome::failed(format!("{stdout}{stderr}")));
    }
    let ignored = count(&stdout, "ignored");
    if ignored > 0 {
        return Ok(Outcome::failed(format!(
            "{ignored} tests are ignored; every test runs"
        )));
    }
    Ok(Outcome::passed(format!(
        "{} tests",
        count(&stdout, "passed")
    )))
}

/// The number before `word` in every `test result:` line, added up.
fn count(output: &str, word: &str) -> usize {
    output
        .lines()
        .filter_map(|line| line.strip_prefix("test result:"))
        .flat_map(|line| line.split(['.', ';']))
        .filter_map(|part| part.trim().strip_suffix(word))
        .filter_map(|number| number.trim().parse::<usize>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_binaries_add_up() {
        let output = "running 3 tests\n\
            test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
            noise 7 passed;\n\
            test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(count(output, "passed"), 15);
        assert_eq!(count(output, "ignored"), 1);
    }
}
