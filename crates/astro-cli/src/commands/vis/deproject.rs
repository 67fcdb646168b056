//! Visibilities averaged over rings of the deprojected uv plane.

use astro_core::UvTable;
use astro_visibility::{Orientation, apply_phase, rotate_uv};
use num_complex::Complex64;

use crate::plot::figures::UvSeries;

/// Rings from zero to the longest baseline.
const RINGS: usize = 44;

/// Averages data, and a model where there is one, over rings of equal width.
///
/// The source is moved to the phase center first; the baseline of a point is
/// `√((u′ cos i)² + v′²)`. Values are scaled by `scale` (1e3 for mJy).
pub(crate) fn uv_series(
    label: &str,
    table: &UvTable,
    model: Option<&[Complex64]>,
    orientation: &Orientation,
    scale: f64,
) -> UvSeries {
    let baseline = deprojected_baselines(table, orientation);
    let data = centered(table, &table.value, orientation);
    let model = model.map(|values| centered(table, values, orientation));
    let longest = baseline.iter().copied().fold(0.0, f64::max);
    let mut rings = vec![Ring::default(); RINGS];
    for row in 0..table.len() {
        let weight = table.weight[row];
        if weight > 0.0 {
            let place = baseline[row] / longest * RINGS as f64;
            let ring = &mut rings[(place as usize).min(RINGS - 1)];
            ring.weight += weight;
            ring.baseline += weight * baseline[row];
            ring.data += weight * data[row];
            if let Some(model) = &model {
                ring.model += weight * model[row];
            }
        }
    }
    let mut series = UvSeries {
        label: label.to_owned(),
        ..UvSeries::default()
    };
    for ring in rings.iter().filter(|ring| ring.weight > 0.0) {
        let mean = ring.data / ring.weight * scale;
        let at = ring.baseline / ring.weight / 1e3;
        series.baseline.push(at);
        series.real.push(mean.re);
        series.imaginary.push(mean.im);
        series.error.push(scale / ring.weight.sqrt());
        if model.is_some() {
            let mean = ring.model / ring.weight * scale;
            series.model.push((at, mean.re, mean.im));
        }
    }
    series
}

#[derive(Clone, Debug, Default)]
struct Ring {
    weight: f64,
    baseline: f64,
    data: Complex64,
    model: Complex64,
}

/// `√((u′ cos i)² + v′²)` of each row, wavelengths.
pub(crate) fn deprojected_baselines(table: &UvTable, orientation: &Orientation) -> Vec<f64> {
    let cos_i = orientation.inclination_rad.cos();
    let (u, v) = rotate_uv(orientation.position_angle_rad, &table.u, &table.v);
    u.iter()
        .zip(&v)
        .map(|(u, v)| (u * cos_i).hypot(*v))
        .collect()
}

fn centered(table: &UvTable, values: &[Complex64], orientation: &Orientation) -> Vec<Complex64> {
    let mut values = values.to_vec();
    apply_phase(
        -orientation.ra_offset_rad,
        -orientation.dec_offset_rad,
        &table.u,
        &table.v,
        &mut values,
    );
    values
}

/// The unit in which the largest visibility reads best, and its factor from Jy.
pub(crate) fn readable_unit(values: impl IntoIterator<Item = f64>) -> (&'static str, f64) {
    let largest = values.into_iter().map(f64::abs).fold(0.0, f64::max);
    match largest {
        x if x >= 1.0 => ("Jy", 1.0),
        x if x >= 1e-3 || x == 0.0 => ("mJy", 1e3),
        _ => ("μJy", 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_point_source_is_real_and_flat_again() {
        let orientation = Orientation {
            inclination_rad: 0.7,
            position_angle_rad: 0.4,
            ra_offset_rad: 1e-6,
            dec_offset_rad: -2e-6,
        };
        let u: Vec<f64> = (0..500).map(|k| 1e3 * f64::from(k)).collect();
        let v: Vec<f64> = u.iter().map(|u| 3e5 - u).collect();
        let mut values = vec![Complex64::new(2.0, 0.0); u.len()];
        apply_phase(1e-6, -2e-6, &u, &v, &mut values);
        let weight = vec![4.0; u.len()];
        let table = UvTable::new(u, v, values.clone(), weight).unwrap();
        let series = uv_series("a", &table, Some(&values), &orientation, 1.0);
        for (re, im) in series.real.iter().zip(&series.imaginary) {
            assert!((re - 2.0).abs() < 1e-10 && im.abs() < 1e-10);
        }
        // 500 rows of weight 4, none lost: Σ 1/error² = 2000.
        let total: f64 = series.error.iter().map(|e| e.powi(-2)).sum();
        assert!((total - 2000.0).abs() < 1e-6);
        assert_eq!(series.model.len(), series.real.len());
    }

    #[test]
    fn deprojection_shortens_across_the_major_axis() {
        let point = |u, v| {
            UvTable::new(vec![u], vec![v], vec![Complex64::new(1.0, 0.0)], vec![1.0]).unwrap()
        };
        // A major axis that runs North-South (PA 0): u is shortened, v is not.
        let orientation = Orientation {
            inclination_rad: 60_f64.to_radians(),
            ..Orientation::default()
        };
        assert!((deprojected_baselines(&point(1e5, 0.0), &orientation)[0] - 5e4).abs() < 1e-6);
        assert_eq!(
            deprojected_baselines(&point(0.0, 1e5), &orientation)[0],
            1e5
        );
    }

    #[test]
    fn units_suit_the_numbers() {
        assert_eq!(readable_unit([0.2, -3.0]).0, "Jy");
        assert_eq!(readable_unit([0.2]), ("mJy", 1e3));
        assert_eq!(readable_unit([2e-5]).0, "μJy");
    }
}
