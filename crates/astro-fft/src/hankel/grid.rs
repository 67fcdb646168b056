//! Where a piecewise-linear profile has its values.

use crate::error::{check_finite, check_length};
use crate::{Error, Result};
use astro_core::{BadValue, Real};
use std::f64::consts::TAU;

/// The radial grid of a piecewise-linear brightness profile.
///
/// Radii are in radians (or any unit whose inverse the frequencies use).
/// Outside the grid the brightness is zero: a profile whose last value is not
/// zero has a jump there.
///
/// ```
/// use astro_fft::ProfileGrid;
///
/// // A sharp ring of brightness 5 between radii 2 and 3.
/// let ring = ProfileGrid::from_segments(&[2.0, 3.0])?;
/// let flux = ring.total_flux(&[5.0, 5.0])?;
/// assert!((flux - 25.0 * std::f64::consts::PI).abs() < 1e-12);
/// # Ok::<(), astro_fft::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileGrid {
    segments: Vec<Segment>,
    value_radii: Vec<f64>,
}

/// A piece on which the brightness is linear between two values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Segment {
    pub(super) inner: f64,
    pub(super) outer: f64,
    pub(super) inner_value: usize,
    pub(super) outer_value: usize,
}

impl ProfileGrid {
    /// Values at `first + k·step` for k in `0..count`, linear in between.
    /// From the center to `first` the brightness is the first value.
    ///
    /// # Errors
    /// [`Error::BadValue`] unless `first >= 0`,
    /// `step > 0` and the last radius is positive.
    pub fn uniform(first: f64, step: f64, count: usize) -> Result<Self> {
        check_positive("radial step", 0, step)?;
        let radii: Vec<f64> = (0..count).map(|k| first + k as f64 * step).collect();
        Self::from_radii(&radii)
    }

    /// Values at any increasing radii, linear in between. From the center to
    /// the first radius the brightness is the first value.
    ///
    /// # Errors
    /// [`Error::BadValue`] unless the radii are
    /// finite, strictly increasing and at least 0, and the last is positive.
    pub fn from_radii(radii: &[f64]) -> Result<Self> {
        let outermost = check_increasing(radii)?;
        check_positive("outermost radius", radii.len().saturating_sub(1), outermost)?;
        let center = (radii[0] > 0.0).then_some(Segment {
            inner: 0.0,
            outer: radii[0],
            inner_value: 0,
            outer_value: 0,
        });
        let between = radii.windows(2).enumerate().map(|(k, pair)| Segment {
            inner: pair[0],
            outer: pair[1],
            inner_value: k,
            outer_value: k + 1,
        });
        Ok(Self {
            segments: center.into_iter().chain(between).collect(),
            value_radii: radii.to_vec(),
        })
    }

    /// Segments between increasing edges with separate values at their two
    /// ends, so that the brightness may jump at every edge: values 2k and
    /// 2k + 1 are those just outside edge k and just inside edge k + 1.
    /// Inside the first edge the brightness is zero.
    ///
    /// # Errors
    /// [`Error::BadValue`] unless there are at least
    /// two edges, finite, strictly increasing and at least 0.
    pub fn from_segments(edges: &[f64]) -> Result<Self> {
        check_increasing(edges)?;
        if edges.len() < 2 {
            return Err(bad(
                "number of segment edges",
                0,
                edges.len() as f64,
                "give at least 2",
            ));
        }
        let segments = edges.windows(2).enumerate().map(|(k, pair)| Segment {
            inner: pair[0],
            outer: pair[1],
            inner_value: 2 * k,
            outer_value: 2 * k + 1,
        });
        Ok(Self {
            segments: segments.collect(),
            value_radii: edges.windows(2).flatten().copied().collect(),
        })
    }

    /// How many values a profile on this grid has.
    #[must_use]
    pub fn value_count(&self) -> usize {
        self.value_radii.len()
    }

    /// The radius of each value; twice the same at an edge of segments.
    #[must_use]
    pub fn value_radii(&self) -> &[f64] {
        &self.value_radii
    }

    /// The radius beyond which the brightness is zero.
    #[must_use]
    pub fn outer_radius(&self) -> f64 {
        self.value_radii.last().copied().unwrap_or(0.0)
    }

    /// 2π ∫ I(r) r dr, exactly: what H(0) is.
    ///
    /// # Errors
    /// A profile of the wrong length or with a value that is not finite.
    pub fn total_flux<T: Real>(&self, profile: &[T]) -> Result<f64> {
        self.check_profile(profile)?;
        let flux = self.segments.iter().map(|segment| {
            let (a, b) = (segment.inner, segment.outer);
            let at_a = profile[segment.inner_value].as_f64();
            let at_b = profile[segment.outer_value].as_f64();
            (b - a) / 6.0 * (at_a * (2.0 * a + b) + at_b * (a + 2.0 * b))
        });
        Ok(TAU * flux.sum::<f64>())
    }

    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    pub(super) fn check_profile<T: Real>(&self, profile: &[T]) -> Result<()> {
        check_length("profile", profile.len(), self.value_count())?;
        check_finite("profile", profile)
    }
}

fn bad(quantity: &'static str, index: usize, value: f64, requirement: &'static str) -> Error {
    Error::BadValue(BadValue {
        quantity,
        index,
        value,
        requirement,
    })
}

pub(super) fn check_positive(quantity: &'static str, index: usize, value: f64) -> Result<()> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(bad(quantity, index, value, "it must be finite and > 0"))
}

/// Returns the last of the radii, 0 if there is none.
fn check_increasing(radii: &[f64]) -> Result<f64> {
    let mut previous = f64::NEG_INFINITY;
    for (index, &radius) in radii.iter().enumerate() {
        if !(radius.is_finite() && radius >= 0.0 && radius > previous) {
            let requirement = "radii must be finite, >= 0 and strictly increasing";
            return Err(bad("radius", index, radius, requirement));
        }
        previous = radius;
    }
    Ok(previous.max(0.0))
}
