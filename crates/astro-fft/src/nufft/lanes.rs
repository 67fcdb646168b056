//! Vectors of one precision: what the kernels need of `pulp`.

use num_complex::Complex;
use pulp::Simd;

/// Bytes that tables and windows are padded to: the widest register.
pub(super) const REGISTER_BYTES: usize = 64;

/// A precision with vector registers of any instruction set.
pub trait Lanes: Sized {
    /// A register of the instruction set `S`.
    type Register<S: Simd>: Copy;

    /// Numbers in a register.
    fn lanes<S: Simd>() -> usize;
    /// All lanes `value`.
    fn splat<S: Simd>(simd: S, value: Self) -> Self::Register<S>;
    /// (re, im, re, im, …) over the lanes of two registers.
    fn splat_complex<S: Simd>(value: Complex<Self>) -> [Self::Register<S>; 2];
    /// The first lanes of a slice that is at least one register long.
    fn load<S: Simd>(slice: &[Self]) -> Self::Register<S>;
    /// Writes the first lanes of a slice that is at least one register long.
    fn store<S: Simd>(slice: &mut [Self], register: Self::Register<S>);
    /// a · b
    fn multiply<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Register<S>;
    /// a · b + c, fused where the machine does so.
    fn multiply_add<S: Simd>(
        simd: S,
        a: Self::Register<S>,
        b: Self::Register<S>,
        c: Self::Register<S>,
    ) -> Self::Register<S>;
    /// Every number twice, in two registers, in the order of [`Self::order`].
    fn duplicate<S: Simd>(simd: S, register: Self::Register<S>) -> [Self::Register<S>; 2];
    /// Writes to `numbers`, one register long, the order of lanes for which
    /// [`Self::duplicate`] gives (0, 0, 1, 1, 2, 2, …).
    fn order<S: Simd>(simd: S, numbers: &mut [Self]);
    /// Sums of the even and of the odd numbers in a sequence of registers.
    fn sum_complex<S: Simd, const N: usize>(
        simd: S,
        registers: [Self::Register<S>; N],
    ) -> Complex<Self>;
}

macro_rules! lanes {
    ($real:ty, $register:ident, $lanes:ident, $as:ident, $as_mut:ident, $splat:ident, $mul:ident, $mul_add:ident, $add:ident, $interleave:ident, $deinterleave:ident) => {
        impl Lanes for $real {
            type Register<S: Simd> = S::$register;

            #[inline(always)]
            fn lanes<S: Simd>() -> usize {
                S::$lanes
            }

            #[inline(always)]
            fn splat<S: Simd>(simd: S, value: Self) -> S::$register {
                simd.$splat(value)
            }

            #[inline(always)]
            fn splat_complex<S: Simd>(value: Complex<Self>) -> [S::$register; 2] {
                let mut pairs = [0.0; REGISTER_BYTES / size_of::<$real>()];
                for pair in pairs.chunks_exact_mut(2) {
                    pair.copy_from_slice(&[value.re, value.im]);
                }
                let second = if S::$lanes == 1 { 1 } else { 0 };
                [Self::load::<S>(&pairs), Self::load::<S>(&pairs[second..])]
            }

            #[inline(always)]
            fn load<S: Simd>(slice: &[Self]) -> S::$register {
                S::$as(slice).0[0]
            }

            #[inline(always)]
            fn store<S: Simd>(slice: &mut [Self], register: S::$register) {
                S::$as_mut(slice).0[0] = register;
            }

            #[inline(always)]
            fn multiply<S: Simd>(simd: S, a: S::$register, b: S::$register) -> S::$register {
                simd.$mul(a, b)
            }

            #[inline(always)]
            fn multiply_add<S: Simd>(
                simd: S,
                a: S::$register,
                b: S::$register,
                c: S::$register,
            ) -> S::$register {
                simd.$mul_add(a, b, c)
            }

            #[inline(always)]
            fn duplicate<S: Simd>(simd: S, register: S::$register) -> [S::$register; 2] {
                simd.$interleave([register, register])
            }

            #[inline(always)]
            fn order<S: Simd>(simd: S, numbers: &mut [Self]) {
                let mut pairs = [0.0; 2 * REGISTER_BYTES / size_of::<$real>()];
                for (index, pair) in pairs.iter_mut().enumerate() {
                    *pair = (index / 2) as $real;
                }
                let registers = [
                    Self::load::<S>(&pairs),
                    Self::load::<S>(&pairs[S::$lanes..]),
                ];
                let [register, _] = simd.$deinterleave(registers);
                Self::store::<S>(numbers, register);
            }

            #[inline(always)]
            fn sum_complex<S: Simd, const N: usize>(
                simd: S,
                registers: [S::$register; N],
            ) -> Complex<Self> {
                let mut numbers = [0.0; REGISTER_BYTES / size_of::<$real>()];
                if S::$lanes == 1 {
                    for (index, register) in registers.into_iter().enumerate() {
                        let mut number = [0.0; 1];
                        Self::store::<S>(&mut number, register);
                        numbers[index % 2] += number[0];
                    }
                } else {
                    let mut sum = registers[0];
                    for register in &registers[1..] {
                        sum = simd.$add(sum, *register);
                    }
                    Self::store::<S>(&mut numbers, sum);
                    let mut length = S::$lanes;
                    while length > 2 {
                        length /= 2;
                        for k in 0..length {
                            numbers[k] += numbers[k + length];
                        }
                    }
                }
                Complex::new(numbers[0], numbers[1])
            }
        }
    };
}

