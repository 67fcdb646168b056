//! Fourier sums of a few complex vectors in registers, exponent −2πi.

use num_traits::{FloatConst, Zero};

use super::lanes::Lanes;

/// A complex vector: real parts, imaginary parts.
pub(super) type Pair<L> = [<L as Lanes>::Vector; 2];

/// Marks the radices that have a butterfly.
pub(super) struct Radix;

/// x_k ← Σ_j x_j exp(−2πi jk/R), in place.
pub(super) trait Butterfly<const R: usize> {
    /// `roots[j]` = (cos, sin) of 2πj/R, used by odd radices.
    fn apply<L: Lanes>(lanes: L, x: &mut [Pair<L>; R], roots: &[[L::Real; 2]]);
}

impl Butterfly<1> for Radix {
    #[inline(always)]
    fn apply<L: Lanes>(_: L, _: &mut [Pair<L>; 1], _: &[[L::Real; 2]]) {}
}

impl Butterfly<2> for Radix {
    #[inline(always)]
    fn apply<L: Lanes>(lanes: L, x: &mut [Pair<L>; 2], _: &[[L::Real; 2]]) {
        *x = [add(lanes, x[0], x[1]), sub(lanes, x[0], x[1])];
    }
}

impl Butterfly<4> for Radix {
    #[inline(always)]
    fn apply<L: Lanes>(lanes: L, x: &mut [Pair<L>; 4], _: &[[L::Real; 2]]) {
        *x = four(lanes, *x);
    }
}

impl Butterfly<8> for Radix {
    #[inline(always)]
    fn apply<L: Lanes>(lanes: L, x: &mut [Pair<L>; 8], _: &[[L::Real; 2]]) {
        let half = lanes.splat(L::Real::FRAC_1_SQRT_2());
        let e = four(lanes, [x[0], x[2], x[4], x[6]]);
        let o = four(lanes, [x[1], x[3], x[5], x[7]]);
        // √2 o₁ w₈ and −√2 o₃ w₈³
        let p = [lanes.add(o[1][0], o[1][1]), lanes.sub(o[1][1], o[1][0])];
        let q = [lanes.sub(o[3][0], o[3][1]), lanes.add(o[3][0], o[3][1])];
        *x = [
            add(lanes, e[0], o[0]),
            [
                lanes.mul_add(half, p[0], e[1][0]),
                lanes.mul_add(half, p[1], e[1][1]),
            ],
            sub_i(lanes, e[2], o[2]),
            [
                lanes.neg_mul_add(half, q[0], e[3][0]),
                lanes.neg_mul_add(half, q[1], e[3][1]),
            ],
            sub(lanes, e[0], o[0]),
            [
                lanes.neg_mul_add(half, p[0], e[1][0]),
                lanes.neg_mul_add(half, p[1], e[1][1]),
            ],
            add_i(lanes, e[2], o[2]),
            [
                lanes.mul_add(half, q[0], e[3][0]),
                lanes.mul_add(half, q[1], e[3][1]),
            ],
        ];
    }
}

macro_rules! odd_butterflies {
    ($($radix:literal)*) => {$(
        impl Butterfly<$radix> for Radix {
            #[inline(always)]
            fn apply<L: Lanes>(lanes: L, x: &mut [Pair<L>; $radix], roots: &[[L::Real; 2]]) {
                odd(lanes, x, roots);
            }
        }
    )*};
}

odd_butterflies!(3 5 7 11 13);

/// Any odd R: with a_j = x_j + x_{R−j} and b_j = x_j − x_{R−j},
/// x_{k, R−k} = x_0 + Σ_j a_j cos(2πjk/R) ∓ i Σ_j b_j sin(2πjk/R), j = 1..(R−1)/2.
#[inline(always)]
fn odd<L: Lanes, const R: usize>(lanes: L, x: &mut [Pair<L>; R], roots: &[[L::Real; 2]]) {
    let zero = [lanes.splat(L::Real::zero()); 2];
    let mut a = [zero; R];
    let mut b = [zero; R];
    let first = x[0];
    for j in 1..=R / 2 {
        a[j] = add(lanes, x[j], x[R - j]);
        b[j] = sub(lanes, x[j], x[R - j]);
        x[0] = add(lanes, x[0], a[j]);
    }
    for k in 1..=R / 2 {
        let [cos, sin] = roots[k].map(|root| lanes.splat(root));
        let mut even = [
            lanes.mul_add(a[1][0], cos, first[0]),
            lanes.mul_add(a[1][1], cos, first[1]),
        ];
        let mut odd = [lanes.mul(b[1][0], sin), lanes.mul(b[1][1], sin)];
        for j in 2..=R / 2 {
            let [cos, sin] = roots[j * k % R].map(|root| lanes.splat(root));
            even[0] = lanes.mul_add(a[j][0], cos, even[0]);
            even[1] = lanes.mul_add(a[j][1], cos, even[1]);
            odd[0] = lanes.mul_add(b[j][0], sin, odd[0]);
            odd[1] = lanes.mul_add(b[j][1], sin, odd[1]);
        }
        x[k] = sub_i(lanes, even, odd);
        x[R - k] = add_i(lanes, even, odd);
    }
}

#[inline(always)]
fn four<L: Lanes>(lanes: L, x: [Pair<L>; 4]) -> [Pair<L>; 4] {
    let a = add(lanes, x[0], x[2]);
    let b = sub(lanes, x[0], x[2]);
    let c = add(lanes, x[1], x[3]);
    let d = sub(lanes, x[1], x[3]);
    [
        add(lanes, a, c),
        sub_i(lanes, b, d),
        sub(lanes, a, c),
        add_i(lanes, b, d),
    ]
}

#[inline(always)]
fn add<L: Lanes>(lanes: L, a: Pair<L>, b: Pair<L>) -> Pair<L> {
    [lanes.add(a[0], b[0]), lanes.add(a[1], b[1])]
}

#[inline(always)]
fn sub<L: Lanes>(lanes: L, a: Pair<L>, b: Pair<L>) -> Pair<L> {
    [lanes.sub(a[0], b[0]), lanes.sub(a[1], b[1])]
}

/// a + i b
#[inline(always)]
fn add_i<L: Lanes>(lanes: L, a: Pair<L>, b: Pair<L>) -> Pair<L> {
    [lanes.sub(a[0], b[1]), lanes.add(a[1], b[0])]
}

/// a − i b
#[inline(always)]
fn sub_i<L: Lanes>(lanes: L, a: Pair<L>, b: Pair<L>) -> Pair<L> {
    [lanes.add(a[0], b[1]), lanes.sub(a[1], b[0])]
}

/// a · b
#[inline(always)]
pub(super) fn mul<L: Lanes>(lanes: L, a: Pair<L>, b: Pair<L>) -> Pair<L> {
    let re = lanes.mul(a[0], b[0]);
    let im = lanes.mul(a[0], b[1]);
    [
        lanes.neg_mul_add(a[1], b[1], re),
        lanes.mul_add(a[1], b[0], im),
    ]
}
