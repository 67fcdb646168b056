//! The primary beam: how much less an antenna receives away from its axis.
//!
//! A visibility with a primary beam A is that of the image I(l, m) A(l, m). A
//! is the power pattern (the square of the voltage pattern), 1 at the pointing
//! center, which is the phase center; l and m are direction cosines to the
//! East and North. An image or profile of a rotated, shifted source is drawn
//! unrotated and centered, so that its pixel (l′, m′) is attenuated by the
//! beam at the place on the sky where the pixel ends up:
//!
//! $$ l = l' \cos PA + m' \sin PA + \Delta RA, \qquad
//!    m = -l' \sin PA + m' \cos PA + \Delta Dec $$

#[cfg(feature = "gpu")]
mod device;
#[cfg(feature = "io")]
mod fits;
mod image_pattern;
mod pattern;
mod rows;

#[cfg(feature = "gpu")]
pub(crate) use device::DeviceBeam;
pub use image_pattern::BeamInterpolation;
pub use pattern::PrimaryBeam;
pub(crate) use rows::BeamRows;
