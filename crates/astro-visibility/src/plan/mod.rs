//! A plan: everything that depends on the uv points and the grid alone, computed once.

mod build;
#[cfg(feature = "gpu")]
mod gpu;
#[cfg(feature = "gpu")]
mod gpu_gradient;
mod gradient;
mod image;
mod imaging;
mod profile;
mod profile_gradient;
mod spectral;
mod w_term;

use std::sync::{Arc, Mutex};

use astro_core::Pool;
use astro_fft::{FftReal, HalfPlane, HankelTablePlan, NufftPoints, RealFft2, RealNufft2};
use num_complex::Complex;

use crate::points::Points;
use crate::primary_beam::BeamRows;
use crate::w_term::{Depth, WStack};
use crate::{ImageGrid, ImageMethod, Placement, PrimaryBeam, ProfileMethod, Result, WTerm};

pub(crate) use build::Source;
pub use build::VisibilityPlanBuilder;
#[cfg(feature = "gpu")]
pub use gpu::GpuReport;
pub use gradient::{ImageGradient, PlacementGradient};
pub use imaging::{BeamEllipse, ImagingWeights, fit_beam};
pub use profile::ProfileRadii;
pub use profile_gradient::{OrientationGradient, ProfileGradient};
pub use spectral::Spectrum;

/// Visibilities and χ² of images and profiles at fixed uv points.
///
/// Building sorts the points, prepares transforms and binds data and weights;
/// every call after that takes `&self`, allocates nothing of image size beyond
/// what [`VisibilityPlan::memory_bytes`] states, and may come from any thread.
///
/// ```
/// use astro_core::UvTable;
/// use astro_visibility::{ImageGrid, ImageMethod, Placement, VisibilityPlan};
/// use num_complex::Complex64;
///
/// let table = UvTable::new(vec![1e5], vec![2e5], vec![Complex64::new(1.0, 0.0)], vec![4.0])?;
/// let plan =
///     VisibilityPlan::<f64>::builder(&table, ImageGrid::square(64, 1e-7))
///         .image_method(ImageMethod::Exact { rel_error: 1e-12 })
///         .build()?;
/// // One Jansky in the central pixel has visibility 1 everywhere.
/// let mut image = ndarray::Array2::zeros((64, 64));
/// image[[32, 32]] = 1.0;
/// assert!(plan.chi2_image(image.view(), &Placement::default())? < 1e-20);
/// # Ok::<(), astro_visibility::Error>(())
/// ```
#[derive(Debug)]
pub struct VisibilityPlan<T: FftReal> {
    points: Points,
    grid: ImageGrid,
    image_method: ImageMethod,
    profile_method: ProfileMethod,
    radii: Option<ProfileRadii>,
    beam: Option<PrimaryBeam>,
    w_term: Option<WTerm>,
    /// Present where profiles take the Hankel path.
    hankel: Option<HankelTablePlan>,
    engine: Engine<T>,
}

/// What the image method needs.
#[derive(Debug)]
enum Engine<T: FftReal> {
    /// `Bilinear` and `Galario`.
    Grid {
        fft: RealFft2<T>,
        keep_columns: usize,
        planes: Pool<HalfPlane<T>>,
    },
    /// `Exact`; the points sorted for the last position angle are kept, since fits of an image repeat it.
    Exact {
        nufft: RealNufft2<T>,
        sorted: Mutex<Option<(u64, Arc<NufftPoints>)>>,
        values: Pool<Vec<Complex<T>>>,
    },
    /// `Exact` with a w-term.
    Stack(WStack),
    /// `Direct`.
    Direct,
    /// Any method that has kernels, on a device.
    #[cfg(feature = "gpu")]
    Gpu(Box<crate::gpu::Device>),
}

impl<T: FftReal> VisibilityPlan<T> {
    /// The pixel grid of images.
    pub fn grid(&self) -> &ImageGrid {
        &self.grid
    }

    /// The radii of profiles, if the plan was given any.
    pub fn radii(&self) -> Option<&ProfileRadii> {
        self.radii.as_ref()
    }

    /// The method for images.
    pub fn image_method(&self) -> ImageMethod {
        self.image_method
    }

    /// The method that profiles really take, which is the image path where Hankel does not hold.
    pub fn profile_method(&self) -> ProfileMethod {
        self.profile_method
    }

    /// Number of uv points, flagged ones included.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there are no points; a plan always has one.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the plan has values and weights, and with them a χ².
    pub fn has_data(&self) -> bool {
        self.points.data.is_some()
    }

    /// Number of points of positive weight, which is what χ² counts twice (real and imaginary part).
    pub fn used(&self) -> usize {
        self.points.used
    }

    /// Bytes that the plan holds between calls, and the most that a χ² call adds to them.
    ///
    /// Per uv point the plan keeps 48 bytes (u, v, value, weight, and two 4-byte orders; 8 more with
    /// w, 4 with frequencies). A call then needs
    ///
    /// - `Bilinear`, `Galario`: the Fourier half-plane, `rows × kept columns` complex numbers, where
    ///   `kept = ⌈longest baseline / uv cell⌉ + 2` at most `columns/2 + 1`; it is kept for the next call;
    /// - `Exact`: what [`RealNufft2::memory_bytes`] states, the sorted points, and one complex number
    ///   a point;
    /// - `Exact` with a w-term: the same in `f64` for the points of one plane, a complex and a real image, and
    ///   some 70 bytes a point;
    /// - `Direct`: one complex number a point;
    /// - Hankel: a table of some hundred kilobytes.
    ///
    /// An image given is read in place and a profile is drawn row by row: neither is copied.
    ///
    /// # Errors
    /// As a first call of the `Exact` method, whose points are sorted to know.
    pub fn memory_bytes(&self) -> Result<usize> {
        let number = 2 * size_of::<T>();
        Ok(self.points.memory_bytes()
            + match &self.engine {
                Engine::Grid { keep_columns, .. } => {
                    let columns = keep_columns.next_multiple_of(astro_fft::PANEL_COLUMNS);
                    self.grid.rows * columns * number
                }
                Engine::Exact { nufft, .. } => {
                    let sorted = self.sorted_for(nufft, 0.0)?;
                    let transform = nufft.memory_bytes(&sorted)?;
                    transform + sorted.memory_bytes() + self.points.len() * number
                }
                Engine::Stack(stack) => {
                    let placement = Placement::default();
                    let depth = Depth::new(&self.grid, &placement)?;
                    let layout = stack.layout(&self.points, depth, placement.rotation());
                    layout.memory_bytes()?
                }
                Engine::Direct => self.points.len() * 16,
                #[cfg(feature = "gpu")]
                Engine::Gpu(device) => device.memory_bytes(),
            })
    }

    /// The primary beam, if the plan has one.
    pub fn primary_beam(&self) -> Option<&PrimaryBeam> {
        self.beam.as_ref()
    }

    fn beam_rows(&self, placement: &Placement) -> Option<BeamRows<'_>> {
        self.beam
            .as_ref()
            .map(|beam| BeamRows::new(beam, &self.grid, placement))
    }
}
