//! Simulated light curves against the spectra they were drawn from.

use super::*;

const SEED: u64 = 19_950_701;

/// Fractional periodogram of a light curve, k = 1..n/2.
fn periodogram(series: &RateSeries, mean: f64) -> Vec<f64> {
    let x: Vec<f64> = series.rate.iter().map(|r| r / mean - 1.0).collect();
    let spectrum = RealFft1::new(x.len()).unwrap().forward(&x).unwrap();
    let scale = 2.0 * series.dt_s / x.len() as f64;
    spectrum[1..].iter().map(|z| z.norm_sqr() * scale).collect()
}

#[test]
fn the_mean_periodogram_is_the_spectrum() {
    let model = |f: f64| 0.02 / (1.0 + (f / 0.3).powi(2));
    let noise = RedNoise::new(64, 0.25, 50.0).amplitude(Amplitude::Spectrum);
    let draws = 3000;
    let mut sum = vec![0.0; 32];
    let mut variance = 0.0;
    for seed in 0..draws {
        let series = noise
            .simulate(&SpectralShape::Model(&model), SEED + seed)
            .unwrap();
        for (s, p) in sum.iter_mut().zip(periodogram(&series, 50.0)) {
            *s += p / draws as f64;
        }
        let x = series.rate.iter().map(|r| (r / 50.0 - 1.0).powi(2));
        variance += x.sum::<f64>() / 64.0 / draws as f64;
    }
    let mut chi2 = 0.0;
    for (k, mean) in sum.iter().enumerate() {
        let expected = model((k + 1) as f64 / 16.0);
        // |X|² of two normals scatters as its mean, of one (Nyquist) by √2 more.
        let scatter = if k == 31 { 2f64.sqrt() } else { 1.0 };
        chi2 += ((mean / expected - 1.0) * (draws as f64).sqrt() / scatter).powi(2);
    }
    // χ² of 32 degrees of freedom: 5 σ.
    assert!((chi2 - 32.0).abs() < 40.0, "{chi2}");
    let integral: f64 = (1..=32)
        .map(|k| model(f64::from(k) / 16.0) / 16.0 * if k == 32 { 0.5 } else { 1.0 })
        .sum();
    assert!(
        (variance / integral - 1.0).abs() < 0.02,
        "{variance} {integral}"
    );
}

#[test]
fn the_rms_is_that_of_the_ensemble_or_exact() {
    let shape = SpectralShape::PowerLaw { index: 1.0 };
    let noise = RedNoise::new(512, 0.5, 10.0).amplitude(Amplitude::EnsembleRms(0.3));
    let rms2 = |series: &RateSeries| {
        let x = series.rate.iter().map(|r| (r / 10.0 - 1.0).powi(2));
        x.sum::<f64>() / series.rate.len() as f64
    };
    let draws = 600;
    let found: Vec<f64> = (0..draws)
        .map(|seed| rms2(&noise.simulate(&shape, SEED + seed).unwrap()))
        .collect();
    let mean = found.iter().sum::<f64>() / draws as f64;
    let variance = found.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (draws - 1) as f64;
    let error = (variance / draws as f64).sqrt();
    assert!((mean - 0.09).abs() < 4.0 * error, "{mean} ± {error}");
    // It is an ensemble: single light curves differ.
    assert!(variance.sqrt() > 0.1 * mean);

    let exact = noise.amplitude(Amplitude::RealizationRms(0.3));
    let series = exact.simulate(&shape, SEED).unwrap();
    assert!((rms2(&series) - 0.09).abs() < 1e-12);
}

/// With a factor, power below 1/T makes slow trends: the variance of a random walk grows.
#[test]
fn longer_noise_brings_power_from_below() {
    let shape = SpectralShape::PowerLaw { index: 2.0 };
    let spread = |factor: usize| {
        let noise = RedNoise::new(256, 1.0, 100.0)
            .amplitude(Amplitude::EnsembleRms(0.1))
            .red_noise_factor(factor);
        let mut sum = 0.0;
        for seed in 0..200 {
            let rate = noise.simulate(&shape, seed).unwrap().rate;
            sum += ((rate[255] - rate[0]) / 100.0).powi(2) / 200.0;
        }
        sum
    };
    // Periodic noise ends where it begins; ends of a random walk part as 2π² A T.
    assert!(spread(16) > 20.0 * spread(1));
}

#[test]
fn tables_are_straight_lines_in_logarithms() {
    let frequency = [0.1, 1.0, 10.0];
    let power = [4.0, 1.0, 0.0];
    let table = SpectralShape::Table {
        frequency_hz: &frequency,
        power: &power,
    };
    assert!((table.power(0.1f64.sqrt()) - 2.0).abs() < 1e-12);
    assert!((table.power(5.5) - 0.5).abs() < 1e-12);
    assert_eq!(table.power(0.1), 4.0);
    assert_eq!((table.power(0.09), table.power(10.1)), (0.0, 0.0));
    assert_eq!(table.power(10.0), 0.0);
}

#[test]
fn impossible_settings_are_refused() {
    let shape = SpectralShape::PowerLaw { index: 1.0 };
    let good = RedNoise::new(64, 1.0, 1.0);
    assert!(good.simulate(&shape, 1).is_ok());
    for bad in [
        RedNoise {
            bins: 1,
            ..good.clone()
        },
        RedNoise {
            dt_s: 0.0,
            ..good.clone()
        },
        RedNoise {
            mean_rate: f64::NAN,
            ..good.clone()
        },
        good.clone().red_noise_factor(0),
        good.clone().amplitude(Amplitude::EnsembleRms(-0.1)),
    ] {
        assert!(bad.simulate(&shape, 1).is_err(), "{bad:?}");
    }
    let negative = SpectralShape::Model(&|f| 1.0 - f);
    assert!(
        good.simulate(&SpectralShape::Model(&|_| f64::NAN), 1)
            .is_err()
    );
    assert!(
        RedNoise { dt_s: 0.01, ..good }
            .simulate(&negative, 1)
            .is_err()
    );
}
