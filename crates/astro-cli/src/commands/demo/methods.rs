//! How exact and how fast each method is on the demo's image.

use std::time::Instant;

use anyhow::Result;
use astro_core::{Progress, UvTable};
use astro_visibility::{
    ImageMethod, Placement, ProfileMethod, UvCoverage, VisibilityPlan, sample_image,
};
use serde::Serialize;

use super::truth;
use crate::text::table;

/// One method on the demo's data.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) method: String,
    /// Largest difference from the reference, relative to the total flux.
    pub(crate) error: f64,
    /// Time of one χ² of all visibilities, seconds; the best of some calls.
    pub(crate) chi2_s: f64,
}

/// Points at which the sum over all pixels is the reference.
const CHECKED: usize = 400;
const CALLS: usize = 5;

/// Measures each method: images against the sum over pixels, profiles against a finer Hankel transform.
pub(crate) fn measure(table: &UvTable, progress: &dyn Progress) -> Result<Vec<Measured>> {
    let stride = table.len().div_ceil(CHECKED);
    let checked = table.filtered(|row| row % stride == 0);
    let coverage = UvCoverage::from(&checked);
    let (image, grid) = truth::sky_image()?;
    let flux = image.sum();
    let place = Placement::default();
    let exact = |rel_error| ImageMethod::Exact { rel_error };
    let methods = [
        ("exact 1e-12", exact(1e-12)),
        ("exact 1e-10", exact(1e-10)),
        ("exact 1e-6", exact(1e-6)),
        ("bilinear", ImageMethod::Bilinear),
        ("galario", ImageMethod::Galario),
    ];
    progress.begin("methods", methods.len() as u64 + 1);
    let reference = sample_image(image.view(), &grid, &coverage, &place, ImageMethod::Direct)?;
    progress.advance(1);
    let mut measured = Vec::new();
    for (name, method) in methods {
        let found = sample_image(image.view(), &grid, &coverage, &place, method)?;
        let differences = found.iter().zip(&reference).map(|(a, b)| (a - b).norm());
        let error = differences.fold(0.0, f64::max) / flux;
        let plan = VisibilityPlan::<f64>::builder(table, grid)
            .image_method(method)
            .build()?;
        let chi2_s = best_time(|| Ok(plan.chi2_image(image.view(), &place)?))?;
        measured.push(Measured {
            method: format!("image, {name}"),
            error,
            chi2_s,
        });
        progress.advance(1);
    }
    progress.end();
    measured.push(hankel(table, &checked, flux)?);
    Ok(measured)
}

/// The profile without an image, against the sum over the pixels of its image.
fn hankel(table: &UvTable, checked: &UvTable, flux: f64) -> Result<Measured> {
    let radii = truth::radii()?;
    let profile = truth::brightness(&truth::arcsec(&radii))?;
    let (image, grid) = truth::sky_image()?;
    let orientation = truth::orientation();
    let build = |table| {
        VisibilityPlan::<f64>::builder(table, grid)
            .profile_method(ProfileMethod::default())
            .radii(radii)
            .build()
    };
    let found = build(checked)?.sample_profile(&profile, &orientation)?;
    let coverage = UvCoverage::from(checked);
    let place = Placement::default();
    let sum = sample_image(image.view(), &grid, &coverage, &place, ImageMethod::Direct)?;
    let differences = found.iter().zip(&sum).map(|(a, b)| (a - b).norm());
    let plan = build(table)?;
    Ok(Measured {
        method: "profile, hankel 1e-10 (image pixels included in the difference)".to_owned(),
        error: differences.fold(0.0, f64::max) / flux,
        chi2_s: best_time(|| Ok(plan.chi2_profile(&profile, &orientation)?))?,
    })
}

fn best_time(mut call: impl FnMut() -> Result<f64>) -> Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..CALLS {
        let begin = Instant::now();
        // The sum is used, so that the call is not optimised away.
        std::hint::black_box(call()?);
        best = best.min(begin.elapsed().as_secs_f64());
    }
    Ok(best)
}

/// Method, error, time.
pub(crate) fn rows(measured: &[Measured]) -> Vec<Vec<String>> {
    let row = |one: &Measured| {
        vec![
            one.method.clone(),
            format!("{:.1e}", one.error),
            format!("{:.2} ms", 1e3 * one.chi2_s),
        ]
    };
    measured.iter().map(row).collect()
}

/// The same for a terminal.
pub(crate) fn text(measured: &[Measured]) -> String {
    let header = ["method", "error / total flux", "time of χ²"];
    let mut all = vec![header.map(str::to_owned).to_vec()];
    all.extend(rows(measured));
    table(&all)
}
