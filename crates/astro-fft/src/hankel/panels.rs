//! Two levels of panels on an axis: fine ones, and groups of them.

use super::chebyshev::{Chebyshev, node_count};
use super::matrix::Matrix;
use std::f64::consts::PI;

/// How an axis is cut: `groups` wide panels of `per_group` fine ones each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) groups: usize,
    pub(super) per_group: usize,
    fine_nodes: usize,
    group_nodes: usize,
}

impl Layout {
    /// The cheapest layout for a phase of `cycles` turns across the axis at
    /// the far end of the other axis, with interpolation to `error`.
    ///
    /// Fine panels span about one cycle. Wide groups need fewer nodes in all
    /// (down to π a cycle), which shrinks the dense matrix but makes merging
    /// dearer; the cost counts the multiplications of both.
    pub(super) fn choose(cycles: f64, error: f64) -> Self {
        let fine_panels = cycles.ceil().max(1.0);
        let candidate = |groups: f64| {
            let per_group = (fine_panels / groups).ceil();
            let half_phase = PI * cycles / groups;
            let layout = Self {
                groups: groups as usize,
                per_group: per_group as usize,
                fine_nodes: node_count(half_phase / per_group, error),
                group_nodes: node_count(half_phase, error),
            };
            let nodes = groups * layout.group_nodes as f64;
            let cost = nodes * (nodes + 2.0 * per_group * layout.fine_nodes as f64);
            (cost, layout)
        };
        let mut best = candidate(1.0);
        let mut groups = 2.0;
        while groups < 1.3 * fine_panels {
            let next = candidate(groups);
            if next.0 < best.0 {
                best = next;
            }
            groups = (1.3 * groups).ceil();
        }
        best.1
    }
}

/// Panels laid along an axis.
#[derive(Clone, Debug)]
pub(super) struct Panels {
    pub(super) layout: Layout,
    start: f64,
    fine_width: f64,
    pub(super) fine: Chebyshev,
    group: Chebyshev,
}

impl Panels {
    pub(super) fn new(layout: Layout, start: f64, fine_width: f64) -> Self {
        Self {
            layout,
            start,
            fine_width,
            fine: Chebyshev::new(layout.fine_nodes),
            group: Chebyshev::new(layout.group_nodes),
        }
    }

    /// The ends of a fine panel.
    pub(super) fn fine_panel(&self, index: usize) -> (f64, f64) {
        let edge = |index: usize| self.start + self.fine_width * index as f64;
        (edge(index), edge(index + 1))
    }

    /// The nodes of all groups, ascending.
    pub(super) fn group_nodes(&self) -> Vec<f64> {
        let width = self.fine_width * self.layout.per_group as f64;
        let node = |group: usize, x: f64| self.start + width * (group as f64 + 0.5 * (1.0 + x));
        (0..self.layout.groups)
            .flat_map(|group| self.group.nodes().iter().map(move |&x| node(group, x)))
            .collect()
    }

    /// For each fine panel of a group: values at its nodes from values at the
    /// group's nodes, `[fine nodes, group nodes]`.
    pub(super) fn split_matrices(&self) -> Vec<Matrix> {
        (0..self.layout.per_group)
            .map(|child| {
                Matrix::from_rows(self.fine.len(), self.group.len(), |row, out| {
                    self.group_basis(child, self.fine.nodes()[row], out);
                })
            })
            .collect()
    }

    /// The transposes of [`Self::split_matrices`], which take moments of the
    /// fine panels to moments of the group.
    pub(super) fn merge_matrices(&self) -> Vec<Matrix> {
        (0..self.layout.per_group)
            .map(|child| {
                let columns: Vec<Vec<f64>> = (self.fine.nodes().iter())
                    .map(|&x| {
                        let mut basis = vec![0.0; self.group.len()];
                        self.group_basis(child, x, &mut basis);
                        basis
                    })
                    .collect();
                Matrix::from_rows(self.group.len(), self.fine.len(), |row, out| {
                    for (out, column) in out.iter_mut().zip(&columns) {
                        *out = column[row];
                    }
                })
            })
            .collect()
    }

    /// The group's basis at coordinate `x` in [−1, 1] of its fine panel.
    fn group_basis(&self, child: usize, x: f64, out: &mut [f64]) {
        let in_group = (2.0 * child as f64 + 1.0 + x) / self.layout.per_group as f64 - 1.0;
        self.group.basis(in_group, out);
    }
}
