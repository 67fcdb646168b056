//! Rms against energy from the cospectra of two detectors.

use astro_core::{EventSource, Merge, Progress, Segments};
use astro_fft::FftReal;

use super::bands::{BandsInput, SeriesTable};
use super::plan::EnergySpectraPlan;
use super::spectra::RmsUnit;
use crate::error::{Error, Result};
use crate::spectrum::engine::{Engine, weighted};
use crate::spectrum::input::PairInput;
use crate::spectrum::{Estimate, SegmentLight};
use crate::{Normalization, SpectrumSums};

/// The cross sums of each band between two detectors.
#[derive(Clone, Debug, Default)]
struct DetectorSums(Vec<SpectrumSums>);

impl Merge for DetectorSums {
    fn merge(&mut self, other: Self) {
        if self.0.is_empty() {
            *self = other;
            return;
        }
        for (sums, other) in self.0.iter_mut().zip(other.0) {
            sums.merge(other);
        }
    }
}

impl<T: FftReal> EnergySpectraPlan<T> {
    /// Root mean square variability of each band in two detectors that look at the same source: the
    /// root of the cospectrum, in which neither the noise of photons nor that of dead time has a level,
    /// times the width of the frequencies,
    ///
    /// $$ s^2 = \mathrm{Re}\,\bar C\,\Delta\nu, \qquad
    ///    \sigma_s = \sqrt{\frac{(s^2 + n_1^2)(s^2 + n_2^2) + s^4}{8 m s^2}} $$
    ///
    /// with s² + nᵢ² the power of a detector, noise included, times Δν. Zero, with an error of NaN, where
    /// the cospectrum is negative. Rates are the geometric mean of both. The plan's reference band plays
    /// no part.
    ///
    /// # Errors
    /// As [`EnergySpectraPlan::execute`]; times that count from different references.
    pub fn rms_of_two_detectors<A: EventSource, B: EventSource>(
        &self,
        first: &A,
        second: &B,
        unit: RmsUnit,
        progress: &dyn Progress,
    ) -> Result<Vec<Estimate>> {
        let offset = second.reference().offset_to(first.reference())?;
        if offset.apply(0.0) != 0.0 {
            return Err(Error::Mismatch {
                quantity: "reference epoch of the times, MJD",
                found: second.reference().epoch.days(),
                expected: first.reference().epoch.days(),
            });
        }
        let gti = first.gti().intersection(second.gti());
        let segments = &Segments::new(&gti, self.segment_s, self.bin_s)?;
        let range = self.frequencies(segments)?;
        let table = &SeriesTable::new(&self.bands, self.reference);
        let input = PairInput {
            first: BandsInput {
                source: first,
                segments,
                table,
            },
            second: BandsInput {
                source: second,
                segments,
                table,
            },
            series: table.series,
        };
        let engine = Engine::new(segments.bins(), 2 * table.series, &self.buffers)?;
        let bands = self.bands.len();
        let sums: DetectorSums = engine.fold(
            &input,
            progress,
            |sums: &mut DetectorSums, spectra, lights| {
                sums.0.resize_with(bands, SpectrumSums::default);
                for (band, sums) in sums.0.iter_mut().enumerate() {
                    let series =
                        |place: usize| weighted(&spectra[place][range.clone()], lights[place], 1.0);
                    sums.add_cross(&series(band), &series(table.series + band));
                }
            },
        )?;
        let width_hz = range.len() as f64 / segments.length_s();
        let light = |counts: f64, number: u64| SegmentLight {
            bins: segments.bins(),
            bin_s: segments.bin_s(),
            counts: counts / number as f64,
            background_counts: 0.0,
            variance: None,
        };
        let estimate = |sums: &SpectrumSums| {
            let number = sums.segments;
            let m = (range.len() as u64 * number) as f64;
            let (one, two) = (
                light(sums.subject.counts, number),
                light(sums.reference.counts, number),
            );
            // The same for both: 2/T.
            let factor = one.factor(Normalization::AbsoluteRms) * width_hz / m;
            let total = |values: &[f64]| values.iter().sum::<f64>() * factor;
            let square = total(&sums.cross_re);
            let powers = total(&sums.subject.power) * total(&sums.reference.power);
            let rate = (one.rate() * two.rate()).sqrt();
            let scale = match unit {
                RmsUnit::Absolute => 1.0,
                RmsUnit::Fractional => 1.0 / rate,
            };
            if square > 0.0 {
                let variance = (powers + square * square) / (8.0 * m * square);
                Estimate {
                    value: square.sqrt() * scale,
                    error: variance.sqrt() * scale,
                }
            } else {
                Estimate {
                    value: 0.0,
                    error: f64::NAN,
                }
            }
        };
        Ok(sums.0.iter().map(estimate).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deadtime::DeadTime;
    use crate::modeling::SpectralModel;
    use crate::simulate::{Amplitude, SimulatedBand, SimulatedObservation, Variability};
    use crate::{EnergyBand, EventSelection};
    use astro_core::NoProgress;

    /// The truth over many observations, and pulls of unit variance, without dead time; with it, no level
    /// of noise that would have to be known.
    #[test]
    fn rms_and_its_error_are_those_of_many_observations() {
        let mut observation = SimulatedObservation::new(
            vec![
                SimulatedBand::flat(2.0, 4.0, 150.0),
                SimulatedBand::flat(4.0, 8.0, 60.0),
            ],
            0.0,
            256.0,
        )
        .unwrap();
        observation.variability = Some(Variability {
            model: SpectralModel::constant(),
            parameters: vec![1.0],
            amplitude: Amplitude::EnsembleRms(0.3),
            bin_s: 0.05,
            red_noise_factor: 1,
        });
        observation.detectors = 2;
        let bands = EnergyBand::between(&[2.0, 4.0, 8.0]).unwrap();
        let plan = EnergySpectraPlan::<f64>::new(8.0, 0.05, bands, [1.0, 4.0]).unwrap();
        let one = |detector| EventSelection {
            detectors: Some(vec![detector]),
            ..EventSelection::default()
        };
        // White noise of variance 0.09 in 10 Hz, of which there are 3. The rate is constant in the bins that
        // are transformed, so that nothing is smoothed away.
        let truth = (0.009 * 3.0_f64).sqrt();
        let seeds = 60;
        for band in 0..2 {
            let (mut chi2, mut sum, mut dead_sum) = (0.0, 0.0, 0.0);
            for seed in 0..seeds {
                let rms = |observation: &SimulatedObservation| {
                    let events = observation.simulate(seed).unwrap().events;
                    let (first, second) = (one(0).of(&events), one(1).of(&events));
                    plan.rms_of_two_detectors(&first, &second, RmsUnit::Fractional, &NoProgress)
                        .unwrap()[band]
                };
                let found = rms(&observation);
                chi2 += ((found.value - truth) / found.error).powi(2);
                sum += found.value / seeds as f64;
                if seed < 10 {
                    let mut dead = observation.clone();
                    dead.dead_time = Some((DeadTime::NonParalysable, 1e-4));
                    dead_sum += rms(&dead).value / 10.0;
                }
            }
            let n = seeds as f64;
            assert!(
                (chi2 / n - 1.0).abs() < 4.0 * (2.0 / n).sqrt(),
                "{chi2} of {n}"
            );
            assert!((sum / truth - 1.0).abs() < 0.03, "{sum} {truth}");
            // rτ = 0.02 takes 2 % of the amplitude.
            assert!((dead_sum / truth - 0.98).abs() < 0.06, "{dead_sum} {truth}");
        }
    }
}
