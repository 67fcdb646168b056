//! Words that must not appear: unfinished work, left-over debugging, paths of one machine.

use std::fs;

use anyhow::Result;

use crate::report::Outcome;
use crate::workspace::{files, root};

/// This file names what it forbids.
const SELF: &str = "xtask/src/tidy/words.rs";

/// Marks of unfinished or left-over work, in any text file.
const UNFINISHED: &[&str] = &[
    "TODO",
    "FIXME",
    "HACK:",
    "todo!(",
    "unimplemented!(",
    "dbg!(",
    "#[ignore",
    "target-cpu=native",
];

/// Top-level folders that absolute paths on somebody's machine begin with.
const MACHINE_FOLDERS: &[&str] = &["home", "root", "tmp", "work", "Users", "mnt", "scratch"];

/// Looks at every text file of the repository.
pub(crate) fn check() -> Result<Outcome> {
    let mut problems = Vec::new();
    let mut checked = 0;
    for file in files()? {
        if file == SELF || file == "Cargo.lock" {
            continue;
        }
        // Files that are not UTF-8 are data.
        let Ok(text) = fs::read_to_string(root().join(&file)) else {
            continue;
        };
        checked += 1;
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = forbidden(line) {
                problems.push(format!("`{file}`:{} contains `{word}`", number + 1));
            }
        }
    }
    Ok(Outcome::from_problems(
        &problems,
        format!("{checked} text files"),
    ))
}

/// The first forbidden word of a line.
fn forbidden(line: &str) -> Option<String> {
    let unfinished = UNFINISHED.iter().find(|word| line.contains(*word));
    unfinished
        .map(|word| (*word).to_owned())
        .or_else(|| machine_path(line))
}

/// An absolute path into one of the [`MACHINE_FOLDERS`].
///
/// `https://example.org/home/` and `crates/tmp/` are not absolute paths: what
/// stands before the slash tells.
fn machine_path(line: &str) -> Option<String> {
    MACHINE_FOLDERS.iter().find_map(|folder| {
        let path = format!("/{folder}/");
        line.match_indices(&path)
            .any(|(at, _)| {
                let before = line[..at].chars().next_back();
                before.is_none_or(|c| !c.is_alphanumeric() && !"_.-/~}".contains(c))
            })
            .then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_paths_are_found_and_relative_ones_are_not() {
        assert_eq!(forbidden("open(\"/home/me/x\")"), Some("/home/".into()));
        assert_eq!(forbidden("/tmp/x"), Some("/tmp/".into()));
        assert_eq!(forbidden("see https://example.org/home/page"), None);
        assert_eq!(forbidden("the tmp/ folder, ../work/x, ${OUT}/tmp/x"), None);
    }

    #[test]
    fn unfinished_work_is_found() {
        assert_eq!(forbidden("// TODO: later"), Some("TODO".into()));
        assert_eq!(forbidden("    todo!()"), Some("todo!(".into()));
        assert_eq!(forbidden("todo = \"warn\""), None);
    }
}
