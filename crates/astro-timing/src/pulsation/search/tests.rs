//! Searches against direct sums and each other; signals of known frequency.

use super::*;
use crate::pulsation::{PulseProfile, TimingSolution, h_test, z_squared, z_squared_of_harmonics};
use crate::simulate::{PulseShape, pulsed_events};
use crate::statistics::TailProbability;
use astro_core::{EventColumns, TimeReference};

const SEED: u64 = 20_210_101;

fn pulsar(seed: u64) -> (TimingSolution, Vec<f64>) {
    let spin = TimingSolution::new(1e8, 3.217).with_derivatives(-2e-5, 0.0);
    let pulse = PulseShape {
        harmonics: vec![(0.15, 0.2), (0.1, 0.6)],
    };
    let phase = |t: f64| spin.phase(t);
    let times = pulsed_events(1e8, 1e8 + 500.0, 12.0, &pulse, &phase, seed).unwrap();
    (spin, times)
}

fn gti() -> GoodTimeIntervals {
    GoodTimeIntervals::new([(1e8, 1e8 + 201.3), (1e8 + 230.0, 1e8 + 500.0)]).unwrap()
}

fn grid() -> SearchGrid {
    SearchGrid::new(1e8 + 250.0, 3.1, 5e-4, 301).with_dots(-4e-5, 1e-5, 5)
}

/// An event list in memory that hands out runs of odd lengths.
struct Memory {
    times: Vec<f64>,
    gti: GoodTimeIntervals,
    reference: TimeReference,
    run: usize,
}

impl EventSource for Memory {
    type Error = std::io::Error;

    fn reference(&self) -> &TimeReference {
        &self.reference
    }

    fn gti(&self) -> &GoodTimeIntervals {
        &self.gti
    }

    fn count(&self, start: f64, stop: f64) -> std::io::Result<u64> {
        let inside = self.times.iter().filter(|&&t| t >= start && t < stop);
        Ok(inside.count() as u64)
    }

