//! Baselines and angles as kernels take them.
//!
//! A kernel forms `u·a + v·b` turns from a baseline `(u, v)` in units of the longest one and from the
//! coefficients `a`, `b`: the turns that the longest baseline makes. In `f32` both are fixed-point
//! integers, and the product is exact modulo one turn to 2⁻³² of the larger of one turn and `a`, `b`.

use crate::precision::Precision;

impl Precision {
    /// Bytes of a baseline: two numbers.
    #[must_use]
    pub const fn baseline_bytes(self) -> usize {
        2 * self.bytes()
    }

    /// Baselines `(u, v)` in units of `longest`, `|u|, |v| ≤ longest`.
    #[must_use]
    pub fn encode_baselines(self, u: &[f64], v: &[f64], longest: f64) -> Vec<u8> {
        let scale = if longest > 0.0 { 1.0 / longest } else { 0.0 };
        let pairs: Vec<f64> = u
            .iter()
            .zip(v)
            .flat_map(|(&u, &v)| [u * scale, v * scale])
            .collect();
        match self {
            Self::Extended | Self::F64 => self.encode(&pairs).into_owned(),
            Self::F32 => {
                let fixed: Vec<i32> = pairs
                    .iter()
                    .map(|&x| (x * 2f64.powi(31)).round() as i32)
                    .collect();
                bytemuck::cast_slice(&fixed).to_vec()
            }
        }
    }

    /// Bytes of a coefficient, the same in every precision.
    pub const COEFFICIENT_BYTES: usize = 8;

    /// Coefficients, in turns of the longest baseline.
    #[must_use]
    pub fn encode_coefficients(self, turns: &[f64]) -> Vec<u8> {
        match self {
            Self::F64 => self.encode(turns).into_owned(),
            Self::F32 => {
                let words: Vec<[u32; 2]> = turns.iter().map(|&t| fixed_point(t)).collect();
                bytemuck::cast_slice(&words).to_vec()
            }
            Self::Extended => self.encode(turns).into_owned(),
        }
    }
}

/// (whole turns, fraction in 2⁻³² turns); whole turns modulo 2³².
fn fixed_point(turns: f64) -> [u32; 2] {
    let whole = turns.floor();
    let fraction = ((turns - whole) * 2f64.powi(32)).round();
    // Rounds up to the next turn where the fraction does.
    let carried = (fraction as u64) >> 32;
    [
        (whole as i64).wrapping_add(carried as i64) as u32,
        fraction as u64 as u32,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_are_split_below() {
        assert_eq!(fixed_point(2.5), [2, 1 << 31]);
        assert_eq!(fixed_point(-0.25), [u32::MAX, 3 << 30]);
        assert_eq!(fixed_point(1.0 - 1e-12), [1, 0]);
    }

    #[test]
    fn the_longest_baseline_fits() {
        let bytes = Precision::F32.encode_baselines(&[3.0, -3.0], &[0.0, 1.5], 3.0);
        let words: &[i32] = bytemuck::cast_slice(&bytes);
        assert_eq!(words, [i32::MAX, 0, i32::MIN, 1 << 30]);
    }
}
