//! The precision contract: what was asked for, what the adapter has, and what a test says of it.

use std::fmt;

use astro_shaders::{Precision, SelfTestParams, kernels};

use crate::adapter::AdapterReport;
use crate::command::{CommandList, Dispatch};
use crate::context::Device;
use crate::execute::submit;
use crate::groups::Groups;
use crate::{Error, Result};

/// How a plan should compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GpuPrecision {
    /// One `f32`; angles in fixed point, long sums pairwise and then in `f64`.
    F32,
    /// Guarded pairs of `f32`, where the self-test passes.
    Extended,
    /// Native `f64`, where the adapter has it.
    F64,
    /// Never less than the caller's own numbers: `F64`, else `Extended`, for `f64`; `F32` for `f32`.
    #[default]
    Auto,
}

impl fmt::Display for GpuPrecision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::F32 => "f32",
            Self::Extended => "extended",
            Self::F64 => "f64",
            Self::Auto => "auto",
        })
    }
}

/// Whether each precision works on an adapter: the largest error of one operation, or why not.
#[derive(Clone, Debug)]
pub struct Support {
    errors: [std::result::Result<f64, String>; 3],
}

impl Default for Support {
    fn default() -> Self {
        Self {
            errors: [const { Err(String::new()) }; 3],
        }
    }
}

impl Support {
    /// The largest relative error that the self-test found in one operation.
    ///
    /// # Errors
    /// Why the precision cannot be used.
    pub fn error(&self, precision: Precision) -> std::result::Result<f64, &str> {
        self.errors[precision as usize]
            .as_ref()
            .copied()
            .map_err(String::as_str)
    }

    /// Whether a precision can be used.
    #[must_use]
    pub fn has(&self, precision: Precision) -> bool {
        self.error(precision).is_ok()
    }

    /// Runs the self-test.
    pub(crate) fn measure(device: &Device) -> Result<Self> {
        let mut support = Self::default();
        for precision in Precision::ALL {
            support.errors[precision as usize] = if precision == Precision::F64
                && !device.report.has_f64
            {
                Err("it has no f64 in its kernels".to_owned())
            } else {
                let error = self_test(device, precision)?;
                let allowed = allowed(precision);
                if error <= allowed {
                    Ok(error)
                } else {
                    Err(format!(
                        "its arithmetic failed the self-test (error {error:.1e}, allowed {allowed:.1e})"
                    ))
                }
            };
        }
        Ok(support)
    }

    pub(crate) fn resolve(
        &self,
        asked: GpuPrecision,
        wide: bool,
        adapter: &AdapterReport,
    ) -> Result<Precision> {
        let wanted = match asked {
            GpuPrecision::F32 => Precision::F32,
            GpuPrecision::Extended => Precision::Extended,
            GpuPrecision::F64 => Precision::F64,
            GpuPrecision::Auto if !wide => Precision::F32,
            GpuPrecision::Auto if self.has(Precision::F64) => Precision::F64,
            GpuPrecision::Auto => Precision::Extended,
        };
        match self.error(wanted) {
            Ok(_) => Ok(wanted),
            Err(reason) => Err(Error::Precision {
                adapter: adapter.to_string(),
                precision: wanted,
                reason: reason.to_owned(),
                remedy: self.remedy(),
            }),
        }
    }

    fn remedy(&self) -> String {
        let there: Vec<String> = Precision::ALL
            .into_iter()
            .filter(|&p| self.has(p))
            .map(|p| p.to_string())
            .collect();
        if there.is_empty() {
            "it can compute in none".to_owned()
        } else {
            format!("ask for {}", there.join(" or "))
        }
    }
}

/// Largest error of one operation with which a precision counts as working: a small multiple of its
/// unit roundoff, for quotients and roots may lose some.
fn allowed(precision: Precision) -> f64 {
    match precision {
        // WGSL allows 2.5 ulp for quotients and less for roots.
        Precision::F32 => 4e-7,
        Precision::Extended => 1e-13,
        Precision::F64 => 1e-15,
    }
}

/// Pairs that the test computes with.
const PAIRS: usize = 1024;

/// The largest relative error over pairs of numbers of both signs and eight decades, chosen so that
/// their last bits matter.
fn self_test(device: &Device, precision: Precision) -> Result<f64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut number = || {
        // xorshift64 (Marsaglia 2003)
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let fraction = 1.0 + (state >> 12) as f64 / (1u64 << 52) as f64;
        let scale = 10f64.powi((state & 7) as i32 - 4);
        if state & 8 == 0 {
            fraction * scale
        } else {
            -fraction * scale
        }
    };
    let rounded = |x: f64| precision.decode(&precision.encode(&[x]))[0];
    let pairs: Vec<(f64, f64)> = (0..PAIRS)
        .map(|_| (rounded(number()), rounded(number())))
        .collect();
    let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();

    let [first, second] = [("a", &a), ("b", &b)]
        .map(|(label, data)| (device.reals(label, data.len(), precision), data));
    let ((first, a), (second, b)) = ((first.0?, first.1), (second.0?, second.1));
    let results = device.reals("self-test", 6 * PAIRS, precision)?;
    let mut list = CommandList::new();
    list.upload_reals(&first, a)?;
    list.upload_reals(&second, b)?;
    for operation in 0..6 {
        let params = SelfTestParams {
            count: PAIRS as u32,
            operation,
        };
        list.dispatch(
            Dispatch::new(&kernels::SELF_TEST, precision, &params)
                .bind(first.all())
                .bind(second.all())
                .bind(results.all()),
            Groups::for_threads(PAIRS),
        );
    }
    let found = list.read_back_reals(&results);
    let found = submit(device, list, false)?
        .wait_on(device)?
        .take_reals(found);
    let mut largest = 0.0_f64;
    for ((x, y), found) in pairs.into_iter().zip(found.chunks_exact(6)) {
        let product = x * y / 16.0;
        let expected = [
            (x + y, x.abs() + y.abs()),
            (x - y, x.abs() + y.abs()),
            (x * y, (x * y).abs()),
            (x / y, (x / y).abs()),
            (x.abs(), x.abs()),
            (product - product.floor(), product.abs().max(1.0)),
        ];
        for ((truth, scale), &found) in expected.into_iter().zip(found) {
            let error = (found - truth).abs() / scale;
            // A rest may round up to one.
            let error = error.min(if scale == product.abs().max(1.0) {
                (error - 1.0 / scale).abs()
            } else {
                error
            });
            if error.is_nan() {
                return Ok(f64::INFINITY);
            }
            largest = largest.max(error);
        }
    }
    Ok(largest)
}
