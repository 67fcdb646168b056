//! What was compared, how large the difference was, and how large it may be.

use std::fmt;

use num_complex::{Complex, Complex64};

use astro_core::Real;

/// One comparison.
#[derive(Clone, Debug)]
pub struct Check {
    /// The case and what of it was compared.
    pub name: String,
    /// Whether it is as it should be.
    pub passed: bool,
    /// The numbers, or why there are none.
    pub found: String,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.passed { "ok    " } else { "FAILED" };
        write!(f, "{word} {:<66} {}", self.name, self.found)
    }
}

/// All comparisons of one case.
#[derive(Clone, Debug)]
pub struct Checks {
    case: String,
    checks: Vec<Check>,
}

impl Checks {
    /// No comparison yet.
    pub fn new(case: &str) -> Self {
        Self {
            case: case.to_owned(),
            checks: Vec::new(),
        }
    }

    /// Whether nothing has been compared.
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty()
    }

    /// The comparisons in the order they were made.
    pub fn iter(&self) -> std::slice::Iter<'_, Check> {
        self.checks.iter()
    }

    /// Records an error `found` that may be up to `allowed`; NaN fails.
    pub(crate) fn at_most(&mut self, what: &str, found: f64, allowed: f64) {
        self.push(
            what,
            found <= allowed,
            format!("{found:.1e} <= {allowed:.1e}"),
        );
    }

    /// Records a yes or no.
    pub(crate) fn holds(&mut self, what: &str, passed: bool, found: impl Into<String>) {
        self.push(what, passed, found.into());
    }

    /// Records something that could not be compared.
    pub(crate) fn failed(&mut self, what: &str, why: impl Into<String>) {
        self.push(what, false, why.into());
    }

    fn push(&mut self, what: &str, passed: bool, found: String) {
        self.checks.push(Check {
            name: format!("{}: {what}", self.case),
            passed,
            found,
        });
    }
}

/// `max |a − b| / scale`; infinite where the lengths differ or a value is not a number.
pub(crate) fn largest_difference<T: Real>(
    found: &[Complex<T>],
    expected: &[Complex64],
    scale: f64,
) -> f64 {
    if found.len() != expected.len() {
        return f64::INFINITY;
    }
    found
        .iter()
        .zip(expected)
        .map(|(&a, b)| (widen(a) - b).norm() / scale)
        .fold(0.0, largest)
}

/// `max |a − b| / scale` of real arrays; infinite where the lengths differ.
pub(crate) fn largest_real_difference(found: &[f64], expected: &[f64], scale: f64) -> f64 {
    if found.len() != expected.len() {
        return f64::INFINITY;
    }
    found
        .iter()
        .zip(expected)
        .map(|(a, b)| (a - b).abs() / scale)
        .fold(0.0, largest)
}

/// The larger of two; a NaN counts as infinite.
pub(crate) fn largest(a: f64, b: f64) -> f64 {
    if b.is_nan() { f64::INFINITY } else { a.max(b) }
}

/// A complex number in `f64`.
pub(crate) fn widen<T: Real>(z: Complex<T>) -> Complex64 {
    Complex64::new(z.re.as_f64(), z.im.as_f64())
}
