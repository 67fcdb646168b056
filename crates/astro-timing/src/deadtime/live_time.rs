//! Light curves of some photons, corrected for the time in which the others made the detector dead.

use super::incident_rate;
use crate::LightCurve;
use crate::error::{Result, require_positive};

/// A light curve of selected photons (an energy band, say) as it would be without dead time, to first
/// order in the variations and far below the frequency 1/τ.
///
/// All photons of a detector make it dead for those of a band, so that the variations of one band are in
/// those of another: lags between bands come out too large by about 1 + rτ. With n_j the selected and m_j
/// all detected counts of bin j of one detector, n̄ and m̄ their means in good time, and r the incident rate
/// of all,
///
/// c_j = n_j + n̄ rτ (m_j/m̄ − 1),
///
/// since δ ln r_band,det = δ ln r_band − rτ δ ln r_det. The mean stays that of the detected counts, and the
/// noise is no longer Poisson's: pair bands of *different* detectors in cross spectra.
///
/// ```
/// use astro_timing::LightCurve;
/// use astro_timing::deadtime::live_time_corrected;
/// // Half of the photons, in a detector that is dead a third of the time: r = 500, rτ = 1/2.
/// let all = LightCurve::new(vec![0.5, 1.5], vec![300.0, 366.0 + 2.0 / 3.0], 1.0)?;
/// let band = LightCurve::new(vec![0.5, 1.5], vec![150.0, 150.0], 1.0)?;
/// let corrected = live_time_corrected(&band, &all, 0.001)?;
/// assert!((corrected.counts()[1] - 150.0 * 1.05).abs() < 1e-9);
/// # Ok::<(), astro_timing::Error>(())
/// ```
///
/// # Errors
/// Light curves of different bins; no good bins, or no counts in them; more detections than the dead time
/// permits.
pub fn live_time_corrected(
    selected: &LightCurve,
    all: &LightCurve,
    dead_time_s: f64,
) -> Result<LightCurve> {
    // Checks the bins and the references of both.
    let gti = selected.added(all)?.gti().clone();
    let good = gti.bin_mask(selected.times(), selected.bin_s())?;
    let mean = |curve: &LightCurve| {
        let counts = curve.counts().iter().zip(&good);
        let (sum, bins) = counts
            .filter(|(_, good)| **good)
            .fold((0.0, 0.0), |(sum, bins), (n, _)| (sum + n, bins + 1.0));
        sum / bins
    };
    let (mean_selected, mean_all) = (mean(selected), mean(all));
    require_positive("mean counts of a good bin", mean_all)?;
    let rate = incident_rate(mean_all / all.bin_s(), dead_time_s)?;
    let gain = mean_selected * rate * dead_time_s;
    let counts = selected
        .counts()
        .iter()
        .zip(all.counts())
        .map(|(n, m)| n + gain * (m / mean_all - 1.0))
        .collect();
    let corrected = LightCurve::new(selected.times().to_vec(), counts, selected.bin_s())?;
    Ok(corrected
        .with_gti(gti)
        .with_reference(*selected.reference()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modeling::SpectralModel;
    use crate::simulate::{Amplitude, SimulatedBand, SimulatedObservation, Variability};
    use crate::{CrossSpectrum, CrossSpectrumPlan, EnergyBand, EventSelection};
    use num_complex::Complex64;

    const DEAD_S: f64 = 0.0025;

    /// The delay between two bands, with and without the correction: rτ = 0.5.
    #[test]
    fn lags_between_bands_are_restored() {
        let lag = 0.01;
        let mut observation = SimulatedObservation::new(
            vec![
                SimulatedBand::flat(3.0, 10.0, 100.0),
                SimulatedBand::flat(10.0, 30.0, 100.0).lagging(lag),
            ],
            0.0,
            4096.0,
        )
        .unwrap();
        observation.variability = Some(Variability {
            model: SpectralModel::lorentzian(),
            parameters: vec![1.0, 4.0, 1.0],
            amplitude: Amplitude::EnsembleRms(0.2),
            bin_s: 1.0 / 256.0,
            red_noise_factor: 1,
        });
        observation.detectors = 2;
        observation.dead_time = Some((crate::deadtime::DeadTime::NonParalysable, DEAD_S));
        let plan = CrossSpectrumPlan::<f64>::new(16.0, 1.0 / 32.0).unwrap();
        let (mut corrected, mut raw) = (Mean::default(), Mean::default());
        for seed in 0..4 {
            let events = observation.simulate(seed).unwrap().events;
            let curve = |detector: i32, band: Option<(f64, f64)>| {
                let selection = EventSelection {
                    detectors: Some(vec![detector]),
                    energies: band.map(|(low, high)| EnergyBand::new(low, high).unwrap()),
                    ..EventSelection::default()
                };
                LightCurve::from_events(&selection.of(&events), 1.0 / 32.0).unwrap()
            };
            let (soft, hard) = (curve(0, Some((3.0, 10.0))), curve(1, Some((10.0, 30.0))));
            raw.add(&plan.execute_curves(&hard, &soft).unwrap());
            let restored = |band: &LightCurve, detector| {
                live_time_corrected(band, &curve(detector, None), DEAD_S).unwrap()
            };
            corrected.add(
                &plan
                    .execute_curves(&restored(&hard, 1), &restored(&soft, 0))
                    .unwrap(),
            );
        }
        let (found, error) = corrected.delay();
        assert!(
            (found - lag).abs() < 4.0 * error && error < 1e-3,
            "{found} ± {error}"
        );
        // Of soft 1 − κ(1 + e)/2 and hard e − κ(1 + e)/2, e = exp(−2πi f lag), κ = rτ/(1 + rτ) = 1/3.
        let e = Complex64::cis(-std::f64::consts::TAU * 4.0 * lag);
        let both = (1.0 + e) / 6.0;
        let expected = -((e - both) / (1.0 - both)).arg() / (std::f64::consts::TAU * 4.0);
        let (found, error) = raw.delay();
        assert!(
            (found - expected).abs() < 4.0 * error,
            "{found} ± {error}, {expected}"
        );
        assert!(found > lag + 4.0 * error);
    }

    /// Sums of cross powers and powers from 3.5 to 4.5 Hz.
    #[derive(Default)]
    struct Mean {
        cross: Complex64,
        subject: f64,
        reference: f64,
        averages: f64,
    }

    impl Mean {
        fn add(&mut self, spectrum: &CrossSpectrum) {
            for k in spectrum.bins.between(3.5, 4.5) {
                self.cross += spectrum.cross[k];
                self.subject += spectrum.subject_power[k];
                self.reference += spectrum.reference_power[k];
                self.averages += spectrum.segments as f64;
            }
        }

        fn delay(&self) -> (f64, f64) {
            let coherence = self.cross.norm_sqr() / (self.subject * self.reference);
            let error = ((1.0 - coherence) / (2.0 * coherence * self.averages)).sqrt();
            let turn = std::f64::consts::TAU * 4.0;
            (self.cross.arg() / turn, error / turn)
        }
    }
}
