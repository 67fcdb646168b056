//! What can go wrong, said with numbers and a remedy.

use astro_core::{BadValue, LengthMismatch};

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

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
}
