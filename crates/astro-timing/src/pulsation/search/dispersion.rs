//! Phase dispersion of a light curve on a grid of trials.

use astro_core::{check_finite, check_lengths};
use ndarray::Array2;
use rayon::prelude::*;

use super::SearchGrid;
use crate::error::{Result, require};
use crate::pulsation::phase_dispersion;

/// Stellingwerf's Θ of values at times, `[derivatives, frequencies]`: smallest where the
/// values repeat. [`crate::statistics::phase_dispersion_probability`] says how significant.
///
/// # Errors
/// A grid that makes no sense; arrays of different length; numbers that are not finite; fewer
/// values than bins, or all equal.
pub fn phase_dispersion_search(
    times_s: &[f64],
    values: &[f64],
    grid: &SearchGrid,
    bins: usize,
) -> Result<Array2<f64>> {
    grid.check()?;
    check_lengths("values", values.len(), "times_s", times_s.len())?;
    check_finite("times_s", times_s.iter().copied())?;
    let n = values.len();
    require(
        "number of values",
        n as f64,
        n > bins,
        "more than the bins of a profile",
    )?;
    let one = |trial: usize| {
        let solution = grid.solution(trial / grid.frequencies, trial % grid.frequencies);
        phase_dispersion(&solution.phases(times_s), values, bins)
    };
    let found: Result<Vec<f64>> = (0..grid.trials()).into_par_iter().map(one).collect();
    let found = found?;
    Ok(Array2::from_shape_fn(
        (grid.frequency_dots, grid.frequencies),
        |(dot, frequency)| found[dot * grid.frequencies + frequency],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_found() {
        // Uneven times, a shape far from a sinusoid.
        let times: Vec<f64> = (0..600)
            .map(|k| f64::from(k) * 0.37 + 0.1 * f64::from(k * k % 7))
            .collect();
        let values: Vec<f64> = times
            .iter()
            .map(|t| if (t * 0.83).fract() < 0.15 { 5.0 } else { 1.0 })
            .collect();
        let grid = SearchGrid::new(0.0, 0.7, 5e-4, 501);
        let found = phase_dispersion_search(&times, &values, &grid, 20).unwrap();
        let (mut best, mut least) = (0, f64::INFINITY);
        for (j, &theta) in found.row(0).iter().enumerate() {
            if theta < least {
                (best, least) = (j, theta);
            }
        }
        assert!(
            (grid.frequency(best) - 0.83).abs() < 6e-4 && least < 0.2,
            "{least}"
        );
        let typical = found.iter().sum::<f64>() / 501.0;
        assert!((typical - 1.0).abs() < 0.1, "{typical}");
    }
}
