//! Dirty images, residual images and the dirty beam.
//!
//! $$ I_D(l, m) = \frac{\sum_k \omega_k\,\mathrm{Re}\!\left[V_k\,e^{-2\pi i(u_k l + v_k m)}\right]}{\sum_k \omega_k} $$
//!
//! (with a w-term, `w_k (n − 1)` joins the phase, and `1/n` never enters) in Jy per dirty beam; the beam is the image of `V = 1`. The imaging weights `ω` are (Briggs 1995)
//!
//! - natural: `w`, best for point-source sensitivity;
//! - uniform: `w / W`, `W` the sum of weights in the uv cell of the point: best for resolution;
//! - Briggs: `w / (1 + W f²)`, `f² = (5·10^{−R})² / (Σ W² / Σ w)`, between the two.

use astro_core::{CompensatedSum, check_finite, check_lengths};
use astro_fft::FftReal;
use ndarray::Array2;
use num_complex::{Complex, Complex64};

use super::VisibilityPlan;
use super::gradient::wide;
use crate::{Error, ImageGrid, Result};

/// How visibilities are weighted in an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ImagingWeights {
    /// The weights of the data.
    #[default]
    Natural,
    /// Every uv cell counts the same.
    Uniform,
    /// Between the two.
    Briggs {
        /// `R` in `[-2, 2]`: −2 is nearly uniform, +2 nearly natural.
        robust: f64,
    },
}

/// The synthesized beam as an ellipse.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct BeamEllipse {
    /// Full width at half maximum along the major axis, radians.
    pub major_fwhm_rad: f64,
    /// Full width at half maximum along the minor axis, radians.
    pub minor_fwhm_rad: f64,
    /// Position angle of the major axis East of North, radians, in `(-π/2, π/2]`.
    pub position_angle_rad: f64,
}

impl<T: FftReal> VisibilityPlan<T> {
    /// The dirty image of the data, Jy/beam, on the plan's grid.
    ///
    /// # Errors
    /// A plan for coverage alone, points beyond the grid, a method without adjoint
    /// (`Bilinear`, `Galario`), or a robust parameter outside `[-2, 2]`.
    ///
    /// ```
    /// use astro_core::UvTable;
    /// use astro_visibility::{ImageGrid, ImagingWeights, VisibilityPlan};
    /// use num_complex::Complex64;
    /// // A point source of 2 Jy at the phase centre.
    /// let table = UvTable::new(
    ///     vec![1e5, 2e5, 3e5], vec![1e5, -1e5, 0.0], vec![Complex64::new(2.0, 0.0); 3], vec![1.0; 3],
    /// )?;
    /// let plan = VisibilityPlan::<f64>::builder(&table, ImageGrid::square(32, 5e-7)).build()?;
    /// let image = plan.dirty_image(ImagingWeights::Natural)?;
    /// assert!((image[[16, 16]] - 2.0).abs() < 1e-9);
    /// # Ok::<(), astro_visibility::Error>(())
    /// ```
    pub fn dirty_image(&self, weights: ImagingWeights) -> Result<Array2<T>> {
        self.data()?;
        let values: Vec<Complex64> = self
            .points
            .observed()
            .into_iter()
            .flatten()
            .map(|(value, _)| value)
            .collect();
        self.image_of(&values, weights)
    }

    /// The dirty image of what a model leaves: data minus `model`, given in the order of the table's rows.
    ///
    /// # Errors
    /// As [`VisibilityPlan::dirty_image`], and a model of another length or with a NaN.
    pub fn residual_image(
        &self,
        model: &[Complex<T>],
        weights: ImagingWeights,
    ) -> Result<Array2<T>> {
        self.data()?;
        check_lengths("model", model.len(), "uv table", self.points.len())?;
        check_finite(
            "model",
            model.iter().flat_map(|z| [z.re.as_f64(), z.im.as_f64()]),
        )?;
        let observed = self.points.observed().into_iter().flatten();
        let values: Vec<Complex64> = observed
            .zip(&self.points.order)
            .map(|((value, _), &row)| value - wide(model[row as usize]))
            .collect();
        self.image_of(&values, weights)
    }

