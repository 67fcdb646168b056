//! What every Astro HPC crate stands on: angles and sky coordinates, uv
//! tables, good time intervals and exact time references, physical constants,
//! mergeable sums, progress reporting, and the checks that turn bad input into
//! an error that names the offending number.
//!
//! The crate does no input or output, starts no thread and knows no GPU.
//!
//! # Conventions
//!
//! Angles are radians, times seconds, frequencies hertz, baselines
//! wavelengths, unless a name says otherwise. The sign of every Fourier
//! exponent is stated in `docs/conventions.md`.
//!
//! # Usage
//!
//! ```
//! use astro_core::{Angle, CompensatedSum, Merge};
//!
//! assert!((Angle::from_arcsec(3600.0).degrees() - 1.0).abs() < 1e-15);
//!
//! let mut left: CompensatedSum = [1e16, 1.0].into_iter().collect();
//! left.merge([1.0, -1e16].into_iter().collect());
//! assert_eq!(left.value(), 2.0); // a plain f64 sum gives 0 or 2 by luck of order
//! ```

mod angle;
mod check;
pub mod constants;
mod events;
mod exec;
mod gti;
mod merge;
mod pool;
mod progress;
mod real;
mod sky;
mod time;
mod uv_table;

pub use angle::Angle;
pub use check::{BadValue, LengthMismatch, check_finite, check_lengths, check_non_negative};
pub use events::{EventColumns, EventSource, WantedColumns};
pub use exec::{CommunicationError, Communicator, SingleProcess, share_out};
pub use gti::{GoodTimeIntervals, GtiError, Segment, SegmentError, Segments, TimeInterval};
pub use merge::{CompensatedSum, Merge, merge_tree};
pub use pool::{Lent, Pool};
pub use progress::{NoProgress, Progress};
pub use real::Real;
pub use sky::{SkyCoord, TangentOffset};
pub use time::{
    Mjd, ReferencePosition, SECONDS_PER_DAY, TimeError, TimeOffset, TimeReference, TimeScale,
};
pub use uv_table::{Baseline, UvTable, UvTableError};
