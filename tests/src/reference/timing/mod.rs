//! Cases of the peer Stingray: X-ray timing. One file a case, found by the case's name.

mod gti_operations;
mod numbers;

use anyhow::{Result, bail};

use super::case::Case;
use super::check::Checks;
use numbers::TimingCase;

/// Whether a case is one of these.
pub(super) fn is_timing(case: &Case) -> bool {
    case.text("peer")
        .is_ok_and(|peer| peer.starts_with("stingray"))
}

pub(super) fn check(case: &Case, checks: &mut Checks) -> Result<()> {
    let case = TimingCase::new(case);
    match case.name()? {
        "gti_operations" => gti_operations::check(&case, checks),
        unknown => bail!("there is no check for a timing case named `{unknown}`"),
    }
}
