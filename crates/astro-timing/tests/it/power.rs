//! Power spectra against direct sums, statistics and each other.

use std::f64::consts::TAU;

use astro_core::{GoodTimeIntervals, merge_tree};
use astro_timing::statistics::power_probability;
use astro_timing::{
    Averaging, Compat, EventList, LightCurve, Normalization, PowerSpectrumPlan, Rebinning,
    SegmentBlocks, SpectrumSums,
};
use num_complex::Complex64;

use super::support::{Pulls, Random, Trickle, constant, on_threads, red_noise};

fn gti(length: f64) -> GoodTimeIntervals {
    GoodTimeIntervals::single(0.0, length).unwrap()
}

/// Mean |X_k|² over segments, by sums over bins.
fn direct(curve: &[f64], bins: usize, k: usize) -> f64 {
    let segments = curve.chunks_exact(bins);
    let count = segments.len() as f64;
    let power = |segment: &[f64]| {
        let terms = segment.iter().enumerate();
        let x: Complex64 = terms
            .map(|(j, x)| x * Complex64::cis(-TAU * ((j * k) % bins) as f64 / bins as f64))
            .sum();
        x.norm_sqr()
    };
    segments.map(power).sum::<f64>() / count
}

#[test]
fn powers_are_direct_sums_for_even_and_odd_lengths() {
    let mut random = Random::new(1);
    for bins in [15_usize, 16, 27] {
        let counts: Vec<f64> = (0..4 * bins)
            .map(|_| (random.uniform() * 9.0).floor())
            .collect();
        let times: Vec<f64> = (0..counts.len()).map(|i| 0.5 * i as f64 + 0.25).collect();
        let curve = LightCurve::new(times, counts.clone(), 0.5).unwrap();
        let plan = PowerSpectrumPlan::<f64>::new(0.5 * bins as f64, 0.5).unwrap();
        let raw = plan
            .normalization(Normalization::Unnormalized)
            .execute_curve(&curve)
            .unwrap();
        assert_eq!(raw.power.len(), (bins - 1) / 2);
        for (index, power) in raw.power.iter().enumerate() {
            let truth = direct(&counts, bins, index + 1);
            assert!(
                (power - truth).abs() < 1e-10 * truth.max(1.0),
                "{bins} {index}"
            );
        }
        // The normalisations of the textbook, from the mean counts of a segment.
        let n = curve.total() / 4.0;
        let length = 0.5 * bins as f64;
        for (normalization, factor) in [
            (Normalization::Leahy, 2.0 / n),
            (Normalization::FractionalRms, 2.0 * length / (n * n)),
            (Normalization::AbsoluteRms, 2.0 / length),
        ] {
            let spectrum = raw.to_normalization(normalization).unwrap();
            assert!((spectrum.power[2] - raw.power[2] * factor).abs() < 1e-12 * spectrum.power[2]);
        }
    }
}

#[test]
fn events_and_their_light_curve_have_the_same_spectrum() {
    let events = constant(30.0, &gti(200.0), 2);
    let curve = LightCurve::from_events(&events, 0.125).unwrap();
    let plan = PowerSpectrumPlan::<f64>::new(16.0, 0.125).unwrap();
    let (a, b) = (
        plan.execute(&events).unwrap(),
        plan.execute_curve(&curve).unwrap(),
    );
    assert_eq!(a, b);
}

#[test]
fn poisson_noise_has_the_level_2_and_its_scatter() {
    let mut pulls = Pulls::default();
    for seed in 0..20 {
        let plan = PowerSpectrumPlan::<f64>::new(8.0, 0.0625).unwrap();
        let plan = plan.normalization(Normalization::Leahy);
        let spectrum = plan.execute(&constant(40.0, &gti(800.0), seed)).unwrap();
        assert_eq!(spectrum.segments, 100);
        spectrum
            .power
            .iter()
            .for_each(|&power| pulls.add(power, 2.0, 2.0 / 10.0));
    }
    // 20 · 63 powers: means to 1/√1260 = 0.028, scatter to 0.02; three of each.
    pulls.check("Leahy powers", 0.085, 0.06);
}