lanes!(
    f32,
    f32s,
    F32_LANES,
    as_simd_f32s,
    as_mut_simd_f32s,
    splat_f32s,
    mul_f32s,
    mul_add_e_f32s,
    add_f32s,
    interleave_shfl_f32s,
    deinterleave_shfl_f32s
);
lanes!(
    f64,
    f64s,
    F64_LANES,
    as_simd_f64s,
    as_mut_simd_f64s,
    splat_f64s,
    mul_f64s,
    mul_add_e_f64s,
    add_f64s,
    interleave_shfl_f64s,
    deinterleave_shfl_f64s
);

/// Numbers that fill the widest register.
pub(super) const fn group<T>() -> usize {
    REGISTER_BYTES / size_of::<T>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FftReal;
    use pulp::WithSimd;
    use std::marker::PhantomData;

    struct DuplicateInOrder<T>(PhantomData<T>);

    impl<T: FftReal> WithSimd for DuplicateInOrder<T> {
        type Output = ();

        fn with_simd<S: Simd>(self, simd: S) {
            let lanes = T::lanes::<S>();
            let mut numbers = [T::zero(); REGISTER_BYTES];
            T::order::<S>(simd, &mut numbers);
            let twice = T::duplicate::<S>(simd, T::load::<S>(&numbers));
            let mut found = vec![T::zero(); 2 * lanes];
            T::store::<S>(&mut found, twice[0]);
            T::store::<S>(&mut found[lanes..], twice[1]);
            for (index, number) in found.into_iter().enumerate() {
                assert_eq!(number.as_f64(), (index / 2) as f64);
            }
        }
    }

    struct SumPairs<T>(PhantomData<T>);

    impl<T: FftReal> WithSimd for SumPairs<T> {
        type Output = ();

        fn with_simd<S: Simd>(self, simd: S) {
            let [first, second] = T::splat_complex::<S>(Complex::new(T::one(), -T::one()));
            let sum = T::sum_complex::<S, 4>(simd, [first, second, first, second]);
            let pairs = (4 * T::lanes::<S>() / 2) as f64;
            assert_eq!((sum.re.as_f64(), sum.im.as_f64()), (pairs, -pairs));
        }
    }

    /// On this machine's vectors, and on the scalars that any machine has.
    #[test]
    fn pairs_survive_their_layout() {
        pulp::Arch::new().dispatch(DuplicateInOrder::<f64>(PhantomData));
        pulp::Arch::new().dispatch(DuplicateInOrder::<f32>(PhantomData));
        pulp::Arch::new().dispatch(SumPairs::<f64>(PhantomData));
        pulp::Arch::new().dispatch(SumPairs::<f32>(PhantomData));
        DuplicateInOrder::<f64>(PhantomData).with_simd(pulp::Scalar::new());
        DuplicateInOrder::<f32>(PhantomData).with_simd(pulp::Scalar::new());
        SumPairs::<f64>(PhantomData).with_simd(pulp::Scalar::new());
        SumPairs::<f32>(PhantomData).with_simd(pulp::Scalar::new());
    }
}
