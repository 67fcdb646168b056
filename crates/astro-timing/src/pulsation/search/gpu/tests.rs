//! Searches on every device and precision against the CPU's exact sums.

use astro_core::GoodTimeIntervals;
use astro_gpu::testing::on_every_precision;
use astro_gpu::{Gpu, Precision};

use super::*;
use crate::pulsation::SumMethod;
use crate::simulate::{PulseShape, pulsed_events};

#[test]
fn fractions_of_turns_keep_their_last_bits() {
    let word = |high: f64, low: f64| {
        let [low, high] = fixed(Pair { high, low });
        u64::from(high) << 32 | u64::from(low)
    };
    assert_eq!(word(5.25, 0.0), 1 << 62);
    assert_eq!(word(-0.25, 0.0), 3 << 62);
    // 2⁶⁰ turns and a rest that only the low part knows.
    assert_eq!(word(1.2e18, 2f64.powi(-40)), 1 << 24);
    // A negative rest is as much below a whole turn.
    assert_eq!(word(7.0, -(2f64.powi(-40))), 0u64.wrapping_sub(1 << 24));
}

/// Events at mission times of 10⁸ s.
fn events() -> (Vec<f64>, GoodTimeIntervals) {
    let start = 1e8;
    let spin = TimingSolution::new(start, 3.2).with_derivatives(1e-6, 0.0);
    let shape = PulseShape::sinusoid(0.4);
    let phase = |t: f64| spin.phase(t);
    let times = pulsed_events(start, start + 400.0, 5.0, &shape, &phase, 11).unwrap();
    (
        times,
        GoodTimeIntervals::single(start, start + 400.0).unwrap(),
    )
}

fn grid() -> SearchGrid {
    SearchGrid::new(1e8 - 50.0, 3.1, 1.0 / 1600.0, 333).with_dots(-1e-6, 1e-6, 3)
}

fn sums_agree(gpu: &Gpu, precision: Precision) {
    let (times, gti) = events();
    for statistic in [
        PulseStatistic::ZSquared { harmonics: 1 },
        PulseStatistic::ZSquared { harmonics: 2 },
        PulseStatistic::H { harmonics: 20 },
    ] {
        for segments in [None, Some(150.0)] {
            let mut plan = SearchPlan::new(grid(), statistic).method(SumMethod::Recurrence);
            if let Some(length) = segments {
                plan = plan.segment_s(length);
            }
            let truth = plan.search(&times, &gti).unwrap();
            let search = plan.build_on(gpu).unwrap();
            let found = search.search(&times, &gti).unwrap();
            // Z² is 2/N times a square of 2000 phasors, each good to ten roundings that average out:
            // √(2000 · 100) u of a sum that is 45 at least where Z² is 2; 20 harmonics add theirs.
            let tolerance = 400.0 * precision.unit_roundoff() + 1e-11;
            for (a, b) in found.statistic.iter().zip(&truth.statistic) {
                let scale = (b + 2.0) * statistic.harmonics() as f64;
                assert!(
                    (a - b).abs() < tolerance * scale,
                    "{a} for {b}, {statistic:?}, {precision}: {:e}",
                    (a - b).abs() / scale
                );
            }
            assert_eq!(found.segments, truth.segments);
            let best = |result: &SearchResult| {
                let trials = result.statistic.iter().enumerate();
                trials.max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0
            };
            assert_eq!(best(&found), best(&truth), "{precision}");
            assert_eq!(search.gpu_report().precision, precision);
        }
    }
}

#[test]
fn sums_of_phasors_agree_with_the_cpu() {
    // A search computes as callers in f64 do, unless the device was opened otherwise.
    on_every_precision(sums_agree, sums_agree);
}

#[test]
fn profiles_are_the_same_counts() {
    let (times, gti) = events();
    on_every_precision(
        |_, _| {},
        |gpu, _| {
            for bins in [2, 20, 33, 1024] {
                let statistic = PulseStatistic::EpochFolding { bins };
                let plan = SearchPlan::new(grid(), statistic);
                let truth = plan.search(&times, &gti).unwrap();
                let found = plan.build_on(gpu).unwrap().search(&times, &gti).unwrap();
                // The CPU rounds phases to 2⁻⁵³ turns, the device to 2⁻⁶⁴: an event at the border of
                // two bins may count in either. One such event changes χ² by a few units.
                let differ = found.statistic.iter().zip(&truth.statistic);
                let differ = differ.filter(|(a, b)| (*a - *b).abs() > 1e-9 * *b).count();
                assert!(differ <= 2, "{differ} of 999 trials differ, {bins} bins");
            }
        },
    );
}

#[test]
fn too_many_bins_are_refused() {
    on_every_precision(
        |_, _| {},
        |gpu, _| {
            let statistic = PulseStatistic::EpochFolding { bins: 2048 };
            let error = SearchPlan::new(grid(), statistic).build_on(gpu);
            assert!(error.unwrap_err().to_string().contains("at most 1024"));
        },
    );
}