#[test]
fn probabilities_of_noise_are_uniform() {
    let plan = PowerSpectrumPlan::<f64>::new(8.0, 0.0625).unwrap();
    let plan = plan.normalization(Normalization::Leahy);
    let mut probabilities = Vec::new();
    for seed in 100..110 {
        let spectrum = plan.execute(&constant(60.0, &gti(32.0), seed)).unwrap();
        probabilities.extend(
            spectrum
                .power
                .iter()
                .map(|&power| power_probability(power, 4.0).unwrap().value()),
        );
    }
    probabilities.sort_by(f64::total_cmp);
    let n = probabilities.len() as f64;
    let distance = probabilities
        .iter()
        .enumerate()
        .map(|(i, p)| (p - (i as f64 + 0.5) / n).abs());
    // The Kolmogorov-Smirnov distance that is exceeded once in a thousand times is 1.95/√n.
    assert!(distance.fold(0.0, f64::max) < 1.95 / n.sqrt());
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let events = constant(50.0, &gti(2000.0), 3);
    let plan = PowerSpectrumPlan::<f64>::new(2.0, 0.01).unwrap();
    let one = on_threads(1, || plan.execute(&events).unwrap());
    for threads in [2, 5] {
        assert_eq!(
            one,
            on_threads(threads, || plan.execute(&events).unwrap()),
            "{threads}"
        );
    }
    // As do ranks that each sum some of the blocks.
    let segments = plan.segments(&events).unwrap();
    let blocks = SegmentBlocks::new(segments.len(), segments.bins());
    assert!(blocks.len() > 10);
    let mut sums: Vec<SpectrumSums> = plan.block_sums(&events, &segments, 0..3).unwrap();
    sums.extend(
        plan.block_sums(&events, &segments, 3..blocks.len())
            .unwrap(),
    );
    assert_eq!(
        one,
        plan.finish(&merge_tree(sums), segments.bins()).unwrap()
    );
}

#[test]
fn a_stream_gives_the_bits_of_an_array() {
    let good = GoodTimeIntervals::new([[0.0, 50.0], [60.0, 61.0], [70.5, 200.0]]).unwrap();
    let events = constant(50.0, &good, 4);
    let plan = PowerSpectrumPlan::<f64>::new(4.0, 0.02).unwrap();
    let whole = plan.execute(&events).unwrap();
    assert_eq!(whole.segments, 12 + 32);
    assert_eq!(whole, plan.execute(&Trickle(&events, 7)).unwrap());
}

#[test]
fn single_precision_is_as_good_as_it_says() {
    let events = constant(200.0, &gti(256.0), 5);
    let double = PowerSpectrumPlan::<f64>::new(64.0, 1.0 / 256.0).unwrap();
    let single = PowerSpectrumPlan::<f32>::new(64.0, 1.0 / 256.0).unwrap();
    let (a, b) = (
        double.execute(&events).unwrap(),
        single.execute(&events).unwrap(),
    );
    let peak = a.power.iter().copied().fold(0.0, f64::max);
    let worst = a
        .power
        .iter()
        .zip(&b.power)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max);
    assert!(worst < 1e-6 * peak && worst > 0.0, "{}", worst / peak);
}

#[test]
fn segments_that_do_not_fit_are_explained() {
    let good = GoodTimeIntervals::new([[0.0, 100.0], [200.0, 500.0]]).unwrap();
    let plan = PowerSpectrumPlan::<f64>::new(512.0, 0.5).unwrap();
    let error = plan
        .execute(&constant(1.0, &good, 6))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("512 s exceeds the longest good time interval (300 s, interval 1 of 2)"),
        "{error}"
    );
    let nothing = EventList::new(Vec::new(), good).unwrap();
    let plan = PowerSpectrumPlan::<f64>::new(50.0, 0.5).unwrap();
    let error = plan.execute(&nothing).unwrap_err().to_string();
    assert!(
        error.contains("none of the 8 segments has any counts"),
        "{error}"
    );
    assert!(PowerSpectrumPlan::<f64>::new(-1.0, 0.5).is_err());
}

#[test]
fn empty_segments_are_data() {
    // Half a count a segment: six in ten segments are empty.
    let (mut ours, mut kept) = (Pulls::default(), Pulls::default());
    for seed in 200..230 {
        let events = constant(0.5, &gti(2000.0), seed);
        let plan = || {
            PowerSpectrumPlan::<f64>::new(1.0, 0.125)
                .unwrap()
                .normalization(Normalization::Leahy)
        };
        let spectrum = plan().execute(&events).unwrap();
        assert_eq!(spectrum.segments, 2000);
        assert!((spectrum.empty_segments as f64 / 2000.0 - f64::exp(-0.5)).abs() < 0.05);
        // The common mean takes the variance of the counts out: P/√M is what is left.
        for (&power, &error) in spectrum.power.iter().zip(&spectrum.error) {
            ours.add(power, 2.0, error);
        }
        let peer = plan().compat(Compat::Stingray).execute(&events).unwrap();
        assert!(peer.segments + peer.empty_segments <= 2000);
        for (&power, &error) in peer.power.iter().zip(&peer.error) {
            kept.add(power, 2.0, error);
        }
    }
    // 90 pulls.
    ours.check("powers of few photons", 0.4, 0.3);
    // Counting only the segments kept overstates errors by 30 %.
    assert!(kept.deviation() < 0.9 * ours.deviation());
    let each = PowerSpectrumPlan::<f64>::new(1.0, 0.125)
        .unwrap()
        .averaging(Averaging::EachSegment);
    let spectrum = each.execute(&constant(0.5, &gti(2000.0), 7)).unwrap();
    assert_eq!(spectrum.segments + spectrum.empty_segments, 2000);
    assert!(spectrum.power.iter().all(|power| power.is_finite()));
}

