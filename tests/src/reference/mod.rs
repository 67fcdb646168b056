//! Reference cases: folders with a `case.json` and NumPy arrays, each checked
//! against every method that it has numbers for.

mod case;
mod check;
mod device;
mod image;
mod lowlevel;
mod profile;
mod sizes;
mod timing;
mod uvtable;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

pub use case::Case;
pub use check::{Check, Checks};
#[cfg(feature = "gpu")]
pub use device::compute_on;

/// Folders under `directory`, itself included, that hold a `case.json`; sorted.
///
/// # Errors
/// A folder that cannot be read.
pub fn find_cases(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut cases = Vec::new();
    let mut folders = vec![directory.to_path_buf()];
    while let Some(folder) = folders.pop() {
        if folder.join("case.json").is_file() {
            cases.push(folder.clone());
        }
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            }
        }
    }
    cases.sort();
    Ok(cases)
}

/// Runs every check of the case in `folder`; an error becomes a failed check.
pub fn check_case(folder: &Path) -> Checks {
    let name = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut checks = Checks::new(&name);
    if let Err(error) = run(folder, &mut checks) {
        checks.failed("runs", format!("{error:#}"));
    } else if checks.is_empty() {
        checks.failed("runs", "the case has no numbers to compare with");
    }
    checks
}

fn run(folder: &Path, checks: &mut Checks) -> Result<()> {
    let case = Case::read(folder)?;
    if timing::is_timing(&case) {
        return timing::check(&case, checks);
    }
    match case.kind()? {
        "image" => image::check(&case, checks),
        "profile" => profile::check(&case, checks),
        "lowlevel" => lowlevel::check(&case, checks),
        "sizes" => sizes::check(&case, checks),
        "uvtable" => uvtable::check(&case, checks),
        unknown => bail!("unknown kind `{unknown}`"),
    }
}
