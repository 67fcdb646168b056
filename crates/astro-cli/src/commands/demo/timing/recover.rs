//! What is found in the photons of the pulsar.

use anyhow::Result;
use astro_core::{EventSource, NoProgress, Progress};
use astro_io::EventFile;
use astro_timing::deadtime::{FadPlan, incident_rate, live_time_corrected};
use astro_timing::modeling::{FittedSpectrum, SpectralModel, SpectrumData, SpectrumFit};
use astro_timing::pulsation::{
    PulseProfile, PulseStatistic, RefinedSolution, SearchGrid, SearchPlan, SearchResult,
    refine_solution,
};
use astro_timing::{
    CrossSpectrum, CrossSpectrumPlan, EnergyBand, EventList, EventSelection, LightCurve,
    Normalization,
};
use num_complex::Complex64;

use super::super::truth::Compared;
use super::truth;
use crate::commands::timing::fit::{Spectrum, figure as fit_figure};
use crate::commands::timing::fold;
use crate::plot::figures::{BinnedCurve, Periodogram, SpectrumPanel, periodogram, spectrum};
use crate::plot::{Axis, Figure};

/// Segments of the spectra, seconds, and bins of power and cross spectra.
const SEGMENT_S: f64 = 16.0;
const POWER_BIN_S: f64 = 1.0 / 256.0;
const CROSS_BIN_S: f64 = 1.0 / 64.0;
/// Frequencies of the fit: above the pulse, where its harmonic is lost in the noise.
const FIT_HZ: (f64, f64) = (6.2, 100.0);
/// Bins of the pulse profile.
const BINS: usize = 32;
/// Trials a frequency resolution.
const OVERSAMPLING: f64 = 4.0;

/// All results.
pub(super) struct Recovered {
    search: SearchResult,
    spin: RefinedSolution,
    profile: PulseProfile,
    /// Amplitude of the pulse without dead time, and its error.
    pulsed_fraction: (f64, f64),
    /// Standard deviation of the noise at low frequencies over that of photons without dead time.
    noise: f64,
    model: SpectralModel,
    fitted: FittedSpectrum,
    spectrum: Spectrum,
    /// Detected counts a second of both detectors.
    rate: f64,
    lag: (f64, f64),
    /// (frequency, lag, error) for the figure.
    lags: Vec<[f64; 3]>,
}

fn of_detector(detector: i32) -> EventSelection {
    EventSelection {
        detectors: Some(vec![detector]),
        ..EventSelection::default()
    }
}

/// Runs the searches, fits and spectra.
pub(super) fn recover(events: &EventFile, progress: &dyn Progress) -> Result<Recovered> {
    let exposure = events.gti().exposure_s();
    let rate = events.info().events as f64 / exposure;
    // Noise below 1/dead time is squeezed by 1/(1 + rτ)², r the incident rate of a detector.
    let incident = incident_rate(0.5 * rate, truth::DEAD_TIME_S)?;
    let noise = 1.0 / (1.0 + incident * truth::DEAD_TIME_S);

    let list = EventList::read(events, Default::default())?;
    let search = search(&list)?;
    progress.advance(1);
    let best = search.best()?.solution;
    let spin = refine_solution(list.times(), &best, 1, true)?;
    let profile = PulseProfile::fold_source(events, &spin.solution.into(), BINS)?;
    let pulsed_fraction = pulsed_fraction(&profile)?;
    progress.advance(1);

    let spectrum = corrected_power(events)?;
    let model = SpectralModel::lorentzian() + SpectralModel::constant();
    let fitted = SpectrumFit::new(&model, &spectrum.data)
        .start(&model.guess(&spectrum.data))
        .run()?;
    progress.advance(1);
    let (lag, lags) = lag(events, &fitted.values())?;
    progress.advance(1);
    Ok(Recovered {
        search,
        spin,
        profile,
        pulsed_fraction,
        noise,
        model,
        fitted,
        spectrum,
        rate,
        lag,
        lags,
    })
}

fn search(list: &EventList) -> Result<SearchResult> {
    let length = truth::GOOD_S[1][1] - truth::GOOD_S[0][0];
    let grid = SearchGrid::covering(truth::EPOCH_S, 2.6, 3.1, length, OVERSAMPLING)?;
    let plan = SearchPlan::new(grid, PulseStatistic::ZSquared { harmonics: 1 });
    Ok(plan.search(list.times(), list.gti())?)
}

