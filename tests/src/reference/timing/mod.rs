//! Cases of the peer Stingray: X-ray timing. One file a case, found by the case's name.

mod accelsearch;
mod bispectrum;
mod cross;
mod energy;
mod fad_deadtime;
mod gti_operations;
mod lomb_scargle;
mod misc;
mod numbers;
mod power;
mod power_colors;
mod psd_fit;
mod pulse;
mod real_data;
mod statistics;
mod zhang95;

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
        "cross_events" => cross::check(&case, checks),
        "gti_operations" => gti_operations::check(&case, checks),
        "accelsearch" => accelsearch::check(&case, checks),
        "bispectrum" => bispectrum::check(&case, checks),
        "fad_deadtime" => fad_deadtime::check(&case, checks),
        "lomb_scargle" => lomb_scargle::check(&case, checks),
        "misc" => misc::check(&case, checks),
        "pds_events" => power::check_events(&case, checks),
        "pds_gauss_lightcurve" => power::check_gauss_curve(&case, checks),
        "pds_poisson_lightcurve" => power::check_poisson_curve(&case, checks),
        "pds_single_segment" => power::check_single(&case, checks),
        "power_colors" => power_colors::check(&case, checks),
        "psd_fit" => psd_fit::check(&case, checks),
        "pulse" => pulse::check(&case, checks),
        "real_data" => real_data::check(&case, checks),
        "stats_table" => statistics::check(&case, checks),
        "varenergy" => energy::check(&case, checks),
        "zhang95" => zhang95::check(&case, checks),
        unknown => bail!("there is no check for a timing case named `{unknown}`"),
    }
}
