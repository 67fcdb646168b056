//! Visibilities of an inclined axisymmetric disc from its Hankel transform.
//!
//! $$ V = |\cos i|\; H\!\left(\sqrt{(u'\cos i)^2 + v'^2}\right), \qquad
//!    H(\rho) = 2\pi\int I(r)\,J_0(2\pi\rho r)\,r\,dr $$
//!
//! `H` comes from a table of short polynomials, so that a point costs two
//! roots, a cache line and eight multiplications.

use astro_fft::HankelTable;
use pulp::Simd;

use crate::drive::Sampler;
use crate::geometry::Orientation;
use crate::kernel::{BLOCK, Lane, fused, low_bits};

/// Deprojection and table look-up.
pub(crate) struct HankelSampler<'a> {
    table: &'a HankelTable<f64>,
    geometry: Deprojection,
}

/// `ρ² = a u² + b uv + c v²` of baselines on the plane of an inclined, rotated disc.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deprojection {
    cos_pa: f64,
    sin_pa: f64,
    pub(crate) cos_inclination: f64,
}

impl Deprojection {
    pub(crate) fn new(orientation: &Orientation) -> Self {
        let (sin_pa, cos_pa) = orientation.position_angle_rad.sin_cos();
        Self {
            cos_pa,
            sin_pa,
            cos_inclination: orientation.inclination_rad.cos(),
        }
    }

    /// Deprojected distance, wavelengths.
    #[inline(always)]
    pub(crate) fn rho<S: Simd>(&self, u: f64, v: f64) -> f64 {
        let (x, y) = self.rotated::<S>(u, v);
        let x = x * self.cos_inclination;
        fused::<S>(x, x, y * y).sqrt()
    }

    /// Baseline along the minor and the major axis of the disc.
    #[inline(always)]
    pub(crate) fn rotated<S: Simd>(&self, u: f64, v: f64) -> (f64, f64) {
        (
            fused::<S>(u, self.cos_pa, -(v * self.sin_pa)),
            fused::<S>(u, self.sin_pa, v * self.cos_pa),
        )
    }
}

impl<'a> HankelSampler<'a> {
    pub(crate) fn new(table: &'a HankelTable<f64>, orientation: &Orientation) -> Self {
        Self {
            table,
            geometry: Deprojection::new(orientation),
        }
    }
}

impl Sampler for HankelSampler<'_> {
    #[inline(always)]
    fn sample<S: Simd>(
        &self,
        _simd: S,
        _start: usize,
        u: &Lane,
        v: &Lane,
        re: &mut Lane,
        im: &mut Lane,
    ) {
        let rows = self.table.coefficients();
        let per_step = self.table.inverse_step();
        let scale = self.geometry.cos_inclination.abs();
        let mut nearest = [0u32; BLOCK];
        let mut t = [0.0; BLOCK];
        for k in 0..BLOCK {
            let x = self.geometry.rho::<S>(u[k], v[k]) * per_step;
            let whole = x.round_ties_even();
            t[k] = x - whole;
            nearest[k] = low_bits(whole);
        }
        // One row of coefficients a point, read as scalars: a gather of eight rows is slower.
        for k in 0..BLOCK {
            let row = &rows[nearest[k] as usize];
            let t = t[k];
            let t2 = t * t;
            // Estrin's scheme: half the latency of Horner's.
            let p01 = fused::<S>(row[1], t, row[0]);
            let p23 = fused::<S>(row[3], t, row[2]);
            let p45 = fused::<S>(row[5], t, row[4]);
            let p67 = fused::<S>(row[7], t, row[6]);
            let low = fused::<S>(p23, t2, p01);
            let high = fused::<S>(p67, t2, p45);
            re[k] = scale * fused::<S>(high, t2 * t2, low);
            im[k] = 0.0;
        }
    }
}
