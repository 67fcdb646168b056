//! The pulsar: what it does, and how it is seen.

use anyhow::Result;
use astro_core::{GoodTimeIntervals, Mjd, ReferencePosition, TimeReference, TimeScale};
use astro_timing::deadtime::DeadTime;
use astro_timing::modeling::{SpectralModel, lorentzian_area};
use astro_timing::pulsation::TimingSolution;
use astro_timing::simulate::{
    Amplitude, PulseShape, SimulatedBand, SimulatedObservation, Variability,
};
use num_complex::Complex64;

/// Spin frequency at the epoch, and its derivative.
pub(super) const SPIN_HZ: f64 = 2.871;
pub(super) const SPIN_DOT: f64 = -2e-7;
/// Amplitude of its sinusoidal pulse.
pub(super) const PULSED_FRACTION: f64 = 0.25;
/// Quasi-periodic oscillation: center, width, and rms of either band.
pub(super) const QPO_HZ: f64 = 9.3;
pub(super) const QPO_FWHM_HZ: f64 = 0.7;
const QPO_RMS: f64 = 0.14;
/// The hard band follows the soft one by this.
pub(super) const LAG_S: f64 = 0.006;
/// Edges of the two bands, keV.
pub(super) const BANDS_KEV: [f64; 3] = [3.0, 10.0, 30.0];
const PHOTON_INDEX: f64 = 1.0;
/// Incident photons a second in each detector.
pub(super) const RATE: f64 = 120.0;
pub(super) const DEAD_TIME_S: f64 = 0.0025;
/// Beginning of the observation and its good times after that.
const START_S: f64 = 2e8;
pub(super) const GOOD_S: [[f64; 2]; 2] = [[0.0, 1000.0], [1200.0, 2200.0]];
/// The epoch of the spin: the middle.
pub(super) const EPOCH_S: f64 = START_S + 1100.0;

/// The observation before it is drawn.
pub(super) fn observation() -> Result<SimulatedObservation> {
    let mut bands = SimulatedBand::power_law(&BANDS_KEV, PHOTON_INDEX, RATE)?;
    bands[1].lag_s = LAG_S;
    let mut observation = SimulatedObservation::new(bands, START_S, START_S + 1.0)?;
    let good = GOOD_S.map(|interval| interval.map(|time| START_S + time));
    observation.gti = GoodTimeIntervals::new(good)?;
    let height = QPO_RMS * QPO_RMS / lorentzian_area(QPO_HZ, QPO_FWHM_HZ);
    observation.variability = Some(Variability {
        model: SpectralModel::lorentzian(),
        parameters: vec![height, QPO_HZ, QPO_FWHM_HZ],
        amplitude: Amplitude::Spectrum,
        bin_s: 1.0 / 512.0,
        red_noise_factor: 1,
    });
    let spin = TimingSolution::new(EPOCH_S, SPIN_HZ).with_derivatives(SPIN_DOT, 0.0);
    observation.pulse = Some((PulseShape::sinusoid(PULSED_FRACTION), spin.into()));
    observation.detectors = 2;
    observation.dead_time = Some((DeadTime::NonParalysable, DEAD_TIME_S));
    let epoch = Mjd::new(55_197, 7.660_185_200_000e-4);
    observation.reference =
        TimeReference::new(epoch, TimeScale::Tdb, ReferencePosition::SolarSystem);
    Ok(observation)
}

/// The rms of both bands together: a lag between them takes some of it.
pub(super) fn qpo_rms_of_all() -> Result<f64> {
    let bands = SimulatedBand::power_law(&BANDS_KEV, PHOTON_INDEX, RATE)?;
    let turn = -std::f64::consts::TAU * QPO_HZ * LAG_S;
    let sum = bands[0].rate + bands[1].rate * Complex64::cis(turn);
    Ok(QPO_RMS * sum.norm() / RATE)
}
