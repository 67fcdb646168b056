//! The precisions of transforms, and their planners.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use astro_core::Real;
use num_complex::Complex;
use pulp::Arch;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftNum, FftPlanner};

use crate::Sign;
use crate::kernel::{Tangle, Transform, Untangle, dispatch_f32, dispatch_f64};
use crate::nufft::{Interpolate, KernelTable, Lanes, MakeTable, Pad, Spread};

/// `f32` or `f64`: the precisions that transforms are written for.
///
/// Sealed through [`Real`].
pub trait FftReal: Real + FftNum + Lanes {
    /// The plans made so far in this process.
    #[doc(hidden)]
    fn planners() -> &'static Mutex<Planners<Self>>;

    // Planners and kernels, these run with the vectors of this machine. They are methods
    // so that they are compiled here, once for either precision: generic functions
    // would be compiled again by every crate that calls them, for minutes.
    #[doc(hidden)]
    fn plan_complex(length: usize, sign: Sign) -> Arc<dyn Fft<Self>>;
    #[doc(hidden)]
    fn plan_real_forward(length: usize) -> Arc<dyn RealToComplex<Self>>;
    #[doc(hidden)]
    fn plan_real_inverse(length: usize) -> Arc<dyn ComplexToReal<Self>>;
    #[doc(hidden)]
    fn transform(kernel: Transform<'_, Self>);
    #[doc(hidden)]
    fn untangle(kernel: Untangle<'_, '_, Self>);
    #[doc(hidden)]
    fn tangle(kernel: Tangle<'_, Self>);
    #[doc(hidden)]
    fn make_table(kernel: MakeTable<'_, Self>) -> KernelTable<Self>;
    #[doc(hidden)]
    fn interpolate(kernel: Interpolate<'_, '_, Self>);
    #[doc(hidden)]
    fn spread(kernel: Spread<'_, Self>);
    #[doc(hidden)]
    fn pad_real(kernel: Pad<'_, Self, Self>) -> bool;
    #[doc(hidden)]
    fn pad_complex(kernel: Pad<'_, Self, Complex<Self>>) -> bool;
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

macro_rules! fft_real {
    ($real:ty, $dispatch_lanes:ident) => {
        impl FftReal for $real {
            fn planners() -> &'static Mutex<Planners<Self>> {
                static PLANNERS: OnceLock<Mutex<Planners<$real>>> = OnceLock::new();
                PLANNERS.get_or_init(|| Mutex::new(Planners::new()))
            }

            fn plan_complex(length: usize, sign: Sign) -> Arc<dyn Fft<Self>> {
                complex_plan(length, sign)
            }

            fn plan_real_forward(length: usize) -> Arc<dyn RealToComplex<Self>> {
                real_forward_plan(length)
            }

            fn plan_real_inverse(length: usize) -> Arc<dyn ComplexToReal<Self>> {
                real_inverse_plan(length)
            }

            fn transform(kernel: Transform<'_, Self>) {
                $dispatch_lanes(kernel);
            }

            fn untangle(kernel: Untangle<'_, '_, Self>) {
                $dispatch_lanes(kernel);
            }

            fn tangle(kernel: Tangle<'_, Self>) {
                $dispatch_lanes(kernel);
            }

            fn make_table(kernel: MakeTable<'_, Self>) -> KernelTable<Self> {
                Arch::new().dispatch(kernel)
            }

            fn interpolate(kernel: Interpolate<'_, '_, Self>) {
                Arch::new().dispatch(kernel);
            }

            fn spread(kernel: Spread<'_, Self>) {
                Arch::new().dispatch(kernel);
            }

            fn pad_real(kernel: Pad<'_, Self, Self>) -> bool {
                Arch::new().dispatch(kernel)
            }

            fn pad_complex(kernel: Pad<'_, Self, Complex<Self>>) -> bool {
                Arch::new().dispatch(kernel)
            }
        }
    };
}

fft_real!(f32, dispatch_f32);
fft_real!(f64, dispatch_f64);

/// The shared plan of a complex transform of `length` >= 1 samples.
fn complex_plan<T: FftReal>(length: usize, sign: Sign) -> Arc<dyn Fft<T>> {
    let mut planners = lock();
    planners.count(length);
    match sign {
        Sign::Negative => planners.complex.plan_fft_forward(length),
        Sign::Positive => planners.complex.plan_fft_inverse(length),
    }
}

/// The shared plan of a real-to-complex transform of `length` >= 1 samples.
fn real_forward_plan<T: FftReal>(length: usize) -> Arc<dyn RealToComplex<T>> {
    let mut planners = lock();
    planners.count(length);
    planners.real.plan_fft_forward(length)
}

/// The shared plan of a complex-to-real transform of `length` >= 1 samples.
fn real_inverse_plan<T: FftReal>(length: usize) -> Arc<dyn ComplexToReal<T>> {
    let mut planners = lock();
    planners.count(length);
    planners.real.plan_fft_inverse(length)
}

fn lock<T: FftReal>() -> std::sync::MutexGuard<'static, Planners<T>> {
    // A panic inside a planner leaves at worst an entry missing from its cache.
    T::planners().lock().unwrap_or_else(PoisonError::into_inner)
}
