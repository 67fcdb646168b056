//! Offers of a new position, made from the other half of the walkers.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::normal;
use crate::prior::open_unit;

/// How a walker's new position is made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Move {
    /// Along the line through another walker: y = c + z (x − c) with the
    /// density of z ∝ 1/√z between 1/`scale` and `scale` (Goodman & Weare
    /// 2010, eqs 7–10); q = zⁿ⁻¹. A scale of 2 is usual.
    Stretch {
        /// The largest z, above 1.
        scale: f64,
    },
    /// Along the difference of two other walkers: y = x + γ (a − b), with
    /// γ = 2.38/√(2n) times a number within about 1e-5 of 1, and γ = 1 one time
    /// in ten so that walkers change between separate maxima (ter Braak 2006);
    /// q = 1.
    DifferentialEvolution,
    /// Along the line to another walker z, by γ times the difference of two
    /// more projected on it, γ = 1.7: y = x + γ ê(ê·(a − b)), ê along x − z;
    /// q = (|y − z|/|x − z|)ⁿ⁻¹ (ter Braak & Vrugt 2008).
    Snooker,
}

/// Chance of a differential evolution move with γ = 1.
const MODE_JUMP: f64 = 0.1;

/// Relative spread of γ, which keeps the moves from living on a lattice.
const GAMMA_SPREAD: f64 = 1e-5;

/// γ of the snooker move (ter Braak & Vrugt 2008, section 2).
const SNOOKER_GAMMA: f64 = 1.7;

impl Move {
    /// Writes an offer for the walker at `x` to `y` and returns ln q.
    ///
    /// `other(k)` is the position of walker `k` of the `others` in the other half.
    pub(super) fn offer<'a, R: Rng>(
        self,
        x: &[f64],
        others: usize,
        other: impl Fn(usize) -> &'a [f64],
        rng: &mut R,
        y: &mut [f64],
    ) -> f64 {
        let n = x.len() as f64;
        match self {
            Self::Stretch { scale } => {
                let u: f64 = rng.random();
                let z = ((scale - 1.0) * u + 1.0).powi(2) / scale;
                let c = other(rng.random_range(0..others));
                for ((y, &x), &c) in y.iter_mut().zip(x).zip(c) {
                    *y = c + z * (x - c);
                }
                (n - 1.0) * z.ln()
            }
            Self::DifferentialEvolution => {
                let [a, b] = distinct(others, rng);
                let (a, b) = (other(a), other(b));
                let spread = 1.0 + GAMMA_SPREAD * normal::quantile(open_unit(rng));
                let gamma = if rng.random::<f64>() < MODE_JUMP {
                    spread
                } else {
                    2.38 / (2.0 * n).sqrt() * spread
                };
                for (((y, &x), &a), &b) in y.iter_mut().zip(x).zip(a).zip(b) {
                    *y = x + gamma * (a - b);
                }
                0.0
            }
            Self::Snooker => {
                let [z, a, b] = distinct(others, rng);
                let (z, a, b) = (other(z), other(a), other(b));
                let square = distance(x, z).powi(2);
                let projection: f64 = (x.iter().zip(z))
                    .zip(a.iter().zip(b))
                    .map(|((x, z), (a, b))| (x - z) * (a - b))
                    .sum();
                let along = SNOOKER_GAMMA * projection / square;
                for ((y, &x), &z) in y.iter_mut().zip(x).zip(z) {
                    *y = x + along * (x - z);
                }
                // Walkers at one place have no direction: NaN, never taken.
                (n - 1.0) * (distance(y, z) / square.sqrt()).ln()
            }
        }
    }
}

/// N different random indices below `count` ≥ N, in random order.
fn distinct<const N: usize>(count: usize, rng: &mut impl Rng) -> [usize; N] {
    let mut chosen = [0; N];
    for k in 0..N {
        loop {
            chosen[k] = rng.random_range(0..count);
            if !chosen[..k].contains(&chosen[k]) {
                break;
            }
        }
    }
    chosen
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    let squares: f64 = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
    squares.sqrt()
}
