//! Each computation as one call, for scripts and for single use.
//!
//! Repeated calls on the same points belong in a [`VisibilityPlan`], which
//! prepares once what these prepare every time.

use astro_core::{CompensatedSum, Real, UvTable, check_finite, check_lengths, check_non_negative};
use astro_fft::FftReal;
use ndarray::ArrayView2;
use num_complex::{Complex, Complex64};

use crate::{
    ImageGrid, ImageMethod, Orientation, Placement, ProfileMethod, RadialGrid, Result, UvCoverage,
    VisibilityPlan,
};

/// Visibilities of an image: GALARIO's `sampleImage`. See [`VisibilityPlan::sample_image`].
///
/// # Errors
/// As [`crate::VisibilityPlanBuilder::build`] and [`VisibilityPlan::sample_image`].
///
/// ```
/// use astro_visibility::{ImageGrid, ImageMethod, Placement, UvCoverage, sample_image};
/// let grid = ImageGrid::square(32, 1e-7);
/// let mut image = ndarray::Array2::<f64>::zeros((32, 32));
/// image[[16, 15]] = 1.0; // 1 Jy, one pixel East of the centre
/// let coverage = UvCoverage::new(vec![2.5e6], vec![0.0])?;
/// let v = sample_image(image.view(), &grid, &coverage, &Placement::default(), ImageMethod::Direct)?;
/// // exp(+2πi · 2.5e6 · 1e-7) = exp(iπ/2)
/// assert!((v[0].re - 0.0).abs() < 1e-14 && (v[0].im - 1.0).abs() < 1e-14);
/// # Ok::<(), astro_visibility::Error>(())
/// ```
pub fn sample_image<T: FftReal>(
    image: ArrayView2<'_, T>,
    grid: &ImageGrid,
    coverage: &UvCoverage,
    placement: &Placement,
    method: ImageMethod,
) -> Result<Vec<Complex<T>>> {
    VisibilityPlan::<T>::builder_for_coverage(coverage, *grid)
        .image_method(method)
        .build()?
        .sample_image(image, placement)
}

/// Visibilities of a radial profile: GALARIO's `sampleProfile`. See [`VisibilityPlan::sample_profile`].
///
/// `grid` matters to [`ProfileMethod::Image`] alone.
///
/// # Errors
/// As [`crate::VisibilityPlanBuilder::build`] and [`VisibilityPlan::sample_profile`].
pub fn sample_profile<T: FftReal>(
    profile: &[T],
    radii: &RadialGrid,
    grid: &ImageGrid,
    coverage: &UvCoverage,
    orientation: &Orientation,
    method: ProfileMethod,
) -> Result<Vec<Complex<T>>> {
    VisibilityPlan::<T>::builder_for_coverage(coverage, *grid)
        .profile_method(method)
        .radii(*radii)
        .build()?
        .sample_profile(profile, orientation)
}

/// χ² of an image: GALARIO's `chi2Image`. See [`VisibilityPlan::chi2_image`].
///
/// # Errors
/// As [`crate::VisibilityPlanBuilder::build`] and [`VisibilityPlan::chi2_image`].
pub fn chi2_image<T: FftReal>(
    image: ArrayView2<'_, T>,
    grid: &ImageGrid,
    table: &UvTable,
    placement: &Placement,
    method: ImageMethod,
) -> Result<f64> {
    VisibilityPlan::<T>::builder(table, *grid)
        .image_method(method)
        .build()?
        .chi2_image(image, placement)
}

/// χ² of a radial profile: GALARIO's `chi2Profile`. See [`VisibilityPlan::chi2_profile`].
///
/// # Errors
/// As [`crate::VisibilityPlanBuilder::build`] and [`VisibilityPlan::chi2_profile`].
pub fn chi2_profile<T: FftReal>(
    profile: &[T],
    radii: &RadialGrid,
    grid: &ImageGrid,
    table: &UvTable,
    orientation: &Orientation,
    method: ProfileMethod,
) -> Result<f64> {
    VisibilityPlan::<T>::builder(table, *grid)
        .profile_method(method)
        .radii(*radii)
        .build()?
        .chi2_profile(profile, orientation)
}

/// `Σ w |V_model − V_observed|²`, compensated: GALARIO's `reduce_chi2`.
///
/// # Errors
/// Different lengths, a negative weight, or a NaN in a point of positive weight.
///
/// ```
/// use num_complex::Complex64;
/// let observed = [Complex64::new(1.0, 0.0)];
/// let model = [Complex64::new(0.0, 1.0)];
/// assert_eq!(astro_visibility::reduce_chi2(&observed, &[3.0], &model)?, 6.0);
/// # Ok::<(), astro_visibility::Error>(())
/// ```
pub fn reduce_chi2<T: Real>(
    observed: &[Complex64],
    weight: &[f64],
    model: &[Complex<T>],
) -> Result<f64> {
    check_lengths("weight", weight.len(), "observed", observed.len())?;
    check_lengths("model", model.len(), "observed", observed.len())?;
    check_non_negative("weight", weight.iter().copied())?;
    let terms: Vec<f64> = observed
        .iter()
        .zip(weight)
        .zip(model)
        .map(|((d, &w), m)| {
            // A flagged point may hold anything.
            let (a, b) = (m.re.as_f64() - d.re, m.im.as_f64() - d.im);
            if w > 0.0 { w * (a * a + b * b) } else { 0.0 }
        })
        .collect();
    check_finite("chi-squared term", terms.iter().copied())?;
    Ok(terms.into_iter().collect::<CompensatedSum>().value())
}
