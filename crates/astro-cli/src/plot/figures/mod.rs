//! The figures of all jobs, one file each.

mod corner;
mod coverage;
mod dynamic;
mod images;
mod periodogram;
mod phaseogram;
mod radial;
mod spectrum;
mod spectrum_fit;
mod traces;
mod uv;

pub(crate) use corner::{CornerParameter, corner};
pub(crate) use coverage::coverage;
pub(crate) use dynamic::DynamicPicture;
pub(crate) use images::{Beam, Range, SkyImage, sky_images};
pub(crate) use periodogram::{Periodogram, periodogram};
pub(crate) use phaseogram::{PhasePicture, phase_picture};
pub(crate) use radial::{RadialCurve, radial_profile};
pub(crate) use spectrum::{BinnedCurve, SpectrumPanel, spectrum};
pub(crate) use spectrum_fit::{FittedCurve, spectrum_fit};
pub(crate) use traces::{Trace, traces};
pub(crate) use uv::{UvSeries, uv_plot};
