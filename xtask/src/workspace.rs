//! What cargo and git know about this workspace.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::report::Outcome;

/// The repository root: the parent of this package's folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// `cargo` as it was called, in the repository root.
pub(crate) fn cargo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(root());
    command
}

/// Runs a command to its end; passed if it exits with 0, else failed with all it printed.
pub(crate) fn run(command: &mut Command) -> Result<Outcome> {
    let output = command.output().with_context(|| cannot_start(command))?;
    if output.status.success() {
        return Ok(Outcome::passed(""));
    }
    let text = [output.stdout, output.stderr]
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .concat();
    Ok(Outcome::failed(format!(
        "{command:?}: {}\n{text}",
        output.status
    )))
}

/// Runs a command that must succeed and returns what it printed to standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        bail!("{command:?}: {}\n{text}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("{command:?} printed no UTF-8"))
}

fn cannot_start(command: &Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    format!("cannot start `{program}`: install it, or put it on the PATH")
}

/// An executable that cargo has built.
#[derive(Debug)]
pub(crate) struct Executable {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The folder of its package.
    pub(crate) folder: PathBuf,
    /// The name of its target.
    pub(crate) target: String,
    /// `lib`, `bin`, `test`, `example` or `bench`.
    pub(crate) kind: String,
    /// Whether it is made of tests.
    pub(crate) is_test: bool,
}

/// Runs a cargo command that builds, and returns the executables it made.
pub(crate) fn build<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Result<Vec<Executable>> {
    let mut command = cargo(arguments);
    let messages = output(command.args(["--message-format", "json-render-diagnostics"]))?;
    let mut executables = Vec::new();
    for line in messages.lines() {
        let message: Value =
            serde_json::from_str(line).context("cargo printed a message that is not JSON")?;
        let Some(path) = message["executable"].as_str() else {
            continue;
        };
        let manifest = PathBuf::from(text(&message, "manifest_path")?);
        let kind = list(&message["target"], "kind")
            .first()
            .and_then(Value::as_str);
        executables.push(Executable {
            path: path.into(),
            folder: manifest.parent().unwrap_or(Path::new(".")).to_path_buf(),
            target: text(&message["target"], "name")?,
            kind: kind.unwrap_or_default().to_owned(),
            is_test: message["profile"]["test"] == true,
        });
    }
    Ok(executables)
}

/// Every file that git tracks or would track, relative to the root, `/`-separated.
pub(crate) fn files() -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root());
    let listing = output(&mut git)?;
    Ok(listing
        .lines()
        .filter(|file| root().join(file).is_file())
        .map(str::to_owned)
        .collect())
}

/// A workspace member.
#[derive(Debug)]
pub(crate) struct Package {
    /// Its name in `Cargo.toml`.
    pub(crate) name: String,
    /// Its folder, relative to the root.
    pub(crate) folder: String,
    /// Its direct dependencies with their kind (`normal`, `dev`, `build`).
    pub(crate) dependencies: Vec<(String, String)>,
    /// Its features.
    pub(crate) features: Vec<String>,
}

/// Features that need a library of the system. What is built without asking for them needs a Rust
/// toolchain and nothing else.
pub(crate) const SYSTEM_FEATURES: &[&str] = &["mpi"];

/// `package/feature` for all but the [`SYSTEM_FEATURES`].
pub(crate) fn features_without_system(packages: &[Package]) -> Vec<String> {
    let features = packages.iter().flat_map(|package| {
        let own = package.features.iter();
        own.filter(|feature| !SYSTEM_FEATURES.contains(&feature.as_str()))
            .map(|feature| format!("{}/{feature}", package.name))
    });
    features.collect()
}

/// All of them as one argument, for the commands that build the workspace: the same everywhere, so
/// that each uses what the last has built.
pub(crate) fn workspace_features() -> Result<String> {
    Ok(features_without_system(&packages()?).join(","))
}

/// All members, sorted by name.
pub(crate) fn packages() -> Result<Vec<Package>> {
    let text = output(&mut cargo([
        "metadata",
        "--no-deps",
        "--offline",
        "--format-version",
        "1",
    ]))?;
    let metadata: Value =
        serde_json::from_str(&text).context("`cargo metadata` printed no valid JSON")?;
    let mut packages = list(&metadata, "packages")
        .iter()
        .map(package)
        .collect::<Result<Vec<_>>>()?;
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(packages)
}

fn package(value: &Value) -> Result<Package> {
    let manifest = PathBuf::from(text(value, "manifest_path")?);
    let folder = manifest
        .parent()
        .and_then(|folder| folder.strip_prefix(root()).ok())
        .context("a workspace member lies outside the repository")?;
    let dependencies = list(value, "dependencies")
        .iter()
        .map(|d| {
            let kind = d["kind"].as_str().unwrap_or("normal");
            Ok((text(d, "name")?, kind.to_owned()))
        })
        .collect::<Result<_>>()?;
    let features = value["features"]
        .as_object()
        .map(|map| map.keys().cloned().collect())
        .unwrap_or_default();
    Ok(Package {
        name: text(value, "name")?,
        folder: folder.to_string_lossy().replace('\\', "/"),
        dependencies,
        features,
    })
}

/// The array under `key`, or an empty one.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// The string under `key`.
pub(crate) fn text(value: &Value, key: &str) -> Result<String> {
    let found = value[key].as_str();
    found
        .map(str::to_owned)
        .with_context(|| format!("cargo's JSON has no text under `{key}`"))
}
