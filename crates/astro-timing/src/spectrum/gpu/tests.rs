//! Spectra on every device and precision against the CPU's in `f64`, which other tests compare with
//! direct sums.

use std::sync::atomic::{AtomicU64, Ordering};

use astro_core::{
    EventColumns, EventSource, GoodTimeIntervals, NoProgress, TimeReference, WantedColumns,
};
use astro_fft::FftReal;
use astro_gpu::testing::on_every_precision;
use astro_gpu::{Gpu, Precision};

use super::Sizes;
use crate::simulate::{PulseShape, pulsed_events};
use crate::{
    Averaging, Compat, CrossSpectrumPlan, EnergyBand, Error, EventList, EventSelection,
    Normalization, PowerSpectrumPlan,
};

/// Largest difference of a power, relative to itself plus the noise of the counts.
///
/// An amplitude differs by about √(log₂ N) roundings of the largest on the way, the zero frequency's:
/// √n times the noise. With n up to 4000 counts a segment and fifteen stages that is 250 unit
/// roundoffs of an amplitude, twice as many of a power; the largest of thousands of frequencies has
/// four times that. Extended has u = 2⁻⁴⁴, and what the CPU's `f64` itself lacks is below its share.
fn tolerance(precision: Precision) -> f64 {
    2000.0 * precision.unit_roundoff()
}

/// Events of 800 s with two gaps, pulsed at 3 Hz, and their energies.
fn events(rate: f64, seed: u64) -> EventList {
    let gti = GoodTimeIntervals::new([[0.0, 300.0], [310.5, 311.0], [350.0, 800.0]]).unwrap();
    let phase = |t: f64| (3.0 * t).rem_euclid(1.0);
    let shape = PulseShape::sinusoid(0.3);
    let times = pulsed_events(0.0, 800.0, rate, &shape, &phase, seed).unwrap();
    let times: Vec<f64> = times.into_iter().filter(|&t| gti.contains(t)).collect();
    let energies = (0..times.len()).map(|k| [1.5_f32, 4.0, 7.0][k % 3]);
    let energies = energies.collect();
    EventList::new(times, gti)
        .unwrap()
        .with_energies(energies)
        .unwrap()
}

fn agree(what: &str, found: &[f64], truth: &[f64], noise: f64, tolerance: f64) {
    assert_eq!(found.len(), truth.len(), "{what}");
    for (k, (a, b)) in found.iter().zip(truth).enumerate() {
        let scale = b.abs() + noise;
        assert!(
            (a - b).abs() <= tolerance * scale,
            "{what}: {a} for {b} at {k}, {:e} of {tolerance:e}",
            (a - b).abs() / scale
        );
    }
}

/// Small batches, so that a test has many.
fn small() -> Sizes {
    Sizes {
        batch_bins: 3000,
        batch_segments: 7,
        block_segments: 10,
        ticks: 400,
    }
}

fn power_agrees<T: FftReal>(gpu: &Gpu, precision: Precision) {
    let events = events(40.0, 1);
    // Even, odd, prime, with Bluestein's factors, one bin, one segment for all.
    let (common, each) = (Averaging::CommonMean, Averaging::EachSegment);
    for (segment_s, bins, averaging) in [
        (16.0, 512, each),
        (16.0, 375, common),
        (20.0, 251, common),
        (4.0, 22, each),
        (5.0, 1, common),
        (300.0, 4096, common),
    ] {
        for sizes in [Sizes::default(), small()] {
            let bin_s = segment_s / f64::from(bins);
            let plan = || {
                PowerSpectrumPlan::<f64>::new(segment_s, bin_s)
                    .unwrap()
                    .normalization(Normalization::Leahy)
                    .averaging(averaging)
            };
            let truth = plan().execute(&events).unwrap();
            let mut there = PowerSpectrumPlan::<T>::new(segment_s, bin_s)
                .unwrap()
                .normalization(Normalization::Leahy)
                .averaging(averaging)
                .build_on(gpu)
                .unwrap();
            there.backend.device.as_mut().unwrap().sizes = sizes;
            let found = there.execute(&events).unwrap();
            let what = format!("{bins} bins, {averaging:?}, {precision}");
            agree(&what, &found.power, &truth.power, 2.0, tolerance(precision));
            let shape = |s: &crate::PowerSpectrum| (s.segments, s.empty_segments, s.light.counts);
            assert_eq!(shape(&found), shape(&truth), "{what}");
            // The buffers of the first call serve the second, with the same bits.
            assert_eq!(there.execute(&events).unwrap(), found, "{what}");
        }
    }
    let report = PowerSpectrumPlan::<T>::new(16.0, 0.25).unwrap();
    let report = report.build_on(gpu).unwrap().gpu_report(64).unwrap();
    assert_eq!(report.precision, precision);
}

#[test]
fn powers_agree_with_the_cpu() {
    on_every_precision(power_agrees::<f32>, power_agrees::<f64>);
}

