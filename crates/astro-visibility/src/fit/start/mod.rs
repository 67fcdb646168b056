//! A starting point found from the data alone.

mod gaussian;
mod points;
mod profile;

use std::f64::consts::{PI, TAU};

use astro_core::UvTable;

use super::layout::Coupling;
use super::radii::{FitRadii, MOST_FRINGES};
use crate::geometry::Orientation;
use crate::models::{ProfileModel, ProfileScales};
use crate::{Error, Result};
use gaussian::{SearchRange, SkyGaussian};
use points::{Points, sorted_baselines};
use profile::arcsec;

/// What the data say before the fit.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) orientation: Orientation,
    /// Flux of each table, Jy, of an elliptical Gaussian.
    pub(crate) flux_jy: Vec<f64>,
    pub(crate) scales: ProfileScales,
    pub(crate) radii: FitRadii,
    /// Values of the profile's parameters: of all tables together, or of each.
    pub(crate) profiles: Vec<Vec<f64>>,
}

/// What is known beforehand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known {
    pub(crate) inclination_rad: Option<f64>,
    pub(crate) position_angle_rad: Option<f64>,
    pub(crate) offset_rad: [Option<f64>; 2],
    pub(crate) extent_rad: Option<f64>,
}

/// Finds a start for `model` in the tables.
pub(crate) fn find(
    tables: &[UvTable],
    model: &ProfileModel,
    coupling: Coupling,
    known: &Known,
) -> Result<Start> {
    let baselines = sorted_baselines(tables);
    let (Some(&shortest), Some(&longest)) = (baselines.first(), baselines.last()) else {
        return Err(Error::Parameter {
            name: "longest baseline",
            value: 0.0,
            requirement: "above 0: a fit needs baselines",
        });
    };
    // A few very short baselines say little of where a source is.
    let short = baselines[baselines.len() / 50];
    let points: Vec<Points> = tables.iter().map(|table| averaged(table, short)).collect();
    let range = SearchRange {
        field: 0.6 / short,
        sizes: (0.3 / short, 0.1 / longest),
        offset: known.offset_rad,
        inclination: known.inclination_rad,
        position_angle: known.position_angle_rad,
    };
    let found = gaussian::fit(&points, &range).unwrap_or_else(|| SkyGaussian {
        covariance: [(0.2 / longest).powi(2), 0.0, (0.2 / longest).powi(2)],
        offset: known.offset_rad.map(Option::unwrap_or_default),
        flux: vec![0.0; tables.len()],
    });
    let (size, ratio, angle) = found.axes(0.05 / longest);
    let orientation = Orientation {
        inclination_rad: known.inclination_rad.unwrap_or(ratio.acos()),
        position_angle_rad: known.position_angle_rad.unwrap_or(angle.rem_euclid(PI)),
        ra_offset_rad: found.offset[0],
        dec_offset_rad: found.offset[1],
    };
    let cos = orientation.inclination_rad.cos().abs().max(0.05);

    // A flux below the noise still needs a positive start.
    let flux_jy: Vec<f64> = found
        .flux
        .iter()
        .zip(tables)
        .map(|(flux, table)| flux.max(table.weight.iter().sum::<f64>().sqrt().recip()))
        .collect();
    let extent = match known.extent_rad {
        Some(extent) => extent,
        None => {
            let wanted = (1.0 / shortest)
                .max(12.0 * size)
                .min((20.0 * size).max(16.0 / longest));
            let table_end = model
                .table_radii()
                .and_then(|radii| radii.last())
                .map_or(0.0, |&last| 1.05 * last * astro_core::constants::ARCSEC_RAD);
            wanted.max(table_end).min(MOST_FRINGES / longest)
        }
    };
    let radii = FitRadii::new(longest, extent, model)?;
    let scales = ProfileScales {
        brightness_jy_per_sr: flux_jy[0] / (TAU * size * size * cos),
        size_arcsec: arcsec(size),
        resolution_arcsec: arcsec(1.0 / longest),
        extent_arcsec: arcsec(extent),
    };

    let start_of = |tables: &[&Points], scale: &[f64]| -> Result<Vec<f64>> {
        let data = profile::RadialData::new(tables, scale, &orientation, size);
        profile::values(model, &data, &radii, &scales)
    };
    let profiles = if coupling == Coupling::Independent {
        points
            .iter()
            .map(|points| start_of(&[points], &[1.0]))
            .collect::<Result<_>>()?
    } else {
        let scale: Vec<f64> = match coupling {
            Coupling::Shared => vec![1.0; tables.len()],
            _ => flux_jy.iter().map(|flux| flux / flux_jy[0]).collect(),
        };
        vec![start_of(&points.iter().collect::<Vec<_>>(), &scale)?]
    };
    Ok(Start {
        orientation,
        flux_jy,
        scales,
        radii,
        profiles,
    })
}

/// The table in cells so small that a source anywhere in the field keeps most of its coherence,
/// and not many more of them than a search over a thousand models can afford.
fn averaged(table: &UvTable, short: f64) -> Points {
    const MANY: usize = 30_000;
    let mut cell = 0.2 * short;
    loop {
        let points = Points::average(table, cell);
        if points.len() <= MANY || cell > 0.5 * short {
            return points;
        }
        cell *= 1.6;
    }
}
