//! What lies where: the top level, the documents, file sizes and headers.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};

use crate::report::Outcome;
use crate::workspace::{Package, files, root};

/// Everything that may lie at the top level besides dotfiles.
const TOP_LEVEL: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "benches",
    "crates",
    "docs",
    "shaders",
    "tests",
    "xtask",
];

/// Documents that must be there.
const DOCUMENTS: &[&str] = &[
    "README.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "docs/architecture.md",
    "docs/benchmarks.md",
    "docs/changelog.md",
    "docs/contributing.md",
    "docs/conventions.md",
];

/// No committed file is larger: data lives elsewhere.
const MAX_BYTES: u64 = 1_000_000;

/// A source file of more lines holds two subjects.
const MAX_LINES: usize = 800;

/// Only the agreed entries at the top level.
pub(crate) fn top_level() -> Result<Outcome> {
    let entries: BTreeSet<String> = files()?
        .iter()
        .filter_map(|file| file.split('/').next().map(str::to_owned))
        .collect();
    let problems: Vec<String> = entries
        .iter()
        .filter(|entry| !entry.starts_with('.') && !TOP_LEVEL.contains(&entry.as_str()))
        .map(|entry| format!("`{entry}` does not belong at the top level"))
        .collect();
    Ok(Outcome::from_problems(
        &problems,
        format!("{} entries", entries.len()),
    ))
}

/// The documents are there, and the README's table lists every crate.
pub(crate) fn documents(packages: &[Package]) -> Result<Outcome> {
    let mut problems: Vec<String> = DOCUMENTS
        .iter()
        .filter(|document| !root().join(document).is_file())
        .map(|document| format!("`{document}` is missing"))
        .collect();
    let readme = fs::read_to_string(root().join("README.md")).unwrap_or_default();
    for package in packages.iter().filter(|p| p.folder.starts_with("crates/")) {
        let name = &package.name;
        let listed = readme
            .lines()
            .any(|line| line.starts_with('|') && line.contains(&format!("`{name}`")));
        if !listed {
            problems.push(format!(
                "the crate table of README.md does not list `{name}`"
            ));
        }
        let own = format!("{}/README.md", package.folder);
        if !root().join(&own).is_file() {
            problems.push(format!("`{own}` is missing"));
        }
    }
    let summary = format!("{} documents", DOCUMENTS.len());
    Ok(Outcome::from_problems(&problems, summary))
}

/// No file is too large, no source file too long.
pub(crate) fn file_sizes() -> Result<Outcome> {
    let files = files()?;
    let mut problems = Vec::new();
    for file in &files {
        let bytes = fs::metadata(root().join(file))
            .with_context(|| format!("cannot read {file}"))?
            .len();
        if bytes > MAX_BYTES {
            problems.push(format!("`{file}` has {bytes} bytes; at most {MAX_BYTES}"));
        }
        if file.ends_with(".rs") {
            let lines = read(file)?.lines().count();
            if lines > MAX_LINES {
                problems.push(format!(
                    "`{file}` has {lines} lines; split it below {MAX_LINES}"
                ));
            }
        }
    }
    let summary = format!("{} files", files.len());
    Ok(Outcome::from_problems(&problems, summary))
}

/// Every source file opens with its documentation; `lib.rs` holds modules and re-exports only.
pub(crate) fn module_docs() -> Result<Outcome> {
    let files = files()?;
    let mut problems = Vec::new();
    let mut checked = 0;
    for file in files.iter().filter(|file| file.ends_with(".rs")) {
        checked += 1;
        let text = read(file)?;
        if !text.starts_with("//!") && !text.starts_with("#![doc") {
            problems.push(format!(
                "`{file}` does not start with module documentation (`//!`)"
            ));
        }
        if file.starts_with("crates/") && file.ends_with("/src/lib.rs") {
            let code = [
                "fn ",
                "pub fn ",
                "struct ",
                "pub struct ",
                "impl ",
                "enum ",
                "pub enum ",
            ];
            for (number, line) in text.lines().enumerate() {
                if code.iter().any(|start| line.starts_with(start)) {
                    let line_number = number + 1;
                    problems.push(format!(
                        "`{file}`:{line_number} holds code; lib.rs is documentation, modules and re-exports"
                    ));
                }
            }
        }
    }
    let summary = format!("{checked} source files");
    Ok(Outcome::from_problems(&problems, summary))
}

fn read(file: &str) -> Result<String> {
    fs::read_to_string(root().join(file)).with_context(|| format!("cannot read {file} as text"))
}
