//! Whole observations of known truth: variable, pulsed, lagging, dead for a while after each photon.

use astro_core::{EventColumns, GoodTimeIntervals, TimeReference, check_finite};
use rand::RngExt;

use super::events::{energies_from_spectrum, events_from_rate};
use super::{Amplitude, PulseShape, RateSeries, RedNoise, SpectralShape, generator};
use crate::EventList;
use crate::deadtime::{DeadTime, DeadTimeFilter};
use crate::error::{Result, require, require_positive};
use crate::modeling::SpectralModel;
use crate::pulsation::Ephemeris;

/// An observation of one source by detectors that look at it at the same time.
///
/// The rate of band b in a detector is
///
/// r_b(t) = r_b (1 + x(t − d_b)) p(φ(t)),
///
/// x Gaussian noise of a power spectrum, the same in all bands and detectors, d_b the lag of the band,
/// and p the pulse. Photons of all detectors are drawn independently; then each is dead for a while
/// after each of its photons, whatever the band. (The lag moves the noise, not the pulse.)
///
/// ```
/// use astro_timing::simulate::{SimulatedBand, SimulatedObservation};
/// let soft = SimulatedBand::flat(3.0, 10.0, 80.0);
/// let hard = SimulatedBand::flat(10.0, 30.0, 20.0).lagging(0.01);
/// let observation = SimulatedObservation::new(vec![soft, hard], 0.0, 100.0)?;
/// let found = observation.simulate(7)?;
/// assert!((found.events.len() as f64 - 1e4).abs() < 5.0 * 1e2);
/// assert_eq!(found.events.energies_kev().len(), found.events.len());
/// # Ok::<(), astro_timing::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SimulatedObservation {
    /// The energy bands.
    pub bands: Vec<SimulatedBand>,
    /// When the instrument looks, seconds after the reference.
    pub gti: GoodTimeIntervals,
    /// The noise.
    pub variability: Option<Variability>,
    /// The pulse, and what gives its phase.
    pub pulse: Option<(PulseShape, Ephemeris)>,
    /// Number of detectors, numbered from 0; each has the rates of the bands.
    pub detectors: usize,
    /// What photons do to a detector, and for how long, seconds.
    pub dead_time: Option<(DeadTime, f64)>,
    /// What times count from.
    pub reference: TimeReference,
}

/// Photons of an energy band.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatedBand {
    /// Mean incident rate in one detector, counts a second.
    pub rate: f64,
    /// Edges of the bins of its spectrum, keV, ascending.
    pub energy_edges_kev: Vec<f64>,
    /// Photons expected in these bins, on any scale: one fewer than the edges.
    pub spectrum: Vec<f64>,
    /// How much later its noise arrives, seconds.
    pub lag_s: f64,
}

/// Noise of a given power spectrum.
#[derive(Clone, Debug, PartialEq)]
pub struct Variability {
    /// The power spectrum; in (rms/mean)²/Hz where the amplitude says so.
    pub model: SpectralModel,
    /// Its parameters.
    pub parameters: Vec<f64>,
    /// How strong it is.
    pub amplitude: Amplitude,
    /// Bins in which the rate is constant, seconds.
    pub bin_s: f64,
    /// How many times longer than the observation the noise is made: see [`RedNoise`].
    pub red_noise_factor: usize,
}

/// What was drawn.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SimulatedEvents {
    /// Times, energies and detectors of the photons that were detected.
    pub events: EventList,
    /// Photons that dead time took.
    pub lost: u64,
    /// Part of the time in which the noise was below −1 and the rate was set to 0: more than a
    /// thousandth means an rms too large for Gaussian noise.
    pub clipped: f64,
}

impl SimulatedBand {
    /// A band with as many photons at every energy.
    #[must_use]
    pub fn flat(low_kev: f64, high_kev: f64, rate: f64) -> Self {
        Self {
            rate,
            energy_edges_kev: vec![low_kev, high_kev],
            spectrum: vec![1.0],
            lag_s: 0.0,
        }
    }