    fn visit(
        &self,
        start: f64,
        stop: f64,
        _: WantedColumns,
        visit: &mut dyn FnMut(EventColumns<'_>),
    ) -> std::io::Result<()> {
        let begin = self.times.partition_point(|&t| t < start);
        let end = self.times.partition_point(|&t| t < stop);
        for times in self.times[begin..end].chunks(self.run) {
            visit(EventColumns {
                times,
                ..EventColumns::default()
            });
        }
        Ok(())
    }
}

/// Both ways of summing against the phases of every trial, one by one.
#[test]
fn sums_are_those_of_every_trial() {
    let (_, times) = pulsar(SEED);
    let good = gti();
    let inside: Vec<f64> = times
        .iter()
        .copied()
        .filter(|&t| good.contains(t))
        .collect();
    for harmonics in [1, 2, 5] {
        let statistic = PulseStatistic::ZSquared { harmonics };
        let plan = SearchPlan::new(grid(), statistic);
        let recurrence = plan
            .clone()
            .method(SumMethod::Recurrence)
            .search(&times, &good)
            .unwrap();
        let nufft = plan
            .method(SumMethod::Nufft { rel_error: 1e-12 })
            .search(&times, &good)
            .unwrap();
        assert_eq!(recurrence.events, inside.len() as u64);
        for (dot, frequency) in [(0, 0), (2, 234), (4, 300), (1, 127), (3, 128)] {
            let phases = grid().solution(dot, frequency).phases(&inside);
            let direct = z_squared(&phases, harmonics).unwrap();
            // Phasors lose 128 · 2 ε each: 6·10⁻¹⁴ of N = 5600 in a sum of at most N.
            let tolerance = 1e-9 * (1.0 + direct);
            assert!((recurrence.statistic[[dot, frequency]] - direct).abs() < tolerance);
            // 10⁻¹² N in each sum of √(N Z²/2): 4 · 10⁻¹² √(N Z²).
            let tolerance = 1e-7 * (1.0 + direct.sqrt()) * harmonics as f64;
            assert!((nufft.statistic[[dot, frequency]] - direct).abs() < tolerance);
        }
    }
    let h = SearchPlan::new(grid(), PulseStatistic::H { harmonics: 20 });
    let found = h
        .method(SumMethod::Recurrence)
        .search(&times, &good)
        .unwrap();
    let phases = grid().solution(2, 230).phases(&inside);
    let direct = h_test(&z_squared_of_harmonics(&phases, 20).unwrap());
    assert!((found.statistic[[2, 230]] - direct.h).abs() < 1e-7);
}

#[test]
fn profiles_are_those_of_every_trial() {
    let (_, times) = pulsar(SEED);
    let good = gti();
    let folding = SearchPlan::new(grid(), PulseStatistic::EpochFolding { bins: 20 });
    let binned = SearchPlan::new(
        grid(),
        PulseStatistic::BinnedZSquared {
            harmonics: 2,
            bins: 20,
        },
    );
    let folded = folding.search(&times, &good).unwrap();
    let z = binned.search(&times, &good).unwrap();
    for (dot, frequency) in [(0, 0), (2, 234), (4, 300), (1, 127), (3, 128)] {
        let solution = grid().solution(dot, frequency);
        let profile = PulseProfile::fold(&times, &good, &solution, 20).unwrap();
        // The same integers: a photon within 10⁻¹⁴ turns of an edge might differ, none does.
        let direct = profile.epoch_folding().unwrap().statistic;
        assert!((folded.statistic[[dot, frequency]] - direct).abs() < 1e-9);
        let direct = profile.z_squared(2).unwrap().statistic;
        assert!((z.statistic[[dot, frequency]] - direct).abs() < 1e-9);
    }
}

#[test]
fn out_of_core_has_the_same_bits_on_any_number_of_threads() {
    let (_, times) = pulsar(SEED);
    for (statistic, method) in [
        (
            PulseStatistic::ZSquared { harmonics: 2 },
            SumMethod::Recurrence,
        ),
        (
            PulseStatistic::ZSquared { harmonics: 2 },
            SumMethod::Automatic,
        ),
        (
            PulseStatistic::EpochFolding { bins: 16 },
            SumMethod::Automatic,
        ),
    ] {
        for segment in [None, Some(120.0)] {
            let mut plan = SearchPlan::new(grid(), statistic).method(method);
            if let Some(length) = segment {
                plan = plan.segment_s(length);
            }
            let memory = plan.search(&times, &gti()).unwrap();
            for (run, threads) in [(1, 1), (97, 3), (100_000, 2)] {
                let source = Memory {
                    times: times.clone(),
                    gti: gti(),
                    reference: TimeReference::default(),
                    run,
                };
                let pool = rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .build()
                    .unwrap();
                let found = pool.install(|| plan.search_source(&source)).unwrap();
                assert_eq!(found.statistic, memory.statistic);
                assert_eq!(found.segments, memory.segments);
                assert!(matches!(
                    found.warnings[..],
                    [FoldWarning::NotBarycentred { .. }]
                ));
            }
        }
    }
}

#[test]
fn segments_are_averaged() {
    let (_, times) = pulsar(SEED);
    let whole = GoodTimeIntervals::single(1e8, 1e8 + 500.0).unwrap();
    let plan = SearchPlan::new(grid(), PulseStatistic::ZSquared { harmonics: 1 }).segment_s(150.0);
    let found = plan.search(&times, &whole).unwrap();
    assert_eq!((found.segments, found.segments_skipped), (4, 0));
    let phases_of = |k: usize| -> Vec<f64> {
        let (begin, end) = (
            times[0] + 150.0 * k as f64,
            times[0] + 150.0 * (k + 1) as f64,
        );
        let inside = times.iter().filter(|&&t| t >= begin && t < end);
        inside.map(|&t| grid().solution(2, 100).phase(t)).collect()
    };
    let mean = (0..4)
        .map(|k| z_squared(&phases_of(k), 1).unwrap())
        .sum::<f64>()
        / 4.0;
    assert!((found.statistic[[2, 100]] - mean).abs() < 1e-6);
    // χ² of 8 degrees of freedom: its tail at four times the mean of 2.
    let p = found.single_trial_probability(8.0).unwrap().value();
    let chi2 = |x: f64| (-0.5 * x).exp() * (1.0 + 0.5 * x + 0.125 * x * x + x.powi(3) / 48.0);
    assert!((p / chi2(32.0) - 1.0).abs() < 1e-12);
}

#[test]
fn a_pulsar_is_found_and_noise_is_not() {
    let (spin, times) = pulsar(SEED + 1);
    let whole = GoodTimeIntervals::single(1e8, 1e8 + 500.0).unwrap();
    let plan = SearchPlan::new(grid(), PulseStatistic::ZSquared { harmonics: 2 });
    let found = plan.search(&times, &whole).unwrap();
    let level = TailProbability::new(1e-3).unwrap();
    let candidates = found.candidates(level).unwrap();
    let truth = spin.at_epoch(1e8 + 250.0);
    assert!((candidates[0].solution.frequency_hz - truth.frequency_hz).abs() < 1e-3);
    assert!((candidates[0].solution.frequency_dot - truth.frequency_dot).abs() < 1.5e-5);
    assert_eq!(candidates[0].statistic, found.best().unwrap().statistic);

    let flat = PulseShape { harmonics: vec![] };
    let noise = pulsed_events(1e8, 1e8 + 500.0, 12.0, &flat, &|_| 0.0, SEED).unwrap();
    let found = plan.search(&noise, &whole).unwrap();
    assert!(found.candidates(level).unwrap().is_empty());
}

#[test]
fn an_orbit_is_removed() {
    let orbit = BinaryOrbit::circular(300.0, 1.5, 1e8 + 20.0);
    let ephemeris = crate::pulsation::Ephemeris {
        spin: TimingSolution::new(1e8 + 250.0, 3.2),
        orbit: Some(orbit),
    };
    let pulse = PulseShape::sinusoid(0.3);
    let phase = |t: f64| ephemeris.phase(t);
    let times = pulsed_events(1e8, 1e8 + 500.0, 20.0, &pulse, &phase, SEED).unwrap();
    let whole = GoodTimeIntervals::single(1e8, 1e8 + 500.0).unwrap();
    let grid = SearchGrid::new(1e8 + 250.0, 3.15, 5e-4, 201);
    let plan = SearchPlan::new(grid, PulseStatistic::ZSquared { harmonics: 1 });
    let smeared = plan.search(&times, &whole).unwrap().best().unwrap();
    let found = plan
        .orbit(orbit)
        .search(&times, &whole)
        .unwrap()
        .best()
        .unwrap();
    // N a²/2 = 450.
    assert!((found.statistic - 450.0).abs() < 5.0 * (4.0f64 * 450.0).sqrt());
    assert!(smeared.statistic < 0.3 * found.statistic);
    assert!((found.solution.frequency_hz - 3.2).abs() < 6e-4);
}

#[test]
fn disorder_and_emptiness_are_errors() {
    let plan = SearchPlan::new(grid(), PulseStatistic::ZSquared { harmonics: 1 });
    let message = plan.search(&[2.0, 1.0], &gti()).unwrap_err().to_string();
    assert!(
        message.contains("event 1") && message.contains("sort"),
        "{message}"
    );
    assert!(plan.search(&[f64::NAN], &gti()).is_err());
    assert!(plan.search(&[5.0], &gti()).is_err());
    let bad = SearchGrid {
        frequencies: 0,
        ..grid()
    };
    let plan = SearchPlan::new(bad, PulseStatistic::ZSquared { harmonics: 1 });
    assert!(plan.search(&[1e8], &gti()).is_err());
}
