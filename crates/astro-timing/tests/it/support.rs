//! Simulated data and the statistics of pulls.

use astro_core::{EventColumns, EventSource, GoodTimeIntervals, TimeReference, WantedColumns};
use astro_timing::simulate::{Amplitude, RateSeries, RedNoise, SpectralShape, events_from_rate};
use astro_timing::{Error, EventList};
use num_complex::Complex64;
use rand::SeedableRng;
use rand::distr::{Distribution, StandardUniform};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Random numbers of a seed.
pub(crate) struct Random(Xoshiro256PlusPlus);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// Uniform in [0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        StandardUniform.sample(&mut self.0)
    }

    /// A complex Gaussian amplitude of mean square 1 (Box and Muller).
    pub(crate) fn amplitude(&mut self) -> Complex64 {
        let radius = (-(1.0 - self.uniform()).ln()).sqrt();
        Complex64::from_polar(radius, std::f64::consts::TAU * self.uniform())
    }
}

/// Poisson events of a constant rate.
pub(crate) fn constant(rate: f64, gti: &GoodTimeIntervals, seed: u64) -> EventList {
    let span = gti.span().unwrap();
    let series = RateSeries::constant(span.start, span.length(), rate);
    EventList::new(events_from_rate(&series, seed).unwrap(), gti.clone()).unwrap()
}

/// A red-noise rate of 25 % rms from 0 to `length_s`.
pub(crate) fn red_noise(length_s: f64, rate: f64, seed: u64) -> RateSeries {
    let bins = (length_s / 0.01).round() as usize;
    RedNoise::new(bins, 0.01, rate)
        .amplitude(Amplitude::EnsembleRms(0.25))
        .simulate(
            &SpectralShape::Model(&|f| 1.0 / (1.0 + (f / 1.0).powi(2))),
            seed,
        )
        .unwrap()
}

/// A sample of numbers that should have mean 0 and variance 1.
#[derive(Debug, Default)]
pub(crate) struct Pulls(Vec<f64>);

impl Pulls {
    pub(crate) fn add(&mut self, found: f64, truth: f64, error: f64) {
        self.0.push((found - truth) / error);
    }

    pub(crate) fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }

    pub(crate) fn deviation(&self) -> f64 {
        let mean = self.mean();
        let square: f64 = self.0.iter().map(|x| (x - mean).powi(2)).sum();
        (square / (self.0.len() - 1) as f64).sqrt()
    }

    /// Requires the standard deviation of the pulls to be 1 within `tolerance`, and their mean to
    /// be 0 within `bias`.
    pub(crate) fn check(&self, what: &str, bias: f64, tolerance: f64) {
        let (mean, deviation) = (self.mean(), self.deviation());
        assert!(
            self.0.iter().all(|x| x.is_finite()),
            "{what}: a pull is not finite"
        );
        assert!(mean.abs() < bias, "{what}: mean pull {mean}");
        assert!(
            (deviation - 1.0).abs() < tolerance,
            "{what}: pulls scatter by {deviation}"
        );
    }
}

/// A source that hands out its events a few at a time.
pub(crate) struct Trickle<'a>(pub(crate) &'a EventList, pub(crate) usize);

impl EventSource for Trickle<'_> {
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
            for (i, times) in columns.times.chunks(self.1).enumerate() {
                let range = i * self.1..i * self.1 + times.len();
                visit(EventColumns {
                    times,
                    energies_kev: columns.energies_kev.get(range).unwrap_or(&[]),
                    ..EventColumns::default()
                });
            }
        })
    }
}

/// Runs on `threads` threads.
pub(crate) fn on_threads<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(run)
}
