//! Folding events into a pulse profile.

use astro_core::{
    EventSource, GoodTimeIntervals, ReferencePosition, TimeReference, TimeScale, WantedColumns,
    check_finite, check_lengths,
};
use num_complex::Complex64;

use super::exposure::phase_exposure_s;
use super::harmonics::{HTest, epoch_folding, h_test, profile_harmonic_sums, z_squared_of_profile};
use super::{Ephemeris, TimingSolution};
use crate::error::{Error, Result, require};
use crate::statistics::{
    TailProbability, epoch_folding_probability, h_probability, z_squared_probability,
};

/// What was noticed while folding, and does not stop it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum FoldWarning {
    /// The times are not those of arrival at the barycentre of the solar system: over a
    /// day the Earth smears a pulse of 1 s by 0.1 s of light travel and more. Barycentre
    /// them first with the mission's tool (`barycorr`, `barycen`, `faxbary`).
    NotBarycentred {
        /// Where the times hold.
        position: ReferencePosition,
        /// Their scale.
        scale: TimeScale,
    },
}

impl std::fmt::Display for FoldWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotBarycentred { position, scale } => write!(
                f,
                "times are in {scale} at {position}, not at the barycentre of the solar system: run the mission's barycentre tool first"
            ),
        }
    }
}

impl FoldWarning {
    pub(crate) fn of(reference: &TimeReference) -> Vec<Self> {
        if reference.is_barycentred() {
            return Vec::new();
        }
        vec![Self::NotBarycentred {
            position: reference.position,
            scale: reference.scale,
        }]
    }
}

/// Counts against pulse phase, with the exposure of each bin.
///
/// ```
/// use astro_core::GoodTimeIntervals;
/// use astro_timing::pulsation::{PulseProfile, TimingSolution};
/// use astro_timing::simulate::{PulseShape, pulsed_events};
///
/// let spin = TimingSolution::new(0.0, 1.7);
/// let times = pulsed_events(0.0, 500.0, 40.0, &PulseShape::sinusoid(0.4), &|t| spin.phase(t), 5)?;
/// let gti = GoodTimeIntervals::single(0.0, 500.0)?;
/// let profile = PulseProfile::fold(&times, &gti, &spin, 32)?;
/// assert!(profile.z_squared(1)?.probability.gaussian_sigma() > 20.0);
/// let (fraction, error) = profile.harmonic_amplitude(1)?;
/// assert!((fraction - 0.4).abs() < 4.0 * error);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PulseProfile {
    /// Counts in equal bins of phase from 0 to 1.
    pub counts: Vec<f64>,
    /// Good time in each bin, seconds.
    pub exposure_s: Vec<f64>,
    /// What was folded by.
    pub solution: TimingSolution,
    /// What was noticed.
    pub warnings: Vec<FoldWarning>,
}

/// A statistic with its significance without pulsation, for one trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Significance {
    /// The statistic.
    pub statistic: f64,
    /// The probability of as much or more without pulsation.
    pub probability: TailProbability,
}

impl PulseProfile {
    /// Folds the events within good time.
    ///
    /// # Errors
    /// A solution or a number of bins that makes no sense; times that are not finite; no
    /// good time.
    pub fn fold(
        times_s: &[f64],
        gti: &GoodTimeIntervals,
        solution: &TimingSolution,
        bins: usize,
    ) -> Result<Self> {
        let mut profile = Self::empty(gti, solution, bins)?;
        check_finite("times_s", times_s.iter().copied())?;
        for &time in times_s.iter().filter(|&&time| gti.contains(time)) {
            profile.add(solution.phase(time));
        }
        Ok(profile)
    }

