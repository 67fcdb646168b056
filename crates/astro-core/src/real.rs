//! The two floating-point precisions that kernels are written for.

use num_traits::{Float, FloatConst, FromPrimitive, NumAssign, Signed};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// `f32` or `f64`: the precisions that transforms and kernels are generic over.
///
/// Sealed: no other type can implement it, so a kernel may rely on IEEE-754
/// binary32 or binary64 behaviour.
pub trait Real:
    Float
    + FloatConst
    + FromPrimitive
    + NumAssign
    + Signed
    + bytemuck::Pod
    + std::iter::Sum
    + std::fmt::Debug
    + std::fmt::Display
    + Default
    + Send
    + Sync
    + sealed::Sealed
    + 'static
{
    /// The name users see: `"f32"` or `"f64"`.
    const NAME: &'static str;

    /// Rounds an `f64` to this precision.
    fn from_f64_rounded(value: f64) -> Self;

    /// Widens to `f64`, exactly.
    fn as_f64(self) -> f64;
}

impl Real for f32 {
    const NAME: &'static str = "f32";

    #[inline(always)]
    fn from_f64_rounded(value: f64) -> Self {
        value as f32
    }

    #[inline(always)]
    fn as_f64(self) -> f64 {
        f64::from(self)
    }
}

impl Real for f64 {
    const NAME: &'static str = "f64";

    #[inline(always)]
    fn from_f64_rounded(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn as_f64(self) -> f64 {
        self
    }
}