#[test]
fn known_rms_is_recovered_with_its_error() {
    let mut pulls = Pulls::default();
    let mut log_pulls = Pulls::default();
    // The power of 1/(1 + f²) between 0.25 and 2 Hz over that between 1/T and Nyquist.
    let total = (50.0_f64).atan() - (1.0 / 400.0_f64).atan();
    let edges = [0.25 - 0.0625, 2.0 + 0.0625];
    let truth = 0.25 * ((f64::atan(edges[1]) - f64::atan(edges[0])) / total).sqrt();
    for seed in 300..340 {
        let series = red_noise(400.0, 400.0, seed);
        let events = astro_timing::simulate::events_from_rate(&series, seed + 1000).unwrap();
        let events = EventList::new(events, gti(400.0)).unwrap();
        let spectrum = PowerSpectrumPlan::<f64>::new(8.0, 0.03125)
            .unwrap()
            .execute(&events)
            .unwrap();
        let rms = spectrum.band_rms(0.25, 2.0, None).unwrap();
        pulls.add(rms.rms, truth, rms.error);
        let log = spectrum.rebinned(Rebinning::Logarithmic(0.05)).unwrap();
        let rms = log.band_rms(0.25, 2.0, None).unwrap();
        log_pulls.add(rms.rms, truth, rms.error);
    }
    // 40 pulls: mean to 0.16, scatter to 0.11. Leakage of the red noise adds a few per cent of
    // the error.
    pulls.check("rms", 0.5, 0.35);
    assert!(log_pulls.deviation() < 1.4 && log_pulls.mean().abs() < 1.5);
}

#[test]
fn dynamical_rows_average_to_the_spectrum() {
    let events = constant(80.0, &gti(100.0), 8);
    let plan = PowerSpectrumPlan::<f64>::new(5.0, 0.05)
        .unwrap()
        .normalization(Normalization::Leahy);
    let spectrum = plan.execute(&events).unwrap();
    let dynamical = plan.dynamical(&events).unwrap();
    assert_eq!(dynamical.time_s[0], 2.5);
    let mean = dynamical.rebinned_by_rows(20).unwrap();
    for (a, b) in mean.values.iter().zip(&spectrum.power) {
        assert!((a - b).abs() < 1e-10);
    }
    let row = dynamical.row(3).unwrap();
    assert_eq!(row.power.len(), spectrum.power.len());
    // Streamed rows are those of the array, in order.
    let mut next = 0;
    let shape = plan
        .stream_rows(&events, &astro_core::NoProgress, |row| {
            assert_eq!(row.index, next);
            assert_eq!(row.values, dynamical.values.row(next).to_vec());
            next += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!((next, shape.rows), (20, 20));
}

#[test]
fn a_moving_frequency_is_traced_and_stands_still_when_shifted() {
    // A strong modulation that moves from 2 to 4 Hz in 16 segments of 8 s.
    let mut random = Random::new(9);
    let (mut times, mut rows) = (Vec::new(), Vec::new());
    for segment in 0..16 {
        let f = 2.0 + f64::from(segment) / 8.0;
        rows.push(f);
        for j in 0..8000 {
            let t = 8.0 * f64::from(segment) + f64::from(j) / 1000.0;
            if random.uniform() < 0.1 * (1.0 + 0.8 * (TAU * f * t).sin()) {
                times.push(t);
            }
        }
    }
    let events = EventList::new(times, gti(128.0)).unwrap();
    let plan = PowerSpectrumPlan::<f64>::new(8.0, 0.05)
        .unwrap()
        .normalization(Normalization::Leahy);
    let dynamical = plan.dynamical(&events).unwrap();
    let found = dynamical.trace_maximum(1.0, 6.0).unwrap();
    for (bin, f) in found.iter().zip(&rows) {
        assert!((dynamical.bins.frequency_hz[*bin] - f).abs() < 0.13);
    }
    let shifted = dynamical.shift_and_add(&rows, 11).unwrap();
    let largest = (0..11).max_by(|&a, &b| shifted.power[a].total_cmp(&shifted.power[b]));
    assert_eq!(largest, Some(5));
    assert!((shifted.frequency_hz()[5] - 2.9375).abs() < 1e-12);
    assert_eq!(shifted.bins.averages[5], 16.0);
}
