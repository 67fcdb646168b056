//! Sky coordinates and offsets on the tangent plane.

use crate::Angle;

/// A direction on the celestial sphere (ICRS or any one equatorial frame).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SkyCoord {
    /// Right ascension, East positive.
    pub right_ascension: Angle,
    /// Declination, in `[-π/2, π/2]`.
    pub declination: Angle,
}

/// Direction cosines from a phase centre: `l` to the East, `m` to the North.
///
/// This is the orthographic ("SIN") projection of radio interferometry, in
/// which the third cosine is `n = √(1 − l² − m²)` and a visibility is
/// `∫ I(l, m)/n · exp(2πi(ul + vm + w(n − 1))) dl dm` up to the sign of the
/// exponent (see `docs/conventions.md`).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TangentOffset {
    /// East direction cosine (radians for small fields).
    pub l: f64,
    /// North direction cosine (radians for small fields).
    pub m: f64,
}

impl SkyCoord {
    /// From right ascension and declination in degrees.
    pub fn from_degrees(right_ascension: f64, declination: f64) -> Self {
        Self {
            right_ascension: Angle::from_degrees(right_ascension),
            declination: Angle::from_degrees(declination),
        }
    }

    /// Direction cosines of `self` as seen from `center`; `None` behind the tangent plane.
    ///
    /// `l = cos δ sin Δα`, `m = sin δ cos δ₀ − cos δ sin δ₀ cos Δα`
    /// (Thompson, Moran & Swenson 2017, eq. 3.13).
    ///
    /// ```
    /// use astro_core::SkyCoord;
    /// let center = SkyCoord::from_degrees(10.0, 60.0);
    /// let east = SkyCoord::from_degrees(10.001, 60.0);
    /// let offset = east.offset_from(center).ok_or("behind the plane")?;
    /// assert!(offset.l > 0.0); // East is positive l
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn offset_from(self, center: Self) -> Option<TangentOffset> {
        let delta_ra = self.right_ascension.radians() - center.right_ascension.radians();
        let (sin_ra, cos_ra) = delta_ra.sin_cos();
        let (sin_dec, cos_dec) = self.declination.radians().sin_cos();
        let (sin_dec0, cos_dec0) = center.declination.radians().sin_cos();
        let n = sin_dec * sin_dec0 + cos_dec * cos_dec0 * cos_ra;
        (n > 0.0).then_some(TangentOffset {
            l: cos_dec * sin_ra,
            m: sin_dec * cos_dec0 - cos_dec * sin_dec0 * cos_ra,
        })
    }

    /// The direction at `offset` from this phase centre; `None` where `l² + m² > 1`.
    pub fn at_offset(self, offset: TangentOffset) -> Option<Self> {
        let n = offset.n()?;
        let (sin_dec0, cos_dec0) = self.declination.radians().sin_cos();
        let east = offset.l;
        let toward_pole = offset.m * cos_dec0 + n * sin_dec0;
        let outward = n * cos_dec0 - offset.m * sin_dec0;
        Some(Self {
            right_ascension: (self.right_ascension + Angle::from_radians(east.atan2(outward)))
                .normalized(),
            declination: Angle::from_radians(toward_pole.atan2(east.hypot(outward))),
        })
    }

    /// Great-circle distance, accurate at all separations (Vincenty's formula).
    pub fn separation(self, other: Self) -> Angle {
        let (sin_ra, cos_ra) =
            (other.right_ascension.radians() - self.right_ascension.radians()).sin_cos();
        let (sin_a, cos_a) = self.declination.radians().sin_cos();
        let (sin_b, cos_b) = other.declination.radians().sin_cos();
        let across = (cos_b * sin_ra).hypot(cos_a * sin_b - sin_a * cos_b * cos_ra);
        Angle::from_radians(across.atan2(sin_a * sin_b + cos_a * cos_b * cos_ra))
    }
}

impl TangentOffset {
    /// The third direction cosine `√(1 − l² − m²)`; `None` where it is not real.
    pub fn n(self) -> Option<f64> {
        let n_squared = 1.0 - self.l * self.l - self.m * self.m;
        (n_squared >= 0.0).then(|| n_squared.sqrt())
    }

    /// `n − 1` without cancellation: `−r²/(1 + √(1 − r²))`.
    pub fn n_minus_one(self) -> Option<f64> {
        let r2 = self.l * self.l + self.m * self.m;
        (r2 <= 1.0).then(|| -r2 / (1.0 + (1.0 - r2).sqrt()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_go_there_and_back() {
        let center = SkyCoord::from_degrees(359.9, -45.0);
        for (l, m) in [(0.0, 0.0), (0.01, -0.02), (-0.3, 0.2), (1e-9, 1e-9)] {
            let there = center.at_offset(TangentOffset { l, m }).unwrap();
            let back = there.offset_from(center).unwrap();
            assert!((back.l - l).abs() < 1e-15 && (back.m - m).abs() < 1e-15);
        }
    }

    #[test]
    fn separation_matches_offset_radius() {
        let center = SkyCoord::from_degrees(120.0, 30.0);
        let there = center
            .at_offset(TangentOffset { l: 3e-6, m: 4e-6 })
            .unwrap();
        assert!((center.separation(there).radians() - 5e-6).abs() < 1e-14);
    }

    #[test]
    fn the_far_side_has_no_offset() {
        let center = SkyCoord::from_degrees(0.0, 0.0);
        assert_eq!(SkyCoord::from_degrees(180.0, 0.0).offset_from(center), None);
        assert_eq!(center.at_offset(TangentOffset { l: 1.0, m: 1.0 }), None);
    }

    #[test]
    fn n_minus_one_keeps_small_fields() {
        let offset = TangentOffset { l: 1e-9, m: 0.0 };
        assert_eq!(offset.n_minus_one(), Some(-5e-19));
    }
}
