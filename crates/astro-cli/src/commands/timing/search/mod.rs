//! `astro timing search`: pulsations over frequencies and derivatives.

mod arguments;
mod found;
mod run;

pub(crate) use arguments::Arguments;