    /// Folds all events of a source in good time, in constant memory.
    ///
    /// # Errors
    /// As [`PulseProfile::fold`], and those of the source.
    pub fn fold_source<S: EventSource>(
        source: &S,
        ephemeris: &Ephemeris,
        bins: usize,
    ) -> Result<Self> {
        let gti = source.gti();
        let emitted = ephemeris.emission_intervals(gti)?;
        let mut profile = Self::empty(&emitted, &ephemeris.spin, bins)?;
        profile.warnings = FoldWarning::of(source.reference());
        for interval in gti.intervals() {
            source
                .visit(
                    interval.start,
                    interval.stop,
                    WantedColumns::default(),
                    &mut |run| {
                        for &time in run.times {
                            profile.add(ephemeris.phase(time));
                        }
                    },
                )
                .map_err(Error::from_source)?;
        }
        Ok(profile)
    }

    fn empty(gti: &GoodTimeIntervals, solution: &TimingSolution, bins: usize) -> Result<Self> {
        solution.check()?;
        check_bins(bins)?;
        require(
            "number of good time intervals",
            0.0,
            !gti.is_empty(),
            "at least 1",
        )?;
        Ok(Self {
            counts: vec![0.0; bins],
            exposure_s: phase_exposure_s(solution, gti, bins),
            solution: *solution,
            warnings: Vec::new(),
        })
    }

    fn add(&mut self, phase: f64) {
        let bin = (phase * self.counts.len() as f64) as usize;
        self.counts[bin] += 1.0;
    }

    /// Number of events.
    pub fn events(&self) -> f64 {
        self.counts.iter().sum()
    }

    /// Phases of the centres of the bins.
    pub fn phases(&self) -> Vec<f64> {
        let bins = self.counts.len();
        (0..bins).map(|j| (j as f64 + 0.5) / bins as f64).collect()
    }

    /// Counts expected in each bin without pulsation: in proportion to its exposure.
    pub fn expected(&self) -> Vec<f64> {
        let rate = self.events() / self.exposure_s.iter().sum::<f64>();
        self.exposure_s.iter().map(|s| rate * s).collect()
    }

    /// Counts a second of each bin, corrected for its exposure; NaN where there was none.
    pub fn rate(&self) -> Vec<f64> {
        let divide = |(n, s): (&f64, &f64)| if *s > 0.0 { n / s } else { f64::NAN };
        self.counts
            .iter()
            .zip(&self.exposure_s)
            .map(divide)
            .collect()
    }

    /// Standard errors of the rates, √n/exposure; of an empty bin that of one count.
    pub fn rate_errors(&self) -> Vec<f64> {
        let divide = |(n, s): (&f64, &f64)| {
            if *s > 0.0 {
                n.max(1.0).sqrt() / s
            } else {
                f64::NAN
            }
        };
        self.counts
            .iter()
            .zip(&self.exposure_s)
            .map(divide)
            .collect()
    }

    /// Σ (n − e)²/e with its significance.
    ///
    /// # Errors
    /// Fewer than two exposed bins.
    pub fn epoch_folding(&self) -> Result<Significance> {
        let statistic = epoch_folding(&self.counts, &self.expected())?;
        let exposed = self.exposure_s.iter().filter(|&&s| s > 0.0).count();
        Ok(Significance {
            statistic,
            probability: epoch_folding_probability(statistic, exposed)?,
        })
    }

    /// Z²ₙ of the binned counts with its significance.
    ///
    /// # Errors
    /// More harmonics than half the bins.
    pub fn z_squared(&self, harmonics: usize) -> Result<Significance> {
        let all = z_squared_of_profile(&self.counts, &self.expected(), harmonics)?;
        let statistic = all.last().copied().unwrap_or(0.0);
        Ok(Significance {
            statistic,
            probability: z_squared_probability(statistic, harmonics, 1.0)?,
        })
    }

    /// H of up to `harmonics` harmonics with its significance.
    ///
    /// # Errors
    /// More harmonics than half the bins.
    pub fn h_test(&self, harmonics: usize) -> Result<(HTest, TailProbability)> {
        let all = z_squared_of_profile(&self.counts, &self.expected(), harmonics)?;
        let test = h_test(&all);
        Ok((test, h_probability(test.h.max(0.0))?))
    }

