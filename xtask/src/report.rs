//! One line a check, and the count at the end.

use std::time::{Duration, Instant};

/// Prints checks as they finish and remembers how many failed.
#[derive(Debug, Default)]
pub(crate) struct Report {
    passed: usize,
    failed: usize,
}

impl Report {
    /// Runs one check and prints its line; a failure prints its details below.
    pub(crate) fn check(&mut self, name: &str, check: impl FnOnce() -> anyhow::Result<Outcome>) {
        let start = Instant::now();
        let outcome = check().unwrap_or_else(|error| Outcome::failed(format!("{error:#}")));
        self.line(name, &outcome, start.elapsed());
    }

    /// Prints the line of a check that has run.
    #[expect(
        clippy::print_stdout,
        reason = "printing lines is what this type is for"
    )]
    pub(crate) fn line(&mut self, name: &str, outcome: &Outcome, time: Duration) {
        let word = if outcome.passed { "ok    " } else { "FAILED" };
        let seconds = time.as_secs_f64();
        let summary = &outcome.summary;
        println!("{word} {name:<52} {seconds:>7.1} s  {summary}");
        if outcome.passed {
            self.passed += 1;
            return;
        }
        self.failed += 1;
        for line in outcome.details.lines() {
            println!("       {line}");
        }
    }

    /// Prints the totals; true if nothing failed.
    #[expect(
        clippy::print_stdout,
        reason = "printing lines is what this type is for"
    )]
    pub(crate) fn finish(self) -> bool {
        println!("{} passed, {} failed", self.passed, self.failed);
        self.failed == 0 && self.passed > 0
    }
}

/// What one check found.
#[derive(Debug)]
pub(crate) struct Outcome {
    passed: bool,
    summary: String,
    details: String,
}

impl Outcome {
    /// A check that passed, with a few words on what it covered.
    pub(crate) fn passed(summary: impl Into<String>) -> Self {
        Self {
            passed: true,
            summary: summary.into(),
            details: String::new(),
        }
    }

    /// A check that failed, with everything needed to see why.
    pub(crate) fn failed(details: impl Into<String>) -> Self {
        Self {
            passed: false,
            summary: String::new(),
            details: details.into(),
        }
    }

    /// Passed if `problems` is empty, else failed with one line a problem.
    pub(crate) fn from_problems(problems: &[String], summary: impl Into<String>) -> Self {
        if problems.is_empty() {
            Self::passed(summary)
        } else {
            Self::failed(problems.join("\n"))
        }
    }
}
