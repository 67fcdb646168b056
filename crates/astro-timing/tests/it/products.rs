//! Variability against energy: against the spectra of single bands, and known truth.

use astro_core::GoodTimeIntervals;
use astro_timing::simulate::{RateSeries, events_from_rate};
use astro_timing::{
    Compat, CrossSpectrumPlan, EnergyBand, EnergySpectraPlan, Error, EventList, EventSelection,
    LightCurve, Normalization, PowerSpectrumPlan, RmsUnit, SubjectInReference,
};

use super::support::{Pulls, Trickle, on_threads, red_noise};

const SEGMENT_S: f64 = 8.0;
const BIN_S: f64 = 0.05;
const RANGE_HZ: [f64; 2] = [0.25, 2.0];

fn bands() -> Vec<EnergyBand> {
    EnergyBand::between(&[1.0, 2.0, 4.0, 8.0]).unwrap()
}

/// Photons of three bands, the same variations with the lags and scales given.
fn events(length_s: f64, lags: [f64; 3], scales: [f64; 3], seed: u64) -> EventList {
    let series = red_noise(length_s + 1.0, 250.0, seed);
    let mean = 250.0;
    let mut all: Vec<(f64, f32)> = Vec::new();
    for band in 0..3 {
        let rate = series
            .rate
            .iter()
            .map(|r| mean + scales[band] * (r - mean))
            .collect();
        let own = RateSeries {
            rate,
            ..series.clone()
        }
        .delayed(lags[band]);
        let times = events_from_rate(&own, seed * 10 + band as u64).unwrap();
        all.extend(times.into_iter().map(|t| (t, [1.5, 3.0, 6.0][band])));
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let gti = GoodTimeIntervals::single(0.5, length_s).unwrap();
    let (times, energies) = all.into_iter().unzip();
    EventList::new(times, gti)
        .unwrap()
        .with_energies(energies)
        .unwrap()
}

fn plan() -> EnergySpectraPlan<f64> {
    EnergySpectraPlan::new(SEGMENT_S, BIN_S, bands(), RANGE_HZ).unwrap()
}

#[test]
fn one_pass_is_what_each_band_gives_alone() {
    let events = events(120.0, [0.0, 0.02, 0.05], [1.0; 3], 600);
    let spectra = plan().execute(&events).unwrap();
    let select = |band| events.selected(EventSelection::energies(band)).unwrap();
    let reference = |band: usize| {
        let rest = bands()
            .into_iter()
            .enumerate()
            .filter(|(other, _)| *other != band);
        let lists: Vec<EventList> = rest.map(|(_, other)| select(other)).collect();
        lists[0].joined(&lists[1]).unwrap()
    };
    for band in 0..3 {
        let cross = CrossSpectrumPlan::<f64>::new(SEGMENT_S, BIN_S)
            .unwrap()
            .normalization(Normalization::AbsoluteRms)
            .execute(&select(bands()[band]), &reference(band))
            .unwrap();
        let range = cross.bins.between(RANGE_HZ[0], RANGE_HZ[1] - 1e-9);
        assert_eq!(range.len(), spectra.frequency_hz.len());
        let n = range.len() as f64;
        let mean = cross.cross[range.clone()]
            .iter()
            .sum::<num_complex::Complex64>()
            / n;
        let weights = cross.cross[range.clone()].iter().map(|c| c.norm());
        let f = weights
            .clone()
            .zip(&cross.frequency_hz()[range.clone()])
            .map(|(w, f)| w * f)
            .sum::<f64>()
            / weights.sum::<f64>();
        let lag = mean.arg() / (std::f64::consts::TAU * f);
        assert!((spectra.lags()[band].value - lag).abs() < 1e-12, "{band}");
        let power: f64 = cross.subject_power[range.clone()].iter().sum::<f64>() / n;
        let noise = cross.subject.noise_level(Normalization::AbsoluteRms);
        let rms = ((power - noise) * n / SEGMENT_S).sqrt();
        assert!((spectra.rms(RmsUnit::Absolute)[band].value - rms).abs() < 1e-9 * rms);
        // And the rms is that of the power spectrum.
        let alone = PowerSpectrumPlan::<f64>::new(SEGMENT_S, BIN_S).unwrap();
        let alone = alone.execute(&select(bands()[band])).unwrap();
        let alone = alone
            .band_rms(RANGE_HZ[0], RANGE_HZ[1] - 1e-9, None)
            .unwrap();
        assert!((spectra.rms(RmsUnit::Fractional)[band].value - alone.rms).abs() < 1e-9);
        let excess = LightCurve::from_events(&select(bands()[band]), BIN_S).unwrap();
        let excess = excess.truncated(0.5, 0.5 + 14.0 * SEGMENT_S).unwrap();
        let excess = excess.excess_variance(Compat::Correct).unwrap();
        let found = spectra.excess_variance()[band];
        assert!(
            (found.excess.value - excess.excess.value).abs() < 1e-9 * excess.excess.value.abs()
        );
    }
    let counts: f64 = spectra.counts().iter().map(|c| c.value).sum();
    assert_eq!(counts, events.apply_gti().len() as f64);
}

#[test]
fn threads_and_streams_give_the_same_bits() {
    let events = events(400.0, [0.0; 3], [1.0; 3], 601);
    let results = |threads: usize| {
        on_threads(threads, || {
            let spectra = plan().execute(&events).unwrap();
            (spectra.lags(), spectra.covariance(RmsUnit::Absolute))
        })
    };
    let one = results(1);
    assert_eq!(one, results(2));
    assert_eq!(one, results(5));
    let streamed = plan().execute(&Trickle(&events, 13)).unwrap();
    assert_eq!(
        one,
        (streamed.lags(), streamed.covariance(RmsUnit::Absolute))
    );
}

#[test]
fn lags_rms_and_covariance_are_recovered_with_their_errors() {
    let lags = [0.0, 0.03, 0.06];
    let scales = [0.6, 1.0, 1.4];
    let total = (50.0_f64).atan() - (1.0 / 801.0_f64).atan();
    let half = 0.5 / SEGMENT_S;
    let (low, high) = (0.25 - half, 2.0 - half);
    let rms = 0.25 * ((high.atan() - low.atan()) / total).sqrt();
    let (mut lag_pulls, mut rms_pulls, mut covariance) =
        (Pulls::default(), Pulls::default(), Pulls::default());
    for seed in 610..630 {
        let spectra = plan().execute(&events(800.0, lags, scales, seed)).unwrap();
        let found = spectra.lags();
        for band in 0..3 {
            let rest: Vec<usize> = (0..3).filter(|other| *other != band).collect();
            // Small lags: the reference lags by the mean of its bands, weighted by amplitude.
            let weight: f64 = rest.iter().map(|&b| scales[b]).sum();
            let reference: f64 = rest.iter().map(|&b| scales[b] * lags[b]).sum::<f64>() / weight;
            lag_pulls.add(found[band].value, lags[band] - reference, found[band].error);
            let found = spectra.rms(RmsUnit::Fractional)[band];
            rms_pulls.add(found.value, rms * scales[band], found.error);
            let found = spectra.covariance(RmsUnit::Fractional)[band];
            covariance.add(found.value, rms * scales[band], found.error);
        }
    }
    // 60 pulls, of which the three of a seed are correlated in rms and covariance.
    lag_pulls.check("lags", 0.4, 0.25);
    rms_pulls.check("rms", 0.7, 0.4);
    covariance.check("covariance", 0.8, 0.4);
}

#[test]
fn a_subject_kept_in_its_reference_gives_the_lag_of_both() {
    let events = events(400.0, [0.0, 0.0, 0.1], [1.0; 3], 640);
    let kept = plan()
        .subject_in_reference(SubjectInReference::Kept)
        .execute(&events)
        .unwrap();
    let removed = plan().execute(&events).unwrap();
    // The reference holds a third of the lag of the last band.
    assert!(kept.lags()[2].value < removed.lags()[2].value);
    assert!((kept.lags()[2].value - 0.1 * 2.0 / 3.0).abs() < 4.0 * kept.lags()[2].error + 0.01);
    assert!((removed.lags()[2].value - 0.1).abs() < 4.0 * removed.lags()[2].error);
}

#[test]
fn what_cannot_be_measured_is_explained() {
    let events = events(60.0, [0.0; 3], [1.0; 3], 650);
    let plan = |range| EnergySpectraPlan::<f64>::new(SEGMENT_S, BIN_S, bands(), range).unwrap();
    let error = plan([0.01, 0.02]).execute(&events).unwrap_err();
    assert!(
        error.to_string().contains("lower frequency is 0.01"),
        "{error}"
    );
    let elsewhere = EnergyBand::new(20.0, 30.0).unwrap();
    let error = plan(RANGE_HZ)
        .reference(elsewhere)
        .execute(&events)
        .unwrap_err();
    assert!(matches!(error, Error::NoCounts { .. }));
    assert!(EnergySpectraPlan::<f64>::new(SEGMENT_S, BIN_S, Vec::new(), RANGE_HZ).is_err());
}