fn cross_agrees<T: FftReal>(gpu: &Gpu, precision: Precision) {
    let (subject, reference) = (events(30.0, 2), events(50.0, 3));
    let bands = [
        EnergyBand::new(3.0, 10.0).unwrap(),
        // They overlap.
        EnergyBand::new(1.0, 5.0).unwrap(),
    ];
    for (sizes, compat) in [
        (Sizes::default(), Compat::Correct),
        (small(), Compat::Correct),
        (small(), Compat::Stingray),
    ] {
        let here = CrossSpectrumPlan::<f64>::new(2.1, 0.03)
            .unwrap()
            .normalization(Normalization::Leahy)
            .compat(compat);
        let mut there = CrossSpectrumPlan::<T>::new(2.1, 0.03)
            .unwrap()
            .normalization(Normalization::Leahy)
            .compat(compat)
            .build_on(gpu)
            .unwrap();
        there.backend.device.as_mut().unwrap().sizes = sizes;
        let [subject_band, reference_band] = bands;
        let pairs = [
            (
                here.execute(&subject, &reference).unwrap(),
                there.execute(&subject, &reference).unwrap(),
            ),
            (
                here.execute_bands(&subject, subject_band, reference_band, &NoProgress)
                    .unwrap(),
                there
                    .execute_bands(&subject, subject_band, reference_band, &NoProgress)
                    .unwrap(),
            ),
        ];
        for (truth, found) in &pairs {
            let tolerance = tolerance(precision);
            let parts = |s: &crate::CrossSpectrum| {
                let re: Vec<f64> = s.cross.iter().map(|c| c.re).collect();
                let im: Vec<f64> = s.cross.iter().map(|c| c.im).collect();
                [re, im, s.subject_power.clone(), s.reference_power.clone()]
            };
            for (part, (a, b)) in parts(found).iter().zip(&parts(truth)).enumerate() {
                agree(&format!("part {part}, {precision}"), a, b, 2.0, tolerance);
            }
            assert_eq!(found.segments, truth.segments);
        }
    }
}

#[test]
fn cross_powers_agree_with_the_cpu() {
    on_every_precision(cross_agrees::<f32>, cross_agrees::<f64>);
}

#[test]
fn bright_bins_are_counted_exactly() {
    // 70 000 events in one bin: more than 16 bits, and more than go up at a time.
    let mut times = vec![0.75; 70_000];
    times.extend((0..64).map(|k| 1.0 + f64::from(k) / 64.0));
    let events = EventList::new(times, GoodTimeIntervals::single(0.0, 2.0).unwrap()).unwrap();
    on_every_precision(
        |_, _| {},
        |gpu, precision| {
            let plan = || {
                PowerSpectrumPlan::<f64>::new(2.0, 1.0 / 64.0)
                    .unwrap()
                    .normalization(Normalization::Unnormalized)
            };
            let truth = plan().execute(&events).unwrap();
            let mut there = plan().build_on(gpu).unwrap();
            there.backend.device.as_mut().unwrap().sizes = small();
            let found = there.execute(&events).unwrap();
            assert_eq!(found.light.counts, truth.light.counts);
            agree(
                "bright",
                &found.power,
                &truth.power,
                0.0,
                64.0 * precision.unit_roundoff(),
            );
        },
    );
}

/// Counts the events that are read.
struct Metered(EventList, AtomicU64);

impl EventSource for Metered {
    type Error = Error;

    fn reference(&self) -> &TimeReference {
        self.0.reference()
    }

    fn gti(&self) -> &GoodTimeIntervals {
        self.0.gti()
    }

    fn count(&self, start: f64, stop: f64) -> Result<u64, Error> {
        self.0.count(start, stop)
    }

    fn visit(
        &self,
        start: f64,
        stop: f64,
        wanted: WantedColumns,
        visit: &mut dyn FnMut(EventColumns<'_>),
    ) -> Result<(), Error> {
        self.0.visit(start, stop, wanted, &mut |columns| {
            self.1
                .fetch_add(columns.times.len() as u64, Ordering::Relaxed);
            visit(columns);
        })
    }
}

#[test]
fn selected_events_are_read_once() {
    on_every_precision(
        |_, _| {},
        |gpu, _| {
            let metered = Metered(events(20.0, 7), AtomicU64::new(0));
            let band = EnergyBand::new(1.0, 5.0).unwrap();
            let mut plan = PowerSpectrumPlan::<f64>::new(16.0, 0.25)
                .unwrap()
                .build_on(gpu)
                .unwrap();
            plan.backend.device.as_mut().unwrap().sizes = small();
            plan.execute(&EventSelection::energies(band).of(&metered))
                .unwrap();
            let read = metered.1.load(Ordering::Relaxed);
            assert!(
                read > 0 && read <= metered.0.len() as u64,
                "{read} of {}",
                metered.0.len()
            );
        },
    );
}

#[test]
fn what_has_no_kernel_says_so() {
    on_every_precision(
        |_, _| {},
        |gpu, _| {
            let events = events(10.0, 5);
            let plan = PowerSpectrumPlan::<f64>::new(16.0, 0.25)
                .unwrap()
                .build_on(gpu)
                .unwrap();
            let refused = plan.dynamical(&events).unwrap_err();
            assert!(matches!(refused, Error::NoKernel { .. }), "{refused}");
            let long = PowerSpectrumPlan::<f64>::new(900.0, 0.25)
                .unwrap()
                .build_on(gpu)
                .unwrap();
            assert!(matches!(long.execute(&events), Err(Error::Segments(_))));
        },
    );
}
