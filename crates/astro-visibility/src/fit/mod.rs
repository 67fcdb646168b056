//! Fits of radial brightness profiles to visibilities.
//!
//! A [`FitProblem`] holds one or several uv tables, a [`ProfileModel`](crate::ProfileModel) and a
//! geometry. It finds its own starting point, and is a likelihood that `astro-infer` maximizes
//! and samples.

mod builder;
mod dataset;
mod drawn;
mod gradient;
mod layout;
mod posterior;
mod problem;
mod radii;
mod report;
mod start;

pub use builder::FitProblemBuilder;
pub use dataset::FitDataset;
pub use layout::Coupling;
pub use posterior::{Posterior, SampleOptions};
pub use problem::FitProblem;
pub use report::{
    DatasetReport, DerivedQuantity, FitReport, ParameterReport, ReportOptions, SamplingReport,
    UvPlot, WeightCheck,
};
