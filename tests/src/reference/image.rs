//! Kind `image`: an image's visibilities by GALARIO and by the direct sum.

use anyhow::{Result, ensure};
use astro_core::{Real, UvTable};
use astro_fft::FftReal;
use astro_visibility::{ImageGrid, ImageMethod, Placement, VisibilityPlan};
use ndarray::{Array2, ArrayView2};
use num_complex::{Complex, Complex64};

use super::case::Case;
use super::check::{Checks, largest, largest_difference, widen};
use super::device::{build, double, is_cpu, single};

/// What is to be sampled, whatever it was made from, and the numbers to compare with.
#[derive(Debug)]
pub(crate) struct ImageProblem {
    pub(crate) grid: ImageGrid,
    pub(crate) image: Array2<f64>,
    pub(crate) table: UvTable,
    pub(crate) placement: Placement,
    /// `Σ|I|`, to which all errors are relative.
    pub(crate) flux: f64,
}

/// How close a precision must come to the peer and to the exact sum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tolerances {
    /// Of total flux, to GALARIO's numbers.
    pub(crate) galario: f64,
    /// Of total flux: the rounding that an FFT of this precision leaves in its result.
    pub(crate) rounding: f64,
    /// The smallest error that this precision offers, to ask for and to keep.
    pub(crate) exact: f64,
    /// Its name in the report.
    pub(crate) name: &'static str,
}

/// Direct sums of more terms are left out: larger images show nothing new of that method and take
/// minutes.
const DIRECT_TERMS: usize = 110_000_000;

/// f64: the peer's and our FFT each round at about 1e-15 of total flux; 1e-11 is asked for.
pub(crate) const DOUBLE: Tolerances = Tolerances {
    galario: 1e-11,
    rounding: 1e-14,
    exact: 1e-12,
    name: "f64",
};

/// f32: an FFT rounds at about 3e-7, and the peer's offset phases add up to 2.8e-6 of total flux.
pub(crate) const SINGLE: Tolerances = Tolerances {
    galario: 1e-5,
    rounding: 3e-7,
    exact: 1e-5,
    name: "f32",
};

pub(crate) fn check(case: &Case, checks: &mut Checks) -> Result<()> {
    let image = case.image("image")?;
    let n = case.count("nxy")?;
    ensure!(
        image.dim() == (n, n),
        "image.npy has not the shape nxy x nxy"
    );
    let problem = ImageProblem {
        grid: ImageGrid::square(n, case.number("dxy")?).with_origin(case.origin()?),
        flux: image.iter().map(|x| x.abs()).sum(),
        image,
        table: case.uv_table()?,
        placement: case.placement()?,
    };
    if case.is_single()? {
        problem.check::<f32>(case, checks, single())?;
    }
    problem.check::<f64>(case, checks, double())
}

impl ImageProblem {
    /// Compares every method with the numbers that the case has for it.
    pub(crate) fn check<T: FftReal>(
        &self,
        case: &Case,
        checks: &mut Checks,
        tolerances: Tolerances,
    ) -> Result<()> {
        let image = self.image.mapv(T::from_f64_rounded);
        let image = image.view();
        // GALARIO's numbers belong to one precision; the direct sum was made in f64 for all.
        let same_precision = case.is_single()? == (T::NAME == f32::NAME);
        if case.has_array("vis_galario") && same_precision {
            self.check_galario(case, checks, tolerances, &image)?;
        }
        if case.has_array("vis_dft") {
            self.check_exact(case, checks, tolerances, &image)?;
        }
        Ok(())
    }

    fn plan<T: FftReal>(&self, method: ImageMethod) -> Result<VisibilityPlan<T>> {
        build(VisibilityPlan::<T>::builder(&self.table, self.grid).image_method(method))
    }

    fn check_galario<T: FftReal>(
        &self,
        case: &Case,
        checks: &mut Checks,
        tolerances: Tolerances,
        image: &ArrayView2<'_, T>,
    ) -> Result<()> {
        let Tolerances {
            galario,
            rounding,
            name,
            ..
        } = tolerances;
        let expected = case.complex("vis_galario")?;
        let plan = self.plan::<T>(ImageMethod::Galario)?;
        let found = plan.sample_image(*image, &self.placement)?;
        let bilinear = self.plan::<T>(ImageMethod::Bilinear)?;
        let mean = bilinear.sample_image(*image, &self.placement)?;
        let comparison =
            compare_amplitude_phase(&found, &expected, &mean, self.flux, galario, rounding);
        checks.holds(
            &format!("Galario, {name}"),
            comparison.excess <= 1.0 && comparison.near_zero * 20 <= found.len(),
            format!(
                "{:.1e} <= {galario:.1e} of total flux; phase undefined at {} of {} points",
                comparison.regular,
                comparison.near_zero,
                found.len()
            ),
        );
        if case.has("chi2_galario") {
            let chi2 = plan.chi2_image(*image, &self.placement)?;
            self.check_chi2(
                checks,
                &format!("chi2, Galario, {name}"),
                chi2,
                case.number("chi2_galario")?,
                galario,
            );
        }
        Ok(())
    }

