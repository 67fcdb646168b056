//! Spectral timing of X-ray events.

pub(crate) mod cross;
pub(crate) mod deadtime;
pub(crate) mod dynamic;
pub(crate) mod energy;
pub(crate) mod export;
pub(crate) mod filter;
pub(crate) mod fit;
pub(crate) mod fold;
pub(crate) mod info;
pub(crate) mod lags;
pub(crate) mod lightcurve;
pub(crate) mod phaseogram;
pub(crate) mod power;
pub(crate) mod search;
pub(crate) mod simulate;

mod device;
mod outputs;
mod pair;
mod series;
mod significance;
mod simulated_noise;
mod source;
mod tables;
mod watched;
