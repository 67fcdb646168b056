//! Spectral timing of X-ray events.

pub(crate) mod cross;
pub(crate) mod dynamic;
pub(crate) mod energy;
pub(crate) mod export;
pub(crate) mod filter;
pub(crate) mod info;
pub(crate) mod lags;
pub(crate) mod lightcurve;
pub(crate) mod power;

mod outputs;
mod pair;
mod series;
mod source;
mod watched;
