//! From a profile to the table of its transform.

use super::chebyshev::Chebyshev;
use super::grid::{ProfileGrid, check_positive};
use super::matrix::Matrix;
use super::moments::RadialMoments;
use super::panels::{Layout, Panels};
use super::plan::{bessel_row, check_cycles};
use super::table::{DEGREES, HankelTable};
use crate::error::{check_finite, check_length};
use crate::{Error, Result};
use astro_core::Real;
use pulp::Arch;
use std::f64::consts::PI;

const SMALLEST_ERROR: f64 = 1e-13;
const LARGEST_ERROR: f64 = 0.1;

/// The share of the requested error left to each of the four interpolations
/// before the table: their errors grow by Lebesgue constants of about 3.
const STEP_SHARE: f64 = 1e-3;

/// Makes [`HankelTable`]s of profiles on one radial grid.
///
/// Everything that depends on the grid alone is in the plan, so that a
/// profile costs a few short matrix-vector products.
///
/// ```
/// use astro_fft::{HankelTablePlan, ProfileGrid};
///
/// let radii = ProfileGrid::uniform(0.0, 0.005, 2000)?;
/// let plan = HankelTablePlan::new(&radii, 10.0, 1e-10)?;
/// // exp(−πr²) is its own transform; straight pieces cost (step)².
/// let gaussian = |x: f64| (-std::f64::consts::PI * x * x).exp();
/// let profile: Vec<f64> = radii.value_radii().iter().map(|&r| gaussian(r)).collect();
/// let table = plan.execute(&profile)?;
/// let at_one = table.evaluate(1.0).ok_or("beyond the table")?;
/// assert!((at_one - gaussian(1.0)).abs() < 1e-5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct HankelTablePlan {
    moments: RadialMoments,
    frequencies: Panels,
    bessel: Matrix,
    split: Vec<Matrix>,
    polynomials: Matrix,
    intervals: usize,
    step: f64,
}

impl HankelTablePlan {
    /// Plans for frequencies from 0 to `max_frequency`, with the error of H
    /// at most `rel_error` · 2π∫|I| r dr.
    ///
    /// The plan takes about 200 bytes × (outer radius × `max_frequency`)² and
    /// 160 bytes for each profile value, and a table about 700 bytes × outer
    /// radius × `max_frequency` at 1e-10.
    ///
    /// # Errors
    /// `max_frequency` must be positive and `rel_error` in [1e-13, 0.1]; the
    /// profile must not span more cycles than supported.
    pub fn new(grid: &ProfileGrid, max_frequency: f64, rel_error: f64) -> Result<Self> {
        check_positive("max_frequency", 0, max_frequency)?;
        if !(SMALLEST_ERROR..=LARGEST_ERROR).contains(&rel_error) {
            return Err(Error::RelativeError {
                found: rel_error,
                smallest: SMALLEST_ERROR,
                largest: LARGEST_ERROR,
            });
        }
        check_cycles(grid, max_frequency)?;
        let step = interval_width(grid.outer_radius(), rel_error);
        // The nearest integer to the last frequency, and one to spare for
        // callers that round in single precision.
        let intervals = (max_frequency / step).round() as usize + 2;
        let cycles = grid.outer_radius() * step * intervals as f64;
        let layout = Layout::choose(cycles, STEP_SHARE * rel_error);
        let fine_panels = layout.groups * layout.per_group;
        let per_panel = intervals.div_ceil(fine_panels);
        let moments = RadialMoments::new(grid, layout);
        let frequencies = Panels::new(layout, -0.5 * step, step * per_panel as f64);
        let radii = moments.nodes();
        let nodes = frequencies.group_nodes();
        Ok(Self {
            moments,
            bessel: Matrix::from_rows(nodes.len(), radii.len(), |row, out| {
                bessel_row(nodes[row], &radii, out);
            }),
            split: frequencies.split_matrices(),
            polynomials: polynomial_matrix(&frequencies.fine, per_panel),
            frequencies,
            intervals,
            step,
        })
    }

    /// The table of a profile.
    ///
    /// # Errors
    /// A profile of the wrong length or with a value that is not finite.
    pub fn execute<T: Real>(&self, profile: &[T]) -> Result<HankelTable<T>> {
        let mut table = self.zero_table();
        self.execute_into(profile, &mut table)?;
        Ok(table)
    }

    /// The table of a profile, in the memory of another table of this plan.
    ///
    /// # Errors
    /// A profile of the wrong length or with a value that is not finite.
    pub fn execute_into<T: Real>(&self, profile: &[T], table: &mut HankelTable<T>) -> Result<()> {
        self.moments.grid().check_profile(profile)?;
        if table.coefficients().len() != self.intervals || table.step() != self.step {
            *table = self.zero_table();
        }
        Arch::new().dispatch(|| self.fill(profile, table.coefficients_mut()));
        Ok(())
    }

    /// The transpose: the derivative of a function of the coefficients with
    /// respect to each profile value, from its derivative with respect to each
    /// coefficient (what [`HankelTable::accumulate`] collects).
    ///
    /// # Errors
    /// As many rows are needed as the table has, all finite.
    pub fn execute_transpose<T: Real>(&self, gradient: &[[T; DEGREES]]) -> Result<Vec<T>> {
        check_length("gradient", gradient.len(), self.intervals)?;
        check_finite("gradient", gradient.as_flattened())?;
        let profile = Arch::new().dispatch(|| self.gather(gradient));
        Ok(profile.into_iter().map(T::from_f64_rounded).collect())
    }

    /// A table of zeros: where a gradient is accumulated.
    #[must_use]
    pub fn zero_table<T: Real>(&self) -> HankelTable<T> {
        HankelTable::zeros(self.intervals, self.step)
    }

