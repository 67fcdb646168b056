//! The figures of all jobs, one file each.

mod corner;
mod coverage;
mod dynamic;
mod images;
mod radial;
mod spectrum;
mod traces;
mod uv;

pub(crate) use corner::{CornerParameter, corner};
pub(crate) use coverage::coverage;
pub(crate) use dynamic::DynamicPicture;
pub(crate) use images::{Beam, Range, SkyImage, sky_images};
pub(crate) use radial::{RadialCurve, radial_profile};
pub(crate) use spectrum::{BinnedCurve, SpectrumPanel, spectrum};
pub(crate) use traces::{Trace, traces};
pub(crate) use uv::{UvSeries, uv_plot};
