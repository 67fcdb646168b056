//! `astro timing fit`: models of power spectra.

mod arguments;
mod data;
mod figure;
mod report;
mod solve;

pub(crate) use arguments::Arguments;
pub(crate) use data::Spectrum;
pub(crate) use figure::figure;