    /// Amplitude of a harmonic relative to the mean rate, and its standard error: for the
    /// fundamental of a sinusoidal pulse, the pulsed fraction (max − min)/(max + min).
    ///
    /// |2/N Σ (n − e) exp(2πikφ)|, corrected for the width of the bins by
    /// sinc(k/bins); the error is √(2/N), and the amplitude is biased upwards where it is
    /// not much larger than that.
    ///
    /// # Errors
    /// A harmonic of 0 or above half the bins; no events.
    pub fn harmonic_amplitude(&self, harmonic: usize) -> Result<(f64, f64)> {
        let sum = self.harmonic(harmonic)?;
        let events = self.events();
        let width = harmonic as f64 / self.counts.len() as f64 * std::f64::consts::PI;
        let loss = width.sin() / width;
        Ok((
            2.0 / events * sum.norm() / loss,
            (2.0 / events).sqrt() / loss,
        ))
    }

    /// Phase of the maximum of a harmonic in turns, in [0, 1/k), and its standard error.
    ///
    /// # Errors
    /// As [`PulseProfile::harmonic_amplitude`].
    pub fn harmonic_phase(&self, harmonic: usize) -> Result<(f64, f64)> {
        let sum = self.harmonic(harmonic)?;
        let turns = sum.arg() / (std::f64::consts::TAU * harmonic as f64);
        let period = 1.0 / harmonic as f64;
        let error = (0.5 * self.events()).sqrt() / sum.norm();
        Ok((
            turns - (turns / period).floor() * period,
            error / (std::f64::consts::TAU * harmonic as f64),
        ))
    }

    fn harmonic(&self, harmonic: usize) -> Result<Complex64> {
        require(
            "harmonic",
            harmonic as f64,
            harmonic >= 1 && 2 * harmonic <= self.counts.len(),
            "from 1 to half the bins",
        )?;
        let events = self.events();
        require("number of events", events, events > 0.0, "at least 1")?;
        let expected = self.expected();
        let residual: Vec<f64> = self
            .counts
            .iter()
            .zip(&expected)
            .map(|(n, e)| n - e)
            .collect();
        Ok(profile_harmonic_sums(&residual, harmonic)[harmonic - 1])
    }
}

/// Values of a binned series against phase: weighted means and their errors.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SeriesProfile {
    /// Mean of the values of each phase bin; NaN for a bin without any.
    pub mean: Vec<f64>,
    /// Standard error of the mean, from the errors of the values.
    pub error: Vec<f64>,
    /// Values in each bin.
    pub samples: Vec<usize>,
    /// What was folded by.
    pub solution: TimingSolution,
}

/// Folds a light curve: means of its values, at their times, with standard errors.
///
/// # Errors
/// Arrays of different length, numbers that are not finite, errors that are not above 0,
/// a solution or number of bins that makes no sense.
pub fn fold_series(
    times_s: &[f64],
    values: &[f64],
    errors: &[f64],
    solution: &TimingSolution,
    bins: usize,
) -> Result<SeriesProfile> {
    solution.check()?;
    check_bins(bins)?;
    check_lengths("values", values.len(), "times_s", times_s.len())?;
    check_lengths("errors", errors.len(), "times_s", times_s.len())?;
    check_finite("times_s", times_s.iter().copied())?;
    check_finite("values", values.iter().copied())?;
    let (mut weight, mut sum, mut samples) = (vec![0.0; bins], vec![0.0; bins], vec![0; bins]);
    for (index, &time) in times_s.iter().enumerate() {
        let sigma = errors[index];
        require(
            "error of a value",
            sigma,
            sigma > 0.0 && sigma.is_finite(),
            "finite and above 0",
        )?;
        let bin = (solution.phase(time) * bins as f64) as usize;
        weight[bin] += sigma.powi(-2);
        sum[bin] += values[index] * sigma.powi(-2);
        samples[bin] += 1;
    }
    Ok(SeriesProfile {
        mean: sum.iter().zip(&weight).map(|(s, w)| s / w).collect(),
        error: weight.iter().map(|w| w.powf(-0.5)).collect(),
        samples,
        solution: *solution,
    })
}

