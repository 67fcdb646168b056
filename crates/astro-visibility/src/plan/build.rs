//! Choices and checks before the work: the builder of a plan.

use std::marker::PhantomData;
use std::sync::Mutex;

use astro_core::{Pool, UvTable};
use astro_fft::{FftReal, RealFft2, RealNufft2, Sign};

use super::{Engine, VisibilityPlan};
use crate::points::Points;
use crate::w_term::WStack;
use crate::{
    Error, ImageGrid, ImageMethod, PrimaryBeam, ProfileMethod, ProfileRadii, Result, UvCoverage,
    WTerm,
};

/// Collects what a [`VisibilityPlan`] depends on.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct VisibilityPlanBuilder<'a, T> {
    precision: PhantomData<T>,
    source: Source<'a>,
    pub(super) grid: ImageGrid,
    pub(super) image_method: ImageMethod,
    profile_method: ProfileMethod,
    pub(super) radii: Option<ProfileRadii>,
    pub(super) beam: Option<PrimaryBeam>,
    pub(super) w_term: Option<WTerm>,
}

/// Where uv points come from, with or without data.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source<'a> {
    Table(&'a UvTable),
    Coverage(&'a UvCoverage),
}

impl<T: FftReal> VisibilityPlan<T> {
    /// A plan for data: visibilities and χ².
    pub fn builder(table: &UvTable, grid: ImageGrid) -> VisibilityPlanBuilder<'_, T> {
        VisibilityPlanBuilder::new(Source::Table(table), grid)
    }

    /// A plan for uv points without data: visibilities only.
    pub fn builder_for_coverage(
        coverage: &UvCoverage,
        grid: ImageGrid,
    ) -> VisibilityPlanBuilder<'_, T> {
        VisibilityPlanBuilder::new(Source::Coverage(coverage), grid)
    }
}

impl<'a, T: FftReal> VisibilityPlanBuilder<'a, T> {
    fn new(source: Source<'a>, grid: ImageGrid) -> Self {
        Self {
            precision: PhantomData,
            source,
            grid,
            image_method: ImageMethod::default_in::<T>(),
            profile_method: ProfileMethod::default(),
            radii: None,
            beam: None,
            w_term: None,
        }
    }