    /// The dirty beam: what a point source of 1 Jy at the phase centre looks like. Its peak is 1.
    ///
    /// # Errors
    /// As [`VisibilityPlan::dirty_image`].
    pub fn dirty_beam(&self, weights: ImagingWeights) -> Result<Array2<T>> {
        self.image_of(&vec![Complex64::new(1.0, 0.0); self.points.used], weights)
    }

    /// Standard deviation of a pixel of the dirty image by the weights of the data, Jy/beam.
    ///
    /// $$ \sigma = \frac{\sqrt{\sum_k \omega_k^2 / w_k}}{\sum_k \omega_k} $$
    ///
    /// with natural weights `(Σ w)^{-1/2}`, which no others reach.
    ///
    /// # Errors
    /// As [`VisibilityPlan::dirty_image`].
    pub fn image_noise(&self, weights: ImagingWeights) -> Result<f64> {
        let natural = &self.data()?.weight[..self.points.used];
        let weights = self.imaging_weights(weights)?;
        let variance = weights
            .iter()
            .zip(natural)
            .map(|(omega, w)| omega * omega / w);
        let total = weights.iter().copied().collect::<CompensatedSum>().value();
        Ok(variance.collect::<CompensatedSum>().value().sqrt() / total)
    }

    fn image_of(&self, values: &[Complex64], weights: ImagingWeights) -> Result<Array2<T>> {
        self.check_within_grid(crate::Placement::default().rotation())?;
        let weights = self.imaging_weights(weights)?;
        let total = weights.iter().copied().collect::<CompensatedSum>().value();
        let coefficients: Vec<Complex64> = values
            .iter()
            .zip(&weights)
            .map(|(value, w)| value.conj() * (w / total))
            .collect();
        let mut image = Array2::from_elem((self.grid.rows, self.grid.columns), T::zero());
        self.adjoint(&coefficients, &crate::Placement::default(), &mut image)?;
        Ok(image)
    }

    /// `ω` of each point of positive weight.
    fn imaging_weights(&self, weights: ImagingWeights) -> Result<Vec<f64>> {
        let natural = &self.data()?.weight[..self.points.used];
        let robust = match weights {
            ImagingWeights::Natural => return Ok(natural.to_vec()),
            ImagingWeights::Uniform => None,
            ImagingWeights::Briggs { robust } if (-2.0..=2.0).contains(&robust) => Some(robust),
            ImagingWeights::Briggs { robust } => {
                return Err(Error::Parameter {
                    name: "robust",
                    value: robust,
                    requirement: "in [-2, 2]",
                });
            }
        };
        let cells = self.cell_weights(natural);
        let Some(robust) = robust else {
            return Ok(natural
                .iter()
                .zip(&cells)
                .map(|(w, cell)| w / cell)
                .collect());
        };
        // Σ over cells of W² is Σ over points of w W: each point brings its share of its cell.
        let squares: f64 = natural.iter().zip(&cells).map(|(w, cell)| w * cell).sum();
        let total: f64 = natural.iter().sum();
        let f2 = (5.0 * 10f64.powf(-robust)).powi(2) / (squares / total);
        Ok(natural
            .iter()
            .zip(&cells)
            .map(|(w, cell)| w / (1.0 + cell * f2))
            .collect())
    }

    /// The sum of weights in the uv cell of each point; a point and its mirror image both count.
    fn cell_weights(&self, natural: &[f64]) -> Vec<f64> {
        let (u_cell, v_cell) = self.grid.uv_cell();
        let cell = |k: usize, side: f64| {
            let index = |x: f64, cell: f64| (side * x / cell).round() as i64;
            (
                index(self.points.u[k], u_cell),
                index(self.points.v[k], v_cell),
            )
        };
        let mut entries: Vec<((i64, i64), f64)> = natural
            .iter()
            .enumerate()
            .flat_map(|(k, &w)| [(cell(k, 1.0), w), (cell(k, -1.0), w)])
            .collect();
        entries.sort_by_key(|entry| entry.0);
        let sums: Vec<((i64, i64), f64)> = entries
            .chunk_by(|a, b| a.0 == b.0)
            .map(|cell| (cell[0].0, cell.iter().map(|entry| entry.1).sum()))
            .collect();
        let at = |key| match sums.binary_search_by_key(&key, |entry| entry.0) {
            Ok(found) => sums[found].1,
            Err(_) => unreachable!("every point was put in its cell"),
        };
        (0..natural.len()).map(|k| at(cell(k, 1.0))).collect()
    }
}

