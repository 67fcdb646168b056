//! From a profile to its moments on the radial panels.

use super::grid::{ProfileGrid, Segment};
use super::matrix::Matrix;
use super::panels::{Layout, Panels};
use crate::quadrature::gauss_legendre;
use astro_core::Real;
use rayon::prelude::*;
use std::f64::consts::TAU;

/// The linear map from profile values to weights c_q at radii r_q with
/// H(ρ) = Σ c_q J0(2πρ r_q) for every ρ that the layout is made for.
#[derive(Clone, Debug)]
pub(super) struct RadialMoments {
    grid: ProfileGrid,
    panels: Panels,
    fine: Vec<FinePanel>,
    merge: Vec<Matrix>,
}

/// Moments of a fine panel against its basis, from the values that reach it.
#[derive(Clone, Debug)]
struct FinePanel {
    first_value: usize,
    matrix: Matrix,
}

impl RadialMoments {
    pub(super) fn new(grid: &ProfileGrid, layout: Layout) -> Self {
        let count = layout.groups * layout.per_group;
        let panels = Panels::new(layout, 0.0, grid.outer_radius() / count as f64);
        let fine = (0..count)
            .into_par_iter()
            .map(|index| FinePanel::new(grid, &panels, index))
            .collect();
        Self {
            grid: grid.clone(),
            merge: panels.merge_matrices(),
            panels,
            fine,
        }
    }

    pub(super) fn grid(&self) -> &ProfileGrid {
        &self.grid
    }

    /// The radii r_q.
    pub(super) fn nodes(&self) -> Vec<f64> {
        self.panels.group_nodes()
    }

    /// The weights c_q of a profile of the right length.
    #[inline(always)]
    pub(super) fn apply<T: Real>(&self, profile: &[T]) -> Vec<f64> {
        let profile: Vec<f64> = profile.iter().map(|value| value.as_f64()).collect();
        let group_nodes = self.merge[0].rows();
        let mut weights = vec![0.0; self.panels.layout.groups * group_nodes];
        let mut moments = vec![0.0; self.panels.fine.len()];
        let groups = self.fine.chunks_exact(self.panels.layout.per_group);
        for (fine, weights) in groups.zip(weights.chunks_exact_mut(group_nodes)) {
            for (panel, merge) in fine.iter().zip(&self.merge) {
                moments.fill(0.0);
                let reach = panel.first_value..panel.first_value + panel.matrix.columns();
                panel.matrix.apply(&profile[reach], &mut moments);
                merge.apply(&moments, weights);
            }
        }
        weights
    }

    /// The transpose: from one number per weight to one per profile value.
    #[inline(always)]
    pub(super) fn apply_transpose(&self, weights: &[f64]) -> Vec<f64> {
        let group_nodes = self.merge[0].rows();
        let mut profile = vec![0.0; self.grid.value_count()];
        let mut moments = vec![0.0; self.panels.fine.len()];
        let groups = self.fine.chunks_exact(self.panels.layout.per_group);
        for (fine, weights) in groups.zip(weights.chunks_exact(group_nodes)) {
            for (panel, merge) in fine.iter().zip(&self.merge) {
                moments.fill(0.0);
                merge.apply_transpose(weights, &mut moments);
                let reach = panel.first_value..panel.first_value + panel.matrix.columns();
                panel.matrix.apply_transpose(&moments, &mut profile[reach]);
            }
        }
        profile
    }
}

impl FinePanel {
    fn new(grid: &ProfileGrid, panels: &Panels, index: usize) -> Self {
        let (inner, outer) = panels.fine_panel(index);
        let segments = grid.segments();
        let from = segments.partition_point(|segment| segment.outer <= inner);
        let to = segments.partition_point(|segment| segment.inner < outer);
        let segments = segments.get(from..to).unwrap_or_default();
        let (first_value, columns) = match (segments.first(), segments.last()) {
            (Some(first), Some(last)) => {
                (first.inner_value, last.outer_value + 1 - first.inner_value)
            }
            _ => (0, 0),
        };
        let nodes = panels.fine.len();
        let mut entries = vec![0.0; nodes * columns];
        // Basis × r × hat is a polynomial of degree nodes + 1.
        let rule = gauss_legendre(nodes / 2 + 1);
        let mut basis = vec![0.0; nodes];
        for segment in segments {
            let Segment {
                inner: a, outer: b, ..
            } = *segment;
            let (start, end) = (a.max(inner), b.min(outer));
            for &(x, weight) in &rule {
                let radius = 0.5 * ((start + end) + (end - start) * x);
                let measure = TAU * radius * 0.5 * (end - start) * weight;
                let toward_outer = (radius - a) / (b - a);
                panels.fine.basis(
                    ((radius - inner) - (outer - radius)) / (outer - inner),
                    &mut basis,
                );
                let (at_a, at_b) = (
                    segment.inner_value - first_value,
                    segment.outer_value - first_value,
                );
                for (row, basis) in entries.chunks_exact_mut(columns).zip(&basis) {
                    row[at_a] += measure * basis * (1.0 - toward_outer);
                    row[at_b] += measure * basis * toward_outer;
                }
            }
        }
        Self {
            first_value,
            matrix: Matrix::from_rows(nodes, columns, |row, out| {
                out.copy_from_slice(&entries[row * columns..(row + 1) * columns]);
            }),
        }
    }
}
