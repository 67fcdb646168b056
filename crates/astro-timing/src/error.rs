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
    /// A Fourier transform that cannot be made.
    #[error(transparent)]
    Fft(#[from] astro_fft::Error),
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
