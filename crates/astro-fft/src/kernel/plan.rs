//! Factorisation of a length into stages, and their twiddle factors.

use num_complex::Complex;

use crate::{FftReal, PANEL_COLUMNS};

/// The radices that have a butterfly, in the order in which they are split off.
const RADICES: [usize; 6] = [13, 11, 7, 5, 3, 2];

/// Size of a tile of lines: two of them should fit into a first-level cache.
const TILE_BYTES: usize = 1 << 14;

/// A length n as two groups of stages, each with a product of about √n.
///
/// This is Stockham's self-sorting decimation in frequency: a stage of radix r
/// turns transforms of length n at stride s into r times shorter ones at an r
/// times larger stride,
///
/// y(q + s(r p + u)) = w_n^{pu} Σ_t x(q + s(p + (n/r) t)) w_r^{tu},
/// p < n/r, q < s, w_n = exp(−2πi/n).
///
/// Successive stages of a group of product G only mix rows that are n/G apart, or
/// at the second group, where n = G, at all. So a group handles G rows at a time,
/// all its stages one after the other, in the first-level cache, and a transform
/// passes over the whole of its data twice. Rows of the same τ of a group are
/// called line + lines · τ.
#[derive(Debug)]
pub(super) struct Plan<T> {
    pub(super) length: usize,
    pub(super) groups: [Group<T>; 2],
}

/// Consecutive stages.
#[derive(Debug)]
pub(super) struct Group<T> {
    /// G, the product of its radices.
    pub(super) size: usize,
    /// How many times it mixes G rows: p < n/G in the first group, where s = 1,
    /// and q < s in the second, where n = G.
    pub(super) lines: usize,
    /// Lines that are done together.
    pub(super) tile: usize,
    pub(super) stages: Vec<Stage<T>>,
}

/// One radix.
#[derive(Debug)]
pub(super) struct Stage<T> {
    pub(super) radix: usize,
    /// Butterflies at each stride within the rows of a line.
    pub(super) count: usize,
    /// Stride within the rows of a line.
    pub(super) stride: usize,
    /// w_n^{pu} as (re, im), for u = 1..radix, p after p. Not used by the last
    /// stage of all, where p = 0.
    pub(super) twiddles: Vec<[T; 2]>,
    /// (cos, sin) of 2πj/radix.
    pub(super) roots: Vec<[T; 2]>,
}

impl<T: FftReal> Plan<T> {
    /// A plan for `length` >= 1, unless it has a prime factor above 13.
    pub(super) fn new(length: usize) -> Option<Self> {
        let (first, second) = split(radices(length)?);
        let first = Group::new(length, 1, &first);
        let second = Group::new(length / first.size, first.size, &second);
        Some(Self {
            length,
            groups: [first, second],
        })
    }

    /// Rows of the largest tile.
    pub(super) fn tile_rows(&self) -> usize {
        let [first, second] = &self.groups;
        (first.size * first.tile).max(second.size * second.tile)
    }
}

impl<T: FftReal> Group<T> {
    /// The stages of transforms of `length` at `stride`; one of them is 1 or the
    /// product of the radices.
    fn new(length: usize, stride: usize, radices: &[usize]) -> Self {
        let size: usize = radices.iter().product();
        let lines = length / size * stride;
        let mut stages = Vec::with_capacity(radices.len());
        let mut done = 1;
        for &radix in radices {
            let n = length / done;
            let twiddles = (0..n / radix).flat_map(|p| (1..radix).map(move |u| root(p * u, n)));
            stages.push(Stage {
                radix,
                count: size / done / radix,
                stride: done,
                twiddles: twiddles.collect(),
                roots: (0..radix).map(|j| root(radix - j, radix)).collect(),
            });
            done *= radix;
        }
        let row_bytes = size_of::<[Complex<T>; PANEL_COLUMNS]>();
        Self {
            size,
            lines,
            tile: (TILE_BYTES / row_bytes / size).clamp(1, lines),
            stages,
        }
    }
}