/// Of the incident rates: dead time flattens the pulse.
fn pulsed_fraction(profile: &PulseProfile) -> Result<(f64, f64)> {
    let events = profile.events();
    let mut corrected = profile.clone();
    for (count, exposure) in corrected.counts.iter_mut().zip(&profile.exposure_s) {
        // Of one of the two detectors.
        let detected = 0.5 * *count / exposure;
        *count = 2.0 * exposure * incident_rate(detected, truth::DEAD_TIME_S)?;
    }
    let (amplitude, error) = corrected.harmonic_amplitude(1)?;
    // Squeezed noise and steeper rates cancel: what counts is the number of photons detected.
    Ok((amplitude, error * (corrected.events() / events).sqrt()))
}

/// Power of both detectors, corrected by their amplitude difference, between the pulse and 100 Hz.
fn corrected_power(events: &EventFile) -> Result<Spectrum> {
    let plan = FadPlan {
        normalization: Normalization::FractionalRms,
        ..FadPlan::new(SEGMENT_S, POWER_BIN_S)
    };
    let (first, second) = (of_detector(0).of(events), of_detector(1).of(events));
    let found = plan.execute(&first, &second, &NoProgress)?.finish()?;
    let averages = found.segments as f64;
    let data = SpectrumData::new(found.frequency_hz, found.power_total, averages)?;
    Ok(Spectrum {
        data: data.within(FIT_HZ.0, FIT_HZ.1)?,
        normalization: "frac".to_owned(),
        to_fractional: Some(1.0),
        words: String::new(),
    })
}

/// A number and its error.
type Measured = (f64, f64);

/// The delay of the hard band in the oscillation, and lags against frequency.
fn lag(events: &EventFile, line: &[f64]) -> Result<(Measured, Vec<[f64; 3]>)> {
    let [low, middle, high] = truth::BANDS_KEV;
    let curve = |detector: i32, band: Option<[f64; 2]>| -> Result<LightCurve> {
        let selection = EventSelection {
            energies: band
                .map(|[low, high]| EnergyBand::new(low, high))
                .transpose()?,
            ..of_detector(detector)
        };
        Ok(LightCurve::from_events(&selection.of(events), CROSS_BIN_S)?)
    };
    let corrected = |detector: i32, band: [f64; 2]| -> Result<LightCurve> {
        let (part, all) = (curve(detector, Some(band))?, curve(detector, None)?);
        Ok(live_time_corrected(&part, &all, truth::DEAD_TIME_S)?)
    };
    let plan = CrossSpectrumPlan::<f64>::new(SEGMENT_S, CROSS_BIN_S)?;
    // Bands of different detectors: their noise has nothing in common.
    let mut spectra = Vec::new();
    for (soft, hard) in [(0, 1), (1, 0)] {
        let soft = corrected(soft, [low, middle])?;
        let hard = corrected(hard, [middle, high])?;
        spectra.push(plan.execute_curves(&hard, &soft)?);
    }
    let (center, width) = (line[1], line[2]);
    let inside = (center - width, center + width);
    let whole = weighted_mean(&spectra, inside);
    let lags = (0..8)
        .map(|k| {
            let from = center - 2.0 * width + 0.5 * width * f64::from(k);
            let (lag, error) = weighted_mean(&spectra, (from, from + 0.5 * width));
            [from + 0.25 * width, lag, error]
        })
        .collect();
    Ok((whole, lags))
}

/// The mean delay in a range of frequencies, of independent pairs of bands.
fn weighted_mean(spectra: &[CrossSpectrum], range: (f64, f64)) -> (f64, f64) {
    let (mut sum, mut weight) = (0.0, 0.0);
    for cross in spectra {
        let (lag, error) = delay(cross, range);
        sum += lag / error.powi(2);
        weight += error.powi(-2);
    }
    (sum / weight, weight.powf(-0.5))
}

/// The delay whose phases 2πfd turn all cross powers of a range nearest to the real axis, with the error of
/// their raw coherence.
fn delay(cross: &CrossSpectrum, (low, high): (f64, f64)) -> (f64, f64) {
    let turn = std::f64::consts::TAU;
    let inside = cross.bins.between(low, high);
    let (mut sum, mut subject, mut reference) = (Complex64::ZERO, 0.0, 0.0);
    let mut frequency = 0.0;
    for k in inside.clone() {
        sum += cross.cross[k];
        subject += cross.subject_power[k];
        reference += cross.reference_power[k];
    }
    let direction = sum / sum.norm();
    for k in inside.clone() {
        // The frequency that the power along the mean phase has on average.
        frequency += cross.frequency_hz()[k] * (cross.cross[k] * direction.conj()).re / sum.norm();
    }
    let m = inside.len() as f64 * cross.segments as f64;
    let coherence = sum.norm_sqr() / (subject * reference);
    let error = ((1.0 - coherence) / (2.0 * coherence * m)).sqrt();
    (sum.arg() / (turn * frequency), error / (turn * frequency))
}

