//! Weights of the visibilities in dirty images.

use astro_visibility::ImagingWeights;
use clap::{Args, ValueEnum};

use super::range::Real;

/// Weights of the visibilities in dirty images.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Imaging")]
pub(crate) struct WeightingOptions {
    /// Weights of the visibilities in dirty images
    #[arg(long, value_enum, value_name = "NAME", default_value_t = Weighting::Natural)]
    pub(crate) weighting: Weighting,
    /// Robust parameter of Briggs weights, from uniform (-2) to natural (2)
    #[arg(long, value_name = "R", value_parser = Real::Within(-2.0, 2.0), default_value = "0.5", allow_negative_numbers = true)]
    pub(crate) robust: f64,
}

/// Imaging weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Weighting {
    /// The weights of the data: least noise
    Natural,
    /// Every uv cell counts the same: narrowest beam
    Uniform,
    /// Between the two
    Briggs,
}

impl WeightingOptions {
    pub(crate) fn weights(self) -> ImagingWeights {
        match self.weighting {
            Weighting::Natural => ImagingWeights::Natural,
            Weighting::Uniform => ImagingWeights::Uniform,
            Weighting::Briggs => ImagingWeights::Briggs {
                robust: self.robust,
            },
        }
    }
}

/// "natural", "uniform" or "Briggs, robust 0.5".
pub(crate) fn weights_in_words(weights: ImagingWeights) -> String {
    match weights {
        ImagingWeights::Natural => "natural".to_owned(),
        ImagingWeights::Uniform => "uniform".to_owned(),
        ImagingWeights::Briggs { robust } => format!("Briggs, robust {robust}"),
        other => format!("{other:?}"),
    }
}
