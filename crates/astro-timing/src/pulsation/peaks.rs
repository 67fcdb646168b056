//! Peaks of a periodogram, and fits to them.

use std::f64::consts::PI;

use astro_core::{check_finite, check_lengths};
use astro_infer::Cholesky;

use crate::error::{Result, require, require_positive};

/// A peak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// Where it is highest.
    pub x: f64,
    /// How high.
    pub height: f64,
}

/// The highest point of each run of values at or above a threshold, highest first.
///
/// ```
/// use astro_timing::pulsation::best_peaks;
/// let x = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
/// let peaks = best_peaks(&x, &[0.0, 5.0, 6.0, 0.0, 9.0, 0.0], 4.0)?;
/// assert_eq!(peaks.iter().map(|p| p.x).collect::<Vec<_>>(), [4.0, 2.0]);
/// # Ok::<(), astro_timing::Error>(())
/// ```
///
/// # Errors
/// Arrays of different length.
#[doc(alias = "search_best_peaks")]
pub fn best_peaks(x: &[f64], values: &[f64], threshold: f64) -> Result<Vec<Peak>> {
    check_lengths("values", values.len(), "x", x.len())?;
    let mut peaks: Vec<Peak> = Vec::new();
    let mut inside = false;
    for (&x, &height) in x.iter().zip(values) {
        // NaN is no peak either.
        let high = height >= threshold;
        if !high {
            inside = false;
            continue;
        }
        match peaks.last_mut() {
            Some(peak) if inside => {
                if height > peak.height {
                    *peak = Peak { x, height };
                }
            }
            _ => peaks.push(Peak { x, height }),
        }
        inside = true;
    }
    peaks.sort_by(|a, b| b.height.total_cmp(&a.height));
    Ok(peaks)
}

/// The shape of a peak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeakShape {
    /// A [sin(π x/w)/(π x/w)]²: the response of an observation of length 1/w to a
    /// sinusoid; w is the distance from the centre to the first zero.
    SincSquared,
    /// A exp(−x²/2w²).
    Gaussian,
}

/// A fitted peak.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PeakFit {
    /// Height above the base.
    pub amplitude: f64,
    /// Centre.
    pub center: f64,
    /// w of the shape.
    pub width: f64,
    /// Level beside the peak.
    pub base: f64,
    /// Root mean square of what is left.
    pub residual: f64,
}

/// Least-squares fit of a peak on a constant base, with equal weights, from a start near
/// the peak: Stingray's `fit_sinc` and `fit_gaussian`.
///
/// The width may be held, as that of the sinc² of a known exposure should be.
///
/// # Errors
/// Fewer than five points, numbers that are not finite, a start or width that makes no
/// sense, a fit that does not converge.
pub fn fit_peak(
    x: &[f64],
    values: &[f64],
    shape: PeakShape,
    start_center: f64,
    start_width: f64,
    hold_width: bool,
) -> Result<PeakFit> {
    check_lengths("values", values.len(), "x", x.len())?;
    check_finite("x", x.iter().copied())?;
    check_finite("values", values.iter().copied())?;
    require(
        "number of points",
        x.len() as f64,
        x.len() >= 5,
        "at least 5",
    )?;
    check_finite("start_center", [start_center])?;
    require_positive("start_width", start_width)?;
    let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    require_positive("highest less lowest value", highest - lowest)?;
    // Offsets from the start in widths: well scaled whatever the units of x.
    let mut p = [highest - lowest, 0.0, 1.0, lowest];
    let free = if hold_width {
        [0, 1, 3].as_slice()
    } else {
        &[0, 1, 2, 3]
    };
    let u: Vec<f64> = x.iter().map(|x| (x - start_center) / start_width).collect();
    let mut best = squares(&u, values, shape, &p);
    let mut damping = 1e-3;
    for _ in 0..200 {
        let Some(step) = step(&u, values, shape, &p, free, damping) else {
            break;
        };
        let mut next = p;
        free.iter().zip(&step).for_each(|(&i, s)| next[i] += s);
        let found = squares(&u, values, shape, &next);
        if next[2] > 0.0 && found <= best {
            let gain = best - found;
            (p, best) = (next, found);
            damping = (damping * 0.3f64).max(1e-12);
            if gain <= 1e-14 * best.max(f64::MIN_POSITIVE) {
                break;
            }
        } else {
            damping *= 5.0;
            if damping > 1e12 {
                break;
            }
        }
    }
    require(
        "width of the fitted peak",
        p[2],
        p[2] > 0.0 && p[2].is_finite(),
        "above 0: start nearer",
    )?;
    Ok(PeakFit {
        amplitude: p[0],
        center: start_center + p[1] * start_width,
        width: p[2] * start_width,
        base: p[3],
        residual: (best / x.len() as f64).sqrt(),
    })
}

