//! Profiles drawn as images: what a fit takes where a Hankel transform does not hold.
//!
//! Under a primary beam or with a w-term a disc is no longer axisymmetric. Its brightness is
//! then drawn, inclined, on pixels of a fifth of the finest fringe out to the radius at which
//! profiles end, and the non-uniform FFT takes the image to the baselines.

use astro_core::UvTable;
use astro_core::constants::ARCSEC_RAD;

use crate::{
    Error, ImageGrid, ImageMethod, PrimaryBeam, ProfileMethod, RadialGrid, Result, UvCoverage,
    VisibilityPlan, WTerm,
};

/// Pixels in the finest fringe, 1/max|uv|: GALARIO's 2.5 pixels in half a fringe.
const PIXELS_PER_FRINGE: f64 = 5.0;

/// Radii in a pixel, between which the brightness is linear.
const RADII_PER_PIXEL: f64 = 8.0;

/// Most pixels on a side: a likelihood then takes seconds.
const MOST_PIXELS: f64 = 8192.0;

/// Error of the transform relative to the total flux: far below that of any data or pixels.
const TRANSFORM_ERROR: f64 = 1e-8;

/// What lies between the sky and the baselines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Instrument {
    /// The beam, and the frequency for which it is given where that is known.
    pub(crate) beam: Option<(PrimaryBeam, Option<f64>)>,
    pub(crate) w_term: Option<WTerm>,
}

impl Instrument {
    /// Whether profiles need an image.
    pub(crate) fn is_present(&self) -> bool {
        self.beam.is_some() || self.w_term.is_some()
    }

    fn beam_at(&self, frequency_hz: Option<f64>) -> Result<Option<PrimaryBeam>> {
        let Some((beam, given_hz)) = &self.beam else {
            return Ok(None);
        };
        Ok(Some(match (given_hz, frequency_hz) {
            (Some(given), Some(wanted)) => beam.at_frequency_ratio(wanted / given)?,
            _ => beam.clone(),
        }))
    }
}

/// Pixels, and the radii from which they are drawn.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    grid: ImageGrid,
    radii: RadialGrid,
    /// The radii in arcseconds, as models take them.
    pub(crate) arcsec: Vec<f64>,
}

impl Drawn {
    /// For baselines out to `longest` wavelengths and profiles out to `extent_rad`.
    pub(crate) fn new(longest: f64, extent_rad: f64) -> Result<Self> {
        let pixel = 1.0 / (PIXELS_PER_FRINGE * longest.max(1.0));
        let side = 2.0 * (extent_rad / pixel).ceil() + 2.0;
        if side > MOST_PIXELS {
            return Err(Error::Parameter {
                name: "outer radius of the profile in pixels of a fifth of the finest fringe",
                value: extent_rad / pixel,
                requirement: "at most 4095 where an image is drawn: give a smaller outer radius",
            });
        }
        let step = pixel / RADII_PER_PIXEL;
        let count = (extent_rad / step).ceil() as usize + 1;
        // Half a step from the center, where a power law has no value.
        let radii = RadialGrid::new(0.5 * step, step, count.max(2))?;
        Ok(Self {
            grid: ImageGrid::square(side as usize, pixel),
            arcsec: radii.radii_rad().iter().map(|r| r / ARCSEC_RAD).collect(),
            radii,
        })
    }

    /// The plan of a table, or of points without data.
    pub(crate) fn plan(
        &self,
        source: PlanSource<'_>,
        instrument: &Instrument,
        frequency_hz: Option<f64>,
    ) -> Result<VisibilityPlan<f64>> {
        let method = ProfileMethod::Image(ImageMethod::Exact {
            rel_error: TRANSFORM_ERROR,
        });
        let mut builder = source
            .builder(self.grid)
            .profile_method(method)
            .radii(self.radii);
        if let Some(beam) = instrument.beam_at(frequency_hz)? {
            builder = builder.primary_beam(beam);
        }
        if let Some(w_term) = instrument.w_term {
            builder = builder.w_term(w_term);
        }
        builder.build()
    }
}

/// Points with data, or without.
#[derive(Clone, Copy)]
pub(crate) enum PlanSource<'a> {
    Table(&'a UvTable),
    Coverage(&'a UvCoverage),
}

impl<'a> PlanSource<'a> {
    pub(crate) fn builder(self, grid: ImageGrid) -> crate::VisibilityPlanBuilder<'a, f64> {
        match self {
            Self::Table(table) => VisibilityPlan::builder(table, grid),
            Self::Coverage(coverage) => VisibilityPlan::builder_for_coverage(coverage, grid),
        }
    }
}
