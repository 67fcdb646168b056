//! `cargo xtask tidy`: the crate graph, the layout, and words that must not appear.

mod graph;
mod layout;
mod words;

use anyhow::Result;

use crate::report::Report;
use crate::workspace::{Package, packages};

/// Runs all checks; true if all passed.
pub(crate) fn run() -> Result<bool> {
    let mut report = Report::default();
    check(&mut report, &packages()?);
    Ok(report.finish())
}

/// Runs all checks into `report`.
pub(crate) fn check(report: &mut Report, packages: &[Package]) {
    report.check("tidy: crate graph", || graph::check(packages));
    report.check("tidy: top level", layout::top_level);
    report.check("tidy: documents", || layout::documents(packages));
    report.check("tidy: file sizes", layout::file_sizes);
    report.check("tidy: module documentation", layout::module_docs);
    report.check("tidy: forbidden words", words::check);
}
