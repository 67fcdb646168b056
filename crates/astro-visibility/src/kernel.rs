//! The arithmetic that every point of the uv plane passes through.
//!
//! Loops over short blocks of points are written for the compiler to vectorise
//! and are compiled for each instruction set by `pulp`, which picks one at run
//! time. Nothing here branches on data.

use std::f64::consts::TAU;

use pulp::Simd;

/// Points that one pass of the kernels works on; its temporaries stay in the first-level cache.
pub(crate) const BLOCK: usize = 128;

/// One value for each point of a block.
pub(crate) type Lane = [f64; BLOCK];

/// `a·b + c`, fused where the instruction set has it.
///
/// Without it `f64::mul_add` is a library call of some hundred cycles.
#[inline(always)]
pub(crate) fn fused<S: Simd>(a: f64, b: f64, c: f64) -> f64 {
    if S::IS_SCALAR {
        a * b + c
    } else {
        a.mul_add(b, c)
    }
}

/// `1/√x` for `x ≥ 0` within `1e-15` relative; a large finite number for zero.
///
/// The seed halves the exponent by integer arithmetic and is within 3.5 %; each Newton step
/// squares that. Fourteen vector multiplications take a third of the time of a vector root, and
/// the quotient that would follow is saved too.
#[inline(always)]
pub(crate) fn inverse_root<S: Simd>(x: f64) -> f64 {
    let mut r = f64::from_bits(0x5fe6_eb50_c7b5_37a9_u64.wrapping_sub(x.to_bits() >> 1));
    let half = 0.5 * x;
    for _ in 0..4 {
        let error = fused::<S>(-(half * r), r, 0.5);
        r = fused::<S>(r, error, r);
    }
    r
}

/// A whole number between `−2³¹` and `2³¹` as 32-bit two's complement.
///
/// Adding `1.5·2⁵²` leaves the integer in the low bits of the fraction; unlike a cast, which has
/// to check its range, this vectorises.
#[inline(always)]
pub(crate) fn low_bits(whole: f64) -> u32 {
    (whole + 6_755_399_441_055_744.0).to_bits() as u32
}

/// `cos(2πt)` and `sin(2πt)`; absolute error below `3e-16` for the reduced turn.
///
/// The turn is reduced exactly to an eighth either side of a quarter turn, where
/// the polynomials of fdlibm (Sun Microsystems, 1993) hold to half an ulp.
#[inline(always)]
pub(crate) fn cos_sin_of_turns_simd<S: Simd>(turns: f64) -> (f64, f64) {
    let turns = turns - turns.round_ties_even();
    let quarter = (4.0 * turns).round_ties_even();
    let x = TAU * (turns - 0.25 * quarter);
    let z = x * x;
    let mut sin = fused::<S>(z, 1.589_690_995_211_55e-10, -2.505_076_025_340_686_3e-8);
    sin = fused::<S>(z, sin, 2.755_731_370_707_006_8e-6);
    sin = fused::<S>(z, sin, -1.984_126_982_985_795e-4);
    sin = fused::<S>(z, sin, 8.333_333_333_322_49e-3);
    sin = fused::<S>(z, sin, -1.666_666_666_666_663_2e-1);
    sin = fused::<S>(z * x, sin, x);
    let mut cos = fused::<S>(z, -1.135_964_755_778_819_5e-11, 2.087_572_321_298_175e-9);
    cos = fused::<S>(z, cos, -2.755_731_435_139_066_3e-7);
    cos = fused::<S>(z, cos, 2.480_158_728_947_673e-5);
    cos = fused::<S>(z, cos, -1.388_888_888_887_411e-3);
    cos = fused::<S>(z, cos, 4.166_666_666_666_66e-2);
    cos = fused::<S>(z * z, cos, fused::<S>(z, -0.5, 1.0));
    // Quarters −2, −1, 0, 1, 2 permute and flip the two.
    let odd = quarter.abs() == 1.0;
    let half = quarter.abs() == 2.0;
    let (c, s) = if odd { (-sin, cos) } else { (cos, sin) };
    let flip = if half || quarter == -1.0 { -1.0 } else { 1.0 };
    (flip * c, flip * s)
}

/// [`cos_sin_of_turns_simd`] for code that is not compiled for one instruction set.
pub(crate) fn cos_sin_of_turns(turns: f64) -> (f64, f64) {
    cos_sin_of_turns_simd::<pulp::Scalar>(turns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_and_sine_match_the_standard_library() {
        for i in -4000..4000 {
            let turns = f64::from(i) * 1.37e-3;
            let (c, s) = cos_sin_of_turns(turns);
            let (sin, cos) = (TAU * (turns - turns.round())).sin_cos();
            assert!(
                (c - cos).abs() < 1e-15 && (s - sin).abs() < 1e-15,
                "at {turns} turns"
            );
        }
    }

    #[test]
    fn inverse_root_matches_the_standard_library() {
        for k in -300..300 {
            let x = 1.234f64 * 2f64.powi(k);
            let r = inverse_root::<pulp::Scalar>(x);
            assert!((r * x.sqrt() - 1.0).abs() < 1e-15, "1/sqrt({x}): {r}");
        }
        assert!(inverse_root::<pulp::Scalar>(0.0).is_finite());
    }

    #[test]
    fn low_bits_are_the_integer() {
        for whole in [0.0, 1.0, -1.0, 2_147_483_647.0, -2_147_483_648.0] {
            assert_eq!(low_bits(whole), whole as i64 as u32);
        }
    }

    #[test]
    fn quarter_turns_are_exact() {
        for (turns, expected) in [
            (0.0, (1.0, 0.0)),
            (0.25, (0.0, 1.0)),
            (0.5, (-1.0, 0.0)),
            (0.75, (0.0, -1.0)),
            (-1.25, (0.0, -1.0)),
        ] {
            let (c, s) = cos_sin_of_turns(turns);
            assert_eq!((c + 0.0, s + 0.0), expected, "at {turns} turns");
        }
    }
}
