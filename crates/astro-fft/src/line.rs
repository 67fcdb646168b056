//! One-dimensional transforms: `rustfft` and `realfft` behind shared plans.

use std::fmt;
use std::sync::Arc;

use num_complex::Complex;
use realfft::{ComplexToReal, RealToComplex};
use rustfft::Fft;

use crate::error::{check_length, check_not_empty};
use crate::{FftReal, Result, Sign};

/// Transform of complex samples, in place, with either sign:
/// F_k = Σ_j f_j exp(±2πi jk/n), not normalised.
///
/// Plans are immutable, cheap to clone and shared within the process.
#[derive(Clone)]
pub struct ComplexFft1<T: FftReal> {
    negative: Arc<dyn Fft<T>>,
    positive: Arc<dyn Fft<T>>,
}

impl<T: FftReal> ComplexFft1<T> {
    /// A plan for `length` >= 1 samples.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Empty`] if `length` is 0.
    pub fn new(length: usize) -> Result<Self> {
        check_not_empty("length", length)?;
        Ok(Self {
            negative: T::plan_complex(length, Sign::Negative),
            positive: T::plan_complex(length, Sign::Positive),
        })
    }

    /// Number of samples.
    pub fn length(&self) -> usize {
        self.negative.len()
    }

    /// Length of the scratch that [`Self::process_with_scratch`] needs.
    pub fn scratch_len(&self) -> usize {
        let negative = self.negative.get_inplace_scratch_len();
        negative.max(self.positive.get_inplace_scratch_len())
    }

    /// Transforms `samples` in place.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Length`] if `samples` has another length than the plan.
    pub fn process(&self, samples: &mut [Complex<T>], sign: Sign) -> Result<()> {
        let mut scratch = vec![Complex::new(T::zero(), T::zero()); self.scratch_len()];
        self.process_with_scratch(samples, sign, &mut scratch)
    }

    /// Transforms `samples` in place with scratch of at least
    /// [`Self::scratch_len`] elements.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Length`] if `samples` has another length than the plan, or
    /// `scratch` is shorter than needed.
    pub fn process_with_scratch(
        &self,
        samples: &mut [Complex<T>],
        sign: Sign,
        scratch: &mut [Complex<T>],
    ) -> Result<()> {
        check_length("samples", samples.len(), self.length())?;
        if scratch.len() < self.scratch_len() {
            check_length("scratch", scratch.len(), self.scratch_len())?;
        }
        match sign {
            Sign::Negative => self.negative.process_with_scratch(samples, scratch),
            Sign::Positive => self.positive.process_with_scratch(samples, scratch),
        }
        Ok(())
    }
}

impl<T: FftReal> fmt::Debug for ComplexFft1<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ComplexFft1")
            .field("precision", &T::NAME)
            .field("length", &self.length())
            .finish()
    }
}

/// Transform of real samples to their half spectrum and back:
/// F_k = Σ_j f_j exp(−2πi jk/n) for k = 0..=n/2, not normalised either way.
///
/// Plans are immutable, cheap to clone and shared within the process.
///
/// ```
/// use astro_fft::RealFft1;
///
/// # fn main() -> Result<(), astro_fft::Error> {
/// let fft = RealFft1::new(5)?;
/// let spectrum = fft.forward(&[1.0, 2.0, 3.0, 4.0, 5.0])?;
/// assert_eq!(spectrum.len(), 3);
/// assert!((spectrum[0].re - 15.0_f64).abs() < 1e-14);
/// let back = fft.inverse(&spectrum)?;
/// assert!((back[4] / 5.0 - 5.0).abs() < 1e-14);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RealFft1<T: FftReal> {
    forward: Arc<dyn RealToComplex<T>>,
    inverse: Arc<dyn ComplexToReal<T>>,
}