pub(super) fn check_bins(bins: usize) -> Result<()> {
    let inside = (2..=1 << 20).contains(&bins);
    require("bins of the profile", bins as f64, inside, "from 2 to 2^20")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::{PulseShape, pulsed_events};

    const SEED: u64 = 19_830_401;

    /// Gaps of about a period: without exposure they would be a pulse of thousands of sigma.
    #[test]
    fn gaps_are_corrected() {
        let spin = TimingSolution::new(0.0, 0.01);
        let gti = GoodTimeIntervals::new((0..20).map(|k| {
            let start = 100.0 * f64::from(k) + 3.0;
            (start, start + if k % 2 == 0 { 40.0 } else { 70.0 })
        }))
        .unwrap();
        let flat = PulseShape { harmonics: vec![] };
        let mut sum = 0.0;
        let draws = 200;
        for seed in 0..draws {
            let times =
                pulsed_events(0.0, 2000.0, 20.0, &flat, &|t| spin.phase(t), SEED + seed).unwrap();
            let profile = PulseProfile::fold(&times, &gti, &spin, 10).unwrap();
            assert!(profile.counts[9] == 0.0 && profile.rate()[9].is_nan());
            sum += profile.epoch_folding().unwrap().statistic / draws as f64;
        }
        // Bins 0 to 7 are exposed: χ² of 7 degrees of freedom.
        let error = (14.0 / draws as f64).sqrt();
        assert!((sum - 7.0).abs() < 4.0 * error, "{sum} ± {error}");
    }

    #[test]
    fn amplitude_and_phase_have_their_errors() {
        let spin = TimingSolution::new(50.0, 3.3).with_phase(0.2);
        let gti = GoodTimeIntervals::single(0.0, 200.0).unwrap();
        let pulse = PulseShape {
            harmonics: vec![(0.25, 0.7), (0.1, 0.3)],
        };
        let (mut chi2, mut draws) = (0.0, 0.0);
        for seed in 0..150 {
            let phase = |t: f64| spin.phase(t);
            let times = pulsed_events(0.0, 200.0, 50.0, &pulse, &phase, SEED + seed).unwrap();
            let profile = PulseProfile::fold(&times, &gti, &spin, 64).unwrap();
            let (a, a_error) = profile.harmonic_amplitude(1).unwrap();
            let (p, p_error) = profile.harmonic_phase(1).unwrap();
            chi2 += ((a - 0.25) / a_error).powi(2) + ((p - 0.7) / p_error).powi(2);
            draws += 2.0;
        }
        // Errors neglect terms of order a²: 6 % here.
        assert!(
            (chi2 / draws - 1.0).abs() < 0.06 + 4.0 * (2.0f64 / draws).sqrt(),
            "{chi2}"
        );
    }

    #[test]
    fn series_are_averaged_with_their_weights() {
        let spin = TimingSolution::new(0.0, 0.25);
        let times = [0.5, 1.5, 4.5, 8.5];
        let profile = fold_series(
            &times,
            &[1.0, 7.0, 3.0, 9.0],
            &[1.0, 0.5, 1.0, 0.5],
            &spin,
            2,
        )
        .unwrap();
        assert_eq!(profile.samples, [4, 0]);
        assert!((profile.mean[0] - (1.0 + 28.0 + 3.0 + 36.0) / 10.0).abs() < 1e-12);
        assert!(profile.mean[1].is_nan());
        assert!((profile.error[0] - 0.1f64.sqrt()).abs() < 1e-12);
    }
}
