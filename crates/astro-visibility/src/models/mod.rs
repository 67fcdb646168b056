//! Radial brightness profiles with named parameters: what a fit adjusts.
//!
//! | model | brightness I(r), Jy/sr |
//! |---|---|
//! | `gaussian` | f0 exp(−r²/2σ²) |
//! | `powerlaw` | f0 (r/rc)^−γ exp(−(r/rc)^β), zero inside an optional inner radius |
//! | `rings:N` | Σ f0ₖ exp(−(r − rₖ)²/2wₖ²) |
//! | `multi-gaussian:N` | Σ f0ₖ exp(−r²/2σₖ²) |
//! | `tabulated` | scale × a given profile, linear between its radii |
//! | `knots:r1,r2,…` | exp of an interpolation of ln f0ₖ between radii rₖ |
//!
//! Radii are in arcseconds here, because they are read and written by people.

mod interpolate;
mod parameters;
mod parse;

use astro_core::{check_finite, check_lengths};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};
use interpolate::{LogSpline, linear};
pub use parameters::ProfileScales;

/// A family of radial brightness profiles.
///
/// ```
/// use astro_visibility::ProfileModel;
///
/// let model: ProfileModel = "gaussian".parse()?;
/// // f0 [Jy/sr], sigma [arcsec]; the width is where the brightness is f0/√e.
/// let brightness = model.evaluate(&[1e10, 0.3], &[0.0, 0.3])?;
/// assert!((brightness[1] - 1e10 * (-0.5_f64).exp()).abs() < 1.0);
/// let rings: ProfileModel = "rings:3".parse()?;
/// assert_eq!(rings.parameter_count(), 9);
/// # Ok::<(), astro_visibility::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProfileModel {
    /// `f0`, `sigma`.
    Gaussian,
    /// `f0`, `rc`, `gamma`, `beta`, and `rin` where there is an inner radius.
    PowerLaw {
        /// Whether the disc has a hole.
        inner_radius: bool,
    },
    /// `f0`, `r`, `w` of each ring, numbered from 1.
    Rings {
        /// Number of rings, at least 1.
        count: usize,
    },
    /// `f0`, `sigma` of each component, numbered from 1.
    MultiGaussian {
        /// Number of components, at least 1.
        count: usize,
    },
    /// `scale`: the factor on a given profile.
    Tabulated {
        /// Increasing radii, arcseconds; at least two.
        radii_arcsec: Vec<f64>,
        /// Brightness at the radii, Jy/sr; constant inside the first, zero beyond the last.
        brightness_jy_per_sr: Vec<f64>,
    },
    /// `f0` of each knot, numbered from 1.
    Knots {
        /// Increasing radii, arcseconds; at least two. Constant inside the
        /// first, zero beyond the last.
        radii_arcsec: Vec<f64>,
        /// How ln I runs between the knots.
        interpolation: KnotInterpolation,
    },
}

/// How the logarithm of the brightness runs between knots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnotInterpolation {
    /// Straight lines.
    Linear,
    /// The natural cubic spline.
    #[default]
    Spline,
}