impl<T: FftReal> RealFft1<T> {
    /// A plan for `length` >= 1 real samples.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Empty`] if `length` is 0.
    pub fn new(length: usize) -> Result<Self> {
        check_not_empty("length", length)?;
        Ok(Self {
            forward: T::plan_real_forward(length),
            inverse: T::plan_real_inverse(length),
        })
    }

    /// Number of real samples n.
    pub fn length(&self) -> usize {
        self.forward.len()
    }

    /// Number of complex spectrum values, n/2 + 1.
    pub fn spectrum_len(&self) -> usize {
        self.length() / 2 + 1
    }

    /// Length of the scratch that the `_with_scratch` methods need.
    pub fn scratch_len(&self) -> usize {
        let forward = self.forward.get_scratch_len();
        forward.max(self.inverse.get_scratch_len())
    }

    /// The half spectrum of `samples`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Length`] if `samples` has another length than the plan.
    pub fn forward(&self, samples: &[T]) -> Result<Vec<Complex<T>>> {
        let zero = Complex::new(T::zero(), T::zero());
        let mut spectrum = vec![zero; self.spectrum_len()];
        let mut scratch = vec![zero; self.scratch_len()];
        self.forward_with_scratch(&mut samples.to_vec(), &mut spectrum, &mut scratch)?;
        Ok(spectrum)
    }

    /// The half spectrum of `samples`, which are overwritten.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Length`] if a slice has another length than the plan needs.
    pub fn forward_with_scratch(
        &self,
        samples: &mut [T],
        spectrum: &mut [Complex<T>],
        scratch: &mut [Complex<T>],
    ) -> Result<()> {
        self.check(samples, spectrum, scratch)?;
        finish(
            self.forward
                .process_with_scratch(samples, spectrum, scratch),
        );
        Ok(())
    }

    /// The n real samples n·f_j of a half spectrum.
    ///
    /// The imaginary parts of the zero frequency and, for even n, of the last
    /// one belong to no real signal and are ignored.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Length`] if `spectrum` has another length than the plan.
    pub fn inverse(&self, spectrum: &[Complex<T>]) -> Result<Vec<T>> {
        let mut samples = vec![T::zero(); self.length()];
        let mut scratch = vec![Complex::new(T::zero(), T::zero()); self.scratch_len()];
        self.inverse_with_scratch(&mut spectrum.to_vec(), &mut samples, &mut scratch)?;
        Ok(samples)
    }

    /// The n real samples n·f_j of a half spectrum, which is overwritten; see
    /// [`Self::inverse`].
    ///
    /// # Errors
    ///
    /// [`crate::Error::Length`] if a slice has another length than the plan needs.
    pub fn inverse_with_scratch(
        &self,
        spectrum: &mut [Complex<T>],
        samples: &mut [T],
        scratch: &mut [Complex<T>],
    ) -> Result<()> {
        self.check(samples, spectrum, scratch)?;
        if let Some(zero_frequency) = spectrum.first_mut() {
            zero_frequency.im = T::zero();
        }
        if self.length().is_multiple_of(2)
            && let Some(nyquist) = spectrum.last_mut()
        {
            nyquist.im = T::zero();
        }
        finish(
            self.inverse
                .process_with_scratch(spectrum, samples, scratch),
        );
        Ok(())
    }

    fn check(&self, samples: &[T], spectrum: &[Complex<T>], scratch: &[Complex<T>]) -> Result<()> {
        check_length("samples", samples.len(), self.length())?;
        check_length("spectrum", spectrum.len(), self.spectrum_len())?;
        if scratch.len() < self.scratch_len() {
            check_length("scratch", scratch.len(), self.scratch_len())?;
        }
        Ok(())
    }
}

impl<T: FftReal> fmt::Debug for RealFft1<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RealFft1")
            .field("precision", &T::NAME)
            .field("length", &self.length())
            .finish()
    }
}

/// A transform of checked lengths, without the two imaginary parts that
/// `realfft` refuses, cannot fail.
fn finish(outcome: std::result::Result<(), realfft::FftError>) {
    outcome.expect("the lengths were checked");
}
