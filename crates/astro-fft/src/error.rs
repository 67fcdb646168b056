//! What can be wrong with the input of a transform.

use astro_core::{BadValue, Real};
use std::ops::Range;

/// Result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// An input that a transform cannot take.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A transform of no samples was asked for.
    #[error("{quantity} is 0; a transform needs at least one sample")]
    Empty {
        /// Which length.
        quantity: &'static str,
    },

    /// The samples of a transform do not fit into memory.
    #[error("a transform of {rows} × {columns} samples exceeds the address space")]
    TooLarge {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        columns: usize,
    },

    /// A slice has another length than the plan.
    #[error("{quantity} has {found} elements, but this plan needs {required}")]
    Length {
        /// Which slice.
        quantity: &'static str,
        /// Its length.
        found: usize,
        /// The length that the plan was made for.
        required: usize,
    },

    /// An array has another shape than the plan.
    #[error("{quantity} has shape {found:?}, but this plan needs {required:?} [rows, columns]")]
    Shape {
        /// Which array.
        quantity: &'static str,
        /// Its shape.
        found: [usize; 2],
        /// The shape that the plan was made for.
        required: [usize; 2],
    },

    /// A range of rows does not lie within the transform.
    #[error("{quantity} is {found:?}, but must lie within 0..{rows}")]
    RowRange {
        /// Which range.
        quantity: &'static str,
        /// The range.
        found: Range<usize>,
        /// Number of rows of the transform.
        rows: usize,
    },

    /// More spectrum columns were asked for than there are.
    #[error("{found} spectrum columns were asked for; choose 1 to {available}")]
    KeepColumns {
        /// The number asked for.
        found: usize,
        /// columns/2 + 1.
        available: usize,
    },

    /// A number that cannot be used.
    #[error(transparent)]
    BadValue(BadValue),

    /// An accuracy that is not available.
    #[error("rel_error = {found:e} is outside [{smallest:e}, {largest:e}]; choose a value inside")]
    RelativeError {
        /// What was asked for.
        found: f64,
        /// The floor.
        smallest: f64,
        /// The coarsest value that makes sense.
        largest: f64,
    },

    /// A kernel that is too wide, or not a bump.
    #[error(
        "a kernel of width {width} and beta {beta} is not available; choose width in 1..=24 and beta in (0, 200]"
    )]
    Kernel {
        /// Grid steps.
        width: usize,
        /// The shape parameter.
        beta: f64,
    },

    /// An interpolation error that no kernel reaches.
    #[error(
        "no kernel of width up to 24 interpolates to {error:e} on a grid of oversampling {oversampling}; ask for a larger error, or choose an oversampling in 1.1..=8, larger for a smaller error"
    )]
    KernelError {
        /// What was asked for.
        error: f64,
        /// Grid length over number of samples.
        oversampling: f64,
    },

    /// Points were sorted by a plan of another kind.
    #[error(
        "these points were sorted by a plan for shape {found:?}, another error or another kind of samples; this plan has shape {required:?}: make them with this plan's points()"
    )]
    OtherPlan {
        /// Shape of the plan that made the points.
        found: [usize; 2],
        /// Shape of the plan they were given to.
        required: [usize; 2],
    },

    /// A GPU cannot do it.
    #[cfg(feature = "gpu")]
    #[error(transparent)]
    Gpu(#[from] astro_gpu::Error),

    /// A sample of an image is NaN or infinite.
    #[error("the sample at row {row}, column {column} is not finite: replace or mask it")]
    NotFinite {
        /// Row of the sample.
        row: usize,
        /// Its column.
        column: usize,
    },

    /// More non-uniform points than their indices can count.
    #[error("{found} points are too many for one set; the limit is {limit}: split them")]
    TooManyPoints {
        /// Number of points.
        found: usize,
        /// The limit.
        limit: usize,
    },

    /// A Hankel transform with more oscillations than its matrices can hold.
    #[error(
        "the Hankel transform spans {cycles:.0} cycles (outer radius {outer_radius_rad:e} rad times {max_frequency:e} wavelengths); at most {limit:.0} are supported: shorten the profile or leave out the longest baselines"
    )]
    HankelTooLarge {
        /// Outer radius times highest spatial frequency.
        cycles: f64,
        /// The outer radius of the profile in radians.
        outer_radius_rad: f64,
        /// The highest spatial frequency in wavelengths.
        max_frequency: f64,
        /// The largest number of cycles.
        limit: f64,
    },
}

/// `Ok` if a slice has the length that a plan needs.
pub(crate) fn check_length(quantity: &'static str, found: usize, required: usize) -> Result<()> {
    if found == required {
        Ok(())
    } else {
        Err(Error::Length {
            quantity,
            found,
            required,
        })
    }
}

/// `Ok` if an array has the shape that a plan needs.
pub(crate) fn check_shape(
    quantity: &'static str,
    found: (usize, usize),
    required: (usize, usize),
) -> Result<()> {
    if found == required {
        Ok(())
    } else {
        Err(Error::Shape {
            quantity,
            found: found.into(),
            required: required.into(),
        })
    }
}

/// `Ok` if a range of rows lies within the transform.
pub(crate) fn check_row_range(
    quantity: &'static str,
    found: &Range<usize>,
    rows: usize,
) -> Result<()> {
    if found.start <= found.end && found.end <= rows {
        Ok(())
    } else {
        Err(Error::RowRange {
            quantity,
            found: found.clone(),
            rows,
        })
    }
}

/// `Ok` if a length is not zero.
pub(crate) fn check_not_empty(quantity: &'static str, found: usize) -> Result<()> {
    if found == 0 {
        Err(Error::Empty { quantity })
    } else {
        Ok(())
    }
}

/// `Ok` if no value is NaN or infinite.
pub(crate) fn check_finite<T: Real>(quantity: &'static str, values: &[T]) -> Result<()> {
    astro_core::check_finite(quantity, values.iter().map(|value| value.as_f64()))
        .map_err(Error::BadValue)
}
