//! The ways to compute a visibility, and what each is worth.

use astro_core::Real;
use serde::{Deserialize, Serialize};

/// How visibilities are read off an image.
///
/// Errors are relative to `Σ|I|`, the total flux of an image that is nowhere negative.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ImageMethod {
    /// Non-uniform FFT: the sum over all pixels to a requested relative error.
    ///
    /// `rel_error` in `[1e-12, 1e-3]` for `f64`, `[1e-5, 1e-3]` for `f32`.
    Exact {
        /// Largest error relative to `Σ|I|`.
        rel_error: f64,
    },
    /// FFT, then the complex bilinear mean of the four grid points around each (u, v).
    ///
    /// The rule of the paper; typical error 1e-4 to 5e-2 (`docs/accuracy.md`).
    Bilinear,
    /// FFT, then mean amplitude with the phase of the mean: what GALARIO's code does.
    ///
    /// For comparison with GALARIO; up to 1e-1 in error for several sources in one field.
    Galario,
    /// The sum over every pixel for every point: exact to rounding, `O(pixels × points)`.
    Direct,
}

impl ImageMethod {
    /// What a plan takes unless told otherwise: `Exact` at `1e-10` in `f64`, and at `1e-5` in `f32`,
    /// which can hold no less.
    #[must_use]
    pub fn default_in<T: Real>() -> Self {
        let single = size_of::<T>() == size_of::<f32>();
        Self::Exact {
            rel_error: if single { 1e-5 } else { 1e-10 },
        }
    }
}

impl Default for ImageMethod {
    /// `Exact` at `1e-10`.
    fn default() -> Self {
        Self::Exact { rel_error: 1e-10 }
    }
}

/// How visibilities are computed from a radial profile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ProfileMethod {
    /// Hankel transform on deprojected baselines, without any image:
    /// `V = |cos i| · H(√((u′ cos i)² + v′²))`.
    ///
    /// No pixels and no field of view enter. It does not hold under a primary beam or with a
    /// w-term: a plan that has one takes the image path and says so in
    /// [`crate::VisibilityPlan::profile_method`].
    Hankel {
        /// Largest error relative to the total flux `2π∫|I| r dr`.
        rel_error: f64,
    },
    /// Draws the profile as an image, then samples that.
    Image(ImageMethod),
}

impl Default for ProfileMethod {
    /// `Hankel` at `1e-10`.
    fn default() -> Self {
        Self::Hankel { rel_error: 1e-10 }
    }
}
