//! Visibilities averaged over rings of the deprojected uv plane, as a uv plot shows them.

use anyhow::Result;
use astro_core::UvTable;
use astro_visibility::{Orientation, UvBin, UvBinning, deproject};
use num_complex::Complex64;

use crate::plot::figures::UvSeries;

/// Rings from zero to the longest baseline.
const RINGS: f64 = 44.0;

/// Rings of even width for baselines up to `longest`.
pub(crate) fn rings(longest: f64) -> UvBinning {
    // A table whose points all lie at zero still has one ring.
    let width = longest / RINGS;
    UvBinning::Width(if width > 0.0 { width } else { 1.0 })
}

/// Averages data, and a model where there is one; values are scaled by `scale` (1e3 for mJy).
pub(crate) fn uv_series(
    label: &str,
    table: &UvTable,
    model: Option<&[Complex64]>,
    orientation: &Orientation,
    scale: f64,
) -> Result<UvSeries> {
    let data = deproject(table, orientation)?;
    let binning = rings(data.rho.iter().copied().fold(0.0, f64::max));
    let mut series = series_of(label, &data.binned(&binning)?, scale);
    if let Some(values) = model {
        let table = UvTable {
            value: values.to_vec(),
            ..table.clone()
        };
        for bin in deproject(&table, orientation)?.binned(&binning)? {
            let (real, imaginary) = (scale * bin.real, scale * bin.imaginary);
            series.model.push((bin.rho / 1e3, real, imaginary));
        }
    }
    Ok(series)
}

/// Bins as points with errors.
pub(crate) fn series_of(label: &str, bins: &[UvBin], scale: f64) -> UvSeries {
    let column = |part: fn(&UvBin) -> f64, scale: f64| -> Vec<f64> {
        bins.iter().map(|bin| scale * part(bin)).collect()
    };
    UvSeries {
        label: label.to_owned(),
        baseline: column(|bin| bin.rho, 1e-3),
        real: column(|bin| bin.real, scale),
        imaginary: column(|bin| bin.imaginary, scale),
        error: column(|bin| bin.error, scale),
        model: Vec::new(),
    }
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
    use astro_visibility::apply_phase;

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
        apply_phase(1e-6, -2e-6, &u, &v, &mut values).unwrap();
        let weight = vec![4.0; u.len()];
        let table = UvTable::new(u, v, values.clone(), weight).unwrap();
        let series = uv_series("a", &table, Some(&values), &orientation, 1e3).unwrap();
        for (re, im) in series.real.iter().zip(&series.imaginary) {
            assert!((re - 2e3).abs() < 1e-7 && im.abs() < 1e-7);
        }
        // 500 rows of weight 4, none lost: Σ 1/error² = 2000, in mJy⁻² a millionth.
        let total: f64 = series.error.iter().map(|e| e.powi(-2)).sum();
        assert!((total - 2e-3).abs() < 1e-12);
        assert_eq!(series.model.len(), series.real.len());
    }

    #[test]
    fn units_suit_the_numbers() {
        assert_eq!(readable_unit([0.2, -3.0]).0, "Jy");
        assert_eq!(readable_unit([0.2]), ("mJy", 1e3));
        assert_eq!(readable_unit([2e-5]).0, "μJy");
    }
}
