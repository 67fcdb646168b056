//! What can go wrong, said with numbers and a remedy.

use astro_core::{BadValue, CommunicationError, GtiError, LengthMismatch, SegmentError, TimeError};

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a timing computation cannot be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two arrays do not belong together.
    #[error(transparent)]
    Length(#[from] LengthMismatch),
    /// A NaN, an infinity or a negative number where none may be.
    #[error(transparent)]
    Value(#[from] BadValue),
    /// A setting out of its range.
    #[error("{name} is {value}; it must be {requirement}")]
    Parameter {
        /// The setting.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What is required.
        requirement: &'static str,
    },
    /// Good time intervals that are none, or bins that do not fit them.
    #[error(transparent)]
    Gti(#[from] GtiError),
    /// Good time that cannot be cut into the segments asked for.
    #[error(transparent)]
    Segments(#[from] SegmentError),
    /// Times that count from different references.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// A Fourier transform that cannot be made.
    #[error(transparent)]
    Fft(#[from] astro_fft::Error),
    /// The place where events are stored failed.
    #[error("the events could not be read")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A `.par` file that cannot be used.
    #[error(transparent)]
    Par(#[from] crate::pulsation::ParError),
    /// A parameter that a spectral model does not have.
    #[error("the model has no parameter {name}; it has {known}")]
    UnknownParameter {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// Text that is no spectral model.
    #[error("`{text}` is no spectral model: found `{found}` where {expected} may stand")]
    ModelText {
        /// The text.
        text: String,
        /// The word that does not fit.
        found: String,
        /// What would.
        expected: &'static str,
    },
    /// Parameters that the data cannot tell apart.
    #[error(
        "{parameter} cannot be told from the other parameters; hold it, or take a component away"
    )]
    Degenerate {
        /// The parameter at which the information matrix is singular.
        parameter: String,
    },
    /// A sampler or optimiser that cannot go on.
    #[error(transparent)]
    Infer(#[from] astro_infer::Error),
    /// Events before their predecessors.
    #[error(
        "event {index} at {time} s comes before its predecessor at {previous} s; sort the events (EventList::from_unsorted)"
    )]
    Unsorted {
        /// Which event, from 0.
        index: usize,
        /// Its time.
        time: f64,
        /// The time before.
        previous: f64,
    },
    /// A column that the events do not have.
    #[error("these events have no {column}; give them some, or choose by something else")]
    MissingColumn {
        /// Which column.
        column: &'static str,
    },
    /// No segment has any counts, so that nothing can be normalised.
    #[error(
        "none of the {segments} segments has any counts; check the selection and that events and good time intervals count from the same epoch"
    )]
    NoCounts {
        /// Segments in the good time.
        segments: u64,
    },
    /// Two series, spectra or accumulators that do not belong together.
    #[error("{quantity} is {found} in one and {expected} in the other; both must agree")]
    Mismatch {
        /// What differs.
        quantity: &'static str,
        /// In the second.
        found: f64,
        /// In the first.
        expected: f64,
    },
    /// An operation that needs another kind of spectrum.
    #[error("{operation} needs {requirement}")]
    Unsuitable {
        /// What was asked for.
        operation: &'static str,
        /// What it needs.
        requirement: &'static str,
    },
    /// A rank that could not reach the others.
    #[error(transparent)]
    Communication(#[from] CommunicationError),
    /// An operation that has no kernels for a GPU.
    #[error("{operation} has no GPU version; use a plan that was not built on a GPU")]
    NoKernel {
        /// What was asked for.
        operation: &'static str,
    },
    /// The GPU refused, or failed.
    #[cfg(feature = "gpu")]
    #[error(transparent)]
    Gpu(#[from] astro_gpu::Error),
    /// The caller asked to stop.
    #[error("stopped on request")]
    Stopped,
}

impl Error {
    /// Wraps an error of the place where events are stored; our own stay what they are.
    pub(crate) fn from_source<E: std::error::Error + Send + Sync + 'static>(error: E) -> Self {
        let boxed: Box<dyn std::error::Error + Send + Sync> = Box::new(error);
        boxed
            .downcast::<Self>()
            .map_or_else(Self::Source, |own| *own)
    }
}

/// Requires a setting to hold.
pub(crate) fn require(
    name: &'static str,
    value: f64,
    holds: bool,
    requirement: &'static str,
) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::Parameter {
        name,
        value,
        requirement,
    })
}

/// Requires a setting to be finite and above 0.
pub(crate) fn require_positive(name: &'static str, value: f64) -> Result<()> {
    require(
        name,
        value,
        value > 0.0 && value.is_finite(),
        "finite and above 0",
    )
}