    /// The bands between ascending edges of a spectrum of N(E) ∝ E^−index photons, with `rate` counts
    /// a second in all.
    ///
    /// # Errors
    /// Fewer than two edges, edges that do not ascend or are not above 0, numbers that are not finite.
    pub fn power_law(edges_kev: &[f64], index: f64, rate: f64) -> Result<Vec<Self>> {
        /// Bins of a band's spectrum: the index changes by less than 0.1 % within one.
        const BINS: usize = 64;
        check_finite("index", [index])?;
        let edges = edges_kev.len() as f64;
        require("number of energy edges", edges, edges >= 2.0, "at least 2")?;
        require_positive("first energy edge in keV", edges_kev[0])?;
        require_positive("rate", rate)?;
        let photons = |low: f64, high: f64| {
            // ∫ E^−index dE = ln(high/low) times the mean of E^(1 − index) over ln E, by Simpson's rule.
            let ratio = (high / low).ln();
            let at = |part: f64| (low * (part * ratio).exp()).powf(1.0 - index);
            ratio * (at(0.0) + 4.0 * at(0.5) + at(1.0)) / 6.0
        };
        let mut bands = Vec::new();
        for pair in edges_kev.windows(2) {
            require_positive("step between two energy edges", pair[1] - pair[0])?;
            let step = (pair[1] / pair[0]).ln() / BINS as f64;
            let edge = |k: usize| match k {
                BINS => pair[1],
                k => pair[0] * (k as f64 * step).exp(),
            };
            let energy_edges_kev: Vec<f64> = (0..=BINS).map(edge).collect();
            let spectrum: Vec<f64> = energy_edges_kev
                .windows(2)
                .map(|pair| photons(pair[0], pair[1]))
                .collect();
            bands.push(Self {
                rate: spectrum.iter().sum(),
                energy_edges_kev,
                spectrum,
                lag_s: 0.0,
            });
        }
        let total: f64 = bands.iter().map(|band| band.rate).sum();
        bands.iter_mut().for_each(|band| band.rate *= rate / total);
        Ok(bands)
    }

    /// The same with noise that arrives later; earlier where `seconds` is negative.
    #[must_use]
    pub fn lagging(mut self, seconds: f64) -> Self {
        self.lag_s = seconds;
        self
    }
}

impl SimulatedObservation {
    /// One detector without dead time looking at a constant source from `start_s` to `stop_s`.
    ///
    /// # Errors
    /// [`crate::Error::Gti`] unless `start_s < stop_s`.
    pub fn new(bands: Vec<SimulatedBand>, start_s: f64, stop_s: f64) -> Result<Self> {
        Ok(Self {
            bands,
            gti: GoodTimeIntervals::single(start_s, stop_s)?,
            variability: None,
            pulse: None,
            detectors: 1,
            dead_time: None,
            reference: TimeReference::default(),
        })
    }

    /// Draws the noise and the photons.
    ///
    /// # Errors
    /// Settings that make no sense, rates of more than 10¹⁰ photons, a spectrum that is negative.
    pub fn simulate(&self, seed: u64) -> Result<SimulatedEvents> {
        self.check()?;
        let span = match self.gti.span() {
            Some(span) => span,
            None => return Err(astro_core::SegmentError::NoGoodTime.into()),
        };
        let mut seeds = generator(seed);
        let noise_seed: u64 = seeds.random();
        let noise = self.noise(span.start, span.stop, noise_seed)?;
        let clipped = noise.negative_bins() as f64 / noise.rate.len() as f64;
        let (mut times, mut energies, mut detectors) = (Vec::new(), Vec::new(), Vec::new());
        let mut lost = 0;
        for detector in 0..self.detectors {
            let mut photons: Vec<(f64, f32)> = Vec::new();
            for band in &self.bands {
                let seeds: [u64; 3] = seeds.random();
                photons.extend(self.photons(band, &noise, seeds)?);
            }
            photons.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut filter = match self.dead_time {
                Some((kind, seconds)) => Some(DeadTimeFilter::new(kind, seconds)?),
                None => None,
            };
            for (time, energy) in photons {
                if !filter.as_mut().is_none_or(|filter| filter.keeps(time)) {
                    lost += 1;
                    continue;
                }
                times.push(time);
                energies.push(energy);
                detectors.push(detector as i32);
            }
        }
        let columns = EventColumns {
            times: &times,
            energies_kev: &energies,
            channels: &[],
            detectors: &detectors,
        };
        let events = EventList::from_unsorted(columns, self.gti.clone())?;
        Ok(SimulatedEvents {
            events: events.with_reference(self.reference),
            lost,
            clipped,
        })
    }

