//! Visibility of axisymmetric shapes of unit flux.

use crate::error::check_positive;
use crate::{Error, Result};
use astro_fft::{bessel_j0, bessel_j1};
use std::f64::consts::{LN_2, TAU};

/// An axisymmetric brightness distribution of unit flux.
///
/// With x = 2πRρ, ρ in wavelengths (Thompson, Moran & Swenson 2017,
/// *Interferometry and Synthesis in Radio Astronomy*, table 10.2):
///
/// | shape | visibility S(ρ) |
/// |---|---|
/// | point | 1 |
/// | Gaussian | exp(−2π²σ²ρ²) |
/// | uniform disc | 2 J1(x)/x |
/// | thin ring | J0(x) |
/// | annulus | (R₂² S_disc(R₂) − R₁² S_disc(R₁)) / (R₂² − R₁²) |
///
/// An annulus loses as many digits as its width is orders of magnitude
/// smaller than its radius; a thin ring is its limit.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SourceShape {
    /// A point.
    Point,
    /// A Gaussian, exp(−r²/(2σ²)).
    Gaussian {
        /// Standard deviation of the major axis, radians, `> 0`.
        sigma_rad: f64,
    },
    /// A disc of uniform brightness.
    Disc {
        /// Radius of the major axis, radians, `> 0`.
        radius_rad: f64,
    },
    /// An infinitely thin ring.
    Ring {
        /// Radius of the major axis, radians, `> 0`.
        radius_rad: f64,
    },
    /// A uniform disc with a hole.
    Annulus {
        /// Radius of the hole, radians, `≥ 0`.
        inner_radius_rad: f64,
        /// Outer radius, radians, above the inner one.
        outer_radius_rad: f64,
    },
}

impl SourceShape {
    /// A Gaussian of a given full width at half maximum, √(8 ln 2) σ.
    ///
    /// ```
    /// use astro_visibility::SourceShape;
    /// let gaussian = SourceShape::gaussian_from_fwhm(1e-6);
    /// // The visibility is a half where ρ · FWHM = 2 ln 2 / π.
    /// let rho = 2.0 * std::f64::consts::LN_2 / std::f64::consts::PI / 1e-6;
    /// assert!((gaussian.visibility(rho) - 0.5).abs() < 1e-15);
    /// ```
    #[must_use]
    pub fn gaussian_from_fwhm(fwhm_rad: f64) -> Self {
        Self::Gaussian {
            sigma_rad: fwhm_rad / (8.0 * LN_2).sqrt(),
        }
    }

    /// S(ρ) for ρ in wavelengths.
    #[must_use]
    pub fn visibility(&self, rho: f64) -> f64 {
        match *self {
            Self::Point => 1.0,
            Self::Gaussian { sigma_rad } => (-0.5 * (TAU * sigma_rad * rho).powi(2)).exp(),
            Self::Disc { radius_rad } => disc(TAU * radius_rad * rho),
            Self::Ring { radius_rad } => bessel_j0(TAU * radius_rad * rho),
            Self::Annulus {
                inner_radius_rad: inner,
                outer_radius_rad: outer,
            } => {
                let (inner_area, outer_area) = (inner * inner, outer * outer);
                (outer_area * disc(TAU * outer * rho) - inner_area * disc(TAU * inner * rho))
                    / (outer_area - inner_area)
            }
        }
    }

    /// S′(ρ)/ρ, which has a limit at ρ = 0.
    pub(super) fn slope_over_rho(&self, rho: f64) -> f64 {
        match *self {
            Self::Point => 0.0,
            Self::Gaussian { sigma_rad } => -(TAU * sigma_rad).powi(2) * self.visibility(rho),
            Self::Disc { radius_rad } => disc_slope_over_rho(radius_rad, rho),
            Self::Ring { radius_rad } => {
                let scale = TAU * radius_rad;
                -0.5 * scale * scale * disc(scale * rho)
            }
            Self::Annulus {
                inner_radius_rad: inner,
                outer_radius_rad: outer,
            } => {
                let (inner_area, outer_area) = (inner * inner, outer * outer);
                (outer_area * disc_slope_over_rho(outer, rho)
                    - inner_area * disc_slope_over_rho(inner, rho))
                    / (outer_area - inner_area)
            }
        }
    }

    /// ∂S/∂(size) in the order of the variant's fields; zero where there is none.
    pub(super) fn size_derivatives(&self, rho: f64) -> [f64; 2] {
        match *self {
            Self::Point => [0.0, 0.0],
            // S depends on size · ρ alone.
            Self::Gaussian { sigma_rad: size }
            | Self::Disc { radius_rad: size }
            | Self::Ring { radius_rad: size } => [self.slope_over_rho(rho) * rho * rho / size, 0.0],
            // d(R² S_disc)/dR = 2R J0(2πRρ).
            Self::Annulus {
                inner_radius_rad: inner,
                outer_radius_rad: outer,
            } => {
                let value = self.visibility(rho);
                let difference = outer * outer - inner * inner;
                let edge = |radius: f64| 2.0 * radius * (bessel_j0(TAU * radius * rho) - value);
                [-edge(inner) / difference, edge(outer) / difference]
            }
        }
    }

    /// Requires sizes that make sense.
    pub(super) fn check(&self) -> Result<()> {
        match *self {
            Self::Point => Ok(()),
            Self::Gaussian { sigma_rad } => check_positive("sigma_rad", sigma_rad),
            Self::Disc { radius_rad } | Self::Ring { radius_rad } => {
                check_positive("radius_rad", radius_rad)
            }
            Self::Annulus {
                inner_radius_rad: inner,
                outer_radius_rad: outer,
            } => {
                check_positive("outer_radius_rad", outer)?;
                if (0.0..outer).contains(&inner) {
                    return Ok(());
                }
                Err(Error::Parameter {
                    name: "inner_radius_rad",
                    value: inner,
                    requirement: "at least 0 and less than outer_radius_rad",
                })
            }
        }
    }
}

/// 2 J1(x)/x.
pub(crate) fn disc(x: f64) -> f64 {
    // Below, the next term of the series, x⁴/192, is under a rounding error.
    if x.abs() < 1e-4 {
        return 1.0 - x * x / 8.0;
    }
    2.0 * bessel_j1(x) / x
}

/// S′(ρ)/ρ of a disc: −2 (2πR)² J2(x)/x².
fn disc_slope_over_rho(radius: f64, rho: f64) -> f64 {
    let scale = TAU * radius;
    let x = scale * rho;
    let j2_over_x2 = if x.abs() < 0.5 {
        // Where 2 J1/x − J0 cancels: Σ (−x²/4)^k / (4 · k! (k+2)!).
        let mut term = 0.125;
        let mut sum = term;
        for k in 1..8 {
            let k = f64::from(k);
            term *= -0.25 * x * x / (k * (k + 2.0));
            sum += term;
        }
        sum
    } else {
        (disc(x) - bessel_j0(x)) / (x * x)
    };
    -2.0 * scale * scale * j2_over_x2
}
