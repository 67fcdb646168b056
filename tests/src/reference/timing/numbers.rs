//! The numbers of a timing case, and how they are compared.

use anyhow::{Context, Result};
use astro_core::GoodTimeIntervals;
use num_complex::Complex64;
use serde_json::Value;

use crate::reference::case::{Case, number};
use crate::reference::check::Checks;

/// A case in the layout of the timing references: `inputs_*.npy`, `outputs_*.npy`, and
/// `params`, `scalars` and `rtol_suggested` in `case.json`.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimingCase<'a> {
    case: &'a Case,
}

impl<'a> TimingCase<'a> {
    pub(super) fn new(case: &'a Case) -> Self {
        Self { case }
    }

    /// `case` of `case.json`, else the folder's name.
    pub(super) fn name(&self) -> Result<&'a str> {
        if self.case.has("case") {
            return self.case.text("case");
        }
        let name = self
            .case
            .folder()
            .file_name()
            .and_then(|name| name.to_str());
        name.context("the folder has no name")
    }

    /// The whole case.
    pub(super) fn case(&self) -> &'a Case {
        self.case
    }

    /// What the peer was told.
    pub(super) fn parameters(&self) -> &'a Value {
        &self.case.parameters()["params"]
    }

    /// A number that the peer was told.
    pub(super) fn parameter(&self, name: &str) -> Result<f64> {
        number(&self.case.parameters()["params"], name)
    }

    /// A number that the peer found.
    pub(super) fn scalar(&self, name: &str) -> Result<f64> {
        number(&self.case.parameters()["scalars"], name)
    }

    /// The relative error that an exact algorithm keeps.
    pub(super) fn tolerance(&self) -> Result<f64> {
        self.case.number("rtol_suggested")
    }

    /// An array that the peer was given, row by row if it has several axes.
    pub(super) fn input(&self, name: &str) -> Result<Vec<f64>> {
        self.case.flat(&format!("inputs_{name}"))
    }

    /// An array that the peer found, row by row if it has several axes.
    pub(super) fn output(&self, name: &str) -> Result<Vec<f64>> {
        self.case.flat(&format!("outputs_{name}"))
    }

    /// A complex array that the peer found.
    pub(super) fn complex_output(&self, name: &str) -> Result<Vec<Complex64>> {
        self.case.complex(&format!("outputs_{name}"))
    }

    /// An array of true and false that the peer was given.
    pub(super) fn input_mask(&self, name: &str) -> Result<Vec<bool>> {
        Ok(self.input(name)?.iter().map(|&x| x != 0.0).collect())
    }

    /// Good time intervals that the peer was given.
    pub(super) fn gti(&self, name: &str) -> Result<GoodTimeIntervals> {
        let borders = self.input(name)?;
        let (pairs, _) = borders.as_chunks::<2>();
        Ok(GoodTimeIntervals::new(pairs.iter().copied())?)
    }

    /// Compares with an output array of the peer, to the suggested tolerance.
    pub(super) fn compare(&self, checks: &mut Checks, name: &str, found: &[f64]) -> Result<()> {
        compare(checks, name, found, &self.output(name)?, self.tolerance()?);
        Ok(())
    }
}

/// Records the largest difference over what it may be: `rtol` of the expected number plus `rtol`
/// of the array's largest. NaNs and infinities must be in the same places.
pub(super) fn compare(checks: &mut Checks, what: &str, found: &[f64], expected: &[f64], rtol: f64) {
    if found.len() != expected.len() {
        checks.failed(
            what,
            format!("{} numbers, {} expected", found.len(), expected.len()),
        );
        return;
    }
    let finite = expected.iter().filter(|x| x.is_finite());
    let peak = finite.fold(0.0, |peak: f64, x| peak.max(x.abs()));
    let mut worst: f64 = 0.0;
    for (index, (&a, &b)) in found.iter().zip(expected).enumerate() {
        if a == b || (a.is_nan() && b.is_nan()) {
            continue;
        }
        if !(a.is_finite() && b.is_finite()) {
            checks.failed(what, format!("number {index} is {a}, {b} expected"));
            return;
        }
        worst = worst.max((a - b).abs() / (b.abs() + peak));
    }
    checks.at_most(what, worst, rtol);
}

/// As [`compare`], real and imaginary parts apart.
pub(super) fn compare_complex(
    checks: &mut Checks,
    what: &str,
    found: &[Complex64],
    expected: &[Complex64],
    rtol: f64,
) {
    let part = |values: &[Complex64], part: fn(&Complex64) -> f64| -> Vec<f64> {
        values.iter().map(part).collect()
    };
    for (name, get) in [
        ("Re", (|z| z.re) as fn(&Complex64) -> f64),
        ("Im", |z| z.im),
    ] {
        let (found, expected) = (part(found, get), part(expected, get));
        compare(checks, &format!("{what}, {name}"), &found, &expected, rtol);
    }
}