/// The shape and its derivative at an offset in widths.
fn profile(shape: PeakShape, v: f64) -> (f64, f64) {
    match shape {
        PeakShape::Gaussian => {
            let g = (-0.5 * v * v).exp();
            (g, -v * g)
        }
        PeakShape::SincSquared => {
            let a = PI * v;
            if a.abs() < 1e-3 {
                return (1.0 - a * a / 3.0, -2.0 * PI * a / 3.0);
            }
            let sinc = a.sin() / a;
            (sinc * sinc, 2.0 * sinc * PI * (a.cos() - sinc) / a)
        }
    }
}

fn squares(u: &[f64], values: &[f64], shape: PeakShape, p: &[f64; 4]) -> f64 {
    let residual = |(u, y): (&f64, &f64)| y - p[3] - p[0] * profile(shape, (u - p[1]) / p[2]).0;
    u.iter()
        .zip(values)
        .map(|point| residual(point).powi(2))
        .sum()
}

/// A Levenberg–Marquardt step of the free parameters.
fn step(
    u: &[f64],
    values: &[f64],
    shape: PeakShape,
    p: &[f64; 4],
    free: &[usize],
    damping: f64,
) -> Option<Vec<f64>> {
    let n = free.len();
    let mut matrix = ndarray::Array2::zeros((n, n));
    let mut right = vec![0.0; n];
    for (u, y) in u.iter().zip(values) {
        let v = (u - p[1]) / p[2];
        let (g, slope) = profile(shape, v);
        let all = [g, -p[0] * slope / p[2], -p[0] * slope * v / p[2], 1.0];
        let residual = y - p[3] - p[0] * g;
        for (i, &a) in free.iter().enumerate() {
            right[i] += all[a] * residual;
            for (j, &b) in free.iter().enumerate() {
                matrix[[i, j]] += all[a] * all[b];
            }
        }
    }
    for i in 0..n {
        matrix[[i, i]] *= 1.0 + damping;
    }
    Some(Cholesky::new(matrix.view()).ok()?.solve(&right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_peaks_are_found() {
        for shape in [PeakShape::SincSquared, PeakShape::Gaussian] {
            let x: Vec<f64> = (0..60).map(|k| 4.5 + 1e-4 * f64::from(k)).collect();
            let values: Vec<f64> = x
                .iter()
                .map(|x| 2.0 + 50.0 * profile(shape, (x - 4.503_12) / 9e-4).0)
                .collect();
            let fit = fit_peak(&x, &values, shape, 4.5028, 1.2e-3, false).unwrap();
            assert!((fit.center - 4.503_12).abs() < 1e-9, "{fit:?}");
            assert!((fit.width / 9e-4 - 1.0).abs() < 1e-6);
            assert!((fit.amplitude - 50.0).abs() < 1e-5 && (fit.base - 2.0).abs() < 1e-5);
            let held = fit_peak(&x, &values, shape, 4.5028, 9e-4, true).unwrap();
            assert!((held.center - 4.503_12).abs() < 1e-9 && held.width == 9e-4);
        }
    }

    #[test]
    fn derivatives_are_right() {
        for shape in [PeakShape::SincSquared, PeakShape::Gaussian] {
            for v in [-2.3, -0.5, 1e-5, 0.7, 1.9] {
                let h = 1e-6;
                let numeric = (profile(shape, v + h).0 - profile(shape, v - h).0) / (2.0 * h);
                assert!((numeric - profile(shape, v).1).abs() < 1e-8);
            }
        }
    }

    #[test]
    fn nothing_above_the_threshold_is_no_peak() {
        assert!(
            best_peaks(&[1.0, 2.0], &[0.0, f64::NAN], 1.0)
                .unwrap()
                .is_empty()
        );
        assert!(fit_peak(&[1.0; 6], &[1.0; 6], PeakShape::Gaussian, 1.0, 1.0, false).is_err());
    }
}