impl ProfileModel {
    /// Requires counts and tables that make sense.
    ///
    /// # Errors
    /// No component; a table with fewer than two radii, radii that do not
    /// increase, or a brightness that is not finite or all zero.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Gaussian | Self::PowerLaw { .. } => Ok(()),
            Self::Rings { count } | Self::MultiGaussian { count } => require_count(*count),
            Self::Tabulated {
                radii_arcsec,
                brightness_jy_per_sr: brightness,
            } => {
                check_radii(radii_arcsec)?;
                check_lengths("brightness", brightness.len(), "radii", radii_arcsec.len())?;
                check_finite("brightness", brightness.iter().copied())?;
                if brightness.iter().all(|&b| b == 0.0) {
                    return Err(Error::Parameter {
                        name: "brightness of the tabulated profile",
                        value: 0.0,
                        requirement: "above 0 somewhere",
                    });
                }
                Ok(())
            }
            Self::Knots { radii_arcsec, .. } => check_radii(radii_arcsec),
        }
    }

    /// Number of parameters.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        match self {
            Self::Gaussian => 2,
            Self::PowerLaw { inner_radius } => 4 + usize::from(*inner_radius),
            Self::Rings { count } => 3 * count,
            Self::MultiGaussian { count } => 2 * count,
            Self::Tabulated { .. } => 1,
            Self::Knots { radii_arcsec, .. } => radii_arcsec.len(),
        }
    }

    /// Whether the profile is smooth on the scale of the radius itself.
    pub(crate) fn is_centered(&self) -> bool {
        match self {
            Self::Gaussian | Self::MultiGaussian { .. } => true,
            // The edge of a hole is not.
            Self::PowerLaw { inner_radius } => !inner_radius,
            Self::Rings { .. } | Self::Tabulated { .. } | Self::Knots { .. } => false,
        }
    }

    /// Whether the profile has corners of its own, at the radii of a table.
    pub(crate) fn table_radii(&self) -> Option<&[f64]> {
        match self {
            Self::Tabulated { radii_arcsec, .. } | Self::Knots { radii_arcsec, .. } => {
                Some(radii_arcsec)
            }
            _ => None,
        }
    }

    /// Brightness at increasing radii in arcseconds, Jy/sr.
    ///
    /// `values` are those of [`ProfileModel::parameters`], in that order and in their units
    /// (brightness itself, not its logarithm). The edge of an inner radius is shared
    /// between the radii on either side, so that a fit sees it move continuously.
    ///
    /// # Errors
    /// Another number of values than parameters, or one that is not finite.
    pub fn evaluate(&self, values: &[f64], radii_arcsec: &[f64]) -> Result<Vec<f64>> {
        self.check()?;
        check_lengths(
            "profile values",
            values.len(),
            "the model's parameters",
            self.parameter_count(),
        )?;
        check_finite("profile values", values.iter().copied())?;
        let mut out = vec![0.0; radii_arcsec.len()];
        self.fill(values, radii_arcsec, &mut out);
        Ok(out)
    }

    /// [`ProfileModel::evaluate`] for checked input.
    pub(crate) fn fill(&self, values: &[f64], radii: &[f64], out: &mut [f64]) {
        match self {
            Self::Gaussian | Self::MultiGaussian { .. } => {
                out.fill(0.0);
                for component in values.chunks_exact(2) {
                    add_bump(component[0], 0.0, component[1], radii, out);
                }
            }
            Self::Rings { .. } => {
                out.fill(0.0);
                for ring in values.chunks_exact(3) {
                    add_bump(ring[0], ring[1], ring[2], radii, out);
                }
            }
            Self::PowerLaw { .. } => {
                let (f0, rc, gamma, beta) = (values[0], values[1], values[2], values[3]);
                for (out, &r) in out.iter_mut().zip(radii) {
                    let ln_x = (r.max(f64::MIN_POSITIVE) / rc).ln();
                    *out = f0 * (-gamma * ln_x - (beta * ln_x).exp()).exp();
                }
                if let Some(&inner) = values.get(4) {
                    cut_inside(inner, radii, out);
                }
            }
            Self::Tabulated {
                radii_arcsec,
                brightness_jy_per_sr,
            } => {
                for (out, &r) in out.iter_mut().zip(radii) {
                    *out = values[0] * linear(radii_arcsec, brightness_jy_per_sr, r);
                }
                cut_outside(radii_arcsec, radii, out);
            }
            Self::Knots {
                radii_arcsec,
                interpolation,
            } => {
                let logs: Vec<f64> = values.iter().map(|f0| f0.ln()).collect();
                match interpolation {
                    KnotInterpolation::Linear => {
                        for (out, &r) in out.iter_mut().zip(radii) {
                            *out = linear(radii_arcsec, &logs, r).exp();
                        }
                    }
                    KnotInterpolation::Spline => {
                        let spline = LogSpline::new(radii_arcsec, &logs);
                        for (out, &r) in out.iter_mut().zip(radii) {
                            *out = spline.at(r).exp();
                        }
                    }
                }
                cut_outside(radii_arcsec, radii, out);
            }
        }
    }
}

/// Adds `f0 exp(−(r − center)²/2w²)`.
fn add_bump(f0: f64, center: f64, width: f64, radii: &[f64], out: &mut [f64]) {
    let scale = -0.5 / (width * width);
    for (out, &r) in out.iter_mut().zip(radii) {
        let distance = r - center;
        *out += f0 * (scale * distance * distance).exp();
    }
}

/// Multiplies each value by the share of its cell, halfway to its neighbors, outside `edge`.
fn cut_inside(edge: f64, radii: &[f64], out: &mut [f64]) {
    for k in 0..radii.len() {
        let (low, high) = cell(radii, k);
        out[k] *= share_above(low, high, edge, 0.0);
    }
}

/// Multiplies each value by the share of its cell inside the last radius of a table.
fn cut_outside(table_radii: &[f64], radii: &[f64], out: &mut [f64]) {
    let edge = table_radii.last().copied().unwrap_or(0.0);
    for k in 0..radii.len() {
        let (low, high) = cell(radii, k);
        out[k] *= 1.0 - share_above(low, high, edge, 1.0);
    }
}

