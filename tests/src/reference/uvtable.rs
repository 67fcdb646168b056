//! Kind `uvtable`: a Gaussian disc at the points of a real uv table.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use astro_io::{UvReadOptions, read_uv_table};
use astro_visibility::{
    ImageGrid, ImageMethod, ProfileMethod, RadialGrid, VisibilityPlan, reduce_chi2,
};
use num_complex::Complex64;

use super::case::Case;
use super::check::{Checks, largest_difference};
use super::device::{build, double};
use super::image::compare_amplitude_phase;
use super::profile::ProfileProblem;

pub(crate) fn check(case: &Case, checks: &mut Checks) -> Result<()> {
    let path = find_data(case)?;
    let options = UvReadOptions::new().wavelength_m(case.number("wavelength_m")?);
    let table = read_uv_table(&path, &options)?;
    let rows = case.count("M")?;
    checks.holds(
        "rows of the table",
        table.len() == rows,
        format!("{} of {rows}", table.len()),
    );

    let nothing = vec![Complex64::default(); table.len()];
    let chi2 = reduce_chi2(&table.value, &table.weight, &nothing)?;
    let expected = case.number("chi2_zero_model")?;
    checks.at_most(
        "chi2 without a model",
        (chi2 - expected).abs() / expected,
        1e-12,
    );

    let radii = RadialGrid::new(case.number("Rmin")?, case.number("dR")?, case.count("nR")?)?;
    let (peak, sigma) = (case.number("f0")?, case.number("sigma")?);
    let gaussian = |r: &f64| peak * (-0.5 * (r / sigma).powi(2)).exp();
    let problem = ProfileProblem {
        grid: ImageGrid::square(case.count("nxy")?, case.number("dxy")?),
        radii,
        profile: radii.radii_rad().iter().map(gaussian).collect(),
        table,
        orientation: case.orientation()?,
    };
    let sample = |method| -> Result<Vec<Complex64>> {
        let builder = VisibilityPlan::<f64>::builder(&problem.table, problem.grid);
        let plan = build(builder.profile_method(method).radii(problem.radii))?;
        Ok(plan.sample_profile(&problem.profile, &problem.orientation)?)
    };
    let image = problem.image_problem::<f64>()?;
    let tolerances = double();

    let expected = case.complex("vis_galario")?;
    let found = sample(ProfileMethod::Image(ImageMethod::Galario))?;
    let mean = sample(ProfileMethod::Image(ImageMethod::Bilinear))?;
    let comparison = compare_amplitude_phase(
        &found,
        &expected,
        &mean,
        image.flux,
        tolerances.galario,
        tolerances.rounding,
    );
    checks.holds(
        "Galario",
        comparison.excess <= 1.0,
        format!(
            "{:.1e} <= {:.1e} of total flux",
            comparison.regular, tolerances.galario
        ),
    );
    let chi2 = reduce_chi2(&problem.table.value, &problem.table.weight, &found)?;
    let wanted = case.number("chi2_galario")?;
    image.check_chi2(checks, "chi2, Galario", chi2, wanted, tolerances.galario);

    let exact = sample(ProfileMethod::Image(ImageMethod::Exact {
        rel_error: tolerances.exact,
    }))?;
    let at_index: Vec<Complex64> = case
        .real("dft_index")?
        .iter()
        .map(|&index| exact.get(index as usize).copied())
        .collect::<Option<_>>()
        .context("dft_index.npy points beyond the table")?;
    let error = largest_difference(&at_index, &case.complex("vis_dft")?, image.flux);
    checks.at_most("Exact", error, tolerances.exact);

    // Linear interpolation of the profile: see `profile::ProfileProblem::check_gaussian`. The
    // reference takes the brightness inside the first radius as Gaussian too, which adds
    // (Rmin/σ)⁴/8, far less.
    let hankel = sample(ProfileMethod::default())?;
    let error = largest_difference(&hankel, &case.complex("vis_analytic")?, image.flux);
    checks.at_most(
        "Hankel, against the Gaussian's transform",
        error,
        0.25 * (radii.step_rad / sigma).powi(2),
    );
    Ok(())
}

/// The data file: its path in `case.json` begins somewhere above the case's folder.
fn find_data(case: &Case) -> Result<PathBuf> {
    let data = PathBuf::from(case.text("data")?);
    ensure!(data.is_relative(), "`data` must be a relative path");
    let folder = std::path::absolute(case.folder())?;
    folder
        .ancestors()
        .map(|ancestor| ancestor.join(&data))
        .find(|path| path.is_file())
        .with_context(|| {
            format!(
                "{} is in no folder above {}",
                data.display(),
                folder.display()
            )
        })
}
