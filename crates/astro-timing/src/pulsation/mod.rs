//! Pulsations: phases, folded profiles, their statistics, and searches.

mod acceleration;
mod binary;
mod ephemeris;
mod exposure;
mod fresnel;
mod harmonics;
mod par;
mod peaks;
mod phaseogram;
mod profile;
mod refine;
mod search;
mod solution;
mod template;
mod turns;

pub use acceleration::{AccelerationCandidate, AccelerationSearch};
pub use binary::BinaryOrbit;
pub use ephemeris::Ephemeris;
pub use exposure::phase_exposure_s;
pub use harmonics::{
    HTest, epoch_folding, h_test, harmonic_sums, phase_dispersion, profile_harmonic_sums,
    z_squared, z_squared_from_sums, z_squared_of_gaussian_profile, z_squared_of_harmonics,
    z_squared_of_profile,
};
pub use par::{ParError, ParFile};
pub use peaks::{Peak, PeakFit, PeakShape, best_peaks, fit_peak};
pub use phaseogram::{OffsetGrid, Phaseogram};
pub use profile::{FoldWarning, PulseProfile, SeriesProfile, Significance, fold_series};
pub use refine::{RefinedSolution, refine_solution};
#[cfg(feature = "gpu")]
pub use search::GpuSearch;
pub use search::{
    Candidate, PulseStatistic, SearchGrid, SearchPlan, SearchResult, SumMethod,
    phase_dispersion_search,
};
pub use solution::TimingSolution;
pub use template::{ProfileNoise, TemplateFit, TimeOfArrival, fit_template};

pub(crate) use search::check_ascending;