    pub(crate) fn source(&self) -> Source<'a> {
        self.source
    }

    pub(crate) fn grid(&self) -> &ImageGrid {
        &self.grid
    }

    /// The same choices for other points.
    pub(crate) fn with_source<'b>(&self, source: Source<'b>) -> VisibilityPlanBuilder<'b, T>
    where
        'a: 'b,
    {
        let mut builder: VisibilityPlanBuilder<'b, T> = self.clone();
        builder.source = source;
        builder
    }

    /// How images are sampled; [`ImageMethod::default_in`] the plan's precision by default.
    pub fn image_method(mut self, method: ImageMethod) -> Self {
        self.image_method = method;
        self
    }

    /// How profiles are transformed; `Hankel` at `1e-10` by default.
    ///
    /// `ProfileMethod::Image(m)` makes `m` the method for images too: a plan has one image engine.
    pub fn profile_method(mut self, method: ProfileMethod) -> Self {
        self.profile_method = method;
        if let ProfileMethod::Image(image_method) = method {
            self.image_method = image_method;
        }
        self
    }

    /// The radii of the profiles that will be given.
    ///
    /// A [`crate::RadialGrid`], or for the Hankel method any [`astro_fft::ProfileGrid`].
    pub fn radii(mut self, radii: impl Into<ProfileRadii>) -> Self {
        self.radii = Some(radii.into());
        self
    }

    /// What the antennas see of each direction, relative to the phase centre.
    ///
    /// Hankel does not hold under a beam: profiles are then drawn as images and take the image
    /// method. The beam stays on the sky while the source is rotated and shifted.
    pub fn primary_beam(mut self, beam: PrimaryBeam) -> Self {
        self.beam = Some(beam);
        self
    }

    /// Takes the third component of the baselines and the curvature of the sky into account.
    ///
    /// [`WTerm`] has the equations. Hankel does not hold: profiles are drawn as images and take the
    /// image method, which has to be `Exact` or `Direct`.
    ///
    /// ```
    /// use astro_visibility::{ImageGrid, Placement, UvCoverage, VisibilityPlan, WTerm};
    /// let mut coverage = UvCoverage::new(vec![100.0], vec![50.0])?;
    /// coverage.w = vec![2000.0];
    /// let plan = VisibilityPlan::<f64>::builder_for_coverage(&coverage, ImageGrid::square(64, 1e-3))
    ///     .w_term(WTerm::default())
    ///     .build()?;
    /// // One Jansky 0.03 to the East, where n − 1 = −4.5e-4.
    /// let mut image = ndarray::Array2::zeros((64, 64));
    /// image[[32, 2]] = 1.0;
    /// let value = plan.sample_image(image.view(), &Placement::default())?[0];
    /// let turns = 100.0 * 0.03 + 2000.0 * ((1.0_f64 - 0.03 * 0.03).sqrt() - 1.0);
    /// assert!((value.arg() - std::f64::consts::TAU * (turns - 2.0)).abs() < 1e-9);
    /// # Ok::<(), astro_visibility::Error>(())
    /// ```
    pub fn w_term(mut self, w_term: WTerm) -> Self {
        self.w_term = Some(w_term);
        self
    }

    /// Checks everything and prepares the plan.
    ///
    /// # Errors
    /// An unusable table or grid, a relative error that the precision cannot reach, baselines
    /// beyond what the pixels can represent, or a w-term without w or with a method that has none.
    pub fn build(self) -> Result<VisibilityPlan<T>> {
        let points = self.points()?;
        let engine = self.engine(&points)?;
        self.assemble(points, engine)
    }

    /// The points, after the checks of everything that was chosen.
    pub(super) fn points(&self) -> Result<Points> {
        self.grid.check()?;
        if let Some(radii) = &self.radii {
            radii.check()?;
        }
        let points = match self.source {
            Source::Table(table) => Points::from_table(table)?,
            Source::Coverage(coverage) => Points::from_coverage(coverage)?,
        };
        if self.w_term.is_some() && points.w.is_empty() {
            return Err(Error::NoW);
        }
        Ok(points)
    }

    /// What the image method needs on the CPU.
    fn engine(&self, points: &Points) -> Result<Engine<T>> {
        Ok(match self.image_method {
            ImageMethod::Bilinear | ImageMethod::Galario if self.w_term.is_some() => {
                return Err(Error::Unsupported {
                    what: "the w-term",
                    with: "the Bilinear and Galario methods",
                    remedy: "build the plan with ImageMethod::Exact or ImageMethod::Direct",
                });
            }
            ImageMethod::Exact { rel_error } if self.w_term.is_some() => {
                Engine::Stack(WStack::new(&self.grid, points, rel_error)?)
            }
            ImageMethod::Bilinear | ImageMethod::Galario => {
                // Whatever the position angle, no column beyond the longest baseline is read.
                let reach = (points.longest / self.grid.uv_cell().0).ceil();
                let all = self.grid.columns / 2 + 1;
                let keep_columns = if reach + 2.0 < all as f64 {
                    reach as usize + 2
                } else {
                    all
                };
                let fft = RealFft2::new(self.grid.rows, self.grid.columns)?;
                Engine::Grid {
                    fft,
                    keep_columns,
                    planes: Pool::new(),
                }
            }
            ImageMethod::Exact { rel_error } => {
                let shape = [self.grid.rows, self.grid.columns];
                let nufft = RealNufft2::new(shape, Sign::Negative, rel_error)?;
                Engine::Exact {
                    nufft,
                    sorted: Mutex::new(None),
                    values: Pool::new(),
                }
            }
            ImageMethod::Direct => Engine::Direct,
        })
    }

    /// The plan for an engine.
    pub(super) fn assemble(self, points: Points, engine: Engine<T>) -> Result<VisibilityPlan<T>> {
        let profile_method = match self.profile_method {
            ProfileMethod::Hankel { .. } if self.beam.is_some() || self.w_term.is_some() => {
                ProfileMethod::Image(self.image_method)
            }
            method => method,
        };
        let hankel = match (profile_method, &self.radii) {
            (ProfileMethod::Hankel { rel_error }, Some(radii)) => {
                Some(radii.hankel_plan(points.longest, rel_error)?)
            }
            _ => None,
        };
        Ok(VisibilityPlan {
            points,
            hankel,
            grid: self.grid,
            image_method: self.image_method,
            profile_method,
            radii: self.radii,
            beam: self.beam,
            w_term: self.w_term,
            engine,
        })
    }
}
