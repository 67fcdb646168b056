//! The precisions of transforms, and their planners.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use astro_core::Real;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftNum, FftPlanner};

use crate::Sign;
use crate::kernel::{LanesOperation, dispatch_f32, dispatch_f64};
use crate::nufft::Lanes;

/// `f32` or `f64`: the precisions that transforms are written for.
///
/// Sealed through [`Real`].
pub trait FftReal: Real + FftNum + Lanes {
    /// The plans made so far in this process.
    #[doc(hidden)]
    fn planners() -> &'static Mutex<Planners<Self>>;

    /// Runs a kernel with the vectors of this machine.
    #[doc(hidden)]
    fn dispatch(operation: impl LanesOperation<Self>);
}

/// Planners keep the plans (twiddle factors) that they made; a plan is shared by
/// everyone who asks for the same length.
#[doc(hidden)]
#[expect(
    missing_debug_implementations,
    reason = "planners of rustfft have none, and this type is not public"
)]
pub struct Planners<T: FftNum> {
    complex: FftPlanner<T>,
    real: RealFftPlanner<T>,
    planned_samples: usize,
}

impl<T: FftNum> Planners<T> {
    /// Sum of the lengths after which the planners start afresh, so that a
    /// program that goes through many long lengths does not keep all their
    /// twiddle factors (16 bytes a sample in `f64`).
    const PLANNED_SAMPLES_LIMIT: usize = 1 << 23;

    fn new() -> Self {
        Self {
            complex: FftPlanner::new(),
            real: RealFftPlanner::new(),
            planned_samples: 0,
        }
    }

    fn count(&mut self, length: usize) {
        self.planned_samples = self.planned_samples.saturating_add(length);
        if self.planned_samples > Self::PLANNED_SAMPLES_LIMIT {
            *self = Self::new();
            self.planned_samples = length;
        }
    }
}

impl FftReal for f32 {
    fn planners() -> &'static Mutex<Planners<Self>> {
        static PLANNERS: OnceLock<Mutex<Planners<f32>>> = OnceLock::new();
        PLANNERS.get_or_init(|| Mutex::new(Planners::new()))
    }

    fn dispatch(operation: impl LanesOperation<Self>) {
        dispatch_f32(operation);
    }
}

impl FftReal for f64 {
    fn planners() -> &'static Mutex<Planners<Self>> {
        static PLANNERS: OnceLock<Mutex<Planners<f64>>> = OnceLock::new();
        PLANNERS.get_or_init(|| Mutex::new(Planners::new()))
    }

    fn dispatch(operation: impl LanesOperation<Self>) {
        dispatch_f64(operation);
    }
}

/// The shared plan of a complex transform of `length` >= 1 samples.
pub(crate) fn complex_plan<T: FftReal>(length: usize, sign: Sign) -> Arc<dyn Fft<T>> {
    let mut planners = lock();
    planners.count(length);
    match sign {
        Sign::Negative => planners.complex.plan_fft_forward(length),
        Sign::Positive => planners.complex.plan_fft_inverse(length),
    }
}

/// The shared plan of a real-to-complex transform of `length` >= 1 samples.
pub(crate) fn real_forward_plan<T: FftReal>(length: usize) -> Arc<dyn RealToComplex<T>> {
    let mut planners = lock();
    planners.count(length);
    planners.real.plan_fft_forward(length)
}

/// The shared plan of a complex-to-real transform of `length` >= 1 samples.
pub(crate) fn real_inverse_plan<T: FftReal>(length: usize) -> Arc<dyn ComplexToReal<T>> {
    let mut planners = lock();
    planners.count(length);
    planners.real.plan_fft_inverse(length)
}

fn lock<T: FftReal>() -> std::sync::MutexGuard<'static, Planners<T>> {
    // A panic inside a planner leaves at worst an entry missing from its cache.
    T::planners().lock().unwrap_or_else(PoisonError::into_inner)
}