/// From halfway to the radius before to halfway to the one after.
fn cell(radii: &[f64], k: usize) -> (f64, f64) {
    let here = radii[k];
    let low = if k > 0 {
        0.5 * (radii[k - 1] + here)
    } else {
        here
    };
    let high = radii.get(k + 1).map_or(here, |next| 0.5 * (here + next));
    (low, high)
}

/// The share of `low..high` above `edge`; of a single radius 1 or 0, and less `tie` where it is the edge itself.
fn share_above(low: f64, high: f64, edge: f64, tie: f64) -> f64 {
    if high > low {
        return ((high - edge) / (high - low)).clamp(0.0, 1.0);
    }
    if low > edge {
        1.0
    } else if low < edge {
        0.0
    } else {
        1.0 - tie
    }
}

fn require_count(count: usize) -> Result<()> {
    if (1..=64).contains(&count) {
        return Ok(());
    }
    Err(Error::Parameter {
        name: "number of components of the profile",
        value: count as f64,
        requirement: "between 1 and 64",
    })
}

fn check_radii(radii: &[f64]) -> Result<()> {
    check_finite("profile radii", radii.iter().copied())?;
    let increasing = radii.windows(2).all(|pair| pair[0] < pair[1]);
    let first = radii.first().copied().unwrap_or(0.0);
    if radii.len() < 2 || !increasing || first < 0.0 {
        return Err(Error::Parameter {
            name: "radii of the profile (first one)",
            value: first,
            requirement: ">= 0, with at least two radii that strictly increase",
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_have_their_closed_forms() {
        let radii = [0.0, 0.1, 0.25, 0.7];
        let rings = ProfileModel::Rings { count: 2 };
        let found = rings
            .evaluate(&[2.0, 0.1, 0.05, 3.0, 0.7, 0.2], &radii)
            .unwrap();
        for (found, r) in found.iter().zip(radii) {
            let bump = |f: f64, c: f64, w: f64| f * (-0.5 * ((r - c) / w).powi(2)).exp();
            let expected = bump(2.0, 0.1, 0.05) + bump(3.0, 0.7, 0.2);
            assert!((found - expected).abs() < 1e-14);
        }
        let power = ProfileModel::PowerLaw {
            inner_radius: false,
        };
        let found = power.evaluate(&[5.0, 0.5, 0.8, 1.5], &radii[1..]).unwrap();
        for (found, r) in found.iter().zip(&radii[1..]) {
            let x: f64 = r / 0.5;
            let expected = 5.0 * x.powf(-0.8) * (-x.powf(1.5)).exp();
            assert!((found / expected - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn knots_pass_through_their_values_and_end_at_the_last() {
        let radii_arcsec = vec![0.0, 0.2, 0.5, 0.6];
        let values = [4.0, 9.0, 1.0, 0.5];
        for interpolation in [KnotInterpolation::Linear, KnotInterpolation::Spline] {
            let model = ProfileModel::Knots {
                radii_arcsec: radii_arcsec.clone(),
                interpolation,
            };
            // The cell of 0.55 holds the edge at 0.6; those of its neighbors do not.
            let radii = [0.0, 0.2, 0.5, 0.55, 0.8];
            let mut found = model.evaluate(&values, &radii).unwrap();
            found.remove(3);
            for (found, expected) in found.iter().zip([4.0, 9.0, 1.0, 0.0]) {
                assert!((found - expected).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn an_inner_edge_removes_its_own_area_continuously() {
        let model = ProfileModel::PowerLaw { inner_radius: true };
        let radii: Vec<f64> = (0..2000).map(|k| 1e-3 * f64::from(k)).collect();
        let area = |inner: f64| -> f64 {
            let values = model
                .evaluate(&[1.0, 100.0, 0.0, 2.0, inner], &radii)
                .unwrap();
            values.iter().sum::<f64>() * 1e-3
        };
        // The brightness is 1 but for the cut-off, which is 4e-4 at the end.
        let slope = (area(0.5004) - area(0.5001)) / 3e-4;
        assert!((slope + 1.0).abs() < 1e-3, "{slope}");
    }

    #[test]
    fn bad_tables_and_values_are_refused() {
        let decreasing = ProfileModel::Knots {
            radii_arcsec: vec![0.3, 0.1],
            interpolation: KnotInterpolation::Linear,
        };
        assert!(decreasing.check().is_err());
        assert!(ProfileModel::Rings { count: 0 }.check().is_err());
        let gaussian = ProfileModel::Gaussian;
        assert!(gaussian.evaluate(&[1.0], &[0.0]).is_err());
        assert!(gaussian.evaluate(&[f64::NAN, 1.0], &[0.0]).is_err());
    }
}
