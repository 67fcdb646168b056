//! Interferometric visibilities of images and radial brightness profiles: to a
//! requested accuracy, with χ², gradients and fits.
//!
//! $$ V(u, v) = \iint I(l, m)\, e^{+2\pi i (u l + v m)}\, dl\, dm $$
//!
//! `l` grows to the East, `m` to the North; the sign is that of GALARIO's code and of CASA's
//! exported tables. Everything else about signs and orders is in `docs/conventions.md`.
//!
//! # Usage
//!
//! ```
//! use astro_core::UvTable;
//! use astro_visibility::{ImageGrid, Orientation, RadialGrid, VisibilityPlan};
//! use num_complex::Complex64;
//!
//! // Data: three baselines in wavelengths, Jy, and weights 1/σ².
//! let table = UvTable::new(
//!     vec![1e5, 2e5, -3e5],
//!     vec![0.0, 1e5, 2e5],
//!     vec![Complex64::new(0.5, 0.0); 3],
//!     vec![100.0; 3],
//! )?;
//! // A Gaussian disc of 0.1″ on 1000 radii, seen at an angle.
//! let sigma = 0.1 * astro_core::constants::ARCSEC_RAD;
//! let radii = RadialGrid::new(0.0, sigma / 100.0, 1000)?;
//! let profile: Vec<f64> =
//!     radii.radii_rad().iter().map(|r| 1e11 * (-0.5 * (r / sigma).powi(2)).exp()).collect();
//! let orientation = Orientation { inclination_rad: 0.6, ..Default::default() };
//!
//! let plan =
//!     VisibilityPlan::<f64>::builder(&table, ImageGrid::square(256, 2e-8)).radii(radii).build()?;
//! let chi2 = plan.chi2_profile(&profile, &orientation)?;
//! assert!(chi2.is_finite());
//! # Ok::<(), astro_visibility::Error>(())
//! ```
//!
//! # Choosing a method
//!
//! The defaults are exact to `1e-10` of total flux: the Hankel transform for profiles, the
//! non-uniform FFT for images. [`ImageMethod::Galario`] exists to reproduce older results.

mod analytic;
mod brightness;
mod coordinates;
mod coverage;
mod cube;
mod deproject;
mod drive;
mod error;
mod fit;
mod geometry;
#[cfg(feature = "gpu")]
mod gpu;
mod grid;
mod image_rows;
mod image_size;
mod kernel;
mod method;
mod models;
mod one_call;
mod plan;
mod points;
mod primary_beam;
mod radial;
mod sample;
pub mod simulate;
mod uv_plot;
mod w_term;

pub use analytic::{AnalyticSource, SourceDerivatives, SourceShape, add_sources};
pub use brightness::{BrightnessUnit, gaussian_beam_sr};
pub use coordinates::{CoordinateMeshgrid, coordinate_meshgrid};
pub use coverage::UvCoverage;
pub use cube::{CubePlan, CubePlanBuilder, SpectralMaps};
pub use deproject::{DeprojectedVisibilities, deproject};
pub use error::{Error, ImageSizeProblem, Result};
pub use fit::{
    Coupling, DatasetReport, DerivedQuantity, FitDataset, FitProblem, FitProblemBuilder, FitReport,
    ParameterReport, Posterior, ReportOptions, SampleOptions, SamplingReport, UvPlot, WeightCheck,
};
pub use geometry::{Orientation, Placement, apply_phase, rotate_uv};
pub use grid::{ImageGrid, Origin};
pub use image_size::{ImageSizeOptions, check_image_size, image_size};
pub use method::{ImageMethod, ProfileMethod};
pub use models::{KnotInterpolation, ProfileModel, ProfileScales};
pub use one_call::{chi2_image, chi2_profile, reduce_chi2, sample_image, sample_profile};
#[cfg(feature = "gpu")]
pub use plan::GpuReport;
pub use plan::{
    BeamEllipse, ImageGradient, ImagingWeights, OrientationGradient, PlacementGradient,
    ProfileGradient, ProfileRadii, Spectrum, VisibilityPlan, VisibilityPlanBuilder, fit_beam,
};
pub use primary_beam::{BeamInterpolation, PrimaryBeam};
pub use radial::{RadialGrid, sweep};
pub use sample::bilinear::{SamplingRule, sample_half_plane};
pub use uv_plot::{UvBin, UvBinning};
pub use w_term::WTerm;
