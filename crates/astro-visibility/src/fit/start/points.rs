//! Visibilities averaged in small uv cells: what a search for a start looks at.

use std::collections::BTreeMap;

use astro_core::UvTable;
use num_complex::Complex64;

/// Averages of the points of one table.
#[derive(Clone, Debug, Default)]
pub(super) struct Points {
    pub(super) u: Vec<f64>,
    pub(super) v: Vec<f64>,
    pub(super) value: Vec<Complex64>,
    pub(super) weight: Vec<f64>,
}

impl Points {
    /// Weighted means of the points in square cells of the given width, wavelengths.
    ///
    /// A visibility and its conjugate at −(u, v) are the same measurement; all are taken to v ≥ 0.
    pub(super) fn average(table: &UvTable, cell: f64) -> Self {
        let mut cells: BTreeMap<(i64, i64), [f64; 5]> = BTreeMap::new();
        for k in 0..table.len() {
            let weight = table.weight[k];
            if weight <= 0.0 {
                continue;
            }
            let (mut u, mut v, mut z) = (table.u[k], table.v[k], table.value[k]);
            if v < 0.0 {
                (u, v, z) = (-u, -v, z.conj());
            }
            let key = ((u / cell).round() as i64, (v / cell).round() as i64);
            let sums = cells.entry(key).or_default();
            for (sum, term) in sums.iter_mut().zip([1.0, u, v, z.re, z.im]) {
                *sum += weight * term;
            }
        }
        let mut points = Self::default();
        for [weight, u, v, re, im] in cells.into_values() {
            points.u.push(u / weight);
            points.v.push(v / weight);
            points.value.push(Complex64::new(re / weight, im / weight));
            points.weight.push(weight);
        }
        points
    }

    pub(super) fn len(&self) -> usize {
        self.u.len()
    }
}

/// Lengths of all baselines but the zero ones, wavelengths, in order.
pub(super) fn sorted_baselines(tables: &[UvTable]) -> Vec<f64> {
    let mut distances: Vec<f64> = tables
        .iter()
        .flat_map(|t| t.u.iter().zip(&t.v).map(|(u, v)| u.hypot(*v)))
        .filter(|&d| d > 0.0)
        .collect();
    distances.sort_by(f64::total_cmp);
    distances
}