    fn check_exact<T: FftReal>(
        &self,
        case: &Case,
        checks: &mut Checks,
        tolerances: Tolerances,
        image: &ArrayView2<'_, T>,
    ) -> Result<()> {
        let Tolerances { exact, name, .. } = tolerances;
        let expected = case.complex("vis_dft")?;
        let methods = [
            ("Exact", ImageMethod::Exact { rel_error: exact }),
            ("Direct", ImageMethod::Direct),
        ];
        for (method_name, method) in methods {
            let too_long = self.image.len() * expected.len() > DIRECT_TERMS;
            if method == ImageMethod::Direct && (too_long || !is_cpu()) {
                continue;
            }
            let plan = self.plan::<T>(method)?;
            let found = plan.sample_image(*image, &self.placement)?;
            let error = largest_difference(&found, &expected, self.flux);
            checks.at_most(&format!("{method_name}, {name}"), error, exact);
            if case.has("chi2_dft") {
                let chi2 = plan.chi2_image(*image, &self.placement)?;
                let what = format!("chi2, {method_name}, {name}");
                self.check_chi2(checks, &what, chi2, case.number("chi2_dft")?, exact);
            }
        }
        Ok(())
    }

    /// χ² of models that differ by at most `tolerance` of total flux.
    ///
    /// By Cauchy and Schwarz `|Δχ²| ≤ 2 √χ² √(Σ w δ²) + Σ w δ²` with `δ = tolerance · flux`; the
    /// sum over the rows adds its own rounding, in the peer's case in the case's precision.
    pub(crate) fn check_chi2(
        &self,
        checks: &mut Checks,
        what: &str,
        found: f64,
        expected: f64,
        tolerance: f64,
    ) {
        let weights: f64 = self.table.weight.iter().sum();
        let model = weights * (tolerance * self.flux).powi(2);
        let epsilon = if tolerance > 1e-8 {
            f32::EPSILON.into()
        } else {
            f64::EPSILON
        };
        let rounding = epsilon * self.table.len() as f64 * expected;
        let allowed = 2.0 * (expected * model).sqrt() + model + rounding;
        checks.at_most(
            what,
            (found - expected).abs() / expected,
            allowed / expected,
        );
    }
}

/// The outcome of [`compare_amplitude_phase`].
#[derive(Debug)]
pub(crate) struct AmplitudePhase {
    /// Largest error of total flux where the phase is defined.
    pub(crate) regular: f64,
    /// Largest ratio of an error to what is allowed there.
    pub(crate) excess: f64,
    /// Points where more than the plain tolerance is allowed.
    pub(crate) near_zero: usize,
}

/// Compares visibilities made by GALARIO's rule, `V = A exp(i arg Z)`.
///
/// Where the complex mean `Z` nearly cancels, its phase is rounding: an error of
/// `rounding · flux` in `Z` turns `V` by `A/|Z|` times as much. So the error may be
///
/// ```text
/// |ΔV| ≤ tolerance · flux + 2 A min(1, rounding · flux / |Z|)
/// ```
///
/// whose second term exceeds the first only near zeros of `Z`; there must be few of them.
pub(crate) fn compare_amplitude_phase<T: Real>(
    found: &[Complex<T>],
    expected: &[Complex64],
    mean: &[Complex<T>],
    flux: f64,
    tolerance: f64,
    rounding: f64,
) -> AmplitudePhase {
    let mut result = AmplitudePhase {
        regular: 0.0,
        excess: 0.0,
        near_zero: 0,
    };
    if found.len() != expected.len() {
        result.excess = f64::INFINITY;
        return result;
    }
    for ((&found, expected), &mean) in found.iter().zip(expected).zip(mean) {
        let error = (widen(found) - expected).norm();
        let turn = (rounding * flux / widen(mean).norm()).min(1.0);
        let phase = 2.0 * expected.norm() * turn;
        let allowed = tolerance * flux + phase;
        result.excess = largest(result.excess, error / allowed);
        if phase > tolerance * flux {
            result.near_zero += 1;
        } else {
            result.regular = largest(result.regular, error / flux);
        }
    }
    result
}
