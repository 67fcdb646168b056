//! Derivatives of a source's visibility with respect to its parameters.

use super::source::AnalyticSource;
use num_complex::Complex;
use std::f64::consts::TAU;

/// A visibility and its derivatives with respect to the source's parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SourceDerivatives {
    /// The visibility itself, Jy.
    pub visibility: Complex<f64>,
    /// Per Jy of flux.
    pub flux_jy: Complex<f64>,
    /// Per radian of the shape's sizes, in the order of the variant's fields;
    /// zero where the shape has fewer than two.
    pub sizes_rad: [Complex<f64>; 2],
    /// Per unit of axis ratio.
    pub axis_ratio: Complex<f64>,
    /// Per radian of position angle.
    pub position_angle_rad: Complex<f64>,
    /// Per radian of offset to the East.
    pub ra_offset_rad: Complex<f64>,
    /// Per radian of offset to the North.
    pub dec_offset_rad: Complex<f64>,
}

impl AnalyticSource {
    /// The visibility at (u, v) in wavelengths with its derivatives.
    ///
    /// With ρ² = q²u_r² + v_r²: ρ ∂ρ/∂q = q u_r² and
    /// ρ ∂ρ/∂PA = (1 − q²) u_r v_r.
    #[must_use]
    pub fn derivatives(&self, u: f64, v: f64) -> SourceDerivatives {
        let (ur, vr) = self.rotation().apply(u, v);
        let q = self.axis_ratio;
        let rho = (q * ur).hypot(vr);
        let phase = self.phase(u, v);
        let flux_phase = phase * self.flux_jy;
        let visibility = flux_phase * self.shape.visibility(rho);
        let slope = flux_phase * self.shape.slope_over_rho(rho);
        let i_tau = Complex::new(0.0, TAU);
        SourceDerivatives {
            visibility,
            flux_jy: phase * self.shape.visibility(rho),
            sizes_rad: self.shape.size_derivatives(rho).map(|d| flux_phase * d),
            axis_ratio: slope * (q * ur * ur),
            position_angle_rad: slope * ((1.0 - q * q) * ur * vr),
            ra_offset_rad: visibility * i_tau * u,
            dec_offset_rad: visibility * i_tau * v,
        }
    }
}
