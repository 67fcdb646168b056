//! The number types that a kernel can compute with.

use std::borrow::Cow;
use std::fmt;

/// How a kernel holds a real number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Precision {
    /// One `f32`; angles and coordinates in fixed-point integers.
    F32,
    /// The sum of two `f32`, 48 bits of fraction, the range of `f32`.
    Extended,
    /// One `f64`.
    F64,
}

impl Precision {
    /// All of them, from the coarsest.
    pub const ALL: [Self; 3] = [Self::F32, Self::Extended, Self::F64];

    /// Bytes of a real number.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::Extended | Self::F64 => 8,
        }
    }

    /// Relative error of one operation.
    #[must_use]
    pub const fn unit_roundoff(self) -> f64 {
        match self {
            Self::F32 => 0.5 * f32::EPSILON as f64,
            // 2^-46: measured 1.4e-14 for products, 8.5e-15 for sums.
            Self::Extended => 1.42e-14,
            Self::F64 => 0.5 * f64::EPSILON,
        }
    }

    /// Numbers as the device holds them.
    ///
    /// ```
    /// use astro_shaders::Precision;
    /// let bytes = Precision::Extended.encode(&[0.1]);
    /// assert!((Precision::Extended.decode(&bytes)[0] - 0.1).abs() < 1e-16);
    /// ```
    #[must_use]
    pub fn encode(self, values: &[f64]) -> Cow<'_, [u8]> {
        match self {
            Self::F64 => Cow::Borrowed(bytemuck::cast_slice(values)),
            Self::F32 => {
                let narrow: Vec<f32> = values.iter().map(|&x| x as f32).collect();
                Cow::Owned(bytemuck::cast_slice(&narrow).to_vec())
            }
            Self::Extended => {
                let pairs: Vec<[f32; 2]> = values.iter().map(|&x| split(x)).collect();
                Cow::Owned(bytemuck::cast_slice(&pairs).to_vec())
            }
        }
    }

    /// Numbers from what the device held; a rest of less than a number is dropped.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Vec<f64> {
        let word = |at: &[u8]| f32::from_le_bytes([at[0], at[1], at[2], at[3]]);
        let numbers = bytes.chunks_exact(self.bytes());
        match self {
            Self::F32 => numbers.map(|at| f64::from(word(at))).collect(),
            Self::Extended => numbers
                .map(|at| f64::from(word(at)) + f64::from(word(&at[4..])))
                .collect(),
            Self::F64 => numbers
                .map(|at| {
                    let mut eight = [0; 8];
                    eight.copy_from_slice(at);
                    f64::from_le_bytes(eight)
                })
                .collect(),
        }
    }

    pub(crate) const fn prelude(self) -> &'static str {
        match self {
            Self::F32 => include_str!("../wgsl/shared/real_f32.wgsl"),
            Self::Extended => include_str!("../wgsl/shared/real_extended.wgsl"),
            Self::F64 => include_str!("../wgsl/shared/real_f64.wgsl"),
        }
    }

    pub(crate) const fn turns(self) -> &'static str {
        match self {
            Self::F32 => include_str!("../wgsl/shared/turns_f32.wgsl"),
            Self::Extended => include_str!("../wgsl/shared/turns_extended.wgsl"),
            Self::F64 => include_str!("../wgsl/shared/turns_f64.wgsl"),
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::F32 => "f32",
            Self::Extended => "extended",
            Self::F64 => "f64",
        })
    }
}

/// A number as a pair whose sum it is, to 48 bits.
fn split(x: f64) -> [f32; 2] {
    let high = x as f32;
    // A number beyond f32 stays infinite instead of becoming a NaN.
    let low = if high.is_finite() {
        (x - f64::from(high)) as f32
    } else {
        0.0
    };
    [high, low]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_the_device_format() {
        let values = [0.0, 1.0 / 3.0, -7.123_456_789e12, 3e-20];
        for precision in Precision::ALL {
            let bytes = precision.encode(&values);
            assert_eq!(bytes.len(), values.len() * precision.bytes());
            for (x, y) in values.iter().zip(precision.decode(&bytes)) {
                assert!(
                    (x - y).abs() <= 1.01 * precision.unit_roundoff() * x.abs(),
                    "{precision}: {x} {y}"
                );
            }
        }
    }
}
