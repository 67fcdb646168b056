//! Case `stats_table`: probabilities, levels, limits and conversions.

use anyhow::Result;
use astro_timing::statistics::{
    self, PowerLosses, PowerScale, TailProbability, amplitude_upper_limit, cospectrum_probability,
    epoch_folding_detection_level, phase_dispersion_probability, power_confidence_limits,
    power_detection_level, power_probability, power_upper_limit, pulsed_fraction_from_amplitude,
    stingray, z_squared_detection_level,
};

use super::numbers::TimingCase;
use crate::reference::check::Checks;

/// What the peer was called with, beyond the inputs that the case stores.
const HARMONICS: [usize; 4] = [1, 2, 4, 20];
const FOLDING_BINS: [usize; 4] = [8, 16, 32, 128];
const POWER_ALARM: f64 = 0.01;
const PULSE_ALARM: f64 = 0.001;
const LN_PROBABILITIES: [f64; 9] = [
    -1.0, -3.0, -10.0, -50.0, -200.0, -299.0, -301.0, -1000.0, -10_000.0,
];
const PROBABILITIES: [f64; 6] = [0.5, 0.1, 1e-3, 1e-6, 1e-12, 1e-30];
const AMPLITUDES: [f64; 3] = [0.01, 0.1, 0.3];
const CONVERTED_COUNTS: f64 = 5000.0;
const COSPECTRUM_POWERS: [f64; 3] = [0.5, 1.5, 4.0];
const COSPECTRUM_AVERAGES: [usize; 4] = [1, 3, 20, 100];
const CONFIDENCE: f64 = 0.95;

/// Values for every statistic, every second argument and every number of trials.
fn table(
    rows: &[f64],
    columns: usize,
    trials: &[f64],
    value: impl Fn(f64, usize, f64) -> f64,
) -> Vec<f64> {
    let mut all = Vec::new();
    for &row in rows {
        for column in 0..columns {
            all.extend(trials.iter().map(|&n| value(row, column, n)));
        }
    }
    all
}

pub(super) fn check(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let (powers, trials) = (case.input("power")?, case.input("ntrial")?);
    let sums = case.input("nsum")?;
    let log = |chi2: f64, dof: f64, n: f64| {
        stingray::ln_in_trials(stingray::ln_chi_squared_survival(chi2, dof), n)
    };
    let found = table(&powers, 4, &trials, |power, column, n| {
        let exact = power_probability(power, sums[column]).map_or(f64::NAN, TailProbability::ln);
        stingray::ln_in_trials(exact, n).exp()
    });
    case.compare(checks, "pds_prob", &found)?;
    let found = table(&powers, 4, &trials, |power, column, n| {
        log(power * sums[column], 2.0 * sums[column], n)
    });
    case.compare(checks, "pds_logprob", &found)?;
    let found = table(&powers, 4, &trials, |z, column, n| {
        log(z, 2.0 * HARMONICS[column] as f64, n)
    });
    case.compare(checks, "z2_logprob", &found)?;
    let found = table(&powers, 4, &trials, |stat, column, n| {
        log(stat, (FOLDING_BINS[column] - 1) as f64, n)
    });
    case.compare(checks, "ef_logprob", &found)?;

    // A level for one trial, at the peer's probability a trial.
    let single = |alarm: f64, n: f64| -> Result<TailProbability> {
        let ln = stingray::ln_single_trial(alarm.ln(), n);
        Ok(TailProbability::from_ln(ln)?)
    };
    let mut levels = [Vec::new(), Vec::new(), Vec::new()];
    for column in 0..4 {
        for &n in &trials {
            let [power, z, folding] = &mut levels;
            let (often, seldom) = (single(POWER_ALARM, n)?, single(PULSE_ALARM, n)?);
            power.push(power_detection_level(often, sums[column], 1.0)?);
            z.push(z_squared_detection_level(
                seldom,
                HARMONICS[column],
                1.0,
                1.0,
            )?);
            let bins = FOLDING_BINS[column];
            folding.push(epoch_folding_detection_level(seldom, bins, 1.0)?);
        }
    }
    case.compare(checks, "pds_level", &levels[0])?;
    case.compare(checks, "z2_level", &levels[1])?;
    case.compare(checks, "ef_level", &levels[2])?;

    let sigmas: Vec<f64> = LN_PROBABILITIES
        .iter()
        .map(|&ln| stingray::gaussian_sigma(ln))
        .collect();
    case.compare(checks, "nsigma", &sigmas)?;
    let in_trials = |f: fn(f64, f64) -> f64| -> Vec<f64> {
        let pairs = PROBABILITIES
            .iter()
            .flat_map(|&p| trials.iter().map(move |&n| (p, n)));
        pairs.map(|(p, n)| f(p.ln(), n).exp()).collect()
    };
    case.compare(checks, "p_multi", &in_trials(stingray::ln_in_trials))?;
    case.compare(checks, "p_single", &in_trials(stingray::ln_single_trial))?;
    check_dispersion(case, checks)?;
    check_limits(case, checks)?;
    check_conversions(case, checks)
}

