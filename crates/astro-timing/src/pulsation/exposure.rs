//! How long each pulse phase was observed.

use astro_core::GoodTimeIntervals;

use super::TimingSolution;

/// Seconds of good time in each of `bins` equal phase bins.
///
/// Within an interval time runs evenly with phase, at the interval's mean frequency: what
/// a drift of the frequency by ḟT changes of a bin is smaller than T/bins by the factor
/// ḟT/f. Intervals of many turns expose all bins alike but for their ends.
pub fn phase_exposure_s(
    solution: &TimingSolution,
    gti: &GoodTimeIntervals,
    bins: usize,
) -> Vec<f64> {
    let mut exposure = vec![0.0; bins];
    for interval in gti.intervals() {
        let (begin, end) = (
            solution.turns(interval.start),
            solution.turns(interval.stop),
        );
        let turns = (end.high - begin.high) + (end.low - begin.low);
        if turns <= 0.0 {
            continue;
        }
        let length = interval.stop - interval.start;
        let seconds_per_turn = length / turns;
        add(&mut exposure, begin.fraction(), turns, seconds_per_turn);
    }
    exposure
}

/// Adds `turns` turns that begin at phase `begin` in [0, 1).
fn add(exposure: &mut [f64], begin: f64, turns: f64, seconds_per_turn: f64) {
    let bins = exposure.len() as f64;
    let whole = turns.floor();
    for bin in exposure.iter_mut() {
        *bin += whole * seconds_per_turn / bins;
    }
    // What is left lies in [begin, begin + 1): at most two runs of bins.
    let end = begin + (turns - whole);
    for (low, high) in [(begin, end.min(1.0)), (0.0, end - 1.0)] {
        if high <= low {
            continue;
        }
        let last = exposure.len() - 1;
        let first_bin = ((low * bins) as usize).min(last);
        let last_bin = ((high * bins) as usize).min(last);
        for bin in first_bin..=last_bin {
            let left = low.max(bin as f64 / bins);
            let right = high.min((bin + 1) as f64 / bins);
            exposure[bin] += (right - left).max(0.0) * seconds_per_turn;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exposure_is_the_time_in_each_bin() {
        let solution = TimingSolution::new(1.3, 0.37).with_derivatives(2e-7, 0.0);
        let gti = GoodTimeIntervals::new([(0.0, 1.9), (2.5, 4.0), (100.25, 131.0)]).unwrap();
        let found = phase_exposure_s(&solution, &gti, 7);
        // Midpoints of many small steps.
        let mut expected = vec![0.0; 7];
        for interval in gti.intervals() {
            let steps = 200_000;
            let width = (interval.stop - interval.start) / f64::from(steps);
            for k in 0..steps {
                let time = interval.start + (f64::from(k) + 0.5) * width;
                expected[(solution.phase(time) * 7.0) as usize] += width;
            }
        }
        for (a, b) in found.iter().zip(&expected) {
            // A few steps of 1.5e-4 s at the edges of bins.
            assert!((a - b).abs() < 2e-3, "{found:?} {expected:?}");
        }
        let total: f64 = found.iter().sum();
        assert!((total - gti.exposure_s()).abs() < 1e-12);
    }
}
