//! Spectral timing of X-ray events.

pub(crate) mod info;
pub(crate) mod power;

mod outputs;
mod source;
