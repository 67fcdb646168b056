//! `cargo xtask test`: one line a test binary, then one a crate's documentation tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::report::{Outcome, Report};
use crate::workspace::{cargo, list, output, packages, text};

/// What to run.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only tests whose name contains this.
    filter: Option<String>,
}

/// Builds and runs all tests; true if all passed.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let mut report = Report::default();
    let mut binaries = Vec::new();
    report.check("build", || {
        binaries = build()?;
        Ok(Outcome::passed(format!("{} test binaries", binaries.len())))
    });
    for binary in &binaries {
        report.check(&binary.name, || binary.run(options.filter.as_deref()));
    }
    for package in packages()? {
        if package.folder.starts_with("crates/astro-cli") || !package.folder.starts_with("crates/")
        {
            continue;
        }
        report.check(&format!("{} (documentation)", package.name), || {
            let mut command = cargo(["test", "--quiet", "--doc", "--package", &package.name]);
            if let Some(filter) = &options.filter {
                command.args(["--", filter]);
            }
            summarize(&mut command)
        });
    }
    Ok(report.finish())
}

/// One executable made of tests.
struct TestBinary {
    name: String,
    executable: PathBuf,
    folder: PathBuf,
}

impl TestBinary {
    fn run(&self, filter: Option<&str>) -> Result<Outcome> {
        let mut command = Command::new(&self.executable);
        command
            .args(filter)
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder);
        summarize(&mut command)
    }
}

/// Builds every test of the workspace.
fn build() -> Result<Vec<TestBinary>> {
    let messages = output(&mut cargo([
        "test",
        "--workspace",
        "--no-run",
        "--message-format",
        "json-render-diagnostics",
    ]))?;
    let mut binaries = BTreeMap::new();
    for line in messages.lines() {
        let message: Value =
            serde_json::from_str(line).context("cargo printed a message that is not JSON")?;
        let Some(executable) = message["executable"].as_str() else {
            continue;
        };
        if message["profile"]["test"] != true {
            continue;
        }
        let manifest = PathBuf::from(text(&message, "manifest_path")?);
        let folder = manifest.parent().unwrap_or(Path::new(".")).to_path_buf();
        let package = folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let target = text(&message["target"], "name")?;
        let kind = list(&message["target"], "kind")
            .first()
            .and_then(Value::as_str)
            .unwrap_or("?")
            .to_owned();
        let name = match kind.as_str() {
            "lib" => format!("{package} (unit)"),
            _ => format!("{package} ({kind} {target})"),
        };
        let executable = PathBuf::from(executable);
        binaries.insert(
            name.clone(),
            TestBinary {
                name,
                executable,
                folder,
            },
        );
    }
    Ok(binaries.into_values().collect())
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