    fn check(&self) -> Result<()> {
        let bands = self.bands.len() as f64;
        require("number of bands", bands, bands >= 1.0, "at least 1")?;
        let detectors = self.detectors as f64;
        require(
            "number of detectors",
            detectors,
            (1.0..=1000.0).contains(&detectors),
            "from 1 to 1000",
        )?;
        for band in &self.bands {
            require_positive("rate of a band", band.rate)?;
            check_finite("lag_s", [band.lag_s])?;
        }
        if let Some((_, ephemeris)) = &self.pulse {
            ephemeris.check()?;
        }
        if let Some(variability) = &self.variability {
            variability.model.check(&variability.parameters)?;
        }
        Ok(())
    }

    /// 1 + x(t) for as long as any band needs it.
    fn noise(&self, start_s: f64, stop_s: f64, seed: u64) -> Result<RateSeries> {
        let Some(variability) = &self.variability else {
            return Ok(RateSeries::constant(start_s, stop_s - start_s, 1.0));
        };
        let lags = || self.bands.iter().map(|band| band.lag_s);
        let latest = lags().fold(f64::NEG_INFINITY, f64::max);
        let earliest = lags().fold(f64::INFINITY, f64::min);
        let length = stop_s - start_s + latest - earliest;
        let bins = (length / variability.bin_s).ceil();
        require(
            "bins of the noise",
            bins,
            (2.0..1e10).contains(&bins),
            "from 2 to 1e10: choose other bins",
        )?;
        let noise = RedNoise::new(bins as usize, variability.bin_s, 1.0)
            .amplitude(variability.amplitude)
            .red_noise_factor(variability.red_noise_factor)
            .starting_at(start_s - latest);
        let power = |f: f64| {
            let found = variability.model.values(&variability.parameters, &[f]);
            // What cannot be evaluated is no power, and is refused where it is used.
            found.map_or(f64::NAN, |values| values[0])
        };
        noise.simulate(&SpectralShape::Model(&power), seed)
    }