/// exp(−2πi k/n), from an angle of at most π/4 so that it is rounded well.
pub(super) fn root<T: FftReal>(k: usize, n: usize) -> [T; 2] {
    let eighths = 8 * (k % n);
    let quadrant = (eighths + n) / (2 * n);
    let angle =
        std::f64::consts::FRAC_PI_4 * (eighths as f64 - (2 * n * quadrant) as f64) / n as f64;
    let (sin, cos) = angle.sin_cos();
    let turned = match quadrant % 4 {
        0 => Complex::new(cos, -sin),
        1 => Complex::new(-sin, -cos),
        2 => Complex::new(-cos, sin),
        _ => Complex::new(sin, cos),
    };
    [
        T::from_f64_rounded(turned.re),
        T::from_f64_rounded(turned.im),
    ]
}

/// The radices whose product is `length`, largest first, or `None`.
fn radices(mut length: usize) -> Option<Vec<usize>> {
    let mut radices = Vec::new();
    for radix in RADICES {
        while length.is_multiple_of(radix) && length > 1 {
            length /= radix;
            radices.push(radix);
        }
    }
    if length != 1 {
        return None;
    }
    let twos = radices.iter().filter(|radix| **radix == 2).count();
    radices.retain(|radix| *radix != 2);
    // As many eights as possible; 8 · 2 as 4 · 4.
    let (eights, fours, pairs) = match (twos / 3, twos % 3) {
        (eights, 0) => (eights, 0, 0),
        (0, 1) => (0, 0, 1),
        (eights, 1) => (eights - 1, 2, 0),
        (eights, _) => (eights, 1, 0),
    };
    radices.extend([8].repeat(eights));
    radices.extend([4].repeat(fours));
    radices.extend([2].repeat(pairs));
    radices.sort_unstable_by(|a, b| b.cmp(a));
    Some(radices)
}

/// Deals radices, largest first, into two groups of nearly equal product. A
/// group without any gets the radix 1, which copies.
fn split(radices: Vec<usize>) -> (Vec<usize>, Vec<usize>) {
    let mut groups = [(1, Vec::new()), (1, Vec::new())];
    for radix in radices {
        let smaller = usize::from(groups[1].0 < groups[0].0);
        groups[smaller].0 *= radix;
        groups[smaller].1.push(radix);
    }
    let [first, second] = groups.map(|(_, mut radices)| {
        if radices.is_empty() {
            radices.push(1);
        }
        radices
    });
    (first, second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_split_evenly_into_known_radices() {
        let groups = |n| split(radices(n).unwrap());
        assert_eq!(groups(1), (vec![1], vec![1]));
        assert_eq!(groups(13), (vec![13], vec![1]));
        assert_eq!(groups(16), (vec![4], vec![4]));
        assert_eq!(groups(1024), (vec![8, 4], vec![8, 4]));
        assert_eq!(groups(4096), (vec![8, 8], vec![8, 8]));
        assert_eq!(groups(1000), (vec![8, 5], vec![5, 5]));
        assert_eq!(radices(17), None);
        for n in 1..2000 {
            if let Some(radices) = radices(n) {
                assert_eq!(radices.iter().product::<usize>(), n);
            }
        }
    }

    #[test]
    fn roots_are_rounded_to_the_last_place() {
        for n in [1_usize, 2, 3, 5, 8, 12, 1000, 4096] {
            for k in 0..2 * n {
                let [re, im]: [f64; 2] = root(k, n);
                let angle = -std::f64::consts::TAU * (k % n) as f64 / n as f64;
                assert!((re - angle.cos()).abs() < 1e-15 && (im - angle.sin()).abs() < 1e-15);
            }
        }
        assert_eq!(root::<f64>(1, 4), [0.0, -1.0]);
        assert_eq!(root::<f64>(1, 2), [-1.0, 0.0]);
    }
}
