//! One vector type for both precisions and all instruction sets.

use astro_core::Real;
use bytemuck::Pod;
use pulp::{Simd, WithSimd};

/// Vectors of `Real`, and the few operations that transforms consist of.
///
/// Everything that takes a `Lanes` must be `#[inline(always)]`: the instruction
/// set holds only within the function that `pulp` dispatched to.
pub(crate) trait Lanes: Copy {
    /// `f32` or `f64`.
    type Real: Real;
    /// A register of them, in memory an array.
    type Vector: Pod;
    /// Numbers in a vector: 1, 2, 4 or 8.
    const WIDTH: usize = size_of::<Self::Vector>() / size_of::<Self::Real>();

    /// Runs `operation` as a function of its own with these vectors.
    fn vectorize(self, operation: impl LanesOperation<Self::Real>);
    /// `value` in each lane.
    fn splat(self, value: Self::Real) -> Self::Vector;
    /// a + b
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a − b
    fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a · b
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a · b + c, fused where the machine can
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// c − a · b, fused where the machine can
    fn neg_mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// Two vectors of interleaved complex numbers to real parts and imaginary
    /// parts, each in an order of lanes that [`Self::interleave`] undoes.
    fn deinterleave(self, complex: [Self::Vector; 2]) -> [Self::Vector; 2];
    /// The inverse of [`Self::deinterleave`].
    fn interleave(self, parts: [Self::Vector; 2]) -> [Self::Vector; 2];
}

/// A computation written once for all vector types.
pub(crate) trait LanesOperation<T> {
    /// Does it. Implementations are `#[inline(always)]`.
    fn run<L: Lanes<Real = T>>(self, lanes: L);
}

macro_rules! lanes {
    ($name:ident, $real:ty, $vector:ident, $splat:ident, $add:ident, $sub:ident, $mul:ident,
     $mul_add:ident, $neg_mul_add:ident, $deinterleave:ident, $interleave:ident) => {
        #[derive(Clone, Copy)]
        struct $name<S>(S);

        impl<S: Simd> Lanes for $name<S> {
            type Real = $real;
            type Vector = S::$vector;

            #[inline(always)]
            fn vectorize(self, operation: impl LanesOperation<$real>) {
                self.0.vectorize($name(operation));
            }
            #[inline(always)]
            fn splat(self, value: $real) -> Self::Vector {
                self.0.$splat(value)
            }
            #[inline(always)]
            fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                self.0.$add(a, b)
            }
            #[inline(always)]
            fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                self.0.$sub(a, b)
            }
            #[inline(always)]
            fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                self.0.$mul(a, b)
            }
            #[inline(always)]
            fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
                self.0.$mul_add(a, b, c)
            }
            #[inline(always)]
            fn neg_mul_add(
                self,
                a: Self::Vector,
                b: Self::Vector,
                c: Self::Vector,
            ) -> Self::Vector {
                self.0.$neg_mul_add(a, b, c)
            }
            #[inline(always)]
            fn deinterleave(self, complex: [Self::Vector; 2]) -> [Self::Vector; 2] {
                self.0.$deinterleave(complex)
            }
            #[inline(always)]
            fn interleave(self, parts: [Self::Vector; 2]) -> [Self::Vector; 2] {
                self.0.$interleave(parts)
            }
        }

        impl<O: LanesOperation<$real>> WithSimd for $name<O> {
            type Output = ();

            #[inline(always)]
            fn with_simd<S: Simd>(self, simd: S) {
                self.0.run($name(simd));
            }
        }
    };
}

lanes!(
    Double,
    f64,
    f64s,
    splat_f64s,
    add_f64s,
    sub_f64s,
    mul_f64s,
    mul_add_e_f64s,
    negate_mul_add_e_f64s,
    deinterleave_shfl_f64s,
    interleave_shfl_f64s
);
lanes!(
    Single,
    f32,
    f32s,
    splat_f32s,
    add_f32s,
    sub_f32s,
    mul_f32s,
    mul_add_e_f32s,
    negate_mul_add_e_f32s,
    deinterleave_shfl_f32s,
    interleave_shfl_f32s
);

/// Runs `operation` with the widest vectors of this machine.
pub(crate) fn dispatch_f64(operation: impl LanesOperation<f64>) {
    pulp::Arch::new().dispatch(Double(operation));
}

/// Runs `operation` with the widest vectors of this machine up to 8 lanes: a
/// panel has no more columns.
pub(crate) fn dispatch_f32(operation: impl LanesOperation<f32>) {
    match pulp::Arch::new() {
        #[cfg(target_arch = "x86_64")]
        pulp::Arch::V4(simd) => Simd::vectorize(*simd, Single(operation)),
        arch => arch.dispatch(Single(operation)),
    }
}

/// Runs an operation in `f64` with one instruction set after the other: as many
/// as this machine has, and the portable one.
#[cfg(test)]
pub(super) fn on_each_machine<O: LanesOperation<f64> + Copy>(operation: O) {
    pulp::Arch::Scalar.dispatch(Double(operation));
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        Simd::vectorize(simd, Double(operation));
    }
    pulp::Arch::new().dispatch(Double(operation));
}