impl Recovered {
    /// Truth against what was found.
    pub(super) fn compare(&self) -> Result<Vec<Compared>> {
        let spin = self.spin.solution.at_epoch(truth::EPOCH_S);
        let parameter = |index: usize, factor: f64| {
            let one = &self.fitted.parameters()[index];
            (factor * one.value, factor * one.error)
        };
        let lines = self.fitted.lines(&self.model);
        // Errors of the spin are those of photons without dead time, whose noise is stronger.
        let rows = [
            (
                "spin [Hz]",
                truth::SPIN_HZ,
                (spin.frequency_hz, self.noise * self.spin.frequency_error_hz),
            ),
            (
                "spin derivative [10⁻⁹ Hz/s]",
                1e9 * truth::SPIN_DOT,
                (
                    1e9 * spin.frequency_dot,
                    1e9 * self.noise * self.spin.frequency_dot_error,
                ),
            ),
            (
                "pulsed fraction",
                truth::PULSED_FRACTION,
                self.pulsed_fraction,
            ),
            ("QPO frequency [Hz]", truth::QPO_HZ, parameter(1, 1.0)),
            ("QPO width [Hz]", truth::QPO_FWHM_HZ, parameter(2, 1.0)),
            ("QPO rms", truth::qpo_rms_of_all()?, lines[0].root_area),
            ("noise level (Leahy)", 2.0, parameter(3, self.rate)),
            (
                "hard lag [ms]",
                1e3 * truth::LAG_S,
                (1e3 * self.lag.0, 1e3 * self.lag.1),
            ),
        ];
        let row = |(label, truth, (recovered, error)): (&str, f64, (f64, f64))| Compared {
            label: label.to_owned(),
            truth,
            recovered,
            error,
            pull: (recovered - truth) / error,
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// The figures with their captions, in the order of their names.
    pub(super) fn figures(&self) -> Result<Vec<(Figure, String)>> {
        let best = self.search.best()?;
        let search = periodogram(&Periodogram {
            frequency_hz: self.search.grid.all_frequencies(),
            statistic: self.search.over_frequency(),
            quantity: "Z² of one harmonic".to_owned(),
            candidates: vec![(best.solution.frequency_hz, best.statistic)],
            level: None,
        });
        let mut shown = self.spectrum.clone();
        shown.words.clear();
        let power = fit_figure(&self.model, &self.fitted, &shown)?;
        Ok(vec![
            (
                search,
                "Z² of one harmonic over trial frequencies; the pulse is refined from the highest.".to_owned(),
            ),
            (
                fold::figure(&self.profile),
                "Detected rate of both detectors against pulse phase, two cycles.".to_owned(),
            ),
            (
                power,
                "Power corrected for dead time by the Fourier amplitude difference, with the fitted oscillation; data over model below.".to_owned(),
            ),
            (
                self.lag_figure(),
                format!(
                    "Time lag of {} to {} keV behind {} to {} keV around the oscillation; positive: the hard band lags.",
                    truth::BANDS_KEV[1],
                    truth::BANDS_KEV[2],
                    truth::BANDS_KEV[0],
                    truth::BANDS_KEV[1]
                ),
            ),
        ])
    }

    fn lag_figure(&self) -> Figure {
        let column = |k: usize, factor: f64| -> Vec<f64> {
            self.lags.iter().map(|row| factor * row[k]).collect()
        };
        let largest = self
            .lags
            .iter()
            .map(|row| 1e3 * row[2])
            .fold(f64::INFINITY, f64::min);
        let reach = 1e3 * truth::LAG_S + 12.0 * largest;
        let panel = SpectrumPanel {
            y: Axis::linear("Hard lag [ms]").with_range(-reach, reach),
            curves: vec![BinnedCurve {
                label: String::new(),
                x: column(0, 1.0),
                width: Vec::new(),
                y: column(1, 1e3),
                error: column(2, 1e3),
            }],
            level: Some((1e3 * truth::LAG_S, "truth".to_owned())),
        };
        spectrum(
            "Lag of the hard band",
            &Axis::linear("Frequency [Hz]"),
            &[panel],
        )
    }
}