/// Fits an elliptical Gaussian to the main lobe of a dirty beam.
///
/// `−ln B` is fitted by a quadratic form, weighted by `B²`, over the pixels connected to the centre
/// where `B > ½`. Fewer than five such pixels cannot be fitted: nothing is returned.
pub fn fit_beam(beam: ndarray::ArrayView2<'_, f64>, grid: &ImageGrid) -> Option<BeamEllipse> {
    if beam.dim() != (grid.rows, grid.columns) {
        return None;
    }
    let lobe = main_lobe(beam, (grid.rows / 2, grid.columns / 2));
    if lobe.len() < 5 {
        return None;
    }
    // Normal equations of −ln B = a x² + 2 b x y + c y².
    let unit = grid.pixel_width_rad;
    let mut normal = [[0.0; 3]; 3];
    let mut right = [0.0; 3];
    for &(i, j) in &lobe {
        let (x, y) = (grid.east_rad(j) / unit, grid.north_rad(i) / unit);
        let terms = [x * x, 2.0 * x * y, y * y];
        let weight = beam[[i, j]].powi(2);
        for (row, a) in normal.iter_mut().zip(terms) {
            for (entry, b) in row.iter_mut().zip(terms) {
                *entry += weight * a * b;
            }
        }
        for (entry, a) in right.iter_mut().zip(terms) {
            *entry -= weight * a * beam[[i, j]].ln();
        }
    }
    let [a, b, c] = solve(normal, right)?;
    // Eigenvalues of the form: the smaller belongs to the major axis.
    let (mean, half) = (0.5 * (a + c), 0.5 * (a - c));
    let spread = half.hypot(b);
    if mean <= spread {
        return None;
    }
    let fwhm = |curvature: f64| 2.0 * (std::f64::consts::LN_2 / curvature).sqrt() * unit;
    // The major axis makes the angle φ with North, where a sin²φ + 2b sinφ cosφ + c cos²φ is least.
    let position_angle_rad = 0.5 * (-b).atan2(half);
    Some(BeamEllipse {
        major_fwhm_rad: fwhm(mean - spread),
        minor_fwhm_rad: fwhm(mean + spread),
        position_angle_rad,
    })
}

fn main_lobe(beam: ndarray::ArrayView2<'_, f64>, center: (usize, usize)) -> Vec<(usize, usize)> {
    let mut seen = Array2::from_elem(beam.dim(), false);
    let mut lobe = vec![];
    let mut next = vec![center];
    while let Some((i, j)) = next.pop() {
        let inside = beam.get((i, j)).is_some_and(|&b| b > 0.5);
        if !inside || std::mem::replace(&mut seen[[i, j]], true) {
            continue;
        }
        lobe.push((i, j));
        next.extend([
            (i + 1, j),
            (i, j + 1),
            (i.wrapping_sub(1), j),
            (i, j.wrapping_sub(1)),
        ]);
    }
    lobe
}

/// Cramer's rule for three equations.
fn solve(matrix: [[f64; 3]; 3], right: [f64; 3]) -> Option<[f64; 3]> {
    let det = |m: [[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
            - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = det(matrix);
    if whole == 0.0 || !whole.is_finite() {
        return None;
    }
    Some([0, 1, 2].map(|column| {
        let mut replaced = matrix;
        for (row, value) in replaced.iter_mut().zip(right) {
            row[column] = value;
        }
        det(replaced) / whole
    }))
}
