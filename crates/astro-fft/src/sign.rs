//! The sign of a Fourier exponent.

/// The sign of the exponent ±2πi of a Fourier sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sign {
    /// exp(−2πi k x): the forward transform of FFT libraries.
    Negative,
    /// exp(+2πi k x): their inverse transform, and the sign of visibilities.
    Positive,
}

impl Sign {
    /// −1 or +1.
    #[inline]
    pub fn value(self) -> f64 {
        match self {
            Self::Negative => -1.0,
            Self::Positive => 1.0,
        }
    }

    /// The other sign: that of the adjoint transform.
    #[inline]
    pub fn opposite(self) -> Self {
        match self {
            Self::Negative => Self::Positive,
            Self::Positive => Self::Negative,
        }
    }
}