    /// The radial grid of the plan.
    #[must_use]
    pub fn grid(&self) -> &ProfileGrid {
        self.moments.grid()
    }

    #[inline(always)]
    fn fill<T: Real>(&self, profile: &[T], coefficients: &mut [[T; DEGREES]]) {
        let weights = self.moments.apply(profile);
        let mut at_groups = vec![0.0; self.bessel.rows()];
        self.bessel.apply(&weights, &mut at_groups);
        let mut at_nodes = vec![0.0; self.frequencies.fine.len()];
        let mut rows = vec![0.0; self.polynomials.rows()];
        let per_panel = rows.len() / DEGREES;
        let mut panels = coefficients.chunks_mut(per_panel);
        for at_group in at_groups.chunks_exact(self.split[0].columns()) {
            for (split, panel) in self.split.iter().zip(panels.by_ref()) {
                at_nodes.fill(0.0);
                split.apply(at_group, &mut at_nodes);
                rows.fill(0.0);
                self.polynomials.apply(&at_nodes, &mut rows);
                for (out, row) in panel.iter_mut().zip(rows.as_chunks::<DEGREES>().0) {
                    *out = row.map(T::from_f64_rounded);
                }
            }
        }
    }

    #[inline(always)]
    fn gather<T: Real>(&self, gradient: &[[T; DEGREES]]) -> Vec<f64> {
        let mut at_groups = vec![0.0; self.bessel.rows()];
        let mut at_nodes = vec![0.0; self.frequencies.fine.len()];
        let mut rows = vec![0.0; self.polynomials.rows()];
        let per_panel = rows.len() / DEGREES;
        let mut panels = gradient.chunks(per_panel);
        for at_group in at_groups.chunks_exact_mut(self.split[0].columns()) {
            for (split, panel) in self.split.iter().zip(panels.by_ref()) {
                rows.fill(0.0);
                for (row, g) in rows.iter_mut().zip(panel.as_flattened()) {
                    *row = g.as_f64();
                }
                at_nodes.fill(0.0);
                self.polynomials.apply_transpose(&rows, &mut at_nodes);
                split.apply_transpose(&at_nodes, at_group);
            }
        }
        let mut weights = vec![0.0; self.bessel.columns()];
        self.bessel.apply_transpose(&at_groups, &mut weights);
        self.moments.apply_transpose(&weights)
    }
}

/// The widest interval on which degree 7 reaches half of `rel_error`.
///
/// Interpolation at the 8 Chebyshev nodes of an interval of width h errs by at
/// most 2 (h/4)⁸/8! max|H⁽⁸⁾|, and |H⁽⁸⁾| <= 35/128 (2πR)⁸ 2π∫|I| r dr, since
/// the mean of cos⁸ is 35/128.
fn interval_width(outer_radius: f64, rel_error: f64) -> f64 {
    let eighth_power = 0.5 * rel_error * 40_320.0 / (2.0 * 35.0 / 128.0);
    eighth_power.powf(0.125) * 4.0 / (2.0 * PI * outer_radius)
}

/// From values at the nodes of a fine panel to the polynomials of its
/// intervals, `[per_panel · 8, nodes]`.
///
/// Each interval is interpolated at its own 8 Chebyshev nodes. With
/// s = 2t, the Chebyshev coefficients are sums over the nodes, and the powers
/// of t follow from those of T_m.
fn polynomial_matrix(fine: &Chebyshev, per_panel: usize) -> Matrix {
    let interval = Chebyshev::new(DEGREES);
    let to_powers = powers_from_nodes(&interval);
    let mut basis = vec![0.0; fine.len()];
    let mut entries = vec![0.0; per_panel * DEGREES * fine.len()];
    for (index, entries) in (entries.chunks_exact_mut(DEGREES * fine.len())).enumerate() {
        for (k, &s) in interval.nodes().iter().enumerate() {
            let in_panel = (2.0 * index as f64 + 1.0 + s) / per_panel as f64 - 1.0;
            fine.basis(in_panel, &mut basis);
            for (row, powers) in entries.chunks_exact_mut(fine.len()).zip(&to_powers) {
                for (entry, value) in row.iter_mut().zip(&basis) {
                    *entry += powers[k] * value;
                }
            }
        }
    }
    Matrix::from_rows(per_panel * DEGREES, fine.len(), |row, out| {
        out.copy_from_slice(&entries[row * fine.len()..(row + 1) * fine.len()]);
    })
}

/// Coefficient of t^j from the value at Chebyshev node k.
fn powers_from_nodes(interval: &Chebyshev) -> [[f64; DEGREES]; DEGREES] {
    let mut powers = [[0.0; DEGREES]; DEGREES];
    // Powers of s in T_m, by the three-term recurrence.
    let mut chebyshev = [[0.0; DEGREES]; DEGREES];
    chebyshev[0][0] = 1.0;
    chebyshev[1][1] = 1.0;
    for m in 2..DEGREES {
        for j in 0..DEGREES {
            let shifted = if j > 0 { chebyshev[m - 1][j - 1] } else { 0.0 };
            chebyshev[m][j] = 2.0 * shifted - chebyshev[m - 2][j];
        }
    }
    for (k, node) in interval.nodes().iter().enumerate() {
        for m in 0..DEGREES {
            let scale = if m == 0 { 1.0 } else { 2.0 } / DEGREES as f64;
            let from_node = scale * (m as f64 * node.acos()).cos();
            for j in 0..DEGREES {
                powers[j][k] += from_node * chebyshev[m][j] * (1_u32 << j) as f64;
            }
        }
    }
    powers
}