    /// Photons of a band in one detector, with their energies.
    fn photons(
        &self,
        band: &SimulatedBand,
        noise: &RateSeries,
        seeds: [u64; 3],
    ) -> Result<Vec<(f64, f32)>> {
        let mut rate = noise.clone().delayed(if self.variability.is_some() {
            band.lag_s
        } else {
            0.0
        });
        let peak = match &self.pulse {
            Some((pulse, _)) => pulse.peak()?,
            None => 1.0,
        };
        rate.rate.iter_mut().for_each(|r| *r *= band.rate * peak);
        let mut times = events_from_rate(&rate, seeds[0])?;
        times.retain(|&time| self.gti.contains(time));
        if let Some((pulse, ephemeris)) = &self.pulse {
            let mut random = generator(seeds[1]);
            times.retain(|&time| {
                random.random::<f64>() * peak < pulse.relative_rate(ephemeris.phase(time))
            });
        }
        let edges = &band.energy_edges_kev;
        let energies = energies_from_spectrum(edges, &band.spectrum, times.len(), seeds[2])?;
        Ok(times.into_iter().zip(energies).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deadtime::detected_rate;
    use crate::pulsation::{PulseProfile, TimingSolution};
    use crate::{CrossSpectrumPlan, EnergyBand, EventSelection, Normalization, PowerSpectrumPlan};

    const SEED: u64 = 20_260_301;

    fn observation() -> SimulatedObservation {
        let bands = vec![
            SimulatedBand::flat(3.0, 10.0, 300.0),
            SimulatedBand::flat(10.0, 30.0, 200.0).lagging(0.02),
        ];
        SimulatedObservation::new(bands, 1e6, 1e6 + 1024.0).unwrap()
    }

    /// A band-limited noise of 20 % rms: its power, and the lag of the hard band, come back.
    #[test]
    fn noise_and_lag_are_what_was_asked_for() {
        let mut observation = observation();
        observation.variability = Some(Variability {
            model: SpectralModel::lorentzian(),
            parameters: vec![1.0, 2.0, 1.0],
            amplitude: Amplitude::EnsembleRms(0.2),
            bin_s: 1.0 / 256.0,
            red_noise_factor: 1,
        });
        let found = observation.simulate(SEED).unwrap();
        assert_eq!(found, observation.simulate(SEED).unwrap());
        assert!(found.clipped == 0.0 && found.lost == 0);
        let plan = PowerSpectrumPlan::<f64>::new(16.0, 1.0 / 128.0).unwrap();
        let plan = plan.normalization(Normalization::FractionalRms);
        let rms = plan
            .execute(&found.events)
            .unwrap()
            .band_rms(0.5, 60.0, None)
            .unwrap();
        // The line beyond 0.5 to 60 Hz holds 5 % of the variance.
        assert!((rms.rms / 0.2 - 0.975).abs() < 0.06, "{}", rms.rms);
        let plan = CrossSpectrumPlan::<f64>::new(16.0, 1.0 / 128.0).unwrap();
        let band = |low, high| EnergyBand::new(low, high).unwrap();
        let cross = plan
            .execute_bands(
                &found.events,
                band(10.0, 30.0),
                band(3.0, 10.0),
                &astro_core::NoProgress,
            )
            .unwrap();
        let (mut sum, mut weight) = (0.0, 0.0);
        for (f, lag) in cross.frequency_hz().iter().zip(cross.time_lags()) {
            if (1.0..3.0).contains(f) {
                sum += lag.value / lag.error.powi(2);
                weight += lag.error.powi(-2);
            }
        }
        let (lag, error) = (sum / weight, weight.powf(-0.5));
        assert!(
            (lag - 0.02).abs() < 4.0 * error && error < 2e-3,
            "{lag} ± {error}"
        );
    }

    #[test]
    fn pulse_gaps_and_dead_time_are_what_was_asked_for() {
        let mut observation = observation();
        let spin = TimingSolution::new(1e6, 3.3);
        observation.pulse = Some((PulseShape::sinusoid(0.3), spin.into()));
        observation.gti =
            GoodTimeIntervals::new([[1e6, 1e6 + 300.0], [1e6 + 500.0, 1e6 + 1000.0]]).unwrap();
        observation.detectors = 2;
        let free = observation.simulate(SEED).unwrap();
        let times = free.events.times();
        assert!(times.iter().all(|&t| observation.gti.contains(t)));
        let expected = 2.0 * 500.0 * 800.0;
        assert!((times.len() as f64 - expected).abs() < 5.0 * expected.sqrt());
        let profile = PulseProfile::fold(times, &observation.gti, &spin, 32).unwrap();
        let (fraction, error) = profile.harmonic_amplitude(1).unwrap();
        assert!((fraction - 0.3).abs() < 4.0 * error);

        observation.pulse = None;
        observation.dead_time = Some((DeadTime::NonParalysable, 0.0025));
        let dead = observation.simulate(SEED).unwrap();
        let expected = 2.0 * 800.0 * detected_rate(500.0, 0.0025).unwrap();
        // Counts scatter less than Poisson's: by 1/(1 + rτ).
        let scatter = expected.sqrt() / (1.0 + 500.0 * 0.0025);
        assert!((dead.events.len() as f64 - expected).abs() < 5.0 * scatter);
        for detector in 0..2 {
            let one = EventSelection {
                detectors: Some(vec![detector]),
                ..EventSelection::default()
            };
            let one = dead.events.selected(one).unwrap();
            assert!(
                one.times()
                    .windows(2)
                    .all(|pair| pair[1] - pair[0] >= 0.0025)
            );
        }
    }

    #[test]
    fn spectra_are_power_laws() {
        let bands = SimulatedBand::power_law(&[2.0, 4.0, 10.0], 2.0, 100.0).unwrap();
        // ∫ E⁻² dE: 1/2 − 1/4 and 1/4 − 1/10.
        assert!((bands[0].rate - 100.0 * 0.25 / 0.4).abs() < 1e-6);
        assert!((bands[1].rate - 100.0 * 0.15 / 0.4).abs() < 1e-6);
        assert!(SimulatedBand::power_law(&[4.0, 2.0], 2.0, 100.0).is_err());
        let mut none = observation();
        none.bands.clear();
        assert!(none.simulate(1).is_err());
    }
}