/// Samples, numbers of bins and statistics of the phase dispersion.
const DISPERSION_SAMPLES: usize = 500;
const DISPERSION_BINS: [usize; 2] = [8, 32];
const DISPERSIONS: [f64; 4] = [0.5, 0.8, 0.9, 0.99];

fn check_dispersion(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let mut found = Vec::new();
    for statistic in DISPERSIONS {
        for bins in DISPERSION_BINS {
            found.push(phase_dispersion_probability(statistic, DISPERSION_SAMPLES, bins)?.value());
        }
    }
    case.compare(checks, "pdm_prob", &found)
}

/// Measured powers of the upper limits as sums and as means, and the numbers averaged.
const LIMIT_SUMS: [f64; 3] = [10.0, 40.0, 100.0];
const LIMIT_MEANS: [f64; 3] = [3.0, 10.0, 40.0];
const LIMIT_AVERAGES: [f64; 3] = [1.0, 5.0, 20.0];
const SIGNAL_POWERS: [f64; 2] = [40.0, 150.0];
const SIGNAL_AVERAGES: [f64; 2] = [1.0, 5.0];
/// Measured powers, counts and Nyquist ratio of the amplitude limits.
const AMPLITUDE_POWERS: [f64; 2] = [40.0, 150.0];
const AMPLITUDE_COUNTS: f64 = 1e4;
const NYQUIST_RATIO: f64 = 0.5;

fn check_limits(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    for (name, powers, scale) in [
        ("power_ul", LIMIT_SUMS, PowerScale::Sum),
        ("power_ul_avg", LIMIT_MEANS, PowerScale::Mean),
    ] {
        let mut found = Vec::new();
        for power in powers {
            for averages in LIMIT_AVERAGES {
                found.push(power_upper_limit(power, averages, CONFIDENCE, scale)?);
            }
        }
        case.compare(checks, name, &found)?;
    }
    let mut found = Vec::new();
    for power in SIGNAL_POWERS {
        for averages in SIGNAL_AVERAGES {
            found.extend(power_confidence_limits(
                power,
                averages,
                CONFIDENCE,
                PowerScale::Sum,
            )?);
        }
    }
    case.compare(checks, "power_cl", &found)?;
    let amplitudes = |losses| -> Result<Vec<f64>> {
        let limit = |power| {
            let scale = PowerScale::Sum;
            amplitude_upper_limit(power, AMPLITUDE_COUNTS, 1.0, CONFIDENCE, scale, losses)
        };
        Ok(AMPLITUDE_POWERS
            .into_iter()
            .map(limit)
            .collect::<Result<_, _>>()?)
    };
    let plain = amplitudes(PowerLosses::default())?;
    case.compare(checks, "amp_ul", &plain)?;
    let losses = PowerLosses {
        unknown_frequency: true,
        nyquist_ratio: NYQUIST_RATIO,
    };
    case.compare(checks, "amp_ul_fft", &amplitudes(losses)?)?;
    let fractions: Vec<f64> = plain
        .into_iter()
        .map(pulsed_fraction_from_amplitude)
        .collect();
    case.compare(checks, "pf_ul", &fractions)
}

fn check_conversions(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let mut found = Vec::new();
    for a in AMPLITUDES {
        let (counts, signal) = (CONVERTED_COUNTS, 100.0 * a);
        found.extend([
            pulsed_fraction_from_amplitude(a),
            statistics::amplitude_from_pulsed_fraction(a),
            statistics::signal_power_from_amplitude(a, counts),
            statistics::amplitude_from_signal_power(signal, counts),
            statistics::signal_power_from_pulsed_fraction(a, counts),
            statistics::pulsed_fraction_from_signal_power(signal, counts),
        ]);
    }
    case.compare(checks, "conv", &found)?;
    let mut found = Vec::new();
    for power in COSPECTRUM_POWERS {
        for averages in COSPECTRUM_AVERAGES {
            found.push(stingray::cospectrum_survival(power, averages));
            // The exact tail, where the peer's is exact too.
            if averages <= 3 {
                let exact = cospectrum_probability(power, averages)?.value();
                let peer = found[found.len() - 1];
                checks.at_most("cospectra_p, exact", (exact - peer).abs(), 1e-15);
            }
        }
    }
    case.compare(checks, "cospectra_p", &found)
}
